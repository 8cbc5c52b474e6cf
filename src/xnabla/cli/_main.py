"""The program ``xnabla``: its commands, and what every ending looks like."""

from __future__ import annotations

import errno
import os
import re
import signal
import sys
import time
from collections.abc import Iterable
from typing import NoReturn

import click

from xnabla.cli._about import check, completion, info, operators
from xnabla.cli._commands import operator_commands
from xnabla.cli._complete import VARIABLE, answer
from xnabla.cli._run import run
from xnabla.cli._sections import by_section
from xnabla.cli._session import Session
from xnabla.cli._signals import Signals
from xnabla.cli._words import at_a_shell
from xnabla.errors import OptionError, XnablaError, explain, printable

# what the machine lacks, and not the request
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOMEM}

_TITLE = "Unit-aware gradients of fields in NetCDF files."


class _Program(click.Group):
    """A group that lists its commands in sections, in the order they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self.commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, also when it is spelled with hyphens."""
        return super().get_command(ctx, cmd_name.replace("-", "_"))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return a command, or say which ones are written alike."""
        name = args[0].replace("-", "_")
        known = name in self.commands or args[0].startswith("-")
        if not known and not ctx.resilient_parsing:
            raise OptionError(_no_command(args[0], name, self.commands))
        return super().resolve_command(ctx, args)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the commands under their headings, all in two columns alike."""
        del ctx
        wide = max(map(len, self.commands))
        room = formatter.width - wide - 6
        for title, names in by_section(self.commands).items():
            rows = [
                (f"{name:<{wide}}", self.commands[name].get_short_help_str(room))
                for name in names
            ]
            with formatter.section(title):
                formatter.write_dl(rows)


def _no_command(typed: str, name: str, known: Iterable[str]) -> str:
    """Return what is wrong with a command there is not, and what to type."""
    from xnabla.recipes import ADAPTORS, alike

    if name in ADAPTORS:
        return explain(
            f"{name} is no command but a step of a chain",
            hint=ADAPTORS[name].example,
        )
    near = alike(name, known)
    hint = f"xnabla {near}" if near else "xnabla --help"
    return explain(f"There is no command {typed!r}", hint=hint)


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"xnabla {version('xnabla')}")
        ctx.exit()


