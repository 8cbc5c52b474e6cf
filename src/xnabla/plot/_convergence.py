"""How descents converged: cost and gradient at each iteration, and who arrived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from xnabla.errors import FieldError, explain
from xnabla.labels import dequantify
from xnabla.plot._text import sentence_case
from xnabla.plot._unit_text import pretty_units
from xnabla.plot._words import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["convergence"]

_COLOURS = (
    *("#173b5f", "#c1452b", "#3f7f4f", "#8a6bb0", "#b0892f", "#5a5a5a"),
    *("#3f9fbf", "#d78fb0"),
)
_LINES = ("-", "--", "-.")
_NEEDED = ("cost_history", "n_iterations", "converged")


def convergence(
    result: xr.Dataset | Mapping[str, xr.Dataset], *, lowest: float | None = None
) -> Figure:
    """Draw cost and gradient of one descent, or of several, at each iteration.

    Of a descent in every cell it draws the median of all cells, a band from 10 % to
    90 % of them, and beside the gradient the part of the cells that has arrived. Both
    scales are logarithmic; a cost that is negative somewhere is drawn from its lowest
    value on.

    Parameters
    ----------
    result : Dataset or mapping of name to Dataset
        What :func:`xnabla.descend` returned, with its history, or a fit in cells, of
        which there is but the cost of all cells together; several are told apart
        by their names.
    lowest : float, optional
        Draw the cost above this, in its own unit: that of the exact solution, say.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot. Write it with :func:`save_figure`.

    Raises
    ------
    FieldError
        If a result has no history.

    Examples
    --------
    >>> import xnabla as xn
    >>> result = xn.descend(lambda x: x**2 - 4 * x + 3, 0.0, learning_rate=0.25)
    >>> figure = convergence(result)
    >>> [axes.get_xlabel() for axes in figure.axes]
    ['Iteration', 'Iteration']
    """
    from matplotlib.figure import Figure

    single = isinstance(result, xr.Dataset)
    named = {"": result} if single else {str(k): one for k, one in result.items()}
    plain = {name: _checked(one) for name, one in named.items()}
    # a fit in cells tells of its cost alone
    sloped = any("gradient_norm_history" in one for one in plain.values())
    figure = Figure(figsize=(9.0 if sloped else 5.4, 3.8), layout="constrained")
    panels = figure.subplots(1, 2 if sloped else 1, squeeze=False)[0]
    left, right = panels[0], panels[-1]
    base = _base([one["cost_history"] for one in plain.values()], lowest)
    twin = None
    for i, (name, one) in enumerate(plain.items()):
        colour = _COLOURS[i % len(_COLOURS)]
        style = {"color": colour, "linestyle": _LINES[i // len(_COLOURS) % 3]}
        style["label"] = printable(name) or "_nolegend_"
        _draw_one(left, one["cost_history"] - base, style)
        if "gradient_norm_history" in one:
            _draw_one(right, one["gradient_norm_history"], style)
        if _has_cells(one) and "converged_history" in one:
            twin = twin or right.twinx()
            arrived = 100.0 * one["converged_history"]
            twin.plot(one["iteration"], arrived, color=colour, linestyle=":")
    _dress(left, _cost_label(plain, base))
    if sloped:
        _dress(right, "Gradient, part of the first")
    if twin is not None:
        twin.set_ylabel("Cells arrived, dotted (%)")
        twin.set_ylim(-2, 102)
    if not single:
        handles, labels = left.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right upper", frameon=False)
    figure.suptitle(_title(plain, single), fontsize=11)
    return figure


def _checked(result: Any) -> xr.Dataset:
    has = isinstance(result, xr.Dataset) and all(name in result for name in _NEEDED)
    if not has:
        raise FieldError(
            explain(
                "This is no result with a history to draw",
                expected=f"a Dataset with {', '.join(_NEEDED)}",
                got=list(map(str, getattr(result, "data_vars", [])))
                or type(result).__name__,
                hint='xn.descend(..., history="domain")',
            )
        )
    plain: xr.Dataset = dequantify(result)
    return plain


def _has_cells(one: xr.Dataset) -> bool:
    return one["cost_history"].ndim > 1


def _base(costs: list[xr.DataArray], lowest: float | None) -> float:
    """Return what to draw costs above: nothing, unless some are not positive."""
    if lowest is not None:
        return float(lowest)
    values = np.concatenate([_bands(one).ravel() for one in costs])
    values = values[np.isfinite(values)]
    low = float(values.min()) if values.size else 0.0
    return 0.0 if low > 0 else low


def _bands(values: xr.DataArray) -> np.ndarray[Any, Any]:
    """Return the lower, middle and upper line of a history, ``(3, iterations)``."""
    if "statistic" in values.dims:
        found = values.sel(statistic=["p10", "median", "p90"])
        return np.asarray(found.transpose("statistic", "iteration"))
    cells = values.transpose("iteration", ...).to_numpy().reshape(len(values), -1)
    cells = np.where(np.isfinite(cells), cells, np.nan)
    if cells.shape[1] == 1:
        return np.stack([cells[:, 0]] * 3)
    known = np.isfinite(cells).any(axis=1)
    bands = np.full((3, len(cells)), np.nan)
    bands[:, known] = np.nanpercentile(cells[known], (10, 50, 90), axis=1)
    return bands


def _draw_one(axes: Axes, values: xr.DataArray, style: dict[str, Any]) -> None:
    low, middle, high = np.where((b := _bands(values)) > 0, b, np.nan)
    iterations = values["iteration"].to_numpy()
    dot = "o" if iterations.size == 1 else None
    axes.plot(iterations, middle, linewidth=1.4, marker=dot, **style)
    if values.ndim > 1:
        # a band that reaches nought would have no lower edge on this scale
        floor = np.fmin(np.where(np.isnan(low), np.nanmin(middle), low), high)
        axes.fill_between(
            iterations, floor, high, color=style["color"], alpha=0.15, lw=0
        )


def _dress(axes: Axes, label: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_yscale("log")
    axes.set_xlabel("Iteration")
    axes.set_ylabel(label)
    axes.margins(x=0.01)
    axes.grid(visible=True, color="0.88", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _cost_label(plain: Mapping[str, xr.Dataset], base: float) -> str:
    units = {str(one["cost_history"].attrs.get("units", "")) for one in plain.values()}
    unit = pretty_units(units.pop()) if len(units) == 1 else ""
    name = "Cost" if base == 0 else f"Cost above {base:.4g}"
    return f"{name} ({unit})" if unit and unit != "1" else name


def _title(plain: Mapping[str, xr.Dataset], single: bool) -> str:
    if not single:
        return "Convergence"
    (one,) = plain.values()
    title = sentence_case(printable(str(one.attrs.get("title", "Convergence"))))
    count = int(one["n_iterations"].max())
    arrived = float(np.asarray(one["converged"]).mean())
    if one["converged"].size == 1:
        return f"{title}: {count} iterations, {'' if arrived else 'not '}arrived"
    most = f"at most {count} iterations" if count else "no iteration"
    return f"{title}: {most}, {arrived:.1%} of the cells arrived"
