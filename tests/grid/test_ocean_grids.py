"""Grids of ocean models: rows on land that collapse, places that are none."""

import numpy as np
import pytest
import xarray as xr
from fields import SPHERE_M

import xnabla as xn


def in_two(lat, lon, values, dims=("y", "x"), **attrs):
    """A field on nav_lat and nav_lon."""
    return xr.DataArray(
        values,
        dims=dims,
        coords={
            "nav_lat": (dims, lat, {"units": "degrees_north"}),
            "nav_lon": (dims, lon, {"units": "degrees_east"}),
        },
        name="tos",
        attrs={"units": "K", **attrs},
    )


def smooth(lat, lon):
    """Return sin φ cos φ cos 2λ."""
    phi, lam = np.deg2rad(lat), np.deg2rad(lon)
    return np.sin(phi) * np.cos(phi) * np.cos(2 * lam)


def slopes(lat, lon):
    """Return its derivatives eastward and northward, per radius, by hand."""
    phi, lam = np.deg2rad(lat), np.deg2rad(lon)
    return -2 * np.sin(phi) * np.sin(2 * lam), np.cos(2 * phi) * np.cos(2 * lam)


def laplacian(lat, lon):
    """Return its (1/cos φ) ∂φ(cos φ ∂φ f) - 4 f / cos²φ, by hand."""
    phi, lam = np.deg2rad(lat), np.deg2rad(lon)
    tan = np.tan(phi)
    of_phi = -2 * np.sin(2 * phi) - tan * np.cos(2 * phi) - 4 * tan
    return of_phi * np.cos(2 * lam)


