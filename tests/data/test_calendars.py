"""Working time, against days a person can look up."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from data.calendars import WorkingCalendar, calendar
from data.errors import QuestionError

SHANGHAI = ZoneInfo("Asia/Shanghai")
BOSTON = ZoneInfo("America/New_York")


def instants(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[us]")


def test_make_up_saturday_is_worked_in_china() -> None:
    china = calendar("CN", "Asia/Shanghai")
    assert china.is_working_day(date(2026, 10, 10))  # Saturday, made up for National Day
    assert not china.is_working_day(date(2026, 10, 1))
    assert not china.is_provisional(2026)


def test_year_beyond_the_library_falls_back_to_weekdays_and_says_so() -> None:
    china = calendar("CN", "Asia/Shanghai")
    assert china.is_provisional(2199)
    assert china.is_working_day(date(2199, 10, 1)) == (date(2199, 10, 1).weekday() < 5)


def test_other_countries_have_their_holidays() -> None:
    assert not calendar("US", "America/New_York").is_working_day(date(2011, 7, 4))
    assert calendar("weekdays", "America/New_York").is_working_day(date(2011, 7, 4))


def test_unknown_calendar_is_refused() -> None:
    with pytest.raises(QuestionError, match="no working calendar 'XX'"):
        WorkingCalendar("XX", SHANGHAI)


def test_hours_are_added_inside_working_days_only() -> None:
    plain = WorkingCalendar("weekdays", SHANGHAI)
    # Friday 2024-03-01 16:00 local = 08:00 UTC; 3 h = 1 h on Friday, 2 h on Monday -> Monday 11:00 local = 03:00 UTC.
    # Saturday noon local + 8 h = the end of Monday, 17:00 local = 09:00 UTC. Nothing added stays where it was.
    start = instants("2024-03-01T08:00", "2024-03-02T04:00", "2024-03-02T04:00", "NaT")
    got = plain.add_hours(start, np.array([3.0, 8.0, 0.0, 1.0]))
    assert got.astype(str).tolist() == [
        "2024-03-04T03:00:00.000000",
        "2024-03-04T09:00:00.000000",
        "2024-03-02T04:00:00.000000",
        "NaT",
    ]


def test_hours_between_skip_nights_and_weekends() -> None:
    plain = WorkingCalendar("weekdays", SHANGHAI)
    # Friday 16:00 to Monday 10:30 local: 1 h + 1.5 h; the same backwards is negative.
    friday, monday = instants("2024-03-01T08:00"), instants("2024-03-04T02:30")
    assert plain.hours_between(friday, monday).tolist() == [2.5]
    assert plain.hours_between(monday, friday).tolist() == [-2.5]
    assert np.isnan(plain.hours_between(friday, instants("NaT"))).all()


def test_local_days_follow_the_clock_change() -> None:
    boston = WorkingCalendar("weekdays", BOSTON)
    # 2011-11-06 the clock goes back: Friday 17:00 EDT = 21:00 UTC, Monday 09:00 EST = 14:00 UTC.
    assert boston.add_hours(instants("2011-11-04T21:00"), 1.0).astype(str).tolist() == ["2011-11-07T15:00:00.000000"]


def test_adding_reaches_far_beyond_the_years_first_looked_at() -> None:
    plain = WorkingCalendar("weekdays", SHANGHAI)
    start = instants("2024-01-01T01:00")
    end = plain.add_hours(start, 20_800.0)  # 2,600 working days of 8 h = 520 weeks
    assert end.astype(str).tolist() == ["2033-12-16T09:00:00.000000"]
    assert plain.hours_between(start, end).tolist() == [20_800.0]


def test_adding_then_measuring_gives_the_hours_back() -> None:
    china = WorkingCalendar("CN", SHANGHAI)
    dice = np.random.default_rng(7)
    start = instants("2023-01-01") + dice.integers(0, 3 * 365 * 86_400, 5_000).astype("timedelta64[s]")
    hours = dice.integers(1, 4_000, 5_000) / 4
    assert np.abs(china.hours_between(start, china.add_hours(start, hours)) - hours).max() < 1e-6


def test_negative_hours_are_refused() -> None:
    with pytest.raises(QuestionError):
        WorkingCalendar("weekdays", SHANGHAI).add_hours(instants("2024-01-01"), -1.0)
