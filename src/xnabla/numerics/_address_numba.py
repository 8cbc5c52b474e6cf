"""Memory looked at as rows of numbers, by address."""

from __future__ import annotations

import ctypes
from typing import Any

from numba import carray, config, types  # type: ignore[attr-defined]
from numba.core import cgutils
from numba.extending import intrinsic

from xnabla.numerics._compiled import inlined


def _typed_pointer(typing, address):  # type: ignore[no-untyped-def]
    """Take a number for an address."""

    def code(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), code


_pointer: Any = intrinsic(_typed_pointer)
if vars(config)["DISABLE_JIT"]:
    # interpreted, to count what tests reach: an address is what ctypes calls one
    def _pointer(address: int) -> ctypes.c_void_p:
        return ctypes.c_void_p(int(address))


@inlined
def row_at(address, size, model):  # type: ignore[no-untyped-def]
    """Look at memory as a row of numbers like those of ``model``.

    Rows of arrays would be counted in and out, by both threads, several times a row:
    that took 30 of 50 ms.
    """
    pointer = _pointer(address)
    return carray(pointer, (size,), model.dtype)


@inlined
def uncounted(array):  # type: ignore[no-untyped-def]
    """Return the same array as nobody counts it: whoever calls keeps it alive."""
    pointer = _pointer(array.ctypes.data)
    return carray(pointer, array.shape, array.dtype)
