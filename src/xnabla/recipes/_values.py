"""What a function takes for what a person wrote: numbers, words, places, conditions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from xnabla.errors import OptionError, explain
from xnabla.operators import Parameter

__all__ = ["DEGREES", "alike", "listed", "parameters_of", "shown", "value_of"]

_WORDS = {True: "yes", False: "no"}
# A number of degrees, and the letter that says of what.
DEGREES = r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*°?\s*([NSEWnsew]?)\s*"
_PLACE = re.compile(f"{DEGREES},{DEGREES}")


def alike(name: str, known: Iterable[str]) -> str | None:
    """Return which names are written almost like one, or ``None``.

    Examples
    --------
    >>> alike("gradeint", ["gradient", "vorticity"])
    'gradient'
    """
    return " or ".join(get_close_matches(name, [*known], n=3)) or None


def value_of(parameter: Parameter, given: Any) -> Any:
    """Return what a function takes for what a person wrote.

    Raises
    ------
    OptionError
        If the parameter has no such value.

    Examples
    --------
    >>> from xnabla.operators import Parameter
    >>> value_of(Parameter("accuracy", "Order.", "choice", (2, 4, 6)), "4")
    4
    >>> value_of(Parameter("dims", "Dimensions."), "lat, lon")
    ('lat', 'lon')
    """
    if parameter.choices:
        return _choice(parameter, given)
    if parameter.kind in _READERS:
        return _READERS[parameter.kind](parameter, given)
    if parameter.name == "dims":
        names = given.split(",") if isinstance(given, str) else given
        return tuple(str(name).strip() for name in names if str(name).strip())
    if parameter.name == "earth":
        try:
            return float(given)
        except ValueError:
            return given
    return given


def parameters_of(
    known: Mapping[str, Parameter], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return, by the keyword of the function, what was given for each parameter.

    Raises
    ------
    OptionError
        If one has no such value.
    """
    return {
        known[name].keyword: value_of(known[name], value)
        for name, value in given.items()
        if name in known
    }


def listed(given: Any) -> list[Any]:
    """Return what was given once, or in a list, as a list."""
    return [*given] if isinstance(given, list | tuple) else [given]


def _places(parameter: Parameter, given: Any) -> tuple[tuple[float, float], ...]:
    """Return places: 45,-30 or 45N,30W, or in a recipe [45, -30], one or several."""
    every = listed(given)
    if len(every) == 2 and all(_is_number(one) for one in every):
        every = [every]  # a place by itself
    return tuple(_place(parameter, one) for one in every)


def _is_number(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)


def _place(parameter: Parameter, given: Any) -> tuple[float, float]:
    """Return two numbers, the latitude first where letters say which it is."""
    text = given
    if isinstance(given, list | tuple) and all(map(_is_number, given)):
        text = ",".join(map(repr, given))
    matched = _PLACE.fullmatch(text) if isinstance(text, str) else None
    found = []
    for number, letter in (matched.group(1, 2), matched.group(3, 4)) if matched else ():
        west = letter.upper() in ("S", "W") and letter != ""
        kind = "" if not letter else "latitude" if letter in "NSns" else "longitude"
        found.append((-float(number) if west else float(number), kind))
    kinds = [kind for _, kind in found]
    if kinds in (["longitude", "latitude"], ["longitude", ""], ["", "latitude"]):
        found = found[::-1]
    if not found or kinds in (["latitude"] * 2, ["longitude"] * 2):
        raise OptionError(
            explain(
                f"{parameter.name!r} cannot be {given!r}",
                expected="two numbers, latitude and longitude in degrees, such as "
                "45,-30 or 45N,30W",
                hint=f"{parameter.name}='45,-30'",
            )
        )
    return found[0][0], found[1][0]


def _conditions(parameter: Parameter, given: Any) -> dict[str, Any]:
    """Return what holds at each side: y=neumann, x=dirichlet:2, y=dirichlet,neumann."""
    found: dict[str, Any] = {}
    for one in listed(given):
        side, mark, words = str(one).partition("=")
        ends = [_condition(word) for word in words.split(",")]
        most = 1 if "periodic" in ends or side.strip() == "mask" else 2
        if not side.strip() or not mark or len(ends) > most or None in ends:
            raise OptionError(
                explain(
                    f"{parameter.name!r} cannot be {str(one)!r}",
                    expected="a side, =, and dirichlet or neumann, with a value after "
                    "a colon if it is not zero, or periodic",
                    hint=f"{parameter.name}='x=dirichlet:5 km2/s'",
                )
            )
        if side.strip() in found:
            text = f"{parameter.name!r} says twice what holds at {side.strip()!r}"
            raise OptionError(explain(text, got=f"{str(one)!r} last"))
        found[side.strip()] = tuple(ends) if len(ends) == 2 else ends[0]
    return found


def _condition(text: str) -> Any:
    """Return one condition, with its value if it has one; ``None`` for none."""
    kind, mark, value = (part.strip() for part in text.partition(":"))
    if kind not in ("dirichlet", "neumann") or (mark and not value):
        return "periodic" if text.strip() == "periodic" else None
    return (kind, value) if mark else (kind, "0")


def shown(choice: Any) -> str:
    """Return how a value of a choice is written."""
    return _WORDS[choice] if type(choice) is bool else str(choice)


def _choice(parameter: Parameter, given: Any) -> Any:
    for one in parameter.choices:
        if (type(given) is type(one) and given == one) or shown(one) == str(given):
            return one
    words = [shown(one) for one in parameter.choices]
    near = alike(str(given), words)
    raise OptionError(
        explain(
            f"{parameter.name!r} cannot be {given!r}",
            expected="one of " + ", ".join(words),
            hint=f"{parameter.name}={near}" if near else None,
        )
    )


def _number(parameter: Parameter, given: Any) -> Any:
    whole = parameter.kind == "integer"
    try:
        number = float("nan") if isinstance(given, bool) else float(given)
    except (TypeError, ValueError):
        number = float("nan")
    if number == number and not (whole and number % 1):  # noqa: PLR0124 - no NaN
        return int(number) if whole else number
    raise OptionError(
        explain(
            f"{parameter.name!r} cannot be {given!r}",
            expected="a whole number" if whole else "a number",
        )
    )


_READERS: dict[str, Callable[[Parameter, Any], Any]] = {
    "place": _places,
    "condition": _conditions,
    "integer": _number,
    "number": _number,
}
