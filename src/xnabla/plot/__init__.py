"""Pictures of results: maps, sections, lines, and the three panels of a gradient."""

from __future__ import annotations

from xnabla.plot._draw import draw
from xnabla.plot._figure import picture_format, save_figure
from xnabla.plot._gradient import draw_gradient
from xnabla.plot._text import axis_label
from xnabla.plot._unit_text import pretty_units

__all__ = [
    "axis_label",
    "draw",
    "draw_gradient",
    "picture_format",
    "pretty_units",
    "save_figure",
]
