"""Sections: along a line over the ground and up, or along it and through time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xnabla.plot._cut import Line, along_line, line_words
from xnabla.plot._draw import field as one_field
from xnabla.plot._roles import coordinate_role
from xnabla.plot._text import name_of, sentence_case

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["section"]


def section(
    field: xr.DataArray,
    along: Line | None = None,
    *,
    contours_of: xr.DataArray | None = None,
    title: str | None = None,
    cmap: Any = None,
    levels: int | Sequence[float] | None = None,
    vmin: float | None = None,
    vmax: float | None = None,
    ax: Axes | None = None,
    figsize: tuple[float, float] | None = None,
    crs: Any = None,
) -> Figure:
    """Draw a field along a line: upwards, or through time (Hovmöller).

    Pressure is drawn by its logarithm and downward. What lies under the ground, where
    a field has no values, is hatched. Between the points of the grid the field is
    linear.

    Parameters
    ----------
    field : DataArray
        With a level, a time or both besides latitude and longitude; up to 12 times
        give panels. Or, without ``along``, a field of two dimensions.
    along : mapping or sequence, optional
        ``{"latitude": 45}`` for a parallel, ``{"longitude": 10}`` for a meridian, both
        for the levels and times of one place, or places joined by great circles, as
        latitude and longitude: ``[(50, -10), (60, 30)]``.
    contours_of : DataArray, optional
        A second field, drawn over the first as thin labelled lines.
    title : str, optional
        Replaces name and line.
    cmap, levels, vmin, vmax, ax, figsize : optional
        As :func:`field` takes them.
    crs : object, optional
        The map projection of x and y, where the field does not say.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot, or that of ``ax``. Write it with :func:`save_figure`.

    Raises
    ------
    OptionError
        If the line misses the field or cannot be understood, or too many dimensions
        are left.

    Examples
    --------
    >>> import xnabla as xn
    >>> t = xn.open_dataset("sample_data/gfs_20110115.nc")["t"]  # doctest: +SKIP
    >>> xn.plot.section(t, {"latitude": 45})  # doctest: +SKIP
    """
    words = title
    over = contours_of
    if along is not None:
        over = None if over is None else along_line(over, along, crs)
        cut = along_line(field, along, crs)
        if title is None:  # which says where it is
            words = f"{sentence_case(name_of(field))} {line_words(along)}"
            cut = cut.drop_vars(_said(cut))
        field = cut
    return one_field(
        field,
        contours_of=over,
        title=words,
        cmap=cmap,
        levels=levels,
        vmin=vmin,
        vmax=vmax,
        ax=ax,
        figsize=figsize,
        crs=crs,
    )


def _said(field: xr.DataArray) -> set[str]:
    """Return the coordinates that hold the latitude or longitude of a line."""
    return {
        str(name)
        for name, coordinate in field.coords.items()
        if not coordinate.ndim
        and coordinate_role(coordinate) in {"latitude", "longitude"}
    }
