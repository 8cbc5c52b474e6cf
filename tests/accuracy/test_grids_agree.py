"""The same fields and winds give the same derivatives on whatever grid they lie.

Everywhere in each domain, one-sided edges and a pole inside it included, judged by
closed forms at the latitude and longitude of each point.
"""

from functools import cache

import numpy as np
import pytest
from atlas import ALSO, MAPS, RIGHT_ANGLED
from fields import FIELDS, numbers
from maps import Map, two_d
from second import HESSIAN, hessian
from winds import WINDS, flow

import xnabla as xn

LEAST = {2: 1.9, 4: 3.7, 6: 5.5}
STEPS = {2: (48, 96), 4: (48, 96), 6: (48, 96)}
CHOSEN_FIELDS = [FIELDS["mixed"], FIELDS["wave 2"]]
CHOSEN_WINDS = [WINDS["mixed"], WINDS["potential"], WINDS["solid body, tilted"]]
UNITS = {"units": "m s-1"}

ACCURACIES = pytest.mark.parametrize("accuracy", [2, 4, 6])


@cache
def made(name: str, m: int) -> Map:
    return MAPS[name](m)


@cache
def temperature(name, m):
    grid = made(name, m)
    values = [f.value(grid.phi, grid.lam) for f in CHOSEN_FIELDS]
    return grid.labelled(np.stack(values), units="K")


def true_gradient(grid):
    parts = [
        [getattr(f, what)(grid.phi, grid.lam, grid.figure) for f in CHOSEN_FIELDS]
        for what in ("east", "north")
    ]
    return dict(zip(("east", "north"), map(np.stack, parts), strict=True))


def true_second(grid):
    each = [hessian(f, grid.phi, grid.lam, grid.figure) for f in CHOSEN_FIELDS]
    xx, xy, yy = (np.stack(parts) for parts in zip(*each, strict=True))
    return {"laplacian": xx + yy, "d2f_dx2": xx, "d2f_dxdy": xy, "d2f_dy2": yy}


def true_flow(grid):
    each = [w.tensor(grid.phi, grid.lam, grid.figure) for w in CHOSEN_WINDS]
    return flow([np.stack(parts) for parts in zip(*each, strict=True)])


def true_wind(grid):
    pairs = [w.uv(grid.phi, grid.lam) for w in CHOSEN_WINDS]
    return [np.stack(parts) for parts in zip(*pairs, strict=True)]


@cache
def earth_wind(name, m):
    grid = made(name, m)
    u, v = true_wind(grid)
    return (
        grid.labelled(u, "u", standard_name="eastward_wind", **UNITS),
        grid.labelled(v, "v", standard_name="northward_wind", **UNITS),
    )


@cache
def grid_wind(name, m):
    grid = made(name, m)
    u, v = true_wind(grid)
    cos, sin = grid.direction()
    return (
        grid.labelled(u * cos + v * sin, "u", standard_name="x_wind", **UNITS),
        grid.labelled(v * cos - u * sin, "v", standard_name="y_wind", **UNITS),
    )


def gradients(name, m, **options):
    grid = made(name, m)
    parts = xn.gradient(temperature(name, m), **options, **grid.options)
    return {"east": numbers(parts.x, "K/m"), "north": numbers(parts.y, "K/m")}


def second(name, m, **options):
    grid, f = made(name, m), temperature(name, m)
    parts = xn.hessian(f, **options, **grid.options)
    found = dict(zip(HESSIAN, parts, strict=True))
    found["laplacian"] = xn.laplacian(f, **options, **grid.options)
    return {key: numbers(part, "K/m**2") for key, part in found.items()}


def flows(name, m, wind=earth_wind, what=None, **options):
    grid = made(name, m)
    u, v = wind(name, m)
    return {
        key: numbers(getattr(xn, key)(u, v, **options, **grid.options), "1/s")
        for key in what or ("vorticity", "divergence", "total_deformation")
    }


def errors(got, exact):
    """Largest error of each, in parts of the largest truth of all, and where."""
    unit = max(np.abs(part).max() for part in exact.values())
    found, spots = {}, {}
    for key, values in got.items():
        assert np.isfinite(values).all(), f"{key} is missing somewhere"
        error = np.abs(values - exact[key])
        spot = np.unravel_index(error.argmax(), error.shape)
        found[key] = error.max() / unit
        spots[key] = f"{tuple(map(int, spot))} of {error.shape}"
    return found, spots


def check(make, truth, name, accuracy, steps, floor, least):
    """The worst of all has the order; none has one order less, as a bad edge would."""
    (coarse, _), (fine, spots) = (
        errors(make(name, m, accuracy=accuracy), truth(made(name, m))) for m in steps
    )
    slopes = {
        # what is rounding on the fine grid has no order
        key: np.log2(coarse[key] / fine[key]) if fine[key] > floor else np.inf
        for key in fine
    }
    told = {
        key: (round(float(slopes[key]), 2), float(fine[key]), spots[key])
        for key in fine
    }
    worst = np.log2(max(coarse.values()) / max(fine.values()))
    assert max(fine.values()) < {2: 2e-2, 4: 1e-3, 6: 1e-4}[accuracy], told
    assert max(fine.values()) < floor or worst >= least, (float(worst), told)
    weighty = [s for key, s in slopes.items() if fine[key] > 0.2 * max(fine.values())]
    assert min(weighty) >= least - 0.7, told


