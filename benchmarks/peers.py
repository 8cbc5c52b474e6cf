"""Side by side in one run: xnabla, its peers, and the speed of memory.

    python benchmarks/peers.py                # 24 x 721 x 1440 single precision
    python benchmarks/peers.py --quick        # an eighth of it, for a look
    python benchmarks/peers.py --write        # and docs/performance.md with its chart

Times are medians of calls taken in turn; the copy limit is a compiled loop in as many
threads that reads the same inputs and writes as many fresh outputs. Results of peers
are compared first: where they differ by more than truncation, the run stops.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import file_to_file
import larger_than_memory
import numpy as np
import programs
import xarray as xr
from made_fields import curvilinear, globe, levels, ocean, on_levels, uneven
from measuring import copy_limit, medians, peak_bytes

import xnabla as xn

DOCS = Path(__file__).parent.parent / "docs"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    name : str
    inputs : tuple of DataArray
    outputs : int
        How many fields it makes.
    ours, metpy : callable or None
        What is measured.
    copy, peer, memory : float or None
        What is to be reached: times the copy limit at most, times faster than MetPy at
        least, memory beyond inputs and outputs in percent of them at most.
    """

    name: str
    inputs: tuple[xr.DataArray, ...]
    outputs: int
    ours: Callable[[], Any]
    metpy: Callable[[], Any] | None
    copy: float | None
    peer: float | None
    memory: float | None


def rows_of(quick: bool) -> list[Row]:
    """Return what is measured."""
    import metpy.calc as mpcalc

    times, rows, columns = (6, 361, 720) if quick else (24, 721, 1440)
    fields = globe(times, rows, columns)
    t, u, v = (fields[name] for name in "tuv")
    sea, bumpy = ocean(t), uneven(t)
    column = levels(9 if quick else 37, rows, columns)
    bent = curvilinear(500 if quick else 1500)
    where = xn.grid_of(bent)
    coast = bent.where(np.sin(bent.lat) * np.cos(bent.lon) < 0.6).assign_attrs(
        bent.attrs
    )
    theta, u3, v3 = (on_levels(f) for f in (t, u, v))
    return [
        Row("gradient, both components", (t,), 2, lambda: xn.gradient(t),
            lambda: mpcalc.geospatial_gradient(t)[::-1], 1.5, 150, 5),
        Row("vorticity", (u, v), 1, lambda: xn.vorticity(u, v),
            lambda: mpcalc.vorticity(u, v), 1.7, 80, 5),
        Row("divergence", (u, v), 1, lambda: xn.divergence(u, v),
            lambda: mpcalc.divergence(u, v), 1.7, 80, 5),
        Row("kinematics", (u, v), 3, lambda: xn.kinematics(u, v),
            lambda: (mpcalc.vorticity(u, v), mpcalc.divergence(u, v),
                     mpcalc.total_deformation(u, v)), 2.0, 80, 5),
        Row("Laplacian", (t,), 1, lambda: xn.laplacian(t),
            lambda: mpcalc.geospatial_laplacian(t), 2.0, 80, 5),
        Row("advection", (t, u, v), 1, lambda: xn.advection(t, u, v),
            lambda: mpcalc.advection(t, u, v), 2.0, 60, 5),
        Row("frontogenesis", (t, u, v), 1, lambda: xn.frontogenesis(t, u, v),
            lambda: mpcalc.frontogenesis(t, u, v), 3.0, 120, 5),
        Row("gradient, accuracy 4", (t,), 2, lambda: xn.gradient(t, accuracy=4),
            None, 2.0, None, 5),
        Row("gradient, accuracy 6", (t,), 2, lambda: xn.gradient(t, accuracy=6),
            None, 2.6, None, 5),
        Row("gradient, uneven longitudes", (t,), 2, lambda: xn.gradient(bumpy),
            None, 2.5, None, 5),
        Row("Hessian", (t,), 3, lambda: xn.hessian(t), None, 3.0, None, 5),
        Row("gradient, NaN shrink on an ocean", (sea,), 2,
            lambda: xn.gradient(sea, missing="shrink"), None, 4.0, None, 10),
        Row("d/dp", (column,), 1, lambda: xn.derivative(column, "plev"),
            lambda: mpcalc.first_derivative(column, axis="plev"), 2.0, 40, 5),
        Row("d/dt", (t,), 1, lambda: xn.derivative(t, "time"),
            lambda: mpcalc.first_derivative(t, axis="time"), 2.0, 40, 5),
        Row("gradient, curvilinear", (bent,), 2, lambda: xn.gradient(bent, grid=where),
            None, 3.0, None, 10),
        Row("Laplacian, curvilinear", (bent,), 1,
            lambda: xn.laplacian(bent, grid=where), None, None, None, 10),
        Row("gradient, curvilinear, NaN shrink", (coast,), 2,
            lambda: xn.gradient(coast, grid=where, missing="shrink"),
            None, None, None, 10),
        Row("potential vorticity", (theta, u3, v3), 1,
            lambda: xn.potential_vorticity(theta, u3, v3), None, None, None, 5),
    ]  # fmt: skip


