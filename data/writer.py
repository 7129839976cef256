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
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import duckdb
import structlog

from data.chores import Chore, Chores
from data.clock import Clock
from data.database import CATALOG, Connection
from data.errors import Fault, JingweiError, StoreError
from data.faults import known
from data.keys import RecentKeys, keep_job, remembered_jobs
from data.moves import Receipt
from data.moves import apply as apply_moves
from data.moves import recall as recall_moves
from data.touched import Touched
from data.waiting import Job, Keyed, Waiting, Wanted

log = structlog.get_logger(__name__)

T = TypeVar("T")
Apply = Callable[[Connection, Sequence[Any], datetime], Sequence[Receipt | JingweiError]]
Recall = Callable[[Connection, datetime, int], Iterable[tuple[str, Receipt]]]

FATAL = (duckdb.FatalException, duckdb.InternalException)


@dataclass(frozen=True)
class Commit:
    """What listeners learn after a commit: the store's new version, and the receipts if it was a set of moves."""

    version: int
    label: str
    receipts: tuple[Receipt, ...] = ()


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
        forget: Callable[[], None] = lambda: None,
    ) -> None:
        """apply: what writes a set; what it keeps between sets it lets go when `forget` is called, around every job and chore."""
        self.version = 0
        self.touched = Touched()
        self.clock = clock or Clock()
        self.chores = Chores(self.clock)
        self._cursor = cursor
        self._connection = cursor()
        self._apply, self._forget = apply, forget
        self._listeners: list[Callable[[Commit], None]] = []
        self._last_time = self.clock.now()
        receipts: RecentKeys[Receipt] = RecentKeys()
        for key, receipt in recall(self._connection, self._last_time, receipts.limit):
            receipts.remember(key, receipt)
        self._waiting = Waiting(receipts, remembered_jobs(self._connection, self._last_time))
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
        future: Future[T] = Future()
        name = label or getattr(job, "__name__", "job")
        return self._waiting.put_job(Job(name, job, future, key, touches, quiet))

    def submit(self, move: Keyed) -> Future[Receipt]:
        """Queue one move. The future gives its receipt once it is on disk, or the error that refused it."""
        return self.submit_all([move])[0]

    def submit_all(self, moves: Sequence[Keyed]) -> list[Future[Receipt]]:
        """Queue moves; those waiting together are written together. A key seen before gives its first receipt."""
        return self._waiting.put_moves(moves)

    def knows(self, key: str) -> bool:
        """Whether a move of this key is in the ledger, or on its way."""
        return self._waiting.knows(key)

    def on_commit(self, listener: Callable[[Commit], None]) -> None:
        """Call listener(commit) on the writer's thread after every commit; it must be quick."""
        self._listeners.append(listener)

    def add_chore(self, chore: Chore, *, now: bool = False) -> None:
        """Let the writer do something by the clock, for the first time at its next time or at once."""
        with self._waiting.wake:
            self.chores.add(chore, now=now)
            self._waiting.wake.notify()

    @property
    def waiting(self) -> int:
        """How many moves and jobs wait."""
        return len(self._waiting)

    def recorded_at(self) -> datetime:
        """The time of recording, for a job that writes ledger lines itself. On the writer's thread."""
        return self._now()

    def close(self) -> None:
        """Write what waits, checkpoint, end the thread. Later calls are refused."""
        self._waiting.close()
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
            self._waiting.die(error)

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
        if job is not None or chores:
            self._forget()
            if job is not None:
                self._write_job(job)
            for chore in chores:
                self._do_chore(chore)
            self._forget()
        return bool(moves or job or chores or not self._waiting.closing)

    def _take(self) -> tuple[Wanted, Job | None, list[Chore]]:
        waiting = self._waiting
        with waiting.wake:
            while not waiting.busy:
                pause = self.chores.pause()
                if pause <= 0:
                    break
                waiting.wake.wait(pause)
            chores = [] if waiting.closing else self.chores.due(busy=waiting.busy)
            return *waiting.take(), chores

    def _write_set(self, waiting: Wanted) -> None:
        """Write the set in one commit; when that fails as a whole, halve it until what is bad stands alone."""
        wanted = []
        for move, future in waiting:
            if future.set_running_or_notify_cancel():
                wanted.append((move, future))
            else:
                self._waiting.settle(move.key)
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

    def _answer(self, part: Wanted, answers: Sequence[Receipt | JingweiError]) -> None:
        receipts = tuple(answer for answer in answers if not isinstance(answer, JingweiError))
        if receipts:
            corrected = any(receipt.action == "corrected" for receipt in receipts)
            self._next_version(None if corrected else _cases(receipts))
        self._waiting.answer_moves(part, answers)
        if receipts:
            self._tell(Commit(self.version, "moves", receipts))

    def _write_job(self, job: Job) -> None:
        if not job.future.set_running_or_notify_cancel():
            self._waiting.settle(f"job {job.key}")
            return
        connection = self._cursor()
        try:
            result = self._in_transaction(lambda: self._keyed(job, connection), connection)
        except FATAL:
            raise
        except Exception as error:
            self._waiting.settle(f"job {job.key}")
            job.future.set_exception(error)
            return
        finally:
            connection.close()
        if not job.quiet:
            self._next_version(job.touches)
        self._waiting.answer_job(job, result)
        if not job.quiet:
            self._tell(Commit(self.version, job.label))

    def _keyed(self, job: Job, connection: Connection) -> Any:
        result = job.work(connection)
        if job.key is not None:
            keep_job(connection, job.key, job.label, self._now(), result)
        return result

    def _do_chore(self, chore: Chore) -> None:
        """A chore that fails is logged and comes up again at its next time."""
        self.chores.begin(chore)
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

    def _tell(self, commit: Commit) -> None:
        for listener in self._listeners:
            try:
                listener(commit)
            except Exception as error:
                log.warning("a listener failed after a commit", label=commit.label, error=str(error))

    def _now(self) -> datetime:
        """The time of recording; never runs backwards while the store is open, whatever the clock does."""
        self._last_time = max(self._last_time, self.clock.now())
        return self._last_time


def _receipts(done: object) -> tuple[Receipt, ...] | None:
    """The receipts a chore returns; None when it returns something else."""
    if isinstance(done, list) and all(isinstance(one, Receipt) for one in done):
        return tuple(done)
    return None


def _cases(receipts: Iterable[Receipt]) -> set[int]:
    """The cases of some receipts, parts included, and those that changed beside them."""
    return {case for receipt in receipts for case in (receipt.case_id, *receipt.parts, *receipt.beside)}


def _as_ours(error: Exception) -> JingweiError:
    """A full disk and what else can be mended is said as such; the move is not written, and the writer goes on."""
    meant = known(error)
    return StoreError(f"the move was not written: {error}") if isinstance(meant, Fault) else meant


def _checkpoint(connection: Connection) -> None:
    """Fold the log into the file."""
    connection.execute(f"CHECKPOINT {CATALOG}")
