"""The steps of a recipe: operators, what they are made of, and their parameters."""

from __future__ import annotations

import re
from typing import Any

from xnabla.errors import UnitsError, XnablaError, explain
from xnabla.operators import Operator, Parameter
from xnabla.recipes._adaptors_catalogue import OPERATORS
from xnabla.recipes._values import value_of
from xnabla.recipes.script._faults import unknown
from xnabla.recipes.script._parts import Reference, StepPart
from xnabla.recipes.script._schema import Table
from xnabla.units import parse

__all__ = ["reference_of", "references_of", "step_part"]

# Parameters of text that are a number with a unit.
_MEASURES = (
    *("interval", "length_scale", "max_gap", "max_length", "min_persistence"),
    "smooth",
)
_WITH_UNIT = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*(.*?)\s*")


def step_part(table: Table) -> StepPart:
    """Return a step; note all that is wrong with it by itself."""
    name = str(table.where[1])
    if not table.need("operator", '"gradient"'):
        return StepPart(name, "")
    word = table.text("operator").replace("-", "_")
    operator = OPERATORS.get(word)
    if operator is None:
        where = (*table.where, "operator")
        table.faults.add(where, unknown("operator", word, OPERATORS, _typed))
        return StepPart(name, "")
    inputs = [one.name for one in operator.inputs]
    parameters = {one.name: one for one in operator.parameters}
    table.only(["operator", *inputs, *parameters], f"input or parameter of {word}")
    for one in operator.inputs:
        if one.required:
            table.need(one.name, '"inputs.NAME"')
    for parameter in operator.parameters:
        if parameter.required:
            table.need(parameter.name, f"…  # {parameter.help}")
    several = {one.name for one in operator.inputs if one.several}
    fields = {
        key: _fields(table, key, several=key in several)
        for key in inputs
        if key in table.values
    }
    return StepPart(name, word, fields, _parameters(table, operator, parameters))


def _typed(name: str) -> str:
    return f'operator = "{name}"'


def _fields(table: Table, key: str, *, several: bool) -> tuple[Reference, ...]:
    if several:
        return references_of(table, key)
    one = reference_of(table, key)
    return () if one is None else (one,)


def reference_of(table: Table, key: str) -> Reference | None:
    """Return what a key refers to; whether it is there is not looked at."""
    value = table.values[key]
    if not isinstance(value, str):
        table.wrong(key, expected="a reference, such as 'inputs.NAME' or 'STEP'")
        return None
    return _reference(table, (*table.where, key), value)


def references_of(table: Table, key: str) -> tuple[Reference, ...]:
    """Return what a key refers to, once or in a list."""
    value = table.values[key]
    listed = isinstance(value, list)
    found = (
        _reference(table, (*table.where, key, *([place] * listed)), word)
        for place, word in enumerate(table.texts(key))
    )
    return tuple(one for one in found if one is not None)


def _reference(table: Table, where: Any, word: str) -> Reference | None:
    """Read ``inputs.NAME``, ``inputs.NAME.VARIABLE``, ``STEP`` or ``STEP.PART``."""
    head, dot, rest = word.strip().partition(".")
    kind: Any = "input" if head == "inputs" else "step"
    name, more, part = rest.partition(".") if kind == "input" else (head, dot, rest)
    if not name or (more and not part):
        text = f"{word!r} refers to nothing"
        hint = "'inputs.NAME', 'inputs.NAME.VARIABLE', 'STEP' or 'STEP.PART'"
        table.faults.add(where, explain(text, hint=hint))
        return None
    return Reference(kind, name, part or None, where)


def _parameters(
    table: Table, operator: Operator, known: dict[str, Parameter]
) -> dict[str, Any]:
    found = {}
    for key, parameter in known.items():
        if key not in table.values:
            continue
        given = table.values[key]
        where = (*table.where, key)
        if isinstance(given, dict) or hasattr(given, "isoformat"):
            table.wrong(key, expected=parameter.help.rstrip("."))
            continue
        try:
            value = value_of(parameter, given)
            _check_unit(operator, key, value)
            found[parameter.keyword] = value
        except (XnablaError, TypeError) as error:
            table.faults.add(where, str(error))
    return found


def _check_unit(operator: Operator, key: str, value: Any) -> None:
    """Refuse a unit that is none, long before the operator would.

    Raises
    ------
    UnitsError
    """
    if not isinstance(value, str):
        return
    if key == "units":
        parse(value, of=f"the result of {operator.name}")
    elif key in _MEASURES:
        matched = _WITH_UNIT.fullmatch(value)
        try:
            parse((matched and matched[1]) or "1", of=key)
        except UnitsError:
            raise UnitsError(
                explain(
                    f"{key!r} cannot be {value!r}",
                    expected="a number and a unit as CF spells it",
                    got=f"the unit {matched[1]!r}" if matched else None,
                )
            ) from None
