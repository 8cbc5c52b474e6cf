"""What the tests of faults share: children, a file worth writing, and looking after."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from faults.children import Children, Ending


@pytest.fixture(scope="session")
def children(tmp_path_factory) -> Iterator[Children]:
    folder = tmp_path_factory.mktemp("children")
    with Children(folder) as made:
        # what is not compiled yet is compiled now, and not within somebody's limits
        noise(folder / "noise.nc", times=2)
        line = ("program", "gradient", "noise.nc", "-o", "out.nc", "--overwrite")
        assert made.do(*line, folder=folder, patience_s=600).code == 0
        yield made


def noise(path: Path, times: int = 12, seed: int = 0, offset: float = 0.0) -> Path:
    """Write maps of noise, which do not compress, chunk by chunk."""
    lat, lon = np.linspace(90, -90, 181), np.arange(360.0)
    shape = (times, lat.size, lon.size)
    values = np.random.default_rng(seed).normal(280, 10, shape).astype("f4") + offset
    with netCDF4.Dataset(path, "w") as file:
        for name, size in zip(("time", "lat", "lon"), shape, strict=True):
            file.createDimension(name, size)
        for name, points, units in (
            ("lat", lat, "degrees_north"),
            ("lon", lon, "degrees_east"),
        ):
            axis = file.createVariable(name, "f8", (name,))
            axis[:], axis.units = points, units
        t = file.createVariable(
            "t", "f4", ("time", "lat", "lon"), zlib=True, chunksizes=(1, *shape[1:])
        )
        t[:], t.units = values, "K"
    return path


@pytest.fixture(scope="session")
def source(tmp_path_factory) -> Path:
    """Sixteen maps in 4 MB, whose gradient takes some time to write."""
    return noise(tmp_path_factory.mktemp("source") / "noise.nc", times=16)


def bits(path: Path) -> dict[str, bytes]:
    """What a file holds, in its own numbers; the history is not looked at."""
    with netCDF4.Dataset(path) as file:
        file.set_auto_maskandscale(False)
        return {
            name: hashlib.sha256(v[:].tobytes()).digest()
            for name, v in file.variables.items()
        }


def leftovers(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir() if file.name.endswith(".tmp")]


@pytest.fixture
def told() -> Callable[..., str]:
    """Check an ending that is a refusal: its code, one sentence, and what is in it."""

    def check(ending: Ending, *parts: object, code: int = 2) -> str:
        assert ending.code == code, ending
        assert ending.out == ""
        assert re.fullmatch(r"xnabla: [^\n]+\n", ending.err), ending.err
        assert "Traceback" not in ending.err
        assert "fault of xnabla" not in ending.err
        assert all(c.isprintable() for c in ending.err[:-1])
        assert ".tmp" not in ending.err
        for part in parts:
            assert str(part) in ending.err, ending.err
        return ending.err

    return check
