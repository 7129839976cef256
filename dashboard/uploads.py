"""Files a person drops on the import page: streamed to disk under a name of ours, and removed after a day.

Nothing of the name is trusted but its ending and, for showing, its last part.
"""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from data.errors import FileError, NotFound

KEPT_SECONDS = 86_400
MOST_FILES = 50
LONGEST_NAME = 200  # bytes, as file systems count
_TOKEN = re.compile(r"[0-9a-f]{32}")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


@dataclass(frozen=True)
class Upload:
    """A file that lies here: its token, the name a person knows it by, where it is."""

    token: str
    name: str
    path: Path


class Uploads:
    """The folder `uploads` of the store's home. It holds so many bytes; the oldest files make way for a new one."""

    def __init__(self, home: Path, room: int = 2 << 30) -> None:
        self.folder, self.room = home.absolute() / "uploads", room

    async def receive(self, quoted_name: str, chunks: AsyncIterator[bytes]) -> Upload:
        """Write the chunks to a new file; FileError when nothing came or the disk is full. A broken-off upload leaves
        nothing."""
        self._sweep()
        name = safe_name(unquote(quoted_name))
        token = secrets.token_hex(16)
        folder = self.folder / token
        folder.mkdir(parents=True)
        path, size = folder / name, 0
        try:
            with path.open("wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    file.write(chunk)
            if not size:
                raise FileError("the file is empty.", where=name, todo="Export it again.")
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise FileError(f"the file cannot be kept here ({error.strerror}).", where=name) from error
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return Upload(token, name, path)

    def get(self, token: str) -> Upload:
        """The file of a token; NotFound when it was removed."""
        if _TOKEN.fullmatch(token):
            for path in (self.folder / token).glob("*"):
                return Upload(token, path.name, path)
        raise NotFound("the file is no longer here", todo="Drop it again.")

    def remove(self, token: str) -> None:
        """Remove a file that has been taken."""
        if _TOKEN.fullmatch(token):
            shutil.rmtree(self.folder / token, ignore_errors=True)

    def _sweep(self) -> None:
        """Files past their time go, and of the rest the oldest, until there is room for one more."""
        limit, room = time.time() - KEPT_SECONDS, self.room
        newest_first = sorted(self.folder.glob("*"), key=lambda folder: folder.stat().st_mtime, reverse=True)
        for number, folder in enumerate(newest_first):
            room -= sum(file.stat().st_size for file in folder.glob("*"))
            if folder.stat().st_mtime < limit or room < 0 or number >= MOST_FILES - 1:
                shutil.rmtree(folder, ignore_errors=True)


def safe_name(name: str) -> str:
    """The last part of a name without what a file system or a page could misread; never empty, never hidden."""
    last = _UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(". ")
    return last.encode()[-LONGEST_NAME:].decode(errors="ignore").strip(". ") or "file"
