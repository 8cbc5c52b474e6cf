"""Latitude and longitude along dimensions that only name lines, as in MOM6 and FV3."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from xnabla.errors import GridError, XnablaError, explain
from xnabla.grid._axis import Found, degrees_of
from xnabla.grid._choose import says_itself
from xnabla.grid._places import Floats, Pair, names_its_own
from xnabla.grid._points import numbers

# What models say of lines that are no meridians and no parallels everywhere, and up to
# which latitude they may be believed. Tripolar grids leave the meridians at 65° N;
# GEOS writes fake ones over the faces of a cube.
_WORDS = {"nominal": 60.0, "fake": 0.0}

# Parts of a step, and degrees, by which places that are the same differ for rounding.
_ROUNDED, _ROUNDED_DEGREES = 1e-2, 1e-4


def without_nominal(
    pair: Pair | None, chosen: Mapping[str, Found]
) -> tuple[dict[str, Found], str]:
    """Return the coordinates without nominal ones, and what is assumed of them.

    Latitude and longitude in two dimensions that are elsewhere than those along one say
    where the points are: nobody writes them for a grid of meridians and parallels.

    Raises
    ------
    XnablaError
        If nothing says which are true, or those in two dimensions cannot be read.
    """
    dims = {c.role: dim for dim, c in chosen.items()}
    lat, lon = (chosen.get(dims.get(r, "")) for r in ("latitude", "longitude"))
    if pair is None:
        return dict(chosen), _alone([c for c in (lat, lon) if c is not None])
    if lat is None or lon is None or set(lat.dims + lon.dims) != set(pair.dims):
        return dict(chosen), ""
    agree = _agreement(pair, lat, lon)
    if agree == 1.0:
        return dict(chosen), ""
    lines = f"{lat.name!r} and {lon.name!r}"
    places = f"{pair.names[0]!r} and {pair.names[1]!r}"
    counts = not (says_itself(lat) or says_itself(lon))
    if agree < 0.5 and not counts and not names_its_own(pair):
        raise GridError(
            explain(
                f"{lines} put the points elsewhere than {places} in two dimensions do, "
                "and nothing says which are true",
                expected="an attribute coordinates: "
                f"field.attrs['coordinates'] = {' '.join(pair.names)!r}",
                got=f"{(1 - agree) * 100:.3g} % of the points apart",
                hint=f"field.drop_vars({list(pair.names)!r}), if {lines} are",
            )
        )
    kept = {dim: c for dim, c in chosen.items() if c not in (lat, lon)}
    return kept, f"{lines} are nominal: {places} say where the points are"


def _agreement(pair: Pair, lat: Found, lon: Found) -> float:
    """Return the part of the points that lies where latitude and longitude meet."""
    try:
        phi, lam = (degrees_of(c, numbers(c.values, c.name))[0] for c in (lat, lon))
    except XnablaError:
        return 1.0  # told by whoever reads them
    places = pair.degrees()
    if pair.dims != (lat.dims[0], lon.dims[0]):
        places = places[0].T, places[1].T
    turned = (places[1] - lam + 180.0) % 360.0 - 180.0
    apart = np.fmax(
        np.abs(places[0] - phi[:, np.newaxis]),
        np.abs(turned) * np.cos(np.deg2rad(places[0])),
    )
    there = np.isfinite(apart)
    same = apart <= max(_ROUNDED * min(_step(phi), _step(lam)), _ROUNDED_DEGREES)
    return float(same[there].mean()) if there.any() else 1.0


def _step(degrees: Floats) -> float:
    return float(np.median(np.abs(np.diff(degrees)))) if degrees.size > 1 else 0.0


def _alone(lines: list[Found]) -> str:
    """Return what is assumed of nominal places without others, or refuse them."""
    for line in lines:
        words = re.findall(r"\w+", str(line.attributes.get("long_name", "")).lower())
        word = next((word for word in _WORDS if word in words), None)
        if word is None:
            continue
        told = f"{line.name!r} is {word}, as its long_name says"
        if line.role == "latitude" and _beyond(line, _WORDS[word]):
            raise GridError(
                explain(
                    f"{told}: the points need not lie there",
                    expected="latitude and longitude in two dimensions, as the static "
                    "file of the model has them (geolat, geolon)",
                    got=f"{line.name!r} alone, beyond {_WORDS[word]:g} degrees",
                    hint="field.assign_coords(geolat=..., geolon=...), or "
                    f"del field[{line.name!r}].attrs['long_name'] if they do",
                )
            )
        return f"{told}: taken as true"
    return ""


def _beyond(latitude: Found, degrees: float) -> bool:
    try:
        found, _ = degrees_of(latitude, numbers(latitude.values, latitude.name))
    except XnablaError:
        return False
    return bool(np.abs(found).max(initial=0.0) > degrees)
