"""MetPy's names and signatures on our operators: ``import xnabla.metpy as mpcalc``.

Labelled fields that know where they lie go to the operators of xnabla, quantities with
``dx`` and ``dy`` to the arithmetic that MetPy publishes. What differs from MetPy, and
by how much, is told in ``docs/guides/metpy.md``.

>>> import pint, xnabla.metpy as mpcalc
>>> units = pint.get_application_registry()
>>> u = units.Quantity([[2.0, 4, 8], [0, 2, 2], [4, 6, 8]], "m/s")
>>> v = units.Quantity([[6.0, 4, 8], [2, 6, 0], [2, 2, 6]], "m/s")
>>> mpcalc.vorticity(u, v, dx=1 * units.m, dy=2 * units.m)[0]
<Quantity([-2.5  3.5 13. ], '1 / second')>
"""

from typing import TYPE_CHECKING

from xnabla.metpy._balance import (
    absolute_vorticity,
    ageostrophic_wind,
    coriolis_parameter,
    geostrophic_wind,
    inertial_advective_wind,
    montgomery_streamfunction,
    potential_vorticity_baroclinic,
    potential_vorticity_barotropic,
    q_vector,
    static_stability,
)
from xnabla.metpy._derivatives import (
    first_derivative,
    geospatial_gradient,
    geospatial_laplacian,
    gradient,
    laplacian,
    second_derivative,
    vector_derivative,
)
from xnabla.metpy._kinematics import (
    advection,
    curvature_vorticity,
    divergence,
    frontogenesis,
    shear_vorticity,
    shearing_deformation,
    stretching_deformation,
    total_deformation,
    vorticity,
)
from xnabla.metpy._smooth import (
    smooth_circular,
    smooth_gaussian,
    smooth_n_point,
    smooth_rectangular,
    smooth_window,
)
from xnabla.metpy._steps import lat_lon_grid_deltas

__all__ = [
    "absolute_vorticity",
    "advection",
    "ageostrophic_wind",
    "coriolis_parameter",
    "curvature_vorticity",
    "divergence",
    "first_derivative",
    "frontogenesis",
    "geospatial_gradient",
    "geospatial_laplacian",
    "geostrophic_wind",
    "gradient",
    "inertial_advective_wind",
    "laplacian",
    "lat_lon_grid_deltas",
    "montgomery_streamfunction",
    "potential_vorticity_baroclinic",
    "potential_vorticity_barotropic",
    "q_vector",
    "second_derivative",
    "shear_vorticity",
    "shearing_deformation",
    "smooth_circular",
    "smooth_gaussian",
    "smooth_n_point",
    "smooth_rectangular",
    "smooth_window",
    "static_stability",
    "stretching_deformation",
    "total_deformation",
    "vector_derivative",
    "vorticity",
]

if not TYPE_CHECKING:  # a type checker would take any name for one of ours

    def __getattr__(name):
        """Say where the rest of MetPy's names are."""
        msg = f"module {__name__!r} has no attribute {name!r}"
        if not name.startswith("_"):
            msg += f": it has what differentiates and smooths. Try: metpy.calc.{name}"
        raise AttributeError(msg)
