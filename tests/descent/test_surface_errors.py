"""What cannot be walked on is refused in one sentence that says what to type."""

import numpy as np
import pytest
import xarray as xr
from landscapes import band_limited

from xnabla.descent.surface import (
    basins,
    closed_contours,
    critical_points,
    find_extrema,
    persistence_diagram,
    steepest_path,
)
from xnabla.errors import FieldError, GridError, OptionError, UnitsError

FIELD = band_limited(1, 4, 10.0)
EACH = [
    find_extrema,
    critical_points,
    basins,
    closed_contours,
    persistence_diagram,
    lambda field, **k: steepest_path(field, [(0.0, 0.0)], **k),
]


@pytest.mark.parametrize("function", EACH)
def test_a_dataset_is_no_field(function):
    with pytest.raises(FieldError, match="takes labelled fields"):
        function(FIELD.to_dataset(name="msl"))


@pytest.mark.parametrize("function", EACH)
def test_a_field_without_units_is_told_how_to_get_them(function):
    bare = FIELD.copy()
    bare.attrs = {}
    with pytest.raises(UnitsError, match=r"has no units.*field.attrs\['units'\]"):
        function(bare)


@pytest.mark.parametrize("function", EACH)
def test_infinite_values_are_counted(function):
    bad = FIELD.copy(deep=True)
    bad[3, 4:6] = np.inf
    with pytest.raises(FieldError, match="has 2 infinite values"):
        function(bad)


@pytest.mark.parametrize("function", EACH)
@pytest.mark.parametrize("kind", [complex, object, "datetime64[ns]"])
def test_values_without_an_order_are_refused(function, kind):
    bad = xr.full_like(FIELD, 0, dtype=float).astype(kind)
    bad.attrs = FIELD.attrs
    with pytest.raises(FieldError, match=r"complex|objects|dates"):
        function(bad)


@pytest.mark.parametrize("function", EACH)
def test_one_horizontal_dimension_is_not_enough(function):
    with pytest.raises(GridError, match="two horizontal dimensions"):
        function(FIELD.isel(longitude=0))
    with pytest.raises(GridError, match="single point"):
        function(FIELD.isel(longitude=[0]))


@pytest.mark.parametrize("function", EACH)
def test_coordinates_that_turn_back_are_refused(function):
    bad = FIELD.isel(latitude=[0, 2, 1, 3])
    with pytest.raises(GridError, match="not monotonic"):
        function(bad)


@pytest.mark.parametrize("function", EACH)
def test_no_values_at_all_are_refused(function):
    empty = FIELD.expand_dims(time=0)
    with pytest.raises((GridError, ValueError), match="is empty"):
        function(empty)


@pytest.mark.parametrize("function", EACH)
def test_a_grid_that_is_none_is_refused(function):
    with pytest.raises(GridError, match="grid= takes a Grid"):
        function(FIELD, grid="1 degree")


THRESHOLDS = [find_extrema, critical_points, basins, closed_contours]


@pytest.mark.parametrize("function", THRESHOLDS)
def test_a_threshold_needs_a_unit_of_the_field(function):
    with pytest.raises(UnitsError, match="min_persistence=2 has no unit"):
        function(FIELD, min_persistence=2)
    with pytest.raises(UnitsError, match="do not fit min_persistence"):
        function(FIELD, min_persistence="2 K")
    with pytest.raises(OptionError, match="min_persistence"):
        function(FIELD, min_persistence="-2 hPa")
    with pytest.raises(OptionError, match="is no measure"):
        function(FIELD, min_persistence=[2])


def test_a_threshold_may_be_a_quantity_text_or_zero():
    import pint

    ureg = pint.get_application_registry()
    counts = {
        find_extrema(FIELD, min_persistence=one).sizes["point"]
        for one in (
            ureg.Quantity(2, "hPa"),
            "2 hPa",
            "200 Pa",
            ureg.Quantity(0.2, "kPa"),
        )
    }
    assert len(counts) == 1
    assert find_extrema(FIELD, min_persistence=0).sizes == find_extrema(FIELD).sizes


