"""Gradients of a caller's cost: his own, or by complex steps, differences or jax."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from xnabla.descent._roots import root_factor
from xnabla.descent.engine._costs import Face, quiet, slopes_from
from xnabla.descent.engine._problem import Array
from xnabla.errors import FieldError, OptionError, explain

# Far below rounding: the imaginary part is the derivative, exactly.
_COMPLEX_STEP = 1e-30
_STEP = float(np.cbrt(np.finfo(np.float64).eps))
_ALIKE = 1e-3
# Differences of so many times the usual size are tried: nobody knows how fast a cost
# of a parameter that starts from nought will bend.
_SIZES = (1.0, 1e-4, 1e2)

_Cast = np.exceptions.ComplexWarning

TITLES = {
    "given": "given",
    "complex": "complex step",
    "finite": "central differences",
    "jax": "jax",
}


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """How the gradient is found."""

    face: Face
    kind: str
    function: Callable[..., Any] | None = None

    def __call__(self, points: Array, cells: Array, rows: Array | None = None) -> Array:
        """Return the gradient at points of some cells, ``(m, k)``."""
        return _KINDS[self.kind](self, points, cells, rows)


def _complex(slopes: Slopes, points: Array, cells: Array, rows: Any) -> Array:
    columns = range(points.shape[1])
    made = [_complex_column(slopes.face, points, cells, i, rows) for i in columns]
    return np.stack(made, axis=1)


def _finite(slopes: Slopes, points: Array, cells: Array, rows: Any) -> Array:
    made = np.empty(points.shape)
    moved = points.copy()
    for i in range(points.shape[1]):
        step = _STEP * np.maximum(np.abs(points[:, i]), 1.0)
        moved[:, i] = points[:, i] + step
        width = moved[:, i].copy()
        ahead = slopes.face.costs(moved, cells, rows)
        moved[:, i] = points[:, i] - step
        width -= moved[:, i]
        made[:, i] = (ahead - slopes.face.costs(moved, cells, rows)) / width
        moved[:, i] = points[:, i]
    return made


def _given(slopes: Slopes, points: Array, cells: Array, rows: Any) -> Array:
    face = slopes.face
    everywhere = face.everywhere(points, cells)
    given = face.packing.unpacked(everywhere)
    more = () if face.samples is None else (face.samples.batch(rows),)
    assert slopes.function is not None
    found = slopes_from(slopes.function(given, *more), face)
    return (found * face.scale)[cells]


def _jax(slopes: Slopes, points: Array, cells: Array, rows: Any) -> Array:
    import jax

    face = slopes.face
    everywhere = face.everywhere(points, cells)

    def total(values: Any) -> Any:
        found = face.called(values, rows)
        found = getattr(found, "magnitude", found)
        return found.sum() if np.ndim(found) else found

    with _double(jax):
        found = np.asarray(jax.grad(total)(jax.numpy.asarray(everywhere)))
    return (found * face.scale)[cells] * _unit_factor(face)


def _double(jax: Any) -> Any:
    """Return a context in which jax computes in double precision."""
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(True)
    return importlib.import_module("jax.experimental").enable_x64()


def _unit_factor(face: Face) -> float:
    return 1.0 if face.unit is None else root_factor(face.unit)


_KINDS = {"complex": _complex, "finite": _finite, "given": _given, "jax": _jax}


def slopes_of(face: Face, grad: Any) -> Slopes:
    """Return how the gradient of a cost is found.

    Parameters
    ----------
    face : Face
    grad : callable, "complex", "finite", "jax" or None
        Without one it is the complex step where that gives what differences give.

    Raises
    ------
    OptionError
        If it is none of these, or the cost takes no complex numbers.
    """
    if callable(grad):
        return Slopes(face, "given", grad)
    if grad == "jax":
        return _with_jax(face)
    if grad == "finite":
        return Slopes(face, "finite")
    if grad not in (None, "complex"):
        raise OptionError(
            explain(
                f"There is no gradient {grad!r}",
                expected="a callable, 'complex', 'finite' or 'jax'",
                got=repr(grad),
                hint="grad=None",
            )
        )
    return _checked(face, asked=grad is not None)


def _with_jax(face: Face) -> Slopes:
    if any(part.like is not None for part in face.packing.parts):
        raise OptionError(
            explain(
                "jax differentiates numbers and arrays, not labelled data",
                expected="x0 of numbers or arrays, or a mapping of them",
                hint='grad="complex"',
            )
        )
    try:
        import jax  # noqa: F401
    except ModuleNotFoundError:
        raise OptionError(
            explain(
                "jax is not installed",
                expected="it, for grad='jax'",
                hint="pip install 'xnabla[jax]'",
            )
        ) from None
    return Slopes(face, "jax")


def _checked(face: Face, *, asked: bool) -> Slopes:
    """Return the complex step, or differences where it goes wrong.

    A cost with ``abs``, a comparison or a cast to real numbers in it has no complex
    derivative, and says so only by a wrong number: compare once.
    """
    cells = np.arange(len(face.whole))
    try:
        _try_complex(face, cells)
        alike = all(
            any(_agree(face, points, cells, size) for size in _SIZES)
            for points in (face.whole, _aside(face.whole))
        )
    except (TypeError, ValueError, FieldError, _Cast) as fault:
        if asked:
            raise OptionError(
                explain(
                    f"The cost takes no complex numbers: {fault}",
                    expected="analytic arithmetic",
                    hint='grad="finite"',
                )
            ) from fault
        return Slopes(face, "finite")
    if alike:
        return Slopes(face, "complex")
    warnings.warn(
        "The complex step disagrees with central differences at x0: the cost uses abs, "
        "a comparison or real numbers in between. Central differences are used "
        'instead; grad="finite" says so at once.',
        RuntimeWarning,
        stacklevel=4,
    )
    return Slopes(face, "finite")


def _try_complex(face: Face, cells: Array) -> None:
    """Call the cost once with complex numbers; a cast to real ones is an error."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error", _Cast)
        face.costs(face.whole.astype(np.complex128), cells)


