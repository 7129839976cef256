"""The demo lives on as it was meant to be: the same in one stretch or many, after a restart, beside what people do."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from data.actors import PROGRAM
from data.below import category_ids
from data.checks import check
from data.emergency import declare
from data.errors import InputError, Refused
from data.moves import Move
from data.progress import Quiet
from data.settings import Settings
from data.simulation import simulation
from data.store import Store
from etl import demo_time
from etl.demo_live import LONGEST_REST, TICK, Runner
from etl.demo_work import first_moment
from etl.demo_world import make_world, micros
from tests.etl.demo_place import district

NOW = first_moment(ZoneInfo("Asia/Shanghai"))
TOTAL = 3000


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district at the end of its year, closed."""
    home = tmp_path_factory.mktemp("built") / "var"
    district(home, NOW, total=TOTAL)[0].close()
    return home


def opened_copy(built: Path, home: Path) -> Store:
    shutil.copytree(built, home)
    return Store.open(home, Settings(home=home, memory_share=0.1, threads=2))


@pytest.fixture
def store(built: Path, tmp_path: Path) -> Iterator[Store]:
    with opened_copy(built, tmp_path / "var") as opened:
        yield opened


def told(store: Store) -> list[list[tuple[Any, ...]]]:
    """Everything that happened, without what only says when it was written and under which id."""
    questions = (
        """SELECT external_id, l.seq, occurred_at, action, l.stage, l.due_at, l.handle_due_at, l.unit_id, by_role, by_unit, key
           FROM transition l JOIN cases USING (case_id) ORDER BY external_id, l.seq""",
        "SELECT * EXCLUDE (case_id, import_id, last_hash) FROM cases ORDER BY external_id",
        """SELECT external_id, completed_at, contacted, resolved, satisfaction FROM call_back JOIN cases USING (case_id)
           ORDER BY ALL""",
        """SELECT external_id, valid_from, valid_to, p.stage, p.due_at, p.unit_id FROM case_past p JOIN cases USING (case_id)
           ORDER BY ALL""",
        "SELECT external_id, l.* EXCLUDE (case_id) FROM case_place l JOIN cases USING (case_id) ORDER BY ALL",
    )
    return [[tuple(row.values()) for row in store.rows(sql)] for sql in questions]


def jump(store: Store, hours: float) -> None:
    demo_time.jump(store, hours)
    Runner(store).catch_up()


def test_living_on_is_what_would_have_been_built(store: Store, tmp_path: Path) -> None:
    jump(store, 75)
    assert store.now() == NOW + timedelta(hours=75)
    assert check(store) == []
    other, worked = district(tmp_path / "later", NOW + timedelta(hours=75), total=TOTAL)
    with other:
        assert told(store) == told(other)
        assert worked.tickets == store.rows("SELECT count(*) AS n FROM cases")[0]["n"]


def test_as_many_tickets_come_as_the_hours_bring(store: Store) -> None:
    world = make_world(store, seed=1, begins=simulation(store).begins, total=TOTAL)  # type: ignore[union-attr]
    drawn = world.draws.days(NOW.date(), NOW.date() + timedelta(days=2)).reported
    until = NOW + timedelta(hours=40)
    wanted = int(((drawn > micros(NOW)) & (drawn <= micros(until))).sum())
    store.clock.jump(timedelta(hours=40))  # type: ignore[attr-defined]
    pulse = Runner(store).catch_up()
    assert (pulse.since, pulse.until, pulse.tickets) == (NOW, until, wanted)
    assert wanted > 5


def test_many_stretches_and_a_restart_change_nothing(store: Store, built: Path, tmp_path: Path) -> None:
    with opened_copy(built, tmp_path / "other") as other:
        jump(other, 30)
        wanted = told(other)
    for hours in (0.2, 3.8, 6):
        jump(store, hours)
    store.close()
    with Store.open(store.home, store.settings) as again:
        assert again.now() == NOW + timedelta(hours=10)
        jump(again, 20)
        assert told(again) == wanted


