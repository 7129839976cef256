"""What an area holds, on grids drawn as squares: whom an outline touches, who is there, and how an order to them comes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
import shapely

from data.admission import Admitted, items, put_admissions, refusals, unlisted
from data.areas import area_of, encoded
from data.errors import InputError, NotFound, QuestionError, Refused
from data.parts import counts_of, parts_of
from data.reach import circle, level_of_orders, reached
from data.sights import chains_of
from data.store import Store
from tests.data.builder import put
from tests.data.test_engine import MONDAY, Desk


@pytest.fixture
def desk(store: Store) -> Desk:
    """The builder's district with G1 and G2 drawn side by side, each 0.01° wide; two posts on G1."""
    made = Desk(store)
    squares = {"G1": shapely.box(114.30, 30.50, 114.31, 30.51), "G2": shapely.box(114.31, 30.50, 114.32, 30.51)}
    rows = [
        {"code": g, "name": f"网格{g}", "parent_code": "C1", "households": n, "geometry": squares[g].wkb}
        for g, n in (("G1", 100), ("G2", 300))
    ]
    put(store, "grid", rows)
    place = made.places["G1"][1]
    store.writer.run(
        lambda con: con.execute(
            """INSERT INTO post VALUES (1, ?, 'grid_head', 1, 1, 1, '0001-01-01', '9999-12-31'),
               (2, ?, 'part_time', 3, 2, 1, '0001-01-01', '9999-12-31')""",
            [place, place],
        )
    ).result()
    return made


def test_an_outline_reaches_the_grids_it_covers_and_tells_those_it_only_brushes(desk: Desk) -> None:
    # All of G1 and 2 % of G2.
    outline = [(114.29, 30.49), (114.3102, 30.49), (114.3102, 30.52), (114.29, 30.52)]
    first, second = reached(desk.store, "task", area_of((encoded(outline),)))
    assert (first.code, first.households, first.required, first.actual, first.on_duty) == ("G1", 100, 4, 3, 2)
    assert (round(first.share, 3), first.brushed, first.within) == (1.0, False, "社区C1")
    assert (second.code, round(second.share, 3), second.brushed, second.on_duty) == ("G2", 0.02, True, None)


def test_places_bring_their_grids_and_a_place_below_a_grid_brings_the_grid(desk: Desk) -> None:
    ids = {code: place for code, (_level, place) in desk.places.items()}
    assert [one.code for one in reached(desk.store, "task", None, [ids["S1"]])] == ["G1", "G2", "G3"]
    assert [one.code for one in reached(desk.store, "task", None, [ids["G4"], ids["C2"]])] == ["G3", "G4"]
    assert [one.households for one in reached(desk.store, "task", None, [ids["G3"]])] == [None]
    assert level_of_orders(desk.store) == "grid"
    with pytest.raises(NotFound):
        reached(desk.store, "task", None, [999_999])


def test_a_circle_is_as_far_as_it_says_on_the_ground(desk: Desk) -> None:
    area = area_of((encoded(circle(114.305, 30.505, 400.0)),))
    assert area.square_metres("EPSG:4547") == pytest.approx(3.14159 * 400**2, rel=0.005)
    with pytest.raises(QuestionError):
        circle(114.3, 30.5, 60_000)


def order(desk: Desk, *codes: str, role: str = "operator", place: str | None = "S1", **says: object) -> int:
    places = tuple(desk.places[code][1] for code in codes)
    said = {"note": "清理雨水口", "due_at": MONDAY + timedelta(hours=8), "places": places, **says}
    return desk.open("task", actor=desk.actor(role, place), **said).case_id


def test_an_order_s_parts_tell_how_far_each_has_come(desk: Desk) -> None:
    case = order(desk, "G1", "G2", "G3")
    one, two, three = (part.case_id for part in parts_of(desk.store, case))
    worker = desk.actor("grid_worker")
    desk.move(one, "start", worker)
    desk.move(two, "start", worker)
    desk.move(two, "report", worker, note="已清理")
    desk.move(three, "report", worker, note="已清理")
    desk.move(three, "confirm", desk.actor("operator"))
    found = parts_of(desk.store, case)
    assert [(part.code, part.state, part.late) for part in found] == [
        ("G1", "accepted", False), ("G2", "handled", False), ("G3", "done", False)
    ]  # fmt: skip
    desk.clock.at = MONDAY + timedelta(hours=9)
    counts = counts_of(parts_of(desk.store, case))
    assert counts == {"all": 3, "waiting": 0, "accepted": 1, "handled": 1, "done": 1, "voided": 0, "late": 2}
    assert [one.in_hand for one in reached(desk.store, "task", None, [desk.places["S1"][1]])] == [1, 1, 0]


def test_an_order_lies_in_what_holds_its_grids_so_that_who_ordered_may_end_it(desk: Desk) -> None:
    case = order(desk, "G1", "G3")
    place = desk.store.rows("SELECT located, street_id, community_id FROM case_place WHERE case_id = ?", [case])[0]
    assert place == {"located": "street", "street_id": desk.places["S1"][1], "community_id": None}
    for part in parts_of(desk.store, case):
        desk.move(part.case_id, "report", desk.actor("grid_worker"), note="好了")
        desk.move(part.case_id, "confirm", desk.actor("operator"))
    desk.move(case, "finish", desk.actor("operator"))
    assert desk.case(case)["stage"] == "closed"


def test_pictures_that_were_asked_for_must_come_with_the_report(desk: Desk) -> None:
    case = order(desk, "G1", pictures=2)
    part = parts_of(desk.store, case)[0].case_id
    worker = desk.actor("grid_worker")
    desk.move(part, "start", worker)
    with pytest.raises(InputError, match="report needs 2 pictures"):
        desk.move(part, "report", worker, note="好了", evidence=("a.jpg",))
    desk.move(part, "report", worker, note="好了", evidence=("a.jpg", "b.jpg"))
    assert desk.life(part).wanted == 2


def test_looking_who_would_refuse_counts_no_refusal_and_ordering_does(desk: Desk) -> None:
    store, c1 = desk.store, desk.places["C1"][1]
    put_admissions(store, [Admitted("drains", "清理雨水口", c1)], desk.actor("administrator", None))
    assert items(store) == [("drains", "清理雨水口")]
    ids = [desk.places[code][1] for code in ("G1", "G3")]
    with store.read() as con:
        assert unlisted(con, "drains", chains_of(con, ids), store.now()) == [ids[1]]
    assert refusals(store) == []
    with pytest.raises(Refused):
        order(desk, "G1", "G3", item="drains")
    assert [(one.item, one.place_id, one.refused) for one in refusals(store)] == [("drains", ids[1], 1)]
    assert order(desk, "G1", item="drains") > 0
