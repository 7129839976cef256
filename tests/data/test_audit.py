"""The audit log: what is in it and how it is read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from data.actors import Actor, Grant
from data.audit import BUT_MOVES, Entry, Line, lines, put, record
from data.store import Store
from tests.data.builder import take

NIGHT = Actor("person", "night", "夜班", (Grant("operator"),))
CASE = {"id": "a", "at": "", "reported": "03-01 09:00"}


def read(store: Store, **asked: Any) -> list[Line]:
    now = store.now() + timedelta(minutes=1)
    found = lines(store, since=now - timedelta(days=1), until=now, **asked)
    return [line for line in found if line.action != "definition"]  # written when a store is opened


def test_a_line_names_the_post_its_role_and_what_was_done(store: Store) -> None:
    before = store.version
    record(store, "export", NIGHT, what="cases", rows=3).result()
    (line,) = read(store)
    assert (line.action, line.by_role, line.actor_kind, line.actor) == ("export", "operator", "person", "night")
    assert line.detail == {"what": "cases", "rows": 3}
    assert store.version == before


def test_lines_are_found_by_group_and_by_who(store: Store) -> None:
    for action, actor in (("export", NIGHT), ("signed_in", NIGHT), ("sign_in_refused", None)):
        record(store, action, actor).result()
    assert [line.action for line in read(store)] == ["sign_in_refused", "signed_in", "export"]
    assert [line.action for line in read(store, group="sign_in")] == ["sign_in_refused", "signed_in"]
    assert [line.action for line in read(store, who="NIG")] == ["signed_in", "export"]
    assert [line.action for line in read(store, who="operator", group="export")] == ["export"]
    assert [line.action for line in read(store, limit=1, offset=1)] == ["signed_in"]


def test_a_move_is_shown_once_with_the_post_where_that_is_known(store: Store) -> None:
    take(store, CASE)
    record(store, "ledger_head", None).result()
    store.writer.run(
        lambda con: con.execute("UPDATE audit SET detail = '2024-03-01 2 ab12' WHERE action = 'ledger_head'") and None
    ).result()
    assert [dict(line.detail) for line in read(store, group="setting")] == [{"text": "2024-03-01 2 ab12"}]
    assert len(read(store, group=BUT_MOVES)) == 1
    store.writer.run(
        lambda con: (
            con.execute("UPDATE transition SET by_role = 'dispatcher', recorded_at = ? WHERE seq = 1", [store.now()])
            and None
        )
    ).result()
    (line,) = read(store, group="move")
    assert (line.action, line.by_role, line.actor, line.case_id) == ("move", "dispatcher", None, 1)
    entry = Entry("move", NIGHT, "dispatcher", case_id=1, seq=1, detail={"move": "reported"})
    store.writer.run(lambda con: put(con, store.now(), entry)).result()
    (line,) = read(store, group="move")
    assert (line.by_role, line.actor, line.case_id) == ("dispatcher", "night", 1)
