"""The command that carries a recipe out: checked first, resumed where it stopped."""

from __future__ import annotations

import os
import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from xnabla.cli._complete import files
from xnabla.cli._session import Session
from xnabla.errors import OptionError, XnablaError, explain

if TYPE_CHECKING:
    from xnabla.recipes import Plan, RecipeError

__all__ = ["run"]


@click.command(
    help="Carry out a RECIPE, a TOML file of inputs, steps, outputs and plots.\n\n"
    "All of it is checked before any data is read, and every fault is told with its "
    "line. Each file appears whole or not at all; what was done is noted beside the "
    "files, so that --resume makes only what is missing or has changed. Paths in a "
    "recipe are relative to its folder. SOURCE_DATE_EPOCH, where it is set, is the "
    "time in the history of the files.",
    short_help="Carry out a recipe: many steps, from files to files.",
    epilog="Example: xnabla run docs/examples/recipes/thermal_fronts.toml --dry-run",
)
@click.argument("recipe", shell_complete=files)
@click.option(
    "-n",
    "--dry-run",
    is_flag=True,
    help="Say what would be done, with dimensions and sizes; only headers are read.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Make only what is missing, or would be made differently now.",
)
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@click.option(
    "--report",
    metavar="OUT.html",
    help="Page to write about the run, relative to the working directory; the same as "
    "JSON lies beside it.  [default: what the recipe says]",
)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing when all went well.")
def run(
    recipe: str,
    dry_run: bool,
    resume: bool,
    overwrite: bool,
    report: str | None,
    quiet: bool,
) -> None:
    """Carry out a recipe."""
    from xnabla.recipes import RecipeError, plan, plan_lines, read_recipe, reporting

    session: Session = click.get_current_context().obj
    session.given = {"file": recipe}
    try:
        read = read_recipe(recipe)
        if report is not None:
            read = reporting(read, os.path.abspath(report))  # noqa: PTH100 - as typed
        todo = plan(
            read,
            began=_now(),
            resume=resume,
            overwrite=overwrite,
            look=not dry_run,
        )
        session.checkpoint()
        if dry_run:
            click.echo("\n".join(plan_lines(todo)))
            return
        _carry_out(todo, session, recipe)
    except RecipeError as error:
        _tell(error, recipe)
        click.get_current_context().exit(2)
    if not quiet:
        click.echo("\n".join(_made(todo)))


def _carry_out(todo: Plan, session: Session, recipe: str) -> None:
    from xnabla.cli._progress import run_display
    from xnabla.recipes import Watch, carry_out

    command = "xnabla " + shlex.join(session.arguments)
    try:
        with run_display(f"xnabla run {recipe}") as (progress, say):
            carry_out(todo, Watch(say, progress, session.checkpoint), command)
    except KeyboardInterrupt:
        done = f"{_how_far(todo)}. Try: xnabla run {shlex.quote(recipe)} --resume"
        click.echo(f"xnabla: interrupted; {done}", err=True)
        click.get_current_context().exit(130)
    except (XnablaError, MemoryError):
        click.echo(
            f"xnabla: {_how_far(todo)}; --resume goes on with the rest", err=True
        )
        raise


def _how_far(todo: Plan) -> str:
    whole = sum(one.get("done") is True for one in todo.state.targets.values())
    return f"{whole} of {len(todo.recipe.targets)} files are whole"


def _made(todo: Plan) -> list[str]:
    """Return a line for each file: whether it was made."""
    return [
        f"{'made' if target in todo.stale else 'unchanged'} {target.file}"
        for target in todo.recipe.targets
    ]


def _tell(error: RecipeError, recipe: str) -> None:
    """Tell each fault on a line of its own, in the shape that editors jump to."""
    from xnabla.cli._words import at_a_shell
    from xnabla.recipes import in_recipe

    for fault in error.faults:
        click.echo(in_recipe(at_a_shell(str(fault), {})), err=True)
    count = len(error.faults)
    faults = "1 fault" if count == 1 else f"{count} faults"
    click.echo(f"xnabla: {faults} in {recipe}", err=True)


def _now() -> datetime:
    """Return the time of a run: now, or the one that makes it reproducible.

    Raises
    ------
    OptionError
        If SOURCE_DATE_EPOCH is no number of seconds.
    """
    text: Any = os.environ.get("SOURCE_DATE_EPOCH")
    if not text:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise OptionError(
            explain(
                "SOURCE_DATE_EPOCH is no time",
                expected="seconds since 1970",
                got=repr(text),
                hint="unset SOURCE_DATE_EPOCH",
            )
        ) from None
