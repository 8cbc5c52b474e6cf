"""Whether longitudes close the circle: told by the points, overridden by the user."""

import numpy as np
import pytest
import xarray as xr
from grid.making import RADIUS_M, lat_lon, one_d

import xnabla as xn

LAT = np.linspace(-60.0, 60.0, 5)


def wave(phi, lam):
    """Return one wave around the globe."""
    return np.sin(lam) + 0 * phi


def is_periodic(longitude, **kwargs):
    """Tell whether longitudes are found to close the circle."""
    return (
        xn.grid_of(lat_lon(LAT, longitude), **kwargs).axis("lon").line.period
        is not None
    )


def max_error(longitude, meant=None):
    """Return the largest error of the eastward derivative of a wave, over its maximum.

    The wave lives on the longitudes that are ``meant``, before a file rounded them.
    """
    meant = np.asarray(longitude if meant is None else meant, float)
    field = lat_lon(LAT, meant, wave)
    field = field.assign_coords(lon=("lon", longitude, {"units": "degrees_east"}))
    got = xn.derivative(field, "lon").data.to("K/m").magnitude
    lam = np.deg2rad(meant)
    exact = np.cos(lam) / (RADIUS_M * np.cos(np.deg2rad(LAT)))[:, np.newaxis]
    return float(np.abs(got - exact).max() / np.abs(exact).max())


EVEN = np.arange(0.0, 360.0, 2.5)
CLOSING = {
    "0 to 357.5": EVEN,
    "-180 to 177.5": EVEN - 180.0,
    "cell centres 1.25 to 358.75": EVEN + 1.25,
    "20.5 to 379.5": np.arange(20.5, 380.0, 2.5),
    "descending": EVEN[::-1],
    "seam inside, 180 to 177.5": np.roll(EVEN, 72),
    "seam inside, -180 to 180": np.where(
        np.roll(EVEN, 3) >= 180, np.roll(EVEN, 3) - 360, np.roll(EVEN, 3)
    ),
    "two decimals of 1.875": np.round(np.arange(192) * 1.875, 2),
    "three decimals of 1/3": np.round(np.arange(1080) / 3.0, 3),
    "two decimals of 2.8125": np.round(np.arange(128) * 2.8125, 2),
    "single precision 0.1": (np.arange(3600) * 0.1).astype("f4"),
    "single precision, summed": np.cumsum(np.full(3600, 0.1, "f4"), dtype="f8") - 0.1,
    "closed": np.arange(0.0, 360.1, 2.5),
    "closed, descending": np.arange(0.0, 360.1, 2.5)[::-1],
    "closed, -180 to 180": np.arange(-180.0, 180.1, 2.5),
    "integers": np.arange(0, 360, 5),
    "four columns": np.array([0.0, 90.0, 180.0, 270.0]),
    "uneven": np.arange(0.0, 360.0, 2.5)
    + 2.0 * np.sin(np.deg2rad(np.arange(0, 360, 2.5))),
}


@pytest.mark.parametrize("case", CLOSING)
def test_longitudes_that_go_around_are_periodic(case):
    assert is_periodic(CLOSING[case])


@pytest.mark.parametrize("case", [c for c in CLOSING if c != "four columns"])
def test_the_seam_is_no_edge(case):
    """A centred difference errs by h²/6 everywhere, the seam included."""
    longitude = CLOSING[case]
    steps = np.abs(np.diff(longitude.astype(float)))
    step = np.deg2rad(np.where(steps > 180, 360 - steps, steps).max())
    meant = np.arange(3600) * 0.1 if "single" in case else None
    assert max_error(longitude, meant) < 1.2 * step**2 / 6 + 1e-9


def test_rolled_columns_give_rolled_results():
    field = lat_lon(LAT, EVEN)
    rolled = field.roll(lon=37, roll_coords=True)
    expected = xn.derivative(field, "lon").roll(lon=37, roll_coords=True)
    np.testing.assert_allclose(
        xn.derivative(rolled, "lon").data.magnitude,
        expected.data.magnitude,
        rtol=0,
        atol=1e-15 * 250,
    )


