"""The finite-volume gradient: adjoints, areas, what it keeps and what it refuses."""

import numpy as np
import pytest
import xarray as xr
from atlas import MAPS
from fields import FIELDS, FLAT, GLOBAL, SPHERE, SPHERE_M, WGS84, labelled

from xnabla.descent.inversion import operator_matrix
from xnabla.errors import FieldError, GridError, OptionError

RANDOM = np.random.default_rng(20110115)
GLOBES = {name: make(8) for name, make in GLOBAL.items()}
CHARTS = {name: MAPS[name](10) for name in [*MAPS][::3]}


def test_an_operator_says_what_it_is_and_prints_no_numbers():
    globe = GLOBES["pole rows"]
    gradient = operator_matrix(labelled(0 * globe.phi + 0 * globe.lam, globe))
    rows, columns = gradient.shape
    told = repr(gradient)
    assert told.startswith(f"<OperatorMatrix gradient: {columns} points to {rows} ")
    assert told == str(gradient)
    assert f"{gradient.matrix.nnz} numbers" in told
    assert "latitude" in told
    assert "m-1" in told
    assert len(told) < 240
    assert repr(gradient.adjoint).startswith(
        f"<OperatorMatrix adjoint of gradient: {rows} edges to {columns} points"
    )


def plane(ny=7, nx=9, unit="km", **attrs):
    y, x = np.cumsum(RANDOM.uniform(0.5, 2, ny)), np.cumsum(RANDOM.uniform(1, 3, nx))
    return xr.DataArray(
        RANDOM.normal(size=(ny, nx)),
        dims=("y", "x"),
        coords={"y": ("y", y, {"units": unit}), "x": ("x", x, {"units": unit})},
        name="t",
        attrs={"units": "K", **attrs},
    )


def cases():
    """Every kind of grid, with the options it needs."""
    for name, globe in GLOBES.items():
        yield name, labelled(0 * globe.phi + 0 * globe.lam, globe), {}
    globe = GLOBES["pole rows"]
    yield "WGS84", labelled(0 * globe.phi + 0 * globe.lam, globe), {"earth": "WGS84"}
    part = labelled(0 * globe.phi + 0 * globe.lam, globe)[1:-2, 2:-3]
    yield "region", part, {}
    yield "plane", plane(), {}
    yield "circle", plane(), {"periodic": {"x": 40.0}}
    for name, one in CHARTS.items():
        yield name, one.labelled(0 * one.phi, units="K"), one.options


CASES = {name: (field, options) for name, field, options in cases()}


@pytest.mark.parametrize("kind", ["gradient", "laplacian", "eastward", "northward"])
@pytest.mark.parametrize("name", CASES)
def test_the_adjoint_is_exact(name, kind):
    """<A x, y>_W = <x, A* y>_M to rounding, on every grid."""
    field, options = CASES[name]
    a = operator_matrix(field, kind, **options)
    rows, columns = a.shape
    x, y = RANDOM.normal(size=columns), RANDOM.normal(size=rows)
    left = (a @ x) @ (a.weights_m2 @ y)
    right = x @ (a.area_m2 @ (a.adjoint @ y))
    size = np.linalg.norm(a @ x) * np.linalg.norm(a.weights_m2 @ y)
    assert abs(left - right) <= 1e-14 * size
    assert a.adjoint.adjoint is a


@pytest.mark.parametrize("name", CASES)
def test_the_laplacian_is_symmetric_negative_and_blind_to_constants(name):
    field, options = CASES[name]
    a = operator_matrix(field, "laplacian", **options)
    whole = (a.area_m2 @ a.matrix).toarray()
    size = np.abs(whole).max()
    assert np.abs(whole - whole.T).max() <= 1e-14 * size
    assert np.abs(whole.sum(axis=1)).max() <= 1e-12 * size
    assert np.linalg.eigvalsh(whole).max() <= 1e-12 * size


@pytest.mark.parametrize("name", GLOBES)
def test_the_cells_of_a_globe_cover_it(name):
    globe = GLOBES[name]
    field = labelled(0 * globe.phi + 0 * globe.lam, globe)
    area = operator_matrix(field).area_m2.diagonal().sum()
    assert area == pytest.approx(4 * np.pi * SPHERE_M**2, rel=1e-12)


