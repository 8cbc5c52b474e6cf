"""What is wrong with a recipe: every fault, with its line and what to type instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches

from xnabla.errors import XnablaError, explain, printable
from xnabla.recipes.script._lines import Where

__all__ = ["Fault", "Faults", "RecipeError", "in_recipe", "listed", "near", "unknown"]

_MOST_LISTED = 12
# Advice of the library for a shell; in a recipe an option is a key.
_OPTION = re.compile(r"--([a-z_]+) ('[^']*'|[^\s'|]*[^\s,'|.])")
_BARE = re.compile(r"--(level|time|region|select|units)\b")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes
    ----------
    file : str
        The recipe, as it was named.
    line : int or None
        Counted from 1; ``None`` where there are no lines.
    sentence : str
        What is wrong, and what to type.
    """

    file: str
    line: int | None
    sentence: str

    def __str__(self) -> str:
        """Return it in the shape editors jump to."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return printable(f"{place}: {self.sentence}")


class RecipeError(XnablaError, ValueError):
    """A recipe that cannot be carried out.

    Attributes
    ----------
    faults : tuple of Fault
        All that is wrong, in the order of the lines.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        ordered = dict.fromkeys(sorted(faults, key=lambda one: one.line or 0))
        self.faults = tuple(ordered)
        super().__init__(" | ".join(map(str, self.faults)))


@dataclass(slots=True)
class Faults:
    """The faults found so far.

    Attributes
    ----------
    file : str
    lines : mapping of Where to int
    found : list of Fault
    """

    file: str
    lines: Mapping[Where, int] = field(default_factory=dict)
    found: list[Fault] = field(default_factory=list)

    def add(self, where: Where, sentence: str) -> None:
        """Note a fault at a key, or at the nearest table above it that has a line."""
        sentence = in_recipe(sentence)
        line = next(
            (
                self.lines[where[:n]]
                for n in range(len(where), 0, -1)
                if where[:n] in self.lines
            ),
            None,
        )
        if line is None and where:
            sentence = f"{'.'.join(map(str, where))}: {sentence}"
        self.found.append(Fault(self.file, line, sentence))

    @contextmanager
    def at(self, where: Where, said: str = "") -> Iterator[None]:
        """Note what a block refuses."""
        try:
            yield
        except RecipeError:
            raise
        except XnablaError as error:
            self.add(where, said + str(error))

    def check(self) -> None:
        """Raise if anything was found.

        Raises
        ------
        RecipeError
        """
        if self.found:
            raise RecipeError(self.found)


def near(word: str, known: Iterable[str]) -> str | None:
    """Return what was probably meant.

    Examples
    --------
    >>> near("gradeint", ["gradient", "divergence"])
    'gradient'
    """
    known = list(known)
    folded = {one.lower().replace("-", "_"): one for one in known}
    match = get_close_matches(word.lower().replace("-", "_"), folded, n=1)
    return folded[match[0]] if match else None


def unknown(
    what: str, word: str, known: Iterable[str], shown: Callable[[str], str] = repr
) -> str:
    """Say that there is no such thing, and which there are."""
    known = list(known)
    meant = near(word, known)
    return explain(
        f"There is no {what} {word!r}",
        expected=None if meant else f"one of {listed(known)}" if known else "none",
        hint=None if meant is None else shown(meant),
    )


def listed(names: Iterable[str]) -> str:
    """Return the first of many names, and how many more there are."""
    names = list(names)
    shown = ", ".join(map(repr, names[:_MOST_LISTED]))
    more = len(names) - _MOST_LISTED
    return f"{shown} and {more} more" if more > 0 else shown


def in_recipe(sentence: str) -> str:
    """Return a sentence with the options it names as keys.

    Examples
    --------
    >>> in_recipe("Try: --level 850, or --then mean")
    "Try: level = 850, or then = 'mean'"
    """
    return _BARE.sub(r"\1", _OPTION.sub(_key, sentence))


def _key(option: re.Match[str]) -> str:
    name, value = option.groups()
    plain = value.strip("'")
    bare = re.fullmatch(r"[+-]?\d+(\.\d+)?", plain)
    return f"{name} = {plain if bare else repr(plain)}"
