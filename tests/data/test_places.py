"""Places are kept by date: what changes gets a new version, what does not is left alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
import shapely

from data import atlas, plans
from data.codes import new_codes, own_rows, reading_order
from data.errors import InputError
from data.levels import BEGINNING, END
from data.places import PLACE_ROWS, PlacesReport, put_places
from data.store import Store

LON, LAT, STEP = 114.0, 30.0, 0.01


def cell(west: float, south: float, east: float, north: float) -> bytes:
    """A rectangle in hundredths of a degree from the test district's corner, as WKB."""
    shape = shapely.box(LON + west * STEP, LAT + south * STEP, LON + east * STEP, LAT + north * STEP)
    return bytes(shapely.to_wkb(shape))


def put(store: Store, level: str, rows: Iterable[dict[str, Any]], **options: Any) -> PlacesReport:
    given = list(rows)
    names = {key for row in given for key in row}
    schema = pa.schema([field for field in PLACE_ROWS if field.name in names])
    return put_places(store, pa.Table.from_pylist(given, schema=schema), level=level, **options)


def places(store: Store, day: date | None = None) -> dict[str, dict[str, Any]]:
    """The tree on a day by code, parents by code."""
    rows = atlas.tree(store, atlas.atlas_on(store, day).atlas_id).to_pylist()
    codes = {row["place_id"]: row["code"] for row in rows}
    return {row["code"]: {**row, "parent": codes.get(row["parent_id"])} for row in rows}


def two_communities(store: Store) -> None:
    put(store, "street", [{"code": "990100001", "name": "龙田街道", "geometry": cell(0, 0, 4, 4)}])
    put(
        store,
        "community",
        [
            {"code": "990100001001", "name": "南布社区", "households": 900, "geometry": cell(0, 0, 2, 4)},
            {"code": "990100001002", "name": "老坑社区", "households": 700, "geometry": cell(2, 0, 4, 4)},
        ],
    )


def test_a_first_table_is_all_new_and_the_same_table_again_changes_nothing(store: Store) -> None:
    rows = [{"code": "S1", "name": "A", "geometry": cell(0, 0, 1, 1)}, {"code": "S2", "name": "B"}]
    first = put(store, "street", rows)
    assert (first.rows, first.new, first.updated, first.unchanged) == (2, 2, 0, 0)
    version = store.version
    again = put(store, "street", rows)
    assert (again.rows, again.new, again.updated, again.unchanged) == (2, 0, 0, 2)
    assert store.version == version


def test_parents_by_where_most_of_the_area_lies_and_the_share_is_told(store: Store) -> None:
    two_communities(store)
    report = put(
        store,
        "grid",
        [
            {"code": "G1", "geometry": cell(0, 0, 1, 1)},
            {"code": "G2", "geometry": cell(1, 0, 2.25, 1)},  # a fifth of it lies in the other community
            {"code": "G3", "geometry": cell(10, 10, 11, 11)},
            {"code": "G4", "geometry": cell(3.98, 3.98, 6, 6)},  # a hundredth of a per cent of it lies inside
        ],
    )
    tree = places(store)
    assert [tree[f"G{i}"]["parent"] for i in range(1, 5)] == ["990100001001", "990100001001", "990100", "990100"]
    assert report.straddling == [{"code": "G2", "parent": "990100001001", "share": 0.8}]
    assert report.without_parent == ["G3", "G4"]
    assert report.plan == "plan 1"


def test_a_parent_given_by_code_wins_and_an_unknown_one_is_told(store: Store) -> None:
    two_communities(store)
    report = put(
        store,
        "grid",
        [
            {"code": "G1", "parent_code": "990100001002", "geometry": cell(0, 0, 1, 1)},
            {"code": "G2", "parent_code": "nowhere", "geometry": cell(0, 1, 1, 2)},
        ],
    )
    tree = places(store)
    assert [tree[code]["parent"] for code in ("G1", "G2")] == ["990100001002", "990100001001"]
    assert report.unknown_parents == [{"code": "G2", "parent_code": "nowhere"}]
    assert report.straddling == []


def test_parents_that_come_after_their_children_adopt_them(store: Store) -> None:
    put(store, "grid", [{"code": "G1", "geometry": cell(0, 0, 1, 1)}, {"code": "G2", "geometry": cell(8, 8, 9, 9)}])
    report = put(store, "community", [{"code": "C1", "name": "C", "geometry": cell(0, 0, 2, 2)}])
    assert report.adopted == 1
    assert {code: place["parent"] for code, place in places(store).items()} == {
        "990100": None,
        "C1": "990100",
        "G1": "C1",
        "G2": "990100",
    }
    assert len(store.rows("SELECT * FROM place_version")) == 4


