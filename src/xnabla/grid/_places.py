"""Two-dimensional latitude and longitude: found, read, and seen through if possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.errors import GridError, explain
from xnabla.grid._axis import Found, degrees_of, found
from xnabla.grid._criteria import role_of
from xnabla.units import is_quantity, split_quantity

Floats = NDArray[np.float64]

# Columns of latitude that differ by less than this part of a step are one: rounding of
# single precision, and of whoever computed them.
_SAME = 1e-3

# Places nearer than this part of a step are the same in two pairs of coordinates.
_ROUNDED = 1e-2

# Units in the last place by which places in single precision are off: models compute
# them in single precision too (WRF's XLAT and XLONG: up to two).
_ULPS = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Latitude and longitude along the same two dimensions.

    Attributes
    ----------
    latitude, longitude : Found
        The coordinates.
    dims : pair of str
        The dimensions y and x.
    field : DataArray
        The field they belong to.
    """

    latitude: Found
    longitude: Found
    dims: tuple[str, str]
    field: xr.DataArray

    @property
    def names(self) -> tuple[str, str]:
        """The names of the two coordinates."""
        return self.latitude.name, self.longitude.name

    @property
    def rounding_rad(self) -> float:
        """How far off a place may be in radians; 0 unless in single precision."""
        lat, lon = self.degrees()
        single = [part.astype(np.float32) for part in (lat, lon)]
        if not all(
            np.array_equal(a, b, equal_nan=True)
            for a, b in zip((lat, lon), single, strict=True)
        ):
            return 0.0
        largest = [np.nanmax(np.abs(part), initial=0.0) for part in single]
        off = [_ULPS * np.spacing(one) for one in largest]
        return float(np.deg2rad(np.hypot(*off)))

    def radians(self) -> tuple[Floats, Floats]:
        """Return latitude and longitude in radians, (ny, nx)."""
        lat, lon = self.degrees()
        return np.deg2rad(lat), np.deg2rad(lon)

    def degrees(self) -> tuple[Floats, Floats]:
        """Return latitude and longitude in degrees, (ny, nx).

        Raises
        ------
        GridError
            If they move along a third dimension, or leave the globe.
        UnitsError
            If they are not in degrees.
        """
        lat, lon = (self._values(c) for c in (self.latitude, self.longitude))
        beyond = np.abs(lat) > 90.0 + 1e-4
        if beyond.any():
            y, x = (int(i[0]) for i in np.nonzero(beyond))
            raise GridError(
                explain(
                    f"Latitude {self.latitude.name!r} leaves the globe at index "
                    f"({y}, {x})",
                    expected="-90 to 90 degrees, and NaN where there is none",
                    got=f"{lat[y, x]:.6g}",
                    hint=f"field.assign_coords({self.latitude.name}="
                    f"field[{self.latitude.name!r}].where("
                    f"abs(field[{self.latitude.name!r}]) <= 90))",
                )
            )
        none = (np.abs(lon) >= 1e4) | _repeated(lat, lon)
        return (
            np.where(none, np.nan, np.clip(lat, -90.0, 90.0)),
            np.where(none, np.nan, lon),
        )

    def _values(self, found: Found) -> Floats:
        coordinate = self.field.coords[found.name]
        moving = [str(dim) for dim in coordinate.dims if dim not in self.dims]
        ordered = coordinate.transpose(*moving, *self.dims)
        values = ordered.data
        if is_quantity(values):
            values = split_quantity(values)[0]
        values = np.asarray(values)
        if values.dtype.kind not in "iuf":
            raise GridError(
                explain(
                    f"Coordinate {found.name!r} holds no numbers",
                    expected="degrees",
                    got=f"dtype {values.dtype}",
                )
            )
        flat = values.reshape(-1, *values.shape[-2:])
        first = flat[0]
        if not all(np.array_equal(first, one, equal_nan=True) for one in flat[1:]):
            raise GridError(
                explain(
                    f"Coordinate {found.name!r} moves along {moving[0]!r}",
                    expected="places that stay",
                    hint=f"field.isel({moving[0]}=0), one at a time",
                )
            )
        return degrees_of(found, first)[0]


