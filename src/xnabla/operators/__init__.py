"""The public mathematics on labelled fields, and the catalogue of it.

Reading order: ``_scalar`` has gradient and derivative, the other topics a formula each
over a ``_calculus``: derivatives of plain arrays on a ``_globe``, a ``_map`` or a
``_plane``. ``_work`` brings labelled fields there and back; ``_plan`` turns a grid into
numbers; ``_plain`` takes arrays without labels. Names load when first used, so the
catalogue alone, rows of ``_catalogue``, costs nothing.
"""

from typing import TYPE_CHECKING

from xnabla._lazy import attach

if TYPE_CHECKING:
    from xnabla.operators._balance import (
        ageostrophic_wind,
        geostrophic_wind,
        inertial_advective_wind,
    )
    from xnabla.operators._catalogue import CATALOGUE
    from xnabla.operators._components import Components
    from xnabla.operators._deformation import (
        kinematics,
        shearing_deformation,
        stretching_deformation,
        total_deformation,
    )
    from xnabla.operators._dynamics import potential_vorticity, q_vector
    from xnabla.operators._entry import PAIRS, Input, Operator, Parameter
    from xnabla.operators._flow import (
        advection,
        frontogenesis,
        material_derivative,
        moisture_flux_divergence,
    )
    from xnabla.operators._kinematics import (
        absolute_vorticity,
        divergence,
        velocity_gradient,
        vorticity,
    )
    from xnabla.operators._parts import Parts
    from xnabla.operators._plain import plain_gradient
    from xnabla.operators._scalar import derivative, gradient
    from xnabla.operators._scalars import coriolis_parameter, hessian, laplacian
    from xnabla.operators._smooth import (
        smooth_circular,
        smooth_gaussian,
        smooth_n_point,
        smooth_rectangular,
        smooth_window,
    )
    from xnabla.operators._stagger import destagger
    from xnabla.operators._thermal import montgomery_streamfunction, thermal_wind

__all__ = [
    "CATALOGUE",
    "PAIRS",
    "Components",
    "Input",
    "Operator",
    "Parameter",
    "Parts",
    "absolute_vorticity",
    "advection",
    "ageostrophic_wind",
    "coriolis_parameter",
    "derivative",
    "destagger",
    "divergence",
    "frontogenesis",
    "geostrophic_wind",
    "gradient",
    "hessian",
    "inertial_advective_wind",
    "kinematics",
    "laplacian",
    "material_derivative",
    "moisture_flux_divergence",
    "montgomery_streamfunction",
    "plain_gradient",
    "potential_vorticity",
    "q_vector",
    "shearing_deformation",
    "smooth_circular",
    "smooth_gaussian",
    "smooth_n_point",
    "smooth_rectangular",
    "smooth_window",
    "stretching_deformation",
    "thermal_wind",
    "total_deformation",
    "velocity_gradient",
    "vorticity",
]

_HOMES = {
    "_balance": "ageostrophic_wind geostrophic_wind inertial_advective_wind",
    "_catalogue": "CATALOGUE",
    "_components": "Components",
    "_deformation": (
        "kinematics shearing_deformation stretching_deformation total_deformation"
    ),
    "_dynamics": "potential_vorticity q_vector",
    "_entry": "PAIRS Input Operator Parameter",
    "_flow": "advection frontogenesis material_derivative moisture_flux_divergence",
    "_kinematics": "absolute_vorticity divergence velocity_gradient vorticity",
    "_parts": "Parts",
    "_plain": "plain_gradient",
    "_scalar": "derivative gradient",
    "_scalars": "coriolis_parameter hessian laplacian",
    "_smooth": (
        "smooth_circular smooth_gaussian smooth_n_point smooth_rectangular "
        "smooth_window"
    ),
    "_stagger": "destagger",
    "_thermal": "montgomery_streamfunction thermal_wind",
}

__getattr__, __dir__ = attach(
    __name__,
    {
        name: f"{__name__}.{home}"
        for home, names in _HOMES.items()
        for name in names.split()
    },
)
