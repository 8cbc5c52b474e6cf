"""The inverse of s M + K on any mesh: by rows, by sparse factors, or by descent."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args

import numpy as np

from xnabla.descent.inversion._matrix_inverse import (
    DESCENT,
    FACTORS,
    LARGEST_FACTORED,
    TOLERANCE,
    cycle_of,
    descended,
    factors_of,
)
from xnabla.descent.inversion._mesh import Flags, Floats, Mesh
from xnabla.descent.inversion._rows_inverse import RowsInverse
from xnabla.errors import OptionError, explain

Method = Literal["auto", "fft", "lu", "cg"]

_MAX_ITERATIONS = 400


class Inverse(Protocol):
    """Solves with one matrix for many right sides."""

    method: str

    def solve(self, right: Floats) -> tuple[Any, Any, Any]:
        """Return solutions (k, n), iterations (k,) and whether each converged (k,)."""


def inverse_of(
    mesh: Mesh,
    shift: complex,
    fixed: Flags,
    *,
    sides: tuple[bool, bool, bool, bool] | None = None,
    method: Method = "auto",
) -> Inverse:
    """Return the inverse of ``shift M + K`` with some nodes held at zero.

    Parameters
    ----------
    mesh : Mesh
        The mesh.
    shift : float or complex
        What the areas are weighed with.
    fixed : array of bool (n,)
        The nodes held at zero.
    sides : tuple of bool, optional
        The same as whole sides of the grid, if they are.
    method : {"auto", "fft", "lu", "cg"}
        Who solves; ``auto`` takes the first that fits.

    Raises
    ------
    OptionError
        If the method does not fit the grid.
    """
    if method not in get_args(Method):
        raise OptionError(
            explain(
                f"method={method!r} cannot be",
                expected="one of " + ", ".join(map(repr, get_args(Method))),
                hint="method='auto'",
            )
        )
    by_rows = mesh.rows is not None and sides is not None and sides[2] == sides[3]
    by_rows = by_rows and mesh.shape[1] > 2
    if method == "fft" and not by_rows:
        raise OptionError(
            explain(
                "method='fft' needs rows that are all alike",
                expected="evenly spaced longitudes or x, no mask, the same condition "
                "at both ends of a row",
                hint="method='auto'",
            )
        )
    if by_rows and method in {"auto", "fft"} and sides is not None:
        return RowsInverse(mesh, shift, sides)
    small = mesh.count <= LARGEST_FACTORED
    if method == "lu" or (method == "auto" and (small or np.iscomplexobj(shift))):
        return SparseInverse(mesh, shift, fixed)
    return DescentInverse(mesh, shift, fixed)


@dataclass(eq=False)
class _Held:
    """A matrix on the nodes that are free; what was made of it is not pickled."""

    mesh: Mesh
    shift: complex
    fixed: Flags
    made: dict[str, Any] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.Lock)

    def __getstate__(self) -> dict[str, Any]:
        """Pickle what it is made from: factors belong to a process."""
        return {"mesh": self.mesh, "shift": self.shift, "fixed": self.fixed}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take back what was pickled."""
        self.__init__(**state)  # type: ignore[misc]

    def once(self, name: str, make: Any) -> Any:
        """Return what ``make`` gives, made once also if several threads ask."""
        with self.lock:
            if name not in self.made:
                self.made[name] = make()
        return self.made[name]

    def free(self, pinned: bool) -> Any:
        """Return the numbers of the free nodes; one of each loose part is pinned."""
        held = self.fixed.copy()
        if pinned and self.shift == 0:
            held |= self._pins()
        return np.flatnonzero(~held)

    def _pins(self) -> Flags:
        """Return one node of each part that nothing holds."""
        parts = self.mesh.components
        count = int(parts.max(initial=-1)) + 1
        loose = np.bincount(parts[self.fixed], minlength=count) == 0
        _, first = np.unique(parts, return_index=True)
        pins = np.zeros(parts.size, dtype=bool)
        pins[first[loose]] = True
        return pins

    def matrix(self, free: Any) -> Any:
        """Return the matrix on some nodes."""
        from scipy.sparse import diags_array

        whole = self.mesh.stiffness + self.shift * diags_array(self.mesh.area_m2)
        return whole.tocsr()[free][:, free]


@dataclass(eq=False)
class SparseInverse(_Held):
    """By the factors of a sparse matrix."""

    method = FACTORS

    def solve(self, right: Floats) -> tuple[Any, Any, Any]:
        """Return the solutions for right sides (k, n), zero where they are held."""
        free, factors = self.once("factors", self._factors)
        made = np.zeros(right.shape, np.result_type(right, type(self.shift), float))
        if free.size:
            part = np.ascontiguousarray(right[:, free].T, dtype=made.dtype)
            made[:, free] = factors.solve(part).T
        count = len(right)
        return made, np.zeros(count, int), np.ones(count, bool)

    def _factors(self) -> tuple[Any, Any]:
        free = self.free(pinned=True)
        return free, factors_of(self.matrix(free)) if free.size else None


@dataclass(eq=False)
class DescentInverse(_Held):
    """By conjugate gradients, each step preconditioned with a multigrid cycle."""

    method = DESCENT
    tolerance = TOLERANCE

    def solve(self, right: Floats) -> tuple[Any, Any, Any]:
        """Return the solutions for right sides (k, n), zero where they are held."""
        free, matrix, cycle = self.once("hierarchy", self._hierarchy)
        made = np.zeros(right.shape)
        steps, good = np.zeros(len(right), int), np.ones(len(right), bool)
        for k, one in enumerate(right):
            made[k, free], steps[k], good[k] = descended(
                matrix, one[free], cycle, self.tolerance, _MAX_ITERATIONS
            )
        return made, steps, good

    def cycled(self, right: Floats) -> Floats:
        """Return what one multigrid cycle makes of a right side: a rough solution."""
        free, _, cycle = self.once("hierarchy", self._hierarchy)
        made = np.zeros(right.shape)
        made[free] = cycle(right[free])
        return made

    def _hierarchy(self) -> tuple[Any, Any, Any]:
        # a loose part keeps its free constant: conjugate gradients do not mind, and
        # a pinned node would spoil the coarse grids
        free = self.free(pinned=False)
        matrix = self.matrix(free)
        return free, matrix, cycle_of(matrix)
