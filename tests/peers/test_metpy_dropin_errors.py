"""What MetPy gets wrong on purpose-made fields: its number, ours, and the exact one.

``docs/guides/metpy.md`` quotes these numbers, measured here with MetPy 1.7.1, which
runs in a process of its own: importing it replaces pint's registry.
"""

import json
import subprocess
import sys
import textwrap

import numpy as np
import pytest

SCRIPT = textwrap.dedent(
    """
    import functools, json, warnings
    warnings.simplefilter("ignore")
    import dask.array as da
    import numpy as np, xarray as xr
    import xnabla as xn, xnabla.metpy as ours
    import metpy.calc as theirs
    from metpy.units import units

    from pyproj import CRS
    xn.set_options(engine="numpy")  # compiling takes longer than these small fields
    read = CRS.from_cf  # takes half a second, for every call of MetPy's
    cached = functools.cache(lambda text: read(json.loads(text)))
    CRS.from_cf = staticmethod(lambda attributes, **_: cached(json.dumps(attributes)))
    A, E2, R = 6378137.0, 0.0066943799901413165, 6371229.0
    SPHERE = {"grid_mapping_name": "latitude_longitude", "earth_radius": R}
    BOTH = (("theirs", theirs), ("ours", ours))
    out = {}

    def made(values, unit, lat, lon, crs=None):
        field = xr.DataArray(values + np.zeros((lat.size, lon.size)),
            dims=("lat", "lon"), attrs={"units": unit}, coords={
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"})})
        return field if crs is None else field.metpy.assign_crs(crs)

    def numbers(result, unit):
        data = result.data if isinstance(result, xr.DataArray) else result
        return np.asarray(data.to(unit).magnitude)

    def tell(what, function):
        for who, module in BOTH:
            try:
                told = function(module)
            except Exception as fault:
                told = type(fault).__name__
            out.setdefault(what, {})[who] = told

    def at(values, lat, *rows):
        return [float(values[np.argmin(np.abs(lat - row)), 2]) for row in rows]

    # WGS84 counted twice, issue 3769
    lat, lon = np.arange(-89.875, 90, 0.25), np.arange(0.0, 5)
    p = np.deg2rad(lat)[:, None]
    n = A / np.sqrt(1 - E2 * np.sin(p)**2)
    m = n**3 * (1 - E2) / A**2
    t = made(np.sin(p), "K", lat, lon)
    tell("df_dy", lambda mod: at(numbers(mod.geospatial_gradient(t)[1], "K/m")
        * m / np.cos(p) - 1, lat, 0.125, 45.125, 84.875))
    z = made(0.01 * A * np.sin(p), "m", lat, lon)
    f = 2 * 7.292115e-5 * np.sin(p)
    tell("geostrophic", lambda mod: at(numbers(mod.geostrophic_wind(z)[0], "m/s")
        / (-9.80665 * 0.01 * A * np.cos(p) / m / f) - 1, lat, 10.125))
    v = made(10.0, "m/s", lat, lon)
    tell("divergence", lambda mod: at(numbers(mod.divergence(0 * v, v), "1/s")
        / (-10 * np.tan(p) / n) - 1, lat, 20.125))

    # second derivative on labelled uneven points
    def bent(mod, n):
        k = np.arange(n + 1)
        y = (k + 0.3 * np.sin(1.7 * k**2) * (k > 0) * (k < n)) / n * 1000
        sine = xr.DataArray(np.sin(y / 100), dims="y", attrs={"units": "K"},
            coords={"y": ("y", y, {"units": "km", "axis": "Y"})})
        got = numbers(mod.second_derivative(sine, axis="y"), "K/km^2") * 1e4
        return float(np.abs(got + np.sin(y / 100))[2:-2].max())
    tell("bent", lambda mod: [bent(mod, 100), bent(mod, 400)])

    # dx and dy from lat_lon_grid_deltas with a field that has coordinates
    lat, lon = np.arange(20.0, 81), np.arange(0.0, 31)
    p = np.deg2rad(lat)[:, None]
    t = made(280 + np.deg2rad(lon) * np.cos(p), "K", lat, lon)
    dx, dy = theirs.lat_lon_grid_deltas(lon, lat)
    tell("steps", lambda mod: at(
        numbers(mod.geospatial_gradient(t, dx=dx, dy=dy)[0], "K/m")
        * A / np.sqrt(1 - E2 * np.sin(p)**2), lat, 30, 60, 75))
    tell("steps in km", lambda mod: len(mod.geospatial_gradient(
        t, dx=units.Quantity(dx.m, "km"), dy=units.Quantity(dy.m, "km"))))

    # solid-body rotation about an axis tilted by 35 degrees, poles included
    lat, lon = np.arange(-90, 90.1, 1.0), np.arange(0.0, 360)
    p, l, tilt = np.deg2rad(lat)[:, None], np.deg2rad(lon), np.deg2rad(35)
    u = made(10 * (np.cos(p) * np.cos(tilt) + np.sin(p) * np.sin(tilt) * np.cos(l)),
        "m/s", lat, lon, SPHERE)
    v = made(-10 * np.sin(tilt) * np.sin(l), "m/s", lat, lon, SPHERE)
    exact = 20 / R * (np.sin(p) * np.cos(tilt) - np.cos(p) * np.sin(tilt) * np.cos(l))
    def worst(mod):
        error = np.abs(numbers(mod.vorticity(u, v), "1/s") - exact).max(axis=1)
        rows = error / np.abs(exact).max()
        return [float(rows[-1]), float(rows[-2]), float(rows[175]), float(rows.max())]
    tell("poles", worst)
    tell("divergence at poles", lambda mod: float(
        np.abs(numbers(mod.divergence(u, v), "1/s")).max() / np.abs(exact).max()))

    # a domain across Greenwich, and the seam of the globe
    lat, lon = np.arange(-5.0, 6), np.r_[350.0:360, 0.0:10]
    wave = made(np.sin(12 * np.deg2rad(lon)), "K", lat, lon, SPHERE)
    def beside(mod, field, k, columns):
        x = np.deg2rad(field.lon.values)
        got = numbers(mod.geospatial_gradient(field)[0], "K/m")[5] * R / k
        return float(np.abs(got - np.cos(k * x))[columns].max())
    tell("Greenwich", lambda mod: beside(mod, wave, 12, slice(9, 11)))
    lon = np.arange(0.0, 360)
    once = made(np.sin(np.deg2rad(lon)), "K", lat, lon, SPHERE)
    tell("seam", lambda mod: beside(mod, once, 1, slice(0, 1)))

    # Laplacian of a spherical harmonic, and of the wave of two steps
    lat, lon = np.arange(-60.0, 61), np.arange(0.0, 61)
    p, l = np.deg2rad(lat)[:, None], np.deg2rad(lon)
    harmonic = np.cos(p)**4 * np.sin(p) * np.cos(4 * l)
    t = made(harmonic, "K", lat, lon, SPHERE)
    def curvature(mod, name):
        exact = -30 * harmonic / R**2
        error = np.abs(numbers(getattr(mod, name)(t), "K/m^2") - exact)[3:-3, 3:-3]
        return float(error.max() / np.abs(exact).max())
    tell("laplacian", lambda mod: curvature(mod, "laplacian"))
    tell("geospatial_laplacian", lambda mod: curvature(mod, "geospatial_laplacian"))
    zigzag = made((-1.0)**np.arange(61), "K", lat, lon, SPHERE)
    tell("zigzag", lambda mod: float(np.abs(numbers(mod.geospatial_laplacian(zigzag),
        "K/m^2"))[60, 30] * (R * np.deg2rad(1))**2))

    # zonal flow in balance with its own curvature, at 45 degrees
    u = made(20 * np.cos(p), "m/s", lat, lon, SPHERE)
    tell("inertial", lambda mod: at(numbers(
        mod.inertial_advective_wind(u, 0 * u, u, 0 * u)[0], "m/s"), lat, 45)[0])

    # labels, precision, laziness
    tell("labels", lambda mod: sorted({type(part).__name__ for part in
        (*mod.geospatial_gradient(t), *mod.vector_derivative(u, u))}))
    tell("name", lambda mod: mod.vorticity(u, u).name)
    def single(field):
        coords = {n: field[n].astype("f4").assign_attrs(field[n].attrs)
                  for n in ("lat", "lon")}
        return field.astype("f4").assign_coords(coords)
    tell("single", lambda mod: [str(numbers(part, "K/m").dtype) for part in
        mod.geospatial_gradient(single(t))]
        + [str(numbers(mod.vorticity(single(u), single(u)), "1/s").dtype)])
    loaded = [0]
    def counted(block):
        loaded[0] += 1
        return block
    def lazy(field):
        chunks = da.from_array(field.values, chunks=(40, 20))
        return field.copy(data=chunks.map_blocks(counted, dtype=float,
            meta=np.empty((0, 0))))
    def blocks(mod, name, *fields):
        fields = [lazy(field) for field in fields]
        loaded[0] = 0
        getattr(mod, name)(*fields)
        return loaded[0]
    tell("dask vorticity", lambda mod: blocks(mod, "vorticity", u, u))
    tell("dask frontogenesis", lambda mod: blocks(mod, "frontogenesis", t, u, u))
    def mutated(mod):
        field = made(np.arange(61.0), "K", lat, lon)
        mod.geospatial_gradient(field)
        return sorted(set(field.lat.attrs) - {"units"})
    tell("mutated", mutated)

    # grids that MetPy refuses or takes for index space
    j, i = np.meshgrid(np.arange(40.0), np.arange(50.0), indexing="ij")
    lat2, lon2 = 30 + 0.5 * j + 0.1 * i, -100 + 0.6 * i - 0.2 * j
    p = np.deg2rad(lat2)
    skew = {"lat": (("y", "x"), lat2, {"units": "degrees_north"}),
            "lon": (("y", "x"), lon2, {"units": "degrees_east"})}
    u, v = (xr.DataArray(w, dims=("y", "x"), coords=skew,
        attrs={"units": "m/s", "standard_name": name}) for w, name in (
            (20 * np.cos(p), "eastward_wind"), (0 * p, "northward_wind")))
    n = A / np.sqrt(1 - E2 * np.sin(p)**2)
    exact = 20 * np.sin(p) * (1 / (n**3 * (1 - E2) / A**2) + 1 / n)
    tell("two-dimensional", lambda mod: float(
        np.abs(numbers(mod.vorticity(u, v), "1/s") / exact - 1).max()))
    t = u.assign_attrs(units="K", standard_name="air_temperature")
    tell("index space", lambda mod: str(mod.gradient(t)[0].data.units))
    rlat, rlon = np.arange(-10, 10.0), np.arange(-10, 12.0)
    u = xr.DataArray(20 * np.cos(np.deg2rad(rlat))[:, None] * np.ones(22),
        dims=("rlat", "rlon"), attrs={"units": "m/s", "grid_mapping": "pole"}, coords={
        "rlat": ("rlat", rlat, {"units": "degrees", "standard_name": "grid_latitude"}),
        "rlon": ("rlon", rlon, {"units": "degrees", "standard_name": "grid_longitude"}),
        "pole": ((), 0, {"grid_mapping_name": "rotated_latitude_longitude",
            "grid_north_pole_latitude": 39.25, "grid_north_pole_longitude": -162.0,
            "earth_radius": R})})
    exact = 40 / R * np.sin(np.deg2rad(rlat))[:, None]
    tell("rotated pole", lambda mod: float(np.abs(numbers(mod.vorticity(u, 0 * u),
        "1/s") - exact)[1:-1].max() * R / 40))

    # values and positions that mean nothing
    hours = xr.DataArray(np.arange(5.0), dims="time", attrs={"units": "K"}, coords={
        "time": ("time", np.arange(5.0), {"units": "hours since 2000-01-01"})})
    tell("undecoded time", lambda mod: float(numbers(
        mod.first_derivative(hours, axis="time"), "K/hour")[2]))
    folded = xr.DataArray(np.arange(5.0), dims="x", attrs={"units": "K"}, coords={
        "x": ("x", np.array([0.0, 2, 1, 3, 4]), {"units": "m"})})
    tell("to and fro", lambda mod: len(mod.first_derivative(folded, axis="x")))
    lat, lon = np.arange(-10.0, 11), np.arange(0.0, 5)
    z = made(np.arange(21.0)[:, None], "m", lat, lon)
    def near_equator(mod):
        rows = numbers(mod.geostrophic_wind(z)[0], "m/s")[:, 2]
        return [str(rows[10]), int(np.isfinite(rows).sum())]
    tell("equator", near_equator)
    print(json.dumps(out))
    """
)


