"""Pictures of results: maps, sections, lines, vectors, and the panels of a gradient."""

from __future__ import annotations

from xnabla.plot._accuracy import accuracy
from xnabla.plot._basins import basins
from xnabla.plot._convergence import convergence
from xnabla.plot._draw import field
from xnabla.plot._extrema import extrema
from xnabla.plot._figure import picture_format, save_figure
from xnabla.plot._gradient import gradient
from xnabla.plot._helmholtz import helmholtz
from xnabla.plot._outlines import closed_contours
from xnabla.plot._panes import panel_count
from xnabla.plot._paths import paths
from xnabla.plot._persistence import persistence
from xnabla.plot._section import section
from xnabla.plot._series import timeseries
from xnabla.plot._status import status
from xnabla.plot._streams import streamlines
from xnabla.plot._text import axis_label
from xnabla.plot._trend import harmonics, regression, trend
from xnabla.plot._unit_text import pretty_units
from xnabla.plot._vector import panels, vectors

__all__ = [
    "accuracy",
    "axis_label",
    "basins",
    "closed_contours",
    "convergence",
    "extrema",
    "field",
    "gradient",
    "harmonics",
    "helmholtz",
    "panel_count",
    "panels",
    "paths",
    "persistence",
    "picture_format",
    "pretty_units",
    "regression",
    "save_figure",
    "section",
    "status",
    "streamlines",
    "timeseries",
    "trend",
    "vectors",
]

# What some were called before they had public names.
draw, draw_gradient, draw_vector, draw_panels = field, gradient, vectors, panels
