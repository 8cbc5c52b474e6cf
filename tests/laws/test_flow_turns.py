"""However a wind is turned, flipped, cut or measured, its derivatives are the same."""

import dask
import dask.array as da
import numpy as np
import pytest
from atlas import MAPS
from fields import FIELDS, GLOBAL, SPHERE_M
from hypothesis import given, settings
from hypothesis import strategies as st
from second import HESSIAN
from strategies import ACCURACIES, chunks, fields
from winds import TENSOR, WINDS, blowing, flow, wind_field

import xnabla as xn

FLOWS = tuple(flow([np.zeros(1)] * 4))
EVEN = {
    "vorticity": -1,
    "divergence": 1,
    "stretching_deformation": 1,
    "shearing_deformation": -1,
    "total_deformation": 1,
}  # what a mirror does
OPTIONS = st.fixed_dictionaries(
    {
        "accuracy": ACCURACIES,
        "earth": st.sampled_from([None, "WGS84"]),
        "missing": st.sampled_from(["propagate", "shrink"]),
    }
)
# the one has a single value on a pole row, the other all four parts of the tensor
FEW = ("vorticity", "total_deformation")


def bare(part):
    return np.asarray(part.data.magnitude)


def bits(array):
    """What two arrays must share, signs of zero included, NaNs all alike."""
    array = np.array(array)
    array[np.isnan(array)] = np.nan
    return array.tobytes()


def results(u, v, f=None, *, only=FLOWS, **options):
    """Everything there is of a wind and of a field, by name, as labelled arrays."""
    found = {name: getattr(xn, name)(u, v, **options) for name in only}
    if only is FLOWS:
        parts = xn.velocity_gradient(u, v, **options)
        found |= {name: parts[name] for name in TENSOR}
    if f is not None:
        found["laplacian"] = xn.laplacian(f, **options)
        found |= zip(HESSIAN, xn.hessian(f, **options), strict=True)
    return found


def wind_of(f, seed):
    """A random wind where a random field is, with its own gaps."""
    rng = np.random.default_rng(seed)
    lon = f["longitude"].values
    pair = []
    for name in "uv":
        w = f.copy(data=rng.normal(0, 15, f.shape).astype(f.dtype))
        if abs(abs(lon[-1] - lon[0]) - 360) < 1e-9:
            w[{"longitude": -1}] = w[{"longitude": 0}]  # one place, one value
        w = w.where(f.notnull(), np.nan).rename(name)
        pair.append(w.assign_attrs(units="m s-1"))
    return pair


def rounding(f, size=15.0):
    """What one rounding does to the steepest of first and second derivatives."""
    lat = np.deg2rad(np.asarray(f["latitude"], dtype=float))
    lon = np.deg2rad(np.unwrap(np.asarray(f["longitude"], dtype=float), period=360))
    cos = np.cos(lat)
    step = SPHERE_M * min(
        np.abs(np.diff(lat)).min(), np.abs(np.diff(lon)).min() * cos[cos > 1e-9].min()
    )
    one = 2.3e-16 if f.dtype == np.float64 else 1e-6
    return one * size / step, one * 330.0 / step**2


def close(got, expected, f, name=""):
    first, second = rounding(f)
    rough = first if name in {*FLOWS, *TENSOR} else second
    rtol = 1e-10 if f.dtype == np.float64 else 1e-4
    np.testing.assert_allclose(
        got, expected, rtol=rtol, atol=4000 * rough, err_msg=name
    )


