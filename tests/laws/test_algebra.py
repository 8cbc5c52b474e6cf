"""What a derivative obeys whatever the field: sums, constants, turns, units."""

import numpy as np
import pytest
import xarray as xr
from fields import (
    FIELDS,
    GLOBAL,
    SPHERE_M,
    Globe,
    all_fields,
    around,
    labelled,
    numbers,
    uneven_around,
    with_poles,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ACCURACIES, fields

import xnabla as xn

OPTIONS = st.fixed_dictionaries(
    {"accuracy": ACCURACIES, "earth": st.sampled_from([None, "WGS84"])}
)


def bare(parts):
    return [np.asarray(part.data.magnitude) for part in parts]


def rounding(field, accuracy=2):
    """What one rounding of the largest value does to the steepest of stencils."""
    lat = np.deg2rad(np.asarray(field["latitude"], dtype=float))
    lon = np.deg2rad(np.unwrap(np.asarray(field["longitude"], dtype=float), period=360))
    cos = np.cos(lat)
    step = min(
        np.abs(np.diff(lat)).min(), np.abs(np.diff(lon)).min() * cos[cos > 1e-9].min()
    )
    return 2.3e-16 * float(np.nanmax(np.abs(field))) / (step * SPHERE_M)


class TestLinearity:
    @given(fields(gaps=False, dtypes=(np.float64,)), OPTIONS, st.integers(0, 99))
    def test_the_gradient_of_a_sum_is_the_sum_of_gradients(self, f, options, seed):
        rng = np.random.default_rng(seed)
        g = f.copy(data=rng.normal(0, 20, f.shape))
        both = (2.5 * f - 3.0 * g).assign_attrs(units="K")
        of_f, of_g, of_both = (
            bare(xn.gradient(field, **options)) for field in (f, g, both)
        )
        for a, b, c in zip(of_f, of_g, of_both, strict=True):
            np.testing.assert_allclose(
                c, 2.5 * a - 3.0 * b, rtol=1e-12, atol=2000 * rounding(f)
            )

    @given(fields(), OPTIONS)
    def test_a_power_of_two_only_scales(self, f, options):
        """Bit for bit: no rounding differs."""
        one = bare(xn.gradient(f, **options))
        two = bare(xn.gradient(f * 4.0, **options))
        for a, b in zip(one, two, strict=True):
            np.testing.assert_array_equal(b, 4 * a)


class TestConstants:
    @given(fields(gaps=False), OPTIONS, st.sampled_from([280.15, -1e6, 101325.3]))
    def test_a_constant_is_flat(self, f, options, constant):
        """Exactly, but where a row across the pole had to be interpolated."""
        flat = f.copy(data=np.full_like(f.data, constant))
        around = np.ptp(np.unwrap(f["longitude"], period=360)) > 200
        for part in xn.gradient(flat, **options):
            got = part.transpose("latitude", ...).data.magnitude
            if not around:
                # a sector does not say what is east of its pole
                on_pole = np.abs(np.abs(f["latitude"].values) - 90) < 1e-9
                assert np.isfinite(got[~on_pole]).all()
                got = got[~on_pole]
            assert np.abs(got).max() <= 40 * rounding(flat)

    @pytest.mark.parametrize("name", list(GLOBAL))
    def test_a_constant_is_exactly_flat_where_nothing_is_interpolated(self, name):
        globe = GLOBAL[name](12)
        flat = labelled(np.full((globe.phi.size, globe.lam.size), 280.15), globe)
        north, east = bare(xn.gradient(flat, accuracy=4))
        assert not north[3:-3].any()
        assert not east[1:-1].any()

    @given(fields(gaps=False, dtypes=(np.float64,)), OPTIONS)
    def test_a_million_more_changes_nothing_but_its_own_rounding(self, f, options):
        """Values are multiples of 2⁻²⁰ K: adding 2²⁰ K rounds nothing at all."""
        f = f.copy(data=np.rint(f.data * 2.0**20) / 2.0**20)
        more = f + 2.0**20
        for a, b in zip(
            bare(xn.gradient(f, **options)),
            bare(xn.gradient(more, **options)),
            strict=True,
        ):
            np.testing.assert_allclose(b, a, rtol=1e-13, atol=40 * rounding(more))

    def test_and_in_the_interior_not_even_that(self):
        globe = Globe("even", np.linspace(-60, 60, 25), around(36))
        values = FIELDS["mixed"].value(globe.phi, globe.lam)
        values = np.rint(values * 2.0**20) / 2.0**20
        few = bare(xn.gradient(labelled(values, globe), accuracy=6))
        many = bare(xn.gradient(labelled(values + 2.0**20, globe), accuracy=6))
        for a, b in zip(few, many, strict=True):
            np.testing.assert_array_equal(a, b)


class TestTurns:
    @given(
        fields(only_around=True, dtypes=(np.float64,)),
        OPTIONS,
        st.integers(1, 14),
        st.sampled_from(["propagate", "shrink"]),
    )
    def test_rolling_the_longitudes_rolls_the_gradient(self, f, options, by, missing):
        rolled = f.roll(longitude=by, roll_coords=True)
        parts = xn.gradient(f, missing=missing, **options)
        expected = [p.roll(longitude=by, roll_coords=True) for p in parts]
        got = xn.gradient(rolled, missing=missing, **options)
        for a, b in zip(got, expected, strict=True):
            np.testing.assert_allclose(
                a.data.magnitude,
                b.data.magnitude,
                rtol=1e-11,
                atol=2000 * rounding(f),
            )

    @pytest.mark.parametrize("missing", ["propagate", "shrink"])
    def test_rolling_uneven_longitudes_rolls_the_gaps(self, missing):
        """Some columns have one opposite or a quarter turn away, others have none."""
        s = np.arange(24) / 24
        lon = 360 * s + 20 * np.sin(2 * np.pi * s)
        globe = Globe("uneven", with_poles(12), lon)
        values = FIELDS["mixed"].value(globe.phi, globe.lam)
        values[[0, 1, 1, 11, 12], [3, 0, 12, 12, 20]] = np.nan
        f = labelled(values, globe)
        parts = xn.gradient(f, missing=missing)
        for by in range(1, 24):
            rolled = f.roll(longitude=by, roll_coords=True)
            got = xn.gradient(rolled, missing=missing)
            for a, b in zip(got, parts, strict=True):
                np.testing.assert_allclose(
                    a.data.magnitude,
                    np.roll(b.data.magnitude, by, axis=-1),
                    rtol=1e-11,
                    atol=1e-18,
                )

    @pytest.mark.parametrize("longitude", [around(24), around(25, -180.0)])
    def test_rolling_even_longitudes_rolls_every_bit(self, longitude):
        """But where rows across a pole are interpolated: 1 ulp of the field."""
        globe = Globe("even", with_poles(12), longitude)
        f = all_fields(globe)
        for by in (1, 7, 13):
            rolled = f.roll(longitude=by, roll_coords=True)
            for a, b in zip(xn.gradient(rolled), xn.gradient(f), strict=True):
                got = a.data.magnitude
                expected = np.roll(b.data.magnitude, by, axis=-1)
                np.testing.assert_array_equal(got[:, 1:-1], expected[:, 1:-1])
                if longitude.size % 2 == 0:
                    np.testing.assert_array_equal(got, expected)
                np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-20)

    @settings(max_examples=25)
    @given(fields(), OPTIONS, st.sampled_from(["propagate", "shrink"]))
    def test_flipping_an_axis_flips_the_gradient(self, f, options, missing):
        parts = bare(xn.gradient(f, missing=missing, **options))
        for dim in ("latitude", "longitude"):
            flipped = f.isel({dim: slice(None, None, -1)})
            got = bare(xn.gradient(flipped, missing=missing, **options))
            for a, b in zip(got, parts, strict=True):
                single = f.dtype == np.float32
                np.testing.assert_allclose(
                    a,
                    np.flip(b, f.dims.index(dim)),
                    rtol=1e-5 if single else 1e-11,
                    atol=(4e9 if single else 2000) * rounding(f),
                )

    @given(fields(), OPTIONS, st.sampled_from(["propagate", "shrink"]), st.data())
    def test_transposing_the_field_transposes_the_gradient(
        self, f, options, missing, data
    ):
        """Bit for bit, and every component by its name."""
        order = data.draw(st.permutations(f.dims))
        parts = xn.gradient(f, missing=missing, **options)
        turned = xn.gradient(f.transpose(*order), missing=missing, **options)
        assert [p.dims for p in turned] == [tuple(order)] * 2
        for dim in ("latitude", "longitude"):
            np.testing.assert_array_equal(
                turned[dim].data.magnitude,
                parts[dim].transpose(*order).data.magnitude,
            )
        first = next(d for d in order if d != "level")
        assert turned[0].identical(turned[first])

    @given(fields(gaps=False, dtypes=(np.float64,)), OPTIONS)
    def test_each_level_is_alone(self, f, options):
        whole = xn.gradient(f, **options)
        for level in range(3):
            alone = xn.gradient(f.isel(level=level), **options)
            for a, b in zip(alone, whole, strict=True):
                np.testing.assert_array_equal(
                    a.data.magnitude, b.isel(level=level).data.magnitude
                )

    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("longitude", [around(24), uneven_around(24), around(25)])
    def test_the_convention_of_longitude_is_no_matter(self, longitude, accuracy):
        globe = Globe("one", with_poles(12), longitude)
        f = all_fields(globe)
        expected = bare(xn.gradient(f, accuracy=accuracy))
        for other in (
            (longitude + 180) % 360 - 180,
            longitude - 360,
            longitude + 360,
            longitude % 360,
        ):
            g = f.assign_coords(
                longitude=("longitude", other, {"units": "degrees_east"})
            )
            got = bare(xn.gradient(g, accuracy=accuracy))
            for a, b in zip(got, expected, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-18)

    def test_radians_are_degrees(self):
        globe = Globe("one", with_poles(12), around(24))
        f = all_fields(globe)
        turned = f.assign_coords(
            latitude=("latitude", globe.phi[:, 0], {"units": "radian"}),
            longitude=("longitude", globe.lam[0], {"units": "radian"}),
        )
        for a, b in zip(xn.gradient(turned), xn.gradient(f), strict=True):
            np.testing.assert_allclose(
                a.data.magnitude, b.data.magnitude, rtol=1e-12, atol=1e-20
            )


