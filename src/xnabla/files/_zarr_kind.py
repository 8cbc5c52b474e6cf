"""Whether a folder or an archive is a Zarr store."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from pathlib import Path

__all__ = ["zarr_kind"]

# what stands in the folder of a group or an array, and the version that it tells
_MARKS = {".zgroup": 2, ".zarray": 2, ".zmetadata": 2, "zarr.json": 3}


def zarr_kind(path: Path) -> str | None:
    """Return ``"Zarr 2"`` or ``"Zarr 3"``; ``None`` if a path is no store.

    Parameters
    ----------
    path : Path
        A folder, or a zip archive.
    """
    if path.is_dir():
        found = [name for name in _MARKS if (path / name).exists()]
    else:
        with suppress(zipfile.BadZipFile, OSError), zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            found = [name for name in _MARKS if name in names]
            return f"Zarr {_MARKS[found[0]]}" if found else None
        return None
    return f"Zarr {_MARKS[found[0]]}" if found else None
