"""How files are stored, in words: compressions, and numbers that mean missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xnabla.errors import OptionError, explain


def compression_of(text: str) -> bool | str | tuple[str, int]:
    """Return a compression as `xnabla.save` takes it.

    Raises
    ------
    OptionError
        If the level is no number. Names are looked up when the file is made.

    Examples
    --------
    >>> compression_of("none"), compression_of("zlib"), compression_of("zstd:7")
    (False, 'zlib', ('zstd', 7))
    """
    name, mark, level = text.strip().partition(":")
    if name == "none" and not mark:
        return False
    if not mark:
        return name
    if not level.isdigit():
        raise OptionError(
            explain(
                f"{text!r} is no compression",
                expected="a name, or a name and a level",
                hint="--compression zlib:4",
            )
        )
    return name, int(level)


def fills_of(texts: Iterable[str]) -> dict[str, Any]:
    """Return the numbers that mean missing, by the variable.

    Raises
    ------
    OptionError
        If one is none.

    Examples
    --------
    >>> fills_of(["t=-999", "q=-1,-2", "u=none"])
    {'t': -999.0, 'q': [-1.0, -2.0], 'u': None}
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, mark, words = text.rpartition("=")
        try:
            numbers = [float(word) for word in words.split(",")] if mark else []
        except ValueError:
            numbers = []
        if words == "none" and name:
            found[name] = None
        elif numbers and name:
            found[name] = numbers if len(numbers) > 1 else numbers[0]
        else:
            raise OptionError(
                explain(
                    f"{text!r} is no number that means missing",
                    expected="NAME=VALUE",
                    hint="--fill t=-999",
                )
            )
    return found
