"""The everyday names, as type checkers see them."""

from xnabla import plot as plot
from xnabla.accuracy import (
    AccuracyReport as AccuracyReport,
)
from xnabla.accuracy import (
    accuracy_report as accuracy_report,
)
from xnabla.descent import (
    OperatorMatrix as OperatorMatrix,
)
from xnabla.descent import (
    Points as Points,
)
from xnabla.descent import (
    analysis_2dvar as analysis_2dvar,
)
from xnabla.descent import (
    basins as basins,
)
from xnabla.descent import (
    check_gradient as check_gradient,
)
from xnabla.descent import (
    closed_contours as closed_contours,
)
from xnabla.descent import (
    critical_points as critical_points,
)
from xnabla.descent import (
    derivative_of as derivative_of,
)
from xnabla.descent import (
    descend as descend,
)
from xnabla.descent import (
    detrend as detrend,
)
from xnabla.descent import (
    field_significance as field_significance,
)
from xnabla.descent import (
    fill_missing as fill_missing,
)
from xnabla.descent import (
    find_extrema as find_extrema,
)
from xnabla.descent import (
    fit_model as fit_model,
)
from xnabla.descent import (
    gradient_of as gradient_of,
)
from xnabla.descent import (
    harmonic_fit as harmonic_fit,
)
from xnabla.descent import (
    helmholtz as helmholtz,
)
from xnabla.descent import (
    hessian_of as hessian_of,
)
from xnabla.descent import (
    minimize_field as minimize_field,
)
from xnabla.descent import (
    operator_matrix as operator_matrix,
)
from xnabla.descent import (
    persistence_diagram as persistence_diagram,
)
from xnabla.descent import (
    poisson as poisson,
)
from xnabla.descent import (
    predict as predict,
)
from xnabla.descent import (
    propagate_uncertainty as propagate_uncertainty,
)
from xnabla.descent import (
    regress as regress,
)
from xnabla.descent import (
    smooth as smooth,
)
from xnabla.descent import (
    steepest_path as steepest_path,
)
from xnabla.descent import (
    theil_sen as theil_sen,
)
from xnabla.descent import (
    trend as trend,
)
from xnabla.descent import (
    turning_points as turning_points,
)
from xnabla.errors import (
    FieldError as FieldError,
)
from xnabla.errors import (
    FileError as FileError,
)
from xnabla.errors import (
    FillValueWarning as FillValueWarning,
)
from xnabla.errors import (
    GridError as GridError,
)
from xnabla.errors import (
    OptionError as OptionError,
)
from xnabla.errors import (
    UnitsError as UnitsError,
)
from xnabla.errors import (
    XnablaError as XnablaError,
)
from xnabla.files import (
    open as open,  # noqa: A004
)
from xnabla.files import (
    open_dataset as open_dataset,
)
from xnabla.files import (
    save as save,
)
from xnabla.grid import (
    Earth as Earth,
)
from xnabla.grid import (
    Grid as Grid,
)
from xnabla.grid import (
    grid_of as grid_of,
)
from xnabla.labels import (
    dequantify as dequantify,
)
from xnabla.labels import (
    quantify as quantify,
)
from xnabla.operators import (
    Components as Components,
)
from xnabla.operators import (
    Parts as Parts,
)
from xnabla.operators import (
    absolute_vorticity as absolute_vorticity,
)
from xnabla.operators import (
    advection as advection,
)
from xnabla.operators import (
    ageostrophic_wind as ageostrophic_wind,
)
from xnabla.operators import (
    coriolis_parameter as coriolis_parameter,
)
from xnabla.operators import (
    derivative as derivative,
)
from xnabla.operators import (
    destagger as destagger,
)
from xnabla.operators import (
    divergence as divergence,
)
from xnabla.operators import (
    frontogenesis as frontogenesis,
)
from xnabla.operators import (
    geostrophic_wind as geostrophic_wind,
)
from xnabla.operators import (
    gradient as gradient,
)
from xnabla.operators import (
    hessian as hessian,
)
from xnabla.operators import (
    inertial_advective_wind as inertial_advective_wind,
)
from xnabla.operators import (
    kinematics as kinematics,
)
from xnabla.operators import (
    laplacian as laplacian,
)
from xnabla.operators import (
    material_derivative as material_derivative,
)
from xnabla.operators import (
    moisture_flux_divergence as moisture_flux_divergence,
)
from xnabla.operators import (
    montgomery_streamfunction as montgomery_streamfunction,
)
from xnabla.operators import (
    potential_vorticity as potential_vorticity,
)
from xnabla.operators import (
    q_vector as q_vector,
)
from xnabla.operators import (
    shearing_deformation as shearing_deformation,
)
from xnabla.operators import (
    smooth_circular as smooth_circular,
)
from xnabla.operators import (
    smooth_gaussian as smooth_gaussian,
)
from xnabla.operators import (
    smooth_n_point as smooth_n_point,
)
from xnabla.operators import (
    smooth_rectangular as smooth_rectangular,
)
from xnabla.operators import (
    smooth_window as smooth_window,
)
from xnabla.operators import (
    stretching_deformation as stretching_deformation,
)
from xnabla.operators import (
    thermal_wind as thermal_wind,
)
from xnabla.operators import (
    total_deformation as total_deformation,
)
from xnabla.operators import (
    velocity_gradient as velocity_gradient,
)
from xnabla.operators import (
    vorticity as vorticity,
)
from xnabla.options import (
    Options as Options,
)
from xnabla.options import (
    get_options as get_options,
)
from xnabla.options import (
    set_options as set_options,
)
from xnabla.recipes import (
    run_recipe as run_recipe,
)

__version__: str
__all__: list[str]
