"""Bad input ends with one sentence that helps, exit code 2, and nothing written."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from cli.conftest import real_files, shared

TARGETS = ("-o", "out.nc", "--plot", "out.png")
ALIKE = "'msl', 'nounits', 'one', 'q', 't', 'wibble'"


@pytest.mark.parametrize(
    ("arguments", "naming"),
    [
        (("-v", "T"), ("'T'", "'t'", "Try: 't'")),
        (("-v", "mls"), ("'mls'", "Try: 'msl'")),
        (("-v", "temperature"), ("'temperature'", "'t'", "'msl'")),
        (("-v", ""), ("''", "'t'")),
        ((), ("'t'", "'q'", "say which one")),
        (("-v", "name"), ("'name'", "text", "numbers")),
        (("-v", "when"), ("'when'", "dates", "numbers")),
        (("-v", "mask"), ("'mask'", "true and false", "numbers")),
        (("-v", "nounits"), ("'nounits'", "has no units")),
        (("-v", "wibble"), ("'wibble'", "unknown")),
        (("-v", "one"), ("'one'", "single value")),
        (("-v", "q", "--units", "K/km"), ("'q'", "K km-1", "m-1")),
        (("-v", "t", "--units", "K"), ("'t'", "K m-1", "'K'")),
        (("-v", "t", "--units", "K/kg"), ("'t'", "K m-1", "[mass]")),
        (("-v", "t", "--units", "wibble/km"), ("'wibble/km'", "unknown")),
        (("-v", "t", "--units", ""), ("--units",)),
        (("-v", "t", "--level", "860"), ("860", "850", "hPa", "--level 850")),
        (("-v", "t", "--level", "85000"), ("85000", "1000", "hPa")),
        (("-v", "t", "--level", "850 m"), ("'m'", "like 'hPa'")),
        (("-v", "t", "--level", "high"), ("'high'", "--level 850")),
        (("-v", "t", "--level", "1.2.3"), ("'1.2.3'",)),
        (("-v", "t", "--level", "nan"), ("'nan'",)),
        (("-v", "t", "--level", ""), ("''",)),
        (("-v", "msl", "--level", "850"), ("'msl'", "no vertical", "--level")),
        (("-v", "msl", "--time", "0"), ("'msl'", "no time", "--time")),
        (("-v", "t", "--time", "4"), ("4", "0 to 3")),
        (("-v", "t", "--time", "-5"), ("-5", "0 to 3")),
        (("-v", "t", "--time", "5000"), ("5000", "0 to 3")),
        (("-v", "t", "--time", "yesterday"), ("'yesterday'", "2001-02-03T00:00:00")),
        (("-v", "t", "--time", "2001-02-03"), ("4 times", "2001-02-03T00:00:00")),
        (("-v", "t", "--time", "2010-01-01"), ("'2010-01-01'", "2001-02-03T18")),
        (("-v", "t", "--time", ""), ("--time",)),
        (("-v", "t", "--dims", "foo"), ("'foo'", "'plev'", "'lat'")),
        (("-v", "t", "--dims", ","), ("dim",)),
        (("-v", "t", "--earth", "mars"), ("mars", "WGS84")),
        (("-v", "t", "--earth", "6371"), ("6371 m", "metres")),
        (("-v", "t", "--earth", "0"), ("0 m",)),
        (("-v", "t", "--earth", "nan"), ("nan m",)),
    ],
    ids=" ".join,
)
def test_a_wrong_request_is_explained(refuses, block, arguments, naming):
    refuses("gradient", block, *arguments, *TARGETS, naming=naming)


# pytest cannot make an id of nested tuples
@pytest.mark.parametrize(
    ("dim", "naming"),
    [
        ("lev", ("'lev'", "'plev'")),
        ("", ("''", "'plev'")),
        ("lat,lon", ("'lat,lon'", "'lat'")),
        ("Longitude", ("'Longitude'", "'lon'")),
    ],
)
def test_a_wrong_dimension_is_explained(refuses, block, dim, naming):
    refuses("derivative", block, "-v", "t", "--dim", dim, "-o", "o.nc", naming=naming)


def test_a_dimension_of_a_single_value_is_explained(refuses, block):
    said = refuses("derivative", block, "-v", "one", "--dim", "lat", "-o", "o.nc")
    assert "one of ;" not in said


@pytest.mark.parametrize(
    ("arguments", "naming"),
    [
        (("gradient",), ("FILE",)),
        (("gradient", "block.nc", "--unit", "K/km"), ("--unit", "--units")),
        (("gradient", "block.nc", "--frobnicate"), ("--frobnicate",)),
        (("gradient", "block.nc", "--accuracy", "3"), ("3", "2", "4", "6")),
        (("gradient", "block.nc", "--edges", "soft"), ("soft", "one-sided")),
        (("gradient", "block.nc", "-v"), ("-v",)),
        (("gradient", "block.nc", "other.nc"), ("other.nc",)),
        (("derivative", "block.nc", "-v", "t"), ("--dim",)),
        (("derivative", "block.nc", "--dim", "lat", "--order", "3"), ("3", "1", "2")),
        (("gradien", "block.nc"), ("gradien", "gradient")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_wrong_option_is_one_sentence_too(refuses, block, arguments, naming):
    refuses(*arguments, naming=naming)


NINE = np.linspace(40.0, 60.0, 9)


def _changed(index: int, value: float) -> np.ndarray:
    points = NINE.copy()
    points[index] = value
    return points


@pytest.mark.parametrize(
    ("lat", "naming"),
    [
        (_changed(4, NINE[3]), ("'lat'", "same point twice", "47.5")),
        (_changed(4, 55.1), ("'lat'", "not monotonic")),
        (_changed(4, np.nan), ("'lat'", "not a number", "index 4")),
        (_changed(4, np.inf), ("'lat'", "index 4", "inf")),
        (NINE + 50, ("'lat'", "-90 to 90", "92.5")),
        (NINE[:1], ("'lat'", "at least 3", "got 1")),
        (NINE[:2], ("'lat'", "at least 3", "got 2")),
        (NINE[:0], ("'lat'", "at least 3", "got 0")),
    ],
    ids=["twice", "turns", "nan", "inf", "off the globe", "one", "two", "none"],
)
def test_a_faulty_coordinate_is_explained(refuses, make, lat, naming):
    make(
        lat=lat, values=np.ones((lat.size, 11)), encoding={"lat": {"_FillValue": None}}
    )
    refuses("gradient", "small.nc", *TARGETS, naming=naming)


@pytest.mark.parametrize(
    ("arguments", "naming"),
    [
        (("out",), ("'out'", ".png, .pdf or .svg")),
        (("out.gif",), ("'out.gif'", "'.gif'")),
        (("out.nc",), ("'out.nc'", "'.nc'")),
        (("",), ("''",)),
        (("nowhere/out.png",), ("'nowhere'", "mkdir -p nowhere")),
        (("folder",), ("'folder'", "directory")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_a_picture_that_cannot_be_is_explained(
    refuses, make, tmp_path, arguments, naming
):
    (tmp_path / "folder").mkdir()
    said = refuses(
        "gradient", make(), "-o", "o.nc", "--plot", *arguments, naming=naming
    )
    assert "result.nc" not in said


def test_a_picture_of_three_dimensions_says_what_to_add(refuses, block):
    for command in (("gradient",), ("derivative", "--dim", "lat")):
        said = refuses(*command, block, "-v", "t", *TARGETS, naming=("--level",))
        assert "--time" in said


@pytest.mark.parametrize("dim", ["plev", "time"])
def test_what_a_sentence_says_to_add_is_not_refused_next(xnabla, block, dim):
    """Along plev: "Try: --level VALUE", and then "There is no dimension 'plev'"."""
    line = ("derivative", block, "-v", "t", "--dim", dim, "--plot", "out.png")
    said = xnabla(*line).err
    values = {"--level": "850", "--time": "0"}
    offered = [option for option in values if option in said]
    added = [word for option in offered for word in (option, values[option])]
    ending = xnabla(*line, *added)
    assert "There is no dimension" not in ending.err


@pytest.mark.parametrize(
    ("content", "naming"),
    [
        (None, ("'bad.nc'", "does not exist")),
        (b"", ("'bad.nc'", "empty")),
        (b"hello\n", ("'bad.nc'", "text")),
        (b"\x00\x01\x02" * 100, ("'bad.nc'", "not NetCDF")),
        (b"GRIB" + bytes(100), ("'bad.nc'", "GRIB")),
        (b"\x1f\x8b" + bytes(100), ("'bad.nc'", "gzip")),
        (b"CDF", ("'bad.nc'", "truncated")),
        (b"\x89HDF", ("'bad.nc'", "truncated")),
    ],
    ids=["missing", "empty", "text", "binary", "GRIB", "gzip", "3 bytes", "4 bytes"],
)
@pytest.mark.parametrize("command", ["info", "gradient", "derivative"])
def test_a_file_that_is_none_is_named_with_the_cause(
    refuses, tmp_path, content, naming, command
):
    if content is not None:
        (tmp_path / "bad.nc").write_bytes(content)
    rest = {"info": (), "gradient": TARGETS, "derivative": ("--dim", "x", *TARGETS)}
    refuses(command, "bad.nc", *rest[command], naming=naming)


@pytest.mark.parametrize("kept", [1, 8, 100, 2000, 0.5, -1])
def test_a_truncated_file_is_never_read(refuses, make, tmp_path, kept):
    path = tmp_path / make()
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole)) if kept == 0.5 else kept])
    refuses("info", "small.nc", naming=("'small.nc'", "truncated", path.stat().st_size))
    refuses("gradient", "small.nc", *TARGETS, naming=("'small.nc'", "truncated"))


def test_a_directory_and_a_device_are_named(refuses, tmp_path):
    (tmp_path / "folder").mkdir()
    for name, what in (("folder", "irectory"), (os.devnull, "device")):
        refuses("info", name, naming=(f"'{name}'", what))
        refuses("gradient", name, *TARGETS, naming=(f"'{name}'", what))


def test_a_missing_file_names_those_like_it(refuses, make):
    make("analysis.nc")
    refuses("gradient", "analisis.nc", *TARGETS, naming=("analysis.nc",))


def test_control_characters_of_a_file_never_reach_the_terminal(xnabla, make):
    def hostile(ds):
        ds["t"].attrs["long_name"] = "a\x1b]0;owned\x07b\nline"
        ds["t"].attrs["units"] = "K\x1b[31m"
        ds.attrs["title"] = "t\x1b[2J\nfaked: line"
        return ds

    make(change=hostile)
    for arguments in (("info", "small.nc"), ("gradient", "small.nc")):
        ending = xnabla(*arguments)
        said = ending.out + ending.err
        assert "\x1b" not in said
        assert "\x07" not in said
        # no line of its own for what a file says
        assert not re.search(r"^(faked|line)", said, re.MULTILINE)


PYTHON = re.compile(
    r"field\.|field\[|\bxn\.|=True|units=\"|earth=|\.attrs|open_dataset"
)


@pytest.mark.parametrize(
    "arguments",
    [
        ("gradient", "block.nc", "-v", "nounits"),
        ("gradient", "block.nc", "-v", "wibble"),
        ("gradient", "block.nc", "-v", "t", "--units", "K"),
        ("gradient", "block.nc", "-v", "t", "--units", "wibble"),
        ("gradient", "block.nc", "-v", "t", "--units", "K/(111 km)"),
        ("gradient", "block.nc", "-v", "t", "--earth", "mars"),
        ("gradient", "block.nc", "-v", "t", "--earth", "0"),
        ("gradient", "block.nc", "-v", "t", "-o", "block.nc"),
        ("gradient", "block.nc", "-v", "t", "--plot", "out.png"),
        ("gradient", "block.nc", "-v", "lon"),
    ],
    ids=" ".join,
)
def test_what_to_type_is_for_the_command_line_and_not_python(refuses, block, arguments):
    said = refuses(*arguments)
    assert not PYTHON.search(said), said


def test_what_to_type_is_quoted_for_the_shell(refuses, tmp_path):
    (tmp_path / "a b.nc.gz").write_bytes(b"\x1f\x8b" + bytes(100))
    said = refuses("info", "a b.nc.gz")
    assert "gunzip --keep 'a b.nc.gz'" in said


def test_the_sentence_on_a_coordinate_is_about_the_coordinate(refuses):
    """The unit 'wibble' is that of the coordinate 'time', not of the field."""
    path = shared("malformed/units_wibble_kevin.nc")
    said = refuses("derivative", path, "-v", "cube_0", "--dim", "time", "-o", "o.nc")
    assert "'time'" in said
    assert 'field.attrs["units"] = "K"' not in said


def test_a_date_is_not_called_text(refuses):
    """A single date of the 360-day calendar."""
    path = shared("ship/A1B_north_america.nc")
    said = refuses("gradient", path, "-v", "forecast_reference_time", "-o", "o.nc")
    assert "dates" in said


@pytest.mark.parametrize("path", real_files("malformed"), ids=lambda path: path.name)
def test_no_malformed_file_ends_in_a_fault(xnabla, path, tmp_path):
    ending = xnabla("info", path)
    assert ending.code in {0, 2}
    assert len(ending.err.splitlines()) == (ending.code == 2)
    ending = xnabla("gradient", path, "-o", "out.nc")
    assert ending.code in {0, 2}
    said = ending.err.splitlines()
    told = [line for line in said if "is taken as missing" in line]
    assert len(said) == 1 if ending.code == 2 else said == told
    assert "fault of" not in ending.err
    left = [file.name for file in tmp_path.iterdir()]
    assert left == (["out.nc"] if ending.code == 0 else [])


@pytest.mark.parametrize(
    "line",
    [
        ("gradient", "x.nc", "--accuracy", "\x1b[2J"),
        ("gradient", "x.nc", "--layout", "\x1b]0;owned\x07"),
        ("\x1b[2J",),
        ("gradient", "x.nc", "--\x1b[2J"),
    ],
)
def test_what_was_typed_is_escaped_like_what_was_read(refuses, line):
    refuses(*line)  # which looks at every character


def test_whatever_fault_comes_up_is_told_in_plain_characters(xnabla, monkeypatch):
    """A name in an error of the system has not been through our own sentences."""

    def fail(*_):
        raise OSError(5, "Input/output error", "a\x9b2J\x07\nxnabla: all is well")

    monkeypatch.setattr("xnabla.recipes.info_lines", fail)
    ending = xnabla("info", "a.nc")
    assert ending.code == 2
    assert "Input/output error: a" in ending.err
    assert all(c.isprintable() for c in ending.err.removesuffix("\n")), ending.err


def test_a_huge_declared_field_is_told_and_not_loaded(make, tmp_path):
    """8 kB that declare 640 GB; within 4 GB of memory."""
    import resource
    import subprocess
    import sys

    import netCDF4

    with netCDF4.Dataset(tmp_path / "huge.nc", "w") as ds:
        for name in ("lat", "lon"):
            ds.createDimension(name, 400_000)
            points = ds.createVariable(name, "f8", (name,), zlib=True)
            points[:] = np.linspace(0, 80, 400_000)
            points.units = {"lat": "degrees_north", "lon": "degrees_east"}[name]
        chunks = (1000, 1000)
        field = ds.createVariable(
            "t", "f4", ("lat", "lon"), chunksizes=chunks, zlib=True
        )
        field.units = "K"

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))

    done = subprocess.run(
        [sys.executable, "-m", "xnabla", "info", "huge.nc"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "lat: latitude, 400000 points" in done.stdout
    assert [path.name for path in Path().iterdir()] == ["huge.nc"]
    assert Path("huge.nc").stat().st_size < 1_000_000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--unit", "K/km"), "'--unit'. Try: --units"),
        (("--varible", "t"), "'--varible'. Try: --variable"),
        (("--qqq", "t"), "'--qqq'. Try: xnabla gradient --help"),
        (("-v", "t", "-q"), "'-q'. Try: --quiet"),
    ],
)
def test_an_option_there_is_not_names_the_one_that_is_meant(
    refuses, block, arguments, said
):
    refuses("gradient", block, *arguments, *TARGETS, naming=(said,))


def test_a_short_option_that_is_long_in_truth_is_told(refuses, block):
    refuses("vorticity", block, "-u", "u", naming=("'-u'. Try: --u",))
    refuses("advection", block, "-v", "t", naming=("'-v'. Try: --field",))


@pytest.mark.parametrize("name", ["out.csv", "out.grib2", "OUT.TXT", "out.json"])
def test_names_of_other_formats_are_no_netcdf(refuses, block, name):
    said = refuses("gradient", block, "-v", "t", "-o", name, naming=(name, ".nc"))
    assert "--format NETCDF4" in said


@pytest.mark.parametrize(
    ("option", "value"),
    [("--format", "NETCDF5"), ("--compression", "zlip"), ("--compression", "zlib:99")],
)
def test_how_it_is_written_is_checked_before_anything_is_read(refuses, option, value):
    line = ("gradient", "not_there.nc", "-o", "out.nc", option, value)
    said = refuses(*line, naming=(option,))
    assert "not_there" not in said


def test_a_link_to_nothing_is_told_as_one(refuses, tmp_path):
    (tmp_path / "link.nc").symlink_to("gone.nc")
    refuses("gradient", "link.nc", naming=("link to 'gone.nc'", "ls -l link.nc"))


def test_addresses_keep_their_slashes(refuses):
    address = "https://example.invalid/t.nc"
    refuses("gradient", address, naming=(f"'{address}'", "download"))


def test_a_step_without_its_value_says_how_to_give_one(refuses, block):
    line = ("gradient", block, "-v", "t", "--then", "magnitude", "--then")
    refuses(*line, "smooth", "length_scale", naming=("--length_scale VALUE",))
    refuses(*line, "smooth_gaussian", naming=("smooth_gaussian --n VALUE",))


def test_a_fill_of_no_variable_names_those_there_are(refuses, block):
    line = ("gradient", block, "-v", "t", "--fill", "zz=-999")
    said = refuses(*line, naming=("'zz'", "'t'"))
    assert "fill=" not in said


def test_places_that_move_are_taken_one_time_at_a_time(refuses):
    """A nest that follows a storm; Python's advice would be of no use here."""
    path = shared("ship/wrf_cropped.nc")
    refuses("gradient", path, "-v", "P", naming=("Try: --time 0, one at a time",))


def test_a_part_is_not_called_like_the_variable(refuses, block):
    line = ("hessian", block, "-v", "t", "--then", "laplacian")
    refuses(*line, naming=("--then select PART",))


def test_what_is_there_already_is_not_appended(refuses, xnabla, block):
    line = ("gradient", block, "-v", "t", "--level", "850", "-o", "grown.nc")
    assert xnabla(*line).code == 0
    again = (*line, "--time", "1:2", "--append", "time")
    said = refuses(*again, naming=("overlap along 'time'",))
    assert "''" not in said
