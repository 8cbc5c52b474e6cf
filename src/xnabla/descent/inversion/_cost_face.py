"""A cost of labelled fields as the descent engine sees it: a vector of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent._status import is_converged, status_attributes, warn_of
from xnabla.descent.engine import Outcome
from xnabla.descent.inversion._fields import Case, one_unit
from xnabla.descent.inversion._mesh import Floats
from xnabla.errors import FieldError, OptionError, explain
from xnabla.labels import describe
from xnabla.operators._partial import words_for
from xnabla.units import Unit, attach, conversion_factor, is_quantity, split_quantity

# Without a gradient it takes two costs for each point.
_MOST_DIFFERENCES = 3000

# A matrix of second derivatives by differences takes as many gradients as points; of
# differences of the cost, four costs for each pair of them: 144 points take minutes.
_MOST_MATRIX, _MOST_MATRIX_DIFFERENCES = 3000, 40

# Steps of central differences, and of the probe of the curvature, as parts.
_STEP, _PROBE = 6e-6, 1e-3


@dataclass(eq=False)
class Face:
    """Labelled fields before a cost, one vector of plain numbers behind it."""

    case: Case
    given: Any
    fields: dict[str, xr.DataArray]
    cost: Callable[[Any], Any]
    gradient: Callable[[Any], Any] | None
    unit: Unit | None = None

    def start(self, method: str = "") -> Floats:
        """Return the vector to begin at, and find out of which size its numbers are."""
        mesh, work = self.case.mesh, self.case.work
        for name, one in self.fields.items():
            if one.ndim != 2:
                raise FieldError(
                    explain(
                        f"Field {name!r} has {one.ndim} dimensions",
                        expected="two: a cost is of one time and level",
                        hint="x0.isel(time=0)",
                    )
                )
        values = []
        for name in self.fields:
            ready = work.ready[name].values.transpose(*self.case.core)
            values.append(mesh.gather(np.asarray(ready.data, dtype=np.float64)))
        whole = np.stack(values)
        self.free = np.isfinite(whole)
        self.base = np.nan_to_num(whole)
        count = int(self.free.sum())
        self._check_size(count, method)
        area = np.broadcast_to(mesh.area_m2 / mesh.area_m2.mean(), whole.shape)
        self.weight = 1.0 / np.sqrt(area[self.free])
        start = self.base[self.free] / self.weight
        self.weight = self.weight * self._sizes(start)
        return np.asarray(self.base[self.free] / self.weight)

    def _check_size(self, count: int, method: str) -> None:
        if self.gradient is None and count > _MOST_DIFFERENCES:
            raise OptionError(
                explain(
                    "A cost without its gradient takes two evaluations for each point",
                    expected=f"gradient=, or at most {_MOST_DIFFERENCES} points",
                    got=f"{count} points",
                    hint="gradient=lambda x: ..., by xn.operator_matrix(x).adjoint",
                )
            )
        known = self.gradient is not None
        most = _MOST_MATRIX if known else _MOST_MATRIX_DIFFERENCES
        if method == "newton" and count > most:
            raise OptionError(
                explain(
                    "method='newton' takes a matrix of second derivatives by "
                    "differences",
                    expected=f"at most {most} points"
                    + ("" if known else " without gradient="),
                    got=f"{count} points",
                    hint="method='lbfgs'",
                )
            )

    def _sizes(self, start: Floats) -> Floats:
        r"""Return how long a step along the gradient of each field should be.

        .. math:: \sqrt{g \cdot g / (g \cdot H g)}

        the same numbers in whatever unit, found from one difference of gradients.
        """
        made = np.ones(start.size)
        value = self.value(start)  # the cost tells its unit before the gradient
        _check_finite(value, "cost")
        slope = self.slope(start)
        _check_finite(slope, "gradient")
        row = np.nonzero(self.free)[0]
        for k in range(len(self.fields)):
            own = np.where(row == k, slope, 0.0)
            size = float(own @ own)
            if size == 0.0 or not np.isfinite(size):
                continue
            step = _PROBE * (abs(value) or np.sqrt(size)) / size
            bent = float(own @ (slope - self.slope(start - step * own))) / step
            if bent > 0.0:
                made[row == k] = np.sqrt(size / bent)
        return made

    def value(self, vector: Floats) -> float:
        """Return the cost of a vector."""
        found = self.cost(self.shown(vector))
        if isinstance(found, xr.DataArray):
            found = found.data
        if is_quantity(found):
            number, unit = split_quantity(found)
            if self.unit is None:
                self.unit = Unit(1.0, unit.pint)
            found = number * conversion_factor(unit, self.unit, of="the cost")
        array = np.asarray(found)
        if array.ndim or array.dtype.kind not in "iuf":
            raise FieldError(
                explain(
                    "The cost is no number",
                    expected="one real number or quantity",
                    got=f"{type(found).__name__} of shape {array.shape}",
                    hint="float((...).sum())",
                )
            )
        return float(array)

    def slope(self, vector: Floats) -> Floats:
        """Return the gradient of the cost at a vector."""
        if self.gradient is None:
            return self._differences(vector)
        found = _parts(self.gradient(self.shown(vector)), list(self.fields))
        rows = np.stack([self._slope_of(name, found[name]) for name in self.fields])
        return np.asarray(rows[self.free] * self.weight)

    def _slope_of(self, name: str, one: Any) -> Floats:
        own, y_x = self.fields[name], self.case.core
        if not isinstance(one, xr.DataArray) or dict(one.sizes) != dict(own.sizes):
            raise FieldError(
                explain(
                    f"The gradient for {name!r} has another shape",
                    expected=f"a DataArray with {dict(own.sizes)}",
                    got=str(dict(one.sizes))
                    if isinstance(one, xr.DataArray)
                    else type(one).__name__,
                )
            )
        values = one.transpose(*y_x).data
        if is_quantity(values):
            values, unit = split_quantity(values)
            own_unit = Unit(1.0, self.case.work.unit(name).pint)
            cost = self.unit if self.unit is not None else one_unit(own_unit)
            values = values * conversion_factor(
                unit, cost / own_unit, of=f"the gradient for {name!r}"
            )
        mesh = self.case.mesh
        # a place that several points share moves all of them; where there is no field
        # the gradient does not count
        flat = np.zeros(mesh.count)
        before = self.case.work.ready[name].values.transpose(*y_x).data
        there = (mesh.node >= 0) & np.isfinite(np.asarray(before))
        np.add.at(flat, mesh.node[there], np.asarray(values)[there])
        return flat

    def _differences(self, vector: Floats) -> Floats:
        typical = float(np.sqrt(np.mean(vector**2))) or 1.0
        step = _STEP * np.maximum(np.abs(vector), typical)
        made = np.empty(vector.size)
        for k in range(vector.size):
            ends = []
            for sign in (1.0, -1.0):
                moved = vector.copy()
                moved[k] += sign * step[k]
                ends.append(self.value(moved))
            made[k] = (ends[0] - ends[1]) / (2.0 * step[k])
        return made

    def shown(self, vector: Floats) -> Any:
        """Return a vector as the fields that the cost takes."""
        whole = self.base.copy()
        whole[self.free] = vector * self.weight
        mesh, work = self.case.mesh, self.case.work
        made = {}
        for row, (name, one) in enumerate(self.fields.items()):
            back = np.moveaxis(
                mesh.scatter(whole[row]),
                (0, 1),
                [one.dims.index(dim) for dim in self.case.core],
            )
            before = np.asarray(work.ready[name].values.data, dtype=np.float64)
            kept = np.isfinite(before) & np.isfinite(back)
            values: Any = np.where(kept, back, before)
            if is_quantity(one.data):
                values = attach(values, split_quantity(one.data)[1])
            made[name] = one.copy(data=values)
        if isinstance(self.given, xr.DataArray):
            return next(iter(made.values()))
        return xr.Dataset(made) if isinstance(self.given, xr.Dataset) else made

    def result(self, found: Outcome, told: Mapping[str, Any]) -> xr.Dataset:
        """Return what was found, labelled."""
        shown = _parts(self.shown(found.solution[0]), list(self.fields))
        made: dict[str, Any] = {}
        for name, one in self.fields.items():
            ready = self.case.work.ready[name]
            values = shown[name].data
            if is_quantity(values):
                values = split_quantity(values)[0]
            values = values * ready.unit.factor
            kind = np.result_type(ready.values.dtype, np.float32)
            words = words_for(one) if one.name is not None else "the field"
            made[name] = describe(
                values.astype(kind),
                like=one,
                unit=Unit(1.0, ready.unit.pint),
                name=name,
                attributes={"long_name": f"{words} of the lowest cost"},
            )
        scale = found.gradient_norm[0]
        first = self._first_norm
        unit = self.unit if self.unit is not None else one_unit(self.case.unit("m"))
        frame = xr.DataArray(np.zeros(len(found.cost_history)), dims="iteration")
        lone = xr.DataArray(0.0)
        number = one_unit(unit)
        for name, values, like, one_of, words in (
            ("cost", found.cost[0], lone, unit, "cost"),
            ("cost_history", found.cost_history[:, 0], frame, unit, "cost on the way"),
            (
                "gradient_norm",
                scale / first if first else scale,
                lone,
                number,
                "gradient of the cost, relative to the first",
            ),
            (
                "gradient_norm_history",
                found.gradient_norm_history[:, 0],
                frame,
                number,
                "gradient of the cost on the way, relative to the first",
            ),
        ):
            made[name] = describe(
                np.asarray(values),
                like=like,
                unit=one_of,
                name=name,
                attributes={"long_name": words},
            )
        status = found.status[0]
        for name, count, words in (
            ("n_iterations", found.n_iterations[0], "number of iterations"),
            ("n_evaluations", found.n_evaluations[0], "number of evaluations"),
            ("n_valid", int(self.free.sum()), "number of points that may change"),
        ):
            made[name] = xr.DataArray(np.int32(count), attrs={"long_name": words})
        made["status"] = xr.DataArray(np.int8(status), attrs=status_attributes())
        made["converged"] = xr.DataArray(
            bool(is_converged(status)),
            attrs={"long_name": "whether there is an answer"},
        )
        warn_of(np.atleast_1d(status), "descents", stacklevel=4)
        return xr.Dataset(made, attrs=dict(told))

    @property
    def _first_norm(self) -> float:
        start = self.base[self.free] / self.weight
        return float(np.linalg.norm(self.slope(start)))


def _check_finite(found: Any, what: str) -> None:
    wrong = int((~np.isfinite(found)).sum())
    if wrong:
        raise FieldError(
            explain(
                f"The {what} is not finite at x0",
                expected="finite numbers to begin with",
                got=f"{found:g}" if what == "cost" else f"{wrong} that are not",
                hint="another x0, or sums that leave NaN out",
            )
        )


def _parts(found: Any, names: list[str]) -> Mapping[str, Any]:
    """Return fields by name, from whatever kind of them."""
    if isinstance(found, xr.Dataset | Mapping):
        missing = [name for name in names if name not in found]
        if not missing:
            return {name: found[name] for name in names}
        found = f"without {missing[0]!r}"
    elif len(names) == 1:
        return {names[0]: found}
    raise FieldError(
        explain(
            "The gradient does not have the fields that x0 has",
            expected=", ".join(map(repr, names)),
            got=found if isinstance(found, str) else type(found).__name__,
        )
    )
