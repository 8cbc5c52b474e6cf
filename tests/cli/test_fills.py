"""What means missing and is not declared is named at the command that uses it."""

import json
import shlex

import pytest
from files.test_fills import holed, write

from xnabla.numerics import DEFAULT_FILL

HOLES = int((holed(DEFAULT_FILL) == DEFAULT_FILL).sum())


@pytest.mark.parametrize("more", [(), ("--quiet",), ("-o", "out.nc")])
def test_the_library_s_fill_is_told_in_one_sentence(xnabla, tmp_path, more):
    path = write(tmp_path / "a b.nc", holed(DEFAULT_FILL), "f8")
    ending = xnabla("gradient", path, *more)
    assert ending.code == 0
    (line,) = ending.err.splitlines()
    for part in (
        "xnabla: Variable 'air'",
        str(path),
        f"{HOLES} of 2052 points",
        "29 %",
    ):
        assert part in line
    # what it says to type is taken, and then all has been said
    typed = line.split("Try: ")[1]
    fill, others = typed.split(", or ", 1)
    again = xnabla("gradient", path, *more, *shlex.split(fill), "--overwrite")
    assert (again.code, again.err, again.out) == (0, "", ending.out)
    word = others.split()[0]
    assert word == "air=none"
    values = xnabla("gradient", path, "--fill", word)
    assert values.code == 0
    assert "e+3" in values.out


def test_json_tells_it_as_numbers(xnabla, tmp_path):
    path = write(tmp_path / "a.nc", holed(DEFAULT_FILL))
    told = json.loads(xnabla("gradient", path, "--json").out)["undeclared_fills"]
    expected = {"variable": "air", "files": [str(path)], "points": HOLES, "of": 2052}
    assert told == [expected | {"value": 9.96921e36}]
    path = write(tmp_path / "b.nc", holed(250.0))
    assert json.loads(xnabla("gradient", path, "--json").out)["undeclared_fills"] == []


def test_other_numbers_are_refused_with_the_points(refuses, tmp_path):
    path = write(tmp_path / "a.nc", holed(-999))
    refuses("gradient", path, "-o", "out.nc",
            naming=("'air'", path, "-999", f"{HOLES} of 2052 points read (29 %)",
                    "--fill air=-999, or air=none if it is a value"))  # fmt: skip
