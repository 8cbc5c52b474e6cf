"""The report: how accurate the operators are on one grid, as a value that prints."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from xnabla.accuracy._facts import Rounding, Shape, Storage
from xnabla.errors import printable
from xnabla.grid import Grid

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class AccuracyReport:
    """How accurate the operators are on a grid; print it, plot it, or take the numbers.

    Attributes
    ----------
    name : str
        What the grid belongs to.
    grid : Grid
        What was understood of the coordinates.
    errors : Dataset
        ``error_max`` and ``error_rms`` by wave, accuracy, operator and band, in parts
        of the largest true value; ``order`` by accuracy and operator, how fast errors
        fall as steps get shorter.
    shape : Shape
        The cells.
    roundings : tuple of Rounding
        What single precision does to coordinates.
    storage : Storage or None
        What the digits of the values leave of a gradient.
    compared : str
        What the order was observed on: the grid refined, thinned out, or nothing.
    notes : tuple of str
        What else one should know.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> from xnabla.accuracy import accuracy_report
    >>> t = xr.DataArray(np.zeros((19, 36)), dims=("lat", "lon"), name="t", coords={
    ...     "lat": ("lat", np.arange(-90.0, 91, 10), {"units": "degrees_north"}),
    ...     "lon": ("lon", np.arange(0.0, 360, 10), {"units": "degrees_east"})})
    >>> report = accuracy_report(t)
    >>> report.errors["order"].sel(operator="gradient").round(1).values
    array([2. , 4. , 5.9])
    """

    name: str
    grid: Grid
    errors: xr.Dataset
    shape: Shape
    roundings: tuple[Rounding, ...] = ()
    storage: Storage | None = None
    compared: str = ""
    notes: tuple[str, ...] = field(default=())

    def to_dataset(self) -> xr.Dataset:
        """Return the errors as a Dataset, with the grid in its attributes."""
        told = {"title": f"Accuracy on {self.name}", "grid": str(self.grid)}
        return self.errors.assign_attrs({**told, "order_observed_on": self.compared})

    def to_dataframe(self) -> Any:
        """Return the errors as a table of pandas, a row for each number."""
        table = self.errors[["error_max", "error_rms", "points"]]
        return table.to_dataframe().reset_index()

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain numbers and words, ready for JSON."""
        grid = self.grid
        poles = [
            {
                "pole": "north" if pole.sign > 0 else "south",
                "is_a_row": pole.has_row,
            }
            for pole in grid.poles
        ]
        return {
            "name": self.name,
            "kind": grid.kind,
            "sizes": dict(zip(grid.dims, grid.sizes, strict=True)),
            "earth": str(grid.earth),
            "assumed": list(grid.assumed),
            "seam": _seam(grid),
            "poles_crossed": poles,
            "shape": _plain(self.shape),
            "rounding_of_coordinates": [_plain(one) for one in self.roundings],
            "storage": None if self.storage is None else _plain(self.storage),
            "errors": [_numbers(row) for row in self.to_dataframe().to_dict("records")],
            "order": self._orders(),
            "order_observed_on": self.compared or None,
            "notes": list(self.notes),
        }

    def to_json(self, indent: int | None = 2) -> str:
        """Return everything as JSON."""
        return json.dumps(self.to_dict(), indent=indent, allow_nan=False)

    def plot(self) -> Figure:
        """Draw the errors by latitude, and how they fall with the wavelength.

        Returns
        -------
        matplotlib.figure.Figure
            Made without pyplot. Write it with ``xn.plot.save_figure``.
        """
        from xnabla.plot import accuracy

        return accuracy(self.to_dataset())

    def _orders(self) -> list[dict[str, Any]]:
        if not self.compared:
            return []
        return [
            {
                "operator": str(operator),
                "accuracy": int(accuracy),
                "order": _number(float(self.errors["order"].sel(
                    operator=operator, accuracy=accuracy))),
            }
            for operator in self.errors["operator"].values
            for accuracy in self.errors["accuracy"].values
        ]  # fmt: skip

    def _tables(self) -> Iterator[tuple[str, Rows]]:
        """Return the tables of the report, each with its title; the head goes first."""
        errors = self.errors.sel(band="everywhere")["error_max"]
        lengths = [f"{v:.3g}" for v in self.errors["grid_lengths"].values]
        waves = [f"{v:.4g} km" for v in self.errors["wavelength_km"].values]
        order = ("order",) if self.compared else ()
        rows = [
            (
                name,
                *(_short(float(v)) for v in errors.sel(at).values),
                *(_two(float(self.errors["order"].sel(at))) for _ in order),
            )
            for name, at in self._lines()
        ]
        head = [("grid lengths", *lengths, *("" for _ in order)), ("", *waves, *order)]
        title = "Largest error by wavelength, in parts of the largest value"
        yield title, [*head, *rows]
        told = int(self.errors.attrs["shown_wave"])
        by_band = self.errors["error_max"].isel(wave=told)
        bands = [str(band) for band in by_band["band"].values if band != "everywhere"]
        rows = [
            (name, *(_short(float(v)) for v in by_band.sel(at).sel(band=bands).values))
            for name, at in self._lines()
        ]
        wave = f"{lengths[told]} grid lengths, {waves[told]}"
        title = f"Largest error by latitude, wave of {wave}"
        if self.errors["band_south"].isnull().all():
            title = f"Largest error, wave of {wave}"
        yield title, [("", *bands), *rows]

    def _lines(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for operator in self.errors["operator"].values:
            for accuracy in self.errors["accuracy"].values:
                at = {"operator": operator, "accuracy": accuracy}
                yield f"{operator} {accuracy}", at

    def _facts(self) -> list[str]:
        """Return what is to be said of the grid, in lines."""
        shape = self.shape
        low, high = shape.aspect
        cells = f"cells: dy/dx {low:.3g} to {high:.3g}"
        if self.grid.surface is not None:
            cells += f", lines within {shape.skew_deg:.2g} degrees of a right angle"
        lines = [
            f"Accuracy on {self.name}",
            *str(self.grid).splitlines(),
            f"  steps: {shape.shortest_km:.4g} to {shape.longest_km:.4g} km; grid "
            f"length, the median of the longer one: {shape.grid_length_km:.4g} km",
            f"  {cells}",
        ]
        lines += [f"  {_rounding_words(one)}" for one in self.roundings]
        if self.storage is not None:
            lines.append(
                f"  {self.storage.what}: a gradient is off by up to "
                f"{self.storage.noise_per_km:.2g} {self.storage.unit}"
            )
        if self.compared:
            lines.append(f"  order: observed on {self.compared}")
        lines += [f"  note: {note}" for note in self.notes]
        return [printable(line) for line in lines]

    def __str__(self) -> str:
        parts = ["\n".join(self._facts())]
        for title, rows in self._tables():
            widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
            text = [
                "  ".join(
                    cell.ljust(w) if i == 0 else cell.rjust(w)
                    for i, (cell, w) in enumerate(zip(row, widths, strict=True))
                ).rstrip()
                for row in rows
            ]
            parts.append("\n".join([title, *(f"  {line}" for line in text)]))
        return "\n\n".join(parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = [f"<pre>{escape(chr(10).join(self._facts()))}</pre>"]
        for title, (head, *rows) in self._tables():
            cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
            body = "".join(
                "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
                for row in rows
            )
            parts.append(
                f"<table><caption>{escape(title)}</caption>"
                f"<thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"
            )
        return "".join(parts)


def _seam(grid: Grid) -> str:
    x = next(
        (a for a in grid.axes.values() if a.role in {"longitude", "grid_longitude"}),
        None,
    )
    line = x.line if x is not None else None
    if line is None and grid.surface is not None:
        line = grid.surface.lines[1]
    if line is None or line.period is None:
        return "open"
    return "closed" if line.closed else "periodic"


def _rounding_words(one: Rounding) -> str:
    text = (
        f"{one.dim} in {one.stored}: points off by up to {one.metres:.2g} m, "
        f"{_short(one.part_of_step)} of a step"
    )
    if one.is_mended:
        return f"{text}; taken as even, so it does no harm"
    return f"{text}, and gradients by as much of themselves"


def _short(value: float) -> str:
    """Return an error in few letters.

    Examples
    --------
    >>> _short(0.00123), _short(float("nan"))
    ('1.2e-3', '-')
    """
    if math.isnan(value):
        return "-"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def _two(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _plain(one: Any) -> dict[str, Any]:
    found = {name: getattr(one, name) for name in type(one).__dataclass_fields__}
    return _numbers(found)


def _numbers(found: Mapping[Any, Any]) -> dict[str, Any]:
    """Return values that JSON knows: no NaN, no numpy."""
    plain: dict[str, Any] = {}
    for key, value in found.items():
        one = value.item() if isinstance(value, np.generic) else value
        if isinstance(one, tuple):
            one = [_number(float(part)) for part in one]
        plain[str(key)] = _number(one) if isinstance(one, float) else one
    return plain
