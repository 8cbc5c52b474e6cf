"""The groups of a file or store: which hold variables, and which one is meant."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Any

from xnabla.errors import FileError, explain
from xnabla.files._lock import LIBRARY

__all__ = ["check_group", "groups_of", "refuse_groups"]

_MOST_LISTED = 20


def groups_of(file: Path, kind: str) -> list[str]:
    """Return the names of the groups that hold variables, the root's as ``/``.

    Parameters
    ----------
    file : Path
    kind : str
        As `check_file` says it.
    """
    if kind == "netCDF-4":
        import netCDF4

        with LIBRARY, netCDF4.Dataset(file) as opened:
            return [name for name, group in _walk(opened) if group.variables]
    if kind.startswith("Zarr"):
        from xnabla.files._zarr_read import zarr_groups

        return zarr_groups(file)
    return ["/"]


def _walk(group: Any) -> list[tuple[str, Any]]:
    found = [(group.path, group)]
    for inner in group.groups.values():
        found += _walk(inner)
    return found


def check_group(
    file: Path, kind: str, group: str, path: str | os.PathLike[str]
) -> None:
    """Raise unless a file has a group that holds variables, by that name."""
    known = groups_of(file, kind)
    wanted = "/" + group.strip("/")
    if wanted in known:
        return
    near = difflib.get_close_matches(wanted, known, n=3)
    text = f"File '{path}' has no group {group!r} that holds variables"
    hint = " or ".join(f"group={name!r}" for name in near) or None
    raise FileError(explain(text, expected=f"one of {_listed(known)}", hint=hint))


def refuse_groups(file: Path, kind: str, path: str | os.PathLike[str]) -> None:
    """Say which groups hold the variables when the file itself holds none."""
    full = [name for name in groups_of(file, kind) if name != "/"]
    if not full:
        return
    text = f"File '{path}' has its variables in groups; say which one"
    hint = f"group='{full[0]}'"
    raise FileError(explain(text, expected=f"one of {_listed(full)}", hint=hint))


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_LISTED
    shown = ", ".join(f"'{name}'" for name in names[:_MOST_LISTED])
    return f"{shown} and {more} more" if more > 0 else shown
