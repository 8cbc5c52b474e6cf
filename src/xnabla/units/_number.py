"""Floats that stand for short decimals or ratios, made exact."""

from __future__ import annotations

import math
from fractions import Fraction

__all__ = ["exact"]


def exact(number: float) -> Fraction:
    """Return the number that was meant: a short decimal, a small ratio, or the float.

    pint multiplies floats, so a foot is 0.30479999999999996 m; exact arithmetic on
    what was meant makes K/m to K/km exactly 1000.

    Examples
    --------
    >>> exact(0.30479999999999996)
    Fraction(381, 1250)
    >>> exact(5 / 9)
    Fraction(5, 9)
    """
    ulps = 4 * math.ulp(number)
    decimal = Fraction(f"{number:.12g}")
    if abs(float(decimal) - number) <= ulps:
        return decimal
    ratio = Fraction(number).limit_denominator(10_000)
    if abs(float(ratio) - number) <= ulps:
        return ratio
    return Fraction(number)
