"""Grids named in a word: ``0.25``, ``721x1440``, ``N80``, ``EPSG:3995 25 km``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.errors import GridError, OptionError, explain
from xnabla.grid import Grid, grid_of

Floats = NDArray[np.float64]

_NUMBER = r"(\d+(?:\.\d+)?|\.\d+)"
_SIGNED = r"([+-]?(?:\d+(?:\.\d+)?|\.\d+))"
_MOST_POINTS = 100_000_000


def named_grid(text: str, *, earth: Any = None) -> Grid:
    """Return a grid from its name.

    Parameters
    ----------
    text : str
        ``0.25`` or ``0.25x0.5``: degrees between rows and columns around the globe,
        pole rows in. ``721x1440``: rows and columns; pole rows in if the rows are odd
        in number. ``N80`` or ``F80``: the Gaussian grid with 80 rows from pole to
        equator. ``T62``: the Gaussian grid of a spectral truncation.
        ``EPSG:3995 25 km``: a map projection, any that pyproj reads, with the step and,
        if wanted, the extent ``-4000 4000 -4000 4000`` in km.
    earth : object, optional
        As in :func:`xnabla.grid_of`.

    Raises
    ------
    OptionError
        If the name is none of these.

    Examples
    --------
    >>> named_grid("T62").sizes
    (94, 192)
    >>> named_grid("2.5").sizes, named_grid("72x144").poles[0].has_row
    ((73, 144), False)
    """
    said = " ".join(text.split())
    readers: tuple[tuple[str, Callable[..., Grid]], ...] = (
        (rf"{_NUMBER}(?: ?deg| ?°)?(?: ?x ?{_NUMBER})?", _by_steps),
        (r"(\d+) ?x ?(\d+)", _by_numbers),
        (r"[NF](\d+)", _by_rows),
        (r"T[LQ]?(\d+)", _by_truncation),
    )
    # whole numbers on both sides are rows and columns, not degrees
    if re.fullmatch(r"\d+ ?x ?\d+", said):
        readers = readers[1:]
    for pattern, reader in readers:
        matched = re.fullmatch(pattern, said)
        if matched is not None:
            return reader(*matched.groups(), earth=earth)
    projected = re.fullmatch(
        rf"(.+?)[ ,]+{_NUMBER} ?(km|m)(?:[ ,]+{_SIGNED}[ ,]+{_SIGNED}[ ,]+{_SIGNED}"
        rf"[ ,]+{_SIGNED}(?: ?km)?)?",
        said,
    )
    if projected is not None:
        return _by_projection(*projected.groups(), earth=earth)
    raise OptionError(
        explain(
            f"{text!r} names no grid",
            expected="degrees (0.25), rows x columns (721x1440), a Gaussian grid (N80, "
            "T62), or a projection and its step (EPSG:3995 25 km)",
            hint="0.25",
        )
    )


def _by_steps(rows: str, columns: str | None, *, earth: Any) -> Grid:
    dy = float(rows)
    dx = dy if columns is None else float(columns)
    counts = []
    for step, circle in ((dy, 180.0), (dx, 360.0)):
        count = round(circle / step) if step > 0.0 else 0
        if count < 8 or abs(count * step - circle) > 1e-6 * circle:
            raise OptionError(
                explain(
                    f"Steps of {step:g} degrees do not go into {circle:g}",
                    expected="steps that fit, eight of them at least",
                    hint="721x1440, rows and columns",
                )
            )
        counts.append(count)
    return _globe(np.linspace(90.0, -90.0, counts[0] + 1), counts[1], earth)


def _by_numbers(rows: str, columns: str, *, earth: Any) -> Grid:
    ny, nx = int(rows), int(columns)
    if ny % 2:
        return _globe(np.linspace(90.0, -90.0, max(ny, 2)), nx, earth)
    return _globe(90.0 - 180.0 / ny * (np.arange(ny) + 0.5), nx, earth)


def _by_rows(rows: str, *, earth: Any) -> Grid:
    half = int(rows)
    return _gaussian(2 * half, 4 * half, earth)


def _by_truncation(number: str, *, earth: Any) -> Grid:
    """Return the grid on which products of two fields are exact (Machenhauer 1979)."""
    waves = int(number)
    columns = 3 * waves + 1
    while columns % 4 or not _is_fast(columns):
        columns += 1
    rows = -(-(3 * waves + 1) // 2)
    return _gaussian(rows + rows % 2, columns, earth)


def _is_fast(number: int) -> bool:
    """Tell a number that the fast Fourier transform takes: of 2, 3 and 5."""
    for prime in (2, 3, 5):
        while number % prime == 0:
            number //= prime
    return number == 1


def _gaussian(rows: int, columns: int, earth: Any) -> Grid:
    _check_size(rows, columns)
    if rows > 2560:
        raise OptionError(
            explain(
                f"A Gaussian grid of {rows} rows is not made here",
                expected="2560 rows at most",
                hint="N1280",
            )
        )
    roots = np.polynomial.legendre.leggauss(rows)[0]
    return _globe(np.rad2deg(np.arcsin(roots))[::-1], columns, earth)


def _globe(latitude: NDArray[np.floating[Any]], columns: int, earth: Any) -> Grid:
    _check_size(latitude.size, columns)
    longitude = 360.0 / columns * np.arange(columns)
    coordinates = {
        "latitude": ("latitude", latitude, {"units": "degrees_north"}),
        "longitude": ("longitude", longitude, {"units": "degrees_east"}),
    }
    return grid_of(_empty(("latitude", "longitude"), coordinates), earth=earth)


def _by_projection(
    crs: str, step: str, unit: str, *ends: str | None, earth: Any
) -> Grid:
    metres = float(step) * (1e3 if unit == "km" else 1.0)
    if metres <= 0.0:
        raise OptionError(explain(f"A step of {step} {unit} is none", hint="25 km"))
    found = crs_of(crs)
    if ends[0] is None:
        west, south, east, north = _extent(found, crs)
    else:
        west, east, south, north = (1e3 * float(end) for end in ends if end)
    counts = [round(abs(b - a) / metres) + 1 for a, b in ((west, east), (south, north))]
    _check_size(*counts)
    coordinates = {
        name: (
            name,
            first + metres * np.arange(count),
            {"standard_name": f"projection_{name}_coordinate", "units": "m"},
        )
        for name, first, count in (
            ("x", min(west, east), counts[0]),
            ("y", min(south, north), counts[1]),
        )
    }
    return grid_of(_empty(("y", "x"), coordinates), crs=found, earth=earth)


def crs_of(text: str) -> Any:
    """Return the reference system of a name.

    Raises
    ------
    OptionError
        If pyproj knows none of it, or if it is no map in metres.
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        found = CRS.from_user_input(text)
    except CRSError:
        raise OptionError(
            explain(
                f"{text!r} is no map projection that pyproj knows",
                expected="an EPSG code or a PROJ string",
                hint="'EPSG:3995 25 km'",
            )
        ) from None
    if not found.is_projected:
        raise OptionError(
            explain(
                f"{text!r} is no map projection",
                expected="one with x and y in metres",
                got=found.name,
                hint="0.25, for latitude and longitude",
            )
        )
    return found


