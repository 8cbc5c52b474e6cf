"""Where MetPy documents the function of the same name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

_PAGE = "https://unidata.github.io/MetPy/latest/api/generated/metpy.calc"

Function = TypeVar("Function", bound=Callable[..., Any])


def linked(function: Function) -> Function:
    """Add to a docstring where MetPy's own, with all parameters, can be read."""
    text = (function.__doc__ or "").rstrip()
    function.__doc__ = (
        f"{text}\n\n    Parameters as in {_PAGE}.{function.__name__}.html\n    "
    )
    return function
