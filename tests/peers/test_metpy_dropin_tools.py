"""MetPy's own tests of derivatives and lengths of steps, asked of xnabla.metpy.

From MetPy 1.7.1, tests/calc/test_calc_tools.py and conftest.py, Copyright (c) 2008-2025
MetPy Developers, BSD 3-Clause License (metpy_license.txt).
"""

import numpy as np
import pint
import pytest
import xarray as xr

import xnabla.metpy as mpcalc

X, Y = np.array([0.0, 2, 7]), np.array([1.0, 5, 11, 13])
BOWL = 0.5 * (X - 3) ** 2 + 0.25 * (Y[:, None] - 1.5) ** 2
COUNT = np.arange(3 * 3 * 4 * 4).reshape((3, 3, 4, 4))
ALONG_Y, ALONG_X = np.array([-0.25, 1.75, 4.75, 5.75]), np.array([-3.0, -1, 4])


def q(values, unit=""):
    return pint.get_application_registry().Quantity(np.asanyarray(values), unit)


def assert_is(result, values, unit="", atol=1e-5):
    data = result.data if isinstance(result, xr.DataArray) else result
    got = data.to(unit).magnitude
    np.testing.assert_allclose(got, np.broadcast_to(values, got.shape), 0, atol)


class TestPlainDerivatives:
    def test_first_is_that_of_chapra_and_canale(self):
        t, x = q([13.5, 12, 10], "degC"), q([0, 1.25, 3.75], "cm")
        result = mpcalc.first_derivative(t, x=x)
        assert_is(result, [-1.333333, -1.06666667, -0.5333333], "delta_degC/cm")

    @pytest.mark.parametrize(
        "second",
        [
            lambda t, x: mpcalc.second_derivative(t, x=x),
            lambda t, x: mpcalc.laplacian(t, coordinates=(x,)),
        ],
    )
    def test_second_is_the_one_worked_by_hand(self, second):
        t, x = q([13.5, 12, 10], "degC"), q([0, 1.25, 3.75], "cm")
        assert_is(second(t, x), 0.2133333, "delta_degC/cm**2")

    def test_those_of_a_bowl_are_exact_on_uneven_points(self):
        assert_is(mpcalc.first_derivative(BOWL, x=X, axis=1), X - 3.0)
        assert_is(mpcalc.first_derivative(BOWL, x=Y, axis=0), 0.5 * (Y - 1.5)[:, None])
        assert_is(mpcalc.second_derivative(BOWL, x=X, axis=1), 1.0)
        assert_is(mpcalc.second_derivative(BOWL, x=Y, axis=0), 0.5)
        assert_is(mpcalc.laplacian(BOWL, coordinates=(Y, X)), 1.5)

    @pytest.mark.parametrize("order", ["first", "second"])
    def test_two_points_are_too_few(self, order):
        derive = getattr(mpcalc, f"{order}_derivative")
        t, x = q([[13.5], [12], [10]], "degC"), q([0, 1.25, 3.75], "cm")
        with pytest.raises(ValueError, match="at least 3 point"):
            derive(t, x=x, axis=1)

    def test_one_step_is_enough_for_even_points(self):
        assert_is(mpcalc.first_derivative(np.arange(3), delta=1), 1.0)
        assert_is(mpcalc.second_derivative(np.arange(3), delta=1), 0.0)

    @pytest.mark.parametrize("units", [("", ""), ("K", "m")])
    def test_a_mask_spreads_to_the_neighbours(self, units):
        data = np.ma.arange(7)
        data[3] = np.ma.masked
        result = mpcalc.first_derivative(
            q(data, units[0]), x=q(np.ma.arange(7), units[1])
        )
        assert_is(result, 1.0, f"{units[0] or 1} / ({units[1] or 1})")
        wanted = [False, False, True, True, True, False, False]
        np.testing.assert_array_equal(result.magnitude.mask, wanted)


class TestPlainGradient:
    def test_of_a_bowl_is_exact(self):
        for shape in ((4, 3), (4, 3, 1)):
            axes = None if len(shape) == 2 else (0, 1)
            dy, dx = mpcalc.gradient(BOWL.reshape(shape), axes, coordinates=(Y, X))
            assert_is(dy, ALONG_Y.reshape(-1, *(1,) * (len(shape) - 1)))
            assert_is(dx, ALONG_X.reshape(-1, *(1,) * (len(shape) - 2)))

    @pytest.mark.parametrize(
        ("field", "axes", "steps", "slopes"),
        [
            (COUNT, None, 4, (48.0, 16.0, 4.0, 1.0)),
            (COUNT[0], None, 3, (16.0, 4.0, 1.0)),
            (COUNT, (-2, -1), 3, (4.0, 1.0)),  # MetPy does not look at the third
            (COUNT, (0, 1), 2, (48.0, 16.0)),
        ],
    )
    def test_of_numbers_in_order_is_constant(self, field, axes, steps, slopes):
        parts = mpcalc.gradient(field, axes=axes, deltas=(1,) * steps)
        for part, slope in zip(parts, slopes, strict=True):
            assert_is(part, slope, atol=1e-8)

    @pytest.mark.parametrize(
        ("field", "axes", "steps", "message"),
        [
            (COUNT[0], None, 2, "must match the number of dimensions"),
            (COUNT[0, 0], None, 3, "must match the number of dimensions"),
            (COUNT, (1, 2), 1, 'cannot be less than that of "axes"'),
        ],
    )
    def test_needs_as_many_steps_as_axes(self, field, axes, steps, message):
        with pytest.raises(ValueError, match=message):
            mpcalc.gradient(field, axes=axes, deltas=(1,) * steps)


