"""Certified values of NIST's reference data sets, one set in each cell of a field."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from xnabla.descent import fit_model, regress

NIST = json.loads((Path(__file__).parent / "nist.json").read_text())

MODELS = {
    "Misra1a": lambda x, b1, b2: b1 * (1 - np.exp(-b2 * x)),
    "Thurber": lambda x, b1, b2, b3, b4, b5, b6, b7: (
        (b1 + b2 * x + b3 * x**2 + b4 * x**3) / (1 + b5 * x + b6 * x**2 + b7 * x**3)
    ),
    "MGH09": lambda x, b1, b2, b3, b4: b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4),
    "Eckerle4": lambda x, b1, b2, b3: (b1 / b2) * np.exp(-0.5 * ((x - b3) / b2) ** 2),
    "Rat43": lambda x, b1, b2, b3, b4: b1 / ((1 + np.exp(b2 - b3 * x)) ** (1 / b4)),
    "MGH17": lambda x, b1, b2, b3, b4, b5: (
        b1 + b2 * np.exp(-x * b4) + b3 * np.exp(-x * b5)
    ),
    "BoxBOD": lambda x, b1, b2: b1 * (1 - np.exp(-b2 * x)),
    "MGH10": lambda x, b1, b2, b3: b1 * np.exp(b2 / (x + b3)),
}


def plain(one):
    return np.asarray(one.data.magnitude)


def digits(ours, certified):
    """The fewest significant digits that agree."""
    wrong = np.abs(np.asarray(ours) / np.asarray(certified) - 1)
    return float(-np.log10(np.maximum(wrong, 1e-16)).min())


def column(values):
    return xr.DataArray(np.asarray(values), dims="i", attrs={"units": "1"})


def of_name(name, start):
    """The fit of a nonlinear set, from one of its starting values."""
    data = NIST["nonlinear"][name]
    field = xr.DataArray(
        data["y"],
        dims="x",
        coords={"x": ("x", data["x"], {"units": "1"})},
        attrs={"units": "1"},
    )
    params = {f"b{i}": value for i, value in enumerate(data[start], 1)}
    return fit_model(field, MODELS[name], "x", params=params), data


@pytest.mark.parametrize("name", MODELS)
def test_nonlinear_certified_values_from_the_second_start(name):
    fit, data = of_name(name, "start2")
    assert bool(fit.converged)
    k = range(1, len(data["parameters"]) + 1)
    assert digits([plain(fit[f"b{i}"]) for i in k], data["parameters"]) >= 6
    errors = [plain(fit[f"b{i}_stderr"]) for i in k]
    assert digits(errors, data["deviations"]) >= 5
    np.testing.assert_allclose(plain(fit.cost), data["sum_of_squares"], rtol=1e-9)


@pytest.mark.parametrize("name", MODELS)
def test_from_the_first_start_it_is_right_or_says_that_it_is_not(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        fit, data = of_name(name, "start1")
    k = range(1, len(data["parameters"]) + 1)
    right = digits([plain(fit[f"b{i}"]) for i in k], data["parameters"]) >= 4
    assert right == bool(fit.converged)


@pytest.mark.parametrize(("name", "fewest"), [("Norris", 11.5), ("Longley", 10)])
def test_linear_certified_values(name, fewest):
    data = NIST["linear"][name]
    columns = {key: column(values) for key, values in data["columns"].items()}
    fit = regress(column(data["y"]), columns, "i", se="ols")
    names = ["intercept", *columns]
    assert digits([plain(fit[n]) for n in names], data["parameters"]) >= fewest
    errors = [plain(fit[f"{n}_stderr"]) for n in names]
    assert digits(errors, data["deviations"]) >= fewest
    assert digits(plain(fit.r2), data["r2"]) >= 12


def test_filip_as_far_as_double_precision_goes():
    """Its condition is 1.8e15: numpy's lstsq has 8 digits of scaled columns."""
    data = NIST["linear"]["Filip"]
    x = np.array(data["x"])
    columns = {f"x{k}": column(x**k) for k in range(1, 11)}
    fit = regress(column(data["y"]), columns, "i", se="ols")
    names = ["intercept", *columns]
    assert digits([plain(fit[n]) for n in names], data["parameters"]) >= 7
    errors = [plain(fit[f"{n}_stderr"]) for n in names]
    assert digits(errors, data["deviations"]) >= 7
    assert digits(plain(fit.r2), data["r2"]) >= 10


def test_a_set_beside_missing_and_hopeless_cells_is_fitted_as_if_it_were_alone():
    data = NIST["nonlinear"]["Misra1a"]
    y = np.array(data["y"])
    hopeless = np.where(np.arange(y.size) % 2, 1e300, -1e300)
    gappy = np.where(np.arange(y.size) == 3, np.nan, y)
    cells = np.stack([y, np.full(y.size, np.nan), hopeless, gappy, y], axis=1)
    coords = {"x": ("x", data["x"], {"units": "1"})}
    field = xr.DataArray(cells, dims=("x", "cell"), coords=coords, attrs={"units": "1"})
    params = dict(zip(("b1", "b2"), data["start2"], strict=True))
    model = MODELS["Misra1a"]
    alone = fit_model(field.isel(cell=[0]), model, "x", params=params)
    with pytest.warns(RuntimeWarning, match=r"1 of 4 cells not converged: 1 \w+"):
        beside = fit_model(field, model, "x", params=params)
    for name in alone.data_vars:
        if name == "cost_history":
            continue
        one, many = alone[name].data, beside[name].data
        one, many = (np.asarray(getattr(a, "magnitude", a)) for a in (one, many))
        np.testing.assert_array_equal(many[[0, 4]], one[[0, 0]], err_msg=name)
    meanings = beside.status.attrs["flag_meanings"].split()
    ends = [meanings[status] for status in beside.status.values]
    assert ends[1] == "all_missing"
    assert list(beside.converged.values) == [True, False, False, True, True]
    assert digits(plain(beside.b1)[3], data["parameters"][0]) > 2
