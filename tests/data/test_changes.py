"""Known cases in tomorrow's export: the lines a difference implies, and where the row ends."""

from __future__ import annotations

from typing import Any

import pytest

from data.fold import STATE
from data.store import Store
from tests.data.test_arrivals import NEW
from tests.data.tickets import at, case, lines, sound, take, ticket

# (before, after, the lines the difference implies, what the row then says)
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], list[str], dict[str, Any]]] = {
    "closed": (
        {},
        {"closed_at": at(5), "unit_name": "u"},
        ["dispatched", "closed"],
        {"closed_at": at(5), "closed_unit_id": 1},
    ),
    "closed at an unknown time": (
        {},
        {"closed": True, "updated_at": at(7)},
        ["closed"],
        {"closed_at": None, "since": at(7)},
    ),
    "reopened": ({"closed_at": at(5)}, {"updated_at": at(8)}, ["reopened"], {"closed_at": None, "since": at(8)}),
    "closing time put right": (
        {"closed_at": at(5)},
        {"closed_at": at(6)},
        ["corrected"],
        {"closed_at": at(6), "reworked": 0},
    ),
    "time of closing learnt": ({"closed": True}, {"closed_at": at(6)}, ["corrected"], {"closed_at": at(6)}),
    "due later": ({"due_at": at(8)}, {"due_at": at(9)}, ["extended"], {"due_at": at(9), "extended": 1}),
    "due earlier": ({"due_at": at(8)}, {"due_at": at(7)}, ["corrected"], {"due_at": at(7), "extended": 0}),
    "due for the first time": ({}, {"due_at": at(7)}, ["corrected"], {"due_at": at(7), "extended": 0}),
    "another unit": ({"unit_name": "u"}, {"unit_name": "v"}, ["redispatched"], {"unit_id": 2, "stage": "registered"}),
    "no unit any more": ({"unit_name": "u"}, {"channel": "app"}, ["corrected"], {"unit_id": 1, "channel": "app"}),
    "another unit when closed": (
        {"unit_name": "u", "closed_at": at(5)},
        {"unit_name": "v", "closed_at": at(5)},
        ["corrected"],
        {"unit_id": 2, "closed_unit_id": 2, "closed_at": at(5)},
    ),
    "registered": ({"registered_at": None}, {}, ["registered"], {"registered_at": at(1), "stage": "registered"}),
    "handled": ({}, {"handled_at": at(4)}, ["handled"], {"handled_at": at(4), "stage": "handled"}),
    "accepted": ({}, {"stage": "accepted"}, ["accepted"], {"stage": "accepted"}),
    "back to registered": ({"stage": "accepted"}, {}, ["corrected"], {"stage": "registered"}),
    "suspended": ({}, {"suspended": True}, ["suspended"], {"suspended": True}),
    "resumed": ({"suspended": True}, {}, ["resumed"], {"suspended": False}),
    "suspended, then closed": ({"suspended": True}, {"closed_at": at(5)}, ["closed"], {"suspended": False}),
    "voided": ({}, {"voided": True}, ["voided"], {"voided": True, "stage": "voided"}),
    "not void after all": ({"voided": True}, {}, ["reopened"], {"voided": False, "stage": "registered"}),
    "the flag": ({"on_time": True}, {"on_time": False}, ["corrected"], {"on_time": False}),
    "sent back and closed again": (
        {"handled_at": at(3), "closed_at": at(4)},
        {"handled_at": at(6), "closed_at": at(7), "reworked": 2},
        ["reworked", "handled", "closed"],
        {"reworked": 2, "handled_at": at(6), "closed_at": at(7), "stage": "closed"},
    ),
    "who it is": (
        {"lon": 1.5, "category_name": "k"},
        {"lon": 2.5, "lat": 3.5, "category_name": "l", "reported_at": at(1, 1), "track": "economy", "kind": "task"},
        ["corrected"],
        {"lon": 2.5, "lat": 3.5, "category_id": 2, "reported_at": at(1, 1), "track": "economy", "kind": "task"},
    ),
    "nothing that counts": ({}, {"updated_at": at(9)}, [], {"seq": 2}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_tomorrows_row_implies_what_happened(store: Store, name: str) -> None:
    before, after, actions, state = CHANGES[name]
    take(store, ticket("a", **before))
    known = len(lines(store, "a", "seq"))
    report = take(store, ticket("a", **after))
    assert (report.new, report.updated) == (0, 1)
    assert [action for (action,) in lines(store, "a", "action")][known:] == actions
    row = case(store, "a")
    assert {column: row[column] for column in state} == state
    assert take(store, ticket("a", **after)).unchanged == 1


def test_whatever_changed_the_row_ends_as_the_source_has_it(store: Store) -> None:
    """Every kind of new case turned into every other: the state is that of a case new with that content."""
    for other in NEW:
        take(store, ticket(other, **NEW[other][0]), source=f"fresh {other}")
    compared = [
        name for name in STATE if name not in ("reworked", "extended", "reach", "excluded", "unit_id", "closed_unit_id")
    ]
    wanted = {row["external_id"]: {name: row[name] for name in compared} for row in store.rows("SELECT * FROM cases")}
    pairs = [(old, new) for old in NEW for new in NEW if old != new]
    take(store, *(ticket(f"{old}>{new}", **NEW[old][0]) for old, new in pairs), source="turning")
    report = take(store, *(ticket(f"{old}>{new}", **NEW[new][0]) for old, new in pairs), source="turning")
    assert report.updated == len(pairs)
    for old, new in pairs:
        row = case(store, f"{old}>{new}")
        assert {name: row[name] for name in compared} == wanted[new], (old, new)
    sound(store)


def test_a_correction_says_what_it_changed(store: Store) -> None:
    take(store, ticket("a", closed_at=at(5), channel="app"))
    take(store, ticket("a", closed_at=at(6), updated_at=at(9), content_hash=5))
    (line,) = lines(store, "a", "action", "occurred_at", "payload", "key")[-1:]
    assert line == (
        "corrected",
        at(9),
        '{"closed_at":"2024-03-06T00:00:00.000000Z","channel":null}',
        "import:city:a:5:4",
    )


def test_a_new_place_replaces_the_old(store: Store) -> None:
    take(store, ticket("a", lon=1.0), ticket("b"), located="street", street_id=1)
    take(store, ticket("a", lon=2.0), ticket("b"), located="grid", street_id=2, grid_id=5)
    rows = store.rows("SELECT case_id, located, street_id, grid_id FROM case_place ORDER BY case_id")
    assert [tuple(row.values()) for row in rows] == [
        (case(store, "a")["case_id"], "grid", 2, 5),
        (case(store, "b")["case_id"], "street", 1, None),
    ]


def test_call_backs_and_notes_are_kept_and_added_to(store: Store) -> None:
    take(
        store,
        ticket("a", called_back_at=at(6), contacted=True, satisfaction="basic", note="one"),
        ticket("b", resolved=False),
    )
    take(store, ticket("a", called_back_at=at(9), contacted=True, satisfaction="satisfied", note="two"))
    calls = store.rows(
        "SELECT external_id, completed_at, contacted, resolved, satisfaction FROM call_back JOIN cases USING (case_id) "
        "ORDER BY external_id, completed_at"
    )
    assert [tuple(row.values()) for row in calls] == [
        ("a", at(6), True, None, "basic"),
        ("a", at(9), True, None, "satisfied"),
        ("b", at(1), None, False, None),
    ]
    notes = store.rows("SELECT note_id, body FROM note ORDER BY note_id")
    assert [row["body"] for row in notes] == ["one", "two"]
    assert len({row["note_id"] for row in notes}) == 2
    take(store, ticket("a", called_back_at=at(9), contacted=True, satisfaction="satisfied", note="two", channel="app"))
    assert store.rows("SELECT (SELECT count(*) FROM note) AS n, (SELECT count(*) FROM call_back) AS c") == [
        {"n": 2, "c": 3}
    ]
    sound(store)
