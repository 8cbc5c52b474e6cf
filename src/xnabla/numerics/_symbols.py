"""Formulas written down instead of computed: what an operator does, as a graph.

A formula of an operator runs on these in place of arrays. What is linear in an input,
derivatives and sums of them, folds into one sum of stencils; the rest is arithmetic
point by point. ``_program`` turns the graph into instructions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeGuard

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from xnabla.numerics._table import StencilTable
from xnabla.numerics._weights import Floats

Integers = NDArray[np.intp]

# A shift that means the point itself, no difference from it.
OWN = -1

# The row that is read where none is.
NOWHERE = -1


class UnfusableError(Exception):
    """A formula, or a scheme, that has no place in one pass over rows."""


@dataclass(frozen=True, slots=True, eq=False)
class Down:
    """A sum over rows: weights of other rows, read a turn further along or not.

    Attributes
    ----------
    source, shift : array (m, w) of int
        Row and columns further; ``OWN`` for the point itself.
    weight : array (m, w)
        Zero where nothing is read.
    """

    source: Integers
    shift: Integers
    weight: Floats

    def times(self, factor: Floats) -> Down:
        """Return the sum times a factor for each row."""
        return Down(self.source, self.shift, self.weight * factor[:, np.newaxis])


@dataclass(frozen=True, slots=True, eq=False)
class Along:
    """A sum along a row, times a factor for each row.

    Attributes
    ----------
    table : StencilTable
        The sum.
    factor : array (m,)
        Zero for rows that take nothing.
    source : array (m,) of int or None
        The row it goes along, if that is not the row of the result.
    """

    table: StencilTable
    factor: Floats
    source: Integers | None = None

    def times(self, factor: Floats) -> Along:
        """Return the sum times a factor for each row."""
        return replace(self, factor=self.factor * factor)


@dataclass(frozen=True, slots=True, eq=False)
class Beyond:
    """A sum along another row, of columns picked one by one, for few rows.

    What lies across a pole, where that is between columns.

    Attributes
    ----------
    source : array (m,) of int
        The other row.
    columns : array (n, w) of int
        What each column reads there.
    weight : array (n, w)
        Those of a difference from the point itself sum to one.
    factor : array (m,)
        Zero for rows that take nothing.
    is_difference : bool
        Whether it is one.
    """

    source: Integers
    columns: Integers
    weight: Floats
    factor: Floats
    is_difference: bool = True

    def times(self, factor: Floats) -> Beyond:
        """Return the sum times a factor for each row."""
        return replace(self, factor=self.factor * factor)


# Stencils, and the input one is of: its number, or what is made of the inputs first.
Stencil = Down | Along | Beyond
Part = tuple["int | Symbol", Stencil]


class Symbol(NDArrayOperatorsMixin):
    """Something that is computed row by row: arithmetic on it is written down."""

    ndim = 2

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any
    ) -> Symbol:
        """Write down a function of numpy."""
        if method != "__call__" or kwargs or ufunc not in _RULES:
            raise UnfusableError(ufunc.__name__)
        return _RULES[ufunc](*inputs)

    def __array_function__(
        self, function: Any, types: Any, args: Any, kwargs: Any
    ) -> Symbol:
        """Write down the one choice that formulas make: one where there is zero."""
        if function is np.where and isinstance(args[0], _IsZero):
            condition, yes, no = args
            if yes == 1.0 and no is condition.of:
                return Made("one_for_zero", (no,))
        raise UnfusableError(function.__name__)

    def __eq__(self, other: object) -> Any:
        if isinstance(other, float | int) and other == 0.0:
            return _IsZero(self)
        raise UnfusableError("==")

    __hash__ = object.__hash__


@dataclass(eq=False)
class _IsZero(Symbol):
    of: Symbol


@dataclass(eq=False)
class Input(Symbol):
    """An input, or an array of numbers that vary along the row as well.

    Attributes
    ----------
    slot : int
        Which.
    factor, zero : float
        What its numbers are multiplied with, and what is added then.
    """

    slot: int
    factor: float = 1.0
    zero: float = 0.0


@dataclass(eq=False)
class Difference(Symbol):
    """A derivative along an outer axis: a sum over other fields.

    Attributes
    ----------
    slot : int
        The input it is of.
    number : int
        Which of the program's it is.
    first : int
        The first of the inputs that are those fields.
    width : int
        How many there are.
    factor : float
        What it is multiplied with.
    """

    slot: int
    number: int
    first: int
    width: int
    factor: float = 1.0


@dataclass(eq=False)
class Linear(Symbol):
    """A sum of stencils of inputs.

    Attributes
    ----------
    parts : tuple of pair of int and Down, Along or Beyond
        The stencils, each of one input.
    narrower : tuple of Linear
        What to fall back to where the sum is missing and the point is not, in order.
    is_mixed : bool
        Whether it is no sum but the stencil along the row of that over rows, a ``Down``
        and an ``Along`` of one input.
    """

    parts: tuple[Part, ...]
    narrower: tuple[Linear, ...] = ()
    is_mixed: bool = False

    def times(self, factor: Floats) -> Linear:
        """Return the sum times a factor for each row."""
        many = len(self.parts) if not self.is_mixed else 1
        parts = tuple((slot, part.times(factor)) for slot, part in self.parts[:many])
        return replace(
            self,
            parts=parts + self.parts[many:],
            narrower=tuple(one.times(factor) for one in self.narrower),
        )


@dataclass(eq=False)
class Beside(Symbol):
    """A slope on a map, with lengths by the stencils of the field beside its gaps.

    Attributes
    ----------
    p, q : Linear
        The derivatives along y and x, with what to fall back to.
    sheets : tuple of Symbol
        What q and p weigh eastward, then northward.
    towards : int
        0 for east, 1 for north.
    """

    p: Linear
    q: Linear
    sheets: tuple[Symbol, Symbol, Symbol, Symbol]
    towards: int


@dataclass(eq=False)
class Made(Symbol):
    """A symbol made of others, point by point.

    Attributes
    ----------
    operation : str
    arguments : tuple of Symbol
    row : array (m,) or None
        Numbers that vary from row to row, for operations that take them.
    """

    operation: str
    arguments: tuple[Symbol, ...]
    row: Floats | None = field(default=None)


def _row_of(number: Any) -> Floats | None:
    """Return numbers that vary from row to row at most; ``None`` if they do more."""
    values = np.asarray(number, dtype=np.float64)
    if values.size == 1:
        return values.reshape(1)
    if values.ndim >= 2 and values.shape[-1] == 1 and values.size == values.shape[-2]:
        return values.reshape(-1)
    return None


def _times(symbol: Symbol, number: Any) -> Symbol:
    row = _row_of(number)
    if row is None:
        return Made("multiply", (symbol, _sheet(number)))
    if isinstance(symbol, Linear):
        return symbol.times(row)
    if isinstance(symbol, Input) and row.size == 1:
        factor = float(row[0])
        return Input(symbol.slot, symbol.factor * factor, symbol.zero * factor)
    if isinstance(symbol, Difference) and row.size == 1:
        return replace(symbol, factor=symbol.factor * float(row[0]))
    return Made("times_row", (symbol,), row)


def _sheet(number: Any) -> Symbol:
    return Made("sheet", (), np.asarray(number, dtype=np.float64))


def _multiply(a: Any, b: Any) -> Symbol:
    if not isinstance(a, Symbol):
        a, b = b, a
    if isinstance(b, Symbol):
        return Made("multiply", (a, b))
    return _times(a, b)


def _divide(a: Any, b: Any) -> Symbol:
    if isinstance(a, Symbol) and isinstance(b, Symbol):
        if isinstance(b, Made) and b.operation == "one_for_zero":
            return Made("quotient", (a, *b.arguments))
        return Made("divide", (a, b))
    if isinstance(a, Symbol):
        with np.errstate(divide="ignore"):
            return _times(a, 1.0 / np.asarray(b, dtype=np.float64))
    row = _row_of(a)
    if row is None:
        return Made("divide", (_sheet(a), b))
    return Made("row_by", (b,), row)


def _add(a: Any, b: Any) -> Symbol:
    if not isinstance(a, Symbol):
        return _add(b, a)
    if isinstance(b, Symbol):
        return _sum(a, b)
    row = _row_of(b)
    if row is None:
        return Made("add", (a, _sheet(b)))
    if not row.any():
        return a  # 0.0 to begin a sum with
    return Made("plus_row", (a,), row)


def _sum(a: Symbol, b: Symbol) -> Symbol:
    # what has fallbacks of its own stays by itself
    if _is_simple(a) and _is_simple(b):
        return Linear(a.parts + b.parts)
    if _is_product(a) and _is_product(b):
        return Made("dot", (*a.arguments, *b.arguments))
    return Made("add", (a, b))


def _is_simple(symbol: Symbol) -> TypeGuard[Linear]:
    return isinstance(symbol, Linear) and not symbol.narrower and not symbol.is_mixed


def _is_product(symbol: Symbol) -> TypeGuard[Made]:
    return isinstance(symbol, Made) and symbol.operation == "multiply"


def _subtract(a: Any, b: Any) -> Symbol:
    if isinstance(a, Symbol) and isinstance(b, Symbol):
        if isinstance(a, Linear) and isinstance(b, Linear):
            return _sum(a, b.times(np.array([-1.0])))
        return Made("subtract", (a, b))
    if isinstance(b, Symbol):
        return _add(_times(b, -1.0), a)
    return _add(a, -np.asarray(b, dtype=np.float64))


def _power(a: Any, b: Any) -> Symbol:
    if isinstance(a, Symbol) and b == 2:
        return Made("multiply", (a, a))
    raise UnfusableError("power")


_RULES: dict[np.ufunc, Callable[..., Symbol]] = {
    np.add: _add,
    np.subtract: _subtract,
    np.multiply: _multiply,
    np.divide: _divide,
    np.negative: lambda a: _times(a, -1.0),
    np.positive: lambda a: a,
    np.power: _power,
    np.square: lambda a: Made("multiply", (a, a)),
    np.sqrt: lambda a: Made("root", (a,)),
    np.hypot: lambda a, b: Made("hypot", (a, b)),
}
