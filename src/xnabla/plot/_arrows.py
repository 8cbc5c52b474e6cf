"""A vector field over a map: arrows, few enough to be read, that point true."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.plot._disc import disc_place
from xnabla.plot._paper import Paper
from xnabla.plot._text import name_of
from xnabla.plot._unit_text import power_of_ten, pretty_units

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from xnabla.plot._sheet import Sheet

__all__ = ["Arrows", "arrows", "runs_along_grid", "without_direction"]

_APART = 0.36  # inches between arrows
_INSIDE = 0.06  # inches from the frame to the nearest
_LENGTH = 0.42  # inches of the arrow in the key
_LONGEST = 1.5  # of these: beyond, an arrow is cut to this length
# Arrows that are the subject are dark; those that only help to understand one are pale.
_DARK, _PALE = ("#10222f", 0.016), ("0.35", 0.011)  # colour, and inches

_ALONG_GRID = re.compile(r"along[- ][xy]\b|\bgrid[- ]relative\b|\b[xy][- ](wind|comp)")


@dataclass(frozen=True, eq=False)
class Arrows:
    """Where arrows stand, and what they show.

    Attributes
    ----------
    sheet : Sheet
        Where their grid lies.
    u, v : ndarray
        The components at the points of the sheet.
    along_grid : bool
        Whether these are along the grid, not eastward and northward.
    units, name : str
        What the arrows are, for people.
    pale : bool
        Whether they only help to understand what is under them.
    example : float
        The value of the arrow that is shown as an example; 0 for a round one.
    keyed : bool
        Whether it is shown: once among panels.
    """

    sheet: Sheet
    u: NDArray[np.float64]
    v: NDArray[np.float64]
    along_grid: bool
    units: str
    name: str
    pale: bool = False
    example: float = 0.0
    keyed: bool = True

    def words(self) -> str:
        """Say what the arrows are; nothing where there are none."""
        return f"arrows: {self.name}" if self.reference > 0 else ""

    @property
    def reference(self) -> float:
        """The round value whose arrow is shown as an example."""
        if self.example:
            return self.example
        size = np.hypot(self.u, self.v)
        size = size[np.isfinite(size)]
        if size.size == 0 or size.max() == 0:
            return 0.0
        high = float(np.percentile(size, 95)) or float(size.max())
        ten = 10.0 ** np.floor(np.log10(high))
        return float(ten * max(k for k in (1, 2, 5) if k * ten <= high * (1 + 1e-9)))

    def draw(self, axes: Axes) -> None:
        """Draw them, with one of known length in a corner."""
        reference = self.reference
        if reference == 0:
            return
        x, y = self.sheet.places
        kept = self._thinned(axes, x, y)
        (east_x, east_y), (north_x, north_y) = (
            (part[0][kept], part[1][kept]) for part in self._directions()
        )
        u, v = self.u[kept], self.v[kept]
        across, up = u * east_x + v * north_x, u * east_y + v * north_y
        size = np.hypot(u, v)
        length = _LENGTH * np.minimum(size / reference, _LONGEST)
        turned = np.where(np.hypot(across, up) > 0, np.arctan2(up, across), 0.0)
        colour, width = _PALE if self.pale else _DARK
        drawn = axes.quiver(
            x[kept],
            y[kept],
            length * np.cos(turned),
            length * np.sin(turned),
            angles=np.rad2deg(turned),
            units="inches",
            scale_units="inches",
            scale=1.0,
            headwidth=4.2,
            headlength=4.6,
            headaxislength=4.0,
            minlength=0.6,
            pivot="middle",
            zorder=4,
            color=colour,
            width=width,
        )
        drawn.set_path_effects(_rim())
        if self.keyed:
            self._key(axes, drawn, reference)

    def _key(self, axes: Axes, drawn: Any, reference: float) -> None:
        """Show the arrow of a round value in the lower right corner."""
        text = f"{_readable(reference)} {pretty_units(self.units)}".strip()
        box = axes.get_window_extent().transformed(
            axes.figure.dpi_scale_trans.inverted()
        )
        wide = (_LENGTH + 0.085 * len(text) + 0.25) / box.width
        high = 0.24 / box.height
        from matplotlib.patches import Rectangle

        ground = Rectangle((1 - wide, 0), wide, high, transform=axes.transAxes)
        ground.set(facecolor=(1, 1, 1, 0.85), edgecolor="0.6", linewidth=0.5, zorder=5)
        ground.set_clip_on(False)
        axes.add_patch(ground)
        key = axes.quiverkey(
            drawn,
            1 - (_LENGTH + 0.08) / box.width,
            0.5 * high,
            _LENGTH,
            text,
            labelpos="W",
            labelsep=0.06,
            fontproperties={"size": 8},
        )
        key.set_zorder(6)

    def _directions(self) -> tuple[Any, Any]:
        """Return unit vectors on paper of the directions of the two components."""
        x, y = self.sheet.places
        if self.sheet.chart is not None:
            if self.along_grid:
                return _along(x, y, 1), _along(x, y, 0)
            lon, lat = map(self.sheet.at_points, self.sheet.chart.lonlat)
            return self.sheet.chart.paper.directions(lon, lat)
        if self.sheet.kind == "disc":
            lon, lat = np.meshgrid(self.sheet.x.places, self.sheet.y.places)
            pole = self.sheet.pole
            paper = Paper("disc", lambda a, b: disc_place(pole, a, b))
            return paper.directions(lon, lat)
        one, none = np.ones_like(x), np.zeros_like(x)
        return (one, none), (none, one)

    def _thinned(
        self, axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Return which points get an arrow: inside the frame, and none too close."""
        points = np.column_stack([np.ravel(x), np.ravel(y)])
        known = np.isfinite(points).all(axis=1)
        screen = np.full(points.shape, np.nan)
        axes.apply_aspect()
        screen[known] = axes.transData.transform(points[known]) / axes.figure.dpi
        across, up = (screen[:, k].reshape(x.shape) for k in (0, 1))
        kept = np.zeros(x.shape, dtype=bool)
        down, right = (_stride(across, up, axis) for axis in (0, 1))
        kept[down // 2 :: down, right // 2 :: right] = True
        box = axes.get_window_extent().transformed(
            axes.figure.dpi_scale_trans.inverted()
        )
        box = box.padded(-_INSIDE)
        kept &= (across > box.x0) & (across < box.x1) & (up > box.y0) & (up < box.y1)
        kept &= np.isfinite(self.u) & np.isfinite(self.v)
        return _uncrowded(kept, across, up)


def arrows(
    sheet: Sheet,
    components: tuple[xr.DataArray, xr.DataArray],
    name: str = "",
    *,
    pale: bool = False,
) -> Arrows | None:
    """Return the arrows of two plain components; None where no map is drawn.

    Parameters
    ----------
    sheet : Sheet
        Of a field on the same grid.
    components : pair of DataArray
        Eastward and northward, or along x and along y.
    name : str, optional
        What they are; by default what the first is called, without its direction.
    pale : bool, optional
        Whether they only help to understand what is under them.
    """
    if sheet.kind not in {"map", "disc", "chart"} and not sheet.plane:
        return None
    first, second = components
    if set(first.dims) != set(sheet.field.dims) or first.shape != second.shape:
        return None
    if any(first.sizes[dim] != sheet.field.sizes[dim] for dim in first.dims):
        return None
    return Arrows(
        sheet,
        sheet.on_grid(first),
        sheet.on_grid(second),
        runs_along_grid(first),
        str(first.attrs.get("units", "")),
        name or without_direction(name_of(first)),
        pale,
    )


def runs_along_grid(component: xr.DataArray) -> bool:
    """Tell whether a component says it is along the lines of its grid."""
    attrs = component.attrs
    if re.search(r"(^|_)[xy](_|$)", str(attrs.get("standard_name", ""))):
        return True
    words = f"{attrs.get('long_name', '')} {attrs.get('description', '')}".lower()
    return bool(_ALONG_GRID.search(words))


def without_direction(name: str) -> str:
    """Return what a vector is called from what its first component is called.

    Examples
    --------
    >>> without_direction("eastward geostrophic wind"), without_direction("x wind")
    ('geostrophic wind', 'wind')
    >>> without_direction("eastward component of the Q-vector")
    'Q-vector'
    """
    words = re.sub(
        r"\b(eastward|zonal|along[- ]x|x|u)[- ]?(component|part)?( of( the)?)?\s*",
        "",
        name,
        count=1,
        flags=re.IGNORECASE,
    )
    return words.strip() or name


def _readable(number: float) -> str:
    """Write a round number, a very small or large one as a power of ten.

    Examples
    --------
    >>> _readable(20.0), _readable(5e-12), _readable(1e-12)
    ('20', '5 × 10⁻¹²', '10⁻¹²')
    """
    power = int(np.floor(np.log10(number) + 1e-9))
    if -3 < power < 5:
        return f"{number:g}"
    first = f"{number / 10.0**power:g}"
    return power_of_ten(power) if first == "1" else f"{first} × {power_of_ten(power)}"


def _along(
    x: NDArray[np.float64], y: NDArray[np.float64], axis: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return unit vectors along one direction of a grid."""
    dx, dy = np.gradient(x, axis=axis), np.gradient(y, axis=axis)
    length = np.hypot(dx, dy)
    length = np.where(length > 0, length, np.nan)
    return dx / length, dy / length


def _stride(across: NDArray[np.float64], up: NDArray[np.float64], axis: int) -> int:
    """Return every how many points along an axis an arrow has room."""
    steps = np.hypot(np.diff(across, axis=axis), np.diff(up, axis=axis))
    steps = steps[np.isfinite(steps) & (steps > 0)]
    if steps.size == 0:
        return 1
    return max(1, int(np.ceil(_APART / float(np.median(steps)) - 0.15)))


def _uncrowded(
    kept: NDArray[np.bool_], across: NDArray[np.float64], up: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Leave one arrow of those that stand together, as meridians do at a pole."""
    index = np.flatnonzero(kept)
    cell = 0.7 * _APART
    tiles = np.column_stack(
        [np.floor(part.ravel()[index] / cell) for part in (across, up)]
    )
    _, first = np.unique(tiles, axis=0, return_index=True)
    left = np.zeros(kept.size, dtype=bool)
    left[index[first]] = True
    return left.reshape(kept.shape)


def _rim() -> list[Any]:
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=1.4, foreground=(1, 1, 1, 0.55))]
