"""Levels, kinds of arrays and refusals of xnabla.metpy."""

import numpy as np
import pint
import pytest
import xarray as xr

import xnabla as xn
import xnabla.metpy as mpcalc


def q(values, unit=""):
    return pint.get_application_registry().Quantity(np.asanyarray(values), unit)


def si(result, unit):
    data = result.data if isinstance(result, xr.DataArray) else result
    return np.asarray(data.to(unit).magnitude)


def on_plane(values, unit, **coords):
    step = np.arange(5.0)
    return xr.DataArray(
        np.asarray(values) + np.zeros((5, 5)),
        dims=("y", "x"),
        attrs={"units": unit},
        coords={
            "y": ("y", 20 * step, {"units": "km"}),
            "x": ("x", 30 * step, {"units": "km"}),
            **coords,
        },
    )


class TestVertical:
    P = xr.DataArray([1000.0, 950, 900], dims="pressure", attrs={"units": "hPa"})

    def column(self, values, unit):
        coords = {"pressure": self.P}
        return xr.DataArray(
            values, dims="pressure", coords=coords, attrs={"units": unit}
        )

    def test_advection_by_vertical_motion_alone_is_the_published_one(self):
        s, w = self.column([25.0, 20, 15], "degC"), self.column([20.0, 30, 40], "hPa/s")
        result = mpcalc.advection(s, w=w)
        assert result.dims == ("pressure",)
        np.testing.assert_allclose(si(result, "K/s"), [-2.0, -3, -4], 1e-12)

    def test_levels_of_a_labelled_field_need_no_steps(self):
        levels = np.array([1000.0, 950, 900])
        field = xr.DataArray(
            levels[:, None, None] + np.zeros((3, 4, 5)),
            dims=("pressure", "y", "x"),
            coords={"pressure": self.P},
            attrs={"units": "K"},
        )
        wind, motion = (0 * field.assign_attrs(units="m/s"), 0 * field + 2)
        result = mpcalc.advection(
            field,
            wind.assign_attrs(units="m/s"),
            wind.assign_attrs(units="m/s"),
            motion.assign_attrs(units="hPa/s"),
            dx=q(1.0, "km"),
            dy=q(1.0, "km"),
        )
        np.testing.assert_allclose(si(result, "K/s"), -2.0, 1e-12)

    def test_potential_vorticity_takes_pressure_in_any_shape(self):
        shape = (3, 5, 6)
        coords = {
            "pressure": self.P,
            "lat": ("lat", np.arange(40.0, 45), {"units": "degrees_north"}),
            "lon": ("lon", np.arange(0.0, 6), {"units": "degrees_east"}),
        }

        def made(values, unit):
            values = np.reshape(values, (3, 1, 1)) + np.zeros(shape)
            dims = ("pressure", "lat", "lon")
            return xr.DataArray(values, dims=dims, coords=coords, attrs={"units": unit})

        theta, u, v = (
            made([290, 295, 300], "K"),
            made([1, 2, 3], "m/s"),
            made([0, 0, 0], "m/s"),
        )
        first = mpcalc.potential_vorticity_baroclinic(theta, theta.pressure, u, v)
        column = q(self.P.values, "hPa")[:, None, None]
        for pressure in (
            column,
            made(self.P.values, "hPa"),
            q(column.m + 0 * theta.values, "hPa"),
        ):
            other = mpcalc.potential_vorticity_baroclinic(theta, pressure, u, v)
            np.testing.assert_allclose(
                si(other, "K m^2/kg/s"), si(first, "K m^2/kg/s"), 1e-9, 1e-18
            )

    def test_q_vector_is_inverse_to_pressure_and_stability(self):
        rng = np.random.default_rng(2)
        u, v, t = (
            on_plane(rng.uniform(0, 20, (5, 5)), unit) for unit in ("m/s", "m/s", "K")
        )
        one = mpcalc.q_vector(u, v, t, q(500.0, "hPa"))
        two = mpcalc.q_vector(
            u, v, t, q(1000.0, "hPa"), static_stability=q(2.0, "J/kg/Pa^2")
        )
        assert str(two[0].data.units) == str(q(1, "kg/m^2/s^3").to_base_units().units)
        for a, b in zip(one, two, strict=True):
            np.testing.assert_allclose(
                a.data.magnitude, 4 * b.data.magnitude, 1e-12, 1e-22
            )


