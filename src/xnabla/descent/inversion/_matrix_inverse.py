"""The inverse of a sparse symmetric matrix, where it has one: factors or descent."""

from __future__ import annotations

from typing import Any

import numpy as np

from xnabla.descent.inversion._mesh import Floats

# Measured on the globe at 1 degree (64 442 unknowns): the factors take 0.3 s and a
# solution 9 ms; the multigrid hierarchy 0.07 s, a solution 0.11 s, and less memory.
LARGEST_FACTORED = 100_000

# Part of the right side that descent leaves; the error of the scheme is 1e-4.
TOLERANCE = 1e-10

FACTORS, DESCENT = "sparse LU", "conjugate gradients with algebraic multigrid"

# Rows that add up to less than this part of the diagonal do not hold a constant.
_LOOSE = 1e-9


class MatrixInverse:
    """The inverse of a positive matrix, up to a constant in each part that has none.

    Parameters
    ----------
    matrix : sparse matrix (n, n)
        Symmetric, of no negative eigenvalue; constants alone may be free.
    tolerance : float
        Part of the right side that descent may leave.
    most : int
        Largest number of its steps.
    """

    def __init__(
        self, matrix: Any, tolerance: float = TOLERANCE, most: int = 2000
    ) -> None:
        self.matrix = matrix.tocsr()
        self.tolerance, self.most = tolerance, most
        self.factored = matrix.shape[0] <= LARGEST_FACTORED
        self.method = FACTORS if self.factored else DESCENT
        self._free = np.arange(matrix.shape[0])
        self._made: Any = None
        if not matrix.shape[0]:
            return
        if self.factored:
            self._free = np.flatnonzero(~_pins(self.matrix))
            part = self.matrix[self._free][:, self._free]
            self._made = factors_of(part) if self._free.size else None
        else:
            self._made = cycle_of(self.matrix)

    def solve(self, right: Floats) -> tuple[Any, Any, Any]:
        """Return solutions (k, n), iterations (k,) and whether they sufficed (k,)."""
        made = np.zeros(right.shape)
        steps, good = np.zeros(len(right), int), np.ones(len(right), bool)
        if self._made is None:
            return made, steps, good
        if self.factored:
            part = np.ascontiguousarray(right[:, self._free].T)
            made[:, self._free] = self._made.solve(part).T
            return made, steps, good
        for k, one in enumerate(right):
            made[k], steps[k], good[k] = descended(
                self.matrix, one, self._made, self.tolerance, self.most
            )
        return made, steps, good

    def roughly(self, right: Floats) -> Floats:
        """Return solutions (k, n) as they are, or what one multigrid cycle makes."""
        if self.factored or self._made is None:
            solved: Floats = self.solve(right)[0]
            return solved
        return np.stack([self._made(one) for one in right])


def _pins(matrix: Any) -> Any:
    """Return one node of each part in which a constant is free."""
    from scipy.sparse.csgraph import connected_components

    count, part = connected_components(matrix, directed=False)
    held = np.bincount(part, weights=np.abs(matrix.sum(axis=1)).ravel())
    size = np.bincount(part, weights=matrix.diagonal())
    _, first = np.unique(part, return_index=True)
    pins = np.zeros(matrix.shape[0], dtype=bool)
    pins[first[held[:count] <= _LOOSE * size[:count]]] = True
    return pins


def factors_of(matrix: Any) -> Any:
    """Return the factors of a sparse symmetric matrix."""
    from scipy.sparse.linalg import splu

    return splu(
        matrix.tocsc(),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )


def cycle_of(matrix: Any) -> Any:
    """Return one symmetric cycle of algebraic multigrid for a sparse matrix."""
    import pyamg

    # pyamg draws from numpy's own stream to estimate spectra: the same every time,
    # and the user's stream is left where it was
    state = np.random.get_state()  # noqa: NPY002 - it is that stream
    np.random.seed(0)  # noqa: NPY002
    try:
        hierarchy = pyamg.ruge_stuben_solver(
            _narrow(matrix),
            max_coarse=200,
            presmoother=("gauss_seidel", {"sweep": "symmetric"}),
            postsmoother=("gauss_seidel", {"sweep": "symmetric"}),
        )
    finally:
        np.random.set_state(state)  # noqa: NPY002
    return hierarchy.aspreconditioner(cycle="V").matvec


def _narrow(matrix: Any) -> Any:
    """Return a matrix of the kind pyamg takes."""
    from scipy.sparse import csr_matrix

    made = csr_matrix(matrix)
    made.indices = made.indices.astype(np.int32)
    made.indptr = made.indptr.astype(np.int32)
    return made


def descended(
    matrix: Any, right: Floats, precondition: Any, tolerance: float, most: int
) -> tuple[Floats, int, bool]:
    r"""Return the minimum of :math:`x'Ax/2 - b'x` by preconditioned descent.

    Conjugate gradients: along each direction to the minimum, each direction conjugate
    to all before. Ends where the gradient is ``tolerance`` times the first one.
    """
    x = np.zeros(right.shape)
    gradient = -right
    size = float(np.linalg.norm(right))
    if size == 0.0:
        return x, 0, True
    z = precondition(gradient)
    direction, slope = -z, float(gradient @ z)
    for step in range(1, most + 1):
        turned = matrix @ direction
        curvature = float(direction @ turned)
        if curvature <= 0.0 or slope <= 0.0:
            break
        x += (slope / curvature) * direction
        gradient += (slope / curvature) * turned
        if float(np.linalg.norm(gradient)) <= tolerance * size:
            return x, step, True
        z = precondition(gradient)
        before, slope = slope, float(gradient @ z)
        direction = -z + (slope / before) * direction
    left = float(np.linalg.norm(gradient))
    return x, step, left <= tolerance * size
