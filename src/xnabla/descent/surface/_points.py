"""Tables of points and paths: named columns with units, ready for a DataFrame."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.descent.surface._inputs import Asked
from xnabla.labels import dequantify
from xnabla.units import Unit, attach, in_registry_of, parse

_FLOAT = np.dtype(np.float64)


class Points(xr.Dataset):  # type: ignore[no-untyped-call]
    """A Dataset whose rows lie along one dimension, which becomes a DataFrame at once.

    Everything a Dataset has; its columns hold pint quantities. Variables along other
    dimensions tell how the search went in each field.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> from xnabla.descent.surface import find_extrema
    >>> x = xr.DataArray(np.arange(5.0), dims="x", attrs={"units": "km"})
    >>> y = x.rename(x="y")
    >>> bowl = ((x - 2) ** 2 + (y - 2) ** 2).assign_coords(x=x, y=y)
    >>> found = find_extrema(bowl.assign_attrs(units="hPa"), kind="minimum")
    >>> found.to_dataframe()[["x", "y", "value"]].round(6).values + 0.0
    array([[2000., 2000.,    0.]])
    """

    __slots__ = ()

    def to_dataframe(self, dim_order: Sequence[Hashable] | None = None) -> Any:
        """Return the rows as a DataFrame: plain numbers, one column each.

        Parameters
        ----------
        dim_order : sequence of str, optional
            As :meth:`xarray.Dataset.to_dataframe` has it.

        Returns
        -------
        pandas.DataFrame
            Its ``attrs`` have the unit of each column.
        """
        rows = [name for name in self.variables if "point" in self[name].dims]
        plain = dequantify(_as_dataset(self))
        table = plain[rows]
        table = table.drop_vars([name for name in table.coords if name not in rows])
        frame = table.to_dataframe(dim_order)
        front = [n for n in table.coords if "_" not in str(n) and n in frame]
        frame = frame[[*front, *(name for name in frame if name not in front)]]
        frame.attrs = {
            "units": {
                str(name): str(table[name].attrs["units"])
                for name in table.variables
                if "units" in table[name].attrs
            }
        }
        return frame


def _as_dataset(points: xr.Dataset) -> xr.Dataset:
    return xr.Dataset(points.data_vars, points.coords, points.attrs)


def column(
    values: Any,
    long_name: str,
    unit: Unit | None = None,
    dims: str | tuple[str, ...] = "point",
    **attributes: Any,
) -> xr.Variable:
    """Return a column with its unit; numbers alone have none."""
    if unit is not None:
        values = attach(np.asarray(values) * unit.factor, Unit(1.0, unit.pint))
    return xr.Variable(dims, values, {"long_name": long_name, **attributes})


def si(text: str, like: Unit) -> Unit:
    """Return a unit in the registry of another."""
    return in_registry_of(parse(text), like)


def place_columns(
    asked: Asked, normals: NDArray[np.float64], prefix: str = "", what: str = ""
) -> dict[str, xr.Variable]:
    """Return where points lie: latitude and longitude, or y and x on a plane.

    They are coordinates, so they hold plain numbers with a ``units`` attribute.
    """
    first, second = asked.ground.degrees(normals)
    if asked.ground.is_plane:
        names, units = ("y", "x"), ("m", "m")
        standard = ("projection_y_coordinate", "projection_x_coordinate")
    else:
        names, units = ("latitude", "longitude"), ("degrees_north", "degrees_east")
        standard = ("latitude", "longitude")
    made = {}
    for name, values, unit, cf in zip(
        names, (first, second), units, standard, strict=True
    ):
        attributes = {"long_name": f"{name}{what}", "units": unit}
        if not prefix and not asked.ground.is_plane:
            attributes["standard_name"] = cf
        made[prefix + name] = xr.Variable("point", values, attributes)
    return made


def outer_columns(asked: Asked, counts: Sequence[int]) -> dict[str, xr.Variable]:
    """Return the other coordinates of each row: its time, its level, its member.

    ``counts`` has the number of rows of each field.
    """
    which = np.repeat(np.arange(len(counts)), counts)
    index = np.unravel_index(which, asked.outer_shape) if asked.outer else ()
    made = {}
    for dim, at in zip(asked.outer, index, strict=True):
        along = {
            str(name): coordinate.variable.to_base_variable()
            for name, coordinate in asked.field.coords.items()
            if coordinate.dims == (dim,)
        }
        if not along:
            made[dim] = xr.Variable("point", at, {"long_name": f"index along {dim}"})
        for name, variable in along.items():
            made[name] = xr.Variable(
                "point", variable.values[at], variable.attrs, variable.encoding
            )
    return made


def scalar_coordinates(asked: Asked) -> dict[str, xr.DataArray]:
    """Return the coordinates that hold one value for all: a level, a time."""
    return {
        str(name): coordinate.drop_vars(
            [other for other in coordinate.coords if other != name]
        )
        for name, coordinate in asked.field.coords.items()
        if coordinate.ndim == 0
    }


def outer_variable(
    asked: Asked, values: Sequence[Any], attributes: Mapping[str, Any]
) -> xr.Variable:
    """Return a variable along the other dimensions of a field."""
    dims = tuple(f"{dim}_of_field" for dim in asked.outer)
    shaped = np.asarray(values).reshape(asked.outer_shape)
    return xr.Variable(dims, shaped, dict(attributes))


def field_attributes(asked: Asked, **more: Any) -> dict[str, Any]:
    """Return the attributes that allow repeating a search."""
    name = "" if asked.field.name is None else str(asked.field.name)
    told = {
        "featureType": "point",
        "field": name,
        "earth": "" if asked.ground.is_plane else str(asked.grid.earth),
        **more,
    }
    return {key: value for key, value in told.items() if value not in {"", None}}


def floating(asked: Asked, values: Any) -> NDArray[Any]:
    """Return numbers in the precision of the field."""
    dtype = np.dtype(asked.values.dtype)
    with np.errstate(over="ignore"):
        return np.asarray(values, dtype=dtype if dtype.kind == "f" else _FLOAT)
