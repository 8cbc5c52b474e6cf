"""Units as a printed page writes them, from units as a file spells them."""

from __future__ import annotations

import re

from xnabla.errors import XnablaError
from xnabla.plot._words import printable
from xnabla.units import parse

__all__ = ["power_of_ten", "pretty_units", "understood"]

_SUPERSCRIPTS = str.maketrans("0123456789-+.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺·")
_SYMBOLS = {
    "degC": "°C",
    "degF": "°F",
    "degree": "°",
    "mbar": "hPa",
    "um": "µm",
    "ug": "µg",
    "1": "",
}
# To the vocabulary of units these are angles; on a page the letter matters.
_COMPASS = {
    "degrees_north": "°N",
    "degree_north": "°N",
    "degrees_east": "°E",
    "degree_east": "°E",
}
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?:e([+-]?\d+))?")
_DIGIT = re.compile(r"\d")
_POWER = re.compile(r"(\D+?)([+-]?\d+)?")


def understood(units: str) -> str | None:
    """Return a unit as CF spells it, None where the text names no unit.

    Examples
    --------
    >>> understood("geopotential meters"), understood("millibars")
    ('m', 'mbar')
    >>> understood("furlong (old)")
    """
    try:
        return str(parse(units))
    except XnablaError:
        return None


def pretty_units(units: str) -> str:
    """Write a unit as a printed page would.

    Parameters
    ----------
    units : str
        As a file spells it. What is not understood is returned as it is, and so is a
        name that stands for a number the reader would not know it by, like ``psu``.

    Returns
    -------
    str
        With superscripts and symbols; empty for a pure number.

    Examples
    --------
    >>> pretty_units("K km-1")
    'K km⁻¹'
    >>> pretty_units("m**2 s**-2"), pretty_units("geopotential meters")
    ('m² s⁻²', 'm')
    >>> pretty_units("cK km-1 day-1")
    'K (100 km)⁻¹ day⁻¹'
    >>> pretty_units("uK m2 kg-1 s-1")
    'PVU'
    >>> pretty_units("K/km"), pretty_units("1e-5 s-1"), pretty_units("degree_C")
    ('K km⁻¹', '10⁻⁵ s⁻¹', '°C')
    """
    spelled = printable(units)
    if spelled in _COMPASS:
        return _COMPASS[spelled]
    text = understood(spelled)
    if text is None:
        return spelled
    if text != "1" and text[0].isdigit() and not _DIGIT.search(spelled):
        return spelled
    words = [_word(word) for word in text.split(" ")]
    written = " ".join(word for word in words if word)
    # the units of fronts and of potential vorticity, which CF can spell with a prefix
    # only
    written = written.replace("cK km⁻¹", "K (100 km)⁻¹")
    return written.replace("uK m² kg⁻¹ s⁻¹", "PVU")


def power_of_ten(power: int) -> str:
    """Write 10 to a power, nothing for 1.

    Examples
    --------
    >>> power_of_ten(-5), power_of_ten(0)
    ('10⁻⁵', '')
    """
    return "10" + str(power).translate(_SUPERSCRIPTS) if power else ""


def _word(word: str) -> str:
    """Write one factor of a unit that CF spelled."""
    if word in _SYMBOLS:
        return _SYMBOLS[word]
    number = _NUMBER.fullmatch(word)
    if number is not None:
        if number[2] is None:
            return word
        lead = f"{number[1]} × " if float(number[1]) != 1 else ""
        return lead + power_of_ten(int(number[2]))
    power = _POWER.fullmatch(word)
    if power is None:
        return word
    exponent = (power[2] or "").translate(_SUPERSCRIPTS)
    return _SYMBOLS.get(power[1], power[1]) + exponent
