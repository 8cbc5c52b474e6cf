"""What a recipe refers to, looked at before any data is: names, circles and files."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from xnabla.errors import FileError, explain
from xnabla.files import check_target
from xnabla.plot import picture_format
from xnabla.recipes.script._faults import Faults, near, unknown
from xnabla.recipes.script._lines import Where
from xnabla.recipes.script._parts import PlotPart, Recipe, Reference, StepPart

__all__ = [
    "check",
    "foreign_link",
    "in_order",
    "input_files",
    "needed",
    "refuse_foreign_link",
]

_PICTURES = (".png", ".pdf", ".svg", ".jpg", ".jpeg")
_STORES = (".nc", ".nc4", ".zarr")


def check(recipe: Recipe, faults: Faults) -> dict[str, tuple[Path, ...]]:
    """Note what is wrong with what a recipe refers to.

    Returns
    -------
    dict of str to tuple of Path
        The files of each input.
    """
    _references(recipe, faults)
    _circles(recipe, faults)
    files = {name: input_files(recipe, name, faults) for name in recipe.inputs}
    _targets(recipe, files, faults)
    return files


def in_order(steps: Mapping[str, StepPart]) -> list[str]:
    """Return the names of steps, each after those it is made of.

    Raises
    ------
    CycleError
        If there is no such order.
    """
    return [*TopologicalSorter(_made_of(steps)).static_order()]


def needed(
    recipe: Recipe, references: Iterable[Reference], having: Container[str] = ()
) -> set[str]:
    """Return the steps to be done for some references, where some are done."""
    found: set[str] = set()
    waiting = [one.name for one in references if one.kind == "step"]
    while waiting:
        name = waiting.pop()
        if name not in found and name not in having:
            found.add(name)
            made_of = recipe.steps[name].references()
            waiting += [one.name for one in made_of if one.kind == "step"]
    return found


def _made_of(steps: Mapping[str, StepPart]) -> dict[str, list[str]]:
    return {
        name: [
            one.name
            for one in step.references()
            if one.kind == "step" and one.name in steps
        ]
        for name, step in steps.items()
    }


def _references(recipe: Recipe, faults: Faults) -> None:
    parts: list[Any] = [*recipe.steps.values(), *recipe.targets]
    for part in parts:
        for one in part.references():
            if not one.name:
                continue  # told already: it was left out
            known: Mapping[str, Any] = recipe.steps
            if one.kind == "input":
                known = recipe.inputs
                named = recipe.inputs.get(one.name)
                if named is not None and named.variable and one.part:
                    text = f"Input {one.name!r} is the variable {named.variable!r} only"
                    hint = f"'inputs.{one.name}', or no variable in [inputs.{one.name}]"
                    faults.add(one.where, explain(text, got=str(one), hint=hint))
            if one.name not in known:
                faults.add(one.where, _missing(one, recipe))


def _missing(one: Reference, recipe: Recipe) -> str:
    """Say that there is no such step or input, and what was probably meant."""
    if one.kind == "input":
        return unknown("input", one.name, recipe.inputs, lambda n: f"'inputs.{n}'")
    if one.name in recipe.inputs and near(one.name, recipe.steps) is None:
        text = f"There is no step {one.name!r}, but an input"
        return explain(text, hint=repr(f"inputs.{one}"))
    tail = f".{one.part}" if one.part else ""
    return unknown("step", one.name, recipe.steps, lambda n: f"'{n}{tail}'")


def _circles(recipe: Recipe, faults: Faults) -> None:
    """Note every circle of steps, each once."""
    graph = {name: set(others) for name, others in _made_of(recipe.steps).items()}
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle: list[str] = error.args[1]  # each is needed by the one after it
            first = min(circle, key=[*recipe.steps].index)
            at = circle.index(first)
            ring = [*circle[at:-1], *circle[:at], first]
            text = f"Steps are made of each other in a circle: {' -> '.join(ring)}"
            faults.add(_line_of(recipe, first, ring[-2]), explain(text))
            for name in circle:
                graph[name] -= set(circle)
        else:
            return


def _line_of(recipe: Recipe, name: str, other: str) -> Where:
    """Return where one step refers to another."""
    for one in recipe.steps[name].references():
        if one.kind == "step" and one.name == other:
            return one.where
    return recipe.steps[name].where


def input_files(recipe: Recipe, name: str, faults: Faults) -> tuple[Path, ...]:
    """Return the files of an input, in the order of their names; note what is not."""
    found: dict[Path, None] = {}
    part = recipe.inputs[name]
    for written in part.paths:
        where = (*part.where, "path")
        try:
            files = [*_matching(recipe, written)]
        except (OSError, ValueError, NotImplementedError) as error:
            faults.add(where, explain(f"{written!r} is no path: {error}"))
            continue
        if not files:
            faults.add(where, _no_file(recipe, written))
        for file in files:
            if file.is_dir() and file.suffix != ".zarr":
                text = f"{written!r} is a folder"
                faults.add(where, explain(text, hint=f"{written.rstrip('/')}/*.nc"))
            elif not file.is_dir() and not file.is_file():
                faults.add(where, explain(f"{written!r} is a pipe or a device"))
            elif not os.access(file, os.R_OK):
                text = f"'{file}' may not be read"
                faults.add(where, explain(text, hint=f"ls -l {file}"))
            found[file.resolve()] = None
    return tuple(found)


def _matching(recipe: Recipe, written: str) -> Iterator[Path]:
    path = recipe.path(written)
    if path.exists():
        yield path
    elif any(sign in written for sign in "*?["):
        relative = path.relative_to(path.anchor)
        yield from sorted(Path(path.anchor).glob(str(relative)))


def _no_file(recipe: Recipe, written: str) -> str:
    path = recipe.path(written)
    if any(sign in written for sign in "*?["):
        return explain(f"No file fits {written!r}", hint=f"ls {path.parent}")
    beside: list[str] = []
    if path.parent.is_dir():
        beside = [one.name for one in path.parent.iterdir() if not one.is_dir()]
    meant = near(path.name, beside)
    text = f"There is no file {written!r}"
    if meant is None:
        return explain(text, expected=f"a path relative to {recipe.folder}")
    return explain(text, hint=repr(str(Path(written).with_name(meant))))


def _targets(
    recipe: Recipe, files: Mapping[str, tuple[Path, ...]], faults: Faults
) -> None:
    """Note targets that cannot be written, or would destroy something."""
    taken: dict[Path, str] = {}
    if Path(recipe.called).exists() and recipe.text:
        taken[recipe.path(Path(recipe.called).name).resolve()] = "the recipe itself"
    for name, several in files.items():
        taken |= {file.resolve(): f"a file of input {name!r}" for file in several}
    for where, file, kind in _written(recipe):
        if not file:
            continue
        told = _ending(file, kind)
        if told is not None:
            faults.add(where, told)
        path = recipe.path(file)
        foreign = foreign_link(path)
        if foreign is not None:
            faults.add(where, foreign)
            continue
        with faults.at(where):
            place = check_target(path, overwrite=True)
            if place in taken:
                text = f"{file!r} is {taken[place]}"
                raise FileError(explain(text, hint="another name"))
            taken[place] = "written already in " + ".".join(map(str, where[:-1]))


def _written(recipe: Recipe) -> Iterator[tuple[Where, str, str]]:
    """Yield where each target stands, its file, and what it is."""
    for target in recipe.targets:
        kind = "picture" if isinstance(target, PlotPart) else "data"
        yield (*target.where, "file"), target.file, kind
    if recipe.report is not None:
        yield ("report", "file"), recipe.report, "page"
        yield ("report", "file"), str(Path(recipe.report).with_suffix(".json")), "page"


def _ending(file: str, kind: str) -> str | None:
    """Say that a name does not tell what it is."""
    suffix = Path(file).suffix.lower()
    if kind == "data" and suffix not in _STORES:
        picture = suffix in _PICTURES
        return explain(
            f"{file!r} does not tell how to store data",
            expected="a name that ends in .nc or .zarr",
            hint=f"[plots.NAME] with file = {file!r}"
            if picture
            else f"{Path(file).stem or 'result'}.nc",
        )
    if kind == "picture":
        try:
            picture_format(file)
        except ValueError as error:
            return str(error)
    return None


def foreign_link(path: Path) -> str | None:
    """Say that a target is a link that leads where nobody looked."""
    try:
        if not path.is_symlink():
            return None
        if not path.exists():
            text = f"'{path}' is a link to nothing: '{path.readlink()}'"
            return explain(text, hint=f"rm {path}")
        own = os.geteuid() if hasattr(os, "geteuid") else None
        if own is not None and {path.lstat().st_uid, path.stat().st_uid} != {own}:
            text = f"'{path}' is a link that is, or leads to, somebody else's file"
            return explain(text, hint="another name")
    except (OSError, ValueError):
        return None  # what is wrong with it is told where it is checked
    return None


def refuse_foreign_link(path: Path) -> None:
    """Look at a target again, just before it is written: a run may take hours."""
    foreign = foreign_link(path)
    if foreign is not None:
        raise FileError(foreign)
