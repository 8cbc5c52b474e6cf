"""One part of a result as a notebook shows it: a line, and all of it at a click."""

from __future__ import annotations

from typing import Any

import xarray as xr

from xnabla._html import fold, text
from xnabla.units import is_quantity, split_quantity

__all__ = ["part_html"]


def part_html(part: Any) -> str:
    """Return a DataArray, folded, or another part as its text."""
    if not isinstance(part, xr.DataArray):
        return f"<pre>{text(repr(part))}</pre>"
    sizes = ", ".join(f"{dim}: {size}" for dim, size in part.sizes.items())
    units = part.attrs.get("units", "")
    if is_quantity(part.data):
        units = str(split_quantity(part.data)[1])
    words = [f"{part.name} ({sizes})", str(part.dtype), str(units)]
    name = part.attrs.get("long_name")
    line = ", ".join(word for word in words if word)
    # xarray's own page of it is escaped and brings its style with it
    page: Any = part
    return fold(f"{line}: {name}" if name else line, page._repr_html_())
