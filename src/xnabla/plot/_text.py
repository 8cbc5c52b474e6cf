"""Words on a picture: names, axis labels and degrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xnabla.plot._unit_text import pretty_units
from xnabla.plot._words import printable

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["axis_label", "degrees", "name_of", "sentence_case"]


def name_of(field: xr.DataArray) -> str:
    """Return the most readable name a field or coordinate has."""
    attrs = field.attrs
    for name in (attrs.get("long_name"), attrs.get("standard_name"), field.name):
        readable = printable("" if name is None else name).replace("_", " ")
        if readable:
            return readable
    return "field"


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
    first = text.split(" ", 1)[0].rstrip(",").replace("-", "")
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
