"""Steepest paths on a map: from a dot, along a line, to where they end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import OptionError, explain
from xnabla.plot._marks import grounds, on_paper, split_lines

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["paths"]

_COLOUR = "#7f2704"


def paths(
    field: xr.DataArray,
    walked: xr.Dataset,
    *,
    title: str | None = None,
    crs: Any = None,
) -> Figure:
    """Draw steepest paths on their field.

    A path begins at an open dot; it ends at a full one at an extremum, and at a cross
    at an edge, at a gap or where it was stopped. Lines are cut at the seam of the map.

    Parameters
    ----------
    field : DataArray
        Two dimensions.
    walked : Dataset
        What :func:`xnabla.steepest_path` returned for it.
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
        If the field has not two dimensions, or these are no paths.
    """
    from matplotlib.collections import LineCollection

    if not {"path", "step"} <= set(walked.dims) or "converged" not in walked:
        raise OptionError(
            explain(
                "These are no paths",
                expected="what xn.steepest_path(field, starts) returns",
                hint="xn.plot.paths(field, xn.steepest_path(field, starts))",
            )
        )
    way = {"descent": "downhill", "ascent": "uphill"}
    base, *others = grounds(
        field,
        f"steepest paths {way.get(str(walked.attrs.get('direction')), '')} on",
        crs=crs,
        title=title,
        remarks="○ start, ● extremum, × end at an edge or stopped",
    )
    if others:
        raise OptionError(
            explain(
                f"Paths are walked on one map, this field has {1 + len(others)}",
                expected="one time and one level",
                hint="field.isel(time=0)",
            )
        )
    names = ("y", "x") if base.sheet.plane else ("latitude", "longitude")
    lines = []
    for k in range(walked.sizes["path"]):
        place = [walked[name].values[k] for name in names]
        known = np.isfinite(place[0])
        x, y = on_paper(base.sheet, place[0][known], place[1][known])
        lines += split_lines(base.sheet, x, y)
    drawn = LineCollection(lines, colors=_COLOUR, linewidths=1.0, zorder=4)
    base.axes.add_collection(drawn, autolim=False)
    starts = on_paper(base.sheet, *(walked[name].values[:, 0] for name in names))
    ends = on_paper(base.sheet, *(walked[f"end_{name}"].values for name in names))
    done = walked["converged"].values
    small = 3.0 if walked.sizes["path"] < 200 else 1.5
    for (x, y), mark, inside in (
        (starts, "o", "white"),
        ((ends[0][done], ends[1][done]), "o", _COLOUR),
        ((ends[0][~done], ends[1][~done]), "x", _COLOUR),
    ):
        base.axes.plot(
            x,
            y,
            mark,
            linestyle="none",
            color=_COLOUR,
            markerfacecolor=inside,
            markersize=small,
            markeredgewidth=0.7,
            zorder=5,
            scalex=False,
            scaley=False,
        )
    return base.figure
