"""A file appears whole under its name, or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import socket
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from xnabla._unfinished import unfinished
from xnabla.errors import FileError, explain
from xnabla.files._path import expanded
from xnabla.files._space import no_room, no_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["check_target", "is_zarr", "publish", "remove_stale", "temporary_name"]

# what file systems without hard links answer
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
# a file name may have 255 bytes; the temporary one is longer than the target's
_MOST_NAME_BYTES = 200


@contextmanager
def publish(
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    checkpoint: Callable[[], object] | None = None,
) -> Iterator[Path]:
    """Give a temporary file to write, and put it in place when the block ends well.

    The temporary file lies beside the target, so that putting it in place is one step
    of the file system. If the block ends badly, Ctrl-C included, the temporary file
    is removed and an older target stays as it was. If the process is killed, the next
    call for the same target removes what was left.

    Parameters
    ----------
    path : path
        The target. A symbolic link is followed.
    overwrite : bool, optional
        Replace an existing target. Without it, even one that another program makes
        meanwhile is refused.
    checkpoint : callable, optional
        Called when the block has ended well, before the file is put in place; what it
        raises keeps it out.

    Yields
    ------
    Path
        An empty file, ``.<name>.<pid>.<random>.tmp``. It must be closed when the
        block ends. Its suffix does not tell its format.

    Raises
    ------
    FileError
        The target exists, is a directory, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with publish(f"{folder}/answer.txt") as temporary:
    ...         _ = temporary.write_text("42")
    ...     print(sorted(file.name for file in Path(folder).iterdir()))
    ['answer.txt']
    """
    target = check_target(path, overwrite=overwrite)
    remove_stale(target)
    temporary = temporary_name(target)
    try:
        # a signal may come as soon as it is there; it is gone already if all goes well
        with unfinished(temporary):
            _reserve(temporary, target, path)
            yield temporary
            _settle(temporary)
            if checkpoint is not None:
                checkpoint()
            _put_in_place(temporary, target, path, overwrite=overwrite)
    except OSError as error:
        if isinstance(error, FileError):
            raise
        raise no_room(_sentence(error, path, target), error.errno) from error


def check_target(path: str | os.PathLike[str], *, overwrite: bool) -> Path:
    """Return the place to write, or refuse it before anything is computed."""
    given = expanded(path)
    try:
        target = given.resolve()
        parent_mode = target.parent.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        text = f"'{path}' cannot be written: there is no directory '{given.parent}'"
        hint = f"mkdir -p {given.parent}"
        raise FileError(explain(text, hint=hint)) from error
    except (OSError, ValueError, RuntimeError) as error:
        raise FileError(explain(f"'{path}' cannot be written: {error}")) from error
    if not stat.S_ISDIR(parent_mode):
        text = f"'{path}' cannot be written: '{given.parent}' is not a directory"
        raise FileError(explain(text))
    try:
        _check_existing(path, target, overwrite=overwrite)
    except OSError as error:
        if isinstance(error, FileError):
            raise
        raise FileError(explain(f"'{path}' cannot be written: {error}")) from error
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise FileError(_forbidden(path, target))
    return target


def is_zarr(path: str | os.PathLike[str]) -> bool:
    """Tell whether a name is that of a Zarr store, which is a folder."""
    return Path(path).suffix.lower() == ".zarr"


def _check_existing(
    path: str | os.PathLike[str], target: Path, *, overwrite: bool
) -> None:
    marks = (".z*", "zarr.json")
    is_store = is_zarr(target) and any(m for k in marks for m in target.glob(k))
    if target.is_dir() and is_store:
        if not overwrite:
            raise FileError(_exists(path))
        return
    if target.is_dir():
        text = f"'{path}' cannot be written: it is a directory"
        raise FileError(explain(text, hint=f"a name of a file in it: {target}/NAME"))
    if not target.exists():
        return
    if not target.is_file():
        text = f"'{path}' cannot be written: it is a pipe or a device"
        raise FileError(explain(text, expected="the name of a file"))
    if not overwrite:
        raise FileError(_exists(path))
    if not os.access(target, os.W_OK):
        text = f"'{path}' is not replaced: it is protected against writing"
        raise FileError(explain(text, hint=f"chmod u+w {target}"))


def _reserve(temporary: Path, target: Path, path: str | os.PathLike[str]) -> None:
    """Make the temporary file, with the permissions any new file of the user gets."""
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as error:
        raise no_room(_sentence(error, path, target), error.errno) from error


def temporary_name(target: Path) -> Path:
    """Return a name beside the target that is nobody else's, and tells whose it is."""
    name = os.fsdecode(os.fsencode(target.name)[:_MOST_NAME_BYTES])
    unique = f"{os.getpid()}.{_host()}{secrets.token_hex(6)}"
    return target.parent / f".{name}.{unique}.tmp"


def _settle(temporary: Path) -> None:
    """Have the system put the file on the disk: some disks are full only then."""
    with temporary.open("rb") as stream:
        os.fsync(stream.fileno())


def _put_in_place(
    temporary: Path, target: Path, path: str | os.PathLike[str], *, overwrite: bool
) -> None:
    if overwrite:
        temporary.replace(target)
    else:
        try:
            _link(temporary, target)
        except FileExistsError as error:
            raise FileError(_exists(path)) from error
    with suppress(OSError):  # not every file system can
        directory = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _link(temporary: Path, target: Path) -> None:
    """Give the file its name only if nobody has it: one step, so there is no race."""
    try:
        target.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # claim the name with an empty file, then replace that
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        try:
            temporary.replace(target)
        except BaseException:
            with suppress(OSError):
                if target.stat().st_size == 0:  # else it is another's, or done
                    target.unlink()
            raise


def remove_stale(target: Path) -> None:
    """Remove what killed processes of this machine left for the same target."""
    name = os.fsdecode(os.fsencode(target.name)[:_MOST_NAME_BYTES])
    pattern = re.compile(rf"\.{re.escape(name)}\.(\d+)\.{_host()}[0-9a-f]+\.tmp")
    with suppress(OSError):
        for file in target.parent.iterdir():
            match = pattern.fullmatch(file.name)
            if match and not _is_alive(int(match[1])):
                with suppress(OSError):
                    shutil.rmtree(file) if file.is_dir() else file.unlink()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True  # somebody else's
    return True


def _host() -> str:
    """Return four letters for this machine: process numbers mean nothing on others."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:4]


def _sentence(error: OSError, path: str | os.PathLike[str], target: Path) -> str:
    full = no_space(error, path, target.parent)
    if full is not None:
        return full
    if isinstance(error, PermissionError):
        return _forbidden(path, target)
    return explain(f"'{path}' cannot be written: {error.strerror or error}")


def _exists(path: str | os.PathLike[str]) -> str:
    return explain(f"'{path}' exists already", hint="overwrite=True, or another name")


def _forbidden(path: str | os.PathLike[str], target: Path) -> str:
    text = f"'{path}' cannot be written: no permission in directory '{target.parent}'"
    return explain(text, hint=f"ls -ld {target.parent}")
