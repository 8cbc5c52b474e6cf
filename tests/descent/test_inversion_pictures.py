"""Pictures of split winds and of how descents ended: what is on them, on any map."""

import warnings

import numpy as np
import pytest
import xarray as xr
from atlas import MAPS
from fields import GLOBAL, REGIONAL, labelled
from matplotlib.text import Text
from winds import STANDARD_NAMES, WINDS, blowing

from xnabla import plot
from xnabla.descent._status import Status, status_attributes
from xnabla.descent.inversion import helmholtz, poisson
from xnabla.errors import FieldError, OptionError


def words_of(figure):
    found = [text.get_text() for text in figure.findobj(Text)]
    return " | ".join(text for text in found if text)


@pytest.mark.parametrize("name", ["pole rows", "east to west"])
def test_a_split_wind_shows_both_potentials_and_both_winds(name, tmp_path):
    u, v = (one[0] for one in blowing(GLOBAL[name](12), "mixed"))
    figure = plot.helmholtz(helmholtz(u, v))
    words = words_of(figure)
    assert "Velocity potential of the wind and streamfunction of the wind" in words
    assert "The wind that turns" in words
    assert "The wind that spreads" in words
    assert "m² s⁻¹" in words
    assert "gauge" not in words
    plot.save_figure(figure, tmp_path / "split.png")
    assert (tmp_path / "split.png").stat().st_size > 10_000


def test_the_gauge_of_a_region_is_told():
    u, v = (one[0] for one in blowing(REGIONAL["across the dateline"](36), "mixed"))
    words = words_of(plot.helmholtz(helmholtz(u, v, gauge="min_norm")))
    assert "gauge: min norm" in words


def test_a_wind_on_a_projection_is_drawn_on_it():
    one = MAPS["polar stereographic, pole on a point"](16)
    u, v = (
        one.labelled(part, name, units="m s-1", standard_name=STANDARD_NAMES[name])
        for part, name in zip(WINDS["mixed"].uv(one.phi, one.lam), "uv", strict=True)
    )
    assert "psi zero" in words_of(plot.helmholtz(helmholtz(u, v)))


def test_what_is_no_split_or_too_many_is_refused():
    u, v = blowing(GLOBAL["pole rows"](8), "mixed", "potential")
    with pytest.raises(FieldError, match="without 'velocity_potential'"):
        plot.helmholtz(xr.Dataset({"u": u}))
    split = helmholtz(u, v)
    assert split.sizes["kind"] > 1  # a panel each, and the bar
    assert len(plot.helmholtz(split).axes) == split.sizes["kind"] + 1
    with pytest.raises(OptionError, match="kind of size 13"):
        plot.helmholtz(split.isel(kind=[0] * 13))


def flags(values):
    globe = GLOBAL["no pole rows"](values.shape[0])
    made = labelled(values, globe)
    made.attrs = status_attributes()
    return made.rename("status")


def test_each_way_to_end_has_a_colour_and_a_count(tmp_path):
    values = np.full((10, 20), Status.EXACT, dtype=np.int8)
    values[:2] = Status.ALL_MISSING
    values[4, :5] = Status.DIVERGED
    figure = plot.status(xr.Dataset({"status": flags(values)}))
    words = words_of(figure)
    assert "How the descent ended" in words
    for told in ("exact\n155", "all missing\n40", "diverged\n5"):
        assert told in words
    assert "singular" not in words
    colours = {
        tuple(p.get_facecolor())
        for p in figure.findobj(
            lambda o: getattr(o, "get_label", str)() in {"exact\n155", "diverged\n5"}
        )
    }
    assert len(colours) == 2
    plot.save_figure(figure, tmp_path / "status.png")


def test_every_status_has_a_colour_of_its_own():
    from xnabla.plot._status import _COLOURS

    assert set(_COLOURS) == {one.meaning for one in Status}
    assert len(set(_COLOURS.values())) == len(_COLOURS)


def test_a_status_that_is_no_map_says_what_it_is():
    field = labelled(np.zeros((8, 16)), GLOBAL["no pole rows"](8))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = poisson(field.assign_attrs(units="s-1"))
    with pytest.raises(FieldError, match=r"one for the whole grid.*exact"):
        plot.status(found)
    with pytest.raises(FieldError, match="no status"):
        plot.status(xr.Dataset({"t": field}))
    with pytest.raises(FieldError, match="do not say what they mean"):
        plot.status(field)


def test_each_wind_has_a_scale_of_its_own_and_potentials_have_one_notation():
    """The wind that spreads is a tenth of the other, and is seen all the same."""
    u, v = (one[0] for one in blowing(GLOBAL["pole rows"](24), "mixed"))
    split = helmholtz(u, v)
    for name in ("u_chi", "v_chi"):
        split[name] = split[name] * 0.1
    figure = plot.helmholtz(split)
    bars = [a for a in figure.axes if a.get_ylabel().endswith("m s⁻¹")]
    assert len(bars) == 2
    highs = sorted(bar.get_ylim()[1] for bar in bars)
    assert highs[0] < 0.5 * highs[1]
    left, right = (a.get_position() for a in figure.axes if a.get_title(loc="left"))
    np.testing.assert_allclose([left.width, left.y0], [right.width, right.y0])
    assert not any("e+" in text for text in words_of(figure).split())
