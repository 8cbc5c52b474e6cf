"""Words on a picture: units, axis labels, degrees, level and valid time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from xnabla.plot._roles import coordinate_role

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "axis_label",
    "degrees",
    "level_text",
    "name_of",
    "occasion",
    "power_of_ten",
    "pretty_units",
    "sentence_case",
    "time_text",
]

_SUPERSCRIPTS = str.maketrans("0123456789-+.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺·")
_SYMBOLS = {
    "degC": "°C",
    "degree_Celsius": "°C",
    "degrees_Celsius": "°C",
    "celsius": "°C",
    "Celsius": "°C",
    "degF": "°F",
    "degK": "K",
    "kelvin": "K",
    "percent": "%",
    "degrees_north": "°N",
    "degree_north": "°N",
    "degrees_east": "°E",
    "degree_east": "°E",
    "degrees": "°",
    "degree": "°",
    "um": "µm",
    "ug": "µg",
    "dimensionless": "",
    "1": "",
}
_POWER = re.compile(r"([A-Za-z_%°µ]+)(?:\*\*|\^)?([+-]?\d+)?$")
_TEN = re.compile(r"(?:(\d+(?:\.\d+)?)?[eE]|10(?:\*\*|\^))([+-]?\d+)$")


def pretty_units(units: str) -> str:
    """Write a CF unit as a printed page would.

    Parameters
    ----------
    units : str
        A CF or UDUNITS string. What is not understood is returned as it is.

    Returns
    -------
    str
        With superscripts and symbols; empty for a pure number.

    Examples
    --------
    >>> pretty_units("K km-1")
    'K km⁻¹'
    >>> pretty_units("m**2 s**-2")
    'm² s⁻²'
    >>> pretty_units("K/km"), pretty_units("1e-5 s-1"), pretty_units("degC")
    ('K km⁻¹', '10⁻⁵ s⁻¹', '°C')
    """
    text = re.sub(r"\s*(\*\*|\^)\s*", r"\1", units.strip())
    upper, *lower = re.split(r"\s*/\s*", text)
    if any(re.search(r"[\s.*·(]", part.replace("**", "^")) for part in lower):
        return units  # "a/b c" is read in two ways by two programs
    words = [_word(word, 1) for word in _factors(upper)]
    words += [_word(word, -1) for word in lower]
    if any(word is None for word in words):
        return units
    return " ".join(word for word in words if word)


def _factors(text: str) -> list[str]:
    """Split a product at blanks, dots and single stars."""
    return [
        w
        for w in re.split(
            r"[\s·]+|(?<!\*)\*(?!\*)|(?<=[A-Za-z0-9])\.(?=[A-Za-z])", text
        )
        if w
    ]


def _word(word: str, sign: int) -> str | None:
    """Write one factor of a unit, or None where it is not understood."""
    ten = _TEN.match(word)
    if word in _SYMBOLS and sign > 0:
        return _SYMBOLS[word]
    if ten is not None and sign > 0:
        lead = f"{ten[1]} × " if ten[1] not in {None, "1", "1.0"} else ""
        return f"{lead}10{str(int(ten[2])).translate(_SUPERSCRIPTS)}"
    power = _POWER.match(word)
    if power is None:
        return None
    exponent = sign * int(power[2] or 1)
    symbol = _SYMBOLS.get(power[1], power[1])
    if exponent == 1:
        return symbol
    return symbol + str(exponent).translate(_SUPERSCRIPTS)


def name_of(field: xr.DataArray) -> str:
    """Return the most readable name a field or coordinate has."""
    attrs = field.attrs
    readable = attrs.get("long_name") or attrs.get("standard_name") or field.name
    return str(readable if readable is not None else "field").replace("_", " ")


def power_of_ten(power: int) -> str:
    """Write 10 to a power, nothing for 1.

    Examples
    --------
    >>> power_of_ten(-5), power_of_ten(0)
    ('10⁻⁵', '')
    """
    return "10" + str(power).translate(_SUPERSCRIPTS) if power else ""


def axis_label(field: xr.DataArray) -> str:
    """Return the name of a field or coordinate with its unit in brackets.

    Parameters
    ----------
    field : DataArray
        A field or a coordinate with ``units`` in its attributes.

    Returns
    -------
    str
        For example ``Air temperature (K)``.

    Examples
    --------
    >>> import xarray as xr
    >>> t = xr.DataArray(0.0, name="t", attrs={"units": "K m-1"})
    >>> axis_label(t)
    't (K m⁻¹)'
    """
    unit = pretty_units(str(field.attrs.get("units", "")))
    name = sentence_case(name_of(field))
    return f"{name} ({unit})" if unit else name


def sentence_case(text: str) -> str:
    """Capitalise the first word, unless it is a symbol such as t or dT."""
    first = text.split(" ", 1)[0]
    plain = len(first) > 2 and first.isalpha() and first.islower()
    return text[:1].upper() + text[1:] if plain else text


def degrees(value: float, role: str) -> str:
    """Write a latitude or longitude with its letter.

    Examples
    --------
    >>> degrees(-30, "latitude"), degrees(210, "longitude"), degrees(180, "longitude")
    ('30°S', '150°W', '180°')
    """
    if role == "longitude":
        value = (value + 180) % 360 - 180
    size = f"{round(abs(value), 6):g}°"
    if value == 0 or (role == "longitude" and abs(value) == 180):
        return size
    letters = "NS" if role == "latitude" else "EW"
    return size + letters[int(value < 0)]


def time_text(moment: Any) -> str:
    """Write a numpy or cftime moment to the minute, in UTC."""
    if hasattr(moment, "strftime"):
        return str(moment.strftime("%Y-%m-%d %H:%M UTC"))
    return str(moment.astype("datetime64[m]")).replace("T", " ") + " UTC"


def occasion(field: xr.DataArray) -> str:
    """Return level, place, valid time and start as the scalar coordinates tell them."""
    return " · ".join(part for part in (level_text(field), _times(field)) if part)


def level_text(field: xr.DataArray) -> str:
    """Return the level and place a field was taken at, empty if it tells none."""
    found = []
    for coordinate in _scalars(field):
        role = coordinate_role(coordinate)
        if role in {"longitude", "latitude"}:
            found.append(degrees(float(coordinate), role))
        elif role == "vertical":
            found.insert(0, _level(float(coordinate), coordinate))
    return " · ".join(found)


def _times(field: xr.DataArray) -> str:
    """Return when a field is valid and which forecast it comes from."""
    valid = start = None
    for coordinate in _scalars(field):
        value = coordinate.values[()]
        if coordinate_role(coordinate) != "time" or not _is_moment(value):
            continue
        if "reference" in f"{coordinate.name} {coordinate.attrs.get('standard_name')}":
            start = value
        else:
            valid = value
    words = [f"valid {time_text(valid)}"] if valid is not None else []
    if start is not None:
        words.append(f"forecast from {time_text(start)}")
    if valid is not None and start is not None and type(valid) is type(start):
        hours = (valid - start) / np.timedelta64(1, "h")
        words[-1] += f" (+{hours:g}\u00a0h)"  # not broken at the line's end
    return " · ".join(words)


def _scalars(field: xr.DataArray) -> list[xr.DataArray]:
    """Return the coordinates that hold one value."""
    return [coordinate for coordinate in field.coords.values() if not coordinate.ndim]


def _is_moment(value: Any) -> bool:
    """Tell a moment from a number and from a missing time."""
    if isinstance(value, np.datetime64):
        return not np.isnat(value)
    return hasattr(value, "strftime")


def _level(value: float, coordinate: xr.DataArray) -> str:
    """Write a level, pressure in hPa as everybody says it."""
    units = str(coordinate.attrs.get("units", ""))
    if units == "Pa":
        value, units = value / 100, "hPa"
    if units in {"mb", "mbar", "millibar", "millibars"}:
        units = "hPa"
    shown = pretty_units(units)
    if not shown:
        return f"level {value:g}"
    return f"{value:g} {shown}"