def _aside(points: Array) -> Array:
    """Return points beside others, where a gradient that is nought by chance is not."""
    drawn = np.random.default_rng(1).uniform(0.5, 1.0, points.shape[1])
    return points + 0.05 * drawn * np.maximum(np.abs(points), 1e-2)


def _agree(face: Face, points: Array, cells: Array, size: float) -> bool:
    """Tell whether both ways give the same gradient, by differences of this size."""
    # of a long vector a few parameters tell
    few = np.unique(np.linspace(0, points.shape[1] - 1, 12).astype(int))
    steps = _STEP * size * np.maximum(np.abs(points[:, few]), 1.0)
    exact, rough = np.empty(steps.shape), np.empty(steps.shape)
    with np.errstate(all="ignore"):
        for column, i in enumerate(few):
            ahead, behind = points.copy(), points.copy()
            ahead[:, i] += steps[:, column]
            behind[:, i] -= steps[:, column]
            rise = face.costs(ahead, cells) - face.costs(behind, cells)
            rough[:, column] = rise / (ahead[:, i] - behind[:, i])
            exact[:, column] = _complex_column(face, points, cells, i)
        noise = 1e-14 * np.abs(face.costs(points, cells))[:, None] / steps
        largest = np.max(np.abs(rough), axis=1, keepdims=True)
        wrong = np.abs(exact - rough) > _ALIKE * largest + noise
    wrong = (wrong & np.isfinite(rough)).any(axis=1)
    return bool(wrong.mean() <= 0.01)


def _complex_column(
    face: Face, points: Array, cells: Array, i: int, rows: Array | None = None
) -> Array:
    """Return one column of the gradient by a complex step."""
    moved = points.astype(np.complex128)
    moved[:, i] += 1j * _COMPLEX_STEP
    found = quiet(lambda: face.costs(moved, cells, rows))
    return np.asarray(np.imag(found) / _COMPLEX_STEP)
