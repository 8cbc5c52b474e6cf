"""What the tests of the command line share: be the user, and look at what is left."""

from __future__ import annotations

import importlib
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from xnabla.cli import main

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample_data"
SHARED = ROOT.parent / "shared" / "data"


@dataclass(frozen=True)
class Ending:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _signals_after_as_before():
    kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {kind: signal.getsignal(kind) for kind in kinds}
    hook = sys.unraisablehook
    yield
    sys.unraisablehook = hook
    for kind, handler in before.items():
        signal.signal(kind, handler)


@pytest.fixture
def xnabla(capfd, monkeypatch) -> Callable[..., Ending]:
    """Run the program as if its arguments had been typed."""

    def run(*arguments: object) -> Ending:
        capfd.readouterr()
        monkeypatch.setattr("sys.argv", ["xnabla", *map(str, arguments)])
        with pytest.raises(SystemExit) as leaving:
            main([str(one) for one in arguments])
        out, err = capfd.readouterr()
        code = leaving.value.code
        return Ending(code if isinstance(code, int) else 0, out, err)

    return run


def state(folder: Path = Path()) -> dict[str, object]:
    """Everything in a folder, links and hidden files too."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[str(path)] = path.readlink()
        else:
            found[str(path)] = path.read_bytes() if path.is_file() else None
    return found


@pytest.fixture
def does(xnabla) -> Callable[..., Ending]:
    """Run what must succeed without a word on standard error."""

    def run(*arguments: object) -> Ending:
        ending = xnabla(*arguments)
        assert (ending.code, ending.err) == (0, "")
        assert not list(Path().glob(".*.tmp"))
        return ending

    return run


@pytest.fixture
def refuses(xnabla) -> Callable[..., str]:
    """Run what must be refused: exit code, one sentence, nothing written, no temp."""

    def run(*arguments: object, naming: tuple[object, ...] = (), code: int = 2) -> str:
        before = state()
        ending = xnabla(*arguments)
        assert ending.code == code, ending
        assert ending.out == ""
        assert re.fullmatch(r"xnabla: [^\n]+\n", ending.err), ending.err
        assert "fault of xnabla" not in ending.err
        assert "Traceback" not in ending.err
        assert all(c.isprintable() for c in ending.err[:-1])
        for part in naming:
            assert str(part) in ending.err
        assert state() == before
        return ending.err

    return run


@pytest.fixture
def make(tmp_path) -> Callable[..., str]:
    """Write a small field of temperature, with what a test changes about it."""

    def write(
        name: str = "small.nc",
        *,
        values=None,
        dtype: str = "f4",
        units: str | None = "K",
        encoding: dict | None = None,
        change: Callable[[xr.Dataset], xr.Dataset] | None = None,
        **axes,
    ) -> str:
        lat = np.asarray(axes.get("lat", np.linspace(40.0, 60.0, 9)), float)
        lon = np.asarray(axes.get("lon", np.linspace(0.0, 20.0, 11)), float)
        if values is None:
            values = 250 + np.add.outer(lat**2 / 100, lon**2 / 50)
        ds = xr.Dataset({"t": (("lat", "lon"), np.asarray(values).astype(dtype))})
        if units is not None:
            ds["t"].attrs["units"] = units
        ds["lat"] = ("lat", lat, {"units": "degrees_north"})
        ds["lon"] = ("lon", lon, {"units": "degrees_east"})
        ds.attrs["title"] = "a small field"
        if change is not None:
            ds = change(ds)
        path = tmp_path / name
        ds.to_netcdf(path, engine="netcdf4", encoding=encoding)
        return name

    return write


@pytest.fixture
def block(tmp_path) -> str:
    """A file with several variables, levels and times, and what has no derivative."""
    lat, lon = np.linspace(-20.0, 20.0, 9), np.linspace(100.0, 130.0, 13)
    shape = (4, 5, lat.size, lon.size)
    t = 280 + np.random.default_rng(1).normal(0, 5, shape).astype("f4")
    dims = ("time", "plev", "lat", "lon")
    ds = xr.Dataset(
        {
            "t": (dims, t, {"units": "K", "standard_name": "air_temperature"}),
            "q": (dims, t / 1e5, {"units": "kg kg-1", "long_name": "humidity"}),
            "msl": (dims[2:], t[0, 0] * 360, {"units": "Pa"}),
            "name": (("lat",), np.array(list("abcdefghi"))),
            "when": (("lat",), np.arange(9).astype("M8[D]").astype("M8[ns]")),
            "mask": (dims[2:], t[0, 0] > 280),
            "nounits": (dims[2:], t[0, 0]),
            "wibble": (dims[2:], t[0, 0], {"units": "wibble"}),
            "one": ((), 3.0, {"units": "K"}),
        },
        coords={
            "time": np.array("2001-02-03", "M8[ns]")
            + np.arange(4) * np.timedelta64(6, "h"),
            "plev": (
                "plev",
                [1000.0, 850.0, 700.0, 500.0, 200.0],
                {"units": "hPa", "standard_name": "air_pressure", "positive": "down"},
            ),
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
        },
        attrs={"title": "a block", "institution": "a test", "history": "made"},
    )
    ds.to_netcdf(tmp_path / "block.nc", engine="netcdf4")
    return "block.nc"


def real_files(folder: str) -> list[Path]:
    """The real files of a folder, GRIB too; none where the folder is absent."""
    return sorted(p for p in (SHARED / folder).glob("*") if p.is_file())


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"needs {path}")
    return path


@pytest.fixture
def analytic() -> Path:
    return _sample("analytic.nc")


@pytest.fixture
def gfs() -> Path:
    return _sample("gfs_20110115.nc")


def _sample(name: str) -> Path:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip("not a source checkout")
    return path


@pytest.fixture
def interrupting(monkeypatch) -> Callable[..., None]:
    """Let a function send this process a signal when it is called the first time."""

    def patch(where: str, kind: signal.Signals, *, swallowed: bool = False) -> None:
        owner, _, name = where.rpartition(".")
        target = importlib.import_module(owner)
        original = getattr(target, name)
        sent: Iterator[bool] = iter([True])

        def call(*args, **kwargs):
            if next(sent, False):
                try:
                    os.kill(os.getpid(), kind)
                    # Python delivers it between two of these
                    sum(range(1000))
                except BaseException:
                    if not swallowed:
                        raise
            return original(*args, **kwargs)

        monkeypatch.setattr(target, name, call)

    return patch
