"""Labelled to plain and back: split at the door, describe at the exit."""

from xnabla.labels._describe import dequantify, describe, quantify
from xnabla.labels._names import (
    cell_methods_without,
    derivative_long_name,
    derivative_name,
    derivative_standard_name,
)
from xnabla.labels._notebook import part_html
from xnabla.labels._results import NONLINEAR, RESULTS, naming_of
from xnabla.labels._split import Plain, as_floating, check_field, split, title_of

__all__ = [
    "NONLINEAR",
    "RESULTS",
    "Plain",
    "as_floating",
    "cell_methods_without",
    "check_field",
    "dequantify",
    "derivative_long_name",
    "derivative_name",
    "derivative_standard_name",
    "describe",
    "naming_of",
    "part_html",
    "quantify",
    "split",
    "title_of",
]
