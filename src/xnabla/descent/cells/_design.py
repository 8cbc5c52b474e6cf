"""What a linear fit is made of: its columns, and a basis in which they are easy.

Columns are made orthonormal once, by QR over all times. In that basis the normal
equations of a complete cell are the identity, and those of a cell with gaps near it:
Cholesky's method, which squares a condition, has nothing to square. The condition of
the user's own columns enters only through one triangular solve, as in QR.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xnabla.errors import OptionError, explain

Floats = NDArray[np.float64]

# What rounding leaves of a column that is a sum of others, of its own length.
_COLLINEAR = 1e-14


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """The columns of a linear fit.

    Attributes
    ----------
    names : tuple of str
        What the coefficients are called; the constant comes first if there is one.
    constant : bool
        Whether the first column is one everywhere.
    basis : array (n, k), or (n, k, c) where predictors differ between cells
        Columns whose mean square is 1; rows of zeros where a predictor is missing.
    back : array (k, k)
        From coefficients of the basis to those of the user's columns.
    known : array (n,) of bool
        The rows where the common predictors are known.
    """

    names: tuple[str, ...]
    constant: bool
    basis: Floats
    back: Floats
    known: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """Number of columns."""
        return len(self.names)

    @property
    def varies(self) -> bool:
        """Whether the columns differ between cells."""
        return self.basis.ndim == 3

    @property
    def slopes(self) -> Floats:
        """The columns of the basis without the constant."""
        return self.basis[:, int(self.constant) :]

    def rows(self, part: slice) -> Design:
        """Return the design of some of the times."""
        return Design(
            self.names, self.constant, self.basis[part], self.back, self.known[part]
        )


def shared_design(
    columns: Floats,
    names: tuple[str, ...],
    *,
    constant: bool,
    refusal: Callable[[str, list[str]], str] | None = None,
    rounding: float = 0.0,
) -> Design:
    """Return the design of columns that are the same in every cell.

    Parameters
    ----------
    columns : array (n, k)
        The user's columns; NaN where one is missing.
    names : tuple of str
    constant : bool
        Whether the first is one everywhere.
    refusal : callable, optional
        From the name of a column that others make up, and from theirs, to the message.
    rounding : float, optional
        How well columns of size one are known: what differs by less does not differ.

    Raises
    ------
    OptionError
        If there are too few rows, or columns that are sums of others: they are named.

    Examples
    --------
    >>> x = np.arange(4.0)
    >>> shared_design(np.stack([x, 2 * x], 1), ("a", "b"), constant=False)
    Traceback (most recent call last):
    ...
    xnabla.errors.OptionError: Predictor 'b' cannot be told apart from 'a': it is a \
multiple of it, or a sum. Expected columns that are independent. Try: leave out 'b'
    """
    known: NDArray[np.bool_] = np.asarray(np.isfinite(columns).all(axis=1))
    rows, k = int(known.sum()), columns.shape[1]
    if rows < k:
        raise OptionError(
            explain(
                f"There are too few times to fit {k} coefficients",
                expected=f"{k} or more at which everything is known",
                got=f"{rows}",
            )
        )
    some = columns[known]
    lengths = np.sqrt((some**2).sum(axis=0))
    lengths = np.where(lengths > rounding * np.sqrt(rows), lengths, 0.0)
    scaled = some / np.where(lengths > 0.0, lengths, 1.0)
    q, r = np.linalg.qr(scaled)
    _check_independent(r, names, lengths, refusal or made_up, rounding)
    # the sign of QR is arbitrary: the constant is to be +1, not -1
    q, r = q * np.sign(np.diag(r)), r * np.sign(np.diag(r))[:, np.newaxis]
    basis = np.zeros_like(columns)
    basis[known] = q * np.sqrt(rows)
    if constant:
        basis[known, 0] = 1.0
    # columns = basis (r / sqrt(rows)) lengths
    back = np.linalg.solve(r, np.eye(k)) * np.sqrt(rows) / lengths[:, np.newaxis]
    return Design(names, constant, basis, back, known)


def _check_independent(
    r: Floats,
    names: tuple[str, ...],
    lengths: Floats,
    refusal: Callable[[str, list[str]], str],
    rounding: float,
) -> None:
    """Refuse columns that those before them make up; they have length 1 here."""
    left = np.abs(np.diag(r))
    for j, name in enumerate(names):
        if lengths[j] == 0.0 or left[j] <= max(_COLLINEAR * (j + 1), rounding):
            others = _made_of(r, j, names) if lengths[j] else ["a column of zeros"]
            raise OptionError(refusal(name, others))


def made_up(name: str, others: list[str], what: str = "Predictor") -> str:
    """Return what to say of a column that others make up."""
    return explain(
        f"{what} {name!r} cannot be told apart from "
        f"{' and '.join(others)}: it is a multiple of it, or a sum",
        expected="columns that are independent",
        hint=f"leave out {name!r}",
    )


def _made_of(r: Floats, j: int, names: tuple[str, ...]) -> list[str]:
    parts = np.linalg.lstsq(r[:j, :j], r[:j, j], rcond=None)[0]
    big = np.abs(parts) > 1e-6 * np.abs(parts).max()
    return [
        "the constant" if name == "intercept" else repr(name)
        for name, counts in zip(names, big, strict=False)
        if counts
    ]


def cell_design(columns: Floats, names: tuple[str, ...], *, constant: bool) -> Design:
    """Return the design of columns that differ between cells, as they stand.

    Their sums are taken about each cell's own means, which does for them what a common
    basis does for common columns.

    Parameters
    ----------
    columns : array (n, k, c)
        NaN where one is missing in a cell: that cell then has no such time.
    """
    known = np.ones(columns.shape[0], dtype=bool)
    return Design(names, constant, columns, np.eye(len(names)), known)
