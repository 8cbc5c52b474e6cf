"""Winds and second derivatives on the globe: errors fall as fast as promised, anywhere.

In the max norm, over every point: pole rows, the rows beside them and the seam are in.
"""

from functools import cache

import numpy as np
import pytest
from fields import (
    FLAT,
    GLOBAL,
    REGIONAL,
    SPHERE,
    WGS84,
    Globe,
    all_fields,
    exactly,
    jittered_around,
    numbers,
    with_poles,
)
from second import HESSIAN, all_hessians
from winds import SLOPES, TENSOR, WINDS, blowing, exact_flow, flow, wind_field

import xnabla as xn

LEAST = {2: 1.9, 4: 3.8, 6: 5.7}
FLOWS = tuple(flow([np.zeros(1)] * 4))

# from pole to pole: coarse enough for the smoothest wind to be clear of rounding
STEPS = {2: (40, 80), 4: (40, 80), 6: (60, 120)}


def bend_steps(name):
    """Fewer rows: rounding grows with the square of columns crowded at a pole.

    And such that the last row of each scheme is at the same latitude on both grids:
    poleward of 75 degrees they are two orders more accurate.
    """
    return (40, 80) if "no pole rows" in name or name == "gaussian" else (45, 90)


# On these the largest step, or the row next to the pole, is not twice as near on a grid
# of twice the rows: the order shows over more than one doubling, and over all fields.
IRREGULAR = {"stretched one way", "jittered both ways", "single precision gaussian"}

ALWAYS = ["pole rows", "no pole rows", "odd number of longitudes", "gaussian"]
ONCE = [
    "north to south",
    "odd number of longitudes, no pole rows",
    "stretched",
    "stretched one way",
    "seam inside",
    "closed, odd, no pole rows",
    "single precision",
    "single precision gaussian",
]
CASES = pytest.mark.parametrize(
    ("name", "figure", "accuracy"),
    [(name, WGS84, accuracy) for name in ALWAYS for accuracy in (2, 4, 6)]
    + [(name, SPHERE, accuracy) for name in ALWAYS[:2] for accuracy in (2, 4, 6)]
    + [("jittered both ways", WGS84, accuracy) for accuracy in (2, 6)]
    + [(name, WGS84, 4) for name in ONCE],
    ids=lambda value: getattr(value, "name", None),
)
FIGURES = pytest.mark.parametrize("figure", [SPHERE, WGS84], ids=lambda f: f.name)
ACCURACIES = pytest.mark.parametrize("accuracy", [2, 4, 6])


@cache
def globe_on(make, m):
    return make(m)


@cache
def winds_on(make, m, *names):
    return blowing(globe_on(make, m), *names)


@cache
def fields_on(make, m):
    return all_fields(globe_on(make, m))


@cache
def true_flow(make, m, figure, *names):
    return exact_flow(globe_on(make, m), figure, *names)


@cache
def true_bends(make, m, figure):
    found = all_hessians(globe_on(make, m), figure)
    return found | {"laplacian": found["d2f_dx2"] + found["d2f_dy2"]}


def flows(u, v, only=FLOWS, **options):
    """What every wind operator gives, by name, as plain numbers."""
    found = {name: getattr(xn, name)(u, v, **options) for name in only}
    parts = xn.velocity_gradient(u, v, **options)
    assert len(parts) == 4
    found |= {name: parts[name] for name in TENSOR}
    for part in found.values():
        assert part.dims == u.dims
    return {name: numbers(part, "1/s") for name, part in found.items()}


def bends(f, **options):
    """The Laplacian and the second derivatives, by name."""
    parts = xn.hessian(f, **options)
    found = dict(zip(HESSIAN, parts, strict=True))
    found["laplacian"] = xn.laplacian(f, **options)
    for part in found.values():
        assert part.dims == f.dims
    return {name: numbers(part, "K/m**2") for name, part in found.items()}


def errors(got, exact, unit):
    """Largest error of each quantity and field, in parts of a unit."""
    found = {}
    for name, values in got.items():
        error = np.abs(values - exact[name])
        assert np.isfinite(error).all(), f"{name} is missing somewhere"
        found[name] = error.max(axis=(-2, -1)) / unit
    return found


def where(got, exact, name, kind):
    """Row and column of the largest error, for people."""
    error = np.abs(got[name] - exact[name])[kind]
    row, column = np.unravel_index(error.argmax(), error.shape)
    return f"row {row} of {error.shape[0]}, column {column} of {error.shape[1]}"


def caps(found, exact, globe):
    """The same results poleward of 75 degrees alone."""
    polar = np.abs(globe.latitude) > 75.01
    got, true = ({k: v[:, polar] for k, v in d.items()} for d in (found, exact))
    return got, true


def steps_of(name, accuracy):
    return (30, 120) if name in IRREGULAR else STEPS[accuracy]


