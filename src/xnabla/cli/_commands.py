"""Each operator as a command; its options come from the catalogue."""

from __future__ import annotations

import shlex
from typing import Any

import click

from xnabla.cli._session import Session
from xnabla.operators import CATALOGUE, Operator, Parameter

_KINDS: dict[str, Any] = {"integer": int, "number": float, "text": str}


def operator_commands() -> list[click.Command]:
    """Return one command for each operator on one field."""
    return [
        _command(operator)
        for operator in CATALOGUE.values()
        if operator.fields == ("field",)
    ]


@click.command(
    help="Tell what xnabla understands of a file: each variable's grid, spacing in km, "
    "period, poles, Earth and unit, and what was assumed or is wrong.",
    short_help="Tell what xnabla understands of a file.",
    epilog="Example: xnabla info sample_data/gfs_20110115.nc",
)
@click.argument("file")
def info(file: str) -> None:
    """Print what a file holds."""
    from xnabla.recipes import info_lines

    click.get_current_context().obj.given = {"file": file}
    click.echo("\n".join(info_lines(file)))


def _command(operator: Operator) -> click.Command:
    parameters: list[click.Parameter] = [
        click.Argument(["file"]),
        click.Option(
            ["-v", "--variable"], help="Variable of the file.", metavar="NAME"
        ),
        *(_option(parameter) for parameter in operator.parameters),
        click.Option(
            ["--level"],
            metavar="VALUE",
            help="Level to take first, by value: 850 or '85000 Pa'.",
        ),
        click.Option(
            ["--time"],
            metavar="WHEN",
            help="Time to take first: a number from 0, or a date such as 2011-01-15.",
        ),
        click.Option(
            ["-o", "--output"], metavar="OUT.nc", help="NetCDF file to write."
        ),
        click.Option(
            ["--plot"], metavar="OUT.png", help="Picture to draw: png, pdf or svg."
        ),
        click.Option(["--overwrite"], is_flag=True, help="Replace existing targets."),
    ]

    def callback(**given: Any) -> None:
        _run(operator, given)

    return click.Command(
        operator.name,
        params=parameters,
        callback=callback,
        help=f"{operator.summary}\n\nFormula: {operator.formula}. Without -o and "
        "--plot a summary is printed.",
        short_help=operator.summary,
        epilog=f"Example: {operator.example}",
    )


def _option(parameter: Parameter) -> click.Option:
    kind = _KINDS.get(parameter.kind)
    if parameter.choices:
        kind = click.Choice([_shown(choice) for choice in parameter.choices])
    default = f"  [default: {parameter.default}]" if parameter.default else ""
    return click.Option(
        [f"--{parameter.name}"],
        type=kind,
        required=parameter.required,
        help=parameter.help + default,
    )


def _shown(choice: Any) -> str:
    return {True: "yes", False: "no"}[choice] if type(choice) is bool else str(choice)


def _run(operator: Operator, given: dict[str, Any]) -> None:
    from xnabla.cli._progress import progress_bar
    from xnabla.recipes import Job, run, summary_lines

    session: Session = click.get_current_context().obj
    session.given = given
    values = {
        parameter.name: _value(parameter, given[parameter.name])
        for parameter in operator.parameters
        if given[parameter.name] is not None
    }
    job = Job(
        operator=operator.name,
        input=given["file"],
        variable=given["variable"],
        parameters=values,
        level=given["level"],
        time=given["time"],
        output=given["output"],
        plot=given["plot"],
        overwrite=given["overwrite"],
        command="xnabla " + shlex.join(session.arguments),
    )
    with progress_bar(f"xnabla {operator.name}") as progress:
        result = run(job, progress, session.checkpoint)
    if job.output is None and job.plot is None:
        session.checkpoint()
        click.echo("\n".join(summary_lines(result)))


def _value(parameter: Parameter, text: Any) -> Any:
    """Return what a function takes for what a person typed."""
    if parameter.choices:
        return next(one for one in parameter.choices if _shown(one) == text)
    if parameter.name == "dims":
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if parameter.name == "earth":
        try:
            return float(text)
        except ValueError:
            return text
    return text
