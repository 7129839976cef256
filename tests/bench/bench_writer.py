"""Moves a second with 200 waiting, on a store of ten million cases (the newest 200,000 hot), beside one statement at a time.

The alternatives write the same line and the same row, without the hash chain, past states and checks of ours: bare DuckDB
with a commit a move, and PostgreSQL (its own cluster of a million cases, durable defaults, indexed) with a commit a move on one
connection, with a commit a move on sixteen connections (its own group commit), and in sets of 200 with one commit each. Sizes:
JINGWEI_BENCH_CASES, JINGWEI_BENCH_MOVES. JINGWEI_BENCH_STORE keeps the store in a folder, so that it is made once.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from data.moves import Move, Receipt
from data.settings import Settings
from data.store import FILE, Store
from tests.bench.report import Row, print_rows
from tests.made_cases import add_cases

CASES = int(os.environ.get("JINGWEI_BENCH_CASES", "10000000"))
MOVES = int(os.environ.get("JINGWEI_BENCH_MOVES", "40000"))
HOT = min(200_000, CASES)
BESIDE = min(1_000_000, CASES)  # cases in PostgreSQL: it is indexed, more would only take longer to load
WAITING, SINGLES, CALLERS = 200, 1000, 16
MADE = datetime(2024, 5, 1, tzinfo=UTC)
START = datetime.now(UTC)  # a store that was kept has moves of an earlier run
KEPT = os.environ.get("JINGWEI_BENCH_STORE")
ACTIONS = ("accepted", "handled", "urged", "extended")


def some_moves(count: int, first: int, last: int, label: str) -> list[Move]:
    """Moves of random cases among the ids, seeded."""
    chance = random.Random(label)
    return [
        Move(
            chance.randint(first, last),
            ACTIONS[i % len(ACTIONS)],
            START + timedelta(seconds=i),
            f"{label}{i} {START}",
            due_at=START + timedelta(days=9) if i % 4 == 3 else None,
        )
        for i in range(count)
    ]


def with_waiting(store: Store, moves: list[Move]) -> tuple[float, list[float]]:
    """(moves a second, seconds each waited) with `WAITING` moves always queued."""
    room, took = threading.Semaphore(WAITING), []

    def queue(move: Move) -> Future[Receipt]:
        room.acquire()
        began = time.perf_counter()

        def acknowledged(_: Future[Receipt]) -> None:
            took.append(time.perf_counter() - began)
            room.release()

        future = store.writer.submit(move)
        future.add_done_callback(acknowledged)
        return future

    began = time.perf_counter()
    for future in [queue(move) for move in moves]:
        future.result()
    return len(moves) / (time.perf_counter() - began), sorted(took)


def one_by_one(store: Store, moves: list[Move]) -> float:
    """Bare statements, a commit a move: moves a second."""
    with store.cursor() as con:
        began = time.perf_counter()
        for move in moves:
            con.execute("BEGIN")
            con.execute(
                "INSERT INTO transition BY NAME SELECT ? AS case_id, 9 AS seq, ? AS occurred_at, now() AS recorded_at, "
                "? AS action, ? AS key, 1 AS payload_version, ''::BLOB AS hash",
                [move.case_id, move.occurred_at, move.action, move.key],
            )
            con.execute(
                "UPDATE case_hot SET stage = ?, since = ?, seq = seq + 1 WHERE case_id = ?",
                [move.action, move.occurred_at, move.case_id],
            )
            con.execute("COMMIT")
        return len(moves) / (time.perf_counter() - began)


LINE = "INSERT INTO transition (case_id, seq, occurred_at, recorded_at, action, key) VALUES (%s, 9, %s, now(), %s, %s)"
ROW = "UPDATE case_hot SET stage = %s, since = %s, seq = seq + 1 WHERE case_id = %s"


def postgres_single(connect: Callable[[], Any], moves: list[Move]) -> float:
    """PostgreSQL, one connection, a commit a move."""
    with connect() as con:
        began = time.perf_counter()
        for move in moves:
            con.execute(LINE, (move.case_id, move.occurred_at, move.action, move.key))
            con.execute(ROW, (move.action, move.occurred_at, move.case_id))
            con.commit()
        return len(moves) / (time.perf_counter() - began)


def postgres_many(connect: Callable[[], Any], moves: list[Move]) -> float:
    """PostgreSQL, `CALLERS` connections, a commit a move on each."""
    callers = [threading.Thread(target=postgres_single, args=(connect, moves[i::CALLERS])) for i in range(CALLERS)]
    began = time.perf_counter()
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return len(moves) / (time.perf_counter() - began)


def postgres_sets(connect: Callable[[], Any], moves: list[Move]) -> float:
    """PostgreSQL, sets of `WAITING`: arrays in, INSERT … SELECT unnest, UPDATE … FROM unnest, one commit."""
    with connect() as con:
        began = time.perf_counter()
        for first in range(0, len(moves), WAITING):
            part = moves[first : first + WAITING]
            columns = (
                [m.case_id for m in part],
                [m.occurred_at for m in part],
                [m.action for m in part],
                [m.key for m in part],
            )
            con.execute(
                "INSERT INTO transition (case_id, seq, occurred_at, recorded_at, action, key) "
                "SELECT a, 9, b, now(), c, d FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[]) u(a, b, c, d)",
                columns,
            )
            con.execute(
                "UPDATE case_hot SET stage = c, since = b, seq = seq + 1 "
                "FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) u(a, b, c) WHERE case_id = a",
                columns[:3],
            )
            con.commit()
        return len(moves) / (time.perf_counter() - began)


@contextlib.contextmanager
def postgres() -> Iterator[Callable[[], Any] | None]:
    """A throw-away PostgreSQL cluster with the same cases; None where PostgreSQL is not installed."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which("initdb") or (str(programs[-1] / "initdb") if programs else None)
    try:
        import psycopg
    except ImportError:
        found = None
    if found is None:
        yield None
        return
    bin_folder = Path(found).parent
    folder = Path(tempfile.mkdtemp(prefix="jingwei-pg-"))
    user: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, "postgres", "postgres")
    quiet: dict[str, Any] = {
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        "cwd": folder,
        **user,
    }
    data, options = folder / "data", f"-k {folder} -h '' -c shared_buffers=1GB -c max_wal_size=4GB"
    subprocess.run([bin_folder / "initdb", "-D", data, "-U", "bench", "-A", "trust"], check=True, **quiet)
    subprocess.run([bin_folder / "pg_ctl", "-D", data, "-w", "-o", options, "start"], check=True, **quiet)
    try:
        connect = partial(psycopg.connect, host=str(folder), user="bench", dbname="postgres")
        with connect() as con:
            con.execute(
                "CREATE TABLE transition (case_id bigint, seq smallint, occurred_at timestamptz, recorded_at timestamptz, "
                "action text, stage text, due_at timestamptz, key text, hash bytea)"
            )
            con.execute(
                "CREATE TABLE case_hot AS SELECT i::bigint AS case_id, 'event' AS kind, 'made:' || i AS external_id, 0 AS flags, "
                "now() AS reported_at, 'reported'::text AS stage, now() AS since, 1 AS seq, ''::bytea AS last_hash "
                f"FROM generate_series(1, {BESIDE}) s(i)"
            )
            con.execute("ALTER TABLE case_hot ADD PRIMARY KEY (case_id)")
            con.execute("CREATE INDEX ON transition (case_id)")
        with connect(autocommit=True) as con:
            con.execute("VACUUM ANALYZE")
        yield connect
    finally:
        subprocess.run([bin_folder / "pg_ctl", "-D", data, "-m", "immediate", "stop"], check=True, **quiet)
        shutil.rmtree(folder, ignore_errors=True)


