"""What is known about a place, at every level, in numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import shapely

from data.database import Connection
from data.errors import NotFound
from data.plans import find_plan
from data.profiles import profile
from data.settings import Settings
from data.store import Store
from tests.data.builder import put

TODAY = date(2024, 6, 1)


def box(west: float, east: float) -> bytes:
    wkb: bytes = shapely.box(118 + west / 100, 35, 118 + east / 100, 35.01).wkb
    return wkb


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One street, one community with grids G1 | G2 side by side and estates E1 (in G1) and E2 (half in each)."""
    home = tmp_path_factory.mktemp("profiles") / "var"
    settings = Settings(home=home, memory_share=0.1, threads=2)
    with Store.create(
        home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings
    ) as store:
        put(store, "street", [{"code": "S1", "name": "一街", "geometry": box(0, 4)}])
        put(store, "community", [{"code": "C1", "name": "一社区", "parent_code": "S1", "geometry": box(0, 4)}])
        grids = [("G1", 0, 2, 100), ("G2", 2, 4, 300)]
        put(store, "grid", [{"code": c, "name": c, "parent_code": "C1", "households": n, "geometry": box(w, e)} for c, w, e, n in grids],
            plan=find_plan(store, "2023 版"))  # fmt: skip
        estates = [("E1", 0, 1, "甲", 60), ("E2", 1.5, 2.5, "乙", 200)]
        put(store, "estate", [
            {"code": c, "name": f"小区{c}", "parent_code": "C1", "company": k, "households": n, "kind": "commodity", "old": c == "E1",
             "geometry": box(w, e)} for c, w, e, k, n in estates])  # fmt: skip
        put(store, "building", [{"code": "B1", "name": "1号楼", "parent_code": "E1", "households": 30}])
        store.writer.run(_posts, label="posts").result()
        put(store, "grid", [{"code": "G2", "name": "G2", "parent_code": "C1", "households": 310, "geometry": box(2, 4)},
                            {"code": "G3", "name": "G3", "parent_code": "C1", "households": 90, "geometry": box(0, 2)}],
            plan=find_plan(store, "2024 版", date(2024, 5, 1)), effective_from=date(2024, 5, 1))  # fmt: skip
        yield store


def _posts(con: Connection) -> None:
    ids = dict(con.execute("SELECT code, place_id FROM place").fetchall())
    for kind, code, required, actual, on_duty in (
        ("grid_head", "G2", 1, 1, 0),
        ("full_time", "G2", 2, 1, 1),
        ("full_time", "C1", 3, 3, 2),
    ):
        con.execute(
            "INSERT INTO post VALUES (nextval('post_ids'), $1, $2, $3, $4, $5, DATE '0001-01-01', DATE '9999-12-31')",
            [ids[code], kind, required, actual, on_duty],
        )
    for code, kind in (("E1", "hydrant"), ("E1", "lamp"), ("G2", "lamp")):
        con.execute(
            "INSERT INTO facility VALUES (nextval('facility_ids'), $1, NULL, $2, $3, NULL, DATE '0001-01-01', DATE '9999-12-31')",
            [f"{code}-{kind}", kind, ids[code]],
        )


def test_the_district_holds_everything(district: Store) -> None:
    found = profile(district, "", TODAY)
    assert (found.code, found.level, found.chain[0].name) == ("990100", "district", "样例区")
    assert found.holds == {"street": 1, "community": 1, "grid": 2, "estate": 2, "building": 1}
    assert found.companies == [
        {"name": "乙", "estates": 1, "households": 200},
        {"name": "甲", "estates": 1, "households": 60},
    ]
    assert found.posts == [
        {"kind": "full_time", "required": 5, "actual": 4, "on_duty": 3},
        {"kind": "grid_head", "required": 1, "actual": 1, "on_duty": 0},
    ]
    assert found.facilities == [{"kind": "lamp", "n": 2}, {"kind": "hydrant", "n": 1}]


def test_the_chain_goes_from_the_district_to_the_building(district: Store) -> None:
    found = profile(district, "B1", TODAY)
    assert [(one.code, one.level) for one in found.chain] == [
        ("990100", "district"), ("S1", "street"), ("C1", "community"), ("E1", "estate"), ("B1", "building"),
    ]  # fmt: skip
    assert (found.households, found.estates, found.holds) == (30, [], {})


def test_estates_of_a_grid_are_those_on_its_ground(district: Store) -> None:
    assert [one["code"] for one in profile(district, "G2", TODAY).estates] == ["E2"]
    assert [one["code"] for one in profile(district, "G3", TODAY).estates] == ["E2", "E1"]


def test_an_estate_names_its_company_kind_and_households(district: Store) -> None:
    found = profile(district, "E1", TODAY)
    assert (found.company, found.kind, found.old, found.households) == ("甲", "commodity", True, 60)


def test_a_code_s_history_names_its_plans(district: Store) -> None:
    found = profile(district, "G2", TODAY)
    assert [(row["plan"], row["households"], row["effective_from"], row["effective_to"]) for row in found.history] == [
        ("2024 版", 310, date(2024, 5, 1), None),
        ("2023 版", 300, None, date(2024, 5, 1)),
    ]


def test_a_retired_code_shows_how_it_last_stood(district: Store) -> None:
    found = profile(district, "G1", TODAY)
    assert (found.in_force, found.retired, found.households) == (False, True, 100)
    assert [one["code"] for one in found.estates] == ["E2", "E1"]
    assert profile(district, "G1", date(2024, 4, 1)).in_force is True


def test_a_place_there_is_not_is_refused(district: Store) -> None:
    with pytest.raises(NotFound):
        profile(district, "X", TODAY)
