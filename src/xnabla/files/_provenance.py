"""How a file came to be: one dated line per step, the newest first."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from xnabla.files._form import Form
from xnabla.files._lock import LIBRARY

__all__ = ["history_line", "rewrite_history", "with_history", "xnabla_version"]


def history_line(command: str, made: datetime | None = None) -> str:
    """Write one line of the CF attribute ``history``.

    Parameters
    ----------
    command : str
        What was done, best as the command or the call that does it again.
    made : datetime, optional
        When, with its time zone; by default now. A job that is resumed tells when it
        was begun, so that it ends with the files it would have made at once.

    Returns
    -------
    str
        The time in UTC, the version of xnabla, and the command, on one line.

    Examples
    --------
    >>> history_line("xnabla gradient era5.nc -v t2m")
    '20...Z xnabla ...: xnabla gradient era5.nc -v t2m'
    """
    when = datetime.now(UTC) if made is None else made.astimezone(UTC)
    words = " ".join(command.split())
    return f"{when:%Y-%m-%dT%H:%M:%SZ} xnabla {xnabla_version()}: {words}"


def with_history(line: str, before: object) -> str:
    """Put a line above the history a file already has."""
    old = str(before).strip("\n") if before is not None else ""
    return f"{line}\n{old}" if old else line


def rewrite_history(path: Path, form: Form, history: str) -> None:
    """Put another history into a file or a store that is written but not in place.

    What is found among lazy values is known only when they have been written.
    """
    if form.is_zarr:
        import zarr

        zarr.open_group(str(path), mode="r+").attrs["history"] = history
        if form.format == "ZARR2":
            zarr.consolidate_metadata(str(path))
        return
    import netCDF4

    with LIBRARY, netCDF4.Dataset(path, "a") as file:
        file.setncattr("history", history)


def xnabla_version() -> str:
    """Return the version of this library."""
    try:
        return version("xnabla")
    except PackageNotFoundError:  # run from a folder, not installed
        return "(unknown version)"
