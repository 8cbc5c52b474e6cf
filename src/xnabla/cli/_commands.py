"""Each operator as a command; its options come from the catalogue."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable
from typing import Any

import click

from xnabla.cli._session import Session
from xnabla.descent import CATALOGUE as DESCENT
from xnabla.descent import WHOLE
from xnabla.operators import Input, Operator, Parameter

_KINDS: dict[str, Any] = {"integer": int, "number": float, "text": str}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Where a command stands in the help; what is in none stands with the gradients.
_SECTIONS: tuple[tuple[str, frozenset[str]], ...] = (
    ("Gradients and derivatives", frozenset()),
    (
        "Wind",
        _words(
            "velocity_gradient divergence vorticity kinematics shearing_deformation "
            "stretching_deformation total_deformation advection material_derivative "
            "moisture_flux_divergence frontogenesis destagger"
        ),
    ),
    (
        "Balance and rotation",
        _words(
            "coriolis_parameter absolute_vorticity potential_vorticity "
            "geostrophic_wind ageostrophic_wind thermal_wind inertial_advective_wind "
            "q_vector montgomery_streamfunction"
        ),
    ),
    (
        "Smoothing",
        _words(
            "smooth_gaussian smooth_n_point smooth_window smooth_rectangular "
            "smooth_circular"
        ),
    ),
    ("Descent", frozenset(DESCENT)),
    ("Files", frozenset({"info", "check"})),
)


def operator_commands() -> list[click.Command]:
    """Return one command for each operator of both catalogues."""
    return [_command(operator) for operator in WHOLE.values()]


def by_section(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the names of commands under the headings they stand under.

    Examples
    --------
    >>> by_section(["gradient", "vorticity", "info"])["Wind"]
    ['vorticity']
    """
    homes = {name: title for title, own in _SECTIONS for name in own}
    found: dict[str, list[str]] = {title: [] for title, _ in _SECTIONS}
    for name in names:
        found[homes.get(name, _SECTIONS[0][0])].append(name)
    return {title: own for title, own in found.items() if own}


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


@click.command(
    help="Measure how accurate gradient, Laplacian, vorticity and divergence are on "
    "each grid of a file, or on a grid named in a word: waves whose derivatives are "
    "known are laid on its points. Tells what is wrong with the file, too, which is "
    "tried in a process of its own first.",
    short_help="Measure the accuracy on the grids of a file.",
    epilog="Example: xnabla check sample_data/gfs_20110115.nc --plot accuracy.png",
)
@click.argument("file", required=False)
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
def check(file: str | None, grid: str | None, **given: Any) -> None:
    """Print how accurate the operators are on the grids of a file."""
    if (file is None) == (grid is None):
        raise click.UsageError("Give a FILE or --grid SPEC, one of them")
    from xnabla.recipes import Check, check_lines

    session: Session = click.get_current_context().obj
    session.given = {"file": file or ""}
    earth = given["earth"]
    lines = check_lines(
        Check(
            file,
            grid,
            tuple(int(one) for one in given["accuracy"]) or (2, 4, 6),
            None if earth is None else _earth(earth),
            given["json"],
            given["plot"],
            given["overwrite"],
        )
    )
    session.checkpoint()
    click.echo("\n".join(lines))


def _earth(text: str) -> Any:
    """Return a radius for a number, else the name."""
    try:
        return float(text)
    except ValueError:
        return text


