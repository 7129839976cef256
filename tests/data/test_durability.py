"""A child process takes moves as fast as it can and is killed; what it acknowledged must be in the store."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from data.checks import check
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