def made_store(folder: Path) -> Store:
    """A store of `CASES` cases, the newest `HOT` of them hot."""
    settings = Settings(home=folder, memory_share=0.4)
    if (folder / FILE).exists():
        return Store.open(folder, settings)
    store = Store.create(folder, name="bench", code="990100", zone="UTC", crs="EPSG:4547", settings=settings)
    for first in range(1, CASES + 1, 100_000):
        count = min(100_000, CASES + 1 - first)
        hot = first > CASES - HOT
        store.writer.run(partial(add_cases, first=first, count=count, at=MADE, hot=hot)).result()
    store.close()
    return Store.open(folder, settings)


def run() -> list[Row]:
    """Measure and return the rows of the report."""
    with tempfile.TemporaryDirectory(prefix="jingwei-bench-") as made, made_store(Path(KEPT or made)) as store:
        with_waiting(store, some_moves(2000, CASES - HOT + 1, CASES, "warm"))
        rate, took = with_waiting(store, some_moves(MOVES, CASES - HOT + 1, CASES, "hot"))
        old_rate, old_took = (
            with_waiting(store, some_moves(2000, 1, CASES - HOT, "old")) if HOT < CASES else (0.0, [0.0])
        )
        single = one_by_one(store, some_moves(SINGLES, CASES - HOT + 1, CASES, "single"))
    what = f"moves with {WAITING} waiting, {CASES:,} cases, hot ones"
    rows = [
        Row(what, rate, "moves/s", "> 2,000", "DuckDB, a commit a move, bare statements", single),
        Row("p50 until acknowledged", 1000 * took[len(took) // 2], "ms"),
        Row("p99 until acknowledged", 1000 * took[int(len(took) * 0.99)], "ms", "< 200 ms"),
        Row("the same, random archived cases", old_rate, "moves/s"),
        Row("p99 of those", 1000 * old_took[int(len(old_took) * 0.99)], "ms"),
    ]
    with postgres() as connect:
        if connect is None:
            return [*rows, Row(f"{what}; PostgreSQL: not present", rate, "moves/s")]
        for title, work, count in (
            ("a commit a move", postgres_single, SINGLES),
            (f"a commit a move, {CALLERS} connections", postgres_many, SINGLES * 8),
            (f"sets of {WAITING}", postgres_sets, MOVES),
        ):
            other = work(connect, some_moves(count, BESIDE - HOT + 1, BESIDE, title))
            rows.append(Row("beside PostgreSQL", rate, "moves/s", "", f"PostgreSQL, {title}", other))
    return rows


if __name__ == "__main__":
    print_rows(run())