def check(row: Row) -> None:
    """Stop where a peer's result differs by more than truncation and its own errors.

    MetPy's are off by 0.7 % (its lengths) and worse at the poles and the seam.
    """
    if row.metpy is None:
        return
    pairs = zip(_parts(row.ours()), _parts(row.metpy()), strict=True)
    for ours, theirs in pairs:
        inner = (..., slice(ours.shape[-2] // 6, -ours.shape[-2] // 6), slice(4, -4))
        a, b = (_numbers(one, ours)[inner] for one in (ours, theirs))
        off = np.abs(a - b).max() / np.abs(a).max()
        if not off < 0.06:  # its Laplacian is the gradient of a gradient
            sys.exit(f"{row.name}: MetPy differs by {off:.1%} of the largest")


def _parts(result: Any) -> tuple[Any, ...]:
    return tuple(result) if isinstance(result, tuple) else (result,)


def _numbers(part: Any, like: Any) -> np.ndarray:
    data = part.data if isinstance(part, xr.DataArray) else part
    return np.asarray(data.to(like.data.units).magnitude)


@dataclass(frozen=True)
class Measured:
    """What a line came to."""

    row: Row
    limit_ms: float
    ours_ms: float
    metpy_ms: float | None
    memory: float
    metpy_memory: float | None

    @property
    def cells(self) -> list[str]:
        """The line as text."""
        row = self.row
        faster = "–"
        if self.metpy_ms is not None:
            goal = f" (≥ {row.peer:g})" if row.peer else ""
            faster = f"{self.metpy_ms / self.ours_ms:.0f}{goal}"
        return [
            row.name,
            f"{self.limit_ms:.1f}",
            f"{self.ours_ms:.1f}",
            f"{self.ours_ms / self.limit_ms:.2f}"
            + (f" (≤ {row.copy:g})" if row.copy else ""),
            faster,
            f"{100 * self.memory:.1f} %"
            + (f" (≤ {row.memory:g})" if row.memory else ""),
            "–" if self.metpy_memory is None else f"{self.metpy_memory:.1f} x",
        ]


HEAD = [
    "operation",
    "copy limit, ms",
    "xnabla, ms",
    "x copy limit",
    "x faster than MetPy",
    "memory beyond inputs and outputs",
    "MetPy's, x input",
]


def measure(row: Row, repeats: int) -> Measured:
    """Return the times and the memory of one line."""
    check(row)
    arrays = [one.values for one in row.inputs]
    size = sum(one.nbytes for one in arrays)
    results = row.outputs * arrays[0].nbytes
    limit, ours = medians([copy_limit(arrays, row.outputs), row.ours], repeats)
    row.ours()  # what is kept is made: peaks are of calls after the first
    peak = peak_bytes(row.ours) - results
    theirs, their_peak = None, None
    if row.metpy is not None:
        (theirs,) = medians([row.metpy], 1)
        their_peak = peak_bytes(row.metpy) / size
    return Measured(row, limit, ours, theirs, peak / (size + results), their_peak)


def others(quick: bool, repeats: int) -> list[list[str]]:
    """Return what other libraries need for the gradient of the same field."""
    t = globe(*((6, 361, 720) if quick else (24, 721, 1440)))["t"]
    values = t.values
    entries: dict[str, Callable[[], Any]] = {
        "xnabla": lambda: xn.gradient(t),
        "numpy.gradient (per point, no metres)": lambda: np.gradient(
            values, axis=(1, 2)
        ),
        "xarray.differentiate (per degree)": lambda: [
            t.differentiate(dim) for dim in ("latitude", "longitude")
        ],
    }
    try:
        import findiff

        dy, dx = findiff.FinDiff(1, 0.25), findiff.FinDiff(2, 0.25)
        entries["findiff (per degree)"] = lambda: [dy(values), dx(values)]
    except ImportError:
        pass
    with suppress(ImportError):
        from xgcm import Grid

        made = _for_xgcm(t)
        grid = Grid(
            made,
            coords={"X": {"center": "longitude", "left": "west"},
                    "Y": {"center": "latitude", "inner": "between"}},
            metrics={("X",): ["dx"], ("Y",): ["dy"]},
            padding={"X": "periodic", "Y": "fill"}, autoparse_metadata=False,
        )  # fmt: skip
        entries["xgcm (two points, on edges)"] = lambda: [
            grid.derivative(made["t"], axis) for axis in "XY"
        ]
    took = medians(list(entries.values()), repeats)
    return [
        [name, f"{one:.1f}", f"{one / took[0]:.1f}"]
        for name, one in zip(entries, took, strict=True)
    ]


def _for_xgcm(t: xr.DataArray) -> xr.Dataset:
    """Return a field with points between its own, and lengths in metres there."""
    phi, lam = (np.deg2rad(t[name].values) for name in ("latitude", "longitude"))
    radius = 6_371_229.0
    west = (t["longitude"].values + np.roll(t["longitude"].values, 1)) / 2
    west[0] = t["longitude"].values[0] - 0.125
    between = (t["latitude"].values[1:] + t["latitude"].values[:-1]) / 2
    dx = np.broadcast_to(
        radius * np.cos(phi)[:, None] * (lam[1] - lam[0]), (len(phi), len(lam))
    ).astype("f4")
    dy = np.broadcast_to(
        radius * np.diff(phi)[:, None], (len(phi) - 1, len(lam))
    ).astype("f4")
    return t.to_dataset().assign_coords(
        west=west,
        between=between,
        dx=(("latitude", "west"), dx),
        dy=(("between", "longitude"), dy),
    )


def sizes(repeats: int) -> list[tuple[float, int, float, float, float]]:
    """Return resolution, points, and the times of a copy, gradient and vorticity."""
    found = []
    for degrees in (1.0, 0.5, 0.25, 0.1):
        rows, columns = round(180 / degrees) + 1, round(360 / degrees)
        fields = globe(8, rows, columns)
        t, u, v = (fields[name] for name in "tuv")
        with xn.set_options(engine="numba"):
            took = medians(
                [
                    copy_limit([t.values], 2),
                    lambda t=t: xn.gradient(t),
                    lambda u=u, v=v: xn.vorticity(u, v),
                ],
                repeats,
            )
        found.append((degrees, t.size, *took))
    return found


def chart(found: list[tuple[float, int, float, float, float]], target: Path) -> None:
    """Draw time against the size of the grid."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    points = np.array([one[1] for one in found]) / 1e6
    for index, name in ((3, "gradient"), (4, "vorticity"), (2, "copy limit, 1 to 2")):
        axes.loglog(points, [one[index] for one in found], "o-", label=name)
    slope = found[-1][3] * points / points[-1]
    axes.loglog(points, slope, ":", color="grey", label="proportional to points")
    for size, one in zip(points, found, strict=True):
        axes.annotate(f"{one[0]:g}°", (size, one[2]), xytext=(4, -12),
                      textcoords="offset points", fontsize=8)  # fmt: skip
    axes.set_xlabel("points of 8 fields, millions")
    axes.set_ylabel("time, ms")
    axes.set_title("Cost grows with the number of points")
    axes.legend()
    figure.savefig(target, dpi=120)


def table(head: list[str], lines: list[list[str]]) -> str:
    """Return a table as Markdown has it."""
    rule = ["---"] * len(head)
    return "\n".join("| " + " | ".join(one) + " |" for one in [head, rule, *lines])


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", default="", help="part of the names to measure")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    lines = []
    print(table(HEAD, []))
    for row in rows_of(given.quick):
        if given.only in row.name:
            lines.append(measure(row, given.repeats).cells)
            print("| " + " | ".join(lines[-1]) + " |", flush=True)
    if not given.write:
        return
    peers = others(given.quick, given.repeats)
    found = sizes(given.repeats)
    (DOCS / "images").mkdir(exist_ok=True)
    chart(found, DOCS / "images" / "performance.png")
    target = DOCS / "performance.md"
    times = 4 if given.quick else 24
    told = programs.measure(times, given.repeats)
    jobs = file_to_file.lines(2 * times)
    large = larger_than_memory.line(0.2 if given.quick else 2.0, "1GB")
    text = page(lines, peers, told, jobs, large, found, given.quick)
    target.write_text(text, encoding="utf-8")
    print(target)


def page(
    lines: list[list[str]],
    peers: list[list[str]],
    others_told: list[list[str]],
    jobs: list[list[str]],
    large: list[str],
    found: Any,
    quick: bool,
) -> str:
    """Return the page that tells all of it."""
    size = "6 x 361 x 720" if quick else "24 x 721 x 1440"
    import metpy

    return f"""# Performance

Written by `python benchmarks/peers.py --write`: one process, one run, the same arrays,
{size} values in single precision, {os.cpu_count()} cores ({platform.machine()}), MetPy
{metpy.__version__}, numpy {
        np.__version__
    }. Medians of calls taken in turn. Ratios carry
over to other machines; milliseconds do not. From one run to the next a ratio moves by a
fifth, seldom by a third, mostly for what the copy takes.

The **copy limit** is a compiled loop in as many threads that reads the same inputs once
and writes as many fresh outputs once. In brackets is what is to be reached.

{table(HEAD, lines)}

d/dp is on 37 levels, the curvilinear gradient on 1500 x 1500 points with the Jacobian
kept in the `Grid`.

## What the time goes to

A part of each call that does not grow with the field, a few milliseconds, reads the
grid from the coordinates and writes labels; the rest is the kernel, which for each row
of the result makes

- *gradient*: one loop for each component;
- *vorticity, divergence*: one loop, over three rows of one wind component and one row
  of the other;
- *kinematics*: four such loops, and a root;
- *advection*: two loops for the slopes, one for the sum of two products;
- *frontogenesis*: six sums of stencils and five loops point by point, a root and a
  division among them;
- *curvilinear gradient*: two loops for the slopes along the lines, two for the sums of
  products; it reads four lengths for each point, in the precision of the field, so it
  moves seven streams where the copy moves three: 63 MB, more than the cache of the
  machine holds, where the copy's 27 MB stay in it. With one row of lengths for all, so
  that they stay in the cache, it takes two thirds of the time; 0.3 ms are labels and
  units. Several fields share the lengths: a band of rows of all of them comes before
  the next;
- *NaN shrink*: a look at each row for what is missing, and a search for the widest
  stencil beside the coast, point by point.

Where a ratio to the copy limit is above its target, that is the reason. MetPy's times
depend on the machine more than ours: the targets beside its name were set where its
gradient of these fields took 2.6 s.

## The gradient by others

{table(["", "ms", "x xnabla"], peers)}

## The vorticity of a file by other programs

Whole processes, from the shell and back: each reads one classic file of these winds and
writes its result, uncompressed (`python benchmarks/programs.py`). The largest
difference from xnabla is away from poles and seam, as part of the largest value.

{table(programs.HEAD, others_told)}

## From file to file

Both components of the gradient of a compressed file (zlib level 1 and shuffle on both
sides), in processes confined to so many cores (`python benchmarks/file_to_file.py`).
xarray only reads, and writes what was computed before.

{table(["", "cores", "seconds", "x xnabla"], jobs)}

## Larger than memory

The same job, reading, computing and writing block by block within a budget, in a
process of its own (`python benchmarks/larger_than_memory.py`, `--gigabytes 20` for a
file of that size). Steps of the result have the bits of a gradient of them alone.

{table(larger_than_memory.HEAD, [large])}

## Cost against size

![Time against the number of points](images/performance.png)

{
        table(
            [
                "grid",
                "points of 8 fields",
                "copy limit, ms",
                "gradient, ms",
                "vorticity, ms",
            ],
            [
                [f"{d:g}°", str(n), *(f"{one:.1f}" for one in took)]
                for d, n, *took in found
            ],
        )
    }
"""


if __name__ == "__main__":
    main()
