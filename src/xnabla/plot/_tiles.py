"""Where panels of one size stand that share a colour bar: the parts of a tensor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xnabla.plot._layout import (
    BAR,
    BAR_GAP,
    BOTTOM,
    GAP,
    LEFT,
    SMALL_TITLE,
    Box,
    figure_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Tiles", "tiles"]

_WIDE, _HIGH = 10.4, 8.6  # all the panels together, as far as their shape lets them
_TICKS = 0.35


@dataclass(frozen=True)
class Tiles:
    """A figure with empty panels of one size.

    Attributes
    ----------
    figure : Figure
    panels : tuple of Axes
        Row by row.
    bar : Axes
        Where the colour bar of all goes.
    """

    figure: Figure
    panels: tuple[Axes, ...]
    bar: Axes


def tiles(
    shape: float,
    count: int,
    title: str,
    below: tuple[str, ...],
    figsize: tuple[float, float] | None = None,
    group: int = 0,
) -> Tiles:
    """Stand panels in rows under a head, and a bar beside them.

    Parameters
    ----------
    shape : float
        Height over width of every panel.
    count : int
        How many.
    title : str
    below : tuple of str
        Lines under the title; empty ones are left out.
    figsize : pair of float, optional
        Width and height of the figure in inches.
    group : int, optional
        How many belong together: rows are whole groups, or a group whole rows.
    """
    shape = shape or 0.6
    if figsize is not None:
        wanted = (figsize[0] / _WIDE, figsize[1] / _HIGH)
    else:
        wanted = (1.0, 1.0)
    columns = _columns(shape, count, wanted, group or count)
    rows = math.ceil(count / columns)
    full = _panel_width(shape, columns, rows, (1.0, 1.0))

    def boxes_of(scale: float) -> list[Box]:
        wide = full * scale
        high = wide * shape
        step = high + SMALL_TITLE + _TICKS
        boxes = [
            (
                LEFT + (k % columns) * (wide + GAP),
                BOTTOM + (rows - 1 - k // columns) * step,
                wide,
                high,
            )
            for k in range(count)
        ]
        right = LEFT + columns * (wide + GAP) - GAP + BAR_GAP
        boxes.append((right, BOTTOM, BAR, rows * step - SMALL_TITLE - _TICKS))
        return boxes

    figure, axes = figure_of(boxes_of, title, below, figsize, SMALL_TITLE)
    return Tiles(figure, tuple(axes[:-1]), axes[-1])


def _columns(shape: float, count: int, room: tuple[float, float], group: int) -> int:
    """Return how many columns make the panels largest."""
    alone = group == count
    return max(
        (n for n in range(1, count + 1) if alone or group % n == 0),
        key=lambda n: (_panel_width(shape, n, math.ceil(count / n), room), -n),
    )


def _panel_width(
    shape: float, columns: int, rows: int, room: tuple[float, float]
) -> float:
    """Return how wide a panel can be."""
    across = (room[0] * _WIDE - GAP * (columns - 1)) / columns
    up = (room[1] * _HIGH - (SMALL_TITLE + _TICKS) * (rows - 1)) / rows
    return min(across, up / shape)
