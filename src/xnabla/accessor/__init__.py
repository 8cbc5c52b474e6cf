"""``.nabla`` on fields, Datasets and trees: the catalogue of operators as methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xnabla._lazy import attach
from xnabla.accessor._dataset import DatasetNabla
from xnabla.accessor._field import Nabla
from xnabla.accessor._tree import TreeNabla

if TYPE_CHECKING:
    from xnabla.accessor._finder import Finder

__all__ = ["DatasetNabla", "Finder", "Nabla", "TreeNabla"]

# What is not registered is imported when it is first used.
__getattr__, __dir__ = attach(__name__, {"Finder": f"{__name__}._finder"})
