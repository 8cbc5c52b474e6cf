"""The last closed contours of lows and highs: an outline around each letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import OptionError, explain
from xnabla.plot._extrema import isobars, put_letters
from xnabla.plot._marks import Ground, chosen, grounds, on_paper, split_lines

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["closed_contours"]

_COLOURS = {"minimum": "#b2182b", "maximum": "#2166ac"}
# Above the contours of the field, below the letters.
_ABOVE_CONTOURS = 4


def closed_contours(
    field: xr.DataArray,
    found: xr.Dataset,
    *,
    title: str | None = None,
    crs: Any = None,
) -> Figure:
    """Draw the last closed contour around each low and high, with its letter.

    The letters are those of :func:`extrema`. An extremum around which no contour closes
    has a letter and no outline. Lines are cut at the seam of the map.

    Parameters
    ----------
    field : DataArray
        Two dimensions, or up to 12 times or levels of a map.
    found : Dataset
        What :func:`xnabla.closed_contours` returned for it, or for all times and
        levels: those of the field are drawn.
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
        If the field is no map, or these are no closed contours.
    """
    if "n_vertices" not in found or "kind" not in found:
        raise OptionError(
            explain(
                "These are no closed contours",
                expected="what xn.closed_contours(field) returns",
                hint="xn.plot.closed_contours(field, xn.closed_contours(field))",
            )
        )
    bases = grounds(
        field,
        "last closed contours of",
        crs=crs,
        title=title,
        levels=isobars(field),
        remarks="red around lows, blue around highs",
    )
    ends = np.cumsum(found["n_vertices"].values)
    numbered = found.assign(last_vertex=("point", ends))
    for base in bases:
        own = chosen(numbered, base.field)
        _outline(base, own, found)
        put_letters(base, own)
    return bases[0].figure


def _outline(base: Ground, own: xr.Dataset, found: xr.Dataset) -> None:
    """Draw the outlines of the points of one map."""
    from matplotlib.collections import LineCollection

    names = ("y", "x") if base.sheet.plane else ("latitude", "longitude")
    first, second = (found[f"vertex_{name}"].values for name in names)
    lines: dict[str, list[NDArray[np.float64]]] = {kind: [] for kind in _COLOURS}
    for kind, count, end in zip(
        own["kind"].values,
        own["n_vertices"].values,
        own["last_vertex"].values,
        strict=True,
    ):
        if count:
            ring = np.r_[end - count : end, end - count]  # the first again, to close it
            x, y = on_paper(base.sheet, first[ring], second[ring])
            lines[str(kind)] += split_lines(base.sheet, x, y)
    for kind, pieces in lines.items():
        drawn = LineCollection(
            pieces, colors=_COLOURS[kind], linewidths=1.6, zorder=_ABOVE_CONTOURS
        )
        base.axes.add_collection(drawn, autolim=False)
