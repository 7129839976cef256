"""A child process takes moves as fast as it can and is killed; what it acknowledged must be in the store."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from data.checks import check
from data.clock import Clock
from data.moves import Move
from data.settings import Settings
from data.store import Store
from tests.made_cases import add_cases

ROOT = Path(__file__).resolve().parents[2]
CASES = 400

CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from data.moves import Move
from data.settings import Settings
from data.store import Store

home, first = Path(sys.argv[1]), int(sys.argv[2])
store = Store.open(home, Settings(home=home, memory_share=0.1, threads=2, checkpoint_seconds=5))
number = first
while True:
    moves = [Move(1 + (number + i) % 400, "urged", datetime.now(UTC), f"k{number + i}") for i in range(50)]
    number += 50
    for future in store.writer.submit_all(moves):
        print(future.result().key, flush=True)
"""


@pytest.mark.parametrize(("rounds", "seed"), [(3, 7), pytest.param(50, 11, marks=pytest.mark.soak)])
def test_every_acknowledged_move_survives_a_kill(store: Store, settings: Settings, rounds: int, seed: int) -> None:
    store.writer.run(partial(add_cases, first=1, count=CASES, at=datetime(2024, 5, 1, tzinfo=UTC))).result()
    store.close()
    chance = random.Random(seed)
    acknowledged: set[str] = set()
    for turn in range(rounds):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(settings.home), str(turn * 1_000_000)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        acknowledged.add(_first_key(child))
        time.sleep(chance.uniform(0.2, 1.0))
        child.send_signal(signal.SIGKILL)
        rest, _ = child.communicate()
        acknowledged |= {
            line for line in rest.splitlines(keepends=True) if line.endswith("\n") and line.startswith("k")
        }
    with Store.open(settings.home, settings) as again:
        kept = [row["key"] for row in again.rows("SELECT key FROM transition WHERE action = 'urged'")]
        assert {key.strip() for key in acknowledged} <= set(kept)
        assert len(kept) == len(set(kept))
        assert check(again, rules=("ledger_chains", "fold_is_row", "one_row_a_case")) == []


def _first_key(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith("k"):
            return line
    raise AssertionError("the child wrote nothing")


class Turning(Clock):
    """A machine's clock that somebody sets back."""

    def __init__(self, *shown: datetime) -> None:
        self.shown = list(shown)

    def now(self) -> datetime:
        return self.shown.pop(0) if len(self.shown) > 1 else self.shown[0]


def test_a_clock_set_back_never_takes_the_ledger_back(store: Store) -> None:
    start = datetime(2024, 5, 1, tzinfo=UTC)
    store.writer.run(partial(add_cases, first=1, count=1, at=start)).result()
    last = store.rows("SELECT max(recorded_at) AS last FROM transition")[0]["last"]
    noon = max(last, datetime.now(UTC)) + timedelta(hours=1)
    shown = (noon, noon - timedelta(days=300), noon - timedelta(seconds=1), noon + timedelta(minutes=1))
    for number, moment in enumerate(shown):
        store.writer.clock = Turning(moment)
        store.writer.submit(Move(1, "urged", start + timedelta(days=number), f"k{number}")).result()
    rows = store.rows("SELECT recorded_at FROM transition WHERE action = 'urged' ORDER BY seq")
    assert [row["recorded_at"] for row in rows] == [noon, noon, noon, noon + timedelta(minutes=1)]
    assert check(store, rules=("ledger_chains", "fold_is_row", "one_row_a_case")) == []
