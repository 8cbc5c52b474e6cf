"""States of the air on small planes and whole globes, as textbooks have them."""

import numpy as np
import xarray as xr
from fields import Globe, around, between_poles, numbers, with_poles

OMEGA = 7.292115e-5
GRAVITY = 9.80665
GAS = 287.05  # J kg-1 K-1
# where f is 1e-4 s-1, as problems like to have it
LATITUDE_OF_F = float(np.rad2deg(np.arcsin(1e-4 / (2 * OMEGA))))

PLANE_KM = np.linspace(-200.0, 200.0, 9)
X, Y = 1e3 * PLANE_KM[np.newaxis, :], 1e3 * PLANE_KM[:, np.newaxis]


def plane(values, units, *, at=None, **first):
    """A field on a plane of 9 × 9 points every 50 km; ``first`` are more dimensions."""
    coords = dict(first)
    for name in "yx":
        coords[name] = (name, PLANE_KM, {"units": "km"})
    if at is not None:
        coords["latitude"] = ((), at, {"units": "degrees_north"})
    sizes = [len(coordinate[1]) for coordinate in first.values()]
    return xr.DataArray(
        np.broadcast_to(values, (*sizes, 9, 9)).astype(float),
        dims=(*first, "y", "x"),
        coords=coords,
        name="f",
        attrs={"units": units},
    )


def on_globe(values, globe, units, name="f", **first):
    """A field on a globe; ``first`` are further dimensions, with their attributes."""
    return xr.DataArray(
        values,
        dims=(*first, "latitude", "longitude"),
        coords={
            **first,
            "latitude": ("latitude", globe.latitude, {"units": "degrees_north"}),
            "longitude": ("longitude", globe.longitude, {"units": "degrees_east"}),
        },
        name=name,
        attrs={"units": units},
    )


def constant(result, units):
    """The one value a field has everywhere."""
    values = numbers(result, units)
    assert np.ptp(values) <= 1e-9 * np.abs(values).max() + 1e-25
    return float(values.flat[0])


def globe_of(rows, *, poles=True):
    if poles:
        return Globe("pole rows", with_poles(rows), around(2 * rows))
    return Globe("no pole rows", between_poles(rows), around(2 * rows))


def slope_of(error, coarse, accuracy=2):
    """The order at which the largest error falls from one grid to one twice as fine."""
    return np.log2(error(coarse) / error(2 * coarse))
