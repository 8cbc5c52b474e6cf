"""``.nabla`` on fields, Datasets and trees: the catalogue of operators as methods."""

from __future__ import annotations

from xnabla.accessor._dataset import DatasetNabla
from xnabla.accessor._field import Nabla
from xnabla.accessor._finder import Finder
from xnabla.accessor._tree import TreeNabla

__all__ = ["DatasetNabla", "Finder", "Nabla", "TreeNabla"]
