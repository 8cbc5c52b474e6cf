"""Many files as the one data set they are: joined, put together, or refused.

Files with the same variables are joined along the coordinates in which they differ;
the results are put together where they lie on the same coordinates. Nothing is ever
filled up with missing values to make files fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import FileError, explain
from xnabla.files._bounds import remember_bounds
from xnabla.files._match import (
    Part,
    check_alike,
    check_grids,
    check_same_values,
    is_along_earth,
    key_of,
    same_values,
    shown,
)

__all__ = ["Part", "joined"]


def joined(parts: Sequence[Part]) -> xr.Dataset:
    """Return the one data set of some files.

    Parameters
    ----------
    parts : sequence of Part
        At least one.

    Returns
    -------
    Dataset

    Raises
    ------
    FileError
        Naming two files and what keeps them apart.
    """
    families: dict[frozenset[str], list[Part]] = {}
    for part in parts:
        families.setdefault(part.fields, []).append(part)
    whole = [_series(family) for family in families.values()]
    made = _together(whole)
    encodings = [part.data.encoding for part in parts]
    made.encoding = {
        "unlimited_dims": {d for e in encodings for d in e.get("unlimited_dims", ())},
        "xnabla_notes": _once(e.get("xnabla_notes", ()) for e in encodings),
        "xnabla_tallies": _once(e.get("xnabla_tallies", ()) for e in encodings),
        "xnabla_refused": {
            k: v for e in encodings for k, v in e.get("xnabla_refused", {}).items()
        },
    }
    made.attrs = _common(parts)
    return made


def _once(several: Any) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(one for some in several for one in some))


def _common(parts: Sequence[Part]) -> dict[str, Any]:
    """Return what all files say of themselves, and the history of the first."""
    first, *others = (part.data.attrs for part in parts)
    return {
        key: value
        for key, value in first.items()
        if key == "history"
        or all(key in o and np.array_equal(o[key], value) for o in others)
    }


def _series(parts: list[Part]) -> Part:
    """Join files that hold the same variables."""
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    for other in parts[1:]:
        check_alike(first, other)
    dims = [d for d in map(str, first.data.dims) if _differs(parts, d)]
    if not dims:
        parts, dims = _lifted(parts)
    for dim in dims:
        if is_along_earth(first, dim):
            check_grids(parts, dim)
    if len(dims) == 1:
        return _along(parts, dims[0])
    for dim in dims:
        groups: dict[bytes, list[Part]] = {}
        for part in parts:
            groups.setdefault(key_of(part, dim).tobytes(), []).append(part)
        if len(groups) < len(parts):
            return _series([_series(group) for group in groups.values()])
    text = (
        f"Files '{first.name}' and '{parts[1].name}' differ along "
        f"{' and '.join(map(repr, dims))} at once, so that no block is filled"
    )
    raise FileError(explain(text, expected="files that differ along one at a time"))


def _differs(parts: list[Part], dim: str) -> bool:
    first = key_of(parts[0], dim)
    return not all(same_values(first, key_of(part, dim)) for part in parts[1:])


def _lifted(parts: list[Part]) -> tuple[list[Part], list[str]]:
    """Give files of one time, or one level, each a dimension to be joined along."""
    first = parts[0]
    single = [str(n) for n, c in first.data.coords.items() if c.ndim == 0]
    single = [n for n in single if _differs(parts, n) and first.data[n].dtype.kind in
              "iufMO"]  # fmt: skip
    by_role = [n for n in single if first.role(n) == "time"]
    by_role = by_role or [n for n in single if first.role(n) == "vertical"] or single
    if len(by_role) > 1:
        standard = [n for n in by_role if first.data[n].attrs.get("standard_name") ==
                    "time" or n == "time"]  # fmt: skip
        by_role = standard or by_role
    if len(by_role) != 1:
        text = f"Files '{first.name}' and '{parts[1].name}' hold the same variables "
        text += (
            "at the same coordinates"
            if not single
            else f"and differ in {' and '.join(map(repr, single))}"
        )
        raise FileError(
            explain(text, expected="a time or a level that tells them apart")
        )
    name = by_role[0]
    lifted = []
    for part in parts:
        data = part.data.expand_dims(name)
        # what was one of a file is one for each point now
        for other in single:
            if other != name:
                data = data.assign_coords({other: data[other].expand_dims(name)})
        lifted.append(Part(part.name, data))
    return lifted, [name]


def _along(parts: list[Part], dim: str) -> Part:
    """Join files along one dimension, in the order of its coordinate."""
    parts, notes = _ordered(parts, dim)
    first = parts[0]
    datas = [part.data for part in parts]
    growing = [n for n, v in first.data.variables.items() if dim in v.dims]
    still = [str(n) for n in first.data.variables if n not in growing]
    kept = [n for n in still if all(n in data.variables for data in datas)]
    for name in kept:
        for other in parts[1:]:
            check_same_values(first, other, name, dim)
    datas = [data.drop_vars([n for n in still if n in data.variables])
             for data in datas]  # fmt: skip
    coords = {str(n) for data in datas for n in data.coords}
    rare = {n for n in coords if not all(n in data.variables for data in datas)}
    rare |= set(still) - set(kept)
    notes += [f"'{name}' is not in all files, and left out" for name in sorted(rare)]
    datas = [data.drop_vars(list(rare & set(data.variables))) for data in datas]
    made = xr.concat(
        datas,
        dim=dim,
        data_vars="all" if not datas[0].data_vars else list(datas[0].data_vars),
        coords=[n for n in datas[0].coords if n != dim],
        compat="override",
        join="override",
        combine_attrs="override",
    )
    back = {n: first.data.variables[n] for n in kept}
    made = made.assign_coords({n: v for n, v in back.items() if n in first.data.coords})
    made = made.assign({n: v for n, v in back.items() if n in first.data.data_vars})
    for key in first.data.variables:
        if key in made.variables:
            made[key].encoding = dict(first.data[key].encoding)
    remember_bounds(made)
    if notes:
        before = tuple(datas[0].encoding.get("xnabla_notes", ()))
        first.data.encoding["xnabla_notes"] = (*before, *notes)
    return Part(first.name, made)


def _ordered(parts: list[Part], dim: str) -> tuple[list[Part], list[str]]:
    """Return files in the order of a coordinate, or refuse those that overlap."""
    full = [part for part in parts if key_of(part, dim).size]
    notes = [f"'{p.name}' has no {dim}" for p in parts if not key_of(p, dim).size]
    steps: dict[bool, Part] = {}
    for part in full:
        key = key_of(part, dim)
        if key.dtype.kind in "fM" and np.any(np.isnan(key)):
            text = f"Coordinate '{dim}' of '{part.name}' has missing values"
            raise FileError(explain(text, expected="values that go one way"))
        up, down = (bool(np.all(w)) for w in (key[1:] > key[:-1], key[1:] < key[:-1]))
        if not up and not down:
            text = f"Coordinate '{dim}' of '{part.name}' goes back, or stands still"
            hint = f"xn.open('{part.name}').sortby('{dim}')"
            raise FileError(explain(text, expected="values that go one way", hint=hint))
        if key.size > 1:
            steps[up] = part
    if len(steps) == 2:
        text = f"Coordinate '{dim}' goes up in '{steps[True].name}' and down in "
        raise FileError(explain(text + f"'{steps[False].name}'"))
    up = False not in steps
    full.sort(key=lambda part: key_of(part, dim)[0], reverse=not up)
    for before, after in pairwise(full):
        last, next_first = key_of(before, dim)[-1], key_of(after, dim)[0]
        if not (last < next_first if up else last > next_first):
            text = (
                f"Files '{before.name}' and '{after.name}' overlap along '{dim}': "
                f"the first goes to {shown(last)}, the second begins at "
                f"{shown(next_first)}"
            )
            hint = "files that do not, or one of the two"
            raise FileError(explain(text, expected="each value once", hint=hint))
    return full or parts[:1], notes


def _together(parts: list[Part]) -> xr.Dataset:
    """Put data sets of different variables on one set of coordinates together."""
    made = parts[0].data
    homes = dict.fromkeys(map(str, made.variables), parts[0])
    for part in parts[1:]:
        for name in map(str, part.data.variables):
            if name in homes:
                _check_shared(homes[name], part, name)
        new = [n for n in map(str, part.data.variables) if n not in homes]
        coords = {n: part.data.variables[n] for n in new if n in part.data.coords}
        made = made.assign_coords(coords)
        made = made.assign(
            {n: part.data.variables[n] for n in new if n in part.data.data_vars}
        )
        homes |= dict.fromkeys(new, part)
    return made.copy()


def _check_shared(one: Part, other: Part, name: str) -> None:
    """Raise unless a variable of two data sets is the same in both."""
    a, b = one.data[name], other.data[name]
    if name in one.data.data_vars and a.dims == b.dims and a.shape != b.shape:
        longer, shorter = (one, other) if len(one.fields) > 1 else (other, one)
        missing = longer.fields - shorter.fields
        lost = ", ".join(repr(n) for n in sorted(missing)[:5])
        text = f"Files '{longer.name}' and '{shorter.name}' both hold '{name}', "
        text += f"and '{shorter.name}' has no {lost}"
        raise FileError(explain(text, expected="the same variables in both"))
    check_alike(one, other, only=name)
    check_same_values(one, other, name, None)
