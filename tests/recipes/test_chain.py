"""A chain gives the bits of its steps one by one, reads once, and is checked first."""

import netCDF4
import numpy as np
import pytest
import xarray as xr
from recipes.making import analysis, written

import xnabla as xn
from xnabla.errors import OptionError, XnablaError
from xnabla.operators import CATALOGUE, Components, Parts
from xnabla.recipes import (
    ADAPTORS,
    OPERATORS,
    Job,
    Step,
    _memory,
    planned,
    run,
    step_of,
)
from xnabla.recipes import _adaptors as adaptors


@pytest.fixture
def everything(tmp_path):
    return written(analysis(), tmp_path / "everything.nc")


@pytest.fixture
def fields():
    return analysis()


@pytest.fixture
def in_small_blocks(monkeypatch):
    def begin():
        monkeypatch.setattr(_memory, "_OWN_BYTES", 10**12)
        monkeypatch.setattr(_memory, "_LEAST_BLOCK", 500)

    return begin


@pytest.fixture
def reads(monkeypatch):
    """How many values of each variable are read from files."""
    from xarray.backends.netCDF4_ import NetCDF4ArrayWrapper

    counted: dict[str, int] = {}
    original = NetCDF4ArrayWrapper._getitem

    def count(self, key):
        values = original(self, key)
        name = self.variable_name
        counted[name] = counted.get(name, 0) + np.size(values)
        return values

    monkeypatch.setattr(NetCDF4ArrayWrapper, "_getitem", count)
    return counted


def then(*words: str) -> tuple[Step, ...]:
    """Return steps as they are typed: ``smooth_n_point n=9``."""
    steps = []
    for text in words:
        name, *rest = text.split()
        given = dict(part.split("=") for part in rest if "=" in part)
        steps.append(step_of(name, given, [part for part in rest if "=" not in part]))
    return tuple(steps)


def same(made: xr.Dataset, name: str, expected: xr.DataArray) -> None:
    np.testing.assert_array_equal(made[name].values, expected.data.magnitude)


FOUR = then("magnitude", "smooth_n_point n=9", "laplacian accuracy=4")


def test_four_steps_are_the_bits_of_the_functions(everything, fields):
    made = run(Job("gradient", everything, "t", then=FOUR))
    smooth = xn.smooth_n_point(xn.gradient(fields["t"]).magnitude(), 9)
    expected = xn.laplacian(smooth, accuracy=4)
    (name,) = made.data_vars
    same(made, name, expected)
    assert made[name].attrs["units"] == "K m-3"


def test_blocks_of_a_chain_give_the_bits_of_the_whole(
    everything, tmp_path, in_small_blocks
):
    job = Job("gradient", everything, "t", then=FOUR, overwrite=True)
    whole = run(job)
    in_small_blocks()
    target = tmp_path / "parts.nc"
    lazy = run(Job("gradient", everything, "t", then=FOUR, output=str(target)))
    (part,) = lazy.data_vars.values()
    assert part.data.npartitions > 6
    with xr.open_dataset(target) as parts:
        xr.testing.assert_equal(parts.load(), whole)


@pytest.mark.parametrize("blocks", [False, True], ids=["whole", "in blocks"])
def test_four_steps_read_the_input_once(
    everything, tmp_path, in_small_blocks, reads, blocks
):
    """The wind is needed twice, and read once too."""
    if blocks:
        in_small_blocks()
    steps = then("advection", "smooth_n_point n=9", "advection u=u v=v")
    target = str(tmp_path / "out.nc")
    run(Job("smooth_n_point", everything, "t", {"n": 9}, then=steps, output=target))
    with netCDF4.Dataset(everything) as file:
        size = file["t"].size
    assert {name: reads[name] for name in ("t", "u", "v")} == dict.fromkeys("tuv", size)
    assert not {"theta", "q", "gh"} & {*reads}


def test_the_components_of_a_vector_are_taken_as_east_and_north(everything, fields):
    made = run(Job("geostrophic_wind", everything, "gh", then=then("vorticity")))
    ug, vg = xn.geostrophic_wind(fields["gh"])
    same(made, "vorticity", xn.vorticity(ug, vg))
    with pytest.raises(xn.FieldError, match="the other order"):
        xn.vorticity(vg, ug)
    nameless = [part.drop_attrs().rename("part") for part in (vg, ug)]
    swapped = xn.vorticity(*nameless).data.magnitude
    assert not np.allclose(made["vorticity"], swapped, atol=1e-9, equal_nan=True)


