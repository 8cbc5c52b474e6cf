"""The estimate of a gradient's truncation error, against the true one."""

import pickle

import numpy as np
import pytest
import xarray as xr
from atlas import MAPS
from fields import (
    GLOBAL,
    REGIONAL,
    SPHERE,
    Globe,
    _east,
    _normal,
    _north,
    around,
    labelled,
    with_poles,
)

import xnabla as xn

ROWS = 72  # steps from pole to pole
# three waves through space at right angles: each place sees two of them in full
DIRECTIONS = (
    ((0.36, 0.48, 0.80), 0.0),
    ((-0.80, 0.60, 0.00), 1.3),
    ((-0.48, -0.64, 0.60), 2.6),
)


def waves(phi, lam, points, figure=SPHERE, step_rad=np.pi / ROWS):
    """cos(K d·n) of so many points per wavelength, and its slopes north and east."""
    k = 2 * np.pi / (points * step_rad)
    n, east, north = _normal(phi, lam), _east(phi, lam), _north(phi, lam)
    f, fy, fx = (np.zeros(np.broadcast_shapes(phi.shape, lam.shape)) for _ in range(3))
    for d, phase in DIRECTIONS:
        angle = k * sum(a * b for a, b in zip(d, n, strict=True)) + phase
        slope = -k * np.sin(angle)
        f += np.cos(angle)
        fy += slope * sum(a * b for a, b in zip(d, north, strict=True))
        fx += slope * sum(a * b for a, b in zip(d, east, strict=True))
    return f, fy / figure.meridian_radius(phi), fx / figure.normal_radius(phi)


def judged(g, exact):
    """How often the estimate reaches the true error, and is within a factor of 3."""
    for part, error, true in zip(g, g.error, exact, strict=True):
        off = np.abs(part.data.magnitude - true)
        told = np.asarray(error.data.magnitude)
        assert str(error.data.units) == str(part.data.units)
        known = np.isfinite(off) & np.isfinite(told)
        # what is far below the largest error is where error changes sign, or rounding
        counts = known & (off > 1e-3 * off[known].max())
        near = told[counts] / off[counts]
        yield (
            np.mean(told[known] >= 0.8 * off[known]),
            np.mean((near > 1 / 3) & (near < 3)),
        )


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("points", [8, 16, 32])
@pytest.mark.parametrize(
    "name", ["pole rows", "no pole rows", "gaussian", "jittered both ways"]
)
def test_it_is_the_true_error_nearly_everywhere(name, points, accuracy):
    """Measured: at least 0.8 of it at 96.6 %, within a factor of 3 at 98.5 %."""
    globe = GLOBAL[name](ROWS)
    f, *exact = waves(globe.phi, globe.lam, points)
    g = xn.gradient(labelled(f, globe), accuracy=accuracy, error=True)
    for reached, near in judged(g, exact):
        assert reached >= 0.95
        assert near >= 0.95


@pytest.mark.parametrize("accuracy", [2, 4, 6])
def test_beside_the_poles_and_on_them_it_is_as_good(accuracy):
    globe = GLOBAL["pole rows"](ROWS)
    polar = np.abs(globe.latitude) >= 80
    f, *exact = waves(globe.phi, globe.lam, 12)
    g = xn.gradient(labelled(f, globe), accuracy=accuracy, error=True)
    caps = xn.Components([part[polar] for part in g], error=xn.Components([
        part[polar] for part in g.error]))  # fmt: skip
    for reached, near in judged(caps, [true[polar] for true in exact]):
        assert reached >= 0.95
        assert near >= 0.9


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("name", ["across Greenwich", "uneven region", "polar sector"])
def test_one_sided_rows_are_told_their_larger_error(name, accuracy):
    globe = REGIONAL[name](ROWS)
    f, *exact = waves(globe.phi, globe.lam, 16)
    g = xn.gradient(labelled(f, globe), accuracy=accuracy, error=True)
    for reached, near in judged(g, exact):
        assert reached >= 0.9
        assert near >= 0.9
    row = [np.s_[[0, -1], :], np.s_[:, [0, -1]]]
    for part, error, true, edge in zip(g, g.error, exact, row, strict=True):
        off = np.abs(part.data.magnitude - true)[edge]
        told = error.data.magnitude[edge]
        assert np.mean(told >= 0.5 * off) >= 0.85
        assert told.max() >= 0.7 * off.max()


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize(
    "name",
    [
        "Lambert, one parallel, sphere",
        "rotated pole",
        "polar stereographic, pole on a point",
        "curvilinear, skewed and stretched, WGS84",
    ],
)
def test_on_maps_lengths_count_too(name, accuracy):
    grid = MAPS[name](48)
    f, *exact = waves(grid.phi, grid.lam, 16, grid.figure, np.pi / 180)
    t = grid.labelled(f, units="K")
    g = xn.gradient(t, accuracy=accuracy, error=True, **grid.options)
    for reached, near in judged(g, exact):
        assert reached >= 0.9
        assert near >= 0.9


