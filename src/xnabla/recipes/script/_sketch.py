"""What a recipe will make, known from the headers of its files: no value is read.

Each step is done on fields of the right shape whose values nobody may look at. So the
operators themselves say what they refuse, and which dimensions and units they give,
before any data is read; nothing about them is told a second time here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import XnablaError
from xnabla.recipes._sources import Sources
from xnabla.recipes.script._bench import Bench, parts_of, plain
from xnabla.recipes.script._check import in_order, needed
from xnabla.recipes.script._faults import Faults
from xnabla.recipes.script._parts import OutputPart, PlotPart, Recipe, Reference
from xnabla.recipes.script._pictures import check_cut, check_plot, taken_by

__all__ = ["Result", "Sketch", "opened", "sketch"]


@dataclass(frozen=True, slots=True)
class Result:
    """One variable that will be there.

    Attributes
    ----------
    name : str
    sizes : mapping of str to int
    dtype : str
    units : str
    nbytes : int
    """

    name: str
    sizes: Mapping[str, int]
    dtype: str
    units: str
    nbytes: int


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is known before anything is read.

    Attributes
    ----------
    order : tuple of str
        The steps that are needed, each after those it is made of.
    steps, outputs : mapping of str to tuple of Result, or to None
        ``None`` where it depends on the values, as a list of lows does.
    fields : mapping of Reference to Result
        What is taken of the files.
    """

    order: tuple[str, ...]
    steps: Mapping[str, tuple[Result, ...] | None]
    outputs: Mapping[str, tuple[Result, ...] | None]
    fields: Mapping[Reference, Result] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """Bytes that all results take together, as far as known."""
        return sum(one.nbytes for own in self.steps.values() for one in own or ())


class _LookedAt(Exception):  # noqa: N818 - no fault: a sign
    """Some step needs values to know what it will give."""


@contextmanager
def opened(
    files: Mapping[str, tuple[Path, ...]], recipe: Recipe, faults: Faults
) -> Iterator[dict[str, Sources]]:
    """Open the files of all inputs for a block; note those that cannot be.

    Raises
    ------
    RecipeError
    """
    with ExitStack() as stack:
        found = {}
        for name, paths in files.items():
            with faults.at((*recipe.inputs[name].where, "path")):
                how = {"fill": recipe.inputs[name].fill or None}
                sources = Sources.open(map(str, paths), recipe.memory, **how)
                found[name] = stack.enter_context(sources)
        faults.check()
        yield found


def sketch(recipe: Recipe, sources: Mapping[str, Sources], faults: Faults) -> Sketch:
    """Do all steps on fields without values; note what the operators refuse."""
    bench = Bench(recipe, sources, _unseen)
    wanted = [one for t in recipe.targets for one in taken_by(recipe, t)]
    every = needed(recipe, wanted)
    order = [name for name in in_order(recipe.steps) if name in every]
    references = [one for n in order for one in recipe.steps[n].references()]
    fields = _fields(bench, [*references, *wanted], faults)
    steps: dict[str, tuple[Result, ...] | None] = {}
    lost: set[str] = set()  # steps that say nothing of themselves: refused, or unknown
    for name in order:
        own = [*recipe.steps[name].references()]
        if any(one in lost or _absent(one, fields) for one in map(_key, own)):
            lost.add(name)
            steps[name] = None
            continue
        steps[name] = _step(bench, name, faults)
        if steps[name] is None:
            lost.add(name)
    outputs: dict[str, tuple[Result, ...] | None] = {}
    for target in recipe.targets:
        known = not any(
            one in lost or _absent(one, fields)
            for one in map(_key, target.references())
        )
        with faults.at(target.where):
            check_cut(recipe, target)
        if isinstance(target, PlotPart):
            if known:
                with faults.at(target.where):
                    check_plot(bench, target)
        else:
            outputs[target.name] = _output(bench, target, faults) if known else None
    return Sketch(tuple(order), steps, outputs, fields)


def _key(one: Reference) -> Any:
    return one.name if one.kind == "step" else one


def _absent(one: Any, fields: Mapping[Reference, Result]) -> bool:
    return isinstance(one, Reference) and one not in fields


def _fields(
    bench: Bench, references: list[Reference], faults: Faults
) -> dict[Reference, Result]:
    """Return what is taken of the files; note what is not in them."""
    found: dict[Reference, Result] = {}
    refused: set[Reference] = set()
    for one in references:
        if one.kind == "input" and one not in found and one not in refused:
            refused.add(one)
            with faults.at(_where(bench, one)):
                found[one] = _described(str(one), bench.input(one))
                refused.remove(one)
    return found


def _where(bench: Bench, one: Reference) -> Any:
    part = bench.recipe.inputs[one.name]
    return (*part.where, "variable") if part.variable else one.where


def _step(bench: Bench, name: str, faults: Faults) -> tuple[Result, ...] | None:
    step = bench.recipe.steps[name]
    try:
        made = bench.do(name)
    except XnablaError as error:
        if not _looked(error):
            faults.add(step.where, f"{step.operator}: {error}")
        return None
    except _LookedAt:
        return None
    except Exception as error:
        if _looked(error):
            return None
        raise
    return tuple(_described(called, one) for called, one in parts_of(made).items())


def _output(
    bench: Bench, target: OutputPart, faults: Faults
) -> tuple[Result, ...] | None:
    found: tuple[Result, ...] | None = None
    with faults.at((*target.where, "variables")):
        dataset = bench.output(target)
        found = tuple(_described(str(n), v) for n, v in dataset.data_vars.items())
    return found


def _described(name: str, one: xr.DataArray) -> Result:
    known = plain(one)
    sizes = {str(dim): int(n) for dim, n in one.sizes.items()}
    unknown = any(math.isnan(n) for n in one.shape)
    units = str(known.attrs.get("units", ""))
    return Result(name, sizes, str(one.dtype), units, 0 if unknown else int(one.nbytes))


def _unseen(of: Reference, one: xr.DataArray) -> xr.DataArray:
    """Return a field of the same shape whose values cannot be had."""
    import dask.array as da

    del of
    values = da.map_blocks(  # type: ignore[no-untyped-call]
        _look,
        da.zeros(one.shape, dtype=one.dtype, chunks=-1),
        dtype=one.dtype,
        meta=np.empty((0,) * one.ndim, dtype=one.dtype),
    )
    return one.copy(data=values)


def _look(block: Any) -> Any:
    raise _LookedAt


def _looked(error: BaseException | None) -> bool:
    """Tell whether an error comes of a look at values."""
    while error is not None:
        if isinstance(error, _LookedAt):
            return True
        error = error.__cause__ or error.__context__
    return False
