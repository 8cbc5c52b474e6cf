"""The files of a job, open, and the variables they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from xnabla.errors import FileError, explain
from xnabla.files import Tally, gathered, held, open_uncut, pick_variable, tallies_of
from xnabla.grid import role_of
from xnabla.recipes._memory import DEFAULT_MEMORY, block_sizes

_POSITIONS = ("latitude", "longitude")
_HORIZONTAL = {*_POSITIONS, "grid_latitude", "grid_longitude"}


# More files than this are surely parts of one data set: to look would take too long.
_MOST_APART = 16


@dataclass(frozen=True, slots=True)
class Sources:
    """Open files, in the order they were given.

    Attributes
    ----------
    paths : tuple of str
        What a message calls each of them.
    datasets : tuple of Dataset
    """

    paths: tuple[str, ...]
    datasets: tuple[xr.Dataset, ...]

    @classmethod
    def open(
        cls, paths: Iterable[str], memory: int = DEFAULT_MEMORY, **how: Any
    ) -> Sources:
        """Open files, patterns and folders.

        Files that hold different variables stay apart; files with the same variables
        are one data set, joined along the coordinate in which they differ.

        Parameters
        ----------
        paths : iterable of str
        memory : int
            Bytes the job may take.
        **how
            What `xnabla.open` takes: ``group``, ``fill``.
        """
        files = gathered(tuple(paths))
        if 1 < len(files) <= _MOST_APART:
            with ExitStack() as stack:
                opened = []
                for file in files:
                    opened.append(held(open_uncut(file, **how)))
                    stack.callback(opened[-1].close)
                names = [name for one in opened for name in one.data_vars]
                if len(names) == len(set(names)):
                    stack.pop_all()
                    return cls(tuple(files), tuple(opened))
        if len(files) > 1:
            how["chunks"] = blocks_of(files[0], memory, how)
        return cls((_together(files),), (held(open_uncut(files, **how)),))

    @property
    def tallies(self) -> tuple[Tally, ...]:
        """What was taken as missing, without a word of the files, so far."""
        return tuple(one for dataset in self.datasets for one in tallies_of(dataset))

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


def blocks_of(file: str, memory: int, how: Mapping[str, Any]) -> dict[Any, int]:
    """Return the sizes of blocks that suit the largest variable of a file."""
    with open_uncut(file, **how) as dataset:
        fields = [one for one in dataset.data_vars.values() if one.ndim]
        if not fields:
            return {}
        return block_sizes([max(fields, key=lambda one: one.nbytes)], memory)


def _together(files: Sequence[str]) -> str:
    """Return what one data set of some files is called."""
    return files[0] if len(files) == 1 else f"{files[0]} … {files[-1]}"


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
