"""The pairs of one sweep are those of the definition, of gudhi and of MetPy."""

import gudhi
import numpy as np
import pytest
from landscapes import labelled, plain

from xnabla.descent.surface import persistence_diagram
from xnabla.descent.surface._sweep import rank_order

RNG = np.random.default_rng(7)


def region(values):
    ny, nx = values.shape
    lat = np.linspace(-30.0, 40.0, ny)
    return labelled(values, lat, np.linspace(0.0, 50.0, nx))


def belt(values):
    """A ring of longitudes that ends far from both poles."""
    ny, nx = values.shape
    lat = np.linspace(-30.0, 40.0, ny)
    return labelled(values, lat, np.arange(nx) * 360.0 / nx)


def pairs_of(field, kind="minimum"):
    found = persistence_diagram(field, kind=kind)
    births, deaths = plain(found, "birth"), plain(found, "death")
    return sorted(zip(births.tolist(), deaths.tolist(), strict=True))


def by_definition(values, ring):
    """Pairs of sublevel components, by labelling the components of every level."""
    nx = values.shape[1]
    alive, pairs = [], []
    for level in np.unique(values[~np.isnan(values)]):
        inside = {tuple(p) for p in np.argwhere(values <= level)}
        parts, seen = [], set()
        for point in sorted(inside):
            if point in seen:
                continue
            part, queue = {point}, [point]
            while queue:
                y, x = queue.pop()
                for dy in (-1, 0, 1):
                    for dx in (-1, 0, 1):
                        other = (y + dy, (x + dx) % nx if ring else x + dx)
                        if other in inside and other not in part:
                            part.add(other)
                            queue.append(other)
            seen |= part
            parts.append(part)
        kept = []
        for part in parts:
            births = sorted(birth for birth, place in alive if place in part)
            if not births:
                lowest = min(part, key=lambda p: values[p])
                births = [values[lowest]]
                kept.append((values[lowest], lowest))
            else:
                kept.append(
                    next((b, p) for b, p in alive if p in part and b == births[0])
                )
            pairs += [(birth, level) for birth in births[1:] if birth < level]
        alive = kept
    return sorted(pairs + [(birth, np.inf) for birth, _ in alive])


@pytest.mark.parametrize("ring", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_pairs_are_those_of_the_components_of_every_level(seed, ring):
    values = np.random.default_rng(seed).permutation(63).reshape(7, 9).astype(float)
    values[2, 3:6] = np.nan
    field = belt(values) if ring else region(values)
    assert pairs_of(field) == by_definition(values, ring)


@pytest.mark.parametrize("shape", [(40, 60), (31, 90), (5, 8)])
def test_pairs_are_gudhis_on_a_ring(shape):
    values = RNG.normal(size=shape)
    complex_ = gudhi.PeriodicCubicalComplex(
        top_dimensional_cells=values, periodic_dimensions=[False, True]
    )
    theirs = [
        pair
        for degree, pair in complex_.persistence(
            homology_coeff_field=2, min_persistence=0
        )
        if degree == 0
    ]
    assert pairs_of(belt(values)) == sorted(theirs)


def test_pairs_of_maxima_are_gudhis_of_the_field_upside_down():
    values = RNG.normal(size=(40, 60))
    complex_ = gudhi.PeriodicCubicalComplex(
        top_dimensional_cells=-values, periodic_dimensions=[False, True]
    )
    theirs = [
        (-birth, -death)
        for degree, (birth, death) in complex_.persistence(2, 0)
        if degree == 0
    ]
    assert pairs_of(belt(values), "maximum") == sorted(theirs)


def test_pairs_are_gudhis_where_values_are_missing():
    values = RNG.normal(size=(40, 60))
    values[RNG.random(values.shape) < 0.3] = np.nan
    complex_ = gudhi.PeriodicCubicalComplex(
        top_dimensional_cells=np.where(np.isnan(values), np.inf, values),
        periodic_dimensions=[False, True],
    )
    theirs = [pair for degree, pair in complex_.persistence(2, 0) if degree == 0]
    ours = pairs_of(belt(values))
    # gudhi lets the last component join the missing points at infinity
    assert ours == sorted(theirs)


@pytest.mark.parametrize("kind", ["minimum", "maximum"])
@pytest.mark.parametrize("packed", [False, True])
def test_pairs_are_metpys_on_an_open_field(kind, packed):
    from metpy.calc import peak_persistence

    values = RNG.normal(size=(30, 45))
    if packed:
        values = np.round(values, 1)  # ties, as GRIB packing makes them
    theirs = sorted(p for _, p in peak_persistence(values, maxima=kind == "maximum"))
    found = persistence_diagram(region(values), kind=kind)
    ours = sorted(plain(found, "persistence").tolist())
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


def test_places_are_metpys_where_no_two_values_are_equal():
    from metpy.calc import peak_persistence

    values = RNG.normal(size=(30, 45))
    theirs = {place for place, _ in peak_persistence(values, maxima=False)}
    found = persistence_diagram(region(values))
    ours = zip(found.latitude_index.values, found.longitude_index.values, strict=True)
    assert {(int(y), int(x)) for y, x in ours} == theirs


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_order_is_a_stable_sort(dtype):
    values = np.round(RNG.normal(size=5000), 1).astype(dtype)
    values[:3] = 0.0, -0.0, 1e-40
    nodes = np.arange(values.size, dtype=np.int32)
    assert (rank_order(values, nodes) == np.argsort(values, kind="stable")).all()


def test_the_order_of_nothing_is_nothing():
    assert rank_order(np.zeros(0), np.zeros(0, np.int32)).size == 0