def check(coarse, fine, accuracy, floor, bound, steps=(1, 2), together=False):
    """Compare two dicts of errors, each of them an array over fields or winds."""
    wrong = []
    doublings = np.log2(steps[1] / steps[0])
    for name in fine:
        pairs = list(enumerate(zip(coarse[name], fine[name], strict=True)))
        if together:
            worst = int(fine[name].argmax())
            pairs = [(worst, (coarse[name].max(), fine[name].max()))]
        for kind, (a, b) in pairs:
            # what is rounding on the fine grid has no order
            slope = np.log2(a / b) / doublings if b > floor else np.inf
            if slope < LEAST[accuracy] or b > bound:
                wrong.append((name, kind, round(float(slope), 2), float(b)))
    return wrong


def wind_unit(exact):
    """The size of a velocity gradient, for errors in parts of it."""
    return max(np.abs(exact[name]).max() for name in TENSOR)


def bend_unit(exact):
    return max(np.abs(part).max() for part in exact.values())


@CASES
class TestOnTheWholeGlobe:
    def test_of_every_wind_operator_and_every_wind(self, name, figure, accuracy):
        make = GLOBAL[name]
        found, spots = [], {}
        for m in steps_of(name, accuracy):
            exact = true_flow(make, m, figure)
            u, v = winds_on(make, m)
            got = flows(u, v, accuracy=accuracy, earth=figure.earth)
            found.append(errors(got, exact, wind_unit(exact)))
            spots = {
                (what, kind): where(got, exact, what, kind)
                for what in got
                for kind in range(len(WINDS))
            }
        wrong = check(
            *found,
            accuracy,
            floor=1e-12,
            bound={2: 2e-2, 4: 1e-3, 6: 1e-4}[accuracy],
            steps=steps_of(name, accuracy),
            together=name in IRREGULAR,
        )
        assert not wrong, [(*line, spots[line[0], line[1]]) for line in wrong]

    def test_of_laplacian_and_hessian(self, name, figure, accuracy):
        """The worst of all fields has the order, and so it has beside the poles.

        One field alone need not: where rows are nearly even, and equatorward of the
        rows that are taken more accurately near a pole, schemes change from one row to
        the next, and not at the same place on a finer grid. What is no worse than an
        even grid with as many rows is good.
        """
        make, wrong = GLOBAL[name], []
        for region in ("globe", "caps"):
            coarse, fine = (
                self.bend_errors(make, m, figure, accuracy, region)
                for m in bend_steps(name)
            )
            even = self.bend_errors(
                GLOBAL["pole rows"], bend_steps(name)[1], figure, accuracy, region
            )
            found = check(
                coarse,
                fine,
                accuracy,
                floor=2e-9,
                bound={2: 2e-2, 4: 1e-3, 6: 1e-4}[accuracy],
                together=True,
            )
            wrong += [
                (region, *line)
                for line in found
                if name == "pole rows" or line[3] > 1.25 * even[line[0]].max()
            ]
        assert not wrong, wrong

    @staticmethod
    @cache
    def bend_errors(make, m, figure, accuracy, region):
        exact = true_bends(make, m, figure)
        got = bends(fields_on(make, m), accuracy=accuracy, earth=figure.earth)
        unit = bend_unit(exact)
        if region == "caps":
            got, exact = caps(got, exact, globe_on(make, m))
        return errors(got, exact, unit)


@ACCURACIES
@pytest.mark.parametrize("make", REGIONAL.values(), ids=list(REGIONAL))
class TestOnARegion:
    """Fine grids: one-sided errors show their order later than centred ones.

    The worst of all fields and operators has the order; one alone may start by
    cancelling, but an edge row of one order less would be seen on it.
    """

    def check(self, coarse, fine, least, rounding):
        a, b = (max(part.max() for part in e.values()) for e in (coarse, fine))
        slope = float(np.log2(a / b))
        assert slope >= least, (slope, coarse, fine)
        for name in fine:
            a, b = coarse[name].max(), fine[name].max()
            assert b < rounding or np.log2(a / b) >= least - 0.7, (name, coarse, fine)

    def test_of_every_wind_operator(self, make, accuracy):
        names = ("Rossby-Haurwitz 4", "mixed")
        found = []
        for m in (160, 320):
            exact = true_flow(make, m, WGS84, *names)
            u, v = winds_on(make, m, *names)
            # on a region every other one is made of the tensor in the same way
            got = flows(u, v, ("vorticity",), accuracy=accuracy, earth="WGS84")
            found.append(errors(got, exact, wind_unit(exact)))
        self.check(*found, LEAST[accuracy] - 0.05, 1e-12)

    def test_of_laplacian_and_hessian(self, make, accuracy):
        found, steps = [], (160, 320) if accuracy < 6 else (60, 120)
        for m in steps:
            exact = true_bends(make, m, WGS84)
            got = bends(fields_on(make, m), accuracy=accuracy, earth="WGS84")
            found.append(errors(got, exact, bend_unit(exact)))
        # columns beside a pole are this close; one less order would be 1, 3 and 5
        rounding = 1e-15 * (steps[1] / np.pi) ** 4
        self.check(*found, {2: 1.8, 4: 3.4, 6: 5.6}[accuracy], rounding)


