"""What all smoothers share: axes, ends, poles, the seam, and the labels of results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar, get_args

import numpy as np
import xarray as xr

from xnabla.errors import (
    FieldError,
    GridError,
    OptionError,
    XnablaError,
    explain,
    together,
)
from xnabla.grid import Grid
from xnabla.labels import Plain, as_floating, check_field, describe, split, title_of
from xnabla.numerics import End, Smoother, Spread, Window, WindowEdges, is_chunked
from xnabla.operators._kernels import Kernel
from xnabla.operators._layout import Layout, axes_of, layout_of, names_of
from xnabla.operators._partial import grid_for
from xnabla.operators._plain import is_plain
from xnabla.operators._wind import FRAME_FLAG
from xnabla.options import Options, resolve_options
from xnabla.units import Unit, attach, difference, is_quantity, split_quantity

Field = TypeVar("Field")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for beside the window."""

    dims: Any
    passes: int
    edges: WindowEdges
    options: Options


def smooth(
    field: Field,
    kernel: Kernel,
    *,
    dims: Any,
    passes: Any = 1,
    edges: Any,
    missing: Any,
    poles: Any,
    periodic: Any,
    grid: Any,
    earth: Any = None,
) -> Field:
    """Return a field smoothed with a window, labelled as it was."""
    options = resolve_options(missing=missing, poles=poles)
    wanted = Wanted(dims, _passes(passes), _edges(edges, options), options)
    if isinstance(field, xr.DataArray):
        checked = check_field(field, "neighbour to be smoothed with")
        where = grid_for(checked, grid, earth, periodic)
        return _smooth_labelled(checked, kernel, wanted, where)  # type: ignore[return-value]
    if not is_plain(field):
        raise FieldError(
            explain(
                f"{kernel.operator} takes one field",
                expected="a DataArray, a pint Quantity or a numpy array",
                got=type(field).__name__,
                hint=f"xn.{kernel.operator}(dataset['t'], ...)",
            )
        )
    _check_no_grid(kernel, grid=grid, periodic=periodic, earth=earth)
    smoothed: Field = _smooth_plain(field, kernel, wanted)
    return smoothed


def _smooth_labelled(
    field: xr.DataArray, kernel: Kernel, wanted: Wanted, grid: Grid
) -> xr.DataArray:
    names, plain = _dims_and_values(field, grid, wanted.dims)
    layout = layout_of(
        grid,
        names,
        across=wanted.options.poles == "across",
        mirror=wanted.edges == "reflect",
    )
    distinct = plain.values
    for axis, count in layout.repeats.items():
        distinct = distinct[(slice(None),) * axis + (slice(None, -count),)]
    smoother = _smoother(kernel, wanted, layout, distinct.shape, grid)
    smoothed = smoother(distinct)
    for axis, count in layout.repeats.items():
        smoothed = _closed(smoothed, axis, count)
    if is_chunked(smoothed):
        smoothed = smoothed.rechunk(plain.values.chunks)
    if plain.unit.factor != 1:  # 1e-5 s-1: pint has no place for the number
        smoothed = smoothed * plain.unit.factor
    result = describe(
        smoothed,
        like=field,
        unit=Unit(1.0, plain.unit.pint),
        name=str(field.name),
        attributes=_attributes(field, _comment(kernel, wanted, grid, names)),
    )
    return result if field.name is not None else result.rename(None)


def _smooth_plain(values: Any, kernel: Kernel, wanted: Wanted) -> Any:
    """Return an array or a quantity smoothed along its last axes, or those named."""
    unit: Unit | None = None
    if is_quantity(values):
        values, unit = split_quantity(values)
        difference(unit, of="the array")
    mask = np.ma.isMaskedArray(values)
    array = as_floating(values, "The array")
    if mask:
        array = np.where(np.ma.getmaskarray(values), np.nan, array).astype(array.dtype)
    axes = axes_of(wanted.dims, array.ndim, kernel.dims or 2)
    end: End = "mirror" if wanted.edges == "reflect" else "nothing"
    names = tuple(f"axis {axis}" for axis in axes)
    layout = Layout(names, axes, dict.fromkeys(axes, (end, end)))
    smoothed = _smoother(kernel, wanted, layout, array.shape)(array)
    smoothed = np.ma.masked_invalid(smoothed) if mask else smoothed
    return smoothed if unit is None else attach(smoothed, unit)


def _smoother(
    kernel: Kernel,
    wanted: Wanted,
    layout: Layout,
    shape: tuple[int, ...],
    grid: Grid | None = None,
) -> Smoother:
    """Return the numbers of a smoothing, checked against the grid."""
    if kernel.dims is not None and len(layout.axes) != kernel.dims:
        raise GridError(
            explain(
                f"The window of {kernel.operator} has {kernel.dims} dimension"
                + "s" * (kernel.dims > 1),
                expected=f"{kernel.dims} to lie along",
                got=" and ".join(map(repr, layout.names)) or "none",
                hint="dims=('latitude', 'longitude')"
                if kernel.dims == 2
                else f"dims={layout.names[-kernel.dims :]!r}",
            )
        )
    spreads: tuple[Spread, ...]
    if kernel.on_grid is not None and grid is not None:
        _check_no_mirror(wanted)
        across = wanted.options.poles == "across"
        spreads = (kernel.on_grid(grid, layout.names, across),)
    else:
        spreads = windows = kernel.windows(layout.axes)
        _check_fits(kernel, layout, windows, shape)
        _check_weights(kernel, wanted, layout)
    return Smoother(
        spreads,
        layout.ends,
        layout.pole_rows,
        wanted.options.missing,
        wanted.edges,
        wanted.passes,
        wanted.options.engine,
    )


