"""Write docs/accuracy.md: orders of all operators on all grids, and other programs.

    python benchmarks/accuracy.py             # print the page, five minutes
    python benchmarks/accuracy.py --quick     # a part of its rows, half a minute
    python benchmarks/accuracy.py --write     # and write docs/accuracy.md with figures

Every truth is a closed form of ``tests``; the page's rows are checked by
``tests/accuracy/test_page.py``, which makes the quick ones again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# the closed forms are those the tests use, and are theirs
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

import numpy as np  # noqa: E402
import orders  # noqa: E402
import referees  # noqa: E402

import xnabla as xn  # noqa: E402
from xnabla.plot import save_figure  # noqa: E402

DOCS = ROOT / "docs"

SCALARS = ("gradient", "Laplacian", "Hessian", "advection", "frontogenesis",
           "geostrophic wind")  # fmt: skip
WINDS = ("velocity gradient", "vorticity", "absolute vorticity", "divergence",
         "stretching deformation", "shearing deformation",
         "total deformation")  # fmt: skip

GRIDS = ("10", "5", "2.5", "1", "0.25", "T62", "N80", "EPSG:3995 25 km -3000 3000 "
         "-3000 3000")  # fmt: skip
QUICK_GRIDS = ("5", "T62")


@dataclass(frozen=True)
class Table:
    """A table of the page: what it is called, its head, and its rows by name."""

    title: str
    head: tuple[str, ...]
    rows: dict[str, tuple[str, ...]]

    def lines(self) -> list[str]:
        """Return the table in Markdown."""
        bar = "| --- " * (len(self.head) + 1) + "|"
        head = f"| {self.title} | " + " | ".join(self.head) + " |"
        body = [
            f"| {name} | " + " | ".join(row) + " |" for name, row in self.rows.items()
        ]
        return [head, bar, *body]


def tables(quick: bool = False) -> list[Table]:
    """Return all tables; of some of them a part, if it is to be quick."""
    return [*_orders(quick), _sizes(quick), *_programs(quick), _sphere()]


def _orders(quick: bool) -> list[Table]:
    found = orders.rows(quick)
    made = []
    for title, names in (("order, of fields", SCALARS), ("order, of winds", WINDS)):
        rows = {one.name: tuple(_slopes(one, name) for name in names) for one in found}
        made.append(Table(title, names, rows))
    globe = next(one for one in found if one.name == "globe, pole rows; sphere")
    every = (*SCALARS, *WINDS)
    made.append(
        Table(
            "largest error at 2°",
            tuple(f"accuracy {a}" for a in orders.ACCURACIES),
            {name: tuple(map(_short, globe.finest[name])) for name in every},
        )
    )
    return made


# Below this, in parts of the largest value, an error is rounding as much as truncation.
_ROUNDING = 1e-8


def _slopes(one: orders.Row, name: str) -> str:
    pairs = zip(one.orders[name], one.finest[name], strict=True)
    return " / ".join(f"{s:.2f}" if e > _ROUNDING else f"({s:.2f})" for s, e in pairs)


def _sizes(quick: bool) -> Table:
    names = ("gradient", "laplacian", "vorticity", "divergence")
    rows = {}
    for spec in QUICK_GRIDS if quick else GRIDS:
        report = xn.accuracy_report(spec)
        whole = report.errors["error_max"].sel(band="everywhere")
        cells = [f"{report.shape.grid_length_km:.4g} km"]
        for name in names:
            values = whole.sel(operator=name).isel(wave=1).values
            cells.append(" / ".join(map(_short, values)))
        synoptic = whole.sel(operator="gradient").isel(wave=3).values
        cells.append(" / ".join(map(_short, synoptic)))
        rows[f"`{spec}`"] = tuple(cells)
    head = ("grid length", *names, "gradient, wave of 3000 km")
    return Table("largest error, wave of 16 grid lengths", head, rows)


WHAT = ("vorticity", "divergence", "northward", "eastward")


def _programs(quick: bool) -> list[Table]:
    made = []
    for case in referees.CASES.values():
        places = case.places()
        shown = [name for name, mask in places.items() if mask.any()]
        rows: dict[str, tuple[str, ...]] = {}
        for program in referees.PROGRAMS:
            if not program.is_there:
                continue
            values = referees.results(program, case)
            if values is None:
                rows[f"{program.name}"] = ("cannot read it",) + ("",) * (len(shown) - 1)
                continue
            errors = referees.off_by(values, case.exact(program.figure), places)
            for what in WHAT:
                if what in errors:
                    cells = (_cell(errors[what][place]) for place in shown)
                    rows[f"{what}, {program.name}"] = tuple(cells)
        ordered = sorted(rows, key=_rank)
        made.append(
            Table(case.name, tuple(shown), {name: rows[name] for name in ordered})
        )
        if quick:
            break
    return made


def _sphere() -> Table:
    """Return how far off it is to take a sphere for the ellipsoid."""
    case = referees.CASES["2.5 degrees, pole rows"]
    places = case.places()
    made = case.exact(referees.sphere(referees.CDO_M))
    errors = referees.off_by(made, case.exact(referees.WGS84), places)
    rows = {what: tuple(_cell(errors[what][p]) for p in places) for what in WHAT}
    title = f"a sphere of {referees.CDO_M:.0f} m for WGS84"
    return Table(title, tuple(places), rows)


def _rank(name: str) -> int:
    first = name.split(",", maxsplit=1)[0]
    return WHAT.index(first) if first in WHAT else len(WHAT)


def _cell(value: float | None) -> str:
    return "none" if value is None or np.isnan(value) else _short(value)


def _short(value: float) -> str:
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


# --- the page -----------------------------------------------------------------------


def page(made: list[Table]) -> str:
    """Return the page."""
    of_fields, of_winds, at_two, sizes, *others = made
    radii = f"{referees.CDO_M:.0f} m, GrADS one of {referees.GRADS_M:.0f} m"
    parts = [
        _BEGINNING,
        *map(_text, (of_fields, of_winds)),
        _BETWEEN,
        _text(at_two),
        _SIZES,
        _text(sizes),
        "![The report of the T62 grid](images/accuracy-report.png)\n",
        _OTHERS.format(radii=radii),
        *map(_text, others),
        _WORDS,
    ]
    return "\n".join(parts)


_BEGINNING = """# Accuracy

