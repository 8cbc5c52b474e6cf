"""The public smoothers: labels, units, choices, refusals, and MetPy beside them."""

import re
import subprocess
import sys
import textwrap

import dask.array as da
import numpy as np
import pint
import pytest
import xarray as xr
from fields import GLOBAL, Globe, all_fields, labelled

import xnabla as xn
from xnabla.operators._smooth import (
    smooth_circular,
    smooth_gaussian,
    smooth_n_point,
    smooth_rectangular,
    smooth_window,
)

SMOOTHERS = {
    "gaussian": lambda f, **o: smooth_gaussian(f, 4, **o),
    "length": lambda f, **o: smooth_gaussian(f, "6000 km", **o),
    "n_point": smooth_n_point,
    "window": lambda f, **o: smooth_window(f, np.ones((3, 3)), **o),
    "rectangular": lambda f, **o: smooth_rectangular(f, 3, **o),
    "circular": lambda f, **o: smooth_circular(f, 2, **o),
}
EVERY = pytest.mark.parametrize("smooth", SMOOTHERS.values(), ids=list(SMOOTHERS))
RNG = np.random.default_rng(7)
REGION = Globe("region", np.linspace(30, 50, 21), np.linspace(0, 24, 25))


def region(**others):
    shape = (*map(len, others.values()), 21, 25)
    return labelled(RNG.normal(280, 9, shape), REGION, **others)


def rich():
    f = all_fields(GLOBAL["pole rows"](12))
    f = f.assign_coords(time=((), np.datetime64("2011-01-15", "ns")))
    f.attrs |= {
        "standard_name": "air_temperature",
        "long_name": "temperature",
        "cell_methods": "time: mean",
        "grid_mapping": "crs",
        "valid_range": [100.0, 400.0],
        "comment": "as analysed",
    }
    f.encoding = {"dtype": "int16", "scale_factor": 0.01}
    return f


def plain(result):
    return np.asarray(result.data.magnitude)


class TestLabels:
    @EVERY
    def test_a_smoothed_field_is_still_the_field(self, smooth):
        f = rich()
        got = smooth(f)
        assert got.name == "t"
        assert f"{got.data.units:~C}" == "K"
        for name in ("standard_name", "long_name", "cell_methods", "grid_mapping"):
            assert got.attrs[name] == f.attrs[name]
        assert not {"valid_range", "units"} & set(got.attrs)
        assert got.encoding == {}
        xr.testing.assert_identical(got.coords.to_dataset(), f.coords.to_dataset())

    @EVERY
    def test_its_comment_says_what_was_done_after_what_it_said(self, smooth):
        said = smooth(rich()).attrs["comment"]
        assert said.startswith("as analysed; smoothed with ")
        assert "along latitude and longitude; edges one-sided; NaN propagate" in said
        assert said.endswith("poles across")

    def test_the_window_is_described(self):
        f = rich()
        said = smooth_gaussian(f, 6).attrs["comment"]
        assert (
            "a Gaussian of degree 6 (standard deviation 0.9549 grid lengths, 7" in said
        )
        said = smooth_gaussian(f, "6000 km").attrs["comment"]
        assert "6000 km (standard deviation 954.9 km, to a distance of 2701 km)" in said
        said = smooth_n_point(f, 9, passes=2).attrs["comment"]
        assert "smoothed 2 times with a window of 9 points" in said

    def test_a_field_without_a_name_gets_none(self):
        f = region().rename(None)
        got = smooth_n_point(f)
        assert got.name is None
        assert set(got.attrs) == {"comment"}

    @EVERY
    def test_the_field_is_left_as_it_was(self, smooth):
        f = rich()
        before = f.copy(deep=True)
        got = smooth(f, missing="shrink")
        got.data.magnitude[...] = -1.0
        got.attrs["long_name"] = "other"
        got["latitude"].attrs["units"] = "wrong"
        xr.testing.assert_identical(f, before)
        assert f.encoding == before.encoding


