"""The windows of the smoothers, and the sentences for those that cannot be."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.errors import GridError, OptionError, explain
from xnabla.grid import Grid
from xnabla.numerics import Disc, Window
from xnabla.operators._lengths import disc_of
from xnabla.units import (
    Unit,
    conversion_factor,
    dimension_text,
    is_quantity,
    parse,
    split_quantity,
)

Floats = NDArray[np.float64]

# A Gaussian ends where it has fallen to exp(-4) of its middle, as in MetPy.
REACH = 2.0 * math.sqrt(2.0)

_FIVE = np.array([[0.0, 1.0, 0.0], [1.0, 4.0, 1.0], [0.0, 1.0, 0.0]]) / 8.0
_NINE = np.array([[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]) / 16.0
_POINTS = {5: _FIVE, 9: _NINE}


@dataclass(frozen=True, slots=True)
class Kernel:
    """The window of one smoother.

    Attributes
    ----------
    operator : str
        Name of the smoother.
    words : str
        What the window is, for people.
    windows : callable
        Makes the windows for the axes it is given.
    dims : int or None
        How many dimensions the window has, if that is fixed.
    smaller : callable
        Returns what to type for a window of at most so many points.
    is_mean : bool
        Whether parts of it are windows too: no weight is negative.
    on_grid : callable or None
        Makes the windows instead, where they depend on the grid: for its dimensions,
        their names, and whether poles are crossed.
    """

    operator: str
    words: str
    windows: Callable[[tuple[int, ...]], tuple[Window, ...]]
    dims: int | None
    smaller: Callable[[int], str]
    is_mean: bool = True
    on_grid: Callable[[Grid, tuple[str, ...], bool], Disc] | None = None


@dataclass(frozen=True, slots=True)
class Degree:
    """The degree of a Gaussian: a wavelength, in metres or in grid lengths.

    Attributes
    ----------
    wavelength : float
        How many.
    in_metres : bool
        Of what.
    words : str
        As it was given.
    """

    wavelength: float
    in_metres: bool
    words: str


def degree_of(n: Any) -> Degree:
    """Return the degree of a Gaussian from a number, a quantity or text."""
    value, in_metres, words = math.nan, False, str(n)
    try:
        if is_quantity(n):
            value, in_metres = _wavelength(*split_quantity(n))
            words = f"{n:~C}"
        elif isinstance(n, str):
            value, in_metres = _wavelength(1.0, parse(n, of="n="))
        elif not isinstance(n, bool):
            value, words = float(n), f"{n:g}"
    except (TypeError, ValueError):
        pass  # the sentence below says it all
    if not math.isfinite(value) or value < (0.0 if in_metres else 2.0) or value == 0.0:
        raise OptionError(
            explain(
                f"A Gaussian of degree n={n!r} cannot be",
                expected="a wavelength: grid lengths from 2, the shortest there is, or "
                "a length with its unit",
                hint="n=10, or n='1000 km'",
            )
        )
    return Degree(value, in_metres, words)


def _wavelength(value: Any, unit: Unit) -> tuple[float, bool]:
    if dimension_text(unit) == dimension_text(parse("1")):
        return float(value) * conversion_factor(unit, parse("1"), of="n="), False
    return float(value) * conversion_factor(unit, parse("m"), of="n="), True


def gaussian_kernel(degree: Degree) -> Kernel:
    """Return a Gaussian: one window for each axis, their product is it."""
    n = degree.wavelength
    sigma = n / (2.0 * math.pi)
    half = int(REACH * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma) ** 2)
    weights /= weights.sum()
    words = (
        f"a Gaussian of degree {degree.words} (standard deviation {sigma:.4g} grid "
        f"lengths, {2 * half + 1} points wide)"
    )
    return Kernel(
        "smooth_gaussian",
        words,
        lambda axes: tuple(Window((axis,), weights) for axis in axes),
        None,
        _smaller_gaussian,
    )


def length_kernel(degree: Degree) -> Kernel:
    """Return a Gaussian of true distance."""
    sigma = degree.wavelength / (2.0 * math.pi)
    words = (
        f"a Gaussian of degree {degree.words} (standard deviation {sigma / 1e3:.4g} "
        f"km, to a distance of {REACH * sigma / 1e3:.4g} km)"
    )
    return Kernel(
        "smooth_gaussian",
        words,
        lambda _: (),
        2,
        lambda _: "n=, a shorter length",
        on_grid=lambda grid, names, across: disc_of(
            grid, names, degree.wavelength, REACH, across=across
        ),
    )


def _smaller_gaussian(points: int) -> str:
    largest = math.floor((points - 1) // 2 * 2.0 * math.pi / REACH)
    return f"n={largest}" if largest >= 2 else "dims=, another dimension"


def point_kernel(n: Any) -> Kernel:
    """Return the window of five or of nine points."""
    if not isinstance(n, int | np.integer) or n not in _POINTS:
        raise OptionError(
            explain(
                f"There is no smoother of n={n!r} points", expected="5 or 9", hint="n=9"
            )
        )
    weights = _POINTS[int(n)]
    return Kernel(
        "smooth_n_point",
        f"a window of {n} points",
        lambda axes: (Window(axes, weights),),
        2,
        lambda _: "dims=, two dimensions of at least 3 points",
    )


def circular_kernel(radius: Any) -> Kernel:
    """Return equal weights within a radius, in as many dimensions as there are."""
    r = whole(radius, "radius", "grid lengths", 1)

    def windows(axes: tuple[int, ...]) -> tuple[Window, ...]:
        offsets = np.meshgrid(*[np.arange(-r, r + 1)] * len(axes), indexing="ij")
        squares = np.sum(np.stack(offsets) ** 2, axis=0)
        disc = np.where(squares <= r**2, 1.0, 0.0)
        return (Window(axes, disc / disc.sum()),)

    return Kernel(
        "smooth_circular",
        f"equal weights within a radius of {r} grid lengths",
        windows,
        None,
        lambda points: f"radius={max(1, (points - 1) // 2)}",
    )


def rectangular_kernel(size: Any) -> Kernel:
    """Return equal weights in a rectangle: one window for each axis."""
    is_list = isinstance(size, list | tuple | np.ndarray)
    sizes = [whole(one, "size", "points", 1) for one in (size if is_list else [size])]
    if not sizes or any(one % 2 == 0 for one in sizes):
        raise _even("size", size, "size=5")

    def windows(axes: tuple[int, ...]) -> tuple[Window, ...]:
        lengths = sizes if is_list else sizes * len(axes)
        return tuple(
            Window((axis,), np.full(n, 1.0 / n))
            for axis, n in zip(axes, lengths, strict=True)
        )

    return Kernel(
        "smooth_rectangular",
        f"equal weights over {' x '.join(map(str, sizes))} points",
        windows,
        len(sizes) if is_list else None,
        lambda points: f"size={points - 1 + points % 2}",
    )


def window_kernel(window: Any, *, normalize: Any) -> Kernel:
    """Return the window a user gives, divided by the sum of its weights if asked."""
    weights = _numbers(window)
    if weights.ndim == 0 or weights.size == 0:
        raise GridError(
            explain(
                "A window has at least one dimension and one weight",
                got=f"shape {weights.shape}",
                hint="window=numpy.ones((3, 3))",
            )
        )
    if any(size % 2 == 0 for size in weights.shape):
        raise _even("window", f"of shape {weights.shape}", "window=numpy.ones((3, 3))")
    if not np.isfinite(weights).all():
        raise OptionError(
            explain(
                "A weight of the window is not a number",
                expected="finite weights",
                got=f"{weights[~np.isfinite(weights)][0]}",
            )
        )
    if not isinstance(normalize, bool | np.bool_):
        raise OptionError(
            explain(
                f"normalize_weights={normalize!r} cannot be",
                expected="True or False",
                hint="normalize_weights=True",
            )
        )
    total = float(weights.sum())
    if normalize:
        if abs(total) <= 1e-12 * float(np.abs(weights).sum()):
            raise OptionError(
                explain(
                    "The weights of the window sum to zero and cannot be normalized",
                    expected="a sum that is not zero",
                    got=f"{total:g}",
                    hint="normalize_weights=False",
                )
            )
        weights = weights / total
    return Kernel(
        "smooth_window",
        f"a window of {' x '.join(map(str, weights.shape))} points",
        lambda axes: (Window(axes, weights),),
        weights.ndim,
        lambda points: f"a window of at most {points} points a side",
        bool((weights >= 0.0).all() and total > 0.0),
    )


def whole(value: Any, name: str, unit: str, least: int) -> int:
    """Return a whole number of at least so many."""
    is_number = isinstance(value, int | float | np.integer | np.floating)
    is_number = is_number and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or value != int(value) or value < least:
        raise OptionError(
            explain(
                f"{name}={value!r} cannot be",
                expected=f"a whole number of {unit} from {least}",
                hint=f"{name}={max(least, 3)}",
            )
        )
    return int(value)


def _numbers(window: Any) -> Floats:
    """Return weights as an array; text has rows between semicolons."""
    if isinstance(window, str):
        window = [row.replace(",", " ").split() for row in window.split(";")]
        window = window if len(window) > 1 else window[0]
    try:
        return np.asarray(window, dtype=np.float64)
    except (TypeError, ValueError):
        raise OptionError(
            explain(
                "The window is no array of weights",
                expected="numbers in rows of one length",
                got=type(window).__name__,
                hint="window='1 2 1; 2 4 2; 1 2 1'",
            )
        ) from None


def _even(name: str, given: Any, hint: str) -> OptionError:
    return OptionError(
        explain(
            f"A {name} {given} has no middle",
            expected="an odd number of points in every direction",
            hint=hint,
        )
    )
