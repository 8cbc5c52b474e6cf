"""Basins on a map: neighbours in different colours, with their lows or highs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import OptionError, explain
from xnabla.plot._extrema import isobars, put_letters
from xnabla.plot._field import drawable, familiar
from xnabla.plot._isolines import Isolines, isolines
from xnabla.plot._layout import frame
from xnabla.plot._many import remarks_on
from xnabla.plot._marks import Ground, chosen
from xnabla.plot._occasion import occasion
from xnabla.plot._panel import paint
from xnabla.plot._shade import Shade
from xnabla.plot._sheet import sheet_of
from xnabla.plot._text import name_of, sentence_case
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
        Two dimensions.
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
        If the field has not two dimensions, or these are no basins of it.
    """
    if "label" not in drained:
        raise OptionError(
            explain(
                "These are no basins",
                expected="what xn.basins(field) returns",
                hint="xn.plot.basins(field, xn.basins(field))",
            )
        )
    (plain,) = drawable(field)
    shown = familiar(plain)
    label = drained["label"].squeeze()
    if shown.ndim != 2 or dict(label.sizes) != dict(shown.sizes):
        raise OptionError(
            explain(
                "The basins lie on other points than the field",
                expected=f"sizes {dict(shown.sizes)}",
                got=f"{dict(label.sizes)}",
                hint="drained.isel(time=0) and field.isel(time=0)",
            )
        )
    numbers = label.transpose(*shown.dims).values
    colour = coloured(numbers)
    tinted = shown.copy(data=np.where(numbers >= 0, colour[numbers], np.nan))
    sheet = sheet_of(tinted, crs)
    lines = sheet_of(shown, crs)
    levels = isobars(field)
    over = isolines(lines) if levels is None else Isolines(lines, levels)
    what = "hills" if drained.attrs.get("direction") == "up" else "basins"
    words = f"{what} of {name_of(shown)}" if title is None else printable(title)
    made = frame(
        sheet.shape or 0.55,
        0,
        sentence_case(words),
        (occasion(shown), remarks_on(sheet, over)),
    )
    count = len(_COLOURS)
    paint(made.main, sheet, _Pale("plain", -0.5, count - 0.5, "neither"))
    over.draw(made.main)
    made.main_bar.remove()
    rows = chosen(drained, field)
    put_letters(Ground(made.figure, made.main, sheet, shown), rows, "centre_")
    return made.figure


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
