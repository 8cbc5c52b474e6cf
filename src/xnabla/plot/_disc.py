"""Polar caps as stereographic discs, in plain mathematics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.plot._coast import coastlines_within
from xnabla.plot._text import degrees

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from xnabla.plot._sheet import Sheet

__all__ = ["DISC_MARGIN", "disc_frame", "disc_place"]

DISC_MARGIN = 1.16  # width of the panel over width of the disc: room for meridians


def disc_place(pole: float, lon: Any, lat: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Project degrees onto the plane that touches a pole, 1 the north, -1 the south.

    r = tan((90° - |φ|) / 2); Greenwich points down in the north, up in the south,
    so that both discs are seen from above their pole.
    """
    r = np.tan(np.deg2rad(90.0 - pole * np.asarray(lat)) / 2.0)
    lam = np.deg2rad(lon)
    return r * np.sin(lam), -pole * r * np.cos(lam)


def disc_frame(axes: Axes, sheet: Sheet, *, small: bool) -> None:
    """Draw rim, coast, meridians and parallels of a disc."""
    from matplotlib.collections import LineCollection
    from matplotlib.patches import Circle

    side, rim_latitude = sheet.pole, _rim(sheet)
    rim = float(np.hypot(*disc_place(side, 0.0, rim_latitude)))
    circle = Circle((0, 0), rim, facecolor="none", edgecolor="0.2", zorder=4)
    axes.add_patch(circle)
    if not np.isfinite(sheet.cells).all():
        ground = Circle((0, 0), rim, facecolor="0.93", edgecolor="0.75", hatch="////")
        ground.set(linewidth=0, zorder=0.5)
        axes.add_patch(ground)
    south, north = sorted((side * 90.0, rim_latitude))
    coast = [
        np.column_stack(disc_place(side, *line.T))
        for line in coastlines_within(-180.0, 180.0, south, north)
    ]
    around = np.linspace(0.0, 360.0, 181)
    rows = [side * row for row in (80.0, 70.0, 60.0) if row > abs(rim_latitude)]
    parallels = [np.column_stack(disc_place(side, around, row)) for row in rows]
    turns = np.arange(-90.0, 181.0, 90.0) if small else np.arange(-150.0, 181.0, 30.0)
    ends = np.array([side * 80.0, rim_latitude])
    meridians = [np.column_stack(disc_place(side, turn, ends)) for turn in turns]
    for drawn in (
        LineCollection(coast, colors="0.25", linewidths=0.55, zorder=2.0),
        LineCollection(parallels + meridians, colors="0.5", linewidths=0.3, zorder=2.5),
    ):
        axes.add_collection(drawn, autolim=False)
        drawn.set_clip_path(circle)
    size = 7.5 if small else 9
    for turn in turns:
        x, y = map(float, disc_place(side, turn, rim_latitude))
        axes.text(
            1.03 * x,
            1.06 * y,
            degrees(float(turn), "longitude"),
            ha="center" if abs(x) < 0.02 * rim else ("left" if x > 0 else "right"),
            va="center",
            fontsize=size,
        )
    for row in rows if not small else []:
        x, y = map(float, disc_place(side, side * 45.0, row))
        axes.text(x, y, degrees(row, "latitude"), fontsize=7, color="0.3", zorder=5)
    reach = DISC_MARGIN * rim
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect=1.0)
    axes.set_axis_off()


def _rim(sheet: Sheet) -> float:
    """Return the latitude of the edge of the disc."""
    return float(sheet.y.edges[0] if sheet.pole > 0 else sheet.y.edges[-1])
