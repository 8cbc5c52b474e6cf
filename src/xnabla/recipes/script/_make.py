"""A recipe carried out: each step once, each file whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import xarray as xr

from xnabla.errors import FileError, XnablaError, explain
from xnabla.files import publish, save, warn_of, with_remarks
from xnabla.plot import picture_format
from xnabla.recipes._memory import in_blocks
from xnabla.recipes._result import as_dataset
from xnabla.recipes._sources import Sources
from xnabla.recipes._two_passes import after_first_pass
from xnabla.recipes.script._bench import Bench
from xnabla.recipes.script._check import needed, refuse_foreign_link
from xnabla.recipes.script._faults import Faults
from xnabla.recipes.script._parts import OutputPart, Reference, Target
from xnabla.recipes.script._pictures import draw_plot, taken_by
from xnabla.recipes.script._plan import Plan, history_of, label
from xnabla.recipes.script._sketch import opened

__all__ = ["Made", "Watch", "make"]


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how a run goes on, and may end it.

    Attributes
    ----------
    say : callable
        Called with what is done next.
    progress : callable or None
        Called with bytes of values written, and those in all.
    checkpoint : callable
        Called between all steps, and before a file is put in place.
    """

    say: Callable[[str], object] = lambda words: None
    progress: Callable[[int, int], object] | None = None
    checkpoint: Callable[[], object] = lambda: None


