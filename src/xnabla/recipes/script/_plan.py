"""What a run of a recipe will do: the order of its steps, and which files it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from xnabla.errors import explain
from xnabla.recipes.script._check import check, foreign_link, in_order, needed
from xnabla.recipes.script._faults import Faults
from xnabla.recipes.script._parts import (
    InputPart,
    OutputPart,
    Recipe,
    Reference,
    Target,
)
from xnabla.recipes.script._sketch import Result, Sketch, opened, sketch
from xnabla.recipes.script._state import State, digest, state_path

__all__ = ["Plan", "history_of", "label", "plan", "plan_lines"]


@dataclass(frozen=True, slots=True)
class Plan:
    """A run that has not begun.

    Attributes
    ----------
    recipe : Recipe
    files : mapping of str to tuple of Path
        The files of each input.
    sketch : Sketch
    keys : mapping of str to str
        By target: a hash of all that it is made of.
    stale : tuple of Target
        What is to be made, in order.
    state : State
        What is known of earlier runs, and when this one began.
    """

    recipe: Recipe
    files: Mapping[str, tuple[Path, ...]]
    sketch: Sketch
    keys: Mapping[str, str]
    stale: tuple[Target, ...]
    state: State

    @property
    def nbytes(self) -> int:
        """Bytes of values that will be written, as far as known."""
        return sum(self.size(target) for target in self.stale)

    def size(self, target: Target) -> int:
        """Return the bytes of values of a target, as far as known."""
        known = self.sketch.outputs.get(target.name) or ()
        return sum(r.nbytes for r in known) if isinstance(target, OutputPart) else 0

    def path(self, target: Target) -> Path:
        """Return where a target goes."""
        return self.recipe.path(target.file)


def label(target: Target) -> str:
    """Return the name of a target among all.

    Examples
    --------
    >>> from xnabla.recipes.script._parts import PlotPart, Reference
    >>> label(PlotPart("fronts", "f.png", Reference("step", "grad", None)))
    'plots.fronts'
    """
    return ".".join(map(str, target.where))


def plan(
    recipe: Recipe,
    *,
    began: datetime,
    resume: bool = False,
    overwrite: bool = False,
    look: bool = True,
) -> Plan:
    """Return what a run will do; headers are read, and no values.

    Parameters
    ----------
    recipe : Recipe
    began : datetime
        Now.
    resume : bool
        Whether what is done already is left as it is.
    overwrite : bool
        Whether files that are there are replaced.
    look : bool
        Whether files may be read to know whether they changed; if not, those that are
        not known by their stamp count as changed.

    Raises
    ------
    RecipeError
        With everything that is wrong.
    """
    faults = Faults(recipe.called, recipe.lines)
    files = check(recipe, faults)
    faults.check()
    kept = state_path(recipe.path(recipe.targets[0].file).parent, recipe.stem)
    if kept in [recipe.path(target.file) for target in recipe.targets]:
        text = f"'{kept.name}' is where the state of the run is kept"
        faults.add((), explain(text, hint="another name"))
    foreign = foreign_link(kept)
    if foreign is not None:
        faults.add((), foreign)
        faults.check()
    known = State.read(kept)
    with opened(files, recipe, faults) as sources:
        seen = sketch(recipe, sources, faults)
        faults.check()
    state = _state(recipe, kept, known, began, resume=resume)
    keys = _keys(recipe, files, state, faults, look=look)
    faults.check()
    stale = []
    for target in recipe.targets:
        name, path = label(target), recipe.path(target.file)
        if resume and state.is_done(name, keys[name], path, look=look):
            continue
        stale.append(target)
        if overwrite or not path.exists() or (resume and state.is_own(path)):
            continue
        faults.add((*target.where, "file"), _exists(target, state, path))
    faults.check()
    return Plan(recipe, files, seen, keys, tuple(stale), state)


def _exists(target: Target, state: State, path: Path) -> str:
    own = state.is_own(path)
    said = "" if own else ", and this recipe did not make it"
    hint = "--resume, or --overwrite" if own else "--overwrite, or another name"
    return explain(f"{target.file!r} exists already{said}", hint=hint)


def _state(
    recipe: Recipe, path: Path, known: State | None, began: datetime, *, resume: bool
) -> State:
    """Return the state a run begins with: an interrupted one keeps its beginning."""
    own = digest(recipe.text, recipe.called)
    made = State(path, began, own)
    if known is None:
        return made
    made.files = dict(known.files)
    made.targets = {name: dict(one) for name, one in known.targets.items()}
    if resume and not known.finished and known.recipe == own:
        made.began = known.began
    return made


def _keys(
    recipe: Recipe,
    files: Mapping[str, tuple[Path, ...]],
    state: State,
    faults: Faults,
    *,
    look: bool,
) -> dict[str, str]:
    """Return, for each target, a hash of the data, the steps and the options."""
    inputs: dict[str, str] = {}
    for name, part in recipe.inputs.items():
        with faults.at((*part.where, "path")):
            content = [state.hash_of(path, look=look) for path in files[name]]
            inputs[name] = _input_key(part, content)
    if len(inputs) < len(recipe.inputs):
        return {}
    steps: dict[str, str] = {}

    def key(one: Reference) -> Any:
        if one.kind == "input":
            return [inputs[one.name], one.part]
        if one.name not in steps:
            step = recipe.steps[one.name]
            made_of = {
                k: [key(r) for r in several] for k, several in step.fields.items()
            }
            steps[one.name] = digest(step.operator, made_of, dict(step.parameters))
        return [steps[one.name], one.part]

    return {label(t): _target_key(recipe, t, key) for t in recipe.targets}


def _input_key(part: InputPart, content: list[str]) -> str:
    picks = [(one.what, one.word, one.nearest) for one in part.picks]
    said = [part.fill] if part.fill else []
    return digest(content, part.variable, picks, *said)


def _target_key(recipe: Recipe, target: Target, key: Any) -> str:
    made_of = [(str(one), key(one)) for one in target.references()]
    picks = [(one.what, one.word) for one in target.picks]
    own: list[Any] = [version("xnabla"), made_of, picks]
    if isinstance(target, OutputPart):
        names = [name for name, _ in target.variables]
        # the history tells the recipe's name and the steps, so these count too
        own += [names, target.compression, recipe.title, history_of(recipe, target)]
    else:
        own += [dict(target.options), target.contours is None, len(target.arrows)]
        own += [Path(target.file).suffix]
    return digest(own)


def history_of(recipe: Recipe, target: Target) -> str:
    """Return how a file was made, for its history: the command and the steps."""
    every = needed(recipe, target.references())
    order = [name for name in in_order(recipe.steps) if name in every]
    steps = "; ".join(f"{name} = {recipe.steps[name]}" for name in order)
    called = Path(recipe.called).name
    return f"xnabla run {called} [{label(target)}{': ' * bool(steps)}{steps}]"


def plan_lines(found: Plan) -> Iterator[str]:
    """Yield a plan in words, for a terminal."""
    yield found.recipe.title or found.recipe.called
    yield "inputs"
    yield from _inputs(found)
    yield "steps"
    yield from _steps(found)
    yield "files"
    yield from _files(found)
    yield f"state kept in {found.state.path}"


def _inputs(found: Plan) -> Iterator[str]:
    for name, paths in found.files.items():
        for path in paths:
            yield f"  {name}: {path} ({_size(_nbytes(path))})"
        for one, field in found.sketch.fields.items():
            if one.name == name:
                yield f"    {one}  {_described(field, named=False)}"


def _steps(found: Plan) -> Iterator[str]:
    for name in found.sketch.order:
        yield f"  {name} = {found.recipe.steps[name]}"
        yield from _results(found.sketch.steps[name])
    unused = [name for name in found.recipe.steps if name not in found.sketch.order]
    if unused:
        yield f"  needed by nothing: {', '.join(unused)}"


def _files(found: Plan) -> Iterator[str]:
    for target in found.recipe.targets:
        word = "make" if target in found.stale else "unchanged"
        there = found.path(target).exists()
        word = "replace" if there and word == "make" else word
        yield f"  {word} {target.file}"
        if isinstance(target, OutputPart):
            yield from _results(found.sketch.outputs[target.name])
    report = found.recipe.report
    if report is not None:
        yield f"  make {report} and {Path(report).with_suffix('.json').name}"


def _results(results: tuple[Result, ...] | None) -> Iterator[str]:
    if results is None:
        yield "    as many values as are found"
    for one in results or ():
        yield f"    {_described(one)}"


def _described(one: Result, *, named: bool = True) -> str:
    sizes = ", ".join(f"{dim}: {n}" for dim, n in one.sizes.items()) or "one value"
    unit = f" {one.units}" if one.units else ""
    size = _size(one.nbytes) if one.nbytes else "size not known yet"
    return f"{one.name + ' ' if named else ''}({sizes}) {one.dtype}{unit}, {size}"


def _nbytes(path: Path) -> int:
    if path.is_dir():
        return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
    return path.stat().st_size


def _size(nbytes: float) -> str:
    """Return an amount of bytes for people.

    Examples
    --------
    >>> _size(42048), _size(3.2e9)
    ('42 kB', '3.2 GB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if nbytes < 999.5:
            return f"{nbytes:.3g} {unit}"
        nbytes /= 1000
    return f"{nbytes:.4g} TB"
