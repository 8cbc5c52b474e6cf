"""Streamlines: curves that a flow is tangent to, on any map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import OptionError, explain
from xnabla.plot._arrows import Arrows
from xnabla.plot._disc import disc_place
from xnabla.plot._layout import Page
from xnabla.plot._paper import Paper, positions
from xnabla.plot._shade import Look
from xnabla.plot._text import sentence_case
from xnabla.plot._vector import both_of, on_lengths, panes_with
from xnabla.plot._words import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xnabla.plot._paper import Points

__all__ = ["streamlines"]

# Points of the raster along the longer side of a map; of the grid, at most.
_RASTER, _MOST = 160, 40_000
# Lines on an inch of paper, to a factor: matplotlib's density is 30 on a panel.
_PER_INCH = 0.2


def streamlines(
    u: xr.DataArray | Iterable[xr.DataArray],
    v: xr.DataArray | None = None,
    *,
    contours_of: xr.DataArray | None = None,
    density: float = 1.0,
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
    r"""Draw a vector as streamlines on its length in colour.

    The lines have the direction of the flow over the ground: on a map of longitude and
    latitude they follow :math:`(u/\cos\varphi, v)`.

    Parameters
    ----------
    u, v : DataArray
        Eastward and northward, or along x and along y. Or both as ``u``: what an
        operator returned, or a pair.
    contours_of : DataArray, optional
        A field drawn over them as thin labelled lines.
    density : float, optional
        How close the lines are; 2 is twice as close as usual.
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
        If there are not two components on a map, in one unit, or more than 12 panels
        would be needed.
    """
    if not density > 0:
        raise OptionError(
            explain(f"density={density!r} is none", expected="a number above zero")
        )
    both = both_of(u, v, contours_of)
    first, second, what, _ = both
    page, look = Page(ax, figsize, projection), Look(cmap, levels, vmin, vmax)
    made = panes_with(first, second, what, page, crs) if first.ndim > 1 else None
    if made is None:
        raise OptionError(
            explain(
                "There is no map for streamlines",
                expected="latitude and longitude, or x and y",
                got=", ".join(map(str, first.dims)),
                hint="plot.panels([u, v])",
            )
        )
    drawn = [
        replace(pane, flow=Streams(pane.flow, density))
        for pane in made
        if isinstance(pane.flow, Arrows)
    ]
    words = sentence_case(what if title is None else printable(title))
    return on_lengths(both, drawn, words, "lines: streamlines", look, page, crs)


@dataclass(frozen=True, eq=False)
class Streams:
    """The streamlines of a flow.

    Attributes
    ----------
    flow : Arrows
        Where it is known, and how it is directed.
    density : float
    """

    flow: Arrows
    density: float

    def draw(self, axes: Axes) -> None:
        """Draw them into a panel."""
        from matplotlib.patheffects import withStroke

        ends = axes.get_xlim(), axes.get_ylim()
        made = self._raster(ends)
        if made is None:
            return
        x, y, across, up = made
        axes.apply_aspect()
        box = axes.get_window_extent()
        dpi = axes.figure.dpi
        many = np.array([box.width, box.height]) / dpi * _PER_INCH * self.density
        lines = axes.streamplot(
            x,
            y,
            across,
            up,
            density=tuple(np.maximum(many, 0.1)),
            color="#10222f",
            linewidth=0.7,
            arrowsize=0.8,
            zorder=4,
        )
        lines.lines.set_path_effects(
            [withStroke(linewidth=1.8, foreground=(1, 1, 1, 0.6))]
        )
        axes.set(xlim=ends[0], ylim=ends[1])

    def _raster(self, ends: Any) -> tuple[NDArray[np.float64], ...] | None:
        """Return the flow on evenly spaced points of the paper, NaN off the grid."""
        (left, right), (bottom, top) = (sorted(pair) for pair in ends)
        wide, high = right - left, top - bottom
        longer = max(wide, high)
        x = np.linspace(left, right, max(8, int(_RASTER * wide / longer)))
        y = np.linspace(bottom, top, max(8, int(_RASTER * high / longer)))
        across, up = self._on_paper()
        values = np.stack([across, up], axis=-1)
        if not np.isfinite(values).all(axis=-1).any():
            return None
        sheet = self.flow.sheet
        if sheet.chart is None and sheet.kind != "disc":
            return x, y, *_even(sheet.x.places, sheet.y.places, values, x, y)
        return x, y, *_scattered(sheet.places, values, x, y)

    def _on_paper(self) -> Points:
        """Return the flow in units of paper per unit of ground."""
        sheet, u, v = self.flow.sheet, self.flow.u, self.flow.v
        if sheet.chart is not None and self.flow.along_grid:
            east, north = (_along(sheet, axis) for axis in (1, 0))
        elif sheet.chart is not None:
            lon, lat = map(sheet.at_points, sheet.chart.lonlat)
            east, north = sheet.chart.paper.stretches(lon, lat)
        elif sheet.kind == "disc":
            lon, lat = np.meshgrid(sheet.x.places, sheet.y.places)
            pole = sheet.pole
            paper = Paper("disc", lambda a, b: disc_place(pole, a, b))
            east, north = paper.stretches(lon, lat)
        elif sheet.kind == "map":
            lat = np.broadcast_to(sheet.y.places[:, None], u.shape)
            east, north = Paper("world", lambda a, b: (a, b)).stretches(lat, lat)
        else:
            one, none = np.ones_like(u), np.zeros_like(u)
            east, north = (one, none), (none, one)
        return u * east[0] + v * north[0], u * east[1] + v * north[1]


def _along(sheet: Any, axis: int) -> Points:
    """Return paper per ground along one direction of a grid."""
    x, y = sheet.places
    place = positions(*map(sheet.at_points, sheet.chart.lonlat))
    ground = np.linalg.norm(np.gradient(place, axis=axis + 1), axis=0)
    ground = np.where(ground > 0, ground, np.nan)
    return np.gradient(x, axis=axis) / ground, np.gradient(y, axis=axis) / ground


def _even(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    values: NDArray[np.float64],
    to_x: NDArray[np.float64],
    to_y: NDArray[np.float64],
) -> Points:
    """Return values of rows and columns on others, the outer rows held to the edge."""
    from scipy.interpolate import RegularGridInterpolator

    read = RegularGridInterpolator((y, x), values)
    up, across = np.meshgrid(
        np.clip(to_y, y[0], y[-1]), np.clip(to_x, x[0], x[-1]), indexing="ij"
    )
    found = read(np.stack([up, across], axis=-1))
    return found[..., 0], found[..., 1]


def _scattered(
    places: Points,
    values: NDArray[np.float64],
    to_x: NDArray[np.float64],
    to_y: NDArray[np.float64],
) -> Points:
    """Return values of places anywhere on a raster, none far from them all."""
    from scipy.interpolate import LinearNDInterpolator
    from scipy.spatial import KDTree

    every = max(1, int(np.ceil((places[0].size / _MOST) ** 0.5)))
    x, y = (part[::every, ::every] for part in places)
    values = values[::every, ::every]
    known = np.isfinite(x) & np.isfinite(y)
    points = np.column_stack([x[known], y[known]])
    mesh = np.stack(np.meshgrid(to_x, to_y), axis=-1)
    found = LinearNDInterpolator(points, values[known])(mesh)
    step = np.hypot(np.diff(x, axis=1), np.diff(y, axis=1))
    apart = KDTree(points).query(mesh)[0]
    far = apart > 1.5 * max(float(np.nanpercentile(step, 95)), _step(to_x))
    return np.where(far, np.nan, found[..., 0]), np.where(far, np.nan, found[..., 1])


def _step(points: NDArray[np.float64]) -> float:
    return float(points[1] - points[0])