class TestKinds:
    def test_quantities_of_any_registry_come_back_in_it(self):
        mine = pint.UnitRegistry()
        u = mine.Quantity(np.arange(9.0).reshape(3, 3), "m/s")
        dx = q(2.0, "km")  # of another registry
        latitude = mine.Quantity(30.0, "degree")
        for result in (
            mpcalc.vorticity(u, u, dx=dx, dy=dx),
            mpcalc.first_derivative(u, delta=mine.Quantity(2.0, "km")),
            mpcalc.absolute_vorticity(u, u, dx, dx, latitude),
            mpcalc.coriolis_parameter(latitude),
            mpcalc.lat_lon_grid_deltas(
                latitude + [0, 1] * mine.degree, latitude + [0, 1] * mine.degree
            )[0],
        ):
            assert (1.0 * result.units)._REGISTRY is mine

    def test_dask_quantities_stay_lazy_with_any_steps(self):
        import dask.array as da

        rng = np.random.default_rng(3)
        values = rng.normal(size=(2, 6, 7))
        chunks = da.from_array(values, chunks=(1, 3, 2))
        lazy = pint.get_application_registry().Quantity(chunks, "m/s")
        dx, dy = q(rng.uniform(1, 2, (6, 6)), "km"), q(rng.uniform(1, 2, (5, 7)), "km")
        plain = q(values, "m/s")
        for name in ("vorticity", "divergence"):
            result = getattr(mpcalc, name)(lazy, lazy, dx=dx, dy=dy)
            assert isinstance(result.magnitude, da.Array)
            expected = getattr(mpcalc, name)(plain, plain, dx=dx, dy=dy)
            np.testing.assert_allclose(
                result.magnitude.compute(), expected.magnitude, 1e-12, 1e-15
            )

    def test_a_mask_spreads_and_stays_a_mask(self):
        values = np.ma.array(
            np.arange(25.0).reshape(5, 5), mask=np.eye(5) * [0, 0, 1, 0, 0]
        )
        u = q(values, "m/s")
        result = mpcalc.divergence(u, u, dx=q(1, "m"), dy=q(1, "m")).magnitude
        expected = np.zeros((5, 5), bool)
        expected[2] = expected[:, 2] = True  # the ends reach three points far
        np.testing.assert_array_equal(result.mask, expected)
        np.testing.assert_allclose(result[~expected], 6.0, 1e-12)

    @pytest.mark.parametrize(
        ("more", "message"),
        [
            ({}, "how far their points lie apart: no d"),
            ({"dx": 1.0, "dy": 1.0, "parallel_scale": 1.0}, "One map factor alone"),
        ],
    )
    def test_too_little_is_refused_with_what_to_type(self, more, message):
        u = q(np.ones((3, 3)), "m/s")
        more = {
            k: q(x, "m") if k[0] == "d" else np.ones((3, 3)) for k, x in more.items()
        }
        with pytest.raises(xn.GridError, match=message):
            mpcalc.vorticity(u, u, **more)

    def test_bare_numbers_for_lengths_are_refused(self):
        u = q(np.ones((3, 3)), "m/s")
        with pytest.raises(xn.UnitsError, match="'dx' has the wrong dimension"):
            mpcalc.vorticity(u, u, dx=1000.0, dy=1000.0)

    def test_calm_air_neither_shears_nor_turns(self):
        calm = q(np.zeros((3, 3)), "m/s")
        for name in ("shear_vorticity", "curvature_vorticity"):
            result = getattr(mpcalc, name)(calm, calm, dx=q(1, "m"), dy=q(1, "m"))
            assert np.isnan(result.magnitude).all()
            labelled = on_plane(0.0, "m/s")
            result = getattr(mpcalc, name)(labelled, labelled)
            assert np.isnan(result.data.magnitude).all()

    def test_the_rotation_needs_a_latitude(self):
        u = q(np.ones((3, 3)), "m/s")
        with pytest.raises(xn.GridError, match="depends on the latitude"):
            mpcalc.absolute_vorticity(u, u, q(1, "m"), q(1, "m"))

    def test_docstrings_tell_where_metpy_tells_more(self):
        for name in mpcalc.__all__:
            text = getattr(mpcalc, name).__doc__
            assert f"generated/metpy.calc.{name}.html" in text
