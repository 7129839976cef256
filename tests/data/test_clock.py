"""A simulated clock can be sped up, stopped and moved on, never runs backwards, and is where it was after a restart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from data.clock import Clock, SimulatedClock
from data.errors import InputError
from data.ledger import verify_heads
from data.moves import Move
from data.settings import Settings
from data.simulation import Simulation, begin, simulation
from data.store import Store
from tests.made_cases import add_cases

NOON = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)


class Ticks:
    """The machine's seconds, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def simulated(settings: Settings) -> Store:
    return Store.create(
        settings.home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", simulated=True,
        shown_at=NOON, settings=settings,
    )  # fmt: skip


def test_it_stands_until_it_is_started(ticks: Ticks) -> None:
    clock = SimulatedClock(NOON, 60, ticks)
    ticks.seconds += 10
    assert (clock.now(), clock.running, clock.seconds_until(NOON + timedelta(hours=1))) == (NOON, False, inf)
    clock.start()
    ticks.seconds += 10
    assert clock.now() == NOON + timedelta(minutes=10)
    assert clock.seconds_until(NOON + timedelta(hours=1)) == 50.0


def test_a_new_speed_counts_from_when_it_was_set(ticks: Ticks) -> None:
    clock = SimulatedClock(NOON, 1, ticks)
    clock.start()
    ticks.seconds += 30
    clock.run_at(600)
    ticks.seconds += 2
    clock.run_at(0)
    ticks.seconds += 1000
    assert clock.now() == NOON + timedelta(seconds=30 + 2 * 600)
    assert clock.seconds_until(NOON + timedelta(days=1)) == inf
    clock.run_at(1)
    ticks.seconds += 5
    assert clock.now() == NOON + timedelta(seconds=1235)


def test_a_jump_leads_on_and_a_held_clock_follows_step_by_step(ticks: Ticks) -> None:
    clock = SimulatedClock(NOON, 1, ticks)
    clock.hold(NOON + timedelta(minutes=30))
    assert clock.jump(timedelta(hours=6)) == NOON + timedelta(hours=6)
    assert (clock.now(), clock.goal()) == (NOON + timedelta(minutes=30), NOON + timedelta(hours=6))
    clock.hold(NOON)
    assert clock.now() == NOON + timedelta(minutes=30)  # never earlier than it was
    clock.hold(NOON + timedelta(hours=8))
    assert clock.now() == NOON + timedelta(hours=6)


@pytest.mark.parametrize("span", [timedelta(0), timedelta(hours=-1), timedelta(days=32)])
def test_time_only_moves_on_and_by_a_month_at_most(span: timedelta) -> None:
    with pytest.raises(InputError, match="time only moves on"):
        SimulatedClock(NOON, 1).jump(span)


@pytest.mark.parametrize("speed", [-1.0, 100_001.0, float("nan")])
def test_no_speed_beyond_what_can_be_worked(speed: float) -> None:
    with pytest.raises(InputError, match="is no speed"):
        SimulatedClock(NOON, 1).run_at(speed)


def test_a_real_deployment_has_the_machines_time(store: Store) -> None:
    assert type(store.clock) is Clock
    assert abs(store.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_simulated_store_goes_on_where_it_stood(settings: Settings) -> None:
    with simulated(settings) as store:
        assert store.now() == NOON
        store.clock.jump(timedelta(hours=3))
        store.clock.run_at(60)
    with Store.open(settings.home, settings) as store:
        assert (store.now(), store.clock.speed) == (NOON + timedelta(hours=3), 60.0)


def test_after_a_crash_it_is_not_earlier_than_the_last_line(settings: Settings) -> None:
    with simulated(settings) as store:
        store.writer.run(lambda con: add_cases(con, 1, 1, NOON + timedelta(minutes=20))).result()
    with Store.open(settings.home, settings) as store:
        assert store.now() == NOON + timedelta(minutes=20)


def test_what_is_recorded_and_sealed_goes_by_it(settings: Settings) -> None:
    with simulated(settings) as store:
        store.writer.run(lambda con: add_cases(con, 1, 1, NOON)).result()
        receipt = store.writer.submit(Move(1, "registered", NOON, "k1")).result()
        assert receipt.recorded_at == NOON
        store.clock.jump(timedelta(days=1))
        assert store.writer.submit(Move(1, "closed", NOON, "k2")).result().recorded_at == NOON + timedelta(days=1)
    with Store.open(settings.home, settings) as store:
        store.writer.run(lambda _: None).result()
        assert [row["day"].isoformat() for row in store.rows("SELECT day FROM ledger_head")] == ["2026-06-30"]
        assert verify_heads(store) == []


def test_a_simulation_is_found_again(settings: Settings) -> None:
    made = Simulation("tiny", 7, NOON.date(), NOON.date(), 10, NOON, NOON)
    with simulated(settings) as store:
        assert simulation(store) is None
        store.writer.run(lambda con: begin(con, made)).result()
        assert simulation(store) == made