class TestClosedSeam:
    @pytest.mark.parametrize("accuracy", [2, 4, 6])
    @pytest.mark.parametrize("lat", [with_poles(12), np.arange(-87.5, 90, 5)])
    @pytest.mark.parametrize("n", [24, 25])
    def test_a_repeated_column_changes_no_other_and_has_its_twin_s_result(
        self, n, lat, accuracy
    ):
        once = Globe("once", lat, around(n))
        twice = Globe("twice", lat, np.append(around(n), 360.0))
        rng = np.random.default_rng(1)
        values = rng.normal(280, 10, (lat.size, n))
        repeated = np.concatenate([values, values[:, :1]], axis=1)
        for missing in ("propagate", "shrink"):
            options = {"accuracy": accuracy, "missing": missing}
            open_ = bare(xn.gradient(labelled(values, once), **options))
            closed = bare(xn.gradient(labelled(repeated, twice), **options))
            for a, b in zip(open_, closed, strict=True):
                np.testing.assert_allclose(b[:, :-1], a, rtol=1e-12, atol=1e-18)
                np.testing.assert_allclose(b[:, -1], b[:, 0], rtol=1e-12, atol=1e-18)


class TestUnits:
    GLOBE = Globe("one", with_poles(12), around(24))

    @pytest.mark.parametrize(
        ("unit", "per_kelvin", "offset"),
        [("K", 1.0, 0.0), ("degC", 1.0, -273.15), ("celsius", 1.0, -273.15),
         ("degF", 1.8, -459.67), ("mK", 1e3, 0.0)],
    )  # fmt: skip
    def test_the_unit_of_a_temperature_is_no_matter_in_kelvin_per_kilometre(
        self, unit, per_kelvin, offset
    ):
        f = all_fields(self.GLOBE)
        g = (f * per_kelvin + offset).assign_attrs(units=unit)
        for a, b in zip(
            xn.gradient(g, units="K/km"), xn.gradient(f, units="K/km"), strict=True
        ):
            assert str(a.data.units) == "kelvin / kilometer"
            np.testing.assert_allclose(
                a.data.magnitude, b.data.magnitude, rtol=1e-10, atol=1e-15
            )

    def test_celsius_and_kelvin_give_the_same_unit_unasked(self):
        f = all_fields(self.GLOBE)
        for unit in ("K", "degC", "Celsius", "degree_C", "deg_C"):
            parts = xn.gradient(f.assign_attrs(units=unit))
            for part in parts:
                assert xn.dequantify(part).attrs["units"] == "K m-1"

    @pytest.mark.parametrize(
        ("units", "factor"),
        [("K/km", 1e3), ("K/m", 1.0), ("mK m-1", 1e3), ("K km-1", 1e3),
         ("degC/km", 1e3), ("K m**-1", 1.0), ("K/nmi", 1852.0)],
    )  # fmt: skip
    def test_asking_for_a_unit_only_multiplies(self, units, factor):
        f = all_fields(self.GLOBE)
        for a, b in zip(xn.gradient(f, units=units), xn.gradient(f), strict=True):
            si = numbers(b, "K/m")
            # what is printed must be true of the numbers, whatever way it is put
            assert a.data.units.dimensionality == b.data.units.dimensionality
            np.testing.assert_allclose(
                a.data.magnitude, si * factor, rtol=1e-13, atol=1e-18
            )

    @pytest.mark.parametrize("units", ["K/(111 km)", "degF/km"])
    def test_a_unit_pint_cannot_hold_is_refused_with_one_it_can(self, units):
        with pytest.raises(xn.UnitsError, match=r"cannot carry.*K km-1"):
            xn.gradient(all_fields(self.GLOBE), units=units)

    @pytest.mark.parametrize("order", [1, 2])
    def test_pressure_in_pascal_or_hectopascal(self, order):
        p = np.array([1000.0, 925, 850, 700, 500, 300, 200, 100])
        t = xr.DataArray(
            np.sin(p / 300),
            dims="plev",
            coords={"plev": ("plev", p, {"units": "hPa"})},
            attrs={"units": "K"},
        )
        in_pa = t.assign_coords(plev=("plev", p * 100, {"units": "Pa"}))
        mb = t.assign_coords(plev=("plev", p, {"units": "millibars"}))
        unit = "K/hPa" if order == 1 else "K/hPa**2"
        expected = numbers(xn.derivative(t, "plev", order=order), unit)
        for other in (in_pa, mb):
            got = xn.derivative(other, "plev", order=order, units=unit)
            np.testing.assert_allclose(
                numbers(got, unit), expected, rtol=1e-12, atol=1e-15
            )
        si = xn.derivative(in_pa, "plev", order=order)
        np.testing.assert_allclose(
            si.data.magnitude, expected / 100**order, rtol=1e-12, atol=1e-19
        )
        np.testing.assert_allclose(si.data.m_as(unit), expected, rtol=1e-12, atol=1e-15)

    @pytest.mark.parametrize("order", [1, 2])
    @pytest.mark.parametrize("unit", ["km", "kilometers", "cm", "ft"])
    def test_a_plane_in_any_length(self, unit, order):
        metres = {"km": 1e3, "kilometers": 1e3, "cm": 0.01, "ft": 0.3048}[unit]
        x = np.array([0.0, 1, 2.5, 3, 4, 6, 7.5, 8])
        coords = {"x": ("x", x, {"units": unit})}
        t = xr.DataArray(np.sin(x), dims="x", coords=coords, attrs={"units": "K"})
        in_m = t.assign_coords(x=("x", x * metres, {"units": "m"}))
        np.testing.assert_allclose(
            xn.derivative(t, "x", order=order).data.magnitude,
            xn.derivative(in_m, "x", order=order).data.magnitude,
            rtol=1e-11,
            atol=1e-18,
        )

    def test_a_field_with_pint_inside_is_the_field_with_a_units_attribute(self):
        f = all_fields(self.GLOBE)
        for a, b in zip(xn.gradient(xn.quantify(f)), xn.gradient(f), strict=True):
            np.testing.assert_array_equal(a.data.magnitude, b.data.magnitude)
            assert a.data.units == b.data.units

    def test_a_scale_in_the_unit_goes_into_the_numbers(self):
        """A vorticity in 1e-5 s-1 has a gradient 1e-5 times its numbers'."""
        f = all_fields(self.GLOBE)
        plain = xn.gradient(f.assign_attrs(units="s-1"))
        scaled = xn.gradient(f.assign_attrs(units="1e-5 s-1"))
        for a, b in zip(scaled, plain, strict=True):
            assert a.data.units == b.data.units
            np.testing.assert_allclose(
                a.data.magnitude, 1e-5 * b.data.magnitude, rtol=1e-14, atol=1e-25
            )