@ACCURACIES
def test_order_holds_on_an_earth_flatter_than_any(accuracy):
    earth = xn.Earth(FLAT.a, FLAT.b, "made up")
    make = GLOBAL["pole rows"]
    of_winds, of_fields = [], []
    for m in (60, 120):
        exact = true_flow(make, m, FLAT)
        got = flows(*winds_on(make, m), accuracy=accuracy, earth=earth)
        of_winds.append(errors(got, exact, wind_unit(exact)))
        exact = true_bends(make, m, FLAT)
        got = bends(fields_on(make, m), accuracy=accuracy, earth=earth)
        of_fields.append(errors(got, exact, bend_unit(exact)))
    wrong = check(*of_winds, accuracy, floor=1e-12, bound=2e-2)
    wrong += check(*of_fields, accuracy, floor=2e-9, bound=5e-2, together=True)
    assert not wrong, wrong


@pytest.mark.parametrize("accuracy", [4, 6])
@pytest.mark.parametrize("part", [1e-3, 1e-4])
def test_order_holds_where_longitudes_are_uneven_by_very_little(part, accuracy):
    """A column a thousandth of a step beside the meridian opposite is not on it."""

    def make(m):
        return Globe("nearly even", with_poles(m), jittered_around(2 * m, part))

    of_winds, of_fields = [], []
    for m in (45, 90):
        globe = make(m)
        exact = exact_flow(globe, SPHERE)
        got = flows(*blowing(globe), accuracy=accuracy)
        of_winds.append(errors(got, exact, wind_unit(exact)))
        exact = true_bends(make, m, SPHERE)
        got = bends(all_fields(globe), accuracy=accuracy)
        of_fields.append(errors(got, exact, bend_unit(exact)))
    wrong = check(*of_winds, accuracy, floor=1e-12, bound=1e-3)
    wrong += check(*of_fields, accuracy, floor=2e-9, bound=1e-3, together=True)
    assert not wrong, wrong


@FIGURES
def test_scalars_have_one_value_on_a_pole_row(figure):
    """Up to their truncation: x and y turn with the meridian, these do not."""
    globe = GLOBAL["pole rows"](72)
    u, v = blowing(globe)
    options = {"accuracy": 4, "earth": figure.earth}
    exact = exact_flow(globe, figure)
    for what in ("vorticity", "divergence", "total_deformation"):
        got = numbers(getattr(xn, what)(u, v, **options), "1/s")[:, [0, -1]]
        assert np.ptp(got, axis=-1).max() < 1e-4 * wind_unit(exact), what
    got = numbers(xn.laplacian(all_fields(globe), **options), "K/m**2")[:, [0, -1]]
    exact = true_bends(GLOBAL["pole rows"], 72, figure)
    assert np.ptp(got, axis=-1).max() < 1e-3 * bend_unit(exact)


@ACCURACIES
@pytest.mark.parametrize("name", ["pole rows", "no pole rows", "gaussian"])
def test_a_velocity_potential_s_wind_has_its_second_derivatives(name, accuracy):
    """The wind of a gradient on WGS84: no vorticity, and the Laplacian diverges."""
    found = []
    for m in STEPS[accuracy]:
        globe = GLOBAL[name](m)
        kinds = list(SLOPES)
        pairs = [s.uv(globe.phi, globe.lam, WGS84) for s in SLOPES.values()]
        u, v = (
            wind_field(np.stack(parts), globe, letter, kind=kinds)
            for letter, parts in zip("uv", zip(*pairs, strict=True), strict=True)
        )
        tensors = [s.tensor(globe.phi, globe.lam, WGS84) for s in SLOPES.values()]
        tensor = [np.stack(parts) for parts in zip(*tensors, strict=True)]
        exact = dict(zip(TENSOR, tensor, strict=True)) | flow(tensor)
        assert not exact["vorticity"].any()
        got = flows(u, v, accuracy=accuracy, earth="WGS84")
        found.append(errors(got, exact, wind_unit(exact)))
    wrong = check(*found, accuracy, floor=1e-12, bound=2e-2)
    assert not wrong, wrong


@FIGURES
def test_the_hessian_s_first_order_part_is_no_further_off_than_the_gradient(figure):
    """Where f is steep and straight, xx and xy live on the terms of curvature alone."""
    globe = GLOBAL["pole rows"](72)
    f = all_fields(globe)
    north = exactly("north", globe, figure)
    exact = all_hessians(globe, figure)
    got = bends(f, accuracy=6, earth=figure.earth)
    scale = np.abs(north).max() / figure.a
    for name in HESSIAN:
        error = np.abs(got[name] - exact[name])
        assert error.max() < 1e-4 * scale, name


@ACCURACIES
@FIGURES
def test_total_deformation_is_no_further_off_than_its_two_parts(figure, accuracy):
    """It has kinks where both vanish, as they must somewhere on any sphere."""
    globe = GLOBAL["gaussian"](36)
    exact = exact_flow(globe, figure)
    got = flows(*blowing(globe), accuracy=accuracy, earth=figure.earth)
    off = {name: np.abs(got[name] - exact[name]) for name in got}
    parts = np.hypot(off["stretching_deformation"], off["shearing_deformation"])
    assert (off["total_deformation"] <= parts + 1e-12 * wind_unit(exact)).all()
