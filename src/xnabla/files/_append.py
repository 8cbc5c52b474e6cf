"""More times behind those of a file: the whole is written anew, and put in its place.

A file that is written into is no file while that lasts, and none after a crash. So what
is there is read, joined with what is new, and written beside it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from xnabla.errors import FileError, explain
from xnabla.files._join import Part, joined
from xnabla.files._layout import signature_of
from xnabla.files._read import open_one

__all__ = ["Whole", "appended"]

_BLOCK = "16MiB"


@dataclass(frozen=True, slots=True)
class Whole:
    """What a file is to hold.

    Attributes
    ----------
    data : Dataset
        Lazy, as far as it is in the file already.
    history : str or None
        What the file said of itself.
    check : callable
        Raises if the file is another now.
    """

    data: xr.Dataset
    history: str | None
    check: Callable[[], object]


@contextmanager
def appended(
    path: str | os.PathLike[str], target: Path, new: xr.Dataset, dim: str, called: str
) -> Iterator[Whole]:
    """Join new values with those of a file, along a dimension.

    Parameters
    ----------
    path, target : path
        The file as it was named, and its place.
    new : Dataset
    dim : str
        Usually time.
    called : str
        What messages call the new values.

    Raises
    ------
    FileError
        If they do not fit: other variables, grids, units or calendars, or times that
        are there already.
    """
    import dask

    signature = _signature(target)
    # blocks of dask's own size, 128 MB, would be held by each thread, several times
    with dask.config.set({"array.chunk-size": _BLOCK}):
        opened = open_one(target, chunks="auto")
    with opened as old:
        _check_dim(old, dim, str(path))
        new = _with_dim(new, dim)
        _check_dim(new, dim, called)
        mine, yours = Part(str(path), old), Part(called.strip("'"), new)
        _check_variables(mine, yours)
        made = joined([mine, yours])
        grown = old.sizes[dim] + new.sizes[dim]
        if made.sizes[dim] != grown or any(
            made.sizes[d] != n for d, n in old.sizes.items() if d != dim
        ):
            text = f"{called} does not lie behind '{path}' along '{dim}' alone"
            raise FileError(explain(text, expected=str(dict(old.sizes))))
        for name, variable in old.variables.items():
            if made[name].dtype != variable.dtype and variable.dtype.kind in "iuf":
                made[name] = made[name].astype(variable.dtype)
            made[name].encoding = {
                k: v for k, v in variable.encoding.items() if k != "xnabla_bounds"
            }
            made[name].attrs = dict(variable.attrs)
        made.attrs = dict(old.attrs)
        made.encoding = {
            "unlimited_dims": {dim, *old.encoding.get("unlimited_dims", ())}
        }

        def check() -> None:
            if _signature(target) != signature:
                text = f"'{path}' was changed by another program meanwhile"
                raise FileError(explain(text, hint="the same command again"))

        yield Whole(made, old.attrs.get("history"), check)


def _signature(target: Path) -> Any:
    """Return what tells a file, or a store, from what it is when it has changed."""
    if target.is_dir():
        return [signature_of(str(one)) for one in sorted(target.glob("*/.z*"))] + [
            signature_of(str(one)) for one in sorted(target.glob("zarr.json"))
        ]
    return signature_of(str(target))


def _with_dim(new: xr.Dataset, dim: str) -> xr.Dataset:
    """Give data of one time a dimension of it."""
    if dim in new.dims or dim not in new.coords:
        return new
    return new.expand_dims(dim)


def _check_dim(data: xr.Dataset, dim: str, called: str) -> None:
    if dim in data.dims and dim in data.variables:
        return
    has = "no coordinate" if dim in data.dims else "no dimension"
    known = ", ".join(repr(str(d)) for d in data.dims) or "none"
    text = f"{called} has {has} '{dim}' to append along"
    raise FileError(
        explain(text, expected="one with values", got=f"dimensions {known}")
    )


def _check_variables(mine: Part, yours: Part) -> None:
    if mine.fields == yours.fields:
        return
    text = f"'{mine.name}' and {yours.name} hold different variables"
    expected, got = (", ".join(map(repr, sorted(p.fields))) for p in (mine, yours))
    raise FileError(explain(text, expected=expected, got=got))
