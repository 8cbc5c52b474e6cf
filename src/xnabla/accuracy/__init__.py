"""How accurate the operators are on a grid: waves with known derivatives laid on it.

Reading order: ``_waves`` has the closed forms, ``_sites`` where the points of a grid
are, ``_judge`` the errors, ``_facts`` what the grid is like, ``_measure`` puts them
together as the ``_report``; ``_named`` makes grids from a word.
"""

from typing import TYPE_CHECKING

from xnabla._lazy import attach

if TYPE_CHECKING:
    from xnabla.accuracy._measure import accuracy_report
    from xnabla.accuracy._named import named_grid
    from xnabla.accuracy._report import AccuracyReport

__all__ = ["AccuracyReport", "accuracy_report", "named_grid"]

_HOMES = {
    "_measure": "accuracy_report",
    "_named": "named_grid",
    "_report": "AccuracyReport",
}

__getattr__, __dir__ = attach(
    __name__,
    {
        name: f"{__name__}.{home}"
        for home, names in _HOMES.items()
        for name in names.split()
    },
)
