"""Basins on a map: neighbours in different colours, with their lows or highs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import OptionError, explain
from xnabla.plot._extrema import isobars, put_letters
from xnabla.plot._field import drawable, familiar
from xnabla.plot._marks import chosen, on_panels
from xnabla.plot._panes import panes_of
from xnabla.plot._shade import Shade
from xnabla.plot._text import name_of
from xnabla.plot._words import printable

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["basins"]

# Pale and apart for every eye: letters, contours and coast stay visible on them.
_COLOURS = (
    "#a6cee3",
    "#fdd9a0",
    "#b7e0a5",
    "#e3c6e8",
    "#f4b6b0",
    "#fbf3a6",
    "#c9d3da",
    "#d9c1a5",
)


class _Pale(Shade):
    """The colours of basins."""

    def colours(self) -> Colormap:
        from matplotlib.colors import ListedColormap

        return ListedColormap(list(_COLOURS), name="basins")


def basins(
    field: xr.DataArray,
    drained: xr.Dataset,
    *,
    title: str | None = None,
    crs: Any = None,
) -> Figure:
    """Draw the basins of a field in colours, no two neighbours alike.

    Parameters
    ----------
    field : DataArray
        Two dimensions, or up to 12 times or levels of a map.
    drained : Dataset
        What :func:`xnabla.basins` returned for it.
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
        If the field is no map, or these are no basins of it.
    """
    if "label" not in drained:
        raise OptionError(
            explain(
                "These are no basins",
                expected="what xn.basins(field) returns",
                hint="xn.plot.basins(field, xn.basins(field))",
            )
        )
    (plain,) = drawable(field, panes=True)
    shown = familiar(plain)
    label = drained["label"].squeeze()
    if shown.ndim < 2 or dict(label.sizes) != dict(shown.sizes):
        raise OptionError(
            explain(
                "The basins lie on other points than the field",
                expected=f"sizes {dict(shown.sizes)}",
                got=f"{dict(label.sizes)}",
                hint="drained.isel(time=0) and field.isel(time=0)",
            )
        )
    numbers = label.transpose(*shown.dims)
    tint = np.full(shown.shape, np.nan)
    for where in panes_of(shown):
        at = tuple(where.get(str(dim), slice(None)) for dim in shown.dims)
        one = numbers.values[at]
        tint[at] = np.where(one >= 0, coloured(one)[one], np.nan)
    tinted = shown.copy(data=tint)
    what = "hills" if drained.attrs.get("direction") == "up" else "basins"
    words = f"{what} of {name_of(shown)}" if title is None else printable(title)
    # colours that mean nothing by themselves have no bar
    shade = _Pale("nothing", -0.5, len(_COLOURS) - 0.5, "neither")
    levels = isobars(field)
    for base in on_panels(tinted, shown, shade, words, crs=crs, levels=levels):
        put_letters(base, chosen(drained, base.field), "centre_")
    return base.figure


def coloured(label: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    """Return a colour for each label, no two neighbours alike if that can be.

    The largest basins choose first; the seam of longitudes counts as a border.

    Examples
    --------
    >>> coloured(np.array([[0, 0, 1], [2, 2, 1]])).tolist()
    [0.0, 1.0, 2.0]
    """
    count = int(label.max(initial=-1)) + 1
    beside: list[set[int]] = [set() for _ in range(count)]
    for one, other in (
        (label[:, 1:], label[:, :-1]),
        (label[1:], label[:-1]),
        (label[:, :1], label[:, -1:]),
    ):
        apart = (one != other) & (one >= 0) & (other >= 0)
        for a, b in {*zip(one[apart].tolist(), other[apart].tolist(), strict=True)}:
            beside[a].add(b)
            beside[b].add(a)
    colour = np.full(max(count, 1), -1.0)
    for basin in sorted(range(count), key=lambda b: -len(beside[b])):
        used = [colour[other] for other in beside[basin]]
        free = [c for c in range(len(_COLOURS)) if c not in used]
        colour[basin] = free[0] if free else basin % len(_COLOURS)
    return colour
