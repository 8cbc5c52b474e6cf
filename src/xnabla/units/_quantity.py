"""pint quantities taken apart at the door and put together at the exit."""

from __future__ import annotations

from typing import Any

from pint.facets.plain import PlainQuantity

from xnabla.errors import UnitsError, explain
from xnabla.units._unit import Unit, registry_of

__all__ = ["attach", "is_quantity", "split_quantity"]


def is_quantity(obj: object) -> bool:
    """Tell whether the object is a pint quantity, of whatever registry.

    Examples
    --------
    >>> import pint
    >>> from xnabla.units import is_quantity
    >>> is_quantity(pint.UnitRegistry().Quantity(1.0, "K")), is_quantity(1.0)
    (True, False)
    """
    return isinstance(obj, PlainQuantity)


def split_quantity(quantity: Any) -> tuple[Any, Unit]:
    """Return the values and the unit of a pint quantity.

    Parameters
    ----------
    quantity : pint.Quantity

    Returns
    -------
    values : array or number
        The magnitude itself: nothing is copied, no dask array is computed.
    unit : Unit
        In the registry of the quantity.

    Raises
    ------
    UnitsError
        It is no pint quantity.

    Examples
    --------
    >>> import pint
    >>> from xnabla.units import split_quantity
    >>> values, unit = split_quantity(pint.Quantity([1.0, 2.0], "kelvin"))
    >>> print(values, unit)
    [1. 2.] K
    """
    if not is_quantity(quantity):
        raise UnitsError(
            explain(
                "These values carry no pint units",
                expected="a pint quantity",
                got=f"a {type(quantity).__name__}",
                hint='pint.get_application_registry().Quantity(values, "K")',
            )
        )
    return quantity.magnitude, Unit(1.0, quantity.units)


def attach(values: Any, unit: Unit) -> Any:
    """Return the values as a pint quantity.

    Parameters
    ----------
    values : array or number
        Values in this unit; a dask array stays one.
    unit : Unit
        Its factor must be 1, since a pint unit has no place for another.

    Returns
    -------
    pint.Quantity
        In the registry of the unit.

    Raises
    ------
    UnitsError
        The unit has a factor.

    Examples
    --------
    >>> from xnabla.units import attach, parse
    >>> print(attach(2.5, parse("K/km")))
    2.5 kelvin / kilometer
    """
    if unit.factor != 1:
        plain = Unit(1.0, unit.pint)
        raise UnitsError(
            explain(
                f"A pint quantity cannot carry the factor of '{unit}'",
                expected="a unit whose factor is 1",
                got=f"{unit.factor!r}",
                hint=f'units="{plain}", or values * {unit.factor!r} in it',
            )
        )
    return registry_of(unit).Quantity(values, unit.pint)
