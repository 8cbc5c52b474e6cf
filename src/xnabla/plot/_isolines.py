"""Contours at round values: drawn where they are lines, left out where they are ink."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.plot._disc import DISC_MARGIN
from xnabla.plot._layout import panel_size
from xnabla.plot._occasion import places_of
from xnabla.plot._shade import taken_out
from xnabla.plot._text import name_of
from xnabla.plot._unit_text import power_of_ten, pretty_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from xnabla.plot._sheet import Sheet

__all__ = ["Isolines", "isolines", "shared_step"]

_COLOUR = "#173b5f"
# Inches of line on a square inch of map: lines 2 mm apart. Measured on 60 fields of
# models and analyses: wind, heights, temperature and vorticity stay below 12.2; gusts,
# anomalies and the sea floor, where the lines hide the map, are above 15.
_INK = 12.5


@dataclass(frozen=True)
class Isolines:
    """A field and the values at which lines are drawn through it.

    Attributes
    ----------
    sheet : Sheet
    levels : ndarray
        None of them for a field that is constant, missing or too rough.
    """

    sheet: Sheet
    levels: NDArray[np.float64]

    def words(self, under: xr.DataArray) -> str:
        """Say what they are: name, level if another one, interval and unit."""
        if self.levels.size == 0:
            return ""
        field = self.sheet.field
        found = [f"contours: {name_of(field)}"]
        known = places_of(under)
        places = [place for place in places_of(field) if place not in known]
        if places:
            found.append(f"at {' · '.join(places)}")
        if self.levels.size > 1:
            units = pretty_units(str(field.attrs.get("units", "")))
            power = self.power
            step = f"{(self.levels[1] - self.levels[0]) / 10.0**power:g}"
            scale = f"× {power_of_ten(power)}" if power else ""
            found.append(" ".join(one for one in ("every", step, scale, units) if one))
        return " ".join(found).strip()

    @property
    def power(self) -> int:
        """The numbers on the lines are the values divided by 10**power."""
        return taken_out(float(np.abs(self.levels).max())) if self.levels.size else 0

    def draw(self, axes: Axes) -> None:
        """Draw them thin, with labels that stay inside the frame."""
        from matplotlib.patheffects import withStroke

        if self.levels.size == 0:
            return
        x, y = self.sheet.places
        lost = ~np.isfinite(x) | ~np.isfinite(self.sheet.points) | _at_cut(self.sheet)
        lines = _contours()(
            axes,
            np.where(np.isfinite(x), x, 0.0),
            np.where(np.isfinite(y), y, 0.0),
            np.ma.array(self.sheet.points, mask=lost),
            levels=self.levels,
            colors=_COLOUR,
            linewidths=0.8,
            negative_linestyles="solid",
            zorder=3,
        )
        lines.round = self.sheet.kind == "disc"
        # On dark colours and on bright ones the line is seen by its pale rim or itself.
        lines.set_path_effects([withStroke(linewidth=1.8, foreground=(1, 1, 1, 0.45))])
        ten = 10.0**self.power
        labels = axes.clabel(
            lines, fontsize=7.5, fmt=lambda level: f"{level / ten:g}", inline_spacing=2
        )
        for text in labels:
            text.set_path_effects(
                [withStroke(linewidth=2.0, foreground=(1, 1, 1, 0.7))]
            )


def _at_cut(sheet: Sheet) -> NDArray[np.bool_]:
    """Return which points of a world map have a neighbour far off, at edge or pole."""
    x, _ = sheet.places
    cut = np.zeros(x.shape, dtype=bool)
    if sheet.chart is None or sheet.chart.torn is None:
        return cut
    for axis in (0, 1):
        far = np.abs(np.diff(x, axis=axis)) > 90.0
        none = np.zeros_like(np.take(far, [0], axis=axis))
        cut |= np.concatenate([far, none], axis) | np.concatenate([none, far], axis)
    return cut


def isolines(
    sheet: Sheet,
    size: tuple[float, float] | None = None,
    step: float | None = None,
) -> Isolines:
    """Return the contours of a sheet, without any where they would cover the map.

    Parameters
    ----------
    sheet : Sheet
    size : pair of float, optional
        Width and height of the panel in inches.
    step : float, optional
        From one contour to the next.
    """
    levels = _round_levels(sheet.points, step)
    size = panel_size(sheet.shape) if size is None else size
    if levels.size and _ink(sheet, levels, size) > _INK:
        levels = levels[:0]
    return Isolines(sheet, levels)


def shared_step(panels: Sequence[NDArray[np.float64]]) -> float | None:
    """Return a round step of contours that suits most panels; None if all are flat.

    Heights of several levels have one step, though no contour in common.
    """
    spreads = []
    for panel in panels:
        numbers = panel[np.isfinite(panel)]
        if numbers.size:
            low, high = np.percentile(numbers, [0.5, 99.5])
            spreads.append(float(high - low))
    spread = float(np.median(spreads)) if spreads else 0.0
    if not spread > 0:
        return None
    ticks = _ticks(0.0, spread)
    return float(ticks[1] - ticks[0])


def _round_levels(
    points: NDArray[np.float64], step: float | None = None
) -> NDArray[np.float64]:
    """Return about ten round values within a field, none where it is constant."""
    numbers = points[np.isfinite(points)]
    if numbers.size == 0 or numbers.min() == numbers.max():
        return np.empty(0)
    if step is None:
        low, high = np.percentile(numbers, [0.5, 99.5])
        levels = _ticks(float(low), float(high))
    else:
        first, last = np.ceil(numbers.min() / step), np.floor(numbers.max() / step)
        levels = step * np.arange(first, min(last, first + 1000) + 1)
    inside = (levels > numbers.min()) & (levels < numbers.max())
    return np.asarray(levels[inside], dtype=np.float64)


def _ticks(low: float, high: float) -> NDArray[np.float64]:
    """Return about ten round values from one to another."""
    from matplotlib.ticker import MaxNLocator

    locator = MaxNLocator(nbins=12, steps=[1, 2, 5, 10])
    return np.asarray(locator.tick_values(low, high), dtype=np.float64)


def _ink(sheet: Sheet, levels: NDArray[np.float64], size: tuple[float, float]) -> float:
    """Return how many inches of contour an average square inch of map would hold.

    Lines of any direction cross a mesh of spacing d, both ways counted, 4/(π d) times
    per length (Cauchy and Crofton), so that their length follows from the crossings.
    """
    x, y = _on_paper(sheet, size)
    above = np.searchsorted(levels, sheet.points).astype(np.float64)
    above[~np.isfinite(sheet.points)] = np.nan
    across = np.nan_to_num(np.abs(np.diff(above, axis=1)))[:-1]
    upward = np.nan_to_num(np.abs(np.diff(above, axis=0)))[:, :-1]
    dx = np.hypot(np.diff(x, axis=1), np.diff(y, axis=1))[:-1]
    dy = np.hypot(np.diff(x, axis=0), np.diff(y, axis=0))[:, :-1]
    length = np.pi / 4.0 * float((across * dy + upward * dx).sum())
    dx, dy = (np.where(np.isfinite(d), d, 0.0) for d in (dx, dy))
    area = float((dx * dy)[np.isfinite(above[:-1, :-1])].sum())
    return length / area if area > 0 else 0.0


def _on_paper(
    sheet: Sheet, size: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the points stand on a panel, in inches, both of their shape."""
    wide, high = size
    x, y = sheet.places
    x = np.where(_at_cut(sheet), np.nan, x)
    if sheet.kind == "disc":
        wide, high = wide / DISC_MARGIN, high / DISC_MARGIN
    if sheet.up.kind == "pressure" and (y > 0).all():
        y = np.log(y)
    return wide * x / _reach(x), high * y / _reach(y)


