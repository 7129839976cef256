"""A file of places becomes tables of places; what is wrong with a row is told with its row."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import shapely

from data.errors import FileError, MappingError
from data.places import put_places
from data.plans import find_plan
from data.progress import Quiet
from data.settings import Settings
from data.store import Store
from etl.boundaries import read_places
from etl.fileoptions import Limits
from etl.mapping import Mapping, build_mapping, load_mapping
from tests.realdata import SHARED, needs_shared

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
BOW_TIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}


def geojson(path: Path, rows: list[tuple[dict[str, Any], Any]]) -> Path:
    features = [{"type": "Feature", "properties": properties, "geometry": shape} for properties, shape in rows]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def mapping(fields: dict[str, Any], level: str | None = "community", **more: Any) -> Mapping:
    return build_mapping(
        {"name": "test", "kind": "places", "fields": fields, **({"level": level} if level else {}), **more}
    )


def read(path: Path, by: Mapping) -> tuple[list[tuple[str, date | None, pa.Table]], dict[str, Any]]:
    items = list(read_places(str(path), by, limits=Limits(), progress=Quiet()))
    assert items[-1][0] == "report"
    return [value for _, value in items[:-1]], items[-1][1]


def test_columns_become_fields_and_numbers_lose_their_point(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "a.geojson", [({"ID": 206.0, "HH": 411.6, "X": 1, "K": "商品房", "O": "是", "A": "甲；乙"}, SQUARE)]
    )
    fields = {"code": "ID", "households": "HH", "kind": "K", "old": "O", "aliases": "A"}
    [(level, start, table)], report = read(path, mapping(fields, "estate"))
    assert (level, start) == ("estate", None)
    row = table.to_pylist()[0]
    assert shapely.from_wkb(row.pop("geometry")).area == 1
    assert row == {
        "row_number": 1, "code": "206", "households": 412, "kind": "commodity", "old": True, "aliases": ["甲", "乙"],
    }  # fmt: skip
    assert report["dropped_columns"] == ["X"]


def test_a_field_the_mapping_does_not_name_is_not_in_the_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code,name\n1,a\n2,b\n", "utf-8")
    [(_, _, table)], _ = read(path, mapping({"code": "code", "name": "name"}, "street"))
    assert table.column_names == ["row_number", "code", "name"]


def test_levels_in_a_column_come_highest_first(tmp_path: Path) -> None:
    rows = [({"l": "grid", "c": "G"}, SQUARE), ({"l": "street", "c": "S"}, SQUARE), ({"l": "town", "c": "T"}, SQUARE)]
    tables, report = read(geojson(tmp_path / "a.geojson", rows), mapping({"level": "l", "code": "c"}, None))
    assert [(level, table["code"].to_pylist()) for level, _, table in tables] == [("street", ["S"]), ("grid", ["G"])]
    assert report["left_out"] == [{"row": 3, "what": 'there is no level "town"', "code": "T"}]


def test_rows_of_different_days_come_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code,name,from\n1,a,2024-01-01\n2,b,\n", "utf-8")
    tables, _ = read(path, mapping({"code": "code", "name": "name", "effective_from": "from"}, "street"))
    assert [(start, table["code"].to_pylist()) for _, start, table in tables] == [
        (None, ["2"]),
        (date(2024, 1, 1), ["1"]),
    ]


def test_faults_are_told_by_row(tmp_path: Path) -> None:
    rows = [
        ({"c": "1", "n": "a", "h": "about 400"}, SQUARE),
        ({"c": "2", "n": "b", "h": "12"}, BOW_TIE),
        ({"c": "3", "n": "c", "h": "12"}, None),
        ({"c": None, "n": None, "h": "12"}, SQUARE),
    ]
    fields = {"code": "c", "name": "n", "households": "h"}
    [(_, _, table)], report = read(geojson(tmp_path / "a.geojson", rows), mapping(fields))
    assert table["code"].to_pylist() == ["1", "2"]
    assert table["households"].to_pylist() == [None, 12]
    assert [one["row"] for one in report["left_out"]] == [3, 4]
    assert sorted(one["row"] for one in report["repaired"])[:2] == [1, 2]


def test_only_keeps_the_rows_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code,name,area\n1,a,X\n2,b,Y\n", "utf-8")
    by = mapping({"code": "code", "name": "name"}, "street", only={"area": ["Y"]})
    [(_, _, table)], _ = read(path, by)
    assert table["code"].to_pylist() == ["2"]
    with pytest.raises(FileError, match=r"no row can be taken as a place. Check \[only\]"):
        read(path, mapping({"code": "code", "name": "name"}, "street", only={"area": ["Z"]}))


def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.geojson", [({"ID": 1}, SQUARE)])
    with pytest.raises(MappingError, match=r"a.geojson: the file has no column CODE. It has: ID"):
        read(path, mapping({"code": "CODE"}))


@needs_shared
def test_bostons_broken_tracts_are_repaired_told_and_do_not_nest(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var", memory_share=0.1, threads=2)
    neighbourhoods, tracts = load_mapping("boston-neighborhoods"), load_mapping("boston-tracts")
    [(_, _, communities)], _ = read(SHARED / "boston-311" / "neighborhoods.geojson", neighbourhoods)
    [(level, _, grids)], report = read(SHARED / "boston-311" / "tracts2010_households.gpkg", tracts)
    assert (level, grids.num_rows, communities.num_rows) == ("grid", 652, 26)
    assert len(report["repaired"]) == 58
    assert grids["households"].null_count == 11
    assert shapely.is_valid(shapely.from_wkb(grids["geometry"].to_numpy(zero_copy_only=False))).all()
    with Store.create(
        settings.home, name="Boston", code="BOS", zone="America/New_York", crs="EPSG:26986", settings=settings
    ) as store:
        put_places(store, communities, level="community")
        put = put_places(store, grids, level="grid", plan=find_plan(store, "tracts"))
    assert (put.new, put.codes_made) == (652, 0)
    by_code = {one["code"]: one for one in put.straddling}
    assert by_code["25025070300"] == {"code": "25025070300", "parent": "32", "share": 0.4095}
    assert len(put.straddling) == 64
    assert sum(not code.startswith("25025") for code in put.without_parent) == 448


@needs_shared
def test_a_shapefile_without_projection_asks_for_it() -> None:
    by = load_mapping("saopaulo-districts").model_copy(update={"geometry": Mapping.model_fields["geometry"].default})
    with pytest.raises(FileError, match="does not say which coordinate system it is in"):
        read(SHARED / "saopaulo-156" / "SIRGAS_SHP_distrito_polygon.shp", by)
