"""Periods and moments as people write them, in the deployment's time zone.

A period is half-open: [start, end). "2011-07-01/2012-01-01" ends with the last instant of 2011. Dates and times without an
offset are local; a bare date is the start of that local day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from data.errors import QuestionError

_YEAR = re.compile(r"(\d{4})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-?[Qq]([1-4])")
_HALF = re.compile(r"(\d{4})-?[Hh]([12])")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
EARLIEST, LATEST = 1000, 9000  # years; beyond them the arithmetic of zones and months ends
_FORMS = "Write 2011-07-01/2012-01-01, 2011-07, 2011-Q3, 2011-H2, 2011 or one day; times may carry an offset."


@dataclass(frozen=True)
class Period:
    """A half-open span of time; both ends know their zone."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise QuestionError("A period needs instants that know their time zone.", where="period")
        if self.start >= self.end:
            raise QuestionError(f"The period ends ({self.end}) before it begins ({self.start}).", where="period")

    def last_day(self, zone: ZoneInfo) -> date:
        """The local day of the period's last instant: the day whose plan and households count."""
        return (self.end.astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone).date()


@dataclass(frozen=True)
class MonthStart:
    """When a reporting month begins. One that begins after the 15th bears the name of the month it ends in: with day 26,
    March is 26 February to 26 March. Days go to 28, which every month has."""

    day: int = 1
    hour: int = 0


CALENDAR = MonthStart()


def months(year: int, month: int, n: int, zone: ZoneInfo, begins: MonthStart = CALENDAR) -> Period:
    """n reporting months from the one with this name."""
    return Period(_begin(year, month, zone, begins), _begin(year, month + n, zone, begins))


def month_of(moment: datetime, zone: ZoneInfo, begins: MonthStart = CALENDAR) -> tuple[int, int]:
    """Year and name of the reporting month an instant lies in."""
    local = moment.astimezone(zone)
    for later in (1, 0, -1):
        number = local.year * 12 + local.month - 1 + later
        if _begin(number // 12, number % 12 + 1, zone, begins) <= moment:
            break
    return number // 12, number % 12 + 1


def _begin(year: int, month: int, zone: ZoneInfo, begins: MonthStart) -> datetime:
    number = year * 12 + month - 1 - (begins.day > 15)
    return datetime(number // 12, number % 12 + 1, begins.day, begins.hour, tzinfo=zone)


def parse_period(text: str, zone: ZoneInfo) -> Period:
    """The period written as "A/B", a year, a half, a quarter, a month or a day."""
    written = text.strip()
    first, slash, last = written.partition("/")
    if slash:
        return Period(parse_moment(first, zone, where="period"), parse_moment(last, zone, where="period"))
    try:
        return _named(written, zone)
    except ValueError:
        raise QuestionError(f"{text!r} is not a period.", where="period", todo=_FORMS) from None


def parse_moment(text: str, zone: ZoneInfo, *, where: str = "as-of", now: datetime | None = None) -> datetime:
    """An instant: ISO 8601 with or without an offset, a bare date (its first instant), or "now" (default: the machine's)."""
    written = text.strip()
    if written.lower() == "now":
        return now or datetime.now(UTC)
    try:
        if match := _MONTH.fullmatch(written):
            return _midnight(date(int(match[1]), int(match[2]), 1), zone)
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise QuestionError(f"{text!r} is not a date or time.", where=where, todo=_FORMS) from None
    if not EARLIEST <= moment.year <= LATEST:
        raise QuestionError(f"{text!r} lies outside the years {EARLIEST} to {LATEST}.", where=where, todo=_FORMS)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def to_minute(moment: datetime) -> datetime:
    """The moment rounded down to its minute, so that questions asked within it share their answer."""
    return moment.replace(second=0, microsecond=0)


def _named(written: str, zone: ZoneInfo) -> Period:
    if match := _QUARTER.fullmatch(written):
        first = date(int(match[1]), 3 * int(match[2]) - 2, 1)
        return Period(_midnight(first, zone), _midnight(_months_later(first, 3), zone))
    if match := _HALF.fullmatch(written):
        first = date(int(match[1]), 6 * int(match[2]) - 5, 1)
        return Period(_midnight(first, zone), _midnight(_months_later(first, 6), zone))
    if match := _MONTH.fullmatch(written):
        first = date(int(match[1]), int(match[2]), 1)
        return Period(_midnight(first, zone), _midnight(_months_later(first, 1), zone))
    if match := _YEAR.fullmatch(written):
        first = date(int(match[1]), 1, 1)
        return Period(_midnight(first, zone), _midnight(_months_later(first, 12), zone))
    if _DAY.fullmatch(written):
        first = date.fromisoformat(written)
        return Period(_midnight(first, zone), _midnight(first + timedelta(days=1), zone))
    raise ValueError(written)


def _months_later(first: date, months: int) -> date:
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