def test_a_gradient_is_taken_by_name_and_not_in_its_order(fields):
    """It has the northward component first."""
    from xnabla.recipes._operate import taken

    steps = planned([Step("gradient"), Step("vorticity")])
    gradient = xn.gradient(fields["gh"])
    given = taken(gradient, steps[1], steps[0])
    assert given["u"] is gradient.x
    assert given["v"] is gradient.y


def test_other_variables_come_from_the_same_files_as_selected(everything, fields):
    job = Job("smooth_n_point", everything, "t", {"n": 9}, level="850", time="1")
    made = run(Job(**{**_plain(job), "then": then("advection")}))
    at = fields.sel(plev=850).isel(time=1)
    expected = xn.advection(xn.smooth_n_point(at["t"], 9), at["u"], at["v"])
    same(made, "advection_t", expected)


def _plain(job: Job) -> dict:
    names = ("operator", "input", "variable", "parameters", "level", "time")
    return {name: getattr(job, name) for name in names}


def test_what_is_named_is_not_the_result(everything, fields):
    """The temperature is the result; height is named; so it goes where it is free."""
    step = then("montgomery_streamfunction height=gh")
    made = run(Job("smooth_n_point", everything, "t", {"n": 9}, then=step))
    smooth = xn.smooth_n_point(fields["t"], 9)
    expected = xn.montgomery_streamfunction(fields["gh"], smooth)
    same(made, "montgomery_streamfunction", expected)


def test_the_facts_of_the_grid_go_on_and_the_scheme_does_not(everything, fields):
    first = {"earth": "WGS84", "accuracy": 4}
    made = run(
        Job("gradient", everything, "t", first, then=then("select x", "laplacian"))
    )
    (name,) = made.data_vars
    gradient = xn.gradient(fields["t"], earth="WGS84", accuracy=4)
    same(made, name, xn.laplacian(gradient.x, earth="WGS84", accuracy=2))


def test_a_step_may_say_its_own(everything, fields):
    step = then("select x", "laplacian earth=GRS80")
    made = run(Job("gradient", everything, "t", {"earth": "WGS84"}, then=step))
    (name,) = made.data_vars
    gradient = xn.gradient(fields["t"], earth="WGS84")
    same(made, name, xn.laplacian(gradient.x, earth="GRS80"))


@pytest.mark.parametrize("frame", ["earth", "grid"])
def test_components_are_along_what_they_were_given_along(frame):
    links = planned([Step("geostrophic_wind", {}, {"frame": frame}), Step("vorticity")])
    assert links[1].step.parameters == {"wind": frame}


def test_the_wind_of_files_is_along_what_the_files_say():
    links = planned([Step("smooth_n_point"), Step("advection")])
    assert "wind" not in links[1].step.parameters


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (("gradient", "laplacian"), "one field.*two components.*--then magnitude"),
        (("gradient", "gradient"), "--then select x"),
        (("laplacian", "magnitude"), "magnitude cannot take what laplacian gives"),
        (("laplacian", "vorticity"), "two components of a vector; got one field"),
        (("hessian", "laplacian"), "several fields.*--then select PART"),
        (("hessian", "direction"), "several fields"),
        (("trend", "gradient"), "--then select PART"),
        (("trend", "mean"), "--then select PART"),
        (("gradient", "magnitud"), "no operator 'magnitud'. Try: magnitude"),
        (("gradient", "magnitude", "magnitude"), "cannot take"),
    ],
    ids=str,
)
def test_what_cannot_follow_is_refused_before_any_file_is_opened(steps, words):
    first, *rest = steps
    more = {"mean": {"dims": ("lat",)}}
    chain = tuple(Step(name, {}, more.get(name, {})) for name in rest)
    with pytest.raises(OptionError, match=words):
        run(Job(first, "there is no such file.nc", then=chain))


