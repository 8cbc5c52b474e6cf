"""A Zarr store to read: a folder or a zip archive, of version 2 or 3."""

from __future__ import annotations

import json
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import xarray as xr

from xnabla.errors import FileError, explain
from xnabla.files._damage import told

__all__ = ["zarr_groups", "zarr_store"]


def zarr_store(file: Path | str, kind: str, group: str | None) -> Any:
    """Return xarray's store of a Zarr group, open for reading.

    Parameters
    ----------
    file : path
    kind : {"zarr", "reference"}
        A reference file names parts of other files as the chunks of a store.
    group : str or None

    Raises
    ------
    FileError
        If zarr is not installed.
    """
    _need_zarr()
    if kind == "reference":
        from xnabla.files._references import reference_store

        store, consolidated = reference_store(Path(file)), False
    else:
        store, consolidated = _opened(Path(file)), _is_consolidated(Path(file))
    make: Any = _Store.open_group
    # it is known whether the metadata lie in one place: xarray warns where it guesses
    made = make(store, mode="r", group=group, consolidated=consolidated)
    made.named = str(file)
    return made


class _Store(xr.backends.ZarrStore):
    """A store whose variables are read well, or refused with their names."""

    # xarray's class has slots, and takes no other words
    __slots__ = ("named",)
    named: str

    def open_store_variable(self, name: str) -> xr.Variable:
        """Return a variable, lazily."""
        made: xr.Variable = super().open_store_variable(name)  # type: ignore[no-untyped-call]
        return told(made, self.named, name, None)


def _need_zarr() -> None:
    try:
        import zarr  # noqa: F401
    except ImportError as error:
        text = "A Zarr store is read by zarr, which is not installed"
        raise FileError(explain(text, hint="pip install 'xnabla[zarr]'")) from error


def _opened(file: Path) -> Any:
    from zarr.storage import ZipStore

    from xnabla.files._zarr_chunks import WholeChunks

    if file.is_dir():
        return WholeChunks(file, read_only=True)
    return ZipStore(file, mode="r", read_only=True)


def _is_consolidated(file: Path) -> bool:
    """Tell whether the metadata of all arrays lie in one place."""
    if file.is_dir():
        if (file / ".zmetadata").exists():
            return True
        text = (file / "zarr.json").read_text() if (file / "zarr.json").exists() else ""
    else:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if ".zmetadata" in names:
                return True
            text = archive.read("zarr.json").decode() if "zarr.json" in names else ""
    with suppress(ValueError):
        return bool(json.loads(text).get("consolidated_metadata"))
    return False


def zarr_groups(file: Path) -> list[str]:
    """Return the names of the groups that hold arrays, the root's as ``/``."""
    import zarr

    _need_zarr()
    root = zarr.open_group(_opened(file), mode="r")
    return _with_arrays(root, "/")


def _with_arrays(group: Any, name: str) -> list[str]:
    found = [name] if any(True for _ in group.array_keys()) else []
    for key, inner in group.groups():
        found += _with_arrays(inner, f"{name.rstrip('/')}/{key}")
    return found
