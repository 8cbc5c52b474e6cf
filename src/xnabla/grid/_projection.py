"""Map projections: from a grid mapping or a user's CRS to places on the globe."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.errors import GridError, OptionError, explain
from xnabla.grid._axis import Axis, Found, length_factor
from xnabla.grid._dialects import check_whole
from xnabla.grid._earth import DEFAULT_RADIUS_M
from xnabla.grid._mapping import UnreadableError, crs_of
from xnabla.grid._points import evened
from xnabla.numerics import Line

Floats = NDArray[np.float64]

# Attributes of a grid mapping that tell the figure of the Earth; without any, pyproj
# takes WGS84, and we the sphere that the models which make such files use.
_FIGURES = (
    "earth_radius",
    "semi_major_axis",
    "reference_ellipsoid_name",
    "ellipsoid",
    "horizontal_datum_name",
)
_ROTATED = "rotated_latitude_longitude"
_ASSUMED = "the Earth is a sphere of radius 6371229 m"


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """A map projection or a rotated pole, ready to be undone.

    Attributes
    ----------
    name : str
        What CF or PROJ calls it.
    crs : pyproj.CRS
        The reference system.
    is_rotated : bool
        Whether its coordinates are degrees on a rotated globe.
    to_native : float
        Units of the reference system in one metre, or in one radian if rotated.
    assumed : str
        What the file does not say of the Earth.
    """

    name: str
    crs: Any
    is_rotated: bool
    to_native: float
    assumed: str = ""

    @property
    def height_m(self) -> float | None:
        """Height of the satellite whose scan angles are the coordinates, if any."""
        value = _in_cf(self.crs).get("perspective_point_height")
        return None if value is None else float(value)

    def places(self, lines: tuple[Line, Line]) -> Callable[[], tuple[Floats, Floats]]:
        """Return what computes latitude and longitude in radians of a grid's points."""

        def load() -> tuple[Floats, Floats]:
            y, x = np.meshgrid(*(line.points for line in lines), indexing="ij")
            lon, lat = _undone(self.crs, x * self.to_native, y * self.to_native)
            off = ~(np.isfinite(lon) & np.isfinite(lat))  # beyond the limb of the disc
            degrees = np.where(off, np.nan, lat), np.where(off, np.nan, lon)
            return np.deg2rad(degrees[0]), np.deg2rad(degrees[1])

        return load


