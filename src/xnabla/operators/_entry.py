"""What an entry of the catalogue is made of: inputs, parameters, operators."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

# A place is two numbers; a condition is what holds at a side of a region.
Kind = Literal["text", "integer", "number", "choice", "flag", "place", "condition"]
# A field; a vector of components; several fields that are no vector; a list of points
# or of paths, which lies on no grid.
Gives = Literal["field", "vector", "fields", "list"]
# What a value of the result is made of: the point alone; its neighbours, by a stencil
# or a window; all points along one dimension; the whole map.
Reach = Literal["point", "stencil", "line", "map"]


# Inputs that are the two components of one wind, and must be of one kind.
PAIRS = (("u", "v"), ("ug", "vg"))


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument of an operator that can be written as a word.

    Attributes
    ----------
    name : str
        What people call it: the option, and the key in a recipe.
    help : str
        One line for people.
    kind : {"text", "integer", "number", "choice", "flag", "place", "condition"}
        What the word is; a flag has none, and is true where it stands.
    choices : tuple
        The values it may take, if they are few.
    required : bool
        Whether the operator needs it.
    default : str
        What happens without it, for people.
    several : bool
        Whether it may be given several times.
    call : str
        Name of the keyword of the function, where it is not the parameter's: some are
        taken by options that all commands have.
    """

    name: str
    help: str
    kind: Kind = "text"
    choices: tuple[Any, ...] = ()
    required: bool = False
    default: str = ""
    several: bool = False
    call: str = ""

    @property
    def keyword(self) -> str:
        """The keyword of the function."""
        return self.call or self.name


@dataclass(frozen=True, slots=True)
class Input:
    """A labelled field an operator works on.

    Attributes
    ----------
    name : str
        Name of the argument.
    help : str
        One line for people.
    standard_names : tuple of str
        CF standard names by which a file gives it away.
    names : tuple of str
        What files often call it.
    required : bool
        Whether the operator needs it.
    several : bool
        Whether it may be several variables, named with commas; the function then gets
        a Dataset of them.
    """

    name: str
    help: str
    standard_names: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    required: bool = True
    several: bool = False


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator, said once.

    Attributes
    ----------
    name : str
        Name of the function, the accessor's method and the command.
    inputs : tuple of Input
        Its labelled fields; those not required come last.
    parameters : tuple of Parameter
        What else it takes.
    summary : str
        One line for people.
    formula : str
        In plain letters.
    example : str
        A command line on the sample data.
    room : str
        The package that has the function.
    gives : {"field", "vector", "fields", "list"}
        What it returns, for the operator that comes next in a chain.
    reach : {"point", "stencil", "line", "map"}
        What a value of the result is made of. A region is cut out after a stencil,
        which needs the neighbours, and before what is made of all that is given.
    main : str
        The variable of the result that is the field, where it returns a Dataset.
    call : str
        Name of the function, where it is not the operator's.
    unit : str
        Unit of the result without ``units=``, for people; ``[f]`` is that of the field.
    """

    name: str
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    summary: str
    formula: str
    example: str
    room: str = "xnabla.operators"
    gives: Gives = "field"
    reach: Reach = "stencil"
    main: str = ""
    call: str = ""
    unit: str = "[f]"

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields it needs."""
        return tuple(one.name for one in self.inputs if one.required)

    @property
    def function(self) -> Callable[..., Any]:
        """The function itself, imported when first asked for."""
        found: Callable[..., Any] = getattr(
            importlib.import_module(self.room), self.call or self.name
        )
        return found
