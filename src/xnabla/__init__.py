"""Unit-aware gradients on labelled meteorological grids.

    import xarray as xr, xnabla as xn
    t = xr.open_dataset("era5.nc")["t2m"]
    dt_dy, dt_dx = xn.gradient(t, units="K/km")

Importing does one thing: DataArrays get the accessor ``.nabla``.
"""

from typing import TYPE_CHECKING

from xnabla._after_xarray import register_accessor
from xnabla._lazy import attach

if TYPE_CHECKING:
    from xnabla import plot
    from xnabla.errors import (
        FieldError,
        FileError,
        GridError,
        OptionError,
        UnitsError,
        XnablaError,
    )
    from xnabla.files import open_dataset, save
    from xnabla.grid import Earth, Grid, grid_of
    from xnabla.labels import dequantify, quantify
    from xnabla.operators import Components, derivative, gradient
    from xnabla.options import Options, get_options, set_options

__version__ = "0.1.0"

__all__ = [
    "Components",
    "Earth",
    "FieldError",
    "FileError",
    "Grid",
    "GridError",
    "OptionError",
    "Options",
    "UnitsError",
    "XnablaError",
    "dequantify",
    "derivative",
    "get_options",
    "gradient",
    "grid_of",
    "open_dataset",
    "plot",
    "quantify",
    "save",
    "set_options",
]

_HOMES = {
    "errors": "FieldError FileError GridError OptionError UnitsError XnablaError",
    "files": "open_dataset save",
    "grid": "Earth Grid grid_of",
    "labels": "dequantify quantify",
    "operators": "Components derivative gradient",
    "options": "Options get_options set_options",
    "plot": "plot",
}

__getattr__, __dir__ = attach(
    __name__,
    {
        name: f"xnabla.{room}"
        for room, names in _HOMES.items()
        for name in names.split()
    },
)

register_accessor()
