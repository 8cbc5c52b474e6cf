"""Names from files made fit for print."""

from __future__ import annotations

import re

__all__ = ["printable"]

_DOLLAR = re.compile(r"(?<!\\)\$")


def printable(text: object) -> str:
    r"""Return a text on one line, without what no font can show.

    Control characters become blanks, and a dollar sign stays one, where matplotlib
    would begin a formula.

    Examples
    --------
    >>> printable("wind\x07speed\n at 10 m ")
    'wind speed at 10 m'
    """
    shown = "".join(c if c.isprintable() else " " for c in str(text))
    return _DOLLAR.sub(r"\\$", " ".join(shown.split()))