def sea_with_collapsed_rows(n, collapsed=True):
    """A sheared grid of 2n rows, the southern seventh of which is squeezed land."""
    rows, columns = np.arange(2 * n) / (2 * n), np.arange(n) / n
    lat, lon = np.meshgrid(-30 + 70 * rows, 40 * columns, indexing="ij")
    lon = lon + 0.2 * (lat + 30)
    land = np.zeros(lat.shape, dtype=bool)
    land[: 2 * n // 7] = True
    if collapsed:  # all columns at both ends, with one giant step between
        squeezed = np.where(columns < 0.4, 0.02 * columns, 39.0 + 0.02 * columns)
        lon = np.where(land, squeezed + 0.2 * (lat + 30), lon)
    i, j = np.meshgrid(columns - 0.6, rows - 0.6)
    island = np.hypot(i, j) < 0.2 + 0.05 * np.sin(7 * np.arctan2(j, i))
    return lat, lon, land, island


@pytest.mark.parametrize("missing", ["propagate", "shrink"])
def test_rows_that_collapse_on_land_leave_the_sea_as_it_is(missing):
    """Their steps drew the parameter along x to theirs: slopes beside coasts broke."""
    errors = {}
    for collapsed in (False, True):
        lat, lon, land, island = sea_with_collapsed_rows(48, collapsed)
        values = np.where(land | island, np.nan, smooth(lat, lon))
        got = xn.gradient(in_two(lat, lon, values), missing=missing)
        apart = [
            np.abs(part.data.magnitude * SPHERE_M - true)
            for part, true in zip((got.x, got.y), slopes(lat, lon), strict=True)
        ]
        far = np.zeros_like(land)
        far[2 * 48 // 7 + 2 :] = True
        errors[collapsed] = max(np.nanmax(one[far]) for one in apart)
        assert np.isfinite(apart[0][far & ~island]).mean() > 0.8
    assert errors[True] <= 1.01 * errors[False] + 1e-12
    assert errors[True] < (0.05 if missing == "shrink" else 5e-3)


def test_the_parameter_of_a_grid_with_collapsed_rows_is_the_number_of_the_point():
    lat, lon, _, _ = sea_with_collapsed_rows(48)
    surface = xn.grid_of(in_two(lat, lon, lat)).surface
    np.testing.assert_array_equal(surface.lines[1].points, np.arange(48.0))


def test_a_laplacian_far_from_land_does_not_see_its_collapsed_rows():
    lat, lon, land, _ = sea_with_collapsed_rows(48)
    got = xn.laplacian(in_two(lat, lon, np.where(land, np.nan, smooth(lat, lon))))
    error = got.data.magnitude * SPHERE_M**2 - laplacian(lat, lon)
    assert np.nanmax(np.abs(error[20:])) < 0.02


def test_places_repeated_on_land_are_none():
    """NEMO writes zeros for latitude and longitude where it left out processors."""
    lat, lon, _, _ = sea_with_collapsed_rows(40, collapsed=False)
    gone = np.zeros(lat.shape, dtype=bool)
    gone[30:42, 10:22] = True
    values = np.where(gone, np.nan, smooth(lat, lon))
    zeros = [np.where(gone, 0.0, c) for c in (lat, lon)]
    blanks = [np.where(gone, np.nan, c) for c in (lat, lon)]
    for missing in ("propagate", "shrink"):
        written = xn.gradient(in_two(*zeros, values), missing=missing)
        unknown = xn.gradient(in_two(*blanks, values), missing=missing)
        for one, two in zip(written, unknown, strict=True):
            np.testing.assert_array_equal(one.data.magnitude, two.data.magnitude)
        east, _ = slopes(lat, lon)
        got = written.x.data.magnitude * SPHERE_M
        assert np.nanmax(np.abs(got - east)) < 0.05
        assert np.isnan(got[gone]).all()
        if missing == "shrink":
            assert np.isfinite(got[~gone]).all()


def test_a_pole_row_or_a_repeated_column_is_a_place():
    """One place along x alone, or far apart: as at a pole, and at a seam."""
    lat, lon, _, _ = sea_with_collapsed_rows(12, collapsed=False)
    wide_lat, wide_lon = (np.concatenate([c, c[:, :2]], axis=1) for c in (lat, lon))
    assert np.isfinite(
        xn.grid_of(in_two(wide_lat, wide_lon, wide_lat)).surface.places
    ).all()
    lat[-1], lon[-1] = 90.0, 0.0
    assert np.isfinite(xn.grid_of(in_two(lat, lon, lat)).surface.places).all()


# --- whose places they are -----------------------------------------------------------

PAIRS = {"temp": "TLONG TLAT", "uvel": "ULONG ULAT", "vvel": "ULONG ULAT"}


def pop(tmp_path, named=True):
    """Temperature and velocity of POP: on the same dimensions, half a cell apart."""
    dims = ("nlat", "nlon")
    rows, columns = np.meshgrid(np.arange(40.0), np.arange(36.0), indexing="ij")
    places = {}
    for letter, shift in (("T", 0.0), ("U", 0.5)):
        lat = 10 + (rows + shift) * 1.1
        lon = 20 + (columns + shift) * 1.3 + 0.3 * lat
        places[f"{letter}LAT"] = (dims, lat, {"units": "degrees_north"})
        places[f"{letter}LONG"] = (dims, lon, {"units": "degrees_east"})
    data = xr.Dataset(places)
    for name, told in PAIRS.items():
        lon, lat = (data[one].values for one in told.split())
        data[name] = (dims, smooth(lat, lon), {"units": "K"})
        if name != "temp":
            data[name].attrs = {
                "units": "cm/s",
                "standard_name": f"sea_water_{'x' if name == 'uvel' else 'y'}_velocity",
            }
        if named:
            data[name].attrs["coordinates"] = told
    data.to_netcdf(tmp_path / "pop.nc")
    return xr.open_dataset(tmp_path / "pop.nc")


@pytest.mark.parametrize("name", ["temp", "uvel"])
def test_a_field_lies_where_its_attribute_says(name, tmp_path):
    with pop(tmp_path) as data:
        lon, lat = (data[one].values for one in PAIRS[name].split())
        field = data[name].assign_attrs(units="K").load()
        if "TLAT" not in field.coords:
            field = field.assign_coords(data[["TLAT", "TLONG"]].coords)
        got = xn.gradient(field)
        for part, true in zip((got.x, got.y), slopes(lat, lon), strict=True):
            assert np.abs(part.data.magnitude * SPHERE_M - true).max() < 2e-3
        f = xn.coriolis_parameter(field).data.magnitude
        np.testing.assert_allclose(f, 2 * 7.292115e-5 * np.sin(np.deg2rad(lat)))
        assert {"TLAT", "ULAT"} & set(got.x.coords) == {PAIRS[name].split()[1]}
        # and the result knows it still
        again = xn.gradient(got.x * 1.0)
        assert np.isfinite(again.x.data.magnitude).all()


def test_two_pairs_of_places_and_no_word_which_are_refused(tmp_path):
    with pop(tmp_path, named=False) as data:
        field = data.set_coords(["TLAT", "TLONG", "ULAT", "ULONG"]).temp.load()
    for operator in (xn.gradient, xn.laplacian, xn.coriolis_parameter):
        with pytest.raises(xn.GridError, match=r"two different pairs.*drop_vars"):
            operator(field)
    one = field.drop_vars(["ULAT", "ULONG"])
    told = field.assign_attrs(coordinates="TLONG TLAT")
    for a, b in zip(xn.gradient(one), xn.gradient(told), strict=True):
        np.testing.assert_array_equal(a.data.magnitude, b.data.magnitude)


def test_two_pairs_that_are_the_same_places_are_one(tmp_path):
    with pop(tmp_path, named=False) as data:
        field = data.set_coords(["TLAT", "TLONG"]).temp.load()
    twice = field.assign_coords(lat=field.TLAT + 1e-6, lon=field.TLONG + 360.0)
    for name in ("lat", "lon"):
        twice[name].attrs = dict(field["T" + name.upper().replace("LON", "LONG")].attrs)
    for a, b in zip(xn.gradient(field), xn.gradient(twice), strict=True):
        np.testing.assert_allclose(a.data.magnitude, b.data.magnitude, rtol=1e-3)


def test_a_time_derivative_needs_no_places(tmp_path):
    with pop(tmp_path, named=False) as data:
        field = data.set_coords(["TLAT", "TLONG", "ULAT", "ULONG"]).temp.load()
    series = xr.concat([field, field + 1.0], "time").assign_attrs(units="K")
    series["time"] = ("time", [0.0, 1.0], {"units": "hours"})
    slope = xn.derivative(series, "time", units="K/hour", edge_order=1)
    np.testing.assert_allclose(slope.data.magnitude, 1.0)


def test_a_field_and_a_wind_at_different_places_are_refused(tmp_path):
    with pop(tmp_path) as data:
        temp, u, v = (data[name].load() for name in PAIRS)
        every = data[["TLAT", "TLONG", "ULAT", "ULONG"]].coords
        fields = [one.assign_coords(every) for one in (temp, u, v)]
        for one, name in zip(fields, PAIRS, strict=True):
            one.encoding["coordinates"] = PAIRS[name]
    with pytest.raises(xn.GridError, match=r"different places.*TLAT.*ULAT"):
        xn.advection(*fields)
    assert np.isfinite(xn.vorticity(*fields[1:]).data.magnitude).all()


@pytest.mark.parametrize("name", ["TLON", "ULON", "ULAT", "VLAT", "TLONG"])
def test_names_of_cice_and_pop_are_places(name):
    role = "latitude" if "LAT" in name else "longitude"
    from xnabla.grid import role_of

    assert role_of(name, {}, np.dtype(float)) == role
    assert role_of("n" + name[1:].lower(), {}, np.dtype(float)) == "other"


@pytest.mark.parametrize("place", [0.0, 1.0, np.nan])
def test_points_that_all_lie_at_one_place_are_refused(place):
    """cf_xarray's popds has a latitude and a longitude of ones: slopes were NaN."""
    dims, shape = ("nlat", "nlon"), (6, 8)
    coords = {
        "TLAT": (dims, np.full(shape, place), {"units": "degrees_north"}),
        "TLONG": (dims, np.full(shape, place), {"units": "degrees_east"}),
    }
    field = xr.DataArray(np.ones(shape), coords, dims, attrs={"units": "K"})
    with pytest.raises(xn.GridError, match="'TLAT' and 'TLONG' give no point"):
        xn.gradient(field)
