"""One field, one picture: a map, a disc, a section, a plane, a diagram or a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xnabla.plot._field import drawable, familiar
from xnabla.plot._layout import Page
from xnabla.plot._lines import draw_lines
from xnabla.plot._many import (
    Pane,
    arrows_over,
    composed,
    contours,
    remarks_on,
)
from xnabla.plot._panes import caption_of, group_of, panes_of, shared_occasion
from xnabla.plot._shade import Look, fitting
from xnabla.plot._sheet import sheet_of
from xnabla.plot._text import name_of, sentence_case
from xnabla.plot._words import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xnabla.plot._shade import Shade

__all__ = ["drawn", "field"]


def field(
    field: xr.DataArray,
    *,
    contours_of: xr.DataArray | None = None,
    arrows_of: Sequence[xr.DataArray] | None = None,
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
    """Draw a field as its coordinates ask for.

    Latitude and longitude give a map, a polar cap seen all round a disc, a projected or
    rotated grid the map it was made on, any other grid on the globe a map about its
    middle, a vertical dimension a section with the ground at the bottom, x and y alone
    a plane in km, two other dimensions a diagram, and one dimension a line. Up to 12
    times, levels or members give panels in the same colours.

    Parameters
    ----------
    field : DataArray
        Plain, pint or dask values.
    contours_of : DataArray, optional
        A second field, drawn over the first as thin labelled lines.
    arrows_of : pair of DataArray, optional
        The eastward and northward part of a vector on the same grid, or those along x
        and y; drawn as arrows where a map is drawn.
    title : str, optional
        Replaces the name of the field.
    cmap : str or Colormap, optional
        By default one that all eyes can read: from blue to red about a white zero for
        values of both signs, from white for values that begin at zero, else from dark
        to pale.
    levels : int or sequence of float, optional
        Colours in steps: about so many, or with these ends.
    vmin, vmax : float, optional
        The ends of the colours, in the unit of the field; by default the 2nd and 98th
        percentile, the same on both sides of a white zero.
    ax : Axes, optional
        Where to draw; also the GeoAxes of cartopy. By default a figure of its own.
    figsize : pair of float, optional
        Width and height of the figure in inches.
    projection : object, optional
        What the map is drawn on: anything pyproj knows, such as ``"ESRI:54030"``, or a
        projection of cartopy.
    crs : object, optional
        The map projection of x and y, where the field does not say.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot, or that of ``ax``. Write it with :func:`save_figure`.

    Raises
    ------
    OptionError
        If there is no dimension, or more than 12 panels would be needed.
    FieldError
        If the values are no real numbers.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> import xnabla as xn
    >>> t = xr.DataArray(
    ...     np.zeros((24, 2, 3)), dims=("time", "lat", "lon"), name="t"
    ... )
    >>> xn.plot.field(t)
    Traceback (most recent call last):
    ...
    xnabla.errors.OptionError: 't' has 3 dimensions, a picture shows two. \
Expected one value of each of: time; or up to 12 of them in all, in panels; \
got time of size 24. \
Try: --time VALUE on the command line, or field.sel(time=..., method='nearest'), \
or field.isel(time=slice(None, None, 2)) for panels
    """
    given = [f for f in (field, contours_of, *(arrows_of or ())) if f is not None]
    plain, *others = map(familiar, drawable(*given, panes=True))
    look, page = Look(cmap, levels, vmin, vmax), Page(ax, figsize, projection)
    second = others.pop(0) if contours_of is not None else None
    words = sentence_case(name_of(plain) if title is None else printable(title))
    return drawn(plain, words, look, page, over=second, flow=others, crs=crs)


def drawn(
    field: xr.DataArray,
    words: str,
    look: Look,
    page: Page,
    *,
    over: xr.DataArray | None = None,
    flow: Sequence[xr.DataArray] = (),
    shading: Callable[[NDArray[np.float64]], Shade] = fitting,
    crs: Any = None,
) -> Figure:
    """Draw a field that is ready, alone or in panels.

    Parameters
    ----------
    field : DataArray
        Plain numbers, in the unit they are shown in.
    words : str
        The title.
    look : Look
    page : Page
    over : DataArray, optional
        What gives the contours.
    flow : sequence of DataArray, optional
        Two components that give the arrows.
    shading : callable
        From the values to their colours, before these are changed as asked.
    crs : object, optional
        The map projection of x and y, where the field does not say.
    """
    if field.ndim == 1:
        return draw_lines([field], words, page)
    panes = panes_of(field)
    sheet = sheet_of(field.isel(panes[0]), crs, page.asked)
    shade = look.on(shading(field.values), field.values)
    lines = contours(over, panes, sheet, page, crs)
    flows = arrows_over(flow, panes, sheet)
    made = [
        Pane(sheet.showing(field.isel(where)), caption_of(field, where), line, arrow)
        for where, line, arrow in zip(panes, lines, flows, strict=True)
    ]
    told = remarks_on(made[0].sheet, lines[0], *(pane.sheet for pane in made))
    said = (told, "" if flows[0] is None else flows[0].words())
    remarks = " · ".join(word for word in said if word)
    below = (shared_occasion(field, panes[0]), remarks)
    return composed(made, shade, words, below, page, group_of(field))
