"""Which way arguments of xnabla.metpy go: labelled, by steps, or between the two."""

import numpy as np
import pint
import pytest
import xarray as xr

import xnabla as xn
import xnabla.metpy as mpcalc

R = 6371229.0
LAMBERT = {
    "grid_mapping_name": "lambert_conformal_conic",
    "standard_parallel": [25.0, 60.0],
    "longitude_of_central_meridian": -95.0,
    "latitude_of_projection_origin": 35.0,
    "earth_radius": R,
}


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


@pytest.fixture
def on_map():
    """Return how to make a field on a Lambert map, and where its points lie."""
    from pyproj import CRS, Transformer

    x, y = np.arange(-1e6, 1e6, 50e3), np.arange(-8e5, 8e5, 50e3)
    crs = CRS.from_cf(LAMBERT)
    to_globe = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon, lat = to_globe.transform(*np.meshgrid(x, y))

    def made(values, unit, **attrs):
        return xr.DataArray(
            values,
            dims=("y", "x"),
            attrs={"units": unit, "grid_mapping": "crs", **attrs},
            coords={
                "y": ("y", y, {"units": "m"}),
                "x": ("x", x, {"units": "m"}),
                "crs": ((), 0, LAMBERT),
            },
        )

    return made, lon, lat, crs


class TestPlanes:
    def test_a_latitude_beside_a_plane_gives_the_rotation(self):
        z = on_plane(np.arange(5.0), "m")  # a metre in 30 km
        u, v = mpcalc.geostrophic_wind(z, latitude=q(30.0, "degrees"))
        assert u.dims == v.dims == ("y", "x")
        np.testing.assert_allclose(si(u, "m/s"), 0.0, 0, 1e-15)
        np.testing.assert_allclose(si(v, "m/s"), 9.80665 / 3e4 / 7.292115e-5, 1e-12)

    def test_a_latitude_may_differ_from_row_to_row_and_be_labelled(self):
        z = on_plane(np.arange(5.0), "m")
        rows = np.array([30.0, 35, 40, 45, 50])
        latitude = xr.DataArray(rows, dims="y", attrs={"units": "degrees_north"})
        _, v = mpcalc.geostrophic_wind(z, latitude=latitude.assign_coords(y=z.y))
        f = 2 * 7.292115e-5 * np.sin(np.deg2rad(rows))[:, None]
        np.testing.assert_allclose(si(v, "m/s"), 9.80665 / 3e4 / f + np.zeros(5), 1e-12)

    def test_coordinates_alone_are_enough(self):
        u, v = on_plane(np.arange(5.0), "m/s"), on_plane(0.0, "m/s")
        np.testing.assert_allclose(si(mpcalc.divergence(u, v), "1/s"), 1 / 3e4, 1e-12)

    def test_steps_may_replace_coordinates_that_say_nothing_of_the_globe(self):
        u, v = on_plane(np.arange(5.0), "m/s"), on_plane(0.0, "m/s")
        result = mpcalc.divergence(u, v, dx=q(1.0, "km"), dy=q(1.0, "km"))
        assert result.dims == ("y", "x")
        np.testing.assert_allclose(si(result, "1/s"), 1e-3, 1e-12)

    @pytest.mark.parametrize("dims", [("y", "x"), ("x", "y")])
    def test_fields_without_coordinates_take_steps(self, dims):
        u = xr.DataArray(np.arange(5.0) + np.zeros((4, 1)), dims=("y", "x"))
        u = u.assign_attrs(units="m/s").transpose(*dims)
        result = mpcalc.divergence(u, 0 * u, dx=q(1.0, "km"), dy=q(2.0, "km"))
        assert result.dims == dims
        np.testing.assert_allclose(si(result, "1/s"), 1e-3, 1e-12)

    def test_fields_of_other_points_are_refused(self):
        u, v = on_plane(np.arange(5.0), "m/s"), on_plane(0.0, "m/s").isel(x=slice(1, 5))
        with pytest.raises(ValueError, match=r"(?i)align|points|grid"):
            mpcalc.vorticity(u, v)
        with pytest.raises(ValueError, match=r"(?i)align|points|grid"):
            mpcalc.vorticity(u, v, dx=q(1.0, "km"), dy=q(1.0, "km"))

    def test_dimensions_without_positions_are_refused(self):
        """MetPy takes the numbers of the points for positions."""
        bare = xr.DataArray([1.0, 2, 4], dims="x", attrs={"units": "K"})
        with pytest.raises(xn.GridError, match="has no coordinate"):
            mpcalc.first_derivative(bare)

    def test_stability_of_fields_without_coordinates_goes_along_the_axis_said(self):
        p = xr.DataArray(np.array([1e5, 9e4, 8e4]), dims="k", attrs={"units": "Pa"})
        t = xr.DataArray(np.array([[290.0, 285, 280]] * 2), dims=("i", "k"))
        result = mpcalc.static_stability(p, t.assign_attrs(units="K"), vertical_dim=1)
        column = mpcalc.static_stability(q(p.values, "Pa"), q(t.values[0], "K"))
        assert result.dims == ("i", "k")
        for row in si(result, "J/kg/Pa^2"):
            np.testing.assert_allclose(row, column.to("J/kg/Pa^2").m, 1e-12)


