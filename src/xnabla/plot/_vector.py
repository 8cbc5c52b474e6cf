"""Results of several parts: a vector as length and arrows, a tensor in panels."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from xnabla.errors import OptionError, explain
from xnabla.plot._arrows import arrows, without_direction
from xnabla.plot._field import drawable, familiar
from xnabla.plot._gradient import refuse_mixture
from xnabla.plot._layout import Page
from xnabla.plot._lines import draw_lines
from xnabla.plot._many import Pane, composed, contours, one_size, remarks_on
from xnabla.plot._panes import (
    MOST_PANES,
    caption_of,
    group_of,
    panes_of,
    shared_occasion,
)
from xnabla.plot._shade import Look, diverging, sequential
from xnabla.plot._sheet import sheet_of
from xnabla.plot._text import name_of, sentence_case
from xnabla.plot._words import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["both_of", "on_lengths", "panels", "panes_with", "vectors"]


class Both(NamedTuple):
    """Two components ready to be drawn, what they are, and a field under them."""

    first: xr.DataArray
    second: xr.DataArray
    what: str
    under: xr.DataArray | None


def vectors(
    u: xr.DataArray | Iterable[xr.DataArray],
    v: xr.DataArray | None = None,
    *,
    contours_of: xr.DataArray | None = None,
    title: str | None = None,
    cmap: Any = None,
    levels: int | Sequence[float] | None = None,
    vmin: float | None = None,
    vmax: float | None = None,
    ax: Axes | None = None,
    figsize: tuple[float, float] | None = None,
    projection: Any = None,
    crs: Any = None,
) -> Figure:
    """Draw a vector on a map: its length in colour, its direction as arrows.

    Where there is no map, as in a section, the two components are drawn side by side.

    Parameters
    ----------
    u, v : DataArray
        Eastward and northward, or along x and along y. Or both as ``u``: what an
        operator returned, :class:`Parts` or :class:`Components`, or a pair.
    contours_of : DataArray, optional
        A field drawn over them as thin labelled lines.
    title : str, optional
        Replaces the name.
    cmap, levels, vmin, vmax, ax, figsize, projection : optional
        As :func:`field` takes them.
    crs : object, optional
        The map projection of x and y, where the fields do not say.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot, or that of ``ax``. Write it with :func:`save_figure`.

    Raises
    ------
    OptionError
        If there are not two components, on one grid, in one unit, or more than 12
        panels would be needed.
    """
    both = both_of(u, v, contours_of)
    first, second, what, _ = both
    page, look = Page(ax, figsize, projection), Look(cmap, levels, vmin, vmax)
    words = sentence_case(what if title is None else printable(title))
    made = panes_with(first, second, what, page, crs) if first.ndim > 1 else None
    if made is None:
        return panels([first, second], title=words, figsize=figsize, crs=crs)
    flowing = any(np.any(pane.sheet.cells > 0) for pane in made)
    said = "arrows: direction" * flowing
    return on_lengths(both, made, words, said, look, page, crs)


def on_lengths(
    both: Both,
    made: list[Pane],
    words: str,
    said: str,
    look: Look,
    page: Page,
    crs: Any,
) -> Figure:
    """Draw panels of the length of a vector, in colours that they share."""
    first, _, _, under = both
    where = panes_of(first)
    lines = contours(under, where, made[0].sheet, page, crs)
    drawn = [replace(pane, over=over) for pane, over in zip(made, lines, strict=True)]
    told = remarks_on(made[0].sheet, lines[0], *(pane.sheet for pane in made))
    remarks = " · ".join(word for word in (told, said) if word)
    lengths = [pane.sheet.cells for pane in made]
    shade = look.on(sequential(*lengths), *lengths)
    below = shared_occasion(first, where[0]), remarks
    return composed(drawn, shade, words, below, page, group_of(first))


def both_of(u: Any, v: Any, under: xr.DataArray | None) -> Both:
    """Return what is to be drawn of a vector and the field with it."""
    given = list(u) if v is None and not hasattr(u, "dims") else [u, v]
    given = [part for part in given if part is not None]
    if len(given) != 2:
        raise OptionError(
            explain(
                "A vector on a map has two components",
                expected="two fields",
                got=f"{len(given)}",
                hint="plot.panels(parts), for all of them",
            )
        )
    what = str(getattr(u, "what", "")) if v is None else ""
    if hasattr(u, "axes") and v is None:  # in the field's order: y before x, mostly
        what = f"gradient of {what}"
        if u[0].name == u.y.name:
            given.reverse()
    over = [] if under is None else [under]
    first, second, *rest = drawable(*given, *over, panes=True)
    refuse_mixture([first, second])
    what = what or without_direction(name_of(first))
    return Both(first, second, what, familiar(rest[0]) if rest else None)


def panes_with(
    first: xr.DataArray, second: xr.DataArray, what: str, page: Page, crs: Any
) -> list[Pane] | None:
    """Return panels of the length of a vector with its arrows; None without a map."""
    where = panes_of(first)
    length = first.copy(
        data=np.hypot(first.values, second.transpose(*first.dims).values)
    )
    sheet = sheet_of(length.isel(where[0]), crs, page.asked)
    pairs = [(first.isel(one), second.isel(one)) for one in where]
    flows = one_size([arrows(sheet, pair, what) for pair in pairs], keyed=False)
    if flows[0] is None:
        return None
    return [
        Pane(sheet.showing(length.isel(one)), caption_of(length, one), flow=flow)
        for one, flow in zip(where, flows, strict=True)
    ]


def panels(
    parts: Iterable[xr.DataArray],
    *,
    title: str | None = None,
    cmap: Any = None,
    levels: int | Sequence[float] | None = None,
    vmin: float | None = None,
    vmax: float | None = None,
    figsize: tuple[float, float] | None = None,
    projection: Any = None,
    crs: Any = None,
) -> Figure:
    """Draw fields of one unit and one grid side by side, in the same colours.

    Parameters
    ----------
    parts : Parts, or iterable of DataArray
        For instance the four derivatives of a wind.
    title : str, optional
        Replaces the name.
    cmap, levels, vmin, vmax, figsize, projection : optional
        As :func:`field` takes them.
    crs : object, optional
        The map projection of x and y, where the fields do not say.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot. Write it with :func:`save_figure`.

    Raises
    ------
    OptionError
        If there is none, or they are not on one grid, not in one unit, or more than 12
        panels would be needed.
    """
    given = list(parts)
    if not given:
        raise OptionError(
            explain("There is no field to draw", expected="one or more", got="none")
        )
    plain = drawable(*given, panes=True)
    refuse_mixture(plain)
    what = title or getattr(parts, "what", "") or name_of(plain[0])
    words = sentence_case(printable(what))
    page, look = Page(None, figsize, projection), Look(cmap, levels, vmin, vmax)
    if plain[0].ndim == 1:
        return draw_lines(plain, words, page)
    where = panes_of(plain[0])
    if len(where) * len(plain) > MOST_PANES and len(where) > 1:
        raise OptionError(
            explain(
                f"{len(plain)} parts at {len(where)} times or levels are too many",
                expected=f"up to {MOST_PANES} panels in all",
                got=f"{len(plain) * len(where)}",
                hint="one level and one time, or plot.field(part) for one part",
            )
        )
    sheet = sheet_of(plain[0].isel(where[0]), crs, page.asked)
    made = [
        Pane(
            sheet.showing(part.isel(one)),
            " · ".join(w for w in (_caption(part), caption_of(part, one)) if w),
        )
        for part in plain
        for one in where
    ]
    gaps = remarks_on(sheet, None, *(pane.sheet for pane in made))
    values = [part.values for part in plain]
    shade = look.on(diverging(*values), *values)
    below = (shared_occasion(plain[0], where[0]), gaps)
    group = len(where) if len(where) > 1 else 0
    return composed(made, shade, words, below, page, group)


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
