"""Colours: white zero, symmetric limits, and lightness that only falls."""

import numpy as np

from xnabla.plot._shade import diverging, fitting, sequential


def lightness(colours):
    linear = np.asarray(colours)[:, :3] ** 2.2
    return linear @ [0.2126, 0.7152, 0.0722]


def test_fronts_start_white_and_darken_all_the_way():
    colours = sequential(np.ones(3)).colours()(np.linspace(0, 1, 256))
    np.testing.assert_allclose(colours[0], 1.0, atol=1e-12)
    assert (np.diff(lightness(colours)) < 1e-9).all()


def test_robust_limit_and_arrow():
    values = np.r_[np.linspace(0, 1, 1000), 50.0]
    shade = sequential(values)
    assert shade.low == 0
    assert 0.9 < shade.high < 1.1
    assert shade.extend == "max"
    assert sequential(np.full(10, 0.3)).extend == "neither"


def test_diverging_is_symmetric_and_shared():
    shade = diverging(np.array([-1.0, 0.5]), np.array([[np.nan, 3.0]]))
    assert shade.low == -shade.high
    assert 2.5 < shade.high <= 3.0


def test_power_of_ten_is_taken_out():
    shade = sequential(np.array([0.0, 2e-4]))
    assert shade.power == -5
    assert shade.label("s-1") == "10⁻⁵ s⁻¹"
    # the 98th percentile of two values lies so far between them
    np.testing.assert_allclose(shade.high, 0.98 * 20.0)
    assert sequential(np.array([0.0, 0.03])).label("K km-1") == "K km⁻¹"


def test_kinds_by_sign():
    assert fitting(np.linspace(-10, 80, 50)).kind == "diverging"
    assert fitting(np.linspace(0, 80, 50)).kind == "sequential"
    assert fitting(np.linspace(250, 300, 50)).kind == "plain"


def test_nothing_and_constants_have_limits():
    for values in (np.full(4, np.nan), np.zeros(4), np.full(4, 5.0)):
        for shade in (fitting(values), sequential(values), diverging(values)):
            assert shade.low < shade.high


def test_a_constant_is_in_the_middle_of_its_bar():
    for value in (5.0, -273.15, 1e-9, 3e38):
        shade = fitting(np.full(4, value))
        shown = value / 10.0**shade.power
        np.testing.assert_allclose(0.5 * (shade.low + shade.high), shown, rtol=1e-9)
        np.testing.assert_allclose(shade.only, shown, rtol=1e-9)
        assert shade.extend == "neither"
    assert sequential(np.full(4, 3.0)).high == 6.0
    for kind in (fitting, sequential, diverging):
        assert kind(np.zeros(4)).only == 0
        assert kind(np.full(4, np.nan)).kind == "nothing"
