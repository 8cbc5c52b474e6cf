"""Each operator as a command; its options come from the catalogue."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from typing import Any

import click

from xnabla.cli._complete import STEPS, WORDS
from xnabla.cli._options import dest, own_options, shared_options
from xnabla.cli._session import Session
from xnabla.cli._then import divided
from xnabla.descent import WHOLE
from xnabla.errors import OptionError, explain
from xnabla.operators import Operator


def operator_commands() -> list[click.Command]:
    """Return one command for each operator of both catalogues."""
    return [_command(operator) for operator in WHOLE.values()]


class _Command(click.Command):
    """A command with steps after ``--then``, whose options may have hyphens."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        takes = {
            name: not getattr(one, "is_flag", False)
            for one in self.params
            if one.name in _SHARED
            for name in one.opts
        }
        first, steps = divided(args, takes)
        ctx.meta[STEPS], ctx.meta[WORDS] = steps, first
        known = {name for one in self.params for name in one.opts}
        end = first.index("--") if "--" in first else len(first)
        spelled = [_spelled(word, known) for word in first[:end]]
        return super().parse_args(ctx, spelled + first[end:])


_SHARED = {one.name for one in shared_options()}


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
    def callback(**given: Any) -> None:
        _run(operator, given)

    return _Command(
        operator.name,
        params=[*own_options(operator), *shared_options()],
        callback=callback,
        help=f"{operator.summary}\n\nFormula: {operator.formula}.{_FILES} "
        "Without -o and --plot a summary is printed.",
        short_help=operator.summary,
        epilog=f"Example: {operator.example}",
    )


_FILES = (
    " A FILE may be a folder, or a pattern in quotes; variables and times may be in "
    "one FILE or in several."
)


def _run(operator: Operator, given: dict[str, Any]) -> None:
    from xnabla.cli._report import report

    ctx = click.get_current_context()
    session: Session = ctx.obj
    named = {
        one.name: given[dest(one.name)]
        for one in operator.inputs
        if given[dest(one.name)] is not None
    }
    _check_taken(operator, given)
    only = operator.fields[0] if len(operator.fields) == 1 else ""
    session.given = {"file": given["file"][0], "variable": named.get(only)}
    steps = tuple(typed.step() for typed in ctx.meta[STEPS])
    from xnabla.recipes import Job, bytes_of, compression_of, fills_of, parameters_of

    job = Job(
        operator=operator.name,
        input=given["file"],
        inputs=named,
        parameters=parameters_of(
            {one.name: one for one in operator.parameters},
            {
                one.name: given[one.name]
                for one in operator.parameters
                if given[one.name] not in (None, ())
            },
        ),
        level=given["level"],
        time=given["time"],
        region=given["region"],
        select=given["select"],
        nearest=given["nearest"],
        then=steps,
        output=given["output"],
        plot=given["plot"],
        overwrite=given["overwrite"],
        compression=compression_of(given["compression"]),
        layout=given["layout"],
        format=given["format"],
        append=given["append"],
        group=given["group"],
        fill=fills_of(given["fill"]),
        command="xnabla " + shlex.join(session.arguments),
        memory=bytes_of(given["memory"]),
        cluster=given["cluster"],
    )
    session.will_write(job.output, job.plot)
    report(job, session, quiet=given["quiet"], as_json=given["json"])


def _check_taken(operator: Operator, given: dict[str, Any]) -> None:
    """Refuse the keyword of a function where its option has another name.

    Raises
    ------
    OptionError
    """
    for one in operator.parameters:
        if one.call and given.get(one.call) in one.choices:
            raise OptionError(
                explain(
                    f"--{one.call} is of every command, and {given[one.call]!r} is not "
                    "for it",
                    hint=f"--{one.name} {given[one.call]}",
                )
            )
