"""One thread writes; everything else asks it to.

A commit costs an fsync and a single-row update of a large table some milliseconds, so the writer takes the moves that wait,
up to 500, and writes them as one set with one commit. Jobs (an import's chunk, a new plan) run in a transaction each and
take turns with the sets, so neither starves the other; whoever needs an order between two writes waits for the first
one's future. Modelled on Datasette's write thread.

What fails, fails alone: a bad move does not take its set along, a bad job is rolled back. If the thread itself cannot go
on (the disk is full, the database is invalidated), every waiting and every later call gets a StoreError instead of
waiting for ever.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar, cast

import duckdb
import structlog

from data.clock import Clock
from data.database import CATALOG, Connection
from data.errors import Fault, JingweiError, Refused, StoreBusy, StoreError
from data.faults import known
from data.keys import RecentKeys, keep_job, remembered_jobs
from data.moves import Receipt
from data.moves import apply as apply_moves
from data.moves import recall as recall_moves
from data.touched import Touched

log = structlog.get_logger(__name__)

T = TypeVar("T")
Apply = Callable[[Connection, Sequence[Any], datetime], Sequence[Receipt | JingweiError]]
Recall = Callable[[Connection, datetime, int], Iterable[tuple[str, Receipt]]]

SET_SIZE = 500
MOST_WAITING = 100_000
PATIENCE = timedelta(seconds=60)
FATAL = (duckdb.FatalException, duckdb.InternalException)


class Keyed(Protocol):
    """What can wait to be written in a set: a move, an order, an opening (of case 0: it has none yet)."""

    @property
    def case_id(self) -> int: ...
    @property
    def key(self) -> str: ...


@dataclass(frozen=True)
class Commit:
    """What listeners learn after a commit: the store's new version, and the receipts if it was a set of moves."""

    version: int
    label: str
    receipts: tuple[Receipt, ...] = ()


@dataclass
class Chore:
    """Something the writer does by the clock: next_run(now) says when, job does it when nothing else waits.

    `job` returns something true when it changed the store: its receipts, where all it did is move cases.
    machine: it goes by the machine's time, whatever the store's is. told: what it writes no figure is made from; instead of
    a new version, this is called once something is on disk.
    """

    label: str
    next_run: Callable[[datetime], datetime]
    job: Callable[[Connection], object]
    transaction: bool = True
    machine: bool = False
    told: Callable[[], None] | None = None
    at: datetime = field(default=datetime.max.replace(tzinfo=UTC))


@dataclass
class _Job:
    label: str
    work: Callable[[Connection], Any]
    future: Future[Any]
    key: str | None
    touches: Collection[int] | None
    quiet: bool


