"""Axes as files hold them: rounded to single precision, begun anywhere, with holes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import xnabla as xn

RADIUS_M = 6_371_229.0
EPS = float(np.finfo(np.float32).eps)


@st.composite
def circles(draw) -> tuple[np.ndarray, np.ndarray]:
    """Longitudes around the circle: as they are, and as a file may hold them."""
    n = draw(st.integers(24, 90))
    start = draw(st.floats(-359.0, 359.0))
    true = start + 360 * np.arange(n) / n
    held = true
    convention = draw(st.sampled_from(["as it comes", "-180 to 180", "0 to 360"]))
    if convention == "-180 to 180":
        held = (true + 180) % 360 - 180
    elif convention == "0 to 360":
        held = true % 360
    if draw(st.booleans()):
        held = held.astype(np.float32)
    jitter = draw(st.sampled_from([0.0, 1e-5, 1e-4])) * 360 / n
    seed = draw(st.integers(0, 99))
    held = held + (jitter * np.random.default_rng(seed).uniform(-1, 1, n)).astype(
        held.dtype
    )
    turn = draw(st.sampled_from([1, -1]))
    return true[::turn], held[::turn]


def zonal(lon: np.ndarray, values: np.ndarray) -> xr.DataArray:
    return xr.DataArray(
        np.stack([values] * 3),
        dims=("lat", "lon"),
        coords={
            "lat": ("lat", [-1.0, 0.0, 1.0], {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
        },
        attrs={"units": "K"},
    )


@given(circles(), st.integers(1, 3), st.sampled_from([2, 4]))
def test_the_seam_is_nowhere_wherever_the_longitudes_begin(circle, waves, accuracy):
    true, held = circle
    lam = np.deg2rad(true)
    field = zonal(held, np.sin(waves * lam))
    (east,) = xn.gradient(field, ("lon",), accuracy=accuracy)
    got = np.asarray(east.data.magnitude)[1] * RADIUS_M
    h = waves * 2 * np.pi / true.size
    error = waves * {2: h**2 / 6, 4: h**4 / 30}[accuracy]
    step = 360 / true.size
    moved = np.abs((held - true + 180) % 360 - 180).max() / step
    assert np.abs(got - waves * np.cos(waves * lam)).max() < (
        1.05 * error + waves * (4 * moved + 1e-9)
    )


@st.composite
def holes(draw, shape: tuple[int, int]) -> np.ndarray:
    """Points, rows, columns, blocks, borders and stripes without values."""
    gone = np.zeros(shape, bool)
    for kind in draw(
        st.lists(
            st.sampled_from(["point", "row", "column", "block", "border", "stripes"]),
            min_size=1,
            max_size=3,
        )
    ):
        i, j = (draw(st.integers(0, n - 1)) for n in shape)
        if kind == "point":
            gone[i, j] = True
        elif kind == "row":
            gone[i] = True
        elif kind == "column":
            gone[:, j] = True
        elif kind == "block":
            gone[i : i + 3, j : j + 4] = True
        elif kind == "border":
            gone[[0, -1]] = gone[:, [0, -1]] = True
        else:
            gone[:, j % 3 :: 3] = True
    return gone


# how far a row of a stencil reaches, in the middle and at each of the first rows
CENTRED = {2: 1, 4: 2, 6: 3}


def reached(gone: np.ndarray, axis: int, accuracy: int, *, around: bool) -> np.ndarray:
    """Which results a gap spoils: those whose stencil it is in, or that are it."""
    gone = np.moveaxis(gone, axis, -1)
    n, m = gone.shape[-1], CENTRED[accuracy]
    result = gone.copy()
    for i in range(n):
        first = i - m
        if not around:
            first = min(max(first, 0), n - (2 * m + 1))
        window = [k % n for k in range(first, first + 2 * m + 1)]
        if around or m <= i < n - m:
            window.remove(i)  # its weight is nothing on an even axis
        result[..., i] |= gone[..., window].any(-1)
    return np.moveaxis(result, -1, axis)


@given(
    holes((13, 16)),
    st.sampled_from([2, 4, 6]),
    st.booleans(),
    st.sampled_from(["f4", "f8"]),
)
def test_a_gap_of_any_shape_reaches_as_far_as_the_stencil(gone, accuracy, around, kind):
    lon = np.arange(16) * (22.5 if around else 1.0)
    values = np.random.default_rng(0).normal(280, 10, gone.shape).astype(kind)
    field = xr.DataArray(
        np.where(gone, np.nan, values),
        dims=("lat", "lon"),
        coords={
            "lat": ("lat", 10.0 + np.arange(13), {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
        },
        attrs={"units": "K"},
    )
    north, east = xn.gradient(field, accuracy=accuracy)
    np.testing.assert_array_equal(
        np.isnan(north.data.magnitude), reached(gone, 0, accuracy, around=False)
    )
    np.testing.assert_array_equal(
        np.isnan(east.data.magnitude), reached(gone, 1, accuracy, around=around)
    )


@pytest.mark.slow
def test_all_laws_hold_for_many_more_examples():
    """The profile "long": other examples each time, and ten times as many."""
    root = Path(__file__).resolve().parents[2]
    path = os.pathsep.join([str(root / "src"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "tests/laws",
            "--hypothesis-profile=long",
        ],
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
