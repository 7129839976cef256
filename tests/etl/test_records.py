import json
from pathlib import Path
from typing import Any

import pytest

from etl.readers import BadRow, FileOptions, Limits, open_tickets, sniff
from tests.etl.reading import bad, numbers, refused, rows, write


def saved(folder: Path, content: Any, name: str = "t.json") -> Path:
    return write(folder, content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), name)


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_an_array_of_objects_is_rows_with_the_keys_of_all(tmp_path: Path) -> None:
    file = open_tickets(
        saved(tmp_path, '[{"id": 1, "n": 2.50}, {"id": "007", "街道": "龙田", "ok": true}, {"id": null}]')
    )
    assert file.columns == ["id", "n", "街道", "ok"]
    assert rows(file) == [["1", "2.50", None, None], ["007", None, "龙田", "true"]]
    assert numbers(file) == [1, 2]  # the third has nothing in it
    assert (file.kind, file.encoding) == ("json", "utf-8")


def test_nested_objects_become_columns_and_points_lon_and_lat(tmp_path: Path) -> None:
    record = '{"a": {"b": {"c": 1}}, "at": {"type": "Point", "coordinates": [-71.10, 42.3]}, "tags": ["x", "y"]}'
    file = open_tickets(saved(tmp_path, f"[{record}]"))
    assert file.columns == ["a.b.c", "at.lon", "at.lat", "tags"]
    assert rows(file) == [["1", "-71.10", "42.3", '["x", "y"]']]


def test_records_under_a_key_are_found_beside_other_lists(tmp_path: Path) -> None:
    path = saved(tmp_path, {"result": {"fields": [{"id": "a"}, {"id": "b"}], "records": [{"a": 1}]}, "ok": True})
    assert rows(open_tickets(path)) == [["1"]]
    assert sniff(path).records == "result.records"


def test_several_lists_are_a_question_that_records_answers(tmp_path: Path) -> None:
    path = saved(tmp_path, {"x": [{"a": 1}], "y": [{"b": 2}, {"b": 3}]})
    assert refused(path) == ("t.json", "the JSON holds several lists of records: x (1 records), y (2 records)")
    assert sniff(path).records == "y"
    for name in ("y", "$.y", "/y"):
        assert rows(open_tickets(path, FileOptions(records=name))) == [["2"], ["3"]]
    assert refused(path, FileOptions(records="z")) == ("t.json", "there is no list of records at 'z'")


@pytest.mark.parametrize("content", ['{"a": 1}', "[1, 2]", "[]", '"x"', "[[1, 2], [3, 4]]"])
def test_json_without_records_is_refused(tmp_path: Path, content: str) -> None:
    assert refused(saved(tmp_path, content)) == (
        "t.json",
        "the JSON holds no list of records (objects with named values)",
    )


def test_what_is_no_object_in_the_list_is_set_aside(tmp_path: Path) -> None:
    file = open_tickets(saved(tmp_path, '[{"a": 1}, 5, {"a": 2}]'))
    assert (rows(file), numbers(file), bad(file)) == (
        [["1"], ["2"]],
        [1, 3],
        [BadRow(2, '"5"', "not a JSON object")],
    )


@pytest.mark.parametrize("content", ["[" * 100_000, '{"a":' * 100_000, '[{"a": ' + "[" * 100_000])
def test_json_nested_without_end_is_refused(tmp_path: Path, content: str) -> None:
    assert refused(saved(tmp_path, content)) == ("t.json", "the JSON is nested too deeply")


def test_damaged_json_is_refused_with_its_place(tmp_path: Path) -> None:
    assert refused(saved(tmp_path, '[{"a": 1} {"a": 2}]')) == (
        "t.json",
        "the JSON is damaged at character 11: ',' is expected, '{' found",
    )
    assert refused(saved(tmp_path, '[{"a": 1}, {"a": ')) == (
        "t.json",
        "the JSON is damaged at character 18: the text ends too early",
    )


def test_records_across_pieces_of_the_file_are_whole(tmp_path: Path) -> None:
    content = [{"n": number, "text": "路灯不亮" * 100} for number in range(3_000)]
    path = saved(tmp_path, content)
    assert path.stat().st_size > 3_000_000
    batches = list(open_tickets(path, batch_rows=1_000))
    assert [(batch.first_row, batch.table.num_rows) for batch in batches] == [(1, 1000), (1001, 1000), (2001, 1000)]
    assert [n for batch in batches for n in batch.table["n"].to_pylist()] == [str(number) for number in range(3_000)]


def test_a_record_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, [{"a": "x" * 4_000_000}])
    assert refused(path, limits=Limits(line_bytes=100_000)) == ("t.json", "one record is longer than 1.52588 MB")


def test_half_a_surrogate_pair_does_not_stop_the_file(tmp_path: Path) -> None:
    assert rows(open_tickets(saved(tmp_path, '[{"a": "\\ud83d"}]'))) == [["?"]]


@pytest.mark.parametrize("name", ["t.ndjson", "t.jsonl", "t.json"])
def test_one_object_a_line(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path, '{"a": 1.0}\n\n{"a": 2, "b": "x"}\r\nnonsense\n[3]\n', name)
    file = open_tickets(path)
    assert (file.kind, file.columns, rows(file), numbers(file)) == (
        "ndjson",
        ["a", "b"],
        [["1.0", None], ["2", "x"]],
        [1, 2],
    )
    assert [(row.row, row.text) for row in bad(file)] == [(3, "nonsense"), (4, "[3]")]


def test_lines_without_any_object_are_refused(tmp_path: Path) -> None:
    assert refused(saved(tmp_path, "a\nb\n", "t.ndjson")) == ("t.ndjson", "no line is a JSON object")


def test_geojson_points_are_tickets_with_lon_and_lat(tmp_path: Path) -> None:
    content = {
        "type": "FeatureCollection",
        "features": [
            feature({"type": "Point", "coordinates": [-71.05, 42.35, 9]}, id="1", kind="灯"),
            feature(None, id="2", kind="路"),
        ],
    }
    file = open_tickets(saved(tmp_path, content, "t.geojson"))
    assert file.columns == ["id", "kind", "lon", "lat"]
    assert rows(file) == [["1", "灯", "-71.05", "42.35"], ["2", "路", None, None]]
    assert file.warnings == []


def test_geojson_columns_called_lon_are_kept_and_a_foreign_system_is_mentioned(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::31983"}}
    content = {
        "type": "FeatureCollection",
        "crs": crs,
        "features": [feature({"type": "Point", "coordinates": [333_000, 7_394_000]}, lon="a")],
    }
    file = open_tickets(saved(tmp_path, content, "t.geojson"))
    assert file.columns == ["lon", "lon_2", "lat"]
    assert file.warnings == [f"the file names its coordinates {json.dumps(crs)}: set crs in [location]"]
