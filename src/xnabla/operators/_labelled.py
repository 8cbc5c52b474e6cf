"""What the result of an operator is called, and what a reader must know of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import xarray as xr

from xnabla.grid import Grid
from xnabla.labels import NONLINEAR, cell_methods_without, describe, naming_of
from xnabla.operators._choices import Setting
from xnabla.operators._partial import earth_words, vector_words, words_for
from xnabla.units import Unit, parse


class Working(Protocol):
    """What is told of: see ``Work``."""

    @property
    def fields(self) -> Mapping[str, xr.DataArray]:
        """Its inputs."""

    @property
    def setting(self) -> Setting:
        """What the call said."""

    @property
    def grid(self) -> Grid:
        """The grid of all of them."""

    @property
    def like(self) -> xr.DataArray:
        """Has the coordinates of the result."""

    @property
    def core(self) -> tuple[str, ...]:
        """What is differentiated along."""

    @property
    def winds(self) -> tuple[tuple[str, str], ...]:
        """Which are the parts of a wind."""


def described(
    work: Working, result: str, values: Any, unit: Unit, note: str
) -> xr.DataArray:
    """Return the numbers of a result with its name, unit and attributes."""
    first = next(iter(work.fields.values()))
    told = [str(f.attrs.get("standard_name", "")) for f in work.fields.values()]
    naming = naming_of(result, work.setting.frame == "grid", " ".join(told))
    of_wind = work.winds and work.winds[0][0] == next(iter(work.fields))
    words = vector_words(first) if of_wind else words_for(first)
    name = "f" if first.name is None else str(first.name)
    canonical = parse(naming.canonical or "1").dimensionality
    fits = canonical == unit.dimensionality
    methods = str(first.attrs.get("cell_methods", ""))
    if result in NONLINEAR:
        methods = ""  # a product of means is no mean of products
    for name_of_dim in _along(work):
        methods = cell_methods_without(methods, name_of_dim)
    return describe(
        values,
        like=work.like,
        unit=unit,
        name=naming.name.format(name),
        attributes={
            "standard_name": naming.standard_name if fits else "",
            "long_name": naming.long_name.format(words),
            "cell_methods": methods,
            "comment": _comment(work, note),
        },
    )


def _along(work: Working) -> set[str]:
    """Return the names that cell methods may have for what is differentiated."""
    names = {"area"} if work.core else set()
    for dim in work.core:
        names |= {dim, str(work.grid.coordinates.get(dim, dim))}
        names.add(str(work.grid.roles.get(dim, dim)))
    return names


def _comment(work: Working, note: str) -> str:
    """Return what a reader of the file needs to repeat the numbers."""
    options = work.setting.options
    parts = [
        f"finite differences of accuracy {options.accuracy}",
        f"edges {options.edges}",
        f"NaN {options.missing}",
    ]
    if work.grid.kind == "latitude-longitude":
        parts.append(f"poles {options.poles}")
    if work.grid.kind != "plane":
        parts.append(earth_words(work.grid))
    return "; ".join([*parts, note] if note else parts)
