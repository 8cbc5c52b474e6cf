"""The program ``xnabla``: its commands, and what every ending looks like."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, NoReturn

import click

from xnabla.cli._commands import info, operator_commands
from xnabla.errors import XnablaError

_TITLE = "Unit-aware gradients of fields in NetCDF files."


class _Program(click.Group):
    """A group that lists its commands in the order they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self.commands)


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"xnabla {version('xnabla')}")
        ctx.exit()


@click.group(
    cls=_Program,
    help=_TITLE,
    epilog="Example: xnabla gradient era5.nc -v t2m --units K/km -o gradient.nc "
    "--plot gradient.png",
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


for _command in (*operator_commands(), info):
    program.add_command(_command)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the program and leave with its exit code.

    0 when all is done; 2 for bad input, with one sentence on standard error; 130 and
    143 when interrupted or terminated, with nothing half written.
    """
    _set_signal()
    try:
        result = program.main(args=arguments, prog_name="xnabla", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted; nothing was written")
        sys.exit(130)
    except XnablaError as error:
        _say(str(error))
        sys.exit(2)
    except BrokenPipeError:
        _hush_output()
        sys.exit(141)
    except MemoryError as error:
        _say(f"There is not enough memory. {error} Try: --level or --time for less.")
        sys.exit(2)
    except Exception as error:
        if os.environ.get("XNABLA_TRACEBACK"):
            raise
        _say(
            f"This is a fault of xnabla: {type(error).__name__}: {error}. "
            "Please report it; XNABLA_TRACEBACK=1 shows where it happened."
        )
        sys.exit(1)
    sys.exit(result if isinstance(result, int) else 0)


def _say(sentence: str) -> None:
    text = "".join(c if c.isprintable() else " " for c in sentence)
    click.echo(f"xnabla: {text}", err=True)


def _set_signal() -> None:
    """Make termination unwind like an exception, so that nothing half stays."""

    def stop(number: int, frame: Any) -> None:
        del frame
        sys.exit(128 + number)

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)


def _hush_output() -> None:
    """Keep the interpreter from complaining about a closed pipe when it leaves."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
