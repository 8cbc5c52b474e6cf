"""A labelled dataset, turned into exactly what a CF NetCDF-4 file holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from xnabla.errors import FileError, explain
from xnabla.files._attributes import writable
from xnabla.files._bounds import with_bounds
from xnabla.files._dates import date_encoding, is_dates
from xnabla.files._form import Form, chunk_sizes
from xnabla.files._provenance import xnabla_version

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["as_dataset", "for_file"]

_CONVENTIONS = "CF-1.11"
# attributes whose text names other variables; they go with the variables they name
_REFERENCES = ("bounds", "grid_mapping", "cell_measures", "formula_terms",
               "ancillary_variables", "climatology")  # fmt: skip
_LEAST_COMPRESSED_BYTES = 4096


def as_dataset(data: object) -> xr.Dataset:
    """Make a dataset of a field, of components or of a dataset."""
    if isinstance(data, xr.Dataset):
        return data
    if isinstance(data, xr.DataArray):
        name = "field" if data.name is None else data.name
        if name in data.coords and name not in data.dims:
            text = f"Field '{name}' has the name of one of its coordinates"
            raise FileError(explain(text, hint="field.rename('result')"))
        return data.to_dataset(name=name, promote_attrs=False)
    convert = getattr(data, "to_dataset", None)
    if convert is None:
        expected = "a DataArray, a Dataset or components"
        got = type(data).__name__
        raise FileError(explain("This cannot be saved", expected=expected, got=got))
    return as_dataset(convert())


def for_file(ds: xr.Dataset, *, history: str, form: Form) -> xr.Dataset:
    """Write metadata and encodings out in full, so that xarray adds none of its own.

    Parameters
    ----------
    ds : Dataset
        Plain values with CF units; it is not changed.
    history : str
        The global attribute ``history``.
    form : Form
        The format, the compression and the layout.

    Returns
    -------
    Dataset
        The same values, lazy as before. All coordinates that are not dimensions are
        data variables here, named by ``coordinates`` attributes, since xarray's own
        bookkeeping loses a ``lat`` that has bounds ``lat_bnds``.
    """
    ds = with_bounds(_plain_crs(ds))
    described = {name: _references(ds, name) for name in ds.variables}
    technical = {n for named in described.values() for text in named.values()
                 for n in _names(text)}  # fmt: skip
    auxiliary = sorted(set(map(str, ds.coords)) - set(map(str, ds.dims)) - technical)
    flat = ds.reset_coords()
    variables: dict[Hashable, xr.Variable] = {}
    for name, variable in flat.variables.items():
        is_data = name in ds.data_vars and name not in technical
        attributes = writable(_without_stale_range(variable)) | described[name]
        attributes.pop("coordinates", None)
        beside = [n for n in auxiliary if set(ds[n].dims) <= set(variable.dims)]
        if is_data and beside:
            attributes["coordinates"] = " ".join(beside)
        plain = _storable(variable)
        new = xr.Variable(plain.dims, plain._data, attributes, fastpath=True)
        new.encoding = _encoding(plain, is_data=is_data, form=form)
        variables[name] = new
    _share_date_units(variables)
    result = xr.Dataset(variables, attrs=_globals(ds, history))
    named = " ".join(v.attrs.get("coordinates", "") for v in variables.values())
    orphans = [n for n in auxiliary if n not in named.split()]
    if orphans:  # xarray's own habit for coordinates that no variable is on
        result.attrs["coordinates"] = " ".join(orphans)
    unlimited = {*(ds.encoding.get("unlimited_dims") or ()), *_told_unlimited(ds)}
    result.encoding = {"unlimited_dims": {d for d in unlimited if _grows(ds, d)}}
    return result


def _told_unlimited(ds: xr.Dataset) -> list[Hashable]:
    """Return the dimensions that grew in the file they come from."""
    return [
        name
        for name in ds.dims
        if name in ds.variables and ds.variables[name].encoding.get("xnabla_unlimited")
    ]


def _grows(ds: xr.Dataset, dim: Hashable) -> bool:
    """Keep an unlimited time; CDO reads rubbish where a latitude is unlimited."""
    if dim not in ds.dims or dim not in ds.variables:
        return dim in ds.dims
    coordinate = ds.variables[dim]
    return is_dates(coordinate) or "since" in str(coordinate.attrs.get("units"))


def _plain_crs(ds: xr.Dataset) -> xr.Dataset:
    """Write MetPy's ``metpy_crs``, a Python object, as a CF grid mapping variable."""
    for name, coordinate in ds.coords.items():
        if coordinate.ndim or coordinate.dtype != object:
            continue
        convert = getattr(coordinate.item(), "to_dict", None)
        if convert is None:
            continue
        attributes = convert()
        ds = ds.drop_vars([name])
        ds = ds.assign_coords({"crs": xr.Variable((), np.int32(0), attributes)})
    return ds


