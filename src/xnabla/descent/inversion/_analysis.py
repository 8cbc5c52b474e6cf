"""Optimal analysis of observations: two-dimensional variational assimilation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent._measures import factor_to, measured
from xnabla.descent.inversion._analysed import AtPlaces, OnGrid, Seen
from xnabla.descent.inversion._best_estimate import SEED, Background
from xnabla.descent.inversion._fields import Case, Output, one_unit
from xnabla.descent.inversion._inverse import inverse_of
from xnabla.descent.inversion._lengths import metres
from xnabla.descent.inversion._matrix_inverse import TOLERANCE
from xnabla.descent.inversion._observe import observed_by
from xnabla.errors import GridError, OptionError, UnitsError, explain
from xnabla.labels import check_field, describe, split, title_of
from xnabla.numerics import is_chunked
from xnabla.operators._inputs import ANY
from xnabla.operators._partial import words_for
from xnabla.units import (
    Unit,
    conversion_factor,
    difference,
    is_quantity,
    scale_and_zero,
)

# More points than this have no error computed: it takes a solution for each of them.
_MOST_ERRORS = 20_000


def analysis_2dvar(
    obs: xr.DataArray,
    background: xr.DataArray,
    *,
    length_scale: Any,
    sigma_b: Any,
    sigma_o: Any,
    mask: xr.DataArray | None = None,
    error: bool = False,
    earth: Any = None,
    periodic: Any = None,
    crs: Any = None,
    grid: Any = None,
) -> xr.Dataset:
    r"""Return the field that is nearest to a background and to observations.

    .. math:: J(x) = \tfrac12 (x - x_b)^T B^{-1} (x - x_b)
              + \tfrac12 (Hx - y)^T R^{-1} (Hx - y)

    with :math:`B = 4\pi L^2 \sigma_b (1 - L^2\nabla^2)^{-2} M^{-1} \sigma_b`, in the
    open plane the correlation :math:`(r/L) K_1(r/L)`, 0.60 at the distance L; on the
    globe, around land and along coasts what diffusion makes of it: nothing is carried
    across a wall. Beside a wall the standard deviation is up to √2 times ``sigma_b``.

    Parameters
    ----------
    obs : DataArray
        Observations: on the grid of the background, NaN where there are none; or along
        one dimension, with coordinates of latitude and longitude (y and x on a plane).
    background : DataArray
        The field known before, :math:`x_b`; with observations on its grid it may have
        further dimensions.
    length_scale : quantity or str
        L.
    sigma_b : quantity, str, number or DataArray
        Standard deviation of background errors; a number is in the unit of the field.
    sigma_o : quantity, str, number or DataArray
        Standard deviation of observation errors, those of representativeness included.
    mask : DataArray of bool, optional
        True where there is a field.
    error : bool
        Whether to compute the standard deviation of the analysis error.
    earth, periodic, crs, grid : optional
        See :func:`~xnabla.grid_of`.

    Returns
    -------
    Dataset
        ``analysis``, ``increment``, with ``error`` ``analysis_error``; ``innovation``
        and ``residual``, observation less background and less analysis;
        ``cost_background``, ``cost_observations``, ``cost``, ``dfs`` (degrees of
        freedom for signal), ``gradient_norm`` (relative), ``n_iterations``,
        ``n_valid`` (observations used), ``status``, ``converged``.

    Raises
    ------
    UnitsError
        If a unit is missing, or does not fit.
    OptionError
        If a standard deviation or the length is not positive.
    GridError
        If observations do not say where they are, or the grid is too large for errors.
    FieldError
        If a field holds infinite values or no numbers.

    References
    ----------
    Lorenc, A. (1986), Analysis methods for numerical weather prediction, Q. J. R.
    Meteorol. Soc. 112, 1177-1194. Barth, A. and others (2014), divand-1.0, Geosci.
    Model Dev. 7, 225-241.

    Examples
    --------
    One observation, as good as the background, is met half way:

    >>> import numpy as np, xarray as xr
    >>> x = xr.DataArray(np.arange(0, 3000, 50.0), dims="x", attrs={"units": "km"})
    >>> guess = (0 * x + 0 * x.rename(x="y")).assign_coords(x=x, y=x.rename(x="y"))
    >>> guess = guess.assign_attrs(units="K")
    >>> obs = guess.where((guess.x == 1500) & (guess.y == 1500)) + 2
    >>> found = analysis_2dvar(obs.assign_attrs(units="K"), guess,
    ...     length_scale="200 km", sigma_b=1.0, sigma_o=1.0)
    >>> print(f"{found.analysis.sel(x=1500, y=1500).data:.2f} {found.dfs.data:.2f}")
    1.02 kelvin 0.51 dimensionless
    """
    length = metres(length_scale, "length_scale")
    choices = {"earth": earth, "periodic": periodic, "crs": crs, "grid": grid}
    first = check_field(background, "analysis_2dvar")
    observations = check_field(obs, "analysis_2dvar")
    on_grid = set(observations.dims) & set(first.dims) != set()
    if not on_grid and is_chunked(first.data):
        first = first.compute()
    given = {"background": first} | ({"obs": observations} if on_grid else {})
    case = Case.of(
        "analysis_2dvar",
        given,
        dict.fromkeys(given, ANY),
        choices,
        mask=mask,
    )
    making = _Making(case, observations, length, sigma_b, sigma_o, error=error)
    return making.on_grid() if on_grid else making.at_places()


class _Making:
    """The steps from labelled fields to a labelled analysis."""

    def __init__(
        self,
        case: Case,
        obs: xr.DataArray,
        length: float,
        sigma_b: Any,
        sigma_o: Any,
        *,
        error: bool,
    ) -> None:
        self.case, self.obs, self.error = case, obs, error
        own = case.work.ready["background"].unit
        self.unit = Unit(1.0, own.pint)
        self.own, self.length = own, length
        self.step = difference(self.unit, of="the background")
        mesh = case.mesh
        if error and mesh.count > _MOST_ERRORS:
            raise GridError(
                explain(
                    "The error of the analysis takes a solution for every point",
                    expected=f"at most {_MOST_ERRORS} points",
                    got=f"{mesh.count}",
                    hint="error=False, or a part of the grid",
                )
            )
        spread = self._sigma(sigma_b, "sigma_b", case.work.like, core=True)
        if isinstance(spread, np.ndarray):
            spread = mesh.gather(spread)
        held = np.zeros(mesh.count, dtype=bool)
        sides = (False, False, False, False) if mesh.rows is not None else None
        self.background = Background(
            mesh,
            length,
            np.broadcast_to(spread, (mesh.count,)),
            inverse_of(mesh, length**-2, held, sides=sides),
        )
        self.sigma_o = sigma_o
        self.told = {
            "method": "best linear unbiased estimate; B by "
            + str(self.background.inverse.method),
            "length_scale": f"{length / 1e3:.10g} km",
            "sigma_b": _shown(sigma_b),
            "sigma_o": _shown(sigma_o),
            "tolerance": TOLERANCE,
            "seed": SEED,
        }

    def _sigma(
        self, given: Any, name: str, like: xr.DataArray, *, core: bool = False
    ) -> Any:
        """Return a standard deviation in the unit of the field's differences."""
        values: Any
        if isinstance(given, xr.DataArray):
            plain = split(given)
            factor = conversion_factor(
                difference(plain.unit, of=name), self.step, of=f"{name}="
            )
            dims = self.case.core if core else like.dims
            if set(given.dims) != set(dims):
                raise GridError(
                    explain(
                        f"{name}= does not lie where it is needed",
                        expected=f"dimensions {', '.join(map(str, dims))}",
                        got=", ".join(map(str, given.dims)),
                    )
                )
            values = given.copy(data=plain.values).transpose(*dims).values * factor
        elif isinstance(given, str) or is_quantity(given):
            example = f"{name}='1 {self.step}'"
            values, unit = measured(given, name, example)
            if unit is None:
                values *= self.own.factor * self.step.factor
            else:
                values *= factor_to(unit, self.step, name, "", example)
        elif isinstance(given, int | float | np.number) and not isinstance(given, bool):
            values = float(given) * self.own.factor
            values *= self.step.factor
        else:
            raise UnitsError(
                explain(
                    f"{name}={given!r} is no standard deviation",
                    expected=f"a quantity, a field, or a number in {self.unit}",
                    hint=f"{name}='1 {self.step}'",
                )
            )
        if not np.all(np.asarray(values)[np.isfinite(values)] > 0.0) or (
            np.ndim(values) == 0 and not np.isfinite(values)
        ):
            raise OptionError(
                explain(
                    f"{name}= must be positive",
                    got=f"{float(np.nanmin(values)):g}",
                    hint=f"{name}=1.0",
                )
            )
        return values

    def _outputs(self, *, residuals: bool) -> list[Output]:
        words = words_for(self.case.work.fields["background"])
        plain = Unit(1.0, self.step.pint)
        number = one_unit(self.step)
        fields = [
            Output("analysis", self.unit, f"analysis of {words}", True, ""),
            Output(
                "increment", plain, f"analysis less background of {words}", True, ""
            ),
        ]
        if self.error:
            told = f"standard deviation of the error of the analysis of {words}"
            fields.append(Output("analysis_error", plain, told, True, ""))
        if residuals:
            fields += [
                Output("innovation", plain, "observation less background", True, ""),
                Output("residual", plain, "observation less analysis", True, ""),
            ]
        return [
            *fields,
            Output("cost_background", number, "cost of leaving the background"),
            Output("cost_observations", number, "cost of missing the observations"),
            Output("cost", number, "cost"),
            Output("dfs", number, "degrees of freedom for signal"),
            Output("gradient_norm", number, "gradient of the cost, relative"),
            Output("n_iterations", None, "number of iterations", dtype="int32"),
            Output("n_valid", None, "number of observations used", dtype="int32"),
            Output("status", None, "", dtype="int8"),
        ]

    def on_grid(self) -> xr.Dataset:
        """Return the analysis of observations on the grid of the background."""
        work = self.case.work
        ready = work.ready["obs"]
        factor, zero = _between(ready.unit, self.own)
        told = replace(ready, unit=self.own, factor=factor, zero=zero)
        work = replace(work, ready={**work.ready, "obs": told})
        sigma = self._sigma(self.sigma_o, "sigma_o", self.obs, core=True)
        deviation = np.broadcast_to(sigma, self.case.mesh.shape)
        job = OnGrid(
            self.background,
            self.case.mesh,
            self.case.mesh.gather(np.array(deviation)),
            self.own.factor,
            self.step.factor,
            self.error,
        )
        case = Case(work, self.case.mesh, self.case.whole)
        return case.run(job, self._outputs(residuals=True), attributes=self.told)

    def at_places(self) -> xr.Dataset:
        """Return the analysis of observations along a dimension of their own."""
        first = self.case.work.fields["background"]
        if first.ndim != 2 or self.obs.ndim != 1:
            raise GridError(
                explain(
                    "Observations along a dimension of their own go with one field",
                    expected="a background of two dimensions, observations of one",
                    got=f"{title_of(first)} with {first.ndim}, observations with "
                    f"{self.obs.ndim}",
                    hint="background.isel(time=0), obs.sel(time=...)",
                )
            )
        plain = split(self.obs)
        offset, zero = _between(plain.unit, self.own)
        values = np.asarray(plain.values, dtype=np.float64) * offset + zero
        matrix, sees = observed_by(self.case, self.obs)
        sigma = self._sigma(self.sigma_o, "sigma_o", self.obs)
        deviation = np.broadcast_to(sigma, values.shape)
        job = AtPlaces(
            self.background,
            self.case.mesh,
            Seen(matrix, sees, values, deviation),
            self.own.factor,
            self.step.factor,
            self.error,
        )
        made = self.case.run(job, self._outputs(residuals=False), attributes=self.told)
        unit = Unit(1.0, self.step.pint)
        for name, array, words in (
            ("innovation", job.innovation, "observation less background"),
            ("residual", job.residual, "observation less analysis"),
        ):
            told = {"long_name": words}
            made[name] = describe(
                array, like=self.obs, unit=unit, name=name, attributes=told
            )
        return made


def _between(source: Unit, target: Unit) -> tuple[float, float]:
    """Return what turns values of one unit into another, zeros of their own heeded."""
    from_source, zero_source = scale_and_zero(
        source, difference(source, of="obs"), of="obs"
    )
    base = difference(source, of="obs")
    to_base, zero_target = scale_and_zero(target, base, of="the background")
    return from_source / to_base, (zero_source - zero_target) / to_base


def _shown(given: Any) -> str:
    return "field" if isinstance(given, xr.DataArray) else str(given)
