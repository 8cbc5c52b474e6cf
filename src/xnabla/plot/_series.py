"""Series in time: lines of one or more fields, and the line of a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from xnabla.errors import OptionError, XnablaError, explain
from xnabla.plot._field import drawable, familiar
from xnabla.plot._layout import Page
from xnabla.plot._lines import draw_lines
from xnabla.plot._roles import roles_of
from xnabla.plot._text import name_of, sentence_case
from xnabla.plot._unit_text import pretty_units
from xnabla.plot._words import printable
from xnabla.units import difference, parse

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["timeseries"]

_MOST = 6  # more lines than colours are no lines to be told apart


def timeseries(
    field: xr.DataArray,
    *others: xr.DataArray,
    fit: xr.Dataset | xr.DataArray | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    figsize: tuple[float, float] | None = None,
) -> Figure:
    """Draw fields of one place against time, with what was fitted to them.

    Parameters
    ----------
    field : DataArray
        Along time; or along time and up to six places, members or levels, a line each.
    *others : DataArray
        Further ones, of the same unit.
    fit : Dataset or DataArray, optional
        What :func:`xnabla.trend` returned for this place, drawn with its slope and
        confidence; or any fitted values, as :func:`xnabla.predict` returns.
    title : str, optional
        Replaces the name.
    ax : Axes, optional
        Where to draw; by default a figure of its own.
    figsize : pair of float, optional
        Width and height of the figure in inches.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot, or that of ``ax``. Write it with :func:`save_figure`.

    Raises
    ------
    OptionError
        If a field has no time, or more dimensions or places than can be told apart.
    """
    given = [line for one in (field, *others) for line in _lines_of(one)]
    fitted, told = _fitted(given[0], fit)
    plain = [familiar(one) for one in drawable(*given, *fitted)]
    _refuse_units(plain)
    words = sentence_case(name_of(field.squeeze())) if title is None else title
    page = Page(ax, figsize)
    lines, after = plain[: len(given)], plain[len(given) :]
    return draw_lines(lines, printable(words), page, fitted=after, remarks=told)


def _refuse_units(lines: list[xr.DataArray]) -> None:
    """Refuse lines that no common axis can show."""
    units = {str(line.attrs.get("units", "")) for line in lines}
    if len(units) > 1:
        raise OptionError(
            explain(
                "The series have different units, one axis cannot show them",
                expected="one unit",
                got=", ".join(sorted(units)),
                hint="plot.timeseries(field) for each",
            )
        )


def _lines_of(field: xr.DataArray) -> list[xr.DataArray]:
    """Return the lines of a field: one, or one for each of a few places."""
    squeezed = field.squeeze()
    roles = roles_of(squeezed)
    times = [dim for dim, role in roles.items() if role == "time"]
    if not times:
        raise OptionError(
            explain(
                f"{name_of(field)!r} is no series in time",
                expected="a dimension of time",
                got=", ".join(map(str, squeezed.dims)) or "one number",
                hint="plot.field(field)",
            )
        )
    rest = [str(dim) for dim in squeezed.dims if dim != times[0]]
    if not rest:
        return [squeezed]
    if len(rest) > 1 or squeezed.sizes[rest[0]] > _MOST:
        sizes = ", ".join(f"{dim} of size {squeezed.sizes[dim]}" for dim in rest)
        chosen = ", ".join(f"{dim}=..." for dim in rest)
        raise OptionError(
            explain(
                f"{name_of(field)!r} is no single series",
                expected=f"one place, or up to {_MOST} lines",
                got=sizes,
                hint=f"field.sel({chosen}, method='nearest'), or "
                f"field.mean({rest!r}), or plot.section(field)",
            )
        )
    (dim,) = rest
    return [
        squeezed.isel({dim: k}, drop=True).assign_attrs(
            long_name=f"{dim} {squeezed[dim].values[k]}"
        )
        for k in range(squeezed.sizes[dim])
    ]


def _fitted(
    series: xr.DataArray, fit: xr.Dataset | xr.DataArray | None
) -> tuple[list[xr.DataArray], str]:
    """Return the fitted line of a series, and what it says."""
    if fit is None:
        return [], ""
    if isinstance(fit, xr.DataArray):
        return [fit.squeeze()], ""
    needed = {"slope", "intercept"}
    if not needed <= set(fit) or not {"span", "reference"} <= set(fit.attrs):
        raise OptionError(
            explain(
                "This fit is no straight line through time",
                expected="what xn.trend(field) returns, or fitted values",
                got=", ".join(map(str, fit)),
                hint="fit=xn.predict(fit, field)",
            )
        )
    if fit["slope"].squeeze().ndim:
        raise OptionError(
            explain(
                "The fit is of many places",
                expected="that of the one place that is drawn",
                got=", ".join(map(str, fit["slope"].dims)),
                hint="fit.sel(lat=..., lon=..., method='nearest')",
            )
        )
    slope, intercept = (_number(fit[name]) for name in ("slope", "intercept"))
    time = next(d for d, role in roles_of(series).items() if role == "time")
    passed = _passed(series[time].values, str(fit.attrs["reference"]))
    values = intercept + slope * passed / float(fit.attrs["span"])
    line = series.copy(data=values)
    line.attrs = {**line.attrs, "long_name": "linear trend"}
    return [line], _slope_words(fit, slope)


def _passed(moments: Any, reference: str) -> Any:
    """Return the seconds from a moment to others."""
    if moments.dtype.kind == "M":
        start = np.datetime64(reference, "ns")
        return (moments - start) / np.timedelta64(1, "s")
    start = _cftime(moments[0], reference)
    return np.array([(moment - start).total_seconds() for moment in moments])


def _cftime(like: Any, reference: str) -> Any:
    """Return a moment of another calendar from its printed date."""
    day, _, clock = reference.partition("T")
    date = [int(part) for part in day.split("-")]
    hour, minute, second = ([*clock.split(":"), "0", "0", "0"])[:3]
    return like.replace(
        year=date[0],
        month=date[1],
        day=date[2],
        hour=int(hour or 0),
        minute=int(minute),
        second=int(float(second)),
        microsecond=0,
    )


def _slope_words(fit: xr.Dataset, slope: float) -> str:
    """Say how steep a trend is, and how sure that is."""
    units = str(fit["slope"].attrs.get("units", ""))
    per = str(fit.attrs.get("per", ""))
    if per:
        try:
            step = str(difference(parse(str(fit.attrs["field_units"]))))
            units = f"{pretty_units(step)} {per}⁻¹".strip()
        except (XnablaError, KeyError):
            units = pretty_units(units)
    said = f"trend {slope:.3g} {units}"
    if {"ci_low", "ci_high"} <= set(fit):
        low, high = _number(fit["ci_low"]), _number(fit["ci_high"])
        level = 100.0 * float(fit.attrs.get("confidence", 0.95))
        said += f" ({level:g} %: {low:.3g} to {high:.3g})"
    return said


def _number(one: xr.DataArray) -> float:
    """Return the one number of a field, its unit off."""
    data = one.squeeze().data
    return float(np.asarray(getattr(data, "magnitude", data)))