class TestUnits:
    @pytest.mark.parametrize("unit", ["degC", "degF", "K", "m s-1", "1"])
    def test_stay_what_they_are(self, unit):
        f = region().assign_attrs(units=unit)
        got = smooth_n_point(f, 9)
        wanted = smooth_n_point(f.assign_attrs(units="K"), 9)
        np.testing.assert_array_equal(plain(got), plain(wanted))
        assert xn.dequantify(got).attrs["units"] == unit

    def test_pint_values_are_taken(self):
        f = region().assign_attrs(units="degC")
        got = smooth_circular(xn.quantify(f), 2)
        xr.testing.assert_identical(got, smooth_circular(f, 2))

    def test_a_scale_goes_into_the_numbers(self):
        f = region().assign_attrs(units="1e-5 s-1")
        got = smooth_n_point(f)
        assert f"{got.data.units:~C}" == "1/s"
        wanted = 1e-5 * plain(smooth_n_point(f.assign_attrs(units="s-1")))
        np.testing.assert_allclose(plain(got), wanted, rtol=1e-14)

    def test_none_and_logarithmic_ones_are_refused(self):
        f = region()
        del f.attrs["units"]
        with pytest.raises(xn.UnitsError, match="no units"):
            smooth_n_point(f)
        with pytest.raises(xn.UnitsError, match="dBZ"):
            smooth_n_point(f.assign_attrs(units="dBZ"))


class TestValues:
    @pytest.mark.parametrize(
        ("given", "got"),
        [("f4", "f4"), ("f8", "f8"), ("i2", "f8"), (">f4", "f4"), ("c8", "c8")],
    )
    def test_keep_their_precision(self, given, got):
        f = (region() * 10).astype(given).assign_attrs(units="K")
        assert smooth_gaussian(f, 4).dtype == np.dtype(got)

    def test_of_single_precision_are_summed_in_double(self):
        f = region().astype("f4")
        got = plain(smooth_gaussian(f, 10))
        wanted = plain(smooth_gaussian(f.astype("f8"), 10)).astype("f4")
        np.testing.assert_array_equal(got, wanted)

    @EVERY
    def test_of_dask_arrays_stay_there(self, smooth):
        class Opened(Exception):
            pass

        def opened(block):
            raise Opened

        globe = GLOBAL["closed"](12)
        values = da.zeros((globe.phi.size, globe.lam.size), chunks=(5, 6))
        values = values.map_blocks(opened, dtype=float, meta=np.empty((0, 0)))
        f = labelled(values, globe)
        for missing in ("propagate", "shrink"):
            got = smooth(f, missing=missing)
            assert got.chunks == f.chunks
            with pytest.raises(Opened):
                got.compute()

    def test_the_same_field_makes_the_same_graph_twice(self):
        f = rich().chunk(latitude=4)
        names = {smooth_n_point(f).data.magnitude.name for _ in range(2)}
        assert len(names) == 1


class TestMissing:
    def gap(self):
        f = region()
        f[5, 7] = np.nan
        return f

    def test_spreads_over_the_window_by_default(self):
        gone = np.isnan(plain(smooth_circular(self.gap(), 2)))
        j, i = np.meshgrid(np.arange(21) - 5, np.arange(25) - 7, indexing="ij")
        np.testing.assert_array_equal(gone, j**2 + i**2 <= 4)

    def test_but_not_where_the_weight_is_zero(self):
        assert np.isnan(plain(smooth_n_point(self.gap(), 5))).sum() == 5

    def test_shrinks_the_window_if_told_here_or_for_all(self):
        f = self.gap()
        got = plain(smooth_n_point(f, 9, missing="shrink"))
        np.testing.assert_array_equal(np.isnan(got), np.isnan(f.values))
        with xn.set_options(missing="shrink"):
            np.testing.assert_array_equal(plain(smooth_n_point(f, 9)), got)
        weights = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 0]])
        wanted = (weights * f.values[3:6, 5:8])[weights > 0].sum() / 15
        np.testing.assert_allclose(got[4, 6], wanted, rtol=1e-14)

    @pytest.mark.parametrize("passes", [1, 3])
    def test_points_stay_missing_through_all_passes(self, passes):
        f = self.gap()
        got = plain(smooth_rectangular(f, 5, missing="shrink", passes=passes))
        np.testing.assert_array_equal(np.isnan(got), np.isnan(f.values))


