"""Places, lines and outlines on a sheet of any kind, cut where the map is cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import OptionError, explain
from xnabla.plot._disc import disc_place
from xnabla.plot._field import drawable, familiar
from xnabla.plot._layout import Page
from xnabla.plot._many import Pane, composed, contours, remarks_on
from xnabla.plot._panes import caption_of, group_of, panes_of, shared_occasion
from xnabla.plot._shade import Shade, fitting
from xnabla.plot._sheet import sheet_of
from xnabla.plot._text import name_of, sentence_case
from xnabla.plot._unit_text import understood
from xnabla.plot._words import printable

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xnabla.plot._sheet import Sheet

__all__ = [
    "Ground",
    "chosen",
    "grounds",
    "numbers_of",
    "on_panels",
    "on_paper",
    "split_lines",
]


@dataclass(frozen=True, eq=False)
class Ground:
    """A picture of a field that more is drawn on.

    Attributes
    ----------
    figure : Figure
    axes : Axes
    sheet : Sheet
    field : DataArray
        As it is shown: in familiar units.
    """

    figure: Figure
    axes: Axes
    sheet: Sheet
    field: xr.DataArray


def grounds(
    field: xr.DataArray,
    words: str,
    *,
    crs: Any = None,
    title: str | None = None,
    levels: NDArray[np.float64] | None = None,
    remarks: str = "",
) -> list[Ground]:
    """Draw a field in colour with its contours: a map, or one for each time or level.

    Parameters
    ----------
    field : DataArray
        Two dimensions, or more if not too many panels come of them.
    words : str
        What the picture shows of the field, for its title.
    crs : object, optional
        The map projection of x and y, where the field does not say.
    title : str, optional
        Replaces the title.
    levels : ndarray, optional
        The values of the contours; by default round ones.
    remarks : str
        What else a reader must know.
    """
    (plain,) = drawable(field, panes=True)
    shown = familiar(plain)
    if shown.ndim < 2:
        raise OptionError(
            explain(
                f"'{name_of(shown)}' is no map",
                expected="a field of two dimensions",
                got=f"{shown.ndim}",
            )
        )
    shade = fitting(shown.values)
    head = f"{words} {name_of(shown)}" if title is None else printable(title)
    return on_panels(shown, shown, shade, head, crs=crs, levels=levels, remarks=remarks)


def on_panels(
    coloured: xr.DataArray,
    field: xr.DataArray,
    shade: Shade,
    head: str,
    *,
    crs: Any = None,
    levels: NDArray[np.float64] | None = None,
    remarks: str = "",
) -> list[Ground]:
    """Draw one field in colour and another as contours, ready for more to be drawn on.

    Parameters
    ----------
    coloured, field : DataArray
        Of the same dimensions; plain, as they are shown.
    shade : Shade
    head : str
        The title.
    crs, levels, remarks : optional
        As :func:`grounds` takes them.
    """
    where = panes_of(field)
    page = Page()
    sheet = sheet_of(coloured.isel(where[0]), crs)
    lines = contours(field, where, sheet, page, crs, levels)
    panes = [
        Pane(sheet.showing(coloured.isel(one)), caption_of(field, one), over)
        for one, over in zip(where, lines, strict=True)
    ]
    told = remarks_on(panes[0].sheet, lines[0], *(pane.sheet for pane in panes))
    below = " · ".join(part for part in (told, remarks) if part)
    said = (shared_occasion(field, where[0]), below)
    figure = composed(panes, shade, sentence_case(head), said, page, group_of(field))
    return [
        Ground(figure, axes, pane.sheet, field.isel(one))
        for axes, pane, one in zip(figure.axes, panes, where, strict=False)
    ]


def on_paper(sheet: Sheet, first: Any, second: Any) -> tuple[Any, Any]:
    """Return where places lie on a sheet; NaN off its map.

    Parameters
    ----------
    sheet : Sheet
    first, second : array
        Latitude and longitude in degrees, or y and x in metres on a plane.
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    if sheet.kind == "disc":
        return disc_place(sheet.pole, second, first)
    if sheet.chart is not None:
        x, y = sheet.chart.paper.forward(second, first)
        west, east, south, north = sheet.chart.frame
        off = (x < west) | (x > east) | (y < south) | (y > north)
        return np.where(off, np.nan, x), np.where(off, np.nan, y)
    if sheet.plane:
        return second / 1e3, first / 1e3
    west = float(sheet.x.edges[0])
    return west + np.mod(second - west, 360.0), first


def split_lines(sheet: Sheet, x: Any, y: Any) -> list[NDArray[np.float64]]:
    """Return a line in pieces, cut where the map is cut or the line leaves it."""
    wide = float(np.nanmax(sheet.corners[0]) - np.nanmin(sheet.corners[0]))
    around = sheet.kind == "map" or (
        sheet.chart is not None and sheet.chart.paper.kind == "world"
    )
    points = np.column_stack([x, y])
    known = np.isfinite(points).all(axis=1)
    breaks = ~(known[1:] & known[:-1])
    far = np.zeros(breaks.shape, dtype=bool)
    if around:
        far = np.abs(np.diff(points[:, 0])) > 0.5 * wide
    pieces, current = [], []
    for k, point in enumerate(points):
        if known[k]:
            current.append(point)
        if k == len(points) - 1 or breaks[k] or far[k]:
            if k < len(points) - 1 and far[k] and known[k] and known[k + 1]:
                turn = 360.0 if points[k + 1, 0] < point[0] else -360.0
                current.append(points[k + 1] + [turn, 0.0])
                pieces.append(np.array(current))
                current = [point - [turn, 0.0]]
                continue
            if len(current) > 1:
                pieces.append(np.array(current))
            current = []
    return pieces


def numbers_of(column: xr.DataArray, shown: xr.DataArray) -> NDArray[np.float64]:
    """Return the numbers of a column in the unit that a field is shown in."""
    from xnabla import labels

    room: Any = labels
    plain = room.dequantify(column)
    values = np.asarray(plain.values, dtype=np.float64)
    own = understood(str(plain.attrs.get("units", "")))
    if own == "Pa" and understood(str(shown.attrs.get("units", ""))) == "hPa":
        values = values / 100.0
    return values


def chosen(points: xr.Dataset, field: xr.DataArray, dim: str = "point") -> xr.Dataset:
    """Return the rows of a table that belong to a field: its time, its level."""
    kept = np.ones(points.sizes.get(dim, 0), dtype=bool)
    for name, coordinate in field.squeeze().coords.items():
        for own in (str(name), f"centre_{name}"):
            if coordinate.ndim == 0 and own in points and points[own].dims == (dim,):
                kept &= points[own].values == coordinate.values[()]
    return points.isel({dim: np.flatnonzero(kept)})
