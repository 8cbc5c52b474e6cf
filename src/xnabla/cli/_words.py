"""What to type, at a shell: the library's advice is Python, a command's is not."""

from __future__ import annotations

import re
import shlex
from typing import Any

from xnabla.cli._advice import AT_A_SHELL, listed, program
from xnabla.descent import WHOLE

# What an option may be set to, in Python.
_VALUE = r"""(?:"([^"]*)"|'([^']*)'|\(([^)]*)\)|([\w.+-]*[\w+-]))"""

_SWAPPED = {"True": "yes", "False": "no"}

# Advice that no command follows.
_ONLY_PYTHON = re.compile(r"field\.assign_coords\((latitude|x)=|decode_times=True")
_PYTHON = re.compile(r"\b(field|dataset|xarray|xr|numpy|units|xn)\b[.(\[]")


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
    for pattern, instead in AT_A_SHELL:
        advice = re.sub(pattern, instead, advice)
    wrong = _with_options(wrong)
    file = str(given.get("file") or "FILE")
    name = str(_named_in(wrong) or given.get("variable") or "NAME")
    advice = ", or ".join(_each(advice.split(", or "), file, name))
    if _ONLY_PYTHON.search(advice):
        return wrong.rstrip()
    return f"{wrong}{mark}{advice}"


def _each(parts: list[str], file: str, name: str) -> list[str]:
    """Return advice whose options are a shell's, and whose Python can be typed there.

    What is no method of a whole file stays Python, and is told to be.
    """
    made, told = [], False
    for part in parts:
        whole = program(part, file)
        if whole is not None:
            made.append(whole)
        elif _PYTHON.search(part):
            # keywords of a call in Python are no options of ours
            made.append(part if told else f"in Python, {part}")
            told = True
        else:
            # attributes in a line for NCO are no options of ours
            typed = part if part.startswith(("cdo", "ncap2")) else _with_options(part)
            # by functions: a backslash in a name means nothing
            filled = re.sub(r"\bFILE\b", lambda _: shlex.quote(file), typed)
            made.append(re.sub(r"\bNAME\b", lambda _: name, filled))
    return made


def _with_options(text: str) -> str:
    """Return a text with its keywords as options: --units 'K km-1' for units=."""
    names = {one.name for entry in WHOLE.values() for one in entry.parameters}
    names |= {"append", "compression", "format", "group", "layout", "mask"}
    keyword = rf"\b({'|'.join(sorted(names, key=len, reverse=True))})="
    text = re.sub(keyword + _VALUE, _option, text)
    return re.sub(keyword + r"(?![\w=]|\.\w)", r"--\1", text)


def _option(keyword: re.Match[str]) -> str:
    name, *values = keyword.groups()
    value = next((one for one in values if one is not None), "")
    value = _SWAPPED.get(value, listed(value) if values[2] is not None else value)
    return f"--{name} {shlex.quote(value)}"


def _named_in(sentence: str) -> str | None:
    """Return the variable a sentence is about."""
    found = re.match(r"Variable '([^']*)'", sentence)
    return found[1] if found else None
