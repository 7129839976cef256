"""The shorter way of moves beside the longer one: the same lines, rows and past states."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from data import usual_moves
from data.cases import differing
from data.fold import is_usual
from data.ledger import FIELDS, altered_notes, chained, line_hash, verify
from data.moves import Move, Receipt, apply
from data.store import Store
from tests.data.tickets import at, case, take, ticket

NOW = datetime(2024, 4, 1, tzinfo=UTC)
LIFE = (
    ("dispatched", {"unit_id": 1, "due_at": at(20), "handle_due_at": at(15)}),
    ("accepted", {"by_role": "unit_handler", "by_unit": 1, "payload": {"move": "accept", "marks": ["x"]}}),
    ("urged", {"note": "快一点 \x1f \\u001f \u2028"}),
    ("extended", {"due_at": at(25)}),
    ("suspended", {}),
    ("handled", {"note": "second"}),
    ("reworked", {}),
    ("returned", {}),
    ("escalated", {"unit_id": 2}),
    ("closed", {}),
    ("dispatched", {"unit_id": 1}),
    ("reopened", {}),
    ("excluded", {"by_role": "supervisor", "payload": {"reason": "not ours"}}),
    ("included", {}),
    ("voided", {}),
)


def life(case_id: int) -> list[Move]:
    return [
        Move(case_id, action, at(2) + timedelta(hours=i), f"{case_id}:{i}", **said)
        for i, (action, said) in enumerate(LIFE)
    ]


@pytest.fixture
def two(store: Store) -> Store:
    """Two open cases and two units."""
    take(store, ticket("a"), ticket("b"))
    units = (
        "INSERT INTO unit (unit_id, code, name, level) VALUES (1, 'a', '社区', 'community'), (2, 'b', '街道', 'street')"
    )
    store.writer.run(lambda con: con.execute(units) and None).result()
    return store


def do(store: Store, moves: list[Move]) -> list[Any]:
    return store.writer.run(lambda con: apply(con, moves, NOW)).result()


def test_both_ways_write_the_same(two: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    short = do(two, life(1))
    monkeypatch.setattr(usual_moves, "is_usual", lambda _line: False)
    for one in life(2):
        assert isinstance(do(two, [one])[0], Receipt)
    assert [one.seq for one in short] == list(range(3, 3 + len(LIFE)))
    rows = [case(two, name) for name in ("a", "b")]
    for row in rows:
        for own in ("case_id", "external_id", "last_hash", "content_hash"):
            row.pop(own)
    assert rows[0] == rows[1]
    assert (rows[0]["stage"], rows[0]["reach"], rows[0]["extended"], rows[0]["reworked"]) == ("voided", 3, 1, 2)
    of = "SELECT * EXCLUDE (case_id, key, note_id, hash) FROM transition WHERE case_id = ? AND seq > 2 ORDER BY seq"
    pasts = "SELECT * EXCLUDE (case_id) FROM case_past WHERE case_id = ? ORDER BY valid_from"
    for sql in (of, pasts):
        assert two.rows(sql, [1]) == two.rows(sql, [2])
    assert (verify(two), altered_notes(two), differing(two)) == ([], [], [])


def test_only_usual_lines_go_the_shorter_way() -> None:
    def usual(action: str, payload: str | None = None) -> bool:
        return is_usual({"action": action, "payload": payload})

    assert usual("closed")
    assert usual("closed", '{"move":"close"}')
    assert not usual("closed", '{"on_time":true}')
    assert not usual("handled", '{"time_unknown":true}')
    assert not usual("reworked", '{"times":2}')
    assert not usual("corrected", '{"lon":1}')
    assert not usual("resumed")


def test_the_hash_is_the_database_s(two: Store) -> None:
    texts = [chr(code) for code in (*range(1, 33), 34, 47, 92, 127, 0x2028)] + ["\\u001f", "\\\\x", "区", "\U00020bb7"]
    line: dict[str, Any] = dict.fromkeys(FIELDS)
    line |= {"case_id": 7, "seq": 2, "occurred_at": 5, "recorded_at": 6, "action": "noted", "key": "k"}
    line |= {"payload_version": 1, "note_hash": b"\xab\x01"}
    said = dict.fromkeys(FIELDS, "NULL::VARCHAR") | {"case_id": "7", "seq": "2", "action": "'noted'", "key": "'k'"}
    said |= dict.fromkeys(("due_at", "handle_due_at"), "NULL::TIMESTAMPTZ") | dict.fromkeys(
        ("unit_id", "by_unit"), "NULL::INTEGER"
    )
    said |= {"occurred_at": "make_timestamptz(5)", "recorded_at": "make_timestamptz(6)", "payload": "text"}
    said |= {"payload_version": "1", "note_hash": "'\\xAB\\x01'::BLOB"}
    hashed = line_hash("'\\x07'::BLOB", said)
    rows = two.rows(f"SELECT text, {hashed} AS hash FROM (SELECT unnest($texts) AS text)", {"texts": texts})
    assert {row["text"]: row["hash"] for row in rows} == {
        text: chained(b"\x07", line | {"payload": text}) for text in texts
    }
