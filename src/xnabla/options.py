"""Defaults a user may change, for a block or for good."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from xnabla.errors import OptionError, explain

__all__ = [
    "Accuracy",
    "Edges",
    "Engine",
    "Frame",
    "Missing",
    "Options",
    "Poles",
    "WindFrame",
    "get_options",
    "resolve_options",
    "set_options",
]

Accuracy = Literal[2, 4, 6]
Edges = Literal["one-sided", "missing"]
Missing = Literal["propagate", "shrink"]
Poles = Literal["across", "missing"]
Engine = Literal["auto", "numpy", "numba"]
Frame = Literal["earth", "grid"]
WindFrame = Literal["earth", "grid"]


@dataclass(frozen=True, slots=True)
class Options:
    """Choices every operator shares.

    Attributes
    ----------
    accuracy : {2, 4, 6}
        Order of the error in the grid spacing, everywhere on the grid.
    edges : {"one-sided", "missing"}
        What the ends of an axis get: a one-sided stencil of the same order, or NaN.
    missing : {"propagate", "shrink"}
        What a NaN inside a stencil does: make the result NaN, or shrink the stencil
        to the widest one that fits beside the gap.
    poles : {"across", "missing"}
        Rows beside a pole of a global grid: use the rows on its other side, at their
        true distance, or NaN.
    earth : object
        Figure of the Earth where the field names none: a name pyproj knows such as
        ``"WGS84"``, a radius in metres or as a quantity, or an ``Earth``; ``None`` is
        a sphere of 6 371 229 m, the one most models use.
    engine : {"auto", "numpy", "numba"}
        Who does the arithmetic; ``auto`` takes numba for large arrays.

    Examples
    --------
    >>> with set_options(accuracy=4, missing="shrink"):
    ...     print(get_options().accuracy, get_options().missing)
    4 shrink
    """

    accuracy: Accuracy = 2
    edges: Edges = "one-sided"
    missing: Missing = "propagate"
    poles: Poles = "across"
    earth: Any = None
    engine: Engine = "auto"


_CHOICES: dict[str, tuple[object, ...]] = {
    "accuracy": get_args(Accuracy),
    "edges": get_args(Edges),
    "missing": get_args(Missing),
    "poles": get_args(Poles),
    "engine": get_args(Engine),
}

_current = Options()


def get_options() -> Options:
    """Return the options in force.

    Returns
    -------
    Options

    Examples
    --------
    >>> get_options().accuracy
    2
    """
    return _current


def resolve_options(**given: Any) -> Options:
    """Return the options in force, with those given (not ``None``) put over them.

    Raises
    ------
    OptionError
        If a name is unknown or a value cannot be.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    _check(chosen)
    return replace(_current, **chosen)


class set_options:  # noqa: N801 - used as a function or in a with statement
    """Set options, for a ``with`` block or for good.

    Parameters
    ----------
    **changes
        Any attribute of :class:`Options`.

    Raises
    ------
    OptionError
        If a name is unknown or a value cannot be.

    Examples
    --------
    >>> with set_options(accuracy=4):
    ...     get_options().accuracy
    4
    >>> get_options().accuracy
    2
    """

    def __init__(self, **changes: Any) -> None:
        global _current  # noqa: PLW0603 - the one place that holds the defaults
        _check(changes)
        self._before = _current
        _current = replace(_current, **changes)

    def __enter__(self) -> Options:
        """Return the options now in force."""
        return _current

    def __exit__(self, *exception: object) -> None:
        """Put the former options back."""
        global _current  # noqa: PLW0603
        _current = self._before


def _check(changes: dict[str, Any]) -> None:
    known = [field.name for field in fields(Options)]
    for name, value in changes.items():
        if name not in known:
            raise OptionError(
                explain(
                    f"There is no option {name!r}", expected=f"one of {known}", got=name
                )
            )
        allowed = _CHOICES.get(name)
        if allowed is not None and not _is_one_of(value, allowed):
            raise OptionError(
                explain(
                    f"Option {name!r} cannot be {value!r}",
                    expected="one of " + ", ".join(map(repr, allowed)),
                    hint=f"{name}={allowed[0]!r}",
                )
            )


def _is_one_of(value: object, allowed: tuple[object, ...]) -> bool:
    """Compare with type, so that ``True`` and ``2.0`` are not taken for a choice."""
    return any(value == one and type(value) is type(one) for one in allowed)
