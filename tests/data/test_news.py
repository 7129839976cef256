from __future__ import annotations

from data.news import arrivals, last_case
from data.store import Store
from tests.data.builder import draw, move, take

A = {"id": "a", "reported": "03-01", "lon": 118.301, "lat": 35.001, "channel": "12345"}
B = {"id": "b", "reported": "03-02", "lon": 118.302, "lat": 35.002, "channel": "patrol"}
NOWHERE = {"id": "c", "reported": "03-03", "at": "", "channel": "12345"}


def test_an_empty_store_has_no_news(store: Store) -> None:
    assert (last_case(store), arrivals(store, 0)) == (0, (0, []))


def test_what_came_in_since_the_last_look_is_counted_and_placed(store: Store) -> None:
    draw(store)
    take(store, A)
    seen = last_case(store)
    take(store, B, NOWHERE)
    assert arrivals(store, seen) == (2, [(118.302, 35.002)])
    assert arrivals(store, last_case(store)) == (0, [])


def test_news_keep_to_the_filters(store: Store) -> None:
    draw(store)
    take(store, A, B, NOWHERE)
    assert arrivals(store, 0, (("channel", ("12345",)),)) == (2, [(118.301, 35.001)])


def test_a_voided_ticket_is_no_news(store: Store) -> None:
    draw(store)
    take(store, A, B)
    move(store, "b", "voided", "03-02 10:00")
    assert arrivals(store, 0) == (1, [(118.301, 35.001)])


def test_a_wall_hears_of_its_own_place_alone(store: Store) -> None:
    draw(store)
    take(store, {**A, "at": "G1"}, {**B, "at": "G4"}, NOWHERE)
    ids = {row["code"]: str(row["place_id"]) for row in store.rows("SELECT code, place_id FROM place")}
    assert arrivals(store, 0, (("within", (ids["S1"],)),)) == (1, [(118.301, 35.001)])
    assert arrivals(store, 0, (("within", (ids["C3"],)),)) == (1, [(118.302, 35.002)])
