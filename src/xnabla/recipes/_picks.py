"""What a person asks to be selected: levels, times, a region, places along any axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import xarray as xr

from xnabla.errors import OptionError, XnablaError, explain
from xnabla.grid import Grid
from xnabla.recipes._region import (
    Region,
    has_region,
    longitudes,
    region_dims,
    region_selections,
)
from xnabla.recipes._select import Selection, along, level_selection
from xnabla.recipes._times import time_selection

_ROLES = {"level": "vertical", "time": "time"}


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing to select.

    Attributes
    ----------
    what : str
        ``level``, ``time``, ``region``, or the dimension, coordinate or role meant.
    word : str
        What was written for it.
    nearest : bool
        Whether the nearest place will do.
    """

    what: str
    word: str
    nearest: bool = False

    @property
    def role(self) -> str | None:
        """The role of the dimension it is along, where that is known before."""
        return _ROLES.get(self.what)

    def is_in(self, grid: Grid) -> bool:
        """Tell whether a grid has what it is along."""
        if self.what == "region":
            return has_region(grid)
        return bool(self.dims(grid))

    def dims(self, grid: Grid) -> tuple[str, ...]:
        """Return the dimensions it is along."""
        if self.what == "region":
            return region_dims(grid)
        if self.role is not None:
            return tuple(d for d in grid.dims if grid.roles.get(d) == self.role)
        try:
            return (grid.dim(self.what),)
        except XnablaError:
            return ()

    def of(self, field: xr.DataArray, grid: Grid) -> list[Selection]:
        """Return where it lies in a field.

        Raises
        ------
        OptionError
            If it does not.
        """
        if self.what == "level":
            return [level_selection(field, grid, self.word, nearest=self.nearest)]
        if self.what == "time":
            return [time_selection(field, grid, self.word, nearest=self.nearest)]
        if self.what == "region":
            return region_selections(field, grid, Region.of(self.word))
        return self._along(field, grid)

    def _along(self, field: xr.DataArray, grid: Grid) -> list[Selection]:
        dims = self.dims(grid)
        if not dims:
            known = [*grid.dims, *grid.coordinates.values(), *grid.roles.values()]
            near = get_close_matches(self.what, dict.fromkeys(known), n=1)
            raise OptionError(
                explain(
                    f"Variable {str(field.name)!r} has no dimension {self.what!r}",
                    expected="one of " + ", ".join(map(repr, grid.dims)),
                    hint=f"--select {near[0]}={self.word}" if near else None,
                )
            )
        (dim,) = dims
        typed = f"--select {self.what}="
        if grid.roles.get(dim) == "time":
            return [
                time_selection(
                    field, grid, self.word, nearest=self.nearest, dim=dim, typed=typed
                )
            ]
        if grid.roles.get(dim) == "longitude" and ":" in self.word:
            region = Region.of(f"-90:90,{self.word}")
            chosen = longitudes(field, grid, dim, region)
            return [] if chosen is None else [chosen]
        return [along(field, grid, dim, self.word, typed=typed, nearest=self.nearest)]


def picks_of(
    level: str | None = None,
    time: str | None = None,
    region: str | None = None,
    select: Sequence[str] = (),
    *,
    nearest: bool = False,
) -> tuple[Pick, ...]:
    """Return what to select, as far as words alone can tell whether it is well formed.

    Raises
    ------
    OptionError
        If a word is none of its kind.

    Examples
    --------
    >>> [pick.what for pick in picks_of("850", select=["lat=40:60"])]
    ['level', 'lat']
    """
    found = []
    for what, word in (("level", level), ("time", time), ("region", region)):
        if word is not None:
            found.append(Pick(what, word, nearest))
    if region is not None:
        Region.of(region)
    for text in select:
        what, mark, word = (part.strip() for part in text.partition("="))
        if not (what and mark and word):
            raise OptionError(
                explain(
                    f"{text!r} is no selection",
                    expected="DIM=VALUE, DIM=LOW:HIGH or DIM=ONE,TWO",
                    hint="--select latitude=40:60",
                )
            )
        found.append(Pick(what, word, nearest))
    if len({pick.what for pick in found}) < len(found):
        twice = next(p.what for k, p in enumerate(found) if p.what in
                     [one.what for one in found[:k]])  # fmt: skip
        raise OptionError(explain(f"{twice!r} is selected along twice"))
    return tuple(found)
