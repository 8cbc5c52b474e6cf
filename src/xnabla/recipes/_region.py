"""Cut a region out of a grid: across the seam too, and out of any kind of map."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import OptionError, explain
from xnabla.grid import Grid
from xnabla.recipes._select import Selection, places
from xnabla.recipes._values import DEGREES

_EXAMPLE = "--region 35:70,-15:45"
# Of a step of the grid: how far outside a point may be, for its rounding.
_SLACK = 1e-3


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the globe between two latitudes and two longitudes, in degrees.

    Attributes
    ----------
    south, north : float
    west, east : float
        East is not less than west: a region goes eastwards from where it begins.

    Examples
    --------
    >>> Region.of("35:70,-15:45")
    Region(south=35.0, north=70.0, west=-15.0, east=45.0)
    >>> Region.of("30S:30N,170E:120W").east
    240.0
    """

    south: float
    north: float
    west: float
    east: float

    @classmethod
    def of(cls, text: str) -> Region:
        """Return the region that is written ``SOUTH:NORTH,WEST:EAST``.

        Raises
        ------
        OptionError
            If it is none.
        """
        parts = text.split(",")
        ends = [_ends(part) for part in parts]
        if len(parts) != 2 or any(end is None for end in ends):
            raise OptionError(
                explain(
                    f"{text!r} is no region",
                    expected="SOUTH:NORTH,WEST:EAST in degrees, such as 35:70,-15:45 "
                    "or 35N:70N,15W:45E",
                    hint=_EXAMPLE,
                )
            )
        first, second = (end for end in ends if end is not None)
        if first[1] == "longitude" or second[1] == "latitude":
            first, second = second, first
        (south, north), (west, east) = first[0], second[0]
        if first[1] == "longitude" or not -90 <= south <= north <= 90:
            raise OptionError(
                explain(
                    f"{text!r} is no region: latitudes go from south to north",
                    expected="two latitudes between -90 and 90, the southern one first",
                    hint=f"--region {min(south, north):g}:{max(south, north):g},"
                    f"{west:g}:{east:g}"
                    if max(abs(south), abs(north)) <= 90
                    else _EXAMPLE,
                )
            )
        while east < west:
            east += 360.0
        return cls(south, north, west, east)


def _ends(text: str) -> tuple[tuple[float, float], str] | None:
    """Return both ends of a part of a region, and what its letters say they are."""
    matched = re.fullmatch(f"{DEGREES}:{DEGREES}", text)
    if matched is None:
        return None
    letters = (matched[2] + matched[4]).upper()
    kinds = {"latitude" if letter in "NS" else "longitude" for letter in letters}
    if len(kinds) > 1:
        return None
    low, high = (
        -float(number) if letter.upper() in ("S", "W") and letter else float(number)
        for number, letter in ((matched[1], matched[2]), (matched[3], matched[4]))
    )
    return (low, high), next(iter(kinds), "")


def has_region(grid: Grid) -> bool:
    """Tell whether a region can be asked of a grid."""
    roles = {*grid.roles.values()}
    return bool(grid.surface or roles & {"latitude", "longitude"})


def region_dims(grid: Grid) -> tuple[str, ...]:
    """Return the dimensions a region is cut out along."""
    if grid.surface is not None:
        return tuple(grid.surface.dims)
    return tuple(
        dim for dim in grid.dims if grid.roles.get(dim) in ("latitude", "longitude")
    )


def region_selections(
    field: xr.DataArray, grid: Grid, region: Region
) -> list[Selection]:
    """Return where a region lies.

    On latitudes and longitudes these are the points inside, in the order of the file
    but for the seam: across it longitudes go on, from ``WEST`` as it was written. Other
    grids are cut to the smallest box of rows and columns that holds all points inside.

    Raises
    ------
    OptionError, GridError
        If no point is inside, or if the grid has no latitudes and longitudes.
    """
    if grid.surface is not None:
        return _box(field, grid, region)
    found = []
    for dim in region_dims(grid):
        role = grid.roles[dim]
        cut = _latitudes if role == "latitude" else longitudes
        found.append(cut(field, grid, dim, region))
    if found:
        return [one for one in found if one is not None]
    if grid.refusal is not None:
        raise grid.refusal
    raise OptionError(
        explain(
            f"Variable {str(field.name)!r} has no latitudes and longitudes to cut a "
            "region from",
            expected="no --region",
            got="dimensions " + (", ".join(map(str, field.dims)) or "none"),
        )
    )


