"""The gradient and derivative tests of MetPy's test_calc_tools.py, asked of xnabla."""

import numpy as np
import pint
import pytest
import xarray as xr

import xnabla as xn

# importing MetPy makes its registry the application's: only the tests here may see it
_OWN = pint.get_application_registry().get()
import metpy.calc as mpcalc  # noqa: E402
from metpy.units import units  # noqa: E402

pint.set_application_registry(_OWN)


@pytest.fixture(autouse=True)
def _with_metpys_registry():
    pint.set_application_registry(units)
    yield
    pint.set_application_registry(_OWN)


X1 = np.array([0, 1.25, 3.75]) * units.cm
V1 = np.array([13.5, 12, 10]) * units.degC
x, y, x0, y0, a, b = (
    np.array([0.0, 2.0, 7.0]),
    np.array([1.0, 5.0, 11.0, 13.0]),
    3,
    1.5,
    0.5,
    0.25,
)
F = a * (x - x0) ** 2 + b * (y[:, None] - y0) ** 2
D4 = np.arange(3 * 3 * 4 * 4).reshape((3, 3, 4, 4))


def test_first():
    d = xn.derivative(V1, 0, coordinates=X1)
    assert d.units == units.Unit("delta_degC/cm") or d.units.is_compatible_with("K/cm")
    np.testing.assert_allclose(
        d.to("delta_degC/cm").m, [-1.333333, -1.06666667, -0.5333333], atol=1e-5
    )


def test_second():
    with pytest.raises(xn.GridError, match="edge_order=1"):
        xn.derivative(V1, 0, order=2, coordinates=X1)  # MetPy's ends are of first order
    d = xn.derivative(V1, 0, order=2, coordinates=X1, edge_order=1)
    np.testing.assert_allclose(d.to("delta_degC/cm**2").m, [0.2133333] * 3, atol=1e-5)


def test_first_2d_plain_accuracy():
    # MetPy on plain arrays: second-order edges
    d = xn.derivative(F, 1, coordinates=x, edge_order=2)
    np.testing.assert_allclose(d, np.tile(2 * a * (x - x0), (4, 1)), atol=1e-5)
    d = xn.derivative(F, 0, coordinates=y, edge_order=2)
    np.testing.assert_allclose(d, np.tile(2 * b * (y - y0), (3, 1)).T, atol=1e-5)


def test_second_2d():
    np.testing.assert_allclose(
        xn.derivative(F, 1, order=2, coordinates=x), np.full(F.shape, 2 * a), atol=1e-5
    )
    np.testing.assert_allclose(
        xn.derivative(F, 0, order=2, coordinates=y), np.full(F.shape, 2 * b), atol=1e-5
    )


def test_too_small():
    for o in (1, 2):
        with pytest.raises(ValueError):
            xn.derivative(V1[None, :].T, 1, order=o, coordinates=X1)


def test_scalar_delta():
    np.testing.assert_allclose(xn.derivative(np.arange(3), 0, deltas=1), [1, 1, 1])
    np.testing.assert_allclose(
        xn.derivative(np.arange(3), 0, order=2, deltas=1), [0, 0, 0], atol=1e-12
    )


def test_masked():
    d = np.ma.arange(7)
    d[3] = np.ma.masked
    g = xn.derivative(d, 0, deltas=1)
    np.testing.assert_array_equal(g.mask, [0, 0, 1, 1, 1, 0, 0])
    np.testing.assert_array_equal(g.filled(1), 1)


def test_masked_units():
    d = units("K") * np.ma.arange(7)
    d[3] = np.ma.masked
    xx = units("m") * np.ma.arange(7)
    g = xn.derivative(d, 0, coordinates=xx)
    np.testing.assert_array_equal(g.mask, [0, 0, 1, 1, 1, 0, 0])
    assert g.units == units.Unit("K/m")


def test_gradient_nd():
    r = xn.gradient(F * units.K, coordinates=(y * units.m, x * units.m))
    np.testing.assert_allclose(r[0].m[:, 0], [-0.25, 1.75, 4.75, 5.75])
    np.testing.assert_allclose(r[1].m[0], [-3, -1, 4])
    r = xn.gradient(F, coordinates=(y, x), edge_order=2)
    np.testing.assert_allclose(r[0][:, 0], [-0.25, 1.75, 4.75, 5.75])
    np.testing.assert_allclose(r[1][0], [-3, -1, 4])
    for p, t in zip(xn.gradient(D4, deltas=(1, 1, 1, 1)), (48, 16, 4, 1), strict=True):
        np.testing.assert_allclose(p, t)
    r = xn.gradient(F[..., None], (0, 1), coordinates=(y, x), edge_order=2)
    np.testing.assert_allclose(r[1][0, :, 0], [-3, -1, 4])
    for p, t in zip(xn.gradient(D4, (-2, -1), deltas=(1, 1)), (4, 1), strict=True):
        np.testing.assert_allclose(p, t)
    for bad, kw in ((D4[0], {"deltas": (1, 1)}), (D4[0, 0], {"deltas": (1, 1, 1)})):
        with pytest.raises(ValueError):
            xn.gradient(bad, **kw)
    with pytest.raises(ValueError):
        xn.gradient(D4, (1, 2), deltas=(1,))


