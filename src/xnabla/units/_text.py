"""Unit text read letter by letter: factors, names and powers, before any meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

__all__ = ["Term", "Terms", "UnreadableError", "read_terms"]

# Longer text or larger powers name no unit, and could only cost time.
_LONGEST = 200
_DEEPEST = 8
_LARGEST_POWER = 24
_LARGEST_NUMBER = Fraction(10) ** 60

# Raised digits raise: 10² is no 102. After a letter no sign of it is needed.
_RAISED = re.compile(r"(?<![^0-9\s/(.\u00b7])(?=[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹])")
# Micro sign, mu, the degree and the angstrom sign have doubles in Unicode.
_SPELLINGS = str.maketrans(
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺\u2212\u00b5\u03bc\u212b\u00ba\u02da\u00b7\u22c5\u00d7\u2219",
    "0123456789-+-uu\u00c5\u00b0\u00b0****",
) | {ord("\u2103"): "\u00b0C", ord("\u2109"): "\u00b0F"}

_INT = r"[+-]?[0-9]+"
_END = r"(?![0-9]|\.[0-9])"
_POWER = (
    rf"(?:(?:\*\*|\^)\s*(?:{_INT}|\{{\s*{_INT}\s*\}}|\(\s*{_INT}\s*\))"
    rf"|{_INT}|\{{\s*{_INT}\s*\}}|\(\s*[+-][0-9]+\s*\)){_END}"
)
_TOKEN = re.compile(
    r"(?P<number>[0-9]{1,30}(?:\.[0-9]{0,30})?(?:[eE][+-]?[0-9]{1,2}(?![0-9]))?)"
    rf"(?![0-9])(?P<numeral>(?:\*\*|\^)\s*{_INT}{_END}|(?<=10)[+-][0-9]+(?![0-9.]))?"
    rf"|(?P<name>[^\W\d_]+(?:_+[^\W\d_]+)*|[%‰°])(?P<power>{_POWER})?"
    r"|(?P<open>\()"
    rf"|(?P<close>\))(?P<group>{_POWER})?"
    r"|(?P<slash>\s*/\s*)"
    r"|(?P<times>\s*\*\s*)"
    r"|(?P<dot>\s*\.\s*)"
    r"|(?P<space>\s+)"
)

# Glued, "m s-1" and "m K-1" look like milliseconds and millikelvins to a power.
_GLUED = {"ms": "m s", "mK": "m K"}
# "degrees C" is one word; "degrees s-1" and "degree K-1" are two.
_SCALES = r"(celsius|centigrade|kelvin|fahrenheit|north|east|true|[CKFNET])"
_DEGREES = tuple(
    re.compile(rf"(?<![^\W\d_])(?:degrees?|degs?|°){joint}{_SCALES}{end}", re.I)
    for joint, end in ((r"_?", r"(?![^\W\d])"), (r"\.?\s+", r"(?![\w^*{(+-])"))
)
_PER = re.compile(r"\s+per\s+", re.IGNORECASE)


class UnreadableError(Exception):
    """The text is no unit; the message says why, `advice` what to type for `word`."""

    def __init__(
        self, why: str, advice: str | None = None, word: str | None = None
    ) -> None:
        super().__init__(why)
        self.advice = advice
        self.word = word


class Term(NamedTuple):
    """A name to a power."""

    name: str
    power: int


@dataclass(frozen=True, slots=True)
class Terms:
    """A factor and the names to their powers, in the order of the text."""

    factor: Fraction
    names: tuple[Term, ...]

    def times(self, other: Terms) -> Terms:
        """Return the product."""
        return Terms(_bounded(self.factor * other.factor), self.names + other.names)

    def to_the(self, power: int) -> Terms:
        """Return the whole to a power."""
        if abs(power) > _LARGEST_POWER:
            msg = f"the power {power} is too large"
            raise UnreadableError(msg)
        if power < 0 and self.factor == 0:
            msg = "it divides by zero"
            raise UnreadableError(msg)
        factor = _bounded(self.factor**power)
        return Terms(factor, tuple(Term(n, p * power) for n, p in self.names))


_ONE = Terms(Fraction(1), ())


def read_terms(text: str) -> Terms:
    """Read "1e-5 m**2/s" as a factor and powers of names.

    Products and quotients go from left to right, as in UDUNITS, with two rules of
    sense. A number that follows a slash after a unit belongs to what it stands
    before: K/100km is kelvin per hundred kilometres. And J/kg K, which people and
    UDUNITS read differently, is refused.

    Examples
    --------
    >>> read_terms("J kg-1 K-1").names
    (Term(name='J', power=1), Term(name='kg', power=-1), Term(name='K', power=-1))
    >>> read_terms("1/100 mm").factor
    Fraction(1, 100)
    """
    if len(text) > _LONGEST:
        msg = "it is too long for a unit"
        raise UnreadableError(msg)
    plain = _RAISED.sub("^", text).translate(_SPELLINGS).strip()
    for pattern in _DEGREES:
        plain = pattern.sub(r"degree_\1", plain)
    plain = _PER.sub("/", plain)
    tokens = _tokens(plain)
    terms, end = _read(tokens, 0, 0)
    if end != len(tokens):
        msg = "a bracket closes that never opened"
        raise UnreadableError(msg)
    return terms


def _tokens(text: str) -> list[re.Match[str]]:
    tokens, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            msg = f"{text[place]!r} has no place in a unit"
            raise UnreadableError(msg)
        tokens.append(match)
        place = match.end()
    return tokens


def _read(tokens: list[re.Match[str]], place: int, depth: int) -> tuple[Terms, int]:
    """Read one bracket's content; return it and the place of its end."""
    if depth > _DEEPEST:
        msg = "it has too many brackets"
        raise UnreadableError(msg)
    terms, divided, empty = _ONE, False, True
    while place < len(tokens) and not _is(tokens, place, "close"):
        joint, place = _joint(tokens, place, empty=empty)
        if joint == "space" and (place == len(tokens) or _is(tokens, place, "close")):
            break
        before = None if empty else terms
        factor, place = _operand(tokens, place, depth, joint=joint, before=before)
        if joint == "slash":
            divided = divided or bool(factor.names)
            factor = factor.to_the(-1)
        elif divided and joint != "times" and any(p > 0 for _, p in factor.names):
            msg = "after '/' only negative powers leave no doubt, as in 'J kg-1 K-1'"
            raise UnreadableError(msg)
        terms, empty = terms.times(factor), False
    if empty:
        msg = "there is nothing in it"
        raise UnreadableError(msg)
    return terms, place


