"""MetPy's own tests of the Coriolis parameter and of smoothers, asked of xnabla.metpy.

From MetPy 1.7.1, tests/calc/test_basic.py, Copyright (c) 2008-2025 MetPy Developers,
BSD 3-Clause License (metpy_license.txt).
"""

import dask.array as da
import numpy as np
import pint
import pytest
import xarray as xr

import xnabla.metpy as mpcalc

SLOPE = np.array(
    [
        [5640.0, 5640, 5640, 5640, 5640],
        [5684.0, 5676, 5666, 5659, 5651],
        [5728.0, 5712, 5692, 5678, 5662],
        [5772.0, 5748, 5718, 5697, 5673],
        [5816.0, 5784, 5744, 5716, 5684],
    ]
)
CELSIUS = [
    [2.73, 3.43, 6.53, 7.13, 4.83],
    [3.73, 4.93, 6.13, 6.63, 8.23],
    [3.03, 4.83, 6.03, 7.23, 7.63],
    [3.33, 4.63, 7.23, 6.73, 6.23],
    [3.93, 3.03, 7.43, 9.23, 9.23],
]
MASK = np.zeros((5, 5), bool)
MASK[::2, ::2] = True


def q(values, unit=""):
    return pint.get_application_registry().Quantity(values, unit)


def quantity(values, unit):
    return q(np.array(values), unit)


def masked(values, unit):
    size = np.shape(values)[0]
    mask = np.zeros(np.shape(values), bool)
    mask[::2, ::2] = True
    return q(np.ma.array(values, mask=mask[:size]), unit)


def lazy(values, unit):
    return q(da.from_array(np.array(values), chunks=(3, 2)), unit)


def labelled(values, unit):
    return xr.DataArray(values, attrs={"units": unit})


KINDS = [quantity, masked, lazy, labelled]


def numbers(result, unit):
    data = result.data if isinstance(result, xr.DataArray) else result
    return data.to(unit).magnitude


class TestCoriolis:
    LATITUDES = np.array([-90.0, -30, 0, 30, 90])
    EXPECTED = np.array([-1.4584232e-4, -0.72921159e-4, 0, 0.72921159e-4, 1.4584232e-4])

    @pytest.mark.parametrize(
        "kind",
        [
            lambda v: q(v, "degrees"),
            lambda v: q(da.from_array(v, chunks=2), "degrees"),
            lambda v: xr.DataArray(v, dims="lat", attrs={"units": "degrees_north"}),
            np.deg2rad,
        ],
    )
    def test_is_the_published_one(self, kind):
        result = mpcalc.coriolis_parameter(kind(self.LATITUDES))
        np.testing.assert_allclose(numbers(result, "1/s"), self.EXPECTED, 0, 3e-11)

    def test_of_a_labelled_latitude_is_labelled(self):
        latitude = xr.DataArray(self.LATITUDES, dims="lat", attrs={"units": "degrees"})
        assert mpcalc.coriolis_parameter(latitude).dims == ("lat",)

    def test_of_a_mask_is_masked(self):
        mask = [False, True, False, True, False]
        latitudes = q(np.ma.array(self.LATITUDES, mask=mask), "degrees")
        result = mpcalc.coriolis_parameter(latitudes).magnitude
        np.testing.assert_array_equal(result.mask, mask)

    @pytest.mark.parametrize("latitude", [50, -50])
    def test_warns_of_numbers_that_look_like_degrees(self, latitude):
        with pytest.warns(UserWarning, match="radians"):
            mpcalc.coriolis_parameter(latitude)

    def test_is_per_second(self):
        assert str(mpcalc.coriolis_parameter(q(50, "degrees")).units) == "1 / second"


def inside(rows):
    """Return the slope with new numbers inside, where MetPy smooths."""
    smoothed = SLOPE.copy()
    smoothed[1:-1, 1:-1] = rows
    return smoothed


FIVE = [
    [5675.75, 5666.375, 5658.875],
    [5711.5, 5692.75, 5677.75],
    [5747.25, 5719.125, 5696.625],
]
NINE = [
    [5675.5, 5666.75, 5658.75],
    [5711.0, 5693.5, 5677.5],
    [5746.5, 5720.25, 5696.25],
]
NINE_TWICE = [
    [5675.4375, 5666.9375, 5658.8125],
    [5710.875, 5693.875, 5677.625],
    [5746.375, 5720.625, 5696.375],
]
CORNERS = [[5675.0, 5667.5, 5658.5], [5710.0, 5695.0, 5677.0], [5745.0, 5722.5, 5695.5]]
RECTANGLE = [[5676, 5666, 5659], [5710.66667, 5694.0, 5677.33333], [5748, 5718, 5697]]
DISC = [[5676, 5666, 5659], [5712, 5693.98817, 5678], [5748, 5718, 5697]]
WINDOW = np.array([[1, 0, 1], [0, 0, 0], [1, 0, 1]])


