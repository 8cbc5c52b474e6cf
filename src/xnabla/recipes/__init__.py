"""Whole jobs, file to file, as plain data."""

from xnabla.recipes._info import info_lines
from xnabla.recipes._job import Job, run
from xnabla.recipes._memory import bytes_of
from xnabla.recipes._summary import summary_lines

__all__ = ["Job", "bytes_of", "info_lines", "run", "summary_lines"]
