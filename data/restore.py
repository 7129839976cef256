"""Put a backup in the place of the store, or refuse before anything is touched.

The present store is moved aside, never deleted, and its log goes with it. The order is safe against a crash at any step: the
backup is copied beside the store and proved there first; then the old file moves aside, then the old log, then the new
file takes the name. A crash in between leaves no file of that name, and the next restore goes on from there; it never
leaves a new file beside an old log. What the hot log holds since the backup (data/replay.py) goes into the copy before that.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog

from data import attachments, audit
from data.actors import PROGRAM
from data.attachments import Returned
from data.backup import CHUNK, Manifest, counts, ledger_summary, sha256_of, verify
from data.control import is_running
from data.database import opened_alone, sync
from data.errors import NotFound, Refused, StoreBusy, StoreDamaged, StoreNewer
from data.hot_lines import pieces
from data.hot_log import HotLog, folder_of, store_id
from data.progress import Progress, Quiet
from data.replay import Replayed, replay, waiting
from data.settings import settings
from data.store import FILE, Store, is_open_here

log = structlog.get_logger(__name__)

ASIDE = "replaced"


@dataclass(frozen=True)
class Restored:
    """What was put back, and where the store that was there lies now (None: there was none).

    replayed: what became of the hot log; None where it was not asked for. waiting: then, how many moves it holds since the
    backup. report: the file with all of what was lost. zone: the deployment's. pictures: what came back of them, and what is missing.
    """

    manifest: Manifest
    aside: Path | None
    zone: str = "UTC"
    replayed: Replayed | None = None
    waiting: int = 0
    report: Path | None = None
    pictures: Returned = field(default_factory=lambda: Returned(0, ()))


def restore(
    home: Path, file: Path, progress: Progress | None = None, *, another: bool = False, replayed: bool = False
) -> Restored:
    """Replace the store in `home` by a backup.

    another: the backup may be of another deployment than the store. replayed: with what the hot log holds since the backup.
    Raises NotFound, StoreDamaged, StoreNewer, StoreBusy or Refused, and Cancelled until the first file is moved.
    """
    progress = progress or Quiet()
    manifest = verify(file, progress)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = home / FILE
    if not another:
        _same_deployment(home, store, manifest)
    with _nobody_holds(home, store):
        incoming = home / f"{FILE}.restoring"
        _copied(file, incoming, manifest, progress)
        _prove(incoming, manifest)
        progress.check()
        found = _replayed(home, incoming, manifest, progress) if replayed else None
        name, zone = _whose(incoming)
        waits = waiting(folder_of(home, settings()), name, manifest.hot_log) if found is None else 0
        before = _summary(incoming)
        pictures = _pictures(file, home, incoming, progress)
        aside = _move_aside(home, store)
        incoming.rename(store)
        sync(home)
        if _summary(store) != before:
            raise StoreDamaged("the store is not what was proved.", where=str(store), todo="Check the disk.")
        report = _written_down(home, manifest, found, pictures) if found or pictures.missing else None
    log.info("backup restored", file=str(file), lines=before[0])
    return Restored(manifest, aside, zone, found, waits, report, pictures)


def _replayed(home: Path, incoming: Path, manifest: Manifest, progress: Progress) -> Replayed:
    """Replay the hot log into the copy, before it takes the store's place: whatever ends it leaves the store as it was."""
    given = settings()
    folder = folder_of(home, given)
    store = Store(home, incoming, given, still=True)
    try:
        if store.clock.simulated:
            raise Refused(
                "a simulated district keeps no hot log.",
                where=str(folder),
                todo="Restore without --replay; it lives on.",
            )
        with store.read() as con:
            name = store_id(con)
        if not pieces(folder, name):
            raise NotFound(
                "there is no hot log of this store.", where=str(folder),
                todo="Say with JINGWEI_HOT_LOG where it lies, or restore without --replay.",
            )  # fmt: skip
        found = replay(store, folder, name, manifest.hot_log, progress)
        said = {"done": found.done, "refused": len(found.refused), "until": found.until, "made_at": manifest.made_at}
        audit.record(store, "setting", PROGRAM, what="restored from a backup", **said).result()
        with store.read() as con:
            hot_log = HotLog(folder, con)
        store.writer.run(lambda _: hot_log.stand(), label="hot log", quiet=True).result()
    finally:
        store.close()
    if incoming.with_name(incoming.name + ".wal").exists():
        raise StoreDamaged("the replayed store could not be closed whole.", where=str(incoming), todo="Try again.")
    return found


