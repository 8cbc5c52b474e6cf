"""Labelled fields to plain arrays on a mesh, and results back with their labels."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from xnabla.descent._status import is_converged, status_attributes, warn_of
from xnabla.descent.inversion._mesh import Flags, Mesh
from xnabla.descent.inversion._meshes import mesh_of
from xnabla.errors import FieldError, GridError, explain
from xnabla.labels import describe, title_of
from xnabla.numerics import is_chunked
from xnabla.operators._inputs import Need
from xnabla.operators._work import Work
from xnabla.units import Unit, attach, in_registry_of, parse

# Numbers worked on at once: temporaries of a long series stay small.
_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class Output:
    """One variable of a result.

    Attributes
    ----------
    name : str
        Its name.
    unit : Unit or None
        Unit of its numbers; none for flags and counts.
    long_name : str
        Words for people.
    is_field : bool
        Whether it lies on the grid, or is one number for each time and level.
    dtype : str
        Kind of its numbers; ``""`` is that of the input.
    attributes : mapping
        What else it says of itself.
    """

    name: str
    unit: Unit | None
    long_name: str
    is_field: bool = False
    dtype: str = "float64"
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Case:
    """Fields of one call on their common mesh.

    Attributes
    ----------
    work : Work
        The fields, their numbers and their grid.
    mesh : Mesh
        The finite-volume mesh of the grid, without what ``mask=`` leaves out.
    whole : Mesh
        The same with it.
    """

    work: Work
    mesh: Mesh
    whole: Mesh

    @classmethod
    def of(
        cls,
        operator: str,
        fields: Mapping[str, Any],
        needs: Mapping[str, Need],
        choices: Mapping[str, Any],
        *,
        mask: Any = None,
        winds: tuple[tuple[str, str], ...] = (),
    ) -> Case:
        """Return the case of a call, its inputs checked.

        Raises
        ------
        XnablaError
            With all faults of the fields, or that of the grid or the mask.
        """
        for one in fields.values():
            if isinstance(one, xr.DataArray) and 0 in one.shape:
                raise GridError(
                    explain(f"{title_of(one)} is empty", got=f"sizes {dict(one.sizes)}")
                )
        work = Work.on(operator, fields, needs, choices, winds=winds)
        y, x = work.core
        _check_one_chunk(work)
        whole = mesh_of(work.grid, (y, x))
        mesh = whole
        if mask is not None:
            mesh = whole.within(_kept(mask, whole, work))
        return cls(work, mesh, whole)

    @property
    def core(self) -> tuple[str, str]:
        """The dimensions y and x."""
        return self.work.core[0], self.work.core[1]

    def unit(self, text: str) -> Unit:
        """Return a unit in the registry of the first field."""
        return self.work.si(text)

    def run(
        self,
        function: Callable[..., tuple[Any, ...]],
        outputs: Sequence[Output],
        *,
        extra: Sequence[xr.Variable] = (),
        attributes: Mapping[str, Any],
        what: str = "fields",
        warn: bool = True,
    ) -> xr.Dataset:
        """Return what a function of plain arrays makes, labelled.

        Parameters
        ----------
        function : callable
            Takes arrays (k, ny, nx) in double precision, one for each field and each
            extra variable, and returns one (k, ny, nx) or (k,) for each output.
        outputs : sequence of Output
            What it returns.
        extra : sequence of Variable
            Further inputs, numbers that need no conversion.
        attributes : mapping
            What the result says of itself.
        what : str
            What to call the pieces in a warning.
        warn : bool
            Whether to warn of what did not converge.
        """
        work = self.work
        inputs: list[Any] = [ready.values for ready in work.ready.values()]
        converts: list[Any] = [ready.of for ready in work.ready.values()]
        titles = [title_of(one) for one in work.fields.values()]
        dtype = np.result_type(*(one.dtype for one in inputs), np.float32)
        kinds = [one.dtype or str(dtype) for one in outputs]
        job = _Job(function, tuple(converts), tuple(titles), tuple(kinds))
        made = xr.apply_ufunc(
            job,
            *inputs,
            *extra,
            input_core_dims=[list(self.core)] * (len(inputs) + len(extra)),
            output_core_dims=[
                list(self.core) if one.is_field else [] for one in outputs
            ],
            dask="parallelized",
            output_dtypes=[np.dtype(kind) for kind in kinds],
        )
        parts = made if isinstance(made, tuple) else (made,)
        return self._dataset(parts, outputs, attributes, what, warn=warn)

    def _dataset(
        self,
        parts: Sequence[Any],
        outputs: Sequence[Output],
        attributes: Mapping[str, Any],
        what: str,
        *,
        warn: bool,
    ) -> xr.Dataset:
        like = self.work.like
        outer = like.isel(dict.fromkeys(self.core, 0), drop=True)
        found: dict[str, xr.DataArray] = {}
        for part, one in zip(parts, outputs, strict=True):
            frame = like if one.is_field else outer
            values = part.transpose(*frame.dims).data
            told = {"long_name": one.long_name, **one.attributes}
            if one.unit is not None:
                found[one.name] = describe(
                    values, like=frame, unit=one.unit, name=one.name, attributes=told
                )
                continue
            found[one.name] = self._plain(values, frame, one.name, told)
        if "status" in found:
            status = parts[[one.name for one in outputs].index("status")]
            found["status"].attrs = status_attributes()
            good = xr.apply_ufunc(
                is_converged, status, dask="parallelized", output_dtypes=[bool]
            )
            told = {"long_name": "whether there is an answer"}
            found["converged"] = self._plain(
                good.transpose(*outer.dims).data, outer, "converged", told
            )
            if warn and not is_chunked(status.data):
                warn_of(status.values, what, stacklevel=5)
        # put together without comparing coordinates that are the same
        variables = {name: made.variable for name, made in found.items()}
        coords: dict[Any, Any] = {}
        for made in found.values():
            coords = {**coords, **dict(made.coords)}
        result = xr.Dataset(variables, coords=coords)
        result.attrs = {**attributes, "earth": str(self.work.grid.earth)}
        if self.work.grid.kind == "plane":
            del result.attrs["earth"]
        return result

    def _plain(
        self, values: Any, frame: xr.DataArray, name: str, told: Mapping[str, Any]
    ) -> xr.DataArray:
        """Return flags or counts; lazy ones as quantities, like all that is lazy.

        xarray computes no Dataset that mixes dask arrays with pint's around dask.
        """
        if is_chunked(values):
            values = attach(values, one_unit(self.unit("m")))
        variable = xr.Variable(frame.dims, values)
        made = xr.DataArray(variable, coords=frame.coords, name=name)
        return made.assign_attrs(told)


@dataclass(frozen=True, eq=False)
class _Job:
    """A function of (k, ny, nx) arrays, for arrays with any dimensions before."""

    function: Callable[..., tuple[Any, ...]]
    converts: tuple[Any, ...]
    titles: tuple[str, ...]
    kinds: tuple[str, ...]

    @property
    def __name__(self) -> str:
        """What dask calls it; a name without a dash."""
        return "inversion"

    def __call__(self, *arrays: Any) -> Any:
        outer = np.broadcast_shapes(*(a.shape[:-2] for a in arrays))
        flat = [
            np.broadcast_to(a, (*outer, *a.shape[-2:])).reshape(-1, *a.shape[-2:])
            for a in arrays
        ]
        count, size = len(flat[0]), int(np.prod(flat[0].shape[1:]))
        step = max(1, _BLOCK // max(size, 1))
        pieces = [
            self._of_block([a[at : at + step] for a in flat])
            for at in range(0, max(count, 1), step)
        ]
        with np.errstate(over="ignore"):
            made = tuple(
                np.concatenate(part).astype(kind, copy=False)
                for part, kind in zip(
                    zip(*pieces, strict=True), self.kinds, strict=True
                )
            )
        shaped = tuple(one.reshape((*outer, *one.shape[1:])) for one in made)
        return shaped if len(shaped) > 1 else shaped[0]

    def _of_block(self, arrays: list[Any]) -> tuple[Any, ...]:
        numbers = [
            convert(array)
            for convert, array in zip(self.converts, arrays, strict=False)
        ]
        for title, values in zip(self.titles, numbers, strict=True):
            _check_finite(title, values)
        return self.function(*numbers, *arrays[len(numbers) :])


class Kept:
    """The last few things made for a key: factors outlive a block, not a pickle."""

    def __init__(self, most: int = 4) -> None:
        self.most = most
        self._made: dict[Any, Any] = {}
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        """Pickle without what was made."""
        return {"most": self.most}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Start empty."""
        self.__init__(**state)  # type: ignore[misc]

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        """Return what belongs to a key, made if it is not there."""
        with self._lock:
            if key not in self._made:
                while len(self._made) >= self.most:
                    del self._made[next(iter(self._made))]
                self._made[key] = make()
            return self._made[key]

    def methods(self, make: Callable[[Any], Any]) -> str:
        """Return what solved: the last of what ``make`` returns says ``method``.

        Nothing is made yet for lazy fields; what is used where nothing is missing then.
        """
        with self._lock:
            used = [made[-1].method for made in self._made.values()]
        return " or ".join(dict.fromkeys(used)) or str(make(None)[-1].method)

    def made(self) -> list[Any]:
        """Return what was made and is still there."""
        with self._lock:
            return list(self._made.values())