@pytest.mark.parametrize(
    ("name", "given", "bare", "words"),
    [
        (
            "smooth",
            {"lenght_scale": "3 km"},
            (),
            "no option 'lenght_scale'.*length_scale",
        ),
        ("laplacian", {"accuracy": 3}, (), "'accuracy' cannot be 3.*2, 4, 6"),
        ("laplacian", {"edges": "missin"}, (), "edges=missing"),
        ("derivative", {}, (), "derivative needs 'dim'"),
        ("mean", {}, (), "mean needs 'dims'"),
        ("laplacian", {}, ("t.nc",), "takes no word of its own, such as 't.nc'"),
        ("magnitude", {}, ("t.nc",), "takes no word"),
        ("mean", {"dims": "lat"}, ("lon",), "'dims' twice"),
        ("smooth_rectangular", {"size": "2.5"}, (), "a whole number"),
        ("smooth_rectangular", {"size": True}, (), "a whole number"),
        ("q_vector", {"static_stability": "x"}, (), "a number"),
        ("gradnt", {}, (), "Try: gradient"),
    ],
)
def test_a_step_that_is_written_wrongly_says_what_is_alike(name, given, bare, words):
    with pytest.raises(OptionError, match=words):
        step_of(name, given, bare)


def test_words_become_what_functions_take():
    step = step_of("laplacian", {"accuracy": "4", "periodic": "yes", "earth": "6.4e6"})
    assert step.parameters == {"accuracy": 4, "periodic": True, "earth": 6.4e6}
    assert step_of("advection", {"u": "u10"}).inputs == {"u": "u10"}
    assert step_of("laplacian", {"periodic": False}).parameters == {"periodic": False}
    assert step_of("derivative", {}, ["lat"]).parameters == {"dim": "lat"}


def test_every_adaptor_tells_what_it_is_and_no_operator_is_called_like_it():
    assert not {*ADAPTORS} & {*CATALOGUE}
    for name, one in ADAPTORS.items():
        assert OPERATORS[name] is one
        assert callable(one.function)
        assert one.summary.endswith(".")
        assert f"--then {name}" in one.example


# ------------------------------------------------------------------- adaptors


def test_parts_are_selected_by_name_by_letter_and_by_dimension(fields):
    gradient = xn.gradient(fields["t"])
    for name in ("dt_dx", "x", "lon", "longitude"):
        assert adaptors.select(gradient, name=name) is gradient.x
    both = adaptors.select(gradient, name="x,y")
    assert isinstance(both, Parts)
    assert both.names == ("dt_dx", "dt_dy")
    with pytest.raises(OptionError, match=r"no 'z'.*dt_dy, dt_dx"):
        adaptors.select(gradient, name="z")


def test_the_direction_of_a_wind_is_where_it_points_to():
    wind = Parts(
        [
            xr.DataArray(np.array(one), dims="x", name=name, attrs={"units": "m s-1"})
            for one, name in (([1.0, 0, -1, 0, 0], "u"), ([0.0, 1, 0, -1, 0], "v"))
        ],
        ["u", "v"],
        "wind",
    )
    told = wind.direction()
    np.testing.assert_allclose(
        told.data.magnitude, [90, 0, 270, 180, np.nan], rtol=1e-14, atol=0
    )
    assert str(told.data.units) == "degree"


@pytest.mark.parametrize("poles", [True, False], ids=["pole rows", "no pole rows"])
@pytest.mark.parametrize("down", [1, -1])
def test_a_mean_over_the_globe_is_by_area(poles, down):
    """The mean of sin² over a sphere is a third; of all rows alike it is a half."""
    lat = np.linspace(-90, 90, 181) if poles else np.linspace(-89.5, 89.5, 180)
    lat, lon = lat[::down], np.arange(0.0, 360.0, 30.0)
    values = np.sin(np.deg2rad(lat))[:, None] ** 2 * np.ones(lon.size)
    field = xr.DataArray(values, dims=("lat", "lon"), name="f", attrs={"units": "K"})
    field = field.assign_coords(
        lat=("lat", lat, {"units": "degrees_north"}),
        lon=("lon", lon, {"units": "degrees_east"}),
    )
    told = adaptors.mean_over(field, dims=("lat", "lon"))
    assert float(told) == pytest.approx(1 / 3, abs=1e-4)
    # the second moment is a fifth
    spread = adaptors.std_over(field, dims=("lon", "lat"))
    assert float(spread) == pytest.approx(np.sqrt(1 / 5 - 1 / 9), abs=1e-4)
    assert told.attrs["cell_methods"] == "lat: lon: mean"


def test_a_column_that_is_there_twice_counts_once():
    lon = np.arange(0.0, 361.0, 90.0)
    values = np.array([4.0, 0.0, 0.0, 0.0, 4.0])
    field = xr.DataArray(values, dims="lon", name="f", attrs={"units": "K"})
    field = field.assign_coords(lon=("lon", lon, {"units": "degrees_east"}))
    assert float(adaptors.mean_over(field, dims=("lon",))) == pytest.approx(1.0)