def _repeated(lat: Floats, lon: Floats) -> NDArray[np.bool_]:
    """Tell places that neighbours along both dimensions repeat: they are none.

    Models that leave out processors on land write zeros there. A pole repeats along
    one dimension only.
    """
    along = []
    for axis in (0, 1):
        steps = (np.diff(lat, axis=axis) == 0.0) & (np.diff(lon, axis=axis) == 0.0)
        ends = [(1, 0) if i == axis else (0, 0) for i in (0, 1)]
        along.append(np.pad(steps, ends) | np.pad(steps, [e[::-1] for e in ends]))
    return np.asarray(along[0] & along[1])


def pair_of(field: xr.DataArray, coordinates: Mapping[str, Found]) -> Pair | None:
    """Return the two-dimensional latitude and longitude of a field, if it has them.

    Those that its attribute ``coordinates`` names, where it names any: the velocities
    and the temperatures of POP lie on the same dimensions, but not at the same places.

    Raises
    ------
    GridError
        If there are several, and nothing tells which are the field's.
    """
    pairs = _pairs(field, coordinates)
    best = _has_standard_name(pairs[0].latitude, "latitude") if pairs else False
    rivals = [
        pair
        for pair in pairs[1:]
        if _has_standard_name(pair.latitude, "latitude") == best
    ]
    for other in rivals:
        if set(other.dims) == set(pairs[0].dims) and not _same(pairs[0], other):
            raise _ambiguous(pairs[0], other)
    return pairs[0] if pairs else None


def places_named(field: xr.DataArray) -> tuple[str, str] | None:
    """Return the names of the two-dimensional latitude and longitude of a field.

    ``None`` if it has none, or if it does not say which.
    """
    flat = {
        str(name): found(str(name), coordinate)
        for name, coordinate in field.coords.items()
        if coordinate.ndim >= 2
    }
    try:
        pair = pair_of(field, flat)
    except GridError:
        return None
    return None if pair is None else pair.names


def other_places(field: xr.DataArray) -> list[str]:
    """Return the names of latitudes and longitudes that are of other variables.

    xarray hands a variable all coordinates on its dimensions, those too that its
    attribute ``coordinates`` does not name.
    """
    words = _told(field)
    if not words:
        return []
    dims = {
        str(name): set(coordinate.dims)
        for name, coordinate in field.coords.variables.items()
        if coordinate.ndim >= 2
        and role_of(str(name), coordinate.attrs, coordinate.dtype)
        in {"latitude", "longitude"}
    }
    own = [dims[name] for name in dims if name in words]
    return [name for name in dims if name not in words and dims[name] in own]


def names_its_own(pair: Pair) -> bool:
    """Tell whether the field names these latitudes and longitudes as its own."""
    return set(pair.names) <= _told(pair.field)


def _told(field: xr.DataArray) -> set[str]:
    """Return the coordinates that a field names as its own."""
    told = field.attrs.get("coordinates", field.encoding.get("coordinates"))
    return set(str(told or "").split())


def _pairs(field: xr.DataArray, coordinates: Mapping[str, Found]) -> list[Pair]:
    """Return all pairs of latitude and longitude, those with true names first."""
    words = _told(field)
    found_for: dict[str, list[Found]] = {}
    for role in ("latitude", "longitude"):
        candidates = [
            c
            for c in coordinates.values()
            if c.role == role and len(c.dims) >= 2 and set(c.dims) <= set(field.dims)
        ]
        named = [c for c in candidates if c.name in words]
        found_for[role] = _best_first(named or candidates, role)
    pairs = []
    for latitude in found_for["latitude"]:
        partners = [
            c for c in found_for["longitude"] if set(c.dims) == set(latitude.dims)
        ]
        if partners:
            like = [c for c in partners if _stem(c.name) == _stem(latitude.name)]
            dims = _horizontal(latitude, field)
            pairs.append(Pair(latitude, (like or partners)[0], dims, field))
    return pairs


