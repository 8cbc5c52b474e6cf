"""The options that every command has, and those its entry of the catalogue makes."""

from __future__ import annotations

from typing import Any

import click

from xnabla.cli._complete import files, steps, variables
from xnabla.cli._then import THEN
from xnabla.operators import Input, Operator, Parameter

_KINDS: dict[str, Any] = {"integer": int, "number": float, "text": str}
_METAVARS = {"place": "LAT,LON", "condition": "SIDE=KIND[:VALUE]"}


def shared_options() -> list[click.Option]:
    """Return the options of the whole: what is selected, and where results go."""
    return [
        click.Option(
            [THEN],
            metavar="STEP",
            multiple=True,
            shell_complete=steps,
            help="An operator on the result, with its options: --then magnitude, "
            "--then mean time, --then smooth length_scale=300km. As many as wanted; "
            "nothing is written between them.",
        ),
        click.Option(
            ["--level"],
            metavar="VALUE",
            help="Level to take, by value: 850, '85000 Pa', 1000:500 or 850,500; "
            "counted from 0 where levels have no values.",
        ),
        click.Option(
            ["--time"],
            metavar="WHEN",
            help="Time to take: a number from 0, a date such as 2011-01-15, or "
            "2011-01:2011-03.",
        ),
        click.Option(
            ["--region"],
            metavar="S:N,W:E",
            help="Part of the globe to take, in degrees: 35:70,-15:45. Derivatives see "
            "their neighbours outside it; whole-map methods and means see it alone.",
        ),
        click.Option(
            ["--select"],
            metavar="DIM=VALUE",
            multiple=True,
            help="The same of any dimension: latitude=45, plev=1000:500, number=3,7.",
        ),
        click.Option(
            ["--nearest"],
            is_flag=True,
            help="Take the nearest level, time or place where there is none.",
        ),
        click.Option(
            ["-o", "--output"], metavar="OUT.nc", help="File to write: .nc, or .zarr."
        ),
        click.Option(
            ["--plot"], metavar="OUT.png", help="Picture to draw: png, pdf or svg."
        ),
        click.Option(["--overwrite"], is_flag=True, help="Replace existing targets."),
        click.Option(
            ["--append"],
            metavar="DIM",
            help="Put the result to what the file holds already, along DIM: time.",
        ),
        click.Option(
            ["--compression"],
            metavar="NAME[:LEVEL]",
            default="zlib",
            show_default=True,
            help="zlib, which every tool reads, zstd, blosc, or none.",
        ),
        click.Option(
            ["--layout"],
            type=click.Choice(("maps", "series")),
            default="maps",
            show_default=True,
            help="What is read at once: a map, or all times of a point.",
        ),
        click.Option(
            ["--format"],
            metavar="NAME",
            help="NETCDF4, NETCDF3_CLASSIC, ZARR3, …  [default: what the name ends in]",
        ),
        click.Option(["--group"], metavar="NAME", help="Group of the files to read."),
        click.Option(
            ["--fill"],
            metavar="NAME=VALUE",
            multiple=True,
            help="A number that means missing where the file does not say so: t=-999; "
            "t=none if there is none.",
        ),
        click.Option(
            ["--memory"],
            metavar="SIZE",
            default="1 GB",
            show_default=True,
            help="Memory to keep within; larger fields go through in blocks.",
        ),
        click.Option(
            ["--cluster"],
            metavar="ADDRESS",
            help="A dask scheduler to compute on: tcp://host:8786, or its file.",
        ),
        click.Option(["--quiet"], is_flag=True, help="No summary and no progress."),
        click.Option(
            ["--json"], is_flag=True, help="Tell about the result as JSON, on stdout."
        ),
    ]


def own_options(operator: Operator) -> list[click.Parameter]:
    """Return what an entry of the catalogue makes: its file, inputs and parameters."""
    return [
        click.Argument(["file"], nargs=-1, required=True, shell_complete=files),
        *(_input_option(operator, one) for one in operator.inputs),
        *(_option(parameter) for parameter in operator.parameters),
    ]


def _input_option(operator: Operator, one: Input) -> click.Option:
    """Return the option that names the variable of an input."""
    names = [f"--{one.name}"]
    if operator.fields == (one.name,):
        names = ["-v", "--variable", *names]
    return click.Option(
        [dest(one.name), *names],
        help=_input_help(operator, one),
        metavar="NAME",
        shell_complete=variables,
    )


def _input_help(operator: Operator, one: Input) -> str:
    """Say what an input is, and by what it is found."""
    signs = [*one.standard_names[:2], *(f"the name {name}" for name in one.names[:1])]
    text = one.help
    if one.name == "field" and not signs:
        several = len(operator.fields) > 1
        text = "The field, a variable" if several else "Variable of the file"
        text += ", by name or standard_name."
    if not one.required:
        return f"{text}  [default: none]"
    return text + (f"  [default: found by {', '.join(signs)}]" if signs else "")


def dest(name: str) -> str:
    """Return where the parser keeps the name of an input's variable."""
    return f"input_{name}"


def _option(parameter: Parameter) -> click.Option:
    if parameter.kind == "flag":
        # None where it does not stand, like every other option
        name = f"--{parameter.name}"
        return click.Option([name], flag_value=True, default=None, help=parameter.help)
    kind = _KINDS.get(parameter.kind)
    if parameter.choices:
        kind = click.Choice([written(choice) for choice in parameter.choices])
    default = f"  [default: {parameter.default}]" if parameter.default else ""
    return click.Option(
        [f"--{parameter.name}"],
        type=kind,
        multiple=parameter.several,
        metavar=_METAVARS.get(parameter.kind),
        required=parameter.required,
        help=parameter.help + default,
    )


def written(choice: Any) -> str:
    """Return how a value of a choice is typed."""
    return {True: "yes", False: "no"}[choice] if type(choice) is bool else str(choice)
