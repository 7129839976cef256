"""Files that a guess has to get right, or ask about: odd headers, no headers' help, tags that are right, several layers."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas
import pyarrow as pa
import pytest
import shapely

from data.errors import FileError, LayerUnsaid, MappingError
from etl.guess import guess
from etl.mapping import parse_mapping
from etl.shapes import read_shapes

START = datetime(2025, 2, 20, tzinfo=ZoneInfo("UTC"))
SQUARES = [shapely.box(2.3 + n / 100, 48.8, 2.31 + n / 100, 48.81) for n in range(6)]


def csv(path: Path, head: str, rows: Iterable[str]) -> Path:
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


def shapes(path: Path, columns: dict[str, list[str]], layer: str | None = None, crs: str | None = "EPSG:4326") -> Path:
    frame = geopandas.GeoDataFrame(columns, geometry=SQUARES, crs="EPSG:4326")
    frame = frame.to_crs(crs) if crs else frame
    frame.to_file(path, **({"layer": layer, "driver": "GPKG"} if layer else {}))
    return path


@pytest.mark.parametrize(
    ("written", "ignored", "asked"),
    [("America/New_York", False, False), ("Etc/GMT+5", False, True), ("UTC", False, True)],
)
def test_a_tag_with_the_zones_own_offset_is_right_in_summer_and_winter(
    written: str, ignored: bool, asked: bool, tmp_path: Path
) -> None:
    times = (START + timedelta(hours=7 * n) for n in range(300))  # round the clock
    rows = [f"A{n},{time.astimezone(ZoneInfo(written)).isoformat()},x{n % 5}" for n, time in enumerate(times)]
    proposal = guess(csv(tmp_path / "a.csv", "ticket id,created date,category", rows), zone="America/New_York")
    assert parse_mapping(proposal.mapping_text).time.ignore_tag is ignored
    assert any("zone tag" in question for question in proposal.questions) is asked


def test_local_times_with_a_wrong_utc_tag_are_still_found(tmp_path: Path) -> None:
    rows = [f"A{n},2025-03-{n % 28 + 1:02d}T{8 + n % 11:02d}:30:00Z,x{n % 5}" for n in range(300)]
    proposal = guess(csv(tmp_path / "a.csv", "ticket id,created date,category", rows), zone="America/Sao_Paulo")
    assert parse_mapping(proposal.mapping_text).time.ignore_tag


def test_the_only_deadline_is_the_one_of_closing_and_asked_about(tmp_path: Path) -> None:
    rows = [f"A{n},2025-03-01 08:{n:02d},2025-03-02 08:{n:02d},2025-03-03 08:{n:02d}" for n in range(50)]
    path = csv(tmp_path / "a.csv", "任务号,上报时间,结案时间,处置截止时间", rows)
    proposal = guess(path)
    mapping = parse_mapping(proposal.mapping_text)
    assert mapping.fields["due_at"].column == "处置截止时间"
    assert mapping.on_time_source == "dates"
    assert any("is a deadline of handling" in question for question in proposal.questions)


def test_a_plain_number_that_is_unique_identifies(tmp_path: Path) -> None:
    rows = [f"T-{n},2025-01-{n % 28 + 1:02d} 08:00,2025-02-01 08:00,k{n % 4}" for n in range(40)]
    mapping = parse_mapping(guess(csv(tmp_path / "a.csv", "number,opened,closed,category", rows)).mapping_text)
    assert mapping.fields["id"].column == "number"


@pytest.mark.parametrize(
    ("columns", "code", "name", "questions"),
    [
        ({"c_qu": [f"75{n}" for n in range(6)], "l_qu": list("αβγδεζ")}, "c_qu", None, 1),
        ({"c_qu": [f"75{n}" for n in range(6)], "l_qu": [f"Saint {w}" for w in "ABCDEF"]}, "c_qu", "l_qu", 1),
        ({"SUBURB_ID": [f"S{n}" for n in range(6)], "SUBURB": [f"Suburb {n}" for n in range(6)]}, "SUBURB_ID", "SUBURB", 0),
        ({"SQDM": [f"32{n}" for n in range(6)], "SQMC": [f"第{n}社区" for n in range(6)]}, "SQDM", "SQMC", 0),
        ({"t1": [f"Kiez {w}" for w in "ABCDEF"], "t2": [f"Kiez am Park {n}" for n in range(6)]}, None, "t1", 2),
    ],
)  # fmt: skip
def test_codes_and_names_are_found_without_a_header_that_says_so(
    columns: dict[str, list[str]], code: str | None, name: str | None, questions: int, tmp_path: Path
) -> None:
    proposal = guess(shapes(tmp_path / "a.geojson", columns), kind="places", level="community")
    fields = parse_mapping(proposal.mapping_text).fields
    assert fields.get("code") == (fields["code"] if code else None)
    assert (fields["code"].column if code else None) == code
    assert fields["name"].column == (name or code)
    assert len(proposal.questions) == questions


def test_a_mapping_without_fields_says_what_is_missing() -> None:
    with pytest.raises(MappingError, match="fields: places need a name or a code"):
        parse_mapping('name = "x"\nkind = "places"\nlevel = "street"\n')
    with pytest.raises(MappingError, match="tickets need the time of the report"):
        parse_mapping('name = "x"\nkind = "tickets"\n')


def test_of_several_layers_the_one_of_polygons_is_proposed(tmp_path: Path) -> None:
    names = {"code": list("abcdef"), "name": list("ABCDEF")}
    path = shapes(tmp_path / "a.gpkg", names, layer="wards")
    points = geopandas.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(2.3, 48.8)], crs="EPSG:4326")
    points.to_file(path, layer="bins", driver="GPKG")
    with pytest.raises(LayerUnsaid, match="holds 2 layers") as raised:
        read_shapes(path)
    assert (raised.value.layers, raised.value.surfaces) == (["wards", "bins"], ["wards"])
    proposal = guess(path, level="community")
    assert parse_mapping(proposal.mapping_text).file.layer == "wards"
    assert not any("layers" in question for question in proposal.questions)
    shapes(path, names, layer="parks")
    proposal = guess(path, level="community")
    assert parse_mapping(proposal.mapping_text).file.layer == "wards"
    assert any("several layers: wards, bins, parks" in question for question in proposal.questions)


def test_of_several_files_in_a_zip_one_is_proposed_and_asked(tmp_path: Path) -> None:
    for name in ("wards", "parks"):
        shapes(tmp_path / f"{name}.geojson", {"code": list("abcdef"), "name": list("ABCDEF")})
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        for name in ("wards", "parks"):
            packed.write(tmp_path / f"{name}.geojson", f"places/{name}.geojson")
    proposal = guess(tmp_path / "all.zip", level="community")
    assert parse_mapping(proposal.mapping_text).file.layer == "parks"
    assert any("several layers: parks, wards" in question for question in proposal.questions)
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as packed:
        packed.writestr("readme.txt", "x")
    with pytest.raises(FileError, match="the zip holds no places"):
        read_shapes(tmp_path / "none.zip")


def test_a_system_in_a_header_is_taken_only_for_numbers_of_its_kind(tmp_path: Path) -> None:
    rows = [f"A{n},2025-01-{n % 28 + 1:02d} 08:00,{652000 + n},{6862000 + n}" for n in range(60)]
    lambert = parse_mapping(guess(csv(tmp_path / "l.csv", "ticket id,opened,X_L93,Y_L93", rows)).mapping_text)
    assert (lambert.location.x, lambert.location.crs) == ("X_L93", "EPSG:2154")
    wgs = guess(csv(tmp_path / "w.csv", "ticket id,opened,X_WGS84,Y_WGS84", rows))
    assert parse_mapping(wgs.mapping_text).location.columns == ()
    assert any('In which coordinate system are "X_WGS84" and "Y_WGS84"' in question for question in wgs.questions)


@pytest.mark.parametrize("header", ["Data de resolução", "lukkumisaeg"])
def test_the_time_that_only_closed_tickets_have_is_the_closing(header: str, tmp_path: Path) -> None:
    rows = [
        f"OC/{n},2025-03-{n % 27 + 1:02d} 08:00,{f'2025-03-{n % 27 + 2:02d} 09:00' if n % 4 else ''},"
        f"{'Concluída' if n % 4 else 'Pendente'},2025-03-{n % 27 + 1:02d} 10:00"
        for n in range(80)
    ]
    head = f"Nº da ocorrência,Data de criação,{header},Situação,Zuweisung"
    proposal = guess(csv(tmp_path / "a.csv", head, rows))
    fields = parse_mapping(proposal.mapping_text).fields
    assert (fields["reported_at"].sources, fields["closed_at"].sources) == (("Data de criação",), (header,))
    assert not any("no closing time" in question for question in proposal.questions)


def test_a_time_that_open_tickets_have_too_is_no_closing(tmp_path: Path) -> None:
    rows = [
        f"OC/{n},2025-03-{n % 27 + 1:02d} 08:00,{f'2025-03-{n % 27 + 2:02d} 09:00' if n % 4 else ''},"
        f"{'Concluída' if n % 3 else 'Pendente'}"
        for n in range(80)
    ]
    proposal = guess(csv(tmp_path / "a.csv", "Nº,Data de criação,Zuweisung,Situação", rows))
    assert "closed_at" not in parse_mapping(proposal.mapping_text).fields
    assert any("no closing time" in question for question in proposal.questions)


def test_places_are_named_in_a_mapping_made_before_the_places_came(tmp_path: Path) -> None:
    rows = [
        f"A{n},2025-03-{n % 27 + 1:02d} 08:00,{'坑梓龙田'[n % 2 :][:2]}街道,{'南布老坑'[n % 3 :][:2]}社区"
        for n in range(60)
    ]
    path = csv(tmp_path / "a.csv", "工单编号,上报时间,所属街道,所属社区", rows)

    def named(*places: tuple[str, str, str]) -> list[tuple[str, str]]:
        tree = pa.Table.from_pylist([{"level": level, "code": code, "name": name} for level, code, name in places])
        found = parse_mapping(guess(path, trees=[tree]).mapping_text).location.places
        return [(place.level, place.column) for place in found]

    district = ("district", "440310", "坪山区")
    streets = [("street", f"44031000{n}", f"{name}街道") for n, name in enumerate(["坑梓", "梓龙"])]
    assert named(district) == [("community", "所属社区"), ("street", "所属街道")]
    assert named(district, *streets) == [("community", "所属社区"), ("street", "所属街道")]


def test_state_plane_feet_are_asked_about_and_not_exchanged(tmp_path: Path) -> None:
    rows = [f"A{n},2025-03-{n % 27 + 1:02d} 08:00,{997_000 + 31 * n},{203_000 + 17 * n}" for n in range(60)]
    head = "SR Number,Created Date,X Coordinate (State Plane),Y Coordinate (State Plane)"
    proposal = guess(csv(tmp_path / "a.csv", head, rows), crs="EPSG:32618")
    assert '# x = "X Coordinate (State Plane)"' in proposal.mapping_text
    assert any("In which coordinate system" in question for question in proposal.questions)
    assert "EPSG:32618" not in proposal.mapping_text
