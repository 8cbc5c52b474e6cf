"""minimize_field: any cost of fields, down in the area product, whatever the units."""

import numpy as np
import pint
import pytest
import xarray as xr
from fields import GLOBAL, labelled

from xnabla.descent._status import Status
from xnabla.descent.inversion import minimize_field, operator_matrix, smooth
from xnabla.errors import FieldError, GridError, OptionError, UnitsError

RANDOM = np.random.default_rng(99)
Q = pint.get_application_registry().Quantity


def plain(field):
    return np.asarray(field.data.magnitude)


def box(ny=6, nx=8, units="K"):
    return xr.DataArray(
        RANDOM.normal(size=(ny, nx)),
        dims=("y", "x"),
        coords={
            "y": ("y", np.arange(ny) * 1.0, {"units": "km"}),
            "x": ("x", np.arange(nx) * 1.0, {"units": "km"}),
        },
        name="t",
        attrs={"units": units},
    )


def smoothing(field, length):
    """The cost of smoothing, and its gradient by the adjoint, written by a user."""
    a = operator_matrix(field)
    m, w, y = a.area_m2, a.weights_m2, a.vector(field)

    def cost(t):
        x = a.vector(t)
        slopes = a @ x
        far = x - y
        return 0.5 * far @ (m @ far) + 0.5 * length**2 * slopes @ (w @ slopes)

    def gradient(t):
        x = a.vector(t)
        pull = m @ (x - y) + length**2 * (a.matrix.T @ (w @ (a @ x)))
        return a.gradient_field(pull)

    return cost, gradient


@pytest.mark.parametrize("method", ["lbfgs", "bb", "nesterov"])
def test_a_cost_of_ones_own_finds_what_smooth_finds(method):
    globe = GLOBAL["no pole rows"](12)
    field = labelled(RANDOM.normal(size=(12, 24)), globe)
    cost, gradient = smoothing(field, 1.0e6)
    found = minimize_field(
        cost, field, gradient=gradient, method=method, gtol=1e-7, max_iterations=3000
    )
    assert bool(found.converged)
    exact = smooth(field, length_scale="1000 km").smoothed
    np.testing.assert_allclose(plain(found.t), plain(exact), atol=1e-4)
    history = plain(found.cost_history)
    assert history[-1] < history[0]
    assert plain(found.gradient_norm_history)[0] == 1.0


def test_poles_are_one_point_and_move_as_one():
    globe = GLOBAL["pole rows"](8)
    values = RANDOM.normal(size=(9, 16))
    values[0], values[-1] = 1.0, -1.0
    field = labelled(values, globe)
    cost, gradient = smoothing(field, 1.5e6)
    start = field.copy(data=np.zeros((9, 16)))
    found = minimize_field(cost, start, gradient=gradient, gtol=1e-9)
    exact = smooth(field, length_scale="1500 km").smoothed
    np.testing.assert_allclose(plain(found.t), plain(exact), atol=1e-5)


@pytest.mark.parametrize("units", ["K", "mK", "degC"])
def test_the_way_down_does_not_depend_on_units(units):
    field = box()
    cost, gradient = smoothing(field, 2e3)
    scale = {"K": 1.0, "mK": 1e3, "degC": 1.0}[units]
    start = (0 * field).assign_attrs(units=units)
    found = minimize_field(
        lambda t: cost(t / scale),
        start,
        gradient=lambda t: gradient(t / scale) / scale,
    )
    plainly = minimize_field(
        cost, (0 * field).assign_attrs(units="K"), gradient=gradient
    )
    # the same steps, but for the rounding of a thousandth, which may spare the last
    assert abs(int(found.n_iterations) - int(plainly.n_iterations)) <= 1
    np.testing.assert_allclose(
        plain(found.t), scale * plain(plainly.t), rtol=0, atol=1e-6 * scale
    )


def test_without_a_gradient_differences_do_on_small_grids():
    field = box(4, 5)
    start = field.copy(data=np.zeros((4, 5)))
    found = minimize_field(lambda t: float(((t - field) ** 4).sum()), start, gtol=1e-10)
    np.testing.assert_allclose(plain(found.t), field.values, atol=5e-3)
    assert found.attrs["gradient"] == "central differences"


