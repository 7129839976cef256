"""A backup while people work, proved by reading it again.

`COPY FROM DATABASE` copies one moment of the store while the writer goes on. The copy is then opened on its own, read-only:
its counts and the head of its ledger go to a manifest beside it, with the file's SHA-256. The copy is renamed to its name when
it is on disk, the manifest after it, so a backup without a manifest is an unfinished one and is refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import threading
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import duckdb
import structlog

from data import attachments, ledger, migrations
from data.database import BACKUPS, Connection, opened_alone, quoted, sync
from data.errors import FileError, NotFound, StoreDamaged
from data.faults import known
from data.progress import Progress, Quiet
from data.settings import settings as process_settings
from data.store import Store

log = structlog.get_logger(__name__)

FORM = 1
CHUNK = 4 << 20
GROWING = (
    "transition",
    "audit",
    "import",
    "ledger_head",
    "migration",
)  # tables whose rows are never removed while open


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. ledger_head: over all lines, as `ledger_summary` gives it; migrations: name to digest.

    hot_log: the last line of the hot log whose set it holds; null: none was kept. pictures: how many lay in `attachments` beside
    it when it was done; null: it was made before pictures were copied.
    """

    form: int
    program: str
    deployment: str
    code: str
    made_at: str
    migrations: dict[str, str]
    tables: dict[str, int]
    ledger_lines: int
    ledger_head: str
    bytes: int
    sha256: str
    hot_log: int | None = None
    pictures: int | None = None


def manifest_of(file: Path) -> Path:
    """Where a backup's manifest lies."""
    return file.with_name(file.name + ".json")


def program_version() -> str:
    """The installed version of the program; "0" when it runs from a folder without being installed."""
    try:
        return version("jingwei")
    except PackageNotFoundError:
        return "0"


def backup(store: Store, to: Path | None = None, progress: Progress | None = None) -> Path:
    """Write a backup and its manifest to backups/ of the store's home, or to `to`, and beside it the pictures that are not there yet;
    returns the file.

    Raises Cancelled (nothing is left behind), FileError when `to` exists, StoreDamaged when the copy does not prove good.
    """
    progress = progress or Quiet()
    now = datetime.now(UTC)
    folder = store.home.resolve() / BACKUPS
    target = to or folder / f"{store.deployment.code}-{now:%Y%m%dT%H%M%S%fZ}.duckdb"
    if target.exists() or manifest_of(target).exists():
        raise FileError("there is a file of this name already.", where=str(target), todo="Choose another name.")
    logged = store.writer.run(partial(_begin, store=store), label="seal").result()
    part = folder / f"{now:%Y%m%dT%H%M%S%fZ}.part"
    try:
        before = Moment.now(store)
        _copy(store, part, progress)
        manifest = replace(_prove(store, part, before, now, progress), hot_log=logged)
        pictures = target.parent / attachments.FOLDER
        attachments.copy_missing(store.home / attachments.FOLDER, pictures, progress)
        _settle(part, replace(manifest, pictures=len(list(pictures.glob("*.jpg")))), target)
    finally:
        for leftover in (part, part.with_name(part.name + ".wal")):
            leftover.unlink(missing_ok=True)
    if store.hot_log is not None and logged is not None:
        turn = partial(store.hot_log.turn, store.settings.hot_log_days, logged)
        store.writer.run(lambda _: turn(), label="hot log", quiet=True).result()
    log.info("backup written", file=str(target), lines=manifest.ledger_lines)
    return target


def _begin(con: Connection, store: Store) -> int | None:
    """Seal the days that have ended; the last line of the hot log, asked where no set can be under way."""
    ledger.seal(con, store.now())
    return store.hot_log.number if store.hot_log is not None else None