def patterns(flags: Flags) -> list[tuple[Any, Flags]]:
    """Return the different rows of flags (k, n), each with the places where it is."""
    packed = np.packbits(flags, axis=1)
    found: dict[bytes, list[int]] = {}
    for k, row in enumerate(packed):
        found.setdefault(row.tobytes(), []).append(k)
    return [(np.array(places), flags[places[0]]) for places in found.values()]


def _check_finite(title: str, values: Any) -> None:
    count = int(np.isinf(values).sum())
    if count:
        raise FieldError(
            explain(
                f"{title} has {count} infinite value" + "s" * (count > 1),
                expected="finite numbers, NaN where there are none",
                hint="field.where(numpy.isfinite(field))",
            )
        )


def _check_one_chunk(work: Work) -> None:
    y, x = work.core
    for one in work.fields.values():
        split = [
            dim
            for dim in (y, x)
            if dim in one.dims and len((one.chunksizes or {}).get(dim, (0,))) > 1
        ]
        if split:
            raise GridError(
                explain(
                    f"{title_of(one)} is chunked along {' and '.join(map(repr, split))}"
                    ", and every point depends on every other",
                    expected="the horizontal dimensions in one chunk, others as they "
                    "are",
                    hint=f"field.chunk({{{y!r}: -1, {x!r}: -1}})",
                )
            )


