"""GRIB, read in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import xarray as xr

from xnabla.errors import FileError, explain

__all__ = ["open_grib"]


def open_grib(
    path: str | os.PathLike[str], *, chunks: Any, select: Mapping[str, Any]
) -> xr.Dataset:
    """Open a GRIB file."""
    raise FileError(explain(f"File '{path}' is GRIB", hint="cdo -f nc copy"))
