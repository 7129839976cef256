from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import shapely

from data.database import Connection
from data.on_map import Wanted, Window
from data.periods import Period
from data.repeats import rebuild
from data.settings import Settings
from data.store import Store
from data.things_on_map import MOST
from layers import facilities, posts, repeat_points
from layers.protocol import Ask
from layers.registry import CHOSEN, LAYERS, layer_of
from tests.dashboard.town import places, square
from tests.data.builder import take

HERE = Window(118.0, 34.0, 119.0, 36.0, 14)
MARCH = Period(datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC))
ALL_TIME = Wanted(MARCH, datetime(2026, 1, 1, tzinfo=UTC))


def ask(window: Window = HERE, wanted: Wanted = ALL_TIME) -> Ask:
    """A question about the town in words that are easy to compare."""
    return Ask(wanted, window, date(2024, 3, 31), str.upper, lambda t: f"{t:%m-%d}")


def write(store: Store, sql: str, *values: list[Any]) -> None:
    """Write rows past the program's own ways, which the demo district has."""

    def job(con: Connection) -> int:
        con.executemany(sql, list(values))
        return 0

    store.writer.run(job, label="test").result()


def test_facilities_of_a_window_with_kind_code_and_place(store: Store) -> None:
    places(store)
    grid = store.rows("SELECT place_id FROM place WHERE code = 'G1'")[0]["place_id"]
    sql = "INSERT INTO facility VALUES ($1, $2, $3, 'lamp', $4, ST_Point($5, 35.0), $6, $7)"
    open_, gone = date(9999, 12, 31), date(2024, 1, 1)
    write(
        store,
        sql,
        [1, "L1", None, grid, 118.3, date(2020, 1, 1), open_],
        [2, "L2", "东门路灯", None, 118.4, date(2020, 1, 1), open_],
        [3, "L3", None, grid, 118.5, date(2020, 1, 1), gone],
        [4, "L4", None, grid, 120.0, date(2020, 1, 1), open_],
    )
    found = facilities.points(store, ask())
    assert found["n"] == 2
    assert [(p["lon"], p["lines"]) for p in found["points"]] == [
        (118.3, ["LAMP", "L1", "第1网格"]),
        (118.4, ["东门路灯", "LAMP", "L2"]),
    ]


def test_no_more_points_are_sent_than_can_be_drawn_and_all_are_counted(store: Store) -> None:
    sql = "INSERT INTO facility VALUES ($1, $2, NULL, 'lamp', NULL, ST_Point(118.5, 35), '2020-01-01', '9999-12-31')"
    write(store, sql, *[[i, f"L{i:05d}"] for i in range(MOST + 10)])
    found = facilities.points(store, ask())
    assert (found["n"], len(found["points"])) == (MOST + 10, MOST)


def test_posts_stand_on_their_place_as_counts(store: Store) -> None:
    places(store)
    grids = {r["code"]: r["place_id"] for r in store.rows("SELECT code, place_id FROM place WHERE level = 'grid'")}
    write(
        store,
        "INSERT INTO post VALUES ($1, $2, $3, $4, $5, 0, '2020-01-01', '9999-12-31')",
        [1, grids["G1"], "full_time", 2, 1],
        [2, grids["G1"], "grid_head", 1, 1],
        [3, grids["G4"], "grid_head", 1, None],
    )
    found = posts.points(store, ask())["points"]
    assert [(p["shape"], p["lines"]) for p in found] == [
        ("short", ["第1网格", "FULL_TIME 1 / 2", "GRID_HEAD 1 / 1"]),
        ("short", ["第4网格", "GRID_HEAD – / 1"]),
    ]
    assert square("G1").contains(shapely.Point(found[0]["lon"], found[0]["lat"]))


def test_a_repeat_point_is_one_mark_with_how_often(store: Store, settings: Settings) -> None:
    places(store)
    case = {"at": "G1", "category_name": "占道经营", "lon": 118.305, "lat": 35.015, "x": 405_000.0, "y": 3_875_000.0}
    take(store, *[{**case, "id": f"r{i}", "reported": f"03-{i + 1:02d} 09:00"} for i in range(4)])
    rebuild(store)
    found = repeat_points.points(store, ask())["points"]
    assert [(p["n"], p["lines"]) for p in found] == [(4, ["占道经营", "n 4", "03-01 – 03-04"])]
    earlier = Wanted(MARCH, datetime(2024, 3, 3, 0, tzinfo=UTC))  # the third report was still to come
    assert repeat_points.points(store, ask(wanted=earlier))["points"] == []


def test_the_registry_names_every_layer_once_and_knows_who_colours_a_level() -> None:
    assert CHOSEN == ("buildings", "estates", "facilities", "posts", "repeat_points", "warnings")
    levels = ("district", "street", "community", "grid", "micro_grid", "estate")
    assert all((layer := layer_of(level)) is not None and layer.polygons is not None for level in levels)
    assert layer_of("building") is None
    assert [
        name for name, layer in LAYERS.items() if layer.draws == "points" and layer.chosen and not layer.points
    ] == []
