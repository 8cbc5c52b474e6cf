"""Edges of the cells around the points of an axis, closed round the globe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Span", "latitude_span", "longitude_span", "plain_span", "pressure_span"]

# A gap this many times the median gap is a hole in the circle, not a step.
_HOLE = 1.5


@dataclass(frozen=True)
class Span:
    """One axis of a picture: which points in which order, and where cells end.

    Attributes
    ----------
    cells : ndarray of int, shape (n,)
        The point each cell shows. On a closed circle the cell on the seam is cut in
        two, so one point may come first and last.
    edges : ndarray, shape (n + 1,)
        Increasing.
    order : ndarray of int, shape (m,)
        The points contours run through. On a closed circle it reaches over both ends.
    places : ndarray, shape (m,)
        Where these points are. Increasing.
    closed : bool
        Whether the axis goes once round the globe.
    """

    cells: NDArray[np.intp]
    edges: NDArray[np.float64]
    order: NDArray[np.intp]
    places: NDArray[np.float64]
    closed: bool = False


def plain_span(points: NDArray[Any]) -> Span:
    """Return edges half-way between the points, the outer ones by extension."""
    order = np.argsort(points, kind="stable")
    places = np.asarray(points, dtype=np.float64)[order]
    return Span(order, _midpoints(places), order, places)


def pressure_span(points: NDArray[Any]) -> Span:
    """Return edges half-way in the logarithm of the pressure."""
    span = plain_span(points)
    if (span.places <= 0).any():
        return span
    edges = np.exp(_midpoints(np.log(span.places)))
    # A section ends at its lowest and highest level: nothing is known beyond.
    edges[0], edges[-1] = span.places[0], span.places[-1]
    return Span(span.cells, edges, span.order, span.places)


def latitude_span(points: NDArray[Any]) -> Span:
    """Return edges half-way, the last cells reaching to the pole they stand at.

    Examples
    --------
    >>> import numpy as np
    >>> latitude_span(np.array([90.0, 0.0, -90.0])).edges
    array([-90., -45.,  45.,  90.])
    """
    span = plain_span(points)
    edges = np.clip(span.edges, -90.0, 90.0)
    # Gaussian rows end a little before the pole: the last cell still covers it.
    for end, pole in ((0, -90.0), (-1, 90.0)):
        if len(edges) > 2 and abs(edges[end] - pole) < 0.4 * abs(edges[1] - edges[2]):
            edges[end] = pole
    return Span(span.cells, edges, span.order, span.places)


def longitude_span(points: NDArray[Any]) -> Span:
    """Return edges round the globe from -180 to 180, or across a region unbroken.

    The points may start anywhere, run either way, and repeat the first at the end.
    A circle is cut at 180°; a region is cut at its widest gap, so that one across
    Greenwich or the date line stays whole.

    Examples
    --------
    >>> import numpy as np
    >>> longitude_span(np.array([0.0, 90.0, 180.0, 270.0])).edges
    array([-180., -135.,  -45.,   45.,  135.,  180.])
    >>> longitude_span(np.array([0.0, 10.0, 350.0])).edges
    array([-15.,  -5.,   5.,  15.])
    """
    turned = np.mod(np.asarray(points, dtype=np.float64) + 180.0, 360.0) - 180.0
    # float32 longitudes repeat themselves only to about 3e-5 degrees.
    _, first = np.unique(np.round(turned, 4), return_index=True)
    order = first[np.argsort(turned[first], kind="stable")]
    places = turned[order]
    if len(places) < 3:
        return plain_span(np.unwrap(np.asarray(points, np.float64), period=360.0))
    gaps = np.diff(places, append=places[0] + 360.0)
    if gaps.max() <= _HOLE * np.median(gaps):
        return _circle(order, places)
    start = (int(gaps.argmax()) + 1) % len(places)
    order = np.roll(order, -start)
    places = np.unwrap(np.roll(places, -start), period=360.0)
    places -= 360.0 * np.round(0.5 * (places[0] + places[-1]) / 360.0)
    return Span(order, _midpoints(places), order, places)


def _circle(order: NDArray[np.intp], places: NDArray[np.float64]) -> Span:
    """Return the closed span of sorted longitudes in [-180, 180)."""
    around = np.r_[places[-1] - 360.0, places, places[0] + 360.0]
    middles = 0.5 * (around[1:] + around[:-1])
    inside = (middles > -180.0) & (middles < 180.0)
    edges = np.r_[-180.0, middles[inside], 180.0]
    centres = 0.5 * (edges[1:] + edges[:-1])
    # The cell of each centre is the point between whose two middles it lies.
    owner = np.searchsorted(middles, centres) - 1
    return Span(
        order[owner % len(order)],
        edges,
        np.r_[order[-1], order, order[0]],
        around,
        closed=True,
    )


def _midpoints(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the middles of sorted places, with half a step added at both ends."""
    if len(places) == 1:
        return np.array([places[0] - 0.5, places[0] + 0.5])
    middles = 0.5 * (places[1:] + places[:-1])
    first = 2.0 * places[0] - middles[0]
    last = 2.0 * places[-1] - middles[-1]
    return np.concatenate([[first], middles, [last]])