@ACCURACIES
@pytest.mark.parametrize("name", list(MAPS))
class TestOrder:
    def test_of_the_gradient(self, name, accuracy):
        steps, least = STEPS[accuracy], LEAST[accuracy]
        check(gradients, true_gradient, name, accuracy, steps, 1e-11, least)

    def test_of_every_wind_operator(self, name, accuracy):
        steps, least = STEPS[accuracy], LEAST[accuracy]
        check(flows, true_flow, name, accuracy, steps, 1e-11, least)

    def test_of_laplacian_and_hessian(self, name, accuracy):
        """Coarser at the highest accuracy.

        PROJ finds latitudes to some 1e-12 only, which second differences divide by the
        square of the step.
        """
        steps, least = STEPS[accuracy], LEAST[accuracy]
        if accuracy == 6 and "curvilinear" not in name:
            steps, least = (24, 48), 5.3
        check(second, true_second, name, accuracy, steps, 1e-9, least)


@pytest.mark.parametrize("name", list(ALSO))
def test_it_does_not_matter_how_the_projection_is_told(name):
    one, other = MAPS[name](24), ALSO[name](24)
    assert one.attrs != other.attrs or one.coords["x"][2] != other.coords["x"][2]
    f = FIELDS["mixed"].value(one.phi, one.lam)
    wind = dict(zip("uv", WINDS["mixed"].uv(one.phi, one.lam), strict=True))
    names = {"u": "eastward_wind", "v": "northward_wind"}
    found = []
    for grid in (one, other):
        t = grid.labelled(f, units="K")
        uv = [
            grid.labelled(part, key, standard_name=names[key], **UNITS)
            for key, part in wind.items()
        ]
        found.append(
            [
                *xn.gradient(t, **grid.options),
                xn.laplacian(t, **grid.options),
                xn.vorticity(*uv, **grid.options),
                xn.divergence(*uv, **grid.options),
            ]
        )
    for pair in zip(*found, strict=True):
        a, b = (part.data.magnitude for part in pair)
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9 * np.abs(a).max())


@ACCURACIES
@pytest.mark.parametrize("name", RIGHT_ANGLED)
def test_winds_along_the_grid_are_the_same_winds(name, accuracy):
    m = 48
    what = ("vorticity", "divergence", "shearing_deformation")
    along = flows(name, m, grid_wind, what, accuracy=accuracy)
    exact = true_flow(made(name, m))
    unit = max(np.abs(part).max() for part in exact.values())
    bound = {2: 1.5e-2, 4: 5e-4, 6: 5e-5}[accuracy]
    earth = flows(name, m, earth_wind, what, accuracy=accuracy)
    for key in what:
        assert np.abs(along[key] - exact[key]).max() < bound * unit, key
        assert np.abs(along[key] - earth[key]).max() < bound * unit, key


@pytest.mark.parametrize("name", RIGHT_ANGLED[:3])
def test_the_keyword_says_it_where_the_names_do_not(name):
    grid = made(name, 48)
    for wind, make in (("earth", earth_wind), ("grid", grid_wind)):
        named = make(name, 48)
        plain = [part.copy() for part in named]
        for part in plain:
            del part.attrs["standard_name"]
        a = xn.vorticity(*plain, wind=wind, **grid.options)
        b = xn.vorticity(*named, **grid.options)
        np.testing.assert_array_equal(a.data.magnitude, b.data.magnitude)
        with pytest.raises(xn.GridError, match="wind="):
            xn.vorticity(*plain, **grid.options)


@pytest.mark.parametrize("name", RIGHT_ANGLED[:3])
def test_the_keyword_is_stronger_than_the_names(name):
    grid = made(name, 48)
    u, v = grid_wind(name, 48)
    misnamed = (
        u.assign_attrs(standard_name="eastward_wind"),
        v.assign_attrs(standard_name="northward_wind"),
    )
    a = xn.vorticity(*misnamed, wind="grid", **grid.options)
    b = xn.vorticity(u, v, **grid.options)
    np.testing.assert_array_equal(a.data.magnitude, b.data.magnitude)
    c = xn.vorticity(*misnamed, **grid.options)
    assert np.abs(c.data.magnitude - b.data.magnitude).max() > 1e-7


@pytest.mark.parametrize("name", RIGHT_ANGLED)
def test_components_along_the_grid_are_the_same_vector_turned(name):
    grid, f = made(name, 48), temperature(name, 48)
    exact = true_gradient(grid)
    cos, sin = grid.direction()
    parts = xn.gradient(f, frame="grid", accuracy=4, **grid.options)
    expected = {
        "x": exact["east"] * cos + exact["north"] * sin,
        "y": exact["north"] * cos - exact["east"] * sin,
    }
    for letter, part in expected.items():
        error = np.abs(numbers(getattr(parts, letter), "K/m") - part).max()
        assert error < 1e-3 * np.abs(part).max(), letter


@pytest.mark.parametrize(
    "name",
    [
        "Lambert, one parallel, sphere",
        "polar stereographic, south",
        "rotated pole, the North Pole inside",
    ],
)
def test_a_projection_and_its_latitudes_and_longitudes_are_one_grid(name):
    """Known by its formula or by its points only, to the truncation of the latter."""
    grid = made(name, 96)
    f = temperature(name, 96)
    bare = f.drop_vars(list(f.coords)).assign_coords(two_d(grid.dims, *grid.places))
    del bare.attrs["grid_mapping"]
    exact = true_gradient(grid)
    unit = max(np.abs(part).max() for part in exact.values())
    known = xn.gradient(f, accuracy=6, **grid.options)
    found = xn.gradient(bare, accuracy=6, earth=grid.figure.earth)
    for letter in "xy":
        a, b = (numbers(getattr(g, letter), "K/m") for g in (known, found))
        assert np.abs(a - b).max() < 1e-6 * unit
    a = numbers(xn.laplacian(f, accuracy=6, **grid.options), "K/m**2")
    b = numbers(xn.laplacian(bare, accuracy=6, earth=grid.figure.earth), "K/m**2")
    assert np.abs(a - b).max() < 1e-5 * np.abs(a).max()
