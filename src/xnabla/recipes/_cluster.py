"""The cluster a job is computed on, if it is not this machine alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xnabla.errors import OptionError, explain

_PATIENCE_S = 30


@contextmanager
def cluster(address: str | None) -> Iterator[None]:
    """Have lazy fields computed by a cluster within a block.

    Parameters
    ----------
    address : str or None
        Of a dask scheduler, ``tcp://host:8786``, or the file it left, ``NAME.json``.
        ``None`` leaves all as it is: a client that is in charge stays in charge.

    Raises
    ------
    OptionError
        If there is none, or none that has workers, or dask.distributed is missing.
    """
    if address is None:
        yield
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise OptionError(
            explain(
                "--cluster needs dask.distributed, which is not installed",
                hint="pip install 'xnabla[distributed]'",
            )
        ) from error
    before = _in_charge()
    try:
        client = _client(Client, address)
    except (OSError, ValueError, TypeError) as error:
        left = _in_charge()
        if left is not None and left is not before:
            left.close(timeout=1)  # else all that follows would go to nobody
        raise OptionError(
            explain(
                f"No dask scheduler answers at {address!r}",
                expected="an address such as tcp://host:8786, or a scheduler's file",
                got=str(error) or type(error).__name__,
                hint="dask scheduler, which prints its address",
            )
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE_S)
        except TimeoutError as error:
            text = f"The dask scheduler at {address!r} has no workers"
            raise OptionError(explain(text, hint=f"dask worker {address}")) from error
        yield


def _in_charge() -> Any:
    """Return the client that computes what is lazy, if there is one."""
    from distributed import default_client

    try:
        return default_client()
    except ValueError:
        return None


def _client(make: Any, address: str) -> Any:
    if not address.endswith(".json"):
        return make(address, timeout=_PATIENCE_S)
    Path(address).stat()  # for a file that is not there it would wait for ever
    return make(scheduler_file=address, timeout=_PATIENCE_S)
