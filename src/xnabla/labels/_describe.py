"""Plain to labelled: a result on its coordinates, named, with its unit, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import xarray as xr

from xnabla.errors import FieldError, explain
from xnabla.grid import other_places
from xnabla.numerics import is_chunked
from xnabla.units import Unit, attach, cf_string, is_quantity, parse, split_quantity

Labelled = TypeVar("Labelled", xr.DataArray, xr.Dataset)

# Attributes of a field that are as true of a linear function of it.
_STILL_TRUE = ("grid_mapping",)


def describe(
    values: Any,
    *,
    like: xr.DataArray,
    unit: Unit,
    name: str,
    attributes: Mapping[str, Any],
) -> xr.DataArray:
    """Return values as a DataArray of pint quantities on the coordinates of a field.

    The only writer of a result's metadata: nothing is inherited but what stays true,
    so no stale standard name, range or packing survives.

    Parameters
    ----------
    values : array
        In the shape and dimension order of ``like``.
    like : DataArray
        The field whose coordinates to take, but for places of other variables.
    unit : Unit
        Unit of ``values``.
    name : str
        Name of the result.
    attributes : mapping
        Its attributes; empty ones are left out.
    """
    others = other_places(like)
    own = like.drop_vars(others) if others else like
    # coordinates of their own, but not their numbers: copies of latitudes in two
    # dimensions took longer than a gradient
    if isinstance(own.variable, xr.IndexVariable):
        # a coordinate would take its values for an index
        variable = xr.Variable(like.dims, attach(values, unit))
        coordinates = own.coords.copy(deep=False)
        result = xr.DataArray(variable, name=name).assign_coords(coordinates)
    else:
        result = own.copy(deep=False, data=attach(values, unit))
        result.name = name
    kept = {key: like.attrs[key] for key in _STILL_TRUE if key in like.attrs}
    if "grid_mapping" in like.encoding and "grid_mapping" not in kept:
        kept["grid_mapping"] = like.encoding["grid_mapping"]
    told = {k: v for k, v in attributes.items() if not (isinstance(v, str) and not v)}
    result.attrs = {**told, **kept}
    result.encoding = {}
    # xarray cannot compute pint values beside lazy coordinates
    lazy = [name for name, c in own.coords.variables.items() if _is_lazy(c)]
    if not lazy:
        return result
    return result.assign_coords({name: own.coords[name].compute() for name in lazy})


def _is_lazy(coordinate: xr.Variable) -> bool:
    """Tell whether a coordinate is a dask array; an index never is."""
    return not isinstance(coordinate, xr.IndexVariable) and is_chunked(coordinate.data)


def dequantify(data: Labelled) -> Labelled:
    """Return data with plain values and CF ``units`` attributes instead of pint.

    Parameters
    ----------
    data : DataArray or Dataset
        With or without pint values; dask-backed ones stay lazy.

    Returns
    -------
    DataArray or Dataset
        Ready for ``to_netcdf``, for plotting, and for libraries that know no pint.

    Raises
    ------
    FieldError
        If the data is neither a DataArray nor a Dataset.
    UnitsError
        If a unit has no CF text: one with a fractional power.

    Examples
    --------
    >>> import pint, xarray as xr
    >>> ureg = pint.get_application_registry()
    >>> g = xr.DataArray(ureg.Quantity([1.0, 2.0], "K/km"), dims="x")
    >>> dequantify(g).attrs["units"]
    'K km-1'
    """
    _check_labelled(data, xr.DataArray | xr.Dataset)
    if isinstance(data, xr.Dataset):
        return data.assign(
            {name: _plain(data[name]) for name in data.data_vars}
        ).assign_coords({name: _plain(data[name]) for name in _quantified(data)})
    plain = _plain(data)
    return plain.assign_coords({name: _plain(data[name]) for name in _quantified(data)})


def quantify(field: xr.DataArray) -> xr.DataArray:
    """Return a field with pint values instead of a ``units`` attribute.

    Parameters
    ----------
    field : DataArray
        With a ``units`` attribute; dask-backed ones stay lazy.

    Returns
    -------
    DataArray
        With a pint quantity inside and no ``units`` attribute.

    Raises
    ------
    FieldError
        If it is no DataArray.
    UnitsError
        If it has no unit, or one that cannot be read or carries a scale.

    Examples
    --------
    >>> import xarray as xr
    >>> t = xr.DataArray([280.0, 281.0], dims="x", name="t", attrs={"units": "K"})
    >>> quantify(t).data
    <Quantity([280. 281.], 'kelvin')>
    """
    _check_labelled(field, xr.DataArray)
    if is_quantity(field.data):
        return field
    unit = parse(field.attrs.get("units", ""), of=f"variable {field.name!r}")
    result = field.copy(deep=False, data=attach(field.data, unit))
    result.attrs = {k: v for k, v in field.attrs.items() if k != "units"}
    return result


def _check_labelled(data: Any, wanted: Any) -> None:
    if not isinstance(data, wanted):
        raise FieldError(
            explain(
                "Units are put on and taken off labelled data",
                expected="a DataArray" + (" or a Dataset" * (wanted != xr.DataArray)),
                got=type(data).__name__,
                hint="dataset['t']",
            )
        )


def _plain(field: xr.DataArray) -> xr.DataArray:
    if not is_quantity(field.data):
        return field
    values, unit = split_quantity(field.data)
    result = field.copy(deep=False, data=values)
    result.attrs = {**field.attrs, "units": cf_string(unit)}
    return result


def _quantified(data: xr.DataArray | xr.Dataset) -> list[str]:
    """Return the names of coordinates with pint values that are no index."""
    return [
        str(name)
        for name, coordinate in data.coords.items()
        if name not in data.indexes and is_quantity(coordinate.data)
    ]