class TestTurns:
    @settings(max_examples=6)
    @given(fields(only_around=True, dtypes=(np.float64,)), OPTIONS, st.integers(1, 14))
    def test_rolling_the_longitudes_rolls_the_results(self, f, options, by):
        u, v = wind_of(f, 3)
        rolled = [w.roll(longitude=by, roll_coords=True) for w in (u, v, f)]
        expected = results(u, v, f, only=FEW, **options)
        for name, got in results(*rolled, only=FEW, **options).items():
            turned = expected[name].roll(longitude=by, roll_coords=True)
            close(bare(got), bare(turned), f, name)

    @settings(max_examples=6)
    @given(fields(dtypes=(np.float64,)), OPTIONS)
    def test_flipping_an_axis_flips_the_results(self, f, options):
        u, v = wind_of(f, 3)
        expected = results(u, v, f, only=FEW, **options)
        for dim in ("latitude", "longitude"):
            flipped = [w.isel({dim: slice(None, None, -1)}) for w in (u, v, f)]
            for name, got in results(*flipped, only=FEW, **options).items():
                turned = np.flip(bare(expected[name]), f.dims.index(dim))
                close(bare(got), turned, f, name)

    @settings(max_examples=6)
    @given(fields(), OPTIONS, st.data())
    def test_transposing_transposes_the_results(self, f, options, data):
        """Bit for bit."""
        u, v = wind_of(f, 3)
        order = data.draw(st.permutations(f.dims))
        expected = results(u, v, f, only=FEW, **options)
        turned = [w.transpose(*order) for w in (u, v, f)]
        for name, got in results(*turned, only=FEW, **options).items():
            assert got.dims == tuple(order)
            assert bits(bare(got)) == bits(bare(expected[name].transpose(*order)))

    @settings(max_examples=6)
    @given(fields(), OPTIONS, st.data())
    def test_u_and_v_may_have_their_dimensions_in_different_orders(
        self, f, options, data
    ):
        u, v = wind_of(f, 3)
        other = v.transpose(*data.draw(st.permutations(f.dims)))
        expected = results(u, v, only=FEW, **options)
        for name, got in results(u, other, only=FEW, **options).items():
            assert got.dims == u.dims
            assert bits(bare(got)) == bits(bare(expected[name]))

    @settings(max_examples=6)
    @given(fields(dtypes=(np.float64,)), OPTIONS)
    def test_a_mirror_turns_vorticity_around_and_leaves_divergence(self, f, options):
        """North for south, with v against v; and east for west, with u against u."""
        u, v = wind_of(f, 3)
        expected = results(u, v, only=tuple(EVEN), **options)
        # random winds have no one vector at a pole: east and west of it may differ
        inner = np.flatnonzero(np.abs(np.abs(f["latitude"]) - 90) > 1e-9)
        rows = f.dims.index("latitude")
        for dim, sign_u, sign_v in (("latitude", 1, -1), ("longitude", -1, 1)):
            mirrored = [
                (sign * w)
                .assign_coords({dim: (dim, -w[dim].values, w[dim].attrs)})
                .assign_attrs(w.attrs)
                for w, sign in ((u, sign_u), (v, sign_v))
            ]
            for name, sign in EVEN.items():
                got = bare(getattr(xn, name)(*mirrored, **options))
                wanted = sign * bare(expected[name])
                close(got.take(inner, rows), wanted.take(inner, rows), f, name)

    @settings(max_examples=6)
    @given(
        fields(dtypes=(np.float64,)), OPTIONS, st.sampled_from([0.5, 37.123, -200.0])
    )
    def test_the_sphere_may_be_turned_about_its_axis(self, f, options, by):
        u, v = wind_of(f, 3)
        lon = f["longitude"]
        moved = [
            w.assign_coords(longitude=("longitude", lon.values + by, lon.attrs))
            for w in (u, v, f)
        ]
        expected = results(u, v, f, only=FEW, **options)
        for name, got in results(*moved, only=FEW, **options).items():
            close(bare(got), bare(expected[name]), f, name)

    def test_the_sphere_may_be_turned_any_way_but_for_truncation(self):
        """The same solid body from pole to pole and about the axis: the same error."""
        globe = GLOBAL["no pole rows"](60)
        u, v = blowing(globe, "solid body, tilted")
        zeta = bare(xn.vorticity(u, v, accuracy=4))[0]
        omega = np.hypot(np.hypot(15.0, 22.0), 18.0)
        upright = wind_field(omega * np.cos(globe.phi) + 0 * globe.lam, globe, "u")
        still = wind_field(0 * globe.phi + 0 * globe.lam, globe, "v")
        straight = bare(xn.vorticity(upright, still, accuracy=4))
        np.testing.assert_allclose(
            np.abs(zeta).max(), np.abs(straight).max(), rtol=1e-3
        )

    @pytest.mark.parametrize("accuracy", [2, 4])
    @pytest.mark.parametrize(
        "name",
        ["curvilinear, skewed", "curvilinear, the pole between points", "rotated pole",
         "polar stereographic, pole on a point"],
    )  # fmt: skip
    def test_a_curved_grid_may_be_stored_either_way(self, name, accuracy):
        grid = MAPS[name](20)
        f = grid.labelled(FIELDS["mixed"].value(grid.phi, grid.lam), units="K")
        u, v = (
            grid.labelled(part, key, units="m s-1", standard_name=standard)
            for part, key, standard in zip(
                WINDS["mixed"].uv(grid.phi, grid.lam),
                "uv",
                ("eastward_wind", "northward_wind"),
                strict=True,
            )
        )
        expected = results(u, v, f, only=FEW, accuracy=accuracy)
        first, second = grid.dims
        for turned in (
            {first: slice(None, None, -1)},
            {second: slice(None, None, -1)},
        ):
            parts = [w.isel(turned) for w in (u, v, f)]
            for what, got in results(*parts, only=FEW, accuracy=accuracy).items():
                wanted = bare(expected[what].isel(turned))
                np.testing.assert_allclose(
                    bare(got), wanted, rtol=1e-8, atol=1e-9 * np.abs(wanted).max()
                )
        swapped = [w.transpose() for w in (u, v, f)]
        for what, got in results(*swapped, only=FEW, accuracy=accuracy).items():
            assert got.dims == (second, first)
            wanted = bare(expected[what].transpose())
            np.testing.assert_allclose(
                bare(got), wanted, rtol=1e-8, atol=1e-9 * np.abs(wanted).max()
            )


