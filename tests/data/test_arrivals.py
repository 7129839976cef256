"""New cases of an import: the lines a row implies, and that the wide construction is the fold of its lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from data.quality import Quality
from data.store import Store
from tests.data.tickets import at, case, lines, sound, take, ticket

# Every slot a line of a new case can have, alone and together: what it says, its lines, its final state.
NEW: dict[str, tuple[dict[str, Any], list[str], dict[str, Any]]] = {
    "open": ({"due_at": at(8), "unit_name": "u"}, ["reported", "registered"], {"stage": "registered", "due_at": at(8)}),
    "not registered": (
        {"registered_at": None, "due_at": at(8), "unit_name": "u", "on_time": True},
        ["reported"],
        {"stage": "reported", "registered_at": None, "due_at": at(8), "unit_id": 1, "on_time": True},
    ),
    "closed": (
        {"handled_at": at(3), "closed_at": at(4), "unit_name": "u", "on_time": True, "on_time_source": "flag"},
        ["reported", "registered", "handled", "closed"],
        {"stage": "closed", "handled_at": at(3), "closed_at": at(4), "closed_unit_id": 1, "on_time": True},
    ),
    "closed at an unknown time": (
        {"closed": True, "updated_at": at(9)},
        ["reported", "registered", "closed"],
        {"stage": "closed", "closed_at": None, "since": at(9)},
    ),
    "closed before opened": (
        {"closed_at": datetime(2024, 2, 1, tzinfo=UTC), "flags": int(Quality.CLOSED_BEFORE_OPENED)},
        ["reported", "registered", "closed"],
        {"stage": "closed", "closed_at": datetime(2024, 2, 1, tzinfo=UTC), "since": at(1), "flags": 1},
    ),
    "a closing time on an open row": (
        {"closed_at": at(4), "closed": False},
        ["reported", "registered"],
        {"closed_at": None},
    ),
    "handled after it was closed": (
        {"handled_at": at(6), "closed_at": at(4)},
        ["reported", "registered", "closed", "handled"],
        {"stage": "closed", "handled_at": at(6), "closed_at": at(4), "since": at(6)},
    ),
    "accepted": (
        {"stage": "accepted", "updated_at": at(2)},
        ["reported", "registered", "accepted"],
        {"stage": "accepted", "since": at(2)},
    ),
    "handled at an unknown time": (
        {"stage": "handled", "updated_at": at(2)},
        ["reported", "registered", "handled"],
        {"stage": "handled", "handled_at": None},
    ),
    "suspended": (
        {"suspended": True},
        ["reported", "registered", "suspended"],
        {"suspended": True, "stage": "registered"},
    ),
    "voided": (
        {"stage": "voided", "closed_at": at(4)},
        ["reported", "registered", "closed", "voided"],
        {"voided": True},
    ),
    "sent back twice": (
        {"reworked": 2, "handled_at": at(3), "closed_at": at(4)},
        ["reported", "registered", "reworked", "handled", "closed"],
        {"reworked": 2, "stage": "closed", "handled_at": at(3), "closed_at": at(4)},
    ),
}


@pytest.mark.parametrize("name", NEW)
def test_a_new_case_has_the_lines_its_row_implies(store: Store, name: str) -> None:
    says, actions, state = NEW[name]
    report = take(store, ticket("a", **says))
    assert (report.new, report.rows_read) == (1, 1)
    assert [action for (action,) in lines(store, "a", "action")] == actions
    row = case(store, "a")
    assert {column: row[column] for column in state} == state
    assert row["seq"] == len(actions)


def test_all_kinds_of_new_cases_together_are_the_fold_of_their_lines(store: Store) -> None:
    report = take(store, *(ticket(name, **NEW[name][0]) for name in NEW))
    assert report.new == len(NEW)
    for name, (_, actions, state) in NEW.items():
        assert [action for (action,) in lines(store, name, "action")] == actions
        row = case(store, name)
        assert {column: row[column] for column in state} == state
    sound(store)


def test_the_lines_of_a_closed_case_to_the_letter(store: Store) -> None:
    take(
        store,
        ticket("a-1", due_at=at(8), handle_due_at=at(6), unit_name="u", closed_at=at(5), on_time=True, content_hash=77),
    )
    columns = (
        "seq",
        "occurred_at",
        "action",
        "stage",
        "due_at",
        "handle_due_at",
        "unit_id",
        "by_role",
        "payload",
        "key",
    )
    assert lines(store, "a-1", *columns) == [
        (1, at(1), "reported", "reported", None, None, None, "import", None, "import:city:a-1:77:1"),
        (2, at(1), "registered", "registered", at(8), at(6), 1, "import", None, "import:city:a-1:77:2"),
        (3, at(5), "closed", "closed", None, None, 1, "import", '{"on_time":true}', "import:city:a-1:77:3"),
    ]


def test_new_cases_are_numbered_in_order_of_report(store: Store) -> None:
    take(
        store,
        ticket("late", reported_at=at(9)),
        ticket("early", reported_at=at(2)),
        ticket("middle", reported_at=at(5)),
    )
    found = store.rows("SELECT external_id FROM cases ORDER BY case_id")
    assert [row["external_id"] for row in found] == ["early", "middle", "late"]
    assert store.rows("SELECT first_case_id, last_case_id FROM import") == [{"first_case_id": 1, "last_case_id": 3}]


def test_a_part_knows_its_whole(store: Store) -> None:
    take(store, ticket("whole", reported_at=at(2), kind="task"), ticket("part", parent_external_id="whole"))
    assert case(store, "part")["parent_case_id"] == case(store, "whole")["case_id"]
    take(store, ticket("later", parent_external_id="whole"), ticket("lost", parent_external_id="nobody"))
    assert case(store, "later")["parent_case_id"] == case(store, "whole")["case_id"]
    assert case(store, "lost")["parent_case_id"] is None


def test_units_and_categories_are_known_by_code_or_name(store: Store) -> None:
    take(
        store,
        ticket("a", unit_code="7", unit_name="城管", category_name="路灯", track="livelihood"),
        ticket("b", unit_name="城管"),
    )
    take(store, ticket("c", unit_code="7", unit_name="城管局", category_name="路灯", category_code="L1"))
    units = store.rows("SELECT unit_id, code, name, level FROM unit ORDER BY unit_id")
    assert [tuple(row.values()) for row in units] == [(1, "7", "城管", None), (2, "城管", "城管", None)]
    categories = store.rows("SELECT code, name, track FROM category ORDER BY category_id")
    assert [tuple(row.values()) for row in categories] == [("路灯", "路灯", "livelihood"), ("L1", "路灯", None)]
    assert [case(store, name)["unit_id"] for name in "abc"] == [1, 2, 1]
