"""Operators as benchmarks: once each in the tests, many times with --benchmark-only.

pytest benchmarks --benchmark-enable --benchmark-only
"""

import made_fields
import pytest

import xnabla as xn

SIZE = (2, 181, 360)

CALLS = {
    "gradient": lambda f: xn.gradient(f["t"]),
    "gradient accuracy 6": lambda f: xn.gradient(f["t"], accuracy=6),
    "gradient beside gaps": lambda f: xn.gradient(f["sea"], missing="shrink"),
    "gradient on uneven longitudes": lambda f: xn.gradient(f["uneven t"]),
    "vorticity on uneven longitudes": lambda f: xn.vorticity(
        f["uneven u"], f["uneven v"]
    ),
    "laplacian": lambda f: xn.laplacian(f["t"]),
    "laplacian beside gaps": lambda f: xn.laplacian(f["sea"], missing="shrink"),
    "hessian": lambda f: xn.hessian(f["t"]),
    "vorticity": lambda f: xn.vorticity(f["u"], f["v"]),
    "kinematics": lambda f: xn.kinematics(f["u"], f["v"]),
    "advection": lambda f: xn.advection(f["t"], f["u"], f["v"]),
    "frontogenesis": lambda f: xn.frontogenesis(f["t"], f["u"], f["v"]),
    "d/dt": lambda f: xn.derivative(f["t"], "time", edge_order=1),
}


@pytest.fixture(scope="module")
def fields():
    made = made_fields.globe(*SIZE)
    uneven = {f"uneven {name}": made_fields.uneven(f) for name, f in made.items()}
    return {**made, **uneven, "sea": made_fields.ocean(made["t"])}


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("name", CALLS)
def test_operator(benchmark, fields, name, engine):
    with xn.set_options(engine=engine):
        result = benchmark(CALLS[name], fields)
    for part in result if isinstance(result, tuple) else (result,):
        assert part.shape == SIZE
