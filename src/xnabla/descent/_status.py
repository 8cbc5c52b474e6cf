"""How a descent ended, as a CF flag: the one list every result of this room uses."""

from __future__ import annotations

import enum
import warnings
from typing import Any

import numpy as np


class Status(enum.IntEnum):
    """How a descent, a fit or a search ended in one cell or at one point.

    Examples
    --------
    >>> Status.TOO_FEW_DATA.meaning
    'too_few_data'
    """

    CONVERGED_GRADIENT = 0
    CONVERGED_STEP = 1
    CONVERGED_COST = 2
    MAX_ITERATIONS = 3
    DIVERGED = 4
    LINE_SEARCH_FAILED = 5
    TOO_FEW_DATA = 6
    SINGULAR = 7
    ALL_MISSING = 8
    AT_BOUND = 9
    LEFT_DOMAIN = 10
    EXACT = 11
    STOPPED = 12

    @property
    def meaning(self) -> str:
        """The word CF's ``flag_meanings`` has for it."""
        return self.name.lower()


# What counts as an answer.
CONVERGED = (
    Status.CONVERGED_GRADIENT,
    Status.CONVERGED_STEP,
    Status.CONVERGED_COST,
    Status.AT_BOUND,
    Status.EXACT,
)


def status_attributes() -> dict[str, Any]:
    """Return the attributes of a ``status`` variable: CF flags.

    Examples
    --------
    >>> status_attributes()["flag_meanings"].split()[:2]
    ['converged_gradient', 'converged_step']
    """
    return {
        "long_name": "how the descent ended",
        "flag_values": np.array([*Status], dtype=np.int8),
        "flag_meanings": " ".join(one.meaning for one in Status),
    }


def is_converged(status: Any) -> Any:
    """Return where a status says that there is an answer.

    Examples
    --------
    >>> is_converged(np.array([0, 3, 11]))
    array([ True, False,  True])
    """
    return np.isin(status, CONVERGED)


def summary_of(status: Any, what: str = "cells") -> str:
    """Return one sentence on what did not converge; empty if everything did.

    Examples
    --------
    >>> summary_of(np.array([0, 3, 3, 6]))
    '3 of 4 cells not converged: 2 max_iterations, 1 too_few_data'
    """
    status = np.asarray(status)
    failed = status[~is_converged(status)]
    if not failed.size:
        return ""
    kinds, counts = np.unique(failed, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    told = ", ".join(f"{counts[i]} {Status(int(kinds[i])).meaning}" for i in order)
    return f"{failed.size} of {status.size} {what} not converged: {told}"


def warn_of(status: Any, what: str = "cells", stacklevel: int = 3) -> None:
    """Warn once of what did not converge, if anything.

    Cells without any data are no news: a mask is not a failure.
    """
    status = np.asarray(status)
    told = summary_of(status[status != Status.ALL_MISSING], what)
    if told:
        warnings.warn(told, RuntimeWarning, stacklevel=stacklevel)
