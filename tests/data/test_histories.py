"""Histories come in as sets and stand as if every line had been a move of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from data.checks import check
from data.errors import InputError, Refused
from data.histories import CALL_BACKS, CASES, LINES, PLACES, History, add, write
from data.ledger import seal
from data.moves import Move
from data.responsibilities import (
    CATEGORIES,
    RESPONSIBILITIES,
    UNITS,
    put_categories,
    put_responsibilities,
    put_units,
    responsible,
)
from data.store import Store

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

# A case that was sent to the wrong unit, suspended, reworked and reopened, and one that is still open.
LONG = [
    "reported", "registered", "dispatched", "returned", "redispatched", "accepted", "extended", "suspended", "resumed",
    "urged", "escalated", "handled", "reworked", "handled", "verified", "closed", "reopened", "handled", "verified", "closed",
]  # fmt: skip
SHORT = ["reported", "registered", "dispatched"]


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def lines(number: int, actions: list[str], units: tuple[int, int]) -> list[dict[str, Any]]:
    """Lines an hour apart; the dispatch names the first unit, the second dispatch the other, some move the deadline."""
    rows = []
    for seq, action in enumerate(actions, start=1):
        row: dict[str, Any] = {
            "number": number,
            "seq": seq,
            "occurred_at": at(seq),
            "action": action,
            "by_role": "handler",
        }
        if action in ("dispatched", "redispatched"):
            row["unit_id"] = units[action == "redispatched"]
        if action in ("registered", "extended", "resumed", "reopened"):
            row |= {"due_at": at(24 + seq), "handle_due_at": at(20 + seq)}
        rows.append(row)
    return rows


def history(store: Store, units: tuple[int, int], plans: list[list[str]], first: int = 0) -> History:
    numbers = range(first, first + len(plans))
    atlas = store.rows("SELECT atlas_id FROM atlas")[0]["atlas_id"]
    cases = [{"number": n, "external_id": f"T{n}", "track": "livelihood", "channel": "12345热线"} for n in numbers]
    told = [line for n, plan in zip(numbers, plans, strict=True) for line in lines(n, plan, units)]
    calls = [
        {"number": first, "completed_at": at(16.5), "contacted": True, "resolved": False, "satisfaction": "unsatisfied"}
    ]
    places = [{"number": n, "atlas_id": atlas, "located": "none"} for n in numbers]
    return History(
        *(
            pa.Table.from_pylist(rows, schema=schema)
            for rows, schema in ((cases, CASES), (told, LINES), (calls, CALL_BACKS), (places, PLACES))
        )
    )


@pytest.fixture
def units(store: Store) -> tuple[int, int]:
    rows = [{"code": "S", "name": "街道", "level": "street"}, {"code": "G", "name": "网格队", "level": "grid"}]
    known = put_units(store, pa.Table.from_pylist(rows, schema=UNITS))
    return known["S"], known["G"]


def states(store: Store) -> list[tuple[Any, ...]]:
    names = [
        "stage", "registered_at", "handled_at", "closed_at", "due_at", "handle_due_at", "unit_id", "closed_unit_id",
        "suspended", "reworked", "extended", "reach", "seq", "since",
    ]  # fmt: skip
    return [tuple(row.values()) for row in store.rows(f"SELECT {', '.join(names)} FROM cases ORDER BY external_id")]


def test_a_history_is_what_its_moves_would_have_been(store: Store, units: tuple[int, int]) -> None:
    told = write(store, "told", [history(store, units, [LONG, SHORT])], count=2, file="told")
    assert (told.cases, told.lines) == (2, 23)
    wanted, pasts = states(store), store.rows("SELECT * EXCLUDE (case_id) FROM case_past ORDER BY ALL")
    assert wanted[0] == (
        "closed", at(2), at(18), at(20), at(24 + 17), at(20 + 17), units[1], units[1], False, 2, 1, 3, 20, at(20),
    )  # fmt: skip
    assert wanted[1] == ("dispatched", at(2), None, None, at(26), at(22), units[0], None, False, 0, 0, 3, 3, at(3))
    assert check(store) == []
    # The same again as single moves, of two new cases.
    moved = history(store, units, [["reported"], ["reported"]])
    ids = store.writer.run(lambda con: add(con, "moved", moved, at(30))).result()
    for number, plan in enumerate((LONG, SHORT)):
        for row in lines(number, plan, units)[1:]:
            details = {key: row.get(key) for key in ("due_at", "handle_due_at", "unit_id", "by_role")}
            move = Move(ids[f"T{number}"], row["action"], row["occurred_at"], f"m{number}:{row['seq']}", **details)
            store.writer.submit(move).result()
    assert states(store)[0] == states(store)[1] == wanted[0]
    assert states(store)[2] == states(store)[3] == wanted[1]
    assert len(store.rows("FROM case_past")) == 2 * len(pasts)
    assert check(store) == []


def test_batches_are_one_set_of_cases(store: Store, units: tuple[int, int]) -> None:
    batches = [history(store, units, [SHORT] * 3), history(store, units, [LONG] * 2, first=3)]
    told = write(store, "told", batches, count=5, file="told")
    ids = store.rows("SELECT case_id, external_id FROM cases ORDER BY 1")
    assert [(row["case_id"] - told.first_case_id, row["external_id"]) for row in ids] == [
        (n, f"T{n}") for n in range(5)
    ]
    assert [row["n"] for row in store.rows("SELECT count(*) AS n FROM call_back")] == [2]
    assert check(store) == []


def test_old_closed_cases_rest_in_the_archive(store: Store, units: tuple[int, int]) -> None:
    write(store, "told", [history(store, units, [LONG, SHORT])], count=2, file="told")
    assert [row["external_id"] for row in store.rows("FROM case_archive")] == ["T0"]  # closed in March 2026
    assert [row["external_id"] for row in store.rows("FROM case_hot")] == ["T1"]


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"seq": [1, 2, 4]}, "T0:4"),
        ({"action": ["registered", "dispatched", "closed"]}, "T0:1"),
        ({"occurred_at": [at(3), at(2), at(4)]}, "T0:2"),
        ({"action": ["reported", "dispatched", "vanished"]}, "T0:3"),
    ],
)
def test_a_history_out_of_order_leaves_nothing(
    store: Store, units: tuple[int, int], wrong: dict[str, list[Any]], where: str
) -> None:
    right = history(store, units, [SHORT])
    table = right.lines
    for name, values in wrong.items():
        column = pa.array(values, LINES.field(name).type)
        table = table.set_column(LINES.get_field_index(name), name, column)
    with pytest.raises(InputError, match="out of order") as error:
        write(store, "told", [History(right.cases, table, right.call_backs, right.places)], count=1, file="told")
    assert error.value.where == where
    assert [row["n"] for row in store.rows("SELECT count(*) AS n FROM cases")] == [0]
    assert check(store) == []


def test_nothing_is_recorded_before_what_is_sealed(store: Store, units: tuple[int, int]) -> None:
    write(store, "told", [history(store, units, [SHORT])], count=1, file="told")
    store.writer.run(lambda con: seal(con, store.now())).result()
    with pytest.raises(Refused, match="sealed up to 2026-03-02"):
        write(store, "again", [history(store, units, [SHORT])], count=1, file="again")
    assert [row["n"] for row in store.rows("SELECT count(*) AS n FROM cases")] == [1]


def test_more_or_fewer_cases_than_announced_are_refused(store: Store, units: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="2 cases were announced and 1 came"):
        write(store, "told", [history(store, units, [SHORT])], count=2, file="told")
    assert store.rows("FROM cases") == []


def test_the_lowest_place_with_a_line_answers(store: Store, units: tuple[int, int]) -> None:
    categories = [{"code": "1", "name": "物业"}, {"code": "11", "name": "电梯", "parent_code": "1", "sla_hours": 24.0}]
    known = put_categories(store, pa.Table.from_pylist(categories, schema=CATEGORIES))
    assert store.rows("SELECT parent_id FROM category WHERE code = '11'")[0]["parent_id"] == known["1"]
    rows = [
        (known["11"], 100, units[0], "lead"),
        (known["11"], 200, units[1], "lead"),
        (known["11"], 300, units[0], "help"),
    ]
    table = pa.Table.from_pylist([dict(zip(RESPONSIBILITIES.names, row, strict=True)) for row in rows])
    assert put_responsibilities(store, table) == 3
    assert responsible(store, known["11"], [300, 200, 100]) == units[1]
    assert responsible(store, known["11"], [300, 100]) == units[0]
    assert responsible(store, known["1"], [200, 100]) is None
