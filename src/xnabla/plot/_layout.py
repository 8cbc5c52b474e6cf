"""Where the parts of a figure stand, in inches, so that nothing overlaps."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xnabla.errors import OptionError, explain

if TYPE_CHECKING:
    from collections.abc import Callable

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
    "Box",
    "Frame",
    "Page",
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


@dataclass(frozen=True, eq=False)
class Page:
    """What a picture is drawn on: a figure of its own, or axes a user has.

    Attributes
    ----------
    ax : Axes or None
        Where the picture goes; its colour bar stands beside.
    figsize : pair of float or None
        Width and height of the figure in inches; by default what the panels ask for.
    projection : object
        What maps are drawn on, where it is asked for.
    """

    ax: Axes | None = None
    figsize: tuple[float, float] | None = None
    projection: Any = None

    @property
    def asked(self) -> Any:
        """The projection asked for, or that of the axes, where these are cartopy's."""
        if self.projection is not None:
            return self.projection
        return getattr(self.ax, "projection", None)

    def panel(self, shape: float) -> tuple[float, float]:
        """Return width and height of the large panel, in inches, to a few percent."""
        if self.ax is not None:
            box = self.ax.get_window_extent()
            dpi = self.ax.figure.dpi
            wide, high = box.width / dpi, box.height / dpi
        elif self.figsize is not None:
            wide = self.figsize[0] - LEFT - BAR_GAP - BAR - BAR_WORDS
            high = self.figsize[1] - BOTTOM - 0.8
        else:
            return panel_size(shape)
        wide = max(min(wide, high / shape if shape else wide), 0.5)
        return wide, wide * shape if shape else max(high, 0.5)