def test_a_repeated_last_column_gets_what_the_first_gets():
    got = xn.derivative(lat_lon(LAT, CLOSING["closed"]), "lon").data.magnitude
    np.testing.assert_array_equal(got[:, 0], got[:, -1])


REGIONAL = {
    "one column missing": EVEN[:-1],
    "one column missing at the front": EVEN[1:],
    "half a globe": EVEN[:72],
    "strip": np.arange(-10.0, 10.1, 2.5),
    "across Greenwich, 350 to 9": np.arange(350, 370) % 360,
    "across Greenwich, 359.55 to 0.55": np.array([359.55, 359.8, 0.05, 0.3, 0.55]),
    "across the date line": np.array([175.0, 177.5, 180.0, -177.5, -175.0]),
    "two columns": np.array([10.0, 20.0]),
}


@pytest.mark.parametrize("case", REGIONAL)
def test_longitudes_that_leave_a_gap_are_not_periodic(case):
    assert not is_periodic(REGIONAL[case])


@pytest.mark.parametrize(
    "case",
    [
        "across Greenwich, 350 to 9",
        "across the date line",
        "across Greenwich, 359.55 to 0.55",
    ],
)
def test_a_seam_inside_a_region_is_one_step(case):
    longitude = REGIONAL[case]
    count = np.arange(float(longitude.size))
    field = lat_lon(LAT, longitude, np.broadcast_to(count, (5, longitude.size)))
    got = xn.derivative(field, "lon").data.magnitude
    step_m = (
        np.deg2rad(longitude[1] - longitude[0]) * RADIUS_M * np.cos(np.deg2rad(LAT))
    )
    np.testing.assert_allclose(
        got, np.tile(1 / step_m[:, None], longitude.size), rtol=1e-9
    )


def test_results_keep_the_longitudes_of_the_file_across_a_seam():
    longitude = REGIONAL["across Greenwich, 350 to 9"]
    got = xn.derivative(lat_lon(LAT, longitude), "lon")
    np.testing.assert_array_equal(got["lon"].values, longitude)


@pytest.mark.parametrize("columns", [0.5, 1.5])
def test_a_gap_that_is_no_whole_step_is_ambiguous(columns):
    count = 36
    step = 360.0 / (count - 1 + columns)
    with pytest.raises(xn.GridError, match=r"gap.*periodic=True.*periodic=False"):
        is_periodic_or_raise(np.arange(count) * step)


def is_periodic_or_raise(longitude, **kwargs):
    """Read the axis, raising its fault."""
    return xn.grid_of(lat_lon(LAT, longitude), **kwargs).axis("lon")


@pytest.mark.parametrize("choice", [True, False])
def test_the_user_settles_an_ambiguous_gap(choice):
    longitude = np.arange(36) * 360.0 / 35.5
    axis = is_periodic_or_raise(longitude, periodic=choice)
    assert (axis.line.period is not None) == choice


def test_the_ambiguity_advice_works_as_typed_for_a_gradient():
    field = lat_lon(LAT, np.arange(36) * 360.0 / 35.5)
    grid = xn.grid_of(field, periodic=True)
    assert len(xn.gradient(field, grid=grid)) == 2
    assert len(xn.gradient(field, periodic=False)) == 2


@pytest.mark.parametrize(
    "longitude", [np.arange(0.0, 400.0, 5.0), np.arange(0.0, 366.0, 5.0)]
)
def test_more_than_once_around_is_refused_with_the_slice_to_type(longitude):
    with pytest.raises(
        xn.GridError, match=r"more than once.*isel\(lon=slice\(0, 72\)\)"
    ):
        is_periodic_or_raise(longitude)


def test_periodic_false_makes_the_seam_an_edge():
    """A straight line in longitude is then exact, edges included."""
    field = lat_lon(LAT, EVEN, lambda phi, lam: lam + 0 * phi)
    got = xn.derivative(field, "lon", periodic=False).data.magnitude
    exact = 1 / (RADIUS_M * np.cos(np.deg2rad(LAT)))
    np.testing.assert_allclose(got, np.tile(exact[:, None], EVEN.size), rtol=1e-9)


def test_one_longitude_may_be_named_periodic():
    longitude = np.arange(36) * 360.0 / 35.5
    assert is_periodic(longitude, periodic="lon")
    assert is_periodic(longitude, periodic=["longitude"])


