"""Numbers of two bytes, which the NetCDF library takes for text, and then crashes on.

NetCDF has no such type but HDF5 has. Version 4.10.1 of the library says "string" of a
variable of float16, and takes its numbers for addresses (measured: SIGSEGV). So what is
said to be text is looked at in HDF5's own terms before it is read.
"""

from __future__ import annotations

from typing import Any

__all__ = ["MARK", "is_text", "sentence"]

# where a store says of a variable that it cannot be read
MARK = "xnabla_no_text"
# a variable that has the name of a dimension it is not along is kept under another
_PREFIX = "_nc4_non_coord_"


def is_text(path: str, group: str | None, name: str) -> bool:
    """Tell whether HDF5 has text for what the NetCDF library says is text.

    Parameters
    ----------
    path : str
        A NetCDF-4 file.
    group : str or None
    name : str
        The variable.
    """
    import h5py

    try:
        # the NetCDF library has the file open, and has asked for whatever locks
        with h5py.File(path, "r", locking=False) as file:
            home: Any = file[group or "/"]
            dataset = home.get(_PREFIX + name, home.get(name))
            if not isinstance(dataset, h5py.Dataset):
                return True
            return bool(dataset.id.get_type().get_class() == h5py.h5t.STRING)
    except (OSError, KeyError, ValueError, RuntimeError):
        return True  # whatever it is, the library says it in the words people know


def sentence(path: object, name: str) -> tuple[str, str]:
    """Return what is wrong, and what to type."""
    wrong = f"Variable '{name}' of '{path}' cannot be read: it is of a type of HDF5"
    wrong += " that NetCDF does not have"
    return wrong, f"in Python, h5py.File({str(path)!r})[{name!r}].astype('f4')"
