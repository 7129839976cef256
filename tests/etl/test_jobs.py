"""A worker process hands back what it yields, passes on its errors, and ends when it is told to."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing

import pyarrow as pa
import pytest

from data.errors import Cancelled, Fault, FileError, JingweiError
from data.progress import Progress, Reporter
from etl.jobs import run_in_worker


def doubling(table: pa.Table, progress: Progress) -> Iterator[object]:
    progress.step("doubling", 1, 1)
    print("this goes to the error stream")
    yield ("table", pa.table({"n": pa.array([2 * n for n in table["n"].to_pylist()], pa.int32())}))
    yield {"pid": os.getpid(), "nice": os.nice(0)}


def refusing(progress: Progress) -> Iterator[object]:
    yield 1
    raise FileError("it has no rows.", where="a.csv", todo="Export it again.")


def failing(progress: Progress) -> Iterator[object]:
    yield from ()
    raise ZeroDivisionError("one over nothing")


def dying(progress: Progress) -> Iterator[object]:
    yield 1
    os.kill(os.getpid(), 9)


def endless(progress: Progress) -> Iterator[object]:
    for number in range(10**9):
        yield ("x" * 100_000, number, os.getpid())


def silent(progress: Progress) -> Iterator[object]:
    yield os.getpid()
    time.sleep(60)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_tables_and_values_come_back_and_progress_is_told() -> None:
    steps: list[tuple[str, float, float | None]] = []
    told = Reporter(lambda *step: steps.append(step))
    table, about = run_in_worker(doubling, {"table": pa.table({"n": [1, 2]}).slice(1)}, progress=told)
    assert table == ("table", pa.table({"n": pa.array([4], pa.int32())}))
    assert about["pid"] != os.getpid()
    assert about["nice"] >= 10
    assert steps == [("doubling", 1, 1)]


def test_an_error_of_ours_comes_out_as_it_was_raised() -> None:
    items = run_in_worker(refusing, {})
    assert next(items) == 1
    with pytest.raises(FileError) as caught:
        next(items)
    assert caught.value.as_dict() == {
        "error": "FileError",
        "what": "it has no rows.",
        "where": "a.csv",
        "todo": "Export it again.",
    }


def test_any_other_error_names_its_place() -> None:
    with pytest.raises(
        Fault, match=r"test_jobs.py:\d+: this is a fault of the program: ZeroDivisionError: one over nothing"
    ):
        list(run_in_worker(failing, {}))


def test_a_killed_worker_is_a_clear_error() -> None:
    with pytest.raises(JingweiError, match=r"the worker process ended unexpectedly \(signal 9\)"):
        list(run_in_worker(dying, {}))


@pytest.mark.parametrize("task", [endless, silent])
def test_stopping_ends_the_worker_within_a_second(task: object) -> None:
    told = Reporter()
    items = run_in_worker(task, {}, progress=told)  # type: ignore[arg-type]
    first = next(items)
    pid = first[2] if isinstance(first, tuple) else first
    told.stop()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        list(items)
    assert time.monotonic() - began < 1.0
    assert gone(pid)


def test_leaving_the_loop_ends_the_worker() -> None:
    with closing(run_in_worker(endless, {})) as items:
        pid = next(items)[2]
    assert gone(pid)
