"""A recipe from its file to its files: read, planned, made, and told."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xnabla.files import publish
from xnabla.recipes.script._check import refuse_foreign_link
from xnabla.recipes.script._make import Watch, make
from xnabla.recipes.script._page import page_of
from xnabla.recipes.script._parts import PlotPart
from xnabla.recipes.script._plan import Plan, label, plan
from xnabla.recipes.script._read import read_recipe
from xnabla.recipes.script._report import report_of

__all__ = ["carry_out", "run_recipe"]


def run_recipe(
    recipe: str | os.PathLike[str] | Mapping[str, Any],
    *,
    resume: bool = False,
    overwrite: bool = False,
) -> dict[str, Path]:
    """Make all files of a recipe: the same as ``xnabla run`` at a shell.

    Everything is checked before any data is read. Each file appears whole or not at
    all, and what is done is kept in mind beside them, for ``resume``.

    Parameters
    ----------
    recipe : path or mapping
        A TOML file, or what one would hold. Paths in it are relative to the folder of
        the file; those of a mapping to the working directory.
    resume : bool, optional
        Leave files as they are that would be made the same again: their inputs (by what
        they hold), steps, parameters and the version of xnabla are unchanged.
    overwrite : bool, optional
        Replace files that are there.

    Returns
    -------
    dict of str to Path
        The files of the recipe, by name: ``outputs.fronts``, ``plots.fronts``.

    Raises
    ------
    FileError
        If there is no such recipe, or a file cannot be written.
    ValueError
        A ``RecipeError``, which tells all that is wrong, each with its line, in
        ``faults``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = run_recipe({
    ...         "inputs": {"t": {"path": "sample_data/gfs_20110115.nc",
    ...                          "variable": "t", "level": 850}},
    ...         "steps": {"grad": {"operator": "gradient", "field": "inputs.t"}},
    ...         "outputs": {"fronts": {"file": f"{folder}/fronts.nc",
    ...                                "variables": ["grad.magnitude"]}},
    ...     })  # doctest: +SKIP
    """
    began = datetime.now(UTC).replace(microsecond=0)
    todo = plan(read_recipe(recipe), began=began, resume=resume, overwrite=overwrite)
    carry_out(todo, Watch(), "xnabla.run_recipe")
    return {label(one): todo.path(one) for one in todo.recipe.targets}


def carry_out(todo: Plan, watch: Watch, command: str) -> None:
    """Make what a plan says, and write its report if it asks for one.

    Parameters
    ----------
    todo : Plan
    watch : Watch
        Who is told, and may end it.
    command : str
        How it was asked for.
    """
    began = time.perf_counter()
    made = make(todo, watch)
    if todo.recipe.report is None:
        return
    watch.checkpoint()
    watch.say(f"writing {todo.recipe.report}")
    report = report_of(todo, made, command, time.perf_counter() - began)
    todo.state.finished = True
    todo.state.write()  # with the numbers of the report, which are not read twice
    pictures = {
        label(one): todo.path(one)
        for one in todo.recipe.targets
        if isinstance(one, PlotPart)
    }
    path = todo.recipe.path(todo.recipe.report)
    texts = {
        path.with_suffix(".json"): json.dumps(report, indent=1) + "\n",
        path: page_of(report, pictures),
    }
    for place, text in texts.items():
        refuse_foreign_link(place)
        with publish(place, overwrite=True, checkpoint=watch.checkpoint) as temporary:
            temporary.write_bytes(text.encode("utf-8", "backslashreplace"))