def _joint(tokens: list[re.Match[str]], place: int, *, empty: bool) -> tuple[str, int]:
    """Read what joins two operands; return it and the place after it."""
    joint = str(tokens[place].lastgroup)
    if joint in ("slash", "space"):
        return joint, place + 1
    if joint in ("times", "dot"):
        if empty:
            msg = "it starts with a sign of multiplication"
            raise UnreadableError(msg)
        return joint, place + 1
    if not empty and not _closed(tokens[place - 1]):
        msg = f"{tokens[place][0]!r} is glued to what stands before it"
        raise UnreadableError(msg)
    return "glued", place


def _operand(
    tokens: list[re.Match[str]],
    place: int,
    depth: int,
    *,
    joint: str,
    before: Terms | None,
) -> tuple[Terms, int]:
    """Read one number, name or bracket."""
    if place == len(tokens):
        msg = "it ends too early"
        raise UnreadableError(msg)
    token = tokens[place]
    if token["open"]:
        inside, end = _read(tokens, place + 1, depth + 1)
        if not _is(tokens, end, "close"):
            msg = "a bracket is not closed"
            raise UnreadableError(msg)
        return inside.to_the(_power(tokens[end]["group"])), end + 1
    if token["name"]:
        return _named(token["name"], token["power"]), place + 1
    if not token["number"]:
        msg = f"{token[0]!r} is not where it belongs"
        raise UnreadableError(msg)
    number = _number(token)
    united = before is not None and bool(before.names)
    repeated = before is not None and (joint, token[0]) != ("space", "1")  # 1e-5 1/s
    if joint != "slash" and (united or repeated):
        msg = f"the number {token[0]} is not where it belongs"
        raise UnreadableError(msg)
    if joint == "slash" and united:
        follower = place + 1 + _is(tokens, place + 1, "space")
        if follower < len(tokens) and tokens[follower]["name"]:
            unit, end = _operand(tokens, follower, depth, joint="glued", before=None)
            if all(power > 0 for _, power in unit.names):
                return number.times(unit), end
    return number, place + 1


def _named(name: str, power: str | None) -> Terms:
    if name in _GLUED and _power(power) < 0:
        msg = f"{name!r} to a negative power is as often {_GLUED[name]!r} glued"
        raise UnreadableError(msg, f"{_GLUED[name]}", name)
    return Terms(Fraction(1), (Term(name, 1),)).to_the(_power(power))


def _number(token: re.Match[str]) -> Terms:
    """Read 1e-5, 10^-5 and, of ten alone, 10-5."""
    if token["numeral"] and token["numeral"][0] in "+-" and token["number"] != "10":
        msg = f"{token[0]!r} is no number"
        raise UnreadableError(msg)
    return Terms(Fraction(token["number"]), ()).to_the(_power(token["numeral"]))


def _closed(token: re.Match[str]) -> bool:
    """Tell whether something may follow without a space: 100km, m2s-2."""
    return bool(token["number"] or token["power"] or token["group"])


def _is(tokens: list[re.Match[str]], place: int, kind: str) -> bool:
    return place < len(tokens) and tokens[place][kind] is not None


def _power(text: str | None) -> int:
    digits = re.search(r"[+-]?\d+", text or "1")
    if digits is None or len(digits[0]) > 4:
        msg = f"the power {text} is too large"
        raise UnreadableError(msg)
    return int(digits[0])


def _bounded(number: Fraction) -> Fraction:
    if not 1 / _LARGEST_NUMBER < number < _LARGEST_NUMBER:
        msg = "its number is zero, or out of all proportion"
        raise UnreadableError(msg)
    return number
