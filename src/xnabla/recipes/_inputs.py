"""Which variables of a file an operator works on: as named, else as the file tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import xarray as xr

from xnabla.accessor import Finder
from xnabla.errors import OptionError, explain
from xnabla.operators import PAIRS, Input, Operator
from xnabla.recipes._sources import Sources


def pick_inputs(
    operator: Operator,
    sources: Sources,
    named: Mapping[str, str],
    variable: str | None = None,
    selecting: Collection[str] = (),
    given: Collection[str] = (),
) -> dict[str, xr.DataArray | xr.Dataset]:
    """Take the inputs of an operator out of its files.

    Parameters
    ----------
    operator : Operator
        An entry of the catalogue.
    sources : Sources
        The open files.
    named : mapping of str to str
        The variable for each input that was named. The others are found by their
        standard name, then by their name, where just one variable fits. An optional
        one is used only when it is named.
    variable : str, optional
        The variable of an operator that needs but one.
    selecting : collection of str
        Roles of dimensions that something will be selected along: of several variables
        that fit, one that has them is meant.
    given : collection of str
        The inputs that come from elsewhere: the step before.

    Returns
    -------
    dict of str to DataArray, or to Dataset where an input may be several
        In the order of the operator's arguments.

    Raises
    ------
    FileError, OptionError, FieldError
        With the option to type.
    """
    chosen: dict[str, str | None] = {**named, **_only_input(operator, variable)}
    unknown = [name for name in chosen if name not in {i.name for i in operator.inputs}]
    if unknown:
        raise OptionError(
            explain(
                f"{operator.name} has no input {unknown[0]!r}",
                expected="one of " + ", ".join(repr(i.name) for i in operator.inputs),
            )
        )
    missing = [
        one
        for one in operator.inputs
        if one.required and one.name not in chosen and one.name not in given
    ]
    if len(operator.fields) == 1 and missing and not missing[0].standard_names:
        chosen[missing[0].name] = None  # the only field of the file
    elif missing:
        chosen |= _found(operator, missing, sources, chosen, selecting)
    return {
        one.name: _picked(one, sources, chosen[one.name])
        for one in operator.inputs
        if one.name in chosen
    }


def _picked(
    one: Input, sources: Sources, names: str | None
) -> xr.DataArray | xr.Dataset:
    """Return the variable of an input; a Dataset where it may be several."""
    if not one.several:
        return sources.pick(names)
    fields = [sources.pick(name) for name in _listed(names or "")]
    return xr.Dataset({str(field.name): field for field in fields})


def _listed(names: str) -> list[str]:
    """Return the names in a list with commas."""
    return [name.strip() for name in names.split(",") if name.strip()]


def _only_input(operator: Operator, variable: str | None) -> dict[str, str]:
    """Return what ``-v`` names: the input of an operator that needs but one."""
    if variable is None:
        return {}
    if len(operator.fields) != 1:
        typed = " ".join(f"--{name} NAME" for name in operator.fields)
        raise OptionError(
            explain(
                f"{operator.name} needs several variables",
                expected="one for each of " + ", ".join(map(repr, operator.fields)),
                got=repr(variable),
                hint=typed,
            )
        )
    return {operator.fields[0]: variable}


def _found(
    operator: Operator,
    missing: Collection[Input],
    sources: Sources,
    chosen: Mapping[str, str | None],
    selecting: Collection[str],
) -> dict[str, str | None]:
    """Return the variables of the inputs that were not named."""
    finder = Finder(sources, selecting)
    inputs = {one.name: one for one in operator.inputs if one.required}
    wanted = {one.name for one in missing}
    found: dict[str, str | None] = {}
    for first, second in PAIRS:
        if first in inputs and second in inputs and {first, second} & wanted:
            named = [chosen.get(name) for name in (first, second)]
            own = [name and str(sources.pick(name).name) for name in named]
            pair = finder.pair((inputs[first], inputs[second]), (own[0], own[1]))
            found |= dict(zip((first, second), pair, strict=True))
    for name, one in inputs.items():
        if name in wanted and name not in found:
            left = _only_one_left(operator, one, sources, chosen)
            alone = len(operator.fields) == 1
            found[name] = left or finder.one(one, alone=alone)
    return found


def _only_one_left(
    operator: Operator, one: Input, sources: Sources, chosen: Mapping[str, str | None]
) -> str | None:
    """Return the one variable that nothing else is made of, for an input of any kind.

    What no name tells is told by what is left once all the others are named.
    """
    others = [o.name for o in operator.inputs if o.required and o.name != one.name]
    if one.several or one.standard_names or one.names:
        return None
    if not others or any(chosen.get(name) is None for name in others):
        return None
    named = [part for names in chosen.values() for part in _listed(names or "")]
    used = {str(sources.pick(name).name) for name in named}
    left = [name for name in sources.fields() if name not in used]
    return left[0] if len(left) == 1 else None
