"""A scheme, its edges and its period, as numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xnabla.errors import GridError, explain
from xnabla.numerics._weights import Floats, fornberg_weights

Integers = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class StencilTable:
    r"""A finite-difference scheme along one axis, as a table of numbers.

    .. math:: out_i = \sum_k w_{ik}\, f_{(s_i + k) \bmod n}

    Attributes
    ----------
    weights : array (..., m, w)
        One row for each output point; leading dimensions when the spacing differs
        from line to line. A row of NaN makes a missing result.
    starts : array (m,)
        First input point of each row; may lie outside 0..n-1 on a periodic axis.
    centres : array (m,) or None
        The input point at which a row differentiates, counted like ``starts``. The
        weights of a derivative sum to zero, so engines add ``w (f - f_centre)``:
        constants cancel exactly.
        ``None`` for interpolation, whose weights sum to one.
    period : int or None
        Number n of different points around the circle; ``None`` on an open axis.
    narrower : tuple of StencilTable
        Schemes to fall back to, in this order, where a NaN makes the result NaN.

    A weight of zero does not read its point: NaN there does no harm.
    """

    weights: Floats
    starts: Integers
    centres: Integers | None
    period: int | None = None
    narrower: tuple[StencilTable, ...] = ()

    @property
    def width(self) -> int:
        """Number of points in a row."""
        return int(self.weights.shape[-1])

    @property
    def size(self) -> int:
        """Number of output points."""
        return len(self.starts)

    def scaled(self, factor: float | Floats) -> StencilTable:
        """Return the table times a factor, one number or one for each row."""
        column = np.asarray(factor, dtype=np.float64)[..., np.newaxis]
        return replace(
            self,
            weights=self.weights * column,
            narrower=tuple(table.scaled(factor) for table in self.narrower),
        )

    def reach(self) -> tuple[int, int]:
        """Return the first and one past the last input point any row reads."""
        first = int(self.starts.min())
        last = int(self.starts.max()) + self.width
        for table in self.narrower:
            start, stop = table.reach()
            first, last = min(first, start), max(last, stop)
        return first, last

    def rows(self, start: int, stop: int) -> StencilTable:
        """Return the table of some of the output points."""
        return replace(
            self,
            weights=self.weights[..., start:stop, :],
            starts=self.starts[start:stop],
            centres=None if self.centres is None else self.centres[start:stop],
            narrower=tuple(table.rows(start, stop) for table in self.narrower),
        )

    def shifted(self, by: int) -> StencilTable:
        """Return the table for an open input that begins ``by`` points later."""
        return replace(
            self,
            starts=self.starts - by,
            centres=None if self.centres is None else self.centres - by,
            period=None,
            narrower=tuple(table.shifted(by) for table in self.narrower),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """The points of one axis as the numerics see them.

    Attributes
    ----------
    points : array (..., n)
        Strictly monotonic positions; on a closed axis the last repeats the first.
    step : float or None
        The exact spacing if it is even.
    period : float or None
        Length of the circle if the points close one.
    closed : int
        How many points at the end repeat the first ones; ``True`` is one.
    """

    points: Floats
    step: float | None = None
    period: float | None = None
    closed: int = 0

    @property
    def size(self) -> int:
        """Number of points, a repeated one included."""
        return int(self.points.shape[-1])

    @property
    def around(self) -> int | None:
        """Number of different points around the circle; ``None`` if open."""
        return None if self.period is None else self.size - int(self.closed)

    def offsets(self, centres: Integers, starts: Integers, width: int) -> Floats:
        """Return the distances (..., m, w) of points of rows from their centres."""
        index = starts[:, np.newaxis] + np.arange(width)
        if self.step is not None:
            even = (index - centres[:, np.newaxis]).astype(np.float64) * self.step
            return even
        return self.position(index) - self.position(centres)[..., np.newaxis]

    def position(self, index: Integers) -> Floats:
        """Return the positions of points, also of those a turn or more away."""
        if self.period is None or self.around is None:
            return self.points[..., index]
        sign = 1.0 if self.points.flat[1] > self.points.flat[0] else -1.0
        turns, inside = np.divmod(index, self.around)
        return self.points[..., inside] + sign * self.period * turns


def stencil_table(
    line: Line,
    *,
    order: int = 1,
    accuracy: int = 2,
    edges: str = "one-sided",
    edge_accuracy: int | None = None,
    missing: str = "propagate",
    lower: Floats | None = None,
    widen: bool = True,
    name: str = "the axis",
) -> StencilTable:
    """Return the scheme for a derivative along a line of points.

    Interior and periodic rows are centred; rows that do not fit are one-sided, of the
    same accuracy. A row of d + p points has accuracy p; a centred row on even spacing
    gains one for even d. So even derivatives take one more point wherever a row is not
    symmetric: without it they lose one order there.

    Parameters
    ----------
    line : Line
        The points.
    order : int
        Order d of the derivative.
    accuracy : int
        Order p of the error in the spacing; even.
    edges : {"one-sided", "missing"}
        What rows get that a centred stencil does not fit.
    edge_accuracy : int, optional
        Accuracy of one-sided rows, if it is to differ.
    missing : {"propagate", "shrink"}
        With ``shrink`` the table carries the narrower ones to fall back to.
    lower : array (n,), optional
        Adds this times the next lower derivative, on the same points.
    widen : bool
        Whether rows of even derivatives on uneven points get that one more point.
    name : str
        What to call the axis in a message.

    Returns
    -------
    StencilTable

    Raises
    ------
    GridError
        If there are too few points.

    Examples
    --------
    >>> table = stencil_table(Line(np.array([0.0, 1.0, 3.0])))
    >>> table.starts
    array([0, 0, 0])
    >>> table.weights[1]
    array([-0.66666667,  0.5       ,  0.16666667])
    """
    edge_accuracy = accuracy if edge_accuracy is None else edge_accuracy
    half = (order + 1) // 2 - 1 + accuracy // 2
    _check_enough_points(line, order, accuracy, edge_accuracy, half, name)
    rows = np.arange(line.size)
    fits = np.ones(line.size, dtype=bool)
    if line.around is None:
        fits = (rows >= half) & (rows + half < line.size)
    starts = rows - half
    widths = np.full(line.size, 2 * half + 1)
    if widen and order % 2 == 0 and line.step is None:
        _widen_rows(line, order, accuracy, half, rows, starts, widths, fits)
    widths[~fits] = order + edge_accuracy
    starts[~fits] = np.clip(
        rows[~fits] - (order + edge_accuracy) // 2, 0, line.size - widths[~fits]
    )
    weights = _weights_by_width(line, order, rows, starts, widths, lower)
    starts, weights = _inside(line, starts, weights)
    if edges == "missing":
        weights[..., ~fits, :] = np.nan
    narrower: tuple[StencilTable, ...] = ()
    if missing == "shrink":
        blank = ~fits if edges == "missing" else np.zeros_like(fits)
        narrower = _narrower_tables(line, order, int(widths.max()), blank, lower)
    return StencilTable(weights, starts, rows, line.around, narrower)


def largest_accuracy(line: Line, order: int, accuracy: int) -> int:
    """Return the accuracy asked for, or the largest that a short line has points for.

    Examples
    --------
    >>> largest_accuracy(Line(np.arange(6.0)), 1, 8)
    4
    """
    have = line.size if line.around is None else line.around
    extra = order if line.around is None else 2 * ((order + 1) // 2) - 1
    return max(2, min(accuracy, (have - extra) // 2 * 2))


def _check_enough_points(
    line: Line, order: int, accuracy: int, edge_accuracy: int, half: int, name: str
) -> None:
    open_need = order + edge_accuracy
    need = open_need if line.around is None else 2 * half + 1
    have = line.size if line.around is None else line.around
    if have >= need:
        return
    hint = f"select at least {need} points along {name}"
    if accuracy > 2 and have >= order + 2:
        hint = "accuracy=2"
    elif line.around is None and have > order and edge_accuracy > 1:
        # not every operator on such a line has ends of its own order
        hint += "; or edge_order=1 of xn.derivative and xn.gradient"
    raise GridError(
        explain(
            f"There are too few points along {name} for derivative {order} at "
            f"accuracy {accuracy}",
            expected=f"at least {need}",
            got=f"{have}",
            hint=hint,
        )
    )


def _widen_rows(
    line: Line,
    order: int,
    accuracy: int,
    half: int,
    rows: Integers,
    starts: Integers,
    widths: Integers,
    fits: NDArray[np.bool_],
) -> None:
    """Give the rows of an uneven line the extra point an even derivative needs.

    All of them, also where neighbours happen to be evenly spaced: where the scheme
    changes from row to row the error would jump.
    """
    wide = rows[fits]
    if line.around is None:
        centred = (wide >= half + 1) & (wide + half + 1 < line.size)
        near_edge = wide[~centred]
        wide = wide[centred]
        width = min(order + accuracy, line.size)  # all there is, if that is less
        widths[near_edge] = width
        starts[near_edge] = np.clip(near_edge - width // 2, 0, line.size - width)
    elif line.around < 2 * half + 3:
        return
    widths[wide] = 2 * half + 3
    starts[wide] = wide - half - 1


def _weights_by_width(
    line: Line,
    order: int,
    rows: Integers,
    starts: Integers,
    widths: Integers,
    lower: Floats | None,
) -> Floats:
    """Return the weights of all rows, padded with zeros to the widest."""
    widest = int(widths.max())
    weights = np.zeros((*line.points.shape[:-1], len(rows), widest))
    for width in np.unique(widths):
        same = widths == width
        offsets = line.offsets(rows[same], starts[same], int(width))
        own = None if lower is None else lower[same]
        weights[..., same, : int(width)] = _weights(offsets, order, own)
    return weights


def _weights(offsets: Floats, order: int, lower: Floats | None) -> Floats:
    weights = fornberg_weights(offsets, order)
    if lower is not None:
        weights = weights + lower[:, np.newaxis] * fornberg_weights(offsets, order - 1)
    return weights


def _inside(line: Line, starts: Integers, weights: Floats) -> tuple[Integers, Floats]:
    """Move padded rows of an open axis back inside it, their padding to the front."""
    if line.around is not None:
        return starts, weights
    over = np.maximum(starts + weights.shape[-1] - line.size, 0)
    for row in np.flatnonzero(over):
        weights[..., row, :] = np.roll(weights[..., row, :], over[row], axis=-1)
    return starts - over, weights


def _narrower_tables(
    line: Line,
    order: int,
    widest: int,
    blank: NDArray[np.bool_],
    lower: Floats | None,
) -> tuple[StencilTable, ...]:
    """Return all windows around a point, widest first, most centred first."""
    rows = np.arange(line.size)
    tables = []
    for width in range(widest, order, -1):
        for before in sorted(range(width), key=lambda b: abs(2 * b - width + 1)):
            starts = rows - before
            outside = blank.copy()
            if line.around is None:
                outside |= (starts < 0) | (starts + width > line.size)
                starts = np.clip(starts, 0, max(line.size - width, 0))
            elif width > line.around:
                continue
            if width > line.size:
                continue
            offsets = line.offsets(rows, starts, width)
            weights = _weights(offsets, order, lower)
            weights[..., outside, :] = np.nan
            tables.append(StencilTable(weights, starts, rows, line.around))
    return tuple(tables)
