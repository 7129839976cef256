"""A program that moves cases until somebody kills it, and what it had acknowledged by then."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CASES = 400  # that the program moves, from number 1
CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from data.moves import Move
from data.settings import Settings
from data.store import Store

home, number, cases = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
store = Store.open(home, Settings(home=home, memory_share=0.1, threads=2, checkpoint_seconds=5))
while True:
    moves = [Move(1 + (number + i) % cases, "urged", datetime.now(UTC), f"k{number + i}") for i in range(50)]
    number += 50
    for future in store.writer.submit_all(moves):
        print(future.result().key, flush=True)
"""


def acknowledged(home: Path, rounds: int, seed: int) -> set[str]:
    """Keys of every move that was acknowledged in so many rounds, each ended by a kill."""
    chance, keys = random.Random(seed), set[str]()
    for turn in range(rounds):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(home), str(turn * 1_000_000), str(CASES)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert child.stdout is not None
        first = next((line for line in child.stdout if line.startswith("k")), "")  # a log's lines come before
        assert first, "the program moved nothing"
        time.sleep(chance.uniform(0.1, 1.0))
        child.send_signal(signal.SIGKILL)
        lines = [first, *child.communicate()[0].splitlines(keepends=True)]
        keys |= {line.strip() for line in lines if line.startswith("k") and line.endswith("\n")}
    return keys
