"""The store of one deployment: one file, one process, one writer, any number of readers.

DuckDB gives a file to one process only, and a connection that lives through a fork loses the child's commits silently.
So the store belongs to the process that opened it and refuses every other. Writing goes through `store.writer`;
reading through `store.read()`, a cursor with a snapshot of its own that cannot write.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import structlog

from data import cases, enacting, keys, ledger, migrations
from data.access import Access
from data.actors import Actor
from data.chores import Chore
from data.clock import Clock, SimulatedClock, read_clock, set_clock
from data.database import CATALOG, Connection, open_file, records, use
from data.definitions import activate
from data.deployment import Deployment, check_deployment, found, usual_calendar
from data.engine import EVERY, Answer, Asked, Engine
from data.errors import ForeignProcess, NotFound, StoreBusy, StoreDamaged, StoreError
from data.hot_log import TOLD_EVERY, HotLog, folder_of
from data.settings import Settings
from data.settings import settings as process_settings
from data.watch import Watch
from data.writer import Writer

log = structlog.get_logger(__name__)

FILE = "jingwei.duckdb"
CLOSING_SECONDS = 10.0
_SEEN: ContextVar[tuple[Store, int] | None] = ContextVar("seen", default=None)
_OPEN: set[Path] = set()  # files this process has open: the file's own lock only keeps other processes out


class Store:
    """An open store. Use `Store.create` or `Store.open`, and close it (or use it in a `with`)."""

    catalog = CATALOG

    def __init__(self, home: Path, file: Path, settings: Settings, *, still: bool = False) -> None:
        """still: nothing happens by the clock, and what is written stands in the hot log already (data/replay.py)."""
        self.home, self.path, self.settings = home, file, settings
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._cursors: set[Connection] = set()
        self._closed = False
        self._root = open_file(home, file, settings)
        _OPEN.add(file.resolve())
        try:
            # A cursor, closed again: an answer not read to its end would keep a transaction open and forbid checkpoints.
            with self._cursor() as connection:
                self.deployment = self._prepared(connection)
                self.clock: Clock = read_clock(connection, simulated=self.deployment.simulated)
                # A simulated time is lived again from the backup, so there is nothing to keep.
                kept = not still and not self.clock.simulated
                self.hot_log = HotLog(folder_of(home, settings), connection) if kept else None
            self.engine = Engine(home)
            self.writer = Writer(
                self._cursor,
                clock=self.clock,
                checkpoint_seconds=settings.checkpoint_seconds,
                apply=self._apply,
                forget=self.engine.forget,
            )
            if not still:
                self._add_chores()
            self.access = Access(self)
            self.watch = Watch(self)
        except BaseException:
            self._let_go()
            raise

    @staticmethod
    def create(
        home: Path,
        *,
        name: str,
        code: str,
        zone: str,
        crs: str,
        calendar: str | None = None,
        simulated: bool = False,
        shown_at: datetime | None = None,
        settings: Settings | None = None,
    ) -> Store:
        """A new store with its district and first atlas. Refuses to overwrite; a crash leaves no half-made store.

        shown_at: of a simulated deployment, what its own clock shows at first; None leaves it the machine's time.
        """
        settings = settings or process_settings()
        file = home / FILE
        if file.exists():
            raise StoreBusy(
                "there is a store already.", where=str(file), todo="Choose another folder with JINGWEI_HOME."
            )
        deployment = Deployment(name, code, zone, crs, calendar or usual_calendar(zone), simulated)
        check_deployment(deployment)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)  # tickets are for this account alone
        made = home / f"{FILE}.new"
        for leftover in (made, made.with_name(made.name + ".wal")):
            leftover.unlink(missing_ok=True)
        connection = open_file(home, made, settings)
        try:
            migrations.migrate(connection)
            found(connection, deployment)
            if simulated and shown_at is not None:
                set_clock(connection, shown_at, 1.0)
            connection.execute("CHECKPOINT")
        finally:
            connection.close()
        made.rename(file)
        return Store(home, file, settings)

    @staticmethod
    def open(home: Path, settings: Settings | None = None) -> Store:
        """The store in `home`. Raises NotFound, StoreBusy, StoreDamaged or StoreNewer."""
        file = home / FILE
        if not file.is_file():
            raise NotFound("there is no store yet.", where=str(file), todo="Make one with `python app.py init`.")
        store = Store(home, file, settings or process_settings())
        try:
            _purge(store)
        except BaseException:
            store.close()
            raise
        return store

    @property
    def zone(self) -> ZoneInfo:
        """The time zone days and periods are meant in."""
        return ZoneInfo(self.deployment.zone)

    @property
    def version(self) -> int:
        """Increases with every commit; whoever caches keeps it beside the cached value."""
        seen = _SEEN.get()
        return self.writer.version if seen is None or seen[0] is not self else seen[1]

    @contextmanager
    def seen_at(self, version: int) -> Iterator[None]:
        """Within the block `version` stays this recent one, so that many questions share what one of them made of the commits
        up to it. What was written since may be in the answers or not."""
        token = _SEEN.set((self, version))
        try:
            yield
        finally:
            _SEEN.reset(token)

    def now(self) -> datetime:
        """What time it is in this deployment: the machine's, or the simulated one."""
        return self.clock.now()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A cursor in a read-only transaction: every statement in the block sees the same moment."""
        with self.cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION READ ONLY")
            yield cursor

    @contextmanager
    def cursor(self) -> Iterator[Connection]:
        """A cursor outside a transaction, for what cannot run in one (a backup). Not for changing the store."""
        cursor = self._cursor()
        with self._lock:
            self._cursors.add(cursor)
        try:
            yield cursor
        finally:
            with self._lock:
                self._cursors.discard(cursor)
            cursor.close()

    def rows(
        self, sql: str, params: Sequence[Any] | dict[str, Any] | None = None, **tables: pa.Table
    ) -> list[dict[str, Any]]:
        """The answer as dictionaries; `tables` can be read in the SQL under their names."""
        with self.read() as cursor:
            for label, table in tables.items():
                cursor.register(label, table)
            return records(cursor.execute(sql, params))

    def arrow(self, sql: str, params: Sequence[Any] | dict[str, Any] | None = None, **tables: pa.Table) -> pa.Table:
        """The answer as an Arrow table; instants are timestamp('us', 'UTC')."""
        with self.read() as cursor:
            for label, table in tables.items():
                cursor.register(label, table)
            return cursor.execute(sql, params).to_arrow_table()

    def activate_definitions(self, actor: Actor) -> list[str]:
        """Read the definitions anew; the ids of those that changed. Raises InputError and changes nothing when one is wrong."""
        at = self.now()
        changed = self.writer.run(lambda con: activate(con, self.home, at, actor), label="definitions").result()
        self.engine.reread(self.home)
        self.watch.reread()
        return changed

    def close(self) -> None:
        """Finish what is queued, checkpoint, end the readers and give the file free. Twice does no harm."""
        if self._closed or os.getpid() != self._pid:
            return
        self.watch.stop()
        self._keep_clock()
        self.writer.close()
        if self.hot_log is not None:
            self._end_hot_log(self.hot_log)
        self._closed = True
        self._end_readers()
        self._let_go()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _cursor(self) -> Connection:
        if os.getpid() != self._pid:
            raise ForeignProcess(
                f"process {os.getpid()} uses a store that process {self._pid} opened.",
                where=str(self.path),
                todo="Start workers by spawning and hand them data, never the store.",
            )
        if self._closed:
            raise StoreError("the store is closed.", where=str(self.path))
        with self._lock:
            cursor = self._root.cursor()
        use(cursor)
        return cursor

    def _let_go(self) -> None:
        self._root.close()
        _OPEN.discard(self.path.resolve())

    def _end_readers(self) -> None:
        """Interrupt the readers still at work and wait for them: an open cursor would keep the file locked."""
        deadline = time.monotonic() + CLOSING_SECONDS
        while time.monotonic() < deadline:
            with self._lock:
                cursors = list(self._cursors)
            if not cursors:
                return
            for cursor in cursors:
                cursor.interrupt()
            time.sleep(0.01)
        log.warning("readers did not end; the file stays locked until they do", readers=len(cursors))

    def _keep_clock(self) -> None:
        """What the clock shows is where it goes on at the next opening."""
        if isinstance(self.clock, SimulatedClock):
            shown, speed = self.clock.now(), self.clock.speed
            with contextlib.suppress(StoreError):  # a writer that stopped takes nothing more
                self.writer.run(lambda con: set_clock(con, shown, speed), label="clock", touches=())

    def _end_hot_log(self, hot_log: HotLog) -> None:
        """Name what was changed in the last minute; the writer's thread has ended. It may not keep a store from closing."""
        try:
            with self.cursor() as connection:
                hot_log.follow(connection)
        except (OSError, duckdb.Error) as error:
            log.warning("the hot log was not written to its end", error=str(error))
        hot_log.close()

    def _next_midnight(self, now: datetime) -> datetime:
        """The quietest moment of the day: when the deployment's own day begins."""
        day = now.astimezone(self.zone).date() + timedelta(days=1)
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)

    def _add_chores(self) -> None:
        """What happens by the clock."""
        self.writer.add_chore(Chore("clocks", lambda now: now + EVERY, self._by_the_clock))
        self.writer.add_chore(Chore("seal the ledger", self._next_midnight, self._seal), now=True)
        self.writer.add_chore(Chore("sweep", self._next_midnight, self._sweep))
        self.writer.add_chore(Chore(enacting.LABEL, self._next_midnight, self._enact), now=True)
        if self.hot_log is not None:
            self.writer.on_commit(self.hot_log.committed)
            follow = Chore(
                "hot log", lambda now: now + TOLD_EVERY, self.hot_log.follow, transaction=False, machine=True
            )
            self.writer.add_chore(follow)

    def _apply(self, connection: Connection, asked: Sequence[Asked], at: datetime) -> list[Answer]:
        """A set goes through the engine, and what it did into the hot log."""
        answers = self.engine.apply(connection, asked, at)
        if self.hot_log is not None:
            self.hot_log.append(asked, answers, at)
        return answers

    def _by_the_clock(self, connection: Connection) -> object:
        """Cases whose clocks have run out go up the ladder, or lapse."""
        return self.engine.by_the_clock(connection, self.now(), self._apply)

    def _sweep(self, connection: Connection) -> int:
        """Closed cases that have rested long enough go to the archive, and old keys are forgotten."""
        now = self.now()
        keys.forget_old_jobs(connection, now)
        return cases.put_to_rest(connection, now, self.settings.hot_days)

    def _enact(self, connection: Connection) -> object:
        """Bring the plan in force whose day has come."""
        return enacting.enact(self, connection)

    def _seal(self, connection: Connection) -> object:
        """Write the heads of the days that have ended; at midnight, and at start for the nights nobody was running."""
        return ledger.seal(connection, self.now())

    def _prepared(self, connection: Connection) -> Deployment:
        """Make sure that the file is ours and up to date; returns whose it is."""
        todo = "Restore the latest backup."
        if not migrations.applied(connection):
            raise StoreDamaged("this is a database, but not one of ours.", where=str(self.path), todo=todo)
        migrations.migrate(connection, where=str(self.path))
        connection.execute("BEGIN")
        try:
            activate(connection, self.home, datetime.now(UTC))
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        row = connection.execute("SELECT name, code, zone, crs, calendar, simulated FROM deployment").fetchone()
        if row is None:
            raise StoreDamaged("the store names no deployment.", where=str(self.path), todo=todo)
        return Deployment(*row)


def is_open_here(home: Path) -> bool:
    """Whether this process has the store of `home` open."""
    return (home / FILE).resolve() in _OPEN


def _purge(store: Store) -> None:
    """Take back what imports left that a crash ended, and do what they could not do after they were shown."""
    from data import repeats, switching  # all stand on the store
    from data.intake import purge_unfinished

    if gone := purge_unfinished(store):
        log.warning("unfinished imports were taken back", imports=gone)
    if owing := switching.catch_up(store):
        log.info("imports that were shown were carried to their end", imports=owing)
    if late := repeats.catch_up(store):
        log.info("repeat points were computed", imports=late)
