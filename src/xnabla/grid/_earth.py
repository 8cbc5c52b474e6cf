"""The figure of the Earth: radii, and where a file names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnabla.errors import OptionError, explain
from xnabla.units import Unit, conversion_factor, is_quantity, parse, split_quantity

Floats = NDArray[np.float64]

# What the models that write most of these files use (NCEP, ECMWF; GRIB code 6).
DEFAULT_RADIUS_M = 6_371_229.0

# GRIB2 code table 3.2: figures of the Earth with fixed numbers.
_GRIB_FIGURES: dict[int, str | float] = {
    0: 6_367_470.0,
    2: "IAU76",
    4: "GRS80",
    5: "WGS84",
    6: 6_371_229.0,
    8: 6_371_200.0,
}


@dataclass(frozen=True, slots=True)
class Earth:
    r"""A sphere or an ellipsoid of revolution.

    Attributes
    ----------
    semi_major_m, semi_minor_m : float
        Equatorial and polar radius in metres.
    source : str
        Where the figure comes from, for people.

    Examples
    --------
    >>> Earth(6371229.0, 6371229.0, "given").is_sphere
    True
    """

    semi_major_m: float
    semi_minor_m: float
    source: str

    @property
    def is_sphere(self) -> bool:
        """Whether both radii are the same."""
        return self.semi_major_m == self.semi_minor_m

    @property
    def eccentricity_squared(self) -> float:
        r"""Return :math:`e^2 = 1 - b^2/a^2`."""
        return 1.0 - (self.semi_minor_m / self.semi_major_m) ** 2

    def meridional_radius_m(self, latitude_rad: Any) -> Floats:
        r"""Return :math:`M(\varphi) = a (1-e^2) / (1 - e^2 \sin^2 \varphi)^{3/2}`."""
        e2 = self.eccentricity_squared
        w2 = 1.0 - e2 * np.sin(latitude_rad) ** 2
        return np.asarray(self.semi_major_m * (1.0 - e2) / w2**1.5)

    def meridional_radius_slope(self, latitude_rad: Any) -> Floats:
        r"""Return :math:`M'(\varphi)/M(\varphi)`."""
        e2 = self.eccentricity_squared
        sin, cos = np.sin(latitude_rad), np.cos(latitude_rad)
        return np.asarray(3.0 * e2 * sin * cos / (1.0 - e2 * sin**2))

    def parallel_radius_m(self, latitude_rad: Any) -> Floats:
        r"""Return the radius of a parallel, :math:`N(\varphi) \cos \varphi`."""
        e2 = self.eccentricity_squared
        w = np.sqrt(1.0 - e2 * np.sin(latitude_rad) ** 2)
        return np.asarray(self.semi_major_m / w * np.cos(latitude_rad))

    def axial_m(self, latitude_rad: Any) -> Floats:
        r"""Return the height over the equator's plane, :math:`N(1-e^2)\sin\varphi`."""
        e2 = self.eccentricity_squared
        w = np.sqrt(1.0 - e2 * np.sin(latitude_rad) ** 2)
        return np.asarray(self.semi_major_m / w * (1.0 - e2) * np.sin(latitude_rad))

    def __str__(self) -> str:
        if self.is_sphere:
            figure = f"sphere of radius {self.semi_major_m:.10g} m"
        else:
            figure = (
                f"ellipsoid a = {self.semi_major_m:.10g} m, "
                f"b = {self.semi_minor_m:.10g} m"
            )
        return f"{figure} ({self.source})"


ASSUMED_EARTH = Earth(DEFAULT_RADIUS_M, DEFAULT_RADIUS_M, "assumed")


def earth_of(figure: Any) -> Earth:
    """Return the Earth a user names.

    Parameters
    ----------
    figure : Earth, str, float, or quantity
        A name pyproj knows (``"WGS84"``, ``"GRS80"``, ``"sphere"``, …), a radius in
        metres, a length, anything with ``a`` and ``b`` in metres as a
        ``pyproj.Geod`` has, or with ``ellipsoid`` as a ``pyproj.CRS`` has.

    Raises
    ------
    OptionError
        If it is none of these, or the size of no planet.

    Examples
    --------
    >>> print(earth_of("WGS84"))
    ellipsoid a = 6378137 m, b = 6356752.314 m (WGS84)
    >>> print(earth_of(6371220.0))
    sphere of radius 6371220 m (given)
    """
    if isinstance(figure, Earth):
        return figure
    if isinstance(figure, str):
        return _named(figure)
    if is_quantity(figure):
        length, unit = split_quantity(figure)
        metres = length * conversion_factor(unit, parse("m"), of="the Earth radius")
        return _sized(float(metres), float(metres), "given")
    ellipsoid = getattr(figure, "ellipsoid", None)
    if ellipsoid is not None:
        a, b = ellipsoid.semi_major_metre, ellipsoid.semi_minor_metre
        return _sized(float(a), float(b), str(ellipsoid.name))
    if hasattr(figure, "a") and hasattr(figure, "b"):
        return _sized(float(figure.a), float(figure.b), "given")
    if isinstance(figure, int | float | np.number) and not isinstance(figure, bool):
        return _sized(float(figure), float(figure), "given")
    raise OptionError(
        explain(
            f"earth={figure!r} is no figure of the Earth",
            expected="a name such as 'WGS84', or a radius in metres",
            hint="earth='WGS84' or earth=6371229.0",
        )
    )