class TestDask:
    @settings(max_examples=4)
    @given(st.data(), fields(), OPTIONS)
    def test_any_chunks_give_the_same_bits(self, data, f, options):
        u, v = wind_of(f, 3)
        expected = results(u, v, f, only=FEW, **options)
        cut = [w.chunk(data.draw(chunks(f.sizes))) for w in (u, v, f)]
        self.check(results(*cut, only=FEW, **options), expected)

    @staticmethod
    def check(lazy, expected):
        for name, part in lazy.items():
            assert isinstance(part.data.magnitude, da.Array), name
        with dask.config.set(scheduler="synchronous"):
            found = dask.compute({n: part.data.magnitude for n, part in lazy.items()})
        for name, got in found[0].items():
            assert lazy[name].dtype == expected[name].dtype == got.dtype
            assert bits(got) == bits(bare(expected[name])), name
            assert lazy[name].attrs == expected[name].attrs

    @pytest.mark.parametrize(
        ("name", "accuracy"), [("closed, odd, no pole rows", 2), ("pole rows", 6)]
    )
    @pytest.mark.parametrize("cut", [{"latitude": 1}, {"longitude": 1}, {"kind": 1}])
    def test_single_points_for_chunks(self, cut, name, accuracy):
        globe = GLOBAL[name](8)
        u, v = (w.isel(kind=[2, 4]) for w in blowing(globe))
        f = u.assign_attrs(units="K")
        expected = results(u, v, f, only=FEW, accuracy=accuracy)
        pieces = (w.chunk(cut) for w in (u, v, f))
        self.check(results(*pieces, only=FEW, accuracy=accuracy), expected)

    @pytest.mark.parametrize("which", [0, 1])
    def test_one_of_the_two_may_be_in_one_piece(self, which):
        u, v = blowing(GLOBAL["gaussian"](12))
        expected = results(u, v)
        pair = [u, v]
        pair[which] = pair[which].chunk(latitude=5)
        self.check(results(*pair), expected)

    @pytest.mark.parametrize("cut", [{"i": 1}, {"j": 1}, {"i": 5, "j": 7}])
    def test_on_a_curved_grid_too(self, cut):
        grid = MAPS["curvilinear, the pole between points"](12)
        f = grid.labelled(FIELDS["mixed"].value(grid.phi, grid.lam), units="K")
        u, v = (
            grid.labelled(part, key, units="m s-1", standard_name=standard)
            for part, key, standard in zip(
                WINDS["mixed"].uv(grid.phi, grid.lam),
                "uv",
                ("eastward_wind", "northward_wind"),
                strict=True,
            )
        )
        expected = results(u, v, f)
        self.check(results(*(w.chunk(cut) for w in (u, v, f))), expected)

    def test_nothing_is_computed_before_it_is_asked_for(self):
        u, v = blowing(GLOBAL["pole rows"](12))

        def opened(block):
            raise AssertionError("a block was computed")

        sealed = [
            w.copy(data=w.chunk(kind=1).data.map_blocks(opened, dtype=w.dtype))
            for w in (u, v)
        ]
        lazy = results(*sealed, sealed[0].assign_attrs(units="K"))
        with pytest.raises(AssertionError, match="a block was computed"):
            bare(lazy["vorticity"].compute())


