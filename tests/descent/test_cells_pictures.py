"""Maps of fits: what they say, where the dots are, and what cannot be drawn."""

from __future__ import annotations

import numpy as np
import pytest
from descent.cells_making import monthly, plain, seconds

from xnabla import plot
from xnabla.descent import field_significance, harmonic_fit, regress, theil_sen, trend
from xnabla.errors import FieldError, OptionError
from xnabla.labels import dequantify


@pytest.fixture(scope="module")
def field():
    random = np.random.default_rng(51)
    made = monthly(random.normal(size=(60, 9, 12)), long_name="air temperature")
    slope = np.where(np.arange(12) < 6, 40.0, 0.0)
    made = (made + 1e-9 * seconds(made)[:, None, None] * slope).assign_attrs(made.attrs)
    made["lat"] = ("lat", np.linspace(-40, 40, 9), {"units": "degrees_north"})
    made["lon"] = ("lon", np.arange(12) * 10.0, {"units": "degrees_east"})
    made[:, 4, 8] = np.nan
    return made


def words(figure):
    """Everything written on a figure."""
    found = [
        text.get_text() for text in figure.findobj(lambda a: hasattr(a, "get_text"))
    ]
    return " | ".join(one for one in found if one)


def dots(figure):
    """Where the dots of a figure are."""
    (line,) = (one for one in figure.axes[0].lines if one.get_marker() == ".")
    return np.column_stack([line.get_xdata(), line.get_ydata()])


@pytest.mark.parametrize(
    ("fit", "title"), [(trend, "Linear trend of"), (theil_sen, "Theil-Sen trend of")]
)
def test_a_trend_says_its_unit_per_decade_and_where_it_is_significant(
    field, fit, title
):
    found = fit(field)
    figure = plot.trend(found, field=field)
    said = words(figure)
    assert "K decade⁻¹" in said
    assert f"{title} air temperature" in said
    assert "false discovery rate 5 %" in said
    assert "hatched: no value" in said
    significant = field_significance(found)
    places = {(float(x), float(y)) for x, y in dots(figure)}
    there = significant.values
    known = {
        (float(significant.lon[j]), float(significant.lat[i]))
        for i, j in zip(*np.nonzero(there), strict=True)
    }
    assert places <= known
    assert len(places) > 0.8 * len(known) > 10


def test_dots_may_be_given(field):
    given = field_significance(trend(field), method="none")
    figure = plot.trend(trend(field), significant=given)
    assert "each cell by itself" in words(figure)


def test_no_dot_is_said_too(field):
    quiet = field.copy(data=np.random.default_rng(1).normal(size=field.shape))
    figure = plot.trend(trend(quiet), alpha=0.001)
    assert "nowhere significant, false discovery rate 0.1 %" in words(figure)


def test_a_regression_and_a_cycle_have_maps_of_their_own(field):
    index = field.isel(lat=0, lon=0, drop=True).rename("soi").assign_attrs(units="hPa")
    said = words(plot.regression(regress(field, index), field=field))
    assert "Regression of air temperature on soi" in said
    assert "K hPa⁻¹" in said
    cycle = harmonic_fit(field, n=2)
    assert "harmonic 2 of 1 year" in words(plot.harmonics(cycle, field=field, k=2))
    with pytest.raises(FieldError, match="cannot be drawn so"):
        plot.harmonics(cycle, k=3)
    with pytest.raises(FieldError, match="cannot be drawn so"):
        plot.trend(cycle)
    with pytest.raises(FieldError, match="cannot be drawn so"):
        plot.regression(trend(field))
    with pytest.raises(OptionError, match="alpha=5"):
        plot.trend(trend(field), alpha=5)


def test_a_trend_from_a_file_is_drawn_alike(field):
    found = trend(field)
    assert words(plot.trend(dequantify(found))) == words(plot.trend(found))


def test_a_line_of_trends_is_a_line(field):
    figure = plot.trend(trend(field.isel(lon=2, drop=True)))
    assert "K decade⁻¹" in words(figure)


def test_the_accessor_fits_too(field):
    np.testing.assert_array_equal(
        plain(field.nabla.trend(se="ols").slope), plain(trend(field, se="ols").slope)
    )
    assert "harmonic_fit" in dir(field.nabla)
