"""Times of any source to UTC, worked out by hand."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest

from etl.dates import check_format, join_columns, join_texts, parse_times

SHANGHAI, NEW_YORK, SAO_PAULO = "Asia/Shanghai", "America/New_York", "America/Sao_Paulo"


def utc(column: list[object] | pa.Array, *formats: str, zone: str = SHANGHAI, **options: bool) -> list[str | None]:
    """Instants as text, None where there is none; "bad" where something unreadable stands."""
    array = column if isinstance(column, pa.Array) else pa.array(column)
    times = parse_times(array, formats, zone, **options)
    return [
        "bad" if bad else None if np.isnat(instant) else str(instant).replace(".000000", "")
        for instant, bad in zip(times.instants, times.bad, strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2018-07-04 17:24:41", "2018-07-04T09:24:41"),
        ("2018-07-04T17:24:41", "2018-07-04T09:24:41"),
        ("2018-07-04 17:24", "2018-07-04T09:24:00"),
        ("2018-07-04", "2018-07-03T16:00:00"),
        ("2018-07-04T17:24:41Z", "2018-07-04T17:24:41"),
        ("2018-07-04T17:24:41.123+08:00", "2018-07-04T09:24:41.123000"),
        ("2018-07-04T17:24:41+0530", "2018-07-04T11:54:41"),
        ("2018-07-04T17:24:41-04", "2018-07-04T21:24:41"),
        ("2018-07-04 17:24:41.5", "2018-07-04T09:24:41.500000"),
        ("20180704T172441", "2018-07-04T09:24:41"),
        ("2018-02-30", "bad"),
        ("2018-02-29 10:00:00", "bad"),
        ("2018-07-04 24:00:01", "bad"),
        ("2018", "bad"),
        ("soon", "bad"),
    ],
)
def test_iso_texts(text: str, instant: str) -> None:
    assert utc([text]) == [instant]


def test_a_mixed_column_is_read_value_by_value() -> None:
    column = ["2018-07-04 17:24:41", None, "2018-07-04T17:24:41Z", "x", "2018-07-04"]
    assert utc(column) == ["2018-07-04T09:24:41", None, "2018-07-04T17:24:41", "bad", "2018-07-03T16:00:00"]


def test_twelve_hour_times() -> None:
    column = [
        "07/04/2018 12:00:00 AM",
        "07/04/2018 12:00:00 PM",
        "07/04/2018 05:24:41 pm",
        "7/4/2018 5:24:41 PM",
        "07/04/2018 13:00:00 AM",
        "02/30/2018 01:00:00 AM",
    ]
    assert utc(column, "%m/%d/%Y %I:%M:%S %p", zone=NEW_YORK) == [
        "2018-07-04T04:00:00",
        "2018-07-04T16:00:00",
        "2018-07-04T21:24:41",
        "2018-07-04T21:24:41",
        "bad",
        "bad",
    ]


def test_date_and_time_in_two_columns() -> None:
    joined = join_columns(
        [pa.array(["07/04/2018", None, "07/05/2018"]), pa.array(["05:24:41 PM", "01:00:00 AM", None])]
    )
    formats = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y")
    assert utc(joined, *formats, zone=NEW_YORK) == ["2018-07-04T21:24:41", None, "2018-07-05T04:00:00"]


def test_rows_that_are_null_in_every_column_are_not_lost() -> None:
    assert join_texts([pa.array(["a", None, None]), pa.array(["b", None, "c"])], "|").to_pylist() == ["a|b", None, "c"]


def test_formats_are_tried_in_order() -> None:
    column = ["04.07.2018 17:24", "2018年7月4日 17:24", "04 Jul 2018 17:24"]
    formats = ("%d.%m.%Y %H:%M", "%Y年%m月%d日 %H:%M", "%d %b %Y %H:%M")
    assert utc(column, *formats) == ["2018-07-04T09:24:00"] * 3


def test_two_digit_years() -> None:
    assert utc(["04/07/18", "04/07/99"], "%d/%m/%y") == ["2018-07-03T16:00:00", "1999-07-03T16:00:00"]


def test_offsets_at_the_end_of_a_format() -> None:
    assert utc(["04/07/2018 17:24 +0200"], "%d/%m/%Y %H:%M %z") == ["2018-07-04T15:24:00"]


def test_a_wrong_tag_is_ignored() -> None:
    assert utc(["2018-07-04T17:24:41Z"], ignore_tag=True) == ["2018-07-04T09:24:41"]
    tagged = pa.array([datetime(2018, 7, 4, 17, 24, 41)], pa.timestamp("ms", "UTC"))
    assert utc(tagged, zone=SAO_PAULO, ignore_tag=True) == ["2018-07-04T20:24:41"]
    assert utc(tagged, zone=SAO_PAULO) == ["2018-07-04T17:24:41"]


def test_numbers() -> None:
    assert utc(["1530696281", "1530696281.5"], "epoch") == ["2018-07-04T09:24:41", "2018-07-04T09:24:41.500000"]
    assert utc([1530696281000], "epoch_ms") == ["2018-07-04T09:24:41"]
    assert utc(["43285.725", "43285", "x"], "excel") == ["2018-07-04T09:24:00", "2018-07-03T16:00:00", "bad"]


def test_typed_columns() -> None:
    assert utc(pa.array([date(2018, 7, 4)])) == ["2018-07-03T16:00:00"]
    assert utc(pa.array([datetime(2018, 7, 4, 17, 24, 41)], pa.timestamp("ns"))) == ["2018-07-04T09:24:41"]


def test_a_deadline_without_a_time_is_the_end_of_that_local_day() -> None:
    for column, formats in (
        (pa.array(["2018-07-04"]), ()),
        (pa.array(["04/07/2018"]), ("%d/%m/%Y",)),
        (pa.array(["43285"]), ("excel",)),
        (pa.array([date(2018, 7, 4)]), ()),
    ):
        assert utc(column, *formats, end_of_day=True) == ["2018-07-04T15:59:59.999999"]
    assert utc(["2018-07-04 00:00:00"], end_of_day=True) == ["2018-07-03T16:00:00"]


def test_a_time_that_exists_twice_is_the_first() -> None:
    assert utc(["2011-11-06 01:30:00"], zone=NEW_YORK) == ["2011-11-06T05:30:00"]
    assert utc(["2019-02-16 23:30:00"], zone=SAO_PAULO) == ["2019-02-17T01:30:00"]


def test_a_day_of_25_hours_ends_at_its_second_midnight() -> None:
    assert utc(["2019-02-16"], zone=SAO_PAULO, end_of_day=True) == ["2019-02-17T02:59:59.999999"]


def test_a_time_that_does_not_exist_is_the_first_moment_after_the_gap() -> None:
    assert utc(["2018-11-04 00:30:00", "2018-11-04"], zone=SAO_PAULO) == ["2018-11-04T03:00:00"] * 2
    assert utc(["2012-03-11 02:30:00"], zone=NEW_YORK) == ["2012-03-11T07:00:00"]


def test_placeholders_are_told() -> None:
    column = pa.array(["1900-01-01", "0000-00-00 00:00:00", "1901-12-31 23:59:59", "1902-01-01", "0001-01-01", None])
    times = parse_times(column, (), SHANGHAI)
    assert times.placeholder.tolist() == [True, True, True, False, True, False]
    assert not times.bad.any()
    assert np.isnat(times.instants).tolist() == [False, True, False, False, False, True]


def test_slices_and_empty_columns() -> None:
    assert utc(pa.array(["x", "2018-07-04 17:24:41", "x"]).slice(1, 1)) == ["2018-07-04T09:24:41"]
    assert utc(pa.array([], pa.string())) == []
    assert utc(pa.nulls(2)) == [None, None]
    assert utc(pa.nulls(2, pa.string())) == [None, None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yyyy-mm-dd", "is no date format"),
        ("%Y-%m-%d %Z", "zone names belong in [time]"),
        ("%z %Y-%m-%d", "at the end of a time only"),
    ],
)
def test_formats_that_cannot_be_read_are_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError) as told:
        check_format("due_at: ", text)
    assert said in str(told.value)
