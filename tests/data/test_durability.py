"""A child process takes moves as fast as it can and is killed; what it acknowledged must be in the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from data.checks import check
from data.clock import Clock
from data.moves import Move
from data.settings import Settings
from data.store import Store
from tests.data.killed import CASES, acknowledged
from tests.made_cases import add_cases


@pytest.mark.parametrize(("rounds", "seed"), [(3, 7), pytest.param(50, 11, marks=pytest.mark.soak)])
def test_every_acknowledged_move_survives_a_kill(store: Store, settings: Settings, rounds: int, seed: int) -> None:
    store.writer.run(partial(add_cases, first=1, count=CASES, at=datetime(2024, 5, 1, tzinfo=UTC))).result()
    store.close()
    moved = acknowledged(settings.home, rounds, seed)
    with Store.open(settings.home, settings) as again:
        kept = [row["key"] for row in again.rows("SELECT key FROM transition WHERE action = 'urged'")]
        assert moved <= set(kept)
        assert len(kept) == len(set(kept))
        assert check(again, rules=("ledger_chains", "fold_is_row", "one_row_a_case")) == []


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
