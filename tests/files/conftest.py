"""What the tests of the files room share."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def real_files(folder: str) -> list[Path]:
    """List the NetCDF files of a folder of real data; empty where it is absent."""
    found = [*(SHARED / folder).glob("*.nc"), *(SHARED / folder).glob("*.cdf")]
    return sorted(found)


@pytest.fixture
def field() -> xr.DataArray:
    """Two maps of temperature with all that a CF file says about them."""
    values = np.random.default_rng(0).normal(280, 10, (2, 19, 36)).astype("f4")
    values[0, 3, 4] = np.nan
    result = xr.DataArray(
        values,
        dims=("time", "latitude", "longitude"),
        coords={
            "time": np.array(["2001-02-03T06", "2001-02-03T09"], "datetime64[ns]"),
            "latitude": np.linspace(90, -90, 19),
            "longitude": np.arange(0, 360, 10.0),
            "level": ((), 500.0, {"units": "hPa", "positive": "down"}),
        },
        name="t",
        attrs={"units": "K", "long_name": "temperature"},
    )
    result["latitude"].attrs["units"] = "degrees_north"
    result["longitude"].attrs["units"] = "degrees_east"
    return result


@pytest.fixture
def one_sentence():
    """Check the shape all messages have: one line, with the file and the cause."""

    def check(excinfo, *parts: object) -> str:
        text = str(excinfo.value)
        assert "\n" not in text
        assert all(c.isprintable() for c in text)
        for part in parts:
            assert str(part) in text
        assert ".tmp" not in text
        return text

    return check


@pytest.fixture
def leftovers():
    """List the temporary files in a folder."""

    def find(folder: Path) -> list[str]:
        return [file.name for file in folder.iterdir() if file.name.endswith(".tmp")]

    return find
