"""What a call of ``descend`` asks for, checked before anything is computed."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np

from xnabla.descent.engine._delegated import DELEGATES
from xnabla.descent.engine._methods import METHODS
from xnabla.descent.engine._packing import Packing
from xnabla.descent.engine._samples import Samples
from xnabla.descent.engine._settings import History
from xnabla.errors import OptionError, explain

# Up to so many parameters the matrix of second derivatives is cheap.
_FEW = 16


def method_for(
    method: str,
    packing: Packing,
    *,
    has_rate: bool,
    has_momentum: bool,
    has_batches: bool,
    has_bounds: bool,
) -> str:
    """Return the method to take.

    Raises
    ------
    OptionError
        If there is none of that name, or it cannot do what else is asked for.
    """
    if method == "auto":
        method = _automatic(packing, has_rate, has_momentum, has_batches)
    if method not in METHODS and method not in DELEGATES:
        raise OptionError(
            explain(
                f"There is no method {method!r}",
                expected="one of " + ", ".join(["auto", *METHODS, *DELEGATES]),
                got=repr(method),
                hint='method="auto"',
            )
        )
    takes_rate = method in METHODS and METHODS[method].takes_rate
    if has_rate and not takes_rate:
        _refuse(method, "takes no learning_rate", [m for m in METHODS if _rated(m)])
    if has_batches and not (method in METHODS and METHODS[method].samples):
        _refuse(method, "takes no batches", ["sgd", "adam"])
    if method in DELEGATES and packing.cells:
        _refuse(method, "goes down one problem, not one in each cell", [*METHODS])
    if has_bounds and method in DELEGATES and not DELEGATES[method].bounded:
        _refuse(method, "takes no bounds", [*METHODS, "lbfgs"])
    return method


def _automatic(
    packing: Packing, has_rate: bool, has_momentum: bool, has_batches: bool
) -> str:
    if has_batches:
        return "sgd" if has_rate and has_momentum else "adam"
    if has_momentum:
        return "momentum"
    if has_rate:
        return "gd"
    if packing.n_parameters <= _FEW:
        return "newton"
    return "bb" if packing.cells else "lbfgs"


def _rated(method: str) -> bool:
    return METHODS[method].takes_rate


def _refuse(method: str, what: str, others: list[str]) -> None:
    raise OptionError(
        explain(
            f"Method {method!r} {what}",
            expected="one of " + ", ".join(others),
            got=repr(method),
            hint=f'method="{others[0]}"',
        )
    )


def check_numbers(
    *,
    gtol: float,
    xtol: float,
    ftol: float,
    max_iterations: int,
    momentum: float | None,
    history: str,
) -> None:
    """Refuse tolerances and counts that cannot be.

    Raises
    ------
    OptionError
    """
    for name, value in (("gtol", gtol), ("xtol", xtol), ("ftol", ftol)):
        if not _is_number(value) or not 0 <= value < 1:
            _refuse_value(name, value, "a number from 0 to 1", f"{name}=1e-9")
    if not _is_whole(max_iterations) or max_iterations < 1:
        _refuse_value("max_iterations", max_iterations, "a whole number above 0", "500")
    if momentum is not None and not (_is_number(momentum) and 0 <= momentum < 1):
        _refuse_value("momentum", momentum, "a number from 0 to below 1", "0.9")
    if history not in get_args(History):
        kinds = ", ".join(map(repr, get_args(History)))
        _refuse_value("history", history, f"one of {kinds}", 'history="domain"')


def batch_size_for(batch_size: Any, samples: Samples | None) -> int | None:
    """Return the size of a batch; None for all samples at once.

    Raises
    ------
    OptionError
        If there are no samples, or not so many.
    """
    if batch_size is None:
        return None
    if samples is None or not samples.size:
        raise OptionError(
            explain(
                f"batch_size={batch_size!r} needs samples to take batches of",
                expected="data=, which the cost takes after the parameters",
                hint='xn.descend(lambda p, d: ..., x0, data=d, sample_dim="time")',
            )
        )
    if not _is_whole(batch_size) or not 1 <= batch_size <= samples.size:
        _refuse_value(
            "batch_size", batch_size, f"a whole number from 1 to {samples.size}", "32"
        )
    return int(batch_size)


def seed_for(seed: Any) -> int:
    """Return a seed: the one given, or one drawn, to be told in the result.

    Raises
    ------
    OptionError
        If it is no whole number above -1.
    """
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if not _is_whole(seed) or seed < 0:
        _refuse_value("seed", seed, "a whole number from 0", "seed=0")
    return int(seed)


def _is_number(value: Any) -> bool:
    real = isinstance(value, (int, float, np.integer, np.floating))
    return real and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _refuse_value(name: str, value: Any, expected: str, hint: str) -> None:
    raise OptionError(
        explain(
            f"{name} cannot be {value!r}",
            expected=expected,
            got=repr(value),
            hint=hint if "=" in hint else f"{name}={hint}",
        )
    )
