"""Takes files as they are dropped into a folder: each once it has stopped growing, then moved to done/ or failed/.

Beside a file in failed/ lies a text that says why, and what to do. A file whose store is busy stays where it is and is tried
again. Hidden files and those that names say are not finished (.part, .tmp, .crdownload) are left alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import Cancelled, InputError, JingweiError, StoreBusy

DONE, FAILED = "done", "failed"
UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")
LOOK_SECONDS = 2.0
Take = Callable[[Path], Any]


@dataclass(frozen=True)
class Taken:
    """What became of a file: where it lies now, and what the import said or why it failed."""

    file: Path
    result: Any = None
    error: JingweiError | None = None


class Follower:
    """Looks into a folder again and again. `take` imports one file."""

    def __init__(self, folder: Path, take: Take) -> None:
        if not folder.is_dir():
            raise InputError("there is no such folder.", where=str(folder), todo="Make it first.")
        self._folder, self._take = folder, take
        self._seen: dict[Path, tuple[int, int]] = {}

    def look(self) -> list[Taken]:
        """Take every file that is as it was at the last look, the oldest first."""
        there = {path: found for path in self._folder.iterdir() if (found := _stamp(path)) is not None}
        ready = [path for path, stamp in there.items() if self._seen.get(path) == stamp and stamp[0] > 0]
        self._seen = there
        taken = [self._one(path) for path in sorted(ready, key=lambda path: (there[path][1], path.name))]
        return [one for one in taken if one is not None]

    def follow(self, tell: Callable[[Taken], None], pause: float = LOOK_SECONDS) -> None:
        """Look for ever; Cancelled and Ctrl-C end it."""
        while True:
            for one in self.look():
                tell(one)
            time.sleep(pause)

    def _one(self, path: Path) -> Taken | None:
        try:
            result = self._take(path)
        except (StoreBusy, Cancelled) as error:
            if isinstance(error, Cancelled):
                raise
            return None
        except JingweiError as error:
            moved = _move(path, self._folder / FAILED)
            reason = "\n".join(part for part in (error.what, error.where, error.todo) if part)
            moved.with_name(f"{moved.name}.reason.txt").write_text(f"{reason}\n", encoding="utf-8")
            return Taken(moved, error=error)
        return Taken(_move(path, self._folder / DONE), result)


def _stamp(path: Path) -> tuple[int, int] | None:
    """(bytes, changed at) of a file that may be taken."""
    if path.name.startswith(".") or path.suffix.lower() in UNFINISHED:
        return None
    try:
        said = path.stat()
    except OSError:
        return None
    return (said.st_size, said.st_mtime_ns) if path.is_file() and not path.is_symlink() else None


def _move(path: Path, folder: Path) -> Path:
    """Put a file into a folder, under a name that is free there."""
    folder.mkdir(exist_ok=True)
    target, n = folder / path.name, 2
    while target.exists():
        target, n = folder / f"{path.stem}-{n}{path.suffix}", n + 1
    return path.rename(target)
