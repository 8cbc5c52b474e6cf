"""The gradient on a map: northward and eastward, whatever its lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import xarray as xr

from xnabla.errors import OptionError, explain
from xnabla.grid import Axis, Grid
from xnabla.operators._inputs import ANY
from xnabla.operators._kept import Kept
from xnabla.operators._work import Work
from xnabla.options import Options

# A tenth of a call on few points is the division of units.
_naturals = Kept()


def turned_axes(grid: Grid, axes: tuple[Axis, ...], frame: str) -> dict[str, Axis]:
    """Return what the components of a map's dimensions are: northward and eastward.

    Nothing where the lines of the grid themselves are meant: one of them alone, or
    both in the frame of the grid.
    """
    if frame not in {"earth", "grid"}:
        raise OptionError(
            explain(
                f"frame={frame!r} cannot be",
                expected="'earth' or 'grid'",
                hint="frame='grid'",
            )
        )
    by_dim = {axis.dim: axis for axis in axes}
    surface = grid.surface
    if surface is None or frame == "grid" or not set(surface.dims) <= set(by_dim):
        return {}
    y, x = surface.dims
    return {
        y: replace(by_dim[y], role="latitude"),
        x: replace(by_dim[x], role="longitude"),
    }


def north_and_east(
    field: xr.DataArray,
    grid: Grid,
    edge_order: int | None,
    units: Any,
    options: Options,
) -> dict[str, xr.DataArray]:
    """Return the northward and the eastward derivative, by the map's y and x."""
    choices = {"units": units, "grid": grid}
    work = Work.on(
        "gradient", {"field": field}, {"field": ANY}, choices, edge_order=edge_order
    )
    work = replace(work, setting=replace(work.setting, options=options))
    unit = work.unit("field")
    north, east = work.several(
        lambda d, f: d.slopes(f)[::-1],
        ("df_dy", "df_dx"),
        _naturals.get(unit, lambda: unit / work.si("m")),
        "gradient",
    )
    assert grid.surface is not None
    return dict(zip(grid.surface.dims, (north, east), strict=True))
