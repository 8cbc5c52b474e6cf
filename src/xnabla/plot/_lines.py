"""Fields of one dimension: a line, or several in one frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.plot._axes import dress_axis
from xnabla.plot._layout import Page, frame
from xnabla.plot._occasion import occasion
from xnabla.plot._panel import no_values
from xnabla.plot._roles import roles_of
from xnabla.plot._shade import fitting
from xnabla.plot._sheet import axis_of
from xnabla.plot._text import name_of, sentence_case

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from matplotlib.figure import Figure

__all__ = ["draw_lines"]

_COLOURS = ("#173b5f", "#c1452b", "#3f7f4f", "#8a6bb0", "#b0892f", "#5a5a5a")

# Letters beside an axis.
_LONGEST = 45


def draw_lines(
    fields: Sequence[xr.DataArray],
    title: str,
    page: Page | None = None,
    *,
    fitted: Sequence[xr.DataArray] = (),
    remarks: str = "",
) -> Figure:
    """Draw fields of one dimension and one unit; profiles stand upright.

    Parameters
    ----------
    fields : sequence of DataArray
    title : str
    page : Page, optional
    fitted : sequence of DataArray, optional
        What was fitted to them: broken lines.
    remarks : str, optional
        What stands under the title.
    """
    first = fields[0]
    upright = "vertical" in roles_of(first).values()
    made = frame(0.9 if upright else 0.5, 0, title, (occasion(first), remarks), page)
    made.main_bar.remove()
    axes = made.main
    axis = axis_of(first, str(first.dims[0]))
    span = axis.span
    ends = float(span.places[0]), float(span.places[-1])
    colours = _COLOURS * len(fields)
    shade = fitting(np.concatenate([field.values.ravel() for field in fields]))
    looks: list[tuple[xr.DataArray, dict[str, Any]]] = [
        *((one, {"color": c}) for one, c in zip(fields, colours, strict=False)),
        *((one, {"color": "0.15", "linestyle": "--"}) for one in fitted),
    ]
    for field, look in looks:
        values = field.values[span.order] / 10.0**shade.power
        x, y = (values, span.places) if upright else (span.places, values)
        axes.plot(x, y, linewidth=1.4, clip_on=False, label=name_of(field), **look)
        if values.size <= 30 and "linestyle" not in look:
            axes.plot(x, y, "o", clip_on=False, **look)
    along, across = ("y", "x") if upright else ("x", "y")
    (axes.set_ylim if upright else axes.set_xlim)(ends)
    dress_axis(axes, along, axis, ends)
    label = shade.label(str(first.attrs.get("units", "")))
    if len(fields) > 1 or fitted:
        axes.legend(frameon=False, fontsize=9)
    if len(fields) == 1:
        name = sentence_case(name_of(first))
        # a long name that the title says already would reach beyond the axis
        if len(name) <= _LONGEST or name != title or not label:
            label = f"{name} ({label})" if label else name
    (axes.set_xlabel if across == "x" else axes.set_ylabel)(label)
    numbers = np.concatenate([field.values.ravel() for field in fields])
    numbers = numbers[np.isfinite(numbers)]
    if numbers.size == 0:
        no_values(axes)
    if numbers.size and numbers.min() < 0 < numbers.max():
        (axes.axvline if upright else axes.axhline)(0.0, color="0.5", linewidth=0.8)
    axes.grid(visible=True, color="0.85", linewidth=0.6)
    axes.set_axisbelow(True)
    return made.figure
