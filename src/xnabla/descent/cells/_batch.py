"""A model fitted to blocks of cells, as rows of numbers; plain arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from xnabla.descent._status import Status
from xnabla.descent.cells._jacobian import Jacobian
from xnabla.descent.cells._linear import EXTRAS, Problem
from xnabla.descent.cells._loss import Loss
from xnabla.descent.cells._marquardt import Arrived, Stops, marquardt
from xnabla.descent.cells._sums import SMALLEST

Floats = NDArray[np.float64]


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def fit_batch(
    problem: Problem,
    jacobian: Jacobian,
    values: Floats,
    weights: Floats | None,
    start: Floats,
    limits: tuple[Floats, Floats],
    loss: str,
    knee: float | None,
    stops: Stops,
    histories: list[Floats],
) -> Floats:
    """Return the fit of a block of cells (n, c), as rows of numbers."""
    y = np.ascontiguousarray(values.T)
    missing = np.isnan(y)
    w = None if weights is None else np.broadcast_to(weights.T, y.shape)
    if w is not None:
        missing |= ~(w > 0.0)
    n = (~missing).sum(axis=1).astype(np.float64)
    if missing.any():
        np.copyto(y, 0.0, where=missing)
        w = np.where(missing, 0.0, 1.0 if w is None else w)
    k = len(problem.names)
    enough = n >= max(problem.min_valid, k + 1)
    out = np.full((problem.rows, len(n)), np.nan)
    extras = dict(zip(EXTRAS, out[-len(EXTRAS) :], strict=True))
    extras["n"][:] = n
    extras["iterations"][:] = 0.0
    extras["status"][:] = np.where(n == 0, Status.ALL_MISSING, Status.TOO_FEW_DATA)
    if not enough.any():
        return out
    y, some = y[enough], n[enough]
    w = None if w is None else np.ascontiguousarray(w[enough])
    arrived, robust = _descended(
        jacobian, y, w, start[:, enough], limits, loss, knee, stops
    )
    histories.append(arrived.history)
    left = y - jacobian.value(arrived.p)
    if w is not None:
        left *= np.sqrt(w)
        np.copyto(left, 0.0, where=w == 0.0)
    n_eff = some if problem.se == "ols" else _independent(left, some, w)
    freedom = n_eff - k
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.where(freedom > 0.0, robust(left, freedom, some), np.nan)
    covariance = arrived.inverse * variance
    mean = y.mean(axis=1) if w is None else (y * w).sum(axis=1) / w.sum(axis=1)
    apart = (
        y - mean[:, np.newaxis] if w is None else (y - mean[:, np.newaxis]) * (w > 0)
    )
    spread = apart**2 if w is None else apart**2 * w
    total = spread.sum(axis=1)
    vanished = (total < SMALLEST) & (apart != 0.0).any(axis=1)
    status = np.where(vanished, Status.DIVERGED, arrived.status)
    found = np.concatenate([arrived.p, covariance[np.tril_indices(k)]])
    out[: len(found), enough] = np.where(status == Status.DIVERGED, np.nan, found)
    for name, row in (
        ("n_eff", n_eff),
        ("freedom", freedom),
        ("cost", arrived.cost),
        ("total", total),
        ("gradient", arrived.gradient),
        ("iterations", arrived.iterations),
        ("status", status),
    ):
        extras[name][enough] = row
    return out


def _descended(
    jacobian: Jacobian,
    y: Floats,
    w: Floats | None,
    start: Floats,
    limits: tuple[Floats, Floats],
    loss: str,
    knee: float | None,
    stops: Stops,
) -> tuple[Arrived, Callable[[Floats, Floats, Floats], Floats]]:
    """Return where cells arrive, and what makes the variance of their residuals."""
    c = len(y)
    low, high = (np.repeat(one[:, np.newaxis], c, axis=1) for one in limits)

    def squares(left: Floats, freedom: Floats, n: Floats) -> Floats:
        del n
        variance: Floats = (left**2).sum(axis=1) / freedom
        return variance

    if loss == "linear":
        return marquardt(jacobian, y, w, start, (low, high), stops=stops), squares
    if knee is None:
        first = marquardt(jacobian, y, w, start, (low, high), stops=stops)
        knees = _robust_size(y - jacobian.value(first.p), w)
        begin = np.where(np.isfinite(first.p), first.p, start)
    else:
        knees, begin = np.full(c, knee), start
    arrived = marquardt(
        jacobian, y, w, begin, (low, high), loss=Loss(knees), stops=stops
    )

    def huber(left: Floats, freedom: Floats, n: Floats) -> Floats:
        size = np.abs(left)
        pulled = np.minimum(size, knees[:, np.newaxis]) ** 2
        inside = (size <= knees[:, np.newaxis]) & (size > 0.0)
        part = np.maximum(inside.sum(axis=1), 1.0) / n
        # Huber (1981), eq. 6.5: variance of ψ by the square of the mean of ψ'
        variance: Floats = pulled.sum(axis=1) / freedom / part**2
        return variance

    return arrived, huber


def _robust_size(left: Floats, w: Floats | None) -> Floats:
    """Return 1.345 robust standard deviations of residuals, cell by cell."""
    size = np.abs(left) if w is None else np.where(w > 0.0, np.abs(left), np.nan)
    with np.errstate(invalid="ignore"):
        middle = np.nanmedian(np.where(np.isfinite(size), size, np.nan), axis=1)
    knees = 1.345 * middle / 0.6744897501960817
    tiny = np.finfo(np.float64).tiny
    positive: Floats = np.where(knees > 0.0, knees, tiny)
    return positive


def _independent(left: Floats, n: Floats, w: Floats | None) -> Floats:
    """Return the number of independent values, from the memory of the residuals."""
    if w is not None:  # gaps are closed: neighbours are valid values in a row
        order = np.argsort(w == 0.0, axis=1, kind="stable")
        left = np.take_along_axis(left, order, axis=1)
    products = (left[:, 1:] * left[:, :-1]).sum(axis=1) / np.maximum(n - 1.0, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.nan_to_num(products / ((left**2).sum(axis=1) / n))
    r = np.clip(r, 0.0, 1.0)
    independent: Floats = n * (1.0 - r) / (1.0 + r)
    return independent
