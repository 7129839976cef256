"""Pictures as files beside the store: what they may fill, which of them a case names, and their copies beside the backups.

The store holds names only. A picture never changes and its name is drawn, so copies of all backups of a folder share one folder
of pictures, and a file that is there need not be copied again. What a case names and what the disk holds can differ after a
restore; `lost` says by how much. Nothing here deletes a picture.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from data.database import Connection, sync
from data.errors import InputError, StoreFull
from data.progress import Progress

if TYPE_CHECKING:
    from data.settings import Settings
    from data.store import Store

FOLDER: Final = "attachments"
NAME: Final = re.compile(r"[0-9a-f]{32}\.jpg")
MEGABYTE: Final = 1024 * 1024
# Names in the payloads of ledger lines.
_NAMED = "from_json(payload -> '$.evidence', '[\"VARCHAR\"]')"
_lock, _filled = threading.Lock(), dict[Path, int]()


@dataclass(frozen=True)
class Returned:
    """What a restore did with pictures. brought: those copied back; missing: names in the ledger without a file."""

    brought: int
    missing: tuple[str, ...]


def file_of(home: Path, name: str) -> Path | None:
    """Where a picture lies, if there is one of that name."""
    file = home / FOLDER / name
    return file if NAME.fullmatch(name) and file.is_file() else None


def make_room(home: Path, size: int, settings: Settings) -> None:
    """Count a picture that is about to be written. Raises StoreFull when all of them would fill more of the disk than they may."""
    folder = home / FOLDER
    most = int(shutil.disk_usage(home).total * settings.attachment_share)
    with _lock:
        if folder not in _filled or _filled[folder] + size > most:  # somebody may have made room since it was counted
            _filled[folder] = bytes_of(folder)
        if _filled[folder] + size > most:
            raise StoreFull(
                f"pictures may fill {most / MEGABYTE:,.0f} MB of this disk, and they do.",
                where=FOLDER,
                todo="Move old ones to another disk, or raise JINGWEI_ATTACHMENT_SHARE.",
            )
        _filled[folder] += size


def bytes_of(folder: Path) -> int:
    """How much the files of a folder fill."""
    return sum(entry.stat().st_size for entry in os.scandir(folder)) if folder.is_dir() else 0


def of_case(store: Store, case_id: int) -> tuple[str, ...]:
    """The names of a case's pictures, in the order they came."""
    lines = store.rows(
        f"SELECT {_NAMED} AS names FROM transition WHERE case_id = ? AND contains(payload, '\"evidence\"') ORDER BY seq",
        [case_id],
    )
    return tuple(dict.fromkeys(name for line in lines for name in line["names"] or ()))


def refuse_too_many(store: Store, names: Collection[str], case_id: int | None) -> None:
    """Raises InputError where a case would have more pictures, or larger ones, than it may. What it has already counts once."""
    had = of_case(store, case_id) if case_id is not None and names else ()
    if not set(names) - set(had):
        return
    most, megabytes = store.settings.case_pictures, store.settings.case_picture_megabytes
    both = {*had, *names}
    if len(both) > most:
        raise InputError(
            f"a case has at most {most} pictures; this one has {len(had)}.", where="evidence", todo="Send fewer."
        )
    files = [file for name in both if (file := file_of(store.home, name)) is not None]
    if sum(file.stat().st_size for file in files) > megabytes * MEGABYTE:
        raise InputError(
            f"the pictures of a case may fill {megabytes} MB; these would be more.",
            where="evidence",
            todo="Send fewer.",
        )


def copy_missing(source: Path, target: Path, progress: Progress) -> int:
    """Copy pictures that the target has not; how many. Each is on disk before it has its name; on one disk it is one file of two names."""
    names = sorted(entry.name for entry in os.scandir(source) if NAME.fullmatch(entry.name)) if source.is_dir() else []
    if names:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = [name for name in names if not (target / name).exists()]
    for done, name in enumerate(new):
        progress.step("copy pictures", done, len(new))
        progress.check()
        _copy(source / name, target / name)
    if new:
        sync(target)
    return len(new)


def _copy(file: Path, target: Path) -> None:
    try:
        os.link(file, target)
    except FileExistsError:
        return
    except OSError:  # another disk, or one without links
        part = target.with_name(f".{target.name}.part")
        shutil.copyfile(file, part)
        sync(part)
        part.rename(target)


def lost(connection: Connection, home: Path) -> tuple[str, ...]:
    """The names in the ledger of pictures that are not there."""
    named = connection.execute(
        f"SELECT DISTINCT unnest({_NAMED}) AS name FROM transition WHERE contains(payload, '\"evidence\"') ORDER BY 1"
    ).fetchall()
    return tuple(name for (name,) in named if file_of(home, name) is None)