def _reach(numbers: NDArray[np.float64]) -> float:
    """Return how far numbers reach from each other; 1 where they do not."""
    return float(np.nanmax(numbers) - np.nanmin(numbers)) or 1.0


@cache
def _contours() -> Any:
    """Return matplotlib's contours, taught to keep labels off the frame and apart."""
    from matplotlib.contour import QuadContourSet

    class Contours(QuadContourSet):
        """Contours whose labels stand inside the frame, a circle on a disc."""

        round = False

        def _free(self, screen: NDArray[Any], width: float) -> NDArray[np.intp]:
            """Return which places have room for a label, in the frame and to others."""
            box, room = self.axes.bbox, 0.6 * width
            off = np.abs(screen - [0.5 * (box.x0 + box.x1), 0.5 * (box.y0 + box.y1)])
            if self.round:
                free = np.hypot(*off.T) < 0.5 * box.width / DISC_MARGIN - room
            else:
                half = [0.5 * box.width - room, 0.5 * box.height - room]
                free = (off < half).all(axis=1)
            for taken in self.labelXYs:
                free &= np.hypot(*(screen - taken).T) > 1.2 * width
            return np.flatnonzero(free)

        def print_label(self, linecontour: Any, labelwidth: float) -> bool:
            """Tell whether a line has room for a label."""
            long = super().print_label(linecontour, labelwidth)
            return bool(long and self._free(linecontour, labelwidth).size)

        def locate_label(self, linecontour: Any, labelwidth: float) -> Any:
            """Return the straightest place of a line, or one that has room."""
            x, y, index = super().locate_label(linecontour, labelwidth)
            free = self._free(linecontour, labelwidth)
            if index in free:
                return x, y, index
            index = int(free[free.size // 2])
            return (*linecontour[index], index)

    return Contours
