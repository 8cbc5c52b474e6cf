"""The chart of lows and highs: L and H where they are, with their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import OptionError, explain
from xnabla.plot._marks import Ground, chosen, grounds, numbers_of, on_paper
from xnabla.plot._unit_text import understood

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["extrema", "put_letters"]

# Letters and colours of weather charts.
_LOOKS = {"minimum": ("L", "#b2182b"), "maximum": ("H", "#2166ac")}
_COL = "0.35"
# Inches that a letter with its value takes: nothing else is written there.
_WIDE, _HIGH = 0.36, 0.34
_ISOBARS_HPA = 4.0


def extrema(
    field: xr.DataArray,
    points: xr.Dataset,
    *,
    title: str | None = None,
    crs: Any = None,
) -> Figure:
    """Draw a field with L at its minima and H at its maxima, and their values.

    Where two would overlap, the more persistent one is written and the other is a dot
    in its colour, as are those at the edge of a region or a gap, around which no
    contour closes; cols are crosses. Pressure at the ground has isobars every 4 hPa.

    Parameters
    ----------
    field : DataArray
        Two dimensions, or up to 12 times or levels of a map.
    points : Dataset
        What :func:`xnabla.find_extrema` or :func:`xnabla.critical_points` returned for
        it, or for all times and levels: those of the field are drawn.
    title : str, optional
        Replaces the name of the field.
    crs : object, optional
        The map projection of x and y, where the field does not say.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot. Write it with :func:`save_figure`.

    Raises
    ------
    OptionError
        If the field is no map, or the points are no extrema.
    """
    if "kind" not in points or "value" not in points:
        raise OptionError(
            explain(
                "These are no extrema",
                expected="what xn.find_extrema(field) returns",
                hint="xn.plot.extrema(field, xn.find_extrema(field))",
            )
        )
    letters = "L, H: lows and highs, dots: no room, or at an edge"
    cols = "saddle" in set(points["kind"].values.tolist())  # of critical_points
    bases = grounds(
        field,
        "lows, highs and cols of" if cols else "lows and highs of",
        crs=crs,
        title=title,
        levels=isobars(field),
        remarks=letters + (", ×: cols" if cols else ""),
    )
    for base in bases:
        put_letters(base, chosen(points, base.field))
    return bases[0].figure


def _is_isobars(base: Ground) -> bool:
    """Tell whether the field is a pressure at the grounds, told in whole hPa."""
    return isobars(base.field) is not None


def isobars(field: xr.DataArray) -> NDArray[np.float64] | None:
    """Return the isobars of a pressure at the ground; None for any other field."""
    from xnabla.plot._field import drawable, familiar

    (plain,) = drawable(field, panes=True)
    shown = familiar(plain)
    values = shown.values[np.isfinite(shown.values)]
    is_pressure = understood(str(shown.attrs.get("units", ""))) == "hPa"
    if not is_pressure or not values.size or not 850.0 < np.median(values) < 1100.0:
        return None
    low, high = np.ceil(values.min() / _ISOBARS_HPA), values.max() / _ISOBARS_HPA
    levels = _ISOBARS_HPA * np.arange(low, high)
    return levels if 1 < levels.size < 60 else None


def put_letters(base: Ground, points: xr.Dataset, prefix: str = "") -> None:
    """Write the letters and values of points on a picture of their field."""
    names = ("y", "x") if base.sheet.plane else ("latitude", "longitude")
    x, y = on_paper(base.sheet, *(points[prefix + name].values for name in names))
    values = numbers_of(points["value"], base.field)
    kinds, edge = points["kind"].values, points["on_boundary"].values
    decimals = 0 if _is_isobars(base) else _decimals(values)
    under = list(base.axes.texts)
    taken: list[tuple[float, float]] = []
    for k in _most_persistent_first(points):
        if not np.isfinite(x[k]) or not _is_in(base, x[k], y[k]):
            continue
        if kinds[k] not in _LOOKS:
            base.axes.plot(x[k], y[k], "x", color=_COL, markersize=5, zorder=5)
            continue
        letter, colour = _LOOKS[str(kinds[k])]
        if edge[k] or not _has_room(base, x[k], y[k], taken):
            base.axes.plot(x[k], y[k], ".", color=colour, markersize=5, zorder=5)
            continue
        _write(
            base,
            x[k],
            y[k],
            letter,
            f"{round(values[k], decimals) + 0.0:.{decimals}f}",
            colour,
        )
    _clear(base, under, taken)


def _most_persistent_first(points: xr.Dataset) -> NDArray[np.intp]:
    persistence = points["persistence"].data
    numbers = np.asarray(getattr(persistence, "magnitude", persistence), dtype=float)
    return np.argsort(-np.nan_to_num(numbers, posinf=1e300), kind="stable")


def _decimals(values: NDArray[np.float64]) -> int:
    """Return digits behind the point that tell the values apart, none for pressure."""
    known = values[np.isfinite(values)]
    spread = float(np.ptp(known)) if known.size > 1 else 0.0
    size = float(np.abs(known).max()) if known.size else 1.0
    wanted = spread / 50.0 if spread > 0 else size / 100.0
    return int(np.clip(np.ceil(-np.log10(wanted)) if wanted > 0 else 0, 0, 4))


def _inches(base: Ground, x: float, y: float) -> tuple[float, float]:
    """Return where a place is on the page."""
    screen = base.axes.transData.transform((x, y))
    inch = base.figure.dpi_scale_trans.inverted().transform(screen)
    return float(inch[0]), float(inch[1])


def _is_in(base: Ground, x: float, y: float) -> bool:
    box = base.axes.get_window_extent()
    px, py = base.axes.transData.transform((x, y))
    return bool(box.x0 <= px <= box.x1 and box.y0 <= py <= box.y1)


def _has_room(
    base: Ground, x: float, y: float, taken: list[tuple[float, float]]
) -> bool:
    """Tell whether no other letter stands there, and take the room if so."""
    at = _inches(base, x, y)
    near = any(
        abs(at[0] - other[0]) < _WIDE and abs(at[1] - other[1]) < _HIGH
        for other in taken
    )
    if not near:
        taken.append(at)
    return not near


def _clear(base: Ground, labels: list[Any], taken: list[tuple[float, float]]) -> None:
    """Take away the labels of contours that letters are written over."""
    inches = base.figure.dpi_scale_trans.inverted()
    for label in labels:
        at = inches.transform(base.axes.transData.transform(label.get_position()))
        if any(
            abs(at[0] - x) < _WIDE and -_HIGH < at[1] - y < 0.7 * _HIGH
            for x, y in taken
        ):
            label.remove()


def _write(
    base: Ground, x: float, y: float, letter: str, value: str, colour: str
) -> None:
    """Write a letter on its place and its value below, held inside the frame."""
    from matplotlib.patheffects import withStroke

    pale: list[Any] = [withStroke(linewidth=2.5, foreground=(1, 1, 1, 0.85))]
    box = base.axes.get_window_extent()
    px, py = base.axes.transData.transform((x, y))
    dpi = base.figure.dpi
    # beside the frame a letter moves in, so that it is not cut
    side = "left" if px - box.x0 < 0.16 * dpi else "center"
    side = "right" if box.x1 - px < 0.16 * dpi else side
    up = 8.5 if py - box.y0 < 0.22 * dpi else 0.0
    for text, size, down in ((letter, 14, 0.0), (value, 7.5, 10.5)):
        written = base.axes.annotate(
            text,
            (x, y),
            xytext=(0, up - down),
            textcoords="offset points",
            ha=side,
            va="center",
            fontsize=size,
            fontweight="bold",
            color=colour,
            zorder=6,
            annotation_clip=False,
        )
        written.set_path_effects(pale)
