"""Chunks of a Zarr folder: those of Blosc are as long as they say, or refused."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from zarr.storage import LocalStore

__all__ = ["WholeChunks"]

# Blosc's header: 16 bytes, of which the last four are the length of it all.
_HEADER, _LENGTH = 16, slice(12, 16)


class WholeChunks(LocalStore):
    """A folder of chunks of which none is cut short.

    Blosc reads on beyond the end of a chunk that is: with luck it fails, else what lies
    there in memory becomes values (seen once in five hundred runs).
    """

    async def get(self, key: str, prototype: Any = None, byte_range: Any = None) -> Any:
        """Return what is stored by a name, or None."""
        found = await super().get(key, prototype, byte_range)
        if found is not None and byte_range is None and self._is_blosc(key):
            text = found.to_bytes()
            if len(text) < max(_HEADER, int.from_bytes(text[_LENGTH], "little")):
                msg = f"chunk {key} is cut short: it has {len(text)} bytes"
                raise RuntimeError(msg)
        return found

    def _is_blosc(self, key: str) -> bool:
        """Tell whether a name is that of a chunk that Blosc has made."""
        if key.rpartition("/")[2].startswith((".z", "zarr.json")):
            return False
        for folder in Path(self.root, key).parents:
            for name in (".zarray", "zarr.json"):
                with suppress(OSError):
                    return _of_blosc(folder / name, (folder / name).stat().st_mtime_ns)
            if folder == Path(self.root):
                break
        return False


@lru_cache(maxsize=1024)
def _of_blosc(file: Path, changed: int) -> bool:
    """Tell whether the metadata of an array name Blosc as the last of its codecs."""
    del changed  # a part of what is remembered
    told = json.loads(file.read_text("utf-8"))
    if told.get("codecs"):
        return bool(told["codecs"][-1].get("name") == "blosc")
    return bool((told.get("compressor") or {}).get("id") == "blosc")
