"""What the results of operators are called: a row for each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of a result.

    Attributes
    ----------
    name : str
        Name of the variable; ``{}`` is the name of the field it is made of.
    long_name : str
        Words for people; ``{}`` is what the field is called.
    standard_name : str
        The name CF has for it, if it has one.
    canonical : str
        The unit CF gives that name: results of another dimension do not bear it.
    """

    name: str
    long_name: str
    standard_name: str = ""
    canonical: str = ""


# Standard names are those of the CF table (version 90 and later); an operator without
# a row in it gets none, for an invented or a stale one is worse.
RESULTS: dict[str, Naming] = {
    "df_dx": Naming("d{}_dx", "eastward derivative of {}"),
    "df_dy": Naming("d{}_dy", "northward derivative of {}"),
    "laplacian": Naming("laplacian_{}", "horizontal Laplacian of {}"),
    "d2f_dx2": Naming("d2{}_dx2", "second derivative of {} towards the east"),
    "d2f_dxdy": Naming("d2{}_dxdy", "mixed second derivative of {}, east and north"),
    "d2f_dy2": Naming("d2{}_dy2", "second derivative of {} towards the north"),
    "du_dx": Naming("du_dx", "eastward derivative of the eastward part of {}"),
    "du_dy": Naming("du_dy", "northward derivative of the eastward part of {}"),
    "dv_dx": Naming("dv_dx", "eastward derivative of the northward part of {}"),
    "dv_dy": Naming("dv_dy", "northward derivative of the northward part of {}"),
    "divergence": Naming(
        "divergence", "horizontal divergence of {}", "divergence_of_wind", "s-1"
    ),
    "vorticity": Naming(
        "vorticity",
        "relative vorticity of {}",
        "atmosphere_relative_vorticity",
        "s-1",
    ),
    "absolute_vorticity": Naming(
        "absolute_vorticity",
        "absolute vorticity of {}",
        "atmosphere_absolute_vorticity",
        "s-1",
    ),
    "shearing_deformation": Naming(
        "shearing_deformation", "shearing deformation of {}"
    ),
    "stretching_deformation": Naming(
        "stretching_deformation", "stretching deformation of {}"
    ),
    "total_deformation": Naming("total_deformation", "total deformation of {}"),
    "advection": Naming("advection_{}", "advection of {}"),
    "material_derivative": Naming(
        "material_derivative_{}", "rate of change of {} along the flow"
    ),
    "moisture_flux_divergence": Naming(
        "moisture_flux_divergence", "horizontal divergence of the flux of {}"
    ),
    "frontogenesis": Naming("frontogenesis", "Petterssen frontogenesis of {}"),
    "coriolis_parameter": Naming(
        "coriolis_parameter", "Coriolis parameter", "coriolis_parameter", "s-1"
    ),
    "potential_vorticity": Naming(
        "potential_vorticity",
        "Ertel potential vorticity",
        "ertel_potential_vorticity",
        "K m2 kg-1 s-1",
    ),
    "potential_vorticity_barotropic": Naming(
        "potential_vorticity", "barotropic potential vorticity"
    ),
    "ug": Naming(
        "ug", "eastward geostrophic wind", "geostrophic_eastward_wind", "m s-1"
    ),
    "vg": Naming(
        "vg", "northward geostrophic wind", "geostrophic_northward_wind", "m s-1"
    ),
    "ua": Naming("ua", "eastward ageostrophic wind"),
    "va": Naming("va", "northward ageostrophic wind"),
    "ut": Naming("ut", "eastward thermal wind"),
    "vt": Naming("vt", "northward thermal wind"),
    "ui": Naming("ui", "eastward inertial-advective wind"),
    "vi": Naming("vi", "northward inertial-advective wind"),
    "qx": Naming("qx", "eastward component of the Q-vector"),
    "qy": Naming("qy", "northward component of the Q-vector"),
    "montgomery_streamfunction": Naming(
        "montgomery_streamfunction", "Montgomery streamfunction"
    ),
}

# Results that are no linear function of their inputs: a mean of those is none of these.
NONLINEAR = frozenset(
    {
        "total_deformation",
        "advection",
        "material_derivative",
        "moisture_flux_divergence",
        "frontogenesis",
        "potential_vorticity",
        "potential_vorticity_barotropic",
        "ui",
        "vi",
        "qx",
        "qy",
    }
)

# Components along the grid are called by its directions.
_ALONG_GRID = (
    ("towards the east", "along x"),
    ("towards the north", "along y"),
    ("east and north", "x and y"),
    ("eastward part", "part along x"),
    ("northward part", "part along y"),
    ("eastward", "along-x"),
    ("northward", "along-y"),
)


def naming_of(result: str, *, along_grid: bool) -> Naming:
    """Return the names of a result, in the frame of the globe or of the grid."""
    naming = RESULTS[result]
    if not along_grid:
        return naming
    words = naming.long_name
    for before, after in _ALONG_GRID:
        words = words.replace(before, after)
    return Naming(naming.name, words)
