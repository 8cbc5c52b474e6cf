"""The program ``xnabla``, and ``python -m xnabla``."""

from __future__ import annotations

import signal
from typing import NoReturn


def main() -> NoReturn:
    """Run the program, which an interrupt ends without a word while it is imported."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from xnabla.cli import main as program

    program()


if __name__ == "__main__":
    main()