@dataclass(slots=True)
class Made:
    """What a run did.

    Attributes
    ----------
    seconds : dict of str to float
        By ``steps.NAME``, ``outputs.NAME`` and ``plots.NAME``. In a run in blocks the
        work of steps is done while files are written, and counted there.
    blocks : bool
        Whether the fields went through in blocks.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    blocks: bool = False


def make(plan: Plan, watch: Watch) -> Made:
    """Make what is to be made, and keep the state after each file.

    Parameters
    ----------
    plan : Plan
    watch : Watch

    Raises
    ------
    XnablaError
        With the sentence for people. Files that were done stay; ``--resume`` goes on.
    """
    made = Made()
    if not plan.stale:
        _keep(plan, finished=True)
        return made
    _forget(plan)
    _keep(plan)  # when it began, before anything else
    faults = Faults(plan.recipe.called, plan.recipe.lines)
    with opened(plan.files, plan.recipe, faults) as sources:
        bench = Bench(plan.recipe, sources, lambda _, given: given, after_first_pass)
        made.blocks = _in_blocks(plan, bench)
        done = 0
        for place, target in enumerate(plan.stale):
            for name in _to_do(plan, target, bench):
                watch.checkpoint()
                watch.say(f"step {name}: {plan.recipe.steps[name].operator}")
                with _timed(made, f"steps.{name}"), _told(plan, name):
                    bench.do(name)
            watch.checkpoint()
            watch.say(f"writing {target.file}")
            with _timed(made, label(target)):
                _write(plan, target, bench, _counted(plan, watch, done))
            _done(plan, target, made)
            done += plan.size(target)
            bench.forget(_still_needed(plan, plan.stale[place + 1 :], bench))
        warn_of(one for each in sources.values() for one in each.tallies)
    _keep(plan, finished=True)
    return made


def _to_do(plan: Plan, target: Target, bench: Bench) -> list[str]:
    """Return the steps that are to be done before a file can be written."""
    every = needed(plan.recipe, taken_by(plan.recipe, target), bench.results)
    return [name for name in plan.sketch.order if name in every]


def _still_needed(
    plan: Plan, targets: tuple[Target, ...], bench: Bench
) -> Iterator[Reference]:
    """Yield what is needed of what there is: by a target, or by a step to be done."""
    for target in targets:
        yield from taken_by(plan.recipe, target)
        for name in _to_do(plan, target, bench):
            yield from plan.recipe.steps[name].references()


def _reader(plan: Plan) -> Callable[[Reference, xr.DataArray], xr.DataArray]:
    """Return what reads a field whole, and says which file cannot be read."""

    def read(one: Reference, given: xr.DataArray) -> xr.DataArray:
        try:
            return given.load()
        except XnablaError:
            raise  # it says itself what is wrong
        except (OSError, RuntimeError) as error:
            files = ", ".join(f"'{path}'" for path in plan.files[one.name])
            text = f"'{one}' cannot be read: {files} is damaged, or has vanished"
            hint = f"ncdump -h {plan.files[one.name][0]}"
            raise FileError(explain(text, got=str(error), hint=hint)) from error

    return read


def _in_blocks(plan: Plan, bench: Bench) -> bool:
    """Have fields in blocks where they do not fit in memory with all results.

    What fits is read once and held.
    """
    memory = plan.recipe.memory
    fields = {str(one): bench.selected(one) for one in plan.sketch.fields}
    whole = in_blocks(fields, memory - plan.sketch.nbytes)
    if not any(one.chunks for one in whole.values()):
        read = _reader(plan)
        bench.ready = lambda one, given: read(one, whole.pop(str(one), given))
        return False
    blocks = in_blocks(fields, memory)
    bench.ready = lambda one, _: blocks[str(one)]
    return True


def _write(plan: Plan, target: Target, bench: Bench, progress: Any) -> None:
    """Write one file, whole or not at all."""
    path, state = plan.path(target), plan.state
    refuse_foreign_link(path)
    state.targets[label(target)] = {"file": str(path), "done": False}
    _keep(plan)
    paths = [str(p) for name in _inputs(plan, target) for p in plan.files[name]]
    checkpoint, say = progress.checkpoint, progress.progress
    if isinstance(target, OutputPart):
        own = [bench.sources[name] for name in _inputs(plan, target)]
        files = Sources(
            tuple(path for one in own for path in one.paths),
            tuple(dataset for one in own for dataset in one.datasets),
        )
        dataset = as_dataset(bench.output(target), files)
        if plan.recipe.title:
            dataset.attrs["title"] = plan.recipe.title
        save(
            dataset,
            path,
            overwrite=True,
            history=lambda: with_remarks(
                history_of(plan.recipe, target), files.tallies
            ),
            source=paths,
            progress=say,
            checkpoint=checkpoint,
            compression=target.compression,
            made=state.began,
        )
        return
    with publish(path, overwrite=True, checkpoint=checkpoint) as temporary:
        draw_plot(bench, target, temporary, picture_format(path))


def _inputs(plan: Plan, target: Target) -> list[str]:
    """Return the inputs a target is made of."""
    steps = [plan.recipe.steps[n] for n in needed(plan.recipe, target.references())]
    every = [one for part in (target, *steps) for one in part.references()]
    return list(dict.fromkeys(one.name for one in every if one.kind == "input"))


def _counted(plan: Plan, watch: Watch, done: int) -> Watch:
    """Return who is told of one file, as a part of all."""
    if watch.progress is None:
        return watch
    told = watch.progress
    return Watch(
        watch.say,
        lambda now, _: told(done + now, max(plan.nbytes, done + now)),
        watch.checkpoint,
    )


def _done(plan: Plan, target: Target, made: Made) -> None:
    """Note that a file is whole, with what a report will tell of it."""
    name, path = label(target), plan.path(target)
    _check_inputs(plan, target)
    plan.state.targets[name] = {
        "file": str(path),
        "done": True,
        "key": plan.keys[name],
        "hash": plan.state.hash_of(path),
        "seconds": made.seconds[name],
    }
    _keep(plan)


def _check_inputs(plan: Plan, target: Target) -> None:
    """Refuse to call done what was made of files that changed meanwhile.

    Raises
    ------
    FileError
    """
    for name in _inputs(plan, target):
        for path in plan.files[name]:
            before = plan.state.files[str(path)]["hash"]
            if plan.state.hash_of(path) != before:
                text = f"'{path}' changed while '{target.file}' was made of it"
                raise FileError(explain(text, hint="--resume, when it is whole"))


def _forget(plan: Plan) -> None:
    """Drop what is known of targets that are no more, or are to be made."""
    stale = {label(target) for target in plan.stale}
    known = {label(target) for target in plan.recipe.targets}
    kept = {n: one for n, one in plan.state.targets.items() if n in known - stale}
    # what was begun and not finished stays the recipe's own, to be replaced
    own = {
        n: {**one, "done": False} for n, one in plan.state.targets.items() if n in stale
    }
    plan.state.targets = kept | own
    used = {str(path) for several in plan.files.values() for path in several}
    used |= {one["file"] for one in plan.state.targets.values()}
    plan.state.files = {p: one for p, one in plan.state.files.items() if p in used}


def _keep(plan: Plan, *, finished: bool = False) -> None:
    plan.state.finished = finished
    plan.state.write()


class _timed:  # noqa: N801 - used in a with statement
    """Note how long a block took."""

    def __init__(self, made: Made, name: str) -> None:
        self._made, self._name = made, name

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        self._made.seconds[self._name] = time.perf_counter() - self._began


class _told:  # noqa: N801 - used in a with statement
    """Say which step a refusal is about."""

    def __init__(self, plan: Plan, name: str) -> None:
        self._plan, self._name = plan, name

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, XnablaError):
            faults = Faults(self._plan.recipe.called, self._plan.recipe.lines)
            step = self._plan.recipe.steps[self._name]
            faults.add(step.where, f"{step.operator}: {error}")
            faults.check()
