"""Calls of every kind on grids of every shape, drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import xarray as xr

import xnabla as xn

DEGREES = ({"units": "degrees_north"}, {"units": "degrees_east"})


def globe(rng: np.random.Generator, dtype: str) -> dict[str, Any]:
    n, m = int(rng.integers(7, 40)), 2 * int(rng.integers(5, 40))
    lat = np.linspace(90, -90, n)
    lon = np.arange(m) * 360 / m + float(rng.choice([0.0, -180.0]))
    return _fields(rng, dtype, ("lat", "lon"), (lat, lon), DEGREES)


def region(rng: np.random.Generator, dtype: str) -> dict[str, Any]:
    lat = float(rng.uniform(-60, 20)) + np.cumsum(rng.uniform(0.5, 1.5, 12))
    lon = 350 + np.arange(int(rng.integers(7, 30))) * 1.0
    return _fields(rng, dtype, ("lat", "lon"), (lat, lon % 360), DEGREES)


def plane(rng: np.random.Generator, dtype: str) -> dict[str, Any]:
    y, x = (np.cumsum(rng.uniform(1, 3, int(rng.integers(7, 30)))) for _ in "yx")
    return _fields(rng, dtype, ("y", "x"), (y, x), ({"units": "km"},) * 2)


def _fields(rng, dtype, dims, points, attrs) -> dict[str, Any]:
    coords = {d: (d, p, a) for d, p, a in zip(dims, points, attrs, strict=True)} | {
        "level": ("level", [1000.0, 850.0, 500.0], {"units": "hPa"})
    }
    shape = (3, *(len(p) for p in points))

    def field(name: str, units: str, **more: str) -> xr.DataArray:
        return xr.DataArray(
            rng.normal(280, 10, shape).astype(dtype),
            dims=("level", *dims),
            coords=coords,
            name=name,
            attrs={"units": units, **more},
        )

    return {
        "t": field("t", "K"),
        "u": field("u", "m s-1", standard_name="eastward_wind"),
        "v": field("v", "m s-1", standard_name="northward_wind"),
    }


CALLS: dict[str, Callable[..., Any]] = {
    "gradient": lambda t, u, v, **k: xn.gradient(t, **k),
    "derivative": lambda t, u, v, **k: xn.derivative(t, t.dims[1], **k),
    "vertical": lambda t, u, v, **k: xn.derivative(t, "level"),
    "laplacian": lambda t, u, v, **k: xn.laplacian(t, **k),
    "vorticity": lambda t, u, v, **k: xn.vorticity(u, v, **k),
    "divergence": lambda t, u, v, **k: xn.divergence(u, v, **k),
    # called by keyword, and there t is the field
    "advection": lambda t, u, v, **k: xn.advection(t, u, v, **k),  # noqa: PLW0108
    "units": lambda t, u, v, **k: xn.gradient(t, units="K/km", **k),
    "grid": lambda t, u, v, **k: xn.grid_of(t),
    "accessor": lambda t, u, v, **k: t.nabla.gradient(**k),
    "refused": lambda t, u, v, **k: _refused(t),
}
GRIDS = (globe, region, plane)


def _refused(t: xr.DataArray) -> str:
    try:
        xn.gradient(t.assign_attrs(units="wibble"))
    except xn.UnitsError as error:
        return str(error)
    raise AssertionError("not refused")


def calls(count: int, seed: int) -> Iterator[Callable[[], Any]]:
    """Give functions of no arguments, each an operator on fields of its own."""
    rng = np.random.default_rng(seed)
    names = [*CALLS]
    for _ in range(count):
        fields = GRIDS[int(rng.integers(len(GRIDS)))](
            rng, str(rng.choice(["f4", "f8"]))
        )
        name = names[int(rng.integers(len(names)))]
        options: dict[str, Any] = {"accuracy": int(rng.choice([2, 4]))}
        if rng.random() < 0.1:
            fields = {n: f.chunk({"level": 1}) for n, f in fields.items()}
        yield lambda name=name, fields=fields, options=options: CALLS[name](
            **fields, **options
        )


def numbers(result: Any) -> list[bytes]:
    """The bits of whatever a call gives."""
    if isinstance(result, tuple):
        return [b for part in result for b in numbers(part)]
    if isinstance(result, xr.DataArray):
        # computing what is in memory costs more than most of these calls
        data = (result if result.chunks is None else result.compute()).data
        return [np.asarray(getattr(data, "magnitude", data)).tobytes()]
    return [str(result).encode()]