def test_several_fields_with_units_and_a_cost_with_one():
    t = box().copy(data=box().values)
    p = box(units="hPa").rename("p")
    t0, p0 = (
        xr.zeros_like(one).copy(data=Q(np.zeros(one.shape), one.attrs["units"]))
        for one in (t, p)
    )

    def cost(x):
        warm = ((x["t"].data - Q(t.values, "K")) ** 2).sum() / Q(1, "K") ** 2
        heavy = ((x["p"].data - Q(p.values, "hPa")) ** 2).sum() / Q(1, "hPa") ** 2
        return (warm + heavy) * Q(1, "J")

    def gradient(x):
        warm = 2 * (x["t"].data - Q(t.values, "K")) * Q(1, "J") / Q(1, "K") ** 2
        heavy = 2 * (x["p"].data - Q(p.values, "hPa")) * Q(1, "J") / Q(1, "hPa") ** 2
        return {"t": x["t"].copy(data=warm), "p": x["p"].copy(data=heavy.to("mJ/Pa"))}

    found = minimize_field(cost, xr.Dataset({"t": t0, "p": p0}), gradient=gradient)
    np.testing.assert_allclose(plain(found.t), t.values, atol=1e-6)
    np.testing.assert_allclose(plain(found.p), p.values, atol=1e-6)
    assert f"{found.p.data.units:~}" == "hPa"
    assert f"{found.cost.data.units:~}" == "J"
    assert int(found.n_valid) == 96


def test_what_is_missing_or_masked_stays_as_it_was():
    field = box()
    start = field.copy(data=np.zeros(field.shape))
    start[2, 3] = np.nan
    mask = xr.ones_like(field, dtype=bool)
    mask[:, 0] = False
    start[:, 0] = 9.0
    found = minimize_field(
        lambda t: float(((t - field) ** 2).sum()),
        start,
        gradient=lambda t: 2 * (t - field),
        mask=mask,
    )
    result = plain(found.t)
    assert np.isnan(result[2, 3])
    np.testing.assert_array_equal(result[:, 0], 9.0)
    rest = np.isfinite(start.values) & mask.values
    np.testing.assert_allclose(result[rest], field.values[rest], atol=1e-6)
    assert int(found.n_valid) == rest.sum()


def test_too_few_steps_are_data_and_one_warning():
    field = labelled(RANDOM.normal(size=(12, 24)), GLOBAL["no pole rows"](12))
    cost, gradient = smoothing(field, 3e6)
    with pytest.warns(RuntimeWarning, match="1 max_iterations"):
        found = minimize_field(cost, field, gradient=gradient, max_iterations=2)
    assert int(found.status) == Status.MAX_ITERATIONS
    assert not bool(found.converged)


def test_inputs_are_not_changed_and_single_precision_stays():
    field = box().astype(np.float32)
    before = field.copy(deep=True)
    found = minimize_field(
        lambda t: float((t**2).sum()), field, gradient=lambda t: 2 * t
    )
    xr.testing.assert_identical(field, before)
    assert found.t.dtype == np.float32
    assert np.abs(plain(found.t)).max() < 1e-5


def test_costs_and_gradients_that_are_none_are_told():
    field = box()
    with pytest.raises(FieldError, match="cost is no number"):
        minimize_field(lambda t: t**2, field)
    with pytest.raises(FieldError, match="another shape"):
        minimize_field(lambda t: float((t**2).sum()), field, gradient=lambda t: t[0])
    with pytest.raises(FieldError, match="without 'u'"):
        minimize_field(
            lambda x: float((x["u"] ** 2).sum()),
            {"u": field, "v": field},
            gradient=lambda x: {"v": field},
        )
    with pytest.raises(FieldError, match="begins at fields"):
        minimize_field(lambda t: 0.0, 3.0)
    with pytest.raises(FieldError, match="has 3 dimensions"):
        minimize_field(lambda t: 0.0, field.expand_dims(time=2))
    with pytest.raises(OptionError, match="'sgd'"):
        minimize_field(lambda t: 0.0, field, method="sgd")
    with pytest.raises(OptionError, match="two evaluations for each point"):
        minimize_field(lambda t: 0.0, box(60, 60))
    with pytest.raises(GridError):
        minimize_field(lambda t: 0.0, {"u": field, "v": field[1:]})
    with pytest.raises(UnitsError):
        minimize_field(lambda t: 0.0, field.drop_attrs(deep=False))
