"""What comes in stays as it was; what it said of itself goes out with the result."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import xarray as xr
from fields import GLOBAL, all_fields, numbers

import xnabla as xn

STAMP = np.datetime64("2011-01-15T06", "ns")


def rich():
    """A field that says all a file can say."""
    globe = GLOBAL["pole rows"](12)
    f = all_fields(globe)
    shape = (globe.phi.size, globe.lam.size)
    f = f.assign_coords(
        time=((), STAMP, {"long_name": "analysis time"}),
        level=((), 850.0, {"units": "hPa", "positive": "down"}),
        cell_area=(("latitude", "longitude"), np.ones(shape), {"units": "km2"}),
        zone=("latitude", [f"z{i}" for i in range(shape[0])]),
    )
    f.attrs |= {
        "standard_name": "air_temperature",
        "long_name": "temperature",
        "cell_methods": "time: mean",
        "valid_range": [100.0, 400.0],
        "GRIB_paramId": 130,
    }
    f.encoding = {"dtype": "int16", "scale_factor": 0.01, "_FillValue": -999}
    f["latitude"].attrs |= {"standard_name": "latitude", "note": "mine"}
    f["latitude"].encoding = {"dtype": "float32"}
    f["longitude"].encoding = {"zlib": True}
    return f


def state(f):
    return {
        "values": np.array(f.data, copy=True),
        "attrs": copy.deepcopy(f.attrs),
        "encoding": copy.deepcopy(f.encoding),
        "name": f.name,
        "dims": f.dims,
        "coords": {
            name: (
                np.array(c.values, copy=True),
                copy.deepcopy(c.attrs),
                copy.deepcopy(c.encoding),
                c.dims,
            )
            for name, c in f.coords.items()
        },
    }


def assert_same_state(a, b):
    np.testing.assert_array_equal(a["values"], b["values"])
    assert a["values"].dtype == b["values"].dtype
    for key in ("attrs", "encoding", "name", "dims"):
        assert a[key] == b[key]
    assert list(a["coords"]) == list(b["coords"])
    for name in a["coords"]:
        np.testing.assert_array_equal(a["coords"][name][0], b["coords"][name][0])
        assert a["coords"][name][1:] == b["coords"][name][1:], name


CALLS = {
    "gradient": xn.gradient,
    "shrink": lambda f: xn.gradient(f, missing="shrink", units="K/km", accuracy=4),
    "derivative": lambda f: [xn.derivative(f, "latitude", order=2, earth="WGS84")],
    "magnitude": lambda f: [xn.gradient(f).magnitude()],
    "direction": lambda f: [xn.gradient(f).direction()],
    "accessor": lambda f: f.nabla.gradient(),
    "numba": lambda f: [_with_numba(f)],
}


def _with_numba(f):
    with xn.set_options(engine="numba"):
        return xn.gradient(f)[1]


class TestInputs:
    @pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
    def test_are_left_as_they_were(self, call):
        f = rich()
        before = state(f)
        call(f)
        assert_same_state(state(f), before)

    @pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
    def test_are_left_as_they_were_by_what_is_done_to_results(self, call):
        f = rich()
        before = state(f)
        for result in call(f):
            result.data.magnitude[...] = -1.0
            result.attrs["units"] = "furlong"
            result.attrs["cell_methods"] = "none"
            for coordinate in result.coords.values():
                coordinate.attrs["units"] = "wrong"
                coordinate.encoding["dtype"] = "int8"
            result.name = "other"
        assert_same_state(state(f), before)

    def test_results_share_no_memory_with_the_field(self):
        f = rich()
        for call in CALLS.values():
            for result in call(f):
                assert not np.shares_memory(result.data.magnitude, f.data)

    def test_components_share_no_memory_or_attributes_with_each_other(self):
        north, east = xn.gradient(rich())
        assert not np.shares_memory(north.data.magnitude, east.data.magnitude)
        north.attrs["mine"] = 1
        north["latitude"].attrs["mine"] = 1
        assert "mine" not in east.attrs
        assert "mine" not in east["latitude"].attrs

    def test_a_quantified_field_is_left_alone_too(self):
        f = xn.quantify(rich())
        before = np.array(f.data.magnitude)
        unit, attrs = f.data.units, dict(f.attrs)
        xn.gradient(f, units="K/km")
        np.testing.assert_array_equal(f.data.magnitude, before)
        assert f.data.units == unit
        assert f.attrs == attrs

    @pytest.mark.parametrize("kind", ["deltas", "coordinates"])
    def test_plain_arrays_and_spacings_are_left_alone(self, kind):
        values = np.array([[1, 2, 4.0], [3, 5, 9], [0, 1, 1]])
        given = (np.array([1.0, 2, 3])[: 2 if kind == "deltas" else 3],) * 2
        kept = values.copy(), given[0].copy()
        for part in xn.gradient(values, **{kind: given}):
            part[...] = 9
        np.testing.assert_array_equal(values, kept[0])
        np.testing.assert_array_equal(given[0], kept[1])


class TestLabels:
    @pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
    def test_coordinates_go_out_as_they_came_in(self, call):
        """All of them: values, attributes, encodings, index, scalar ones, strings."""
        f = rich()
        for result in call(f):
            assert result.dims == f.dims
            assert list(result.coords) == list(f.coords)
            xr.testing.assert_identical(
                result.coords.to_dataset(), f.coords.to_dataset()
            )
            for name in f.coords:
                assert result[name].encoding == f[name].encoding, name
            assert set(result.indexes) == set(f.indexes)
            for name, index in f.indexes.items():
                assert result.indexes[name].equals(index)

    def test_a_result_aligns_with_its_field(self):
        f = rich()
        north, _ = xn.gradient(f)
        both = xr.Dataset({"t": f, "g": xn.dequantify(north)})
        assert both.sizes == f.sizes

    def test_nothing_stale_is_said_of_a_result(self):
        f = rich()
        for result in xn.gradient(f):
            for gone in ("units", "standard_name", "valid_range", "GRIB_paramId"):
                assert gone not in result.attrs
            assert not {"scale_factor", "dtype", "_FillValue"} & set(result.encoding)
            assert "temperature" in result.attrs["long_name"]
            assert result.name not in (None, f.name)

    def test_the_two_names_tell_the_directions_apart(self):
        north, east = xn.gradient(rich())
        assert (north.name, east.name) == ("dt_dy", "dt_dx")
        assert "northward" in north.attrs["long_name"]
        assert "eastward" in east.attrs["long_name"]

    def test_a_multi_index_and_a_nameless_field_survive(self):
        f = rich().drop_vars(["time", "level"])
        f.name = None
        stacked = f.stack(sample=("kind",))
        for result in xn.gradient(stacked):
            assert result.dims == stacked.dims
            xr.testing.assert_identical(
                result.coords.to_dataset(), stacked.coords.to_dataset()
            )

    def test_components_answer_by_every_name_there_is(self):
        g = xn.gradient(rich())
        north, east = g
        for key in ("latitude", "y"):
            assert g[key] is north
        for key in ("longitude", "x"):
            assert g[key] is east
        assert (g.y, g.x) == (north, east) or (g.y is north and g.x is east)
        with pytest.raises(KeyError):
            g["time"]
        with pytest.raises(AttributeError):
            g.z  # noqa: B018
        assert isinstance(g, tuple)
        assert len(g) == 2

    def test_magnitude_and_direction_are_those_of_the_vector(self):
        g = xn.gradient(rich())
        north, east = (numbers(part, "K/m") for part in g)
        np.testing.assert_allclose(
            numbers(g.magnitude(), "K/m"), np.hypot(north, east), rtol=1e-14, atol=1e-21
        )
        angle = np.deg2rad(np.asarray(g.direction().data.magnitude))
        size = np.hypot(north, east)
        there = size > 1e-12
        assert np.isfinite(angle[there]).all()
        np.testing.assert_allclose(
            (size * np.cos(angle))[there], north[there], rtol=1e-9, atol=1e-19
        )
        np.testing.assert_allclose(
            (size * np.sin(angle))[there], east[there], rtol=1e-9, atol=1e-19
        )
        assert np.nanmin(g.direction().data.magnitude) >= 0
        assert np.nanmax(g.direction().data.magnitude) < 360


class TestPickle:
    def test_results_components_and_grids_come_back(self):
        f = rich()
        g = xn.gradient(f, units="K/km")
        back = pickle.loads(pickle.dumps(g))
        assert type(back) is type(g)
        for a, b in zip(back, g, strict=True):
            xr.testing.assert_identical(a, b)
            assert a.data.units == b.data.units
        assert back["latitude"].name == "dt_dy"
        assert back.x.name == "dt_dx"
        xr.testing.assert_identical(back.magnitude(), g.magnitude())
        assert copy.deepcopy(g)["longitude"].identical(g["longitude"])
        grid = xn.grid_of(f)
        assert str(pickle.loads(pickle.dumps(grid))) == str(grid)
        again = xn.gradient(f, grid=pickle.loads(pickle.dumps(grid)), units="K/km")
        for a, b in zip(again, g, strict=True):
            xr.testing.assert_identical(a, b)

    def test_a_grid_with_faults_does_too(self):
        f = rich().drop_vars("kind")
        grid = xn.grid_of(f)
        back = pickle.loads(pickle.dumps(grid))
        with pytest.raises(xn.GridError) as one:
            grid.axis("kind")
        with pytest.raises(xn.GridError) as two:
            back.axis("kind")
        assert str(one.value) == str(two.value)

    def test_lazy_results_do_too(self):
        f = rich().drop_vars(["cell_area", "zone"]).chunk(latitude=4)
        g = xn.gradient(f)
        back = pickle.loads(pickle.dumps(g))
        for a, b in zip(back, g, strict=True):
            xr.testing.assert_identical(a.compute(), b.compute())


def test_a_lazy_result_beside_lazy_coordinates_can_be_computed():
    """As ``open_dataset(chunks={})`` makes them of a cell area."""
    f = rich().chunk(latitude=4)
    for lazy, plain in zip(xn.gradient(f), xn.gradient(rich()), strict=True):
        xr.testing.assert_identical(lazy.compute(), plain)


class TestThreads:
    @pytest.mark.parametrize("engine", ["numpy", "numba"])
    def test_eight_at_once_do_not_disturb_each_other(self, engine):
        globe = GLOBAL["odd number of longitudes"](16)
        field = all_fields(globe)
        jobs = [(i, accuracy) for i in range(8) for accuracy in (2, 4, 6)]

        def job(what):
            i, accuracy = what
            return xn.gradient(field * float(i + 1), accuracy=accuracy).magnitude()

        with xn.set_options(engine=engine):
            one_by_one = [job(what) for what in jobs]
            with ThreadPoolExecutor(8) as pool:
                at_once = list(pool.map(job, jobs))
        for a, b in zip(at_once, one_by_one, strict=True):
            xr.testing.assert_identical(a, b)