def _same(one: Pair, other: Pair) -> bool:
    """Tell whether two pairs are the same places but for rounding."""
    (lat, lon), (lat_2, lon_2) = one.degrees(), other.degrees()
    if one.dims != other.dims:
        lat_2, lon_2 = lat_2.T, lon_2.T
    turned = np.abs((lon - lon_2 + 180.0) % 360.0 - 180.0)
    apart = np.fmax(np.abs(lat - lat_2), turned * np.cos(np.deg2rad(lat)))
    steps = [np.abs(np.diff(lat, axis=axis)) for axis in (0, 1)]
    step = max((float(np.nanmedian(s)) for s in steps if s.size), default=0.0)
    return bool(np.nanmax(apart, initial=0.0) <= _ROUNDED * step)


def _ambiguous(one: Pair, other: Pair) -> GridError:
    drop = ", ".join(map(repr, other.names))
    return GridError(
        explain(
            "The field has two different pairs of latitude and longitude, and does not "
            "say which are its own",
            expected="an attribute coordinates that names them, as in the file: "
            f"field.attrs['coordinates'] = {' '.join(one.names[::-1])!r}",
            got=" and ".join(", ".join(map(repr, pair.names)) for pair in (one, other)),
            hint=f"field.drop_vars([{drop}])",
        )
    )


def _has_standard_name(found: Found, role: str) -> bool:
    return str(found.attributes.get("standard_name", "")).strip() == role


def _best_first(candidates: list[Found], role: str) -> list[Found]:
    """Return coordinates with a true standard name before those that have none."""
    return sorted(
        candidates,
        key=lambda c: not _has_standard_name(c, role),
    )


def _stem(name: str) -> str:
    """Return a name without what tells latitude from longitude: lat_rho, lon_rho."""
    return name.lower().replace("long", "lon").replace("lon", "l").replace("lat", "l")


def _horizontal(latitude: Found, field: xr.DataArray) -> tuple[str, str]:
    """Return which of its dimensions are y and x; the last two, unless names tell."""
    y, x = latitude.dims[-2:]
    roles = [role_of(dim, {}, np.dtype(float)) for dim in (y, x)]
    if roles == ["x", "y"]:
        return x, y
    if roles != ["y", "x"]:  # then as the field has them: the last runs along x
        y, x = sorted((y, x), key=field.dims.index)
    return y, x


def straight(pair: Pair) -> tuple[tuple[str, Found], tuple[str, Found]] | None:
    """Return latitude and longitude along one dimension each, if they truly are so.

    Files of regular grids and of Mercator maps often write them out in two dimensions;
    along one, poles and seam are known.
    """
    lat, lon = pair.degrees()
    if min(lat.shape) < 2 or not (np.isfinite(lat).all() and np.isfinite(lon).all()):
        return None
    for lat_axis in (0, 1):
        phi, lam = (lat, lon) if lat_axis == 0 else (lat.T, lon.T)
        turned = (lam - lam[:1] + 180.0) % 360.0 - 180.0
        if _spread(phi - phi[:, :1], np.diff(phi[:, 0])) and _spread(
            turned, (np.diff(lam[0]) + 180.0) % 360.0 - 180.0
        ):
            dims = pair.dims if lat_axis == 0 else pair.dims[::-1]
            return (
                (dims[0], _along(pair.latitude, dims[0], phi[:, 0])),
                (dims[1], _along(pair.longitude, dims[1], lam[0])),
            )
    return None


def _spread(differences: Floats, steps: Floats) -> bool:
    """Tell whether lines that should be equal are, beside the steps across them."""
    smallest = float(np.abs(steps).min())
    return bool(np.abs(differences).max() <= _SAME * smallest)


def _along(found: Found, dim: str, degrees: Floats) -> Found:
    attributes: dict[str, Any] = {**found.attributes, "units": "degrees"}
    # as single precision if it was: its jitter is then known for what it is
    single = degrees.astype(np.float32)
    values: NDArray[Any] = single if np.array_equal(single, degrees) else degrees
    return replace(
        found, dims=(dim,), values=values, attributes=attributes, units="degrees"
    )
