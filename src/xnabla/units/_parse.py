"""Text, pint unit or pint quantity in; one Unit or one sentence out."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import cache, lru_cache
from importlib import resources
from numbers import Real
from typing import Any, cast

import pint
from pint import PintError
from pint import Unit as PintUnit
from pint.facets.plain import PlainQuantity, PlainUnit
from pint.registry import ApplicationRegistry

from xnabla.errors import UnitsError, explain
from xnabla.units._decade import TEN_YEARS, ten_years
from xnabla.units._lookup import (
    LINEAR,
    LOG_REASON,
    Meaning,
    is_logarithm,
    meaning_of,
    near_match,
)
from xnabla.units._powers import kind_of
from xnabla.units._text import UnreadableError, read_terms
from xnabla.units._unit import (
    Unit,
    in_registry_of,
    is_logarithmic,
    is_offset,
    linear,
    unit_of,
)
from xnabla.units._vocabulary import PHRASES, PREFIXES, WHOLE

__all__ = ["parse"]

_RULE = "a unit as CF spells it, like 'K' or 'm s-1'"
_TIME = re.compile(r"\s(since\b|as\s+%)", re.IGNORECASE)


def parse(
    text: str | PintUnit | PlainQuantity[Any] | Unit,
    *,
    of: str = "units",
    registry: Any = None,
) -> Unit:
    """Read a unit as weather files spell it.

    Parameters
    ----------
    text : str, pint.Unit, pint.Quantity or Unit
        CF, UDUNITS, COARDS, ECMWF or GRIB spelling; or a unit already made. A
        quantity is its own unit: 100 km counts in hundreds of kilometres.
    of : str, optional
        What has this unit, for the message: "variable 't2m'".
    registry : pint.UnitRegistry, optional
        Where the unit shall live; the application registry for text, their own for
        pint units and quantities. It is read, and changed in one word only: where
        "decade" is asked for, it becomes ten years there.

    Returns
    -------
    Unit

    Raises
    ------
    UnitsError
        There is no unit, or none that can be read in one way only, or it is
        logarithmic.

    Notes
    -----
    UDUNITS decides, with these exceptions: ``mb`` and ``MB`` are millibars, ``Sv`` is
    sverdrup, ``C`` and ``k`` alone are temperatures, ``mph`` is miles per hour,
    ``K/100km`` is kelvin per hundred kilometres. ``month`` and ``year`` are pint's
    (365.25 days a year; the tropical year of UDUNITS is 2.1e-5 shorter). An offset
    temperature in a product is a difference: degC/km is K/km.

    Examples
    --------
    >>> from xnabla.units import parse
    >>> print(parse("m**2 s**-2"), "|", parse("degrees C"), "|", parse("Millibars"))
    m2 s-2 | degC | mbar
    >>> parse("kevin", of="variable 't2m'")
    Traceback (most recent call last):
    ...
    xnabla.errors.UnitsError: Units 'kevin' of variable 't2m' are unknown. ...
    """
    if isinstance(text, str):
        home = _resolved(registry)
        try:
            return _parsed(text, home)
        except UnreadableError as fault:
            raise _refusal(text, of, str(fault), fault.advice, fault.word) from None
    unit = _made(text, of)
    if registry is not None:
        unit = in_registry_of(unit, Unit(1.0, _resolved(registry).Unit("")))
    return unit


def _resolved(registry: Any) -> Any:
    """Return the registry itself, not the proxy that can be pointed elsewhere."""
    application: Any = pint.get_application_registry  # pint leaves it untyped
    found = application() if registry is None else registry
    proxy = isinstance(found, ApplicationRegistry)
    return cast("Any", found).get() if proxy else found


def _made(given: Any, of: str) -> Unit:
    """Return the Unit of something that is not text."""
    if isinstance(given, Unit):
        return given
    if isinstance(given, PlainUnit):
        unit = Unit(1.0, cast("Any", given))
    elif isinstance(given, PlainQuantity):
        unit = Unit(_scale(given.magnitude, of), cast("Any", given.units))
    elif given is None:
        raise _missing(of, "nothing")
    elif isinstance(given, bool) or not isinstance(given, Real):
        raise _refusal(given, of, f"a {type(given).__name__} is no unit")
    else:  # netCDF attributes hold the number 1 now and then
        unit = Unit(_scale(given, of), _resolved(None).Unit(""))
    if is_logarithmic(unit):
        raise _refusal(str(given), of, LOG_REASON, LINEAR)
    return unit if is_offset(unit) else linear(unit)


def _scale(magnitude: Any, of: str) -> float:
    try:
        factor = float(magnitude)
    except (TypeError, ValueError):
        factor = math.nan
    if not 0 < factor < math.inf:
        raise _refusal(magnitude, of, "a unit has one positive number")
    return factor


# The registry is part of the key and so stays alive: programs have one or two.
@lru_cache(maxsize=1024)
def _parsed(text: str, registry: Any) -> Unit:
    bare = text.strip()
    plain = WHOLE.get(bare) or PHRASES.get(" ".join(bare.casefold().split())) or bare
    _refuse_whole(plain)
    terms = read_terms(plain)
    meanings = [_meaning(term.name, registry) for term in terms.names]
    factor, powers = terms.factor, dict[str, int]()
    for (_, power), meaning in zip(terms.names, meanings, strict=True):
        factor *= meaning.factor**power
        for name, inner in meaning.powers:
            powers[name] = powers.get(name, 0) + inner * power
    try:
        unit = unit_of(factor, powers, registry)
        return unit if is_offset(unit) else linear(unit)
    except (PintError, KeyError, ValueError, OverflowError, ArithmeticError) as fault:
        why = f"the pint registry cannot hold it ({fault})"
        raise UnreadableError(why) from None


def _refuse_whole(text: str) -> None:
    """Refuse what is no unit at all: nothing, dates, logarithms."""
    if not text:
        msg = ""
        raise UnreadableError(msg)
    if _TIME.search(text):
        msg = "they count time from a date, so they were never decoded"
        raise UnreadableError(msg, "decode")
    if is_logarithm(text):
        raise UnreadableError(LOG_REASON, LINEAR)


def _meaning(word: str, registry: Any) -> Meaning:
    meaning = meaning_of(word)
    if meaning is None:
        meaning = Meaning(Fraction(1), ((_users_own(word, registry), 1),))
    for name, _ in meaning.powers:
        try:
            registry.Unit(name)
        except (PintError, KeyError, ValueError, AttributeError):
            msg = f"the pint registry does not define {name!r}"
            raise UnreadableError(msg) from None
    if meaning.powers == ((TEN_YEARS, 1),):
        meaning = Meaning(meaning.factor, ((ten_years(registry), 1),))
    return meaning


def _users_own(word: str, registry: Any) -> str:
    """Return the pint name of a word that the user defined.

    Words that pint itself brings along, but our table leaves out, are refused: among
    them are constants ("sigma") and everyday words ("point", "hand").
    """
    found = set()
    if word.isascii():
        for prefix, name, _ in registry.parse_unit_name(word, case_sensitive=True):
            spelled = not prefix or (prefix in PREFIXES and word.startswith(prefix))
            if spelled and name not in _pint_names():
                found.add(prefix + name)
    if len(found) == 1 and kind_of(registry, *found) != "logarithmic":
        return str(found.pop())
    msg = "unknown"
    raise UnreadableError(msg, word=word)


@cache
def _pint_names() -> frozenset[str]:
    """Return the names that pint's own definition files define."""
    names = set[str]()
    for file in ("default_en.txt", "constants_en.txt"):
        text = resources.files("pint").joinpath(file).read_text("utf-8")
        names.update(re.findall(r"^\s*(\w+)\s*=", text, re.MULTILINE))
    return frozenset(names)


