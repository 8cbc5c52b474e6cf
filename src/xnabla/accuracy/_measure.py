"""Measure how accurate the operators are on a grid: the waves, the bands, the order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import xarray as xr

from xnabla.accuracy._facts import roundings_of, shape_of, storage_of
from xnabla.accuracy._judge import (
    INSIDE,
    OPERATORS,
    Band,
    Errors,
    bands_of,
    is_too_small,
    judge,
)
from xnabla.accuracy._named import named_grid
from xnabla.accuracy._report import AccuracyReport
from xnabla.accuracy._sites import Site, scaled, site_of, strips
from xnabla.errors import FieldError, GridError, OptionError, explain
from xnabla.grid import Grid, grid_of
from xnabla.options import Accuracy
from xnabla.units import is_quantity, split_quantity

# Wavelengths in grid lengths, and one that is the same for every grid: a wave of the
# westerlies.
_LENGTHS = (8.0, 16.0, 32.0)
_FIXED_M = 3_000e3
# The one that is shown by latitude, and the one the order is seen on.
_SHOWN, _ORDER = 1, 2

# Beyond this a refined grid takes too long, and a coarser one says the same.
_MOST_REFINED = 80_000


def accuracy_report(
    grid: Grid | xr.DataArray | xr.Dataset | str,
    *,
    accuracy: int | Sequence[int] = (2, 4, 6),
    operators: Iterable[str] | None = None,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
) -> AccuracyReport:
    r"""Measure how accurate the operators are on a grid of the user's own.

    Waves whose derivatives are known in closed form, :math:`\cos(K\,d\cdot n)` through
    space, are laid on the very points of the grid and differentiated; what the
    operators are off by is told in parts of the largest true value, by latitude. The
    waves are 8, 16 and 32 grid lengths long, and one is of 3000 km. The order is how
    fast the error of the longest falls as steps get shorter: on a refined grid where
    axes can be read between their points, else on every second point.

    Parameters
    ----------
    grid : Grid, DataArray, Dataset or str
        A grid, a field on it, a Dataset with one horizontal grid, or a grid named in a
        word: ``"0.25"``, ``"721x1440"``, ``"N80"``, ``"T62"``, ``"EPSG:3995 25 km"``.
    accuracy : int or sequence of int
        The accuracies to measure, of 2, 4 and 6.
    operators : iterable of str, optional
        Of ``"gradient"``, ``"laplacian"``, ``"vorticity"`` and ``"divergence"``; by
        default all.
    earth, periodic, crs : optional
        See :func:`~xnabla.grid_of`.

    Returns
    -------
    AccuracyReport
        Prints as tables; ``.plot()``, ``.to_dataset()``, ``.to_dataframe()``,
        ``.to_dict()``, ``.to_json()``.

    Raises
    ------
    GridError
        If there is no horizontal grid, or more than one, or too small a one.
    OptionError
        If an accuracy, an operator or a name is unknown.
    FieldError
        If ``grid`` is none of these.

    Examples
    --------
    >>> report = accuracy_report("5", accuracy=4, operators=["gradient"])
    >>> errors = report.to_dataset()["error_max"].sel(band="everywhere")
    >>> print(f"{errors.isel(wave=1).item():.1e}")
    9.7e-04
    >>> print(f"{report.to_dataset()['order'].item():.1f}")
    4.0
    """
    accuracies = _accuracies(accuracy)
    wanted = _operators(operators)
    found, field, name = _grid_of(grid, earth=earth, periodic=periodic, crs=crs)
    site = site_of(found)
    if is_too_small(site.grid, accuracies):
        raise GridError(
            explain(
                f"The grid is too small for accuracy {max(accuracies)}",
                expected=f"more than {max(accuracies) + 2} points along each dimension",
                got=" x ".join(map(str, site.grid.sizes)),
                hint=f"accuracy={min(accuracies)}" if len(accuracies) > 1 else None,
            )
        )
    site, notes = _with_gaps(site, field)
    shape = shape_of(site)
    bands = bands_of(site)
    length_m = shape.grid_length_km * 1e3
    waves_m = [*(n * length_m for n in _LENGTHS), _FIXED_M]
    judged = [judge(site, w, accuracies, wanted, (*bands, INSIDE)) for w in waves_m]
    errors = _dataset(judged, waves_m, length_m, accuracies, wanted, bands)
    order, compared = _order(
        site, waves_m[_ORDER], judged[_ORDER].largest[:, :, -1], accuracies, wanted
    )
    return AccuracyReport(
        name,
        found,
        errors.assign(order=(("accuracy", "operator"), order)),
        shape,
        roundings_of(site, field),
        storage_of(field, shape.shortest_km),
        compared,
        (*notes, *_notes(site, errors)),
    )


def _accuracies(given: int | Sequence[int]) -> tuple[Accuracy, ...]:
    several = (given,) if isinstance(given, int) else tuple(given)
    known: tuple[Accuracy, ...] = get_args(Accuracy)
    wrong = [one for one in several if one not in known or isinstance(one, bool)]
    if wrong or not several:
        raise OptionError(
            explain(
                f"Accuracy cannot be {wrong[0] if wrong else 'nothing'}",
                expected="some of " + ", ".join(map(str, known)),
                hint="accuracy=(2, 4, 6)",
            )
        )
    return tuple(one for one in known if one in several)


def _operators(given: Iterable[str] | None) -> tuple[str, ...]:
    names = tuple(OPERATORS) if given is None else tuple(
        (given,) if isinstance(given, str) else given
    )  # fmt: skip
    wrong = [name for name in names if name not in OPERATORS]
    if wrong or not names:
        raise OptionError(
            explain(
                f"The accuracy of {wrong[0] if wrong else 'nothing'!r} is not measured",
                expected="some of " + ", ".join(map(repr, OPERATORS)),
                hint='operators=["gradient"]',
            )
        )
    return tuple(dict.fromkeys(names))


def _grid_of(grid: Any, **choices: Any) -> tuple[Grid, xr.DataArray | None, str]:
    """Return a grid, the field that has it, and what to call it."""
    given = [name for name, value in choices.items() if value is not None]
    if isinstance(grid, Grid):
        if given:
            raise GridError(
                explain(
                    f"A Grid already says its {given[0]}",
                    expected="a field with its coordinates, or the Grid alone",
                    hint=f"xn.grid_of(field, {given[0]}=...)",
                )
            )
        return grid, None, f"a {grid.kind} grid"
    if isinstance(grid, str):
        others = [name for name in given if name != "earth"]
        if others:
            raise OptionError(
                explain(f"A grid named in a word takes no {others[0]}=", hint="earth=")
            )
        return named_grid(grid, earth=choices["earth"]), None, f"the grid {grid}"
    if isinstance(grid, xr.Dataset):
        grid = _only_grid(grid, choices)
    if not isinstance(grid, xr.DataArray):
        raise FieldError(
            explain(
                "Accuracy is measured on a grid",
                expected="a field, a Dataset, a Grid, or the name of a grid",
                got=type(grid).__name__,
                hint="xn.accuracy_report('0.25')",
            )
        )
    name = "the field" if grid.name is None else f"the grid of {grid.name}"
    return grid_of(grid, **choices), grid, name


def _only_grid(dataset: xr.Dataset, choices: dict[str, Any]) -> xr.DataArray:
    """Return a variable on the only horizontal grid of a Dataset."""
    found: dict[tuple[Any, ...], str] = {}
    for name, variable in dataset.data_vars.items():
        try:
            site = site_of(grid_of(variable, **choices))
        except GridError:
            continue
        found.setdefault((site.grid.dims, site.grid.sizes), str(name))
    if len(found) == 1:
        return dataset[next(iter(found.values()))]
    names = ", ".join(found.values()) or "none"
    raise GridError(
        explain(
            f"The Dataset has {len(found)} horizontal grids",
            expected="one",
            got=f"variables on different ones: {names}",
            hint=f"xn.accuracy_report(dataset[{next(iter(found.values()), 't')!r}])",
        )
    )


def _dataset(
    judged: list[Errors],
    waves_m: list[float],
    length_m: float,
    accuracies: tuple[Accuracy, ...],
    operators: tuple[str, ...],
    bands: tuple[Band, ...],
) -> xr.Dataset:
    dims = ("wave", "accuracy", "operator", "band")
    told = {"units": "1", "long_name": "error in parts of the largest true value"}
    waves = np.array(waves_m)
    return xr.Dataset(
        {
            "error_max": (dims, np.stack([e.largest for e in judged])[..., :-1], told),
            "error_rms": (dims, np.stack([e.rms for e in judged])[..., :-1], told),
            "points": (dims, np.stack([e.known for e in judged])[..., :-1]),
        },
        coords={
            "accuracy": list(accuracies),
            "operator": list(operators),
            "band": [band.name for band in bands],
            "band_south": ("band", [band.south for band in bands]),
            "band_north": ("band", [band.north for band in bands]),
            "wavelength_km": ("wave", waves / 1e3),
            "grid_lengths": ("wave", waves / length_m),
        },
        attrs={"shown_wave": _SHOWN, "grid_length_km": length_m / 1e3},
    )


def _order(
    site: Site,
    wave_m: float,
    own: np.ndarray[Any, Any],
    accuracies: tuple[Accuracy, ...],
    operators: tuple[str, ...],
) -> tuple[np.ndarray[Any, Any], str]:
    """Return how fast errors fall, and what with: a finer grid or a coarser one.

    Away from one-sided rows, whose order shows on far finer grids only.
    """
    none = np.full((len(accuracies), len(operators)), np.nan)
    factors = (0.5, 2.0) if np.prod(site.shape) <= _MOST_REFINED else (2.0,)
    for factor in factors:
        other = scaled(site, factor)
        if other is None or is_too_small(other.grid, accuracies):
            continue
        found = judge(other, wave_m, accuracies, operators, (INSIDE,))
        others = found.largest[:, :, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            order = np.log(own / others) / np.log(1.0 / factor)
        what = "the grid refined" if factor < 1.0 else "every second point"
        if np.isfinite(order).any():
            return order, what
    return none, ""


def _with_gaps(site: Site, field: xr.DataArray | None) -> tuple[Site, tuple[str, ...]]:
    """Return the site with the gaps of a field, in its first level and time.

    The latitudes and longitudes of an ocean model's land may be anything.
    """
    if field is None or field.dtype.kind not in "fc":
        return site, ()
    others = [dim for dim in field.dims if dim not in site.grid.dims]
    first = field.isel(dict.fromkeys(others, 0)).transpose(*site.grid.dims)
    try:
        values = first.data
        values = split_quantity(values)[0] if is_quantity(values) else values
        gone = np.isnan(np.asarray(values))
    except Exception as error:  # the grid is judged all the same
        return site, (f"gaps are not known: {error}",)
    if gone.all():
        return site, (
            "the first level and time has no value, so all points are judged",
        )
    return (replace(site, is_missing=gone) if gone.any() else site), ()


def _notes(site: Site, errors: xr.Dataset) -> tuple[str, ...]:
    notes: list[str] = []
    whole = errors["points"].sel(band="everywhere").isel(wave=0, operator=0)
    known = int(whole.isel(accuracy=0))
    total = int(np.prod(site.shape))
    parts = strips(site)
    if len(parts) > 1:
        judged = sum(len(range(*rows.indices(part.shape[0]))) for part, rows in parts)
        notes.append(
            f"a large grid: {judged} of its {site.shape[0]} rows are judged, in "
            f"{len(parts)} strips"
        )
    elif known < total:
        notes.append(f"{total - known} of {total} points have no value to judge")
    short = float(errors["grid_lengths"].min())
    if short < 6.0:
        notes.append(f"a wave of {short:.2g} grid lengths is hardly on the grid")
    return tuple(notes)
