"""One field, one picture: a map, a disc, a section, a plane, a diagram or a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xnabla.plot._arrows import arrows
from xnabla.plot._field import drawable, familiar
from xnabla.plot._isolines import Isolines, isolines
from xnabla.plot._layout import frame, stand_bar
from xnabla.plot._lines import draw_lines
from xnabla.plot._occasion import occasion
from xnabla.plot._panel import paint
from xnabla.plot._shade import fitting
from xnabla.plot._sheet import sheet_of
from xnabla.plot._text import name_of, sentence_case
from xnabla.plot._words import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from matplotlib.figure import Figure

    from xnabla.plot._sheet import Sheet

__all__ = ["draw", "remarks_on"]


def draw(
    field: xr.DataArray,
    *,
    contours_of: xr.DataArray | None = None,
    arrows_of: Sequence[xr.DataArray] | None = None,
    title: str | None = None,
    crs: Any = None,
) -> Figure:
    """Draw a field as its coordinates ask for.

    Latitude and longitude give a map, a polar cap seen all round a disc, a projected or
    rotated grid the map it was made on, any other grid on the globe a map about its
    middle, a vertical dimension a section with the ground at the bottom, x and y alone
    a plane in km, two other dimensions a diagram, and one dimension a line.

    Parameters
    ----------
    field : DataArray
        One or two dimensions besides those of size 1; plain, pint or dask values.
    contours_of : DataArray, optional
        A second field, drawn over the first as thin labelled lines.
    arrows_of : pair of DataArray, optional
        The eastward and northward part of a vector on the same grid, or those along x
        and y; drawn as arrows where a map is drawn.
    title : str, optional
        Replaces the name of the field.
    crs : object, optional
        The map projection of x and y, where the field does not say.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot. Write it with :func:`save_figure`.

    Raises
    ------
    OptionError
        If more than two dimensions are left, or none.
    FieldError
        If the values are no real numbers.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> t = xr.DataArray(
    ...     np.zeros((2, 2, 3)), dims=("time", "lat", "lon"), name="t"
    ... )
    >>> draw(t)
    Traceback (most recent call last):
    ...
    xnabla.errors.OptionError: 't' has 3 dimensions, a picture shows two. \
Expected one value of each of: time; got time of size 2. \
Try: --time VALUE on the command line, or field.sel(time=..., method='nearest')
    """
    given = [f for f in (field, contours_of, *(arrows_of or ())) if f is not None]
    plain, *others = map(familiar, drawable(*given))
    second = others.pop(0) if contours_of is not None else None
    words = sentence_case(name_of(plain) if title is None else printable(title))
    if plain.ndim == 1:
        return draw_lines([plain], words)
    sheet = sheet_of(plain, crs)
    over = isolines(sheet_of(second, crs)) if second is not None else None
    flow = None
    if len(others) == 2:
        flow = arrows(sheet, (others[0], others[1]), pale=True)
    said = (remarks_on(sheet, over), flow.words() if flow else "")
    remarks = " · ".join(word for word in said if word)
    made = frame(sheet.shape or 0.55, 0, words, (occasion(plain), remarks))
    shade = fitting(plain.values)
    mesh = paint(made.main, sheet, shade)
    for drawn in (over, flow):
        if drawn is not None:
            drawn.draw(made.main)
    units = str(plain.attrs.get("units", ""))
    stand_bar(made.figure, mesh, made.main_bar, shade, units)
    return made.figure


def remarks_on(sheet: Sheet, over: Isolines | None) -> str:
    """Say what the contours are, and what the hatching means where there is any."""
    found = [] if over is None else [over.words(sheet.field)]
    if sheet.has_gaps:
        found.append("hatched: no value")
    return " · ".join(word for word in found if word)
