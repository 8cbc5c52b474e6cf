"""The keywords that operators share: their types, their words, and their values."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ParamSpec, TypedDict, TypeVar, get_args, get_type_hints

from xnabla.errors import OptionError, explain
from xnabla.grid import Grid
from xnabla.options import (
    Accuracy,
    Edges,
    Frame,
    Missing,
    Options,
    Poles,
    WindFrame,
    resolve_options,
)

P = ParamSpec("P")
R = TypeVar("R")


class Choices(TypedDict, total=False):
    """What every operator takes."""

    units: Any
    accuracy: Accuracy | None
    edges: Edges | None
    missing: Missing | None
    poles: Poles | None
    earth: Any
    periodic: Any
    crs: Any
    grid: Grid | None


class TensorChoices(Choices, total=False):
    """What operators take whose results have components."""

    frame: Frame


class WindChoices(Choices, total=False):
    """What operators on winds take."""

    wind: WindFrame | None


class WindTensorChoices(WindChoices, total=False):
    """What operators on winds take whose results have components."""

    frame: Frame


class BalanceChoices(TensorChoices, total=False):
    """What winds in balance with the Coriolis force take."""

    min_latitude: float
    equator: str


class WindBalanceChoices(BalanceChoices, total=False):
    """What operators on winds and their balance take."""

    wind: WindFrame | None


_WORDS: dict[str, tuple[str, str]] = {
    "units": ("str, optional", "Unit of the result."),
    "accuracy": ("{2, 4, 6}, optional", "See :class:`~xnabla.Options`."),
    "edges": ('{"one-sided", "missing"}, optional', "See :class:`~xnabla.Options`."),
    "missing": ('{"propagate", "shrink"}, optional', "See :class:`~xnabla.Options`."),
    "poles": ('{"across", "missing"}, optional', "See :class:`~xnabla.Options`."),
    "earth": ("object, optional", "See :class:`~xnabla.Options`."),
    "periodic": ("object, optional", "See :func:`~xnabla.grid_of`."),
    "crs": ("object, optional", "See :func:`~xnabla.grid_of`."),
    "grid": ("Grid, optional", "What the grid is, where coordinates do not say."),
    "wind": (
        '{"earth", "grid"}, optional',
        "Whether the wind is eastward and northward or along the grid; by default\n"
        "        what its standard names say. Matters on projected, rotated and "
        "curvilinear\n        grids only.",
    ),
    "frame": (
        '{"earth", "grid"}',
        "Whether components are eastward and northward, or along the grid.",
    ),
    "min_latitude": (
        "float",
        "Degrees from the equator within which there is no balance; by default 5.",
    ),
    "equator": (
        '{"missing", "refuse"}',
        "What points so near the equator get: NaN, or an error for all.",
    ),
}
_PLACE = "    **choices\n"


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What a call said, its defaults filled in."""

    options: Options
    units: Any = None
    earth: Any = None
    periodic: Any = None
    crs: Any = None
    grid: Grid | None = None
    wind: str | None = None
    frame: str = "earth"
    min_latitude: float = 5.0
    equator: str = "missing"


_OPTIONS = ("accuracy", "edges", "missing", "poles")
_ALLOWED = {
    "wind": (None, "earth", "grid"),
    "frame": ("earth", "grid"),
    "equator": ("missing", "refuse"),
}


def setting_of(choices: Mapping[str, Any]) -> Setting:
    """Return the setting of a call.

    Raises
    ------
    OptionError
        If a value cannot be.
    """
    given = {k: v for k, v in choices.items() if k not in _OPTIONS and v is not None}
    for name, allowed in _ALLOWED.items():
        if name in given and given[name] not in allowed:
            raise OptionError(
                explain(
                    f"{name}={given[name]!r} cannot be",
                    expected="one of " + ", ".join(repr(a) for a in allowed if a),
                    hint=f"{name}={allowed[-1]!r}",
                )
            )
    nearest = given.get("min_latitude", 0.0)
    is_number = isinstance(nearest, int | float) and not isinstance(nearest, bool)
    if not is_number or not 0.0 <= nearest <= 90.0:
        raise OptionError(
            explain(
                f"min_latitude={nearest!r} is no latitude",
                expected="degrees, 0 to 90",
                hint="min_latitude=5",
            )
        )
    options = resolve_options(**{k: choices.get(k) for k in _OPTIONS})
    return Setting(options, **given)


def spelled_out(function: Callable[P, R]) -> Callable[P, R]:
    """Give a function that takes ``**choices`` their names, words and checks.

    ``help()``, completion, the accessor and the command line then see each of them.
    """
    hints = get_type_hints(function, include_extras=True)
    names = tuple(get_type_hints(get_args(hints["choices"])[0]))

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f". Did you mean {near[0]!r}?" if near else ""
                msg = f"{function.__name__}() has no keyword {name!r}{hint}"
                raise TypeError(msg)
        return function(*args, **kwargs)

    signature = inspect.signature(function)
    own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    spelled = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default="earth" if name == "frame" else _DEFAULTS.get(name),
        )
        for name in names
    ]
    known = [p.name for p in (*own, *spelled)]
    checked.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*own, *spelled]
    )
    lines = "".join(
        f"    {name} : {_WORDS[name][0]}\n        {_WORDS[name][1]}\n" for name in names
    )
    checked.__doc__ = (function.__doc__ or "").replace(_PLACE, lines)
    return checked


_DEFAULTS: dict[str, Any] = {"min_latitude": 5.0, "equator": "missing"}