def _extent(crs: Any, text: str) -> tuple[float, float, float, float]:
    """Return the bounds of the area a projection is meant for."""
    from pyproj import Transformer

    area = crs.area_of_use
    if area is not None:
        there = Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
        bounds = there.transform_bounds(area.west, area.south, area.east, area.north)
        if np.isfinite(bounds).all():
            west, south, east, north = map(float, bounds)
            return west, south, east, north
    raise OptionError(
        explain(
            f"{text!r} does not say which area it is for",
            expected="the extent in km: x from and to, y from and to",
            hint=f"'{text} 25 km -2000 2000 -2000 2000'",
        )
    )


def _check_size(*counts: int) -> None:
    points = int(np.prod([float(n) for n in counts]))
    if min(counts) < 8:
        raise GridError(
            explain(
                "The grid is too small to be judged",
                expected="8 points along each dimension at least",
                got=" x ".join(map(str, counts)),
            )
        )
    if points > _MOST_POINTS:
        raise GridError(
            explain(
                f"The grid has {points:.2g} points",
                expected=f"{_MOST_POINTS:.0g} at most",
                hint="a coarser one",
            )
        )


def _empty(dims: tuple[str, str], coordinates: dict[str, Any]) -> xr.DataArray:
    """Return a field that takes no memory, for its coordinates."""
    shape = tuple(coordinates[dim][1].size for dim in dims)
    return xr.DataArray(
        np.broadcast_to(np.float64(0.0), shape), dims=dims, coords=coordinates
    )
