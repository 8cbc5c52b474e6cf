"""Names that a package imports only when they are first used."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def attach(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` for a package with lazy names.

    Parameters
    ----------
    package : str
        Name of the package.
    homes : mapping of name to module
        Where each public name lives; a name of a subpackage lives in itself.
    """

    def __getattr__(name: str) -> Any:  # noqa: N807 - becomes the module's own
        if name not in homes:
            msg = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(msg)
        module = importlib.import_module(homes[name])
        value = module if homes[name] == f"{package}.{name}" else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    def __dir__() -> list[str]:  # noqa: N807
        own = vars(sys.modules[package])
        return sorted({*homes, *(name for name in own if name.startswith("__"))})

    return __getattr__, __dir__