class TestSteps:
    DX = np.repeat([[212943.5585], [204946.2305], [196558.8269], [187797.3216]], 3, 1)
    DY = 277987.1857
    LATITUDE, LONGITUDE = np.arange(40, 50, 2.5), np.arange(-100, -90, 2.5)

    @pytest.mark.parametrize("dims", [1, 2, 4])
    @pytest.mark.parametrize("sign", [1, -1])
    def test_are_the_published_lengths(self, dims, sign):
        longitude, latitude = self.LONGITUDE[::sign], self.LATITUDE[::sign]
        if dims > 1:
            longitude, latitude = np.meshgrid(longitude, latitude)
            shape = (1,) * (dims - 2) + latitude.shape
            longitude, latitude = longitude.reshape(shape), latitude.reshape(shape)
        dx, dy = mpcalc.lat_lon_grid_deltas(longitude, latitude)
        assert dx.shape[-2:] == (4, 3)
        assert dy.shape[-2:] == (3, 4)
        assert_is(dx, sign * self.DX[::sign], "m", atol=1e-4)
        assert_is(dy, sign * self.DY, "m", atol=1e-4)

    def test_are_those_of_another_planet_where_one_is_given(self):
        from pyproj import Geod

        geod = Geod(a=4370997)
        dx, dy = mpcalc.lat_lon_grid_deltas(self.LONGITUDE, self.LATITUDE, geod=geod)
        rows = [146095.76101984, 140608.9751528, 134854.56713287, 128843.49645823]
        assert_is(dx, np.transpose([rows]), "m", atol=1e-4)
        assert_is(dy, 190720.72311199, "m", atol=1e-4)

    def test_need_latitude_and_longitude_alike(self):
        with pytest.raises(ValueError, match="same number of dimensions"):
            mpcalc.lat_lon_grid_deltas(np.zeros((4, 4)), self.LATITUDE)


CRS = {
    "grid_mapping_name": "lambert_conformal_conic",
    "standard_parallel": 50.0,
    "longitude_of_central_meridian": -107.0,
    "latitude_of_projection_origin": 50.0,
    "earth_shape": "spherical",
    "earth_radius": 6367470.21484375,
}


@pytest.fixture
def on_map():
    """Return the field on a Lambert map that MetPy's tests use."""
    times = ["2018-07-01T00:00", "2018-07-01T06:00", "2018-07-01T12:00"]
    return xr.DataArray(
        np.linspace(300, 250, 3 * 3 * 4 * 4).reshape((3, 3, 4, 4)),
        name="temperature",
        dims=("time", "isobaric", "y", "x"),
        coords={
            "time": np.array(times, "datetime64[ns]"),
            "isobaric": ("isobaric", [850.0, 700, 500], {"units": "hPa"}),
            "y": ("y", np.linspace(-1000, 500, 4), {"units": "km"}),
            "x": ("x", np.linspace(0, 1500, 4), {"units": "km"}),
            "lambert_conformal": ((), 0, CRS),
        },
        attrs={"units": "kelvin", "grid_mapping": "lambert_conformal"},
    )


@pytest.fixture
def on_globe():
    """Return the field on latitudes and longitudes that MetPy's tests use."""
    return xr.DataArray(
        np.linspace(300, 250, 3 * 4 * 4).reshape((3, 4, 4)),
        name="temperature",
        dims=("isobaric", "lat", "lon"),
        coords={
            "isobaric": ("isobaric", [850.0, 700, 500], {"units": "hPa"}),
            "lat": ("lat", np.linspace(30, 40, 4), {"units": "degrees_north"}),
            "lon": ("lon", np.linspace(260, 270, 4), {"units": "degrees_east"}),
        },
        attrs={"units": "kelvin"},
    )


EASTWARD = [-3.30782978e-06, -3.42816074e-06, -3.57012948e-06, -3.73759364e-06]
NORTHWARD = [-1.15162805e-05, -1.15101023e-05, -1.15037894e-05, -1.14973413e-05]


