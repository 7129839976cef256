"""Deadlines an administrator has made anew: only by today's rules, only for a reason, a line in the ledger for each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from data import lives
from data.cases import rebuild
from data.errors import InputError, Refused
from data.ledger import verify
from data.queues import Wish
from data.recomputing import cases_of, preview, recompute
from data.store import Store
from data.working_days import Year, enter
from tests.data.builder import case_id, local, take
from tests.data.test_engine import Desk


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    desk = Desk(store)
    yield desk
    with store.read() as con:
        assert lives.differing(con) == {}
    assert verify(store) == []
    assert (changed := rebuild(store)).rows == changed.pasts == 0


def registered(desk: Desk) -> int:
    case = desk.open().case_id
    desk.move(case, "register", desk.actor("operator"))
    return case


def holiday(desk: Desk) -> None:
    """Tuesday 5 March is off after all."""
    enter(
        desk.store, {2024: Year(notice="国办〔2024〕1号", off=(date(2024, 3, 5),))}, desk.actor("administrator", None)
    )


def test_a_deadline_moves_by_the_day_that_became_a_holiday_and_the_ledger_says_why(desk: Desk) -> None:
    case, boss = registered(desk), desk.actor("administrator", None)
    assert preview(desk.store, [case], boss).changes == ()
    holiday(desk)
    assert desk.case(case)["due_at"] == local("2024-03-06 10:00")  # what was given stands
    (change,) = preview(desk.store, [case], boss).changes
    assert (change.before["due_at"], change.after["due_at"]) == (local("2024-03-06 10:00"), local("2024-03-07 10:00"))
    recompute(desk.store, [case], "三月五日调休", boss)
    assert desk.case(case)["due_at"] == local("2024-03-07 10:00")
    assert desk.case(case)["handle_due_at"] == local("2024-03-06 14:48")
    assert desk.life(case).clocks["close"].due_at == local("2024-03-07 10:00")
    assert (desk.actions(case)[-1], desk.case(case)["extended"]) == ("noted", 0)
    line = desk.store.rows(
        "SELECT by_role, body FROM transition JOIN note USING (note_id) WHERE transition.case_id = ?", [case]
    )[-1]
    assert line == {"by_role": "administrator", "body": "三月五日调休"}
    assert preview(desk.store, [case], boss).kept["same"] == 1
    assert desk.store.rows("SELECT detail FROM audit WHERE action = 'setting' ORDER BY audit_id DESC LIMIT 1") == [
        {"detail": '{"what": "deadlines recomputed", "cases": 1, "reason": "三月五日调休"}'}
    ]


def test_what_was_promised_otherwise_or_stands_still_is_left(desk: Desk) -> None:
    operator, dispatcher, boss = desk.actor("operator"), desk.actor("dispatcher"), desk.actor("administrator", None)
    still, extended, plain = (registered(desk) for _ in range(3))
    for case in (still, extended):
        desk.move(case, "dispatch", dispatcher, unit_id=desk.units["A"])
        desk.move(case, "accept", desk.actor("unit_handler", None, "A"))
    desk.move(still, "suspend", dispatcher, reason="等材料")
    desk.move(
        extended,
        "ask_extension",
        desk.actor("unit_handler", None, "A"),
        due_at=local("2024-03-20 10:00"),
        reason="需停水",
    )
    desk.move(extended, "grant_extension", dispatcher, due_at=local("2024-03-20 10:00"))
    holiday(desk)
    found = preview(desk.store, [still, extended, plain], boss)
    assert ([one.case_id for one in found.changes], found.kept["suspended"], found.kept["extended"]) == ([plain], 1, 1)
    assert (found.earlier, found.late, found.looked_at) == (0, 0, 3)
    recompute(desk.store, [still, extended, plain], "调休", boss)
    assert desk.case(extended)["due_at"] == local("2024-03-20 10:00")
    assert operator.has("operator")


def test_a_pause_that_has_ended_moves_the_new_deadline_too(desk: Desk) -> None:
    dispatcher, boss = desk.actor("dispatcher"), desk.actor("administrator", None)
    case = registered(desk)
    desk.move(case, "dispatch", dispatcher, unit_id=desk.units["A"])
    desk.move(case, "accept", desk.actor("unit_handler", None, "A"))
    desk.move(case, "suspend", dispatcher, reason="等材料")
    desk.clock.at = local("2024-03-04 14:00")
    desk.move(case, "resume", dispatcher)
    given = desk.case(case)["due_at"]
    assert preview(desk.store, [case], boss).kept["same"] == 1
    holiday(desk)
    (change,) = preview(desk.store, [case], boss).changes
    assert change.after["due_at"] == local("2024-03-07 14:00") != given


def test_a_deadline_of_another_system_is_left_to_it_unless_that_is_asked_for(desk: Desk) -> None:
    boss, dispatcher = desk.actor("administrator", None), desk.actor("dispatcher")
    said = {"reported": "03-04 09:00", "due": "03-20 10:00", "at": "G1", "stage": "dispatched", "category_code": "leak"}
    take(desk.store, {"id": "old", **said}, {"id": "paused", **said})
    old, paused = case_id(desk.store, "old"), case_id(desk.store, "paused")
    own = registered(desk)
    desk.move(paused, "suspend", dispatcher, reason="等材料")
    desk.clock.at = local("2024-03-04 14:00")
    desk.move(paused, "resume", dispatcher)  # which only moves the other system's deadline
    holiday(desk)
    found = preview(desk.store, [old, paused, own], boss)
    assert ([one.case_id for one in found.changes], found.kept["foreign"]) == ([own], 2)
    found = preview(desk.store, [old, paused, own], boss, foreign=True)
    assert (sorted(one.case_id for one in found.changes), found.kept["foreign"]) == ([old, paused, own], 0)
    recompute(desk.store, [old], "改由本区计时", boss, foreign=True)
    assert desk.case(old)["due_at"] == local("2024-03-06 17:00")  # two working days from Monday 09:00, Tuesday off
    assert preview(desk.store, [old], boss).kept["same"] == 1  # from then on it is ours


def test_only_an_administrator_of_the_place_and_only_for_a_reason(desk: Desk) -> None:
    case = registered(desk)
    holiday(desk)
    with pytest.raises(Refused):
        recompute(desk.store, [case], "调休", desk.actor("operator"))
    with pytest.raises(Refused):
        preview(desk.store, [case], desk.actor("administrator", "S2"))
    with pytest.raises(InputError):
        recompute(desk.store, [case], "  ", desk.actor("administrator", None))
    assert desk.case(case)["due_at"] == local("2024-03-06 10:00")


def test_a_filter_is_walked_in_steps(desk: Desk) -> None:
    cases = [registered(desk) for _ in range(3)]
    other = desk.open(category_id=desk.categories["fire"]).case_id
    wish = Wish(kinds=("event",), categories=(desk.categories["leak"],))
    assert cases_of(desk.store, wish) == cases
    assert cases_of(desk.store, wish, after=cases[0]) == cases[1:]
    assert other not in cases_of(desk.store, wish)
