r"""The wind of a whole globe split exactly: a first-order equation for each wave.

For the zonal wave number m, with :math:`D = \partial_\varphi / M`,
:math:`\mu = m / (N \cos\varphi)` and :math:`\chi = -i \tilde\chi`,

.. math:: u - iv = (-D + \mu)(\psi + \tilde\chi), \qquad
          u + iv = (-D - \mu)(\psi - \tilde\chi),

two equations that know nothing of each other. Along a meridian, which goes on across
the pole, D is of sixth order; along a parallel the derivative is exact. So the misfit
of the wind has the minimum zero, and it is found without a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from xnabla.descent.inversion._mesh import Floats
from xnabla.grid import Earth
from xnabla.numerics import fornberg_weights

# Points on either side of a row: sixth order.
_HALF = 3

# Which wind of u and of v an unseen slope belongs to: that of the mean of a row, along
# the meridian, and that of the shortest wave of a row, along it.
_UNSEEN = {False: ("u_psi", "v_chi"), True: ("u_chi", "v_psi")}

# Half the power of the sine that is taken out of stripes.
_TWELFTH = 6

# Rows whose steps change by no more than this part from one to the next are gradual.
_GRADUAL = 0.1

# Singular values below this part of the largest are modes without a wind.
_NO_WIND = 1e-9


@dataclass(frozen=True, eq=False)
class GlobeSplit:
    """A split of winds on rows of a globe that are evenly spaced along themselves.

    Attributes
    ----------
    latitude : array (ny,)
        Latitudes in radians, either way.
    columns : int
        Number of different columns, eastward.
    pole_rows : pair of bool
        Whether the first and the last row are a pole.
    earth : Earth
        The figure of the Earth.
    """

    latitude: Floats
    columns: int
    pole_rows: tuple[bool, bool]
    earth: Earth

    method = "exact: a first-order equation for each zonal wave"

    @cached_property
    def waves(self) -> Any:
        """The zonal wave numbers; the last has no slope if it is the shortest."""
        m = np.arange(self.columns // 2 + 1, dtype=np.float64)
        if self.columns % 2 == 0:
            m[-1] = 0.0
        return m

    @cached_property
    def inner(self) -> slice:
        """The rows that are no pole."""
        first, last = self.pole_rows
        return slice(int(first), self.latitude.size - int(last))

    @cached_property
    def slopes(self) -> tuple[Floats, Floats]:
        """D for even and for odd wave numbers, (ny, ny), per metre."""
        phi, (first, last) = self.latitude, self.pole_rows
        n = phi.size
        half = min(_HALF, n - 1 - max(first, last))
        sign = 1.0 if phi[-1] > phi[0] else -1.0
        below = np.arange(half, 0, -1) - 1 + int(first)
        above = n - 1 - int(last) - np.arange(half)
        line = np.concatenate(
            [-sign * np.pi - phi[below], phi, sign * np.pi - phi[above]]
        )
        index = np.concatenate([below, np.arange(n), above])
        mirrored = np.repeat([True, False, True], [half, n, half])
        window = np.arange(n)[:, np.newaxis] + np.arange(2 * half + 1)
        weights = fornberg_weights(line[window] - phi[:, np.newaxis], 1)
        weights /= self.earth.meridional_radius_m(phi)[:, np.newaxis]
        made = []
        for turn in (1.0, -1.0):
            matrix = np.zeros((n, n))
            signed = weights * np.where(mirrored[window], turn, 1.0)
            rows = np.broadcast_to(np.arange(n)[:, np.newaxis], window.shape)
            np.add.at(matrix, (rows, index[window]), signed)
            made.append(matrix)
        return made[0], made[1]

    @cached_property
    def _breadth(self) -> Floats:
        """Width of the bands around the rows, which end at the poles."""
        phi = self.latitude
        sign = 1.0 if phi[-1] > phi[0] else -1.0
        ends = [-sign * np.pi / 2.0], 0.5 * (phi[1:] + phi[:-1]), [sign * np.pi / 2.0]
        return np.asarray(np.abs(np.diff(np.concatenate(ends))))

    @cached_property
    def turning(self) -> Floats:
        """Radians of longitude per metre of each row, zero on a pole."""
        radius = self.earth.parallel_radius_m(self.latitude)
        made = np.zeros(radius.size)
        made[self.inner] = 1.0 / radius[self.inner]
        return made

    def split(self, u: Floats, v: Floats) -> dict[str, Floats]:
        """Return potentials and winds of each, by name, of winds (k, ny, columns).

        The shortest wave along a line has a slope that its values do not show: the
        sine between them. What it takes to meet the wind goes to that slope: along the
        row for the shortest wave of a row, along the meridian for the mean of a row.
        """
        psi, chi = self.potentials(u, v)
        (psi_x, psi_y), (chi_x, chi_y) = self.gradient(psi), self.gradient(chi)
        made = {"psi": self._without_stripes(psi), "chi": self._without_stripes(chi)}
        made |= {"u_psi": -psi_y, "v_psi": psi_x, "u_chi": chi_x, "v_chi": chi_y}
        rows = self.inner
        left = u - made["u_psi"] - made["u_chi"], v - made["v_psi"] - made["v_chi"]
        for wave in self._lone:
            sign = np.cos(np.pi * np.arange(self.columns)) if wave else 1.0
            for rest, name in zip(left, _UNSEEN[bool(wave)], strict=True):
                amplitude = (rest * sign).mean(axis=-1, keepdims=True)
                made[name][..., rows, :] += (amplitude * sign)[..., rows, :]
        return made

    def _without_stripes(self, f: Floats) -> Floats:
        r"""Return potentials without the wave of two columns and that of two rows.

        They hardly make a wind, and noise in the wind makes much of them. Of a wave of
        k radians from row to row :math:`1 - \sin^{12}(k/2)` is left, and nothing of
        that of two columns; the winds are made before.
        """
        from scipy import fft

        if self.columns % 2 == 0:
            sign = np.cos(np.pi * np.arange(self.columns))
            f = f - (f * sign).mean(axis=-1, keepdims=True) * sign
        steps = np.diff(self.latitude)
        if np.abs(np.diff(steps)).max(initial=0.0) > _GRADUAL * np.abs(steps).min():
            return f  # rows that jump about have no such wave
        waves = fft.rfft(f, axis=-1)
        for parity, matrix in enumerate(self._stripes):
            waves[..., parity::2] = np.einsum(
                "ij,...jm->...im", matrix, waves[..., parity::2]
            )
        return np.asarray(fft.irfft(waves, n=self.columns, axis=-1))

    @cached_property
    def _stripes(self) -> tuple[Floats, Floats]:
        """What takes stripes from even and from odd wave numbers, (ny, ny)."""
        n, (first, last) = self.latitude.size, self.pole_rows
        made = []
        for turn in (1.0, -1.0):
            bend = -2.0 * np.eye(n) + np.eye(n, k=1) + np.eye(n, k=-1)
            bend[0, int(first)] += turn
            bend[-1, n - 1 - int(last)] += turn
            kept = np.linalg.matrix_power(-0.25 * bend, _TWELFTH)
            for end, gap in zip((0, -1), self._gaps_to_pole, strict=True):
                if abs(gap) > _GRADUAL:  # as on a Gaussian grid: not across such a pole
                    kept[:_TWELFTH] *= 1.0 if end else 0.0
                    kept[n - _TWELFTH :] *= 0.0 if end else 1.0
            made.append(np.eye(n) - kept)
        return made[0], made[1]

    @property
    def _gaps_to_pole(self) -> tuple[float, float]:
        """By which part the step across each pole differs from the one before it."""
        made = []
        for end, beside, is_pole in ((0, 1, 0), (-1, -2, 1)):
            step = abs(self.latitude[end] - self.latitude[beside])
            gap = step
            if not self.pole_rows[is_pole]:
                gap = np.pi - 2.0 * abs(self.latitude[end])
            made.append(float(gap / step - 1.0))
        return made[0], made[1]

    def potentials(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """Return streamfunction and velocity potential of winds (k, ny, columns)."""
        from scipy import fft

        waves_u, waves_v = fft.rfft(u, axis=-1), fft.rfft(v, axis=-1)
        shape = waves_u.shape
        plus = np.zeros(shape, complex)
        minus = np.zeros(shape, complex)
        self._many(waves_u - 1j * waves_v, waves_u + 1j * waves_v, plus, minus)
        psi, chi = 0.5 * (plus + minus), -0.5j * (plus - minus)
        for wave in self._lone:
            inverse = self._inverses[wave]
            psi[..., wave] = -(waves_u[..., wave] @ inverse.T)
            chi[..., wave] = waves_v[..., wave] @ inverse.T
            if wave % 2:  # one point has no waves around it
                for end, is_pole in zip((0, -1), self.pole_rows, strict=True):
                    if is_pole:
                        psi[..., end, wave] = chi[..., end, wave] = 0.0
        return (
            fft.irfft(psi, n=self.columns, axis=-1),
            fft.irfft(chi, n=self.columns, axis=-1),
        )

    def gradient(self, f: Floats) -> tuple[Floats, Floats]:
        """Return the slopes of scalars (k, ny, columns) towards east and north."""
        from scipy import fft

        waves = fft.rfft(f, axis=-1)
        even, odd = self.slopes
        north = np.empty_like(waves)
        north[..., 0::2] = np.einsum("ij,...jm->...im", even, waves[..., 0::2])
        north[..., 1::2] = np.einsum("ij,...jm->...im", odd, waves[..., 1::2])
        east = 1j * waves * self.waves * self.turning[:, np.newaxis]
        for end, is_pole in zip((0, -1), self.pole_rows, strict=True):
            if not is_pole:
                continue
            # a vector on a pole is a single wave, in east and in north
            lone = north[..., end, 1].copy()
            north[..., end, :] = 0.0
            east[..., end, :] = 0.0
            side = np.sign(self.latitude[end])
            north[..., end, 1] = lone
            east[..., end, 1] = -1j * side * lone
        return (
            fft.irfft(east, n=self.columns, axis=-1),
            fft.irfft(north, n=self.columns, axis=-1),
        )

    @cached_property
    def _lone(self) -> list[int]:
        """The wave numbers without a slope along the row."""
        return [int(k) for k in np.flatnonzero(self.waves == 0.0)]

    @cached_property
    def _inverses(self) -> dict[int, Floats]:
        """The least-squares inverses of D where there is no slope along the row."""
        made: dict[int, Any] = {}
        for wave in self._lone:
            slope = self.slopes[wave % 2].copy()
            if wave:  # held at zero on poles
                for end, is_pole in zip((0, -1), self.pole_rows, strict=True):
                    if is_pole:
                        slope[:, end] = slope[end, :] = 0.0
            # the least in the mean over the meridian, where a pole row counts half:
            # so the mode without a wind, one row up, one down, is not in a smooth field
            weight = np.sqrt(self._breadth)
            made[wave] = np.linalg.pinv(slope / weight, rcond=_NO_WIND)
            made[wave] /= weight[:, np.newaxis]
        return made

    def _many(self, right_plus: Any, right_minus: Any, plus: Any, minus: Any) -> None:
        """Solve for all waves with a slope along the row, in place."""
        ordinary = np.array(
            [m for m in range(self.waves.size) if self.waves[m] > 0.0], dtype=int
        )
        if not ordinary.size:
            return
        rows = self.inner
        factors, lone = self._factors
        # numbers of one wave lie side by side, as in the matrix
        for side, right, made in ((0, right_plus, plus), (1, right_minus, minus)):
            one = lone[side] @ right[..., 1][..., np.newaxis]
            made[..., :, 1] = one[..., 0]
            rest = ordinary[1:]
            if not rest.size:
                continue
            part = np.moveaxis(right[..., rows, :][..., rest], -1, -2)
            flat = part.reshape(len(right), -1).T
            both = np.concatenate([flat.real, flat.imag], axis=1)
            solved = factors[side].solve(np.ascontiguousarray(both))
            count = len(right)
            wave = (solved[:, :count] + 1j * solved[:, count:]).T.reshape(part.shape)
            made[..., rows, rest[0] : rest[-1] + 1] = np.moveaxis(wave, -1, -2)

    @cached_property
    def _factors(self) -> tuple[list[Any], list[Floats]]:
        """What solves the two equations: factors for all waves, and for the first."""
        from scipy.sparse import block_diag, csr_array, diags_array
        from scipy.sparse.linalg import splu

        rows = self.inner
        slopes = [csr_array(matrix[rows, rows]) for matrix in self.slopes]
        factors: list[Any] = []
        lone: list[Floats] = []
        for turn in (1.0, -1.0):
            blocks = [
                -slopes[m % 2] + diags_array(turn * self.waves[m] * self.turning[rows])
                for m in range(2, self.waves.size)
                if self.waves[m] > 0.0
            ]
            if blocks:
                whole = block_diag(blocks, format="csc")
                factors.append(splu(whole, permc_spec="NATURAL"))
            lone.append(self._first_wave(turn))
        return factors, lone

    def _first_wave(self, turn: float) -> Floats:
        r"""Return the inverse for m = 1, the one wave of a wind on a pole.

        There :math:`\mu \\tilde\\chi` tends to the slope along the meridian, so that
        the row reads :math:`-2D`, on one pole for each equation.
        """
        odd = self.slopes[1]
        matrix = -odd + np.diag(turn * self.turning)
        held = np.zeros(len(odd), dtype=bool)
        for end, is_pole in zip((0, -1), self.pole_rows, strict=True):
            if is_pole:
                matrix[end] = -2.0 * odd[end]
                held[end] = np.sign(self.latitude[end]) != turn
        free = np.flatnonzero(~held)
        made = np.zeros_like(odd)
        made[np.ix_(free, free)] = np.linalg.pinv(
            matrix[np.ix_(free, free)], rcond=_NO_WIND
        )
        return made