def test_the_cells_of_the_ellipsoid_cover_it():
    """The area of WGS84 as geodesists publish it, 510 065 621.724 km²."""
    field, options = CASES["WGS84"]
    area = operator_matrix(field, **options).area_m2.diagonal().sum()
    assert area == pytest.approx(5.10065621724e14, rel=1e-11)


def test_the_gradient_of_a_field_has_its_length():
    """∫|∇f|² of Y is l(l+1) ∫Y², whatever the radius: here 2 ∫ sin²φ = 8π/3."""
    globe = GLOBAL["no pole rows"](90)
    a = operator_matrix(labelled(np.sin(globe.phi) + 0 * globe.lam, globe))
    f = np.sin(globe.phi) + 0 * globe.lam
    slopes = a @ f.ravel()
    assert slopes @ (a.weights_m2 @ slopes) == pytest.approx(8 * np.pi / 3, rel=2e-4)


@pytest.mark.parametrize("figure", [SPHERE, WGS84, FLAT], ids=lambda f: f.name)
@pytest.mark.parametrize("towards", ["eastward", "northward"])
def test_slopes_at_points_are_second_order(figure, towards):
    errors = []
    for m in (24, 48):
        globe = GLOBAL["pole rows"](m)
        f = FIELDS["mixed"]
        field = labelled(f.value(globe.phi, globe.lam), globe)
        earth = figure.earth or xr_earth(figure)
        found = operator_matrix(field, towards, earth=earth)(field)
        exact = f.east if towards == "eastward" else f.north
        inside = slice(2, -2)
        wrong = found.data.magnitude - exact(globe.phi, globe.lam, figure)
        errors.append(np.abs(wrong[inside]).max())
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.35)


def xr_earth(figure):
    from xnabla.grid import Earth

    return Earth(figure.a, figure.b, "given")


def test_a_pole_is_one_point_and_a_repeated_column_none():
    field, _ = CASES["pole rows"]
    a = operator_matrix(field)
    rows, columns = field.shape
    assert a.shape[1] == (rows - 2) * columns + 2
    closed, _ = CASES["closed"]
    assert operator_matrix(closed).shape[1] == a.shape[1]
    counts = np.zeros(a.shape[1])
    counts[-1] = 1.0
    assert float(a.gradient_field(counts).sum()) == pytest.approx(1.0)


def test_fields_become_vectors_and_come_back():
    field, _ = CASES["plane"]
    field = field.copy(data=RANDOM.normal(size=field.shape))
    a = operator_matrix(field)
    back = a.field(a.vector(field), like=field)
    np.testing.assert_array_equal(back.data.magnitude, field.values)
    assert str(back.data.units) == "kelvin"


def test_called_with_a_field_it_returns_one_with_its_unit():
    field, _ = CASES["plane"]
    field = field.assign_attrs(units="degC")
    laplacian = operator_matrix(field, "laplacian")(field)
    assert f"{laplacian.data.units:~}" == "K / m ** 2"
    gradient = operator_matrix(field)(field.expand_dims(time=3))
    assert gradient.dims == ("time", "edge")
    assert f"{gradient.data.units:~}" == "K / m"


def test_a_mask_makes_walls():
    field, _ = CASES["plane"]
    mask = xr.ones_like(field, dtype=bool)
    mask[:, 4] = False
    a = operator_matrix(field, mask=mask)
    assert a.shape[1] == field.size - field.shape[0]
    step = a.vector(xr.zeros_like(field))
    step[:4] = 1.0  # nothing beyond the wall is joined to this side
    left = np.isin(np.arange(field.size) % 9, range(4))[mask.values.ravel()]
    assert np.abs(a @ left.astype(float)).max() == 0.0


def test_what_is_no_grid_no_kind_and_no_mask_is_refused():
    field, _ = CASES["plane"]
    with pytest.raises(OptionError, match="curl"):
        operator_matrix(field, "curl")
    with pytest.raises(GridError, match="single point along 'y'"):
        operator_matrix(field[:1])
    with pytest.raises(GridError):
        operator_matrix(field[0])
    with pytest.raises(FieldError, match="flags"):
        operator_matrix(field, mask=field)
    with pytest.raises(GridError, match="keeps no point"):
        operator_matrix(field, mask=xr.zeros_like(field, dtype=bool))
    with pytest.raises(GridError, match="does not lie on the grid"):
        operator_matrix(field, mask=xr.ones_like(field[:3], dtype=bool))
    with pytest.raises(GridError, match="grid of this operator"):
        operator_matrix(field)(field[:3])
