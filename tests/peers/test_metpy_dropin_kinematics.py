"""MetPy's own tests of kinematics, with its published numbers, asked of xnabla.metpy.

From MetPy 1.7.1, tests/calc/test_kinematics.py, Copyright (c) 2008-2025 MetPy
Developers, BSD 3-Clause License (metpy_license.txt). Here plain quantities with steps
given by hand; ``metpy_published.json`` has its longer arrays.
"""

import json
from pathlib import Path

import numpy as np
import pint
import pytest

import xnabla.metpy as mpcalc

PUBLISHED = json.loads(Path(__file__).with_name("metpy_published.json").read_text())

A = [0.0, 1, 2]
RAMP = np.c_[A, A, A]  # its row number
U = [[2, 4, 8], [0, 2, 2], [4, 6, 8]]
V = [[6, 4, 8], [2, 6, 0], [2, 2, 6]]
THETA = [[303, 295, 305], [308, 310, 312], [299, 293, 289]]
SADDLE = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])
LATITUDES = [[30, 30, 30], [20, 20, 20], [10, 10, 10]]


def q(values, unit):
    return pint.get_application_registry().Quantity(np.asarray(values), unit)


def assert_is(result, values, unit, atol):
    got = result.to(unit).magnitude
    assert np.shape(got) == np.shape(values)
    np.testing.assert_allclose(got, values, rtol=0, atol=atol)


def uv(u, v):
    return q(u, "m/s"), q(v, "m/s")


