"""The operators of the catalogue as a list for notebooks."""

from __future__ import annotations

import xarray as xr

from xnabla._html import fold, table
from xnabla.descent import WHOLE
from xnabla.errors import XnablaError
from xnabla.grid import grid_of

__all__ = ["grid_words", "operators_html"]


def grid_words(field: xr.DataArray) -> str:
    """Return the grid of a field in words, or why it has none: a page always shows."""
    try:
        return str(grid_of(field))
    except XnablaError as fault:
        return f"Grid: none: {fault}"


def operators_html() -> str:
    """Return every operator with its inputs and what it is, folded away."""
    rows = [
        (name, ", ".join(one.fields), one.summary, one.formula)
        for name, one in WHOLE.items()
    ]
    inside = table(("operator", "of", "what it gives", "formula"), rows)
    return fold(f"{len(rows)} operators", inside)