def _kept(mask: Any, mesh: Mesh, work: Work) -> Flags:
    """Return the nodes that a mask keeps.

    Raises
    ------
    FieldError, GridError
        If it is no mask of this grid, or keeps nothing.
    """
    y, x = work.core
    if not isinstance(mask, xr.DataArray) or mask.dtype.kind not in "biu":
        known = isinstance(mask, xr.DataArray) and mask.name is not None
        raise FieldError(
            explain(
                "mask= takes a DataArray of flags, true where there is something to "
                "be solved",
                got=getattr(mask, "dtype", type(mask).__name__),
                hint=f"mask=dataset[{str(mask.name)!r}] != 0"
                if known
                else "mask=field.notnull().any('time')",
            )
        )
    sizes = dict(work.like.sizes)
    if set(mask.dims) != {y, x} or any(mask.sizes[d] != sizes[d] for d in (y, x)):
        raise GridError(
            explain(
                "The mask does not lie on the grid of the field",
                expected=f"{y}: {sizes[y]}, {x}: {sizes[x]}",
                got=", ".join(f"{d}: {n}" for d, n in mask.sizes.items()),
                hint=f"mask.isel(time=0), or mask.any('time') along other dimensions "
                f"than {y!r} and {x!r}",
            )
        )
    inside = np.asarray(mask.transpose(y, x).values) != 0
    keep = np.zeros(mesh.count, dtype=bool)
    there = mesh.node >= 0
    keep[mesh.node[there & inside]] = True
    if not keep.any():
        raise GridError(
            explain(
                "The mask keeps no point",
                expected="true where there is something to be solved",
                hint="mask=~mask, if it marks land",
            )
        )
    return keep


def one_unit(registry_of: Unit) -> Unit:
    """Return the unit of a plain number."""
    return in_registry_of(parse("1"), registry_of)
