"""Rows of a source to staged and quarantined rows: small tables with exact answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from data.errors import MappingError
from data.quality import Quality, flags_of
from etl.batches import BadRow, Batch
from etl.mapping import build_mapping
from etl.normalise import Normaliser

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Row = dict[str, Any]


def run(rows: list[Row], *, bad: list[BadRow] | None = None, **mapping: Any) -> tuple[list[Row], list[Row]]:
    """(staged, quarantined) of rows of text, UTC, with columns id and opened mapped unless told otherwise."""
    fields = {"id": "id", "reported_at": "opened", **mapping.pop("fields", {})}
    fields = {name: source for name, source in fields.items() if source is not None}
    built = build_mapping({"name": "t", "kind": "tickets", "fields": fields, **mapping})
    names = list(dict.fromkeys([*built.columns, *(name for row in rows for name in row)]))
    table = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})
    numbers = pa.array(range(1, len(rows) + 1), pa.int64())
    normaliser = Normaliser(built, names, zone="UTC", now=NOW, calendar="weekdays")
    staged, quarantined = normaliser.batch(Batch(1, table, numbers, bad or []))
    return staged.to_pylist(), quarantined.to_pylist()


def one(row: Row, **mapping: Any) -> Row:
    """The one staged row of one source row."""
    staged, quarantined = run([{"id": "1", "opened": "2018-07-04 10:00:00", **row}], **mapping)
    assert quarantined == []
    return staged[0]


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2018, 7, day, hour, minute, tzinfo=UTC)


DONE = {"status": {"values": {"Closed": "closed", "Open": "open", "Void": "voided", "Waiting": "suspended",
                              "Sent": "dispatched"}}}  # fmt: skip
CLOSING = {"fields": {"status": "s", "closed_at": "c"}, **DONE}


def test_the_least_row() -> None:
    row = one({})
    assert row["row_number"] == 1
    assert row["external_id"] == "1"
    assert row["kind"] == "event"
    assert row["reported_at"] == row["registered_at"] == at(4, 10)
    assert (row["closed"], row["stage"], row["on_time_source"], row["flags"]) == (False, None, "none", 0)
    assert row["lon"] is None


def test_a_mapped_registration_that_is_empty_stays_empty() -> None:
    assert one({"r": None}, fields={"registered_at": "r"})["registered_at"] is None


@pytest.mark.parametrize(
    ("row", "column", "value", "rule"),
    [
        ({"id": None}, "id", None, "no id"),
        ({"id": " - "}, "id", None, "no id"),
        ({"opened": None}, "opened", None, "no time of report"),
        ({"opened": "soon"}, "opened", "soon", "unreadable date (iso)"),
        ({"c": "2018-02-30"}, "c", "2018-02-30", "unreadable date (iso)"),
        ({"s": "Lost"}, "s", "Lost", "unknown status"),
    ],
)
def test_rows_that_cannot_be_taken_are_quarantined(row: Row, column: str, value: str | None, rule: str) -> None:
    given = {"id": "1", "opened": "2018-07-04", "s": "Open", "c": None, **row}
    staged, quarantined = run([given], **CLOSING)
    assert staged == []
    assert quarantined == [
        {"row_number": 1, "column_name": column, "value": value, "rule": rule, "record": quarantined[0]["record"]}
    ]
    assert json.loads(quarantined[0]["record"]) == given


def test_the_first_fault_is_told_and_each_row_counts_once() -> None:
    staged, quarantined = run([{"id": None, "opened": "x"}, {"id": "2", "opened": "2018-07-04"}])
    assert [row["rule"] for row in quarantined] == ["no id"]
    assert [row["external_id"] for row in staged] == ["2"]


def test_a_quarantined_record_holds_the_mapped_columns_only_and_masks_text() -> None:
    row = {"id": "13912345678", "opened": "13812345678", "text": "ring 13812345678", "caller": "a name"}
    _, quarantined = run([row], fields={"note": "text"})
    assert quarantined[0]["value"] == "[电话]"
    assert json.loads(quarantined[0]["record"]) == {"id": "13912345678", "opened": "[电话]", "text": "ring [电话]"}


def test_ragged_rows_keep_their_number_and_rule_but_not_their_text() -> None:
    _, quarantined = run([], bad=[BadRow(7, "1,2,3,secret", "4 cells where the header has 2")])
    assert quarantined == [
        {"row_number": 7, "column_name": None, "value": None, "rule": "4 cells where the header has 2", "record": "{}"}
    ]


@pytest.mark.parametrize(
    ("status", "closed_at", "closed", "stage", "flags"),
    [
        ("Closed", "2018-07-05", True, "closed", 0),
        ("closed", "2018-07-05", True, "closed", 0),
        ("Closed", None, True, "closed", Quality.CLOSED_WITHOUT_TIME),
        ("Open", None, False, None, 0),
        ("Open", "2018-07-05", False, None, Quality.OPEN_WITH_CLOSE_TIME),
        ("Sent", None, False, "dispatched", 0),
        (None, "2018-07-05", True, "closed", 0),
        (None, None, False, None, 0),
    ],
)
def test_status_and_closing_date(
    status: str | None, closed_at: str | None, closed: bool, stage: str | None, flags: int
) -> None:
    row = one({"s": status, "c": closed_at}, **CLOSING)
    assert (row["closed"], row["stage"], row["flags"]) == (closed, stage, flags)
    assert row["closed_at"] == (at(5) if closed and closed_at else None)


def test_the_date_may_win_over_the_status() -> None:
    rule = {"fields": CLOSING["fields"], "status": {**DONE["status"], "contradiction": "date"}}
    row = one({"s": "Open", "c": "2018-07-05"}, **rule)
    assert (row["closed"], row["closed_at"], row["flags"]) == (True, at(5), Quality.OPEN_WITH_CLOSE_TIME)


def test_voided_and_suspended() -> None:
    void = one({"s": "Void", "c": "2018-07-05"}, **CLOSING)
    assert (void["voided"], void["closed"], void["stage"], void["closed_at"], void["flags"]) == (
        True, False, "voided", at(5), 0)  # fmt: skip
    assert void["updated_at"] == at(5)
    waiting = one({"s": "Waiting"}, **CLOSING)
    assert (waiting["suspended"], waiting["closed"], waiting["stage"]) == (True, False, None)


def test_unlisted_statuses_may_count_as_open() -> None:
    rule = {"fields": {"status": "s"}, "status": {**DONE["status"], "other": "open"}}
    assert one({"s": "Lost"}, **rule)["closed"] is False


def test_without_a_status_the_closing_date_decides() -> None:
    assert one({"c": "2018-07-05"}, fields={"closed_at": "c"})["closed"] is True
    assert one({"c": None}, fields={"closed_at": "c"})["closed"] is False


@pytest.mark.parametrize(("flag", "on_time", "closed"), [("1", True, True), ("0", False, True), ("-", None, False)])
def test_a_flag_that_closes(flag: str, on_time: bool | None, closed: bool) -> None:
    rule = {"fields": {"on_time": "f"}, "on_time": {"closes": True, "values": {"1": True, "0": False}}}
    row = one({"f": flag}, **rule)
    assert (row["on_time"], row["closed"], row["closed_at"], row["flags"], row["on_time_source"]) == (
        on_time, closed, None, 0, "flag")  # fmt: skip


def test_a_column_of_late_cases_is_the_flag_turned_round() -> None:
    rule = {"fields": {"on_time_late": "f"}, "on_time": {"values": {"1": True, "0": False}}}
    assert [one({"f": flag}, **rule)["on_time"] for flag in ("1", "0", None)] == [False, True, None]


def test_suspicious_rows_are_taken_and_flagged() -> None:
    fields = {"closed_at": "c", "due_at": "d"}
    times = {"opened": "2018-07-04", "c": "2018-07-03", "d": "2018-07-02 10:00"}
    assert flags_of(one(times, fields=fields)["flags"]) == ["closed_before_opened", "due_before_opened"]
    assert flags_of(one({"c": None, "d": "2059-12-31"}, fields=fields)["flags"]) == ["far_due"]
    assert flags_of(one({"opened": "2026-01-02"}, fields={})["flags"]) == ["future_report"]


def test_placeholder_dates_are_taken_as_missing_except_the_report() -> None:
    row = one({"c": "1900-01-01", "d": "0000-00-00"}, fields={"closed_at": "c", "due_at": "d"})
    assert (row["closed_at"], row["due_at"], row["closed"]) == (None, None, False)
    assert flags_of(row["flags"]) == ["placeholder_date"]
    old = one({"opened": "1900-01-01"})
    assert old["reported_at"] == datetime(1900, 1, 1, tzinfo=UTC)
    assert flags_of(old["flags"]) == ["placeholder_date"]


def test_a_deadline_given_as_a_day_ends_with_it() -> None:
    row = one({"d": "2018-07-06"}, fields={"due_at": "d"})
    assert row["due_at"] == datetime(2018, 7, 6, 23, 59, 59, 999999, tzinfo=UTC)
    assert row["on_time_source"] == "dates"
    assert one({"d": None}, fields={"due_at": "d"})["on_time_source"] == "none"


def test_service_levels_where_there_is_no_deadline() -> None:
    rule = {
        "fields": {"category": "k", "due_at": "d"},
        "categories": {"lamp": {"hours": 48, "track": "livelihood"}, "tree": {"hours": 8, "clock": "working"}},
        "service_level": {"default_hours": 72},
    }
    assert one({"k": "lamp"}, **rule)["due_at"] == at(6, 10)
    assert one({"k": "lamp"}, **rule)["track"] == "livelihood"
    assert one({"k": "lamp", "d": "2018-07-05 10:00"}, **rule)["due_at"] == at(5, 10)
    assert one({"k": "other"}, **rule)["due_at"] == at(7, 10)
    # eight working hours from Friday 2018-07-06 16:00: one until 17:00, seven from Monday 09:00
    assert one({"k": "tree", "opened": "2018-07-06 16:00"}, **rule)["due_at"] == at(9, 16)


def test_vocabularies() -> None:
    rule = {
        "fields": {"channel": "ch", "contacted": "a", "resolved": "b", "satisfaction": "s", "called_back_at": "w"},
        "channel": {"values": {"Tel": "12345"}},
        "contacted": {"values": {"Y": True}},
        "resolved": {"values": {"N": False}},
        "satisfaction": {"values": {"very": "satisfied"}},
    }
    row = one({"ch": "tel", "a": "Y", "b": "N", "s": "very", "w": "2018-07-06"}, **rule)
    assert (row["channel"], row["contacted"], row["resolved"], row["satisfaction"], row["called_back_at"]) == (
        "12345", True, False, "satisfied", at(6))  # fmt: skip
    other = one({"ch": "App", "a": "?", "s": "?"}, **rule)
    assert (other["channel"], other["contacted"], other["satisfaction"]) == ("App", None, None)


def test_words_no_vocabulary_lists_are_counted() -> None:
    fields = {"id": "id", "reported_at": "opened", "resolved": "r"}
    mapping = build_mapping({"name": "t", "kind": "tickets", "fields": fields, "resolved": {"values": {"Y": True}}})
    table = pa.table({"id": ["1", "2", "3"], "opened": ["2018-07-04"] * 3, "r": ["Y", "?", "?"]})
    normaliser = Normaliser(mapping, table.column_names, zone="UTC", now=NOW)
    normaliser.batch(Batch(1, table, pa.array([1, 2, 3])))
    assert normaliser.missed["resolved"] == {"?": 2}


def test_codes_and_names_stand_in_for_each_other() -> None:
    row = one({"k": "lamp", "u": "7"}, fields={"category": "k", "unit_code": "u"})
    assert (row["category_code"], row["category_name"], row["unit_code"], row["unit_name"]) == (
        "lamp",
        "lamp",
        "7",
        "7",
    )


def test_text_and_names_are_masked() -> None:
    row = one({"n": "ring 13812345678", "u": "office 0755-84622222"}, fields={"note": "n", "unit": "u"})
    assert (row["note"], row["unit_name"]) == ("ring [电话]", "office [电话]")
    assert flags_of(row["flags"]) == ["masked_text"]


@pytest.mark.parametrize(
    ("x", "y", "lon", "lat", "flags"),
    [
        ("-71.0587", "42.3594", -71.0587, 42.3594, 0),
        ("-71,0587", "42,3594", -71.0587, 42.3594, 0),
        (None, None, None, None, 0),
        ("0", "0.0", None, None, Quality.ZERO_POINT),
        ("here", "42", None, None, Quality.BAD_POINT),
        ("-71", None, None, None, Quality.BAD_POINT),
        ("335787", "7386734", None, None, Quality.BAD_POINT),
        ("42.3594", "-171.0587", 42.3594, -171.0587, 0),  # exchanged: put right when it is located
    ],
)
def test_points(x: str | None, y: str | None, lon: float | None, lat: float | None, flags: int) -> None:
    row = one({"x": x, "y": y}, location={"lon": "x", "lat": "y"})
    assert (row["lon"], row["lat"], row["flags"]) == (lon, lat, flags)


def test_a_point_in_one_column() -> None:
    row = one({"p": "(42.3594, -71.0587)"}, location={"point": "p"})
    assert (row["lon"], row["lat"]) == (-71.0587, 42.3594)


def test_named_places_lowest_first() -> None:
    places = [
        {"level": "community", "column": "c", "values": {"NB": "南布社区"}},
        {"level": "street", "column": "s"},
    ]
    rows = [{"c": "NB", "s": "龙田街道"}, {"c": "-", "s": "a|b"}, {"c": None, "s": None}]
    found = [one(row, location={"places": places})["named_place"] for row in rows]
    assert found == ["community=南布社区|street=龙田街道", "street=a/b", None]


def test_natural_keys() -> None:
    rows = [
        {"opened": "2018-07-04", "a": "lamp"},
        {"opened": "2018-07-04", "a": "lamp "},
        {"opened": "2018-07-04", "a": None},
    ]
    staged, _ = run(rows, fields={"id": None}, key={"columns": ["opened", "a"]})
    ids = [row["external_id"] for row in staged]
    assert ids[0] == ids[1] == "~a786f21fd24ba8845822d94454f41d34"
    assert ids[2] != ids[0]
    _, quarantined = run([{"opened": "2018-07-04"}], fields={"id": None}, key={"columns": ["a"]})
    assert [row["rule"] for row in quarantined] == ["all columns of the natural key are empty"]


def test_the_content_hash_sees_every_field_and_nothing_else() -> None:
    rule = {"fields": {"status": "s", "closed_at": "c", "note": "n"}, "location": {"lon": "x", "lat": "y"}, **DONE}
    base = {"id": "1", "opened": "2018-07-04", "s": "Closed", "c": "2018-07-05", "n": "a", "x": "1.5", "y": "2"}
    changes: list[Row] = [{}, {"id": "2"}, {"opened": "2018-07-03"}, {"s": "Open", "c": None}, {"c": "2018-07-06"},
                          {"n": "b"}, {"n": None}, {"x": "1.50001"}, {"y": None, "x": None}]  # fmt: skip
    rows = [base | change for change in changes]
    hashes = [row["content_hash"] for row in run(rows, **rule)[0]]
    assert len(set(hashes)) == len(changes)
    assert hashes[0] == run([base | {"unmapped": "z", "n": " a "}], **rule)[0][0]["content_hash"]
    assert run(rows[::-1], **rule)[0][-1]["content_hash"] == hashes[0]


def test_the_content_hash_is_the_same_on_every_machine_and_day() -> None:
    assert one({})["content_hash"] == 3628866967226480346


def test_a_missing_column_is_told_with_the_nearest_name() -> None:
    mapping = build_mapping({"name": "t", "kind": "tickets", "fields": {"id": "id", "reported_at": "opend_at"}})
    with pytest.raises(MappingError) as told:
        Normaliser(mapping, ["id", "opened_at"], zone="UTC", now=NOW)
    assert told.value.what == 'the file has no column "opend_at".'
    assert told.value.todo == 'Did you mean "opened_at"?'


def test_dropped_columns_are_listed() -> None:
    mapping = build_mapping({"name": "t", "kind": "tickets", "fields": {"id": "id", "reported_at": "opened"}})
    assert Normaliser(mapping, ["id", "caller", "opened"], zone="UTC", now=NOW).dropped == ["caller"]
