"""The ledger's proof: an exact hash, and every way of tampering noticed."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pytest

from data.errors import NotFound
from data.ledger import Broken, altered_notes, erase_note, line_hash, seal, verify, verify_heads
from data.moves import Move
from data.store import Store
from tests.data.tickets import at, case, lines, take, ticket

FIELDS = [
    *("case_id", "seq", "occurred_at", "recorded_at", "action", "stage", "due_at", "handle_due_at", "unit_id"),
    *("by_role", "by_unit", "payload", "payload_version", "key", "note_hash"),
]


def plain(value: Any) -> Any:
    """A field as it stands in the canonical form."""
    if isinstance(value, datetime):
        return (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return value.hex().upper() if isinstance(value, bytes) else value


def reference(previous: bytes, line: dict[str, Any]) -> bytes:
    """The hash of a line, spelt again without the database."""
    text = json.dumps([1, *(plain(line[name]) for name in FIELDS)], ensure_ascii=False, separators=(",", ":"))
    text = re.sub(r"\\u[0-9a-f]{4}", lambda found: "\\u" + found[0][2:].upper(), text)
    return sha256(previous + text.encode()).digest()


def hashes(store: Store, *rows: dict[str, Any], previous: str = "''::BLOB") -> list[bytes]:
    """The hashes the database gives lines."""
    shape = store.arrow(f"SELECT {', '.join(FIELDS)} FROM transition").schema
    table = pa.Table.from_pylist(list(rows), schema=shape)
    return [row["h"] for row in store.rows(f"SELECT {line_hash(previous)} AS h FROM rows l", rows=table)]


def write(store: Store, sql: str) -> None:
    store.writer.run(lambda con: con.execute(sql) and None).result()


def test_a_hand_made_line_has_exactly_this_hash(store: Store) -> None:
    line = {
        "case_id": 7,
        "seq": 2,
        "occurred_at": datetime(2024, 3, 1, 8, tzinfo=UTC),
        "recorded_at": datetime(2024, 3, 1, 8, 0, 0, 5, tzinfo=UTC),
        "action": "registered",
        "stage": "registered",
        "due_at": datetime(2024, 3, 8, tzinfo=UTC),
        "handle_due_at": None,
        "unit_id": 3,
        "by_role": "操作\x1f员",
        "by_unit": None,
        "payload": '{"on_time":true}',
        "payload_version": 1,
        "key": 'a"b|c',
        "note_hash": b"\x01\xfe",
    }
    text = (
        '[1,7,2,1709280000000000,1709280000000005,"registered","registered",1709856000000000,null,3,"操作\\u001F员",null,'
        '"{\\"on_time\\":true}",1,"a\\"b|c","01FE"]'
    )
    expected = sha256(b"\x00" + text.encode()).digest()
    assert expected.hex() == "390600d07fd67b91d9a5546e5731e70c5656efa622430f86540856ab090f4465"
    assert hashes(store, line, previous="'\\x00'::BLOB") == [expected]
    assert reference(b"\x00", line) == expected


def test_the_chain_of_an_import_and_of_moves_is_the_reference_chain(store: Store) -> None:
    take(store, ticket("a", due_at=at(8), unit_name="城管", note="井盖破损", closed_at=at(5), on_time=True))
    case_id = case(store, "a")["case_id"]
    store.writer.submit(Move(case_id, "reopened", at(6), "k1", payload={"why": "又坏了"}, note="again")).result()
    previous = b""
    rows = store.rows("SELECT * FROM transition ORDER BY seq")
    assert [row["action"] for row in rows] == ["reported", "registered", "closed", "reopened"]
    for row in rows:
        assert row["hash"] == reference(previous, row)
        previous = row["hash"]
    assert case(store, "a")["last_hash"] == previous
    assert verify(store) == []


def test_fields_cannot_run_together(store: Store) -> None:
    empty = dict.fromkeys(FIELDS)
    first, second = hashes(store, empty | {"action": "x", "stage": "yz"}, empty | {"action": "xy", "stage": "z"})
    assert first != second


@pytest.fixture
def three(store: Store) -> Store:
    """Three closed cases of three lines each."""
    take(store, *(ticket(name, due_at=at(8), closed_at=at(5)) for name in "abc"))
    return store


@pytest.mark.parametrize(
    ("tampering", "expected"),
    [
        (
            "UPDATE transition SET due_at = due_at + INTERVAL 1 DAY WHERE case_id = 2 AND seq = 2",
            (2, 2, "line changed"),
        ),
        ("DELETE FROM transition WHERE case_id = 2 AND seq = 2", (2, 3, "line missing")),
        ("DELETE FROM transition WHERE case_id = 3 AND seq = 3", (3, 2, "end cut off")),
        ("DELETE FROM transition WHERE case_id = 1", (1, 0, "no ledger")),
        ("DELETE FROM case_archive WHERE case_id = 1", (1, 3, "no case")),
        ("UPDATE case_archive SET last_hash = ''::BLOB WHERE case_id = 1", (1, 3, "line changed")),
    ],
)
def test_tampering_names_the_case_and_the_line(three: Store, tampering: str, expected: tuple[int, int, str]) -> None:
    assert verify(three) == []
    write(three, tampering)
    assert verify(three) == [Broken(*expected)]


def test_a_note_can_be_erased_without_breaking_the_chain(store: Store) -> None:
    take(store, ticket("a", note="13800000000"), ticket("b", note="keep"))
    (note_id,) = lines(store, "a", "note_id")[0]
    assert altered_notes(store) == []
    store.writer.run(lambda con: erase_note(con, note_id, at(9))).result()
    assert store.rows("SELECT body, erased_at FROM note ORDER BY note_id") == [
        {"body": None, "erased_at": at(9)},
        {"body": "keep", "erased_at": None},
    ]
    assert verify(store) == []
    assert altered_notes(store) == []
    with pytest.raises(NotFound):
        store.writer.run(lambda con: erase_note(con, 99, at(9))).result()


def test_a_changed_note_is_noticed(store: Store) -> None:
    take(store, ticket("a", note="one"))
    write(store, "UPDATE note SET body = 'two'")
    (note_id,) = lines(store, "a", "note_id")[0]
    assert altered_notes(store) == [note_id]


def test_the_hash_of_a_note_is_salted(store: Store) -> None:
    take(store, ticket("a", note="x"))
    salt = store.rows("SELECT salt FROM deployment")[0]["salt"]
    assert lines(store, "a", "note_hash")[0] == (sha256(salt + b"x").digest(),)


def test_a_cut_tail_no_longer_matches_the_head_of_its_day(three: Store) -> None:
    today = three.rows("SELECT max(recorded_at) AS r FROM transition")[0]["r"]
    assert three.writer.run(lambda con: seal(con, today)).result() == []
    assert three.writer.run(lambda con: seal(con, today + timedelta(days=1))).result() == [today.date()]
    assert three.writer.run(lambda con: seal(con, today + timedelta(days=2))).result() == []
    (head,) = three.rows("SELECT * FROM ledger_head")
    hashes = "".join(row["h"] for row in three.rows("SELECT hex(hash) AS h FROM transition ORDER BY case_id, seq"))
    bucket = sha256(hashes.encode()).hexdigest()
    assert head["lines"] == 9
    assert head["head"] == sha256(f"{today.date()}|9|{bucket}".encode()).digest()
    assert verify_heads(three) == []
    write(three, "DELETE FROM transition WHERE case_id = 3 AND seq = 3")
    last = "(SELECT hash FROM transition WHERE case_id = 3 AND seq = 2)"
    write(three, f"UPDATE case_archive SET seq = 2, last_hash = {last} WHERE case_id = 3")
    assert verify(three) == []  # whole in itself
    assert verify_heads(three) == [today.date()]


def test_heads_are_chained_over_days(three: Store) -> None:
    write(three, "UPDATE transition SET recorded_at = TIMESTAMPTZ '2024-03-01' WHERE case_id = 1")
    write(three, "UPDATE transition SET recorded_at = TIMESTAMPTZ '2024-03-03' WHERE case_id > 1")
    assert three.writer.run(lambda con: seal(con, at(4))).result() == [date(2024, 3, 1), date(2024, 3, 3)]
    first, second = three.rows("SELECT * FROM ledger_head ORDER BY day")
    assert (first["previous"], second["previous"]) == (b"", first["head"])
