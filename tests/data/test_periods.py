"""Periods as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from data.errors import QuestionError
from data.periods import parse_moment, parse_period, to_minute

BOSTON = ZoneInfo("America/New_York")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2011-07-01/2012-01-01", utc(2011, 7, 1, 4), utc(2012, 1, 1, 5)),  # summer time at one end only
        ("2011-07", utc(2011, 7, 1, 4), utc(2011, 8, 1, 4)),
        ("2011-12", utc(2011, 12, 1, 5), utc(2012, 1, 1, 5)),
        ("2011-Q4", utc(2011, 10, 1, 4), utc(2012, 1, 1, 5)),
        ("2011", utc(2011, 1, 1, 5), utc(2012, 1, 1, 5)),
        ("2011-07-04", utc(2011, 7, 4, 4), utc(2011, 7, 5, 4)),
        ("2011-07/2011-09", utc(2011, 7, 1, 4), utc(2011, 9, 1, 4)),
        ("2011-07-01T12:00/2011-07-01T12:00+00:00", None, None),
        ("2011-07-01T00:00+02:00/2011-07-02T00:00Z", utc(2011, 6, 30, 22), utc(2011, 7, 2)),
    ],
)
def test_period_is_read_in_the_local_zone(text: str, start: datetime | None, end: datetime | None) -> None:
    if start is None:
        with pytest.raises(QuestionError, match="before it begins"):
            parse_period(text, BOSTON)
        return
    period = parse_period(text, BOSTON)
    assert (period.start, period.end) == (start, end)


@pytest.mark.parametrize("text", ["", "last week", "2011-13", "2011-02-30", "2011-Q5", "2011-07-01/", "20110701"])
def test_what_is_no_period_is_said_to_be_none(text: str) -> None:
    with pytest.raises(QuestionError):
        parse_period(text, BOSTON)


def test_bare_date_is_the_start_of_its_local_day() -> None:
    assert parse_moment("2020-01-01", BOSTON) == utc(2020, 1, 1, 5)
    assert parse_moment("2020-01-01T08:00", SHANGHAI) == utc(2020, 1, 1)
    assert parse_moment("2020-01-01T08:00Z", SHANGHAI) == utc(2020, 1, 1, 8)


def test_last_day_is_that_of_the_last_instant() -> None:
    assert parse_period("2011-07", SHANGHAI).last_day(SHANGHAI) == date(2011, 7, 31)


def test_questions_within_a_minute_share_their_moment() -> None:
    assert to_minute(utc(2020, 1, 1, 5, 6, 7, 8)) == utc(2020, 1, 1, 5, 6)