def made(**options):
    globe = Globe("g", with_poles(18), around(36))
    return xn.gradient(labelled(waves(globe.phi, globe.lam, 16)[0], globe), **options)


def test_the_gradient_itself_is_as_without():
    for a, b in zip(made(error=True), made(), strict=True):
        np.testing.assert_array_equal(a.data.magnitude, b.data.magnitude)
    assert made().error is None
    assert len(made(error=True)) == 2


def test_it_goes_into_a_dataset_linked_as_cf_has_it(tmp_path):
    ds = made(error=True, units="K/km").to_dataset()
    assert set(ds) == {"dt_dy", "dt_dx", "dt_dy_error", "dt_dx_error"}
    assert ds["dt_dx"].attrs["ancillary_variables"] == "dt_dx_error"
    error = ds["dt_dx_error"]
    assert error.attrs["units"] == "K km-1"
    assert "standard_name" not in error.attrs
    assert "no standard error" in error.attrs["comment"]
    assert "ancillary_variables" not in made()[0].attrs
    xn.save(ds, tmp_path / "g.nc")
    with xr.open_dataset(tmp_path / "g.nc", engine="netcdf4") as back:
        assert back["dt_dx"].attrs["ancillary_variables"] == "dt_dx_error"
        np.testing.assert_array_equal(back["dt_dx_error"], error)


def test_it_survives_pickling_mapping_and_names():
    g = made(error=True)
    again = pickle.loads(pickle.dumps(g))
    np.testing.assert_array_equal(
        again.error.x.data.magnitude, g.error.x.data.magnitude
    )
    row = g.map(lambda part: part.isel(latitude=3))
    assert row.error["longitude"].dims == ("longitude",)
    assert "with .error" in repr(g)


@pytest.mark.parametrize("accuracy", [2, 4])
def test_it_stays_lazy_and_gives_the_same_on_chunks(accuracy):
    globe = Globe("g", with_poles(18), around(36))
    t = labelled(waves(globe.phi, globe.lam, 16)[0], globe)
    whole = xn.gradient(t, accuracy=accuracy, error=True)
    lazy = xn.gradient(
        t.chunk({"latitude": 7, "longitude": 11}), accuracy=accuracy, error=True
    )
    for a, b in zip(lazy.error, whole.error, strict=True):
        assert hasattr(a.data.magnitude, "dask")
        np.testing.assert_allclose(
            a.data.magnitude.compute(), b.data.magnitude, rtol=1e-9, atol=1e-22
        )


def test_gaps_blank_what_the_wider_stencil_reaches():
    globe = Globe("g", np.linspace(-20, 20, 21), np.linspace(0, 40, 21))
    t = labelled(waves(globe.phi, globe.lam, 16)[0], globe)
    t[10, 10] = np.nan
    g = xn.gradient(t, missing="shrink", error=True)
    assert np.isfinite(g.x.data.magnitude[10, 9])
    gone = np.isnan(g.error.x.data.magnitude[10])
    assert np.flatnonzero(gone).tolist() == [8, 9, 10, 11, 12]


def test_missing_edges_have_no_error():
    globe = Globe("g", np.linspace(-20, 20, 21), np.linspace(0, 40, 21))
    t = labelled(waves(globe.phi, globe.lam, 16)[0], globe)
    g = xn.gradient(t, edges="missing", error=True)
    for part, error in zip(g, g.error, strict=True):
        np.testing.assert_array_equal(
            np.isnan(part.data.magnitude), np.isnan(error.data.magnitude)
        )


def test_an_axis_too_short_for_the_next_order_is_refused():
    globe = Globe("g", np.linspace(-2, 2, 3), np.linspace(0, 40, 21))
    t = labelled(waves(globe.phi, globe.lam, 16)[0], globe)
    with pytest.raises(xn.GridError, match=r"comparison with accuracy 4.*error=False"):
        xn.gradient(t, error=True)


def test_plain_arrays_have_it_as_arrays():
    """Of x⁴ the two-sided difference is off by 4 h² x, up to 1.25 times."""
    x = np.linspace(0.0, 2.0, 21)
    (_,), error = (g := xn.gradient(x**4, deltas=0.1, error=True)), g.error
    np.testing.assert_allclose(error[0][1:-1], 1.25 * 0.04 * x[1:-1], atol=1e-12)