Written by `python benchmarks/accuracy.py --write`; `tests/accuracy/test_page.py`
makes some of the rows again and compares. Every truth is a closed form that no
stencil of ours has seen: polynomials in the unit normal of the Earth, or waves
through space, with derivatives exact on the sphere and on any ellipsoid. Errors are
in the **max norm over every point there is** (pole rows, the rows beside them, the
seam, one-sided edges), in parts of the largest true value.

On your own grid: `xnabla check FILE`, `xn.accuracy_report(field)`. Of your own field:
`xn.gradient(field, error=True)`.

![Errors of vorticity by latitude, and against the step](images/accuracy.png)

## How fast errors fall

The slope of the largest error from a grid to one twice as fine, at accuracy 2 / 4 /
6. Globe: 4° to 2°; region: 2° to 1°, edges included; maps: 48 to 96 steps. In
brackets where the error of the fine grid is below 1e-8: there rounding begins to
show, of places and of differences, and has no slope.
"""

_BETWEEN = """One number stands for several fields and both components. Where the
largest error moves to another field or another row, or where one-sided rows are not
yet fine enough to show their order, it strays by a few tenths; rows that are uneven
without a pattern have another largest step on the finer grid. The geostrophic wind is
judged beyond 5° of the equator, frontogenesis where the field is not flat. Time
derivatives and those along a vertical axis are in `tests/accuracy/test_second.py`;
the other operators are sums and products of these.

How large the errors are on a globe of 2°, pole rows in, sphere:
"""

_SIZES = """## How large errors are on grids of the day

From `xn.accuracy_report`: waves in all directions, over all points, accuracy 2 / 4 /
6.
"""

_OTHERS = """## Other programs

CDO, NCL, GrADS and MetPy on the wind and the field called *mixed* in `tests`, which
blows across both poles. Each is judged against the closed form **on the Earth it uses
itself** (CDO and NCL a sphere of {radii}, MetPy WGS84), so that the radius is no error:
`uv2vr_cfd` and `uv2dv_cfd` of CDO and NCL, `grad_latlon_cfd` of NCL, `hcurl` and
`hdivg` of GrADS, `vorticity`, `divergence` and `geospatial_gradient` of MetPy.
*none*: the program has no value there.
"""

_WORDS = """What these tables say:

- Equatorward of 60° on even rows CDO, NCL and GrADS are right, to the second order of
  their differences, and MetPy to 1 %. CDO and NCL are one formula,
  `dv/dx - du/dy + u tan φ/R`; GrADS the flux form, `(v_λ - (u cos φ)_φ)/(R cos φ)`;
  ours the difference of the vector itself. None of the three is always the best;
  accuracy 4 is a hundred times better than any.
- Towards the poles: in the row beside the pole the metric form of CDO and NCL is five
  to fifteen times further off than ours, the flux form of GrADS sixty to ninety
  times; on the pole row none of them has vorticity or divergence. MetPy's are off
  there by ten thousand times the largest value, and from 60° on by most of it, as is
  its eastward gradient on the pole row. Ours are no worse there than elsewhere.
- Uneven rows: CDO, NCL and GrADS take the plain difference of two neighbours, which
  is of first order where steps change, and are off by eight to thirty times as much
  as ours. MetPy and ours weigh the neighbours.
