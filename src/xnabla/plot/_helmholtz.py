"""The picture of a split wind: both potentials large, both winds small."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import FieldError, explain
from xnabla.plot._arrows import arrows
from xnabla.plot._draw import remarks_on
from xnabla.plot._field import drawable
from xnabla.plot._isolines import isolines
from xnabla.plot._layout import frame, stand_bar
from xnabla.plot._occasion import occasion
from xnabla.plot._panel import paint
from xnabla.plot._shade import diverging, sequential
from xnabla.plot._sheet import sheet_of
from xnabla.plot._text import name_of, sentence_case

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["helmholtz"]

_NEEDED = ("velocity_potential", "streamfunction", "u_psi", "v_psi", "u_chi", "v_chi")


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
        Of one time and level.
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
    chi, psi, *winds = drawable(*(result[name] for name in _NEEDED))
    sheet = sheet_of(chi, crs)
    lines = isolines(sheet_of(psi, crs))
    gauge = str(result.attrs.get("gauge", ""))
    told = f"gauge: {gauge.replace('_', ' ')}" if "none" not in gauge else ""
    said = (remarks_on(sheet, lines), told)
    remarks = " · ".join(word for word in said if word)
    title = f"{sentence_case(name_of(chi))} and {name_of(psi)}"
    made = frame(sheet.shape or 0.5, 2, title, (occasion(chi), remarks))
    shade = diverging(chi.values)
    mesh = paint(made.main, sheet, shade)
    stand_bar(made.figure, mesh, made.main_bar, shade, _units(chi))
    if lines is not None:
        lines.draw(made.main)
    lengths = [
        one.copy(data=np.hypot(one.values, other.values))
        for one, other in (winds[:2], winds[2:])
    ]
    shared = sequential(*(one.values for one in lengths))
    words = ("The wind that turns", "The wind that spreads")
    for panel, speed, pair, name in zip(
        made.small, lengths, (winds[:2], winds[2:]), words, strict=True
    ):
        small = sheet_of(speed, crs)
        mesh = paint(panel, small, shared, small=True)
        flow = arrows(small, (pair[0], pair[1]), name, pale=True)
        if flow is not None:
            flow.draw(panel)
        room = int(panel.get_position().width * made.figure.get_figwidth() * 13)
        panel.set_title("\n".join(wrap(name, max(room, 20))), loc="left", fontsize=9.5)
    if made.small_bar is not None:
        stand_bar(made.figure, mesh, made.small_bar, shared, _units(winds[0]))
    return made.figure


def _units(field: xr.DataArray) -> str:
    return str(field.attrs.get("units", ""))