@pytest.mark.parametrize("given", ["height", ["lat", "nowhere"], {"zz": 3.0}])
def test_a_periodic_that_names_no_axis_is_refused(given):
    with pytest.raises(xn.OptionError, match="'lat'"):
        xn.grid_of(lat_lon(LAT, EVEN), periodic=given)


def test_a_plane_axis_closes_after_the_length_the_user_gives():
    x = np.arange(0.0, 100.0, 5.0)
    field = one_d(x, attrs={"units": "km"}, values=np.sin(2 * np.pi * x / 100.0))
    got = xn.derivative(field, "x", periodic={"x": 100.0}, units="K/km").data.magnitude
    h = 2 * np.pi * 5.0 / 100.0
    exact = 2 * np.pi / 100.0 * np.cos(2 * np.pi * x / 100.0) * np.sin(h) / h
    np.testing.assert_allclose(got, exact, rtol=0, atol=1e-15)


def test_an_even_plane_axis_closes_after_one_more_step_by_name():
    x = np.arange(0.0, 100.0, 5.0)
    field = one_d(x, attrs={"units": "km"}, values=np.sin(2 * np.pi * x / 100.0))
    by_name = xn.derivative(field, "x", periodic="x")
    by_length = xn.derivative(field, "x", periodic={"x": 100.0})
    xr.testing.assert_allclose(by_name, by_length, rtol=1e-13, atol=0)


def test_an_uneven_plane_axis_needs_its_length():
    field = one_d([0.0, 1.0, 3.0, 4.0], attrs={"units": "km"})
    with pytest.raises(xn.GridError, match=r"periodic=\{'x': "):
        xn.derivative(field, "x", periodic="x")


def test_a_period_shorter_than_the_axis_is_refused():
    field = one_d([0.0, 1.0, 2.0, 3.0], attrs={"units": "km"})
    with pytest.raises(xn.GridError, match="shorter"):
        xn.derivative(field, "x", periodic={"x": 2.0})


@pytest.mark.parametrize("length", ["a", -100.0, float("nan"), float("inf"), 0.0])
def test_a_period_that_is_no_length_is_refused(length):
    field = one_d([0.0, 1.0, 2.0, 3.0], attrs={"units": "km"})
    with pytest.raises(xn.XnablaError):
        xn.derivative(field, "x", periodic={"x": length})


def test_periodic_true_closes_a_region_over_its_gap():
    """The user's word outranks the points."""
    axis = xn.grid_of(lat_lon(LAT, np.arange(0.0, 91.0, 10.0)), periodic=True).axis(
        "lon"
    )
    assert axis.line.period == pytest.approx(2 * np.pi)


def test_jitter_of_single_precision_leaves_no_noise_in_the_derivative():
    """0.1 degrees in single precision jitters by 3e-4 of a step."""
    meant = np.arange(3600) * 0.1
    assert max_error(meant.astype("f4"), meant) < 1e-6


def test_a_seam_is_not_taken_for_a_jump_in_another_role():
    """Only longitudes wrap: a plane axis that falls back is not monotonic."""
    with pytest.raises(xn.GridError, match="not monotonic"):
        xn.derivative(one_d([350.0, 355.0, 0.0, 5.0], attrs={"units": "km"}), "x")


def test_longitudes_in_radians_close_the_circle():
    longitude = np.deg2rad(EVEN)
    field = lat_lon(LAT, EVEN, wave).assign_coords(
        lon=("lon", longitude, {"units": "radian", "standard_name": "longitude"})
    )
    assert xn.grid_of(field).axis("lon").line.period is not None


@pytest.mark.parametrize(("wide", "closes"), [(2.9, True), (3.5, False)])
def test_a_step_of_more_than_three_others_is_a_hole(wide, closes):
    steps = np.r_[np.ones(40), wide, np.ones(40)]
    longitude = np.r_[0.0, np.cumsum(steps)] * 360 / (steps.sum() + 1)
    if closes:
        assert is_periodic(longitude)
        return
    with pytest.raises(xn.GridError, match="have a hole"):
        is_periodic(longitude)
