"""What stands between the operators of a chain: parts, lengths, and reductions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import OptionError, explain
from xnabla.grid import Grid, grid_of
from xnabla.labels import dequantify
from xnabla.operators import Components, Parts
from xnabla.units import cf_string, difference, is_offset, parse

# What CF calls a reduction in cell_methods.
_METHODS = {
    "mean": "mean",
    "max": "maximum",
    "min": "minimum",
    "std": "standard_deviation",
}


def magnitude(result: Any) -> xr.DataArray:
    """Return the length of a vector."""
    length: xr.DataArray = _vector(result, "length").magnitude()
    return length


def direction(result: Any) -> xr.DataArray:
    """Return where a vector points to, in degrees clockwise from north."""
    degrees: xr.DataArray = _vector(result, "direction").direction()
    return degrees


def select(result: Any, *, name: str) -> Any:
    """Return parts of a result by name: one as a field, several as `Parts`.

    Raises
    ------
    OptionError
        If there is no such part.
    """
    names = [one.strip() for one in name.split(",") if one.strip()]
    parts = [_part(result, one) for one in names]
    if len(parts) == 1:
        return parts[0]
    called = [str(part.name) for part in parts]
    return Parts(parts, called, " and ".join(called))


def _vector(result: Any, what: str) -> Any:
    if isinstance(result, Components | Parts):
        return result
    raise OptionError(
        explain(
            f"Only a vector has a {what}",
            expected="the components of one, as of gradient or geostrophic_wind",
            got=", ".join(_names(result)),
        )
    )


def _part(result: Any, name: str) -> xr.DataArray:
    """Return a part by its name, or by the letter or the dimension it is along."""
    parts = _named(result)
    if name in parts:
        return parts[name]
    if isinstance(result, Components | Parts):
        try:
            found: xr.DataArray = result[name]
        except KeyError:
            pass
        else:
            return found
    raise OptionError(
        explain(
            f"The step before gave no {name!r}",
            expected="one of " + ", ".join(_names(result)),
        )
    )


def _names(result: Any) -> list[str]:
    return [*_named(result)]


def _named(result: Any) -> dict[str, xr.DataArray]:
    """Return the fields of a result by their names."""
    if isinstance(result, xr.Dataset):
        return {str(name): part for name, part in result.data_vars.items()}
    parts = result if isinstance(result, tuple) else (result,)
    return {str(part.name): part for part in parts}


def _reduced(
    result: xr.DataArray,
    *,
    how: str,
    dims: Iterable[str],
    missing: str = "skip",
) -> xr.DataArray:
    """Return a field without some dimensions: its mean, extreme or deviation there.

    Means and deviations over latitudes, longitudes and the dimensions of a map weigh
    each point with the area it stands for; over other dimensions all count alike.
    """
    grid = grid_of(result)
    over = list(dict.fromkeys(grid.dim(name) for name in dims))
    if not over:
        raise OptionError(explain(f"{how} needs dimensions", hint=f"{how} time"))
    field = dequantify(result)
    skip = missing == "skip"
    weights = area_weights(grid, over) if how in ("mean", "std") else None
    summed: Any = field if weights is None else field.weighted(weights)
    # a million numbers of single precision, added in it, lose three digits
    exact = {"dtype": np.float64} if weights is None and how in ("mean", "std") else {}
    made: xr.DataArray = getattr(summed, how)(over, skipna=skip, **exact)
    made = made.astype(field.dtype, copy=False)
    made.name = field.name
    made.attrs = _attributes(field, how, over)
    made.encoding = {k: v for k, v in field.encoding.items() if k == "grid_mapping"}
    return made


def _attributes(field: xr.DataArray, how: str, over: list[str]) -> dict[str, Any]:
    """Return what is true of a reduced field: a deviation is a difference."""
    method = f"{': '.join(over)}: {_METHODS[how]}"
    before = str(field.attrs.get("cell_methods", ""))
    attributes = {**field.attrs, "cell_methods": f"{before} {method}".strip()}
    called = field.attrs.get("long_name") or field.attrs.get("standard_name")
    if called:
        words = _METHODS[how].replace("_", " ")
        attributes["long_name"] = f"{called}, {words} over {' and '.join(over)}"
    unit = parse(str(field.attrs.get("units", "1")), of=f"variable {field.name!r}")
    if how == "std" and is_offset(unit):
        attributes["units"] = cf_string(difference(unit))
    return attributes


def area_weights(grid: Grid, over: Iterable[str]) -> xr.DataArray | None:
    """Return the area each point stands for along some dimensions, as far as it varies.

    Parameters
    ----------
    grid : Grid
    over : iterable of str
        The dimensions.

    Returns
    -------
    DataArray or None
        On those of the dimensions that are horizontal; ``None`` if none is.

    Raises
    ------
    GridError
        If the grid has no areas: its coordinates are faulty.
    """
    over = [*over]
    roles = {dim: grid.roles.get(dim) for dim in over}
    if grid.surface is not None and set(over) & set(grid.surface.dims):
        return _of_surface(grid)
    if not {"latitude", "longitude", "x", "y"} & {*roles.values()}:
        return None
    weights = xr.DataArray(1.0)
    for dim, role in roles.items():
        if role in ("latitude", "longitude", "x", "y"):
            points = grid.axis(dim).line.points
            around = grid.axis(dim).line.period is not None
            own = _bands(points) if role == "latitude" else _widths(points, around)
            weights = weights * xr.DataArray(own, dims=dim)
    return weights


def _bands(latitude_rad: Any) -> Any:
    """Return the areas of bands around latitudes, half way to their neighbours.

    A row on a pole has half a band. A row next to a pole that has no row reaches it.
    """
    if latitude_rad.size == 1:
        return np.ones(1)
    middle = (latitude_rad[1:] + latitude_rad[:-1]) / 2.0
    ends = (
        latitude_rad[[0, -1]] + np.array([-0.5, 0.5]) * np.diff(latitude_rad)[[0, -1]]
    )
    edges = np.clip(np.concatenate([ends[:1], middle, ends[1:]]), -np.pi / 2, np.pi / 2)
    return np.abs(np.diff(np.sin(edges)))


def _widths(points: Any, around: bool) -> Any:
    """Return how much of a line each point stands for."""
    if points.size == 1:
        return np.ones(1)
    if around:
        steps = np.abs(np.diff(points))
        gap = abs(2 * np.pi - steps.sum())
        return (np.append(steps, gap) + np.append(gap, steps)) / 2.0
    return np.abs(np.gradient(points))


def _of_surface(grid: Grid) -> xr.DataArray:
    """Return the areas of the cells of a map; along one of its rows they differ too."""
    surface: Any = grid.surface
    across = [abs(np.gradient(line.points)) for line in surface.lines]
    areas = np.abs(surface.jacobian(2).determinant)
    areas = np.nan_to_num(areas * across[0][:, np.newaxis] * across[1])
    return xr.DataArray(areas, dims=surface.dims)


def _over(result: Any, *, how: str, dims: Iterable[str], missing: str = "skip") -> Any:
    """Return a result with each field of it reduced, of the kind it was."""
    function = partial(_reduced, how=how, dims=[*dims], missing=missing)
    if isinstance(result, Components | Parts):
        return result.map(function)
    if isinstance(result, xr.DataArray):
        return function(result)
    raise OptionError(
        explain(
            f"{how} takes a field or the components of a vector",
            got=", ".join(_names(result)),
            hint=f"--then select {_names(result)[0]}",
        )
    )


mean_over = partial(_over, how="mean")
max_over = partial(_over, how="max")
min_over = partial(_over, how="min")
std_over = partial(_over, how="std")