def test_moves_that_were_written_before_a_crash_are_not_made_twice(store: Store) -> None:
    runner = Runner(store)
    store.clock.jump(timedelta(hours=12))  # type: ignore[attr-defined]
    until = NOW + timedelta(hours=12)
    runner._load()
    assert runner._move(micros(until)) > 0  # written, and then the program was killed before it noted how far it was
    store.close()
    with Store.open(store.home, store.settings) as again:
        assert simulation(again).moved_until == NOW  # type: ignore[union-attr]
        Runner(again).catch_up()
        repeated = again.rows("SELECT key FROM transition GROUP BY key HAVING count(*) > 1")
        assert (repeated, check(again)) == ([], [])


def test_what_somebody_closed_stays_closed(store: Store) -> None:
    rows = store.rows("SELECT case_id FROM cases WHERE stage NOT IN ('closed', 'voided') ORDER BY case_id")
    for row in rows:
        store.writer.submit(Move(row["case_id"], "voided", NOW, f"mine:{row['case_id']}", by_role="clerk")).result()
    jump(store, 48)
    ids = ", ".join(str(row["case_id"]) for row in rows)
    assert store.rows(f"SELECT DISTINCT stage FROM cases WHERE case_id IN ({ids})") == [{"stage": "voided"}]
    assert store.rows(f"SELECT max(occurred_at) <= $1 AS still FROM transition WHERE case_id IN ({ids})", [NOW]) == [
        {"still": True}
    ]
    assert check(store) == []


def test_a_storm_begins_within_a_minute_and_is_remembered(store: Store) -> None:
    began = demo_time.storm(store)
    assert began == NOW + timedelta(minutes=1)
    with pytest.raises(Refused, match="about to begin"):
        demo_time.storm(store)
    jump(store, 10)
    storm = store.rows("SELECT count(*) AS n, min(reported_at) >= $1 AS after FROM cases WHERE external_id LIKE $2", [
        began, "QH2606301021Y%",
    ])  # fmt: skip
    assert storm == [{"n": 7, "after": True}]
    assert simulation(store).storms == (began,)  # type: ignore[union-attr]


def test_between_two_things_that_happen_nothing_is_written(store: Store) -> None:
    runner = Runner(store)
    store.clock.jump(timedelta(hours=1))  # type: ignore[attr-defined]
    runner.catch_up()
    happens, version = datetime.fromtimestamp(runner._next / 1e6, UTC), store.version
    pulse = runner.step(happens - timedelta(microseconds=1))
    assert (pulse.tickets, pulse.moves, store.version) == (0, 0, version)
    assert runner.step(happens).until == happens
    assert store.version > version


def test_the_runner_rests_until_the_clock_comes_to_what_happens_next(store: Store) -> None:
    runner = Runner(store)
    runner.catch_up()
    runner.step(NOW + timedelta(minutes=1))
    assert runner._pause() == LONGEST_REST  # the clock stands
    store.clock.start()  # type: ignore[attr-defined]
    store.clock.run_at(600)  # type: ignore[attr-defined]
    assert runner._pause() <= TICK


def test_the_clock_waits_for_the_work(store: Store) -> None:
    runner = Runner(store)
    store.clock.jump(timedelta(hours=9))  # type: ignore[attr-defined]
    assert store.now() == NOW + timedelta(minutes=30)
    assert runner.step(NOW + timedelta(minutes=30)).until == NOW + timedelta(minutes=30)
    assert store.now() == NOW + timedelta(minutes=60)


def test_a_started_simulation_lives_on_by_itself(store: Store) -> None:
    assert demo_time.start(store) is not None
    demo_time.jump(store, 6)
    deadline = time.monotonic() + 60
    while simulation(store).arrived_until < NOW + timedelta(hours=5) and time.monotonic() < deadline:  # type: ignore[union-attr]
        time.sleep(0.05)
    demo_time.stop(store)
    assert simulation(store).arrived_until >= NOW + timedelta(hours=5)  # type: ignore[union-attr]
    assert not store.clock.running  # type: ignore[attr-defined]