class TestLabelledDerivatives:
    def test_along_longitude_is_the_published_one_by_any_name(self, on_globe):
        result = mpcalc.first_derivative(on_globe, axis="lon")
        assert result.dims == on_globe.dims
        # MetPy's geodesic is shorter than the parallel by 6e-5 of it
        assert_is(result, np.transpose([EASTWARD]), "K/m", atol=3e-10)
        for name in ("x", "longitude", -1):
            xr.testing.assert_identical(mpcalc.first_derivative(on_globe, name), result)

    def test_along_time_is_the_first_by_default(self, on_map):
        assert_is(mpcalc.first_derivative(on_map), -0.000777000777, "K/s", atol=1e-12)

    def test_along_time_knows_tenths_of_seconds(self):
        times = [f"2019-01-01T00:00:00.{tenth}" for tenth in range(3)]
        t = xr.DataArray(
            [299.5, 300, 300.5],
            dims="time",
            coords={"time": np.array(times, "datetime64[ns]")},
            attrs={"units": "kelvin"},
        )
        assert_is(mpcalc.first_derivative(t), 5.0, "K/s", atol=1e-12)

    def test_gradient_on_a_map_is_along_it_as_published(self, on_map):
        """MetPy says that this one knows no map factors; geospatial_gradient does."""
        dx, dy, dp = mpcalc.gradient(on_map, axes=("x", "y", "isobaric"))
        assert_is(dx, -6.993007e-07, "K/m", atol=1e-13)
        assert_is(dy, -2.797203e-06, "K/m", atol=1e-12)
        published = np.reshape([0.04129204, 0.03330003, 0.02264402], (3, 1, 1))
        assert_is(dp, published, "K/hPa", atol=1e-8)
        for axes in (("x", "y", "vertical"), (3, 2, 1)):
            again = mpcalc.gradient(on_map, axes=axes)
            for one, other in zip(again, (dx, dy, dp), strict=True):
                xr.testing.assert_equal(one, other)

    def test_gradient_takes_all_axes_in_their_order(self, on_map, on_globe):
        dy, dx = mpcalc.gradient(on_map.isel(time=0, isobaric=2))
        assert_is(dx, -6.993007e-07, "K/m", atol=1e-13)
        assert_is(dy, -2.797203e-06, "K/m", atol=1e-12)
        dx, dy = mpcalc.gradient(on_globe.isel(isobaric=0).transpose("lon", "lat"))
        assert_is(dx, EASTWARD, "K/m", atol=3e-10)
        # ours is exact: linear in latitude, over M; MetPy differences true lengths
        assert_is(dy, NORTHWARD, "K/m", atol=1.2e-10)

    def test_coordinates_may_be_labelled_and_the_result_stays_so(self, on_map):
        data = on_map.isel(time=0, isobaric=2)
        dy, dx = mpcalc.gradient(data, coordinates=(data.y, data.x))
        assert dx.dims == dy.dims == data.dims
        assert_is(dx, -6.993007e-07, "K/m", atol=1e-12)
        assert_is(dy, -2.797203e-06, "K/m", atol=1e-12)

    def test_steps_given_to_a_labelled_field_leave_it_labelled(self, on_globe):
        from pyproj import Geod

        longitude, latitude = (on_globe[name].values for name in ("lon", "lat"))
        dx, _ = mpcalc.lat_lon_grid_deltas(
            longitude, latitude, geod=Geod(ellps="WGS84")
        )
        result = mpcalc.first_derivative(on_globe, delta=dx[None], axis=-1)
        assert result.dims == on_globe.dims
        assert_is(result, np.transpose([EASTWARD]), "K/m", atol=1e-12)


def quantities_of_the_globe():
    arr = q(np.arange(4.0) + np.zeros((3, 1)), "m/s")
    return arr, {
        "longitude": q([-100, -90, -80, -70], "degree"),
        "latitude": q([45, 55, 65], "degree"),
        "crs": "+proj=latlon",
    }


@pytest.mark.parametrize(
    ("return_only", "shape"),
    [(None, (2, 3, 4)), ("df/dx", (3, 4)), (("df/dx",), (1, 3, 4))],
)
def test_parts_of_a_gradient_come_as_asked_for(return_only, shape):
    f, place = quantities_of_the_globe()
    got = mpcalc.geospatial_gradient(f, **place, return_only=return_only)
    assert (len(got), *np.shape(got[0])) == shape


@pytest.mark.parametrize(
    ("return_only", "shape"),
    [
        (None, (4, 3, 4)),
        ("du/dx", (3, 4)),
        (("du/dx", "dv/dy"), (2, 3, 4)),
        (("du/dx",), (1, 3, 4)),
    ],
)
def test_parts_of_a_wind_come_as_asked_for(return_only, shape):
    u, place = quantities_of_the_globe()
    got = mpcalc.vector_derivative(u, u, **place, return_only=return_only)
    assert (len(got), *np.shape(got[0])) == shape
