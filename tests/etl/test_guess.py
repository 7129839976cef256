"""A guess names the right columns, formats and words, on real exports and on cities nobody has described."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely

from data.errors import FileError
from etl.coordinates import to_wgs84
from etl.fileoptions import Limits
from etl.guess import guess, render
from etl.guess_proposal import Proposal
from etl.mapping import Mapping, load_mapping, parse_mapping
from etl.tickets import Context, read_tickets
from tests.etl import synthetic
from tests.realdata import SHARED, needs_shared

MDY = "%m/%d/%Y %I:%M:%S %p"


def mapping_of(proposal: Proposal) -> Mapping:
    return parse_mapping(proposal.mapping_text)


def columns_of(mapping: Mapping) -> dict[str, Any]:
    """Field → column, or columns joined by +."""
    return {field: " + ".join(source.sources) for field, source in mapping.fields.items()}


def formats_of(mapping: Mapping) -> dict[str, Any]:
    return {field: source.format for field, source in mapping.fields.items() if source.format}


def places_of(mapping: Mapping) -> list[tuple[str, str, str]]:
    return [(place.level, place.column, place.by) for place in mapping.location.places]


def imported(path: Path, mapping: Mapping, zone: str) -> tuple[pa.Table, int]:
    """(staged rows in order of the file, how many went to quarantine)."""
    context = Context(
        zone=zone, crs="EPSG:3857", now=datetime(2025, 1, 1, tzinfo=UTC), limits=Limits(allow_parquet=True)
    )
    staged, bad = [], 0
    for item in read_tickets(path, mapping, context):
        if item[0] == "staged":
            staged.append(item[1])
        elif item[0] == "quarantine":
            bad += item[1].num_rows
    return pa.concat_tables(staged).sort_by("row_number"), bad


# The four real exports: what a person would write, to the column.


@needs_shared
def test_boston_is_guessed_as_a_person_maps_it() -> None:
    mapping = mapping_of(guess(SHARED / "boston-311/boston311_2011H2.csv.gz"))
    assert columns_of(mapping) == {
        "id": "case_enquiry_id", "reported_at": "open_dt", "closed_at": "closed_dt", "due_at": "target_dt",
        "status": "case_status", "on_time": "ontime", "channel": "source", "category": "type", "unit": "department",
    }  # fmt: skip
    assert mapping.status.values == {"Closed": "closed", "Open": "open"}
    assert mapping.on_time.source == "dates"
    assert mapping.on_time.values == {"ONTIME": True, "OVERDUE": False}
    assert (mapping.location.lon, mapping.location.lat, mapping.location.crs) == ("longitude", "latitude", "EPSG:4326")
    assert places_of(mapping) == [("community", "neighborhood", "name")]


@needs_shared
def test_boston_says_how_its_flag_agrees_with_the_dates() -> None:
    flag = next(
        line for line in guess(SHARED / "boston-311/boston311_2011H2.csv.gz").lines if line.key == "fields.on_time"
    )
    assert "agrees with closing before the deadline on 100 % of 7," in flag.reason


@needs_shared
def test_pingshan_takes_the_flag_and_the_places_by_name() -> None:
    mapping = mapping_of(guess(SHARED / "pingshan-minsheng/pingshan_minsheng_suqiu.csv"))
    assert columns_of(mapping) == {
        "id": "REC_ID", "reported_at": "CREATE_TIME", "on_time": "INTIME_ARCHIVE_NUM", "channel": "EVENT_SRC_NAME",
        "category": "EVENT_TYPE_NAME", "category_code": "EVENT_TYPE_ID", "unit": "DISPOSE_UNIT_NAME",
    }  # fmt: skip
    assert mapping.on_time.model_dump() == {"source": "flag", "values": {"0": False, "1": True}, "closes": True}
    assert places_of(mapping) == [("community", "COMMUNITY_NAME", "name"), ("street", "STREET_NAME", "name")]


@needs_shared
def test_new_york_is_guessed_with_american_dates() -> None:
    proposal = guess(SHARED / "nyc-311/nyc311_mixed_1000_mdy_ampm_due.csv")
    mapping = mapping_of(proposal)
    assert columns_of(mapping) == {
        "id": "Unique Key", "reported_at": "Created Date", "closed_at": "Closed Date", "due_at": "Due Date",
        "updated_at": "Resolution Action Updated Date", "status": "Status", "channel": "Open Data Channel Type",
        "category": "Complaint Type", "unit": "Agency",
    }  # fmt: skip
    assert set(formats_of(mapping).values()) == {(MDY,)}
    assert mapping.status.values == {
        "Closed": "closed", "Pending": "open", "Open": "open", "In Progress": "accepted", "Assigned": "dispatched",
        "Email Sent": "dispatched",
    }  # fmt: skip
    assert any('"Pending" (14 rows)' in question for question in proposal.questions)


@needs_shared
def test_sao_paulo_gets_its_projection_its_key_and_its_wrong_zone_tag() -> None:
    proposal = guess(SHARED / "saopaulo-156/sp156_2018_2019.parquet")
    mapping = mapping_of(proposal)
    assert columns_of(mapping) == {
        "reported_at": "Data de abertura", "closed_at": "Data do parecer", "status": "Status da solicitação",
        "channel": "Canal", "category": "Assunto", "unit": "Órgão",
    }  # fmt: skip
    assert mapping.time.ignore_tag
    assert (mapping.location.x, mapping.location.y, mapping.location.crs) == ("x", "y", "EPSG:31983")
    assert mapping.status.values == {
        "FINALIZADA": "closed", "INDEFERIDO": "closed", "AGUARDANDO ATENDIMENTO": "open", "CANCELADA": "voided",
    }  # fmt: skip
    assert mapping.key is not None
    assert mapping.key.columns == ("Data de abertura", "Canal", "Serviço", "Distrito", "x", "y")
    assert any("AGUARDANDO ATENDIMENTO" in question for question in proposal.questions)


SAME = ["reported_at", "closed_at", "due_at", "closed", "voided", "suspended", "on_time_source", "lon", "lat"]


@needs_shared
@pytest.mark.parametrize(
    ("file", "shipped", "zone", "same"),
    [
        ("boston-311/boston311_2011H2.csv.gz", "boston-311", "America/New_York",
         [*SAME, "external_id", "channel", "category_name", "unit_name", "stage"]),
        ("pingshan-minsheng/pingshan_minsheng_suqiu.csv", "pingshan-minsheng", "Asia/Shanghai",
         [*SAME, "external_id", "on_time", "named_place", "channel", "category_name"]),
        ("nyc-311/nyc311_mixed_1000_mdy_ampm_due.csv", "nyc-311", "America/New_York",
         [*SAME, "external_id", "updated_at", "channel", "category_name"]),
        ("saopaulo-156/sp156_2018_2019.parquet", "saopaulo-156", "America/Sao_Paulo", [*SAME, "channel", "category_name", "unit_name"]),
    ],
)  # fmt: skip
def test_a_real_export_imports_by_the_guess_as_by_its_shipped_mapping(
    file: str, shipped: str, zone: str, same: list[str]
) -> None:
    guessed, bad = imported(SHARED / file, mapping_of(guess(SHARED / file, zone=zone)), zone)
    expected, bad_too = imported(SHARED / file, load_mapping(shipped), zone)
    assert bad == bad_too
    assert guessed.num_rows == expected.num_rows
    for name in same:
        assert guessed.column(name).equals(expected.column(name)), name


# Cities in other styles: columns, formats and words exactly.

EXPECTED: dict[str, dict[str, str]] = {
    "chicago": {
        "id": "SR_NUMBER", "reported_at": "CREATED_DATE", "closed_at": "CLOSED_DATE", "updated_at": "LAST_MODIFIED_DATE",
        "status": "STATUS", "channel": "ORIGIN", "category": "SR_TYPE", "category_code": "SR_SHORT_CODE",
        "unit": "OWNER_DEPARTMENT", "parent_id": "PARENT_SR_NUMBER",
    },
    "san_francisco": {
        "id": "CaseID", "reported_at": "Opened", "closed_at": "Closed", "updated_at": "Updated", "status": "Status",
        "channel": "Source", "category": "Category", "unit": "Responsible Agency",
    },
    "philadelphia": {
        "id": "service_request_id", "reported_at": "requested_datetime", "due_at": "expected_datetime",
        "updated_at": "updated_datetime", "status": "status", "category": "service_name",
        "category_code": "service_code", "unit": "agency_responsible",
    },
    "washington": {
        "id": "SERVICEREQUESTID", "reported_at": "ADDDATE", "closed_at": "RESOLUTIONDATE", "due_at": "SERVICEDUEDATE",
        "status": "SERVICEORDERSTATUS", "category": "SERVICECODEDESCRIPTION", "unit": "ORGANIZATIONACRONYM",
    },
    "toronto": {
        "reported_at": "Creation Date", "status": "Status", "category": "Service Request Type", "unit": "Division",
    },
    "german": {
        "id": "Vorgangsnummer", "reported_at": "Eingangsdatum", "closed_at": "Erledigt am", "due_at": "Fälligkeitsdatum",
        "status": "Status", "channel": "Eingangskanal", "category": "Kategorie", "unit": "Zuständige Stelle",
    },
    "lanshan": {
        "id": "工单编号", "reported_at": "上报日期 + 上报时间", "closed_at": "结案时间", "due_at": "截止时间",
        "status": "案件状态", "on_time_late": "是否超期", "channel": "案件来源", "category": "案件小类",
        "unit": "主办单位", "note": "问题描述",
    },
    "call_backs": {
        "id": "业务流水号", "reported_at": "来电时间", "registered_at": "受理时间", "closed_at": "办结时间",
        "due_at": "办结时限", "called_back_at": "回访时间", "contacted": "是否联系", "resolved": "是否解决",
        "satisfaction": "满意度", "channel": "诉求来源", "category": "二级分类", "unit": "承办单位", "note": "诉求内容",
    },
    "kansas_city": {
        "id": "CASE ID", "reported_at": "CREATION DATE + CREATION TIME", "closed_at": "CLOSED DATE", "status": "STATUS",
        "on_time_late": "EXCEEDED EST TIMEFRAME", "channel": "SOURCE", "category": "REQUEST TYPE", "unit": "DEPARTMENT",
    },
    "workbook": {
        "id": "任务号", "reported_at": "上报时间", "closed_at": "结案时间", "category": "问题类型", "unit": "处置单位",
    },
    "open311": {
        "id": "service_request_id", "reported_at": "requested_datetime", "due_at": "expected_datetime",
        "updated_at": "updated_datetime", "status": "status", "category": "service_name",
        "unit": "agency_responsible", "note": "description",
    },
    "spanish": {
        "id": "nro_contacto", "reported_at": "fecha_ingreso + hora_ingreso", "closed_at": "fecha_cierre_contacto",
        "channel": "canal", "category": "categoria", "status": "estado_del_contacto",
    },
}  # fmt: skip


@pytest.mark.parametrize("city", EXPECTED)
def test_the_columns_of_an_unknown_city_are_found(city: str, tmp_path: Path) -> None:
    make: Callable[[Path], Path] = getattr(synthetic, city)
    assert columns_of(mapping_of(guess(make(tmp_path)))) == EXPECTED[city]


@pytest.mark.parametrize("city", EXPECTED)
def test_an_unknown_city_imports_without_a_row_in_quarantine(city: str, tmp_path: Path) -> None:
    path = getattr(synthetic, city)(tmp_path)
    staged, bad = imported(path, mapping_of(guess(path)), "Asia/Shanghai")
    assert (staged.num_rows, bad) == (synthetic.ROWS, 0)


@pytest.mark.parametrize(
    ("city", "field", "format"),
    [
        ("chicago", "reported_at", MDY),
        ("washington", "closed_at", "epoch_ms"),
        ("german", "closed_at", "%d.%m.%Y %H:%M"),
        ("german", "due_at", "%d.%m.%Y"),
        ("lanshan", "reported_at", "%Y/%m/%d %p%I:%M:%S"),
        ("lanshan", "closed_at", "%Y年%m月%d日 %H:%M"),
        ("kansas_city", "reported_at", "%m/%d/%Y %I:%M %p"),
        ("spanish", "reported_at", "%d/%m/%Y %H:%M:%S"),
    ],
)
def test_the_format_of_a_date_is_found(city: str, field: str, format: str, tmp_path: Path) -> None:
    assert formats_of(mapping_of(guess(getattr(synthetic, city)(tmp_path))))[field] == (format,)


def test_times_come_out_as_they_were_made(tmp_path: Path) -> None:
    path = synthetic.lanshan(tmp_path)
    staged, _ = imported(path, mapping_of(guess(path)), "UTC")
    made = synthetic.City(7, datetime(2023, 6, 1), 45, lon=118.34, lat=35.06, categories=["a"] * 6).tickets
    assert [moment.replace(tzinfo=None) for moment in staged.column("reported_at").to_pylist()] == [
        ticket["opened"] for ticket in made
    ]


@pytest.mark.parametrize(
    ("city", "words"),
    [
        ("chicago", {"Completed": "closed", "Open": "open", "Canceled": "voided"}),
        ("german", {"erledigt": "closed", "in Bearbeitung": "accepted", "offen": "open"}),
        (
            "lanshan",
            {"已结案": "closed", "处置中": "accepted", "待派遣": "registered", "待核查": "handled", "作废": "voided"},
        ),
        ("toronto", {"Completed": "closed", "In-progress": "accepted", "Initiated": "reported", "Cancelled": "voided"}),
        ("kansas_city", {"RESOL": "closed", "OPEN": "open"}),
    ],
)
def test_every_status_word_is_told(city: str, words: dict[str, str], tmp_path: Path) -> None:
    assert mapping_of(guess(getattr(synthetic, city)(tmp_path))).status.values == words


def test_a_late_flag_is_read_as_late(tmp_path: Path) -> None:
    kansas = mapping_of(guess(synthetic.kansas_city(tmp_path))).on_time
    assert (kansas.source, kansas.values) == ("flag", {"N": False, "Y": True})
    lanshan = mapping_of(guess(synthetic.lanshan(tmp_path))).on_time
    assert (lanshan.source, lanshan.values) == ("dates", {"否": False, "是": True})


def test_answers_of_a_call_back_are_told(tmp_path: Path) -> None:
    mapping = mapping_of(guess(synthetic.call_backs(tmp_path)))
    assert mapping.contacted.values == {"是": True, "否": False}
    assert mapping.resolved.values == {"已解决": True, "未解决": False}
    assert mapping.satisfaction.values == {"满意": "satisfied", "基本满意": "basic", "不满意": "unsatisfied"}
    assert mapping.file.null[-1] == "无"


def test_the_levels_of_chinese_places_come_from_their_names(tmp_path: Path) -> None:
    assert places_of(mapping_of(guess(synthetic.lanshan(tmp_path)))) == [
        ("grid", "网格编码", "code"), ("community", "所属社区", "name"), ("street", "所属街道", "name")]  # fmt: skip


def test_a_service_level_of_each_category_is_read(tmp_path: Path) -> None:
    mapping = mapping_of(guess(synthetic.workbook(tmp_path)))
    assert mapping.file.header_row == 2
    assert {name: (one.hours, one.clock) for name, one in mapping.categories.items()} == {
        "井盖破损": (24, "working"), "占道经营": (120, "working"), "暴露垃圾": (72, "working"), "路灯不亮": (48, "working")}  # fmt: skip


def test_encoding_and_delimiter_are_written_down(tmp_path: Path) -> None:
    german = mapping_of(guess(synthetic.german(tmp_path))).file
    assert (german.encoding, german.delimiter) == ("cp1252", ";")
    assert mapping_of(guess(synthetic.lanshan(tmp_path))).file.encoding == "gb18030"


def test_a_point_in_text_is_taken_where_there_is_nothing_else(tmp_path: Path) -> None:
    point = mapping_of(guess(synthetic.san_francisco(tmp_path))).location
    assert (point.point, point.order, point.crs) == ("Point", None, "EPSG:4326")
    assert mapping_of(guess(synthetic.chicago(tmp_path))).location.point is None


# Nothing about persons, and nothing decided that a person must decide.


def test_persons_and_homes_are_never_mapped(tmp_path: Path) -> None:
    proposal = guess(synthetic.lanshan(tmp_path))
    named = set(mapping_of(proposal).columns)
    assert not named & {"联系人", "联系电话"}
    assert [text for text in proposal.dropped if "never imported" in text] == [
        "联系人: about a person or a home, never imported", "联系电话: about a person or a home, never imported"]  # fmt: skip


def test_every_line_says_how_sure_it_is_and_why(tmp_path: Path) -> None:
    proposal = guess(synthetic.chicago(tmp_path))
    assert all(0 < line.confidence <= 1 and line.reason for line in proposal.lines)
    written = [line for line in proposal.mapping_text.splitlines() if " = " in line and not line.startswith("#")]
    assert all("  # 0." in line or "  # 1.00: " in line for line in written)


def test_a_missing_closing_time_is_asked_about(tmp_path: Path) -> None:
    questions = guess(synthetic.philadelphia(tmp_path)).questions
    assert any("no closing time" in question and '"updated_datetime"' in question for question in questions)


def test_without_an_id_a_key_of_what_stays_is_proposed(tmp_path: Path) -> None:
    proposal = guess(synthetic.toronto(tmp_path))
    key = mapping_of(proposal).key
    assert key is not None
    assert key.columns == ("Creation Date", "Ward", "Service Request Type", "Section")
    assert any("No column identifies a ticket" in question for question in proposal.questions)


def test_day_and_month_that_cannot_be_told_apart_are_asked_about(tmp_path: Path) -> None:
    proposal = guess(synthetic.spanish(tmp_path))
    assert any('"fecha_ingreso"' in question for question in proposal.questions)
    line = next(line for line in proposal.lines if line.key == "fields.reported_at")
    assert line.confidence < 0.8


def test_numbers_without_a_coordinate_system_are_asked_about_and_left_out(tmp_path: Path) -> None:
    path = projected(tmp_path, "EPSG:31983", lon=-46.6, lat=-23.5)
    proposal = guess(path)
    assert mapping_of(proposal).location.columns == ()
    assert any('In which coordinate system are "X" and "Y"?' in question for question in proposal.questions)
    assert '# crs = "EPSG:"' in proposal.mapping_text


def test_chinese_points_are_asked_about(tmp_path: Path) -> None:
    assert any("GCJ-02" in question for question in guess(synthetic.lanshan(tmp_path)).questions)


# With the district's own polygons and names.


def projected(folder: Path, crs: str, *, lon: float, lat: float, swapped: bool = False) -> Path:
    """Tickets with X and Y only, around a point."""
    from pyproj import Transformer

    dice = np.random.default_rng(5)
    east, north = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(
        lon + dice.uniform(-0.03, 0.03, 200), lat + dice.uniform(-0.03, 0.03, 200)
    )
    if swapped:
        east, north = north, east
    rows = [
        {
            "Case ID": f"C{number:05d}",
            "Created": f"2020-01-{1 + number % 28:02d} 10:00:00",
            "X": f"{x:.2f}",
            "Y": f"{y:.2f}",
        }
        for number, (x, y) in enumerate(zip(east, north, strict=True))
    ]
    return synthetic.write_csv(folder / "projected.csv", rows)


def atlas(lon: float, lat: float, size: float = 0.031) -> pa.Table:
    """A street of two communities around a point."""
    boxes = [
        ("street", "001", "兰山街道", shapely.box(lon - size, lat - size, lon + size, lat + size)),
        ("community", "001001", "沂州社区居民委员会", shapely.box(lon - size, lat - size, lon, lat + size)),
        ("community", "001002", "红埠寺社区", shapely.box(lon, lat - size, lon + size, lat + size)),
    ]
    level, code, name, shapes = zip(*boxes, strict=True)
    return pa.table(
        {"level": level, "code": code, "name": name, "geometry": [shapely.to_wkb(shape) for shape in shapes]}
    )


@pytest.mark.parametrize(
    ("crs", "lon", "lat", "swapped"),
    [
        ("EPSG:31983", -46.6, -23.5, False),
        ("EPSG:2263", -73.95, 40.7, False),
        ("EPSG:4527", 117.0, 35.0, False),
        ("EPSG:4548", 117.0, 35.0, True),
        ("EPSG:25832", 6.96, 50.94, False),
        ("EPSG:3857", 24.94, 60.17, False),
        ("EPSG:2056", 8.54, 47.37, False),
    ],
)
def test_the_polygons_decide_a_projection(crs: str, lon: float, lat: float, swapped: bool, tmp_path: Path) -> None:
    location = mapping_of(
        guess(projected(tmp_path, crs, lon=lon, lat=lat, swapped=swapped), trees=[atlas(lon, lat)])
    ).location
    assert location.crs == crs
    assert (location.x, location.y) == (("Y", "X") if swapped else ("X", "Y"))


@pytest.mark.parametrize("crs", ["EPSG:4326", "GCJ-02", "BD-09"])
def test_the_polygons_decide_between_the_chinese_offset_systems(crs: str, tmp_path: Path) -> None:
    import coordTransform

    dice = np.random.default_rng(3)
    lon, lat = 118.34 + dice.uniform(-0.01, 0.01, 2000), 35.06 + dice.uniform(-0.01, 0.01, 2000)
    shift = {"GCJ-02": coordTransform.wgs84_to_gcj02, "BD-09": coordTransform.wgs84_to_bd09}.get(crs)
    east, north = shift(lon, lat) if shift else (lon, lat)
    rows = [
        {"工单编号": f"A{number}", "上报时间": "2023-06-01 10:00:00", "经度": x, "纬度": y}
        for number, (x, y) in enumerate(zip(east, north, strict=True))
    ]
    proposal = guess(synthetic.write_csv(tmp_path / "案件.csv", rows), trees=[atlas(118.34, 35.06, 0.0102)])
    assert mapping_of(proposal).location.crs == crs
    assert not any("GCJ-02" in question for question in proposal.questions)
    back = to_wgs84(np.asarray(east), np.asarray(north), crs)
    assert np.abs(back[0] - lon).max() < 1e-6


def test_the_tree_decides_which_column_is_which_level(tmp_path: Path) -> None:
    rows = [
        {"id": number, "created": "2023-06-01 10:00:00", "area": ["沂州社区", "红埠寺社区", "别处"][number % 3],
         "quarter": ["001001", "001002"][number % 2], "status": "open"}
        for number in range(100, 300)
    ]  # fmt: skip
    proposal = guess(synthetic.write_csv(tmp_path / "t.csv", rows), trees=[atlas(118.34, 35.06)])
    assert places_of(mapping_of(proposal)) == [("community", "quarter", "code")]


# Dates that only their neighbours explain; ids that are none; files that are none.


def small(folder: Path, **columns: list[Any]) -> Path:
    size = len(next(iter(columns.values())))
    rows = [{name.replace("_", " "): values[number] for name, values in columns.items()} for number in range(size)]
    return synthetic.write_csv(folder / "small.csv", rows)


def test_the_order_of_events_tells_day_from_month(tmp_path: Path) -> None:
    months = [1 + n % 11 for n in range(110)]
    path = small(tmp_path, Case_ID=[f"K-{n}" for n in range(110)], Created_Date=[f"{m:02d}/11/2020" for m in months],
                 Closed_Date=[f"{m + 1:02d}/02/2020" for m in months])  # fmt: skip
    assert formats_of(mapping_of(guess(path))) == {"reported_at": ("%m/%d/%Y",), "closed_at": ("%m/%d/%Y",)}


def test_a_neighbour_with_days_above_twelve_tells_day_from_month(tmp_path: Path) -> None:
    opened = [f"{1 + n % 12:02d}/0{1 + n % 3}/2020 09:00" for n in range(100)]
    due = [f"{13 + n % 12}/0{1 + n % 3}/2020 09:00" for n in range(100)]
    path = small(tmp_path, Case_ID=[f"K-{n}" for n in range(100)], Created_Date=opened, Due_Date=due)
    assert set(formats_of(mapping_of(guess(path))).values()) == {("%d/%m/%Y %H:%M",)}


@pytest.mark.parametrize(
    ("written", "format"),
    [
        ("20180704172441", "%Y%m%d%H%M%S"), ("1530725081", "epoch"), ("43285.725", "excel"),
        ("2018/7/4 17:24", "%Y/%m/%d %H:%M"), ("4-Jul-18 05.24.41 PM", "%d-%b-%y %I.%M.%S %p"),
        ("July 4, 2018 5:24 PM", "%B %d, %Y %I:%M %p"), ("2018年7月4日 17:24", "%Y年%m月%d日 %H:%M"),
        ("2018年07月04日下午05:24:10", "%Y年%m月%d日%p%I:%M:%S"), ("04/13/2018 17h24", "%m/%d/%Y %Hh%M"),
    ],
)  # fmt: skip
def test_a_way_to_write_a_time_is_read(written: str, format: str, tmp_path: Path) -> None:
    path = small(tmp_path, Case_ID=[f"K-{n}" for n in range(30)], Created_Date=[written] * 30)
    assert formats_of(mapping_of(guess(path)))["reported_at"] == (format,)


def test_dates_in_three_columns_are_joined(tmp_path: Path) -> None:
    path = small(tmp_path, FITXA_ID=[f"F{n}" for n in range(60)], DIA_DATA_ALTA=[1 + n % 28 for n in range(60)],
                 MES_DATA_ALTA=[1 + n % 12 for n in range(60)], ANY_DATA_ALTA=[2019] * 60)  # fmt: skip
    mapping = mapping_of(guess(path))
    assert columns_of(mapping)["reported_at"] == "DIA DATA ALTA + MES DATA ALTA + ANY DATA ALTA"
    assert imported(path, mapping, "UTC")[0].num_rows == 60


def test_a_row_counter_gives_way_to_a_number_of_the_ticket(tmp_path: Path) -> None:
    path = small(
        tmp_path, ID=list(range(1, 61)), 工单编号=[f"A{n}" for n in range(60)], 上报时间=["2020-01-01 10:00:00"] * 60
    )
    assert columns_of(mapping_of(guess(path)))["id"] == "工单编号"


def test_hours_without_morning_and_afternoon_are_asked_about(tmp_path: Path) -> None:
    opened = [f"2020-01-{1 + n % 28:02d} {1 + n % 12:02d}:15:00" for n in range(336)]
    proposal = guess(small(tmp_path, Case_ID=[f"K{n}" for n in range(336)], Created_Date=opened))
    assert any("run from 1 to 12" in question for question in proposal.questions)


def test_an_unknown_status_word_is_judged_by_its_closing_times(tmp_path: Path) -> None:
    status = ["Zorp" if n % 2 else "Blib" for n in range(100)]
    closed = ["2020-01-05 10:00:00" if n % 2 else "" for n in range(100)]
    path = small(tmp_path, Case_ID=[f"K{n}" for n in range(100)], Created_Date=["2020-01-01 10:00:00"] * 100,
                 Closed_Date=closed, Status=status)  # fmt: skip
    proposal = guess(path)
    assert mapping_of(proposal).status.values == {"Blib": "open", "Zorp": "closed"}


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("id,created,status\n")
    with pytest.raises(FileError):
        guess(path)


# In Chinese, and as a table.


def test_reasons_and_questions_are_told_in_chinese(tmp_path: Path) -> None:
    proposal = guess(synthetic.lanshan(tmp_path), language="zh")
    line = next(line for line in proposal.lines if line.key == "fields.closed_at")
    assert line.reason == "列名“结案时间”表示结案时间，100 %可按 %Y年%m月%d日 %H:%M 解析，100 %晚于 上报日期"
    assert "联系电话：涉及个人或住址，不导入" in proposal.dropped
    assert mapping_of(proposal) == mapping_of(guess(synthetic.lanshan(tmp_path)))


def test_the_table_for_a_terminal_has_a_row_a_line(tmp_path: Path) -> None:
    proposal = guess(synthetic.german(tmp_path))
    text = render(proposal)
    assert text.splitlines()[0].startswith("1.00  format = 1")
    assert len(text.splitlines()) == len(proposal.lines) + len(proposal.questions) + len(proposal.dropped) + 4


# Places.


@needs_shared
@pytest.mark.parametrize(
    ("file", "kind", "level", "fields"),
    [
        ("boston-311/tracts2010_households.gpkg", "plan", "grid", {"code": "id", "name": "id", "households": "households_10"}),
        ("boston-311/neighborhoods.geojson", "places", "community", {"code": "neighborhood_id", "name": "name"}),
        ("pingshan-minsheng/shenzhen_streets.csv", "places", "street", {"code": "code", "name": "name"}),
        ("pingshan-minsheng/shenzhen_communities.csv", "places", "community",
         {"code": "code", "name": "name", "parent": "streetCode"}),
        ("pingshan-minsheng/shenzhen_districts.geojson", "places", "street", {"name": "qh"}),
        ("saopaulo-156/SIRGAS_SHP_distrito_polygon.shp", "places", "community", {"code": "ds_codigo", "name": "ds_nome"}),
        ("nyc-311/community_districts.geojson", "places", "community", {"code": "BoroCD", "name": "BoroCD"}),
        ("cambridge-parcels/parcels.gpkg", "places", "block",
         {"code": "parcel_id", "name": "parcel_id", "households": "households"}),
    ],
)  # fmt: skip
def test_places_are_guessed_with_level_code_and_name(file: str, kind: str, level: str, fields: dict[str, str]) -> None:
    proposal = guess(SHARED / file)
    mapping = mapping_of(proposal)
    assert (proposal.kind, mapping.kind, mapping.level, columns_of(mapping)) == (kind, kind, level, fields)


@needs_shared
def test_a_missing_projection_of_places_is_asked_and_never_assumed() -> None:
    file = SHARED / "saopaulo-156/SIRGAS_SHP_distrito_polygon.shp"
    proposal = guess(file)
    assert mapping_of(proposal).geometry.crs is None
    assert any("does not say its coordinate system" in question for question in proposal.questions)
    suggested = guess(file, crs="EPSG:31983")
    assert mapping_of(suggested).geometry.crs is None
    assert '# crs = "EPSG:31983"' in suggested.mapping_text


def test_a_given_level_is_taken(tmp_path: Path) -> None:
    rows = [{"网格编码": f"37130200100100{n}", "网格名称": f"第{n}网格", "户数": 380 + n} for n in range(1, 9)]
    path = synthetic.write_csv(tmp_path / "网格.csv", rows)
    assert mapping_of(guess(path)).level == "grid"
    assert mapping_of(guess(path, kind="places", level="micro_grid")).level == "micro_grid"
    assert columns_of(mapping_of(guess(path))) == {"code": "网格编码", "name": "网格名称", "households": "户数"}