class TestNumbers:
    @settings(max_examples=6)
    @given(fields(dtypes=(np.float32,)), OPTIONS)
    def test_single_precision_stays_and_is_double_precision_rounded(self, f, options):
        u, v = wind_of(f, 3)
        single = results(u, v, f, only=FEW, **options)
        wide = (w.astype(np.float64) for w in (u, v, f))
        double = results(*wide, only=FEW, **options)
        first, second = rounding(f)
        for name, got in single.items():
            rough = first if name in {*FLOWS, *TENSOR} else second
            assert got.dtype == np.float32, name
            np.testing.assert_allclose(
                bare(got), bare(double[name]), rtol=1e-5, atol=4 * rough
            )

    def test_one_single_one_double_gives_double(self):
        u, v = blowing(GLOBAL["pole rows"](12))
        for got in results(u.astype(np.float32), v).values():
            assert got.dtype == np.float64

    def test_whole_numbers_become_double_precision(self):
        u, v = blowing(GLOBAL["pole rows"](12))
        whole = [np.rint(w).astype("i2").assign_attrs(w.attrs) for w in (u, v)]
        real = [np.rint(w).assign_attrs(w.attrs) for w in (u, v)]
        expected = results(*real)
        for name, got in results(*whole).items():
            assert got.dtype == np.float64
            np.testing.assert_array_equal(bare(got), bare(expected[name]))

    @pytest.mark.parametrize(
        ("units", "factor"),
        [
            ("knot", 1852 / 3600),
            ("kt", 1852 / 3600),
            ("km h-1", 1 / 3.6),
            ("cm/s", 0.01),
        ],
    )
    def test_any_unit_of_speed(self, units, factor):
        u, v = blowing(GLOBAL["gaussian"](12))
        expected = results(u, v, units="s-1")
        fast = [(w / factor).assign_attrs(w.attrs, units=units) for w in (u, v)]
        for name, got in results(*fast, units="s-1").items():
            close(bare(got), bare(expected[name]), u, name)
        # and one of each
        for name, got in results(u, fast[1], units="s-1").items():
            close(bare(got), bare(expected[name]), u, name)
        for name, got in results(fast[0], v, units="s-1").items():
            close(bare(got), bare(expected[name]), u, name)

    @pytest.mark.parametrize(
        ("units", "factor"),
        [("h-1", 3600.0), ("1/day", 86400.0), ("kt/km", 3600 / 1.852)],
    )
    def test_any_unit_of_the_result(self, units, factor):
        u, v = blowing(GLOBAL["gaussian"](12))
        expected = results(u, v)
        for name, got in results(u, v, units=units).items():
            np.testing.assert_allclose(
                bare(got), factor * bare(expected[name]), rtol=1e-12, atol=1e-15
            )
            back = got.data.to("1/s").magnitude
            np.testing.assert_allclose(
                back, bare(expected[name]), rtol=1e-12, atol=1e-18
            )

    def test_a_scale_in_the_unit_of_the_result_is_refused_not_lost(self):
        """A quantity has no place for 1e-5: its number alone would be misread."""
        u, v = blowing(GLOBAL["gaussian"](12))
        with pytest.raises(xn.UnitsError, match="scale"):
            xn.vorticity(u, v, units="1e-5 s-1")

    def test_a_scale_in_the_unit_of_the_wind_is_taken_in(self):
        u, v = blowing(GLOBAL["gaussian"](12))
        expected = results(u, v)
        tenths = [(w * 10).assign_attrs(w.attrs, units="0.1 m s-1") for w in (u, v)]
        for name, got in results(*tenths, units="s-1").items():
            close(bare(got), bare(expected[name]), u, name)

    def test_quantities_are_winds_as_well(self):
        u, v = blowing(GLOBAL["gaussian"](12))
        expected = results(u, v)
        for name, got in results(xn.quantify(u), xn.quantify(v)).items():
            np.testing.assert_array_equal(bare(got), bare(expected[name]))

    def test_a_wind_without_unit_or_on_another_grid_is_refused(self):
        u, v = blowing(GLOBAL["gaussian"](12))
        bald = v.copy()
        del bald.attrs["units"]
        elsewhere = v.assign_coords(longitude=v["longitude"] + 1.0)
        fewer = v.isel(latitude=slice(1, None))
        for name in (*FLOWS, "velocity_gradient"):
            operator = getattr(xn, name)
            with pytest.raises(xn.UnitsError, match="units"):
                operator(u, bald)
            with pytest.raises(xn.GridError):
                operator(u, elsewhere)
            with pytest.raises(xn.GridError):
                operator(u, fewer)
