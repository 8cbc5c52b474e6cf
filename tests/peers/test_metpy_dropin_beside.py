"""xnabla.metpy and MetPy itself on the same arguments: the same signatures and numbers.

MetPy runs in a process of its own: importing it replaces pint's registry.
"""

import json
import subprocess
import sys
import textwrap

import pytest

import xnabla.metpy as mpcalc

SCRIPT = textwrap.dedent(
    """
    import functools, inspect, json, warnings
    warnings.simplefilter("ignore")
    import numpy as np, xarray as xr
    from pyproj import CRS, Transformer
    import metpy.calc as theirs
    from metpy.units import units
    import xnabla as xn, xnabla.metpy as ours
    xn.set_options(engine="numpy")  # compiling takes longer than these small fields
    read = CRS.from_cf  # takes half a second, for every call of MetPy's
    cached = functools.cache(lambda text: read(json.loads(text)))
    CRS.from_cf = staticmethod(lambda attributes, **_: cached(json.dumps(attributes)))

    def bare(result):
        parts = result if isinstance(result, tuple) else (result,)
        return [p.data if isinstance(p, xr.DataArray) else p for p in parts]

    def difference(name, args, where=(...,), **kwargs):
        a = bare(getattr(theirs, name)(*args, **kwargs))
        b = bare(getattr(ours, name)(*args, **kwargs))
        assert len(a) == len(b)
        pairs = [(x.m[where], y.to(x.units).m[where]) for x, y in zip(a, b)]
        return max(float(np.abs(x - y).max() / np.abs(x).max()) for x, y in pairs)

    def arguments(u, v, t, z, p):
        of_wind = (
            "vorticity shear_vorticity curvature_vorticity divergence "
            "shearing_deformation stretching_deformation total_deformation "
            "vector_derivative"
        )
        return {**{name: (u, v) for name in of_wind.split()},
            "advection": (t, u, v), "frontogenesis": (t, u, v),
            "q_vector": (u, v, t, p), "geospatial_gradient": (t,),
            "geospatial_laplacian": (t,)}, {
            "absolute_vorticity": (u, v), "geostrophic_wind": (z,),
            "ageostrophic_wind": (z, u, v),
            "potential_vorticity_baroclinic": (t, p, u, v),
            "potential_vorticity_barotropic": (z, u, v),
            "inertial_advective_wind": (u, v, v, u)}

    kinds = "signature plain factors sphere map tools"
    out = {kind: {} for kind in kinds.split()}

    def told(function):
        both = inspect.signature(function).parameters.values()
        pairs = [(p.name, str(p.default), p.kind is p.KEYWORD_ONLY) for p in both]
        named = [pair for pair in pairs if pair[2]]
        return [[pair for pair in pairs if not pair[2]], sorted(named)]
    for name in ours.__all__:
        out["signature"][name] = [told(getattr(m, name)) for m in (theirs, ours)]

    # quantities, with steps that differ from point to point
    rng = np.random.default_rng(0)
    shape = (3, 6, 7)
    def q(low, high, unit, shape=shape):
        return units.Quantity(rng.uniform(low, high, shape), unit)
    levels = np.broadcast_to(np.reshape([1000.0, 850, 700], (3, 1, 1)), shape)
    plain, turning = arguments(q(-20, 20, "m/s"), q(-20, 20, "m/s"),
        q(250, 300, "K"), q(5000, 5500, "m"), units.Quantity(levels.copy(), "hPa"))
    steps = {"dx": q(20, 30, "km", (3, 6, 6)), "dy": q(20, 30, "km", (3, 5, 7))}
    factors = {n: rng.uniform(0.9, 1.1, shape)
               for n in ("parallel_scale", "meridional_scale")}
    latitude = {"latitude": q(30, 60, "degrees")}
    for which, more in (("plain", {}), ("factors", factors)):
        for name, args in plain.items():
            out[which][name] = difference(name, args, **steps, **more)
        for name, args in turning.items():
            out[which][name] = difference(name, args, **steps, **more, **latitude)

    # derivatives along an axis, with steps and positions in every shape
    whole = q(250, 300, "K", (6, 7))
    ones = np.ones((6, 7))
    def uneven(*shape):
        return np.cumsum(rng.uniform(1, 2, shape), axis=0)
    for axis, f in ((0, whole), (1, whole.T)):
        def turned(a):
            return units.Quantity(a.T if axis else a, "km")
        spacings = {
            "even x": {"x": units.Quantity(np.arange(6.0), "km")},
            "uneven x": {"x": units.Quantity(uneven(6), "km")},
            "x in two": {"x": turned(uneven(6, 7))},
            "even delta": {"delta": units.Quantity(np.ones(5), "km")},
            "uneven delta": {"delta": units.Quantity(rng.uniform(1, 2, 5), "km")},
            "delta in two": {"delta": turned(rng.uniform(1, 2, (5, 7)))},
            "one delta": {"delta": units.Quantity(2.0, "km")}}
        for how, spacing in spacings.items():
            for name in ("first_derivative", "second_derivative"):
                out["tools"][f"{name}, axis {axis}, {how}"] = difference(
                    name, (f,), axis=axis, **spacing)
    x, y = (units.Quantity(uneven(n), "km") for n in (7, 6))
    for name in ("gradient", "laplacian"):
        out["tools"][name] = difference(name, (whole,), coordinates=(y, x))

    # labelled fields on a sphere, by latitude and longitude and on a Lambert map
    def fields(lat, lon, dims, coords, crs):
        p, l = np.deg2rad(lat), np.deg2rad(lon)
        def made(values, unit):
            stack = np.stack([values * (1 + 0.2 * k) for k in range(3)])
            da = xr.DataArray(stack, dims=("level", *dims), attrs={"units": unit},
                coords={"level": ("level", [1000.0, 850, 700], {"units": "hPa"}),
                        **coords}).metpy.assign_crs(crs)
            return da.metpy.assign_latitude_longitude() if dims[0] == "y" else da
        t = made(280 + 20 * np.cos(p)**2 + 5 * np.cos(p)**3 * np.sin(3 * l), "K")
        return arguments(made(20 * np.cos(p) * (1 + 0.3 * np.sin(2 * l)), "m/s"),
            made(10 * np.cos(p) * np.cos(3 * l) * np.sin(p), "m/s"), t,
            made(5500 + 200 * np.sin(p)**2 * np.cos(p)**4 * np.cos(4 * l), "m"),
            t.level)
    sphere = {"grid_mapping_name": "latitude_longitude", "earth_radius": 6371229.0}
    lat, lon = np.arange(30, 60.1, 0.5), np.arange(0, 60.1, 0.5)
    on_globe = fields(lat[:, None], lon, ("lat", "lon"), {
        "lat": ("lat", lat, {"units": "degrees_north"}),
        "lon": ("lon", lon, {"units": "degrees_east"})}, sphere)
    lambert = {"grid_mapping_name": "lambert_conformal_conic",
        "earth_radius": 6371229.0, "standard_parallel": [25.0, 60.0],
        "longitude_of_central_meridian": -95.0, "latitude_of_projection_origin": 35.0}
    x, y = np.arange(-2e6, 2e6, 50e3), np.arange(-1.5e6, 1.5e6, 50e3)
    crs = CRS.from_cf(lambert)
    to_globe = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon2, lat2 = to_globe.transform(*np.meshgrid(x, y))
    on_map = fields(lat2, lon2, ("y", "x"), {
        "x": ("x", x, {"units": "m", "standard_name": "projection_x_coordinate"}),
        "y": ("y", y, {"units": "m", "standard_name": "projection_y_coordinate"})},
        lambert)
    inner = (slice(None), slice(2, -2), slice(2, -2))
    for which, calls in (("sphere", on_globe), ("map", on_map)):
        for name, args in (calls[0] | calls[1]).items():
            out[which][name] = difference(name, args, inner)
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


# How far labelled fields may differ: two schemes of second order at half a degree, or
# two ways to write one. MetPy differentiates the parts of the inertial advective wind
# as if they were scalars, so that there is nothing to agree on.
AGREE = {
    "absolute_vorticity": 2e-5,
    "advection": 1e-10,
    "ageostrophic_wind": 1e-10,
    "curvature_vorticity": 4e-4,
    "divergence": 4e-4,
    "frontogenesis": 2e-4,
    "geospatial_gradient": 1e-10,
    "geospatial_laplacian": 3e-4,
    "geostrophic_wind": 1e-10,
    "inertial_advective_wind": None,
    "potential_vorticity_baroclinic": 2e-5,
    "potential_vorticity_barotropic": 2e-5,
    "q_vector": 4e-4,
    "shear_vorticity": 4e-4,
    "shearing_deformation": 5e-4,
    "stretching_deformation": 5e-4,
    "total_deformation": 4e-4,
    "vector_derivative": 5e-4,
    "vorticity": 2e-4,
}


@pytest.mark.peer
class TestBesideMetPy:
    @pytest.mark.parametrize("name", mpcalc.__all__)
    def test_a_function_takes_the_same_arguments_in_the_same_places(self, told, name):
        theirs, ours = told["signature"][name]
        assert ours == theirs

    @pytest.mark.parametrize("which", ["plain", "factors"])
    @pytest.mark.parametrize("name", AGREE)
    def test_quantities_give_the_same_numbers(self, told, which, name):
        """With steps that differ from point to point, without and with map factors."""
        assert told[which][name] <= 1e-14

    def test_derivatives_from_steps_and_positions_are_the_same(self, told):
        """Of three points, also where they are uneven, or even and written out."""
        assert len(told["tools"]) == 30
        worst = max(told["tools"], key=told["tools"].get)
        assert told["tools"][worst] <= 1e-14, worst

    @pytest.mark.parametrize("which", ["sphere", "map"])
    @pytest.mark.parametrize("name", [name for name in AGREE if AGREE[name]])
    def test_labelled_fields_agree_as_far_as_both_are_right(self, told, which, name):
        assert told[which][name] <= AGREE[name]


def test_a_name_of_metpy_that_is_not_here_is_told_where_it_is():
    with pytest.raises(AttributeError, match=r"Try: metpy\.calc\.wind_speed"):
        _ = mpcalc.wind_speed
    assert not hasattr(mpcalc, "__wrapped__")
