"""The map of how descents ended: a colour for each way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import FieldError, explain
from xnabla.plot._field import drawable
from xnabla.plot._layout import frame
from xnabla.plot._occasion import occasion
from xnabla.plot._panel import paint
from xnabla.plot._shade import Shade
from xnabla.plot._sheet import sheet_of
from xnabla.plot._text import sentence_case

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

__all__ = ["status"]

# Answers are blue and green, failures warm, absence grey; told apart without colour
# vision by lightness too.
_COLOURS = {
    "converged_gradient": "#1f4e9c",
    "converged_step": "#4f86c6",
    "converged_cost": "#8fbbe3",
    "exact": "#cfe3f2",
    "at_bound": "#5aa469",
    "max_iterations": "#f4b942",
    "stopped": "#f7dc9c",
    "line_search_failed": "#e8743b",
    "diverged": "#b2182b",
    "singular": "#6a1b4d",
    "left_domain": "#c77fb5",
    "too_few_data": "#8c8c8c",
    "all_missing": "#dddddd",
}
_OTHER = "#000000"


class _Flags(Shade):
    """Colours of flags, counted from 0."""

    __slots__ = ("listed",)

    def __init__(self, listed: list[str]) -> None:
        super().__init__("plain", -0.5, max(len(listed), 1) - 0.5, "neither")
        object.__setattr__(self, "listed", listed)

    def colours(self) -> Colormap:
        """Return the colour map."""
        from matplotlib.colors import ListedColormap

        listed: list[str] = self.listed  # type: ignore[attr-defined]
        return ListedColormap(listed or [_OTHER], name="flags")


def status(
    result: xr.Dataset, *, field: xr.DataArray | None = None, crs: Any = None
) -> Figure:
    """Draw the status flags of a result on a map: see where a descent failed.

    Parameters
    ----------
    result : Dataset or DataArray
        What a descent in every cell returned, or its ``status``.
    field : DataArray, optional
        What was descended on; it names the picture.
    crs : object, optional
        The map projection of x and y, where the fields do not say.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot. Write it with :func:`save_figure`.

    Raises
    ------
    FieldError
        If there is no status, or one for all of the grid.
    OptionError
        If more than two dimensions are left.
    """
    flags = _flags_of(result)
    values, meanings = _meanings(flags)
    (numbers,) = drawable(flags.astype(float))
    found = [value for value in values if np.any(numbers.values == value)]
    shown = numbers.copy(data=np.full(numbers.shape, np.nan))
    for place, value in enumerate(found):
        shown.values[numbers.values == value] = place
    names = [meanings[value] for value in found]
    shade = _Flags([_COLOURS.get(name, _OTHER) for name in names])
    words = str(flags.attrs.get("long_name", "how the descent ended"))
    if field is not None and field.name is not None:
        words = f"{words}: {field.name}"
    sheet = sheet_of(shown, crs)
    made = frame(sheet.shape or 0.55, 0, sentence_case(words), (occasion(shown), ""))
    paint(made.main, sheet, shade)
    counts = [int((shown.values == place).sum()) for place in range(len(names))]
    _legend(made, shade.colours(), names, counts)
    return made.figure


def _flags_of(result: Any) -> Any:
    found = result
    if hasattr(result, "data_vars"):
        if "status" not in result:
            raise FieldError(
                explain(
                    "This has no status to be drawn",
                    expected="what a descent returned",
                    got=", ".join(map(str, result)) or "nothing",
                    hint="xn.plot.status(xn.trend(field))",
                )
            )
        found = result["status"]
    if hasattr(found.data, "magnitude"):
        found = found.copy(data=found.data.magnitude)
    if found.squeeze().ndim < 2:
        values, meanings = _meanings(found)
        ended = [meanings[v] for v in values if np.any(np.asarray(found.values) == v)]
        raise FieldError(
            explain(
                "The status of this descent is no map: it is one for the whole grid",
                expected="a status in every cell",
                got=", ".join(ended) or "none",
                hint="result.status",
            )
        )
    return found


def _meanings(flags: Any) -> tuple[list[int], dict[int, str]]:
    values = [int(v) for v in np.atleast_1d(flags.attrs.get("flag_values", []))]
    words = str(flags.attrs.get("flag_meanings", "")).split()
    if not values or len(words) != len(values):
        raise FieldError(
            explain(
                "The flags do not say what they mean",
                expected="attributes flag_values and flag_meanings, as CF has them",
                got=", ".join(map(str, flags.attrs)) or "none",
            )
        )
    return values, dict(zip(values, words, strict=True))


def _legend(made: Any, colours: Colormap, names: list[str], counts: list[int]) -> None:
    """Put the meanings where the colour bar would stand."""
    from matplotlib.patches import Patch

    made.main_bar.set_axis_off()
    handles = [
        Patch(
            facecolor=colours(place),
            edgecolor="0.4",
            linewidth=0.4,
            label=f"{name.replace('_', ' ')}\n{count}",
        )
        for place, (name, count) in enumerate(zip(names, counts, strict=True))
    ]
    if not handles:
        return
    made.main_bar.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.0, 1.0),
        frameon=False,
        fontsize=8,
        borderaxespad=0.0,
        handlelength=1.2,
    )
