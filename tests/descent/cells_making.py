"""Fields for the tests of fits in cells: noise with a memory, gaps, any calendar."""

from __future__ import annotations

import numpy as np
import xarray as xr


def plain(one):
    """The numbers of a variable of a result, in double precision."""
    data = one.data
    data = getattr(data, "magnitude", data)
    return np.asarray(data).astype(np.float64)


def unit(one):
    """The unit of a variable of a result, shortly."""
    return f"{one.data.units:~C}"


def red_noise(random, n, cells, phi):
    """Noise in which each value remembers phi of the one before; variance 1."""
    kicks = random.normal(size=(n + 100, cells)) * np.sqrt(1.0 - phi**2)
    values = np.zeros_like(kicks)
    for t in range(1, len(kicks)):
        values[t] = phi * values[t - 1] + kicks[t]
    return values[100:]


def monthly(values, *, units="K", start="1980-01", name="t", **attributes):
    """A field of months; further dimensions are cells."""
    values = np.asarray(values)
    dims = ("time", "lat", "lon")[: values.ndim]
    coords = {"time": xr.date_range(start, periods=len(values), freq="MS")}
    for dim, size in zip(dims[1:], values.shape[1:], strict=True):
        spelled = "degrees_north" if dim == "lat" else "degrees_east"
        coords[dim] = (dim, np.arange(size) * 2.0, {"units": spelled})
    return xr.DataArray(
        values,
        dims=dims,
        coords=coords,
        name=name,
        attrs={"units": units, **attributes},
    )


def with_gaps(random, field, part):
    """The field with a part of its values missing, at random."""
    return field.where(random.random(field.shape) >= part)


def seconds(field):
    """Seconds since the first time of a field."""
    times = field["time"].values
    return (times - times[0]) / np.timedelta64(1, "s")


DECADE = 3652.425 * 86400.0