class TestEdges:
    def test_follow_the_options(self):
        f = region()
        with xn.set_options(edges="missing"):
            got = plain(smooth_n_point(f))
        assert np.isnan(got).sum() == 2 * 21 + 2 * 23
        xr.testing.assert_identical(
            smooth_n_point(f), smooth_n_point(f, edges="one-sided")
        )

    def test_of_a_seam_are_none(self):
        globe = GLOBAL["no pole rows"](12)
        f = all_fields(globe)
        wanted = smooth_circular(f, 3)
        for edges in ("missing", "unsmoothed", "reflect"):
            np.testing.assert_array_equal(
                plain(smooth_circular(f, 3, edges=edges)), plain(wanted)
            )

    def test_a_pole_is_one_if_it_is_not_to_be_crossed(self):
        globe = GLOBAL["pole rows"](12)
        f = all_fields(globe)
        got = smooth_circular(f, 2, poles="missing", edges="missing")
        assert np.isnan(plain(got)[:, [0, 1, -2, -1]]).all()
        assert not np.isnan(plain(got)[:, 2:-2]).any()
        kept = smooth_circular(f, 2, poles="missing", edges="unsmoothed")
        np.testing.assert_array_equal(plain(kept)[:, [0, 1]], f.values[:, [0, 1]])

    def test_with_a_length_are_where_the_disc_leaves_the_grid(self):
        f = region()  # 111 km a row, 85 to 71 km a column
        got = np.isnan(
            plain(smooth_gaussian(f, "900 km", edges="missing"))
        )  # R = 405 km
        assert got[[0, 1, 2, -3, -2, -1]].all()
        assert not got[3:-3, 6:-6].any()
        north, south = got[16], got[4]
        assert north.sum() > south.sum()


