"""Small cases with published answers, from papers and from peers' own tests.

Only numbers are taken over; each says where it stands and under which licence.
"""

import numpy as np
import pytest
import xarray as xr

import xnabla as xn

pytestmark = pytest.mark.peer


def on_plane(values):
    values = np.asarray(values, dtype=float)
    return xr.DataArray(
        values,
        dims=("y", "x"),
        coords={
            dim: (dim, 1000.0 * np.arange(size), {"units": "m"})
            for dim, size in zip(("y", "x"), values.shape, strict=True)
        },
        attrs={"units": "m"},
        name="h",
    )


def pairs(field, kind):
    found = xn.persistence_diagram(field, kind=kind)
    births, deaths = (found[name].data.magnitude for name in ("birth", "death"))
    return sorted(zip(births.tolist(), deaths.tolist(), strict=True))


def test_peaks_of_a_series_live_as_long_as_hubers_example_says():
    """RotorHazard, test_persistent_homology.py (MIT), after Huber (2021)."""
    series = np.array([30, 29, 41, 4, 114, 1, 3, 2, 33, 9, 112, 40, 118.0])
    # a second row far below: what lives, lives on the first
    field = on_plane(np.stack([series, series - 1000]))
    found = pairs(field, "maximum")
    known = [(114, 1), (112, 40), (41, 4), (33, 9), (30, 29), (3, 2)]
    # the highest dies at the lowest value of the series there; here never
    assert found == sorted([*known, (118, -np.inf)])


def test_lows_of_a_line_are_gudhis():
    """GUDHI, test_cubical_persistence_low_dim.py (MIT): its data, pairs by hand."""
    line = np.array([0.0, 1.5, 0.7, 2.8, 3.1, -1.0, 2.0])
    field = on_plane(np.stack([line, line + 1000]))
    assert pairs(field, "minimum") == [(-1, np.inf), (0, 3.1), (0.7, 1.5)]


def test_a_digit_has_two_lows_beside_the_sea_and_the_tops_of_a_ring():
    """GUDHI's image, the first of scikit-learn's digits: a nought with plateaus.

    Cells that touch at a corner hang together. The inside of the nought runs out at 6,
    the right-hand side at 8; the second top is left at 14, others at 12 and 15.
    """
    digit = [
        [0, 0, 5, 13, 9, 1, 0, 0],
        [0, 0, 13, 15, 10, 15, 5, 0],
        [0, 3, 15, 2, 0, 11, 8, 0],
        [0, 4, 12, 0, 0, 8, 8, 0],
        [0, 5, 8, 0, 0, 9, 8, 0],
        [0, 4, 11, 0, 1, 12, 7, 0],
        [0, 2, 14, 5, 10, 12, 0, 0],
        [0, 0, 6, 13, 10, 0, 0, 0],
    ]
    field = on_plane(digit)
    assert pairs(field, "minimum") == [(0, 6), (0, 8), (0, np.inf)]
    assert pairs(field, "maximum") == [(12, 10), (14, 8), (15, -np.inf), (15, 10)]


def test_sens_own_seven_points():
    """Sen (1968), p. 1384, with the interval as corrected in R's deming and in scipy.

    The slope is 4; the interval of 93 % from 26/7 to 35/8; the line meets t = 0 at 6.
    """
    t = ("t", np.array([1.0, 2, 3, 4, 10, 12, 18]), {"units": "m"})
    y = np.array([9.0, 15, 19, 20, 45, 55, 78])
    field = xr.DataArray(y, dims="t", coords={"t": t}, attrs={"units": "K"})
    fit = xn.theil_sen(field, "t", confidence=0.93)
    found = {
        name: float(fit[name].data.to(unit).magnitude)
        for name, unit in (
            *((name, "K/m") for name in ("slope", "ci_low", "ci_high")),
            ("intercept", "K"),
        )
    }
    at_zero = found["intercept"] - found["slope"] * float(fit.attrs["reference"])
    np.testing.assert_allclose(
        [found["slope"], found["ci_low"], found["ci_high"], at_zero],
        [4.0, 26 / 7, 35 / 8, 6.0],
        rtol=1e-12,
    )
    # every pair rises: S = 21, variance n (n - 1) (2 n + 5) / 18 = 399 / 9
    np.testing.assert_allclose(fit.tau.data.magnitude, 1.0)
    from scipy.stats import norm

    z = 20 / np.sqrt(399 / 9)
    np.testing.assert_allclose(fit.pvalue.data.magnitude, 2 * norm.sf(z), rtol=1e-12)
