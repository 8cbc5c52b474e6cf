"""What a descent found, and the way it came."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from xnabla.descent._status import Status, is_converged
from xnabla.descent.engine._problem import Array
from xnabla.descent.engine._settings import STATISTICS, History

# Looked up by status; the last is for cells under way, -1.
_ANSWERED = np.append(is_converged(np.array([*Status])), False)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a descent found in every cell.

    Attributes
    ----------
    solution : array (cells, k)
        The best point found: that of the lowest cost.
    cost, gradient_norm : array (cells,)
        There; the gradient without the parameters that a bound holds.
    n_iterations, n_evaluations : array (cells,)
        Evaluations of the cost and of the gradient count one each.
    status : array (cells,) of int8
        Numbers of :class:`~xnabla.descent._status.Status`.
    stability_limit : array (cells,)
        The learning rate above which a fixed step diverges, where the cost is a
        quadratic; NaN where that is unknown.
    cost_history, gradient_norm_history : array (iterations + 1, ...)
        Of the cells or of ``STATISTICS`` of them: sum, 10 %, median, 90 %; empty if
        nothing was kept. The gradient is told as a part of the first one.
    converged_history : array (iterations + 1,)
        The part of the cells that has arrived.
    """

    solution: Array
    cost: Array
    gradient_norm: Array
    n_iterations: Array
    n_evaluations: Array
    status: Array
    stability_limit: Array
    cost_history: Array
    gradient_norm_history: Array
    converged_history: Array

    @property
    def converged(self) -> Array:
        """Where there is an answer."""
        return np.asarray(is_converged(self.status))


@dataclass(slots=True, eq=False)
class Log:
    """What is kept of every iteration."""

    kind: History
    cost: list[Array] = field(default_factory=list)
    gradient_norm: list[Array] = field(default_factory=list)
    converged: list[float] = field(default_factory=list)

    def write(self, cost: Array, gradient_norm: Array, status: Array) -> None:
        """Note where all cells are."""
        if self.kind == "none":
            return
        self.cost.append(self._told(cost))
        self.gradient_norm.append(self._told(gradient_norm))
        self.converged.append(float(np.mean(_ANSWERED[status])))

    def _told(self, values: Array) -> Array:
        if self.kind == "cells":
            return values.copy()
        if values.size == 1:
            return np.repeat(values, len(STATISTICS))
        known = values[np.isfinite(values)]
        if not known.size:
            return np.full(len(STATISTICS), np.nan)
        low, middle, high = np.percentile(known, (10, 50, 90))
        return np.array([known.sum(), low, middle, high])
