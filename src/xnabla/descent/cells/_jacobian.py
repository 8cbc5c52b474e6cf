"""A model of some parameters and its derivatives, for many cells at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# The step of a difference, relative to its parameter.
DIFFERENCE = float(np.sqrt(np.finfo(np.float64).eps))


@dataclass(frozen=True, slots=True, eq=False)
class Jacobian:
    """A model, and what differentiates it.

    Attributes
    ----------
    model : callable
        From x (n,) and parameters (c, 1) to values (c, n).
    x : array (n,)
    size : array (k,)
        What counts as a size of each parameter where it is 0.
    slopes : callable or None
        From the same to k derivatives, each (c, n); ``None`` for differences.
    """

    model: Callable[..., Any]
    x: Floats
    size: Floats
    slopes: Callable[..., Any] | None = None

    def value(self, p: Floats) -> Floats:
        """Return the model (c, n) at parameters (k, c)."""
        with np.errstate(all="ignore"):
            made = self.model(self.x, *(row[:, np.newaxis] for row in p))
        shape = (p.shape[1], self.x.size)
        made = np.asarray(made, dtype=np.float64)
        return made if made.shape == shape else np.broadcast_to(made, shape).copy()

    def columns(self, p: Floats, f: Floats, low: Floats, high: Floats) -> Floats:
        """Return the derivatives with respect to each parameter, (c, k, n).

        Differences are one-sided, of √ε of the parameter, and within the bounds.

        Parameters
        ----------
        p : array (k, c)
        f : array (c, n)
            The model at p.
        low, high : array (k, c)
        """
        if self.slopes is not None:
            return self._given(p)
        found = np.empty((p.shape[1], len(p), self.x.size))
        moved = p.copy()
        for j, row in enumerate(p):
            step = DIFFERENCE * np.where(row != 0.0, np.abs(row), self.size[j])
            step = np.where(row + step > high[j], -step, step)
            step = np.where(row + step < low[j], -step, step)
            moved[j] = row + step
            step = moved[j] - row  # what it is after rounding
            np.subtract(self.value(moved), f, out=found[:, j])
            found[:, j] *= (1.0 / np.where(step != 0.0, step, 1.0))[:, np.newaxis]
            moved[j] = row
        return found

    def _given(self, p: Floats) -> Floats:
        assert self.slopes is not None
        shape = (p.shape[1], self.x.size)
        with np.errstate(all="ignore"):
            made = self.slopes(self.x, *(row[:, np.newaxis] for row in p))
        parts = [
            np.broadcast_to(np.asarray(one, dtype=np.float64), shape) for one in made
        ]
        return np.stack(parts, axis=1)
