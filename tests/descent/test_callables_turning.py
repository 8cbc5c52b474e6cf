"""Turning points of curves known in closed form, and uncertainties by hand."""

import numpy as np
import pint
import pytest
import xarray as xr

from xnabla.descent.callables import propagate_uncertainty, turning_points
from xnabla.errors import GridError, OptionError, UnitsError

Q = pint.get_application_registry().Quantity


def test_a_sampled_parabola_turns_at_two():
    x = np.array([-1.0, 0.5, 1.0, 4.0, 6.0])
    f = xr.DataArray(x**2 - 4 * x + 3, dims="x", coords={"x": x})
    found = turning_points(f, "x")
    assert float(found.position[0]) == pytest.approx(2.0, abs=1e-12)
    assert float(found.value[0]) == pytest.approx(-1.0, abs=1e-12)
    assert float(found.curvature[0]) == pytest.approx(2.0, abs=1e-11)
    assert found.kind.values.tolist() == ["minimum"]


@pytest.mark.parametrize("order", [1, -1])
def test_a_sampled_sine_turns_where_it_should_either_way(order):
    """Cubic splines are good to h⁴/384: 6e-6 in the value at h = 0.2."""
    x = np.arange(0.0, 20.0, 0.2)[::order]
    f = xr.DataArray(
        np.sin(x), dims="x", coords={"x": ("x", x, {"units": "m"})},
        attrs={"units": "K"},
    )  # fmt: skip
    found = turning_points(f, "x")
    places = np.pi / 2 + np.pi * np.arange(6)
    np.testing.assert_allclose(found.position.data.to("m").magnitude, places, atol=1e-4)
    assert found.kind.values.tolist() == ["maximum", "minimum"] * 3
    signs = np.array([1.0, -1.0] * 3)
    np.testing.assert_allclose(found.value.data.magnitude, signs, atol=6e-6)
    np.testing.assert_allclose(found.curvature.data.magnitude, -signs, atol=0.01)
    assert str(found.curvature.data.units) == "kelvin / meter ** 2"


@pytest.mark.parametrize("turn", [0, 17, 100])
def test_the_seam_of_a_circle_is_no_end(turn):
    lon = np.arange(0.0, 360.0, 2.5)
    f = xr.DataArray(
        np.cos(np.deg2rad(lon - 0.7)), dims="lon", attrs={"units": "m"},
        coords={"lon": ("lon", lon, {"units": "degrees_east"})},
    )  # fmt: skip
    rolled = f.roll(lon=turn, roll_coords=True)
    west = (rolled.lon + 180) % 360 - 180
    if turn == 100:  # -180 ... 177.5
        f = f.assign_coords(lon=west.sortby("lon")).assign_coords(
            lon=("lon", (lon - 180), {"units": "degrees_east"})
        )
        f = f.copy(data=np.cos(np.deg2rad(lon - 180 - 0.7)))
    found = turning_points(f, "lon")
    places = np.sort(found.position.data.magnitude % 360)
    np.testing.assert_allclose(places, [0.7, 180.7], atol=1e-3)


def test_dates_come_out_as_dates_and_curvature_per_second():
    time = np.datetime64("2001-01-01", "ns") + np.arange(365) * np.timedelta64(1, "D")
    wave = np.cos(2 * np.pi * (np.arange(365) - 200.25) / 365)
    f = xr.DataArray(15 + 9 * wave, dims="time", coords={"time": time})
    found = turning_points(f.assign_attrs(units="degC"), "time")
    hottest = found.position.values[list(found.kind.values).index("maximum")]
    exact = np.datetime64("2001-01-01", "ns") + np.timedelta64(int(200.25 * 24), "h")
    assert abs(hottest - exact) < np.timedelta64(1, "m")
    bend = found.curvature.data[1]
    assert str(bend.units) == "kelvin / second ** 2"
    assert bend.magnitude == pytest.approx(
        -9 * (2 * np.pi / 365 / 86400) ** 2, rel=1e-3
    )


def test_calendars_of_models_keep_their_dates():
    time = xr.date_range("2001-01-01", periods=360, calendar="360_day", use_cftime=True)
    wave = np.cos(2 * np.pi * (np.arange(360) - 200.0) / 360)
    f = xr.DataArray(wave, dims="time", coords={"time": time}, attrs={"units": "K"})
    found = turning_points(f, "time")
    hottest = found.position.values[list(found.kind.values).index("maximum")]
    assert (hottest.month, hottest.day) == (7, 21)


def test_each_curve_of_a_field_has_its_own_and_the_rest_is_padded():
    x = np.linspace(0, 10, 41)
    rows = [np.sin(x), np.full(41, 3.0), np.where(x < 4, np.nan, (x - 7) ** 2)]
    f = xr.DataArray(
        np.stack(rows, axis=1), dims=("x", "row"), coords={"x": x, "row": [1, 2, 3]}
    )
    found = turning_points(f, "x")
    assert found.n_turning_points.values.tolist() == [3, 0, 1]
    assert found.position.dims == ("row", "turning_point")
    assert float(found.position[2, 0]) == pytest.approx(7.0, abs=1e-9)
    assert np.isnan(found.position[1]).all()
    assert found.kind.values[1].tolist() == ["", "", ""]


