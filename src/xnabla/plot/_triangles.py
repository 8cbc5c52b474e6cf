"""Which three points of any grid lie round a place, and how much each counts there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xnabla.plot._paper import Points, positions, stereographic

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["triangles"]

# Degrees of arc of a line that are read from one plane: it is true to shape there.
_PIECE = 40.0


def triangles(
    grid: Points, places: Points
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the three points of a grid round each place of a line, and their shares.

    Parameters
    ----------
    grid : pair of ndarray, shape (ny, nx)
        Latitude and longitude of its points in degrees.
    places : pair of ndarray, shape (n,)
        Latitude and longitude along a line, neighbours beside each other.

    Returns
    -------
    index : ndarray of int, shape (n, 3)
        In the flat order of the grid.
    share : ndarray, shape (n, 3)
        Zero for places outside of the grid, else of sum 1.
    """
    from scipy.spatial import Delaunay

    (grid_lat, grid_lon), (lat, lon) = grid, places
    points = positions(grid_lon, grid_lat).reshape(3, -1)
    line = positions(lon, lat)
    near = 2.0 * np.deg2rad(_widest_deg(points.reshape(3, *grid_lat.shape)))
    index = np.zeros((lat.size, 3), dtype=np.intp)
    share = np.zeros((lat.size, 3))
    travelled = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(line, axis=1), axis=0))]
    piece = (np.rad2deg(travelled) // _PIECE).astype(int)
    for one in np.unique(piece):
        mine = np.flatnonzero(piece == one)
        middle = mine[mine.size // 2]
        reach = float(
            np.arccos(np.clip((line[:, middle] @ line[:, mine]).min(), -1, 1))
        )
        close = np.cos(min(reach + near, np.pi * 0.6))
        known = np.flatnonzero(line[:, middle] @ np.nan_to_num(points) > close)
        if known.size < 3:
            continue
        paper = stereographic(float(lon[middle]), float(lat[middle]))
        plane = np.column_stack(
            paper.forward(grid_lon.ravel()[known], grid_lat.ravel()[known])
        )
        mesh = Delaunay(plane)
        targets = np.column_stack(paper.forward(lon[mine], lat[mine]))
        # a place on the rim lies outside by a rounding error
        found = mesh.find_simplex(targets, tol=1e-9)
        inside = found >= 0
        turn = mesh.transform[found[inside]]
        two = np.einsum("kij,kj->ki", turn[:, :2], targets[inside] - turn[:, 2])
        three = np.column_stack([two, 1.0 - two.sum(axis=1)])
        three = np.where(three < 1e-7, 0.0, three)
        index[mine[inside]] = known[mesh.simplices[found[inside]]]
        share[mine[inside]] = three / three.sum(axis=1, keepdims=True)
    return index, _without_gaps(points, index, share, near)


def _widest_deg(place: NDArray[np.float64]) -> float:
    """Return the largest usual distance of neighbours in degrees of arc."""
    steps = [np.linalg.norm(np.diff(place, axis=k), axis=0) for k in (1, 2)]
    return float(np.rad2deg(max(np.nanpercentile(step, 99) for step in steps)))


def _without_gaps(
    points: NDArray[np.float64],
    index: NDArray[np.intp],
    share: NDArray[np.float64],
    near: float,
) -> NDArray[np.float64]:
    """Return shares without those of triangles over a bay in the rim of a grid."""
    corners = points[:, index]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=2), axis=0).max(axis=1)
    return np.where((sides < 1.5 * near)[:, None], share, 0.0)
