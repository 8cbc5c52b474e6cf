"""Unit-aware calculus on labelled meteorological grids.

    dt_dy, dt_dx = xn.gradient(xr.open_dataset("era5.nc")["t2m"], units="K/km")

Importing does one thing: DataArrays get the accessor ``.nabla``.
"""

from typing import TYPE_CHECKING

from xnabla._after_xarray import register_accessor
from xnabla._lazy import attach

# fmt: off
# ruff: noqa: I001 - the everyday names, on one screen
if TYPE_CHECKING:
    from xnabla import plot
    from xnabla.errors import (
        FieldError, FileError, GridError, OptionError, UnitsError, XnablaError,
    )
    from xnabla.files import open_dataset, save
    from xnabla.grid import Earth, Grid, grid_of
    from xnabla.labels import dequantify, quantify
    from xnabla.operators import (
        Components, Parts, absolute_vorticity, advection, ageostrophic_wind,
        coriolis_parameter, derivative, destagger, divergence, frontogenesis,
        geostrophic_wind, gradient, hessian, inertial_advective_wind, kinematics,
        laplacian, material_derivative, moisture_flux_divergence,
        montgomery_streamfunction, potential_vorticity, q_vector,
        shearing_deformation, smooth_circular, smooth_gaussian, smooth_n_point,
        smooth_rectangular, smooth_window, stretching_deformation, thermal_wind,
        total_deformation, velocity_gradient, vorticity,
    )
    from xnabla.options import Options, get_options, set_options

__version__ = "0.1.0"

__all__ = [
    "Components", "Earth", "FieldError", "FileError", "Grid", "GridError",
    "OptionError", "Options", "Parts", "UnitsError", "XnablaError",
    "absolute_vorticity", "advection", "ageostrophic_wind", "coriolis_parameter",
    "dequantify", "derivative", "destagger", "divergence", "frontogenesis",
    "geostrophic_wind", "get_options", "gradient", "grid_of", "hessian",
    "inertial_advective_wind", "kinematics", "laplacian", "material_derivative",
    "moisture_flux_divergence", "montgomery_streamfunction", "open_dataset", "plot",
    "potential_vorticity", "q_vector", "quantify", "save", "set_options",
    "shearing_deformation", "smooth_circular", "smooth_gaussian", "smooth_n_point",
    "smooth_rectangular", "smooth_window", "stretching_deformation", "thermal_wind",
    "total_deformation", "velocity_gradient", "vorticity",
]

_HOMES = {
    "errors": "FieldError FileError GridError OptionError UnitsError XnablaError",
    "files": "open_dataset save",
    "grid": "Earth Grid grid_of",
    "labels": "dequantify quantify",
    "operators": (
        "Components Parts absolute_vorticity advection ageostrophic_wind "
        "coriolis_parameter derivative destagger divergence frontogenesis "
        "geostrophic_wind gradient hessian inertial_advective_wind kinematics "
        "laplacian material_derivative moisture_flux_divergence "
        "montgomery_streamfunction potential_vorticity q_vector shearing_deformation "
        "smooth_circular smooth_gaussian smooth_n_point smooth_rectangular "
        "smooth_window stretching_deformation thermal_wind total_deformation "
        "velocity_gradient vorticity"
    ),
    "options": "Options get_options set_options",
    "plot": "plot",
}
# fmt: on

__getattr__, __dir__ = attach(
    __name__,
    {
        name: f"xnabla.{room}"
        for room, names in _HOMES.items()
        for name in names.split()
    },
)

register_accessor()
