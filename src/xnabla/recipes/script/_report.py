"""A run, told: what was made of what, how long it took, and what was assumed."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from xnabla.grid import grid_of
from xnabla.recipes._adaptors_catalogue import OPERATORS
from xnabla.recipes._sources import Sources
from xnabla.recipes.script._bench import Bench
from xnabla.recipes.script._faults import Faults
from xnabla.recipes.script._make import Made
from xnabla.recipes.script._parts import OutputPart, Target
from xnabla.recipes.script._plan import Plan, label
from xnabla.recipes.script._sketch import opened
from xnabla.recipes.script._statistics import statistics

__all__ = ["report_of"]

_LIBRARIES = ("numpy", "xarray", "pint", "dask", "numba", "netCDF4", "matplotlib")


def report_of(plan: Plan, made: Made, command: str, seconds: float) -> dict[str, Any]:
    """Return what there is to tell of a run, as plain data for JSON.

    Parameters
    ----------
    plan : Plan
        A run that is done.
    made : Made
        What it did.
    command : str
        How it was asked for.
    seconds : float
        How long it took, all in all.
    """
    recipe = plan.recipe
    faults = Faults(recipe.called, recipe.lines)
    with opened(plan.files, recipe, faults) as sources:
        grids = _grids(plan, sources)
        inputs = [
            _input(plan, name, place, sources[name])
            for name in recipe.inputs
            for place in range(len(plan.files[name]))
        ]
    return {
        "title": recipe.title,
        "description": recipe.description,
        "recipe": recipe.called,
        "recipe_text": recipe.text,
        "command": command,
        "began": plan.state.began.isoformat(),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": seconds,
        "blocks": made.blocks,
        "versions": _versions(),
        "inputs": inputs,
        "grids": grids,
        "steps": [_step(plan, made, name) for name in plan.sketch.order],
        "targets": [_target(plan, target) for target in recipe.targets],
        "state": str(plan.state.path),
    }


def _grids(plan: Plan, sources: Mapping[str, Sources]) -> list[dict[str, Any]]:
    """Return each grid once, with the fields on it and what was assumed."""
    bench = Bench(plan.recipe, sources, lambda _, field: field)
    found: dict[str, dict[str, Any]] = {}
    for one in plan.sketch.fields:
        grid = grid_of(bench.selected(one))
        text = str(grid)
        row = {"text": text, "assumed": [*grid.assumed], "fields": []}
        fields = found.setdefault(text, row)["fields"]
        if str(one) not in fields:
            fields.append(str(one))
    return [*found.values()]


def _input(plan: Plan, name: str, place: int, sources: Sources) -> dict[str, Any]:
    # files of the same variables are one data set
    path, dataset = plan.files[name][place], sources.datasets[0]
    if len(sources.datasets) == len(plan.files[name]):
        dataset = sources.datasets[place]
    refused = dataset.encoding.get("xnabla_refused", {})
    return {
        "name": name,
        "path": str(path),
        "bytes": _nbytes(path),
        "hash": plan.state.hash_of(path),
        "title": str(dataset.attrs.get("title", "")),
        "notes": [
            *map(str, dataset.encoding.get("xnabla_notes", ())),
            *map(str, refused.values()),
        ],
    }


def _step(plan: Plan, made: Made, name: str) -> dict[str, Any]:
    step = plan.recipe.steps[name]
    operator = OPERATORS[step.operator]
    return {
        "name": name,
        "operator": step.operator,
        "call": str(step),
        "summary": operator.summary,
        "formula": operator.formula,
        "seconds": made.seconds.get(f"steps.{name}"),
    }


def _target(plan: Plan, target: Target) -> dict[str, Any]:
    known = plan.state.targets[label(target)]
    path = plan.path(target)
    data = isinstance(target, OutputPart)
    if data and "variables" not in known:
        known["variables"] = statistics(path)
    return {
        "name": label(target),
        "file": target.file,
        "kind": "data" if data else "picture",
        "title": ", ".join(str(one) for one in target.references()),
        "status": "made" if target in plan.stale else "unchanged",
        "seconds": known.get("seconds"),
        "bytes": _nbytes(path),
        "hash": known["hash"],
        "variables": known.get("variables", []),
    }


def _nbytes(path: Path) -> int:
    if path.is_dir():
        return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
    return path.stat().st_size


def _versions() -> dict[str, str]:
    found = {"xnabla": version("xnabla"), "Python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
