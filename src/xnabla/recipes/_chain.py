"""A chain of steps: what each is given, and whether the next can take it.

All of it is known before any data is read: `planned` refuses what cannot be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from xnabla.errors import OptionError, explain
from xnabla.operators import PAIRS, Operator
from xnabla.recipes._adaptors_catalogue import ADAPTORS
from xnabla.recipes._step import Step, operator_of

Kind = Literal["field", "vector", "fields", "list"]

# What a person says of the grid is as true of every later step.
FACTS = ("earth", "crs", "periodic")
_REDUCTIONS = ("mean", "max", "min", "std")


@dataclass(frozen=True, slots=True)
class Link:
    """A step, with which of its inputs the step before gives.

    Attributes
    ----------
    step : Step
        With the facts of the grid that earlier steps were given.
    operator : Operator
    given : tuple of str
        The inputs that are the result of the step before: none for the first step,
        one, or the two components of a vector.
    gives : {"field", "vector", "fields", "list"}
        What comes out.
    """

    step: Step
    operator: Operator
    given: tuple[str, ...]
    gives: Kind


def planned(steps: Sequence[Step]) -> tuple[Link, ...]:
    """Return the links of a chain, each checked against the one before.

    Raises
    ------
    OptionError
        If there is no such operator, or if one cannot take what the one before gives;
        with what to put between them.

    Examples
    --------
    >>> [link.gives for link in planned([Step("gradient"), Step("magnitude")])]
    ['vector', 'field']
    """
    links: list[Link] = []
    facts: dict[str, Any] = {}
    for asked in steps:
        operator = operator_of(asked.operator)
        own = asked.parameters
        facts |= {key: own[key] for key in FACTS if key in own}
        before = links[-1] if links else None
        given = () if before is None else _given(asked, operator, before)
        known = {one.name for one in operator.parameters}
        told = {**facts, **(_frame(links) if len(given) == 2 else {})}
        parameters = {k: v for k, v in told.items() if k in known} | {**own}
        step = Step(operator.name, asked.inputs, parameters)
        links.append(Link(step, operator, given, _gives(step, operator, before)))
    return tuple(links)


def _gives(step: Step, operator: Operator, before: Link | None) -> Kind:
    """Return what comes out of a step."""
    if operator.name in _REDUCTIONS and before is not None:
        return before.gives
    if operator.name == "select":
        count = len([n for n in str(step.parameters["name"]).split(",") if n.strip()])
        return ("field", "vector")[count - 1] if count < 3 else "fields"
    dims = step.parameters.get("dims")
    if operator.name == "gradient" and dims is not None and len(dims) != 2:
        return "field" if len(dims) == 1 else "fields"
    return operator.gives


def _frame(links: Sequence[Link]) -> dict[str, str]:
    """Return along what the components run that the last vector was given in."""
    for link in reversed(links):
        if any(one.name == "frame" for one in link.operator.parameters):
            return {"wind": link.step.parameters.get("frame", "earth")}
    return {}


def _given(step: Step, operator: Operator, before: Link) -> tuple[str, ...]:
    """Return the inputs of a step that the result of the step before is for."""
    if operator.name in ADAPTORS:
        return _adapted(operator, before)
    free = [one for one in operator.inputs if one.name not in step.inputs]
    names = {one.name for one in free}
    pairs = [pair for pair in PAIRS if names.issuperset(pair)]
    if before.gives == "vector" and pairs:
        # a geostrophic wind goes where one is asked for
        return pairs[-1] if before.operator.name == "geostrophic_wind" else pairs[0]
    paired = {name for pair in pairs for name in pair}
    single = [one for one in free if one.name not in paired]
    if before.gives == "field" and single:
        single.sort(key=lambda one: not one.required)
        return (single[0].name,)
    raise _refusal(operator, before, expected=_wanted(operator))


def _adapted(operator: Operator, before: Link) -> tuple[str, ...]:
    """Return the input of an adaptor, if it can take what the step before gives."""
    if operator.name in ("magnitude", "direction") and before.gives != "vector":
        raise _refusal(operator, before, expected="the components of a vector")
    mixed = before.gives == "list" or (
        before.gives == "fields" and before.operator.room != "xnabla.operators"
    )
    if operator.name in _REDUCTIONS and mixed:
        raise _refusal(operator, before, expected="one field")
    return ("result",)


def _wanted(operator: Operator) -> str:
    fields = operator.fields
    if len(fields) == 1:
        return "one field"
    if set(fields) in map(set, PAIRS):
        return "the two components of a vector"
    return ", ".join(fields)


_GIVES = {
    "field": "one field",
    "vector": "two components",
    "fields": "several fields",
    "list": "a list, which lies on no grid",
}


def _refusal(operator: Operator, before: Link, *, expected: str) -> OptionError:
    last = before.operator
    hint = {
        "vector": "--then magnitude, or --then select x, between them",
        "fields": "--then select PART, between them",
        "field": None,
        "list": None,
    }[before.gives]
    return OptionError(
        explain(
            f"{operator.name} cannot take what {last.name} gives",
            expected=expected,
            got=_GIVES[before.gives],
            hint=hint,
        )
    )
