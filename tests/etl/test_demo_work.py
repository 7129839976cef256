"""A year of made-up work is the same for a seed, adds up, has the shape of a year, and breaks no rule of the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from data.checks import check
from data.errors import InputError
from data.progress import Quiet
from data.responsibilities import responsible
from data.simulation import simulation
from data.store import Store
from etl.commands import run_figures
from etl.demo_categories import CATEGORIES, CHANNELS
from etl.demo_lives import NEVER
from etl.demo_work import BEGINS, Worked, first_moment, tickets_of
from etl.demo_world import World, make_world
from tests.etl.demo_place import district

ZONE = ZoneInfo("Asia/Shanghai")
NOW = first_moment(ZONE)
TOTAL = 3000
STORM = round(TOTAL / 365 * 0.9)  # 7


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Worked]]:
    store, worked = district(tmp_path_factory.mktemp("demo") / "var", NOW, total=TOTAL)
    with store:
        yield store, worked


@pytest.fixture(scope="module")
def store(made: tuple[Store, Worked]) -> Store:
    return made[0]


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    return make_world(store, seed=1, begins=BEGINS, total=TOTAL)


def count(store: Store, where: str = "true") -> int:
    return int(
        store.rows(f"SELECT count(*) AS n FROM cases LEFT JOIN category USING (category_id) WHERE {where}")[0]["n"]
    )


def test_the_year_has_as_many_tickets_as_ordered(made: tuple[Store, Worked], world: World) -> None:
    store, worked = made
    this_morning = int((world.draws.day(date(2026, 6, 30)).reported <= NOW.timestamp() * 1e6).sum())
    assert count(store, "reported_at < TIMESTAMPTZ '2026-06-30 00:00:00+08'") == TOTAL
    assert worked.tickets == count(store) == TOTAL + this_morning
    assert worked.lines == store.rows("SELECT count(*) AS n FROM transition")[0]["n"]
    assert world.rhythm.storm_size == STORM == 7
    assert sum(world.rhythm.count(BEGINS + timedelta(days=n)) for n in range(365)) == TOTAL - 2 * STORM


def test_nothing_in_it_breaks_a_rule(store: Store) -> None:
    assert check(store) == []
    made = simulation(store)
    assert made is not None
    assert (made.seed, made.tickets, made.arrived_until, store.now()) == (1, TOTAL, NOW, NOW)


def test_nothing_of_it_lies_ahead(store: Store) -> None:
    for table, column in (("transition", "occurred_at"), ("cases", "reported_at"), ("call_back", "completed_at")):
        assert store.rows(f"SELECT max({column}) <= $now AS past FROM {table}", {"now": NOW}) == [{"past": True}]


def test_the_same_seed_draws_the_same_and_another_something_else(store: Store, world: World) -> None:
    again, other = (make_world(store, seed=seed, begins=BEGINS, total=TOTAL) for seed in (1, 2))
    day = date(2026, 3, 4)
    first, second, third = (one.draws.day(day) for one in (world, again, other))
    for name in ("name", "reported", "category", "channel", "point"):
        assert np.array_equal(getattr(first, name), getattr(second, name))
    lives, same = world.lives(first), again.lives(second)
    assert np.array_equal(lives.at, same.at)
    assert np.array_equal(lives.unit, same.unit)
    assert not np.array_equal(first.point[:5], third.point[:5])


def test_a_day_is_drawn_alike_alone_or_among_others(world: World) -> None:
    days = world.draws.days(date(2026, 3, 2), date(2026, 3, 8))
    alone = world.draws.day(date(2026, 3, 4))
    among = days.take(np.isin(days.name, alone.name))
    assert np.array_equal(among.reported, alone.reported)
    assert np.array_equal(world.lives(among).at, world.lives(alone).at)


def test_every_state_adds_up(store: Store) -> None:
    rows = store.rows("SELECT stage, count(*) AS n FROM cases GROUP BY stage")
    stages = {row["stage"]: row["n"] for row in rows}
    row = run_figures(store, {"level": "district", "period": "2025-06-30/2026-07-01"}, Quiet())[0]
    left, figure = row["figures"]["completion_rate"]["left_out"], row["figures"]
    assert sum(stages.values()) == row["n"] + stages["voided"]
    assert figure["open"]["value"] == sum(stages.values()) - stages["closed"] - stages["voided"]
    assert (
        figure["due"]["value"] + figure["due"]["left_out"]["suspended"] + figure["due"]["left_out"]["not_yet_due"]
        <= row["n"]
    )
    assert figure["on_time_rate"]["denominator"] == figure["due_completion_rate"]["denominator"]
    assert left["voided"] <= stages["voided"]


def test_its_figures_look_like_a_district_at_work(store: Store) -> None:
    row = run_figures(store, {"level": "district", "period": "2025-07-01/2026-07-01"}, Quiet())[0]["figures"]
    assert 0.90 <= row["on_time_rate"]["value"] <= 0.96
    assert 0.80 <= row["satisfaction_rate"]["value"] <= 0.95
    assert 0.02 <= row["rework_rate"]["value"] <= 0.08
    assert 0.004 * TOTAL <= row["open"]["value"] <= 0.02 * TOTAL
    assert 0 < row["overdue_open"]["value"] < 0.3 * row["open"]["value"]


def test_every_kind_of_line_occurs(store: Store) -> None:
    seen = {row["action"] for row in store.rows("SELECT DISTINCT action FROM transition")}
    assert seen == {
        "reported", "registered", "voided", "dispatched", "returned", "redispatched", "accepted", "suspended", "resumed",
        "extended", "urged", "escalated", "handled", "reworked", "verified", "closed", "reopened",
    }  # fmt: skip


def test_days_have_a_morning_and_weeks_an_end(store: Store) -> None:
    local = "reported_at AT TIME ZONE 'Asia/Shanghai'"
    hours = [count(store, f"hour({local}) = {hour}") for hour in range(24)]
    assert sum(hours) == count(store)
    assert sum(hours[8:12]) > 0.24 * sum(hours)
    assert sum(hours[0:6]) < 0.05 * sum(hours)
    weekdays = [count(store, f"isodow({local}) = {day}") for day in range(1, 8)]
    assert min(weekdays[:5]) > max(weekdays[5:])
    assert weekdays[0] == max(weekdays)


def test_holidays_are_quiet(world: World) -> None:
    rhythm = world.rhythm
    ordinary, festival = date(2026, 3, 11), date(2026, 2, 18)
    assert rhythm.weight(festival) < 0.5 * rhythm.weight(ordinary)
    assert rhythm.weight(date(2025, 10, 4)) < 0.7 * rhythm.weight(date(2025, 10, 15))
    # 2025-09-28 is a Sunday worked for the National Day holiday.
    assert rhythm.weight(date(2025, 9, 28)) > 1.15 * rhythm.weight(date(2025, 9, 21))


def test_heating_is_of_the_winter(world: World) -> None:
    heating = [one.name for one in CATEGORIES].index("供暖不热")
    january, july = (world.rhythm.category_weights(date(2026, month, 15))[heating] for month in (1, 7))
    assert january > 15 * july


def test_rainstorms_bring_water(store: Store) -> None:
    water = "name IN ('道路积水', '地下空间进水', '树木倒伏', '停电与线路', '污水外溢', '房屋渗漏')"
    for begins in ("2025-08-08 15:30:00", "2026-06-17 04:20:00"):
        storm = f"reported_at BETWEEN TIMESTAMPTZ '{begins}+08' AND TIMESTAMPTZ '{begins}+08' + INTERVAL 9 HOUR"
        week = f"reported_at BETWEEN TIMESTAMPTZ '{begins}+08' - INTERVAL 7 DAY AND TIMESTAMPTZ '{begins}+08'"
        hourly = count(store, f"{water} AND {storm}") / 9
        assert hourly >= 5 * count(store, f"{water} AND {week}") / 168
    named = store.rows("SELECT count(*) AS n FROM cases WHERE external_id LIKE '%Y0%'")
    assert named == [{"n": 2 * STORM}]


def test_rain_falls_where_it_is_low(world: World) -> None:
    storms = [world.draws.storm(NOW + timedelta(minutes=n)).point for n in range(200)]
    ordinary = world.draws.days(date(2026, 3, 1), date(2026, 4, 30)).point
    low = world.ground.low
    assert low[np.concatenate(storms)].mean() > 3 * low[ordinary].mean()


def test_the_responsibility_list_is_where_tickets_went(store: Store) -> None:
    rows = store.rows(
        """SELECT category_id, l.estate_id, l.community_id, l.street_id, c.unit_id, u.kind FROM cases c
           JOIN case_place l USING (case_id) JOIN unit u USING (unit_id)
           WHERE c.stage = 'closed' AND located = 'point' ORDER BY case_id LIMIT 150"""
    )
    district_id = store.rows("SELECT place_id FROM place WHERE level = 'district'")[0]["place_id"]
    for row in rows:
        chain = [row["estate_id"], row["community_id"], row["street_id"], district_id]
        assert responsible(store, row["category_id"], [place for place in chain if place]) == row["unit_id"]
    assert {row["kind"] for row in rows} >= {"property", "department", "street", "micro", "patrol"}


def test_slow_companies_are_late_more_often(world: World) -> None:
    drawn = world.draws.days(date(2025, 9, 1), date(2026, 4, 30))
    lives = world.lives(drawn)
    handled = lives.at[lives.slot == 12]
    ticket = lives.ticket[lives.slot == 12]
    first = np.full(len(drawn), NEVER)
    rows = lives.slot == 1
    first[lives.ticket[rows]] = lives.due[rows]
    late = handled > first[ticket]
    pace = world.units.pace[lives.lead[ticket]]
    slow, quick = pace > np.quantile(pace, 0.8), pace < np.quantile(pace, 0.2)
    assert late[slow].mean() > 1.5 * late[quick].mean()


def test_some_places_come_up_again_and_again(store: Store, made: tuple[Store, Worked]) -> None:
    assert made[1].repeat_points == store.rows("SELECT count(*) AS n FROM repeat_point")[0]["n"] > 30


def test_a_point_outside_every_place_is_flagged_and_kept(store: Store) -> None:
    outside = count(store, "flags & 64 <> 0")
    placed = {
        row["located"]: row["n"] for row in store.rows("SELECT located, count(*) AS n FROM case_place GROUP BY 1")
    }
    assert placed == {"point": count(store) - outside, "community": outside}
    assert outside < 0.01 * count(store)


def test_channels_are_as_their_categories_have_them(world: World) -> None:
    drawn = world.draws.days(date(2025, 9, 1), date(2026, 4, 30))
    waste = [one.name for one in CATEGORIES].index("暴露垃圾")
    patrol = drawn.channel[drawn.category == waste] == CHANNELS.index("网格员上报")
    assert 0.5 < patrol.mean() < 0.8  # 0.66


def test_there_is_no_preset_of_another_name() -> None:
    assert tickets_of("standard") == 350_000
    with pytest.raises(InputError, match='no preset "huge"'):
        tickets_of("huge")


def test_the_first_moment_is_a_working_morning() -> None:
    assert datetime(2026, 6, 30, 2, 20, tzinfo=UTC) == NOW
    assert NOW.astimezone(ZONE).weekday() == 1
