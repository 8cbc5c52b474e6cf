"""Staggered winds reach the mass points, their labels with them."""

import numpy as np
import pint
import pytest
import xarray as xr
from fields import real

import xnabla as xn


def staggered(values, dims, **coords):
    return xr.DataArray(
        values, dims=dims, coords=coords, name="U", attrs={"units": "m s-1"}
    )


def test_a_field_linear_in_x_is_exact_at_the_mass_points():
    u = staggered(np.arange(5.0)[None] * 2.0, ("south_north", "west_east_stag"))
    got = xn.destagger(u)
    assert got.dims == ("south_north", "west_east")
    np.testing.assert_array_equal(got.data.magnitude, [[1.0, 3.0, 5.0, 7.0]])
    assert got.data.units == pint.Unit("m/s")
    assert got.name == "U"


def test_every_staggered_dimension_is_brought_back():
    w = staggered(np.zeros((3, 4, 5)), ("bottom_top_stag", "a", "west_east_stag"))
    assert xn.destagger(w).shape == (2, 4, 4)


@pytest.mark.parametrize("name", ["U", "V"])
def test_wrf_winds_are_those_that_wrf_python_gives(name):
    with xr.open_dataset(real("wrf_mercator_katrina.nc")) as data:
        first = data.isel(Time=0).load()
    with xr.open_dataset(real("wrf_mercator_katrina_reference.nc")) as oracle:
        expected = oracle[{"U": "ua", "V": "va"}[name]].values
    alone = xn.destagger(first[name])
    beside = xn.destagger(first[name], like=first["T"])
    for got in (alone, beside):
        np.testing.assert_allclose(got.data.magnitude, expected, atol=1e-6)
        np.testing.assert_allclose(got.XLONG, first.XLONG, atol=2e-5)
        np.testing.assert_allclose(got.XLAT, first.XLAT, atol=2e-5)
    assert xn.grid_of(alone).kind == "latitude-longitude"


def test_destaggered_winds_lie_on_one_grid_and_staggered_ones_do_not():
    with xr.open_dataset(real("wrf_mercator_katrina.nc")) as data:
        first = data.isel(Time=0, bottom_top=3).load()
    with pytest.raises(xn.GridError, match=r"xn\.destagger"):
        xn.vorticity(first["U"], first["V"])
    zeta = xn.vorticity(xn.destagger(first["U"]), xn.destagger(first["V"]))
    assert 1e-3 < float(abs(zeta.data.magnitude).max()) < 1e-2  # a hurricane


def test_longitudes_that_jump_at_the_dateline_are_averaged_across_it():
    lon = np.array([[178.0, 179.5, -179.0, -177.5]])
    u = staggered(
        np.zeros((1, 4)),
        ("south_north", "west_east_stag"),
        XLONG_U=(("south_north", "west_east_stag"), lon, {"units": "degree_east"}),
    )
    got = xn.destagger(u).XLONG.values % 360.0
    np.testing.assert_allclose(got, [[178.75, 180.25, 181.75]])


def test_a_c_grid_with_one_point_less_is_missing_at_its_rim():
    u = staggered(np.arange(4.0), ("xi_u",))
    like = xr.DataArray(np.zeros(5), dims="xi_rho", coords={"xi_rho": np.arange(5.0)})
    got = xn.destagger(u, like=like)
    np.testing.assert_array_equal(got.data.magnitude, [np.nan, 0.5, 1.5, 2.5, np.nan])
    np.testing.assert_array_equal(got.xi_rho, like.xi_rho)


def test_a_dask_field_stays_lazy_and_gives_the_same_bits():
    values = np.random.default_rng(0).normal(size=(6, 9)).astype(np.float32)
    u = staggered(values, ("south_north", "west_east_stag"))
    lazy = xn.destagger(u.chunk({"west_east_stag": 2}))
    assert hasattr(lazy.data.magnitude, "__dask_graph__")
    assert lazy.dtype == np.float32
    np.testing.assert_array_equal(
        lazy.data.magnitude.compute(), xn.destagger(u).data.magnitude
    )


def test_nan_stays_with_its_neighbours_only():
    u = staggered([1.0, np.nan, 3.0, 4.0], ("west_east_stag",))
    got = xn.destagger(u).data.magnitude
    np.testing.assert_array_equal(np.isnan(got), [True, True, False])


def test_attributes_of_staggering_go_and_others_stay():
    u = staggered(np.zeros(3), ("west_east_stag",))
    u.attrs |= {"stagger": "X", "description": "x-wind component"}
    assert xn.destagger(u).attrs == {"description": "x-wind component"}


@pytest.mark.parametrize(
    ("field", "kwargs", "word"),
    [
        (staggered(np.zeros(3), ("x",)), {}, "no staggered dimension"),
        (
            staggered(np.zeros(3), ("xi_u",)),
            {"like": xr.DataArray(np.zeros(9), dims="xi_rho")},
            "does not stagger",
        ),
        (
            staggered(np.zeros(3), ("x",)),
            {"like": xr.DataArray(np.zeros(3), dims="x")},
            "already",
        ),
        (staggered(np.zeros(3), ("x_stag",)), {"like": "T"}, "mass points"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(field, kwargs, word):
    with pytest.raises(xn.XnablaError, match=word):
        xn.destagger(field, **kwargs)


@pytest.mark.parametrize("units", [None, "", "m s-1"])
def test_a_field_needs_no_unit_to_be_brought_to_mass_points(units):
    u = staggered(np.arange(5.0)[None] * 2.0, ("south_north", "west_east_stag"))
    u.attrs = {"description": "a flag"} | ({} if units is None else {"units": units})
    got = xn.destagger(u)
    if units:
        assert got.data.units == pint.Unit("m/s")
    else:
        assert isinstance(got.data, np.ndarray)
        assert "units" not in got.attrs
    np.testing.assert_array_equal(np.asarray(got.nabla.dequantify()), [[1, 3, 5, 7]])
