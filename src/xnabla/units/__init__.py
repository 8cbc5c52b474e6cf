"""pint, and only here: unit text in, pint units, factors and CF text out."""

from __future__ import annotations

from xnabla.units._convert import conversion_factor, difference, rate, scale_and_zero
from xnabla.units._parse import parse
from xnabla.units._quantity import attach, is_quantity, split_quantity
from xnabla.units._unit import (
    Unit,
    cf_string,
    dimension_text,
    in_registry_of,
    is_logarithmic,
    is_offset,
    registry_of,
)

__all__ = [
    "Unit",
    "attach",
    "cf_string",
    "conversion_factor",
    "difference",
    "dimension_text",
    "in_registry_of",
    "is_logarithmic",
    "is_offset",
    "is_quantity",
    "parse",
    "rate",
    "registry_of",
    "scale_and_zero",
    "split_quantity",
]
