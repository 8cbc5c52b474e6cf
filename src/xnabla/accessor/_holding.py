"""The variables of a Dataset that an operator may want, and why others are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import FieldError, explain
from xnabla.grid import role_of
from xnabla.operators import Input

__all__ = ["Holding"]

_POSITIONS = {"latitude", "longitude", "grid_latitude", "grid_longitude"}


@dataclass(frozen=True)
class Holding:
    """A Dataset, as what operators take their inputs from.

    Attributes
    ----------
    dataset : Dataset
    """

    dataset: xr.Dataset

    @property
    def called(self) -> str:
        """What a message calls it."""
        return "the Dataset"

    def typed(self, variables: Mapping[str, str]) -> str:
        """Return the arguments that name the variables of some inputs."""
        return ", ".join(f"{name}={value!r}" for name, value in variables.items())

    def fields(self) -> dict[str, xr.DataArray]:
        """Return the variables of numbers that are no positions and no bounds."""
        left = self.unsuitable()
        return {
            str(name): variable
            for name, variable in self.dataset.data_vars.items()
            if str(name) not in left
        }

    def unsuitable(self) -> dict[str, str]:
        """Return why some variables are no fields, by name."""
        bounds = {
            str(name)
            for variable in self.dataset.variables.values()
            for source in (variable.attrs, variable.encoding)
            for key in ("bounds", "climatology")
            if (name := source.get(key)) is not None
        }
        beside = {
            name
            for variable in self.dataset.data_vars.values()
            for name in str(variable.attrs.get("ancillary_variables", "")).split()
        }
        found = {}
        for name, variable in self.dataset.data_vars.items():
            why = _why_no_field(variable)
            why = "says how good another variable is" if str(name) in beside else why
            why = "bounds" if str(name) in bounds else why
            if why:
                found[str(name)] = why
        return found

    def holds(self, given: Any) -> bool:
        """Tell whether an argument is a field, or the name of a variable."""
        if isinstance(given, (xr.DataArray, xr.Dataset)):
            return True
        return isinstance(given, str) and given in self.dataset.data_vars

    def name_of(self, field: Any) -> str | None:
        """Return the name of a field that was taken from here."""
        name = getattr(field, "name", None)
        return str(name) if name in self.dataset.data_vars else None

    def pick(self, name: str) -> xr.DataArray:
        """Return a variable, with the places of its points if these are variables.

        Raises
        ------
        FieldError
            If there is no such variable.
        """
        if name not in self.dataset.variables:
            raise FieldError(
                explain(
                    f"The Dataset has no variable {name!r}",
                    expected="one of " + ", ".join(map(repr, self.fields())),
                )
            )
        return self._located(self.dataset[name])

    def picked(self, wanted: Input, given: Any) -> Any:
        """Return the field, or fields, that an argument names; a field as it is."""
        if not isinstance(given, (xr.DataArray, xr.Dataset)):
            names = [given] if isinstance(given, str) else list(given)
            fields = {name: self.pick(name) for name in names}
            return xr.Dataset(fields) if wanted.several else self.pick(given)
        return given

    def _located(self, field: xr.DataArray) -> xr.DataArray:
        """Return a field with its map and the places its file holds as variables."""
        extra: dict[str, Any] = {}
        mapping = field.attrs.get("grid_mapping", field.encoding.get("grid_mapping"))
        if isinstance(mapping, str) and mapping in self.dataset.data_vars:
            extra[mapping] = self.dataset[mapping].variable
        if not any(_role(one) in _POSITIONS for one in field.coords.values()):
            extra |= self._places(field)
        return field.assign_coords(extra) if extra else field

    def _places(self, field: xr.DataArray) -> Mapping[str, Any]:
        """Return the one latitude and longitude on the dimensions of a field."""
        found: dict[str, Any] = {}
        for wanted in ("latitude", "longitude"):
            fitting = [
                str(name)
                for name, variable in self.dataset.data_vars.items()
                if variable.ndim >= 2
                and _role(variable) == wanted
                and set(variable.dims) <= set(field.dims)
            ]
            if len(fitting) != 1:
                return {}
            found[fitting[0]] = self.dataset[fitting[0]].variable
        return found


def _why_no_field(variable: xr.DataArray) -> str:
    """Say why a variable is nothing to work on; nothing where it may be."""
    if variable.dtype.kind not in "iuf":
        return f"values of type {variable.dtype}"
    if not variable.ndim:
        return "no dimension"
    if "flag_meanings" in variable.attrs:
        return "flags"
    if _role(variable) in _POSITIONS:
        return "positions"
    return ""


def _role(variable: xr.DataArray) -> str:
    dtype = variable.dtype if variable.dtype.kind in "iuf" else np.dtype(float)
    return role_of(str(variable.name), dict(variable.attrs), dtype)