def frame(
    shape: float,
    count: int,
    title: str,
    below: tuple[str, ...],
    page: Page | None = None,
) -> Frame:
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
    page : Page, optional
        On axes of a user only the large panel is drawn.

    Returns
    -------
    Frame
        Made without pyplot.
    """
    page = page or Page()
    if page.ax is not None:
        return _within(page.ax, title, below)
    figure, axes = figure_of(
        lambda scale: _boxes(shape, count, scale), title, below, page.figsize
    )
    if not count:
        return Frame(figure, axes[0], axes[1], (), None)
    return Frame(figure, axes[0], axes[1], tuple(axes[2:-1]), axes[-1])


def _within(ax: Axes, title: str, below: tuple[str, ...]) -> Frame:
    """Use the axes of a user, with a bar beside them and the head as their title."""
    wide = ax.get_window_extent().width / ax.figure.dpi
    room = max(20, int(wide * 12.0))
    small = [line for text in below for line in textwrap.wrap(text, room)]
    head = "\n".join([*textwrap.wrap(title, room), *small])
    ax.set_title(head, loc="left", fontsize=9)
    bar = ax.inset_axes((1.02, 0.0, 0.03, 1.0))
    # matplotlib also knows figures within figures
    figure: Any = ax.get_figure(root=True)
    return Frame(figure, ax, bar, (), None)


def figure_of(
    boxes_of: Callable[[float], list[Box]],
    title: str,
    below: tuple[str, ...],
    figsize: tuple[float, float] | None = None,
    crown: float = 0.0,
) -> tuple[Figure, list[Axes]]:
    """Make a figure with axes in boxes, and a head above them.

    Parameters
    ----------
    boxes_of : callable
        From a scale of the panels to their boxes, in inches; bars and labels keep
        their size.
    title : str
    below : tuple of str
        Lines under the title.
    figsize : pair of float, optional
        What it all must fit into.
    crown : float, optional
        Room for what stands on the highest panel.
    """
    words = title, below, crown
    scale = 1.0 if figsize is None else _fitting_scale(boxes_of, words, figsize)
    boxes = boxes_of(scale)
    width, height, bold, plain = _extent(boxes, *words)
    if figsize is not None:
        spare = figsize[1] - height  # left free at the bottom, under it all
        boxes = [(x, y + spare, w, h) for x, y, w, h in boxes]
        width, height = figsize
    figure, axes = _figure(boxes, width, height)
    top = height - _TOP
    looks: list[tuple[list[str], float, dict[str, Any]]] = [
        (bold, _BOLD, {"fontsize": 13, "fontweight": "bold"}),
        (plain, _PLAIN, {"fontsize": 9.5, "color": "0.25"}),
    ]
    for lines, step, look in looks:
        for text in lines:
            top -= step
            figure.text(LEFT / width, top / height, text, **look)
    return figure, axes


def _extent(
    boxes: list[Box], title: str, below: tuple[str, ...], crown: float
) -> tuple[float, float, list[str], list[str]]:
    """Return width and height of a page in inches, and the lines of its head."""
    width = max(x + w for x, _, w, _ in boxes) + BAR_WORDS
    room = max(width - LEFT, _HEAD_WIDE)
    bold = textwrap.wrap(title, max(12, int(room * 8.0)))
    plain = [line for text in below for line in textwrap.wrap(text, int(room * 11.5))]
    head = 0.1 + _TOP + _BOLD * len(bold) + _PLAIN * len(plain)
    return width, max(y + h for _, y, _, h in boxes) + crown + head, bold, plain


def _fitting_scale(
    boxes_of: Callable[[float], list[Box]],
    words: tuple[str, tuple[str, ...], float],
    figsize: tuple[float, float],
) -> float:
    """Return the largest scale at which a page fits into a size."""
    low, high = 0.1, 10.0
    for scale in (low, high):
        wide, tall, *_ = _extent(boxes_of(scale), *words)
        if scale == low and (wide > figsize[0] or tall > figsize[1]):
            raise OptionError(
                explain(
                    "The figure is too small for its labels",
                    expected=f"at least {wide:.1f} by {tall:.1f} inches",
                    got=f"figsize={tuple(figsize)}",
                    hint=f"figsize=({max(wide, 6):.0f}, {max(tall, 4):.0f})",
                )
            )
    for _ in range(30):
        scale = (low * high) ** 0.5
        wide, tall, *_ = _extent(boxes_of(scale), *words)
        low, high = (
            (scale, high) if wide <= figsize[0] and tall <= figsize[1] else (low, scale)
        )
    return low


def panel_size(shape: float, scale: float = 1.0) -> tuple[float, float]:
    """Return width and height of the large panel, in inches.

    Examples
    --------
    >>> panel_size(0.5)
    (9.6, 4.8)
    """
    if shape > _TALL:
        return scale * _HIGH / shape, scale * _HIGH
    return scale * _WIDE, scale * _WIDE * (shape or 0.5)


def _boxes(shape: float, count: int, scale: float) -> list[Box]:
    """Return where the main panel, its bar, the small panels and their bar stand."""
    if shape < _FLAT:
        return _column(shape, count, scale)
    if shape <= _TALL:
        return _below(shape, count, scale)
    if shape <= _SLIVER:
        return _beside(shape, count, scale)
    return _row(shape, count, scale)


def _column(shape: float, count: int, scale: float) -> list[Box]:
    """Return the boxes of a flat figure: one strip under another, the bars lying."""
    wide, high = panel_size(shape, scale)
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


def _below(shape: float, count: int, scale: float) -> list[Box]:
    """Return the boxes of a wide figure: main, bar, small ones, their bar."""
    wide, high = panel_size(shape, scale)
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


def _beside(shape: float, count: int, scale: float) -> list[Box]:
    """Return the boxes of a tall figure, the small panels in a column."""
    boxes, right = _standing(shape, scale)
    if not count:
        return boxes
    # The titles of the small panels stand below the head, not beside it.
    high = scale * _HIGH
    step = (high + _TICKS) / count
    each = step - _TICKS - _SMALL_TITLE_BROKEN
    column = [
        (right, BOTTOM + (count - 1 - k) * step, each / shape, each)
        for k in range(count)
    ]
    last = right + max(each / shape, _SMALL_TITLE_WIDE) + 0.3
    return [*boxes, *column, (last, BOTTOM, BAR, high)]


def _row(shape: float, count: int, scale: float) -> list[Box]:
    """Return the boxes of a very tall figure, the small panels all side by side."""
    boxes, right = _standing(shape, scale)
    if not count:
        return boxes
    high = scale * _HIGH - _SMALL_TITLE_STACKED
    step = max(high / shape, _SMALL_TITLE_WIDE) + GAP
    row = [(right + k * step, BOTTOM, high / shape, high) for k in range(count)]
    return [*boxes, *row, (right + count * step - GAP + 0.3, BOTTOM, BAR, high)]


def _standing(shape: float, scale: float) -> tuple[list[Box], float]:
    """Return the boxes of a tall panel and its bar, and where the next may begin."""
    wide, high = panel_size(shape, scale)
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
        spacing="proportional",
        extendfrac=0.04,
        orientation="vertical"
        if box.height * high > box.width * wide
        else "horizontal",
    )
    if shade.only is not None:
        bar.set_ticks([shade.only], labels=[f"{shade.only:g}"])
    bar.set_label(shade.label(units), fontsize=10)
    axes.tick_params(labelsize=9)
