"""What a screen offers is what the engine takes: the moves of an actor, and the queue's filters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data.allowances import allowance, allowances
from data.errors import NotFound, Refused
from data.queues import Wish, how_many
from data.store import Store
from tests.data.builder import local
from tests.data.test_engine import MONDAY, Desk


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_only_moves_of_the_stage_the_role_the_place_and_the_unit_are_offered(desk: Desk) -> None:
    case = desk.open().case_id

    def offered(*who: str | None) -> list[str]:
        return [rule.id for rule in allowance(desk.store, case, desk.actor(*who)).moves]  # type: ignore[arg-type]

    assert offered("operator") == ["register", "escalate", "annotate", "link", "recategorise"]
    assert offered("operator", "S2") == []
    assert offered("leader", None) == ["annotate"]
    desk.move(case, "register", desk.actor("operator"))
    desk.move(case, "dispatch", desk.actor("dispatcher"), unit_id=desk.units["A"])
    assert "accept" in offered("unit_handler", None, "A")
    assert offered("unit_handler", None, "B") == ["annotate"]


def test_what_is_offered_is_taken_and_what_is_not_is_refused(desk: Desk) -> None:
    operator = desk.actor("operator")
    case = desk.open().case_id
    offered = {rule.id for rule in allowance(desk.store, case, operator).moves}
    with pytest.raises(Refused):
        desk.move(case, "void", operator, reason="重复")
    assert "void" not in offered
    assert "register" in offered
    desk.move(case, "register", operator)


def test_a_mark_offers_its_own_moves(desk: Desk) -> None:
    dispatcher, handler = desk.actor("dispatcher"), desk.actor("unit_handler", None, "A")
    case = desk.open().case_id
    desk.move(case, "register", desk.actor("operator"))
    desk.move(case, "dispatch", dispatcher, unit_id=desk.units["A"])
    before = allowances(desk.store, {case: 3}, dispatcher)[case].moves
    desk.move(case, "ask_extension", handler, reason="缺料", due_at=MONDAY + timedelta(days=9))
    after = allowances(desk.store, {case: 4}, dispatcher)[case].moves
    assert {rule.id for rule in after} - {rule.id for rule in before} == {"grant_extension", "refuse_extension"}


def test_a_case_there_is_not_has_no_allowance(desk: Desk) -> None:
    with pytest.raises(NotFound):
        allowance(desk.store, 99, desk.actor("operator"))


def test_cases_are_about_to_be_late_from_the_share_their_clock_warns_at(desk: Desk) -> None:
    case = desk.open().case_id
    desk.move(case, "register", desk.actor("operator"))  # handling runs out on Tuesday 14:48, 28 h 48 min later

    def soon(at: str, share: float) -> int:
        wish = Wish(warned=local(at), warns=(("event/handle", share),))
        return how_many(desk.store, [wish])[0]

    assert soon("2024-03-05 09:00", 0.8) == 0
    assert soon("2024-03-05 09:03", 0.8) == 1
    assert soon("2024-03-04 13:00", 0.1) == 1
    assert soon("2024-03-05 14:49", 0.8) == 0
    assert how_many(
        desk.store, [Wish(standing=(("event", "registered"),)), Wish(standing=(("event", "reported"),))]
    ) == [1, 0]