def earth_from_attributes(attributes: Mapping[str, Any], source: str) -> Earth | None:
    """Return the Earth that the attributes of a CF grid mapping or of GRIB name."""
    get = attributes.get
    if get("earth_radius") is not None:
        radius = float(get("earth_radius", 0.0))
        return _sized(radius, radius, source)
    a, b, rf = (
        get("semi_major_axis"),
        get("semi_minor_axis"),
        get("inverse_flattening"),
    )
    if a is not None:
        # without a second number CF has a sphere
        major = float(a)
        minor = float(b) if b is not None else _minor_from(major, float(rf or 0.0))
        return _sized(major, minor, source)
    name = get("reference_ellipsoid_name") or get("ellipsoid")
    if name:
        return _renamed(_named(str(name)), source)
    text = get("crs_wkt") or get("spatial_ref")
    if text:
        from pyproj import CRS

        return _renamed(earth_of(CRS.from_user_input(str(text))), source)
    return _from_grib(attributes)


def _minor_from(major: float, inverse_flattening: float) -> float:
    # CF writes 0 for a sphere, whose inverse flattening is infinite
    return major * (1.0 - 1.0 / inverse_flattening) if inverse_flattening else major


def _from_grib(attributes: Mapping[str, Any]) -> Earth | None:
    radius = attributes.get("GRIB_earthRadius", attributes.get("GRIB_radius"))
    if radius is not None:
        return _sized(float(radius), float(radius), "GRIB")
    code = attributes.get("GRIB_shapeOfTheEarth")
    figure = None if code is None else _GRIB_FIGURES.get(int(code))
    return None if figure is None else _renamed(earth_of(figure), "GRIB")


def _named(name: str) -> Earth:
    if name.lower() in {"sphere", "spherical"}:
        return _renamed(ASSUMED_EARTH, "sphere")
    from pyproj import CRS, get_ellps_map
    from pyproj.crs import Ellipsoid  # type: ignore[attr-defined]
    from pyproj.exceptions import CRSError

    known = get_ellps_map()
    by_lower = {key.lower(): key for key in known}
    key = by_lower.get(name.lower().replace(" ", "").replace("_", ""))
    if key is not None:
        try:
            ellipsoid = CRS.from_dict({"proj": "longlat", "ellps": key}).ellipsoid
        except CRSError:  # pragma: no cover - a table row PROJ cannot build
            ellipsoid = None
        if ellipsoid is not None:
            return _sized(
                float(ellipsoid.semi_major_metre),
                float(ellipsoid.semi_minor_metre),
                key,
            )
    try:
        by_title = Ellipsoid.from_name(name)
    except (CRSError, ValueError):
        raise OptionError(
            explain(
                f"earth={name!r} is no ellipsoid that pyproj knows",
                expected="a name such as 'WGS84', 'GRS80', 'bessel' or 'GRS 1980'",
                hint="earth='WGS84'",
            )
        ) from None
    return _sized(by_title.semi_major_metre, by_title.semi_minor_metre, by_title.name)


def _renamed(earth: Earth, source: str) -> Earth:
    return Earth(earth.semi_major_m, earth.semi_minor_m, source)


def _sized(major: float, minor: float, source: str) -> Earth:
    # The smallest round moons and the largest planets; catches 6371 meant in km.
    if not (1e5 <= minor <= major * (1 + 1e-9) <= 1e9):
        in_km = 1e3 <= minor <= 1e5
        raise OptionError(
            explain(
                f"An Earth with radii {major:.10g} m and {minor:.10g} m cannot be",
                expected="equatorial and polar radius in metres"
                + (", not kilometres" if in_km else ", the first the larger"),
                hint=f"earth={major * 1e3:.10g}" if in_km else "earth=6371229.0",
            )
        )
    return Earth(major, minor, source)


def length_unit(unit: Unit) -> bool:
    """Tell whether a unit is a length."""
    return unit.dimensionality == parse("m").dimensionality
