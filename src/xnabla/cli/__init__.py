"""The catalogue as commands.

Nothing heavy is imported before a command runs: ``xnabla --help`` answers at once.
"""

from xnabla.cli._main import main

__all__ = ["main"]
