"""Find a variable by what a file says of it; refuse where it does not say enough."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Protocol, TypeVar

import xarray as xr

from xnabla.errors import FileError, explain
from xnabla.grid import grid_of
from xnabla.operators import Input

Choice = TypeVar("Choice")

_MOST_LISTED = 20

# Beginnings of names that archives lengthen by a level: THREDDS, NOMADS, NCL, wgrib2.
_WIND = re.compile(r"u[-_]?(grd|wnd|wind|component_of_wind)[\w-]*", re.IGNORECASE)

# A name is not believed where a variable says that it is a departure from something:
# WRF's T is a perturbation of potential temperature.
_DEPARTURES = ("perturbation", "anomaly", "increment", "tendency", "error")


class Holder(Protocol):
    """What holds variables: files, or a Dataset."""

    @property
    def called(self) -> str:
        """What a message calls it."""

    def fields(self) -> dict[str, xr.DataArray]:
        """Return the variables that an operator may want, by name."""

    def typed(self, variables: Mapping[str, str]) -> str:
        """Return what a person types to name the variables of some inputs."""


@dataclass(frozen=True, slots=True)
class Finder:
    """The fields of some files or of a Dataset, and what will be selected from them.

    Attributes
    ----------
    sources : Holder
    selecting : collection of str
        Roles of dimensions; of several variables that fit, those that have them count.
    """

    sources: Holder
    selecting: Collection[str] = ()

    def one(self, wanted: Input, *, alone: bool = False) -> str | None:
        """Return the variable for an input.

        Parameters
        ----------
        wanted : Input
        alone : bool
            Whether the operator needs nothing else: then the only field of a file is
            taken, whatever it is called.

        Returns
        -------
        str or None
            ``None`` for the only field.

        Raises
        ------
        FileError
            If no variable fits, or several do.
        """
        fields = self.sources.fields()
        fitting = self._narrowed(_by_standard_name(wanted, fields), wanted.names)
        if not fitting:
            fitting = self._narrowed(_by_name(wanted, fields))
        if len(fitting) == 1:
            return fitting[0]
        if not fitting and alone and len(fields) == 1:
            return None
        if fitting:
            raise FileError(
                explain(
                    f"{len(fitting)} variables could be the input {wanted.name!r}",
                    expected=f"one of {_listed(fitting)}",
                    hint=self.sources.typed({wanted.name: fitting[0]}),
                )
            )
        known = f"No variable of {self.sources.called} is known to be the input "
        raise FileError(
            explain(
                known + repr(wanted.name),
                expected=_signs(wanted),
                got=_listed(fields) or "nothing",
                hint=self.sources.typed({wanted.name: "NAME"}),
            )
        )

    def pair(
        self, wanted: tuple[Input, Input], named: tuple[str | None, str | None]
    ) -> tuple[str, str]:
        """Return the variables of the two components of one wind.

        Both by the same rule: ``eastward_wind`` goes with ``northward_wind``,
        ``x_wind`` with ``y_wind``, and ``u10`` with ``v10``.

        Parameters
        ----------
        wanted : pair of Input
        named : pair of str or None
            The one that was named, if one was.

        Raises
        ------
        FileError
            If there is no such pair, or more than one.
        """
        fields = self.sources.fields()
        options = self.sources.typed({one.name: "NAME" for one in wanted})
        pairs = self._pairs(wanted, named, fields)
        if len(pairs) == 1:
            return pairs[0]
        if pairs:
            raise FileError(
                explain(
                    f"There are {len(pairs)} winds in {self.sources.called}",
                    expected="one of " + ", ".join(_with(pair) for pair in pairs),
                    hint=self.sources.typed(
                        {w.name: n for w, n in zip(wanted, pairs[0], strict=True)}
                    ),
                )
            )
        asked = " that goes with " + " and ".join(f"'{n}'" for n in named if n)
        raise FileError(
            explain(
                f"No wind is known in {self.sources.called}" + asked * any(named),
                expected="two components of one kind, such as "
                + ", ".join(
                    _with(pair)
                    for sign in ("standard_names", "names")
                    for pair in _partners(wanted, sign)[:2]
                ),
                got=_listed(fields) or "nothing",
                hint=options,
            )
        )

    def _pairs(
        self,
        wanted: tuple[Input, Input],
        named: tuple[str | None, str | None],
        fields: dict[str, xr.DataArray],
    ) -> list[tuple[str, str]]:
        """Return the pairs that fit: by standard names, else by names."""
        sides = [list(fields) if name is None else [name] for name in named]
        every = [
            (u, v)
            for u, v in product(*sides)
            if u != v and {u, v} <= {*fields} and fields[u].ndim == fields[v].ndim
        ]
        kinds = _partners(wanted, "standard_names")
        told = [p for p in every if _standard_names(p, fields) in kinds]
        if told:
            return self._narrowed_pairs(told, _partners(wanted, "names"))
        known = _partners(wanted, "names")
        free = [p for p in every if _nothing_else(p, kinds, fields)]
        called = [p for p in free if p in known or (any(named) and _alike(*p))]
        if kinds and not called:
            called = [p for p in free if _alike(*p) and _WIND.fullmatch(p[0])]
        return self._narrowed_pairs(called, ())

    def _narrowed_pairs(
        self, pairs: list[tuple[str, str]], known: Collection[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        """Leave of several pairs those that are named alike, and can be selected."""
        return _narrowed(
            pairs,
            lambda pair: _alike(*pair) or pair in known,
            lambda pair: all(self._selectable(name) for name in pair),
        )

    def _narrowed(self, names: list[str], known: Collection[str] = ()) -> list[str]:
        """Leave of several variables those that can be selected, then those known."""
        return _narrowed(names, self._selectable, lambda name: name in known)

    def _selectable(self, name: str) -> bool:
        roles = grid_of(self.sources.fields()[name]).roles.values()
        return set(self.selecting) <= set(roles)


def _narrowed(choices: list[Choice], *tests: Callable[[Choice], bool]) -> list[Choice]:
    """Apply tests to choices, one after the other, as long as one choice is left."""
    for test in tests:
        if len(choices) > 1:
            choices = [choice for choice in choices if test(choice)] or choices
    return choices


def _by_standard_name(wanted: Input, fields: dict[str, xr.DataArray]) -> list[str]:
    return [
        name
        for name, field in fields.items()
        if field.attrs.get("standard_name") in wanted.standard_names
    ]


def _by_name(wanted: Input, fields: dict[str, xr.DataArray]) -> list[str]:
    return [
        name
        for name in wanted.names
        if name in fields and not _says_something_else(fields[name], wanted)
    ]


def _says_something_else(field: xr.DataArray, wanted: Input) -> bool:
    """Tell whether a variable says it is not what its name would make it.

    Called only where no standard name is one of those wanted.
    """
    words = " ".join(
        str(field.attrs.get(key, "")) for key in ("long_name", "description")
    ).lower()
    other_name = bool(wanted.standard_names) and "standard_name" in field.attrs
    return other_name or any(word in words for word in _DEPARTURES)


def _partners(wanted: tuple[Input, Input], of: str) -> list[tuple[str, str]]:
    """Return which standard names, or names, of two inputs belong together."""
    return list(zip(*(getattr(one, of) for one in wanted), strict=False))


def _standard_names(
    pair: tuple[str, str], fields: dict[str, xr.DataArray]
) -> tuple[str, str]:
    first, second = (str(fields[n].attrs.get("standard_name", "")) for n in pair)
    return first, second


def _nothing_else(
    pair: tuple[str, str],
    kinds: Sequence[tuple[str, str]],
    fields: dict[str, xr.DataArray],
) -> bool:
    """Tell whether nothing speaks against a pair that only its names make one."""
    if not kinds:
        return True
    for k, name in enumerate(pair):
        told = fields[name].attrs.get("standard_name")
        if told is not None and told not in [kind[k] for kind in kinds]:
            return False
    both = _standard_names(pair, fields)
    return "" in both or both in kinds


def _alike(first: str, second: str) -> bool:
    """Tell whether two names differ in the letter of the component only.

    Examples
    --------
    >>> _alike("u10", "v10"), _alike("UGRD", "VGRD"), _alike("u", "v10")
    (True, True, False)
    """
    return any(
        a in first and first.replace(a, b, 1) == second
        for a, b in (("u", "v"), ("U", "V"), ("x", "y"), ("X", "Y"))
    )


def _signs(wanted: Input) -> str:
    """Say by what a file gives an input away."""
    signs = [
        "standard_name " + " or ".join(wanted.standard_names)
        if wanted.standard_names
        else "",
        "the name " + " or ".join(wanted.names[:5]) if wanted.names else "",
    ]
    told = ", or ".join(sign for sign in signs if sign)
    return f"a variable with {told}" if told else "its name"


def _with(pair: tuple[str, str]) -> str:
    return f"{pair[0]} with {pair[1]}"


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    more = len(names) - _MOST_LISTED
    shown = ", ".join(f"'{name}'" for name in names[:_MOST_LISTED])
    return f"{shown} and {more} more" if more > 0 else shown
