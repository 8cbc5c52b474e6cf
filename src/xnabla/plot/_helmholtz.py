"""The picture of a split wind: both potentials large, both winds small."""

from __future__ import annotations

from dataclasses import replace
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import FieldError, explain
from xnabla.plot._arrows import Arrows, arrows
from xnabla.plot._field import drawable
from xnabla.plot._isolines import Isolines, isolines
from xnabla.plot._layout import Frame, Page, frame, stand_bar
from xnabla.plot._many import Pane, composed, contours, remarks_on
from xnabla.plot._occasion import occasion
from xnabla.plot._panel import paint
from xnabla.plot._panes import caption_of, group_of, panes_of, shared_occasion
from xnabla.plot._shade import Shade, diverging, sequential
from xnabla.plot._sheet import sheet_of
from xnabla.plot._text import name_of, sentence_case

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["helmholtz"]

_NEEDED = ("velocity_potential", "streamfunction", "u_psi", "v_psi", "u_chi", "v_chi")


# Values that are round enough for the arrow of a key.
_ROUND = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)

# Inches for the ticks and the unit of a bar between two panels.
_BAR_TICKS = 0.45


def helmholtz(
    result: xr.Dataset, *, field: xr.DataArray | None = None, crs: Any = None
) -> Figure:
    """Draw what :func:`xnabla.helmholtz` returned.

    The velocity potential in colour with the streamfunction as contours, and below or
    beside them the speed of the wind that turns and of the wind that spreads, with
    arrows.

    Parameters
    ----------
    result : Dataset
        Of one time and level, or with up to 12 of them: their potentials alone.
    field : DataArray, optional
        What was split; not drawn.
    crs : object, optional
        The map projection of x and y, where the fields do not say.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot. Write it with :func:`save_figure`.

    Raises
    ------
    FieldError
        If the result is none of a split.
    OptionError
        If more than two dimensions are left.
    """
    missing = [name for name in _NEEDED if name not in result]
    if missing:
        raise FieldError(
            explain(
                "This cannot be drawn as a split wind",
                expected="what xn.helmholtz(u, v) returned",
                got="without " + ", ".join(map(repr, missing)),
                hint="xn.plot.helmholtz(xn.helmholtz(u, v))",
            )
        )
    del field
    chi, psi, *winds = drawable(*(result[name] for name in _NEEDED), panes=True)
    if chi.ndim > 2:
        return _potentials(chi, psi, crs)
    sheet = sheet_of(chi, crs)
    shade = diverging(chi.values)
    lines = _in_tens(isolines(sheet_of(psi, crs)), shade)
    gauge = str(result.attrs.get("gauge", ""))
    told = f"gauge: {gauge.replace('_', ' ')}" if "none" not in gauge else ""
    said = (remarks_on(sheet, lines), told)
    remarks = " · ".join(word for word in said if word)
    made = frame(sheet.shape or 0.5, 2, _title(chi, psi), (occasion(chi), remarks))
    mesh = paint(made.main, sheet, shade)
    stand_bar(made.figure, mesh, made.main_bar, shade, _units(chi))
    lines.draw(made.main)
    lengths = [
        one.copy(data=np.hypot(one.values, other.values))
        for one, other in (winds[:2], winds[2:])
    ]
    # the wind that spreads is a fraction of the other: each has a scale of its own
    shades = [sequential(one.values) for one in lengths]
    words = ("The wind that turns", "The wind that spreads")
    bars = _bars(made)
    for panel, bar, colours, speed, pair, name in zip(
        made.small, bars, shades, lengths, (winds[:2], winds[2:]), words, strict=True
    ):
        small = sheet_of(speed, crs)
        mesh = paint(panel, small, colours, small=True)
        flow = arrows(small, (pair[0], pair[1]), name, pale=True)
        if flow is not None:
            _Short(**vars(flow)).draw(panel)
        room = int(panel.get_position().width * made.figure.get_figwidth() * 13)
        panel.set_title("\n".join(wrap(name, max(room, 20))), loc="left", fontsize=9.5)
        stand_bar(made.figure, mesh, bar, colours, _units(winds[0]))
    return made.figure


def _title(chi: xr.DataArray, psi: xr.DataArray) -> str:
    return f"{sentence_case(name_of(chi))} and {name_of(psi)}"


def _potentials(chi: xr.DataArray, psi: xr.DataArray, crs: Any) -> Figure:
    """Draw both potentials of many times or levels in panels, without the winds."""
    where, page = panes_of(chi), Page()
    sheet = sheet_of(chi.isel(where[0]), crs)
    shade = diverging(chi.values)
    lines = [
        None if one is None else _in_tens(one, shade)
        for one in contours(psi, where, sheet, page, crs)
    ]
    panes = [
        Pane(sheet.showing(chi.isel(one)), caption_of(chi, one), over)
        for one, over in zip(where, lines, strict=True)
    ]
    told = remarks_on(panes[0].sheet, lines[0], *(pane.sheet for pane in panes))
    below = shared_occasion(chi, where[0]), told
    return composed(panes, shade, _title(chi, psi), below, page, group_of(chi))


class _Short(Arrows):
    """Arrows that do not reach the next: the strongest winds have the longest."""

    @property
    def reference(self) -> float:
        """A round value that few winds exceed: theirs are the longest arrows."""
        size = np.hypot(self.u, self.v)
        size = size[np.isfinite(size)]
        if not size.any():
            return 0.0
        high = float(np.percentile(size, 99)) or float(size.max())
        ten = 10.0 ** np.floor(np.log10(high))
        return float(ten * next(k for k in _ROUND if k * ten >= high * (1 - 1e-9)))


def _in_tens(lines: Isolines, shade: Shade) -> Isolines:
    """Return contours in the power of ten of the colour bar, that labels are short."""
    if not shade.power:
        return lines
    sheet, ten = lines.sheet, 10.0**shade.power
    field = sheet.field.assign_attrs(units=f"× {shade.label(_units(sheet.field))}")
    return Isolines(
        replace(sheet, field=field, points=sheet.points / ten), lines.levels / ten
    )


def _bars(made: Frame) -> list[Axes]:
    """Return the axes of two bars in the room of one, each beside its panel."""
    assert made.small_bar is not None
    first, second = (panel.get_position() for panel in made.small)
    box = made.small_bar.get_position()
    wide = made.figure.get_figwidth()
    if first.y0 == second.y0:  # side by side: both give room for the bar of the left
        gap, bar = 0.18 / wide, box.width
        each = first.width - 0.5 * (gap + bar + _BAR_TICKS / wide)
        high = first.height * each / first.width
        low = first.y1 - high
        made.small[0].set_position((first.x0, low, each, high))
        made.small[1].set_position((second.x1 - each, low, each, high))
        made.small_bar.set_position((box.x0, low, bar, high))
        spot = (first.x0 + each + gap, low, bar, high)
    else:
        spot = (box.x0, first.y0, box.width, first.height)
        made.small_bar.set_position((box.x0, second.y0, box.width, second.height))
    return [made.figure.add_axes(spot), made.small_bar]


def _units(field: xr.DataArray) -> str:
    return str(field.attrs.get("units", ""))
