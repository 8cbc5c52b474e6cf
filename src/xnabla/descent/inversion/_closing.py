r"""The split of a wind on any part of any grid, by descent on what it leaves over.

A first guess is right to second order. What its winds leave over is taken up by
potentials of the least energy,

.. math:: \min |B_\psi \psi|^2 + |B_\chi \chi|^2, \qquad
          B_\psi \psi + B_\chi \chi = V

with B the matrices from potentials to winds. They are :math:`P B^T \lambda` with P the
inverse of the energy, and the descent, by conjugate gradients, is on λ: some five
steps on any grid, for on an even one :math:`B P B^T` is a sum of two projections.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from xnabla.descent.inversion._first_guess import FirstGuess, held_on_rim
from xnabla.descent.inversion._matrix_inverse import MatrixInverse
from xnabla.descent.inversion._mesh import Flags, Floats
from xnabla.descent.inversion._sites import Sites

Gauge = Literal["psi_zero", "chi_zero", "min_norm"]

# Part of the wind that may be left over.
CLOSED = 1e-8

# Steps after which a rim that is everywhere, among ragged gaps, is let go.
_FEW, _MOST = 60, 1000

# Steps without a smaller rest after which there is none.
_PATIENCE = 15

# Part of a wind on a closed surface that may be in waves whose slopes do not show.
_UNSEEN = 0.03

# What the energy of a compact flow adds to that of the centred one, so that rows and
# columns between which no wind decides stay together. Measured on a box of 61 x 101:
# 412 steps for the compact energy alone, 63, 13 and 6 for 1e-2, 1e-4 and 1e-6.
_COMPACT = 1e-6


@dataclass(frozen=True, eq=False)
class Split:
    """The split of winds at the points of some sites.

    Attributes
    ----------
    sites : Sites
        Where potentials are sought.
    guess : FirstGuess
        Where the descent begins.
    """

    sites: Sites
    guess: FirstGuess

    @property
    def method(self) -> str:
        """What solves."""
        return f"conjugate gradients on the wind misfit, {self._last.inverse}"

    @cached_property
    def _first(self) -> Closing:
        return Closing(self.sites, self.guess.mesh.area_m2, self.guess.gauge)

    @cached_property
    def _last(self) -> Closing:
        if self.guess.gauge == "min_norm":
            return self._first
        return Closing(self.sites, self.guess.mesh.area_m2, "min_norm")

    def split(self, u: Floats, v: Floats) -> dict[str, Any]:
        """Return potentials (k, n), the winds of each, and how it ended, by name."""
        beyond = self.sites.beyond
        begin = [beyond @ one.T for one in self.guess.split(u, v)]
        size = self._first.norm(u.T, v.T)
        psi, chi, steps, good = self._closed(self._first, u, v, begin, size, _FEW)
        if not good.all():  # such a rim cannot be held: begin again without it
            rest = np.flatnonzero(~good)
            part = [one[:, rest] for one in begin]
            made = self._closed(self._last, u[rest], v[rest], part, size[rest], _MOST)
            psi[:, rest], chi[:, rest], steps[rest], good[rest] = made
        return self._told(u, v, psi, chi) | {"steps": steps, "good": good}

    def _told(self, u: Floats, v: Floats, psi: Floats, chi: Floats) -> dict[str, Any]:
        """Return potentials at the points, and the winds of each, by name.

        On a closed surface there is no site beyond: what the shortest waves leave over,
        whose slopes do not show in values, is shared by halves.
        """
        east, north = self.sites.east, self.sites.north
        n = u.shape[1]
        made = {
            "u_psi": -(north @ psi).T,
            "v_psi": (east @ psi).T,
            "u_chi": (east @ chi).T,
            "v_chi": (north @ chi).T,
        }
        if self.sites.is_closed:
            for name, wind in (("u", u), ("v", v)):
                left = 0.5 * (wind - made[f"{name}_psi"] - made[f"{name}_chi"])
                made[f"{name}_psi"] += left
                made[f"{name}_chi"] += left
        return {"psi": psi[:n].T, "chi": chi[:n].T, **made}

    def _closed(
        self,
        closing: Closing,
        u: Floats,
        v: Floats,
        begin: list[Floats],
        size: Floats,
        most: int,
    ) -> tuple[Floats, Floats, Any, Flags]:
        """Return potentials, begun with some, whose winds are given, and the steps."""
        east, north = self.sites.east, self.sites.north
        psi, chi = begin
        left = u.T + north @ psi - east @ chi, v.T - east @ psi - north @ chi
        more = closing.close(*left, size, most)
        return psi + more[0], chi + more[1], more[2], more[3]


@dataclass(frozen=True, eq=False)
class Closing:
    """The potentials of least energy whose winds are given.

    Attributes
    ----------
    sites : Sites
        Where they are sought.
    area_m2 : array (n,)
        The area that each point with a wind stands for.
    gauge : str
        Which of them is held on the rim, if one is.
    """

    sites: Sites
    area_m2: Floats
    gauge: str

    @property
    def inverse(self) -> str:
        """What inverts the energies."""
        return self._inverses[0].method

    def norm(self, u: Floats, v: Floats) -> Floats:
        """Return the size of winds (n, k), by area."""
        made = ((u**2 + v**2) * self.area_m2[:, np.newaxis]).sum(axis=0)
        return np.asarray(np.sqrt(made))

    @cached_property
    def _free(self) -> tuple[Any, Any]:
        """Matrices from the free numbers of each potential to all sites."""
        count = self.sites.count
        whole = held_on_rim(np.zeros(0, dtype=np.intp), count)
        if self.gauge == "min_norm":
            return whole, whole
        held = held_on_rim(self.sites.hole, count)
        return (held, whole) if self.gauge == "psi_zero" else (whole, held)

    @cached_property
    def _matrices(self) -> tuple[Any, Any]:
        """B for each potential, from free numbers to both winds, by area."""
        from scipy.sparse import diags_array, vstack

        east, north = self.sites.east, self.sites.north
        root = np.sqrt(self.area_m2)
        weight = diags_array(np.concatenate([root, root]))
        psi, chi = self._free
        of_psi = weight @ vstack([-north, east]) @ psi
        of_chi = weight @ vstack([east, north]) @ chi
        return of_psi.tocsr(), of_chi.tocsr()

    @cached_property
    def _adjoints(self) -> tuple[Any, Any]:
        of_psi, of_chi = self._matrices
        return of_psi.T.tocsr(), of_chi.T.tocsr()

    @cached_property
    def _inverses(self) -> tuple[MatrixInverse, MatrixInverse]:
        """What inverts the energy of each potential, on its free numbers."""
        made = []
        for spread, matrix in zip(self._free, self._matrices, strict=True):
            compact = spread.T @ self.sites.energy @ spread
            made.append(MatrixInverse(matrix.T @ matrix + _COMPACT * compact))
        return made[0], made[1]

    def close(
        self, u: Floats, v: Floats, size: Floats, most: int
    ) -> tuple[Floats, Floats, Any, Flags]:
        """Return potentials (sites, k) of winds (n, k), steps, and whether it closed.

        ``size`` is what the rest is measured with.
        """
        root = np.sqrt(self.area_m2)[:, np.newaxis]
        right = np.concatenate([u * root, v * root])
        psi, chi, steps, good = self._descended(right, size, most)
        spread_psi, spread_chi = self._free
        return spread_psi @ psi, spread_chi @ chi, steps, good

    def _descended(
        self, left: Floats, size: Floats, most: int
    ) -> tuple[Floats, Floats, Any, Flags]:
        """Descend for many winds at once, each along its own conjugate directions."""
        direction = left.copy()
        psi, chi = (np.zeros((a.shape[0], left.shape[1])) for a in self._adjoints)
        norm = (left**2).sum(axis=0)
        aim = (CLOSED * size) ** 2
        steps, good = np.zeros(left.shape[1], int), norm <= aim
        best, best_at = norm.copy(), np.zeros(left.shape[1], int)
        kept = psi.copy(), chi.copy()
        for step in range(1, most + 1):
            # where no potentials meet a wind, the rest falls to its least and rises
            active = np.flatnonzero(~good & (step - best_at <= _PATIENCE))
            if not active.size:
                break
            some = direction[:, active]
            d_psi, d_chi = (
                inverse.roughly((back @ some).T).T
                for inverse, back in zip(self._inverses, self._adjoints, strict=True)
            )
            turned = self._matrices[0] @ d_psi + self._matrices[1] @ d_chi
            curvature = (some * turned).sum(axis=0)
            rate = norm[active] / np.where(curvature > 0.0, curvature, np.inf)
            psi[:, active] += rate * d_psi
            chi[:, active] += rate * d_chi
            left[:, active] -= rate * turned
            before = norm[active]
            norm[active] = (left[:, active] ** 2).sum(axis=0)
            good[active] = norm[active] <= aim[active]
            steps[active] = step
            better = active[norm[active] < best[active]]
            best[better], best_at[better] = norm[better], step
            for one, now in zip(kept, (psi, chi), strict=True):
                one[:, better] = now[:, better]
            direction[:, active] = left[:, active] + (norm[active] / before) * some
        if self.sites.is_closed:
            good |= best <= (_UNSEEN * size) ** 2
        return *kept, steps, good
