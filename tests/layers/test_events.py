from __future__ import annotations

from datetime import UTC, datetime

import pytest

from data.errors import QuestionError
from data.on_map import LATTICE, Wanted, Window
from data.periods import Period
from data.store import Store
from layers import events as layer
from layers.events import events, window_of
from tests.dashboard.town import SOUTH, WEST, cases, places
from tests.data.builder import local, take

MARCH = Period(local("03-01"), local("04-01"))
WHOLE = Window(WEST - 1, SOUTH - 1, WEST + 1, SOUTH + 1, 12)
AFTER = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def town(store: Store) -> Store:
    places(store)
    take(store, *cases())
    return store


def asked(store: Store, wanted: Wanted, window: Window = WHOLE) -> dict[str, object]:
    return events(store, wanted, window, state=str, time=lambda t: t.isoformat())


def test_few_cases_are_points_with_their_state(town: Store) -> None:
    found = asked(town, Wanted(MARCH, AFTER))
    assert found["n"] == 23  # the one nowhere has no point
    states = [point["state"] for point in found["points"]]  # type: ignore[attr-defined]
    assert {state: states.count(state) for state in set(states)} == {"on_time": 13, "late": 2, "overdue": 5, "open": 3}


def test_as_of_a_day_later_reports_are_not_there_and_later_closings_have_not_happened(town: Store) -> None:
    found = asked(town, Wanted(MARCH, local("03-02")))
    assert [point["lines"][0] for point in found["points"]] == ["G1-00", "G2-00", "G3-00"]  # type: ignore[attr-defined]
    assert {point["state"] for point in found["points"]} == {"open"}  # type: ignore[attr-defined]


def test_only_what_lies_in_the_window(town: Store) -> None:
    assert asked(town, Wanted(MARCH, AFTER), Window(WEST, SOUTH, WEST + 0.02, SOUTH + 0.01, 14))["n"] == 3


def test_filters_hold(town: Store) -> None:
    assert asked(town, Wanted(MARCH, AFTER, filters=(("category", ("=路灯",)),)))["n"] == 3
    assert asked(town, Wanted(MARCH, AFTER, filters=(("channel", ("app",)),)))["n"] == 0


def test_many_cases_are_counts_that_add_up(town: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer, "MOST_POINTS", 10)
    found = asked(town, Wanted(MARCH, AFTER))
    cells = found["cells"]
    assert isinstance(cells, list)
    assert (found["n"], found["lattice"], sum(cells[2::3])) == (23, LATTICE, 23)
    side = 360 / 2**12 / LATTICE
    first, last = (int((WEST + 180 + x) / side) for x in (0.005, 0.0168))  # the first case of G1, the last of G2
    assert (min(cells[::3]), max(cells[::3])) == (first, last)


@pytest.mark.parametrize(
    ("box", "zoom"), [("1,2,3", "5"), ("a,b,c,d", "5"), ("3,2,1,4", "5"), ("1,2,3,4", "40"), ("1,2,3,4", "x")]
)
def test_a_window_that_is_none_is_refused(box: str, zoom: str) -> None:
    with pytest.raises(QuestionError):
        window_of(box, zoom)
