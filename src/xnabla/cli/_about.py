"""Commands that tell: of a file, its accuracy, the operators, and completion."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import click

from xnabla.cli._complete import SHELLS, files, script
from xnabla.cli._complete import steps as names
from xnabla.cli._options import written
from xnabla.cli._sections import by_section

if TYPE_CHECKING:
    from xnabla.operators import Operator


@click.command(
    help="Tell what xnabla understands of a file: each variable's grid, spacing in km, "
    "period, poles, Earth and unit, and what was assumed or is wrong. Several files, a "
    "pattern in quotes or a folder are told of as the one data set they are.",
    short_help="Tell what xnabla understands of a file.",
    epilog="Example: xnabla info sample_data/gfs_20110115.nc",
)
@click.argument("file", nargs=-1, required=True, shell_complete=files)
@click.option("--group", metavar="NAME", help="Group of the file to tell of.")
def info(file: tuple[str, ...], group: str | None) -> None:
    """Print what files hold."""
    from xnabla.recipes import info_lines

    click.get_current_context().obj.given = {"file": file[0]}
    click.echo("\n".join(info_lines(file, group)))


@click.command(
    help="Measure how accurate gradient, Laplacian, vorticity and divergence are on "
    "each grid of a file, or on a grid named in a word: waves whose derivatives are "
    "known are laid on its points. Tells what is wrong with the file, too, which is "
    "tried in a process of its own first.",
    short_help="Measure the accuracy on the grids of a file.",
    epilog="Example: xnabla check sample_data/gfs_20110115.nc --plot accuracy.png",
)
@click.argument("file", required=False, shell_complete=files)
@click.option(
    "--grid",
    metavar="SPEC",
    help="A grid instead of a file: 0.25, 721x1440, N80, T62, 'EPSG:3995 25 km'.",
)
@click.option(
    "--accuracy",
    type=click.Choice(["2", "4", "6"]),
    multiple=True,
    help="Accuracy to measure; may be given several times.  [default: all]",
)
@click.option("--earth", help="Figure of the Earth: WGS84, GRS80, … or a radius in m.")
@click.option("--json", metavar="OUT.json", help="Write all numbers.")
@click.option("--plot", metavar="OUT.png", help="Picture to draw: png, pdf or svg.")
@click.option("--overwrite", is_flag=True, help="Replace existing targets.")
@click.option("--group", metavar="NAME", help="Group of the file to judge.")
def check(file: str | None, grid: str | None, **given: Any) -> None:
    """Print how accurate the operators are on the grids of a file."""
    if (file is None) == (grid is None):
        raise click.UsageError("Give a FILE or --grid SPEC, one of them")
    if file is None and given["group"] is not None:
        raise click.UsageError("--group is of a FILE, and --grid is none")
    from xnabla.operators import Parameter
    from xnabla.recipes import Check, check_lines, value_of

    session = click.get_current_context().obj
    session.given = {"file": file or ""}
    earth = given["earth"]
    lines = check_lines(
        Check(
            file,
            grid,
            tuple(int(one) for one in given["accuracy"]) or (2, 4, 6),
            None if earth is None else value_of(Parameter("earth", ""), earth),
            given["json"],
            given["plot"],
            given["overwrite"],
            given["group"],
        )
    )
    session.checkpoint()
    click.echo("\n".join(lines))


@click.command(
    help="List all operators with formula and unit, or tell all about one. [f] is the "
    "unit of the field. Those under 'After --then' are steps of a chain.",
    short_help="List all operators with formula and unit.",
    epilog="Example: xnabla operators gradient",
)
@click.argument("name", required=False, shell_complete=names)
@click.option("--json", "as_json", is_flag=True, help="Tell it as JSON.")
def operators(name: str | None, as_json: bool) -> None:
    """Print the catalogue, or an entry of it."""
    import json

    from xnabla.recipes import OPERATORS, operator_of

    chosen = [*OPERATORS.values()] if name is None else [operator_of(name)]
    sections = by_section(one.name for one in chosen)
    if as_json:
        homes = {own: title for title, every in sections.items() for own in every}
        rows = [_plain(one, homes[one.name]) for one in chosen]
        click.echo(json.dumps(rows if name is None else rows[0], indent=2))
    elif name is None:
        click.echo("\n".join(_table(sections, OPERATORS)))
    else:
        click.echo("\n".join(_entry(chosen[0])))


@click.command(
    help="Print the lines that teach a shell to complete commands, options, steps and "
    "names of variables.",
    short_help="Print what teaches a shell to complete.",
    epilog="Example: xnabla completion bash > ~/.local/share/bash-completion/"
    "completions/xnabla",
)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script of a shell."""
    program = click.get_current_context().find_root().command
    click.echo(script(shell, program))


def _table(sections: dict[str, list[str]], entries: dict[str, Operator]) -> list[str]:
    """Return each operator with its summary, formula and unit, under headings."""
    lines: list[str] = []
    for title, own in sections.items():
        lines += [*([""] if lines else []), f"{title}:"]
        for name in own:
            one = entries[name]
            lines += [
                f"  {name}",
                *_wrapped(one.summary),
                *_wrapped(f"{one.formula}; in {one.unit}"),
            ]
    return lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 84, initial_indent="    ", subsequent_indent="      ")


def _entry(one: Operator) -> list[str]:
    """Return all about an operator."""
    lines = [f"{one.name}: {one.summary}", "", f"Formula: {one.formula}"]
    lines += [f"Unit: {one.unit}", ""]
    parts: list[Any] = [*one.inputs, *one.parameters]
    for part in parts:
        if part.name == "result":
            continue
        choices = " | ".join(map(written, getattr(part, "choices", ())))
        default = getattr(part, "default", "")
        text = part.help + (f"  {choices}" if choices else "")
        text += f"  [default: {default}]" if default else ""
        lines += [f"  {part.name}", *_wrapped(text)]
    return [*lines, "", f"Example: {one.example}"]


def _plain(one: Operator, section: str) -> dict[str, Any]:
    """Return an entry of the catalogue as JSON has it."""
    return {
        "name": one.name,
        "section": section,
        "summary": one.summary,
        "formula": one.formula,
        "unit": one.unit,
        "gives": one.gives,
        "inputs": [
            {
                "name": part.name,
                "help": part.help,
                "standard_names": list(part.standard_names),
                "required": part.required,
            }
            for part in one.inputs
        ],
        "parameters": [
            {
                "name": part.name,
                "help": part.help,
                "kind": part.kind,
                "choices": list(part.choices),
                "required": part.required,
                "default": part.default,
                "several": part.several,
            }
            for part in one.parameters
        ],
        "example": one.example,
    }
