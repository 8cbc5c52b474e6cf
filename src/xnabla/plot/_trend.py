"""Maps of fits: a slope in colour, dotted where it is significant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import FieldError, OptionError, XnablaError, explain
from xnabla.plot._draw import field as one_field
from xnabla.plot._field import drawable
from xnabla.plot._layout import Page
from xnabla.plot._many import Pane, composed, remarks_on
from xnabla.plot._panes import caption_of, group_of, panes_of, shared_occasion
from xnabla.plot._shade import diverging, fitting
from xnabla.plot._sheet import sheet_of
from xnabla.plot._text import name_of, sentence_case
from xnabla.plot._unit_text import pretty_units
from xnabla.units import difference, parse

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from xnabla.plot._sheet import Sheet

__all__ = ["harmonics", "regression", "trend"]

_APART = 0.075  # inches between dots, at least: they are to be seen through


def trend(
    result: xr.Dataset,
    *,
    field: xr.DataArray | None = None,
    significant: xr.DataArray | None = None,
    alpha: float = 0.05,
    crs: Any = None,
) -> Figure:
    """Draw the slope of a trend, with dots where it is significant.

    Parameters
    ----------
    result : Dataset
        What :func:`xnabla.trend` or :func:`xnabla.theil_sen` returned.
    field : DataArray, optional
        What the trend is of; it names the picture.
    significant : DataArray of bool, optional
        Where the dots go; by default where the p-values pass at a false discovery rate
        of ``alpha``.
    alpha : float, optional
        That rate.
    crs : object, optional
        The map projection of x and y, where the field does not say.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot. Write it with :func:`save_figure`.

    Raises
    ------
    FieldError
        If the result holds no slope.
    OptionError
        If more than two dimensions are left, or alpha cannot be.
    """
    _check(result, ("slope", "pvalue"), "xn.plot.trend(xn.trend(field))")
    how = "Theil-Sen" if result.attrs.get("operation") == "theil_sen" else "Linear"
    words = None if field is None else f"{how} trend of {name_of(field)}"
    units = _units(result)
    chosen = _Chosen("slope", "pvalue", words, units, significant, alpha)
    return _drawn(result, chosen, crs)


def regression(
    result: xr.Dataset,
    *,
    field: xr.DataArray | None = None,
    predictor: str | None = None,
    alpha: float = 0.05,
    crs: Any = None,
) -> Figure:
    """Draw the coefficient of a predictor, with dots where it is significant.

    Parameters
    ----------
    result : Dataset
        What :func:`xnabla.regress` returned.
    field : DataArray, optional
        What was regressed; it names the picture.
    predictor : str, optional
        Which one; the first unless given.
    alpha : float, optional
        Rate of false discoveries at which dots are set.
    crs : object, optional
        The map projection of x and y, where the field does not say.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    FieldError
        If the result is no regression, or has no such predictor.
    """
    known = [str(n).removesuffix("_pvalue") for n in result if _is_pvalue(n)]
    name = predictor or (known[0] if known else "")
    _check(result, (name, f"{name}_pvalue"), "xn.plot.regression(xn.regress(...))")
    words = None if field is None else f"Regression of {name_of(field)} on {name}"
    chosen = _Chosen(name, f"{name}_pvalue", words, None, None, alpha)
    return _drawn(result, chosen, crs)


def harmonics(
    result: xr.Dataset,
    *,
    field: xr.DataArray | None = None,
    k: int = 1,
    alpha: float = 0.05,
    crs: Any = None,
) -> Figure:
    """Draw the amplitude of a harmonic, with dots where it is significant.

    Parameters
    ----------
    result : Dataset
        What :func:`xnabla.harmonic_fit` returned.
    field : DataArray, optional
        What the cycle is of; it names the picture.
    k : int, optional
        Which harmonic.
    alpha : float, optional
        Rate of false discoveries at which dots are set.
    crs : object, optional
        The map projection of x and y, where the field does not say.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    FieldError
        If the result has no such harmonic.
    """
    name = f"amplitude_{k}"
    _check(result, (name, f"{name}_pvalue"), "xn.plot.harmonics(xn.harmonic_fit(f))")
    words = None
    if field is not None:
        period = str(result.attrs.get("period", "the cycle"))
        words = f"Amplitude of {name_of(field)}, harmonic {k} of {period}"
    chosen = _Chosen(name, f"{name}_pvalue", words, None, None, alpha)
    return _drawn(result, chosen, crs)


@dataclass(frozen=True, eq=False)
class _Chosen:
    """What of a fit is drawn: a variable, its p-values, title, unit and dots."""

    value: str
    pvalue: str
    words: str | None
    units: str | None
    significant: xr.DataArray | None
    alpha: float


def _is_pvalue(name: Any) -> bool:
    return str(name).endswith("_pvalue")


def _check(result: xr.Dataset, names: tuple[str, ...], hint: str) -> None:
    """Refuse a result that does not hold what is to be drawn."""
    if any(name not in result for name in names):
        raise FieldError(
            explain(
                "This cannot be drawn so",
                expected="a Dataset with " + " and ".join(names),
                got=", ".join(map(str, result)) or "nothing",
                hint=hint,
            )
        )


def _drawn(result: xr.Dataset, chosen: _Chosen, crs: Any) -> Figure:
    """Draw a variable of a fit, dotted where it is significant."""
    if not 0.0 < chosen.alpha < 1.0:
        raise OptionError(
            explain(
                f"alpha={chosen.alpha!r} is no rate of false discoveries",
                expected="a number between 0 and 1",
                hint="alpha=0.05",
            )
        )
    value, pvalue = drawable(result[chosen.value], result[chosen.pvalue], panes=True)
    words = sentence_case(chosen.words or name_of(value))
    if chosen.units is not None:
        value = value.assign_attrs(units=chosen.units)
    if value.ndim == 1:
        return one_field(value, title=words, crs=crs)
    where = panes_of(value)
    sheet = sheet_of(value.isel(where[0]), crs)
    dots, told = _dots(pvalue, chosen.significant, chosen.alpha)
    panes = [
        Pane(
            sheet.showing(value.isel(one)),
            caption_of(value, one),
            flow=_Stipple(sheet, dots.isel(one)),
        )
        for one in where
    ]
    gaps = remarks_on(panes[0].sheet, None, *(pane.sheet for pane in panes))
    remarks = " · ".join(word for word in (told, gaps) if word)
    shade = fitting(value.values)
    if chosen.value == "slope":
        shade = diverging(value.values)
    below = (shared_occasion(value, where[0]), remarks)
    return composed(panes, shade, words, below, Page(), group_of(value))


def _units(result: xr.Dataset) -> str | None:
    """Return the unit of the slope as people say it: per decade, not per 0.1 year."""
    per = str(result.attrs.get("per", ""))
    if per not in {"decade", "century"}:
        return None
    try:
        step = str(difference(parse(str(result.attrs["field_units"]))))
    except (XnablaError, KeyError):
        return None
    return f"{pretty_units(step)} {per}⁻¹".strip()


def _dots(
    pvalue: xr.DataArray, significant: xr.DataArray | None, alpha: float
) -> tuple[xr.DataArray, str]:
    """Return where the dots go, and what they say."""
    if significant is not None:
        (given,) = drawable(significant.astype(float), panes=True)
        name = str(significant.attrs.get("long_name", "significant"))
        return given.copy(data=given.values == 1.0), f"dotted: {name}"
    threshold = _false_discovery(pvalue.values, alpha)
    found = pvalue.copy(data=pvalue.values <= threshold)
    rate = f"false discovery rate {100 * alpha:g} %"
    if not found.values.any():
        return found, f"nowhere significant, {rate}"
    return found, f"dotted: significant, {rate}"


def _false_discovery(pvalue: NDArray[np.float64], alpha: float) -> float:
    """Return the largest p-value that passes (Benjamini and Hochberg 1995).

    Pictures and descents do not import each other: these lines are in both.
    """
    ordered = np.sort(pvalue[np.isfinite(pvalue)])
    line = alpha * np.arange(1, ordered.size + 1) / max(ordered.size, 1)
    passing = ordered[ordered <= line]
    return float(passing[-1]) if passing.size else -1.0


@dataclass(frozen=True, eq=False)
class _Stipple:
    """Dots in cells, as far apart as they must be to be seen through."""

    sheet: Sheet
    dots: xr.DataArray

    def draw(self, axes: Axes) -> None:
        """Put them on a panel."""
        x, y = self.sheet.places
        dots = self.sheet.on_grid(self.dots)
        there = dots.astype(bool) & np.isfinite(x) & np.isfinite(y)
        if not there.any():
            return
        axes.apply_aspect()
        points = np.column_stack([x[there], y[there]])
        screen = axes.transData.transform(points) / axes.figure.dpi
        # the first dot in each square of a raster of the paper
        raster = np.floor(screen / _APART).astype(np.int64)
        _, first = np.unique(raster, axis=0, return_index=True)
        axes.plot(
            points[first, 0],
            points[first, 1],
            linestyle="none",
            marker=".",
            markersize=2.6,
            color="0.1",
            markeredgewidth=0,
            zorder=3,
            scalex=False,
            scaley=False,
        )
