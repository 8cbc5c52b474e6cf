"""HDF5 can point out of its file, to any bytes the reader may read: refused.

A variable kept "externally" in ``/etc/passwd`` is read as numbers or text by every
library (measured with netCDF4 and h5netcdf), and so is a link to another file.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from xnabla.errors import FileError, explain

__all__ = ["refuse_external"]


def refuse_external(file: Path, path: str | os.PathLike[str]) -> None:
    """Raise if a NetCDF-4 file takes values from outside itself.

    Parameters
    ----------
    file : Path
    path : path
        What messages call it.

    Raises
    ------
    FileError
    """
    import h5py

    try:
        # the NetCDF library asks for the locks
        with h5py.File(file, "r", locking=False) as opened:
            found = _outside(opened)
    except (OSError, RuntimeError, ValueError, KeyError, TypeError):
        return  # damaged; the NetCDF library says so in the words people know
    if found is not None:
        name, where = found
        text = f"Variable '{name}' of '{path}' takes its values from another file"
        raise FileError(
            explain(
                text,
                expected="a file that holds its own values",
                got=repr(where),
                hint=f"h5repack {path} own.nc, if you trust the file",
            )
        )


def _outside(opened: Any) -> tuple[str, str] | None:
    """Return the first name that leads out of a file, and where to."""
    import h5py

    found: list[tuple[str, str]] = []

    def look(name: bytes, info: Any) -> bool | None:
        text = name.decode(errors="replace")
        if info.type == h5py.h5l.TYPE_EXTERNAL:
            target, _ = opened.id.links.get_val(name)
            found.append((text, target.decode(errors="replace")))
        elif info.type == h5py.h5l.TYPE_HARD:
            one = h5py.h5o.open(opened.id, name)
            if isinstance(one, h5py.h5d.DatasetID):
                where = _kept_elsewhere(one)
                if where is not None:
                    found.append((text, where))
        return True if found else None

    opened.id.links.visit(look, info=True)
    return found[0] if found else None


def _kept_elsewhere(dataset: Any) -> str | None:
    """Return the file in which a dataset is kept, if it is another."""
    import h5py

    properties = dataset.get_create_plist()
    if properties.get_external_count():
        name, *_ = properties.get_external(0)
        return str(name.decode(errors="replace"))
    if properties.get_layout() == h5py.h5d.VIRTUAL:
        for number in range(properties.get_virtual_count()):
            name = properties.get_virtual_filename(number)
            if name != ".":
                return str(name)
    return None
