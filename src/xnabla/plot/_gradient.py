"""The picture of a gradient: its magnitude large, its components below or beside."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.errors import OptionError, explain
from xnabla.plot._draw import drawn
from xnabla.plot._field import drawable, familiar
from xnabla.plot._isolines import isolines
from xnabla.plot._layout import Page, frame, stand_bar
from xnabla.plot._many import remarks_on
from xnabla.plot._occasion import occasion
from xnabla.plot._panel import paint
from xnabla.plot._shade import Look, diverging, sequential
from xnabla.plot._sheet import sheet_of
from xnabla.plot._text import name_of, sentence_case
from xnabla.plot._words import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["gradient", "refuse_mixture"]


def gradient(
    components: Iterable[xr.DataArray],
    *,
    field: xr.DataArray | None = None,
    title: str | None = None,
    cmap: Any = None,
    levels: int | Sequence[float] | None = None,
    vmin: float | None = None,
    vmax: float | None = None,
    ax: Axes | None = None,
    figsize: tuple[float, float] | None = None,
    projection: Any = None,
    crs: Any = None,
) -> Figure:
    """Draw ``|∇f|`` with the field over it as contours, and the components small.

    ``|∇f|`` is white at zero, so that fronts stand out. The components share one scale,
    symmetric about a white zero. Where a few cells exceed the scale the bar ends in an
    arrow. Panels of many times or levels, and ``ax``, show ``|∇f|`` alone.

    Parameters
    ----------
    components : Components, or iterable of DataArray
        What :func:`xnabla.gradient` returned: fields of one grid. Its own
        ``magnitude()`` is used where it has one.
    field : DataArray, optional
        What was differentiated; drawn as contours, and named in the title.
    title : str, optional
        Replaces the name.
    cmap, levels, vmin, vmax, ax, figsize, projection : optional
        As :func:`field` takes them, for ``|∇f|``.
    crs : object, optional
        The map projection of x and y, where the field does not say.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot. Write it with :func:`save_figure`.

    Raises
    ------
    OptionError
        If there is no component, or the components are not on one grid, not in one
        unit, or more than 12 panels would be needed.
    """
    given = list(components)
    if not given:
        raise OptionError(
            explain("There is no component to draw", expected="one or more", got="none")
        )
    # In float64: the length of two components of 3e38 is no float32 any more.
    wide = getattr(components, "map", None)
    own = getattr(components if wide is None else wide(_wide), "magnitude", None)
    extra = [own()] if own is not None and len(given) > 1 else []
    below = [field] if field is not None else []
    plain = drawable(*given, *extra, *below, panes=True)
    parts, rest = plain[: len(given)], plain[len(given) :]
    over = rest[-1] if below else None
    refuse_mixture(parts)
    look, page = Look(cmap, levels, vmin, vmax), Page(ax, figsize, projection)
    over = over if over is None or parts[0].ndim > 1 else None
    below_it = None if over is None else familiar(over)
    if len(parts) == 1 or parts[0].ndim == 1:
        words = sentence_case(name_of(parts[0]) if title is None else printable(title))
        return drawn(familiar(parts[0]), words, look, page, over=below_it, crs=crs)
    size = rest[0] if extra else _magnitude(parts)
    if over is not None:
        name = f"magnitude of the gradient of {name_of(over)}"
        size = size.assign_attrs(long_name=name)
    words = sentence_case(name_of(size) if title is None else printable(title))
    if size.ndim > 2 or ax is not None:
        return drawn(
            size, words, look, page, over=below_it, shading=sequential, crs=crs
        )
    return _compose(size, parts, below_it, words, look, page, crs)


def _compose(
    size: xr.DataArray,
    parts: list[xr.DataArray],
    field: xr.DataArray | None,
    words: str,
    look: Look,
    page: Page,
    crs: Any,
) -> Figure:
    """Paint the large panel and the small ones."""
    sheet = sheet_of(size, crs, page.asked)
    units = str(parts[0].attrs.get("units", ""))
    over = None
    if field is not None:
        below = sheet_of(field, crs, page.asked)
        over = isolines(below, page.panel(sheet.shape))
    told = (occasion(size), remarks_on(sheet, over))
    made = frame(sheet.shape or 0.5, len(parts), words, told, page)
    shade = look.on(sequential(size.values), size.values)
    mesh = paint(made.main, sheet, shade)
    stand_bar(made.figure, mesh, made.main_bar, shade, units)
    if over is not None:
        over.draw(made.main)
    shared = diverging(*(part.values for part in parts))
    for panel, part in zip(made.small, parts, strict=True):
        mesh = paint(panel, sheet.showing(part), shared, small=True)
        name = sentence_case(name_of(part))
        # Broken, because the panel of a tall map is narrow.
        room = int(panel.get_position().width * made.figure.get_figwidth() * 13)
        panel.set_title("\n".join(wrap(name, max(room, 20))), loc="left", fontsize=9.5)
    if made.small_bar is not None:
        stand_bar(made.figure, mesh, made.small_bar, shared, units)
    return made.figure


def _magnitude(parts: list[xr.DataArray]) -> xr.DataArray:
    """Return √(Σ components²)."""
    size = parts[0].copy(data=np.hypot.reduce([part.values for part in parts]))
    size.attrs = {
        "units": parts[0].attrs.get("units", ""),
        "long_name": "magnitude of the gradient",
    }
    return size


def _wide(part: Any) -> Any:
    """Return a component in float64, where it has a dtype."""
    if getattr(part, "dtype", None) != np.float32:
        return part
    return part.astype(np.float64)


def refuse_mixture(parts: list[xr.DataArray]) -> None:
    """Refuse components that no common colour scale or magnitude can show."""
    units = {str(part.attrs.get("units", "")) for part in parts}
    if len(units) > 1:
        raise OptionError(
            explain(
                "The components have different units, one scale cannot show them",
                expected="one unit",
                got=", ".join(sorted(units)),
                hint="plot.field(component) for each, or gradient(field, dims=[...]) "
                "along horizontal dimensions only",
            )
        )
    if any(
        part.dims != parts[0].dims or part.shape != parts[0].shape for part in parts
    ):
        raise OptionError(
            explain(
                "The components are not on one grid",
                expected=f"{dict(parts[0].sizes)} for all",
                got=", ".join(str(dict(part.sizes)) for part in parts[1:]),
            )
        )
