"""Noise with any gaps on any grid makes no walk stumble, and nothing is lost."""

import warnings

import numpy as np
import pytest
from fields import GLOBAL, REGIONAL
from landscapes import labelled

from xnabla.descent.surface import (
    basins,
    closed_contours,
    critical_points,
    persistence_diagram,
    steepest_path,
)
from xnabla.errors import GridError

GRIDS = {**GLOBAL, **REGIONAL}


def noise(name, share, seed=0):
    points = GRIDS[name](12 if name in GLOBAL else 18)
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(points.latitude.size, points.longitude.size))
    values[rng.random(values.shape) < share] = np.nan
    return labelled(values, points.latitude, points.longitude)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.9])
@pytest.mark.parametrize("name", GRIDS)
def test_every_walk_goes_over_noise_and_gaps(name, share):
    field = noise(name, share)
    points = critical_points(field)
    assert np.isfinite(points.latitude).all()
    assert np.isfinite(points.longitude).all()
    pairs = persistence_diagram(field, kind="both")
    assert pairs.sizes["point"] == int((points.kind != "saddle").sum())
    drained = basins(field)
    label = drained.label.values
    assert (label[np.isnan(field.values)] == -1).all()
    around = closed_contours(field, kind="minimum")
    known = around.n_vertices.values > 0
    assert (around.area.data.magnitude[known] > 0).all()
    start = [(float(field.latitude[4]), float(field.longitude[3]))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            walked = steepest_path(field, start)
        except GridError as refused:
            assert "No start lies" in str(refused)  # noqa: PT017 - a gap may be there
        else:
            assert (
                float(walked.end_value.data.magnitude[0])
                <= float(walked.value.data.magnitude[0, 0]) + 1e-9
            )


@pytest.mark.parametrize("shape", [(2, 2), (2, 3), (3, 2), (3, 3), (4, 9)])
def test_the_smallest_grids_are_grids(shape):
    values = np.random.default_rng(1).normal(size=shape)
    field = labelled(values, np.linspace(0, 10, shape[0]), np.linspace(0, 10, shape[1]))
    assert critical_points(field).sizes["point"] >= 2
    assert (basins(field).label.values >= 0).all()
    closed_contours(field)


def test_a_coordinate_beside_a_dimension_comes_along():
    field = noise("pole rows", 0.0).expand_dims(step=2)
    field = field.assign_coords(valid=("step", np.array(["2020", "2021"], "M8[ns]")))
    frame = critical_points(field).to_dataframe()
    assert set(frame["valid"].dt.year) == {2020, 2021}


def test_a_gap_beside_a_low_knows_neither_seam_nor_which_way_rows_run():
    """What is put into a gap is of the nearest points, across the seam too."""
    import xarray as xr

    import xnabla as xn

    lat, lon = np.arange(-80.0, 81.0, 8.0), np.arange(0.0, 360.0, 9.0)
    p, q = np.meshgrid(np.deg2rad(lat), np.deg2rad(lon), indexing="ij")
    values = np.cos(p) * np.cos(q) + 0.5 * np.sin(2 * p) * np.sin(q + 1)
    values[np.random.default_rng(5).random(p.shape) < 0.25] = np.nan
    field = xr.DataArray(
        10 * values,
        dims=("lat", "lon"),
        coords={
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
        },
        attrs={"units": "hPa"},
    )

    def found(turned):
        points = xn.find_extrema(turned, min_persistence="1 hPa").to_dataframe()
        numbers = points[["value", "latitude"]].to_numpy(float)
        return numbers[np.lexsort(np.round(numbers.T, 6))]

    expected = found(field)
    for shift in range(1, lon.size, 3):
        got = found(field.roll(lon=shift, roll_coords=True))
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)
    for turned in ({"lat": slice(None, None, -1)}, {"lon": slice(None, None, -1)}):
        got = found(field.isel(turned))
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)
