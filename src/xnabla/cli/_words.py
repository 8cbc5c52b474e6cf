"""What to type, at a shell: the library's advice is Python, a command's is not."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

# units='K km-1' is --units 'K km-1', and so on, wherever it stands.
_OPTION: tuple[str, Callable[[re.Match[str]], str]] = (
    r"""\b(units|earth|accuracy|edges|missing|poles)=(?:"([^"]*)"|'([^']*)'|([\w.]+))""",
    lambda m: f"--{m[1]} {shlex.quote(m[2] or m[3] or m[4] or '')}",
)

# Pairs of what the library advises and what to type instead; FILE and NAME stand for
# the file and the variable of the command.
_AT_A_SHELL: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"overwrite=True", "--overwrite"),
    (r"periodic=True", "--periodic yes"),
    (r"periodic=False", "--periodic no"),
    (r"grid=xn\.grid_of\(field, ([^)]*)\)", r"\1"),
    (
        r"""field(?:\['([^']*)'\])?\.attrs\[["']units["']\] = ["']([^"']*)["']""",
        lambda m: f"ncatted -a units,{m[1] or 'NAME'},o,c,{shlex.quote(m[2])} FILE",
    ),
    (
        r"""field\['([^']*)'\]\.attrs\['(\w+)'\] = '([^']*)'""",
        r"ncatted -a \2,\1,o,c,\3 FILE",
    ),
    (
        r"xn\.gradient\(field, \('latitude', 'longitude'\)\)(\.magnitude\(\))?",
        "--dims latitude,longitude",
    ),
    (r"xn\.derivative\(field, '([^']*)'\)", r"xnabla derivative FILE -v NAME --dim \1"),
    (r" on the command line, or field\.(sel|isel)\(.*\)", ""),
    (r"open_dataset\(path, chunks='auto'\)", "--level or --time, for less at once"),
)
# Advice that no command follows.
_ONLY_PYTHON = re.compile(r"assign_coords\(latitude=")
_PYTHON = re.compile(r"\b(field|dataset|xarray|numpy|units|xn)\b[.(\[]")


def at_a_shell(sentence: str, given: dict[str, Any]) -> str:
    """Return a sentence of the library with its advice as one would type it.

    Parameters
    ----------
    sentence : str
        The message of an error.
    given : dict
        The arguments of the command.

    Examples
    --------
    >>> at_a_shell("'o.nc' exists already. Try: overwrite=True, or another name", {})
    "'o.nc' exists already. Try: --overwrite, or another name"
    """
    return " | ".join(_one(part, given) for part in sentence.split(" | "))


def _one(sentence: str, given: dict[str, Any]) -> str:
    wrong, mark, advice = sentence.partition("Try: ")
    wrong = re.sub(*_OPTION, wrong)
    for pattern, instead in (_OPTION, *_AT_A_SHELL):
        advice = re.sub(pattern, instead, advice)
    advice = re.sub(r"\bFILE\b", shlex.quote(str(given.get("file") or "FILE")), advice)
    advice = re.sub(r"\bNAME\b", str(given.get("variable") or "NAME"), advice)
    if _ONLY_PYTHON.search(advice):
        return wrong.rstrip()
    if _PYTHON.search(advice):
        advice = f"in Python, {advice}"
    return f"{wrong}{mark}{advice}"