@click.group(
    cls=_Program,
    help=_TITLE,
    epilog="Example: xnabla gradient era5.nc -v t2m --units K/km --then magnitude "
    "-o gradient.nc --plot gradient.png",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
def program() -> None:
    """Group all commands."""


for _command in (*operator_commands(), info, check, run, operators, completion):
    program.add_command(_command)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the program and leave with its exit code.

    0 when all is done; 2 for bad input, with one sentence on standard error; 3 when the
    disk is full, its quota used up, or memory too small, so that the same may be asked
    again; 130, 143 and 129 when interrupted, terminated or hung up, with nothing half
    written.

    Parameters
    ----------
    arguments : list of str, optional
        What was typed after the name of the program; by default the command line.
    """
    if VARIABLE in os.environ:
        sys.exit(answer(program, os.environ[VARIABLE]))
    typed = sys.argv[1:] if arguments is None else list(arguments)
    session = Session(typed, signals=Signals(ends_process=arguments is None))
    with session.signals.watch(lambda: _left(session)):
        code = _run(session)
    sys.exit(code)


def _run(session: Session) -> int:
    """Run the program and return its exit code."""
    try:
        with session.starting(), session.hearing():
            # not program.main, which turns a closed pipe into a failure
            with program.make_context("xnabla", session.arguments, obj=session) as ctx:
                program.invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()
        for one in dict.fromkeys(map(str, session.heard)):
            _say(at_a_shell(one, session.given), code=0)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _stopped(session)
    except BrokenPipeError:
        _drop_output()  # a reader such as head has seen enough
        return 141
    except Exception as error:
        if session.signals.number:  # a library made a fault of its own of the signal
            return _stopped(session)
        return _fault(error, session)
    return 0


def _stopped(session: Session) -> int:
    """Say what a signal has left, if it is an interrupt, and return the exit code."""
    if not session.signals.last_word():
        time.sleep(60)  # the program is being left
    code, sentence = _left(session)
    if sys.stderr is not None:
        sys.stderr.write(sentence)
    return code


def _left(session: Session) -> tuple[int, str]:
    """Return the exit code of a program that a signal has ended, and what to say."""
    number = session.signals.number
    if number not in (0, signal.SIGINT):
        return 128 + number, ""
    written = session.written()
    what = " and ".join(f"'{path}'" for path in written) or "nothing"
    verb = "were" if len(written) > 1 else "was"
    return 130, f"{_line(f'interrupted; {what} {verb} written')}\n"


def _drop_output() -> None:
    """Send what standard output still holds nowhere, if it cannot take it.

    The interpreter flushes once more when it leaves, and would fail there.
    """
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fault(error: Exception, session: Session) -> int:
    """Say what went wrong in one sentence, and return the exit code."""
    code = 2
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return code
    if isinstance(error, click.ClickException):
        sentence = _usage(error)
    elif isinstance(error, XnablaError):
        sentence = at_a_shell(str(error), session.given)
        code = 3 if getattr(error, "errno", None) in _NO_ROOM else 2
    elif isinstance(error, MemoryError):
        less = "Try: --level or --time, for less at once"
        cause = f": {error}" if str(error) else ""
        sentence = f"There is not enough memory{cause}. {less}"
        code = 3
    elif isinstance(error, OSError):
        _drop_output()
        sentence = f"{error.strerror or error}: {error.filename or 'output'}"
        code = 3 if error.errno in _NO_ROOM else 2
    elif os.environ.get("XNABLA_TRACEBACK"):
        raise error
    else:
        code = 1
        sentence = (
            f"This is a fault of xnabla: {type(error).__name__}: {error}. "
            "Please report it; XNABLA_TRACEBACK=1 shows where it happened."
        )
    return _say(sentence, code=code)


def _usage(error: click.ClickException) -> str:
    """Return what is wrong with a command line, and where to read on."""
    ctx = getattr(error, "ctx", None)
    path = "xnabla" if ctx is None else ctx.command_path
    if isinstance(error, click.NoSuchOption):
        near = None if ctx is None else _option_meant(error.option_name, ctx.command)
        hint = near or f"{path} --help"
        return explain(f"There is no option {error.option_name!r}", hint=hint)
    wrong = error.format_message().rstrip(".")
    hint = _missing(error, ctx) or f"{path} --help"
    return f"{wrong}{'' if wrong.endswith('?') else '.'} Try: {hint}"


def _missing(error: click.ClickException, ctx: click.Context | None) -> str | None:
    """Return an option that must be given, as the example of the command has it."""
    if ctx is None or not isinstance(error, click.MissingParameter):
        return None
    names = [] if error.param is None else error.param.opts
    example = ctx.command.epilog or ""
    found = [
        re.search(rf"{one} ('[^']*'|\S+)", example) for one in names if one[:2] == "--"
    ]
    return next((one.group() for one in found if one), None)


def _option_meant(typed: str, command: click.Command) -> str | None:
    """Return the options a word that is none may stand for: ``--u`` for ``-u``."""
    from xnabla.recipes import alike

    known = {one for each in command.params for one in each.opts}
    word = typed.lstrip("-").replace("-", "_")
    if word == "v" and "--field" in known:
        return "--field"  # the variable, of commands that take a wind besides
    if f"--{word}" in known:
        return f"--{word}"
    return alike(f"--{word}", [one for one in known if one.startswith("--")])


def _say(sentence: str, *, code: int) -> int:
    """Say one sentence on standard error, if there is one, and return the code."""
    if sys.stderr is not None:
        click.echo(_line(sentence), err=True)
    return code


def _line(sentence: str) -> str:
    return f"xnabla: {printable(' '.join(sentence.split()))}"
