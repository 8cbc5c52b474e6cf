"""A formula written as instructions: what is used twice is made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from xnabla.numerics._between import Outer
from xnabla.numerics._memory import Places
from xnabla.numerics._program import Program
from xnabla.numerics._symbols import (
    Beside,
    Difference,
    Input,
    Linear,
    Made,
    Symbol,
    UnfusableError,
)
from xnabla.numerics._tables import Shape, along_of, down_of
from xnabla.numerics._weights import Floats

_CODES = {
    "add": 1,
    "subtract": 2,
    "multiply": 3,
    "divide": 4,
    "root": 6,
    "hypot": 7,
    "times_row": 8,
    "plus_row": 9,
    "row_by": 10,
    "one_for_zero": 11,
    "pole_mean": 12,
    "dot": 14,
    "quotient": 15,
    "mean_of_present": 16,
    "mixed": 17,
    "outer": 18,
    "bare": 19,
    "beside_gaps": 20,
}
_COPY = 13


def program_of(
    results: Sequence[Any],
    n_inputs: int,
    shape: Shape,
    factors: Sequence[float],
    outer: Sequence[Outer] = (),
    places: Places = (),
) -> Program:
    """Return the program of the results of a formula.

    Parameters
    ----------
    results : sequence of Symbol
        What the formula made of its inputs.
    n_inputs : int
        How many there are.
    shape : Shape
        The grid.
    factors : sequence of float
        What each result is multiplied with.
    outer : sequence of Outer
        Derivatives along outer axes; the fields they read are inputs after the others.
    places : tuple of array (rows, columns)
        Where the points are, for lengths beside gaps.

    Raises
    ------
    UnfusableError
        If it does not fit.
    """
    n_inputs += sum(one.width for one in outer)
    outputs = []
    for result, factor in zip(results, factors, strict=True):
        if not isinstance(result, Symbol):
            raise UnfusableError("a result that is no formula")
        outputs.append(result * factor if factor != 1.0 else result)
    first = _made_first(outputs)
    before = None
    if first:
        before = _Writer(shape, n_inputs, [*first.values()], {}).written(None)
        if len(before.down[0]) > 1:
            raise UnfusableError("a derivative of a derivative")
    slots = {key: n_inputs + number for number, key in enumerate(first)}
    made = _Writer(shape, n_inputs + len(first), outputs, slots).written(before)
    return replace(made, outer=tuple(outer), places=places)


def _made_first(outputs: Sequence[Symbol]) -> dict[int, Symbol]:
    """Return what is differentiated but is no input: it is made before."""
    found: dict[int, Symbol] = {}
    waiting: list[Symbol] = list(outputs)
    while waiting:
        symbol = waiting.pop()
        if isinstance(symbol, Made):
            waiting += symbol.arguments
        elif isinstance(symbol, Beside):
            waiting += [symbol.p, symbol.q]
        elif isinstance(symbol, Linear):
            for source, _ in symbol.parts:
                if isinstance(source, Symbol):
                    found[id(source)] = source
    return found


class _Writer:
    """Writes instructions; what is used twice is made once."""

    def __init__(
        self,
        shape: Shape,
        n_inputs: int,
        outputs: Sequence[Symbol],
        slots: Mapping[int, int],
    ) -> None:
        self.shape = shape
        self.n_inputs = n_inputs
        self.outputs = outputs
        self._slots = slots
        self.sheets: list[Floats] = []
        self._given: list[Floats] = []
        self.rows: list[Floats] = [np.ones(shape.rows)]
        self.stencils: list[Linear] = []
        self._code: list[tuple[str, Any, tuple[Any, ...]]] = []
        self._places: dict[int, Any] = {}
        self._alone: dict[int, tuple[Any, int]] = {}
        self._scratch = 0

    def written(self, before: Program | None) -> Program:
        for number, result in enumerate(self.outputs):
            self._write(result, ("output", number))
        n_inputs = self.n_inputs + len(self.sheets)
        self._reuse_rows()
        scratch = max(1, self._scratch)
        base = {"scratch": 0, "input": scratch, "output": scratch + n_inputs}
        code = [
            (_number(what), *(_place(one, base) for one in _padded(into, *of)))
            for what, into, of in self._code
        ]
        narrower = [one.narrower for one in self.stencils]
        fallbacks = sum(map(len, narrower))
        first = len(self.stencils) + np.cumsum([0, *map(len, narrower)])
        self.stencils += [self._with_numbers(one) for own in narrower for one in own]
        along = along_of(self.stencils, self.shape, fallbacks)
        return Program(
            self.shape,
            self.n_inputs,
            len(self.outputs),
            scratch,
            tuple(self.sheets),
            np.array(code, dtype=np.int64).reshape(-1, 11),
            np.array(self.rows),
            down_of(self.stencils, self.shape, along),
            along,
            first.astype(np.int64),
            before,
        )

    def _write(self, symbol: Symbol, into: Any = None) -> Any:
        """Write how to make a symbol, and return where it is then."""
        known = self._places.get(id(symbol))
        if known is not None:
            if into is not None:
                self._code.append(("copy", into, (known,)))
            return known
        place = self._made(symbol, into)
        self._places[id(symbol)] = place
        self._keep = [*getattr(self, "_keep", []), symbol]  # ids stay theirs
        return place

    def _made(self, symbol: Symbol, into: Any) -> Any:  # noqa: PLR0911
        if isinstance(symbol, Input):
            return self._input(symbol, into)
        if isinstance(symbol, Difference):
            return self._difference(symbol, into or self._new())
        if isinstance(symbol, Linear):
            into = into or self._new()
            self.stencils.append(self._with_numbers(symbol))
            what = "mixed" if symbol.is_mixed else "stencil"
            self._code.append((what, into, (len(self.stencils) - 1,)))
            return into
        if isinstance(symbol, Beside):
            return self._beside(symbol, into or self._new())
        if not isinstance(symbol, Made):
            raise UnfusableError(type(symbol).__name__)
        if symbol.operation == "sheet":
            return self._sheet(symbol)
        if symbol.operation in ("pole_mean", "mean_of_present"):
            return self._pole_mean(symbol, into or self._new())
        made = [self._write(one) for one in symbol.arguments]
        if symbol.row is not None:
            made.append(self._row(symbol.row))
        into = into or self._new()
        self._code.append((symbol.operation, into, tuple(made)))
        return into

    def _beside(self, symbol: Beside, into: Any) -> Any:
        """Write a slope as if there were no gaps, then the points beside them."""
        (p, p_number), (q, q_number) = map(self._bare, (symbol.p, symbol.q))
        qe, pe, qn, pn = map(self._write, symbol.sheets)
        weights = (qn, pn) if symbol.towards else (qe, pe)
        self._code.append(("dot", into, (q, weights[0], p, weights[1])))
        numbers = p_number, q_number
        of = (p, q, *numbers, qe, pe, qn, pn, symbol.towards)
        self._code.append(("beside_gaps", into, of))
        return into

    def _bare(self, symbol: Linear) -> tuple[Any, int]:
        """Write a sum without its fallbacks; return where it is, and its number."""
        if id(symbol) not in self._alone:
            self.stencils.append(self._with_numbers(symbol))
            number = len(self.stencils) - 1
            self._code.append(("bare", into := self._new(), (number,)))
            self._alone[id(symbol)] = into, number
            self._keep = [*getattr(self, "_keep", []), symbol]
        return self._alone[id(symbol)]

    def _pole_mean(self, symbol: Made, into: Any) -> Any:
        """Write a mean at the poles in place: all other rows are as they are."""
        (of,) = symbol.arguments
        self._write(of, into)
        # whoever wants it without the mean makes it once more
        if self._places[id(of)] == into:
            del self._places[id(of)]
        self._code.append((symbol.operation, into, (into,)))
        return into

    def _with_numbers(self, symbol: Linear) -> Linear:
        """Return a sum with the numbers of what was made before."""
        parts = ((self._slots.get(id(s), s), part) for s, part in symbol.parts)
        return replace(symbol, parts=tuple(parts))

    def _input(self, symbol: Input, into: Any) -> Any:
        place: Any = ("input", symbol.slot)
        steps = [
            ("times_row", np.array([symbol.factor]), symbol.factor != 1.0),
            ("plus_row", np.array([symbol.zero]), symbol.zero != 0.0),
        ]
        for what, row, needed in steps:
            if needed:
                made = self._new()
                self._code.append((what, made, (place, self._row(row))))
                place = made
        if into is not None:
            self._code.append(("copy", into, (place,)))
            return into
        return place

    def _difference(self, symbol: Difference, into: Any) -> Any:
        of = ("input", symbol.slot), ("input", symbol.first)
        made = into if symbol.factor == 1.0 else self._new()
        self._code.append(("outer", made, (*of, symbol.width, symbol.number)))
        if made != into:
            row = self._row(np.array([symbol.factor]))
            self._code.append(("times_row", into, (made, row)))
        return into

    def _sheet(self, symbol: Made) -> Any:
        assert symbol.row is not None
        # the three parts of a wind in space have the same lengths
        known = [one is symbol.row for one in self._given]
        if True in known:
            return ("input", self.n_inputs + known.index(True))
        self._given.append(symbol.row)
        wanted = (self.shape.rows, self.shape.columns)
        self.sheets.append(np.broadcast_to(symbol.row, wanted))
        return ("input", self.n_inputs + len(self.sheets) - 1)

    def _row(self, row: Floats) -> int:
        self.rows.append(np.broadcast_to(row, (self.shape.rows,)))
        return len(self.rows) - 1

    def _reuse_rows(self) -> None:
        """Give rows in between another use once nothing reads them any more.

        All of them are to stay in the first cache. A row is not free for what is made
        of it: loops that write where they read are not turned into vector instructions.
        """
        last = {
            place: number
            for number, (_, into, of) in enumerate(self._code)
            for place in (into, *of)
            if _is_scratch(place)
        }
        homes: dict[Any, Any] = {}
        free: list[Any] = []
        code = []
        count = 0
        for number, (what, into, of) in enumerate(self._code):
            if _is_scratch(into) and into not in homes:
                if not free:
                    free.append(("scratch", count))
                    count += 1
                homes[into] = free.pop()
            code.append(
                (what, homes.get(into, into), tuple(homes.get(p, p) for p in of))
            )
            done = [p for p in dict.fromkeys((into, *of)) if last.get(p) == number]
            free += map(homes.__getitem__, done)
        self._code = code
        self._scratch = count

    def _new(self) -> Any:
        self._scratch += 1
        return ("scratch", self._scratch - 1)


def _is_scratch(place: Any) -> bool:
    return isinstance(place, tuple) and place[0] == "scratch"


def _padded(*places: Any) -> tuple[Any, ...]:
    return (*places, *[0] * (10 - len(places)))


def _number(what: str) -> int:
    if what == "stencil":
        return 0
    return _COPY if what == "copy" else _CODES[what]


def _place(one: Any, base: dict[str, int]) -> int:
    return base[one[0]] + one[1] if isinstance(one, tuple) else int(one)