@pytest.fixture(scope="module")
def told():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    if "No module named 'metpy'" in done.stderr:
        pytest.skip("needs metpy")
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def assert_near(got, expected, atol):
    np.testing.assert_allclose(got, expected, rtol=0, atol=atol)


@pytest.mark.peer
class TestKnownErrors:
    def test_the_ellipsoid_is_counted_once(self, told):
        """Issue 3769: relative errors; 0.25 degree is 3e-6 by truncation."""
        for what, theirs, truncation in (
            ("df_dy", [6.74e-3, 1.66e-3, -3.28e-3], 4e-6),
            ("geostrophic", [6.42e-3], 4e-6),
            ("divergence", [5.56e-3], 6e-5),
        ):
            assert_near(told[what]["theirs"], theirs, 1e-5)
            assert_near(told[what]["ours"], 0.0, truncation)

    def test_a_second_derivative_on_uneven_labels_is_of_second_order(self, told):
        assert_near(told["bent"]["theirs"], [0.0276, 0.0074], 1e-4)
        coarse, fine = told["bent"]["ours"]
        assert coarse < 8e-5
        assert coarse / fine > 16.0

    def test_steps_do_not_count_again_what_coordinates_say(self, told):
        """MetPy multiplies true lengths by map factors: 1/cos(latitude) too much."""
        assert_near(told["steps"]["theirs"], [1.156, 2.002, 3.868], 1e-3)
        assert_near(told["steps"]["ours"], 1.0, 1e-10)
        assert told["steps in km"] == {"theirs": 2, "ours": "GridError"}

    def test_solid_rotation_is_right_at_the_poles(self, told):
        """Pole row, the row beside, 85 degrees, worst of all; of the largest value."""
        assert told["poles"]["theirs"][0] > 2.8e4
        assert told["poles"]["theirs"][1] > 1.4e4
        assert told["poles"]["theirs"][2] > 0.15
        assert_near(told["poles"]["ours"], 0.0, 5.2e-5)
        assert told["divergence at poles"]["theirs"] > 2.8e4
        assert told["divergence at poles"]["ours"] < 1e-12

    def test_the_meridian_of_greenwich_and_the_seam_are_no_edge(self, told):
        """The truncation of twelve waves is (12 degrees)^2/6, of one 5e-5."""
        assert told["Greenwich"]["theirs"] > 0.026
        assert told["Greenwich"]["ours"] < 0.0074
        assert told["seam"]["theirs"] > 1.0e-4
        assert told["seam"]["ours"] < 5.1e-5

    def test_the_laplacian_is_one_and_sees_two_steps(self, told):
        """Of -30 f/a^2, relative; and h^2 times that of +1, -1, +1, which is 4."""
        assert told["laplacian"]["theirs"] > 0.073
        assert told["laplacian"]["ours"] < 4e-4
        assert told["geospatial_laplacian"]["theirs"] > 1.5e-3
        assert told["geospatial_laplacian"]["ours"] < 4e-4
        assert_near(told["zigzag"]["theirs"], 0.0, 1e-12)
        assert_near(told["zigzag"]["ours"], 4.0, 1e-3)

    def test_a_wind_that_turns_with_its_parallel_is_accelerated(self, told):
        """-u^2 tan(phi)/(a f) is -0.30440 m/s at 45 degrees."""
        f = 2 * 7.292115e-5 * np.sin(np.pi / 4)
        exact = -((20 * np.cos(np.pi / 4)) ** 2) / 6371229.0 / f
        assert_near(told["inertial"]["theirs"], 0.0, 1e-12)
        assert_near(told["inertial"]["ours"], exact, 2e-5)

    def test_labels_precision_and_laziness_stay(self, told):
        assert told["labels"] == {"theirs": ["Quantity"], "ours": ["DataArray"]}
        assert told["name"] == {"theirs": None, "ours": "vorticity"}
        mixed = ["float32", "float64", "float64"]
        assert told["single"] == {"theirs": mixed, "ours": ["float32"] * 3}
        assert told["dask vorticity"] == {"theirs": 56, "ours": 0}
        failing = {"theirs": "NotImplementedError", "ours": 0}
        assert told["dask frontogenesis"] == failing
        assert told["mutated"] == {"theirs": ["_metpy_axis"], "ours": []}

    def test_more_grids_are_understood(self, told):
        assert told["two-dimensional"]["theirs"] == "AttributeError"
        assert told["two-dimensional"]["ours"] < 1e-5
        assert told["index space"] == {"theirs": "kelvin", "ours": "kelvin / meter"}
        assert told["rotated pole"]["theirs"] == "ValueError"
        assert told["rotated pole"]["ours"] < 1e-5

    def test_what_means_nothing_is_refused(self, told):
        """One kelvin in an hour, of a time that was never decoded."""
        assert told["undecoded time"] == {"theirs": 3.6e9, "ours": "GridError"}
        assert told["to and fro"] == {"theirs": 5, "ours": "GridError"}

    def test_geostrophic_wind_is_missing_at_the_equator_only(self, told):
        assert told["equator"] == {"theirs": ["-inf", 20], "ours": ["nan", 20]}