def _undone(crs: Any, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return longitude and latitude in degrees of map coordinates.

    PROJ's transverse Mercator has no inverse on a sphere but for Snyder's closed form,
    which is exact there and has to be asked for.
    """
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    try:
        back = Transformer.from_crs(crs, crs.source_crs, always_xy=True)
        lon, lat = back.transform(x, y)
        if np.isfinite(lon).any() or crs.ellipsoid.inverse_flattening:
            return lon, lat
    except ProjError:
        pass
    try:
        lon, lat = _by_snyder(crs, x, y)
    except ProjError as error:
        raise GridError(
            explain(
                f"The map projection {str(crs.name)!r} cannot be undone: {error}",
                expected="x and y that it can have",
                hint="crs='EPSG:3995', or any text that pyproj reads",
            )
        ) from None
    return lon, lat


def _by_snyder(crs: Any, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return longitude and latitude by PROJ's spherical transverse Mercator.

    Put together from what the operation says, without false easting: a PROJ string, the
    only text that takes +approx, is called a zone of UTM if it looks like one, and then
    refused on a sphere.
    """
    from pyproj import Proj

    operation = crs.coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a PROJ string leaves out
            undone: tuple[Floats, Floats] = Proj(crs)(x, y, inverse=True)
            return undone
    told = {
        one.name: one.value * one.unit_conversion_factor for one in operation.params
    }
    spherical = Proj(
        proj="tmerc",
        approx=True,
        R=crs.ellipsoid.semi_major_metre,
        lat_0=np.rad2deg(told["Latitude of natural origin"]),
        lon_0=np.rad2deg(told["Longitude of natural origin"]),
        k_0=told["Scale factor at natural origin"],
    )
    metres = 1.0 if not crs.axis_info else crs.axis_info[0].unit_conversion_factor
    lon, lat = spherical(
        x * metres - told["False easting"],
        y * metres - told["False northing"],
        inverse=True,
    )
    return lon, lat


def projection_of(mapping: Mapping[str, Any], crs: Any) -> Projection | None:
    """Return the projection that a user or a file names; ``None`` if there is none.

    Raises
    ------
    UnreadableError
        If it cannot be read.
    """
    assumed = ""
    if crs is None:
        name = str(mapping.get("grid_mapping_name", ""))
        text = mapping.get("crs_wkt") or mapping.get("spatial_ref")
        if not text and name in {"", "latitude_longitude"}:
            return None
        crs = _crs_of_mapping(mapping, name, text)
        told = text or any(mapping.get(key) is not None for key in _FIGURES)
        assumed = "" if told else _ASSUMED
    return _projection(crs, assumed)


def _crs_of_mapping(mapping: Mapping[str, Any], name: str, text: Any) -> Any:
    from pyproj.exceptions import CRSError

    try:
        if text:
            return crs_of(str(text))
        check_whole(mapping)
        attributes = {str(key): _plain(value) for key, value in mapping.items()}
        if not any(mapping.get(key) is not None for key in _FIGURES):
            attributes["earth_radius"] = DEFAULT_RADIUS_M
        return _crs_of_cf(tuple(sorted(attributes.items())))
    except (CRSError, OptionError, KeyError, TypeError, ValueError) as error:
        missing = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise UnreadableError(
            explain(
                f"The grid mapping {name or 'in the text'!r} cannot be read: "
                f"{missing[:200]}",
                expected="the attributes CF has for it",
                hint="crs='EPSG:3995', or any text that pyproj reads",
            )
        ) from None


@lru_cache(maxsize=16)
def _crs_of_cf(attributes: tuple[tuple[str, Any], ...]) -> Any:
    """Return the CRS of a grid mapping; half a second with pyproj, so kept."""
    from pyproj import CRS

    return CRS.from_cf(
        {k: list(v) if isinstance(v, tuple) else v for k, v in attributes}
    )


def _plain(value: Any) -> Any:
    """Return a NetCDF attribute as plain numbers, which pyproj wants."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    return tuple(value) if isinstance(value, list) else value


def _projection(crs: Any, assumed: str) -> Projection | None:
    rotated = _is_rotated(crs)
    if not rotated and not crs.is_projected:
        if crs.is_geographic:
            return None
        raise UnreadableError(
            explain(
                f"The reference system {str(crs.name)!r} is no map of the globe",
                expected="a map projection, or latitude and longitude",
                hint="crs='EPSG:3995'",
            )
        )
    axis = crs.axis_info[0] if crs.axis_info else None
    factor = 1.0 if axis is None else float(axis.unit_conversion_factor)
    if rotated:
        return Projection(_ROTATED, crs, True, float(np.rad2deg(1.0)), assumed)
    cf_name = str(_in_cf(crs).get("grid_mapping_name", ""))
    named = cf_name if cf_name not in {"", "unknown"} else str(crs.name)
    return Projection(named, crs, False, 1.0 / factor, assumed)


def _in_cf(crs: Any) -> Mapping[str, Any]:
    """Return a reference system in CF's terms; what CF has no word for is left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that something is left out
        try:
            told: Mapping[str, Any] = crs.to_cf()
        except KeyError:  # pyproj 3.7 wants a false easting that PROJ leaves out
            return {}
    return told


def _is_rotated(crs: Any) -> bool:
    return bool(crs.is_derived and crs.is_geographic)


def in_metres(projection: Projection, chosen: Mapping[str, Found]) -> dict[str, Found]:
    """Return coordinates with what the projection says of their unit.

    Geostationary scan angles become metres; a coordinate without a unit has the one of
    the reference system.
    """
    return {dim: _in_metres(projection, found) for dim, found in chosen.items()}


def _in_metres(projection: Projection, found: Found) -> Found:
    if found.role not in {"x", "y"} or projection.is_rotated:
        return found
    if found.units is None or not found.units.strip():
        attributes = {**found.attributes, "units": "m"}
        values = np.asarray(found.values) / projection.to_native
        return replace(found, units="m", values=values, attributes=attributes)
    height = projection.height_m
    radians = None if height is None else length_factor(found.units, "radian")
    if height is None or radians is None:
        return found
    # in double precision, and freed of single precision's jitter of metres while it is
    # still known for what it is: second derivatives are made of such differences
    angles, _ = evened(np.asarray(found.values, np.float64), np.asarray(found.values))
    values = angles * radians * height
    return replace(found, units="m", values=values)


# Points nearer than this part of a step are one: a map of all longitudes closes.
_CLOSES = 1e-2

# A ring of fewer columns is none, as on grids that name no projection.
_FEWEST_AROUND = 8


def closed_around(projection: Projection, lines: tuple[Line, Line]) -> Line:
    """Return x as a circle where the map holds all longitudes, as on cylinders.

    It does where one step beyond the last column, or the last column itself, lies on
    the first one in every row.
    """
    y, x = lines
    if x.step is None or x.period is not None or x.size < _FEWEST_AROUND:
        return x
    ends = np.array([x.points[0], x.points[1], x.points[-1], x.points[-1] + x.step])
    phi, lam = projection.places((y, Line(ends)))()
    step, last, beyond = (
        _distance(phi[:, 0], lam[:, 0], phi[:, k], lam[:, k]) for k in (1, 2, 3)
    )
    for gap, closed in ((last, 1), (beyond, 0)):
        if np.all(gap <= _CLOSES * step):  # NaN off the map is none
            return Line(x.points, x.step, abs(x.step) * (x.size - closed), closed)
    return x


def check_places(
    lines: tuple[Axis, Axis],
    computed: tuple[Floats, Floats],
    told: tuple[Floats, Floats],
    names: tuple[str, str],
) -> None:
    """Refuse x and y that the projection puts elsewhere than latitude and longitude.

    Raises
    ------
    GridError
        If they differ by more than half a cell.
    """
    phi, lam = computed
    cell = _largest_step(phi, lam)
    apart = _distance(phi, lam, *told)
    if not np.isfinite(apart).any() or np.nanmedian(apart) <= 0.5 * cell:
        return
    radius_km = DEFAULT_RADIUS_M / 1e3
    x, y = (f"{axis.coordinate!r}" for axis in reversed(lines))
    raise GridError(
        explain(
            f"The map projection puts {x} and {y} elsewhere than {names[0]!r} and "
            f"{names[1]!r} say",
            expected=f"places within half a cell, {0.5 * cell * radius_km:.4g} km",
            got=f"{np.nanmedian(apart) * radius_km:.4g} km apart",
            hint=f"field.drop_vars({names!r}), or field.drop_vars of the grid mapping",
        )
    )


def _distance(phi: Floats, lam: Floats, phi_2: Floats, lam_2: Floats) -> Floats:
    """Return angles between places, in radians (haversine: exact for small ones)."""
    chord = (
        np.sin((phi_2 - phi) / 2.0) ** 2
        + np.cos(phi) * np.cos(phi_2) * np.sin((lam_2 - lam) / 2.0) ** 2
    )
    return np.asarray(2.0 * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0))))


def _largest_step(phi: Floats, lam: Floats) -> float:
    steps = [
        _distance(phi[:-1], lam[:-1], phi[1:], lam[1:]),
        _distance(phi[:, :-1], lam[:, :-1], phi[:, 1:], lam[:, 1:]),
    ]
    typical = [np.nanmedian(s) for s in steps if np.isfinite(s).any()]
    return float(max(typical, default=np.inf))
