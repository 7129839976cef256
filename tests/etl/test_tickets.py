"""Whole ticket files: what is refused before anything is staged, what is flagged, and the four real exports."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import coordTransform
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
import shapely

from data.errors import Cancelled, FileError, MappingError, TooManyBadRows
from data.quality import flags_of
from data.staging import PLACED, QUARANTINED, STAGED
from etl.fileoptions import Limits
from etl.jobs import run_in_worker
from etl.mapping import Mapping, build_mapping, load_mapping
from etl.points import PointCounts
from etl.tickets import Context, read_tickets
from tests.realdata import SHARED, needs_shared

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def tree(*places: tuple[str, str, str, int | None, Any]) -> pa.Table:
    """A tree of (level, code, name, parent id, polygon); ids count from 1."""
    levels, codes, names, parents, shapes = zip(*places, strict=True)
    return pa.table(
        {
            "place_id": pa.array(range(1, len(places) + 1), pa.int32()),
            "level": list(levels),
            "code": list(codes),
            "name": list(names),
            "aliases": pa.array([None] * len(places), pa.list_(pa.string())),
            "parent_id": pa.array(parents, pa.int32()),
            "geometry": pa.array([shape and shapely.to_wkb(shape) for shape in shapes], pa.binary()),
        }
    )


# Two communities side by side around 114 E, 22.5 N.
TREE = tree(
    ("district", "d", "District", None, None),
    ("community", "w", "West", 1, shapely.box(114.0, 22.0, 114.5, 23.0)),
    ("community", "e", "East", 1, shapely.box(114.5, 22.0, 115.0, 23.0)),
)


def context(**changes: Any) -> Context:
    return Context(**{"zone": "UTC", "crs": "EPSG:4547", "now": NOW, "trees": ((1, TREE),), **changes})


def mapping(**changes: Any) -> Mapping:
    return build_mapping(
        {
            "name": "t",
            "kind": "tickets",
            "fields": {"id": "id", "reported_at": "opened", **changes.pop("fields", {})},
            "location": {"lon": "lon", "lat": "lat", "places": [{"level": "community", "column": "place"}]},
            **changes,
        }
    )


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, ["id", "opened", "lon", "lat", "place", "text"], restval="")
        writer.writeheader()
        writer.writerows({"opened": "2018-07-04 10:00:00", **row} for row in rows)
    return path


def read(path: Path, *arguments: Any, **options: Any) -> tuple[pa.Table, pa.Table, pa.Table, dict[str, Any]]:
    """(staged, placed, quarantined, report) of a whole file."""
    parts: dict[str, list[Any]] = {"staged": [], "quarantine": [], "report": []}
    for kind, *tables in read_tickets(path, *arguments, **options):
        parts[kind].append(tables)
    staged = [STAGED.empty_table(), *(tables[0] for tables in parts["staged"])]
    placed = [PLACED.empty_table(), *(tables[1] for tables in parts["staged"])]
    bad = [QUARANTINED.empty_table(), *(tables[0] for tables in parts["quarantine"])]
    (report,) = parts["report"][0]
    return pa.concat_tables(staged), pa.concat_tables(placed), pa.concat_tables(bad), report


def test_rows_are_located_and_counted(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": 1, "lon": 114.25, "lat": 22.5},
        {"id": 2, "lon": 114.75, "lat": 22.5, "place": "Nowhere"},
        {"id": 3, "place": "West"},
        {"id": 4},
        {"id": 5, "lon": 22.5, "lat": 114.75},
        {"id": 6, "lon": 110, "lat": 22.5},
        {"id": 7, "lon": 0, "lat": 0},
        {"id": 8, "opened": "soon"},
    ]
    staged, placed, bad, report = read(write(tmp_path / "t.csv", rows), mapping(), context(), spool_dir=tmp_path)
    assert staged.schema == STAGED
    assert placed.schema == PLACED
    assert [flags_of(bits) for bits in staged["flags"].to_pylist()] == [
        [], ["unknown_place"], [], [], ["swapped"], ["outside"], ["zero_point"]]  # fmt: skip
    assert placed["located"].to_pylist() == ["point", "point", "community", "none", "point", "none", "none"]
    assert placed["community_id"].to_pylist() == [2, 3, 2, None, 3, None, None]
    assert set(placed["atlas_id"].to_pylist()) == {1}
    assert (staged["lon"][4].as_py(), staged["lat"][4].as_py()) == (114.75, 22.5)
    assert staged["x"][0].as_py() == pytest.approx(525_724.1, abs=0.1)  # a quarter degree east of 114
    assert bad.to_pylist() == [
        {
            "row_number": 8,
            "column_name": "opened",
            "value": "soon",
            "rule": "unreadable date (iso)",
            "record": '{"id": "8", "opened": "soon", "lon": null, "lat": null, "place": null}',
        }
    ]
    assert report == {
        "rows_read": 8,
        "staged": 7,
        "quarantined": 1,
        "rules": [{"column": "opened", "rule": "unreadable date (iso)", "rows": 1}],
        "dropped_columns": ["text"],
        "encoding": "utf-8",
        "delimiter": ",",
        "warnings": [],
        "flags": {"unknown_place": 1, "swapped": 1, "outside": 1, "zero_point": 1},
        "located": {"point": 3, "community": 1, "none": 3},
        "default_points": [],
    }
    assert not [path for path in tmp_path.iterdir() if path.is_dir()], "the spool is gone"


def test_a_default_point_is_flagged_and_not_used(tmp_path: Path) -> None:
    rows = [{"id": i, "lon": 114.1 + i / 10_000, "lat": 22.5} for i in range(900)]
    rows += [{"id": 1000 + i, "lon": 114.25, "lat": 22.75, "place": "East"} for i in range(100)]
    staged, placed, _, report = read(write(tmp_path / "t.csv", rows), mapping(), context())
    assert report["flags"] == {"default_point": 100}
    assert report["default_points"] == [{"lon": 114.25, "lat": 22.75, "rows": 100}]
    assert report["located"] == {"point": 900, "community": 100}
    assert staged["lon"].null_count == staged["x"].null_count == 100
    assert Counter(placed["community_id"].to_pylist()) == {2: 900, 3: 100}


def test_a_busy_point_of_a_small_file_is_no_default_point() -> None:
    same, alone = np.zeros(99), np.arange(900) / 1000
    assert PointCounts.of(np.append(same, alone), np.append(same + 1, alone)).defaults().size == 0


def test_exchanged_coordinates_are_put_right_in_their_own_system(tmp_path: Path) -> None:
    rows = [{"id": i, "lon": 114.25 + i / 1000, "lat": 22.5} for i in range(30)]
    rows += [{"id": 99, "lon": 22.5, "lat": 114.25}]
    location = {"lon": "lon", "lat": "lat", "crs": "GCJ-02"}
    staged, placed, _, report = read(write(tmp_path / "t.csv", rows), mapping(location=location), context())
    assert report["flags"] == {"swapped": 1}
    assert report["located"] == {"point": 31}
    first, last = ((staged["lon"][row].as_py(), staged["lat"][row].as_py()) for row in (0, 30))
    assert first == last
    assert coordTransform.wgs84_to_gcj02(*last) == pytest.approx([114.25, 22.5], abs=1e-8)
    assert placed["community_id"].to_pylist() == [2] * 31


def test_a_file_with_all_points_off_the_map_is_one_error(tmp_path: Path) -> None:
    rows = [{"id": i, "lon": 2.3 + i / 1000, "lat": 48.8} for i in range(40)]
    with pytest.raises(FileError) as told:
        read(write(tmp_path / "t.csv", rows), mapping(), context())
    assert told.value.what == "none of the 40 points lies on the map; the first is 2.30000, 48.80000."
    assert told.value.where == "t.csv"
    assert "crs (now EPSG:4326)" in told.value.todo


def test_metres_taken_for_degrees_are_one_error(tmp_path: Path) -> None:
    rows = [{"id": i, "lon": 525_000 + i, "lat": 2_490_000} for i in range(40)]
    with pytest.raises(FileError, match="none of the 40 points lies on the map"):
        read(write(tmp_path / "t.csv", rows), mapping(), context())


def test_a_few_rows_off_the_map_are_taken(tmp_path: Path) -> None:
    _, _, _, report = read(write(tmp_path / "t.csv", [{"id": 1, "lon": 2.3, "lat": 48.8}]), mapping(), context())
    assert report["flags"] == {"outside": 1}


def test_too_many_bad_rows_stop_the_file_with_a_summary(tmp_path: Path) -> None:
    rows = [{"id": i, "opened": "soon" if i < 3 else "2018-07-04"} for i in range(10)]
    path = write(tmp_path / "t.csv", rows)
    with pytest.raises(TooManyBadRows) as told:
        read(path, mapping(), context())
    assert told.value.what == (
        "3 of 10 rows cannot be taken (30.0%, the limit is 20%). Nothing was imported. "
        "3 rows: unreadable date (iso) in opened."
    )
    assert read(path, mapping(), context(bad_row_share=0.3))[3]["quarantined"] == 3


def test_nothing_is_yielded_before_a_refusal(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", [{"id": i, "lon": 2.3, "lat": 48.8} for i in range(40)])
    items = read_tickets(path, mapping(), context())
    with pytest.raises(FileError):
        next(items)


def test_a_column_the_file_does_not_have_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", [{"id": 1}])
    with pytest.raises(MappingError, match='the file has no column "opend"'):
        read(path, mapping(fields={"closed_at": "opend"}), context())


def test_it_can_be_stopped(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", [{"id": 1}])
    with pytest.raises(Cancelled):
        read(path, mapping(), context(), cancelled=lambda: True, spool_dir=tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_every_atlas_gets_its_placing(tmp_path: Path) -> None:
    later = tree(*[("district", "d", "D", None, None), ("community", "a", "All", 1, shapely.box(114, 22, 115, 23))])
    path = write(tmp_path / "t.csv", [{"id": 1, "lon": 114.75, "lat": 22.5}])
    _, placed, _, _ = read(path, mapping(), context(trees=((1, TREE), (2, later))))
    assert placed.select(["row_number", "atlas_id", "community_id"]).to_pylist() == [
        {"row_number": 1, "atlas_id": 1, "community_id": 3},
        {"row_number": 1, "atlas_id": 2, "community_id": 2},
    ]


def test_a_corrected_quarantine_is_read_with_the_same_mapping(tmp_path: Path) -> None:
    source = tmp_path / "t.txt"
    source.write_text("id;opened;lon;lat;place\n1;04.07.2018;114,25;22,5;West\n2;4 July;114,75;22,5;East\n", "utf-8")
    rules = mapping(file={"delimiter": ";"}, fields={"reported_at": {"column": "opened", "format": "%d.%m.%Y"}})
    staged, _, bad, _ = read(source, rules, context(bad_row_share=0.5))
    record = json.loads(bad["record"][0].as_py())
    assert record == {"id": "2", "opened": "4 July", "lon": "114,75", "lat": "22,5", "place": "East"}
    pd.DataFrame([record | {"opened": "2018-07-04"}]).to_csv(tmp_path / "corrected.csv", index=False)
    again, _, _, _ = read(tmp_path / "corrected.csv", rules, context(), corrected=True)
    assert again["external_id"].to_pylist() == ["2"]
    assert again["reported_at"][0] == staged["reported_at"][0]
    assert (again["lon"][0].as_py(), again["lat"][0].as_py()) == (114.75, 22.5)


def test_hashes_do_not_depend_on_the_rest_of_the_file(tmp_path: Path) -> None:
    rows = [{"id": i, "lon": 114.1 + i / 10_000, "lat": 22.5} for i in range(900)]
    rows += [{"id": 1000 + i, "lon": 114.25, "lat": 22.75} for i in range(100)]
    whole = read(write(tmp_path / "a.csv", rows), mapping(), context())[0]
    last = read(write(tmp_path / "b.csv", rows[-1:]), mapping(), context())[0]
    assert whole["content_hash"][-1] == last["content_hash"][0]


def test_it_runs_in_a_worker(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", [{"id": 1, "lon": 114.25, "lat": 22.5}])
    arguments = {"path": path, "mapping": mapping(), "context": context()}
    kinds = [item[0] for item in run_in_worker(read_tickets, arguments)]
    assert kinds == ["staged", "report"]


# The four cities. What is expected is counted from the files by other means than ours.


def city(name: str, path: str, zone: str, **changes: Any) -> tuple[pa.Table, pa.Table, pa.Table, dict[str, Any]]:
    place = context(zone=zone, crs="EPSG:3857", trees=(), limits=Limits(allow_parquet=True), **changes)
    return read(SHARED / path, load_mapping(name), place)


@needs_shared
def test_boston() -> None:
    path = "boston-311/boston311_2011H2.csv.gz"
    with gzip.open(SHARED / path, "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    staged, _, _, report = city("boston-311", path, "UTC")
    assert (report["rows_read"], report["staged"], report["quarantined"]) == (58_251, 58_251, 0)
    assert staged["external_id"].to_pylist() == [row["case_enquiry_id"] for row in rows]
    assert report["flags"] == {"due_before_opened": 3, "far_due": 18, "default_point": 4_775}
    assert report["default_points"] == [{"lon": -71.0587, "lat": 42.3594, "rows": 4_775}]
    table = staged.to_pandas()
    assert Counter(table["on_time_source"]) == {"dates": 58_251 - 10_981, "none": 10_981}
    assert (int(table["closed"].sum()), int((~table["closed"]).sum())) == (54_570, 3_681)
    decided = table[table["closed"] & table["due_at"].notna()]
    assert len(decided) == 43_821
    assert int((decided["closed_at"] <= decided["due_at"]).sum()) == 35_591
    on_time = table["closed"] & (table["closed_at"] <= table["due_at"])
    key = [row["ontime"] == "ONTIME" and bool(row["closed_dt"] and row["target_dt"]) for row in rows]
    assert on_time.tolist() == key
    expected = Counter(row["neighborhood"].strip() for row in rows)
    assert table["named_place"].isna().sum() == expected[""] == 2_870
    assert (table["named_place"] == "community=Roxbury").sum() == expected["Roxbury"]


@needs_shared
def test_pingshan() -> None:
    path = "pingshan-minsheng/pingshan_minsheng_suqiu.csv"
    staged, _, _, report = city("pingshan-minsheng", path, "UTC")
    assert (report["rows_read"], report["staged"]) == (10_000, 10_000)
    assert report["flags"] == {}
    assert Counter(staged["on_time"].to_pylist()) == {True: 9_071, False: 924, None: 5}
    assert Counter(staged["closed"].to_pylist()) == {True: 9_995, False: 5}
    assert staged["closed_at"].null_count == 10_000
    assert set(staged["on_time_source"].to_pylist()) == {"flag"}
    raw = pd.read_csv(SHARED / path, dtype=str)
    expected = Counter(
        None if row.COMMUNITY_NAME == "-" else f"community={row.COMMUNITY_NAME}|street={row.STREET_NAME}"
        for row in raw.itertuples()
    )
    assert Counter(staged["named_place"].to_pylist()) == expected
    assert Counter(staged["channel"].to_pylist()) == Counter(raw["EVENT_SRC_NAME"])
    local = (raw["CREATE_TIME"].astype("datetime64[us]") - pd.Timedelta(hours=8)).to_numpy()
    assert (staged["reported_at"].to_numpy() == local).all()


@needs_shared
def test_pingshan_by_name_against_the_national_table() -> None:
    folder = SHARED / "pingshan-minsheng"
    streets = pd.read_csv(folder / "shenzhen_streets.csv", dtype=str).query("areaCode == '440310'")
    communities = pd.read_csv(folder / "shenzhen_communities.csv", dtype=str).query("areaCode == '440310'")
    ids = {code: number for number, code in enumerate(streets["code"], 2)}
    places: list[tuple[str, str, str, int | None, Any]] = [("district", "440310", "坪山区", None, None)]
    places += [
        ("street", row.code, row.name_, 1, None) for row in streets.rename(columns={"name": "name_"}).itertuples()
    ]
    places += [
        ("community", row.code, row.name_, ids[row.streetCode], None)
        for row in communities.rename(columns={"name": "name_"}).itertuples()
    ]
    place = context(zone="Asia/Shanghai", trees=((1, tree(*places)),))
    _, placed, _, report = read(folder / "pingshan_minsheng_suqiu.csv", load_mapping("pingshan-minsheng"), place)
    assert report["located"] == {"community": 9_990, "none": 10}
    assert len(set(placed["community_id"].to_pylist()) - {None}) == 23
    assert "unknown_place" not in report["flags"]


@needs_shared
def test_sao_paulo() -> None:
    path = "saopaulo-156/sp156_2018_2019.parquet"
    staged, _, _, report = city("saopaulo-156", path, "UTC")
    raw = pyarrow.parquet.read_table(SHARED / path).to_pandas()
    assert (report["rows_read"], report["staged"]) == (235_757, 235_757)
    status, closed = raw["Status da solicitação"], raw["Data do parecer"]
    waiting = (status == "AGUARDANDO ATENDIMENTO") & closed.notna()
    early = closed < raw["Data de abertura"]
    assert report["flags"] == {"closed_before_opened": int(early.sum()), "open_with_close_time": int(waiting.sum())}
    assert report["flags"] == {"closed_before_opened": 226, "open_with_close_time": 2_433}
    table = staged.to_pandas()
    assert int(table["closed"].sum()) == int(status.isin(["FINALIZADA", "INDEFERIDO"]).sum()) == 231_938
    assert int(table["voided"].sum()) == int((status == "CANCELADA").sum()) == 1_325
    assert table.loc[waiting, "closed_at"].isna().all()
    assert set(table["on_time_source"]) == {"none"}
    key = ["Data de abertura", "Canal", "Tema", "Assunto", "Serviço", "Distrito", "x", "y"]
    assert table["external_id"].nunique() == len(raw.drop_duplicates(key))
    wall = raw["Data de abertura"].dt.tz_localize(None)
    sure = ~wall.dt.normalize().isin(pd.to_datetime(["2018-02-17", "2018-11-04", "2019-02-16"]))
    local = wall[sure].dt.tz_localize("America/Sao_Paulo").dt.tz_convert("UTC")
    assert (table.loc[sure, "reported_at"].to_numpy() == local.to_numpy()).all()
    assert table["lon"].between(-46.83, -46.36).sum() > 235_000


@needs_shared
def test_new_york() -> None:
    path = "nyc-311/nyc311_mixed_1000_mdy_ampm_due.csv"
    staged, _, _, report = city("nyc-311", path, "UTC")
    with (SHARED / path).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    opened, closed = (
        [datetime.strptime(row[name], "%m/%d/%Y %I:%M:%S %p") if row[name] else None for row in rows]
        for name in ("Created Date", "Closed Date")
    )
    early = sum(end is not None and end < start for start, end in zip(opened, closed, strict=True))
    pending = sum(row["Status"] != "Closed" and bool(row["Closed Date"]) for row in rows)
    assert report["flags"] == {"closed_before_opened": early, "open_with_close_time": pending}
    assert (early, pending) == (10, 17)
    assert staged["lon"].null_count == 107
    assert Counter(staged["on_time_source"].to_pylist()) == {"dates": 486, "none": 514}
    assert Counter(staged["closed"].to_pylist()) == {True: 969, False: 31}
    assert staged["reported_at"][0].as_py() == datetime(2018, 6, 26, 14, 58, 54, tzinfo=UTC)
    places = Counter(staged["named_place"].to_pylist())
    boards = Counter(row["Community Board"] for row in rows)
    assert places["community=306"] == boards["06 BROOKLYN"] == 26
    assert places[None] == sum(n for board, n in boards.items() if "Unspecified" in board)


def test_batches_of_any_size_give_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"id": i, "lon": 114.1 + i / 1000, "lat": 22.5, "place": "West" if i % 3 else ""} for i in range(100)]
    path = write(tmp_path / "t.csv", rows)
    whole = read(path, mapping(), context())

    def small(*arguments: Any, **options: Any) -> Any:
        from etl.readers import open_tickets

        return open_tickets(*arguments, **options, batch_rows=7)

    monkeypatch.setattr("etl.tickets.open_tickets", small)
    pieces = read(path, mapping(), context())
    assert whole[0].combine_chunks() == pieces[0].combine_chunks()
    assert whole[1].combine_chunks() == pieces[1].combine_chunks()
    assert whole[3] == pieces[3]
