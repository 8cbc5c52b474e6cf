"""The examples of the documentation reach what is known of their data."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
import xarray as xr

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def examples():
    path = ROOT / "docs" / "examples" / "descent.py"
    spec = importlib.util.spec_from_file_location("descent_examples", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_sample_is_what_its_script_makes(tmp_path):
    path = ROOT / "sample_data" / "make_training.py"
    spec = importlib.util.spec_from_file_location("make_training", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with xr.open_dataset(ROOT / "sample_data" / "training.nc") as shipped:
        for made in (module.flights(), module.arcs()):
            for name, one in made.items():
                np.testing.assert_array_equal(shipped[name], one)
        assert dict(shipped.sizes) == {"flight": 23, "point": 200, "axis": 2}
        assert int(shipped.distress.sum()) == 7


@pytest.mark.parametrize("method", ["gd", "nesterov", "bb"])
def test_the_line_has_the_digits_of_lstsq(examples, method):
    found, exact = examples.line(method)
    assert bool(found.converged)
    np.testing.assert_allclose([found.a, found.b], exact, rtol=1e-7)


def test_the_race_ends_at_one_and_one(examples):
    race = examples.race(("gd", "nesterov", "bb", "newton", "lm", "lbfgs"))
    for name, one in race.items():
        assert bool(one.converged), name
        np.testing.assert_allclose(one.solution, [1.0, 1.0], atol=1e-6)


def published(examples):
    """Return what statsmodels makes of the launches: 15.043 and -0.2322."""
    with xr.open_dataset(examples.SAMPLE) as sample:
        columns = sm.add_constant(sample.temperature.values.astype(float))
        fit = sm.Logit(sample.distress.values, columns).fit(disp=0)
    assert (round(fit.params[0], 3), round(fit.params[1], 4)) == (15.043, -0.2322)
    return fit


@pytest.mark.parametrize("method", ["adam", "sgd", "newton"])
def test_the_launches_reach_the_published_optimum(examples, method):
    exact = published(examples)
    found, intercept, slope = examples.logistic(method)
    assert bool(found.converged)
    np.testing.assert_allclose([intercept, slope], exact.params, rtol=1e-6)
    assert float(found.cost) * 23 == pytest.approx(-exact.llf, abs=1e-9)
    assert str(found.b.data.units) == "1 / kelvin"


@pytest.mark.parametrize("method", ["adam", "sgd"])
def test_batches_of_eight_launches_come_near_it(examples, method):
    exact = published(examples)
    found, intercept, slope = examples.logistic(
        method, batch_size=8, seed=0, max_iterations=60
    )
    np.testing.assert_allclose([intercept, slope], exact.params, rtol=0.02)
    assert float(found.cost) * 23 + exact.llf < 1e-3


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("adam", {"learning_rate": 0.05}),
        ("sgd", {"learning_rate": 0.2, "momentum": 0.9}),
    ],
)
def test_the_network_gets_every_point_right_and_a_line_does_not(
    examples, method, options
):
    found, right = examples.network(method, batch_size=20, seed=0, **options)
    assert right == 1.0
    assert float(found.cost) < 0.01
    assert float(found.cost_history[0]) > 0.4
    with xr.open_dataset(examples.SAMPLE) as sample:
        columns = sm.add_constant(sample.place.values.astype(float))
        line = sm.Logit(sample.arc.values, columns).fit(disp=0)
        straight = ((line.predict(columns) > 0.5) == sample.arc.values).mean()
    assert straight < 0.92


def test_the_gradient_of_the_network_is_right(examples):
    from xnabla.descent.engine import check_gradient

    with xr.open_dataset(examples.SAMPLE) as sample:
        data = (sample.place.values.astype(float), sample.arc.values.astype(float))
    random = np.random.default_rng(3)
    point = {
        "W": random.normal(size=(2, 4)),
        "b": random.normal(size=4),
        "v": random.normal(size=4),
        "c": 0.3,
    }
    table = check_gradient(
        examples.deviance, examples.back_propagated, point, data=data
    )
    assert bool(table.passed)
