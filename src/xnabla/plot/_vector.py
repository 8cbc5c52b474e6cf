"""Results of several parts: a vector as length and arrows, a tensor in panels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import OptionError, explain
from xnabla.plot._arrows import arrows, without_direction
from xnabla.plot._draw import remarks_on
from xnabla.plot._field import drawable, familiar
from xnabla.plot._gradient import refuse_mixture
from xnabla.plot._isolines import isolines
from xnabla.plot._layout import frame, stand_bar
from xnabla.plot._lines import draw_lines
from xnabla.plot._occasion import occasion
from xnabla.plot._panel import paint
from xnabla.plot._shade import diverging, sequential
from xnabla.plot._sheet import sheet_of
from xnabla.plot._text import name_of, sentence_case
from xnabla.plot._tiles import tiles
from xnabla.plot._words import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    import xarray as xr
    from matplotlib.figure import Figure

    from xnabla.plot._sheet import Sheet

__all__ = ["draw_panels", "draw_vector"]


def draw_vector(
    components: Iterable[xr.DataArray],
    *,
    contours_of: xr.DataArray | None = None,
    title: str | None = None,
    crs: Any = None,
) -> Figure:
    """Draw a vector on a map: its length in colour, its direction as arrows.

    Where there is no map, as in a section, the two components are drawn side by side.

    Parameters
    ----------
    components : Parts, or pair of DataArray
        Eastward and northward, or along x and along y.
    contours_of : DataArray, optional
        A field drawn over them as thin labelled lines.
    title : str, optional
        Replaces the name.
    crs : object, optional
        The map projection of x and y, where the fields do not say.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot. Write it with :func:`save_figure`.

    Raises
    ------
    OptionError
        If there are not two components, on one grid, in one unit, of one or two
        dimensions.
    """
    given = list(components)
    if len(given) != 2:
        raise OptionError(
            explain(
                "A vector on a map has two components",
                expected="two fields",
                got=f"{len(given)}",
                hint="draw_panels(parts), for all of them",
            )
        )
    over = [] if contours_of is None else [contours_of]
    first, second, *rest = drawable(*given, *over)
    refuse_mixture([first, second])
    what = getattr(components, "what", "") or without_direction(name_of(first))
    words = sentence_case(what if title is None else printable(title))
    sheet = sheet_of(_length(first, second), crs) if first.ndim == 2 else None
    flow = arrows(sheet, (first, second), what) if sheet is not None else None
    if sheet is None or flow is None:
        return draw_panels([first, second], title=words, crs=crs)
    lines = isolines(sheet_of(familiar(rest[0]), crs)) if rest else None
    said = (remarks_on(sheet, lines), "arrows: direction" if flow.reference else "")
    remarks = " · ".join(word for word in said if word)
    made = frame(sheet.shape or 0.55, 0, words, (occasion(first), remarks))
    shade = sequential(sheet.cells)
    mesh = paint(made.main, sheet, shade)
    if lines is not None:
        lines.draw(made.main)
    flow.draw(made.main)
    units = str(first.attrs.get("units", ""))
    stand_bar(made.figure, mesh, made.main_bar, shade, units)
    return made.figure


def draw_panels(
    parts: Iterable[xr.DataArray], *, title: str | None = None, crs: Any = None
) -> Figure:
    """Draw fields of one unit and one grid side by side, in the same colours.

    Parameters
    ----------
    parts : Parts, or iterable of DataArray
        For instance the four derivatives of a wind.
    title : str, optional
        Replaces the name.
    crs : object, optional
        The map projection of x and y, where the fields do not say.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot. Write it with :func:`save_figure`.

    Raises
    ------
    OptionError
        If there is none, or they are not on one grid, not in one unit, or of more than
        two dimensions.
    """
    given = list(parts)
    if not given:
        raise OptionError(
            explain("There is no field to draw", expected="one or more", got="none")
        )
    plain = drawable(*given)
    refuse_mixture(plain)
    what = title or getattr(parts, "what", "") or name_of(plain[0])
    words = sentence_case(printable(what))
    if plain[0].ndim == 1:
        return draw_lines(plain, words)
    sheets = [sheet_of(part, crs) for part in plain]
    return _tiled(sheets, words)


def _tiled(sheets: list[Sheet], title: str) -> Figure:
    """Paint the panels, and the bar they share."""
    plain = [sheet.field for sheet in sheets]
    gaps = any(remarks_on(sheet, None) for sheet in sheets)
    made = tiles(
        sheets[0].shape,
        len(sheets),
        title,
        (occasion(plain[0]), "hatched: no value" if gaps else ""),
    )
    shade = diverging(*(part.values for part in plain))
    for panel, sheet in zip(made.panels, sheets, strict=True):
        mesh = paint(panel, sheet, shade, small=True)
        panel.set_title(_caption(sheet.field), loc="left", fontsize=9.5)
    units = str(plain[0].attrs.get("units", ""))
    stand_bar(made.figure, mesh, made.bar, shade, units)
    return made.figure


def _caption(part: xr.DataArray) -> str:
    """Return the short name of a part as a formula is read: du_dx is ∂u/∂x."""
    name = printable(name_of(part) if part.name is None else part.name)
    first = re.fullmatch(r"d([a-zA-Z]\w*)_d([xyzt])", name)
    if first is not None:
        return f"∂{first[1]}/∂{first[2]}"
    second = re.fullmatch(r"d2(\w+)_d([xyzt])(2|d[xyzt])", name)
    if second is None:
        return name.replace("_", " ")
    below = "²" if second[3] == "2" else f"∂{second[3][1]}"
    return f"∂²{second[1]}/∂{second[2]}{below}"


def _length(first: xr.DataArray, second: xr.DataArray) -> xr.DataArray:
    """Return the length of a vector, in the name and unit of its first component."""
    size = np.hypot(first.values, second.transpose(*first.dims).values)
    return first.copy(data=size)
