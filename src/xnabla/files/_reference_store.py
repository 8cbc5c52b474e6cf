"""Parts of files as the chunks of a read-only Zarr store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

from zarr.abc.store import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    Store,
    SuffixByteRequest,
)
from zarr.core.buffer import Buffer, BufferPrototype, default_buffer_prototype

from xnabla.errors import FileError, explain

__all__ = ["ReferenceStore"]


class ReferenceStore(Store):
    """A store of zarr that holds some values itself, and for others knows where.

    Parameters
    ----------
    inline : dict of str to bytes
    parts : dict of str to (file, place, length or None)
    """

    supports_writes = False
    supports_deletes = False
    supports_partial_writes = False
    supports_listing = True

    def __init__(
        self,
        inline: dict[str, bytes],
        parts: dict[str, tuple[str, int, int | None]],
    ) -> None:
        super().__init__(read_only=True)
        self.inline, self.parts = inline, parts

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ReferenceStore)
            and self.inline == other.inline
            and self.parts == other.parts
        )

    def __hash__(self) -> int:
        return id(self)

    async def get(
        self,
        key: str,
        prototype: BufferPrototype | None = None,
        byte_range: ByteRequest | None = None,
    ) -> Buffer | None:
        """Return the bytes of a key, or some of them."""
        found = self._bytes(key)
        if found is None:
            return None
        if isinstance(byte_range, RangeByteRequest):
            found = found[byte_range.start : byte_range.end]
        elif isinstance(byte_range, OffsetByteRequest):
            found = found[byte_range.offset :]
        elif isinstance(byte_range, SuffixByteRequest):
            found = found[-byte_range.suffix :]
        return (prototype or default_buffer_prototype()).buffer.from_bytes(found)

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[Any]
    ) -> list[Buffer | None]:
        """Return the bytes of several keys."""
        return [await self.get(key, prototype, part) for key, part in key_ranges]

    async def exists(self, key: str) -> bool:
        """Tell whether there is a key."""
        return key in self.inline or key in self.parts

    async def set(self, key: str, value: Buffer) -> None:
        """Refuse to write."""
        raise NotImplementedError(key, value)

    async def delete(self, key: str) -> None:
        """Refuse to delete."""
        raise NotImplementedError(key)

    async def list(self) -> AsyncIterator[str]:
        """Return all keys."""
        for key in (*self.inline, *self.parts):
            yield key

    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Return the keys that begin so."""
        async for key in self.list():
            if key.startswith(prefix):
                yield key

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Return what lies in a folder of the store."""
        start = prefix.rstrip("/") + "/" if prefix else ""
        names: dict[str, None] = {}
        async for key in self.list_prefix(start):
            names[key[len(start) :].split("/")[0]] = None
        for name in names:
            yield name

    def _bytes(self, key: str) -> bytes | None:
        if key not in self.parts:
            return self.inline.get(key)
        where, start, length = self.parts[key]
        with Path(where).open("rb") as stream:
            stream.seek(start)
            found = stream.read() if length is None else stream.read(length)
        if length is not None and len(found) < length:
            text = f"'{where}' ends before byte {start + length}, which is referred to"
            raise FileError(explain(text))
        return found
