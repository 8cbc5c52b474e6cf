"""Attributes that are words by their conventions, and are something else in a file."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import xarray as xr

__all__ = ["with_words"]

# what is compared with words, looked up, and taken for the name of a variable
_WORDS = (
    "standard_name",
    "long_name",
    "axis",
    "positive",
    "calendar",
    "coordinates",
    "bounds",
    "climatology",
    "grid_mapping",
    "cell_methods",
    "ancillary_variables",
)


def with_words(
    variables: Mapping[Hashable, xr.Variable],
) -> tuple[dict[Hashable, xr.Variable], list[str]]:
    """Return variables without those attributes, and what to say of them.

    Parameters
    ----------
    variables : mapping of name to Variable
        As they are in the file; they are not changed.
    """
    made, notes = dict(variables), []
    for name, variable in variables.items():
        odd: dict[str, Any] = {
            key: variable.attrs[key]
            for key in _WORDS
            if not isinstance(variable.attrs.get(key, ""), str)
        }
        if odd:
            made[name] = variable.copy(deep=False)
            made[name].attrs = {k: v for k, v in variable.attrs.items() if k not in odd}
            made[name].encoding = dict(variable.encoding)
            said = ", ".join(f"its {key} is no text" for key in odd)
            notes.append(f"'{name}': {said}, and is left out")
    return made, notes