class TestDims:
    def test_the_horizontal_ones_are_found_whatever_their_order(self):
        f = region(time=np.arange(3.0), member=np.arange(2.0))
        wanted = smooth_circular(f.isel(time=1, member=1, drop=True), 3)
        turned = f.transpose("longitude", "member", "latitude", "time")
        got = smooth_circular(turned, 3)
        assert got.dims == turned.dims
        one = got.isel(time=1, member=1, drop=True).transpose("latitude", "longitude")
        np.testing.assert_array_equal(plain(one), plain(wanted))

    @pytest.mark.parametrize("dims", ["step", ["step"], ("step",), "time"])
    def test_any_other_can_be_named_by_itself_or_its_role(self, dims):
        f = region(step=np.arange(9.0))
        f["step"].attrs |= {"units": "hours", "standard_name": "time"}
        got = plain(smooth_gaussian(f, 4, dims=dims))
        wanted = smooth_gaussian(f.values, 4, dims=0)
        np.testing.assert_allclose(got, wanted, rtol=1e-14)

    def test_roles_name_them_too(self):
        f = region().rename(latitude="nav_y", longitude="nav_x")
        f["nav_y"].attrs["standard_name"] = "latitude"
        f["nav_x"].attrs["standard_name"] = "longitude"
        got = smooth_gaussian(f, 4, dims=("longitude", "latitude"))
        np.testing.assert_allclose(plain(got), plain(smooth_gaussian(f, 4)), rtol=1e-14)

    def test_without_coordinates_they_do_as_well(self):
        f = xr.DataArray(RNG.normal(size=(8, 9)), dims=("a", "b"), attrs={"units": "K"})
        got = smooth_n_point(f, 9, dims=("a", "b"))
        np.testing.assert_array_equal(plain(got), smooth_n_point(f.values, 9))
        with pytest.raises(xn.GridError, match="no horizontal dimensions"):
            smooth_n_point(f, 9)

    def test_a_window_has_its_rows_along_latitude(self):
        f = region()
        window = RNG.uniform(size=(3, 5))
        got = smooth_window(f.T, window)
        np.testing.assert_array_equal(plain(got.T), plain(smooth_window(f, window)))
        swapped = smooth_window(f, window.T, dims=("longitude", "latitude"))
        np.testing.assert_allclose(plain(swapped), plain(got.T), rtol=1e-14)
        named = xr.DataArray(window.T, dims=("longitude", "latitude"))
        np.testing.assert_allclose(
            plain(smooth_window(f, named)), plain(got.T), rtol=1e-14
        )

    def test_a_periodic_plane_is_taken_around(self):
        f = xr.DataArray(
            RNG.normal(size=(8, 10)),
            dims=("y", "x"),
            attrs={"units": "K"},
            coords={
                "y": ("y", np.arange(8.0), {"units": "km"}),
                "x": ("x", np.arange(10.0), {"units": "km"}),
            },
        )
        got = plain(smooth_rectangular(f, (1, 3), periodic="x"))
        wanted = (np.roll(f, 1, 1) + f.values + np.roll(f, -1, 1)) / 3
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-14)
        grid = xn.grid_of(f, periodic="x")
        np.testing.assert_array_equal(
            plain(smooth_rectangular(f, (1, 3), grid=grid)), got
        )

    def test_curvilinear_grids_have_theirs(self):
        j, i = np.meshgrid(np.arange(9.0), np.arange(11.0), indexing="ij")
        f = xr.DataArray(
            RNG.normal(size=(9, 11)),
            dims=("eta_rho", "xi_rho"),
            attrs={"units": "K"},
            coords={
                "lat_rho": (("eta_rho", "xi_rho"), 40 + 0.3 * j + 0.05 * i,
                            {"units": "degrees_north"}),
                "lon_rho": (("eta_rho", "xi_rho"), 5 + 0.4 * i - 0.1 * j,
                            {"units": "degrees_east"}),
            },
        )  # fmt: skip
        got = smooth_n_point(f, 9)
        np.testing.assert_array_equal(plain(got), smooth_n_point(f.values, 9))
        with pytest.raises(xn.GridError, match="curvilinear") as refused:
            smooth_gaussian(f, "100 km")
        # what to type instead leaves as much of such a wave: exp(-1/2)
        (advised,) = re.findall(r'length_scale="([\d.]+) km"', str(refused.value))
        share = 1 / (1 + (2 * np.pi * float(advised) / 100) ** 2)
        assert share == pytest.approx(np.exp(-0.5), abs=2e-3)
        assert xn.smooth(f, length_scale=f"{advised} km").smoothed.shape == f.shape

    def test_the_lines_of_a_rotated_globe_are_those_of_a_globe(self):
        f = region()
        turned = xr.DataArray(
            f.values,
            dims=("rlat", "rlon"),
            attrs={"units": "K", "grid_mapping": "rotated_pole"},
            coords={
                "rlat": ("rlat", REGION.latitude,
                         {"units": "degrees", "standard_name": "grid_latitude"}),
                "rlon": ("rlon", REGION.longitude,
                         {"units": "degrees", "standard_name": "grid_longitude"}),
                "rotated_pole": ((), 0, {
                    "grid_mapping_name": "rotated_latitude_longitude",
                    "grid_north_pole_latitude": 39.25,
                    "grid_north_pole_longitude": -162.0,
                }),
            },
        )  # fmt: skip
        for n in (6, "900 km"):
            got = plain(smooth_gaussian(turned, n))
            np.testing.assert_allclose(got, plain(smooth_gaussian(f, n)), rtol=1e-12)

    def test_a_longitude_that_makes_no_sense_is_refused(self):
        f = region()
        f = f.assign_coords(longitude=f.longitude.where(f.longitude < 5, 3.0))
        f["longitude"].attrs["units"] = "degrees_east"
        for dims in (None, "longitude"):
            with pytest.raises(xn.GridError, match="'longitude'"):
                smooth_rectangular(f, 3, dims=dims)
        smooth_rectangular(f, 3, dims="latitude")