def read_manifest(file: Path) -> Manifest:
    """The manifest beside a backup. Raises NotFound or StoreDamaged."""
    beside = manifest_of(file)
    if not file.is_file():
        raise NotFound("there is no such backup.", where=str(file))
    if not beside.is_file():
        raise StoreDamaged(
            "the backup has no manifest beside it, so nothing proves that it is whole.",
            where=str(beside),
            todo="Copy both files, or choose another backup.",
        )
    try:
        manifest = Manifest(**json.loads(beside.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise StoreDamaged(
            f"the manifest cannot be read ({error}).", where=str(beside), todo="Choose another backup."
        ) from error
    if manifest.form != FORM:
        raise StoreDamaged(
            f"the manifest has form {manifest.form}; this program reads {FORM}.",
            where=str(beside),
            todo="Restore it with the program that made it.",
        )
    return manifest


def verify(file: Path, progress: Progress | None = None) -> Manifest:
    """The manifest of a backup that is whole, ours and not from a later program; otherwise the error that says why not."""
    progress = progress or Quiet()
    manifest = read_manifest(file)
    migrations.refuse_newer(set(manifest.migrations), migrations.known(), str(file))
    todo = "Choose another backup."
    if file.stat().st_size != manifest.bytes or sha256_of(file, progress) != manifest.sha256:
        raise StoreDamaged("the backup is not the file its manifest describes.", where=str(file), todo=todo)
    progress.step("read again", 0, 1)
    with opened_alone(file, process_settings()) as connection:
        migrations.refuse_newer(set(migrations.applied(connection)), migrations.known(), str(file))
        if counts(connection) != manifest.tables:
            raise StoreDamaged("its tables do not hold what the manifest says.", where=str(file), todo=todo)
        if ledger_summary(connection) != (manifest.ledger_lines, manifest.ledger_head):
            raise StoreDamaged("its ledger is not the one the manifest names.", where=str(file), todo=todo)
    progress.step("read again", 1, 1)
    return manifest


def sha256_of(file: Path, progress: Progress | None = None) -> str:
    """SHA-256 of a file in hexadecimal."""
    progress = progress or Quiet()
    size, done, digest = file.stat().st_size, 0, hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(CHUNK):
            digest.update(block)
            done += len(block)
            progress.step("hash", done, size)
            progress.check()
    return digest.hexdigest()


def counts(connection: Connection) -> dict[str, int]:
    """Rows of each table of the store. What an import under way has staged is no part of it: opening a copy takes it back."""
    names = connection.execute(
        """SELECT table_name FROM duckdb_tables()
           WHERE database_name = current_database() AND schema_name = 'main' AND NOT temporary ORDER BY 1"""
    ).fetchall()
    found: dict[str, int] = {}
    for (name,) in names:
        row = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()
        found[name] = int(row[0]) if row else 0
    return found


def ledger_summary(connection: Connection) -> tuple[int, str]:
    """(lines, head over the whole ledger): SHA-256 over the lines' own hashes, in order of case and line."""
    row = connection.execute(
        f"""WITH buckets AS (
               SELECT case_id >> {ledger.BUCKET_BITS} AS bucket, count(*) AS lines,
                   sha256(string_agg(hex(hash), '' ORDER BY case_id, seq)) AS digest
               FROM transition GROUP BY bucket)
           SELECT coalesce(sum(lines), 0)::BIGINT, sha256(coalesce(string_agg(digest, '' ORDER BY bucket), '')) FROM buckets"""
    ).fetchone()
    return (int(row[0]), str(row[1])) if row else (0, "")


@dataclass(frozen=True)
class Moment:
    """What a database held at one moment; the ledger is only summed up where that is asked for."""

    version: int
    tables: dict[str, int]
    lines: int
    head: str

    @staticmethod
    def of(connection: Connection, version: int, *, ledger_too: bool = True) -> Moment:
        """The moment a connection sees."""
        lines, head = ledger_summary(connection) if ledger_too else (0, "")
        return Moment(version, counts(connection), lines, head)

    @staticmethod
    def now(store: Store, *, ledger_too: bool = False) -> Moment:
        """The store now; its version is read first, so that a commit meanwhile is noticed, not missed."""
        version = store.version
        with store.read() as connection:
            return Moment.of(connection, version, ledger_too=ledger_too)

    def unlike(self, before: Moment, after: Moment) -> str:
        """What this copy, made between two moments, cannot have held then; empty when all is possible."""
        if before.version == after.version and (self.lines, self.head) != (after.lines, after.head):
            return "ledger"
        wrong = []
        for name in sorted({*before.tables, *after.tables, *self.tables}):
            low, here, high = (m.tables.get(name, -1) for m in (before, self, after))
            if (low == high != here) or (name in GROWING and low < high and not low <= here <= high):
                wrong.append(name)
        return ", ".join(wrong)


def _copy(store: Store, part: Path, progress: Progress) -> None:
    """Copy one moment of the store to `part`; the copy runs on a thread of its own so that a person can stop it."""
    failed: list[BaseException] = []
    with store.cursor() as connection:

        def work() -> None:
            try:
                connection.execute(f"ATTACH {quoted(part)} AS copy (STORAGE_VERSION 'latest')")
                connection.execute(f"COPY FROM DATABASE {store.catalog} TO copy")
                connection.execute("CHECKPOINT copy")
                connection.execute("DETACH copy")
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=work, name="backup-copy")
        thread.start()
        try:
            size = store.path.stat().st_size
            while thread.is_alive():
                thread.join(0.1)
                done = part.stat().st_size if part.exists() else 0
                progress.step("copy", min(done, size), size)
                progress.check()
        except BaseException:
            connection.interrupt()
            thread.join()
            _detach(connection)
            raise
        if failed:
            _detach(connection)
            raise known(failed[0]) from failed[0]


def _detach(connection: Connection) -> None:
    """Let the copy go. An interrupt that found nothing to stop stops the next statement instead, so it is tried again."""
    for last in (False, False, True):
        try:
            with contextlib.suppress(duckdb.TransactionException):  # there is none, or it ended with the interrupt
                connection.execute("ROLLBACK")
            connection.execute("DETACH DATABASE IF EXISTS copy")
            return
        except duckdb.Error as error:
            if last:
                log.warning("an unfinished backup could not be let go", error=str(error))


def _prove(store: Store, part: Path, before: Moment, now: datetime, progress: Progress) -> Manifest:
    """Read the copy again and compare it with the store before and after: where nothing was written, all is the same."""
    progress.step("read again", 0, 1)
    with opened_alone(part, store.settings) as connection:
        copy = Moment.of(connection, store.version)
        seen = migrations.applied(connection)
        sealed = _last_seal_holds(connection)
    wrong = copy.unlike(before, Moment.now(store, ledger_too=before.version == store.version))
    if wrong or not sealed:
        raise StoreDamaged(f"the copy does not hold the store's {wrong or 'ledger'}.", todo="Try again.")
    progress.step("read again", 1, 1)
    sync(part)
    return Manifest(
        form=FORM,
        program=program_version(),
        deployment=store.deployment.name,
        code=store.deployment.code,
        made_at=now.isoformat(),
        migrations=seen,
        tables=copy.tables,
        ledger_lines=copy.lines,
        ledger_head=copy.head,
        bytes=part.stat().st_size,
        sha256=sha256_of(part, progress),
    )


def _last_seal_holds(connection: Connection) -> bool:
    """Whether the lines of the last sealed day still give its head."""
    row = connection.execute("SELECT day, lines, head, previous FROM ledger_head ORDER BY day DESC LIMIT 1").fetchone()
    return row is None or ledger.head(connection, row[0], row[3]) == (row[1], row[2])


def _settle(part: Path, manifest: Manifest, target: Path) -> None:
    """Give the copy its name, then its manifest; each is on disk before the next step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if part.parent.resolve() != target.parent.resolve():
        moved = target.with_name(target.name + ".part")
        shutil.copyfile(part, moved)
        sync(moved)
        part = moved
    beside = manifest_of(target)
    written = beside.with_name(beside.name + ".part")
    written.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sync(written)
    part.rename(target)
    sync(target.parent)
    written.rename(beside)
    sync(target.parent)
