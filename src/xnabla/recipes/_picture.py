"""The picture that suits a result."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from xnabla.operators import Components

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What is no picture of its own under a result: parts of a wind.
_WINDS = (("u", "v"), ("ug", "vg"))
_PARTS = {name for pair in _WINDS for name in pair} | {"w"}


# The pictures of results that are no field, vector or tensor: for an operator, a
# function of ``plot`` that takes the result, and the first input as ``field``.
_PICTURES = {
    "harmonic_fit": "harmonics",
    "helmholtz": "helmholtz",
    "regress": "regression",
    "theil_sen": "trend",
    "trend": "trend",
}
# Those that are drawn on the field they were made from, which goes first.
_ON_THE_FIELD = {
    "basins": "basins",
    "closed_contours": "closed_contours",
    "critical_points": "extrema",
    "extrema": "extrema",
    "steepest_path": "paths",
}
# Those of which one field is drawn, by its name in the result.
_ONE_FIELD = {"fill": "filled", "poisson": "solution", "smooth": "smoothed"}


def draw_result(
    operator: str,
    result: Any,
    shown: Mapping[str, xr.DataArray],
    path: Path,
    kind: str | None,
    crs: Any = None,
) -> None:
    """Draw a result with the fields it was made from, and write the picture.

    Parameters
    ----------
    operator : str
        What made the result.
    result : DataArray, Components, Parts or Dataset
        A gradient is drawn as its length and its parts, a vector as arrows on its
        length, a tensor in panels.
    shown : mapping of str to DataArray
        The inputs of the operator, by name: the first that is no part of a wind gives
        the contours, the wind the arrows.
    path : Path
        Where to.
    kind : str or None
        The format.
    crs : object, optional
        The map projection that was asked for.
    """
    from xnabla import plot

    if operator in _PICTURES:
        over = next(iter(shown.values()), None)
        drawn = getattr(plot, _PICTURES[operator])(result, field=over, crs=crs)
    elif operator in _ON_THE_FIELD:
        draw = getattr(plot, _ON_THE_FIELD[operator])
        drawn = draw(next(iter(shown.values())), result, crs=crs)
    elif operator == "persistence_diagram":
        drawn = plot.persistence(result)
    elif operator in _ONE_FIELD:
        drawn = plot.field(result[_ONE_FIELD[operator]], crs=crs)
    else:
        drawn = _figure(result, shown, crs)
    plot.save_figure(drawn, path, kind=kind)


def _figure(result: Any, shown: Mapping[str, xr.DataArray], crs: Any) -> Figure:
    from xnabla import plot

    over = next((one for name, one in shown.items() if name not in _PARTS), None)
    if isinstance(result, Components) and len(result) > 1:
        return plot.gradient(result, field=over, crs=crs)
    parts: Sequence[xr.DataArray] = result if isinstance(result, tuple) else (result,)
    under = over if over is not None and _fits(over, parts[0]) else None
    if len(parts) == 1:
        if under is not None and under.name == parts[0].name:
            # the field itself, smoothed: lines of what it was would be taken for it
            title = _smoothed(parts[0])
            return plot.field(parts[0], contours_of=parts[0], title=title, crs=crs)
        wind = _wind(shown, parts[0])
        return plot.field(parts[0], contours_of=under, arrows_of=wind, crs=crs)
    if len(parts) == 2:
        return plot.vectors(result, contours_of=under, crs=crs)
    return plot.panels(result, title=_title(result, over), crs=crs)


def _title(result: Any, field: xr.DataArray | None) -> str | None:
    """Return what the parts are together, with the field they are made of by name."""
    if field is None:
        return None
    return re.sub(r"\bthe field\b", _called(field), result.what)


def _smoothed(field: xr.DataArray) -> str:
    """Return the name of a field, and that it is smoothed where it is."""
    words = str(field.attrs.get("comment", ""))
    return _called(field) + ", smoothed" * words.startswith("smoothed")


def _called(field: xr.DataArray) -> str:
    """Return what people call a field."""
    name = field.attrs.get("long_name") or field.attrs.get("standard_name", field.name)
    return str(name).replace("_", " ")


def _fits(field: xr.DataArray, result: xr.DataArray) -> bool:
    """Tell whether a field can be drawn over a result: both maps of one grid."""
    left, own = (set(one.squeeze().dims) for one in (field, result))
    return len(own) == 2 and left == own


def _wind(
    shown: Mapping[str, xr.DataArray], result: xr.DataArray
) -> tuple[xr.DataArray, xr.DataArray] | None:
    """Return the wind among the inputs, where it can be drawn over the result."""
    for first, second in _WINDS:
        if first in shown and second in shown:
            pair = shown[first], shown[second]
            return pair if all(_fits(part, result) for part in pair) else None
    return None
