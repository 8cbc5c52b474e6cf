"""The operators of the catalogue as a list for notebooks."""

from __future__ import annotations

from xnabla._html import fold, table
from xnabla.descent import WHOLE

__all__ = ["operators_html"]


def operators_html() -> str:
    """Return every operator with its inputs and what it is, folded away."""
    rows = [
        (name, ", ".join(one.fields), one.summary, one.formula)
        for name, one in WHOLE.items()
    ]
    inside = table(("operator", "of", "what it gives", "formula"), rows)
    return fold(f"{len(rows)} operators", inside)
