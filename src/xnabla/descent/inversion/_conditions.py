"""What holds at the sides of a grid and around a mask: bc= made plain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent._measures import factor_to, measured
from xnabla.descent.inversion._fields import Case
from xnabla.descent.inversion._mesh import Flags, Floats
from xnabla.errors import GridError, OptionError, explain
from xnabla.labels import split
from xnabla.units import Unit, conversion_factor, is_quantity

_SIDES = ("y first", "y last", "x first", "x last", "mask")
_KINDS = ("dirichlet", "neumann")
_HINT = "bc={'y': ('dirichlet', 0.0), 'x': ('neumann', 0.0)}"


@dataclass(frozen=True, eq=False)
class Conditions:
    """What holds where the grid ends.

    Attributes
    ----------
    fixed : array of bool (n,)
        Nodes of the mesh at which the solution is given.
    sides : tuple of bool
        Whether each side of the grid is one of them.
    value : array (n,)
        The numbers given, in the unit of the solution.
    boundary : Variable or None
        The same as a field, if it is one.
    inflow : array (n,)
        What slopes given across the rim bring in, in that unit.
    words : str
        The conditions, for people.
    """

    fixed: Flags
    sides: tuple[bool, bool, bool, bool]
    value: Floats
    boundary: xr.Variable | None
    inflow: Floats
    words: str


def conditions_of(case: Case, bc: Any, unit: Unit) -> Conditions:
    """Return the conditions of a call.

    Parameters
    ----------
    case : Case
        The field on its mesh.
    bc : "auto" or mapping
        What the user says.
    unit : Unit
        That of the solution.

    Raises
    ------
    OptionError
        If it names no side, or what cannot hold there.
    GridError
        If it says of a circle that it ends.
    """
    open_sides = _open_sides(case)
    said = _said(case, bc, open_sides)
    whole, keep = case.whole, _kept_nodes(case)
    fixed = np.zeros(whole.count, dtype=bool)
    value, inflow = np.zeros(whole.count), np.zeros(whole.count)
    boundary: xr.Variable | None = None
    sides, words = [], []
    for number, side in enumerate(_SIDES):
        if side not in said:
            sides.append(False)
            continue
        kind, given = said[side]
        nodes = _nodes_of(case, number, keep)
        sides.append(kind == "dirichlet")
        words.append(f"{side} {kind} {_shown(given)}")
        if kind == "neumann":
            slope = _number(given, unit / case.unit("m"), side)
            if number < 4:
                inflow += whole.rim_m[number] * slope
            else:
                inflow += _wall_m(case, keep) * slope
            continue
        fixed[nodes] = True
        if isinstance(given, xr.DataArray):
            boundary = _as_field(given, unit, case)
        else:
            value[nodes] = _number(given, unit, side)
    if case.mesh is not case.whole:
        fixed, value, inflow = fixed[keep], value[keep], inflow[keep]
    first, last, west, east = sides[:4]
    told = "; ".join(words) or "none: a closed surface"
    ends = (first, last, west, east)
    return Conditions(fixed, ends, value, boundary, inflow, told)


def _open_sides(case: Case) -> list[str]:
    """Return the sides at which the grid ends."""
    rims = case.whole.rim_m.sum(axis=1) > 0.0
    ends = [bool(r) for r in rims]
    grid, (y, _) = case.work.grid, case.core
    if grid.surface is None and grid.axes[y].role == "latitude":
        for pole in grid.poles:
            ends[0 if pole.end == "first" else 1] = False
    return [side for side, there in zip(_SIDES, ends, strict=False) if there]


def _said(case: Case, bc: Any, open_sides: list[str]) -> dict[str, tuple[str, Any]]:
    """Return kind and value of each side, those not named by default zero."""
    masked = case.mesh is not case.whole
    there = open_sides + ["mask"] * masked
    said: dict[str, tuple[str, Any]] = dict.fromkeys(there, ("dirichlet", 0.0))
    if isinstance(bc, str) and bc == "auto":
        return said
    if not isinstance(bc, Mapping):
        raise OptionError(
            explain(
                f"bc={bc!r} cannot be",
                expected="'auto', or what holds along each dimension",
                hint=_HINT,
            )
        )
    names = dict(zip(case.core, "yx", strict=True)) | {"y": "y", "x": "x"}
    for name, what in bc.items():
        if name == "mask":
            said["mask"] = _kind_of(name, what)
            continue
        if name not in names:
            raise OptionError(
                explain(
                    f"bc= names {name!r}, which is no side of this grid",
                    expected="one of " + ", ".join(map(repr, [*names, "mask"])),
                    hint=_HINT,
                )
            )
        said |= _along(names[name], name, what, open_sides)
    return {side: one for side, one in said.items() if side in there or side != "mask"}


def _along(
    letter: str, name: str, what: Any, open_sides: list[str]
) -> dict[str, tuple[str, Any]]:
    """Return what holds at both ends of a dimension."""
    ends = [f"{letter} first", f"{letter} last"]
    is_open = [end in open_sides for end in ends]
    if isinstance(what, str) and what == "periodic":
        if not any(is_open):
            return {}
        raise GridError(
            explain(
                f"bc= says that {name!r} is periodic, and the grid ends there",
                expected="coordinates that close a circle, or periodic=",
                hint=f"periodic={{{name!r}: True}}",
            )
        )
    pair = what if _is_pair(what) else (what, what)
    if not any(is_open) and letter == "x":
        raise GridError(
            explain(
                f"bc= sets an end of {name!r}, which closes a circle",
                expected=f"nothing for {name!r}, or 'periodic'",
                hint=f"periodic={{{name!r}: False}}, if it does end",
            )
        )
    return {end: _kind_of(name, one) for end, one in zip(ends, pair, strict=True)}


def _is_pair(what: Any) -> bool:
    """Tell a pair of conditions from a condition and its value, which may be text."""
    return (
        isinstance(what, tuple)
        and len(what) == 2
        and all(
            isinstance(one, tuple) or (isinstance(one, str) and one in _KINDS)
            for one in what
        )
    )


def _kind_of(name: str, what: Any) -> tuple[str, Any]:
    kind, value = (what, 0.0) if isinstance(what, str) else _two(name, what)
    if kind not in _KINDS:
        raise OptionError(
            explain(
                f"bc={{{name!r}: {what!r}}} cannot be",
                expected="'dirichlet' or 'neumann', alone or with a value",
                hint=_HINT,
            )
        )
    return kind, value


def _two(name: str, what: Any) -> tuple[Any, Any]:
    if isinstance(what, tuple | list) and len(what) == 2:
        return what[0], what[1]
    raise OptionError(
        explain(
            f"bc={{{name!r}: {what!r}}} cannot be",
            expected="a condition and its value",
            hint=_HINT,
        )
    )


def _kept_nodes(case: Case) -> Flags:
    """Return which nodes of the whole mesh the mask keeps."""
    keep = np.zeros(case.whole.count, dtype=bool)
    keep[case.whole.node[case.mesh.node >= 0]] = True
    return keep


def _nodes_of(case: Case, number: int, keep: Flags) -> Flags:
    """Return the nodes on a side, or those beside the mask."""
    whole = case.whole
    nodes = np.zeros(whole.count, dtype=bool)
    if number == 4:
        across = keep[whole.start] != keep[whole.end]
        nodes[whole.start[across]] = True
        nodes[whole.end[across]] = True
        return nodes & keep
    row = (whole.node[0], whole.node[-1], whole.node[:, 0], whole.node[:, -1])[number]
    nodes[row[row >= 0]] = True
    return nodes


def _wall_m(case: Case, keep: Flags) -> Floats:
    """Return the length of the wall to the mask that belongs to each node."""
    whole = case.whole
    wall = np.zeros(whole.count)
    across = keep[whole.start] != keep[whole.end]
    width = (whole.weight_m2 / whole.length_m)[across]
    np.add.at(wall, whole.start[across], width)
    np.add.at(wall, whole.end[across], width)
    return wall


def _number(given: Any, unit: Unit, side: str) -> float:
    plain = isinstance(given, int | float | np.number)
    told = isinstance(given, str) and given.strip()[:1] in {*"+-.0123456789"}
    if not (plain or told or is_quantity(given)):
        raise _no_value(given, unit, side)
    number, own = measured(given, "bc", _HINT) if not plain else (float(given), None)
    if not np.isfinite(number):
        raise _no_value(given, unit, side)
    return number * (1.0 if own is None else factor_to(own, unit, "bc", side, _HINT))


def _no_value(given: Any, unit: Unit, side: str) -> OptionError:
    return OptionError(
        explain(
            f"bc= gives {given!r} at {side}",
            expected=f"a number in {unit}, a quantity, or for 'dirichlet' a field",
            hint=_HINT,
        )
    )


def _as_field(given: xr.DataArray, unit: Unit, case: Case) -> xr.Variable:
    plain = split(given)
    factor = conversion_factor(plain.unit, unit, of="the values in bc=")
    sizes = dict(case.work.like.sizes)
    wrong = [d for d in given.dims if d not in sizes or given.sizes[d] != sizes[d]]
    if wrong or not set(case.core) <= set(given.dims):
        raise GridError(
            explain(
                "The field in bc= does not lie on the grid",
                expected=", ".join(f"{d}: {n}" for d, n in sizes.items()),
                got=", ".join(f"{d}: {n}" for d, n in given.sizes.items()),
            )
        )
    return xr.Variable(given.dims, plain.values * factor)


def _shown(given: Any) -> str:
    return "field" if isinstance(given, xr.DataArray) else str(given)
