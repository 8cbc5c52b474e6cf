"""Which keys a recipe may have, and what each may hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from xnabla.errors import explain
from xnabla.recipes.script._faults import Faults, unknown
from xnabla.recipes.script._lines import Where

__all__ = ["SECTIONS", "Table", "sections_of"]

SECTIONS = ("recipe", "inputs", "steps", "outputs", "plots", "report")

# Names stand in references, where dots mean something, and in messages.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

_KINDS: dict[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
    datetime: "a date",
    date: "a date",
    time: "a time",
}


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a recipe, whose values are asked for by kind.

    Attributes
    ----------
    values : mapping
        As tomllib read it.
    where : tuple
        Where it stands.
    faults : Faults
        Where all that is wrong goes.
    """

    values: Mapping[str, Any]
    where: Where
    faults: Faults

    def only(self, known: Iterable[str], what: str = "key") -> None:
        """Note every key that is none of those known."""
        known = list(known)
        for key in self.values:
            if key not in known:
                self.faults.add((*self.where, key), unknown(what, key, known))

    def need(self, key: str, example: str) -> bool:
        """Tell whether there is a key, and note it if there is none."""
        if key in self.values:
            return True
        called = ".".join(map(str, self.where))
        hint = f"{key} = {example}"
        text = f"[{called}] has no {key!r}"
        self.faults.add(self.where, explain(text, hint=hint))
        return False

    def text(self, key: str, default: str = "") -> str:
        """Return a text."""
        value = self.values.get(key, default)
        if isinstance(value, str):
            return value
        self.wrong(key, "text")
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a text, or each of a list."""
        value = self.values.get(key)
        several = value if isinstance(value, list) else [value]
        for place, one in enumerate(several):
            if not isinstance(one, str) or not one:
                where = (key, place) if isinstance(value, list) else (key,)
                self.wrong(*where, expected="text", got=one)
                return ()
        if not several:
            self.wrong(key, "text, or a list that is not empty")
        return tuple(several)

    def wrong(self, *keys: Any, expected: str = "", got: Any = None) -> None:
        """Note a value of the wrong kind."""
        if not expected:
            *keys, expected = keys  # type: ignore[assignment]
        value = self.values.get(keys[0]) if got is None else got
        self.faults.add(
            (*self.where, *keys),
            explain(
                f"{keys[0]!r} is of the wrong kind",
                expected=expected,
                got=f"{kind_of(value)}, {value!r}",
            ),
        )


def kind_of(value: Any) -> str:
    """Return what TOML calls a value.

    Examples
    --------
    >>> kind_of(True), kind_of([1])
    ('true or false', 'a list')
    """
    return _KINDS.get(type(value), type(value).__name__)


def sections_of(document: Mapping[str, Any], faults: Faults) -> dict[str, list[Table]]:
    """Return the tables of each section; note sections and names that cannot be."""
    Table(document, (), faults).only(SECTIONS, "section")
    found: dict[str, list[Table]] = {}
    for section in SECTIONS:
        given = document.get(section, {})
        where: Where = (section,)
        if not isinstance(given, dict):
            faults.add(where, explain(f"{section!r} is no table", hint=f"[{section}]"))
            found[section] = []
        elif section in ("recipe", "report"):
            found[section] = (
                [Table(given, where, faults)] if section in document else []
            )
        else:
            found[section] = [*_named(section, given, faults)]
    return found


def _named(section: str, given: Mapping[str, Any], faults: Faults) -> Iterable[Table]:
    """Yield the tables of a section in which each has a name."""
    for name, values in given.items():
        where: Where = (section, name)
        if not isinstance(values, dict):
            text = f"{name!r} in [{section}] is no table"
            hint = f"[{section}.NAME], and {name} = … below it"
            faults.add(where, explain(text, got=kind_of(values), hint=hint))
        elif not _NAME.fullmatch(name):
            text = f"{name!r} cannot be a name"
            expected = "letters, digits, _ and -, a letter or _ first"
            faults.add(where, explain(text, expected=expected))
        elif section == "steps" and name == "inputs":
            text = "A step cannot be called 'inputs', which means the files"
            faults.add(where, explain(text, hint="another name"))
        else:
            yield Table(values, where, faults)
