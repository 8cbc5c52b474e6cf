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


def lanczos(x, b1, b2, b3, b4, b5, b6):
    return b1 * np.exp(-b2 * x) + b3 * np.exp(-b4 * x) + b5 * np.exp(-b6 * x)


def gauss(x, b1, b2, b3, b4, b5, b6, b7, b8):
    first = b1 * np.exp(-b2 * x) + b3 * np.exp(-((x - b4) ** 2) / b5**2)
    return first + b6 * np.exp(-((x - b7) ** 2) / b8**2)


def cubics(x, b1, b2, b3, b4, b5, b6, b7):
    above = b1 + b2 * x + b3 * x**2 + b4 * x**3
    return above / (1 + b5 * x + b6 * x**2 + b7 * x**3)


def chwirut(x, b1, b2, b3):
    return np.exp(-b1 * x) / (b2 + b3 * x)


def el_nino(x, b1, b2, b3, b4, b5, b6, b7, b8, b9):
    turn = 2 * np.pi * x
    year = b1 + b2 * np.cos(turn / 12) + b3 * np.sin(turn / 12)
    one = b5 * np.cos(turn / b4) + b6 * np.sin(turn / b4)
    return year + one + b8 * np.cos(turn / b7) + b9 * np.sin(turn / b7)


def nelson(number, b1, b2, b3):
    """The logarithm of dielectric strength, of two predictors."""
    day, celsius = np.array(NIST["nonlinear"]["Nelson"]["x"])[:, number.astype(int)]
    return b1 - b2 * day * np.exp(-b3 * celsius)


MODELS = {
    "Bennett5": lambda x, b1, b2, b3: b1 * (b2 + x) ** (-1 / b3),
    "BoxBOD": lambda x, b1, b2: b1 * (1 - np.exp(-b2 * x)),
    "Chwirut1": chwirut,
    "Chwirut2": chwirut,
    "DanWood": lambda x, b1, b2: b1 * x**b2,
    "ENSO": el_nino,
    "Eckerle4": lambda x, b1, b2, b3: (b1 / b2) * np.exp(-0.5 * ((x - b3) / b2) ** 2),
    "Gauss1": gauss,
    "Gauss2": gauss,
    "Gauss3": gauss,
    "Hahn1": cubics,
    "Kirby2": lambda x, b1, b2, b3, b4, b5: (
        (b1 + b2 * x + b3 * x**2) / (1 + b4 * x + b5 * x**2)
    ),
    "Lanczos1": lanczos,
    "Lanczos2": lanczos,
    "Lanczos3": lanczos,
    "MGH09": lambda x, b1, b2, b3, b4: b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4),
    "MGH10": lambda x, b1, b2, b3: b1 * np.exp(b2 / (x + b3)),
    "MGH17": lambda x, b1, b2, b3, b4, b5: (
        b1 + b2 * np.exp(-x * b4) + b3 * np.exp(-x * b5)
    ),
    "Misra1a": lambda x, b1, b2: b1 * (1 - np.exp(-b2 * x)),
    "Misra1b": lambda x, b1, b2: b1 * (1 - (1 + b2 * x / 2) ** -2),
    "Misra1c": lambda x, b1, b2: b1 * (1 - (1 + 2 * b2 * x) ** -0.5),
    "Misra1d": lambda x, b1, b2: b1 * b2 * x / (1 + b2 * x),
    "Nelson": nelson,
    "Rat42": lambda x, b1, b2, b3: b1 / (1 + np.exp(b2 - b3 * x)),
    "Rat43": lambda x, b1, b2, b3, b4: b1 / ((1 + np.exp(b2 - b3 * x)) ** (1 / b4)),
    "Roszman1": lambda x, b1, b2, b3, b4: (
        b1 - b2 * x - np.arctan(b3 / (x - b4)) / np.pi
    ),
    "Thurber": cubics,
}

# Digits of standard errors that differences of the model leave where parameters are
# hardly told apart; elsewhere there are five and more.
FEWER = {"Lanczos2": 4}
# Its residuals are of size 1e-14, the rounding of its data.
PERFECT = "Lanczos1"


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
    y, x = np.array(data["y"]), np.array(data["x"])
    if name == "Nelson":
        y, x = np.log(y), np.arange(float(y.size))
    field = xr.DataArray(
        y,
        dims="x",
        coords={"x": ("x", x, {"units": "1"})},
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
    if name == PERFECT:
        assert plain(fit.cost) < 1e-24
        return
    errors = [plain(fit[f"b{i}_stderr"]) for i in k]
    assert digits(errors, data["deviations"]) >= FEWER.get(name, 5)
    np.testing.assert_allclose(plain(fit.cost), data["sum_of_squares"], rtol=1e-9)


@pytest.mark.parametrize("name", MODELS)
def test_from_the_first_start_it_is_right_or_says_that_it_is_not(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        fit, data = of_name(name, "start1")
    k = range(1, len(data["parameters"]) + 1)
    right = digits([plain(fit[f"b{i}"]) for i in k], data["parameters"]) >= 4
    assert right == bool(fit.converged)
    assert right == (name not in ("BoxBOD", "MGH10"))  # a flat start; 1e13 too high


# The last three are Wampler's polynomial beside ever larger residuals: 5 has as many
# digits as numpy's lstsq of columns of one size.
@pytest.mark.parametrize(
    ("name", "fewest", "of_errors"),
    [
        ("Norris", 11.5, 11.5),
        ("Longley", 10, 10),
        ("Pontius", 12.5, 12.5),
        ("NoInt1", 14, 14),
        ("NoInt2", 14, 14),
        ("Wampler1", 8.5, 8.5),
        ("Wampler2", 12.5, 13),
        ("Wampler3", 8.5, 13),
        ("Wampler4", 7, 13),
        ("Wampler5", 5, 13),
    ],
)
def test_linear_certified_values(name, fewest, of_errors):
    data = NIST["linear"][name]
    columns = {key: column(values) for key, values in data["columns"].items()}
    constant = not name.startswith("NoInt")
    fit = regress(column(data["y"]), columns, "i", se="ols", intercept=constant)
    names = ["intercept", *columns] if constant else list(columns)
    assert digits([plain(fit[n]) for n in names], data["parameters"]) >= fewest
    errors = [plain(fit[f"{n}_stderr"]) for n in names]
    if any(data["deviations"]):
        assert digits(errors, data["deviations"]) >= of_errors
    else:
        assert max(errors) < 10.0**-of_errors
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
