"""The options that fits share, checked, and the sentences for wrong ones."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np

from xnabla.descent.cells._descents import Descent, methods
from xnabla.descent.cells._design import Design
from xnabla.descent.cells._field import Field, along_cells
from xnabla.descent.cells._linear import Problem
from xnabla.errors import OptionError, explain
from xnabla.labels import title_of
from xnabla.numerics import is_chunked
from xnabla.units import cf_string, is_quantity, split_quantity

STANDARD_ERRORS = ("ols", "ar1", "hac")


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of a linear fit.

    Attributes
    ----------
    se : str
        "ols", "ar1" or "hac".
    lags : int or None
        Lags of "hac".
    min_valid : int or None
        Fewest values of a cell.
    confidence : float
        Of the confidence intervals.
    method : str
        "auto" and "exact" solve; the others descend.
    """

    se: Any = "ar1"
    lags: Any = None
    min_valid: Any = None
    confidence: Any = 0.95
    method: Any = "auto"

    def checked(self) -> Choices:
        """Return the options if they can be.

        Raises
        ------
        OptionError
        """
        one_of("se", self.se, STANDARD_ERRORS)
        one_of("method", self.method, methods())
        if self.lags is not None:
            whole("lags", self.lags, least=0)
            if self.se != "hac":
                raise OptionError(
                    explain(
                        f"lags={self.lags!r} says nothing with se={self.se!r}",
                        expected="se='hac' with it",
                        hint="se='hac'",
                    )
                )
        if self.min_valid is not None:
            whole("min_valid", self.min_valid, least=1)
        if not 0.0 < number("confidence", self.confidence) < 1.0:
            raise OptionError(
                explain(
                    f"confidence={self.confidence!r} is no level of confidence",
                    expected="a number between 0 and 1",
                    hint="confidence=0.95",
                )
            )
        return self

    def problem(
        self,
        names: tuple[str, ...],
        design: Design | None,
        field: Field,
        *,
        constant: bool = True,
        ridge: float = 0.0,
    ) -> Problem:
        """Return what is fitted in every cell of a field, and how.

        Raises
        ------
        OptionError
            If there are too few points.
        """
        n = int(field.values.shape[0])
        too_short(n, len(names), field)
        return Problem(
            names,
            constant,
            design,
            n,
            se=self.se,
            lags=self.lags,
            ridge=ridge,
            min_valid=self.min_valid or 0,
            title=title_of(field.source),
            descend=self.descent(ridge),
        )

    def descent(self, ridge: float) -> Descent | None:
        """Return what finds the solution, if it is not to be solved for."""
        exact = self.method in {"auto", "exact"}
        return None if exact else Descent(self.method, ridge)

    def attributes(self, operation: str, field: Field, weights: Any) -> dict[str, Any]:
        """Return what allows to repeat the numbers."""
        return {
            "operation": operation,
            "field": field.name,
            "field_units": cf_string(field.unit),
            "method": "exact least squares"
            if self.method in {"auto", "exact"}
            else self.method,
            "se": self.se,
            "lags": self.lags,
            "confidence": self.confidence,
            "min_valid": self.min_valid,
            "weighted": "no" if weights is None else "yes",
        }


def one_of(option: str, value: Any, known: tuple[str, ...]) -> str:
    """Return a word if it is one of those known."""
    if isinstance(value, str) and value in known:
        return value
    near = get_close_matches(str(value), known, n=1)
    raise OptionError(
        explain(
            f"{option}={value!r} is unknown",
            expected="one of " + ", ".join(map(repr, known)),
            hint=f"{option}={near[0]!r}" if near else f"{option}={known[0]!r}",
        )
    )


def number(option: str, value: Any) -> float:
    """Return a finite number."""
    good = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if good and np.isfinite(value):
        return float(value)
    raise OptionError(
        explain(
            f"{option}={value!r} is no number",
            expected="a finite number",
            got=repr(value),
        )
    )


def whole(option: str, value: Any, *, least: int) -> int:
    """Return a whole number that is large enough."""
    good = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if good and value >= least:
        return int(value)
    raise OptionError(
        explain(
            f"{option}={value!r} cannot be",
            expected=f"a whole number, {least} or more",
            hint=f"{option}={max(least, 10)}",
        )
    )


def weights_of(weights: Any, field: Field) -> Any:
    """Return weights as plain numbers: (n,) or (n, *cells), or none.

    Raises
    ------
    OptionError
        If they do not fit the field, or one is negative or missing.
    """
    if weights is None:
        return None
    values, of_cells = along_cells(weights, field, "The weights", "weights")
    if is_quantity(values):
        values, _ = split_quantity(values)
    if of_cells and is_chunked(values):
        # each chunk is looked at when it is computed
        return values.map_blocks(_checked_weights, dtype=np.float64)
    return _checked_weights(values)


def _checked_weights(values: Any) -> Any:
    """Return weights in double precision, if none is negative, infinite or missing."""
    values = np.asarray(values, dtype=np.float64)
    wrong = ~(values >= 0.0) | np.isinf(values)
    if wrong.any():
        first = values[wrong].flat[0]
        raise OptionError(
            explain(
                f"{int(wrong.sum())} weights cannot be",
                expected="finite numbers that are 0 or more",
                got=f"{first:g}",
                hint="weights=1 / sigma**2, and 0 for what does not count",
            )
        )
    return values


def too_short(n: int, k: int, field: Field) -> None:
    """Refuse a series that cannot give a coefficient and its error.

    Raises
    ------
    OptionError
    """
    if n <= k:
        raise OptionError(
            explain(
                f"{n} points along {field.dim!r} are too few for {k} coefficients",
                expected=f"{k + 1} or more: one is left to tell the error from",
                got=str(n),
            )
        )
