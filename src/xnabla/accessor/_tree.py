"""``tree.nabla``: operators on every group of a DataTree."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import xarray as xr

from xnabla._html import block, table
from xnabla.accessor._listing import operators_html
from xnabla.descent import WHOLE
from xnabla.errors import XnablaError

__all__ = ["TreeNabla"]


@xr.register_datatree_accessor("nabla")
class TreeNabla:
    """Operators of xnabla on a DataTree: each group as its Dataset would be.

    Groups without a field stay as they are, without their variables.

    Examples
    --------
    >>> import xarray as xr
    >>> x = ("x", [0.0, 1.0, 2.0], {"units": "km"})
    >>> ds = xr.Dataset({"z": ("x", [0.0, 2.0, 8.0], {"units": "m"})}, {"x": x})
    >>> tree = xr.DataTree.from_dict({"/": xr.Dataset(), "/alps": ds})
    >>> tree.nabla.derivative("x")["alps/dz_dx"].values
    array([0.   , 0.004, 0.008])
    """

    def __init__(self, tree: xr.DataTree) -> None:
        self._tree = tree

    def __getattr__(self, name: str) -> Callable[..., xr.DataTree]:
        """Return an operator of the catalogue, bound to the tree."""
        if name not in WHOLE:
            msg = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(msg)

        @functools.wraps(WHOLE[name].function)
        def method(*args: Any, **kwargs: Any) -> xr.DataTree:
            def of(dataset: xr.Dataset) -> Any:
                return getattr(dataset.nabla, name)(*args, **kwargs)

            return _mapped(self._tree, of)

        return method

    def __dir__(self) -> list[str]:
        """Return the names of all operators and of the accessor's own methods."""
        return sorted({*super().__dir__(), *WHOLE})

    def __repr__(self) -> str:
        groups = ", ".join(node.path for node in self._tree.subtree)
        return f"xnabla operators on the groups {groups}: {', '.join(WHOLE)}"

    def _repr_html_(self) -> str:
        from xnabla.accessor._holding import Holding

        rows = [
            (node.path, ", ".join(Holding(node.to_dataset()).fields()))
            for node in self._tree.subtree
        ]
        listed = table(("group", "fields"), rows)
        return block("xnabla operators on a DataTree", listed, operators_html())


def _mapped(tree: xr.DataTree, of: Callable[[xr.Dataset], Any]) -> xr.DataTree:
    """Return the results of every group that has a field, in a tree of that shape."""
    from xnabla.accessor._holding import Holding
    from xnabla.accessor._results import as_dataset

    made = {}
    for node in tree.subtree:
        dataset = node.to_dataset()
        path = "/" + node.path.removeprefix(tree.path).lstrip("/")
        if not Holding(dataset).fields():
            made[path] = xr.Dataset(attrs=dataset.attrs)
            continue
        try:
            made[path] = as_dataset(of(dataset))
        except XnablaError as fault:
            raise type(fault)(f"Group {path!r}: {fault}") from fault
    return xr.DataTree.from_dict(made, name=tree.name)
