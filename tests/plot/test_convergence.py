"""The picture of a descent shows the numbers of its history."""

import numpy as np
import pint
import pytest
import xarray as xr

from xnabla.descent.engine import descend
from xnabla.errors import FieldError
from xnabla.plot import convergence, save_figure

Q = pint.get_application_registry().Quantity


def line(axes, number=0):
    return axes.lines[number].get_ydata()


def test_a_lone_descent_is_drawn_as_it_went(tmp_path):
    found = descend(lambda x: (x - 2) ** 2, 0.0, method="gd", learning_rate=0.1)
    figure = convergence(found)
    cost, slope = figure.axes
    np.testing.assert_allclose(line(cost), found.cost_history)
    np.testing.assert_allclose(line(slope), found.gradient_norm_history)
    assert cost.get_yscale() == slope.get_yscale() == "log"
    assert "gradient descent" in figure.get_suptitle()
    save_figure(figure, tmp_path / "c.png")
    assert (tmp_path / "c.png").stat().st_size > 10_000


def test_a_negative_cost_is_drawn_from_its_lowest_value_on():
    found = descend(lambda x: x**2 - 4 * x + 3, 0.0, method="gd", learning_rate=0.25)
    cost = convergence(found).axes[0]
    assert cost.get_ylabel() == "Cost above -1"
    np.testing.assert_allclose(line(cost)[:5], 4 * 0.25 ** np.arange(5), rtol=1e-9)
    given = convergence(found, lowest=-2.0).axes[0]
    np.testing.assert_allclose(line(given), found.cost_history + 2.0)


def test_the_cost_has_its_unit():
    found = descend(lambda t: (t - Q(3.0, "K")) ** 2, Q(280.0, "K"), method="gd")
    assert convergence(found).axes[0].get_ylabel() == "Cost (K²)"


@pytest.mark.parametrize("history", ["domain", "cells"])
def test_cells_are_a_median_a_band_and_a_share_that_has_arrived(history):
    goal = xr.DataArray([[1.0, 2.0, 3.0], [4.0, 5.0, np.nan]], dims=("lat", "lon"))
    found = descend(
        lambda x: (x - goal) ** 2 + (x - goal) ** 4,
        xr.zeros_like(goal).where(goal.notnull(), 0.0),
        cells=True,
        method="bb",
        history=history,
    )
    cost, slope, share = convergence(found).axes
    full = found.cost_history
    if history == "domain":
        middle = full.sel(statistic="median")
    else:
        middle = full.median(("lat", "lon"))
    shown = line(cost)
    np.testing.assert_allclose(shown, np.where(middle > 0, middle, np.nan), rtol=1e-9)
    assert len(cost.collections) == len(slope.collections) == 1
    np.testing.assert_allclose(share.lines[0].get_ydata()[-1], 100 * 5 / 6)


def test_a_race_has_a_name_for_each_line():
    race = {
        method: descend(lambda x: (x - 2) ** 2, 0.0, method=method)
        for method in ("gd", "newton", "lm")
    }
    figure = convergence(race)
    assert [t.get_text() for t in figure.legends[0].get_texts()] == [*race]
    assert len(figure.axes[0].lines) == 3


def test_a_result_without_a_history_is_refused():
    found = descend(lambda x: (x - 2) ** 2, 0.0, history="none")
    with pytest.raises(FieldError, match=r"no result with a history.*history="):
        convergence(found)
