"""One panel of a figure: cells in colour, coast, ticks and graticule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xnabla.plot._axes import degree_ticks, dress_axis
from xnabla.plot._coast import coastlines_within
from xnabla.plot._disc import disc_frame
from xnabla.plot._graticule import chart_frame
from xnabla.plot._roles import coordinate_role
from xnabla.plot._text import degrees

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from numpy.typing import NDArray

    from xnabla.plot._chart import Chart
    from xnabla.plot._shade import Shade
    from xnabla.plot._sheet import Sheet

__all__ = ["no_values", "paint"]

_LABEL_WIDE, _LABEL_HIGH = 0.75, 0.28  # inches of axis a tick and its label take


def paint(axes: Axes, sheet: Sheet, shade: Shade, *, small: bool = False) -> QuadMesh:
    """Fill the cells, then draw what the eye needs to find its way."""
    x, y = sheet.corners
    hidden = ~np.isfinite(sheet.cells)
    if sheet.chart is not None:
        hidden |= sheet.chart.off
        if sheet.chart.torn is not None:
            hidden |= sheet.chart.torn.mask
        x, y = (np.where(np.isfinite(part), part, 0.0) for part in (x, y))
    shown = sheet.cells / 10.0**shade.power
    mesh = axes.pcolormesh(
        x,
        y,
        np.ma.array(shown, mask=hidden),
        cmap=shade.colours(),
        norm=shade.norm(),
        rasterized=True,  # a PDF of a large field stays small
        zorder=1,
    )
    if sheet.kind == "disc":
        disc_frame(axes, sheet, small=small)
    elif sheet.chart is not None:
        _paint_torn(axes, sheet.chart, shown, mesh)
        chart_frame(axes, sheet.chart, sheet.cells, small=small)
    else:
        _frame(axes, sheet, small=small)
    if not np.isfinite(sheet.cells).any():
        no_values(axes)
    return mesh


def _paint_torn(
    axes: Axes, chart: Chart, values: NDArray[np.float64], mesh: QuadMesh
) -> None:
    """Fill the cells that the edge of a world map cuts, and those round a pole."""
    from matplotlib.collections import PolyCollection

    if chart.torn is None or not chart.torn.polygons:
        return
    shown = np.ma.masked_invalid(np.ravel(values)[chart.torn.index])
    pieces = PolyCollection(
        chart.torn.polygons, array=shown, cmap=mesh.cmap, norm=mesh.norm
    )
    pieces.set(linewidth=0, antialiased=False, rasterized=True, zorder=1)
    axes.add_collection(pieces, autolim=False)


def no_values(axes: Axes) -> None:
    """Say in the middle of a panel that nothing is known."""
    text = axes.text(0.5, 0.5, "no values", transform=axes.transAxes, zorder=6)
    text.set(ha="center", va="center", fontsize=11, backgroundcolor="white")


def _frame(axes: Axes, sheet: Sheet, *, small: bool) -> None:
    """Set limits, aspect, coast and ticks of everything but discs."""
    from matplotlib.collections import LineCollection

    x, y = sheet.x.edges, sheet.y.edges
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(y[0], y[-1])
    axes.tick_params(labelsize=8 if small else 9)
    _mark_missing(axes, sheet)
    if sheet.kind == "map":
        axes.set_aspect(sheet.stretch if sheet.to_scale else "auto")
        lines = coastlines_within(x[0], x[-1], y[0], y[-1])
        coast = LineCollection(lines, colors="0.25", linewidths=0.55, zorder=2)
        axes.add_collection(coast, autolim=False)
    elif sheet.plane:
        axes.set_aspect(1.0 if sheet.to_scale else "auto")
        _graticule(axes, sheet)
    box = axes.get_window_extent().transformed(axes.figure.dpi_scale_trans.inverted())
    for which, axis, ends, room in (
        ("x", sheet.across, (x[0], x[-1]), box.width / _LABEL_WIDE),
        ("y", sheet.up, (y[0], y[-1]), box.height / _LABEL_HIGH),
    ):
        many = int(np.clip(room, 1, 5 if small else 8))
        dress_axis(axes, which, axis, ends, many=many, named=not small)
    if sheet.kind == "map":
        # After the ticks: grid lines stand at them, under the contours.
        axes.set_axisbelow(False)
        axes.grid(visible=True, color="0.5", linewidth=0.3, alpha=0.5)
    if sheet.across.kind in {"longitude", "x"} and sheet.up.kind == "time":
        axes.invert_yaxis()


def _mark_missing(axes: Axes, sheet: Sheet) -> None:
    """Hatch the ground, so that cells without a value are seen as missing."""
    from matplotlib.patches import Rectangle

    if np.isfinite(sheet.cells).all():
        return
    ground = Rectangle((0, 0), 1, 1, transform=axes.transAxes, hatch="////")
    ground.set(facecolor="0.93", edgecolor="0.75", linewidth=0, zorder=0.5)
    axes.add_patch(ground)


def _graticule(axes: Axes, sheet: Sheet) -> None:
    """Draw the meridians and parallels of a plane that carries its own."""
    dims = (sheet.up.dim, sheet.across.dim)
    for coordinate in sheet.field.coords.values():
        role = coordinate_role(coordinate)
        if set(coordinate.dims) != set(dims) or role not in {"latitude", "longitude"}:
            continue
        values = coordinate.transpose(*dims).values.astype(np.float64)
        values = values[np.ix_(sheet.y.order, sheet.x.order)]
        if role == "longitude":
            values = np.unwrap(
                np.unwrap(values, axis=1, period=360), axis=0, period=360
            )
        if not np.isfinite(values).all():
            continue
        low, high = float(values.min()), float(values.max())
        levels = degree_ticks(low, high, 7)
        levels = levels[(levels > low) & (levels < high)]
        if levels.size == 0 or high - low > 350:
            continue  # around a pole the meridians meet, and contours cannot
        lines = axes.contour(
            sheet.x.places,
            sheet.y.places,
            values,
            levels=levels,
            colors="0.35",
            linewidths=0.5,
            linestyles=":",
            zorder=2.5,
        )
        words = {float(level): degrees(float(level), role) for level in levels}
        axes.clabel(lines, fontsize=7, fmt=words)
