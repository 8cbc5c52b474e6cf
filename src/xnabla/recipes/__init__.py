"""Whole jobs, file to file, as plain data."""

from xnabla.recipes._check import Check, check_lines
from xnabla.recipes._info import info_lines
from xnabla.recipes._job import Job, run
from xnabla.recipes._memory import bytes_of
from xnabla.recipes._summary import summary_lines

__all__ = [
    "Check",
    "Job",
    "bytes_of",
    "check_lines",
    "info_lines",
    "run",
    "summary_lines",
]