class TestPlainArrays:
    def test_are_smoothed_along_their_last_axes(self):
        a = RNG.normal(size=(3, 8, 9))
        got = smooth_n_point(a, 9)
        assert type(got) is np.ndarray
        np.testing.assert_array_equal(got[1], smooth_n_point(a[1], 9))
        turned = smooth_n_point(np.moveaxis(a, 0, -1), 9, dims=(0, 1))
        np.testing.assert_array_equal(np.moveaxis(turned, -1, 0), got)

    def test_quantities_stay_quantities(self):
        units = pint.get_application_registry()
        q = units.Quantity(RNG.normal(size=(8, 9)), "degC")
        got = smooth_gaussian(q, 4)
        assert got.units == units.degC
        np.testing.assert_array_equal(got.magnitude, smooth_gaussian(q.magnitude, 4))

    def test_masked_points_are_missing_ones(self):
        a = np.ma.masked_array(RNG.normal(size=(8, 9)), mask=False)
        a[3, 4] = np.ma.masked
        got = smooth_n_point(a, 9)
        assert got.mask.sum() == 9
        assert smooth_n_point(a, 9, missing="shrink").mask.sum() == 1

    def test_lie_on_no_grid(self):
        a = RNG.normal(size=(8, 9))
        with pytest.raises(xn.GridError, match="lies on no grid"):
            smooth_n_point(a, periodic=True)
        with pytest.raises(xn.GridError, match="lies on no grid"):
            smooth_gaussian(a, "300 km")
        with pytest.raises(xn.GridError, match="single number"):
            smooth_gaussian(np.array(3.0), 4)


REFUSED = [
    (lambda f: smooth_gaussian(f, -3), xn.OptionError, "n=-3 cannot be.*n=10"),
    (lambda f: smooth_gaussian(f, 1), xn.OptionError, "n=1 cannot be"),
    (lambda f: smooth_gaussian(f, "3 K"), xn.OptionError, "'3 K' cannot be"),
    (lambda f: smooth_gaussian(f, True), xn.OptionError, "True cannot be"),
    (lambda f: smooth_gaussian(f, np.nan), xn.OptionError, "nan cannot be"),
    (lambda f: smooth_gaussian(f, 90), xn.GridError, "wider than the grid.*Try: n=22"),
    (
        lambda f: smooth_gaussian(f, "20 km"),
        xn.OptionError,
        "does not suit.*from 222.4",
    ),
    (
        lambda f: smooth_gaussian(f, "9000 km"),
        xn.OptionError,
        "does not suit steps of 1",
    ),
    (
        lambda f: smooth_gaussian(f, "900 km", edges="reflect"),
        xn.OptionError,
        "no mirror image",
    ),
    (
        lambda f: smooth_gaussian(f, "900 km", dims="longitude"),
        xn.GridError,
        "2 dimensions",
    ),
    (
        lambda f: smooth_n_point(f, 7),
        xn.OptionError,
        "no smoother of n=7 points.*5 or 9",
    ),
    (lambda f: smooth_n_point(f, [9]), xn.OptionError, "no smoother"),
    (lambda f: smooth_n_point(f, passes=0), xn.OptionError, "passes=0"),
    (lambda f: smooth_n_point(f, passes=1.5), xn.OptionError, "passes=1.5"),
    (lambda f: smooth_n_point(f, dims="latitude"), xn.GridError, "has 2 dimensions"),
    (lambda f: smooth_circular(f, 0), xn.OptionError, "radius=0"),
    (lambda f: smooth_circular(f, 2.5), xn.OptionError, "radius=2.5"),
    (lambda f: smooth_circular(f, 11), xn.GridError, "wider.*'latitude'.*radius=10"),
    (lambda f: smooth_rectangular(f, 4), xn.OptionError, "size 4 has no middle"),
    (lambda f: smooth_rectangular(f, (3, 27)), xn.GridError, "'longitude'.*size=25"),
    (lambda f: smooth_rectangular(f, (3, 3, 3)), xn.GridError, "has 3 dimensions"),
    (lambda f: smooth_window(f, np.ones((3, 4))), xn.OptionError, "no middle"),
    (
        lambda f: smooth_window(f, np.ones(3)),
        xn.GridError,
        "has 1 dimension.*longitude",
    ),
    (lambda f: smooth_window(f, 3.0), xn.GridError, "at least one dimension"),
    (lambda f: smooth_window(f, "a b c"), xn.OptionError, "no array of weights"),
    (lambda f: smooth_window(f, [[1, np.inf, 1]]), xn.OptionError, "not a number"),
    (lambda f: smooth_window(f, [[-1, 2, -1]]), xn.OptionError, "sum to zero"),
    (lambda f: smooth_window(f, [[-1, 4, -1]]), xn.OptionError, "edges='missing'"),
    (
        lambda f: smooth_window(f, [[-1, 4, -1]], missing="shrink"),
        xn.OptionError,
        "missing='propagate'",
    ),
    (
        lambda f: smooth_window(f, np.ones((3, 3)), normalize_weights="no"),
        xn.OptionError,
        "True or False",
    ),
    (
        lambda f: smooth_n_point(f, edges="wrap"),
        xn.OptionError,
        "'one-sided', 'missing'",
    ),
    (
        lambda f: smooth_n_point(f, missing="skip"),
        xn.OptionError,
        "'missing' cannot be",
    ),
    (lambda f: smooth_n_point(f, dims="levl"), xn.GridError, "no dimension 'levl'"),
    (lambda f: smooth_n_point(f, dims=()), xn.GridError, "cannot be smoothed along"),
    (lambda f: smooth_n_point(f, dims=(0, 1)), xn.GridError, "names of dimensions"),
    (
        lambda f: smooth_n_point(f, dims=("latitude", "y")),
        xn.GridError,
        "different dimensions",
    ),
    (lambda f: smooth_n_point(f, grid=3), xn.GridError, "grid= takes a Grid"),
    (lambda f: smooth_n_point(f.to_dataset()), xn.FieldError, "smooth_n_point takes"),
    (
        lambda f: smooth_n_point(f.values, dims=(0, 5)),
        xn.GridError,
        "numbers of its axes",
    ),
    (lambda f: smooth_n_point(f.values[0]), xn.GridError, "has 2 dimensions"),
    (lambda f: smooth_n_point(f > 0), xn.FieldError, "flags"),
]


