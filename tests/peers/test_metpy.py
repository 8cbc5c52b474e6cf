"""MetPy: its documented example, its numbers, and its units beside ours.

MetPy runs in a process of its own: importing it replaces pint's registry.
"""

import json
import subprocess
import sys
import textwrap

import numpy as np
import pint
import pytest

import xnabla as xn

DATA = np.array([[23, 24, 23], [25, 26, 25], [27, 28, 27], [24, 25, 24]])
X_ROW = np.array([[1, 2, 3]] * 4)
Y_COLUMN = np.array([[1] * 3, [2] * 3, [3] * 3, [4] * 3])
X_DELTAS = np.array([[2, 3], [1, 3], [2, 3], [1, 2]])
Y_DELTAS = np.array([[2, 3, 1], [1, 3, 2], [2, 3, 1]])
THIRD = 1 / 3

DY_A = [[2.0] * 3, [2.0] * 3, [-0.5] * 3, [-5.5] * 3]
DX_A = [[2.0, 0, -2]] * 4
DX_B = [[1.0, 0, -1]] * 4
DY_C = [
    [THIRD, 2 * THIRD, 7 * THIRD],
    [5 * THIRD, 2 * THIRD, 5 * THIRD],
    [5 / 6, -1 / 6, -5 / 3],
    [-23 / 6, -11 / 6, -13 / 3],
]
DX_C = [
    [5 / 6, 1 / 6, -5 / 6],
    [4 / 3, 2 / 3, -4 / 3],
    [5 / 6, 1 / 6, -5 / 6],
    [3 / 2, 1 / 2, -3 / 2],
]


def quantities():
    units = pint.get_application_registry()
    km = units.Unit("km")
    return {
        "A": {"coordinates": (Y_COLUMN * km, X_ROW * km)},
        "B": {"deltas": (1 * km, 2 * km)},
        "C": {"deltas": (Y_DELTAS * km, X_DELTAS * km)},
    }


class TestDocumentedExample:
    @pytest.mark.parametrize(
        ("which", "dy", "dx"),
        [("A", DY_A, DX_A), ("B", DY_A, DX_B), ("C", DY_C, DX_C)],
    )
    @pytest.mark.parametrize("dtype", [int, float])
    def test_is_exact_in_kelvin_per_kilometre(self, which, dy, dx, dtype):
        units = pint.get_application_registry()
        data = units.Quantity(DATA.astype(dtype), "degC")
        got = xn.gradient(data, **quantities()[which])
        assert len(got) == 2
        for part, expected in zip(got, (dy, dx), strict=True):
            assert str(part.units) == "kelvin / kilometer"
            np.testing.assert_allclose(part.magnitude, expected, rtol=1e-15, atol=1e-15)

    def test_does_not_depend_on_the_scale_of_temperature(self):
        units = pint.get_application_registry()
        for value, unit in ((DATA + 273.15, "kelvin"), (DATA * 1.8 + 32, "degF")):
            data = units.Quantity(value, unit)
            for part, expected in zip(
                xn.gradient(data, **quantities()["C"], units="K/km"),
                (DY_C, DX_C),
                strict=True,
            ):
                np.testing.assert_allclose(
                    part.magnitude, expected, rtol=1e-12, atol=2e-13
                )

    def test_one_axis_of_it(self):
        units = pint.get_application_registry()
        data = units.Quantity(DATA.astype(float), "degC")
        along_x = xn.derivative(data, 1, deltas=X_DELTAS * units.km)
        np.testing.assert_allclose(along_x.magnitude, DX_C, rtol=1e-15, atol=1e-15)
        assert str(along_x.units) == "kelvin / kilometer"


