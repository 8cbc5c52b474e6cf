"""The persistence diagram: at which value extrema are born, at which they die."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xnabla.errors import OptionError, explain
from xnabla.plot._layout import figure_of
from xnabla.plot._unit_text import pretty_units

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["persistence"]

_LOOKS = {"minimum": ("o", "#b2182b", "minima"), "maximum": ("s", "#2166ac", "maxima")}


def persistence(diagram: xr.Dataset, *, title: str | None = None) -> Figure:
    """Draw births against deaths: the farther from the diagonal, the more persistent.

    Parameters
    ----------
    diagram : Dataset
        What :func:`xnabla.persistence_diagram` returned.
    title : str, optional
        Replaces the title.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot. Write it with :func:`save_figure`.

    Raises
    ------
    OptionError
        If this is no persistence diagram.
    """
    if "birth" not in diagram or "death" not in diagram:
        raise OptionError(
            explain(
                "This is no persistence diagram",
                expected="what xn.persistence_diagram(field) returns",
                hint="xn.plot.persistence(xn.persistence_diagram(field))",
            )
        )
    birth, units = _numbers(diagram["birth"])
    death, _ = _numbers(diagram["death"])
    unit = pretty_units(units)
    name = str(diagram.attrs.get("field", "")) or "the field"
    words = title or f"Persistence of the extrema of {name}"
    count = birth.size
    least = _least(str(diagram.attrs.get("min_persistence", "")), units)
    below = f"{count} pairs" + (f" of at least {least}" if least else "")
    side, bar = 5.4, 1.0
    box = (bar, 0.7, side, side)
    figure, (axes,) = figure_of(lambda _: [box], words, (below,))
    known = np.r_[birth, death[np.isfinite(death)]]
    low, high = (known.min(), known.max()) if known.size else (0.0, 1.0)
    spare = 0.06 * ((high - low) or 1.0)
    ends = (low - spare, high + spare)
    axes.plot(ends, ends, color="0.5", linewidth=0.8, zorder=1)
    kinds = diagram["kind"].values
    for kind, (mark, colour, what) in _LOOKS.items():
        mine = kinds == kind
        if mine.any():
            _pairs(axes, birth[mine], death[mine], ends, mark, colour, what)
    axes.set(xlim=ends, ylim=ends, aspect="equal")
    axes.set_xlabel(f"value of the extremum ({unit})" if unit else "birth")
    axes.set_ylabel(f"value of the saddle that ends it ({unit})" if unit else "death")
    axes.tick_params(labelsize=9)
    if count:
        axes.legend(loc="best", fontsize=9, frameon=True)
    return figure


def _pairs(
    axes: Axes,
    birth: NDArray[np.float64],
    death: NDArray[np.float64],
    ends: tuple[float, float],
    mark: str,
    colour: str,
    what: str,
) -> None:
    """Draw the pairs of a kind; those that never die stand on the frame, open."""
    ended = np.isfinite(death)
    axes.plot(
        birth[ended],
        death[ended],
        mark,
        color=colour,
        alpha=0.75,
        markersize=4.5,
        markeredgewidth=0,
        label=what,
    )
    edge = np.where(death[~ended] > 0, ends[1], ends[0])
    axes.plot(
        birth[~ended],
        edge,
        mark,
        markerfacecolor="white",
        markeredgecolor=colour,
        markersize=7,
        clip_on=False,
        zorder=5,
        label=f"{what} that nothing ends",
    )


def _least(told: str, units: str) -> str:
    """Return the least persistence as the axes have it: 1 hPa, where a file has Pa."""
    number, _, own = told.partition(" ")
    if not number or float(number) == 0.0:
        return ""
    if own == "Pa" and units == "hPa":
        return f"{float(number) / 100.0:g} hPa"
    return told


def _numbers(column: xr.DataArray) -> tuple[NDArray[np.float64], str]:
    """Return numbers and their unit; air pressure in hPa."""
    from xnabla.labels import dequantify
    from xnabla.plot._field import familiar

    plain = familiar(dequantify(column).astype(np.float64))
    return np.asarray(plain.values), str(plain.attrs.get("units", ""))
