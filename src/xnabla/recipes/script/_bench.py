"""Where the steps of a recipe are done: fields by reference, each result once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import xarray as xr

from xnabla.errors import FieldError, OptionError, explain
from xnabla.grid import grid_of
from xnabla.labels import dequantify
from xnabla.recipes._adaptors_catalogue import ADAPTORS, OPERATORS
from xnabla.recipes._picks import Pick
from xnabla.recipes._sources import Sources
from xnabla.recipes.script._faults import near
from xnabla.recipes.script._parts import InputPart, OutputPart, Recipe, Reference

__all__ = ["Bench", "parts_of", "picked", "plain"]

# What a vector answers to beside the names of its components.
_OF_VECTORS = ("magnitude", "direction")


@dataclass(slots=True)
class Bench:
    """The fields and results of a recipe, as they are made.

    Attributes
    ----------
    recipe : Recipe
    sources : mapping of str to Sources
        The open files of each input.
    ready : callable
        What is done to a field once it is selected: read it, or have it in blocks.
    ahead : callable
        What is done before a step, on its operator, fields and parameters; it returns
        the parameters. Nothing, where no value may be looked at.
    results : dict of str to Any
        What each step gave.
    """

    recipe: Recipe
    sources: Mapping[str, Sources]
    ready: Callable[[Reference, xr.DataArray], xr.DataArray]
    ahead: Callable[..., Mapping[str, Any]] = lambda operator, given, own: own
    results: dict[str, Any] = field(default_factory=dict)
    _fields: dict[tuple[str, str | None], xr.DataArray] = field(default_factory=dict)

    def input(self, one: Reference) -> xr.DataArray:
        """Return a field of a file, selected and ready; the same one each time.

        Raises
        ------
        XnablaError
            If there is no such variable, level, time or region.
        """
        key = (one.name, one.part)
        if key not in self._fields:
            self._fields[key] = self.ready(one, self.selected(one))
        return self._fields[key]

    def selected(self, one: Reference) -> xr.DataArray:
        """Return a field of a file as it is selected, not read yet."""
        part = self.recipe.inputs[one.name]
        found = self.sources[one.name].pick(part.variable or one.part)
        alone = self._alone(part)
        for pick in part.picks:
            found = picked(found, pick, whole=not alone)
        return found

    def _alone(self, part: InputPart) -> bool:
        """Tell whether an input is one variable, which must have what is selected."""
        names = {one.part for one in _references(self.recipe) if one.name == part.name}
        return len(names) <= 1

    def result(self, one: Reference) -> Any:
        """Return a field of a file, or what a step gave, whole or a part of it."""
        if one.kind == "input":
            return self.input(one)
        whole = self.results[one.name]
        return whole if one.part is None else part_of(whole, one)

    def field(self, one: Reference) -> xr.DataArray:
        """Return what must be one field.

        Raises
        ------
        OptionError
            If it is several, with their names.
        """
        found = self.result(one)
        if isinstance(found, xr.DataArray):
            return found
        main = OPERATORS[self.recipe.steps[one.name].operator].main
        parts = parts_of(found)
        if main in parts or len(parts) == 1:
            return parts[main if main in parts else next(iter(parts))]
        raise OptionError(
            explain(
                f"Step {one.name!r} gives {len(parts)} fields",
                expected="one of " + ", ".join(f"'{one.name}.{n}'" for n in parts),
                got=repr(str(one)),
            )
        )

    def do(self, name: str) -> Any:
        """Do a step whose own steps are done, and keep what it gives.

        Raises
        ------
        XnablaError
            What the operator refuses.
        """
        step = self.recipe.steps[name]
        operator = OPERATORS[step.operator]
        given: dict[str, Any] = {}
        for one in operator.inputs:
            if one.name not in step.fields:
                continue
            references = step.fields[one.name]
            if one.several:
                several = [self.field(reference) for reference in references]
                given[one.name] = xr.Dataset({str(f.name): f for f in several})
            elif step.operator in ADAPTORS:
                given[one.name] = self.result(references[0])
            else:
                given[one.name] = self.field(references[0])
        parameters = self.ahead(operator, given, step.parameters)
        self.results[name] = operator.function(**given, **parameters)
        return self.results[name]

    def output(self, part: OutputPart) -> xr.Dataset:
        """Return what a file will hold, with plain values.

        Raises
        ------
        XnablaError
            If two variables have one name, or are not on one grid.
        """
        whole: dict[str, xr.DataArray] = {}
        attributes: dict[str, Any] = {}
        for name, one in part.variables:
            found = self.result(one) if name is None else self.field(one)
            parts = parts_of(found) if name is None else {name: found.rename(name)}
            if isinstance(found, xr.Dataset):
                attributes = {**found.attrs, **attributes}
            if name is None and one.kind == "step" and one.part in _OF_VECTORS:
                (own,) = parts.values()
                parts = {str(own.name): own}
            for called, field_ in parts.items():
                if called in whole:
                    raise OptionError(_twice(called, part))
                cut = field_
                for pick in part.picks:
                    cut = picked(cut, pick, whole=True)
                whole[called] = plain(cut)
        _check_one_grid(whole)
        return xr.Dataset(whole, attrs=attributes)

    def forget(self, kept: Iterable[Reference]) -> None:
        """Let go of every field and result that nothing left to do needs."""
        steps = {one.name for one in kept if one.kind == "step"}
        fields = {(one.name, one.part) for one in kept if one.kind == "input"}
        self.results = {n: v for n, v in self.results.items() if n in steps}
        self._fields = {k: v for k, v in self._fields.items() if k in fields}


def _references(recipe: Recipe) -> Iterable[Reference]:
    for part in (*recipe.steps.values(), *recipe.targets):
        yield from (one for one in part.references() if one.kind == "input")


def picked(field_: xr.DataArray, pick: Pick, *, whole: bool) -> xr.DataArray:
    """Return a field as it is selected.

    Parameters
    ----------
    field_ : DataArray
    pick : Pick
    whole : bool
        Whether a field that has nothing to select from is left as it is.

    Raises
    ------
    XnablaError
    """
    grid = grid_of(field_)
    if whole and not pick.is_in(grid):
        return field_
    for selection in pick.of(field_, grid):
        field_ = selection.of(field_)
    return field_


def parts_of(result: Any) -> dict[str, xr.DataArray]:
    """Return the fields of a result by their names."""
    if isinstance(result, xr.Dataset):
        return {str(name): one for name, one in result.data_vars.items()}
    parts = result if isinstance(result, tuple) else (result,)
    return {str(one.name): one for one in parts}


def part_of(result: Any, one: Reference) -> xr.DataArray:
    """Return a part of a result by its name, its letter, or what it is of a vector."""
    parts = parts_of(result)
    if one.part in parts:
        return parts[one.part]
    if isinstance(result, xr.Dataset) and one.part in result.coords:
        return result[one.part].reset_coords(drop=True)
    if isinstance(result, tuple):
        if one.part in _OF_VECTORS and hasattr(result, str(one.part)):
            made: xr.DataArray = getattr(result, str(one.part))()
            return made
        try:
            found: xr.DataArray = result[one.part]  # type: ignore[call-overload]
        except (KeyError, TypeError):
            pass
        else:
            return found
    known = [*parts, *(_OF_VECTORS if isinstance(result, tuple) else ())]
    meant = near(str(one.part), known)
    raise FieldError(
        explain(
            f"Step {one.name!r} gives no {one.part!r}",
            expected=None if meant else "one of " + ", ".join(map(repr, known)),
            hint=repr(f"{one.name}.{meant}") if meant else None,
        )
    )


def plain(field_: xr.DataArray) -> xr.DataArray:
    """Return a field without pint, and without names of other variables of its file."""
    found: xr.DataArray = dequantify(field_)
    return found


def _twice(name: str, part: OutputPart) -> str:
    return explain(
        f"Two variables of {part.file!r} would be called {name!r}",
        hint=f"variables = {{ {name} = {str(part.variables[0][1])!r}, … }}, "
        "a name for each",
    )


def _check_one_grid(fields: Mapping[str, xr.DataArray]) -> None:
    """Refuse fields that differ in a coordinate they share."""
    seen: dict[Any, tuple[str, xr.DataArray]] = {}
    for name, one in fields.items():
        for key, coordinate in one.coords.items():
            other = seen.setdefault(key, (name, coordinate))[1]
            if other is not coordinate and not coordinate.equals(other):
                raise OptionError(
                    explain(
                        f"{seen[key][0]!r} and {name!r} differ in {str(key)!r} and "
                        "cannot be in one file",
                        got=f"{_short(other)} and {_short(coordinate)}",
                        hint="an output for each",
                    )
                )


def _short(coordinate: xr.DataArray) -> str:
    if coordinate.ndim == 0:
        return str(coordinate.values)
    return f"{coordinate.size} values from {coordinate.values.flat[0]}"