def _whose(file: Path) -> tuple[str, str]:
    """(the store's id, its time zone)."""
    with opened_alone(file, settings()) as connection:
        row = connection.execute("SELECT zone FROM deployment").fetchone()
        return store_id(connection), row[0] if row else "UTC"


def _summary(file: Path) -> tuple[int, str]:
    with opened_alone(file, settings()) as connection:
        return ledger_summary(connection)


def _pictures(file: Path, home: Path, incoming: Path, progress: Progress) -> Returned:
    """Bring back the pictures that lie beside the backup and not in the home; nothing is overwritten."""
    brought = attachments.copy_missing(file.parent / attachments.FOLDER, home / attachments.FOLDER, progress)
    with opened_alone(incoming, settings()) as connection:
        return Returned(brought, attachments.lost(connection, home))


def _written_down(home: Path, manifest: Manifest, found: Replayed | None, pictures: Returned) -> Path:
    """All of what was lost, as a file: who has to do it again needs the whole list."""
    folder = home / ASIDE
    folder.mkdir(exist_ok=True)
    file = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-loss.json"
    said = {"backup": manifest.made_at, **(asdict(found) if found else {}), "pictures_missing": pictures.missing}
    file.write_text(json.dumps(said, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    return file


def _same_deployment(home: Path, store: Path, manifest: Manifest) -> None:
    """Refuse another district's backup; a store that is held or cannot be read is left to the next steps."""
    if not store.exists() or is_open_here(home) or is_running(home):
        return
    with suppress(StoreBusy, StoreDamaged, StoreNewer), opened_alone(store, settings()) as connection:
        row = connection.execute("SELECT name, code FROM deployment").fetchone()
        if row and row[1] != manifest.code:
            raise Refused(
                f"the backup is of {manifest.deployment} ({manifest.code}), the store of {row[0]} ({row[1]}).",
                where=str(store),
                todo="If the store is to become the other district's, add --another; nothing was touched.",
            )


@contextmanager
def _nobody_holds(home: Path, store: Path) -> Iterator[None]:
    """Hold the database's own lock on the present file, so that nobody can open it meanwhile. Raises StoreBusy."""
    busy = StoreBusy(
        "a process holds the store.", where=str(store), todo="Stop the server, then restore; nothing was touched."
    )
    if is_open_here(home) or is_running(home):
        raise busy
    if not store.exists():
        yield
        return
    descriptor = os.open(store, os.O_RDWR)
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise busy from error
        yield
    finally:
        os.close(descriptor)


def _copied(file: Path, incoming: Path, manifest: Manifest, progress: Progress) -> None:
    """Copy the backup beside the store and onto disk; the copy must have the manifest's hash."""
    incoming.unlink(missing_ok=True)
    try:
        with file.open("rb") as source, incoming.open("wb") as target:
            while block := source.read(CHUNK):
                target.write(block)
                progress.step("copy", target.tell(), manifest.bytes)
                progress.check()
        sync(incoming)
        if sha256_of(incoming, progress) != manifest.sha256:
            raise StoreDamaged("the backup could not be copied whole.", where=str(incoming), todo="Check the disk.")
    except BaseException:
        incoming.unlink(missing_ok=True)
        raise


def _prove(file: Path, manifest: Manifest) -> None:
    with opened_alone(file, settings()) as connection:
        same = counts(connection) == manifest.tables
        same = same and ledger_summary(connection) == (manifest.ledger_lines, manifest.ledger_head)
    if not same:
        raise StoreDamaged("the file does not hold what the manifest says.", where=str(file), todo="Check the disk.")


def _move_aside(home: Path, store: Path) -> Path | None:
    """The folder the former store lies in now. The old file first, then its log: a log must never lie beside a file that is not its own."""
    log_file = store.with_name(store.name + ".wal")
    if not (store.exists() or log_file.exists()):
        return None
    aside = home / ASIDE / f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    aside.mkdir(parents=True)
    sync(aside.parent)
    for old in (store, log_file):
        if old.exists():
            old.rename(aside / old.name)
            sync(aside)
            sync(home)
    log.info("the former store was moved aside", folder=str(aside))
    return aside