class TestWindows:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize(
        ("smooth", "rows", "atol"),
        [
            (lambda f: mpcalc.smooth_n_point(f, 5, 1), FIVE, 1e-9),
            (lambda f: mpcalc.smooth_n_point(f, 9, 1), NINE, 1e-9),
            (lambda f: mpcalc.smooth_n_point(f, 9, 2), NINE_TWICE, 1e-9),
            (lambda f: mpcalc.smooth_window(f, WINDOW), CORNERS, 1e-9),
            (lambda f: mpcalc.smooth_rectangular(f, (5, 3)), RECTANGLE, 1e-5),
            (lambda f: mpcalc.smooth_circular(f, 2, 2), DISC, 1e-5),
        ],
    )
    def test_give_the_published_numbers(self, kind, smooth, rows, atol):
        result = numbers(smooth(kind(SLOPE, "m")), "m")
        assert not np.ma.is_masked(result)
        np.testing.assert_allclose(result, inside(rows), 0, atol)

    def test_smooth_each_level_of_a_stack(self):
        result = mpcalc.smooth_n_point(q(np.stack([SLOPE, 1.2 * SLOPE]), "m"), 9, 2)
        expected = np.stack([inside(NINE_TWICE), 1.2 * inside(NINE_TWICE)])
        np.testing.assert_allclose(result.magnitude, expected, 0, 1e-8)

    def test_of_temperatures_are_in_their_unit(self):
        result = mpcalc.smooth_n_point(q(np.array(CELSIUS), "degC"), 9, 1)
        expected = np.array(CELSIUS)
        expected[1:-1, 1:-1] = [
            [4.6425, 5.96125, 6.81125],
            [4.81125, 6.1175, 6.92375],
            [4.73625, 6.43, 7.3175],
        ]
        assert str(result.units) == "degree_Celsius"
        np.testing.assert_allclose(result.magnitude, expected, 0, 1e-4)

    def test_of_one_dimension_run_along_it(self):
        hours = np.arange("2020-01-01T00", "2020-01-01T10", dtype="datetime64[h]")
        t = xr.DataArray(
            [37.0, 32, 34, 29, 28, 24, 26, 24, 27, 30],
            dims="time",
            coords={"time": hours.astype("datetime64[ns]")},
            attrs={"units": "degF"},
        )
        window = np.ones(3) / 3
        result = mpcalc.smooth_window(t, window=window, normalize_weights=False)
        expected = np.convolve(t, window, "same")
        expected[[0, -1]] = [37, 30]
        assert result.dims == ("time",)
        np.testing.assert_allclose(numbers(result, "degF"), expected, 1e-12)

    def test_of_even_size_are_refused(self):
        with pytest.raises(ValueError, match="must be odd in all dimensions"):
            mpcalc.smooth_window(q(np.arange(10.0), "degF"), np.ones(4))

    def test_of_seven_points_are_refused(self):
        with pytest.raises(ValueError, match="5 or 9"):
            mpcalc.smooth_n_point(SLOPE, 7)


def parabola(size):
    return np.add.outer(np.arange(float(size)), np.arange(float(size)) ** 2)


class TestBellCurve:
    @pytest.mark.parametrize("kind", KINDS)
    def test_gives_the_published_numbers(self, kind):
        result = numbers(mpcalc.smooth_gaussian(kind(parabola(10), ""), 4), "")
        first = [0.40077472, 1.59215426, 4.59665817, 9.59665817, 16.59665817]
        middle = [4.20489127, 5.39627081, 8.40077472, 13.40077472, 20.40077472]
        np.testing.assert_allclose(result[0, :5], first, 0, 1e-7)
        np.testing.assert_allclose(result[4, :5], middle, 0, 1e-7)
        np.testing.assert_allclose(result[9, 9], 86.48310568, 0, 1e-7)
        assert np.ma.isMaskedArray(result) == (kind is masked)

    def test_of_small_degree_is_that_of_two_on_any_level(self):
        first = [0.0141798077, 1.02126971, 4.02126971, 9.02126971, 15.9574606]
        last = [4.00000000, 5.00708990, 8.00708990, 13.0070899, 19.9432808]
        for field in (parabola(5), np.stack([0 * parabola(5), parabola(5)])):
            result = mpcalc.smooth_gaussian(q(field, "m"), 1).to("m").magnitude
            rows = result.reshape(-1, 5, 5)[-1]
            np.testing.assert_allclose(rows[[0, -1]], [first, last], 0, 1e-7)

    def test_of_temperatures_is_in_their_unit(self):
        result = mpcalc.smooth_gaussian(q(np.array(CELSIUS), "degC"), 3)
        expected = [
            [2.8892, 3.7657, 6.2805, 6.8532, 5.3174],
            [3.6852, 4.799, 6.0844, 6.7816, 7.7617],
            [3.2762, 4.787, 6.117, 7.0792, 7.5181],
            [3.4618, 4.6384, 6.886, 6.982, 6.6653],
            [3.8115, 3.626, 7.1705, 8.8528, 8.9605],
        ]
        assert str(result.units) == "degree_Celsius"
        np.testing.assert_allclose(result.magnitude, expected, 0, 1e-4)


class TestLabelled:
    @pytest.mark.parametrize(
        "smooth",
        [
            lambda f: mpcalc.smooth_gaussian(f, 4),
            lambda f: mpcalc.smooth_n_point(f, 9),
            lambda f: mpcalc.smooth_rectangular(f, (3, 5)),
            lambda f: mpcalc.smooth_circular(f, 2),
        ],
    )
    def test_members_last_are_not_smoothed_along(self, smooth):
        """MetPy takes the last two axes, whatever they are."""
        rng = np.random.default_rng(4)
        field = xr.DataArray(
            rng.normal(size=(7, 8, 3)),
            dims=("lat", "lon", "member"),
            attrs={"units": "K"},
            coords={
                "lat": ("lat", np.arange(40.0, 47), {"units": "degrees_north"}),
                "lon": ("lon", np.arange(0.0, 8), {"units": "degrees_east"}),
            },
        )
        together = smooth(field)
        assert together.dims == field.dims
        for member in range(3):
            alone = smooth(q(field.values[..., member], "K")).magnitude
            np.testing.assert_allclose(
                numbers(together, "K")[..., member], alone, 1e-12, 1e-12
            )
