"""The plots of a recipe: a step as its command draws it, or a field with others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from xnabla.errors import OptionError, explain
from xnabla.recipes._adaptors_catalogue import OPERATORS
from xnabla.recipes._picture import draw_result
from xnabla.recipes._result import parts_mapped
from xnabla.recipes.script._bench import Bench, picked, plain
from xnabla.recipes.script._parts import PlotPart, Recipe, Reference, Target

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["check_cut", "check_plot", "draw_plot", "taken_by"]


def taken_by(recipe: Recipe, target: Target) -> list[Reference]:
    """Return all that a file shows: what a step is made of is drawn with it."""
    found = [*target.references()]
    if isinstance(target, PlotPart) and _as_command(target):
        found += recipe.steps[target.step.name].references()
    return found


def _as_command(target: PlotPart) -> bool:
    """Tell whether a step is drawn as its command draws it."""
    alone = target.contours is None and not target.arrows
    whole = target.step.kind == "step" and target.step.part is None
    return whole and alone and "title" not in target.options


def check_cut(recipe: Recipe, target: Target) -> None:
    """Refuse to cut a list of points or paths, which lies on no grid.

    Raises
    ------
    OptionError
    """
    for one in target.references():
        step = recipe.steps.get(one.name) if one.kind == "step" else None
        if target.picks and step and OPERATORS[step.operator].gives == "list":
            raise OptionError(
                explain(
                    f"{step.operator} gives a list, which lies on no grid and is not "
                    "cut",
                    hint="region, level or time in [inputs.NAME], where it is made",
                )
            )


def check_plot(bench: Bench, target: PlotPart) -> None:
    """Refuse what cannot be drawn, before there are values.

    Raises
    ------
    OptionError
    """
    result = bench.result(target.step)
    if isinstance(result, xr.Dataset) and _as_command(target):
        return  # its own picture chooses what to show
    main = result if isinstance(result, tuple) else bench.field(target.step)
    fields = [*(main if isinstance(main, tuple) else (main,))]
    fields += [bench.field(one) for one in (target.contours, *target.arrows) if one]
    # parts of a tensor are panels too; those of a vector are one
    parts = len(main) if isinstance(main, tuple) and len(main) > 2 else 1
    for one in fields:
        _check_panels(one, parts)


def _check_panels(field: xr.DataArray, parts: int) -> None:
    """Refuse a field of more panels than can be read, or of none."""
    from xnabla.plot import panel_count

    wide = {str(dim): n for dim, n in field.sizes.items() if n > 1}
    hint = 'level or time in [inputs.NAME], or a step with operator = "mean"'
    if not wide:
        text = f"{str(field.name)!r} has no dimensions, a picture two"
        raise OptionError(explain(text, hint=hint))
    panels, most = panel_count(field)
    if panels > 1 and panels * parts > most:
        told = ", ".join(f"{dim} of size {n}" for dim, n in wide.items())
        raise OptionError(
            explain(
                f"{str(field.name)!r} has {len(wide)} dimensions, a picture two",
                expected=f"up to {most} panels in all",
                got=f"{told}: {panels * parts} panels",
                hint=hint,
            )
        )


def draw_plot(bench: Bench, target: PlotPart, path: Path, kind: str) -> None:
    """Draw a picture and write it."""
    from xnabla import plot

    if _as_command(target):
        step = bench.recipe.steps[target.step.name]
        shown = {
            name: _cut(bench.field(several[0]), target)
            for name, several in step.fields.items()
            if isinstance(bench.result(several[0]), xr.DataArray)
        }
        result = _cut(bench.result(target.step), target)
        crs = target.options.get("crs", step.parameters.get("crs"))
        draw_result(step.operator, result, shown, path, kind, crs)
        return
    plot.save_figure(_figure(bench, target), path, kind=kind)


def _figure(bench: Bench, target: PlotPart) -> Figure:
    from xnabla import plot

    over = None
    if target.contours is not None:
        over = _cut(plain(bench.field(target.contours)), target)
    flow = [_cut(plain(bench.field(one)), target) for one in target.arrows]
    result = bench.result(target.step)
    title, crs = target.options.get("title"), target.options.get("crs")
    if isinstance(result, tuple) and len(result) == 2 and not flow:
        parts = _cut(result, target)
        return plot.draw_vector(parts, contours_of=over, title=title, crs=crs)
    if isinstance(result, tuple) and len(result) > 2 and over is None and not flow:
        return plot.draw_panels(_cut(result, target), title=title, crs=crs)
    field = _cut(plain(bench.field(target.step)), target)
    return plot.draw(
        field, contours_of=over, arrows_of=flow or None, title=title, crs=crs
    )


def _cut(result: Any, target: PlotPart) -> Any:
    """Return a result as far as it is to be seen."""

    def cut(field: xr.DataArray) -> xr.DataArray:
        for pick in target.picks:
            field = picked(field, pick, whole=True)
        return field

    if not target.picks:
        return result
    if isinstance(result, xr.Dataset):
        return xr.Dataset(
            {n: cut(one) for n, one in result.items()}, attrs=result.attrs
        )
    return parts_mapped(result, cut)
