"""Colours of a field: the limits, the colour map, and the power of ten taken out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import OptionError, explain
from xnabla.plot._unit_text import power_of_ten, pretty_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.colors import Colormap, Normalize
    from numpy.typing import NDArray

__all__ = ["Look", "Shade", "diverging", "fitting", "sequential", "taken_out"]

# Two cells in a hundred may be off the scale, at either end; the bar's arrow says so.
_ROBUST = 98.0
# Numbers that differ by less of their size are one: single precision has no more.
_SAME = 1e-6


@dataclass(frozen=True, eq=False)
class Look:
    """What a user asks of the colours; what is not asked follows from the values.

    Attributes
    ----------
    cmap : str or Colormap or None
        A colour map of matplotlib.
    levels : int, sequence of float, or None
        Colours in steps: about so many, or with these ends.
    vmin, vmax : float or None
        The ends of the bar, in the unit of the field.
    """

    cmap: Any = None
    levels: int | Sequence[float] | None = None
    vmin: float | None = None
    vmax: float | None = None

    def on(self, shade: Shade, *values: NDArray[Any]) -> Shade:
        """Return colours changed as asked."""
        if shade.kind == "nothing":
            return shade
        shade = replace(shade, cmap=self.cmap)
        asked = (self.levels, self.vmin, self.vmax)
        if all(one is None for one in asked):
            return shade
        low, high = self._ends(shade)
        steps = self._steps(low, high)
        if steps is not None and not isinstance(self.levels, int):
            low, high = float(steps[0]), float(steps[-1])
        if not low < high:
            raise OptionError(
                explain(
                    "The colours have no range",
                    expected="vmin below vmax",
                    got=f"{low:g} and {high:g}",
                )
            )
        kind = shade.kind
        if kind == "diverging" and abs(low + high) > 1e-6 * (high - low):
            kind = "plain"  # white would not be zero
        made = _scaled(kind, low, high, _finite(values))
        if steps is not None:
            steps = steps / 10.0**made.power
        return replace(made, cmap=self.cmap, steps=steps)

    def _ends(self, shade: Shade) -> tuple[float, float]:
        """Return the ends asked for; the other end of signed values is as far off."""
        ten = 10.0**shade.power
        low, high = self.vmin, self.vmax
        if shade.kind == "diverging":
            low = -high if low is None and high is not None and high > 0 else low
            high = -low if high is None and low is not None and low < 0 else high
        return (
            shade.low * ten if low is None else float(low),
            shade.high * ten if high is None else float(high),
        )

    def _steps(self, low: float, high: float) -> NDArray[np.float64] | None:
        """Return where colours change, round numbers unless these were given."""
        from matplotlib.ticker import MaxNLocator

        if self.levels is None:
            return None
        if isinstance(self.levels, int):
            locator = MaxNLocator(nbins=max(self.levels, 1), steps=[1, 2, 2.5, 5, 10])
            return np.asarray(locator.tick_values(low, high), dtype=np.float64)
        steps = np.asarray(self.levels, dtype=np.float64)
        if steps.ndim != 1 or steps.size < 2 or (np.diff(steps) <= 0).any():
            raise OptionError(
                explain(
                    "Colours change at levels that increase",
                    expected="two numbers or more, one larger than the other",
                    got=f"levels={self.levels}",
                    hint="levels=[0, 1, 2, 5]",
                )
            )
        return steps


@dataclass(frozen=True)
class Shade:
    """How numbers become colours.

    Attributes
    ----------
    kind : str
        ``sequential`` (white at zero), ``diverging`` (white at zero, both signs),
        ``plain`` (no zero in it) or ``nothing`` (no value, and so no bar).
    low, high : float
        The ends of the bar, in the numbers that are shown.
    extend : str
        Which ends of the bar carry an arrow, as matplotlib names them.
    power : int
        The numbers shown are the values divided by 10**power.
    only : float or None
        The number shown on the bar of a constant field.
    cmap : object
        A colour map that was asked for.
    steps : ndarray or None
        Where colours change, in the numbers that are shown, if they do in steps.
    """

    kind: str
    low: float
    high: float
    extend: str
    power: int = 0
    only: float | None = None
    cmap: Any = None
    steps: NDArray[np.float64] | None = None

    def norm(self) -> Normalize:
        """Return how the numbers shown become places on the colour map."""
        from matplotlib.colors import BoundaryNorm, Normalize

        if self.steps is None:
            return Normalize(self.low, self.high)
        ends: Any = self.extend
        return BoundaryNorm(self.steps, self.colours().N, extend=ends)

    def label(self, units: str) -> str:
        """Return the unit of the numbers shown, the power of ten before it."""
        words = [power_of_ten(self.power), pretty_units(units)]
        return " ".join(word for word in words if word)

    def colours(self) -> Colormap:
        """Return the colour map."""
        from matplotlib import colormaps
        from matplotlib.colors import Colormap, ListedColormap

        if self.cmap is not None:
            return self.cmap if isinstance(self.cmap, Colormap) else _named(self.cmap)
        if self.kind == "diverging":
            return colormaps["RdBu_r"]
        if self.kind == "plain":
            # Led towards white, so that coast and contours stay visible on all of it.
            return ListedColormap(
                0.25 + 0.75 * colormaps["viridis"](np.linspace(0.0, 1.0, 256)),
                name="pale viridis",
            )
        # magma backwards is even in lightness; its pale end is led over into white,
        # and its black end is left off so that contours stay visible.
        along = np.linspace(0.0, 1.0, 256)
        colours = colormaps["magma"](1.0 - 0.85 * along)
        whiteness = np.clip(1.0 - along / 0.2, 0.0, 1.0)[:, None]
        return ListedColormap(whiteness + (1.0 - whiteness) * colours, name="fronts")


def _named(name: Any) -> Colormap:
    """Return a colour map of matplotlib by its name."""
    from matplotlib import colormaps

    try:
        return colormaps[name]
    except (KeyError, TypeError):
        raise OptionError(
            explain(
                f"There is no colour map {name!r}",
                expected="a name matplotlib knows",
                hint="cmap='viridis'",
            )
        ) from None


def sequential(*values: NDArray[Any]) -> Shade:
    """Return colours from white at zero to the robust upper limit."""
    numbers = _finite(values)
    if not numbers.any():
        return _zero(numbers)
    only = _constant(numbers)
    if only is not None and only > 0:
        return _scaled("sequential", 0.0, 2.0 * only, numbers, only)
    return _scaled("sequential", 0.0, _robust(numbers), numbers)


def diverging(*values: NDArray[Any]) -> Shade:
    """Return colours symmetric about a white zero, shared by all the values."""
    numbers = _finite(values)
    if not numbers.any():
        return _zero(numbers)
    high = _robust(np.abs(numbers))
    return _scaled("diverging", -high, high, numbers)


def fitting(values: NDArray[Any]) -> Shade:
    """Return the colours that suit the signs of the values."""
    numbers = _finite([values])
    if not numbers.any():
        return _zero(numbers)
    only = _constant(numbers)
    if only is not None:
        around = 0.1 * abs(only)
        return _scaled("plain", only - around, only + around, numbers, only)
    low, high = np.percentile(numbers, [100 - _ROBUST, _ROBUST])
    if min(-low, high) > 0.1 * max(-low, high):
        return diverging(numbers)
    if numbers.min() >= 0 and low < 0.1 * high:
        return sequential(numbers)
    if low == high:
        low, high = float(numbers.min()), float(numbers.max())
    return _scaled("plain", low, high, numbers)


def _finite(values: Any) -> NDArray[np.float64]:
    """Return all finite numbers in one row."""
    row = np.concatenate([np.ravel(v) for v in values])
    return np.asarray(row[np.isfinite(row)], dtype=np.float64)


def _constant(numbers: NDArray[np.float64]) -> float | None:
    """Return the one value all the numbers have, but for rounding, or None."""
    value = float(np.median(numbers))
    spread = float(np.abs(numbers - value).max())
    return value if spread <= _SAME * abs(value) else None


def _zero(numbers: NDArray[np.float64]) -> Shade:
    """Return the colours of zero everywhere, or of no value at all."""
    if numbers.size == 0:
        return Shade("nothing", -1.0, 1.0, "neither")
    return Shade("diverging", -1.0, 1.0, "neither", only=0.0)


def _robust(numbers: NDArray[np.float64]) -> float:
    """Return the upper limit: nearly all numbers, never zero."""
    high = float(np.percentile(numbers, _ROBUST)) or float(numbers.max())
    return high if high > 0 else 1.0


def taken_out(size: float) -> int:
    """Return the power of ten that is taken out of numbers up to a size.

    It leaves a largest number between 3 and 30, as in 10⁻⁵ s⁻¹ for vorticity.

    Examples
    --------
    >>> taken_out(2e-4), taken_out(850.0), taken_out(8e7)
    (-5, 0, 7)
    """
    if size == 0 or 1e-2 <= size < 1e6:
        return 0
    return int(np.floor(np.log10(size / 3.0)))


def _scaled(
    kind: str,
    low: float,
    high: float,
    numbers: NDArray[np.float64],
    only: float | None = None,
) -> Shade:
    """Take a power of ten out of very small and very large numbers."""
    size = max(abs(low), abs(high))
    power = taken_out(size)
    # A value on the limit, but for rounding, is not off the scale.
    spare = 1e-9 * size
    below, above = numbers.min() < low - spare, numbers.max() > high + spare
    extend = {(1, 1): "both", (1, 0): "min", (0, 1): "max"}.get(
        (int(below), int(above)), "neither"
    )
    ten = 10.0**power
    only = None if only is None else only / ten
    return Shade(kind, low / ten, high / ten, extend, power, only)
