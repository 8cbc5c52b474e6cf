"""What a single word means: a factor and pint names, from our own table only."""

from __future__ import annotations

import difflib
import re
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from xnabla.units._text import UnreadableError, read_terms
from xnabla.units._vocabulary import (
    AMBIGUOUS,
    DERIVED,
    LOGARITHMIC,
    OTHER,
    PREFIXES,
    SI,
    SI_BARE_REFUSED,
    WHOLE,
    YEARS,
)

__all__ = [
    "LINEAR",
    "LOG_REASON",
    "Meaning",
    "cf_names",
    "is_logarithm",
    "meaning_of",
    "near_match",
]

LOG_REASON = "a difference of a logarithmic unit is a ratio, and not supported"
LINEAR = 'linear = 10 ** (field / 10); linear.attrs["units"] = "mm6 m-3"'

_SOUTHWARD = re.compile(r"degrees?(_?(s|w)|_?south|_?west)", re.IGNORECASE)
_EVEN_IN_CAPITALS = frozenset({"gal", "cal", "calorie", "ton", "tons", "gauss"})
_LOG_TEXT = re.compile(r"\s*(lg|ln|lb|log\d*)\s*\(", re.IGNORECASE)


class Meaning(NamedTuple):
    """A number times pint units to powers."""

    factor: Fraction
    powers: tuple[tuple[str, int], ...]


def meaning_of(word: str) -> Meaning | None:
    """Return what the word means, or None when our table does not have it.

    Examples
    --------
    >>> meaning_of("hPa")
    Meaning(factor=Fraction(1, 1), powers=(('hectopascal', 1),))
    >>> meaning_of("Kilometres") == meaning_of("km")
    True
    >>> meaning_of("wibble") is None
    True
    """
    _refuse(word)
    name = _symbols().get(word) or _word(_key(word))
    if name is not None:
        return Meaning(Fraction(1), ((name, 1),))
    derived = DERIVED.get(_key(word)) or DERIVED.get(_key(word).removesuffix("s"))
    if derived is None:
        return None
    factor, powers = read_terms(derived).factor, []
    for part, power in read_terms(derived).names:
        name = _symbols().get(part) or _word(_key(part)) or part
        powers.append((name, power))
    return Meaning(factor, tuple(powers))


def _refuse(word: str) -> None:
    loud = word.casefold() if word.casefold() in _EVEN_IN_CAPITALS else word
    if loud in AMBIGUOUS and word != "Gal":
        first, second = AMBIGUOUS[loud]
        msg = f"{word!r} could be {first!r} or {second!r}"
        raise UnreadableError(msg, first, word)
    if is_logarithm(word):
        raise UnreadableError(LOG_REASON, LINEAR)
    if word.casefold() != "degrees" and _SOUTHWARD.fullmatch(word):
        axis = "north" if "s" in word.casefold().removeprefix("degrees")[:2] else "east"
        msg = f"{word!r} counts backwards, so its numbers need the other sign"
        raise UnreadableError(msg, f"degrees_{axis}", word)


def is_logarithm(word: str) -> bool:
    """Tell whether the word or text names a logarithmic unit."""
    return word.casefold() in LOGARITHMIC or _LOG_TEXT.match(word) is not None


def _key(word: str) -> str:
    """Return the word without case, underscores and the plural of degree."""
    key = word.casefold().replace("_", "")
    return key.replace("degrees", "degree", 1).replace("degs", "deg", 1)


def _word(key: str) -> str | None:
    for candidate in (key, key.removesuffix("s")):
        name = _words().get(candidate)
        if name is not None:
            return name
        for prefix in PREFIXES:
            name = _si_words().get(candidate.removeprefix(prefix))
            if name is not None and candidate.startswith(prefix):
                return prefix + name
    return None


@cache
def _symbols() -> dict[str, str]:
    """Symbols, case and all; what stands later wins, so "min" is no milli-inch."""
    prefixed = {
        mark + symbol: prefix + name
        for name, symbol, _ in SI
        for prefix, mark in PREFIXES.items()
    }
    prefixed |= {"l": "liter", "ml": "milliliter", "Ω": "ohm", "fm": "femtometer"}
    bare = {symbol: name for name, symbol, _ in SI if symbol not in SI_BARE_REFUSED}
    other = {
        symbol: name for name, _, symbols, _ in OTHER for symbol in symbols.split()
    }
    return prefixed | bare | other


@cache
def _si_words() -> dict[str, str]:
    return {word: name for name, _, words in SI for word in words.split()}


@cache
def _words() -> dict[str, str]:
    other = {word: name for name, _, _, words in OTHER for word in words.split()}
    return _si_words() | other


@cache
def cf_names() -> dict[str, str]:
    """Return the CF text of every pint name in the table."""
    names = {
        prefix + n: mark + s for n, s, _ in SI for prefix, mark in PREFIXES.items()
    }
    names |= {name: cf for name, cf, _, _ in OTHER if name not in YEARS}
    names |= {name: symbol for name, symbol, _ in SI}
    # Where a symbol has another meaning here, the name is the text: "coulomb".
    return {
        name: name if text in WHOLE or text in AMBIGUOUS or is_logarithm(text) else text
        for name, text in names.items()
    }


def near_match(word: str) -> str | None:
    """Return what a misspelt word may have meant.

    Examples
    --------
    >>> near_match("kevin"), near_match("Wm"), near_match("wibble")
    ('kelvin', 'W m', None)
    >>> near_match("Kg"), near_match("mbars")
    ('kg', 'mbar')
    """
    for other in (word.casefold(), word.removesuffix("s")):
        if len(other) > 1 and other in _symbols():
            return other
    for place in range(1, min(len(word), 6)):
        if word[:place] in _symbols() and word[place:] in _symbols():
            return f"{word[:place]} {word[place:]}"
    near = difflib.get_close_matches(word.casefold(), _known_words(), 1, 0.75)
    return near[0] if near else None


@cache
def _known_words() -> tuple[str, ...]:
    prefixed = {p + w for p in PREFIXES for w in ("meter", "pascal")}
    words = {*_words(), *DERIVED} | prefixed
    return tuple(sorted(word for word in words if len(word) > 2))
