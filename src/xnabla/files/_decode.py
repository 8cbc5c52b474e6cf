"""From what a file holds to what it means: one pass over its variables, lazily.

All formats go through here, so that all of them are surveyed, masked and guarded alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from xnabla.errors import FileError, explain
from xnabla.files._bounds import remember_bounds
from xnabla.files._engine import NetcdfStore
from xnabla.files._guard import Fills, guarded, noticed, with_default_fills, with_fills
from xnabla.files._limits import within_limits
from xnabla.files._survey import listening, survey
from xnabla.files._words import with_words

__all__ = ["Engine", "decoded"]

# an index of more is no index of a grid
_MOST_INDEX_BYTES = 2**31
# what of a group's parents belongs to it: what its variables name
_REFERENCES = ("coordinates", "bounds", "grid_mapping", "climatology")


class Engine(xr.backends.BackendEntrypoint):
    """An engine of xarray, for ``open_dataset(engine=Engine)``: it is named, not found.

    xarray adds the chunks and keeps values that have been read.
    """

    def open_dataset(
        self,
        filename_or_obj: Any,
        *,
        drop_variables: Any = None,
        called: str = "",
        kind: str = "netcdf",
        group: str | None = None,
        fill: Fills | None = None,
        lock: Any = None,
    ) -> xr.Dataset:
        """Open a file or a store.

        Parameters
        ----------
        filename_or_obj : str
            The file.
        drop_variables : ignored
            A word of xarray's.
        called : str
            What messages call it.
        kind : {"netcdf", "zarr", "reference"}
        group : str, optional
        fill : mapping, optional
            Values that mean "missing", by variable.
        lock : lock
            Of the NetCDF library.
        """
        stores = _stores(filename_or_obj, kind, group, lock)
        try:
            return decoded(stores, called or str(filename_or_obj), fill)
        except BaseException:
            for store in stores:
                store.close()
            raise


def _stores(file: Any, kind: str, group: str | None, lock: Any) -> list[Any]:
    """Return the store of a group, and those of its parents from the nearest up."""
    if kind == "netcdf":

        def one(name: str | None) -> Any:
            return NetcdfStore.under(lock, file, name)
    else:
        from xnabla.files._zarr_read import zarr_store

        def one(name: str | None) -> Any:
            return zarr_store(file, kind, name)

    path = [part for part in (group or "").split("/") if part]
    names = ["/".join(path[:n]) or None for n in range(len(path), -1, -1)]
    stores: list[Any] = []
    try:
        for name in names:
            store = one(name)
            stores.append(store)
    except BaseException:
        for store in stores:
            store.close()
        raise
    return stores


class _Loaded(xr.backends.common.AbstractDataStore):
    """What a store held, for `xarray.decode_cf`, after we have changed it."""

    def __init__(self, variables: Any, attributes: Any, stores: list[Any]) -> None:
        self.variables, self.attributes, self.stores = variables, attributes, stores

    def load(self) -> Any:
        """Return the variables and the global attributes."""
        return self.variables, self.attributes

    def get_encoding(self) -> Any:
        """Return what the file says of itself beside the attributes."""
        return self.stores[0].get_encoding()

    def close(self) -> None:
        """Close all the stores."""
        for store in self.stores:
            store.close()


def decoded(stores: list[Any], called: str, fill: Fills | None) -> xr.Dataset:
    """Return the dataset of a store, lazily.

    Parameters
    ----------
    stores : list of AbstractDataStore
        Of a group and of its parents, whose coordinates are its own too.
    called : str
        The file, for messages.
    fill : mapping, optional
        Values that mean "missing", by variable.

    Returns
    -------
    Dataset
        Its ``encoding`` holds ``"xnabla_notes"``, ``"xnabla_refused"`` and
        ``"xnabla_tallies"``, what is counted when values are read.
    """
    with listening() as heard:
        variables, attributes = _loaded(stores)
        _refuse_huge_indexes(variables, called)
        variables, told = with_words(with_fills(variables, fill, called))
        variables, filled, tallies = with_default_fills(variables, fill, called)
        told += [*filled, *noticed(variables, fill)]
        raw = xr.Dataset(variables, attrs=attributes)
        found = survey(raw, called)
        lost = _lost_mappings(raw)
        ds = xr.decode_cf(
            _Loaded(variables, attributes, stores),
            decode_coords=found.coordinates,
            decode_times=found.decode_times,
            decode_timedelta=False,
            drop_variables=list(found.refused),
        )
        trusted = {name for name, value in (fill or {}).items() if value is None}
        ds, limits = within_limits(ds, variables, trusted)
        ds, counted = guarded(ds, variables, called, trusted, tallies)
    for name, mapping in lost.items():
        # xarray forgets it, and a grid that needs one would be taken for a plane
        if name in ds.variables:
            ds[name].encoding["grid_mapping"] = mapping
    for dim in ds.encoding.get("unlimited_dims", ()):
        if dim in ds.variables:  # it goes where the coordinate goes
            ds[dim].encoding["xnabla_unlimited"] = True
    remember_bounds(ds)
    ds.encoding["xnabla_notes"] = tuple(
        dict.fromkeys([*found.notes, *told, *limits, *heard])
    )
    ds.encoding["xnabla_refused"] = dict(found.refused)
    ds.encoding["xnabla_tallies"] = counted
    return ds


def _loaded(stores: list[Any]) -> tuple[dict[Any, xr.Variable], Any]:
    """Return the variables of a group, and what it uses of its parents."""
    variables, attributes = stores[0].load()
    made: dict[Any, xr.Variable] = dict(variables)
    for store in stores[1:]:
        above, _ = store.load()
        used = {dim for variable in made.values() for dim in variable.dims}
        for variable in made.values():
            for key in _REFERENCES:
                used |= set(str(variable.attrs.get(key, "")).replace(":", " ").split())
        made |= {n: v for n, v in above.items() if n in used and n not in made}
    return made, attributes


def _refuse_huge_indexes(variables: Mapping[Any, xr.Variable], called: str) -> None:
    """Refuse a coordinate that would fill the memory: those are read at once."""
    for name, variable in variables.items():
        nbytes = variable.size * variable.dtype.itemsize
        if variable.dims == (name,) and nbytes > _MOST_INDEX_BYTES:
            text = (
                f"File '{called}' declares {variable.size} points along '{name}', "
                f"whose coordinate alone takes {nbytes / 1e9:.3g} GB"
            )
            raise FileError(explain(text, hint=f"ncdump -h {called}"))


def _lost_mappings(raw: xr.Dataset) -> dict[str, str]:
    """Return the grid mappings that variables name and the file does not hold."""
    named = {
        str(name): str(variable.attrs["grid_mapping"])
        for name, variable in raw.variables.items()
        if "grid_mapping" in variable.attrs
    }
    return {
        name: mapping
        for name, mapping in named.items()
        if not {word.rstrip(":") for word in mapping.split()} & set(raw.variables)
    }
