"""Help for dispatching, the queues, and the figures of a test, on the engine's desk."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pytest

from data.dispatching import candidates, duplicates, suspicion
from data.errors import NotFound
from data.predicates import Test as ExitTest
from data.queues import Wish, how_many, waiting
from data.responsibilities import RESPONSIBILITIES, put_responsibilities
from data.store import Store
from data.verdicts import values_of
from tests.data.builder import draw, local, take
from tests.data.test_engine import MONDAY, Desk


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_candidates_are_those_of_the_responsibility_list_lowest_place_first(desk: Desk) -> None:
    leak, units, places = desk.categories["leak"], desk.units, desk.places
    lines = [
        {"category_id": leak, "place_id": places["990100"][1], "unit_id": units["A"], "part": "lead"},
        {"category_id": leak, "place_id": places["C1"][1], "unit_id": units["B"], "part": "lead"},
        {"category_id": leak, "place_id": places["S1"][1], "unit_id": units["C"], "part": "help"},
    ]
    put_responsibilities(desk.store, pa.Table.from_pylist(lines, schema=RESPONSIBILITIES))
    case = desk.open().case_id
    desk.move(case, "register", desk.actor("operator"))
    desk.move(case, "dispatch", desk.actor("operator"), unit_id=units["B"])
    chain = [places[code][1] for code in ("G1", "C1", "S1", "990100")]
    found = candidates(desk.store, leak, chain)
    assert [(c.name, c.lead, c.place_level, c.open) for c in found] == [
        ("单位B", True, "community", 1), ("单位A", True, "district", 0), ("单位C", False, "street", 0)
    ]  # fmt: skip
    assert found[1].on_time.value is None


def test_a_duplicate_is_of_the_same_category_within_50_m_and_24_hours(desk: Desk) -> None:
    at = {"lon": 114.3, "lat": 30.5, "x": 500_000.0, "y": 3_000_000.0}
    first = desk.open(**at, occurred_at=MONDAY - timedelta(hours=23)).case_id
    near = desk.open(**at | {"x": 500_030.0, "y": 3_000_040.0}).case_id
    desk.open(**at | {"x": 500_050.1})
    desk.open(**at, category_id=desk.categories["fire"])
    desk.open(**at, occurred_at=MONDAY - timedelta(hours=25))
    leak = desk.categories["leak"]
    found = duplicates(desk.store, "event", leak, at["x"], at["y"], MONDAY)
    assert [(d.case_id, d.metres) for d in found] == [(first, 0.0), (near, 50.0)]
    desk.move(near, "link", desk.actor("operator"), other=first)
    again = duplicates(desk.store, "event", leak, 500_030.0, 3_000_040.0, MONDAY, near)
    assert [(d.case_id, d.linked) for d in again if d.linked] == [(first, True)]
    assert duplicates(desk.store, "event", leak, None, None, MONDAY) == []


def test_what_comes_back_is_suspicious(desk: Desk) -> None:
    at = {"lon": 114.3, "lat": 30.5, "x": 500_000.0, "y": 3_000_000.0}
    cases = [desk.open(**at, occurred_at=MONDAY - timedelta(days=d)).case_id for d in (91, 89, 2, 0)]
    assert suspicion(desk.store, cases[2]).at_point == 3
    assert suspicion(desk.store, cases[2]).suspicious
    assert suspicion(desk.store, cases[3]).at_point == 3
    assert not suspicion(desk.store, cases[1]).suspicious


def test_the_queue_shows_the_clock_that_runs_out_next(desk: Desk) -> None:
    operator = desk.actor("operator")
    new, sent = desk.open().case_id, desk.open().case_id
    desk.move(sent, "register", operator)
    desk.move(sent, "dispatch", operator, unit_id=desk.units["A"])
    rows = waiting(desk.store, Wish(order="due"))
    assert [(row.case_id, row.clock, row.due_at) for row in rows] == [
        (sent, "accept", local("2024-03-04 12:00")), (new, None, None)
    ]  # fmt: skip
    now, soon = local("2024-03-04 11:00"), local("2024-03-04 12:00")
    wishes = [
        Wish(), Wish(stages=("reported",)), Wish(late=now), Wish(late=soon), Wish(soon=(now, soon)),
        Wish(unit_id=desk.units["A"]), Wish(unit_id=desk.units["B"]), Wish(within=(desk.places["S2"][1],)),
        Wish(within=(desk.places["C1"][1],)), Wish(closed=True),
    ]  # fmt: skip
    assert how_many(desk.store, wishes) == [2, 1, 0, 1, 1, 1, 0, 0, 2, 0]


def test_a_test_s_figures_are_read_at_the_place_of_the_case(store: Store) -> None:
    draw(store)
    take(
        store,
        *({"id": f"b{i}", "reported": f"02-{i:02}", "at": "G1"} for i in range(1, 5)),
        *({"id": f"a{i}", "reported": f"03-{i:02}", "at": "G1"} for i in range(5, 8)),
        {"id": "listed", "reported": "03-04", "at": "G1", "kind": "listing"},
        {"id": "nowhere", "reported": "03-04", "at": "", "kind": "listing"},
    )
    rule = store.engine.kinds
    with store.read() as con:
        close = rule(con)["listing"].kind.move("close")
    assert close is not None
    ids = {row["external_id"]: row["case_id"] for row in store.rows("SELECT external_id, case_id FROM cases")}
    moment = local("2024-03-20")
    store.clock = type("Still", (), {"now": lambda _: moment})()  # type: ignore[assignment]
    # 30 days before 4 March: the reports of 3 and 4 February are inside, those of the first two days are not.
    # 30 days before 20 March: the three of March.
    assert values_of(store, ids["listed"], close) == (3 / 2, 0.0)
    with pytest.raises(NotFound, match="not known in which case"):
        values_of(store, ids["nowhere"], close)
    assert ExitTest.model_validate({"any": [{"clock": "close", "operator": ">", "value": 0.8}]}).verdict([0.9]).passed
