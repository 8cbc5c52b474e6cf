"""Files as they should not be but are: read right, or refused in one sentence."""

from __future__ import annotations

import json
import re

import h5py
import netCDF4
import numpy as np
import pytest
import xarray as xr
from faults.odd import FILES

import xnabla as xn
from xnabla.files import open_dataset

FEW = "too few points along"
PACKED = "cannot be unpacked"
CRS = "The grid mapping .* cannot be read"
# what is refused, and a part of the sentence; the field of all others is read right
REFUSED = {
    "one_latitude": FEW,
    "one_longitude": FEW,
    "one_point": FEW,
    "two_latitudes": FEW,
    "over_closed": "go around more than once",
    "equal_latitudes": "the same point twice",
    "latitudes_beyond_90": "leaves the globe",
    "longitudes_of_nan": "'lon' is not a number",
    "radians": "leaves the globe",
    "latitude_in_kelvin": "a latitude but not in degrees",
    "scale_as_text": f"{PACKED}: its scale_factor is '0.01', a text",
    "scale_of_nothing": rf"{PACKED}: its scale_factor is 0\.0\.",
    "scale_of_nan": f"{PACKED}: its scale_factor is nan",
    "scale_of_two": rf"{PACKED}: its scale_factor is \[1\.0, 2\.0\]",
    "offset_of_infinity": f"{PACKED}: its add_offset is inf",
    "missing_as_text": f"{PACKED}: its missing_value is '-999', a text",
    "unlike_utf8": "has no place in a unit",
    "null_bytes": "are unknown",
    "empty_attributes": "no units",
    "attributes_of_lists": "has no place in a unit",
    "attributes_of_references": "no units",
    "links": "damaged, or another program is writing it",
    "mapping_of_nonsense": f"{CRS}: 'latitude_of_projection_origin' is missing",
    "mapping_of_text": CRS,
    "mapping_unknown": f"{CRS}: Unsupported",
    "mapping_of_wkt": "PROJCS",
    "mapping_of_no_earth": "An Earth with radii -1 m",
    "classic_of_nothing": "has no variable 't'",
    "classic_of_a_record": "has no variable 't'",
    "scalars": "is a single value",
    "long_name": "has no variable 't'",
    "blanks": "has no variable 't'",
    "umlauts": "has no variable 't'",
}
# a kelvin in the length of a degree, on the sphere that is assumed
SLOPE = 1 / (6371229.0 * np.pi / 180)
NOT_LEVEL = {"curvilinear"}  # one step of its rows is not a degree of latitude


def variables(path) -> list[str]:
    """The names h5py finds, or else the NetCDF library."""
    try:
        with h5py.File(path) as file:
            names = [n for n in file if isinstance(file.get(n), h5py.Dataset)]
    except (OSError, KeyError):
        with netCDF4.Dataset(path) as file:
            names = [*file.variables]
    return [n for n in names if n not in ("lat", "lon") and not re.match(r"d\d", n)]


@pytest.mark.parametrize("name", FILES)
def test_every_variable_is_read_right_or_refused_in_a_sentence(
    children, tmp_path, name
):
    path = tmp_path / "odd.nc"
    FILES[name](path)
    try:
        names = variables(path)
    except RuntimeError:  # the loop of links
        names = []
    asked = [["info", "odd.nc"], ["gradient", "odd.nc", "-v", "t"]]
    asked += [["gradient", "odd.nc", "-v", n] for n in names if n != "t"]
    ending = children.do("each", *map(json.dumps, asked), folder=tmp_path)
    assert ending.code == 0, ending
    told = json.loads(ending.out)
    for words, (code, out, err) in zip(asked, told, strict=True):
        place = (words, code, out, err)
        assert code in (0, 2), place
        assert "fault of xnabla" not in err, place
        assert err.count("\n") == (code == 2), place
        assert len(err) < 1500, place
        assert all(c.isprintable() or c == "\n" for c in out + err), place
    code, out, err = told[1]
    if name in REFUSED:
        assert code == 2, (out, err)
        assert re.search(REFUSED[name], err), err
    else:
        assert code == 0, (out, err)
        least, most = map(float, re.search(r"(\S+) to (\S+) ", out).groups())
        room = 0.02 if name in NOT_LEVEL else 2e-4  # four figures are printed
        if name != "attributes_of_numbers":  # whose unit is 1
            assert "K m-1" in out
        np.testing.assert_allclose([least, most], SLOPE, rtol=room, atol=0)


def test_what_the_command_says_of_a_type_that_crashes_the_library(tmp_path):
    """netCDF-C 4.10 takes numbers of two bytes for the addresses of text."""
    FILES["half"](tmp_path / "half.nc")
    try:
        ds = open_dataset(tmp_path / "half.nc")
    except xn.XnablaError:
        return  # older ones open no such file
    with ds:
        assert "h" not in ds.variables
        assert "astype('f4')" in ds.encoding["xnabla_refused"]["h"]
        assert float(ds["t"][0, 0]) == 240


def test_texts_are_still_texts(tmp_path):
    FILES["kinds"](tmp_path / "kinds.nc")
    with open_dataset(tmp_path / "kinds.nc") as ds:
        assert ds["words"].values[0] == "\x1b[2J"


def test_attributes_that_should_be_words_are_left_out_and_told(tmp_path):
    FILES["attributes_of_numbers"](tmp_path / "a.nc")
    with open_dataset(tmp_path / "a.nc") as ds:
        assert set(ds["t"].attrs) == {"units"}
        notes = " ".join(ds.encoding["xnabla_notes"])
    assert "'t': its standard_name is no text" in notes
    assert "'lat': its standard_name is no text, its axis is no text" in notes


def flat(**attrs):
    points = {
        d: (d, np.arange(5.0), {"units": "m", "axis": d.upper()}) for d in ("y", "x")
    }
    values = np.add.outer(np.arange(5.0), np.zeros(5))
    return xr.DataArray(
        values, points, ("y", "x"), name="t", attrs={"units": "K", **attrs}
    )


@pytest.mark.parametrize("mapping", ["", " "])
def test_a_grid_mapping_without_a_name_is_none(mapping):
    made = xn.dequantify(xn.gradient(flat(grid_mapping=mapping))["y"])
    np.testing.assert_allclose(made.values, 1.0, rtol=1e-12, atol=0)


@pytest.mark.parametrize("mapping", [7, np.array([1.0, 2.0]), ["a", "b"]])
def test_a_grid_mapping_that_is_no_text_is_missed(mapping):
    with pytest.raises(xn.GridError, match="named by the field but not there"):
        xn.gradient(flat(grid_mapping=mapping))


@pytest.mark.parametrize(
    "name", ["kinds", "half", "attributes_of_numbers", "classic_of_nothing", "wide"]
)
def test_check_of_an_odd_file(children, tmp_path, name):
    FILES[name](tmp_path / "odd.nc")
    ending = children.do(
        "program", "check", "odd.nc", "--accuracy", "2", folder=tmp_path
    )
    assert ending.code == (2 if name == "classic_of_nothing" else 0), ending
    assert ending.err.count("\n") == (ending.code == 2)
    assert "groups" not in ending.err
