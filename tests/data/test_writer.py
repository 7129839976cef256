from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from data.chores import Chore
from data.database import Connection
from data.errors import JingweiError, Refused, StoreError
from data.settings import Settings
from data.store import Store
from data.writer import Commit, Writer


@dataclass(frozen=True)
class Move:
    case_id: int
    key: str
    action: str = "urged"


@dataclass(frozen=True)
class Receipt:
    case_id: int
    key: str
    action: str = "urged"
    parts: tuple[int, ...] = ()
    beside: tuple[int, ...] = ()


class Ledger:
    """Stands for data.moves: writes (case, key) to a table, refuses case 13, breaks on case 99."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.gate = threading.Event()
        self.gate.set()

    def apply(self, con: Connection, moves: Sequence[Move], now: datetime) -> list[Receipt | JingweiError]:
        self.gate.wait()
        self.sizes.append(len(moves))
        answers: list[Receipt | JingweiError] = []
        for move in moves:
            if move.case_id == 13:
                answers.append(Refused("not this one"))
                continue
            con.execute("INSERT INTO line VALUES (?, ?, ?)", [move.case_id, move.key, now])
            if move.case_id == 99:
                raise ValueError("cannot be written")
            answers.append(Receipt(move.case_id, move.key))
        return answers


def recall(con: Connection, now: datetime, limit: int) -> list[tuple[str, Receipt]]:
    return [(key, Receipt(case_id, key)) for case_id, key in con.execute("SELECT case_id, key FROM line").fetchall()]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


Open = Callable[[], Writer]


@pytest.fixture
def open_writer(store: Store, ledger: Ledger) -> Iterator[Open]:
    opened: list[Writer] = []
    store.writer.run(
        lambda con: con.execute("CREATE TABLE line (case_id BIGINT, key VARCHAR, recorded_at TIMESTAMPTZ)") and None
    ).result()

    def make() -> Writer:
        writer = Writer(store._cursor, apply=ledger.apply, recall=recall)  # type: ignore[arg-type]
        opened.append(writer)
        return writer

    yield make
    ledger.gate.set()
    for writer in opened:
        writer.close()


@pytest.fixture
def writer(open_writer: Open) -> Writer:
    return open_writer()


def lines(store: Store) -> list[tuple[int, str]]:
    return [
        (row["case_id"], row["key"])
        for row in store.rows("SELECT case_id, key FROM line ORDER BY recorded_at, case_id")
    ]


def hold(writer: Writer) -> tuple[threading.Event, Future[None]]:
    """Keep the writer's thread at a job until the event is set, so that what follows waits together."""
    started, release = threading.Event(), threading.Event()

    def work(con: Connection) -> None:
        started.set()
        release.wait()

    future = writer.run(work)
    started.wait()
    return release, future


def test_moves_that_wait_together_are_written_together(store: Store, writer: Writer, ledger: Ledger) -> None:
    release, _ = hold(writer)
    futures = [writer.submit(Move(i, f"k{i}")) for i in range(1001, 2201)]  # type: ignore[arg-type]
    version = writer.version
    release.set()
    assert [future.result().case_id for future in futures] == list(range(1001, 2201))
    assert ledger.sizes == [500, 500, 200]
    assert writer.version == version + 4  # the job that held it, and three sets
    assert len(lines(store)) == 1200


def test_a_refused_move_does_not_fail_its_neighbours(store: Store, writer: Writer) -> None:
    release, _ = hold(writer)
    good, bad, other = writer.submit_all([Move(1, "a"), Move(13, "b"), Move(2, "c")])  # type: ignore[list-item]
    release.set()
    assert good.result() == Receipt(1, "a")
    assert other.result() == Receipt(2, "c")
    with pytest.raises(Refused, match="not this one"):
        bad.result()
    assert lines(store) == [(1, "a"), (2, "c")]


