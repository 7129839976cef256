"""The lowest place wins; what lies above it comes from its parents, even where boundaries do not nest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from etl.locate import ID_LEVELS, Locator

NAN = float("nan")

# Each: id, level, code, name, aliases, parent, rectangle (west, south, east, north) or None.
PLACES: list[tuple[int, str, str, str, list[str] | None, int | None, tuple[float, ...] | None]] = [
    (1, "district", "990100", "样例区", None, None, (0, 0, 10, 10)),
    (2, "street", "990100001", "龙田街道办事处", None, 1, (0, 0, 5, 10)),
    (3, "street", "990100002", "坪山街道", None, 1, (5, 0, 10, 10)),
    (4, "community", "990100001001", "南布社区居民委员会", ["南布村"], 2, (0, 0, 4, 4)),
    (5, "community", "990100001002", "和平社区", None, 2, (0, 4, 4, 8)),
    (6, "community", "990100002001", "和平社区", None, 3, (5, 0, 10, 4)),
    (7, "grid", "G1", "G1", None, 4, (0, 0, 2, 4)),
    (8, "grid", "G2", "G2", None, 4, (2, 0, 5.5, 4)),  # reaches into the other street
    (9, "micro_grid", "M1", "M1", None, 7, (0, 0, 1, 1)),
    (10, "estate", "E1", "花园小区", None, 4, (0, 0, 1.5, 1.5)),
    (11, "building", "B1", "1栋", None, 10, (0, 0, 0.5, 0.5)),
    (12, "estate", "E2", "远方小区", None, 5, None),
]


def tree(places: list[Any]) -> pa.Table:
    columns = list(zip(*places, strict=True))
    return pa.table(
        {
            "place_id": pa.array(columns[0], pa.int32()),
            "level": columns[1],
            "code": columns[2],
            "name": columns[3],
            "aliases": pa.array(columns[4], pa.list_(pa.string())),
            "parent_id": pa.array(columns[5], pa.int32()),
            "geometry": [None if box is None else shapely.to_wkb(shapely.box(*box)) for box in columns[6]],
        }
    )


LOCATOR = Locator(tree(PLACES))


def one(
    lon: float, lat: float, named: str | None = None, locator: Locator = LOCATOR
) -> tuple[str, dict[str, int], str]:
    """(located, ids by level without the nulls, which masks are set) of one row."""
    found = locator.locate([lon], [lat], pa.array([named], pa.string()))
    row = found.table.to_pylist()[0]
    masks = [name for name in ("outside", "swapped", "unknown") if getattr(found, name)[0]]
    return row.pop("located"), {key.removesuffix("_id"): value for key, value in row.items() if value}, " ".join(masks)


def test_a_point_in_a_micro_grid_lies_in_everything_above() -> None:
    assert one(0.9, 0.9) == ("point", {"micro_grid": 9, "grid": 7, "community": 4, "street": 2, "estate": 10}, "")


def test_a_building_brings_its_estate() -> None:
    assert one(0.2, 0.2) == (
        "point",
        {"micro_grid": 9, "grid": 7, "community": 4, "street": 2, "estate": 10, "building": 11},
        "",
    )


def test_a_grid_that_reaches_over_a_border_keeps_its_own_parents() -> None:
    assert one(5.2, 1.0) == ("point", {"grid": 8, "community": 4, "street": 2}, "")


def test_where_no_grid_is_the_community_and_the_street_decide() -> None:
    assert one(1.0, 5.0) == ("point", {"community": 5, "street": 2}, "")
    assert one(1.0, 9.0) == ("point", {"street": 2}, "")


def test_a_point_on_a_shared_edge_lies_in_one_place() -> None:
    assert one(2.0, 3.0) == ("point", {"grid": 7, "community": 4, "street": 2}, "")


def test_outside_everything_and_the_named_place_stands_in() -> None:
    assert one(50.0, 50.0) == ("none", {}, "outside")
    assert one(50.0, 50.0, "community=南布社区") == ("community", {"community": 4, "street": 2}, "outside")


def test_exchanged_coordinates_are_found() -> None:
    locator = Locator(
        tree(
            [
                (1, "district", "D", "D", None, None, (114, 22, 115, 23)),
                (2, "street", "S", "S", None, 1, (114, 22, 114.5, 23)),
            ]
        )
    )
    assert one(22.5, 114.2, None, locator) == ("point", {"street": 2}, "swapped")
    assert one(114.2, 22.5, None, locator) == ("point", {"street": 2}, "")


def test_names_meet_with_and_without_the_offices_suffix_and_by_alias_and_code() -> None:
    for name in ("南布社区", "南布社区居民委员会", "南布村", "990100001001"):
        assert one(NAN, NAN, f"community={name}") == ("community", {"community": 4, "street": 2}, "")


def test_a_name_that_stands_twice_is_settled_by_the_street() -> None:
    assert one(NAN, NAN, "community=和平社区|street=坪山街道") == ("community", {"community": 6, "street": 3}, "")
    assert one(NAN, NAN, "community=和平社区|street=龙田街道") == ("community", {"community": 5, "street": 2}, "")
    assert one(NAN, NAN, "community=和平社区") == ("none", {}, "unknown")


def test_an_unknown_community_leaves_the_street() -> None:
    assert one(NAN, NAN, "community=无名社区|street=坪山街道") == ("street", {"street": 3}, "unknown")


def test_a_level_without_places_is_not_unknown() -> None:
    assert one(NAN, NAN, "block=3|street=坪山街道") == ("street", {"street": 3}, "")


def test_a_building_known_by_name_brings_the_micro_grid_it_lies_in() -> None:
    assert one(NAN, NAN, "building=B1") == (
        "building",
        {"micro_grid": 9, "grid": 7, "community": 4, "street": 2, "estate": 10, "building": 11},
        "",
    )


def test_an_estate_known_by_name_that_fills_two_micro_grids_brings_their_grid() -> None:
    assert one(NAN, NAN, "estate=E1") == ("estate", {"grid": 7, "community": 4, "street": 2, "estate": 10}, "")


def test_an_estate_known_by_name_brings_its_community() -> None:
    assert one(NAN, NAN, "estate=远方小区") == ("estate", {"estate": 12, "community": 5, "street": 2}, "")


def test_the_point_wins_over_the_name_unless_the_name_says_more() -> None:
    assert one(0.9, 2.0, "community=和平社区|street=坪山街道") == (
        "point",
        {"grid": 7, "community": 4, "street": 2},
        "",
    )
    assert one(9.0, 9.0, "community=和平社区|street=坪山街道") == ("community", {"community": 6, "street": 3}, "")
    assert one(9.0, 9.0, "community=南布社区") == ("point", {"street": 3}, "")  # the point lies in another street


def test_without_boundaries_nothing_is_outside() -> None:
    locator = Locator(tree([(*place[:6], None) for place in PLACES]))
    assert one(114.0, 22.0, None, locator) == ("point", {}, "")
    assert one(114.0, 22.0, "community=南布社区", locator) == ("community", {"community": 4, "street": 2}, "")


def test_points_that_are_not_to_be_used_are_not() -> None:
    found = LOCATOR.locate([0.9, 0.9], [0.9, 0.9], pa.array(["street=坪山街道", None]), np.array([False, False]))
    assert found.table["located"].to_pylist() == ["street", "none"]
    assert not found.outside.any()


def test_children_and_what_is_not_located_below_add_up_to_the_parent() -> None:
    random = np.random.default_rng(7)
    lon, lat = random.uniform(-1, 11, 5000), random.uniform(-1, 11, 5000)
    table = LOCATOR.locate(lon, lat).table
    parent = {place[0]: place[5] for place in PLACES}
    for lower, upper in (("micro_grid", "grid"), ("grid", "community"), ("community", "street")):
        below, above = table[f"{lower}_id"].to_pylist(), table[f"{upper}_id"].to_pylist()
        assert all(parent[b] == a for b, a in zip(below, above, strict=True) if b is not None)
    assert table.column_names == ["located", *(f"{level}_id" for level in ID_LEVELS)]


def test_equal_rows_get_equal_places_in_any_order() -> None:
    lon, lat = np.array([0.9, 5.2, 0.9, NAN]), np.array([0.9, 1.0, 0.9, 3.0])
    forward = LOCATOR.locate(lon, lat).table.to_pylist()
    backward = LOCATOR.locate(lon[::-1], lat[::-1]).table.to_pylist()
    assert forward == backward[::-1]
    assert forward[0] == forward[2]
    assert forward[3]["located"] == "none"