class TestMaps:
    @pytest.mark.parametrize(
        "name", ["vorticity", "divergence", "stretching_deformation"]
    )
    def test_quantities_with_steps_on_a_map_are_as_labelled_fields(self, on_map, name):
        """Steps as drawn, the true places and the projection: MetPy's own recipe."""
        made, lon, lat, crs = on_map
        u = 20 * np.cos(np.deg2rad(lat)) + np.sin(np.deg2rad(5 * lon))
        v = 5 * np.cos(np.deg2rad(3 * lat))
        labelled = getattr(mpcalc, name)(made(u, "m/s"), made(v, "m/s"))
        plain = getattr(mpcalc, name)(
            q(u, "m/s"),
            q(v, "m/s"),
            dx=q(50.0, "km"),
            dy=q(50.0, "km"),
            longitude=q(lon, "degrees"),
            latitude=q(lat, "degrees"),
            crs=crs,
        )
        inner = (slice(1, -1), slice(1, -1))
        np.testing.assert_allclose(
            si(plain, "1/s")[inner], si(labelled, "1/s")[inner], 0, 2e-8
        )

    def test_the_projection_may_be_given_by_hand(self, on_map):
        made, lon, lat, crs = on_map
        field = made(np.sin(np.deg2rad(lat)) * np.cos(np.deg2rad(lon)), "K")
        known = mpcalc.geospatial_gradient(field)
        bare = field.drop_vars("crs").drop_attrs(deep=False).assign_attrs(units="K")
        for part, expected in zip(
            mpcalc.geospatial_gradient(bare, crs=crs), known, strict=True
        ):
            np.testing.assert_allclose(
                si(part, "K/m"), si(expected, "K/m"), 1e-9, 1e-16
            )

    def test_winds_that_do_not_say_run_along_the_map_as_in_metpy(self, on_map):
        made, lon, _, _ = on_map
        u, v = made(10.0 + 0 * lon, "m/s"), made(0 * lon, "m/s")
        told = {"standard_name": "x_wind"}, {"standard_name": "y_wind"}
        along = [w.assign_attrs(a) for w, a in zip((u, v), told, strict=True)]
        silent, said = mpcalc.vorticity(u, v), mpcalc.vorticity(*along)
        np.testing.assert_array_equal(si(silent, "1/s"), si(said, "1/s"))

    def test_winds_that_say_eastward_are_taken_at_their_word(self, on_map):
        made, lon, lat, _ = on_map
        u = made(20 * np.cos(np.deg2rad(lat)), "m/s", standard_name="eastward_wind")
        v = made(0 * lon, "m/s", standard_name="northward_wind")
        exact = 40 / R * np.sin(np.deg2rad(lat))
        for name in ("vorticity", "curvature_vorticity"):
            result = si(getattr(mpcalc, name)(u, v), "1/s")[2:-2, 2:-2]
            share = 1.0 if name == "vorticity" else 0.5  # u tan(phi)/a of it
            np.testing.assert_allclose(result, share * exact[2:-2, 2:-2], 0, 1e-9)

    def test_components_run_along_the_map_as_in_metpy(self, on_map):
        made, _, lat, _ = on_map
        t = made(lat, "K")
        east = xn.gradient(t, frame="earth")
        along = mpcalc.geospatial_gradient(t)
        assert np.abs(si(along[0], "K/m")).max() > 1e-6  # north leans against the map
        np.testing.assert_allclose(
            si(along[0], "K/m") ** 2 + si(along[1], "K/m") ** 2,
            si(east.x, "K/m") ** 2 + si(east.y, "K/m") ** 2,
            1e-9,
        )