def _latitudes(
    field: xr.DataArray, grid: Grid, dim: str, region: Region
) -> Selection | None:
    degrees = np.rad2deg(grid.axis(dim).line.points)
    slack = _slack(degrees)
    inside = (degrees >= region.south - slack) & (degrees <= region.north + slack)
    if inside.all():
        return None
    if not inside.any():
        raise _nothing(field, degrees, "latitude", region.south, region.north)
    return places(dim, [int(n) for n in np.flatnonzero(inside)])


def longitudes(
    field: xr.DataArray, grid: Grid, dim: str, region: Region
) -> Selection | None:
    """Return where the longitudes of a region lie; ``None`` for all of them."""
    axis = grid.axis(dim)
    degrees = np.rad2deg(axis.line.points)
    slack = _slack(degrees)
    if region.east - region.west >= 360.0 - slack:
        return None
    # eastwards from the western end, 0 to 360
    east = (degrees - region.west + slack) % 360.0 - slack
    inside = [int(n) for n in np.flatnonzero(east <= region.east - region.west + slack)]
    if not inside:
        raise _nothing(field, degrees, "longitude", region.west, region.east)
    rising = degrees.size < 2 or degrees[-1] >= degrees[0]
    inside.sort(key=lambda n: (round(float(east[n]) / slack), n))
    # a column that is there twice, at 0 and at 360
    inside = [
        n
        for k, n in enumerate(inside)
        if k == 0 or east[n] - east[inside[k - 1]] > slack
    ]
    inside = inside if rising else inside[::-1]
    chosen = places(dim, inside)
    raw = np.asarray(field[axis.coordinate].values)[inside]
    steps = np.diff(raw)
    if (steps > 0).all() or (steps < 0).all():
        return chosen
    turn = 2 * np.pi if "rad" in str(field[axis.coordinate].attrs.get("units")) else 360
    turns = np.round((region.west + east[inside]) / 360.0 - raw.astype(float) / turn)
    turned = (raw + (turns * turn).astype(raw.dtype)).astype(raw.dtype)
    return Selection(dim, chosen.index, ((axis.coordinate, turned),))


def _box(field: xr.DataArray, grid: Grid, region: Region) -> list[Selection]:
    """Return the rows and columns between the outermost points inside."""
    surface: Any = grid.surface
    latitude, longitude = (np.rad2deg(one) for one in surface.places)
    with np.errstate(invalid="ignore"):
        inside = (latitude >= region.south) & (latitude <= region.north)
        around = (longitude - region.west) % 360.0 <= region.east - region.west
        inside &= around | (region.east - region.west >= 360.0)
    if not inside.any():
        raise _nothing(field, latitude, "latitude", region.south, region.north)
    found = []
    for axis, dim in enumerate(surface.dims):
        along = np.flatnonzero(inside.any(axis=1 - axis))
        found.append(Selection(dim, slice(int(along[0]), int(along[-1]) + 1)))
    return found


def _slack(degrees: Any) -> float:
    """Return how far outside a point may lie for the rounding of its coordinate."""
    steps = np.abs(np.diff(degrees))
    return _SLACK * float(np.median(steps)) if steps.size else 1e-6


def _nothing(
    field: xr.DataArray, degrees: Any, what: str, low: float, high: float
) -> OptionError:
    return OptionError(
        explain(
            f"No {what} of {str(field.name)!r} lies in {low:g} to {high:g}",
            expected=f"some between {np.nanmin(degrees):g} and {np.nanmax(degrees):g}",
        )
    )