def _refusal(
    text: Any, of: str, why: str, advice: str | None = None, word: str | None = None
) -> UnitsError:
    """Build the sentence for units that were found but cannot be used."""
    if why == "":
        return _missing(of, repr(text))
    subject = f"Units {_short(text)}" + (
        "" if of in {"units", "units="} else f" of {of}"
    )
    if advice == "decode":
        return UnitsError(
            explain(
                f"{subject} cannot be used: {why}",
                expected="datetime64 or cftime values",
                got="undecoded numbers",
                hint="xarray.decode_cf(dataset) or "
                "xarray.open_dataset(..., decode_times=True)",
            )
        )
    if advice == LINEAR:
        return UnitsError(
            explain(
                f"{subject} cannot be used: {why}",
                expected="a linear unit, like 'mm6 m-3' for dBZ",
                hint=advice,
            )
        )
    got = None
    if why == "unknown" and word is not None:
        advice = near_match(word)
        got = _short(word) + (f" (did you mean {advice!r}?)" if advice else "")
    if advice and word:  # put the word right where it stands
        whole_word = rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])"
        fixed = advice
        advice = re.sub(whole_word, lambda _: fixed, str(text).strip())
    return UnitsError(
        explain(
            f"{subject} are unknown" if got else f"{subject} cannot be used: {why}",
            expected=None if advice and not got else _RULE,
            got=got,
            hint=_what_to_type(of, advice),
        )
    )


def _what_to_type(of: str, advice: str | None) -> str:
    """Return the line that mends the units, where they stand."""
    if of == "units=":
        return f'units="{_short(advice or "K m-1")[1:-1]}"'
    owner = re.fullmatch(r"coordinate ('[^']*')", of)
    place = f"field[{owner[1]}]" if owner else "field"
    example = _short(advice or ("m" if owner else "K"))[1:-1]
    return f'{place}.attrs["units"] = "{example}"'


def _missing(of: str, got: str) -> UnitsError:
    subject = "The field" if of in {"units", "units="} else of[0].upper() + of[1:]
    return UnitsError(
        explain(
            f"{subject} has no units",
            expected=_RULE,
            got=got,
            hint='field.attrs["units"] = "K"',
        )
    )


def _short(text: Any) -> str:
    shown = repr(text)
    return shown if len(shown) <= 60 else shown[:57] + "..." + shown[0]
