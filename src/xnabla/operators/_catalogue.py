"""The operators we offer, as plain data: accessor, commands and tables come from it.

Nothing heavy is imported here, so that ``xnabla --help`` answers at once.
"""

from __future__ import annotations

from xnabla.operators._catalogue_smoothers import SMOOTHERS
from xnabla.operators._entry import Input, Operator, Parameter
from xnabla.operators._shared import (
    BALANCE,
    DIM,
    DIMS,
    EARTH,
    EASTWARD,
    EQUATOR,
    ERROR,
    FIELD,
    FLOW,
    FRAME,
    HEIGHT,
    HUMIDITY,
    MIN_LATITUDE,
    NORTHWARD,
    ORDER,
    POTENTIAL_TEMPERATURE,
    PRESSURE,
    SHARED,
    TEMPERATURE,
    UNITS,
    UPWARD,
)

_GFS = "sample_data/gfs_20110115.nc"
_WAVE = "sample_data/wave.nc"
_WIND = (EASTWARD, NORTHWARD)


def _example(name: str, options: str) -> str:
    return f"xnabla {name} {_GFS} {options} -o {name}.nc"


CATALOGUE: dict[str, Operator] = {
    operator.name: operator
    for operator in (
        Operator(
            "gradient",
            (FIELD,),
            (DIMS, *SHARED, FRAME, ERROR),
            "Gradient of a field: northward and eastward derivative, per metre.",
            "(df/dy, df/dx)",
            f"xnabla gradient {_GFS} -v t --level 850 "
            "--units K/km -o gradient.nc --plot gradient.png",
            gives="vector",
            unit="[f] m-1",
        ),
        Operator(
            "derivative",
            (FIELD,),
            (DIM, ORDER, *SHARED),
            "Derivative of a field along one dimension.",
            "df/ds or d2f/ds2",
            f"xnabla derivative {_GFS} -v t --dim plev --units K/hPa -o dt_dp.nc",
            unit="[f] per unit of the dimension",
        ),
        Operator(
            "laplacian",
            (FIELD,),
            SHARED,
            "Horizontal Laplacian of a field.",
            "d2f/dx2 + d2f/dy2, on the globe",
            _example("laplacian", "-v gh --level 500"),
            unit="[f] m-2",
        ),
        Operator(
            "hessian",
            (FIELD,),
            (*SHARED, FRAME),
            "Horizontal second derivatives of a field.",
            "(d2f/dx2, d2f/dxdy, d2f/dy2), on the globe",
            _example("hessian", "-v gh --level 500"),
            gives="fields",
            unit="[f] m-2",
        ),
        Operator(
            "velocity_gradient",
            _WIND,
            (*FLOW, FRAME),
            "The four derivatives of a wind.",
            "(du/dx, du/dy, dv/dx, dv/dy), on the globe",
            _example("velocity_gradient", "--level 500"),
            gives="fields",
            unit="s-1",
        ),
        Operator(
            "divergence",
            _WIND,
            FLOW,
            "Horizontal divergence of a wind.",
            "du/dx + dv/dy",
            _example("divergence", "--level 200"),
            unit="s-1",
        ),
        Operator(
            "vorticity",
            _WIND,
            FLOW,
            "Relative vorticity of a wind.",
            "dv/dx - du/dy",
            _example("vorticity", "--level 500 --plot vorticity.png"),
            unit="s-1",
        ),
        Operator(
            "absolute_vorticity",
            _WIND,
            FLOW,
            "Absolute vorticity of a wind.",
            "dv/dx - du/dy + f",
            _example("absolute_vorticity", "--level 500"),
            unit="s-1",
        ),
        Operator(
            "kinematics",
            _WIND,
            FLOW,
            "Vorticity, divergence and total deformation of a wind together.",
            "dv/dx - du/dy, du/dx + dv/dy, sqrt((dv/dx + du/dy)^2 + (du/dx - dv/dy)^2)",
            _example("kinematics", "--level 850"),
            gives="fields",
            unit="s-1",
        ),
        Operator(
            "shearing_deformation",
            _WIND,
            (*FLOW, FRAME),
            "Shearing deformation of a wind.",
            "dv/dx + du/dy",
            _example("shearing_deformation", "--level 850"),
            unit="s-1",
        ),
        Operator(
            "stretching_deformation",
            _WIND,
            (*FLOW, FRAME),
            "Stretching deformation of a wind.",
            "du/dx - dv/dy",
            _example("stretching_deformation", "--level 850"),
            unit="s-1",
        ),
        Operator(
            "total_deformation",
            _WIND,
            FLOW,
            "Total deformation of a wind.",
            "sqrt((dv/dx + du/dy)^2 + (du/dx - dv/dy)^2)",
            _example("total_deformation", "--level 850"),
            unit="s-1",
        ),
        Operator(
            "advection",
            (FIELD, *_WIND, UPWARD),
            FLOW,
            "Advection of a field by a wind: how fast it brings other values.",
            "-(u df/dx + v df/dy + w df/dz)",
            _example("advection", "--field t --level 850 --units K/h"),
            unit="[f] s-1",
        ),
        Operator(
            "material_derivative",
            (FIELD, *_WIND, UPWARD),
            FLOW,
            "Rate of change of a field along the flow.",
            "df/dt + u df/dx + v df/dy + w df/dz",
            f"xnabla material_derivative {_WAVE} --field t --level 850 -o dt_dt.nc",
            unit="[f] s-1",
        ),
        Operator(
            "moisture_flux_divergence",
            (HUMIDITY, *_WIND),
            FLOW,
            "Divergence of the horizontal flux of moisture.",
            "d(q u)/dx + d(q v)/dy",
            f"xnabla moisture_flux_divergence {_WAVE} --level 850 --time 0 -o mfd.nc",
            unit="s-1",
        ),
        Operator(
            "frontogenesis",
            (POTENTIAL_TEMPERATURE, *_WIND),
            FLOW,
            "Petterssen frontogenesis: how the wind tightens a gradient.",
            "-(tx^2 du/dx + tx ty (dv/dx + du/dy) + ty^2 dv/dy) / |grad t|",
            _example(
                "frontogenesis",
                "--potential_temperature t --level 850 --units K/100km/h",
            ).replace("K/100km/h", "cK/km/h"),
            unit="[f] m-1 s-1",
        ),
        Operator(
            "coriolis_parameter",
            (Input("latitude", "Latitude, or a field that has one."),),
            (UNITS, EARTH),
            "Coriolis parameter: the planet's vorticity about the vertical.",
            "2 Omega sin(latitude)",
            f"xnabla coriolis_parameter {_GFS} --latitude msl -o f.nc",
            reach="point",
            unit="s-1",
        ),
        Operator(
            "potential_vorticity",
            (
                Input(
                    "field",
                    "Potential temperature (baroclinic), or depth (barotropic).",
                    POTENTIAL_TEMPERATURE.standard_names,
                    POTENTIAL_TEMPERATURE.names,
                ),
                *_WIND,
                Input(
                    "pressure",
                    "Pressure at every point, if the levels do not tell.",
                    ("air_pressure",),
                    ("p", "pres"),
                    required=False,
                ),
            ),
            FLOW,
            "Ertel's potential vorticity, or that of a layer of some depth.",
            "-g ((zeta + f) dt/dp - dv/dp dt/dx + du/dp dt/dy), or (zeta + f)/h",
            f"xnabla potential_vorticity {_WAVE} --field theta --time 0 -o pv.nc",
            unit="K m2 kg-1 s-1, or m-1 s-1",
        ),
        Operator(
            "geostrophic_wind",
            (HEIGHT,),
            BALANCE,
            "Wind in balance with the gradient of geopotential height.",
            "(-(g/f) dz/dy, (g/f) dz/dx)",
            _example("geostrophic_wind", "--level 500"),
            gives="vector",
            unit="m s-1",
        ),
        Operator(
            "ageostrophic_wind",
            (HEIGHT, *_WIND),
            (*FLOW, MIN_LATITUDE, EQUATOR, FRAME),
            "What a wind has beyond its geostrophic part.",
            "(u - ug, v - vg)",
            _example("ageostrophic_wind", "--level 300"),
            gives="vector",
            unit="m s-1",
        ),
        Operator(
            "thermal_wind",
            (
                Input(
                    "field",
                    "Thickness of a layer, or its mean temperature.",
                    ("air_temperature",),
                    ("t", "ta", "T"),
                ),
            ),
            (
                Parameter("bottom", "Pressure below the layer, such as '850 hPa'."),
                Parameter("top", "Pressure above the layer, such as '500 hPa'."),
                *BALANCE,
            ),
            "Change of the geostrophic wind across a layer.",
            "(-(g/f) dh/dy, (g/f) dh/dx), h = (R T/g) ln(bottom/top)",
            _example(
                "thermal_wind",
                "--field t --level 700 --bottom '850 hPa' --top '500 hPa'",
            ),
            gives="vector",
            unit="m s-1",
        ),
        Operator(
            "inertial_advective_wind",
            (
                *_WIND,
                Input("ug", "Eastward geostrophic wind.", names=("ug",)),
                Input("vg", "Northward geostrophic wind.", names=("vg",)),
            ),
            (*FLOW, MIN_LATITUDE, EQUATOR, FRAME),
            "Ageostrophic wind from the advection of the geostrophic wind.",
            "(-(u dvg/dx + v dvg/dy)/f, (u dug/dx + v dug/dy)/f)",
            f"xnabla geostrophic_wind {_GFS} --level 500 "
            "--then inertial_advective_wind -o ia.nc",
            gives="vector",
            unit="m s-1",
        ),
        Operator(
            "q_vector",
            (*_WIND, TEMPERATURE),
            (
                PRESSURE,
                Parameter(
                    "static_stability", "Static stability.", "number", default="1"
                ),
                *FLOW,
                FRAME,
            ),
            "Q-vector: how the geostrophic wind turns and tightens the gradient of "
            "temperature.",
            "-(R/(sigma p)) (du/dx dT/dx + dv/dx dT/dy, du/dy dT/dx + dv/dy dT/dy)",
            _example("q_vector", "--level 700"),
            gives="vector",
            unit="m2 kg-1 s-1",
        ),
        Operator(
            "montgomery_streamfunction",
            (HEIGHT, TEMPERATURE),
            (UNITS,),
            "Montgomery streamfunction: geopotential plus enthalpy.",
            "g z + cp T",
            _example("montgomery_streamfunction", "--level 500"),
            reach="point",
            unit="m2 s-2",
        ),
        *SMOOTHERS,
        Operator(
            "destagger",
            (
                Input("field", "A staggered field."),
                Input("like", "A field at the mass points.", required=False),
            ),
            (),
            "A staggered field, brought to the mass points.",
            "(f[i-1/2] + f[i+1/2]) / 2",
            f"xnabla destagger {_WAVE} --field us --like t -o u.nc",
        ),
    )
}
