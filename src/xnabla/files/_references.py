"""A kerchunk reference file: parts of other files as the chunks of a Zarr store.

Such a file may name any bytes of any file. So it may only name data files on this
disk, and each of those is checked as if it were opened itself.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from xnabla.errors import FileError, explain
from xnabla.files._sniff import check_file

__all__ = ["reference_store"]

_MOST_BYTES = 2**30


def reference_store(file: Path) -> Any:
    """Return a store of zarr that reads what a reference file names.

    Parameters
    ----------
    file : Path

    Raises
    ------
    FileError
        If it is no such file, or names what is no data file on this disk.
    """
    references = _references(file)
    inline: dict[str, bytes] = {}
    parts: dict[str, tuple[str, int, int | None]] = {}
    for key, value in references.items():
        if isinstance(value, list):
            parts[key] = _part(key, value, file)
        elif isinstance(value, dict):
            inline[key] = json.dumps(value).encode()
        else:
            inline[key] = _inline(str(value))
    _check_targets({where for where, *_ in parts.values()}, file)
    from xnabla.files._reference_store import ReferenceStore

    return ReferenceStore(inline, parts)


def _references(file: Path) -> dict[str, Any]:
    if file.stat().st_size > _MOST_BYTES:
        raise FileError(explain(f"Reference file '{file}' is larger than 1 GB"))
    try:
        whole = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        text = f"File '{file}' is no reference file of kerchunk: {error}"
        raise FileError(explain(text)) from error
    if whole.get("templates") or whole.get("gen"):
        # templates are a small language of programs; a data file has no business there
        text = f"Reference file '{file}' has templates, which are not filled in"
        hint = "kerchunk.utils.consolidate, which writes them out"
        raise FileError(explain(text, hint=hint))
    refs = whole.get("refs", whole)
    if not isinstance(refs, dict):
        raise FileError(explain(f"Reference file '{file}' has no table of references"))
    return refs


def _inline(value: str) -> bytes:
    if value.startswith("base64:"):
        return base64.b64decode(value.removeprefix("base64:"))
    return value.encode()


def _part(key: str, value: list[Any], file: Path) -> tuple[str, int, int | None]:
    """Return the file, the place and the length of a chunk."""
    where = str(value[0]).removeprefix("file://")
    if "://" in where:
        text = f"Reference file '{file}' leads to '{where}', and only files are read"
        raise FileError(explain(text, hint="references to files on this disk"))
    numbers = [*value[1:], None, None][:2] if len(value) > 1 else [0, None]
    good = all(n is None or (isinstance(n, int) and n >= 0) for n in numbers)
    if not good or len(value) not in (1, 3):
        text = f"Reference file '{file}' has no place for chunk {key!r}"
        raise FileError(explain(text, expected="[file, place, length]", got=value))
    place = Path(where)
    if not place.is_absolute() and (file.parent / place).exists():
        place = file.parent / place
    return str(place), numbers[0] or 0, numbers[1]


def _check_targets(targets: Iterable[str], file: Path) -> None:
    for where in sorted(targets):
        try:
            kind = check_file(where)
        except FileError as error:
            text = f"Reference file '{file}' leads to what is no data file: {error}"
            raise FileError(text) from error
        if kind == "references" or kind.startswith("Zarr"):
            text = f"Reference file '{file}' leads to '{where}', which is {kind}"
            raise FileError(explain(text, expected="NetCDF or GRIB"))
