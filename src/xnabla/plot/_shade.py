"""Colours of a field: the limits, the colour map, and the power of ten taken out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.plot._unit_text import power_of_ten, pretty_units

if TYPE_CHECKING:
    from matplotlib.colors import Colormap
    from numpy.typing import NDArray

__all__ = ["Shade", "diverging", "fitting", "sequential"]

# One cell in two hundred may be off the scale; the arrow on the bar says so.
_ROBUST = 99.5


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
    """

    kind: str
    low: float
    high: float
    extend: str
    power: int = 0
    only: float | None = None

    def label(self, units: str) -> str:
        """Return the unit of the numbers shown, the power of ten before it."""
        words = [power_of_ten(self.power), pretty_units(units)]
        return " ".join(word for word in words if word)

    def colours(self) -> Colormap:
        """Return the colour map."""
        from matplotlib import colormaps
        from matplotlib.colors import ListedColormap

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
    return value if spread <= 1e-12 * abs(value) else None


def _zero(numbers: NDArray[np.float64]) -> Shade:
    """Return the colours of zero everywhere, or of no value at all."""
    if numbers.size == 0:
        return Shade("nothing", -1.0, 1.0, "neither")
    return Shade("diverging", -1.0, 1.0, "neither", only=0.0)


def _robust(numbers: NDArray[np.float64]) -> float:
    """Return the upper limit: nearly all numbers, never zero."""
    high = float(np.percentile(numbers, _ROBUST)) or float(numbers.max())
    return high if high > 0 else 1.0


def _scaled(
    kind: str,
    low: float,
    high: float,
    numbers: NDArray[np.float64],
    only: float | None = None,
) -> Shade:
    """Take a power of ten out of very small and very large numbers."""
    size = max(abs(low), abs(high))
    power = 0
    if not 1e-2 <= size < 1e6:
        # Leaves a largest number between 3 and 30, as in 10⁻⁵ s⁻¹ for vorticity.
        power = int(np.floor(np.log10(size / 3.0)))
    # A value on the limit, but for rounding, is not off the scale.
    spare = 1e-9 * size
    below, above = numbers.min() < low - spare, numbers.max() > high + spare
    extend = {(1, 1): "both", (1, 0): "min", (0, 1): "max"}.get(
        (int(below), int(above)), "neither"
    )
    ten = 10.0**power
    only = None if only is None else only / ten
    return Shade(kind, low / ten, high / ten, extend, power, only)
