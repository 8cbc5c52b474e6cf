"""One step of a chain, as plain data: an operator, its variables, its parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from xnabla.errors import OptionError, explain
from xnabla.operators import Operator
from xnabla.recipes._adaptors_catalogue import OPERATORS
from xnabla.recipes._values import alike, listed, parameters_of


@dataclass(frozen=True, slots=True)
class Step:
    """What is done next, with what the step before gave.

    Attributes
    ----------
    operator : str
        A name of `OPERATORS`.
    inputs : mapping of str to str
        Variables of the files, by the name of the argument. What is not named is the
        result of the step before.
    parameters : mapping
        What else the operator takes, by keyword.
    """

    operator: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


def operator_of(name: str) -> Operator:
    """Return the entry of an operator, adaptors of chains too.

    Raises
    ------
    OptionError
        If there is none, with those that are written alike.

    Examples
    --------
    >>> operator_of("geostrophic-wind").name
    'geostrophic_wind'
    """
    known = name.replace("-", "_")
    if known in OPERATORS:
        return OPERATORS[known]
    raise OptionError(
        explain(
            f"There is no operator {name!r}",
            hint=alike(known, OPERATORS) or "xnabla operators, which lists them all",
        )
    )


def step_of(name: str, given: Mapping[str, Any], bare: Iterable[Any] = ()) -> Step:
    """Return a step from what a person wrote: names of variables, words for values.

    Parameters
    ----------
    name : str
        The operator.
    given : mapping
        By the name of an input or of a parameter, what is given for it: text, or the
        value itself.
    bare : iterable, optional
        What was given without a name: the parameter the operator needs, or its first.

    Raises
    ------
    OptionError
        If there is no such operator, input, parameter or value, with what is alike.

    Examples
    --------
    >>> step_of("smooth_rectangular", {"size": "5"}).parameters
    {'size': 5}
    >>> step_of("mean", {}, ["time"]).parameters
    {'dims': ('time',)}
    """
    operator = operator_of(name)
    parameters = {one.name: one for one in operator.parameters}
    inputs = {one.name for one in operator.inputs}
    asked = {key.replace("-", "_"): value for key, value in given.items()}
    for value in bare:
        key = _unnamed(operator, value)
        if key in parameters and parameters[key].several:
            asked[key] = [*listed(asked.get(key, ())), value]
            continue
        if key in asked:
            raise OptionError(
                explain(
                    f"{operator.name} has got {key!r} twice",
                    got=f"{asked[key]!r} and {value!r}",
                )
            )
        asked[key] = value
    for key in asked:
        if key not in parameters and key not in inputs:
            raise OptionError(_no_such(operator, key))
    missing = [n for n, one in parameters.items() if one.required and n not in asked]
    if missing:
        raise OptionError(
            explain(
                f"{operator.name} needs {missing[0]!r}",
                expected=parameters[missing[0]].help.rstrip("."),
                hint=f"{operator.name} {missing[0]}=VALUE",
            )
        )
    return Step(
        operator.name,
        {key: str(value) for key, value in asked.items() if key in inputs},
        parameters_of(parameters, asked),
    )


def _unnamed(operator: Operator, value: Any) -> str:
    """Return which parameter a bare word is for."""
    required = [one.name for one in operator.parameters if one.required]
    if required:
        return required[0]
    if operator.parameters and operator.room.startswith("xnabla.recipes"):
        return operator.parameters[0].name
    named = {one.name for one in operator.inputs}
    named |= {one.name for one in operator.parameters}
    if str(value) in named:
        text = f"{operator.name} has got {str(value)!r} without a value"
        raise OptionError(explain(text, hint=f"{operator.name} {value}=VALUE"))
    raise OptionError(
        explain(
            f"{operator.name} takes no word of its own, such as {value!r}",
            expected="name=value after --then; files and what is done first go before",
            hint=f"{operator.name} {operator.parameters[0].name}={value}"
            if operator.parameters
            else None,
        )
    )


def _no_such(operator: Operator, key: str) -> str:
    known = [one.name for one in operator.inputs if one.name != "result"]
    known += [one.name for one in operator.parameters]
    renamed = [one.name for one in operator.parameters if one.call == key]
    near = renamed[0] if renamed else alike(key, known)
    return explain(
        f"{operator.name} has no option {key!r}",
        expected="one of " + ", ".join(known) if known else "none",
        hint=near,
    )
