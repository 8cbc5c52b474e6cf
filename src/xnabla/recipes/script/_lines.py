"""The line of every key of a TOML text, which the standard library does not tell."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["Where", "key_lines"]

Where: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys of tables, and places in arrays counted from 0."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_QUOTED = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}#\n]*")


def key_lines(text: str) -> Mapping[Where, int]:
    r"""Return the line of every table, key and array element, counted from 1.

    Parameters
    ----------
    text : str
        TOML that :mod:`tomllib` reads: what is no TOML is not found out here.

    Examples
    --------
    >>> key_lines('[steps.grad]\nunits = "K/km"')
    {('steps',): 1, ('steps', 'grad'): 1, ('steps', 'grad', 'units'): 2}
    """
    return _Scanner(text).scan()


@dataclass
class _Scanner:
    text: str
    at: int = 0
    found: dict[Where, int] = field(default_factory=dict)
    _counts: dict[Where, int] = field(default_factory=dict)
    _starts: list[int] = field(default_factory=list)

    def scan(self) -> Mapping[Where, int]:
        self._starts = [m.end() for m in re.finditer(r"\n", self.text)]
        table: Where = ()
        while self._skip(_BLANK) < len(self.text):
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._pair(table)
        return self.found

    def _header(self) -> Where:
        """Read ``[a.b]`` or ``[[a.b]]`` and return the way to its table."""
        several = self.text.startswith("[[", self.at)
        start = self.at
        self.at += 1 + several
        keys = self._keys()
        self.at += 1 + several
        way: Where = ()
        for key in keys[:-1]:
            way = self._entered((*way, key), start)
        way = (*way, keys[-1])
        if not several:
            return self._entered(way, start)
        self._note(way, start)
        self._counts[way] = self._counts.get(way, 0) + 1
        return self._entered(way, start)

    def _entered(self, way: Where, start: int) -> Where:
        """Note a table; of an array of tables, the one that was begun last is meant."""
        self._note(way, start)
        if way not in self._counts:
            return way
        last = (*way, self._counts[way] - 1)
        self._note(last, start)
        return last

    def _pair(self, table: Where) -> None:
        """Read ``a.b = value``."""
        start = self.at
        way = table
        for key in self._keys():
            way = (*way, key)
            self._note(way, start)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(way)

    def _value(self, way: Where) -> None:
        if self.text.startswith("[", self.at):
            self.at += 1
            place = 0
            while not self._ends("]"):
                self._note((*way, place), self.at)
                self._value((*way, place))
                place += 1
        elif self.text.startswith("{", self.at):
            self.at += 1
            while not self._ends("}"):
                self._pair(way)
        elif self.text.startswith(("'", '"'), self.at):
            self._skip(_QUOTED)
        else:
            self._skip(_PLAIN)

    def _ends(self, closing: str) -> bool:
        """Go to the next element, and tell whether there is none."""
        self._skip(_BLANK)
        if self.text.startswith(",", self.at):
            self.at += 1
            self._skip(_BLANK)
        ended = self.text.startswith(closing, self.at)
        self.at += ended
        return ended

    def _keys(self) -> list[str]:
        """Read a dotted key, and the space around it."""
        keys = []
        while True:
            self._skip(_SPACE)
            start = self.at
            quoted = self.text[start] in "'\""
            word = self.text[start : self._skip(_QUOTED if quoted else _BARE)]
            keys.append(tomllib.loads(f"k = {word}")["k"] if quoted else word)
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> int:
        matched = pattern.match(self.text, self.at)
        self.at = matched.end() if matched else self.at
        return self.at

    def _note(self, way: Where, start: int) -> None:
        self.found.setdefault(way, bisect_right(self._starts, start) + 1)
