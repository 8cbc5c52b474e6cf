"""What a recipe has made so far, kept beside its files: what ``--resume`` goes by."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from xnabla.errors import FileError, explain
from xnabla.files import publish
from xnabla.recipes.script._check import refuse_foreign_link

__all__ = ["State", "digest", "state_path"]

_FORMAT = 1
_BLOCK_BYTES = 1 << 20
_MOST_BYTES = 64_000_000


@dataclass(slots=True)
class State:
    """A run, as far as it came.

    Attributes
    ----------
    path : Path
        The file it is kept in.
    began : datetime
        When the run began, which is the time in the history of its files.
    recipe : str
        Hash of the recipe the run was begun with.
    finished : bool
    targets : dict
        By the name of a target: its ``key``, its ``file``, whether it is ``done``, its
        ``hash``, and what a report tells of it.
    files : dict
        By the path of a file: its stamp and its hash, so that it is read once.
    """

    path: Path
    began: datetime
    recipe: str = ""
    finished: bool = False
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> State | None:
        """Return what is kept in a file; ``None`` if there is nothing to go by.

        A file that is not ours, or was damaged, says nothing: all is made again.
        """
        try:
            if path.stat().st_size > _MOST_BYTES:
                return None
            raw = json.loads(path.read_text(encoding="utf-8"))
            if raw["xnabla_state"] != _FORMAT:
                return None
            began = datetime.fromisoformat(raw["began"])
            found = cls(
                path,
                began.replace(tzinfo=began.tzinfo or UTC),
                str(raw["recipe"]),
                raw["finished"] is True,
                _tables(raw["targets"]),
                _tables(raw["files"]),
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return found

    def write(self) -> None:
        """Keep it, whole or not at all.

        Raises
        ------
        FileError
        """
        kept = {
            "xnabla_state": _FORMAT,
            "began": self.began.isoformat(),
            "recipe": self.recipe,
            "finished": self.finished,
            "targets": self.targets,
            "files": self.files,
        }
        refuse_foreign_link(self.path)
        with publish(self.path, overwrite=True) as temporary:
            temporary.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")

    def hash_of(self, path: Path, *, look: bool = True) -> str:
        """Return the hash of what a file holds; read only if its stamp is new.

        Parameters
        ----------
        path : Path
        look : bool
            Whether it may be read; if not, the hash is empty where it is not known.

        Raises
        ------
        FileError
            If it cannot be read.
        """
        key = str(path)
        try:
            stamp = _stamp(path)
            known = self.files.get(key, {})
            if known.get("stamp") == stamp and isinstance(known.get("hash"), str):
                return str(known["hash"])
            if not look:
                return ""
            found = _content(path)
            if _stamp(path) != stamp:
                text = f"'{path}' changes while it is read"
                raise FileError(explain(text, hint="once more, when it is whole"))
        except OSError as error:
            if isinstance(error, FileError):
                raise
            text = f"'{path}' cannot be read: {error.strerror or error}"
            raise FileError(explain(text, hint=f"ls -l {path}")) from error
        self.files[key] = {"stamp": stamp, "hash": found}
        return found

    def is_done(self, name: str, key: str, path: Path, *, look: bool = True) -> bool:
        """Tell whether a target is as it was left, and would be made the same again."""
        known = self.targets.get(name, {})
        if known.get("done") is not True or known.get("key") != key:
            return False
        if known.get("file") != str(path):
            return False
        with suppress(FileError):
            return path.exists() and self.hash_of(path, look=look) == known.get("hash")
        return False

    def is_own(self, path: Path) -> bool:
        """Tell whether a file that is there was made, or begun, by the recipe."""
        return any(one.get("file") == str(path) for one in self.targets.values())


def state_path(folder: Path, stem: str) -> Path:
    """Return where the state of a recipe is kept."""
    return folder / f"{stem}.state.json"


def digest(*parts: Any) -> str:
    """Return a hash of plain values.

    Examples
    --------
    >>> digest({"a": 1, "b": (2,)}) == digest({"b": [2], "a": 1})
    True
    """
    text = json.dumps(parts, sort_keys=True, default=repr)
    return blake2b(text.encode("utf-8"), digest_size=20).hexdigest()


def _tables(given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {str(key): dict(value) for key, value in given.items()}


def _stamp(path: Path) -> list[int]:
    """Return what changes with a file: cheap to look at."""
    if path.is_dir():
        every = sorted(one for one in path.rglob("*") if one.is_file())
        stats = [one.stat() for one in every]
        return [n for s in stats for n in (s.st_size, s.st_mtime_ns, s.st_ino)]
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ino]


def _content(path: Path) -> str:
    """Return the hash of a file, or of all files of a folder."""
    made = blake2b(digest_size=20)
    inside = sorted(path.rglob("*")) if path.is_dir() else [path]
    for one in inside:
        if not one.is_file():
            continue
        if path.is_dir():
            made.update(os.fsencode(f"{one.relative_to(path)}\0{one.stat().st_size}\0"))
        buffer = memoryview(bytearray(_BLOCK_BYTES))
        with one.open("rb", buffering=0) as stream:
            while count := stream.readinto(buffer):
                made.update(buffer[:count])
    return made.hexdigest()
