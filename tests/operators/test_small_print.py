"""Small print that no other test read: found by changing the source in small ways."""

import numpy as np
import pytest
import xarray as xr

import xnabla as xn


def globe(lat, columns=8):
    lon = np.arange(columns) * 360 / columns
    return xr.DataArray(
        np.random.default_rng(0).normal(size=(len(lat), columns)),
        dims=("lat", "lon"),
        coords={
            "lat": ("lat", np.asarray(lat), {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
        },
        name="t",
        attrs={"units": "K"},
    )


def test_an_empty_unit_is_refused_with_one_that_can_be_typed():
    with pytest.raises(xn.UnitsError, match=r"units='K m-1'$") as caught:
        xn.gradient(globe([-20.0, 0.0, 20.0, 40.0]), units="")
    typed = str(caught.value).rpartition("units='")[2].rstrip("'")
    assert len(xn.gradient(globe([-20.0, 0.0, 20.0, 40.0]), units=typed)) == 2


@pytest.mark.parametrize("axis", [0, -2])
def test_an_array_is_smoothed_along_axes_counted_from_either_end(axis):
    values = np.random.default_rng(0).normal(size=(5, 6))
    smoothed = xn.smooth_window(values, np.ones(3), dims=axis)
    mean = (values[:-2] + values[1:-1] + values[2:]) / 3
    np.testing.assert_allclose(smoothed[1:-1], mean, rtol=1e-12, atol=1e-15)


def test_two_rows_are_a_globe_whose_neighbours_lie_across_the_poles():
    assert [pole.sign for pole in xn.grid_of(globe([45.0, -45.0])).poles] == [1, -1]


def test_what_a_grid_mapping_lacks_is_called_missing():
    field = globe([-20.0, 0.0, 20.0]).rename(lat="y", lon="x")
    field["y"].attrs = field["x"].attrs = {"units": "m"}
    field = field.assign_coords(
        crs=((), 0, {"grid_mapping_name": "rotated_latitude_longitude"})
    )
    field.attrs["grid_mapping"] = "crs"
    with pytest.raises(xn.XnablaError, match=r"'grid_north_pole_\w+' is missing"):
        xn.gradient(field)


@pytest.mark.parametrize(
    ("lat", "columns", "why"),
    [
        ([-5.0, 0.0, 5.0], 8, "latitudes end too far from them"),
        ([70.0, 80.0, 90.0], 5, "longitudes do not close the circle"),
    ],
)
def test_a_grid_says_why_no_pole_is_crossed(lat, columns, why):
    field = globe(lat, 8).isel(lon=slice(0, columns))
    line = next(s for s in str(xn.grid_of(field)).splitlines() if "poles:" in s)
    assert line.strip() == f"poles: none crossed: {why}"


def test_an_attribute_location_alone_makes_no_mesh():
    """Asked of a field that has a dimension without coordinate."""
    field = globe([-20.0, 0.0, 20.0]).expand_dims(cell=2)
    plain = xn.gradient(field)
    told = xn.gradient(field.assign_attrs(location="Hamburg"))
    for a, b in zip(plain, told, strict=True):
        np.testing.assert_array_equal(a.data.magnitude, b.data.magnitude)


def test_a_staggered_dimension_of_another_name_goes_to_the_one_of_its_direction():
    rho = xr.DataArray(np.zeros((4, 5)), dims=("eta_rho", "xi_rho"))
    v = xr.DataArray(
        np.arange(15.0).reshape(3, 5), dims=("eta_v", "xi_rho"), attrs={"units": "m/s"}
    )
    on_rho = xn.destagger(v.isel(eta_v=slice(0, 3)), like=rho.isel(eta_rho=slice(0, 2)))
    assert on_rho.dims == ("eta_rho", "xi_rho")
    mean = (v.values[:-1] + v.values[1:]) / 2
    np.testing.assert_array_equal(np.asarray(on_rho.data.magnitude), mean)


def flat(values, name="t", units="K", **more):
    y, x = 1000.0 * np.arange(5), 1000.0 * np.arange(6)
    return xr.DataArray(
        values + 0 * np.add.outer(y, x),
        {"y": ("y", y, {"units": "m"}), "x": ("x", x, {"units": "m"})},
        ("y", "x"),
        name=name,
        attrs={"units": units, **more},
    )


@pytest.mark.parametrize(("name", "said"), [("v", "of 'v' in both"), (None, "'field'")])
def test_what_lies_elsewhere_is_called_by_its_name(name, said):
    u, v = flat(1.0, "u", "m/s"), flat(1.0, name, "m/s").isel(x=slice(4))
    with pytest.raises(xn.GridError, match=said):
        xn.divergence(u, v)


def test_a_wind_from_the_north_by_less_than_a_rounding_is_from_0_degrees():
    y = 1000.0 * np.arange(5)[:, np.newaxis]
    x = 1000.0 * np.arange(6)
    # the gradient points north, and -1e-20 of it west
    pointed = xn.gradient(flat(y - 1e-20 * x)).direction()
    degrees = np.asarray(xn.dequantify(pointed).values)
    assert set(np.unique(degrees)) <= {0.0, 180.0}


def test_moisture_flux_divergence_is_of_the_unit_of_moisture_per_second():
    q = flat(5.0, "q", "g/kg", standard_name="specific_humidity")
    u = flat(1000.0 * np.arange(6), "u", "m/s")
    made = xn.moisture_flux_divergence(q, u, flat(0.0, "v", "m/s"))
    np.testing.assert_allclose(made.data.to("g/kg/s").magnitude, 5.0, rtol=1e-9)


def test_what_rises_through_a_field_brings_it_along():
    hours = np.arange(4).astype("M8[h]").astype("M8[ns]")
    p = xr.DataArray([1e5, 9e4, 8e4], dims="p", attrs={"units": "Pa"})
    time = xr.DataArray(3600.0 * np.arange(4), dims="time")
    t = (flat(0.0) + 3.0 * p + 0.5 * time).transpose("time", "p", "y", "x")
    t = t.assign_coords(p=p, time=hours).assign_attrs(units="K").rename("t")
    still = xr.zeros_like(t).assign_attrs(units="m/s").rename("u")
    omega = xr.full_like(t, 0.25).assign_attrs(units="Pa/s").rename("w")
    # dt/dt + omega dt/dp
    made = xn.material_derivative(t, still, still.rename("v"), omega)
    np.testing.assert_allclose(made.data.to("K/s").magnitude, 1.25, rtol=1e-9, atol=0)
    made = xn.advection(t, still, still.rename("v"), omega)
    np.testing.assert_allclose(
        np.abs(made.data.to("K/s").magnitude), 0.75, rtol=1e-9, atol=0
    )


@pytest.mark.parametrize(("length", "shown"), [(60, 60), (61, 60), (200, 60)])
def test_a_long_name_of_a_map_is_cut_in_the_message(length, shown):
    text = "q" * length
    cut = text if length == shown else text[:57] + "..."
    with pytest.raises(xn.XnablaError, match="none that pyproj knows") as caught:
        xn.gradient(globe([-20.0, 0.0, 20.0]).rename(lat="y", lon="x"), crs=text)
    assert repr(cut) in str(caught.value)


@pytest.mark.parametrize(
    ("other", "same"), [((5.0, "hPa"), False), ((1.0, "hPa"), True), ((7.0, "m"), True)]
)
def test_levels_contradict_each_other_where_they_can_be_compared(other, same):
    wind = globe([-20.0, 0.0, 20.0, 40.0]).assign_attrs(units="m/s")
    u, v = (
        wind.assign_coords(level=((), value, {"units": units}))
        for value, units in ((100.0, "Pa"), other)
    )
    if same:
        assert xn.vorticity(u, v).shape == u.shape
    else:
        with pytest.raises(xn.XnablaError, match="level"):
            xn.vorticity(u, v)


@pytest.mark.parametrize(
    ("name", "attrs", "unit"),
    [
        ("plev", {"axis": "Z"}, "hPa"),
        ("height", {"axis": "Z"}, "m"),
        ("wavelength", {}, "1"),
        ("position", {}, "1"),
    ],
)
def test_an_axis_without_a_unit_is_advised_one_that_its_name_speaks_of(
    name, attrs, unit
):
    field = xr.DataArray(np.arange(4.0), dims=name, attrs={"units": "K"})
    field = field.assign_coords({name: (name, np.arange(1.0, 5.0), attrs)})
    with pytest.raises(xn.XnablaError, match="unit") as caught:
        xn.derivative(field, name)
    assert f"'{unit}'" in str(caught.value)
