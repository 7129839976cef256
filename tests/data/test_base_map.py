"""The base map gives back what was put, by theme and by box."""

from __future__ import annotations

import pyarrow as pa
import pytest
import shapely

from data.base_map import FEATURE_ROWS, features, put_features
from data.errors import InputError
from data.store import Store


def put(store: Store, *rows: tuple[str, str, str | None, int, shapely.Geometry]) -> int:
    keys = FEATURE_ROWS.names
    table = [dict(zip(keys, (*row[:4], shapely.to_wkb(row[4])), strict=True)) for row in rows]
    return put_features(store, pa.Table.from_pylist(table, schema=FEATURE_ROWS))


ROAD = ("road", "arterial", "青禾大道", 1, shapely.LineString([(114, 30), (114.1, 30)]))
LAKE = ("water", "lake", None, 2, shapely.box(115, 30, 115.1, 30.1))


def test_features_come_back_by_theme_in_order_with_their_geometry(store: Store) -> None:
    assert put(store, ROAD, LAKE) == 2
    every = features(store)
    assert every.column_names == ["feature_id", "theme", "kind", "name", "rank", "geometry"]
    assert every["kind"].to_pylist() == ["arterial", "lake"]
    roads = features(store, ["road"]).to_pylist()
    assert [(row["name"], row["rank"]) for row in roads] == [("青禾大道", 1)]
    assert shapely.from_wkb(roads[0]["geometry"]).equals(ROAD[4])


def test_a_box_leaves_out_what_lies_elsewhere(store: Store) -> None:
    put(store, ROAD, LAKE)
    assert features(store, bbox=(114.05, 29.9, 114.06, 30.1))["theme"].to_pylist() == ["road"]
    assert features(store, ["road"], bbox=(115, 29, 116, 31)).num_rows == 0


def test_a_theme_put_again_replaces_itself_and_leaves_the_others(store: Store) -> None:
    put(store, ROAD, LAKE)
    put(store, (*ROAD[:2], "新大道", *ROAD[3:]))
    assert features(store)["name"].to_pylist() == [None, "新大道"]


def test_an_unknown_theme_is_refused(store: Store) -> None:
    with pytest.raises(InputError, match="there is no theme sky"):
        features(store, ["sky"])
