"""Moves: what each does to a row, what is refused, and that a set is as good as one after the other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from data.cases import Rebuilt, differing, rebuild
from data.errors import InputError, JingweiError, NotFound, StaleMove
from data.ledger import verify
from data.moves import Move, Receipt, apply, recall
from data.store import Store
from tests.data.tickets import at, case, lines, take, ticket

NOW = datetime(2024, 4, 1, tzinfo=UTC)


def do(store: Store, *moves: Move, now: datetime = NOW) -> list[Receipt | JingweiError]:
    return store.writer.run(lambda con: apply(con, moves, now)).result()


def move(action: str, when: datetime, case_id: int = 1, **says: Any) -> Move:
    return Move(case_id, action, when, says.pop("key", f"{action}-{when.isoformat()}-{case_id}"), **says)


WHY: dict[str, Any] = {"by_role": "supervisor", "payload": {"reason": "not ours"}}


@pytest.fixture
def one(store: Store) -> Store:
    """One open case, registered 1 March, due 8 March, with unit 1 of level community."""
    take(store, ticket("a", due_at=at(8), unit_name="社区"))
    for sql in (
        "UPDATE unit SET level = 'community'",
        "INSERT INTO unit (unit_id, code, name, level) VALUES (9, 's', '街道', 'street')",
    ):
        store.writer.run(lambda con, sql=sql: con.execute(sql) and None).result()
    assert rebuild(store) == Rebuilt(rows=1, pasts=0)  # its reach follows from the unit's level
    return store


def test_a_life_in_one_set(one: Store) -> None:
    receipts = do(
        one,
        move("dispatched", at(2), unit_id=9, by_role="operator"),
        move("accepted", at(2, 5)),
        move("handled", at(4)),
        move("verified", at(5)),
        move("closed", at(6)),
    )
    assert [receipt.seq for receipt in receipts if isinstance(receipt, Receipt)] == [3, 4, 5, 6, 7]
    row = case(one, "a")
    assert (row["stage"], row["handled_at"], row["closed_at"], row["since"]) == ("closed", at(4), at(6), at(6))
    assert (row["unit_id"], row["closed_unit_id"], row["reach"], row["seq"]) == (9, 9, 3, 7)
    assert row["last_hash"] == receipts[-1].hash  # type: ignore[union-attr]
    past = one.rows("SELECT valid_from, valid_to, stage, unit_id, closed_at FROM case_past ORDER BY valid_from")
    assert [tuple(state.values()) for state in past] == [
        (at(1), at(2), "registered", 1, None),
        (at(2), at(2, 5), "dispatched", 9, None),
        (at(2, 5), at(4), "accepted", 9, None),
        (at(4), at(5), "handled", 9, None),
        (at(5), at(6), "verified", 9, None),
    ]
    assert verify(one) == []


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([move("extended", at(3), due_at=at(20))], {"due_at": at(20), "extended": 1, "stage": "registered"}),
        ([move("suspended", at(3))], {"suspended": True, "stage": "registered"}),
        ([move("suspended", at(3)), move("resumed", at(5), due_at=at(10))], {"suspended": False, "due_at": at(10)}),
        ([move("suspended", at(3)), move("closed", at(4))], {"suspended": False, "closed_at": at(4)}),
        ([move("handled", at(3)), move("reworked", at(4))], {"handled_at": None, "reworked": 1, "stage": "dispatched"}),
        (
            [move("closed", at(3)), move("reopened", at(4))],
            {"closed_at": None, "closed_unit_id": None, "reworked": 1, "stage": "dispatched"},
        ),
        (
            [move("closed", at(3), payload={"time_unknown": True})],
            {"closed_at": None, "stage": "closed", "since": at(3)},
        ),
        ([move("voided", at(3))], {"voided": True, "stage": "voided"}),
        ([move("voided", at(3)), move("reopened", at(4))], {"voided": False, "stage": "dispatched"}),
        ([move("excluded", at(3), **WHY)], {"excluded": True}),
        ([move("excluded", at(3), **WHY), move("included", at(4))], {"excluded": False}),
        # Resuming moves the deadline by the working time of the pause: 5 h of Friday 1 March and 8 h of Monday;
        # from Friday 08:00 local that is Monday 14:00.
        ([move("suspended", at(1, 4)), move("resumed", at(4, 9))], {"suspended": False, "due_at": at(11, 6)}),
        ([move("resumed", at(4, 9))], {"due_at": at(8)}),
        # What is told of an ended case leaves it ended.
        ([move("closed", at(4)), move("handled", at(3))], {"stage": "closed", "handled_at": at(3), "closed_at": at(4)}),
        ([move("closed", at(4)), move("redispatched", at(5), unit_id=9)], {"stage": "closed", "unit_id": 9}),
        ([move("returned", at(3))], {"stage": "returned"}),
        ([move("urged", at(3)), move("rated", at(4))], {"stage": "registered", "since": at(4), "seq": 4}),
        ([move("redispatched", at(3), unit_id=9)], {"unit_id": 9, "stage": "dispatched", "reach": 3}),
        ([move("escalated", at(3), unit_id=9, stage="accepted")], {"unit_id": 9, "stage": "accepted"}),
        (
            [move("corrected", at(3), payload={"due_at": at(4), "track": "economy", "lon": 114.5, "reworked": 3})],
            {"due_at": at(4), "track": "economy", "lon": 114.5, "reworked": 3, "stage": "registered"},
        ),
        ([move("corrected", at(3), payload={"due_at": None, "unit_id": None})], {"due_at": None, "unit_id": None}),
        ([move("corrected", at(3), payload={"reported_at": at(2)})], {"reported_at": at(2), "since": at(3)}),
        ([move("closed", at(3), payload={"on_time": False})], {"on_time": False}),
    ],
    ids=lambda value: "+".join(m.action for m in value) if isinstance(value, list) else "",
)
def test_what_a_move_does(one: Store, moves: list[Move], expected: dict[str, Any]) -> None:
    before = case(one, "a")
    answers = do(one, *moves)
    assert all(isinstance(answer, Receipt) for answer in answers)
    after = case(one, "a")
    assert {name: after[name] for name in expected} == expected
    untouched = {"external_id", "channel", "category_id", "registered_at", "on_time_source", "content_hash"}
    assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}
    assert differing(one) == []


def test_a_refused_move_leaves_the_others_alone(one: Store) -> None:
    take(one, ticket("b"), source="other")
    answers = do(
        one,
        move("accepted", at(2), expected_seq=2),
        move("closed", at(3), expected_seq=2, key="late"),
        move("closed", at(3), case_id=77),
        move("danced", at(3)),
        Move(2, "closed", datetime(2024, 3, 3), "no zone"),
        move("corrected", at(3), case_id=2, payload={"seq": 9}),
        move("accepted", at(3), case_id=2, stage="somewhere"),
        move("closed", at(3), case_id=2),
    )
    assert [type(answer) for answer in answers] == [
        Receipt, StaleMove, NotFound, InputError, InputError, InputError, InputError, Receipt,
    ]  # fmt: skip
    assert str(answers[1]) == (
        "case 1: somebody moved it first: accepted at 2024-03-02T00:00+00:00 (line 3, expected 2). "
        "Look at the case again, then decide."
    )
    assert (case(one, "a")["stage"], case(one, "b")["stage"]) == ("accepted", "closed")


def test_the_same_key_twice_gives_the_first_receipt(one: Store) -> None:
    first, second = do(one, move("accepted", at(2), key="k"), move("accepted", at(2), key="k"))
    assert first is second
    assert case(one, "a")["seq"] == 3


def test_the_writer_remembers_keys_after_a_restart(one: Store) -> None:
    receipt = one.writer.submit(move("accepted", at(2), key="k")).result()
    assert one.writer.submit(move("accepted", at(2), key="k")).result() == receipt
    home, settings = one.home, one.settings
    one.close()
    with Store.open(home, settings) as again:
        assert again.writer.submit(move("accepted", at(2), key="k")).result() == receipt
        assert case(again, "a")["seq"] == 3


def test_recall_leaves_imports_out(one: Store) -> None:
    do(one, move("accepted", at(2), key="k"))
    with one.read() as con:
        assert [(key, receipt.seq) for key, receipt in recall(con, NOW, 10)] == [("k", 3)]
        assert list(recall(con, datetime(2024, 4, 9, tzinfo=UTC), 10)) == []


def test_an_archived_case_comes_back(store: Store) -> None:
    take(store, ticket("old", closed_at=at(5)))
    assert store.rows("SELECT count(*) AS n FROM case_archive") == [{"n": 1}]
    do(store, move("reopened", at(9)))
    assert store.rows("SELECT (SELECT count(*) FROM case_archive) AS a, (SELECT count(*) FROM case_hot) AS h") == [
        {"a": 0, "h": 1}
    ]
    assert (case(store, "old")["stage"], case(store, "old")["closed_at"]) == ("dispatched", None)


def test_a_line_told_late_is_seen_from_when_it_happened(one: Store) -> None:
    do(
        one,
        move("accepted", at(6)),
        move("handled", at(4)),
        move("extended", at(2), due_at=at(20)),
        move("closed", at(7)),
    )
    row = case(one, "a")
    assert (row["handled_at"], row["due_at"], row["since"]) == (at(4), at(20), at(7))
    past = one.rows("SELECT valid_from, valid_to, stage, handled_at, due_at FROM case_past ORDER BY valid_from")
    assert [tuple(state.values()) for state in past] == [
        (at(1), at(2), "registered", None, at(8)),
        (at(2), at(4), "registered", None, at(20)),
        (at(4), at(6), "handled", at(4), at(20)),
        (at(6), at(7), "handled", at(4), at(20)),  # the ledger's order decides: handled was told after accepted
    ]
    assert differing(one) == []


def test_a_line_dated_ahead_hides_nothing_that_happened_before(one: Store) -> None:
    do(one, move("extended", datetime(2029, 1, 1, tzinfo=UTC), due_at=at(20)), move("closed", at(5)))
    past = one.rows("SELECT valid_from, valid_to, stage, due_at FROM case_past ORDER BY valid_from")
    assert [tuple(state.values()) for state in past] == [
        (at(1), at(5), "registered", at(8)),
        (at(5), datetime(2029, 1, 1, tzinfo=UTC), "closed", at(8)),
    ]
    assert differing(one) == []


@pytest.mark.parametrize("why", [{}, {"by_role": "supervisor"}, {"payload": {"reason": "not ours"}}])
def test_a_case_is_excluded_only_by_somebody_and_for_a_reason(one: Store, why: dict[str, Any]) -> None:
    (answer,) = do(one, move("excluded", at(3), **why))
    assert isinstance(answer, InputError)
    assert case(one, "a")["excluded"] is False


def test_notes_stand_beside_the_ledger(one: Store) -> None:
    do(one, move("urged", at(2), note="快一点"), move("urged", at(3)))
    assert [note is not None for (note,) in lines(one, "a", "note_id")] == [False, False, True, False]
    assert one.rows("SELECT case_id, body, erased_at FROM note") == [
        {"case_id": 1, "body": "快一点", "erased_at": None}
    ]
    assert verify(one) == []
