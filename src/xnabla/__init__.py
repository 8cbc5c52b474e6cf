"""Unit-aware calculus, and descent, on labelled meteorological grids.

    dt_dy, dt_dx = xn.gradient(xr.open_dataset("era5.nc")["t2m"], units="K/km")

Importing does one thing: DataArrays get the accessor ``.nabla``. What type checkers see
of the names is in the stub beside this file.
"""

from xnabla._after_xarray import register_accessor
from xnabla._lazy import attach

__version__ = "0.1.0"

# The everyday names, by the room they live in.
_HOMES = {
    "accuracy": "AccuracyReport accuracy_report",
    "errors": (
        "FieldError FileError FillValueWarning GridError OptionError UnitsError "
        "XnablaError"
    ),
    "files": "open open_dataset save",
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
    "descent": (
        "OperatorMatrix Points analysis_2dvar basins check_gradient closed_contours "
        "critical_points derivative_of descend detrend field_significance "
        "fill_missing find_extrema fit_model gradient_of harmonic_fit helmholtz "
        "hessian_of minimize_field operator_matrix persistence_diagram poisson "
        "predict propagate_uncertainty regress smooth steepest_path theil_sen trend "
        "turning_points"
    ),
    "options": "Options get_options set_options",
    "plot": "plot",
    "recipes": "run_recipe",
}

__all__ = sorted(name for names in _HOMES.values() for name in names.split())  # noqa: PLE0605

__getattr__, __dir__ = attach(
    __name__,
    {
        name: f"xnabla.{room}"
        for room, names in _HOMES.items()
        for name in names.split()
    },
)

register_accessor()
