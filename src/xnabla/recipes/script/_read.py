"""A recipe read from a file or a mapping: its parts, or everything wrong with them."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xnabla.errors import FileError, OptionError, XnablaError, explain
from xnabla.files import form_of
from xnabla.recipes._memory import DEFAULT_MEMORY, bytes_of
from xnabla.recipes._picks import Pick, picks_of
from xnabla.recipes._storage import compression_of, fills_of
from xnabla.recipes.script._faults import Fault, Faults, RecipeError
from xnabla.recipes.script._lines import key_lines
from xnabla.recipes.script._parts import (
    InputPart,
    OutputPart,
    PlotPart,
    Recipe,
    Reference,
)
from xnabla.recipes.script._schema import Table, sections_of
from xnabla.recipes.script._steps import reference_of, references_of, step_part

__all__ = ["read_recipe", "reporting"]

_MOST_BYTES = 4_000_000
_IN_SYNTAX = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")
_SELECTING = ("level", "time", "region", "select", "nearest")


def read_recipe(source: str | os.PathLike[str] | Mapping[str, Any]) -> Recipe:
    """Read a recipe, and look at nothing else.

    Parameters
    ----------
    source : path or mapping
        A TOML file, or what one would hold. The paths of a mapping are relative to the
        working directory.

    Raises
    ------
    FileError
        If there is no such file.
    RecipeError
        With everything that is wrong in it.
    """
    if isinstance(source, Mapping):
        return _recipe(source, Faults("recipe"), "", Path.cwd())
    path = Path(source)
    text = _text(path)
    document, faults = _document(text, str(source))
    return _recipe(document, faults, text, path.absolute().parent)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        text = f"There is no recipe '{path}'"
        if not isinstance(error, FileNotFoundError):
            text = f"Recipe '{path}' cannot be read: {error.strerror or error}"
        raise FileError(explain(text, hint="xnabla run RECIPE.toml")) from error
    if len(raw) > _MOST_BYTES:
        raise FileError(explain(f"'{path}' is too large to be a recipe"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        sentence = explain("This is no UTF-8 text", hint=f"file {path}")
        raise RecipeError([Fault(str(path), line, sentence)]) from error


def _document(text: str, called: str) -> tuple[dict[str, Any], Faults]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        found = _IN_SYNTAX.search(said)
        line = int(found[1]) if found and found[1] else text.rstrip().count("\n") + 1
        sentence = explain(f"This is no TOML: {_IN_SYNTAX.sub('', said).strip()}")
        raise RecipeError([Fault(called, line, sentence)]) from error
    except RecursionError as error:
        sentence = explain("This is nested too deeply to be a recipe")
        raise RecipeError([Fault(called, 1, sentence)]) from error
    return document, Faults(called, key_lines(text))


def _recipe(
    document: Mapping[str, Any], faults: Faults, text: str, folder: Path
) -> Recipe:
    tables = sections_of(document, faults)
    head = tables["recipe"][0] if tables["recipe"] else Table({}, ("recipe",), faults)
    head.only(("title", "description", "memory"))
    recipe = Recipe(
        called=faults.file,
        text=text,
        folder=folder,
        title=head.text("title"),
        description=head.text("description"),
        memory=_memory(head),
        inputs={str(t.where[1]): _input(t) for t in tables["inputs"]},
        steps={str(t.where[1]): step_part(t) for t in tables["steps"]},
        outputs={str(t.where[1]): _output(t) for t in tables["outputs"]},
        plots={str(t.where[1]): _plot(t) for t in tables["plots"]},
        report=_report(tables["report"]),
        lines=faults.lines,
    )
    if not recipe.targets and not (tables["outputs"] or tables["plots"]):
        text = "The recipe makes nothing"
        hint = '[outputs.NAME] with file = "result.nc" and variables = ["STEP"]'
        faults.add((), explain(text, hint=hint))
    faults.check()
    return recipe


def _memory(table: Table) -> int:
    if "memory" not in table.values:
        return DEFAULT_MEMORY
    try:
        return bytes_of(table.text("memory", "1 GB"))
    except XnablaError as error:
        said = str(error).replace("--memory '", "memory = '")
        table.faults.add((*table.where, "memory"), said)
        return DEFAULT_MEMORY


def _input(table: Table) -> InputPart:
    table.only(("path", "variable", "fill", *_SELECTING))
    paths = table.texts("path") if table.need("path", '"data.nc"') else ()
    variable = table.text("variable") if "variable" in table.values else None
    fill: dict[str, Any] = {}
    if "fill" in table.values:
        with table.faults.at((*table.where, "fill")):
            fill = fills_of(table.texts("fill"))
    return InputPart(str(table.where[1]), paths, variable, _picks(table), fill)


def _picks(table: Table) -> tuple[Pick, ...]:
    """Return what is selected; note what is no selection."""
    words = {key: _word(table, key) for key in ("level", "time", "region")}
    nearest = table.values.get("nearest", False)
    if not isinstance(nearest, bool):
        table.wrong("nearest", expected="true or false")
    found: list[Pick] = []
    for key, word in words.items():
        if word is not None:
            with table.faults.at((*table.where, key)):
                found += picks_of(**{key: word}, nearest=bool(nearest))
    for dim, word in _selected(table).items():
        with table.faults.at((*table.where, "select", dim)):
            found += picks_of(select=[f"{dim}={word}"], nearest=bool(nearest))
    return tuple(found)


def _selected(table: Table) -> dict[str, str]:
    given = table.values.get("select", {})
    if not isinstance(given, dict):
        table.wrong("select", expected='a table, such as { latitude = "40:60" }')
        return {}
    inner = Table(given, (*table.where, "select"), table.faults)
    words = {dim: _word(inner, dim) for dim in given}
    return {dim: word for dim, word in words.items() if word is not None}


def _word(table: Table, key: str) -> str | None:
    """Return what selects, as one would write it at a shell; note what cannot."""
    value = table.values.get(key)
    if value is None:
        return None
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        examples = {"time": "-1 or '2011-01'", "region": "'35:70,-15:45'"}
        example = examples.get(key, "850 or '850 hPa'")
        table.wrong(key, expected=f"one {key}, such as {example}")
        return None
    return str(value)


def _output(table: Table) -> OutputPart:
    table.only(("file", "variables", "compression", "region"))
    file = table.text("file") if table.need("file", '"result.nc"') else ""
    variables: tuple[tuple[str | None, Reference], ...] = ()
    if table.need("variables", '["STEP"]'):
        variables = _variables(table)
    compression = _compression(table, file)
    picks = _picks(table) if "region" in table.values else ()
    return OutputPart(str(table.where[1]), file, variables, compression, picks)


def _compression(table: Table, file: str) -> Any:
    """Return how a file is compressed; note what is no compression."""
    given = table.values.get("compression", True)
    if not isinstance(given, (bool, str)):
        table.wrong("compression", expected="true, false, or text such as 'zlib:4'")
        return True
    chosen: Any = True
    with table.faults.at((*table.where, "compression")):
        chosen = compression_of(given) if isinstance(given, str) else given
        form_of(file or "result.nc", chosen)
    return chosen


def _variables(table: Table) -> tuple[tuple[str | None, Reference], ...]:
    """Return what a file holds: a list of references, or names for them."""
    given = table.values["variables"]
    if not isinstance(given, dict):
        return tuple((None, one) for one in references_of(table, "variables"))
    if not given:
        table.wrong("variables", expected="a list or a table that is not empty")
    inner = Table(given, (*table.where, "variables"), table.faults)
    found = ((name, reference_of(inner, name)) for name in given)
    return tuple((name, one) for name, one in found if one is not None)


def _plot(table: Table) -> PlotPart:
    table.only(("file", "step", "contours", "arrows", "title", "crs", "region"))
    file = table.text("file") if table.need("file", '"picture.png"') else ""
    step = reference_of(table, "step") if table.need("step", '"STEP"') else None
    contours = reference_of(table, "contours") if "contours" in table.values else None
    arrows = references_of(table, "arrows") if "arrows" in table.values else ()
    if len(arrows) not in (0, 2):
        table.wrong("arrows", expected="the two parts of a wind, such as ['u', 'v']")
    options = {k: table.text(k) for k in ("title", "crs") if k in table.values}
    step = step or Reference("step", "", None)
    picks = _picks(table) if "region" in table.values else ()
    name = str(table.where[1])
    return PlotPart(name, file, step, contours, arrows, options, picks)


def reporting(recipe: Recipe, file: str) -> Recipe:
    """Return a recipe that writes its report to another page.

    Raises
    ------
    OptionError
        If the name is not that of a page.
    """
    if not _is_page(file):
        raise OptionError(_no_page(file))
    return replace(recipe, report=file)


def _is_page(file: str) -> bool:
    return Path(file).suffix.lower() in (".html", ".htm")


def _no_page(file: str) -> str:
    hint = f"{Path(file).stem or 'report'}.html"
    return explain(f"{file!r} is no name of a page", hint=hint)


def _report(tables: list[Table]) -> str | None:
    if not tables:
        return None
    (table,) = tables
    table.only(("file",))
    file = table.text("file") if table.need("file", '"report.html"') else ""
    if file and not _is_page(file):
        table.faults.add(("report", "file"), _no_page(file))
    return file or None
