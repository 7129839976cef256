"""An import is killed at each of its steps; after reopening the store is as before it or as after it, never between."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from data import repeats
from data.checks import check
from data.intake import purge_unfinished
from data.settings import Settings
from data.store import Store
from tests.data.tickets import at, case, contents, sound, take, ticket

ROOT = Path(__file__).resolve().parents[2]
OLD = [ticket(f"old{i}", due_at=at(8), x=float(i), y=0.0, category_name="路灯") for i in range(3)]

CHILD = """
import os, signal, sys
from pathlib import Path
from data import intake, repeats, switching
from data.settings import Settings
from data.store import Store
from tests.data.tickets import at, placed, staged, ticket

home, label, number, when = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
intake.CHUNK, intake.COMMIT_ROWS, intake.ROW_GROUP, switching.STEP = 4, 3, 3, 1
store = Store.open(home, Settings(home=home, memory_share=0.1, threads=2))
run, seen = store.writer.run, 0


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def watched(job, *, label="", key=None):
    global seen
    seen += label == sys.argv[2]
    deadly = label == sys.argv[2] and seen == number

    def work(con):
        result = job(con)
        if deadly and when == "before":
            die()
        return result

    future = run(work, label=label, key=key)
    if deadly and when == "after":
        future.result()
        die()
    return future


store.writer.run = watched
rows = [ticket(f"new{i}", closed_at=at(5), note="x", resolved=True, unit_name="u", category_name="路灯", x=9.0, y=float(i))
        for i in range(9)]
rows += [ticket(f"old{i}", due_at=at(8), closed_at=at(6), x=float(i), y=0.0, category_name="路灯") for i in range(3)]
table = staged(rows)
with intake.Intake.begin(store, file="f", digest=None, mapping_text=None, source="city") as coming:
    coming.stage(table, placed(table, located="point", street_id=1))
    done = coming.finish()
repeats.rebuild(store, done.import_id)
store.close()
"""

STEPS = [
    ("import begins", 1, "after"),
    ("import stages", 2, "after"),
    ("import ids", 1, "after"),
    ("import writes cases", 1, "after"),
    ("import writes transition", 3, "before"),
    ("import done", 1, "before"),
    ("import done", 1, "after"),
    ("import changes", 1, "before"),
    ("import changes", 1, "after"),
    ("import changes", 2, "before"),
    ("import changes", 2, "after"),
    ("repeat points", 1, "before"),
    ("repeat points", 1, "after"),
]
LONG = [
    (label, number, when)
    for label, most in (
        ("import begins", 1), ("import stages", 8), ("import ids", 1), ("take note_ids", 1), ("take call_back_ids", 1),
        ("import writes cases", 6), ("import writes transition", 12), ("import writes case_past", 6),
        ("import writes case_place", 6), ("import writes call_back", 6), ("import writes note", 6),
    )
    for number in range(1, most + 1)
    for when in ("before", "after")
]  # fmt: skip


def killed(settings: Settings, label: str, number: int, when: str) -> bool:
    """Whether the import came to that step and was killed there."""
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(settings.home), label, str(number), when],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert child.returncode in (-signal.SIGKILL, 0)
    return child.returncode != 0


@pytest.mark.parametrize(
    ("label", "number", "when"),
    [*STEPS, *(pytest.param(*step, marks=pytest.mark.soak) for step in LONG if step not in STEPS)],
)
def test_a_killed_import_is_there_as_a_whole_or_not_at_all(
    store: Store, settings: Settings, label: str, number: int, when: str
) -> None:
    repeats.rebuild(store, take(store, *OLD).import_id)
    before = contents(store)
    store.close()
    shown = label in ("import changes", "repeat points") or (label, when) == ("import done", "after")
    if not killed(settings, label, number, when):
        pytest.skip("the import has no such step")
    with Store.open(settings.home, settings) as again:
        assert check(again, rules=("ledger_chains", "fold_is_row", "one_row_a_case")) == []
        sound(again)
        assert purge_unfinished(again) == []
        assert again.rows("SELECT count(*) AS n FROM cases") == [{"n": 12 if shown else 3}]
        for number in range(3):
            assert case(again, f"old{number}")["stage"] == ("closed" if shown else "registered")
        if shown:
            # The nine new ones stand within 50 m of one another and of the old ones: every case is at a repeat point.
            assert again.rows("SELECT count(*) AS n FROM repeat_point") == [{"n": 12}]
            assert again.rows("SELECT count(*) AS n FROM note") == [{"n": 9}]
            assert again.rows("SELECT status, new, updated FROM import WHERE file = 'f'") == [
                {"status": "done", "new": 9, "updated": 3}
            ]
        else:
            assert contents(again) == before
            # The ids are given back, and the same file can be imported as if nothing had been.
            assert take(again, ticket("new0")).new == 1
            assert case(again, "new0")["case_id"] == 4
