"""What waits to be written: moves and jobs, in the order they came, and the keys that make sure nothing is written twice.

A key is known from the moment its write is asked for: while it waits, whoever sends it again gets the same future; once it is
on disk, its first receipt (data/keys.py).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from data.database import Connection
from data.errors import JingweiError, Refused, StoreBusy, StoreError
from data.faults import known
from data.keys import RecentKeys
from data.moves import Receipt

T = TypeVar("T")

SET_SIZE = 500
MOST_WAITING = 100_000


class Keyed(Protocol):
    """What can wait to be written in a set: a move, an order, an opening (of case 0: it has none yet)."""

    @property
    def case_id(self) -> int: ...
    @property
    def key(self) -> str: ...


@dataclass
class Job:
    """Work in a transaction of its own. quiet and touches: as `Writer.run` says."""

    label: str
    work: Callable[[Connection], Any]
    future: Future[Any]
    key: str | None
    touches: Collection[int] | None
    quiet: bool


Wanted = list[tuple[Keyed, Future[Receipt]]]


class Waiting:
    """Moves and jobs of one writer. Callers' threads put in, the writer's takes out; `wake` is the lock of all of it."""

    def __init__(self, receipts: RecentKeys[Receipt], done_jobs: RecentKeys[Any]) -> None:
        self.wake = threading.Condition()
        self.closing = False
        self._receipts, self._done_jobs = receipts, done_jobs
        self._moves: deque[tuple[Keyed, Future[Receipt]]] = deque()
        self._jobs: deque[Job] = deque()
        self._pending: dict[str, Future[Any]] = {}
        self._at_work: list[Future[Any]] = []
        self._dead: BaseException | None = None

    def __len__(self) -> int:
        return len(self._moves) + len(self._jobs)

    @property
    def busy(self) -> bool:
        """Whether the writer has something to do at once."""
        return bool(self._moves or self._jobs or self.closing)

    # Callers' side.

    def put_job(self, job: Job) -> Future[Any]:
        """Queue a job; of a key seen before, the future it had."""
        pending = f"job {job.key}"
        with self.wake:
            self._refuse_unless_open()
            if job.key is not None and job.key in self._done_jobs:
                return _done(self._done_jobs[job.key])
            if job.key is not None and pending in self._pending:
                return self._pending[pending]
            self._jobs.append(job)
            if job.key is not None:
                self._pending[pending] = job.future
            self.wake.notify()
            return job.future

    def put_moves(self, moves: Sequence[Keyed]) -> list[Future[Receipt]]:
        """Queue moves. Raises StoreBusy where too many wait."""
        with self.wake:
            self._refuse_unless_open()
            if len(self._moves) + len(moves) > MOST_WAITING:
                raise StoreBusy(f"{len(self._moves)} moves are waiting to be written.", todo="Try again in a minute.")
            futures = [self._queued(move) for move in moves]
            self.wake.notify()
            return futures

    def knows(self, key: str) -> bool:
        """Whether a move of this key is in the ledger, or on its way."""
        with self.wake:
            return key in self._receipts or key in self._pending

    def close(self) -> None:
        """Take nothing more."""
        with self.wake:
            self.closing = True
            self.wake.notify()

    # The writer's side.

    def take(self) -> tuple[Wanted, Job | None]:
        """The next set of moves and the next job. With `wake` held."""
        moves = [self._moves.popleft() for _ in range(min(len(self._moves), SET_SIZE))]
        job = self._jobs.popleft() if self._jobs else None
        self._at_work = [future for _, future in moves] + ([job.future] if job else [])
        return moves, job

    def settle(self, key: str) -> None:
        """A write of this key will not be: it may be asked for again."""
        with self.wake:
            self._pending.pop(key, None)

    def answer_moves(self, part: Wanted, answers: Sequence[Receipt | JingweiError]) -> None:
        """Give each move its receipt or its error."""
        with self.wake:
            for (move, _), answer in zip(part, answers, strict=True):
                self._pending.pop(move.key, None)
                if not isinstance(answer, JingweiError):
                    self._receipts.remember(move.key, answer)
        for (_, future), answer in zip(part, answers, strict=True):
            if isinstance(answer, JingweiError):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    def answer_job(self, job: Job, result: object) -> None:
        """Give a job's caller what it returned."""
        with self.wake:
            self._pending.pop(f"job {job.key}", None)
            if job.key is not None:
                self._done_jobs.remember(job.key, result)
        job.future.set_result(result)

    def die(self, error: BaseException) -> None:
        """The writer cannot go on: every waiting and every later call gets a StoreError."""
        with self.wake:
            self._dead = error
            futures = [*self._at_work, *(f for _, f in self._moves), *(job.future for job in self._jobs)]
            self._moves.clear()
            self._jobs.clear()
            self._pending.clear()
        for future in futures:
            if not future.done():
                future.set_exception(_stopped(error))

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

    def _refuse_unless_open(self) -> None:
        if self._dead is not None:
            raise _stopped(self._dead)
        if self.closing:
            raise StoreError("the store is closing.")


def _stopped(error: BaseException) -> StoreError:
    return StoreError(
        f"the writer stopped: {known(error).what}", todo="Restart the program; what was acknowledged is safe."
    )


def _done(result: T) -> Future[T]:
    future: Future[T] = Future()
    future.set_result(result)
    return future


def _failed(error: JingweiError) -> Future[Any]:
    """One bad move of many must not take along those queued before it, so its future says what is wrong."""
    future: Future[Any] = Future()
    future.set_exception(error)
    return future