def test_the_command_sets_and_tells_the_time(store: Store) -> None:
    told_now = demo_time.set_time(store, {"speed": 60, "jump": "2h"}, Quiet())
    assert (told_now["now"], told_now["speed"], told_now["worked_until"]) == (
        NOW + timedelta(hours=2), 60.0, NOW + timedelta(hours=2),
    )  # fmt: skip
    assert demo_time.set_time(store, {"pause": True}, Quiet())["speed"] == 0


@pytest.mark.parametrize(("text", "hours"), [("30m", 0.5), ("6h", 6.0), ("2d", 48.0), ("1.5h", 1.5)])
def test_spans_are_written_as_people_write_them(text: str, hours: float) -> None:
    assert demo_time.hours_of(text) == hours


@pytest.mark.parametrize("text", ["", "6", "h", "-6h", "6 hours", "6h30m"])
def test_other_spans_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no span of time"):
        demo_time.hours_of(text)


def test_a_real_deployment_is_left_alone(settings: Settings) -> None:
    with Store.create(
        settings.home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings
    ) as real:
        assert demo_time.start(real) is None
        with pytest.raises(Refused, match="time is the machine's"):
            demo_time.speed(real, 60)


def test_a_store_without_a_simulation_cannot_live_on(settings: Settings) -> None:
    with Store.create(
        settings.home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", simulated=True,
        shown_at=NOW, settings=settings,
    ) as empty, pytest.raises(Refused, match="no simulation"):  # fmt: skip
        Runner(empty)


def test_lives_never_go_back_in_time(store: Store) -> None:
    world = make_world(store, seed=1, begins=simulation(store).begins, total=400_000)  # type: ignore[union-attr]
    lives = world.lives(world.draws.days(NOW.date(), NOW.date() + timedelta(days=3)))
    same = lives.ticket[1:] == lives.ticket[:-1]
    assert (np.diff(lives.at)[same] >= 0).all()
    ends = np.maximum.reduceat(lives.at, np.flatnonzero(np.r_[True, ~same]))
    starts = lives.at[np.flatnonzero(np.r_[True, ~same])]
    assert (ends - starts).max() < 130 * 86_400_000_000


def test_in_an_emergency_new_tickets_of_the_place_get_its_shorter_deadlines(store: Store, tmp_path: Path) -> None:
    street = store.rows("SELECT code, place_id FROM place WHERE level = 'street' ORDER BY code LIMIT 1")[0]
    declare(store, "flood", street["code"], PROGRAM, "暴雨")
    since = store.now()
    jump(store, 48)
    rows = store.rows(
        """SELECT g.name, p.street_id, c.registered_at, c.due_at, c.handle_due_at FROM cases c
           JOIN category g USING (category_id) JOIN case_place p USING (case_id) WHERE registered_at > ?""",
        [since],
    )
    plan = store.watch.plans["flood"][0]
    with store.read() as con:
        listed = {row[0]: level.hours for level in plan.levels for row in con.execute(
            "SELECT name FROM category WHERE category_id IN (SELECT unnest(?))", [list(category_ids(con, level.categories))]
        ).fetchall()}  # fmt: skip
    inside = [row for row in rows if row["street_id"] == street["place_id"] and row["name"] in listed]
    outside = [row for row in rows if row["street_id"] != street["place_id"] and row["name"] in listed]
    assert inside
    assert all(row["due_at"] <= row["registered_at"] + timedelta(hours=listed[row["name"]]) for row in inside)
    assert all(row["handle_due_at"] <= row["due_at"] for row in inside)
    assert any(row["due_at"] > row["registered_at"] + timedelta(hours=listed[row["name"]]) for row in outside)
    assert check(store, rules=("ledger_chains", "fold_is_row", "one_row_a_case")) == []
