"""One field, one picture: a map, a disc, a section, a plane, a diagram or a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xnabla.plot._axes import dress_axis
from xnabla.plot._field import drawable, familiar
from xnabla.plot._isolines import Isolines, isolines
from xnabla.plot._layout import frame, stand_bar
from xnabla.plot._occasion import occasion
from xnabla.plot._panel import no_values, paint
from xnabla.plot._roles import roles_of
from xnabla.plot._shade import fitting
from xnabla.plot._sheet import axis_of, sheet_of
from xnabla.plot._text import axis_label, name_of, sentence_case
from xnabla.plot._words import printable

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from xnabla.plot._sheet import Sheet

__all__ = ["draw", "remarks_on"]


def draw(
    field: xr.DataArray,
    *,
    contours_of: xr.DataArray | None = None,
    title: str | None = None,
) -> Figure:
    """Draw a field as its coordinates ask for.

    Latitude and longitude give a map, a polar cap seen all round a disc, a vertical
    dimension a section with the ground at the bottom, x and y a plane in km, two other
    dimensions a diagram, and one dimension a line.

    Parameters
    ----------
    field : DataArray
        One or two dimensions besides those of size 1; plain, pint or dask values.
    contours_of : DataArray, optional
        A second field, drawn over the first as thin labelled lines.
    title : str, optional
        Replaces the name of the field.

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
    given = [f for f in (field, contours_of) if f is not None]
    plain, *second = map(familiar, drawable(*given))
    words = sentence_case(name_of(plain)) if title is None else printable(title)
    if plain.ndim == 1:
        made = frame(0.9 if _upright(plain) else 0.5, 0, words, (occasion(plain),))
        made.main_bar.remove()
        _line(made.main, plain)
        return made.figure
    sheet = sheet_of(plain)
    over = isolines(sheet_of(second[0])) if second else None
    remarks = remarks_on(sheet, over)
    made = frame(sheet.shape or 0.55, 0, words, (occasion(plain), remarks))
    shade = fitting(plain.values)
    mesh = paint(made.main, sheet, shade)
    if over is not None:
        over.draw(made.main)
    units = str(plain.attrs.get("units", ""))
    stand_bar(made.figure, mesh, made.main_bar, shade, units)
    return made.figure


def remarks_on(sheet: Sheet, over: Isolines | None) -> str:
    """Say what the contours are, and what the hatching means where there is any."""
    found = [] if over is None else [over.words(sheet.field)]
    if bool(np.isnan(sheet.cells).any()):
        found.append("hatched: no value")
    return " · ".join(word for word in found if word)


def _line(axes: Axes, field: xr.DataArray) -> None:
    """Draw a one-dimensional field; a profile stands upright."""
    axis = axis_of(field, str(field.dims[0]))
    span = axis.span
    ends = float(span.places[0]), float(span.places[-1])
    values = field.values[span.order]
    upright = _upright(field)
    x, y = (values, span.places) if upright else (span.places, values)
    axes.plot(x, y, color="#173b5f", linewidth=1.4, clip_on=False)
    if values.size <= 30:
        axes.plot(x, y, "o", color="#173b5f", clip_on=False)
    along, across = ("y", "x") if upright else ("x", "y")
    (axes.set_ylim if upright else axes.set_xlim)(ends)
    dress_axis(axes, along, axis, ends)
    (axes.set_xlabel if across == "x" else axes.set_ylabel)(axis_label(field))
    numbers = values[np.isfinite(values)]
    if numbers.size == 0:
        no_values(axes)
    if numbers.size and numbers.min() < 0 < numbers.max():
        (axes.axvline if upright else axes.axhline)(0.0, color="0.5", linewidth=0.8)
    axes.grid(visible=True, color="0.85", linewidth=0.6)
    axes.set_axisbelow(True)


def _upright(field: xr.DataArray) -> bool:
    """Tell whether the only dimension of a field is vertical."""
    return "vertical" in roles_of(field).values()
