"""Where a curve turns: the points at which its derivative along one axis vanishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from xnabla.errors import GridError, explain
from xnabla.grid import grid_of
from xnabla.labels import Plain, as_floating, check_field, split, title_of
from xnabla.units import Unit, attach, difference, is_quantity, parse

Array = NDArray[Any]
_FEWEST = 4
# A second derivative this small beside the curve's own bend is none.
_FLAT = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """The points of one dimension as numbers, and back."""

    numbers: Array
    unit: Unit | None
    first: Any
    period: float | None
    attributes: dict[str, Any]

    def back(self, numbers: Array) -> Array:
        """Return numbers as coordinates: dates where they were dates."""
        if self.first is None:
            return numbers
        known = np.isfinite(numbers)
        ns = np.round(np.where(known, numbers, 0.0) * 1e9).astype("timedelta64[ns]")
        if not isinstance(self.first, np.datetime64):
            steps = ns.astype("timedelta64[us]").astype(object)
            found = np.full(numbers.shape, None, dtype=object)
            found[known] = self.first + steps[known]
            return found
        return np.where(known, self.first + ns, np.datetime64("NaT"))


def turning_points(curve: xr.DataArray, dim: str) -> xr.Dataset:
    r"""Return where a curve turns: its minima, maxima and level inflections.

    .. math:: s'(x) = 0

    of the cubic spline s through the points, which is exact for cubics.

    Parameters
    ----------
    curve : DataArray
        At four points or more along ``dim``; along other dimensions there is a curve
        for each point. NaN are left out. Values and coordinates without units give
        plain numbers.
    dim : str
        The dimension. Around a full circle of longitude the seam is no end.

    Returns
    -------
    Dataset
        Along ``turning_point``, padded with NaN where other curves have more:
        ``position`` in the unit of the coordinate, or dates; ``value``; ``kind``:
        ``"minimum"``, ``"maximum"`` or ``"inflection"``, empty where there is none;
        ``curvature``, the second derivative there, per square of the coordinate (s-2
        along time); and ``n_turning_points`` of each curve.

    Raises
    ------
    FieldError, UnitsError
        If it is no field of numbers, or its units cannot be read.
    GridError
        If the dimension has no coordinate, or fewer than four points.

    Examples
    --------
    >>> import xarray as xr
    >>> x = xr.DataArray([0.0, 1.0, 3.0, 4.0, 6.0], dims="x", attrs={"units": "m"})
    >>> f = (x**2 - 4 * x + 3).assign_coords(x=x).assign_attrs(units="K")
    >>> found = turning_points(f, "x")
    >>> print(found.kind.item(), found.position.data.round(9))
    minimum [2.0] meter
    """
    curve = check_field(curve, "turning point")
    bare = not is_quantity(curve.data) and "units" not in curve.attrs
    plain = Plain(_numbers(curve), parse("1")) if bare else split(curve)
    places = _places(curve, dim)
    others = tuple(one for one in curve.dims if one != dim)
    variable = xr.Variable(curve.dims, plain.values).transpose(*others, dim)
    values = np.asarray(variable.data, dtype=np.float64)
    rows = values.reshape(-1, values.shape[-1])
    found = [_turns(places, row) for row in rows]
    most = max((one.shape[1] for one in found), default=0)
    table = np.full((len(rows), 3, most), np.nan)
    for row, one in zip(table, found, strict=True):
        row[:, : one.shape[1]] = one
    counts = np.array([one.shape[1] for one in found])
    shape = values.shape[:-1]
    frame = curve.isel({dim: 0}, drop=True).transpose(*others)
    table = table.reshape(*shape, 3, most)
    unit = None if bare else plain.unit
    return _described(curve, frame, places, table, counts, unit)


def _numbers(curve: xr.DataArray) -> Any:
    return as_floating(curve.data, title_of(curve))


def _places(curve: xr.DataArray, dim: str) -> _Places:
    if dim not in curve.dims:
        raise GridError(
            explain(
                f"{title_of(curve)} has no dimension {dim!r}",
                expected=f"one of {list(curve.dims)}",
                got=repr(dim),
            )
        )
    if dim not in curve.coords:
        raise GridError(
            explain(
                f"Dimension '{dim}' has no coordinate",
                expected="positions to turn at",
                hint=f"curve.assign_coords({dim}=...)",
            )
        )
    if curve.sizes[dim] < _FEWEST:
        raise GridError(
            explain(
                f"Dimension '{dim}' is too short for a cubic spline",
                expected=f"at least {_FEWEST} points",
                got=curve.sizes[dim],
            )
        )
    coordinate = curve[dim]
    text = str(coordinate.attrs.get("units", "")).strip()
    if not text and coordinate.dtype.kind in "iuf":
        return _bare(coordinate)
    axis = grid_of(curve).check_axes((dim,))[0]  # refuses what does not run one way
    told = {k: v for k, v in coordinate.attrs.items() if k != "units"}
    raw = coordinate.values
    if axis.role == "time" and raw.dtype.kind in "MO":
        first = raw[0].astype("datetime64[ns]") if raw.dtype.kind == "M" else raw[0]
        seconds = axis.line.points - axis.line.points[0]
        return _Places(seconds, parse("s"), first, None, told)
    numbers = raw.astype(np.float64)
    period = None
    if axis.line.period is not None:
        step = abs(axis.line.points[1] - axis.line.points[0])
        period = axis.line.period * abs(numbers[1] - numbers[0]) / step
    unit = _unit_of_places(text)
    return _Places(numbers, unit, None, period, told)


def _bare(coordinate: xr.DataArray) -> _Places:
    """Return places that are plain numbers; nobody needs to know of what."""
    numbers = coordinate.values.astype(np.float64)
    if not np.isfinite(numbers).all() or len(np.unique(numbers)) < len(numbers):
        raise GridError(
            explain(
                f"Coordinate '{coordinate.name}' does not tell its points apart",
                expected="different, finite numbers",
                hint=f"curve.drop_duplicates('{coordinate.name}')",
            )
        )
    return _Places(numbers, None, None, None, dict(coordinate.attrs))


def _unit_of_places(text: str) -> Unit | None:
    """Return the unit of a coordinate; of model levels and the like there is none."""
    return parse(text) if text and text not in ("1", "level") else None


def _turns(places: _Places, row: Array) -> Array:
    """Return positions, values and second derivatives of one curve, ``(3, n)``."""
    from scipy.interpolate import CubicSpline

    known = np.isfinite(row)
    if known.sum() < _FEWEST:
        return np.empty((3, 0))
    x, y = places.numbers[known], row[known]
    order = np.argsort(x)
    x, y = x[order], y[order]
    period = places.period
    ends = "not-a-knot"
    if period is not None:
        inside = x < x[0] + period * (1 - 1e-9)
        x, y = np.append(x[inside], x[0] + period), np.append(y[inside], y[0])
        ends = "periodic"
    spread = float(np.ptp(y))
    if not spread:
        return np.empty((3, 0))  # a constant turns nowhere
    spline = CubicSpline(x, y - y[0], bc_type=ends)
    roots = _distinct(spline.derivative().roots(extrapolate=False), x)
    if period is not None:
        roots = roots[roots < x[-1] - 1e-9 * period]
    return np.stack([roots, spline(roots) + y[0], _bends(spline, roots, x, spread)])


def _distinct(roots: Array, x: Array) -> Array:
    """Return roots that are numbers and not the same twice, as at a knot."""
    roots = np.sort(roots[np.isfinite(roots)])
    near = 1e-8 * (x[-1] - x[0])
    return roots[np.append(True, np.diff(roots) > near)] if roots.size else roots


def _bends(spline: Any, roots: Array, x: Array, spread: float) -> Array:
    bends = np.asarray(spline(roots, 2))
    small = _FLAT * spread / (x[-1] - x[0]) ** 2
    return np.where(np.abs(bends) <= small, 0.0, bends)


def _described(
    curve: xr.DataArray,
    frame: xr.DataArray,
    places: _Places,
    table: Array,
    counts: Array,
    unit: Unit | None,
) -> xr.Dataset:
    dims = (*frame.dims, "turning_point")
    x, y, bend = (table[..., i, :] for i in range(3))
    position: Any = places.back(x)
    if places.unit is not None and places.first is None:
        position = attach(position, places.unit)
    per = None if unit is None else difference(unit)
    if places.unit is not None:
        square = difference(places.unit) ** 2
        per = square**-1 if per is None else per / square
    kind = np.select(
        [bend > 0, bend < 0, bend == 0], ["minimum", "maximum", "inflection"], ""
    )
    named = "the curve" if curve.name is None else str(curve.name)
    what = str(curve.attrs.get("long_name", named))
    values = y.astype(curve.dtype) if curve.dtype == np.float32 else y
    result = xr.Dataset(
        {
            "position": (
                dims,
                position,
                {"long_name": "position", **places.attributes},
            ),
            "value": (dims, _whole(values, unit), {"long_name": what}),
            "kind": (dims, kind, {"long_name": f"how {what} turns"}),
            "curvature": (
                dims,
                _whole(bend, per),
                {"long_name": f"second derivative of {what}"},
            ),
            "n_turning_points": (
                frame.dims,
                counts.reshape(frame.shape),
                {"long_name": "number of turning points", "units": "1"},
            ),
        },
        coords=frame.coords,
    )
    result.attrs = {"method": "cubic spline"}
    return result


def _whole(values: Array, unit: Unit | None) -> Any:
    if unit is None:
        return values
    factor = unit.factor
    return attach(values * factor if factor != 1.0 else values, Unit(1.0, unit.pint))
