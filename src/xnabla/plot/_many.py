"""One panel, or several in the same colours: times, levels, parts of a tensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from xnabla.errors import OptionError, explain
from xnabla.plot._arrows import Arrows, arrows
from xnabla.plot._field import drawable
from xnabla.plot._isolines import Isolines, isolines, shared_step
from xnabla.plot._layout import Page, frame, stand_bar
from xnabla.plot._panel import paint
from xnabla.plot._sheet import Sheet, sheet_of
from xnabla.plot._tiles import tiles

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xnabla.plot._shade import Shade

__all__ = ["Pane", "arrows_over", "composed", "contours", "one_size", "remarks_on"]


class Drawn(Protocol):
    """What can be drawn into a panel."""

    def draw(self, axes: Axes) -> None:
        """Draw it."""


@dataclass(frozen=True, eq=False)
class Pane:
    """One panel.

    Attributes
    ----------
    sheet : Sheet
    caption : str
        What it shows, where there are several.
    over : Isolines or None
    flow : Drawn or None
        Arrows, or streamlines.
    """

    sheet: Sheet
    caption: str = ""
    over: Isolines | None = None
    flow: Drawn | None = None


def composed(
    panes: Sequence[Pane],
    shade: Shade,
    title: str,
    below: tuple[str, ...],
    page: Page,
    group: int = 0,
) -> Figure:
    """Paint the panels, and the bar they share.

    Parameters
    ----------
    panes : sequence of Pane
    shade : Shade
    title : str
    below : tuple of str
    page : Page
    group : int, optional
        How many belong together in a row, as the levels of one time do.

    Raises
    ------
    OptionError
        If there are several and they are to go into axes, which hold one.
    """
    if len(panes) == 1:
        made = frame(panes[0].sheet.shape or 0.55, 0, title, below, page)
        return _painted(panes, [made.main], shade, made.figure, made.main_bar)
    if page.ax is not None:
        raise OptionError(
            explain(
                f"{len(panes)} panels do not go into one ax",
                expected="a field of two dimensions with ax=",
                hint="plot.field(field.isel(time=0), ax=ax), or no ax",
            )
        )
    several = tiles(panes[0].sheet.shape, len(panes), title, below, page.figsize, group)
    return _painted(panes, several.panels, shade, several.figure, several.bar)


def _painted(
    panes: Sequence[Pane],
    panels: Sequence[Axes],
    shade: Shade,
    figure: Figure,
    bar: Axes,
) -> Figure:
    """Paint panels on their axes."""
    for panel, pane in zip(panels, panes, strict=True):
        mesh = paint(panel, pane.sheet, shade, small=len(panes) > 1)
        for drawn in (pane.over, pane.flow):
            if drawn is not None:
                drawn.draw(panel)
        if len(panes) > 1:
            panel.set_title(pane.caption, loc="left", fontsize=9.5)
    units = str(panes[0].sheet.field.attrs.get("units", ""))
    stand_bar(figure, mesh, bar, shade, units)
    return figure


def contours(
    field: xr.DataArray | None,
    panes: Sequence[dict[str, int]],
    sheet: Sheet,
    page: Page,
    crs: Any = None,
    levels: NDArray[np.float64] | None = None,
) -> list[Isolines | None]:
    """Return the contours of a field in each panel, at the same step.

    Round ones, and none where the lines would cover a map, unless levels are given.
    """
    if field is None:
        return [None] * len(panes)
    wide, high = page.panel(sheet.shape)
    size = wide / len(panes) ** 0.5, high / len(panes) ** 0.5
    laid: list[Sheet] = []
    for own in _each(field, panes):
        under = laid[0] if laid else sheet
        fits = under.fits(own)
        laid.append(under.showing(own) if fits else sheet_of(own, crs, page.asked))
    if levels is not None:
        return [Isolines(one, levels) for one in laid]
    step = None
    if len(panes) > 1:
        step = shared_step([one.points for one in laid])
    made = [isolines(one, size, step) for one in laid]
    if not all(one.levels.size for one in made):
        return [None] * len(panes)
    return list(made)


def arrows_over(
    parts: Sequence[xr.DataArray], panes: Sequence[dict[str, int]], sheet: Sheet
) -> list[Arrows | None]:
    """Return the arrows of two components in each panel, of the same length."""
    if len(parts) != 2:
        return [None] * len(panes)
    pairs = zip(*(_each(part, panes) for part in parts), strict=True)
    found = [arrows(sheet, (first, second), pale=True) for first, second in pairs]
    return one_size(found)


def one_size(
    flows: Sequence[Arrows | None], *, keyed: bool = True
) -> list[Arrows | None]:
    """Return arrows whose lengths mean the same in all panels, and that say it once."""
    example = max((flow.reference for flow in flows if flow is not None), default=0.0)
    last = len(flows) - 1
    return [
        None
        if one is None
        else replace(one, example=example, keyed=k == last and (keyed or last == 0))
        for k, one in enumerate(flows)
    ]


def _each(field: xr.DataArray, panes: Sequence[dict[str, int]]) -> list[xr.DataArray]:
    """Return what of a field belongs to each panel."""
    own = [
        field.isel({dim: k for dim, k in where.items() if dim in field.dims})
        for where in panes
    ]
    drawable(own[0])  # what has more dimensions than the panels is refused
    return own


def remarks_on(sheet: Sheet, over: Isolines | None, *others: Sheet) -> str:
    """Say what the contours are, and what the hatching means where there is any."""
    found = [] if over is None else [over.words(sheet.field)]
    if any(one.has_gaps for one in (sheet, *others)):
        found.append("hatched: no value")
    return " · ".join(word for word in found if word)
