"""What the results of operators are called: a row for each."""

from __future__ import annotations

from dataclasses import dataclass, replace


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


# Standard names are those of the CF table (version 93), none of its aliases; an
# operator without a row in it gets none, for an invented or a stale one is worse. The
# parts of a velocity gradient get none: CF's eastward_derivative_of_eastward_wind is a
# scalar's derivative, and ours counts that the parallel turns, with v tan(lat)/N.
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
        "atmosphere_upward_relative_vorticity",
        "s-1",
    ),
    "absolute_vorticity": Naming(
        "absolute_vorticity",
        "absolute vorticity of {}",
        "atmosphere_upward_absolute_vorticity",
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

# Standard names of results for inputs that are not of the air: what the names of the
# inputs contain, the name for air, and the one to bear instead.
_NOT_OF_AIR: tuple[tuple[str, str, str], ...] = (
    ("sea_water", "atmosphere_upward_relative_vorticity", "ocean_relative_vorticity"),
    ("sea_ice", "divergence_of_wind", "divergence_of_sea_ice_velocity"),
    *(
        (f"sea_surface_height_above_{level}", f"geostrophic_{way}_wind", name + ending)
        for way in ("eastward", "northward")
        for name in [f"surface_geostrophic_{way}_sea_water_velocity"]
        for level, ending in (
            ("geoid", ""),
            ("mean_sea_level", "_assuming_mean_sea_level_for_geoid"),
        )
    ),
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


def naming_of(result: str, along_grid: bool = False, told: str = "") -> Naming:
    """Return the names of a result.

    Parameters
    ----------
    result : str
        A row of the table.
    along_grid : bool
        Whether it is in the frame of the grid, not of the globe.
    told : str
        The standard names of its inputs.

    Examples
    --------
    >>> naming_of("divergence", told="eastward_wind northward_wind").standard_name
    'divergence_of_wind'
    >>> naming_of("divergence", told="sea_ice_x_velocity").standard_name
    'divergence_of_sea_ice_velocity'
    """
    naming = RESULTS[result]
    words = naming.long_name
    if told.startswith("sea_surface"):
        words = words.replace(" wind", " current")
    if along_grid:
        for before, after in _ALONG_GRID:
            words = words.replace(before, after)
        return Naming(naming.name, words)
    name = _standard_name(naming.standard_name, told)
    return replace(naming, long_name=words, standard_name=name)


def _standard_name(name: str, told: str) -> str:
    """Return a standard name of the air, or the one for what the inputs are of."""
    for words, of_air, instead in _NOT_OF_AIR:
        if words in told and name == of_air:
            return instead
    return "" if "sea_" in told or "stress" in told else name