def _closed(values: Any, axis: int, count: int) -> Any:
    """Return values with the first ones repeated at the end of an axis."""
    first = values[(slice(None),) * axis + (slice(None, count),)]
    # numpy hands dask arrays on to dask
    return np.concatenate([values, first], axis=axis)


def _dims_and_values(
    field: xr.DataArray, grid: Grid, dims: Any
) -> tuple[tuple[str, ...], Plain]:
    """Return the dimensions and the values, or one error that tells all faults."""
    faults: list[XnablaError] = []
    names: tuple[str, ...] = ()
    plain: Plain | None = None
    try:
        names = names_of(grid, dims)
    except XnablaError as fault:
        faults.append(fault)
    try:
        plain = split(field)
        title = title_of(field)
        difference(plain.unit, of=title[0].lower() + title[1:])
    except XnablaError as fault:
        faults.append(fault)
    if faults or plain is None:
        raise together(faults)
    return names, plain


def _edges(edges: Any, options: Options) -> WindowEdges:
    known = get_args(WindowEdges)
    if edges is None:
        return options.edges
    if not isinstance(edges, str) or edges not in known:
        raise OptionError(
            explain(
                f"Option 'edges' of a smoother cannot be {edges!r}",
                expected="one of " + ", ".join(map(repr, known)),
                hint=f"edges={known[0]!r}",
            )
        )
    return edges  # type: ignore[return-value]


def _passes(passes: Any) -> int:
    is_number = isinstance(passes, int | np.integer) and not isinstance(passes, bool)
    if not is_number or passes < 1:
        raise OptionError(
            explain(
                f"A field cannot be smoothed passes={passes!r} times",
                expected="a whole number from 1",
                hint="passes=1",
            )
        )
    return int(passes)


def _check_no_grid(kernel: Kernel, **given: Any) -> None:
    """Refuse what says nothing of a plain array, lengths among it."""
    unused = [f"{name}=" for name, value in given.items() if value is not None]
    if kernel.on_grid is not None:
        unused.append("a length")
    if unused:
        raise GridError(
            explain(
                f"A plain array lies on no grid: {' and '.join(unused)} says nothing",
                expected="a DataArray, or numbers of grid lengths alone",
                hint=f"xn.{kernel.operator}(dataset['t'], ...)",
            )
        )


def _check_no_mirror(wanted: Wanted) -> None:
    if wanted.edges == "reflect":
        raise OptionError(
            explain(
                "A window of some length has no mirror image beyond an edge",
                expected="another choice than edges='reflect', or grid lengths",
                hint="edges='one-sided'",
            )
        )


def _check_fits(
    kernel: Kernel,
    layout: Layout,
    windows: tuple[Window, ...],
    shape: tuple[int, ...],
) -> None:
    """Refuse a window wider than the grid, unless the grid goes on in mirrors."""
    names = dict(zip(layout.axes, layout.names, strict=True))
    for window in windows:
        for axis, half in zip(window.axes, window.half, strict=True):
            points = shape[axis]
            if 2 * half + 1 <= points or layout.ends[axis] == ("mirror", "mirror"):
                continue
            raise GridError(
                explain(
                    f"The window of {kernel.operator} is wider than the grid along "
                    f"{names[axis]!r}",
                    expected=f"at most {points} points",
                    got=f"{2 * half + 1}",
                    hint=kernel.smaller(points),
                )
            )


def _check_weights(kernel: Kernel, wanted: Wanted, layout: Layout) -> None:
    """Refuse to take part of a window for a mean that is none."""
    if kernel.is_mean:
        return
    leaves = any("nothing" in sides for sides in layout.ends.values())
    for unfit, hint in (
        (wanted.options.missing == "shrink", "missing='propagate'"),
        (wanted.edges == "one-sided" and leaves, "edges='missing'"),
    ):
        if unfit:
            raise OptionError(
                explain(
                    "Part of a window with negative weights, or none but zeros, is "
                    "no window",
                    expected="points whose window is not whole to be left alone",
                    hint=hint,
                )
            )


def _attributes(field: xr.DataArray, comment: str) -> dict[str, Any]:
    """Return what a field says of itself that is as true of it smoothed."""
    names = ("standard_name", "long_name", "description", "cell_methods", "comment")
    kept = {
        name: field.attrs[name]
        for name in names
        if isinstance(field.attrs.get(name), str)
    }
    before = kept.pop("comment", "").strip()
    if FRAME_FLAG in field.attrs:  # or a wind along the grid would pass for eastward
        kept[FRAME_FLAG] = field.attrs[FRAME_FLAG]
    return {**kept, "comment": f"{before}; {comment}" if before else comment}


def _comment(kernel: Kernel, wanted: Wanted, grid: Grid, names: tuple[str, ...]) -> str:
    """Return what a reader of the file needs to repeat the number."""
    times = "" if wanted.passes == 1 else f" {wanted.passes} times"
    parts = [
        f"smoothed{times} with {kernel.words} along {' and '.join(names)}",
        f"edges {wanted.edges}",
        f"NaN {wanted.options.missing}",
    ]
    if {grid.roles.get(name) for name in names} & {"latitude", "longitude"}:
        parts.append(f"poles {wanted.options.poles}")
    return "; ".join(parts)
