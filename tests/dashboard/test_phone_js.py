"""What waits on a phone to be sent, worked out in Node: order, the case as it will stand, what becomes of an answer."""

from __future__ import annotations

from typing import Any

from tests.node import needs_node, run

pytestmark = needs_node
FILES = ["phone/queue.js", "phone/position.js"]


def entry(n: int, **says: Any) -> dict[str, Any]:
    made = {"key": f"k{n}", "n": n, "post": "team", "kind": "move", "state": "waiting", "case_id": 1, "seq": 2 + n}
    return {**made, "move": "accept", "tone": "on", "body": {}, "pictures": [], "said": "", **says}


ROW = {
    "id": 1, "seq": 3, "stage": "派遣", "group": "waiting", "moves": ["accept", "return", "annotate"],
    "then": {"accept": {"stage": "签收", "group": "working", "moves": ["handle", "annotate"]}},
}  # fmt: skip


def test_what_was_tapped_first_is_sent_first_and_never_in_another_post_s_name() -> None:
    entries = [entry(3), entry(1, post="night"), entry(2, state="refused"), entry(4)]
    asked = "return [queue.next(entries, 'team').key, queue.next(entries, 'night').key, queue.next(entries, 'x')]"
    assert run(FILES, f"const queue = jingwei.queue; {asked}", entries=entries) == ["k3", "k1", None]


def test_a_case_looks_as_it_will_stand_once_all_is_sent() -> None:
    body = "return jingwei.queue.projected(row, entries)"
    one = run(FILES, body, row=ROW, entries=[entry(1)])
    assert (one["seq"], one["stage"], one["group"], one["moves"]) == (4, "签收", "working", ["handle", "annotate"])
    two = run(FILES, body, row=ROW, entries=[entry(1), entry(2, move="handle")])
    assert (two["seq"], two["group"], two["moves"], two["pending"]) == (5, "others", [], 2)
    noted = run(FILES, body, row=ROW, entries=[entry(1, move="annotate", tone="more")])
    assert (noted["seq"], noted["stage"], noted["moves"]) == (4, "派遣", ["accept", "return", "annotate"])


def test_a_move_the_row_holds_already_is_not_counted_twice() -> None:
    row = {**ROW, "seq": 4, "stage": "签收", "moves": ["handle"], "then": {}}
    found = run(FILES, "return jingwei.queue.projected(row, entries)", row=row, entries=[entry(1)])
    assert (found["seq"], found["stage"], found["moves"], found["pending"]) == (4, "签收", ["handle"], 1)


def test_every_answer_means_one_of_four_things() -> None:
    asked = [
        [0, None], [401, None], [503, {}], [500, None], [429, {}], [200, {"ok": True}], [200, {"ok": False, "status": 409}],
        [200, {"ok": False, "status": 503}], [413, {}], [403, {}], [200, None],
    ]  # fmt: skip
    found = run(FILES, "return asked.map(one => jingwei.queue.verdict(one[0], one[1]))", asked=asked)
    assert found == [
        "later", "sign_in", "later", "later", "later", "done", "refused", "later", "refused", "refused", "refused",
    ]  # fmt: skip


def test_a_refusal_keeps_what_was_written_and_holds_back_what_came_after() -> None:
    entries = [
        entry(1, body={"note": "x"}),
        entry(2, move="handle"),
        entry(3, case_id=2),
        entry(4, kind="report", case_id=0),
    ]
    body = "return jingwei.queue.settled(entries, 'k1', verdict, said)"
    refused = run(FILES, body, entries=entries, verdict="refused", said={"text": "somebody was first", "stale": True})
    assert refused["remove"] == []
    assert [(one["key"], one["state"], one["said"], one.get("before")) for one in refused["put"]] == [
        ("k1", "refused", "somebody was first", None),
        ("k2", "refused", "", True),
    ]
    assert refused["put"][0]["body"] == {"note": "x"}
    assert run(FILES, body, entries=entries, verdict="done", said={}) == {"remove": ["k1"], "put": []}
    assert run(FILES, body, entries=entries, verdict="later", said={}) == {"remove": [], "put": []}


def test_tries_grow_rarer_but_never_cease() -> None:
    body = "return [1, 2, 3, 5, 9, 99].map(jingwei.queue.pause)"
    assert run(FILES, body) == [3, 6, 12, 48, 60, 60]


def test_distances_are_those_on_the_earth() -> None:
    metres = run(FILES, "return jingwei.position.metres([35, 118.3], [35, 118.31])")
    assert round(metres) == 911  # a hundredth of a degree at 35° north