def test_more_deltas_than_axes_are_refused():
    with pytest.raises(xn.OptionError, match="a tuple of 2"):
        xn.gradient(D4, (-2, -1), deltas=(1, 1, 1))


@pytest.fixture
def da_xy():
    data = np.linspace(300, 250, 3 * 3 * 4 * 4).reshape((3, 3, 4, 4))
    return xr.DataArray(
        data,
        name="t",
        dims=("time", "isobaric", "y", "x"),
        coords={
            "time": np.array(
                ["2018-07-01T00:00", "2018-07-01T06:00", "2018-07-01T12:00"],
                "datetime64[ns]",
            ),
            "isobaric": xr.DataArray(
                [850.0, 700.0, 500.0], dims="isobaric", attrs={"units": "hPa"}
            ),
            "y": xr.DataArray(
                [-1000.0, -500.0, 0.0, 500.0], dims="y", attrs={"units": "km"}
            ),
            "x": xr.DataArray(
                [-1000.0, -500.0, 0.0, 500.0], dims="x", attrs={"units": "km"}
            ),
        },
        attrs={"units": "K"},
    )


def test_time_default(da_xy):
    d = xn.derivative(da_xy, "time")
    np.testing.assert_allclose(d.data.to("K/s").m, -0.000777000777, rtol=1e-6)


def test_subsecond():
    da = xr.DataArray(
        [299.5, 300, 300.5],
        dims="time",
        coords={
            "time": np.array(
                [
                    "2019-01-01T00:00:00.0",
                    "2019-01-01T00:00:00.1",
                    "2019-01-01T00:00:00.2",
                ],
                "datetime64[ns]",
            )
        },
        attrs={"units": "kelvin"},
    )
    np.testing.assert_allclose(xn.derivative(da, "time").data.to("K/s").m, 5)


def test_xy_p(da_xy):
    gx, gy, gp = xn.gradient(da_xy, ("x", "y", "isobaric"))
    np.testing.assert_allclose(gx.data.to("K/m").m, -6.993007e-07, rtol=1e-6)
    np.testing.assert_allclose(gy.data.to("K/m").m, -2.797203e-06, rtol=1e-6)
    np.testing.assert_allclose(
        gp.data.to("K/hPa").m[0, :, 0, 0],
        [0.04129204, 0.03330003, 0.02264402],
        rtol=1e-6,
    )
    m = mpcalc.gradient(da_xy, axes=("x", "y", "isobaric"))
    for p, q in zip((gx, gy, gp), m, strict=False):
        np.testing.assert_allclose(p.data.m, q.data.to(p.data.units).m, rtol=1e-9)
    for alt in (("x", "y", "vertical"),):
        assert xn.gradient(da_xy, alt)[2].identical(gp)


def test_lonlat():
    data = np.linspace(300, 250, 3 * 4 * 4).reshape((3, 4, 4))
    da = xr.DataArray(
        data,
        dims=("isobaric", "lat", "lon"),
        coords={
            "isobaric": xr.DataArray(
                [850.0, 700.0, 500.0], dims="isobaric", attrs={"units": "hPa"}
            ),
            "lat": xr.DataArray(
                np.linspace(30, 40, 4), dims="lat", attrs={"units": "degrees_north"}
            ),
            "lon": xr.DataArray(
                np.linspace(260, 270, 4), dims="lon", attrs={"units": "degrees_east"}
            ),
        },
        attrs={"units": "kelvin"},
    )
    g = xn.derivative(da, "lon", earth="WGS84")
    # MetPy's truth (geodesic on its default sphere 6370997? / WGS84 in 1.7)
    t = np.array([-3.30782978e-06, -3.42816074e-06, -3.57012948e-06, -3.73759364e-06])
    print(g.data.to("K/m").m[0, :, 0] / t - 1)
    np.testing.assert_allclose(g.data.to("K/m").m[0, :, 0], t, rtol=3e-3)