class Writer:
    """The writing side of a store. `version` increases with every commit that changed something."""

    def __init__(
        self,
        cursor: Callable[[], Connection],
        *,
        clock: Clock | None = None,
        checkpoint_seconds: float = 300,
        apply: Apply = apply_moves,
        recall: Recall = recall_moves,
    ) -> None:
        self.version = 0
        self.touched = Touched()
        self.clock = clock or Clock()
        self._machine = Clock()
        self._cursor = cursor
        self._connection = cursor()
        self._apply = apply
        self._wake = threading.Condition()
        self._moves: deque[tuple[Keyed, Future[Receipt]]] = deque()
        self._jobs: deque[_Job] = deque()
        self._pending: dict[str, Future[Any]] = {}
        self._at_work: list[Future[Any]] = []
        self._listeners: list[Callable[[Commit], None]] = []
        self._chores: list[Chore] = []
        self._closing = False
        self._dead: BaseException | None = None
        self._last_time = self.clock.now()
        self._receipts: RecentKeys[Receipt] = RecentKeys()
        for key, receipt in recall(self._connection, self._last_time, self._receipts.limit):
            self._receipts.remember(key, receipt)
        self._done_jobs = remembered_jobs(self._connection, self._last_time)
        pause = timedelta(seconds=checkpoint_seconds)
        self.add_chore(Chore("checkpoint", lambda now: now + pause, _checkpoint, transaction=False, machine=True))
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    # What others call.

    def run(
        self,
        job: Callable[[Connection], T],
        *,
        label: str = "",
        key: str | None = None,
        touches: Collection[int] | None = None,
        quiet: bool = False,
    ) -> Future[T]:
        """Run job(connection) in a transaction of its own; its error rolls it back and comes out of the future.

        quiet: it changes nothing that a figure or a screen is made from, so the version stays and nobody is told.

        The connection is new for each job: what it registers or keeps as TEMP is gone afterwards. A keyed job must
        return something JSON can hold; the same key later returns that and runs nothing, also after a restart.
        touches: the cases it writes to, read when it has run, so the job may fill it; None says it may be any.
        """
        with self._wake:
            self._refuse_unless_open()
            if key is not None and key in self._done_jobs:
                return _done(cast(T, self._done_jobs[key]))
            if key is not None and f"job {key}" in self._pending:
                return self._pending[f"job {key}"]
            future: Future[T] = Future()
            self._jobs.append(_Job(label or getattr(job, "__name__", "job"), job, future, key, touches, quiet))
            if key is not None:
                self._pending[f"job {key}"] = future
            self._wake.notify()
            return future

    def submit(self, move: Keyed) -> Future[Receipt]:
        """Queue one move. The future gives its receipt once it is on disk, or the error that refused it."""
        return self.submit_all([move])[0]

    def submit_all(self, moves: Sequence[Keyed]) -> list[Future[Receipt]]:
        """Queue moves; those waiting together are written together. A key seen before gives its first receipt."""
        with self._wake:
            self._refuse_unless_open()
            if len(self._moves) + len(moves) > MOST_WAITING:
                raise StoreBusy(f"{len(self._moves)} moves are waiting to be written.", todo="Try again in a minute.")
            futures = [self._queued(move) for move in moves]
            self._wake.notify()
            return futures

    def knows(self, key: str) -> bool:
        """Whether a move of this key is in the ledger, or on its way."""
        with self._wake:
            return key in self._receipts or key in self._pending

    def on_commit(self, listener: Callable[[Commit], None]) -> None:
        """Call listener(commit) on the writer's thread after every commit; it must be quick."""
        self._listeners.append(listener)

    def add_chore(self, chore: Chore, *, now: bool = False) -> None:
        """Let the writer do something by the clock, for the first time at its next time or at once."""
        moment = self._clock_of(chore).now()
        chore.at = moment if now else chore.next_run(moment)
        with self._wake:
            self._chores.append(chore)
            self._wake.notify()

    @property
    def waiting(self) -> int:
        """How many moves and jobs wait."""
        return len(self._moves) + len(self._jobs)

    def close(self) -> None:
        """Write what waits, checkpoint, end the thread. Later calls are refused."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._connection.close()

    # The thread.

    def _work(self) -> None:
        try:
            while self._turn():
                pass
            self._last_checkpoint()
        except BaseException as error:  # whatever it is, nobody may be left waiting
            meant = known(error)
            log.error("the writer stopped", error=str(meant), exc_info=error if isinstance(meant, Fault) else None)
            self._die(error)

    def _last_checkpoint(self) -> None:
        """A reader still at work may forbid it; then the log stays beside the file and is read at the next start."""
        try:
            _checkpoint(self._connection)
        except duckdb.TransactionException as error:
            log.warning("closed without a checkpoint", error=str(error))

    def _turn(self) -> bool:
        """One set of moves, one job, and the chores that are due; False once closed and drained."""
        moves, job, chores = self._take()
        if moves:
            self._write_set(moves)
        if job is not None:
            self._write_job(job)
        for chore in chores:
            self._do_chore(chore)
        return bool(moves or job or chores or not self._closing)

    def _take(self) -> tuple[list[tuple[Keyed, Future[Receipt]]], _Job | None, list[Chore]]:
        with self._wake:
            while not (self._moves or self._jobs or self._closing):
                pause = min(self._clock_of(chore).seconds_until(chore.at) for chore in self._chores)
                if pause <= 0:
                    break
                self._wake.wait(min(pause, PATIENCE.total_seconds()))
            busy = bool(self._moves or self._jobs or self._closing)
            patience = PATIENCE if busy else timedelta(0)
            chores = [chore for chore in self._chores if chore.at + patience <= self._clock_of(chore).now()]
            moves = [self._moves.popleft() for _ in range(min(len(self._moves), SET_SIZE))]
            job = self._jobs.popleft() if self._jobs else None
            self._at_work = [future for _, future in moves] + ([job.future] if job else [])
            return moves, job, [] if self._closing else chores

    def _write_set(self, waiting: list[tuple[Keyed, Future[Receipt]]]) -> None:
        """Write the set in one commit; when that fails as a whole, halve it until what is bad stands alone."""
        wanted = []
        for move, future in waiting:
            if future.set_running_or_notify_cancel():
                wanted.append((move, future))
            else:
                self._settle(move.key)
        halves = [wanted] if wanted else []
        while halves:
            part = halves.pop()
            try:
                answers = self._applied([move for move, _ in part])
            except FATAL:
                raise
            except Exception as error:
                if len(part) > 1:
                    halves += [part[len(part) // 2 :], part[: len(part) // 2]]
                    continue
                log.warning("a move could not be written", key=part[0][0].key, error=str(error))
                answers = [_as_ours(error)]
            self._answer(part, answers)

    def _applied(self, moves: Sequence[Keyed]) -> Sequence[Receipt | JingweiError]:
        return self._in_transaction(lambda: self._apply(self._connection, moves, self._now()))

    def _answer(self, part: list[tuple[Keyed, Future[Receipt]]], answers: Sequence[Receipt | JingweiError]) -> None:
        receipts = tuple(answer for answer in answers if not isinstance(answer, JingweiError))
        if receipts:
            corrected = any(receipt.action == "corrected" for receipt in receipts)
            self._next_version(None if corrected else _cases(receipts))
        with self._wake:
            for (move, _), answer in zip(part, answers, strict=True):
                self._pending.pop(move.key, None)
                if not isinstance(answer, JingweiError):
                    self._receipts.remember(move.key, answer)
        for (_, future), answer in zip(part, answers, strict=True):
            if isinstance(answer, JingweiError):
                future.set_exception(answer)
            else:
                future.set_result(answer)
        if receipts:
            self._tell(Commit(self.version, "moves", receipts))

    def _write_job(self, job: _Job) -> None:
        if not job.future.set_running_or_notify_cancel():
            self._settle(f"job {job.key}")
            return
        connection = self._cursor()
        try:
            result = self._in_transaction(lambda: self._keyed(job, connection), connection)
        except FATAL:
            raise
        except Exception as error:
            self._settle(f"job {job.key}")
            job.future.set_exception(error)
            return
        finally:
            connection.close()
        if not job.quiet:
            self._next_version(job.touches)
        with self._wake:
            self._pending.pop(f"job {job.key}", None)
            if job.key is not None:
                self._done_jobs.remember(job.key, result)
        job.future.set_result(result)
        if not job.quiet:
            self._tell(Commit(self.version, job.label))

    def _keyed(self, job: _Job, connection: Connection) -> Any:
        result = job.work(connection)
        if job.key is not None:
            keep_job(connection, job.key, job.label, self._now(), result)
        return result

    def _do_chore(self, chore: Chore) -> None:
        """A chore that fails is logged and comes up again at its next time."""
        chore.at = chore.next_run(self._clock_of(chore).now())
        try:
            if not chore.transaction:
                chore.job(self._connection)
            elif done := self._in_transaction(lambda: chore.job(self._connection)):
                if chore.told is not None:
                    chore.told()
                    return
                receipts = _receipts(done)
                self._next_version(None if receipts is None else _cases(receipts))
                self._tell(Commit(self.version, chore.label, receipts or ()))
        except FATAL:
            raise
        except Exception as error:
            log.warning("a chore failed", chore=chore.label, error=str(error))

    def _next_version(self, touched: Collection[int] | None) -> None:
        self.touched.note(self.version + 1, touched)
        self.version += 1

    def _clock_of(self, chore: Chore) -> Clock:
        return self._machine if chore.machine else self.clock

    def _in_transaction(self, work: Callable[[], T], connection: Connection | None = None) -> T:
        connection = connection or self._connection
        connection.execute("BEGIN")
        try:
            result = work()
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(duckdb.TransactionException):  # a failed commit has rolled back already
                connection.execute("ROLLBACK")
            raise
        return result

    def _queued(self, move: Keyed) -> Future[Receipt]:
        if move.key in self._receipts:
            receipt = self._receipts[move.key]
            if move.case_id not in (0, receipt.case_id):
                return _failed(
                    Refused(f"the key was used for case {receipt.case_id}.", where=move.key, todo="Use a new key.")
                )
            return _done(receipt)
        if move.key in self._pending:
            return self._pending[move.key]
        future: Future[Receipt] = Future()
        self._pending[move.key] = future
        self._moves.append((move, future))
        return future

    def _settle(self, key: str) -> None:
        with self._wake:
            self._pending.pop(key, None)

    def _tell(self, commit: Commit) -> None:
        for listener in self._listeners:
            try:
                listener(commit)
            except Exception as error:
                log.warning("a listener failed after a commit", label=commit.label, error=str(error))

    def recorded_at(self) -> datetime:
        """The time of recording, for a job that writes ledger lines itself. On the writer's thread."""
        return self._now()

    def _now(self) -> datetime:
        """The time of recording; never runs backwards while the store is open, whatever the clock does."""
        self._last_time = max(self._last_time, self.clock.now())
        return self._last_time

    def _refuse_unless_open(self) -> None:
        if self._dead is not None:
            raise StoreError(
                f"the writer stopped: {known(self._dead).what}",
                todo="Restart the program; what was acknowledged is safe.",
            )
        if self._closing:
            raise StoreError("the store is closing.")

    def _die(self, error: BaseException) -> None:
        with self._wake:
            self._dead = error
            futures = [*self._at_work, *(f for _, f in self._moves), *(job.future for job in self._jobs)]
            self._moves.clear()
            self._jobs.clear()
            self._pending.clear()
        for future in futures:
            if not future.done():
                future.set_exception(
                    StoreError(
                        f"the writer stopped: {known(error).what}",
                        todo="Restart the program; what was acknowledged is safe.",
                    )
                )


def _receipts(done: object) -> tuple[Receipt, ...] | None:
    """The receipts a chore returns; None when it returns something else."""
    if isinstance(done, list) and all(isinstance(one, Receipt) for one in done):
        return tuple(done)
    return None


def _cases(receipts: Iterable[Receipt]) -> set[int]:
    """The cases of some receipts, parts included, and those that changed beside them."""
    return {case for receipt in receipts for case in (receipt.case_id, *receipt.parts, *receipt.beside)}


def _done(result: T) -> Future[T]:
    future: Future[T] = Future()
    future.set_result(result)
    return future


def _failed(error: JingweiError) -> Future[Any]:
    """One bad move of many must not take along those queued before it, so its future says what is wrong."""
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


def _as_ours(error: Exception) -> JingweiError:
    """A full disk and what else can be mended is said as such; the move is not written, and the writer goes on."""
    meant = known(error)
    return StoreError(f"the move was not written: {error}") if isinstance(meant, Fault) else meant


def _checkpoint(connection: Connection) -> None:
    """Fold the log into the file."""
    connection.execute(f"CHECKPOINT {CATALOG}")
