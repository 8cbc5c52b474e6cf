"""How a descent is made: its rate, its tolerances, what it remembers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

History = Literal["domain", "cells", "none"]

# What the history of a whole domain tells of its cells.
STATISTICS = ("sum", "p10", "median", "p90")


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    r"""How to descend.

    Attributes
    ----------
    learning_rate : float, array (cells,) or "auto"
        The step is this times the direction. ``"auto"`` takes 1/L where the cost is a
        quadratic of largest curvature L, else a line search that makes sure of a
        decrease; adam takes a part of the way to the next valley and sgd 1/L, halved
        whenever the cost stops falling.
    momentum : float, optional
        The part of the last step that is taken again: 0.9 for ``momentum``, none for
        ``sgd``, a growing one for ``nesterov`` unless it is given.
    gtol : float
        Arrived when the gradient is this part of the first one.
    xtol : float
        Arrived when the way still to go is this part of the point's own length.
    ftol : float
        Arrived when the cost still to lose is this part of the cost; 0: never. A cost
        is flat near its lowest point: 1e-10 of it are 1e-5 of the way.
    max_iterations : int
        After which a cell is left where it was best.
    history : {"domain", "cells", "none"}
        What to keep of every iteration.

    Notes
    -----
    The way still to go is no step: a small rate makes small steps far from the end.
    With :math:`s` the last step and :math:`r` the largest ratio of a step to the one
    before, of the last eight, it is at most :math:`s r / (1 - r)`, the rest of a
    geometric series. Steps that do not shrink promise no end.
    """

    learning_rate: Any = "auto"
    momentum: float | None = None
    gtol: float = 1e-9
    xtol: float = 1e-10
    ftol: float = 0.0
    max_iterations: int = 500
    history: History = "domain"
