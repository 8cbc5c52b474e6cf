"""The files of a job, open, and the variables they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import FileError, explain
from xnabla.files import open_dataset, pick_variable
from xnabla.grid import role_of

_POSITIONS = ("latitude", "longitude")
_HORIZONTAL = {*_POSITIONS, "grid_latitude", "grid_longitude"}


@dataclass(frozen=True, slots=True)
class Sources:
    """Open files, in the order they were given.

    Attributes
    ----------
    paths : tuple of str
    datasets : tuple of Dataset
    """

    paths: tuple[str, ...]
    datasets: tuple[xr.Dataset, ...]

    @classmethod
    def open(cls, paths: Iterable[str]) -> Sources:
        """Open files."""
        paths = tuple(paths)
        with ExitStack() as stack:
            opened = []
            for path in paths:
                opened.append(open_dataset(path))
                stack.callback(opened[-1].close)
            stack.pop_all()
        return cls(paths, tuple(opened))

    def __enter__(self) -> Sources:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all the files."""
        for dataset in self.datasets:
            dataset.close()

    @property
    def called(self) -> str:
        """What a message calls the files."""
        return " and ".join(f"'{path}'" for path in self.paths)

    def typed(self, variables: Mapping[str, str]) -> str:
        """Return the options that name the variables of some inputs."""
        return " ".join(f"--{name} {variable}" for name, variable in variables.items())

    def fields(self) -> dict[str, xr.DataArray]:
        """Return the variables of numbers that are no positions, by name."""
        found: dict[str, xr.DataArray] = {}
        for dataset in self.datasets:
            for name, variable in dataset.data_vars.items():
                if (
                    variable.ndim
                    and variable.dtype.kind in "iuf"
                    and _role(variable) not in _HORIZONTAL
                ):
                    found.setdefault(str(name), variable)
        return found

    def pick(self, name: str | None) -> xr.DataArray:
        """Return the variable of a name, or the only one, with its positions.

        Raises
        ------
        FileError, FieldError
            If there is none, or more than one.
        """
        where = list(range(len(self.paths)))
        if len(self.paths) > 1:
            having = [k for k in where if name in self.datasets[k].variables]
            if len(having) > 1:
                raise FileError(
                    explain(
                        f"Variable '{name}' is in {len(having)} of the files",
                        expected="it in one of them",
                        got=", ".join(f"'{self.paths[k]}'" for k in having),
                        hint="one of these files alone",
                    )
                )
            where = having or where
        k = where[0]
        return located(
            pick_variable(self.datasets[k], name, self.paths[k]), self.datasets[k]
        )


def located(field: xr.DataArray, dataset: xr.Dataset) -> xr.DataArray:
    """Return a field with the latitudes and longitudes of its points.

    Files of some models hold them beside the field, without a word in its attributes.
    They are taken where there is just one of each on the field's own dimensions.
    """
    if any(_role(c) in _HORIZONTAL for c in field.coords.values()):
        return field
    found: dict[str, Any] = {}
    for wanted in _POSITIONS:
        fitting = [
            str(name)
            for name, variable in dataset.data_vars.items()
            if variable.ndim >= 2
            and _role(variable) == wanted
            and set(variable.dims) <= set(field.dims)
        ]
        if len(fitting) != 1:
            return field
        found[fitting[0]] = dataset[fitting[0]].variable
    return field.assign_coords(found)


def attributes_of(datasets: Iterable[xr.Dataset]) -> Mapping[str, Any]:
    """Return what the files say of themselves; the first that says it counts."""
    found: dict[str, Any] = {}
    for dataset in datasets:
        for key, value in dataset.attrs.items():
            found.setdefault(str(key), value)
    return found


def _role(variable: xr.DataArray) -> str:
    dtype = variable.dtype if variable.dtype.kind in "iuf" else np.dtype(float)
    return role_of(str(variable.name), dict(variable.attrs), dtype)