def test_a_level_place_that_is_no_extremum_is_an_inflection():
    x = np.linspace(-2, 2, 9)
    f = xr.DataArray(x**3, dims="x", coords={"x": x})
    found = turning_points(f, "x")
    assert found.kind.values.tolist() == ["inflection"]
    assert float(found.position[0]) == pytest.approx(0.0, abs=1e-6)


def test_faults_of_curves():
    f = xr.DataArray([1.0, 2.0, 1.0, 2.0], dims="x")
    with pytest.raises(GridError, match="no coordinate"):
        turning_points(f, "x")
    with pytest.raises(GridError, match="no dimension 'y'"):
        turning_points(f, "y")
    with pytest.raises(GridError, match="at least 4"):
        turning_points(f[:3].assign_coords(x=[1, 2, 3]), "x")
    with pytest.raises(GridError, match="tell its points apart"):
        turning_points(f.assign_coords(x=[1, 2, 2, 3]), "x")


# -- uncertainty ------------------------------------------------------------------


def density(p, T):
    return p / (Q(287.05, "J/kg/K") * T)


AT = {"p": Q(1000.0, "hPa"), "T": Q(288.15, "K")}
SIGMA = {"p": Q(1.0, "hPa"), "T": Q(0.5, "K")}


def relative(rho=0.0):
    """For p / T: (σ_ρ/ρ)² = a² + b² - 2 r a b, with a = σ_p/p and b = σ_T/T."""
    a, b = 1 / 1000, 0.5 / 288.15
    return np.sqrt(a**2 + b**2 - 2 * rho * a * b)


@pytest.mark.parametrize("rho", [-1.0, 0.0, 0.4, 1.0])
def test_the_uncertainty_of_a_ratio_is_the_textbook_one(rho):
    found = propagate_uncertainty(density, AT, SIGMA, correlation={("p", "T"): rho})
    ratio = (found.uncertainty.data / found.value.data).to("").magnitude
    assert ratio == pytest.approx(relative(rho), rel=1e-9)


def test_an_uncertainty_of_celsius_is_in_kelvin():
    def kelvin(T):
        return T.to("K")

    found = propagate_uncertainty(
        kelvin, {"T": Q(15.0, "degC")}, {"T": Q(0.9, "delta_degF")}
    )
    assert found.uncertainty.data.to("K").magnitude == pytest.approx(0.5, rel=1e-9)
    in_f = propagate_uncertainty(kelvin, {"T": Q(59.0, "degF")}, {"T": Q(0.5, "K")})
    assert in_f.uncertainty.data.to("K").magnitude == pytest.approx(0.5, rel=1e-9)


def test_the_spread_of_many_draws_is_what_is_propagated():
    random = np.random.default_rng(0)
    p = Q(random.normal(1000.0, 1.0, 200_000), "hPa")
    T = Q(random.normal(288.15, 0.5, 200_000), "K")
    spread = density(p, T).to("kg/m^3").magnitude.std()
    found = propagate_uncertainty(density, AT, SIGMA).uncertainty.data
    assert found.to("kg/m^3").magnitude == pytest.approx(spread, rel=0.01)


def test_an_argument_left_out_is_exact_and_parts_add_up():
    found = propagate_uncertainty(density, AT, SIGMA)
    alone = propagate_uncertainty(density, AT, {"T": SIGMA["T"]})
    part = found.contribution_T.data.to("kg/m^3").magnitude
    assert part < 0
    assert alone.uncertainty.data.to("kg/m^3").magnitude == pytest.approx(-part)
    other = found.contribution_p.data.to("kg/m^3").magnitude
    total = found.uncertainty.data.to("kg/m^3").magnitude
    assert total == pytest.approx(np.hypot(part, other))


def test_faults_of_uncertainties():
    with pytest.raises(UnitsError, match="uncertainty of 'T'"):
        propagate_uncertainty(density, AT, {"T": 0.5})
    with pytest.raises(UnitsError, match="uncertainty of 'T'"):
        propagate_uncertainty(density, AT, {"T": Q(0.5, "hPa")})
    with pytest.raises(OptionError, match="negative"):
        propagate_uncertainty(density, AT, {"T": Q(-0.5, "K")})
    with pytest.raises(OptionError, match="names 'q', which is no argument"):
        propagate_uncertainty(density, AT, {"q": Q(0.5, "K")})
    with pytest.raises(OptionError, match="Nothing is uncertain"):
        propagate_uncertainty(density, AT, {})
    with pytest.raises(OptionError, match="cannot be true together"):
        propagate_uncertainty(density, AT, SIGMA, correlation={("p", "T"): 1.5})
    with pytest.raises(OptionError, match="no pair"):
        propagate_uncertainty(density, AT, SIGMA, correlation={("p", "q"): 0.5})
