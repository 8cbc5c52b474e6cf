"""A field taken apart at the door: the fitted dimension first, then the cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import FieldError, OptionError, explain
from xnabla.labels import check_field, split, title_of
from xnabla.numerics import is_chunked
from xnabla.units import Unit, difference


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """The values of a field, cell by cell, along one dimension.

    Attributes
    ----------
    values : array (n, *cells)
        Of numpy or dask, in the precision of the field.
    unit : Unit
        Of the values; its factor is folded into no number yet.
    like : DataArray (*cells)
        Has the dimensions and coordinates of the results.
    source : DataArray
        The field itself.
    dim : str
        The dimension along which is fitted.
    """

    values: Any
    unit: Unit
    like: xr.DataArray
    source: xr.DataArray
    dim: str

    @property
    def lazy(self) -> bool:
        """Whether the values are of dask."""
        return is_chunked(self.values)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision of the results: that of the field."""
        own: np.dtype[Any] = np.dtype(self.values.dtype)
        return own

    @property
    def step(self) -> Unit:
        """The unit of differences of values."""
        return difference(self.unit, of=title_of(self.source))

    @property
    def name(self) -> str:
        """The name of the field, or nothing."""
        return "" if self.source.name is None else str(self.source.name)

    @property
    def words(self) -> str:
        """What people call the field."""
        attributes = self.source.attrs
        for key in ("long_name", "standard_name"):
            said = attributes.get(key)
            if isinstance(said, str) and said.strip():
                return said.replace("_", " ") if key == "standard_name" else said
        return self.name or "the field"


def field_of(field: Any, operator: str, dim: str) -> Field:
    """Return a field taken apart along one of its dimensions.

    Raises
    ------
    FieldError, UnitsError
        If it is no labelled field of real numbers with a unit.
    """
    checked = check_field(field, operator)
    plain = split(checked)
    if np.dtype(plain.values.dtype).kind == "c":
        raise FieldError(
            explain(
                f"{title_of(checked)} holds complex numbers",
                expected="real numbers",
                got=f"dtype {plain.values.dtype}",
                hint="field.real, or abs(field)",
            )
        )
    axis = checked.dims.index(dim)
    values = plain.values
    if axis:
        values = values.transpose(axis, *(i for i in range(checked.ndim) if i != axis))
    like = checked.isel({dim: 0}, drop=True)
    gone = [name for name, c in checked.coords.items() if dim in c.dims]
    like = like.drop_vars([name for name in gone if name in like.coords])
    return Field(values, plain.unit, like, checked, dim)


def along_cells(one: Any, field: Field, name: str, option: str) -> tuple[Any, bool]:
    """Return something given for every time, or every value, as the field has them.

    Parameters
    ----------
    one : DataArray or array (n,)
        Of the fitted dimension, and maybe others of the field.
    field : Field
    name : str
        What to call it in a message.
    option : str
        How it was given, for a hint.

    Returns
    -------
    array (n,) or (n, *cells), bool
        And whether it is of cells.

    Raises
    ------
    OptionError
        If it does not fit the field, or lies on other points.
    """
    n = field.values.shape[0]
    dtype = np.dtype(one.dtype if hasattr(one, "dtype") else np.asarray(one).dtype)
    if dtype.kind not in "biuf":
        is_complex = dtype.kind == "c"
        raise OptionError(
            explain(
                f"{name} holds {'complex' if is_complex else 'no'} numbers",
                expected="real numbers",
                got=f"dtype {dtype}",
                hint="the real and the imaginary part, each by itself"
                if is_complex
                else None,
            )
        )
    if not isinstance(one, xr.DataArray):
        plain = np.asarray(one, dtype=np.float64)
        if plain.shape != (n,):
            raise OptionError(
                explain(
                    f"{name} does not fit the field",
                    expected=f"{n} numbers, one for each point along {field.dim!r}, "
                    "or a DataArray",
                    got=f"an array of shape {plain.shape}",
                    hint=f"{option}=xarray.DataArray(..., dims={field.dim!r})",
                )
            )
        return plain, False
    _check_points(one, field, name)
    cells = tuple(dim for dim in field.like.dims if dim in one.dims)
    if not cells:
        return one.data, False
    sizes = dict(field.source.sizes)
    order = (field.dim, *field.like.dims)
    variable: Any = one.variable
    whole = variable.set_dims({dim: sizes[dim] for dim in order})
    return whole.transpose(*order).data, True


def _check_points(one: xr.DataArray, field: Field, name: str) -> None:
    """Refuse what lies on other points than the field: joining would lose some."""
    if field.dim not in one.dims:
        raise OptionError(
            explain(
                f"{name} does not vary along {field.dim!r}",
                expected=f"dimension {field.dim!r}",
                got=", ".join(map(str, one.dims)) or "a single value",
            )
        )
    strange = [str(dim) for dim in one.dims if dim not in field.source.dims]
    if strange:
        raise OptionError(
            explain(
                f"{name} has a dimension that the field has not",
                expected=f"some of {', '.join(map(str, field.source.dims))}",
                got=", ".join(strange),
            )
        )
    for dim in map(str, one.dims):
        here, there = field.source.sizes[dim], one.sizes[dim]
        same = here == there
        if same and dim in field.source.indexes and dim in one.indexes:
            same = bool(field.source.indexes[dim].equals(one.indexes[dim]))
        if not same:
            raise OptionError(
                explain(
                    f"{name} and the field lie on different points along {dim!r}",
                    expected="the same points: nothing is dropped silently",
                    got=f"{there} points beside {here}"
                    if here != there
                    else "other values of the coordinate",
                    hint="xarray.align(field, predictor, join='inner')",
                )
            )