@pytest.mark.parametrize(("call", "error", "said"), REFUSED)
def test_what_cannot_be_is_refused_in_a_sentence(call, error, said):
    with pytest.raises(error, match=said) as caught:
        call(region())
    assert "\n" not in str(caught.value)


def test_all_faults_are_told_together():
    f = region()
    del f.attrs["units"]
    with pytest.raises(xn.XnablaError, match=r"no dimension 'levl'.*no units"):
        smooth_n_point(f, dims="levl")


def test_a_window_with_negative_weights_goes_where_there_are_no_edges():
    f = all_fields(GLOBAL["no pole rows"](12))
    got = smooth_window(f, "-1 4 -1", dims="longitude")
    wanted = 2 * f.values - (np.roll(f, 1, -1) + np.roll(f, -1, -1)) / 2
    np.testing.assert_allclose(plain(got), wanted, rtol=0, atol=1e-14)
    bare = smooth_window(f, "-1 2 -1", dims="longitude", normalize_weights=False)
    np.testing.assert_allclose(plain(bare), 2 * (wanted - f.values), rtol=0, atol=1e-13)


def test_weights_that_are_not_normalized_keep_their_sum_at_edges_and_gaps():
    f = (region() * 0 + 10.0).assign_attrs(units="K")
    f[4, 4] = np.nan
    got = plain(
        smooth_window(
            f, np.full((3, 3), 0.2), normalize_weights=False, missing="shrink"
        )
    )
    np.testing.assert_allclose(got[~np.isnan(f.values)], 18.0, rtol=1e-14)


