"""Whether longitudes close the circle, read from the points and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xnabla.errors import GridError, explain

Floats = NDArray[np.float64]

# Part of a step that rounding in a file may shift a longitude by: coordinates written
# with three decimals on a 0.25 degree grid still pass, a missing column never does.
_TOLERANCE = 0.02


# A step this much longer than both beside it is a hole: stretched grids change their
# step by less than half from one column to the next, jittered ones by less than double.
_HOLE = 3.0


@dataclass(frozen=True, slots=True)
class Circle:
    """How far longitudes go around.

    Attributes
    ----------
    periodic : bool
        Whether the last point's neighbour is the first.
    closed : bool
        Whether the last point repeats the first, 360 degrees on.
    """

    periodic: bool
    closed: bool


def unwrapped(degrees: Floats) -> Floats:
    """Return longitudes without a jump of 360 degrees inside: 359, 0 is one step.

    Points that are monotonic as they stand are left alone.
    """
    steps = np.diff(degrees)
    if steps.size == 0 or np.all(steps > 0) or np.all(steps < 0):
        return degrees
    short = (steps + 180.0) % 360.0 - 180.0
    # only true jumps are mended: an ordinary step keeps its exact value
    mended = np.where(np.abs(steps) > 180.0, short, steps)
    jumps = np.rint((mended - steps) / 360.0)
    return degrees + 360.0 * np.concatenate([[0.0], np.cumsum(jumps)])


def circle_of(degrees: Floats, name: str) -> Circle:
    """Tell whether monotonic longitudes close the circle.

    Raises
    ------
    GridError
        If they overlap, or if the gap is neither a step, nor nothing, nor wider than a
        step: then only the user can know.
    """
    steps = np.abs(np.diff(degrees))
    if steps.size < 2:
        return Circle(periodic=False, closed=False)
    smallest, largest = float(steps.min()), float(steps.max())
    gap = 360.0 - abs(float(degrees[-1] - degrees[0]))
    slack = _TOLERANCE * smallest
    if abs(gap) <= slack:
        return Circle(periodic=True, closed=True)
    if smallest - slack <= gap <= largest + slack:
        _check_no_hole(degrees, steps, gap, name)
        return Circle(periodic=True, closed=False)
    if gap < 0:
        raise GridError(
            explain(
                f"Longitudes {name!r} go around more than once",
                expected="at most 360 degrees from first to last",
                got=f"{degrees[0]:.6g} to {degrees[-1]:.6g}",
                hint=f"field.isel({name}=slice(0, {_first_turn(degrees)}))",
            )
        )
    even = largest - smallest <= 2 * slack
    if gap >= (2.0 * smallest - slack if even else largest):
        return Circle(periodic=False, closed=False)
    raise GridError(
        explain(
            f"Longitudes {name!r} leave a gap of {gap:.6g} degrees, which is neither "
            "a whole step nor none",
            expected=f"a gap of about {smallest:.6g} (periodic), 0 (first column "
            "repeated) or more (regional)",
            got=f"{degrees[0]:.6g} to {degrees[-1]:.6g} by {smallest:.6g}",
            hint="grid=xn.grid_of(field, periodic=True) or periodic=False",
        )
    )


def _check_no_hole(degrees: Floats, steps: Floats, gap: float, name: str) -> None:
    """Refuse a circle with a hole inside: a region cut at the seam, 0…24, 340…359.

    Steps may differ, but one far longer than both beside it is a place without data.
    """
    around = np.append(steps, gap)
    beside = np.maximum(np.roll(around, 1), np.roll(around, -1))
    holes = np.flatnonzero(steps > _HOLE * beside[:-1])
    if holes.size:
        i = int(holes[0])
        raise GridError(
            explain(
                f"Longitudes {name!r} have a hole of {steps[i]:.6g} degrees inside, "
                "while the last and the first are neighbours",
                expected="a region in one piece, or columns all around",
                got=f"{degrees[i]:.6g}, {degrees[i + 1]:.6g} at index {i}, {i + 1}",
                hint=f"field.roll({name}={degrees.size - i - 1}, roll_coords=True)",
            )
        )


def _first_turn(degrees: Floats) -> int:
    """Return how many points lie within the first turn."""
    return int(np.sum(np.abs(degrees - degrees[0]) < 360.0 * (1 - 1e-9)))