UNEVEN = {"dx": 1, "dy": 2}
UNIT = {"dx": 1, "dy": 1}
SINGLE_DIVERGENCE = [[0.0, -2, 0], [-2, 0, 2], [0, 2, 0]]
HOLE = [[1.0, 1, 1], [1, 0, 1], [1, 1, 1]]
BUMP = [[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]

OF_WIND = [
    ("vorticity", np.ones((3, 3)), np.ones((3, 3)), UNIT, np.zeros((3, 3))),
    ("vorticity", RAMP.T, RAMP, UNIT, np.zeros((3, 3))),
    ("vorticity", RAMP.T, RAMP.T, UNIT, np.ones((3, 3))),
    (
        "vorticity",
        U,
        V,
        UNEVEN,
        [[-2.5, 3.5, 13.0], [8.5, -1.5, -11.0], [-5.5, -1.5, 0.0]],
    ),
    ("divergence", RAMP.T, RAMP, UNIT, 2 * np.ones((3, 3))),
    ("divergence", RAMP.T, RAMP.T, UNIT, np.ones((3, 3))),
    (
        "divergence",
        [HOLE, BUMP],
        [HOLE, BUMP],
        UNIT,
        [SINGLE_DIVERGENCE, np.negative(SINGLE_DIVERGENCE)],
    ),
    ("divergence", U, V, UNEVEN, [[-2, 5.5, -2.5], [2.0, 0.5, -1.5], [3.0, -1.5, 8.5]]),
    (
        "shearing_deformation",
        U,
        V,
        UNEVEN,
        [[-7.5, -1.5, 1.0], [9.5, -0.5, -11.0], [1.5, 5.5, 12.0]],
    ),
    (
        "stretching_deformation",
        U,
        V,
        UNEVEN,
        [[4.0, 0.5, 12.5], [4.0, 1.5, -0.5], [1.0, 5.5, -4.5]],
    ),
    (
        "total_deformation",
        U,
        V,
        UNEVEN,
        [
            [8.5, 1.58113883, 12.5399362],
            [10.30776406, 1.58113883, 11.0113578],
            [1.80277562, 7.7781746, 12.8160056],
        ],
    ),
]


@pytest.mark.parametrize(("name", "u", "v", "steps", "expected"), OF_WIND)
def test_derivatives_of_a_wind_are_the_published_ones(name, u, v, steps, expected):
    in_metres = {key: q(step, "m") for key, step in steps.items()}
    result = getattr(mpcalc, name)(*uv(u, v), **in_metres)
    assert_is(result, expected, "1/s", atol=2e-7)


@pytest.mark.parametrize("name", ["vorticity", "divergence"])
def test_steps_by_position_are_refused_where_metpy_refuses_them(name):
    u, v = uv(RAMP, RAMP)
    with pytest.raises(TypeError, match="too many positional arguments"):
        getattr(mpcalc, name)(u, v, q(1, "m"), q(1, "m"))


@pytest.mark.parametrize(
    "name", ["shearing_deformation", "stretching_deformation", "total_deformation"]
)
def test_steps_by_position_are_taken_where_metpy_takes_them(name):
    function = getattr(mpcalc, name)
    u, v = uv(U, V)
    by_name = function(u, v, dx=q(1, "m"), dy=q(2, "m"))
    assert (function(u, v, q(1, "m"), q(2, "m")) == by_name).all()


def test_frontogenesis_is_the_published_one():
    result = mpcalc.frontogenesis(q(THETA, "K"), *uv(U, V), q(1, "m"), q(2, "m"))
    expected = [
        [-52.4746386, -37.3658646, -50.3996939],
        [3.5777088, -2.1221867, -16.9941166],
        [-23.1417334, 26.0499143, -158.4839684],
    ]
    assert_is(result, expected, "K/m/s", atol=1e-7)


def test_frontogenesis_of_no_gradient_is_zero():
    result = mpcalc.frontogenesis(
        q(np.full((3, 3), 300.0), "K"), *uv(U, V), dx=q(1, "m"), dy=q(2, "m")
    )
    np.testing.assert_array_equal(result.magnitude, 0.0)


ONES = np.ones((3, 3))
SLANTED = np.arange(9.0).reshape(3, 3)
ADVECTION = [
    ("1", [1, 1, 1], {"u": [1, 1, 1]}, {"dx": 1}, [0, 0, 0]),
    ("kg", [1, 2, 3], {"u": [1, 1, 1]}, {"dx": 1}, [-1, -1, -1]),
    ("Pa", [1, 2, 3], {"u": [1, 2, 3]}, {"dx": 1}, [-1, -2, -3]),
    ("K", ONES, {"u": ONES, "v": ONES}, UNIT, 0 * ONES),
    (
        "K",
        SADDLE,
        {"u": 2 * ONES, "v": ONES},
        UNIT,
        [[-6, -4, 2], [-8, 0, 8], [-2, 4, 6]],
    ),
    (
        "K",
        SADDLE,
        {"v": 2 * ONES, "w": ONES},
        {"dy": 1, "dz": 1, "y_dim": -1, "vertical_dim": -2},
        [[-6, -4, 2], [-8, 0, 8], [-2, 4, 6]],
    ),
    (
        "K",
        [[1, 2, 4], [4, 8, 4], [8, 6, 4]],
        {"u": SLANTED, "v": 2 * SLANTED},
        {"dx": 2, "dy": 1},
        [[0, -20.75, -2.5], [-33.0, -16.0, 20.0], [-48, 91.0, 8]],
    ),
]


@pytest.mark.parametrize(("unit", "field", "wind", "steps", "expected"), ADVECTION)
def test_advection_is_the_published_one(unit, field, wind, steps, expected):
    winds = {key: q(value, "m/s") for key, value in wind.items()}
    steps = {k: s if k.endswith("_dim") else q(s, "m") for k, s in steps.items()}
    result = mpcalc.advection(q(field, unit), **winds, **steps)
    assert_is(result, expected, f"{unit}/s", atol=1e-12)


HILL = np.array([[48, 49, 48], [49, 50, 49], [48, 49, 48]])
BENT = np.array([[1, 2, 4], [4, 8, 4], [8, 6, 4]])
EAST = [[-26.897, 0, 26.897]] * 3
FASTER = [[-27.427, 0, 27.427]] * 3
GEOSTROPHIC = [
    (10.0 * HILL, "m", 100, 100, np.transpose(EAST), np.negative(EAST)),
    (100.0 * HILL, "m^2/s^2", 100, 100, np.transpose(FASTER), np.negative(FASTER)),
    (
        [10.0 * HILL] * 2,
        "m",
        100,
        100,
        [np.transpose(EAST)] * 2,
        [np.negative(EAST)] * 2,
    ),
    (
        20.0 * BENT,
        "m",
        2000,
        1000,
        [[-6.724, -26.897, 0], [-9.414, -5.379, 0], [-12.103, 16.138, 0]],
        [[0.672, 2.017, 3.362], [10.759, 0, -10.759], [-2.690, -2.690, -2.690]],
    ),
]


@pytest.mark.parametrize(("z", "unit", "dx", "dy", "u", "v"), GEOSTROPHIC)
def test_geostrophic_wind_is_the_published_one(z, unit, dx, dy, u, v):
    ug, vg = mpcalc.geostrophic_wind(
        q(z, unit), q(dx, "km"), q(dy, "km"), q(30, "degrees")
    )
    assert_is(ug, u, "m/s", atol=5e-3)
    assert_is(vg, v, "m/s", atol=5e-3)


def test_geostrophic_wind_is_that_of_gempak():
    z = np.array(
        [
            [5586387.00, 5584467.50, 5583147.50],
            [5594407.00, 5592487.50, 5591307.50],
            [5604707.50, 5603247.50, 5602527.50],
        ]
    )
    step = np.deg2rad(0.25) * 6371008.7714
    ug, vg = mpcalc.geostrophic_wind(
        q(z * 9.80616e-3, "m^2/s^2"),
        q(step * np.cos(np.deg2rad(44)), "m"),
        q(-step, "m"),
        q(44, "degrees"),
    )
    assert_is(ug[1, 1], 32.69477, "m/s", atol=5e-3)
    assert_is(vg[1, 1], -7.50152, "m/s", atol=5e-3)


@pytest.mark.parametrize("wind", [1.0, 0.0])
def test_ageostrophic_wind_is_what_is_left(wind):
    u = wind * np.transpose(FASTER)
    v = -wind * np.asarray(FASTER)
    args = [q(100, "km"), q(100, "km"), q(30, "degrees")]
    ua, va = mpcalc.ageostrophic_wind(q(100.0 * HILL, "m^2/s^2"), *uv(u, v), *args)
    assert_is(ua, u - np.transpose(FASTER), "m/s", atol=5e-3)
    assert_is(va, v + np.asarray(FASTER), "m/s", atol=5e-3)


def test_absolute_vorticity_is_the_published_one():
    result = mpcalc.absolute_vorticity(
        *uv(U, V), q(1, "m"), q(2, "m"), q(LATITUDES, "degrees")
    )
    expected = [
        [-2.499927, 3.500073, 13.00007],
        [8.500050, -1.499950, -10.99995],
        [-5.499975, -1.499975, 2.532525e-5],
    ]
    assert_is(result, expected, "1/s", atol=1e-5)


def test_montgomery_streamfunction_is_the_published_one():
    result = mpcalc.montgomery_streamfunction(q(5000.0, "m"), q(287.0, "K"))
    assert_is(result, 337372.45469, "m^2/s^2", atol=1e-4)


@pytest.fixture
def jet():
    """Return a wind that weakens along x and y, and where it blows."""
    u = 100.0 - 10.0 * np.add.outer(np.arange(4), np.arange(4))
    latitude = np.repeat([[40], [40.1], [40.2], [40.3]], 4, axis=1)
    longitude = np.repeat([[40, 39.9, 39.8, 39.7]], 4, axis=0)
    steps = mpcalc.lat_lon_grid_deltas(q(longitude, "degrees"), q(latitude, "degrees"))
    return (*uv([u] * 3, np.zeros((3, 4, 4))), *steps, q(latitude, "degrees"))


@pytest.mark.parametrize(("step", "slope"), [(100, -1.0), (1, -100.0)])
def test_potential_vorticity_of_steady_stratification(jet, step, slope):
    u, v, dx, dy, latitude = jet
    levels = np.ones((3, 4, 4)) * np.array([2, 1, 0])[:, None, None]
    theta, pressure = q(400 - 100 * levels, "K"), q(1000 - step * levels, "hPa")
    place = dx[None], dy[None], latitude[None]
    pv = mpcalc.potential_vorticity_baroclinic(theta, pressure, u, v, *place)
    zeta = mpcalc.absolute_vorticity(u, v, *place).to("1/s").magnitude
    # MetPy's own check has a tolerance of 1e-10; the numbers are 1e-3 and smaller
    expected = zeta * 9.80665 * slope / 100.0
    assert_is(pv, expected, "K m^2 / s / kg", atol=1e-10)


def test_potential_vorticity_needs_three_levels_and_as_many_pressures(jet):
    u, v, dx, dy, latitude = jet
    theta = q(np.full((3, 4, 4), 300.0), "K")
    pressure = q(np.full((3, 4, 4), 800.0), "hPa")
    place = dx[None], dy[None], latitude[None]
    with pytest.raises(ValueError, match="at least 3"):
        mpcalc.potential_vorticity_baroclinic(theta[:1], pressure, u, v, *place)
    with pytest.raises(ValueError, match="'potential_temperature' has the wrong dim"):
        mpcalc.potential_vorticity_baroclinic(u, v, *place, theta, pressure[:1])


def test_barotropic_potential_vorticity_is_vorticity_over_depth(jet):
    u, v, dx, dy, latitude = jet
    depth = q(3 * np.ones((4, 4)), "km")
    pv = mpcalc.potential_vorticity_barotropic(depth, u[0], v[0], dx, dy, latitude)
    zeta = mpcalc.absolute_vorticity(u[0], v[0], dx, dy, latitude).to("1/s").magnitude
    assert_is(pv, zeta / 3000.0, "1/(m s)", atol=1e-12)


@pytest.mark.parametrize(
    ("case", "pressure"), [("pv_isentropic", "hPa"), ("pv_isobaric", "Pa")]
)
def test_potential_vorticity_of_real_data_is_the_published_one(case, pressure):
    data = PUBLISHED[case]
    latitude, longitude = (q(data[n], "degrees") for n in ("latitude", "longitude"))
    dx, dy = mpcalc.lat_lon_grid_deltas(longitude, latitude)
    pv = mpcalc.potential_vorticity_baroclinic(
        q(data["potential_temperature_K"], "K"),
        q(data[f"pressure_{pressure}"], pressure),
        *uv(data["u_m_s"], data["v_m_s"]),
        dx[None],
        dy[None],
        latitude[None, :, None],
    )
    assert_is(pv, data["result_K_m2_kg_s"], "K m^2 / s / kg", atol=1e-10)


def test_inertial_advective_wind_is_the_published_one():
    data = PUBLISHED["inertial"]
    latitude, longitude = (q(data[n], "degrees") for n in ("latitude", "longitude"))
    ug, vg = uv(data["ug_m_s"], data["vg_m_s"])
    steps = mpcalc.lat_lon_grid_deltas(longitude, latitude)
    ui, vi = mpcalc.inertial_advective_wind(ug, vg, ug, vg, *steps, latitude[:, None])
    assert_is(ui, data["ui_m_s"], "m/s", atol=1e-5)
    assert_is(vi, data["vi_m_s"], "m/s", atol=1e-5)


DIRECTION = [[210, 190, 170, 150], [190, 180, 180, 170]]
TEMPERATURE = [
    np.repeat([[18.0], [17], [17], [16]], 4, axis=1),
    [[12, 11, 10, 9], [11, 10.5, 10.5, 10], [10, 10.5, 10.5, 11], [9, 10, 11, 12]],
    np.repeat([[-10.0], [-10], [-11], [-11]], 4, axis=1),
]


@pytest.mark.parametrize(
    ("which", "unit", "atol"),
    [("without", "m^2/kg/s", 1.5e-16), ("with", "kg/m^2/s^3", 1.5e-10)],
)
def test_q_vector_is_the_published_one(which, unit, atol):
    direction = np.deg2rad([*DIRECTION, DIRECTION[1][::-1], DIRECTION[0][::-1]])
    direction[2] = np.deg2rad([170, 180, 180, 190])
    u, v = (q(-50.0 * f(direction), "knots") for f in (np.sin, np.cos))
    t, p = q(TEMPERATURE, "degC"), q([850.0, 700, 500], "hPa")
    dx, dy = mpcalc.lat_lon_grid_deltas(
        np.linspace(-100, -90, 4), np.linspace(35, 40, 4)
    )
    sigma = mpcalc.static_stability(p[:, None, None], t)
    extra = [sigma[1]] if which == "with" else []
    for part, expected in zip(
        mpcalc.q_vector(u, v, t[1], p[1], dx, dy, *extra),
        PUBLISHED["q_vector"][which],
        strict=True,
    ):
        assert_is(part, expected, unit, atol=atol)


def test_static_stability_along_another_axis_is_the_published_one():
    pressure = q([[850.0, 700.0, 500.0]] * 3, "hPa")
    temperature = q([[17.0, 11, -10], [16, 10, -11], [11, 6, -12]], "degC")
    expected = [
        [0.028203, 0.020182, 0.003077],
        [0.028097, 0.020008, 0.002774],
        [0.02841, 0.02368, 0.013184],
    ]
    result = mpcalc.static_stability(pressure, temperature, vertical_dim=1)
    assert_is(result, expected, "J / kg / hPa^2", atol=1e-6)


def test_static_stability_of_a_dry_adiabat_is_nothing():
    pressure = np.array([1000.0, 900, 800, 700, 600, 500])
    temperature = 293.15 * (pressure / 1000.0) ** (2.0 / 7.0)
    result = mpcalc.static_stability(q(pressure, "hPa"), q(temperature, "K"))
    assert_is(result, np.zeros(6), "J / kg / hPa^2", atol=1e-6)