@pytest.mark.parametrize(
    ("function", "choices", "words"),
    [
        (find_extrema, {"kind": "low"}, "kind='low' is unknown"),
        (find_extrema, {"refine": "cubic"}, "refine='cubic' is unknown"),
        (find_extrema, {"boundary": "keep"}, "boundary='keep' is unknown"),
        (find_extrema, {"smooth": -3}, "smooth|Gaussian"),
        (critical_points, {"refine": 3}, "refine=3 is unknown"),
        (basins, {"direction": "left"}, "direction='left' is unknown"),
        (closed_contours, {"kind": "col"}, "kind='col' is unknown"),
        (closed_contours, {"interval": "-1 hPa"}, "interval"),
        (closed_contours, {"points": 3}, "points= is no table"),
        (persistence_diagram, {"kind": ""}, "kind='' is unknown"),
    ],
)
def test_unknown_choices_are_refused_with_those_there_are(function, choices, words):
    with pytest.raises((OptionError, UnitsError), match=words):
        function(FIELD, **choices)


def test_points_of_another_field_are_refused():
    points = find_extrema(FIELD)
    with pytest.raises(OptionError, match="belongs to another field"):
        closed_contours(FIELD, points.isel(point=[0]))
    with pytest.raises(OptionError, match="belongs to another field"):
        closed_contours(band_limited(1, 4, 30.0), points)


def test_a_mask_lies_on_the_points_of_the_field():
    with pytest.raises(GridError, match="True where the field counts"):
        basins(FIELD, mask=FIELD)
    with pytest.raises(GridError, match="other points"):
        basins(FIELD, mask=(FIELD > 0).isel(latitude=slice(3)))


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ([], "no list of places"),
        ((1.0, 2.0, 3.0), "no list of places"),
        ("here", "no list of places"),
        ([(np.nan, 3.0)], "no numbers"),
        ({"north": [1.0]}, "has no 'latitude'"),
    ],
)
def test_starts_that_are_no_places_are_refused(start, words):
    with pytest.raises(OptionError, match=words):
        steepest_path(FIELD, start)


def test_a_start_off_the_globe_is_told_which_number_comes_first():
    with pytest.raises(GridError, match=r"latitude, then longitude.*start=\(40, 120\)"):
        steepest_path(FIELD, (120.0, 40.0))


def test_starts_outside_the_field_are_refused_if_none_is_inside():
    part = FIELD.sel(latitude=slice(-30, 30), longitude=slice(0, 90))
    with pytest.raises(GridError, match="No start lies on the field"):
        steepest_path(part, (60.0, 20.0))
    with pytest.warns(RuntimeWarning, match="left_domain"):
        paths = steepest_path(part, [(60.0, 20.0), (0.0, 45.0)])
    assert paths.sizes["path"] == 2


def test_paths_run_on_one_field():
    both = xr.concat([FIELD, FIELD], "time")
    with pytest.raises(GridError, match=r"Paths run on one field.*isel\(time=0\)"):
        steepest_path(both, (0.0, 0.0))
    assert steepest_path(both[:1], (0.0, 0.0)).sizes["path"] == 1


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"direction": "down"}, "direction='down' is unknown"),
        ({"tol": 0.0}, "tol=0.0 cannot be"),
        ({"max_steps": 0}, "max_steps=0 cannot be"),
        ({"max_length": 5}, "max_length=5 has no unit"),
        ({"max_length": "5 K"}, "max_length"),
        ({"max_length": "-5 km"}, "max_length"),
    ],
)
def test_choices_of_paths_are_checked(choices, words):
    with pytest.raises((OptionError, UnitsError), match=words):
        steepest_path(FIELD, (0.0, 0.0), **choices)


def test_a_field_without_values_has_no_paths():
    with pytest.raises(GridError, match="has no values to walk on"):
        steepest_path(FIELD.where(False), (0.0, 0.0))