def test_reductions_over_time_count_all_alike_and_leave_gaps_out():
    values = np.array([[1.0, np.nan], [3.0, np.nan], [8.0, 2.0]])
    field = xr.DataArray(values, dims=("time", "x"), name="t", attrs={"units": "degC"})
    field = field.assign_coords(time=np.arange(3).astype("M8[D]").astype("M8[ns]"))
    for how, expected in (("mean", [4, 2]), ("max", [8, 2]), ("min", [1, 2])):
        made = OPERATORS[how].function(field, dims=("time",))
        np.testing.assert_allclose(made, expected, rtol=1e-15)
        assert made.attrs["units"] == "degC"
        whole = OPERATORS[how].function(field, dims=("time",), missing="propagate")
        assert np.isnan(whole[1])
    spread = OPERATORS["std"].function(field, dims=("time",))
    assert float(spread[0]) == pytest.approx(np.std([1, 3, 8]))
    # a spread of temperatures is a difference
    assert spread.attrs["units"] == "K"
    named = field.assign_attrs(standard_name="air_temperature")
    spread = OPERATORS["std"].function(named, dims=("time",))
    told = "air_temperature, standard deviation over time"
    assert spread.attrs["long_name"] == told


@pytest.mark.parametrize("dims", [("time",), ("lat",)])
@pytest.mark.parametrize("missing", ["skip", "propagate"])
@pytest.mark.parametrize("chunks", [None, 50_000], ids=["numpy", "dask"])
def test_means_of_single_precision_are_added_in_double(dims, missing, chunks):
    """A third of temperatures near 300 K, a hundred thousand times."""
    size = 100_000 if dims == ("time",) else 20_000
    values = (300.0 + np.arange(size) % 3).astype("f4")
    along = {
        "time": np.arange(size).astype("M8[s]").astype("M8[ns]"),
        "lat": ("lat", np.linspace(-60, 60, size), {"units": "degrees_north"}),
    }
    field = xr.DataArray(
        np.repeat(values[:, None], 2, axis=1),
        dims=(*dims, "x"),
        coords={dims[0]: along[dims[0]]},
        name="t",
        attrs={"units": "K"},
    )
    field = field if chunks is None else field.chunk({dims[0]: chunks})
    mean, spread = (
        OPERATORS[how].function(field, dims=dims, missing=missing)
        for how in ("mean", "std")
    )
    assert mean.dtype == spread.dtype == np.float32
    np.testing.assert_allclose(mean, 301.0, rtol=0, atol=1e-4)
    np.testing.assert_allclose(spread, np.sqrt(2 / 3), rtol=0, atol=1e-4)


def test_a_mean_of_components_is_of_each(everything, fields):
    made = run(Job("gradient", everything, "t", then=then("mean time", "magnitude")))
    gradient = xn.gradient(fields["t"])
    (part,) = made.data_vars.values()
    x, y = (one.data.magnitude.mean(axis=0) for one in (gradient.x, gradient.y))
    np.testing.assert_allclose(part, np.hypot(x, y), rtol=1e-12, atol=1e-20)
    assert part.attrs["units"] == "K m-1"


def test_a_mean_over_a_dimension_there_is_not_is_refused(everything):
    with pytest.raises(XnablaError, match=r"no dimension 'tim'.*Try: 'time'"):
        run(Job("laplacian", everything, "t", then=then("mean tim")))


def test_the_field_of_a_whole_result_goes_on(everything, fields):
    """What smooth gives is a field, and how it was found."""
    step = Step("smooth", {}, {"length_scale": "900 km"})
    job = Job("laplacian", everything, "t", level="850", time="0",
              then=(step, Step("laplacian")))  # fmt: skip
    made = run(job)
    at = fields["t"].sel(plev=850).isel(time=0)
    smooth = xn.smooth(xn.laplacian(at), length_scale="900 km")["smoothed"]
    (name,) = made.data_vars
    same(made, name, xn.laplacian(smooth))


def test_components_of_a_result_are_named(fields, everything):
    job = Job("helmholtz", everything, level="500", time="0",
              then=then("select u_psi,v_psi", "vorticity"))  # fmt: skip
    known = run(Job("helmholtz", everything, level="500", time="0"))
    names = [name for name in known if name.startswith(("u_", "v_"))]
    assert {"u_psi", "v_psi"} <= {*names}
    assert list(run(job)) == ["vorticity"]
    assert isinstance(xn.gradient(fields["t"]), Components)
