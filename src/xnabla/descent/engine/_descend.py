"""Descent of a cost of labelled parameters with units: the public face."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent._status import Status, summary_of
from xnabla.descent.engine._bounds import bounds_of
from xnabla.descent.engine._choices import (
    batch_size_for,
    check_numbers,
    method_for,
    seed_for,
)
from xnabla.descent.engine._costs import Face, face_of
from xnabla.descent.engine._delegated import DELEGATES
from xnabla.descent.engine._loop import Book, Watch, descended
from xnabla.descent.engine._methods import METHODS
from xnabla.descent.engine._outcome import Outcome
from xnabla.descent.engine._packing import packing_of
from xnabla.descent.engine._problem import Array, Batches
from xnabla.descent.engine._progress import Progress
from xnabla.descent.engine._rate import Rate, rate_of
from xnabla.descent.engine._results import result_of, view_of
from xnabla.descent.engine._samples import samples_of
from xnabla.descent.engine._scales import curved, given_sizes, typical
from xnabla.descent.engine._settings import History, Settings
from xnabla.descent.engine._slopes import TITLES, Slopes, slopes_of
from xnabla.errors import OptionError, explain


def descend(
    cost: Callable[..., Any],
    x0: Any,
    *,
    grad: Any = None,
    method: str = "auto",
    dim: str | int | None = None,
    cells: Any = None,
    learning_rate: Any = "auto",
    momentum: float | None = None,
    data: Any = None,
    sample_dim: str | None = None,
    batch_size: int | None = None,
    seed: int | None = None,
    bounds: Any = None,
    standardize: Any = None,
    gtol: float = 1e-9,
    xtol: float = 1e-10,
    ftol: float = 0.0,
    max_iterations: int = 500,
    history: History = "domain",
    callback: Callable[[int, xr.Dataset], Any] | None = None,
    progress: bool | None = None,
) -> xr.Dataset:
    r"""Return where a cost is lowest, by walking down its gradient.

    .. math:: x_{n+1} = x_n - \alpha \nabla J(x_n)

    and its faster relatives. Parameters may have units, mixed ones too; a cost may be
    one number, or one in every cell, and then each cell goes its own way.

    Parameters
    ----------
    cost : callable
        ``cost(x)``, or ``cost(x, data)`` with ``data=``. It gets parameters of the kind
        of ``x0``, as pint quantities where those have units, and returns one number or
        quantity; with ``cells`` a field of one for each cell.
    x0 : number, Quantity, array, DataArray, Dataset or mapping of these
        Where to begin. It is not changed.
    grad : callable, "complex", "finite" or "jax", optional
        ``grad(x)`` returns the gradient in the shape of ``x0``, in the unit of the cost
        over that of the parameter. By default complex steps, which are exact for
        analytic costs and are compared once with central differences; those are taken
        where the two disagree.
    method : str
        ``gd``, ``momentum``, ``nesterov``, ``bb`` (Barzilai-Borwein), ``adam``,
        ``sgd``, ``newton``, ``lm`` (damped Newton); by scipy and for a single cost
        ``lbfgs``, ``newton-cg``, ``trust-ncg``, ``trust-krylov``, ``trust-constr``.
        ``auto`` is ``newton`` for up to 16 parameters, else ``lbfgs``, and ``bb`` in
        cells; ``adam`` for batches.
    dim : str or int, optional
        The dimension of ``x0`` that counts the parameters: all others are cells.
    cells : True or sequence of str, optional
        The dimensions that are cells: all of ``x0``, or these.
    learning_rate : "auto", number, Quantity or mapping of Quantity
        A number counts in standardised parameters, where 1 leads a lone parabola to its
        bottom, unless nothing has a unit: then it is raw, and so is a quantity of the
        unit [x]²/[J] (for ``adam`` [x]). ``auto`` is 1/L for a quadratic of largest
        curvature L, else a line search (Armijo); ``adam`` and ``sgd`` halve theirs when
        the cost stops falling. A fixed rate above 2/L is warned of, and diverges.
    momentum : float, optional
        By default 0.9 for ``momentum``, growing for ``nesterov``, none for ``sgd``.
    data : Dataset, DataArray, arrays, or a mapping or sequence of these, optional
        What the cost takes beside the parameters.
    sample_dim : str, optional
        The dimension of ``data`` that counts samples; plain arrays have it first.
    batch_size : int, optional
        How many samples one step of ``sgd`` or ``adam`` sees; the cost has to be a mean
        over samples. An iteration is a pass through all of them.
    seed : int, optional
        Of the shuffling; a drawn one is told in ``attrs``.
    bounds : pair, or mapping of name to pair, optional
        Lowest and highest values, None for none.
    standardize : bool or mapping of name to size, optional
        Whether to descend in numbers z = x / size, with sizes given, or such that the
        cost bends alike along each parameter. By default yes, but not for a raw
        ``learning_rate``.
    gtol, xtol, ftol : float
        Arrived when the gradient is this part of the first, or the way still to go this
        part of x, or the fall still to come this part of the cost. That way and fall
        are extrapolated: a small step alone is no arrival. ``ftol=0`` is off. ``adam``
        and ``sgd`` heed the gradient alone.
    max_iterations : int
        After which a cell is left where it was best.
    history : {"domain", "cells", "none"}
        What to keep of each iteration: sum, 10 %, median and 90 % of all cells, or
        every cell.
    callback : callable, optional
        ``callback(iteration, dataset)`` after each iteration; true stops.
    progress : bool, optional
        Whether to show a bar; by default on a terminal, after three seconds.

    Returns
    -------
    Dataset
        The parameters by name, ``solution`` for a lone one, with ``cost``,
        ``gradient_norm``, ``n_iterations``, ``n_evaluations``, ``n_valid``,
        ``converged``, ``status`` (CF flags) and the histories over ``iteration``. What
        did not converge has its best point, and one warning tells how many. After
        Ctrl-C the status is ``stopped``.

    Raises
    ------
    FieldError
        If x0, the cost or the gradient is of a kind or shape that cannot be.
    OptionError
        If an option cannot be.
    UnitsError
        If units do not fit.

    References
    ----------
    Nocedal, J. and Wright, S. J. (2006), Numerical Optimization, 2nd ed., Springer.
    O'Donoghue, B. and Candès, E. (2015), Found. Comput. Math. 15, 715-732.

    Examples
    --------
    >>> found = descend(lambda x: x**2 - 4 * x + 3, 0.0, method="gd")
    >>> print(f"{float(found.solution):.6f}, {float(found.cost):.6f}")
    2.000000, -1.000000
    >>> import pint
    >>> Q = pint.get_application_registry().Quantity
    >>> found = descend(lambda t: (t - Q(12.0, "degC")) ** 2, Q(280.0, "K"))
    >>> print(f"{found.solution.data:.2f}, {found.cost.data:.1f}")
    285.15 kelvin, 0.0 kelvin ** 2
    """
    check_numbers(
        gtol=gtol,
        xtol=xtol,
        ftol=ftol,
        max_iterations=max_iterations,
        momentum=momentum,
        history=history,
    )
    _check_cost(cost)
    packing, start = packing_of(x0, dim, cells)
    samples = samples_of(data, sample_dim)
    size = batch_size_for(batch_size, samples)
    given_rate = not isinstance(learning_rate, str)
    method = method_for(
        method,
        packing,
        has_rate=given_rate,
        has_momentum=momentum is not None,
        has_batches=size is not None,
        has_bounds=bounds is not None,
    )
    box = bounds_of(bounds, packing, start)
    face = face_of(packing, cost, samples, start)
    rate = rate_of(learning_rate, method, face)
    face = face.scaled(typical(packing, start))
    slopes = slopes_of(face, grad)
    face = face.scaled(_sizes(face, slopes, rate, standardize))
    slopes = replace(slopes, face=face)
    batches = None
    if size is not None and samples is not None:
        batches = Batches(samples.size, size, seed_for(seed))
    settings = Settings(
        learning_rate=rate.number,
        momentum=momentum,
        gtol=gtol,
        xtol=xtol,
        ftol=ftol,
        max_iterations=max_iterations,
        history=history,
    )
    bar = Progress(progress, max_iterations)
    try:
        outcome = descended(
            face.costs,
            slopes,
            face.whole,
            method=method,
            settings=settings,
            bounds=None if box is None else (box[0] / face.scale, box[1] / face.scale),
            batches=batches,
            watch=_watch(face, callback, bar),
        )
    finally:
        bar.close()
    _warn(outcome, learning_rate, rate, packing.n_cells)
    attributes = _attributes(method, settings, learning_rate, slopes, batches, face)
    at_end = slopes(outcome.solution, np.arange(len(start)))
    return result_of(face, outcome, at_end, attributes)


def _check_cost(cost: Any) -> None:
    if not callable(cost):
        raise OptionError(
            explain(
                "The cost is no function",
                expected="a callable of the parameters",
                got=type(cost).__name__,
                hint="xn.descend(lambda x: (x - 2) ** 2, 0.0)",
            )
        )


def _sizes(face: Face, slopes: Slopes, rate: Rate, standardize: Any) -> Array:
    """Return the sizes of the parameters to descend in."""
    shape = face.scale.shape
    if rate.sizes is not None:
        if standardize not in (None, False):
            raise OptionError(
                explain(
                    "A learning_rate with a unit is raw",
                    expected="standardize=False, or a rate that is a plain number",
                    got=f"standardize={standardize!r}",
                )
            )
        return np.broadcast_to(rate.sizes, shape).copy()
    if isinstance(standardize, Mapping):
        sizes = given_sizes(face.packing, standardize, "standardize")
        return np.broadcast_to(sizes, shape).copy()
    if standardize not in (None, True, False):
        raise OptionError(
            explain(
                f"standardize cannot be {standardize!r}",
                expected="True, False, or a mapping of names to sizes",
            )
        )
    has_units = any(part.unit is not None for part in face.packing.parts)
    if standardize is None:
        standardize = has_units or rate.is_automatic
    if standardize:
        return curved(face, slopes)
    if has_units and not rate.is_automatic:
        raise OptionError(
            explain(
                "A raw learning_rate needs a unit, for the parameters have units",
                expected="a quantity in the unit of parameter² / cost",
                got=rate.number,
                hint="standardize=True, or a quantity",
            )
        )
    return np.ones(shape)


def _watch(face: Face, callback: Any, bar: Progress) -> Watch:
    def watch(iteration: int, book: Book) -> bool:
        arrived = float(np.mean(book.status >= 0))
        bar.tell(iteration, arrived, float(np.nanmean(book.f)))
        if callback is None:
            return False
        view = view_of(face, book.x, book.f, book.gradient_norm, book.status)
        return bool(callback(iteration, view))

    return watch


def _warn(outcome: Outcome, given: Any, rate: Rate, n_cells: int) -> None:
    """Warn once of all that did not arrive, and of the rate if that is why."""
    status = outcome.status
    told = summary_of(
        status[(status != Status.ALL_MISSING) & (status != Status.STOPPED)],
        "cells" if n_cells > 1 else "descents",
    )
    with np.errstate(invalid="ignore"):
        limit = np.nanmin(np.append(outcome.stability_limit, np.inf))
    if not rate.is_automatic and float(rate.number) >= limit * (1 - 1e-12):
        stable = limit if rate.sizes is None else f"{limit:.4g} times that"
        stable = f"{stable:.4g}" if isinstance(stable, float) else stable
        reason = (
            f"learning_rate {given} is not below the stability limit {stable} of this "
            "problem, 2 / its largest curvature: use 'auto'"
        )
        told = f"{reason}. {told}" if told else reason
    if told:
        warnings.warn(told, RuntimeWarning, stacklevel=3)


def _attributes(
    method: str,
    settings: Settings,
    learning_rate: Any,
    slopes: Slopes,
    batches: Batches | None,
    face: Face,
) -> dict[str, Any]:
    """Return what allows to repeat the numbers."""
    title = METHODS[method].title if method in METHODS else DELEGATES[method].title
    told: dict[str, Any] = {
        "title": f"Minimum by {title}",
        "method": method,
        "gradient": TITLES[slopes.kind],
        "gtol": settings.gtol,
        "xtol": settings.xtol,
        "ftol": settings.ftol,
        "max_iterations": settings.max_iterations,
        "history": settings.history,
    }
    if method in METHODS and METHODS[method].takes_rate:
        told["learning_rate"] = str(learning_rate)
        told["standardized"] = str(bool((face.scale != 1.0).any())).lower()
    if settings.momentum is not None:
        told["momentum"] = settings.momentum
    if batches is not None:
        told |= {"batch_size": batches.size, "seed": batches.seed}
    return told