def _references(ds: xr.Dataset, name: Hashable) -> dict[str, str]:
    """Collect the references of a variable whose targets are written with it."""
    variable = ds.variables[name]
    found = {}
    for key in _REFERENCES:
        text = variable.encoding.get(key, variable.attrs.get(key))
        if isinstance(text, str) and all(n in ds.variables for n in _names(text)):
            found[key] = text
    mappings = [str(n) for n, c in ds.coords.items() if "grid_mapping_name" in c.attrs]
    if name in ds.data_vars and len(mappings) == 1 and variable.ndim >= 2:
        found.setdefault("grid_mapping", mappings[0])
    return {k: v for k, v in found.items() if v.strip()}


def _names(text: str) -> list[str]:
    """Return the variables a reference names: ``a: b`` names both, or just b."""
    words = text.replace(":", ": ").split()
    return [word for word in words if not word.endswith(":")]


def _without_stale_range(variable: xr.Variable) -> dict[Hashable, Any]:
    """Drop limits that count packed integers: they would blank the unpacked values."""
    stale = {"scale_factor", "add_offset"} & set(variable.encoding)
    limits = ("valid_range", "valid_min", "valid_max", "actual_range") if stale else ()
    drop = (*limits, *_REFERENCES)
    return {key: value for key, value in variable.attrs.items() if key not in drop}


def _storable(variable: xr.Variable) -> xr.Variable:
    """Widen or narrow the floats that NetCDF does not have."""
    if variable.dtype == np.float16:
        return variable.astype("float32")
    if variable.dtype.kind == "f" and variable.dtype.itemsize > 8:
        return variable.astype("float64")
    return variable


def _encoding(variable: xr.Variable, *, is_data: bool, form: Form) -> dict[str, Any]:
    """Say how values are stored, from scratch: the source's packing is its own."""
    if is_dates(variable):
        return date_encoding(variable) | {"_FillValue": None}
    if variable.dtype.kind not in "iufb":
        return {}
    encoding: dict[str, Any] = {"_FillValue": None}
    if variable.dtype.kind == "f" and is_data:
        encoding["_FillValue"] = variable.dtype.type(np.nan)
    big = variable.nbytes >= _LEAST_COMPRESSED_BYTES
    chunked = (form.filters or form.layout != "maps") and not form.is_classic
    if chunked and variable.dtype.kind == "f" and variable.ndim and big:
        sizes = chunk_sizes(
            variable.shape, variable.dtype.itemsize, variable.chunks, form.layout
        )
        encoding |= form.filters | {"chunksizes": sizes}
    return encoding


def _share_date_units(variables: dict[Hashable, xr.Variable]) -> None:
    """Store bounds of dates in the units of the dates, as CF asks."""
    for variable in list(variables.values()):
        bounds = variables.get(variable.attrs.get("bounds", ""))
        if bounds is None or "units" not in variable.encoding or not is_dates(bounds):
            continue
        both = xr.Variable(
            ("all",),
            np.concatenate([variable.values.ravel(), bounds.values.ravel()]),
            encoding=variable.encoding,
        )
        shared = date_encoding(both) | {"_FillValue": None}
        variable.encoding = dict(shared)
        bounds.encoding = dict(shared)


def _globals(ds: xr.Dataset, history: str) -> dict[str, Any]:
    attributes = writable(ds.attrs)
    attributes.pop("coordinates", None)
    attributes.pop("xnabla_version", None)
    conventions = attributes.pop("Conventions", None) or _CONVENTIONS
    own = {"xnabla_version": xnabla_version(), "history": history}
    return {"Conventions": conventions} | attributes | own