def test_a_change_from_a_day_on_closes_the_old_version(store: Store) -> None:
    two_communities(store)
    day = date(2024, 7, 1)
    report = put(
        store, "community", [{"code": "990100001001", "name": "南布社区", "households": 950}], effective_from=day
    )
    assert (report.new, report.updated, report.unchanged) == (0, 1, 0)
    versions = store.rows(
        """SELECT effective_from, effective_to, households, geometry IS NOT NULL AS shape FROM place_version
           JOIN place USING (place_id) WHERE code = '990100001001' ORDER BY 1"""
    )
    assert versions == [
        {"effective_from": BEGINNING, "effective_to": day, "households": 900, "shape": True},
        {"effective_from": day, "effective_to": END, "households": 950, "shape": True},
    ]
    assert places(store, date(2024, 6, 30))["990100001001"]["households"] == 900
    assert places(store, day)["990100001001"]["households"] == 950


def test_a_correction_from_the_same_day_replaces_the_version(store: Store) -> None:
    two_communities(store)
    put(store, "community", [{"code": "990100001001", "households": 901}])
    versions = store.rows(
        "SELECT name, households FROM place_version JOIN place USING (place_id) WHERE code = '990100001001'"
    )
    assert versions == [{"name": "南布社区", "households": 901}]


def test_what_came_before_ends_where_the_next_version_begins(store: Store) -> None:
    put(store, "street", [{"code": "S1", "name": "new"}], effective_from=date(2024, 1, 1))
    put(store, "street", [{"code": "S1", "name": "old"}])
    names = store.rows(
        "SELECT v.name, effective_from FROM place_version v JOIN place USING (place_id) WHERE code = 'S1' ORDER BY 2"
    )
    assert names == [
        {"name": "old", "effective_from": BEGINNING},
        {"name": "new", "effective_from": date(2024, 1, 1)},
    ]
    assert places(store, date(2023, 1, 1))["S1"]["name"] == "old"


def test_grids_without_codes_are_numbered_west_to_east_row_by_row_from_the_north(store: Store) -> None:
    two_communities(store)
    report = put(store, "grid", [{"geometry": cell(x, y, x + 1, y + 1)} for x in range(2) for y in range(2)])
    assert report.codes_made == 4
    tree = places(store)
    corners = {
        code: shapely.from_wkb(place["geometry"]).bounds[:2] for code, place in tree.items() if place["level"] == "grid"
    }
    assert {code: (round((x - LON) / STEP), round((y - LAT) / STEP)) for code, (x, y) in corners.items()} == {
        "990100001001001": (0, 1),
        "990100001001002": (1, 1),
        "990100001001003": (0, 0),
        "990100001001004": (1, 0),
    }


def test_grids_without_codes_are_known_again_by_their_shape(store: Store) -> None:
    two_communities(store)
    rows = [{"geometry": cell(x, 0, x + 1, 1)} for x in range(2)]
    put(store, "grid", rows)
    again = put(store, "grid", rows)
    assert (again.new, again.updated, again.unchanged) == (0, 0, 2)


def test_other_places_without_codes_get_plain_numbers() -> None:
    shapes = shapely.from_wkb([cell(1, 0, 2, 1), cell(0, 0, 1, 1), None])
    assert reading_order(shapes) == [1, 0, 2]
    assert new_codes("estate", [None, None, None], shapes, {"estate-0001"}) == [
        "estate-0003",
        "estate-0002",
        "estate-0004",
    ]


def test_a_code_that_stands_twice_is_refused_with_its_rows(store: Store) -> None:
    rows = [{"row_number": 3, "code": "S1", "name": "a"}, {"row_number": 9, "code": "S1", "name": "b"}]
    with pytest.raises(InputError, match='rows 3, 9: the code "S1" stands more than once'):
        put(store, "street", rows)


def test_the_district_is_one_place_and_keeps_its_code(store: Store) -> None:
    report = put(store, "district", [{"code": "whatever", "name": "样例", "geometry": cell(0, 0, 9, 9)}])
    assert (report.new, report.updated) == (0, 1)
    assert places(store)["990100"]["name"] == "样例"
    with pytest.raises(InputError, match="one district; the table has 2"):
        put(store, "district", [{"name": "a"}, {"name": "b"}])


