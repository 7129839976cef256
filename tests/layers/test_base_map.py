from __future__ import annotations

import base64
import gzip
from typing import Any

import pyarrow as pa
import pytest
import shapely

from data.base_map import FEATURE_ROWS, put_features
from data.errors import NotFound
from data.store import Store
from layers.base_map import base_map, content_at, made_of
from layers.codec import mercator
from tests.node import needs_node, run

ROAD = shapely.LineString([(118.30, 35.0), (118.31, 35.0), (118.32, 35.01)])
PARK = shapely.box(118.30, 35.0, 118.31, 35.01) - shapely.box(118.303, 35.003, 118.307, 35.007)
PONDS = shapely.union(shapely.box(118.30, 35.0, 118.301, 35.001), shapely.box(118.305, 35.0, 118.306, 35.001))


def rows(*features: tuple[str, str, str | None, int, Any]) -> pa.Table:
    """Features as the store keeps them."""
    return pa.Table.from_pylist(
        [
            {"theme": theme, "kind": kind, "name": name, "rank": rank, "geometry": shapely.to_wkb(shape)}
            for theme, kind, name, rank, shape in features
        ],
        schema=FEATURE_ROWS,
    )


THREE = (
    ("road", "arterial", "长兴大道", 1, ROAD),
    ("park", "park", None, 2, PARK),
    ("water", "lake", "双湖", 1, PONDS),
)


@needs_node
def test_features_reach_the_browser_with_kind_rank_name_parts_and_points() -> None:
    raw = base64.b64encode(gzip.decompress(made_of(rows(*THREE)).content)).decode()
    found = run(
        ["cells/codec.js", "base/features.js"],
        """const found = jingwei.decodeFeatures(Uint8Array.from(Buffer.from(raw, 'base64')).buffer);
        return Object.fromEntries(Object.entries(found).map(([k, v]) => [k, v.length === undefined ? v : Array.from(v)]));""",
        raw=raw,
    )
    assert [found["kinds"][i] for i in found["kind"]] == ["road/arterial", "park/park", "water/lake"]
    assert [found["names"][i] for i in found["name"]] == ["长兴大道", "", "双湖"]
    assert found["rank"] == [1, 2, 1]
    assert found["partStart"] == [0, 1, 3, 5]  # a line, a ring with a hole, two rings
    assert found["pointStart"] == [0, 3, 8, 13, 18, 23]
    road = mercator(shapely.get_coordinates(ROAD))
    assert [found["x"][:3], found["y"][:3]] == road.T.tolist()
    assert found["box"][:4] == [*road.min(axis=0).tolist(), *road.max(axis=0).tolist()]


def test_the_base_map_stands_at_an_address_of_its_content_and_changes_with_it(store: Store) -> None:
    assert base_map(store).address == ""
    put_features(store, rows(*THREE))
    first = base_map(store)
    assert (first.n, first.address) == (3, f"/layers/base/{first.digest}/base.bin")
    assert content_at(store, first.digest) == first.content
    put_features(store, rows(("road", "local", "青松路", 3, ROAD)))
    assert base_map(store).digest != first.digest
    with pytest.raises(NotFound):
        content_at(store, first.digest)


LABELS = ["cells/codec.js", "base/labels.js"]


@needs_node
def test_a_road_s_name_runs_from_left_to_right_or_from_top_to_bottom() -> None:
    label = "return jingwei.roadLabel(line, '长兴大道', 10, 100).map(g => [g[0], Math.round(g[1]), Math.round(g[2]), +g[3].toFixed(2)])"
    east, west, north = [[0, 50], [200, 50]], [[200, 50], [0, 50]], [[50, 200], [50, 0]]
    level = [["长", 81, 50, 0], ["兴", 94, 50, 0], ["大", 106, 50, 0], ["道", 119, 50, 0]]
    assert run(LABELS, label, line=east) == level
    assert [glyph[0] for glyph in run(LABELS, label, line=west)] == ["长", "兴", "大", "道"]
    assert [glyph[1] for glyph in run(LABELS, label, line=west)] == [81, 94, 106, 119]
    upright = run(LABELS, label, line=north)
    assert [glyph[2] for glyph in upright] == [81, 94, 106, 119]
    assert {round(abs(glyph[3]) % 6.28, 1) for glyph in upright} <= {0.0, 6.3}


@needs_node
def test_a_road_too_short_or_too_bent_has_no_name() -> None:
    label = "return jingwei.roadLabel(line, '长兴大道', 10, middle)"
    assert run(LABELS, label, line=[[0, 0], [40, 0]], middle=20) is None
    assert run(LABELS, label, line=[[0, 0], [100, 0], [100, 100]], middle=100) is None


@needs_node
def test_a_long_name_is_broken_between_words() -> None:
    names = ["云杉第9网格-10", "碧波体育公园专属网格", "嘉江职业学院专属网格", "和平社区", "Riverside Park"]
    assert run(LABELS, "return names.map(jingwei.areaLines)", names=names) == [
        ["云杉第9", "网格-10"],
        ["碧波体育公园", "专属网格"],
        ["嘉江职业学院", "专属网格"],
        ["和平社区"],
        ["Riverside Park"],
    ]


def test_names_do_not_overlap_and_the_more_important_stays() -> None:
    placed = "return jingwei.placeLabels(wanted, 400, 400).map(g => g[0])"
    near = [
        {"name": "甲园", "size": 12, "rank": 3, "point": [100, 100]},
        {"name": "乙园", "size": 12, "rank": 1, "point": [110, 104]},
        {"name": "丙园", "size": 12, "rank": 3, "point": [100, 140]},
        {"name": "丁园", "size": 12, "rank": 1, "point": [399, 200]},
    ]
    assert run(LABELS, placed, wanted=near) == ["乙园", "丙园"]


@needs_node
def test_a_long_name_of_an_area_takes_two_lines() -> None:
    assert run(LABELS, "return jingwei.areaLines('青禾区人民政府服务中心')") == ["青禾区人民政", "府服务中心"]
    assert run(LABELS, "return jingwei.areaLines('Main Street Park')") == ["Main Street Park"]