class TestGlobes:
    LAT, LON = np.arange(-90, 90.1, 10), np.arange(0.0, 360, 10)

    def field(self, values, unit, **more):
        coords = {
            "lat": ("lat", self.LAT, {"units": "degrees_north"}),
            "lon": ("lon", self.LON, {"units": "degrees_east"}),
        }
        values = np.asarray(values) + np.zeros((self.LAT.size, self.LON.size))
        attrs = {"units": unit, **more}
        return xr.DataArray(values, dims=("lat", "lon"), coords=coords, attrs=attrs)

    def test_the_earth_is_wgs84_unless_the_file_or_the_user_says_otherwise(self):
        t = self.field(np.sin(np.deg2rad(self.LAT))[:, None], "K")
        sphere = t.assign_attrs(GRIB_earthRadius=R)
        first = mpcalc.geospatial_gradient(t)[1]
        assert "6378137" in first.attrs["comment"]
        assert "6371229" in mpcalc.geospatial_gradient(sphere)[1].attrs["comment"]
        given = mpcalc.geospatial_gradient(t, crs="+proj=latlon +R=6370000")[1]
        assert "6370000" in given.attrs["comment"]
        with xn.set_options(earth=6371220.0):
            chosen = mpcalc.geospatial_gradient(t)[1]
        assert "6371220" in chosen.attrs["comment"]

    def test_quantities_with_longitudes_and_latitudes_are_as_labelled_fields(self):
        phi, lam = np.deg2rad(self.LAT)[:, None], np.deg2rad(self.LON)
        u, v = 10 * np.cos(phi) + 0 * lam, 5 * np.sin(lam) + 0 * phi
        labelled = mpcalc.vorticity(self.field(u, "m/s"), self.field(v, "m/s"))
        place = {
            "longitude": q(self.LON, "degrees"),
            "latitude": q(self.LAT, "degrees"),
            "crs": "+proj=latlon",
        }
        plain = mpcalc.vorticity(q(u, "m/s"), q(v, "m/s"), **place)
        np.testing.assert_array_equal(plain.magnitude, labelled.data.magnitude)
        turned = mpcalc.vorticity(
            q(u.T, "m/s"), q(v.T, "m/s"), x_dim=0, y_dim=1, **place
        )
        np.testing.assert_array_equal(turned.magnitude.T, plain.magnitude)
        stacked = mpcalc.vorticity(q([u, 2 * u], "m/s"), q([v, 2 * v], "m/s"), **place)
        np.testing.assert_allclose(
            stacked.magnitude[1], 2 * plain.magnitude, 1e-12, 1e-20
        )

    def test_places_given_by_hand_are_taken_by_fields_without_coordinates(self):
        """What users of MetPy asked for in its issue 2960."""
        field = self.field(np.sin(np.deg2rad(self.LAT))[:, None], "K")
        place = {
            "longitude": q(self.LON, "degrees"),
            "latitude": q(self.LAT, "degrees"),
        }
        bare = xr.DataArray(field.values, dims=("j", "i"), attrs=field.attrs)
        for f in (bare, field.values):
            _, north = mpcalc.geospatial_gradient(f, **place)
            expected = mpcalc.geospatial_gradient(field)[1].data.magnitude
            data = north.data if isinstance(north, xr.DataArray) else north
            np.testing.assert_array_equal(data.magnitude, expected)
        assert mpcalc.geospatial_gradient(bare, **place)[1].dims == ("j", "i")
        lon, lat = np.meshgrid(self.LON[:9], self.LAT[5:14])
        part = bare.isel(i=slice(0, 9), j=slice(5, 14))
        skew = mpcalc.geospatial_gradient(
            part, longitude=q(lon, "degrees"), latitude=q(lat, "degrees")
        )
        exact = np.cos(np.deg2rad(lat)) / 6371229.0
        np.testing.assert_allclose(si(skew[1], "K/m"), exact, 0, 2e-9)

    def test_numbers_for_angles_are_refused(self):
        with pytest.raises(ValueError, match="degrees or radians"):
            mpcalc.geospatial_gradient(
                q(np.zeros((19, 36)), "K"), longitude=self.LON, latitude=self.LAT
            )

    def test_steps_of_no_length_at_the_pole_leave_the_other_rows(self):
        dx, dy = mpcalc.lat_lon_grid_deltas(self.LON, self.LAT)
        phi, lam = np.deg2rad(self.LAT)[:, None], np.deg2rad(self.LON)
        f = q(np.cos(phi) * np.sin(lam), "K")
        east, _ = mpcalc.geospatial_gradient(f, dx=dx, dy=dy)
        assert np.isnan(east.magnitude[[0, -1]]).all()
        exact = np.cos(lam[1:-1]) / 6370997.0 + 0 * phi[1:-1]
        np.testing.assert_allclose(si(east, "K/m")[1:-1, 1:-1], exact, 0, 8e-10)

    def test_a_quantity_beside_a_labelled_field_of_its_shape_is_placed_there(self):
        u, v = self.field(10.0, "m/s"), self.field(5.0, "m/s")
        mixed = mpcalc.vorticity(u, q(v.values, "m/s"))
        xr.testing.assert_identical(mixed, mpcalc.vorticity(u, v))

    def test_a_field_without_a_unit_has_no_dimension(self):
        bare = self.field(np.sin(np.deg2rad(self.LAT))[:, None], "").drop_attrs()
        bare = bare.assign_coords(self.field(0, "K").coords)
        assert str(mpcalc.geospatial_gradient(bare)[1].data.units) == "1 / meter"

    @pytest.mark.parametrize("name", ["vorticity", "total_deformation"])
    def test_a_wind_without_a_unit_is_refused(self, name):
        wind = np.ones((3, 3))
        with pytest.raises(ValueError, match="'u' has the wrong dimension"):
            getattr(mpcalc, name)(wind, wind, dx=q(1, "m"), dy=q(1, "m"))