def test_rows_of_other_districts_are_left_out_and_counted(store: Store) -> None:
    rows = [{"code": "440310001", "name": "ours"}, {"code": "440303001", "name": "theirs"}, {"code": "X", "name": "?"}]
    assert [row["name"] for row in own_rows(rows, "440310")] == ["ours", "?"]
    assert [row["name"] for row in own_rows(rows, "440300")] == ["ours", "theirs", "?"]
    assert own_rows(rows, "350000") == rows
    assert own_rows(rows, "BOS") == rows


def test_a_new_plan_ends_the_one_before_and_retires_its_codes(store: Store) -> None:
    two_communities(store)
    day = date(2025, 1, 1)
    put(store, "grid", [{"code": code, "geometry": cell(x, 0, x + 1, 1)} for x, code in enumerate(("G1", "G2"))])
    report = put(
        store,
        "grid",
        [{"code": "G2", "geometry": cell(1, 0, 2, 1)}, {"code": "G3", "geometry": cell(0, 0, 1, 1)}],
        plan=plans.find_plan(store, "second", day),
    )
    assert (report.new, report.retired, report.plan) == (2, 1, "second")
    assert [(p.name, p.status, p.effective_from, p.effective_to) for p in plans.plans(store)] == [
        ("plan 1", "retired", BEGINNING, day),
        ("second", "active", day, END),
    ]
    assert sorted(code for code in places(store, date(2024, 1, 1)) if code[0] == "G") == ["G1", "G2"]
    assert sorted(code for code in places(store, day) if code[0] == "G") == ["G2", "G3"]
    assert store.rows("SELECT code FROM place WHERE retired") == [{"code": "G1"}]


def test_a_retired_code_is_never_used_again(store: Store) -> None:
    put(store, "grid", [{"code": "G1", "geometry": cell(0, 0, 1, 1)}])
    put(
        store,
        "grid",
        [{"code": "G2", "geometry": cell(0, 0, 1, 1)}],
        plan=plans.find_plan(store, "b", date(2024, 1, 1)),
    )
    put(
        store,
        "grid",
        [{"code": "G3", "geometry": cell(0, 0, 1, 1)}],
        plan=plans.find_plan(store, "c", date(2025, 1, 1)),
    )
    before = store.rows("FROM grid_plan")
    with pytest.raises(InputError, match='the code "G1" was retired'):
        put(
            store,
            "grid",
            [{"code": "G1", "geometry": cell(0, 0, 1, 1)}],
            plan=plans.find_plan(store, "d", date(2026, 1, 1)),
        )
    assert store.rows("FROM grid_plan") == before


def test_a_new_plan_needs_its_first_day(store: Store) -> None:
    put(store, "grid", [{"code": "G1", "geometry": cell(0, 0, 1, 1)}])
    with pytest.raises(InputError, match=r'the plan "plan 1" is in force.*--effective-from'):
        plans.find_plan(store, "second")
    with pytest.raises(InputError, match="holds from 0001-01-01 already"):
        plans.find_plan(store, "second", BEGINNING.replace(year=1))
    assert plans.find_plan(store).name == "plan 1"


def test_a_draft_is_in_force_on_no_day(store: Store) -> None:
    put(store, "grid", [{"code": "G1", "geometry": cell(0, 0, 1, 1)}])
    before = atlas.atlases(store)
    put(store, "grid", [{"code": "D1", "geometry": cell(0, 0, 1, 1)}], plan=plans.find_plan(store, "draft", draft=True))
    assert atlas.atlases(store) == before
    assert "D1" not in places(store)
    assert store.rows("SELECT code FROM place WHERE retired") == []


def test_companies_are_made_once_by_name(store: Store) -> None:
    put(
        store,
        "estate",
        [{"code": "E1", "name": "a", "company": "安居物业"}, {"code": "E2", "name": "b", "company": "安居物业"}],
    )
    again = put(
        store,
        "estate",
        [{"code": "E1", "name": "a", "company": "安居物业"}, {"code": "E2", "name": "b", "company": "和美物业"}],
    )
    assert (again.updated, again.unchanged) == (1, 1)
    assert store.rows("SELECT name FROM company ORDER BY company_id") == [{"name": "安居物业"}, {"name": "和美物业"}]


def test_areas_are_square_metres(store: Store) -> None:
    two_communities(store)
    assert round(places(store)["990100001001"]["area_m2"] / 1e6, 2) == 8.55  # 1.929 km by 4.434 km
