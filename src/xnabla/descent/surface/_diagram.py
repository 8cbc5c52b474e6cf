"""At which value each extremum is born, and at which it dies."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent.surface._extrema import KINDS
from xnabla.descent.surface._inputs import asked, choice, threshold
from xnabla.descent.surface._points import Points, column, floating
from xnabla.descent.surface._refine import MINIMUM
from xnabla.descent.surface._rows import joined, rows_of, table_of
from xnabla.descent.surface._search import METHODS, Search


def persistence_diagram(
    field: xr.DataArray,
    *,
    kind: str = "minimum",
    min_persistence: Any = None,
    grid: Any = None,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
) -> Points:
    r"""Return the values at which extrema are born and die as the level moves.

    .. math:: \text{persistence} = |\text{death} - \text{birth}|

    Sublevel sets for minima, superlevel sets for maxima, of the grid points with their
    eight neighbours: the pairs of dimension 0 that cubical complexes have, with seam,
    poles and gaps taken for what they are.

    Parameters
    ----------
    field : DataArray
        As in :func:`find_extrema`.
    kind : {"minimum", "maximum", "both"}
    min_persistence : quantity or str, optional
        The least persistence; by default every pair that has any.
    grid, earth, periodic, crs : optional
        As :func:`~xnabla.grid_of` has them.

    Returns
    -------
    Points
        ``birth``, ``death`` (infinite for the last of a component) and ``persistence``
        along ``point``, where both happen, ``kind``, time and level.

    Raises
    ------
    FieldError, GridError, UnitsError, OptionError
        As in :func:`find_extrema`.

    References
    ----------
    Edelsbrunner, H. and Harer, J. (2010), Computational Topology, ch. VII.

    Examples
    --------
    >>> from xnabla.descent.surface._extrema import lows
    >>> pairs = persistence_diagram(lows(), min_persistence="1 hPa")
    >>> print(pairs.birth.data.round(1), pairs.death.data.round(1))
    [970.2 990.1] hectopascal [inf 1010.0] hectopascal
    """
    kinds = KINDS[choice(kind, tuple(KINDS), "kind")]
    ready = asked(
        field, "persistence_diagram", grid=grid, earth=earth, periodic=periodic, crs=crs
    )
    least = threshold(min_persistence, ready, "min_persistence")
    rows = rows_of(ready, Search(kinds, least, method=METHODS[None]))
    table = table_of(
        ready,
        rows,
        method="persistence_diagram",
        min_persistence=f"{least:.10g} {ready.delta}",
    )
    death = joined(rows, "saddle_value")
    last = joined(rows, "saddle") < 0
    upwards = joined(rows, "kind") == MINIMUM
    death = np.where(last, np.where(upwards, np.inf, -np.inf), death)
    kept = ["kind", "persistence", "on_boundary", "field_status", "n_points"]
    variables = {
        "birth": column(
            floating(ready, joined(rows, "grid_value")),
            "value of the extremum",
            ready.unit,
        ),
        "death": column(
            floating(ready, death), "value of the saddle that ends it", ready.unit
        ),
        **{name: table[name].variable for name in kept},
    }
    coordinates = {
        name: coordinate.variable
        for name, coordinate in table.coords.items()
        if not str(name).startswith("grid_") or str(name).endswith("_index")
    }
    return Points(variables, coordinates, table.attrs)