SCRIPT = textwrap.dedent(
    """
    import json, warnings
    warnings.simplefilter("ignore")
    import numpy as np, xarray as xr
    import xnabla as xn
    out = {}
    def made(unit="K"):
        lat = np.arange(-90.0, 90.1, 2.5); lon = np.arange(0.0, 360.0, 2.5)
        p, l = np.deg2rad(lat)[:, None], np.deg2rad(lon)
        f = 280 + 9 * np.cos(p) ** 3 * np.sin(3 * l) + 20 * np.sin(p)
        return xr.DataArray(f, dims=("latitude", "longitude"), name="t", coords={
            "latitude": ("latitude", lat, {"units": "degrees_north"}),
            "longitude": ("longitude", lon, {"units": "degrees_east"})},
            attrs={"units": unit})
    first = xn.gradient(made(), units="K/km")  # before MetPy is there at all
    import metpy, metpy.calc as mpcalc
    from metpy.units import units
    g = xn.gradient(made(), units="K/km")
    out["sum"] = float((g[0].data[30, 30] + units.Quantity(1.0, "K/km")).magnitude
                       - g[0].data[30, 30].magnitude)
    out["product"] = str((g[0].data * units.Quantity(2.0, "km")).units)
    out["metpy.units"] = str(g[0].metpy.units)
    per_m = g[0].metpy.convert_units("K/m")
    out["convert"] = float(np.abs(per_m.data.magnitude * 1e3
                                  - g[0].data.magnitude).max())
    back = g.to_dataset().metpy.quantify()
    out["quantify"] = {k: str(back[k].data.units) for k in back}
    wind = made("m/s")
    dv = xn.derivative(wind, "longitude")
    out["vorticity unit"] = str(dv.metpy.convert_units("1/s").data.units)
    f = made().metpy.quantify()
    q = xn.gradient(f, units="K/km")
    out["quantified by metpy"] = float(np.abs(
        q[1].data.magnitude - g[1].data.magnitude).max())
    # the same derivative, on the same sphere
    sphere = {"grid_mapping_name": "latitude_longitude", "earth_radius": 6371229.0}
    h = made().metpy.assign_crs(sphere)
    east, north = mpcalc.geospatial_gradient(h.metpy.quantify())
    mid = slice(13, -13), slice(2, -2)
    ours = xn.gradient(h)
    out["earth"] = str(xn.grid_of(h).earth)
    for name, theirs, mine in (("north", north, ours.y), ("east", east, ours.x)):
        a = np.asarray(theirs.m_as("K/m"))[mid]
        b = np.asarray(mine.data.magnitude)[mid]
        out[name] = float(np.abs(a - b).max() / np.abs(b).max())
    # plain quantities, uneven steps
    rng = np.random.default_rng(1)
    v = units.Quantity(rng.normal(0, 1, (6, 7)), "m/s")
    dy = units.Quantity(rng.uniform(1, 2, (5, 7)), "km")
    dx = units.Quantity(rng.uniform(1, 2, (6, 6)), "km")
    pairs = zip(mpcalc.gradient(v, deltas=(dy, dx)), xn.gradient(v, deltas=(dy, dx)))
    out["deltas"] = [float(np.abs((a - b).m_as("1/s")).max()) for a, b in pairs]
    out["first second"] = [
        float(np.abs((mpcalc.first_derivative(v, axis=0, delta=dy)
                      - xn.derivative(v, 0, deltas=dy)).m_as("1/s")).max()),
        float(np.abs((mpcalc.second_derivative(v, axis=1, delta=dx)
                      - xn.derivative(v, 1, deltas=dx, order=2))
                     .m_as("1/(m s)"))[:, 1:-1].max()),
    ]
    out["before"] = float(np.abs(first[0].data.magnitude - g[0].data.magnitude).max())
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


@pytest.mark.peer
class TestBesideMetPy:
    def test_quantities_of_both_mix(self, told):
        np.testing.assert_allclose(told["sum"], 1.0, rtol=1e-12, atol=1e-12)
        assert told["product"] == "kelvin"

    def test_metpy_reads_and_converts_the_units_of_results(self, told):
        assert told["metpy.units"] == "kelvin / kilometer"
        assert told["convert"] <= 1e-16
        assert told["vorticity unit"] == "1 / second"

    def test_metpy_quantifies_the_dataset_of_a_gradient(self, told):
        assert told["quantify"] == {
            "dt_dy": "kelvin / kilometer",
            "dt_dx": "kelvin / kilometer",
        }

    def test_a_field_quantified_by_metpy_is_as_good(self, told):
        assert told["quantified by metpy"] <= 1e-17
        assert told["before"] == 0.0

    def test_the_sphere_it_attaches_is_understood(self, told):
        assert "6371229" in told["earth"]
        assert "assumed" not in told["earth"]

    def test_geospatial_gradient_on_a_sphere_agrees_in_mid_latitudes(self, told):
        """Its metres come from PROJ's geodesics and map factors, ours from cos φ."""
        assert told["north"] <= 1e-9
        assert told["east"] <= 1e-9

    def test_gradient_with_uneven_steps_agrees(self, told):
        assert max(told["deltas"]) <= 1e-17 * 1e2  # values of 1e-3 s-1
        assert max(told["first second"][:1]) <= 1e-15
        assert told["first second"][1] <= 1e-6  # ours takes one more point there
