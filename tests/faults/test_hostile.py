"""Files made to do harm: text that would be code, paths, pictures, sizes.

Rows 14, 16 and 29 of the table of faults.
"""

from __future__ import annotations

import ast
import itertools
import os
import re
import subprocess
import time
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import pytest
import xarray as xr
from faults.conftest import noise

import xnabla as xn
from xnabla.files import save

SOURCE = Path(__file__).resolve().parents[2] / "src" / "xnabla"
FILES = [str(p.relative_to(SOURCE)) for p in sorted(SOURCE.rglob("*.py"))]

NEVER = {"eval", "exec", "compile", "__import__", "breakpoint", "input"}
MODULES = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
ATTRIBUTES = {
    ("os", "system"), ("os", "popen"), ("os", "execv"), ("os", "execvp"),
    ("os", "spawnv"), ("yaml", "load"), ("yaml", "unsafe_load"),
    ("yaml", "full_load"), ("subprocess", "getoutput"), ("pandas", "read_pickle"),
    ("pd", "read_pickle"), ("builtins", "eval"), ("builtins", "exec"),
    ("tempfile", "mktemp"),
}  # fmt: skip


def sins(tree: ast.AST) -> list[str]:
    """Everything in a file that could turn text into something that runs."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.split(".")[0] in MODULES]
        elif isinstance(node, ast.ImportFrom):
            if (node.module or "").split(".")[0] in MODULES:
                found.append(str(node.module))
            found += [
                f"{node.module}.{a.name}"
                for a in node.names
                if (node.module, a.name) in ATTRIBUTES
            ]
        elif isinstance(node, ast.Call):
            found += _of_call(node)
    return found


def _of_call(node: ast.Call) -> list[str]:
    found = []
    called = node.func
    if isinstance(called, ast.Name) and called.id in NEVER:
        found.append(called.id)
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        pair = (called.value.id, called.attr)
        if pair in ATTRIBUTES:
            safe = pair == ("yaml", "load") and any(
                k.arg == "Loader" and "Safe" in ast.unparse(k.value)
                for k in node.keywords
            )
            found += [] if safe else [".".join(pair)]
    for keyword in node.keywords:
        is_true = isinstance(keyword.value, ast.Constant) and keyword.value.value
        if keyword.arg in ("shell", "allow_pickle") and is_true:
            found.append(f"{keyword.arg}=True")
    return found


@pytest.mark.parametrize("name", FILES)
def test_no_file_of_the_source_runs_text(name):
    assert sins(ast.parse((SOURCE / name).read_text())) == []


@pytest.mark.parametrize(
    "code",
    [
        "eval(text)",
        "import pickle",
        "from pickle import loads",
        "os.system(text)",
        "subprocess.run(text, shell=True)",
        "np.load(path, allow_pickle=True)",
        "yaml.load(text)",
        "from yaml import unsafe_load",
    ],
)
def test_the_scan_finds_what_it_is_for(code):
    assert sins(ast.parse(code)) != []
    assert sins(ast.parse("yaml.load(text, Loader=SafeLoader)")) == []


HOSTILE_UNITS = [
    "__import__('os').system('touch owned')",
    "K if open('owned','w') else m",
    "().__class__.__mro__[1].__subclasses__()",
    "9**9**9**9**9",
    "m^999999999999",
    "1e999999999 K",
    "(" * 20_000 + "K" + ")" * 20_000,
    "K*" * 20_000 + "K",
    "m" * 100_000,
    "K\x00m",
    "\u202eK",
    "K; rm -rf owned",
    "$(touch owned)",
    "`touch owned`",
]


@pytest.mark.parametrize("units", HOSTILE_UNITS, ids=range(len(HOSTILE_UNITS)))
def test_units_are_never_run_and_never_take_long(units, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    field = xr.DataArray(
        np.ones((4, 4)), dims=("y", "x"), name="t", attrs={"units": units},
        coords={d: (d, 1000.0 * np.arange(4), {"units": "m"}) for d in "yx"},
    )  # fmt: skip
    began = time.process_time()
    with pytest.raises(xn.UnitsError) as caught:
        xn.gradient(field)
    assert time.process_time() - began < 2
    text = str(caught.value)
    assert all(c.isprintable() for c in text)
    assert len(text) < 1000
    with pytest.raises(xn.XnablaError):
        xn.gradient(field.assign_attrs(units="K"), units=units)
    assert list(tmp_path.iterdir()) == []


MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def marked_up() -> xr.DataArray:
    points = {"units": "m", "long_name": MARKUP}
    return xr.DataArray(
        np.random.default_rng(0).normal(size=(5, 6)),
        dims=("y", "x"),
        name=MARKUP,
        attrs={"units": "K", "long_name": MARKUP, "standard_name": MARKUP},
        coords={
            "y": ("y", 1000.0 * np.arange(5), points),
            "x": ("x", 1000.0 * np.arange(6), points),
            MARKUP: MARKUP,
        },
    )


def test_markup_of_a_file_is_text_in_a_notebook():
    results = [xn.gradient(marked_up()), xn.laplacian(marked_up())]
    for result in results:
        html = result._repr_html_()
        assert "<script" not in html
        assert "<img" not in html
        assert "&lt;script" in html


NAMES = (
    MARKUP, r"$\frac{$", "$", r"$\input{/etc/passwd}$", "a\x1b]0;x\x07", "%n%s{0}",
)  # fmt: skip
DRAWN = [*itertools.product(NAMES, ("svg", "png")), (MARKUP, "pdf")]


@pytest.mark.parametrize(("text", "ending"), DRAWN)
def test_a_name_is_drawn_as_it_is_written(children, tmp_path, text, ending):
    ds = marked_up().rename("t").drop_vars(MARKUP).to_dataset()
    ds["t"].attrs = {"units": "K", "long_name": text}
    ds.attrs["title"] = text
    path = save(ds, tmp_path / "in.nc")
    line = ("program", "gradient", path, "-v", "t", "--plot", f"out.{ending}")
    ending_ = children.do(*line, folder=tmp_path)
    assert (ending_.code, ending_.out, ending_.err) == (0, "", ""), ending_
    drawn = (tmp_path / f"out.{ending}").read_bytes()
    assert b"<script" not in drawn
    assert b"root:x" not in drawn


def hostile_hdf5(path: Path) -> Path:
    """Names and text that only HDF5 itself can write."""
    noise(path, times=1)
    with h5py.File(path, "r+") as file:
        file["t"].attrs["long_name"] = "a\x1b[2Jb\x1b]0;owned\x07"
        file["t"].attrs["units"] = "K\x1b[31m"
        file.attrs["title"] = "safe\nxnabla: all is well\r\x1b[A"
        copy = file.create_dataset("x\x1b[2Jy", data=np.ones((181, 360), "f4"))
        for k, dim in enumerate(("lat", "lon")):
            copy.dims[k].attach_scale(file[dim])
    return path


def test_names_only_hdf5_can_write_never_reach_the_terminal(children, tmp_path):
    path = hostile_hdf5(tmp_path / "hostile.nc")
    before = {f.name for f in tmp_path.iterdir()}
    lines = [
        ("info", path),
        ("gradient", path, "-v", "t"),
        ("gradient", path, "-v", "x\x1b[2Jy"),
        ("gradient", path, "-v", "none\x1b[2J"),
        ("gradient", path, "-v", "../../../etc/passwd"),
        ("gradient", f"{path}\x1b[2J"),
    ]
    for line in lines:
        ending = children.do("program", *line, folder=tmp_path)
        said = ending.out + ending.err
        assert ending.code in (0, 2), ending
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", said), said
        assert not re.search(r"^xnabla: all is well", said, re.MULTILINE)
        assert {f.name for f in tmp_path.iterdir()} == before


def test_a_link_left_in_the_place_of_a_stale_file_is_not_followed(tmp_path):
    """What killed runs left is removed; what a link of that name points to is not."""
    from xnabla.files._publish import temporary_name

    treasure = tmp_path / "treasure"
    treasure.mkdir()
    (treasure / "kept.txt").write_text("gold")
    gone = subprocess.Popen(["true"])
    gone.wait()
    name = temporary_name(tmp_path / "out.nc").name
    for k, place in enumerate((treasure, treasure / "kept.txt")):
        bait = name.replace(f".{os.getpid()}.", f".{gone.pid}.")
        (tmp_path / bait.replace(".tmp", f"{k}.tmp")).symlink_to(place)
    save(xr.Dataset({"t": ("x", [1.0])}), tmp_path / "out.nc")
    assert (treasure / "kept.txt").read_text() == "gold"


def test_a_circle_of_links_is_refused(children, told, tmp_path):
    (tmp_path / "a.nc").symlink_to("b.nc")
    (tmp_path / "b.nc").symlink_to("a.nc")
    told(children.do("program", "info", "a.nc", folder=tmp_path), "a.nc")
    path = noise(tmp_path / "noise.nc", times=1)
    for options in ((), ("--overwrite",)):
        line = ("program", "gradient", path, "-o", "a.nc", *options)
        told(children.do(*line, folder=tmp_path), "a.nc")
    assert (tmp_path / "a.nc").is_symlink()


@pytest.mark.parametrize("name", ["-v.nc", "--help.nc", "a\nb.nc", "$(touch owned).nc"])
def test_a_name_that_looks_like_something_else_is_a_name(children, tmp_path, name):
    noise(tmp_path / "noise.nc", times=1).rename(tmp_path / name)
    ending = children.do(
        "program", "gradient", "-v", "t", "-o", f"out {name}", "--", name,
        folder=tmp_path,
    )  # fmt: skip
    assert ending.code == 0, ending
    assert {f.name for f in tmp_path.iterdir()} == {name, f"out {name}"}
    with netCDF4.Dataset(tmp_path / f"out {name}") as file:
        assert "\n" not in file.history


@pytest.mark.parametrize("where", ["coordinate", "field", "both"])
def test_a_huge_declared_size_is_refused_before_it_takes_memory(
    children, tmp_path, where
):
    """8 kB that declare terabytes, within 4 GB of memory and 20 s of time."""
    path = tmp_path / "huge.nc"
    with netCDF4.Dataset(path, "w") as file:
        sizes = {"lat": 181, "lon": 360, "time": 3}
        if where in ("coordinate", "both"):
            sizes["lat"] = 10**11
        if where in ("field", "both"):
            sizes["time"] = 10**9
        for name, size in sizes.items():
            file.createDimension(name, size)
        for name in ("lat", "lon"):
            chunks = {"chunksizes": (min(sizes[name], 1000),), "zlib": True}
            axis = file.createVariable(name, "f8", (name,), **chunks)
            axis.units = {"lat": "degrees_north", "lon": "degrees_east"}[name]
            if sizes[name] < 1000:
                axis[:] = np.linspace(-80, 80, sizes[name])
        t = file.createVariable(
            "t", "f4", ("time", "lat", "lon"), zlib=True, chunksizes=(1, 100, 100)
        )
        t.units = "K"
    assert path.stat().st_size < 100_000
    limits = {"RLIMIT_AS": 4 << 30, "RLIMIT_CPU": 30}
    for line in (("info", path), ("gradient", path, "-v", "t", "-o", "out.nc")):
        ending = children.do("program", *line, folder=tmp_path, limits=limits)
        assert ending.code in ({0, 2, 3} if line[0] == "info" else {2, 3}), ending
        assert len(ending.err.splitlines()) <= 1
        assert "fault of xnabla" not in ending.err
        assert [f.name for f in tmp_path.iterdir()] == ["huge.nc"]
