"""Listing an estate: the case lies where the estate lies, one at a time, and the effect is shown beside matched estates."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data import rectification
from data.definitions import kinds_in_force
from data.errors import Refused
from data.rectification import Pair, effect_of
from data.store import Store
from data.verdicts import values_of
from tests.data.builder import put, take
from tests.data.test_engine import MONDAY, Desk


@pytest.fixture
def desk(store: Store) -> Desk:
    """Six estates of a kind in C1: LISTED had 10 tickets in the last thirty days, A and B 9, C 8, D 2, OTHER (another kind) 10."""
    desk = Desk(store)
    kinds = {
        "LISTED": "commodity",
        "A": "commodity",
        "B": "commodity",
        "C": "commodity",
        "D": "commodity",
        "OTHER": "mixed",
    }
    put(store, "estate", [{"code": c, "name": f"小区{c}", "parent_code": "C1", "kind": k} for c, k in kinds.items()])
    counts = {"LISTED": 10, "A": 9, "B": 9, "C": 8, "D": 2, "OTHER": 10}
    take(store, *[_case(code, n, "2024-02-20 09:00") for code, total in counts.items() for n in range(total)])
    return desk


def _case(code: str, n: int, reported: str) -> dict[str, str]:
    return {"id": f"{code}-{reported[:10]}-{n}", "estate": code, "at": "G1", "reported": reported}


def _estate(store: Store, code: str) -> int:
    return int(store.rows("SELECT place_id FROM place WHERE level = 'estate' AND code = ?", [code])[0]["place_id"])


def test_a_listing_lies_at_its_estate_and_stands_there_once(desk: Desk) -> None:
    store, leader = desk.store, desk.actor("leader", None)
    estate = _estate(store, "LISTED")
    case = rectification.open_listing(store, estate, "listing", desk.units["A"], "专班进驻", leader, "one")
    (found,) = rectification.listings(store)
    assert (found["case_id"], found["estate_id"], found["stage"]) == (case, estate, "listed")
    lying = store.rows("SELECT located, street_id, community_id, estate_id FROM case_place WHERE case_id = ?", [case])
    assert lying == [
        {
            "located": "estate",
            "street_id": desk.places["S1"][1],
            "community_id": desk.places["C1"][1],
            "estate_id": estate,
        }
    ]
    with pytest.raises(Refused, match="listed already"):
        rectification.open_listing(store, estate, "listing", desk.units["A"], "再次", leader, "two")


def test_its_exit_test_is_measured_on_the_estate(desk: Desk) -> None:
    """Four tickets in the thirty days that end now, ten in those before the listing: 0.4."""
    store, leader = desk.store, desk.actor("leader", None)
    case = rectification.open_listing(
        store, _estate(store, "LISTED"), "listing", desk.units["A"], "专班进驻", leader, "one"
    )
    take(store, *[_case("LISTED", n, "2024-04-01 09:00") for n in range(4)])
    desk.clock.at = MONDAY + timedelta(days=40)
    with store.read() as con:
        close = kinds_in_force(con)["listing"].kind.move("close")
    assert close is not None
    assert values_of(store, case, close) == (0.4, 0)


def test_the_effect_stands_beside_the_nearest_unlisted_of_the_kind(desk: Desk) -> None:
    """10 → 5 beside A, B and C (9, 9, 8 → 9, 6, 8): −50.0 % against −11.5 %; too few for an interval; silent before 30 days."""
    store, leader = desk.store, desk.actor("leader", None)
    rectification.open_listing(store, _estate(store, "LISTED"), "listing", desk.units["A"], "专班进驻", leader, "one")
    assert rectification.effect(store).difference is None
    after = {"LISTED": 5, "A": 9, "B": 6, "C": 8, "D": 2, "OTHER": 30}
    take(store, *[_case(code, n, "2024-03-10 09:00") for code, total in after.items() for n in range(total)])
    desk.clock.at = MONDAY + timedelta(days=30)
    found = rectification.effect(store)
    (pair,) = found.pairs
    assert (pair.before, pair.after) == (10, 5)
    assert (pair.matched_before, pair.matched_after) == (pytest.approx(26 / 3), pytest.approx(23 / 3))
    assert found.listed == -0.5
    assert found.difference == pytest.approx(-0.5 + 3 / 26)
    assert found.interval is None


def test_the_interval_is_of_the_pairs_and_the_same_every_time() -> None:
    same = [Pair(i, "", MONDAY, 10, 5, 10, 8) for i in range(5)]
    assert effect_of(same).interval == pytest.approx((-0.3, -0.3))
    mixed = [
        Pair(i, "", MONDAY, 10, 2 + 2 * i, 10, 8) for i in range(5)
    ]  # −80 % to 0 %: −40 % on the whole, against −20 %
    found = effect_of(mixed)
    assert found.difference == pytest.approx(-0.2)
    assert found.interval is not None
    low, high = found.interval
    assert -0.45 < low < -0.2 < high < 0.1
    assert effect_of(mixed) == found