def test_a_move_that_breaks_its_set_is_found_and_stands_alone(store: Store, writer: Writer) -> None:
    release, _ = hold(writer)
    moves = [Move(99 if i == 37 else i, f"k{i}") for i in range(100, 150)]
    moves[37] = Move(99, "poison")
    futures = writer.submit_all(moves)  # type: ignore[arg-type]
    release.set()
    with pytest.raises(StoreError, match="the move was not written: cannot be written"):
        futures[37].result()
    assert sum(future.exception() is None for future in futures) == 49
    assert sorted(lines(store)) == [(move.case_id, move.key) for move in moves if move.key != "poison"]


def test_a_repeated_key_returns_the_first_receipt_and_writes_nothing(store: Store, writer: Writer) -> None:
    first = writer.submit(Move(1, "a")).result()  # type: ignore[arg-type]
    version = writer.version
    assert writer.submit(Move(1, "a")).result() is first  # type: ignore[arg-type]
    assert writer.version == version
    assert lines(store) == [(1, "a")]


def test_a_key_still_waiting_is_written_once(store: Store, writer: Writer) -> None:
    release, _ = hold(writer)
    one, two = writer.submit(Move(1, "a")), writer.submit(Move(1, "a"))  # type: ignore[arg-type]
    release.set()
    assert one.result() == two.result() == Receipt(1, "a")
    assert lines(store) == [(1, "a")]


def test_a_key_of_another_case_is_refused(writer: Writer) -> None:
    writer.submit(Move(1, "a")).result()  # type: ignore[arg-type]
    with pytest.raises(Refused, match="the key was used for case 1"):
        writer.submit(Move(2, "a")).result()  # type: ignore[arg-type]


def test_a_refused_move_may_come_again_under_its_key(store: Store, writer: Writer) -> None:
    with pytest.raises(Refused):
        writer.submit(Move(13, "a")).result()  # type: ignore[arg-type]
    assert writer.submit(Move(1, "a")).result() == Receipt(1, "a")  # type: ignore[arg-type]


def test_keys_are_known_again_after_a_restart(store: Store, writer: Writer, open_writer: Open) -> None:
    writer.submit(Move(1, "a")).result()  # type: ignore[arg-type]
    assert writer.run(lambda con: {"n": 1}, key="job-1").result() == {"n": 1}
    writer.close()
    again = open_writer()
    assert again.submit(Move(1, "a")).result() == Receipt(1, "a")  # type: ignore[arg-type]
    assert again.run(lambda con: {"n": 2}, key="job-1").result() == {"n": 1}
    assert lines(store) == [(1, "a")]


def test_a_failing_job_is_rolled_back_and_the_next_one_runs(store: Store, writer: Writer) -> None:
    def bad(con: Connection) -> None:
        con.execute("INSERT INTO company VALUES (1, 'A', 'a')")
        raise ValueError("no")

    failed = writer.run(bad)
    kept = writer.run(lambda con: con.execute("INSERT INTO company VALUES (2, 'B', 'b')").rowcount)
    with pytest.raises(ValueError, match="no"):
        failed.result()
    kept.result()
    assert store.rows("SELECT company_id FROM company") == [{"company_id": 2}]


