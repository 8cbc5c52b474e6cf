"""Descent by example: a line, a race, a logistic regression and a small network.

    python docs/examples/descent.py [FOLDER]

prints what each example finds, in about half a minute, and with a folder writes its
pictures of convergence. Each example is one function that returns its numbers.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

import xnabla as xn
from xnabla.descent.engine import METHODS, descend

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parents[1] / "sample_data" / "training.nc"


# -- a line through a hundred points ----------------------------------------------


def line(method: str = "gd", **options: Any) -> tuple[xr.Dataset, np.ndarray]:
    """Fit y = a + b i to y = i + 25 + U(0, 10), by descent and by ``lstsq``.

    The two columns differ a hundredfold in size, so that plain gradient descent at the
    largest rate that does not diverge, 6e-4, takes a hundred thousand steps. In
    parameters of equal size it takes some two hundred, and needs no rate at all.
    """
    i = np.arange(100.0)
    y = i + 25 + np.random.default_rng(0).uniform(0, 10, 100)
    found = descend(
        lambda p: ((y - p["a"] - p["b"] * i) ** 2).mean() / 2,
        {"a": 0.0, "b": 0.0},
        method=method,
        **options,
    )
    exact = np.linalg.lstsq(np.stack([np.ones(100), i], axis=1), y, rcond=None)[0]
    return found, exact


# -- a race down Rosenbrock's valley ----------------------------------------------


def race(methods: tuple[str, ...] = (*METHODS, "lbfgs")) -> dict[str, xr.Dataset]:
    """Let every method go down the same curved valley, from (-1.2, 1) to (1, 1)."""

    def valley(p: np.ndarray) -> Any:
        return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2

    start = np.array([-1.2, 1.0])
    return {name: _quiet(valley, start, method=name) for name in methods}


# -- logistic regression: cold joints ---------------------------------------------


def logistic(method: str = "adam", **options: Any) -> tuple[xr.Dataset, float, float]:
    """Learn from 23 launches how the chance of O-ring distress falls with temperature.

    The model is logit(chance) = a + b (T - T_mean), with a slope b per kelvin. Returns
    the descent, and intercept and slope per degree Fahrenheit as the literature gives
    them: 15.043 and -0.2322.
    """
    sample = xr.open_dataset(SAMPLE).load()
    fahrenheit = xn.quantify(sample.temperature.astype(float))
    kelvin = fahrenheit.copy(data=fahrenheit.data.to("K"))
    above = kelvin - kelvin.mean()
    data = xr.Dataset({"above": above, "distress": sample.distress.astype(float)})

    def cost(p: dict[str, Any], data: xr.Dataset) -> Any:
        z = _number(p["a"] + p["b"] * data.above)
        return (np.log1p(np.exp(z)) - data.distress * z).mean()

    per_kelvin = _quantity(0.0, "1/K")
    found = _quiet(
        cost,
        {"a": 0.0, "b": per_kelvin},
        method=method,
        data=data,
        sample_dim="flight",
        **options,
    )
    slope = found.b.data.magnitude * 5 / 9
    mean = fahrenheit.data.magnitude.mean()
    return found, float(found.a) - slope * mean, float(slope)


# -- a network of two layers ------------------------------------------------------


def network(
    method: str = "adam", *, hidden: int = 8, epochs: int = 150, **options: Any
) -> tuple[xr.Dataset, float]:
    """Teach eight neurons to tell two arcs apart that no straight line divides.

    Returns the descent and the part of the points it gets right. The gradient is
    written out, which is all that back-propagation is.
    """
    sample = xr.open_dataset(SAMPLE).load()
    data = (sample.place.values.astype(float), sample.arc.values.astype(float))
    random = np.random.default_rng(1)
    start = {
        "W": random.normal(size=(2, hidden)),
        "b": np.zeros(hidden),
        "v": random.normal(size=hidden) / np.sqrt(hidden),
        "c": 0.0,
    }
    found = _quiet(
        deviance,
        start,
        grad=back_propagated,
        method=method,
        data=data,
        max_iterations=epochs,
        **options,
    )
    last = {name: found[name].values for name in start}
    right = (forward(last, data[0])[1] > 0) == (data[1] > 0.5)
    return found, float(right.mean())


def forward(p: dict[str, Any], place: np.ndarray) -> tuple[Any, Any]:
    """Return what the hidden layer and the last neuron make of points."""
    h = np.tanh(place @ p["W"] + p["b"])
    return h, h @ p["v"] + p["c"]


def deviance(p: dict[str, Any], data: tuple[np.ndarray, np.ndarray]) -> Any:
    """Return the mean of -log of the chance given to the right arc."""
    place, arc = data
    _, z = forward(p, place)
    return (np.logaddexp(0.0, z) - arc * z).mean()


def back_propagated(
    p: dict[str, Any], data: tuple[np.ndarray, np.ndarray]
) -> dict[str, Any]:
    """Return the gradient of the deviance, layer by layer from the last."""
    place, arc = data
    h, z = forward(p, place)
    dz = (1.0 / (1.0 + np.exp(-z)) - arc) / len(arc)
    dh = np.outer(dz, p["v"]) * (1.0 - h**2)
    return {"W": place.T @ dh, "b": dh.sum(axis=0), "v": h.T @ dz, "c": dz.sum()}


def _quiet(*args: Any, **options: Any) -> xr.Dataset:
    """Descend; who stops on the way is told by the status, and here by no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return descend(*args, **options)


def _quantity(value: float, units: str) -> Any:
    return xn.quantify(xr.DataArray(value, attrs={"units": units})).data


def _number(field: xr.DataArray) -> xr.DataArray:
    """Return a field without dimension as plain numbers."""
    return field.copy(data=field.data.to("dimensionless").magnitude)


def main(folder: Path | None = None) -> str:
    """Run all examples and return what they found, a line each."""
    told = []
    found, exact = line()
    a, b, n = float(found.a), float(found.b), int(found.n_iterations)
    told.append(f"line: {a:.6f} + {b:.7f} i after {n} iterations")
    told.append(f"exactly {exact[0]:.6f} + {exact[1]:.7f} i")
    runners = race()
    for name, one in runners.items():
        status = one.status.attrs["flag_meanings"].split()[int(one.status)]
        told.append(
            f"valley by {name}: cost {float(one.cost):.1e} after "
            f"{int(one.n_iterations)} iterations, {status}"
        )
    for method in ("adam", "sgd"):
        found, intercept, slope = logistic(
            method, batch_size=8, seed=0, max_iterations=60
        )
        told.append(
            f"launches by {method}: logit = {intercept:.2f} {slope:+.4f} T (degF)"
        )
    net, right = network("adam", batch_size=20, learning_rate=0.05, seed=0)
    told.append(f"arcs: {right:.1%} right, cost {float(net.cost):.4f}")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        xn.plot.save_figure(xn.plot.convergence(runners), folder / "race.png")
        xn.plot.save_figure(xn.plot.convergence(net), folder / "network.png")
    return "\n".join(told)


if __name__ == "__main__":
    sys.stdout.write(main(*(Path(name) for name in sys.argv[1:2])) + "\n")
