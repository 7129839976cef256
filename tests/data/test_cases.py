"""Rows and past states are the fold of the ledger, whatever happened; rebuilding changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from data.cases import Rebuilt, detail, differing, rebuild, sweep
from data.errors import NotFound
from data.fold import ACTIONS, PAST, STATE, fold
from data.ledger import verify
from data.moves import Move, apply
from data.settings import Settings
from data.store import Store
from tests.data.tickets import at, case, take, ticket

NOW = datetime(2100, 4, 1, tzinfo=UTC)  # after every import here


def move(store: Store, *moves: Move, now: datetime = NOW) -> None:
    store.writer.run(lambda con: apply(con, moves, now)).result()


def states(store: Store, sql: str) -> dict[int, dict[str, Any]]:
    return {row["case_id"]: {name: row[name] for name in PAST} for row in store.rows(sql)}


# Several hours apart at most, so that some lines are told late and some at the same instant.
_moves = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.sampled_from([name for name in ACTIONS if name != "reported"]),
        st.integers(0, 6),
        st.sampled_from([None, 1, 2, 3]),
        st.sampled_from([None, at(9), at(20)]),
        st.sampled_from(
            [
                None,
                {"time_unknown": True},
                {"on_time": False},
                {"times": 2},
                {"reworked": 5, "due_at": None},
                {"extended": 0, "stage": "accepted", "track": "economy"},
                {"closed_at": "2024-03-02T00:00:00Z", "suspended": True, "unit_id": 2},
                {"reported_at": "2024-02-28T00:00:00Z", "lon": 114.25},
            ]
        ),
    ),
    min_size=1,
    max_size=9,
)


@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.generate])  # an example is a whole store
@given(moves=_moves, size=st.integers(1, 4))
def test_row_and_past_states_are_the_fold_of_any_moves(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[Any, ...]], size: int
) -> None:
    home: Path = tmp_path_factory.mktemp("fold")
    chosen = Settings(home=home, memory_share=0.1, threads=2)
    with Store.create(home, name="n", code="c", zone="UTC", crs="EPSG:4547", settings=chosen) as store:
        take(store, *(ticket(name, unit_name=name, due_at=at(8)) for name in "abc"))
        levels = "UPDATE unit SET level = ['micro_grid', 'street', NULL][unit_id]"
        store.writer.run(lambda con: con.execute(levels) and None).result()
        rebuild(store)
        lines = [
            Move(case_id, action, at(2) + timedelta(hours=hour), f"k{n}", None, due, unit, "x", None, payload)
            for n, (case_id, action, hour, unit, due, payload) in enumerate(moves)
            if not (payload and action == "corrected" and ("times" in payload or "time_unknown" in payload))
        ]
        for first in range(0, len(lines), size):
            move(store, *lines[first : first + size], now=NOW + timedelta(minutes=first))
        assert differing(store) == []
        assert rebuild(store) == Rebuilt(0, 0)
        assert verify(store) == []
        for hour in range(-1, 8):
            t = at(2) + timedelta(hours=hour)
            moment = f"TIMESTAMPTZ '{t.isoformat()}'"
            kept = f"""SELECT c.case_id, {", ".join(f"c.{name}" for name in PAST)} FROM cases c WHERE since <= {moment}
                UNION ALL SELECT case_id, {", ".join(PAST)} FROM case_past
                WHERE valid_from <= {moment} AND {moment} < valid_to"""
            assert states(store, kept) == states(store, fold(t))
            assert len(store.rows(kept)) == 3
        # As published: the fold of what had been recorded is what the row was then.
        published = store.rows(f"SELECT {', '.join(STATE)} FROM ({fold(None, NOW - timedelta(seconds=1))})")
        assert [row["stage"] for row in published] == ["registered"] * 3


def test_the_fold_knows_when_it_happened_and_when_it_was_known(store: Store) -> None:
    take(store, ticket("a"))
    move(store, Move(1, "closed", at(5), "k"), now=NOW)
    assert store.rows(fold(at(1) - timedelta(seconds=1))) == []

    def stage(t: datetime | None, r: datetime | None) -> str:
        return str(store.rows(fold(t, r, [1]))[0]["stage"])

    move(store, Move(1, "reopened", at(6), "k2"), now=NOW + timedelta(days=1))
    assert stage(at(4), None) == "registered"
    assert stage(at(5), None) == "closed"
    assert stage(None, None) == "dispatched"
    assert stage(None, NOW - timedelta(seconds=1)) == "registered"
    assert stage(None, NOW) == "closed"
    assert stage(at(4), NOW) == "registered"
    assert store.rows(fold(case_ids=[])) == []
    assert len(store.rows(fold(case_ids="SELECT case_id FROM cases"))) == 1


def test_a_rebuild_mends_rows_and_past_states(store: Store) -> None:
    take(store, ticket("a", due_at=at(8), closed_at=at(4)), ticket("b"), ticket("c"))
    for sql in (
        "UPDATE case_archive SET closed_at = NULL, stage = 'registered' WHERE case_id = 1",
        "DELETE FROM case_past WHERE case_id = 1",
        "INSERT INTO case_past SELECT * REPLACE (2 AS case_id) FROM case_past",
        "UPDATE case_hot SET reworked = 4 WHERE case_id = 3",
    ):
        store.writer.run(lambda con, sql=sql: con.execute(sql) and None).result()
    before = case(store, "a")
    assert (before["stage"], differing(store)) == ("registered", [1, 3])
    assert rebuild(store) == Rebuilt(rows=2, pasts=1)
    assert (case(store, "a")["closed_at"], case(store, "c")["reworked"]) == (at(4), 0)
    assert store.rows("SELECT case_id, valid_from, valid_to, stage FROM case_past") == [
        {"case_id": 1, "valid_from": at(1), "valid_to": at(4), "stage": "registered"}
    ]
    assert (differing(store), verify(store)) == ([], [])


def test_cases_that_rest_move_to_the_archive(store: Store) -> None:
    now = datetime.now(UTC)
    fresh = now - timedelta(days=89)
    take(
        store,
        ticket("open"),
        ticket("resting", closed_at=at(5)),
        ticket("recent", reported_at=fresh, registered_at=fresh, closed_at=fresh),
    )
    where = "SELECT external_id FROM {} ORDER BY 1"
    assert [row["external_id"] for row in store.rows(where.format("case_archive"))] == ["resting"]
    assert sweep(store, now, 90) == 0
    assert sweep(store, now + timedelta(days=2), 90) == 1
    assert [row["external_id"] for row in store.rows(where.format("case_archive"))] == ["recent", "resting"]
    assert [row["external_id"] for row in store.rows(where.format("case_hot"))] == ["open"]
    assert store.rows("SELECT count(*) AS n FROM cases") == [{"n": 3}]


def test_a_case_in_full(store: Store) -> None:
    take(
        store,
        ticket(
            "a",
            note="路灯不亮",
            unit_name="照明所",
            category_name="路灯",
            called_back_at=at(6),
            resolved=True,
            closed_at=at(5),
        ),
        located="street",
        street_id=4,
    )
    shown = detail(store, 1)
    assert (shown.row["unit"], shown.row["category"], shown.row["source"]) == ("照明所", "路灯", "city")
    assert [(line["action"], line["unit"]) for line in shown.transitions] == [
        ("reported", None),
        ("registered", "照明所"),
        ("closed", "照明所"),
    ]
    assert [(past["valid_from"], past["valid_to"], past["stage"]) for past in shown.intervals] == [
        (at(1), at(5), "registered")
    ]
    assert [note["body"] for note in shown.notes] == ["路灯不亮"]
    assert [(call["completed_at"], call["resolved"], call["contacted"]) for call in shown.call_backs] == [
        (at(6), True, None)
    ]
    assert [(place["located"], place["street_id"]) for place in shown.places] == [("street", 4)]
    with pytest.raises(NotFound):
        detail(store, 2)