def test_text_says_windows_and_degrees():
    f = region()
    nine = smooth_window(f, "1 2 1; 2, 4, 2; 1 2 1")
    np.testing.assert_allclose(plain(nine), plain(smooth_n_point(f, 9)), rtol=1e-14)
    xr.testing.assert_identical(smooth_gaussian(f, "6"), smooth_gaussian(f, 6))
    units = pint.get_application_registry()
    wanted = plain(smooth_gaussian(f, "900 km"))
    for same in (units.Quantity(900, "km"), "9e5 m", units.Quantity(0.9, "Mm")):
        np.testing.assert_allclose(plain(smooth_gaussian(f, same)), wanted, rtol=1e-12)


def test_the_figure_of_the_earth_is_heeded():
    f = region()
    sphere = plain(smooth_gaussian(f, "900 km"))
    small = plain(smooth_gaussian(f, "450 km", earth=6371229.0 / 2))
    np.testing.assert_allclose(small, sphere, rtol=0, atol=1e-9)
    ellipsoid = plain(smooth_gaussian(f, "900 km", earth="WGS84"))
    assert 0 < np.abs(ellipsoid - sphere).max() < 1.0


# --- MetPy --------------------------------------------------------------------------

CALLS = {
    "gaussian": ("smooth_gaussian(a, 6)", lambda a, **o: smooth_gaussian(a, 6, **o)),
    "default": ("smooth_n_point(a)", smooth_n_point),
    "nine": (
        "smooth_n_point(a, 9, 3)",
        lambda a, **o: smooth_n_point(a, 9, passes=3, **o),
    ),
    "window": (
        "smooth_window(a, w, 2)",
        lambda a, **o: smooth_window(a, WINDOW, passes=2, **o),
    ),
    "bare": (
        "smooth_window(a, w, normalize_weights=False)",
        lambda a, **o: smooth_window(a, WINDOW, normalize_weights=False, **o),
    ),
    "rectangular": (
        "smooth_rectangular(a, (3, 5), 2)",
        lambda a, **o: smooth_rectangular(a, (3, 5), passes=2, **o),
    ),
    "circular": (
        "smooth_circular(a, 3, 2)",
        lambda a, **o: smooth_circular(a, 3, passes=2, **o),
    ),
}
WINDOW = np.array([[0.5, 1.0, 0.0], [2.0, 3.0, 1.0], [0.0, 1.0, 0.25]])


@pytest.fixture(scope="module")
def metpys(tmp_path_factory):
    """MetPy's numbers, from a process of its own: it replaces the registry."""
    pytest.importorskip("metpy")
    folder = tmp_path_factory.mktemp("metpy")
    values = np.random.default_rng(11).normal(280, 9, (2, 21, 25))
    np.savez(folder / "in.npz", a=values, w=WINDOW)
    calls = {name: text for name, (text, _) in CALLS.items()}
    code = f"""
        import warnings; warnings.simplefilter("ignore")
        import numpy as np
        from metpy.calc import (smooth_circular, smooth_gaussian, smooth_n_point,
                                smooth_rectangular, smooth_window)
        given = np.load({str(folder / "in.npz")!r})
        a, w = given["a"], given["w"]
        got = {{name: eval(text) for name, text in {calls!r}.items()}}
        got = {{k: np.asarray(getattr(v, "magnitude", v)) for k, v in got.items()}}
        np.savez({str(folder / "out.npz")!r}, **got)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)
    return values, dict(np.load(folder / "out.npz"))


@pytest.mark.peer
@pytest.mark.parametrize("name", CALLS)
def test_metpy_has_the_same_numbers_inside_a_region(metpys, name):
    values, theirs = metpys
    f = labelled(values, REGION, member=[0.0, 1.0])
    got = plain(CALLS[name][1](f))
    inner = (..., slice(8, -8), slice(8, -8))
    np.testing.assert_allclose(got[inner], theirs[name][inner], rtol=1e-14)


@pytest.mark.peer
@pytest.mark.parametrize("name", CALLS)
def test_metpy_has_the_same_numbers_at_edges_if_one_says_so(metpys, name):
    values, theirs = metpys
    edges = "reflect" if name == "gaussian" else "unsmoothed"
    got = CALLS[name][1](values, edges=edges)
    np.testing.assert_allclose(got, theirs[name], rtol=1e-14)