class _Command(click.Command):
    """A command whose options may be spelled with hyphens: ``--min-latitude``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = {name for one in self.params for name in one.opts}
        end = args.index("--") if "--" in args else len(args)
        spelled = [_spelled(word, known) for word in args[:end]]
        return super().parse_args(ctx, spelled + args[end:])


def _spelled(word: str, known: Collection[str]) -> str:
    """Return an option as it is known.

    Examples
    --------
    >>> _spelled("--min-latitude=10", {"--min_latitude"})
    '--min_latitude=10'
    """
    name, mark, value = word.partition("=")
    meant = "--" + name[2:].replace("-", "_")
    return meant + mark + value if name[:2] == "--" and meant in known else word


def _command(operator: Operator) -> click.Command:
    several = len(operator.fields) > 1
    parameters: list[click.Parameter] = [
        click.Argument(["file"], nargs=-1 if several else 1, required=True),
        *(_input_option(operator, one) for one in operator.inputs),
        *(_option(parameter) for parameter in operator.parameters),
        click.Option(
            ["--level"],
            metavar="VALUE",
            help="Level to take first, by value: 850 or '85000 Pa'; counted from 0 "
            "where levels have no values.",
        ),
        click.Option(
            ["--time"],
            metavar="WHEN",
            help="Time to take first: a number from 0, or a date such as 2011-01-15.",
        ),
        click.Option(
            ["-o", "--output"], metavar="OUT.nc", help="File to write: .nc, or .zarr."
        ),
        click.Option(
            ["--plot"], metavar="OUT.png", help="Picture to draw: png, pdf or svg."
        ),
        click.Option(["--overwrite"], is_flag=True, help="Replace existing targets."),
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
    ]

    def callback(**given: Any) -> None:
        _run(operator, given)

    return _Command(
        operator.name,
        params=parameters,
        callback=callback,
        help=f"{operator.summary}\n\nFormula: {operator.formula}.{_FILES * several} "
        "Without -o and --plot a summary is printed.",
        short_help=operator.summary,
        epilog=f"Example: {operator.example}",
    )


_FILES = " The variables may be in one FILE or in several."


def _input_option(operator: Operator, one: Input) -> click.Option:
    """Return the option that names the variable of an input."""
    names = [f"--{one.name}"]
    if operator.fields == (one.name,):
        names = ["-v", "--variable", *names]
    return click.Option(
        [_dest(one.name), *names], help=_input_help(operator, one), metavar="NAME"
    )


def _input_help(operator: Operator, one: Input) -> str:
    """Say what an input is, and by what it is found."""
    signs = [*one.standard_names[:2], *(f"the name {name}" for name in one.names[:1])]
    text = one.help
    if one.name == "field" and not signs:
        several = len(operator.fields) > 1
        text = "The field, a variable." if several else "Variable of the file."
    if not one.required:
        return f"{text}  [default: none]"
    return text + (f"  [default: found by {', '.join(signs)}]" if signs else "")


def _dest(name: str) -> str:
    """Return where the parser keeps the name of an input's variable."""
    return f"input_{name}"


def _option(parameter: Parameter) -> click.Option:
    if parameter.kind == "flag":
        # None where it does not stand, like every other option
        name = f"--{parameter.name}"
        return click.Option([name], flag_value=True, default=None, help=parameter.help)
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
    from xnabla.recipes import Job, bytes_of, run, summary_lines

    session: Session = click.get_current_context().obj
    files = given["file"] if isinstance(given["file"], tuple) else (given["file"],)
    named = {
        one.name: given[_dest(one.name)]
        for one in operator.inputs
        if given[_dest(one.name)] is not None
    }
    only = operator.fields[0] if len(operator.fields) == 1 else ""
    session.given = {"file": files[0], "variable": named.get(only)}
    values = {
        parameter.name: _value(parameter, given[parameter.name])
        for parameter in operator.parameters
        if given[parameter.name] is not None
    }
    job = Job(
        operator=operator.name,
        input=files,
        inputs=named,
        parameters=values,
        level=given["level"],
        time=given["time"],
        output=given["output"],
        plot=given["plot"],
        overwrite=given["overwrite"],
        command="xnabla " + shlex.join(session.arguments),
        memory=bytes_of(given["memory"]),
        cluster=given["cluster"],
    )
    lines: list[str] = []
    with progress_bar(f"xnabla {operator.name}") as progress:
        run(
            job,
            progress,
            session.checkpoint,
            lambda result: lines.extend(summary_lines(result)),
        )
    if lines:
        session.checkpoint()
        click.echo("\n".join(lines))


def _value(parameter: Parameter, text: Any) -> Any:
    """Return what a function takes for what a person typed."""
    if parameter.choices:
        return next(one for one in parameter.choices if _shown(one) == text)
    if parameter.name == "dims":
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return _earth(text) if parameter.name == "earth" else text
