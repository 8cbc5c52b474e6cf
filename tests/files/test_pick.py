"""The variable that is meant is found, or the message says which there are."""

import numpy as np
import pytest
import xarray as xr

from xnabla.errors import FieldError, FileError
from xnabla.files import pick_variable


@pytest.fixture
def ds() -> xr.Dataset:
    return xr.Dataset(
        {
            "t2m": (("y", "x"), np.zeros((2, 3)), {"standard_name": "air_temperature"}),
            "msl": (("y", "x"), np.zeros((2, 3)), {"long_name": "Sea level pressure"}),
            "Times": ("y", np.array(["a", "b"])),
            "start": ("y", np.array(["2000", "2001"], "datetime64[ns]")),
            "land": (("y", "x"), np.ones((2, 3), bool)),
            "XLAT": (("y", "x"), np.zeros((2, 3)), {"units": "degrees_north"}),
            "crs": ((), 0),
        },
        coords={"z": ("y", [1.0, 2.0])},
    )


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("t2m", "t2m"),
        ("air_temperature", "t2m"),
        ("Sea level pressure", "msl"),
        ("z", "z"),
        ("XLAT", "XLAT"),
    ],
)
def test_a_variable_is_found_by_its_names(ds, asked, found):
    assert pick_variable(ds, asked, "a.nc").name == found


def test_the_only_field_needs_no_name(ds):
    assert pick_variable(ds.drop_vars("msl"), None, "a.nc").name == "t2m"


def test_two_fields_need_a_name(ds, one_sentence):
    with pytest.raises(FileError) as excinfo:
        pick_variable(ds, None, "a.nc")
    one_sentence(excinfo, "'a.nc' has 2 fields", "one of 'msl', 't2m'")


def test_no_field_at_all_is_said(ds, one_sentence):
    with pytest.raises(FileError) as excinfo:
        pick_variable(ds[["crs", "Times"]], None, "a.nc")
    one_sentence(excinfo, "'a.nc' has no field of numbers", "'Times'")


@pytest.mark.parametrize(
    ("asked", "near"),
    [("T2M", "'t2m'"), ("t2n", "'t2m'"), ("AIR_TEMPERATURE", "'t2m'")],
)
def test_a_wrong_name_names_those_like_it(ds, one_sentence, asked, near):
    with pytest.raises(FileError) as excinfo:
        pick_variable(ds, asked, "a.nc")
    text = one_sentence(excinfo, f"'a.nc' has no variable '{asked}'", "'msl', 't2m'")
    assert text.endswith(f"Try: {near}")


def test_a_dimension_is_not_a_variable(ds):
    with pytest.raises(FileError, match="no variable 'x'"):
        pick_variable(ds, "x", "a.nc")


def test_a_standard_name_of_two_variables_is_refused(ds, one_sentence):
    ds["msl"].attrs["standard_name"] = "air_temperature"
    with pytest.raises(FileError) as excinfo:
        pick_variable(ds, "air_temperature", "a.nc")
    one_sentence(excinfo, "Try: 't2m' or 'msl'")


@pytest.mark.parametrize(
    ("asked", "what"),
    [("Times", "text"), ("start", "dates"), ("land", "true and false")],
)
def test_what_has_no_derivative_is_refused(ds, one_sentence, asked, what):
    with pytest.raises(FieldError) as excinfo:
        pick_variable(ds, asked, "a.nc")
    one_sentence(excinfo, f"'{asked}' of 'a.nc' holds {what}", "'msl', 't2m'")


def test_dates_of_other_calendars_are_dates():
    times = xr.date_range("2000", periods=2, calendar="360_day", use_cftime=True)
    ds = xr.Dataset({"when": ("x", times)})
    with pytest.raises(FieldError, match="holds dates"):
        pick_variable(ds, "when", "a.nc")


def test_hostile_and_many_names_make_a_short_clean_message(one_sentence):
    ds = xr.Dataset({f"v{i}\x1b[2J": ("x", [1.0, 2.0]) for i in range(500)})
    with pytest.raises(FileError) as excinfo:
        pick_variable(ds, None, "a.nc")
    text = one_sentence(excinfo, r"v0\x1b[2J", "and 480 more")
    assert len(text) < 600
