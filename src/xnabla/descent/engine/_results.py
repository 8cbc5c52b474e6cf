"""What a descent found, as a labelled Dataset: the one schema of every result."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent._folded import folded
from xnabla.descent._roots import root_factor
from xnabla.descent._status import is_converged, status_attributes
from xnabla.descent.engine._costs import Face
from xnabla.descent.engine._outcome import Outcome
from xnabla.descent.engine._packing import Packing, Part
from xnabla.descent.engine._problem import Array
from xnabla.descent.engine._settings import STATISTICS
from xnabla.units import Unit, attach


def result_of(
    face: Face, outcome: Outcome, slopes: Array, attributes: Mapping[str, Any]
) -> xr.Dataset:
    """Return an outcome with its labels and units.

    Parameters
    ----------
    face : Face
        Knows the parameters and the unit of the cost.
    outcome : Outcome
    slopes : array (cells, k)
        The gradient at the solution, as the engine sees it.
    attributes : mapping
        Whatever allows to repeat the numbers.
    """
    packing = face.packing
    made = solution_of(face, outcome.solution)
    made["cost"] = _cost(face, outcome.cost)
    made["gradient_norm"] = _norm(face, outcome, slopes)
    made["n_iterations"] = _count(packing, outcome.n_iterations, "iterations")
    made["n_evaluations"] = _count(
        packing, outcome.n_evaluations, "evaluations of the cost or its gradient"
    )
    valid = np.where(np.isfinite(outcome.cost), 1, 0)
    what = "costs that are a number"
    if face.samples is not None:
        valid, what = valid * face.samples.size, "samples"
    made["n_valid"] = _count(packing, valid, what)
    made["converged"] = _converged(packing, outcome.status)
    status = packing.field(outcome.status, "status")
    made["status"] = status.assign_attrs(status_attributes())
    if outcome.cost_history.size:
        made |= _histories(face, outcome, attributes["history"] == "cells")
    result = xr.Dataset(made)
    result.attrs = {**attributes, "software": _software()}
    return result


def view_of(face: Face, x: Array, f: Array, norm: Array, status: Array) -> xr.Dataset:
    """Return where a descent is, for a callback."""
    made = solution_of(face, x)
    made["cost"] = _cost(face, f)
    made["gradient_norm"] = _with_unit(
        face.packing.field(norm / _cost_factor(face)), face.unit
    )
    made["converged"] = _converged(face.packing, status)
    return xr.Dataset(made)


def solution_of(face: Face, points: Array) -> dict[str, xr.DataArray]:
    """Return points of the engine as the caller's named parameters."""
    packing = face.packing
    rows = points * face.scale
    made = {}
    for part in packing.parts:
        values = packing.values(part, rows).astype(part.dtype)
        one = _with_unit(packing.labelled(part, values), part.unit)
        one.attrs = {"long_name": _title(part), **one.attrs}
        one.encoding = {}
        made[part.name] = one
    return made


def _title(part: Part) -> str:
    told = "" if part.like is None else str(part.like.attrs.get("long_name", ""))
    return told or part.name.replace("_", " ")


def _cost(face: Face, values: Array, name: str = "cost") -> xr.DataArray:
    one = face.packing.field(values / _cost_factor(face), name)
    return _with_unit(one, face.unit).assign_attrs(long_name="cost")


def _norm(face: Face, outcome: Outcome, slopes: Array) -> xr.DataArray:
    """Return the length of the gradient: per unit of x, if there is one such unit."""
    packing = face.packing
    units = {part.unit for part in packing.parts}
    words = "length of the gradient of the cost"
    if len(units) > 1:
        one = packing.field(outcome.gradient_norm / _cost_factor(face))
        one = _with_unit(one, face.unit)
        return one.assign_attrs(long_name=f"{words} along standardised parameters")
    (unit,) = units
    factor = packing.parts[0].factor
    with np.errstate(all="ignore"):
        length = np.linalg.norm(slopes / face.scale, axis=1)
    one = packing.field(length * factor / _cost_factor(face))
    return _with_unit(one, _over(face.unit, unit)).assign_attrs(long_name=words)


def _over(cost: Unit | None, unit: Unit | None) -> Unit | None:
    if unit is None:
        return cost
    return unit**-1 if cost is None else cost / unit


def _cost_factor(face: Face) -> float:
    return 1.0 if face.unit is None else root_factor(face.unit)


def _with_unit(one: xr.DataArray, unit: Unit | None) -> xr.DataArray:
    if unit is None:
        return one
    # an offset unit stays with a parameter; a cost or a gradient has none
    values, plain = folded(one.data, unit)  # a degree Fahrenheit is 5/9 K
    return one.copy(data=attach(values, plain))


def _count(packing: Packing, values: Array, what: str) -> xr.DataArray:
    field = packing.field(values.astype(np.int64))
    return field.assign_attrs(long_name=f"number of {what}", units="1")


def _converged(packing: Packing, status: Array) -> xr.DataArray:
    field = packing.field(np.asarray(is_converged(status)))
    return field.assign_attrs(long_name="whether the descent has arrived")


def _histories(face: Face, outcome: Outcome, by_cell: bool) -> dict[str, xr.DataArray]:
    cost = _history(face, outcome.cost_history / _cost_factor(face), by_cell)
    slope = _history(face, outcome.gradient_norm_history, by_cell)
    arrived = xr.DataArray(
        outcome.converged_history,
        dims="iteration",
        coords={"iteration": cost.iteration},
    )
    return {
        "cost_history": _with_unit(cost, face.unit).assign_attrs(
            long_name="cost at each iteration"
        ),
        "gradient_norm_history": slope.assign_attrs(
            long_name="length of the gradient as a part of the first", units="1"
        ),
        "converged_history": arrived.assign_attrs(
            long_name="part of the cells that has arrived", units="1"
        ),
    }


def _history(face: Face, values: Array, by_cell: bool) -> xr.DataArray:
    packing = face.packing
    counted = {"iteration": np.arange(len(values))}
    if not packing.cells:
        return xr.DataArray(values[:, 0], dims="iteration", coords=counted)
    if not by_cell:
        return xr.DataArray(
            values,
            dims=("iteration", "statistic"),
            coords={**counted, "statistic": list(STATISTICS)},
        )
    shape = (len(values), *packing.cells.values())
    variable = xr.Variable(("iteration", *packing.cells), values.reshape(shape))
    return xr.DataArray(variable, coords={**counted, **packing.coords})


def _software() -> str:
    names = ("xnabla", "numpy", "scipy")
    return ", ".join(f"{name} {_version(name)}" for name in names)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(unknown version)"
