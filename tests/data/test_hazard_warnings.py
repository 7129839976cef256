"""Warnings kept: what they touch, how they end, what they raise. The town of the screens' tests, 12 July 2024."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from data import alarms, hazard_warnings
from data.actors import PROGRAM, Actor, Grant
from data.errors import Refused
from data.hazard_warnings import Message, in_force, take, touched
from data.progress import Quiet
from data.store import Store
from etl import cap
from etl.commands import COMMANDS
from tests.dashboard.town import places
from tests.data.builder import local

SAMPLES = Path(__file__).parents[1] / "warnings"
SENT = local("2024-07-12 16:41")


class _At:
    """A clock that stands still."""

    simulated, speed = False, 1.0

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def seconds_until(self, moment: datetime) -> float:
        return 3600.0


@pytest.fixture
def town(store: Store) -> Store:
    places(store)
    store.clock = store.writer.clock = _At(SENT)
    store.writer._last_time = SENT - timedelta(days=1)
    return store


def sample(name: str) -> Message:
    return cap.read_file(SAMPLES / f"{name}.xml")


def names(store: Store) -> list[tuple[str, str]]:
    return [(one.title, one.colour) for one in in_force(store)]


def test_a_warning_touches_the_grids_that_share_ground_with_it(town: Store) -> None:
    outcome = take(town, sample("rainstorm"), PROGRAM)
    one = hazard_warnings.warning(town, outcome.warnings[0])
    assert [(p.code, p.households) for p in touched(town, one)] == [("G1", 100), ("G2", 300), ("G3", 180)]
    level = town.rows("SELECT level, code FROM place WHERE place_id = ?", [one.place_id])
    assert level == [{"level": "street", "code": "S1"}]  # the lowest place that holds all three


def test_a_circle_touches_one_grid_and_a_code_all_of_its_place(town: Store) -> None:
    take(town, sample("circle"), PROGRAM)
    take(town, sample("geocode"), PROGRAM)
    touches = [[p.code for p in touched(town, one)] for one in sorted(in_force(town), key=lambda one: one.warning_id)]
    assert touches == [["G3"], ["G1", "G2", "G3", "G4"]]


@pytest.mark.parametrize(
    ("code", "grids"),
    [("990100", 4), ("990100000000", 4), ("999900", 0), ("990000", 4), ("99", 4), ("991000", 0), ("C1", 2), ("S2", 1), ("G9", 0)],
)  # fmt: skip
def test_a_code_is_a_place_s_or_a_padded_one_of_what_lies_above_the_district(
    town: Store, code: str, grids: int
) -> None:
    assert len(hazard_warnings.touched_by(town, None, (code,))) == grids


def test_the_same_message_sent_again_is_kept_once(town: Store) -> None:
    first = take(town, sample("rainstorm"), PROGRAM)
    again = take(town, sample("rainstorm"), PROGRAM)
    assert (again.known, again.warnings) == (True, first.warnings)
    assert names(town) == [("青禾区气象台发布暴雨橙色预警", "orange")]


def test_an_update_takes_the_place_of_what_it_refers_to_and_a_cancel_ends_it(town: Store) -> None:
    take(town, sample("rainstorm"), PROGRAM)
    assert take(town, sample("update"), PROGRAM).ended == 1
    assert names(town) == [("青禾区气象台发布暴雨红色预警", "red")]
    cancel = replace(sample("cancel"), references=(("weather.example.cn", "37130241600000_20240712190000"),))
    assert take(town, cancel, PROGRAM).ended == 1
    assert names(town) == []
    ends = town.rows("SELECT ended_by FROM hazard_warning ORDER BY warning_id")
    assert [row["ended_by"] for row in ends] == ["updated", "cancelled"]


def test_a_warning_goes_by_itself_when_it_expires(town: Store) -> None:
    take(town, sample("rainstorm"), PROGRAM)
    town.clock.at = local("2024-07-12 22:39")  # type: ignore[attr-defined]
    assert town.watch.look() == 1  # the alarm went up the ladder
    assert len(in_force(town)) == 1
    town.clock.at = local("2024-07-12 22:40")  # type: ignore[attr-defined]
    assert in_force(town) == []
    assert town.watch.look() == 2  # the warning, and its alarm
    ends = town.rows("SELECT ended_by, ended_at FROM hazard_warning")
    assert ends == [{"ended_by": "expired", "ended_at": local("2024-07-12 22:40")}]
    assert alarms.standing_alarms(town) == []


def test_an_expired_message_and_a_post_without_the_role_are_refused(town: Store) -> None:
    handler = Actor("person", "handler", "承办", (Grant("unit_handler"),))
    with pytest.raises(Refused, match="承办 may not"):
        take(town, sample("rainstorm"), handler)
    town.clock.at = local("2024-07-13 08:00")  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="expired at 2024-07-12T22:40:00"):
        take(town, sample("rainstorm"), PROGRAM)
    assert town.rows("SELECT count(*) AS n FROM hazard_warning") == [{"n": 0}]


def test_a_warning_raises_an_alarm_at_once_where_it_touches(town: Store) -> None:
    take(town, sample("rainstorm"), PROGRAM)
    found = alarms.standing_alarms(town)
    assert [(one.rule.id, one.place_code, one.warning, one.value) for one in found] == [
        ("hazard", "S1", "青禾区气象台发布暴雨橙色预警", 2.0)
    ]


def test_a_warning_for_elsewhere_is_kept_and_raises_nothing(town: Store) -> None:
    message = sample("geocode")
    elsewhere = replace(message, infos=tuple(replace(one, codes=("110101",)) for one in message.infos))
    outcome = take(town, elsewhere, PROGRAM)
    assert hazard_warnings.warning(town, outcome.warnings[0]).place_id is None
    assert alarms.standing_alarms(town) == []


def test_the_command_line_imports_a_warning_and_knows_one_among_dropped_files(town: Store, tmp_path: Path) -> None:
    told = COMMANDS["import_warning"](town, {"file": str(SAMPLES / "rainstorm.xml")}, Quiet())
    assert (told["known"], [(one["places"], one["households"]) for one in told["warnings"]]) == (False, [(3, 580)])
    table = tmp_path / "cases.xml"
    table.write_text("<cases/>")
    assert [cap.looks_like_one(path) for path in (SAMPLES / "rainstorm.xml", table)] == [True, False]
