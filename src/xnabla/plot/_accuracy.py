"""How accurate operators are on a grid: errors by latitude, and by wavelength."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from xnabla.errors import FieldError, explain
from xnabla.plot._text import sentence_case
from xnabla.plot._words import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["accuracy"]

_COLOURS = ("#173b5f", "#c1452b", "#3f7f4f")
_NEEDED = ("error_max", "band_south", "grid_lengths")


def accuracy(report: xr.Dataset) -> Figure:
    """Draw the errors of operators by latitude and by wavelength, all logarithmic.

    Above, the largest error in each band of latitude for a wave of 16 grid lengths,
    with that of one-sided rows as a dotted line; below, the largest error anywhere
    against the number of points in a wave, with the slope of each accuracy as a thin
    grey line.

    Parameters
    ----------
    report : Dataset
        What :func:`xnabla.accuracy_report` returned, by its ``to_dataset()``.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot. Write it with :func:`save_figure`.

    Raises
    ------
    FieldError
        If this is no such Dataset.

    Examples
    --------
    >>> import xnabla as xn
    >>> report = xn.accuracy_report("5", operators=["gradient"], accuracy=2)
    >>> [axes.get_xlabel() for axes in accuracy(report.to_dataset()).axes]
    ['Latitude', 'Points per wave']
    """
    from matplotlib.figure import Figure

    if not _is_report(report):
        raise FieldError(
            explain(
                "This is no report of accuracy",
                expected="what xn.accuracy_report(grid).to_dataset() returns",
                got=type(report).__name__,
                hint='xn.accuracy_report("2.5").plot()',
            )
        )
    operators = [str(name) for name in report["operator"].values]
    has_bands = bool(report["band_south"].notnull().any())
    rows = 2 if has_bands else 1
    size = (3.1 * len(operators) + 0.9, 2.9 * rows + 0.8)
    figure = Figure(figsize=size, layout="constrained")
    panels: Any = figure.subplots(
        rows, len(operators), squeeze=False, sharey="all", sharex="row"
    )
    for i, name in enumerate(operators):
        one = report.sel(operator=name)
        panels[0, i].set_title(sentence_case(name), fontsize=10)
        if has_bands:
            _by_latitude(panels[0, i], one)
        _by_wavelength(panels[-1, i], one)
    for row in panels:
        row[0].set_ylabel("Largest error, part of\nthe largest value", fontsize=9)
    figure.suptitle(_title(report), fontsize=11)
    handles, labels = panels[-1, 0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=9
    )
    return figure


def _is_report(report: Any) -> bool:
    return isinstance(report, xr.Dataset) and all(name in report for name in _NEEDED)


def _title(report: xr.Dataset) -> str:
    words = printable(str(report.attrs.get("title", "Accuracy")))
    length = float(report.attrs.get("grid_length_km", np.nan))
    return f"{words}, grid length {length:.4g} km" if np.isfinite(length) else words


def _by_latitude(axes: Axes, one: xr.Dataset) -> None:
    """Draw a step for each band and accuracy."""
    wave = int(one.attrs.get("shown_wave", 0))
    known = one["band_south"].notnull()
    errors = one["error_max"].isel(wave=wave)
    south, north = (
        one[f"band_{s}"].where(known, drop=True) for s in ("south", "north")
    )
    for colour, number in zip(_COLOURS, one["accuracy"].values, strict=False):
        values = errors.sel(accuracy=number)
        inside = values.where(known, drop=True).to_numpy()
        ends = np.append(south.to_numpy(), north.to_numpy()[-1])
        axes.stairs(
            np.where(inside > 0, inside, np.nan),
            ends,
            baseline=None,
            color=colour,
            linewidth=1.6,
        )
        if "edges" in one["band"].values:
            at = float(values.sel(band="edges"))
            if at > 0:
                axes.axhline(at, color=colour, linestyle=":", linewidth=1.0)
    axes.set_xlabel("Latitude")
    axes.set_xlim(float(south[0]), float(north[-1]))
    if float(north[-1]) - float(south[0]) > 120.0:
        axes.set_xticks([-90, -60, -30, 0, 30, 60, 90])
    _dress(axes)


def _by_wavelength(axes: Axes, one: xr.Dataset) -> None:
    """Draw the error against points per wave, and the slope it should have."""
    order = np.argsort(one["grid_lengths"].to_numpy())
    lengths = one["grid_lengths"].to_numpy()[order]
    for colour, number in zip(_COLOURS, one["accuracy"].values, strict=False):
        values = one["error_max"].sel(accuracy=number, band="everywhere").to_numpy()
        values = np.where(values > 0, values, np.nan)[order]
        axes.plot(
            lengths,
            values,
            "o-",
            color=colour,
            linewidth=1.4,
            markersize=4,
            label=f"accuracy {int(number)}",
        )
        if np.isfinite(values).any():
            start = int(np.nanargmin(np.abs(lengths - 16.0)))
            guide = values[start] * (lengths / lengths[start]) ** -float(number)
            axes.plot(lengths, guide, color="0.7", linewidth=0.8, zorder=0)
    axes.set_xscale("log", base=2)
    axes.set_xlabel("Points per wave")
    ticks = [
        n for n in (2, 4, 8, 16, 32, 64, 128, 256) if lengths[0] <= n <= lengths[-1]
    ]
    axes.set_xticks(ticks, [str(n) for n in ticks], minor=False)
    _dress(axes)


def _dress(axes: Axes) -> None:
    axes.set_yscale("log")
    axes.tick_params(labelsize=8)
    axes.grid(visible=True, color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)
