"""Where the parts of a figure stand, in inches, so that nothing overlaps."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from xnabla.plot._shade import Shade

__all__ = [
    "BAR",
    "BAR_GAP",
    "BAR_WORDS",
    "BOTTOM",
    "GAP",
    "LEFT",
    "SMALL_TITLE",
    "Frame",
    "figure_of",
    "frame",
    "panel_size",
    "stand_bar",
]

_TOP = 0.12  # above the title
_BOLD, _PLAIN = 0.25, 0.19  # heights of the lines of the head
LEFT, BOTTOM = 0.75, 0.55  # room for ticks and axis names
BAR_GAP, BAR, BAR_WORDS = 0.18, 0.18, 0.85
_BAR_FOOT = 0.52  # ticks and unit under a bar that lies
SMALL_TITLE, _SMALL_TITLE_BROKEN, _SMALL_TITLE_STACKED = 0.36, 0.45, 0.75
_SMALL_TITLE_WIDE = 1.7  # twenty letters, where a title is broken
_TICKS = 0.3  # height of the ticks under a small panel
GAP = 0.65  # between small panels side by side: the ticks of the second
_WIDE, _HIGH = 9.6, 7.2  # the large panel, as far as its shape lets it
_HEAD_WIDE = 4.5  # however narrow the panels
# Shapes (height over width) at which another arrangement is better.
_FLAT, _TALL, _SLIVER = 0.25, 0.75, 3.0


@dataclass(frozen=True)
class Frame:
    """A figure with its empty panels.

    Attributes
    ----------
    figure : Figure
    main : Axes
    main_bar : Axes
        Where the colour bar of the large panel goes.
    small : tuple of Axes
    small_bar : Axes or None
    """

    figure: Figure
    main: Axes
    main_bar: Axes
    small: tuple[Axes, ...]
    small_bar: Axes | None


Box = tuple[float, float, float, float]


def frame(shape: float, count: int, title: str, below: tuple[str, ...]) -> Frame:
    """Stand a large panel and its bar under a head, and small ones below or beside.

    Parameters
    ----------
    shape : float
        Height over width of every panel.
    count : int
        How many small panels. They go below a wide large one, all in a column if they
        are flat, and beside a tall one.
    title : str
    below : tuple of str
        Lines under the title; empty ones are left out.

    Returns
    -------
    Frame
        Made without pyplot.
    """
    boxes = _boxes(shape, count)
    width = max(x + w for x, _, w, _ in boxes) + BAR_WORDS
    height = max(y + h for _, y, _, h in boxes)
    figure, axes = figure_of(boxes, width, height, title, below)
    if not count:
        return Frame(figure, axes[0], axes[1], (), None)
    return Frame(figure, axes[0], axes[1], tuple(axes[2:-1]), axes[-1])


def figure_of(
    boxes: list[Box], width: float, height: float, title: str, below: tuple[str, ...]
) -> tuple[Figure, list[Axes]]:
    """Make a figure with axes in boxes, and a head above them."""
    room = max(width - LEFT, _HEAD_WIDE)
    bold = textwrap.wrap(title, max(12, int(room * 8.0)))
    plain = [line for text in below for line in textwrap.wrap(text, int(room * 11.5))]
    head = 0.1 + _TOP + _BOLD * len(bold) + _PLAIN * len(plain)
    figure, axes = _figure(boxes, width, height + head)
    top = height + head - _TOP
    looks: list[tuple[list[str], float, dict[str, Any]]] = [
        (bold, _BOLD, {"fontsize": 13, "fontweight": "bold"}),
        (plain, _PLAIN, {"fontsize": 9.5, "color": "0.25"}),
    ]
    for lines, step, look in looks:
        for text in lines:
            top -= step
            figure.text(LEFT / width, top / (height + head), text, **look)
    return figure, axes


def panel_size(shape: float) -> tuple[float, float]:
    """Return width and height of the large panel, in inches.

    Examples
    --------
    >>> panel_size(0.5)
    (9.6, 4.8)
    """
    if shape > _TALL:
        return _HIGH / shape, _HIGH
    return _WIDE, _WIDE * (shape or 0.5)


def _boxes(shape: float, count: int) -> list[Box]:
    """Return where the main panel, its bar, the small panels and their bar stand."""
    if shape < _FLAT:
        return _column(shape, count)
    if shape <= _TALL:
        return _below(shape, count)
    return _beside(shape, count) if shape <= _SLIVER else _row(shape, count)


def _column(shape: float, count: int) -> list[Box]:
    """Return the boxes of a flat figure: one strip under another, the bars lying."""
    wide, high = panel_size(shape)
    boxes: list[Box] = []
    up = _BAR_FOOT
    for group in ([count] if count else []) + [1]:
        strips: list[Box] = []
        bar = (LEFT + 0.25 * wide, up, 0.5 * wide, BAR)
        up += BAR + BOTTOM
        for _ in range(group):
            strips.insert(0, (LEFT, up, wide, high))
            up += high + SMALL_TITLE + _TICKS
        # The small ones stand lowest, and come last.
        boxes = [*strips, bar, *boxes]
        up += _BAR_FOOT - _TICKS
    return boxes


def _below(shape: float, count: int) -> list[Box]:
    """Return the boxes of a wide figure: main, bar, small ones, their bar."""
    wide, high = panel_size(shape)
    bar = LEFT + wide + BAR_GAP
    if not count:
        return [(LEFT, BOTTOM, wide, high), (bar, BOTTOM, BAR, high)]
    each = (wide - GAP * (count - 1)) / count
    up = BOTTOM + each * shape + SMALL_TITLE + BOTTOM - 0.15
    return [
        (LEFT, up, wide, high),
        (bar, up, BAR, high),
        *((LEFT + k * (each + GAP), BOTTOM, each, each * shape) for k in range(count)),
        (bar, BOTTOM, BAR, each * shape),
    ]


def _beside(shape: float, count: int) -> list[Box]:
    """Return the boxes of a tall figure, the small panels in a column."""
    boxes, right = _standing(shape)
    if not count:
        return boxes
    # The titles of the small panels stand below the head, not beside it.
    step = (_HIGH + _TICKS) / count
    each = step - _TICKS - _SMALL_TITLE_BROKEN
    column = [
        (right, BOTTOM + (count - 1 - k) * step, each / shape, each)
        for k in range(count)
    ]
    last = right + max(each / shape, _SMALL_TITLE_WIDE) + 0.3
    return [*boxes, *column, (last, BOTTOM, BAR, _HIGH)]


def _row(shape: float, count: int) -> list[Box]:
    """Return the boxes of a very tall figure, the small panels all side by side."""
    boxes, right = _standing(shape)
    if not count:
        return boxes
    high = _HIGH - _SMALL_TITLE_STACKED
    step = max(high / shape, _SMALL_TITLE_WIDE) + GAP
    row = [(right + k * step, BOTTOM, high / shape, high) for k in range(count)]
    return [*boxes, *row, (right + count * step - GAP + 0.3, BOTTOM, BAR, high)]


def _standing(shape: float) -> tuple[list[Box], float]:
    """Return the boxes of a tall panel and its bar, and where the next may begin."""
    wide, high = panel_size(shape)
    bar = LEFT + wide + BAR_GAP
    boxes = [(LEFT, BOTTOM, wide, high), (bar, BOTTOM, BAR, high)]
    return boxes, bar + BAR + BAR_WORDS + GAP


def _figure(boxes: list[Box], width: float, height: float) -> tuple[Figure, list[Axes]]:
    """Make the figure and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor="white")
    axes = [
        figure.add_axes((x / width, y / height, w / width, h / height))
        for x, y, w, h in boxes
    ]
    return figure, axes


def stand_bar(figure: Figure, mesh: Any, axes: Axes, shade: Shade, units: str) -> None:
    """Put a colour bar with its unit where there is room for it, standing or lying."""
    if shade.kind == "nothing":
        axes.remove()
        return
    box, (wide, high) = axes.get_position(), figure.get_size_inches()
    bar = figure.colorbar(
        mesh,
        cax=axes,
        extend=shade.extend,
        extendfrac=0.04,
        orientation="vertical"
        if box.height * high > box.width * wide
        else "horizontal",
    )
    if shade.only is not None:
        bar.set_ticks([shade.only], labels=[f"{shade.only:g}"])
    bar.set_label(shade.label(units), fontsize=10)
    axes.tick_params(labelsize=9)
