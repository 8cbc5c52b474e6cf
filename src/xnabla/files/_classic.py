"""The header of a classic NetCDF file, read to learn how long the file must be.

The C library fills what is missing of a truncated classic file with zeros or with
stale memory and reports success, so the length has to be checked before it is asked.
The grammar is the one of the "NetCDF Classic Format Specification" (CDF-1, 2 and 5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import BinaryIO

__all__ = ["VERSIONS", "HeaderError", "needed_bytes"]

VERSIONS = {1: "classic", 2: "64-bit offset", 5: "cdf5"}
"""The fourth byte of the file, and what ``ncdump -k`` calls it."""

# NC_BYTE, CHAR, SHORT, INT, FLOAT, DOUBLE; then UBYTE … UINT64, of CDF-5 only
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8}
_TYPE_BYTES_5 = _TYPE_BYTES | {7: 1, 8: 2, 9: 4, 10: 8, 11: 8}
_DIMENSION, _VARIABLE, _ATTRIBUTE = 10, 11, 12
# a header promising more than this is damaged; without a bound it would hold us long
_MOST_ENTRIES = 1_000_000


class HeaderError(ValueError):
    """The bytes are not a header the format allows."""


@dataclass(frozen=True)
class _Extent:
    """Where a variable begins and how many bytes it has (per record, if it grows)."""

    begin: int
    nbytes: int
    is_record: bool


class _Header:
    """The numbers of a header, read one after the other and never past its end."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self.stream, self.size = stream, size
        stream.seek(0)
        magic = self.take(4)
        self.version = magic[3]
        if magic[:3] != b"CDF" or self.version not in VERSIONS:
            raise HeaderError("it does not begin like a NetCDF file")
        self.count_bytes = 8 if self.version == 5 else 4
        self.begin_bytes = 4 if self.version == 1 else 8
        self.types = _TYPE_BYTES_5 if self.version == 5 else _TYPE_BYTES

    @property
    def left(self) -> int:
        return self.size - self.stream.tell()

    def take(self, n: int) -> bytes:
        if n > self.left:
            raise HeaderError("its header is cut off")
        return self.stream.read(n)

    def skip(self, n: int) -> None:
        padded = _pad(n)
        if padded > self.left:
            raise HeaderError("its header is cut off")
        self.stream.seek(padded, 1)

    def number(self, nbytes: int) -> int:
        return int.from_bytes(self.take(nbytes), "big")

    def count(self, least_bytes: int = 0) -> int:
        """Read a count of things that take at least so many bytes each."""
        n = self.number(self.count_bytes)
        if n > _MOST_ENTRIES and least_bytes:
            raise HeaderError(f"its header promises {n} entries")
        if n * least_bytes > self.left:
            raise HeaderError("its header is cut off")
        return n

    def list_length(self, tag: int, least_bytes: int) -> int:
        """Read the tag and the length of a list; an absent list has the tag 0."""
        found = self.number(4)
        n = self.count(least_bytes)
        if found not in (0, tag) or (found == 0 and n):
            raise HeaderError(f"its header has a list marked {found}, not {tag}")
        return n

    def type_bytes(self) -> int:
        code = self.number(4)
        if code not in self.types:
            raise HeaderError(f"its header names the unknown type {code}")
        return self.types[code]

    def skip_name(self) -> None:
        self.skip(self.number(self.count_bytes))

    def skip_attributes(self) -> None:
        for _ in range(self.list_length(_ATTRIBUTE, 8 + 2 * self.count_bytes)):
            self.skip_name()
            nbytes = self.type_bytes()
            self.skip(nbytes * self.number(self.count_bytes))

    def dimension_length(self) -> int:
        self.skip_name()
        return self.number(self.count_bytes)

    def variable(self, lengths: list[int]) -> _Extent:
        self.skip_name()
        ids = [self.number(self.count_bytes) for _ in range(self.count(4))]
        if any(i >= len(lengths) for i in ids):
            raise HeaderError("its header names a dimension it does not have")
        shape = [lengths[i] for i in ids]
        if 0 in shape[1:]:
            raise HeaderError("its header has a record dimension that is not first")
        self.skip_attributes()
        nbytes = self.type_bytes()
        # the stored size overflows by design beyond 4 GiB, so it is worked out anew
        self.number(self.count_bytes)
        begin = self.number(self.begin_bytes)
        is_record = shape[:1] == [0]
        return _Extent(begin, nbytes * math.prod(shape[is_record:]), is_record)


def needed_bytes(stream: BinaryIO, size: int) -> int:
    """Work out the least length of a classic file from its header.

    Parameters
    ----------
    stream : binary file
        Open for reading; it is read from its start.
    size : int
        Its length in bytes.

    Returns
    -------
    int
        Bytes the header and all values take. The padding behind the last value is
        not counted, since some writers leave it out.

    Raises
    ------
    HeaderError
        The header itself is cut off or breaks the format.
    """
    header = _Header(stream, size)
    records = header.number(header.count_bytes)
    lengths = [
        header.dimension_length()
        for _ in range(header.list_length(_DIMENSION, 2 * header.count_bytes))
    ]
    header.skip_attributes()
    least = 8 + 4 * header.count_bytes + header.begin_bytes
    extents = [
        header.variable(lengths) for _ in range(header.list_length(_VARIABLE, least))
    ]
    if records == 256**header.count_bytes - 1:
        records = 0  # a stream: as many records as there are bytes for
    ends = [e.begin + e.nbytes for e in extents if not e.is_record]
    if records:
        grows = [e for e in extents if e.is_record]
        stride = sum(_pad(e.nbytes) for e in grows)
        if grows and stride == _pad(grows[0].nbytes):
            stride = grows[0].nbytes  # a record variable alone is not padded
        ends += [e.begin + (records - 1) * stride + e.nbytes for e in grows]
    return max([size - header.left, *ends])


def _pad(n: int) -> int:
    return n + -n % 4