def test_a_failed_keyed_job_runs_again_under_its_key(writer: Writer) -> None:
    with pytest.raises(ZeroDivisionError):
        writer.run(lambda con: 1 // 0, key="k").result()
    assert writer.run(lambda con: 7, key="k").result() == 7


def test_what_a_job_registers_is_gone_afterwards(writer: Writer) -> None:
    writer.run(lambda con: con.execute("CREATE TEMP TABLE scratch AS SELECT 1").rowcount).result()
    with pytest.raises(duckdb.CatalogException):
        writer.run(lambda con: con.execute("FROM scratch").fetchall()).result()


def test_jobs_and_sets_take_turns(writer: Writer) -> None:
    release, _ = hold(writer)
    done: list[str] = []
    writer.on_commit(lambda commit: done.append(commit.label))
    jobs = [writer.run(lambda con: None, label=f"job {i}") for i in (1, 2)]
    writer.submit_all([Move(i, f"k{i}") for i in range(100, 700)])  # type: ignore[misc]
    release.set()
    for job in jobs:
        job.result()
    writer.close()
    assert done == ["work", "moves", "job 1", "moves", "job 2"]


def test_listeners_learn_each_commit_and_cannot_break_it(writer: Writer) -> None:
    seen: list[Commit] = []

    def broken(commit: Commit) -> None:
        raise RuntimeError

    writer.on_commit(broken)
    writer.on_commit(seen.append)
    version = writer.version
    receipt = writer.submit(Move(1, "a")).result()  # type: ignore[arg-type]
    writer.run(lambda con: None, label="plan").result()
    writer.close()
    assert seen == [Commit(version + 1, "moves", (receipt,)), Commit(version + 2, "plan")]


def test_a_cancelled_move_is_not_written(store: Store, writer: Writer) -> None:
    release, _ = hold(writer)
    gone, kept = writer.submit_all([Move(1, "a"), Move(2, "b")])  # type: ignore[list-item]
    assert gone.cancel()
    release.set()
    kept.result()
    assert lines(store) == [(2, "b")]
    assert writer.submit(Move(1, "a")).result() == Receipt(1, "a")  # type: ignore[arg-type]


def test_closing_writes_what_waits_and_refuses_what_comes(store: Store, writer: Writer) -> None:
    release, _ = hold(writer)
    futures = writer.submit_all([Move(i, f"k{i}") for i in range(100, 103)])  # type: ignore[misc]
    closer = threading.Thread(target=writer.close)
    closer.start()
    release.set()
    closer.join()
    assert [future.result().case_id for future in futures] == [100, 101, 102]
    with pytest.raises(StoreError, match="the store is closing"):
        writer.submit(Move(1, "z"))  # type: ignore[arg-type]


def test_a_dead_writer_fails_every_caller_at_once(writer: Writer, ledger: Ledger) -> None:
    ledger.gate.clear()
    waiting = writer.submit(Move(1, "a"))  # type: ignore[arg-type]

    def fatal(con: Connection) -> None:
        raise duckdb.FatalException("database has been invalidated")

    job = writer.run(fatal)
    late = writer.run(lambda con: 1)
    ledger.gate.set()
    assert waiting.result() == Receipt(1, "a")
    for future in (job, late):
        with pytest.raises(StoreError, match="the writer stopped: the database stopped after an earlier fault"):
            future.result()
    with pytest.raises(StoreError, match="the writer stopped"):
        writer.submit(Move(2, "b"))  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="the writer stopped"):
        writer.run(lambda con: 1)


def test_chores_come_by_the_clock(store: Store, writer: Writer) -> None:
    done = threading.Event()
    times = iter([datetime.now(UTC), datetime.now(UTC) + timedelta(days=1)])

    def work(con: Connection) -> int:
        con.execute("INSERT INTO company VALUES (1, 'A', 'a')")
        return 1

    writer.on_commit(lambda commit: done.set() if commit.label == "daily" else None)
    writer.add_chore(Chore("daily", lambda now: next(times), work))
    assert done.wait(20)
    assert store.rows("SELECT count(*) AS n FROM company") == [{"n": 1}]


def test_a_failing_chore_leaves_the_writer_at_work(writer: Writer) -> None:
    tried = threading.Event()
    times = iter([datetime.now(UTC), datetime.now(UTC) + timedelta(days=1)])

    def work(con: Connection) -> None:
        tried.set()
        raise ValueError("no")

    writer.add_chore(Chore("daily", lambda now: next(times), work))
    assert tried.wait(20)
    assert writer.run(lambda con: 1).result() == 1


def test_a_checkpoint_folds_the_log_into_the_file(store: Store, settings: Settings) -> None:
    log = store.path.with_name(store.path.name + ".wal")
    store.writer.run(lambda con: con.execute("INSERT INTO company VALUES (1, 'A', 'a')").rowcount).result()
    assert log.exists()
    store.close()
    assert not log.exists()
