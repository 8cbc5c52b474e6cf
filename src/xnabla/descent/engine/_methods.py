"""The methods, as data: a direction, a step, and what ends them.

Plain arrays only. To add a method, write its direction in ``_directions`` and a row
here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xnabla.descent.engine._directions import (
    HEAVY,
    Heading,
    accelerated,
    epoch_of_adam,
    epoch_of_sgd,
    heavy_ball,
    newton,
    spectral,
    steepest,
)
from xnabla.descent.engine._problem import Problem, State
from xnabla.descent.engine._rates import (
    Rates,
    inverse_curvature,
    part_of_the_way,
    searched,
    stable,
)
from xnabla.descent.engine._settings import Settings
from xnabla.descent.engine._steps import Move, along, along_or_back, damped, trusted


@dataclass(frozen=True, slots=True)
class Method:
    """A way down.

    Attributes
    ----------
    title : str
        What people call it.
    direction, step : callable
        Where to go, and how far.
    automatic : callable
        The rate it takes if none is given.
    patience : int
        After so many iterations without a fall, an automatic rate is halved; 0: never.
    rises_tell : bool
        Whether a cost that rises at a fixed rate five times in a row is diverging;
        momentum may carry it up that long.
    takes_rate : bool
        Whether a fixed learning rate means anything to it.
    widened : callable
        The stability limit, of a quadratic of curvature one, for a momentum.
    samples : bool
        Whether it can go by batches of the samples.
    """

    title: str
    direction: Callable[[Problem, State, Settings], Heading]
    step: Callable[[Problem, Heading, Settings], Move]
    automatic: Callable[[Problem, State], Rates]
    patience: int = 0
    rises_tell: bool = False
    takes_rate: bool = True
    widened: Callable[[float | None], float] = lambda _: 2.0
    samples: bool = False


def _of_heavy_ball(momentum: float | None) -> float:
    return 2.0 * (1.0 + (HEAVY if momentum is None else momentum))


def _of_accelerated(momentum: float | None) -> float:
    beta = 1.0 if momentum is None else momentum
    return 2.0 * (1.0 + beta) / (1.0 + 2.0 * beta)


METHODS: dict[str, Method] = {
    "gd": Method("gradient descent", steepest, along, stable, rises_tell=True),
    "momentum": Method("heavy ball", heavy_ball, along, stable, widened=_of_heavy_ball),
    "nesterov": Method(
        "accelerated gradient with restart",
        accelerated,
        along_or_back,
        stable,
        widened=_of_accelerated,
    ),
    "bb": Method("Barzilai-Borwein", spectral, along, searched, takes_rate=False),
    "adam": Method(
        "Adam", epoch_of_adam, along, part_of_the_way, patience=10, samples=True
    ),
    "sgd": Method(
        "stochastic gradient descent",
        epoch_of_sgd,
        along,
        inverse_curvature,
        patience=3,
        samples=True,
    ),
    "newton": Method("Newton", newton, along, searched, takes_rate=False),
    "lm": Method("Levenberg-Marquardt", damped, trusted, searched, takes_rate=False),
}
