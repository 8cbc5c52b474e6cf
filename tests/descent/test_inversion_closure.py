"""What a split leaves over is told: of pole rows too, and no comb in the potentials."""

import numpy as np
import pytest
from fields import GLOBAL
from winds import blowing

from xnabla.descent.inversion import helmholtz

RANDOM = np.random.default_rng(306)


def plain(field):
    return np.asarray(field.data.magnitude)


@pytest.fixture
def winds():
    return blowing(GLOBAL["pole rows"](12), "mixed")


def test_what_is_left_on_a_pole_row_is_in_closure_and_cost(winds):
    """A pole row whose wind is no vector cannot be met, and that is not hidden."""
    u, v = winds
    before = helmholtz(u, v)
    assert np.nanmax(plain(before.closure)) <= 1e-12
    u = u.copy(data=u.values.copy())
    u[{"latitude": -1}] = 30.0
    found = helmholtz(u, v)
    assert np.nanmax(np.abs(plain(found.u_residual))) > 20.0
    assert np.nanmin(plain(found.closure)) > 1e-3
    assert np.nanmin(plain(found.cost)) > 0.0


def test_noise_in_the_wind_makes_no_comb_of_two_columns_in_the_potentials(winds):
    u, v = winds
    u, v = (one.copy(data=one.values + RANDOM.normal(size=one.shape)) for one in (u, v))
    found = helmholtz(u, v)
    for name in ("streamfunction", "velocity_potential"):
        inner = plain(found[name])[..., 1:-1, :]
        sign = np.cos(np.pi * np.arange(inner.shape[-1]))
        comb = np.abs((inner * sign).mean(axis=-1)).max()
        assert comb <= 1e-10 * np.abs(inner).max()
