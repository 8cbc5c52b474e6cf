"""What a shell is told when somebody asks how a word may go on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem, get_completion_class, shell_complete

if TYPE_CHECKING:
    from xnabla.operators import Operator

VARIABLE = "_XNABLA_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
# Where a command keeps the steps that were typed after --then.
STEPS = "xnabla.steps"
# Where it keeps all other words.
WORDS = "xnabla.words"


def script(shell: str, program: click.Command) -> str:
    """Return the lines that teach a shell to complete."""
    made = get_completion_class(shell)
    if made is None:
        msg = f"no completion for {shell}"
        raise click.UsageError(msg)
    # not source(), which starts the shell to see how old it is
    complete = made(program, {}, "xnabla", VARIABLE)
    return complete.source_template % complete.source_vars()


def answer(program: click.Command, instruction: str) -> int:
    """Print how a word may go on, as the shell asked."""
    return shell_complete(program, {}, "xnabla", VARIABLE, instruction)


def files(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete a file; after ``--then`` what the step may be told."""
    del param
    typed = ctx.meta.get(STEPS)
    if not typed:
        return [CompletionItem(incomplete, type="file")]
    words = typed[-1].words
    if not words:
        return _operators(incomplete)
    operator = _operator(words[0])
    return [] if operator is None else _of(operator, incomplete)


def steps(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the operator after ``--then``."""
    del ctx, param
    return _operators(incomplete)


def variables(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the name of a variable of the files that were typed before."""
    del param
    found: dict[str, str] = {}
    for name in ctx.meta.get(WORDS, ()):  # an option without its value spoils params
        found |= _variables(Path(name).expanduser())
    return [
        CompletionItem(name, help=text)
        for name, text in found.items()
        if name.startswith(incomplete)
    ]


def _variables(path: Path) -> dict[str, str]:
    """Return the variables of a file with dimensions, and what they are called."""
    if not path.is_file():
        return {}
    from netCDF4 import Dataset

    try:
        with Dataset(path) as dataset:
            return {
                name: str(getattr(one, "long_name", ""))
                for name, one in dataset.variables.items()
                if one.ndim and name not in dataset.dimensions
            }
    except OSError:
        return {}


def _operators(incomplete: str) -> list[CompletionItem]:
    from xnabla.recipes import OPERATORS

    return [
        CompletionItem(name, help=one.summary)
        for name, one in OPERATORS.items()
        if name.startswith(incomplete.replace("-", "_"))
    ]


def _operator(name: str) -> Operator | None:
    from xnabla.recipes import OPERATORS

    return OPERATORS.get(name.replace("-", "_"))


def _of(operator: Operator, incomplete: str) -> list[CompletionItem]:
    """Complete ``name=value`` of a step."""
    name, mark, _ = incomplete.partition("=")
    if not mark:
        every: list[Any] = [*operator.inputs, *operator.parameters]
        return [
            CompletionItem(f"{one.name}=", help=one.help)
            for one in every
            if one.name.startswith(name) and one.name != "result"
        ]
    from xnabla.recipes import shown

    return [
        CompletionItem(f"{name}={shown(choice)}")
        for one in operator.parameters
        if one.name == name
        for choice in one.choices
        if f"{name}={shown(choice)}".startswith(incomplete)
    ]
