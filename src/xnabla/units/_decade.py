"""Ten years by the name people use, in registries that know it as a factor of ten."""

from __future__ import annotations

import threading
from typing import Any

from pint import PintError

from xnabla.units._powers import kind_of, powers_in

__all__ = ["TEN_YEARS", "ten_years"]

# SI prefixes go before any unit: every registry with years has this name.
TEN_YEARS = "decayear"

_LOCK = threading.Lock()


def ten_years(registry: Any) -> str:
    """Return the registry's name of ten years: ``decade``, made so where it must be.

    pint's own "decade" is the logarithm of a factor of ten. It has no use beside a
    year, nor does pint convert what is counted per such a decade; so the first time
    that ten years are asked for, the registry learns them. A decade that the user
    defined is left alone.

    Examples
    --------
    >>> import pint
    >>> mine = pint.UnitRegistry()
    >>> ten_years(mine)
    'decade'
    >>> print(mine.Quantity(2.0, "K/decade").to("K/year"))
    0.2 kelvin / year
    """
    with _LOCK:
        if _is_logarithm(registry):
            _teach(registry)
        return "decade" if _is_ten_years(registry) else TEN_YEARS


def _is_logarithm(registry: Any) -> bool:
    """Tell whether a decade is what pint's own definitions say: 10 to the power of it.

    Asked each time, and not of ``kind_of``, which remembers.
    """
    try:
        powers = registry.Quantity([0.0, 1.0, 2.0], "decade").to_root_units()
    except (PintError, KeyError, ValueError, TypeError, AttributeError):
        return False
    ones = [round(float(value), 9) for value in powers.magnitude]
    return powers.dimensionless and ones == [1.0, 10.0, 100.0]


def _is_ten_years(registry: Any) -> bool:
    try:
        scale, root = registry.get_root_units(registry.Unit("decade"))
        ten, seconds = registry.get_root_units(registry.Unit(TEN_YEARS))
    except (PintError, KeyError, ValueError, AttributeError):
        return False
    same = abs(float(scale) - float(ten)) <= 1e-12 * float(ten)
    return same and powers_in(root) == powers_in(seconds)


def _teach(registry: Any) -> None:
    # pint has no public way to say a name anew: without these two the old one stays
    before = getattr(registry, "_on_redefinition", None)
    forget = getattr(registry, "_build_cache", None)
    if before is None or forget is None:
        return
    registry._on_redefinition = "ignore"
    try:
        registry.define("decade = 10 * year = _ = decades")
    finally:
        registry._on_redefinition = before
    forget()
    kind_of.cache_clear()