- The seam: GrADS has no value in the first and the last column, and cannot read
  longitudes that turn over inside; there MetPy's eastward gradient is off by 1 %.
- MetPy's northward gradient is off by 0.5 % whatever the step: as much as a sphere is
  off that stands for the ellipsoid, which the last table has. That costs as much as
  second order at 5°. Say `earth="WGS84"` where the model says it.
"""


def _text(table: Table) -> str:
    return "\n".join(table.lines()) + "\n"


def tables_of(text: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the tables of a page, by title and by the name of the row."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    rows: dict[str, tuple[str, ...]] | None = None
    for line in text.splitlines():
        if not line.startswith("|"):
            rows = None
            continue
        name, *cells = (cell.strip() for cell in line.strip("|").split(" | "))
        if rows is None:
            rows = found.setdefault(name, {})
        elif not name.startswith("---"):
            rows[name] = tuple(cells)
    return found


def figures() -> None:
    """Draw both figures of the page."""
    images = DOCS / "images"
    save_figure(_figure(), images / "accuracy.png")
    save_figure(xn.accuracy_report("T62").plot(), images / "accuracy-report.png")


def _figure():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.0, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    case = referees.CASES["2.5 degrees, pole rows"]
    looks = {
        "xnabla, accuracy 2": ("#173b5f", 2.0),
        "xnabla, accuracy 4": ("#3f9fbf", 2.0),
        "CDO": ("#c1452b", 1.4),
        "NCL": ("#d78fb0", 1.0),
        "GrADS": ("#b0892f", 1.4),
        "MetPy": ("#5a5a5a", 1.4),
    }
    for program in referees.PROGRAMS:
        values = referees.results(program, case) if program.is_there else None
        if values is None:
            continue
        exact = case.exact(program.figure)["vorticity"]
        off = np.abs(values["vorticity"] - exact) / np.abs(exact).max()
        known = np.isfinite(off).any(axis=1)
        worst = np.full(len(off), np.nan)
        worst[known] = np.nanmax(off[known], axis=1)
        colour, width = looks[program.name]
        dashes = "--" if program.name == "NCL" else "-"
        left.plot(case.latitude, worst, dashes, color=colour, lw=width,
                  label=program.name)  # fmt: skip
    left.set(yscale="log", ylim=(1e-8, 1e1), xlim=(-90, 90), xlabel="Latitude",
             ylabel="Largest error of a row, part of the largest value",
             title="Vorticity of a wind over the poles, 2.5°")  # fmt: skip
    left.set_xticks(range(-90, 91, 30))
    left.legend(fontsize=8, ncols=2, loc="lower center")
    counts = (24, 36, 54, 81, 120)
    for accuracy, colour in zip((2, 4, 6), ("#173b5f", "#c1452b", "#3f7f4f"),
                                strict=True):  # fmt: skip
        for name, mark in (("pole rows", "o-"), ("gaussian", "s--")):
            errors = [
                orders.errors(orders.on_globe(name, m, orders.WGS84), accuracy)
                for m in counts
            ]
            steps = [180.0 / m for m in counts]
            right.plot(steps, [e["vorticity"] for e in errors], mark, color=colour,
                       lw=1.4, ms=4, label=f"accuracy {accuracy}, {name}")  # fmt: skip
        start = orders.errors(orders.on_globe("pole rows", 54, orders.WGS84), accuracy)
        guide = [start["vorticity"] * (54 / m) ** accuracy for m in counts]
        right.plot(steps, guide, color="0.75", lw=0.8, zorder=0)
    right.set(xscale="log", yscale="log", xlabel="Step in degrees",
              title="Vorticity, largest error on the whole globe, WGS84")  # fmt: skip
    right.set_xticks([1.5, 2, 3, 5, 7.5], ["1.5", "2", "3", "5", "7.5"], minor=False)
    right.minorticks_off()
    right.legend(fontsize=8)
    for axes in (left, right):
        axes.grid(visible=True, color="0.9", lw=0.6)
        axes.set_axisbelow(True)
    return figure


def main(arguments: Iterable[str] | None = None) -> None:
    """Measure, and print or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a part of the rows")
    parser.add_argument("--write", action="store_true", help="write docs/accuracy.md")
    given = parser.parse_args(None if arguments is None else list(arguments))
    if given.quick and given.write:
        parser.error("--write makes the whole page: without --quick")
    made = tables(given.quick)
    if given.write:
        missing = [p.name for p in referees.PROGRAMS if not p.is_there]
        if missing:
            parser.error(f"{', '.join(missing)} not found: apt-get install cdo "
                         "ncl-ncarg grads")  # fmt: skip
        figures()
        (DOCS / "accuracy.md").write_text(page(made), encoding="utf-8")
    else:
        for table in made:
            print("\n".join(table.lines()), end="\n\n")


if __name__ == "__main__":
    main()
