"""The descent engine: methods as data, one loop, and the labelled face of both.

``descended`` runs on plain arrays, any number of cells at once; other rooms of
``descent`` call it with their own costs. ``descend`` is its labelled, unit-carrying
front. Reading order: ``_problem`` and ``_settings`` go in, ``_outcome`` comes out;
``_methods`` pairs ``_directions`` with ``_steps``; ``_rates`` and ``_curvature`` find
the learning rate, ``_stops`` the end; ``_loop`` is the loop.
"""

from typing import TYPE_CHECKING

from xnabla._lazy import attach

if TYPE_CHECKING:
    from xnabla.descent.engine._check_gradient import check_gradient
    from xnabla.descent.engine._delegated import DELEGATES
    from xnabla.descent.engine._descend import descend
    from xnabla.descent.engine._loop import descended
    from xnabla.descent.engine._methods import METHODS, Method
    from xnabla.descent.engine._outcome import Outcome
    from xnabla.descent.engine._problem import Batches
    from xnabla.descent.engine._settings import STATISTICS, Settings

__all__ = [
    "DELEGATES",
    "METHODS",
    "STATISTICS",
    "Batches",
    "Method",
    "Outcome",
    "Settings",
    "check_gradient",
    "descend",
    "descended",
]

_HOMES = {
    "_check_gradient": "check_gradient",
    "_delegated": "DELEGATES",
    "_descend": "descend",
    "_loop": "descended",
    "_methods": "METHODS Method",
    "_outcome": "Outcome",
    "_problem": "Batches",
    "_settings": "STATISTICS Settings",
}

__getattr__, __dir__ = attach(
    __name__,
    {
        name: f"{__name__}.{home}"
        for home, names in _HOMES.items()
        for name in names.split()
    },
)
