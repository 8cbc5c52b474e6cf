"""What to type, at a shell: the library's advice is Python, a command's is not."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

from xnabla.descent import WHOLE

# What an option may be set to, in Python.
_VALUE = r"""(?:"([^"]*)"|'([^']*)'|\(([^)]*)\)|([\w.+-]*[\w+-]))"""

_SWAPPED = {"True": "yes", "False": "no"}

# Pairs of what the library advises and what to type instead; FILE and NAME stand for
# the file and the variable of the command.
_AT_A_SHELL: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"overwrite=True", "--overwrite"),
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
        r"xn\.gradient\(field, \(([^)]*)\)\)(\.magnitude\(\))?",
        lambda m: f"--dims {_listed(m[1])}",
    ),
    (r"xn\.derivative\(field, '([^']*)'\)", r"xnabla derivative FILE -v NAME --dim \1"),
    (r"print\(xn\.grid_of\(field\)\)", "xnabla info FILE"),
    (
        r"xn\.destagger\(field, like=\w+\)",
        "xnabla destagger FILE -v NAME -o NAME.nc",
    ),
    (
        r"xn\.destagger\(dataset\['(\w+)'\], like=\S+\)",
        r"xnabla destagger FILE -v \1 -o \1.nc",
    ),
    (r"xn\.trend\(field\)", "xnabla trend FILE -v NAME"),
    (
        r"""xn\.smooth\(field, length_scale="([^"]*)"\)""",
        lambda m: f"xnabla smooth FILE -v NAME --length_scale {shlex.quote(m[1])}",
    ),
    (
        r"xn\.accuracy_report\('([^']*)'\)",
        lambda m: f"xnabla check --grid {shlex.quote(m[1])}",
    ),
    (
        # a selection by value would ask the same coordinate what it is
        r"field\.isel\((\w+)=abs\(field\['[^']*'\]\) <= 90\)",
        r"ncks -d \1,-90.,90. FILE NAME.nc",
    ),
    # the program has no such option
    (r"; or edge_order=1 of xn\.derivative and xn\.gradient", ""),
    (r"xn\.thermal_wind\(thickness\)", "no --bottom and no --top"),
    (r"xn\.thermal_wind\(temperature, ('[^']*'), ('[^']*')\)", r"--bottom \1 --top \2"),
    (r"xn\.potential_vorticity\(theta, u, v, pressure\)", "--pressure NAME"),
    (r"xn\.coriolis_parameter\([\d.]*\), or ", ""),
    (r"field\.assign_coords\([^)]*\), or ", ""),
    (r" \* units\('[^']*'\)", ""),
    # the program has opened the file like that already
    (r"xr\.open_dataset\(\w+, decode_coords='all'\)(\[\w+\])?, or ", ""),
    (
        r"xr\.open_dataset\(\w+, decode_coords='all'\)(\[\w+\])?",
        "--crs CRS, the projection of x and y",
    ),
    (r"field\.isel\([Tt]ime=0\), one at a time", "--time 0, one at a time"),
    (
        r"field\.isel\((\w+)=0\), one at a time",
        r"--select \1=VALUE, one at a time",
    ),
    (r" on the command line, or field\.(sel|isel)\(.*\)", ""),
    (r"xn\.open\('([^']*)'\) alone", r"\1 alone"),
    (
        r"xn\.open\(path, fill=\{'([^']*)': ([^}]*)\}\), or None for \S+ if",
        r"--fill \1=\2, or \1=none if",
    ),
    (r"open_dataset\(path, chunks='auto'\)", "--level or --time, for less at once"),
)
# Advice that no command follows.
_ONLY_PYTHON = re.compile(r"assign_coords\((latitude|x)=")
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
    for pattern, instead in _AT_A_SHELL:
        advice = re.sub(pattern, instead, advice)
    wrong, advice = _with_options(wrong), _each(advice)
    file = shlex.quote(str(given.get("file") or "FILE"))
    name = str(_named_in(wrong) or given.get("variable") or "NAME")
    # by functions: a backslash in a name means nothing
    advice = re.sub(r"\bFILE\b", lambda _: file, advice)
    advice = re.sub(r"\bNAME\b", lambda _: name, advice)
    if _ONLY_PYTHON.search(advice):
        return wrong.rstrip()
    return f"{wrong}{mark}{advice}"


def _each(advice: str) -> str:
    """Return advice whose options are a shell's, and whose Python stays Python."""
    made, told = [], False
    for part in advice.split(", or "):
        if not _PYTHON.search(part):
            made.append(_with_options(part))
            continue
        # keywords of a call in Python are no options of ours
        made.append(part if told else f"in Python, {part}")
        told = True
    return ", or ".join(made)


def _with_options(text: str) -> str:
    """Return a text with its keywords as options: --units 'K km-1' for units=."""
    names = {one.name for entry in WHOLE.values() for one in entry.parameters}
    names |= {"append", "compression", "format", "group", "layout"}
    keyword = rf"\b({'|'.join(sorted(names, key=len, reverse=True))})="
    text = re.sub(keyword + _VALUE, _option, text)
    return re.sub(keyword + r"(?![\w=]|\.\w)", r"--\1", text)


def _option(keyword: re.Match[str]) -> str:
    name, *values = keyword.groups()
    value = next((one for one in values if one is not None), "")
    value = _SWAPPED.get(value, _listed(value) if values[2] is not None else value)
    return f"--{name} {shlex.quote(value)}"


def _listed(names: str) -> str:
    """Return the names in a tuple as a shell's list: lat,lon."""
    return ",".join(re.findall(r"[^\s,'\"]+", names))


def _named_in(sentence: str) -> str | None:
    """Return the variable a sentence is about."""
    found = re.match(r"Variable '([^']*)'", sentence)
    return found[1] if found else None
