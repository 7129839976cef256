"""Working time: which days are worked, and the hours between two instants that fall inside them.

China's days come from `chinesecalendar` (the State Council's yearly notice, make-up Saturdays included), other
countries' from `holidays` ("US", "US-MA" ...); "weekdays" is Monday to Friday. A year the source does not know yet
falls back to plain weekdays and is called provisional, because its notice may still move days. The default day is
09:00 to 17:00 local time without a break: a default, not a rule of anybody's; it is chosen so that 8 working hours
are one working day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
import holidays
import numpy as np
from numpy.typing import NDArray

from data.errors import QuestionError

Instants = NDArray[np.datetime64]  # datetime64[us], UTC
Worked = Callable[[date], bool]
FIRST_YEAR, LAST_YEAR = 1900, 2200  # outside these no time is worked: such dates are mistakes, not plans
STARTS, ENDS = time(9), time(17)


@dataclass
class _Timeline:
    """One entry a calendar day, in UTC microseconds: when work starts, how long it lasts, how much was done before."""

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    before: NDArray[np.int64]

    def done_by(self, instants: NDArray[np.int64]) -> NDArray[np.int64]:
        """Work done since the beginning of the timeline, by each instant."""
        day = np.clip(np.searchsorted(self.starts, instants, side="right") - 1, 0, len(self.starts) - 1)
        worked: NDArray[np.int64] = self.before[day] + np.clip(instants - self.starts[day], 0, self.lengths[day])
        return worked

    def when_done(self, amount: NDArray[np.int64]) -> NDArray[np.int64]:
        """The first instant by which so much work is done."""
        after = self.before + self.lengths
        day = np.clip(np.searchsorted(after, amount, side="left"), 0, len(after) - 1)
        instants: NDArray[np.int64] = self.starts[day] + (amount - self.before[day])
        return instants

    @property
    def total(self) -> int:
        return int(self.before[-1] + self.lengths[-1])


@dataclass
class WorkingCalendar:
    """The working days of one country in one time zone, from `starts` to `ends` local time.

    Instants go in and come out as numpy datetime64[us] in UTC; NaT stays NaT. changed: days an administrator entered,
    worked or not, whatever the source says; noticed: years whose official notice was entered that way.
    """

    name: str
    zone: ZoneInfo
    starts: time = STARTS
    ends: time = ENDS
    changed: Mapping[date, bool] = field(default_factory=dict)
    noticed: frozenset[int] = frozenset()
    _timeline: _Timeline | None = field(default=None, repr=False)
    _years: tuple[int, int] = field(default=(0, -1), repr=False)

    def __post_init__(self) -> None:
        if self.starts >= self.ends:
            raise QuestionError(f"Work cannot end at {self.ends} and start at {self.starts}.", where="calendar")
        self._worked, self._known = _source(self.name)

    def is_working_day(self, day: date) -> bool:
        """Whether the day is worked; plain weekdays in a provisional year."""
        if day in self.changed:
            return self.changed[day]
        return self._worked(day) if self._known(day.year) else day.weekday() < 5

    def is_provisional(self, year: int) -> bool:
        """Whether the year's days are a guess because its source does not know it."""
        return year not in self.noticed and not self._known(year)

    def add_hours(self, instants: Instants, hours: float | NDArray[np.float64]) -> Instants:
        """Each instant plus so many working hours (0 or more); exactly the end of a day stays that day's end."""
        start = instants.astype("datetime64[us]")
        amount = np.broadcast_to(np.asarray(hours, dtype=np.float64), start.shape)
        if np.any(amount < 0):
            raise QuestionError("Working hours are added, not taken away.", where="calendar")
        result = np.full(start.shape, np.datetime64("NaT", "us"))
        known = ~np.isnat(start) & np.isfinite(amount)
        if not known.any():
            return result
        micros = start[known].view(np.int64)
        longest = int(amount[known].max() * 3_600e6)
        years = _years(micros)
        line = self._line(*years)
        while line.total - int(line.done_by(np.array([micros.max()]))[0]) < longest and years[1] < LAST_YEAR:
            years = (years[0], years[1] + 1 + (years[1] - years[0]))
            line = self._line(*years)
        target = line.done_by(micros) + np.rint(amount[known] * 3_600e6).astype(np.int64)
        result[known] = np.maximum(line.when_done(target), micros).view("datetime64[us]")
        return result

    def hours_between(self, starts: Instants, ends: Instants) -> NDArray[np.float64]:
        """Working hours from each start to its end; negative when the end comes first, NaN where one is missing."""
        first, last = starts.astype("datetime64[us]"), ends.astype("datetime64[us]")
        result = np.full(first.shape, np.nan)
        known = ~np.isnat(first) & ~np.isnat(last)
        if known.any():
            begin, finish = first[known].view(np.int64), last[known].view(np.int64)
            line = self._line(*_years(np.array([min(begin.min(), finish.min()), max(begin.max(), finish.max())])))
            result[known] = (line.done_by(finish) - line.done_by(begin)) / 3_600e6
        return result

    def _line(self, first: int, last: int) -> _Timeline:
        """The timeline that covers these years, made once and lengthened when asked for more."""
        if self._timeline is None or first < self._years[0] or last > self._years[1]:
            if self._timeline is not None:
                first, last = min(first, self._years[0]), max(last, self._years[1])
            first, last = max(first, FIRST_YEAR), min(last, LAST_YEAR)
            self._timeline, self._years = self._build(first, last), (first, last)
        return self._timeline

    def _build(self, first: int, last: int) -> _Timeline:
        # A day before and after: the instants of a year's edge may lie in the neighbouring year locally.
        day, end = date(first, 1, 1) - timedelta(days=1), date(last + 1, 1, 1)
        starts, lengths = [], []
        while day <= end:
            opens = _micros(datetime.combine(day, self.starts, self.zone))
            starts.append(opens)
            worked = self.is_working_day(day)
            lengths.append(_micros(datetime.combine(day, self.ends, self.zone)) - opens if worked else 0)
            day += timedelta(days=1)
        length = np.array(lengths, dtype=np.int64)
        return _Timeline(np.array(starts, dtype=np.int64), length, np.cumsum(length) - length)


@lru_cache(maxsize=16)
def calendar(name: str, zone: str) -> WorkingCalendar:
    """The calendar of this name in this zone, shared by all who ask."""
    return WorkingCalendar(name, ZoneInfo(zone))


def _source(name: str) -> tuple[Worked, Callable[[int], bool]]:
    """Who says whether a day is worked, and which years that source knows."""
    if name == "weekdays":
        return (lambda day: day.weekday() < 5), (lambda _: True)
    if name == "CN":
        years = {day.year for day in chinese_calendar.constants.holidays}
        return chinese_calendar.is_workday, years.__contains__
    country, _, part = name.partition("-")
    try:
        days: Any = holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError:
        raise QuestionError(
            f"There is no working calendar {name!r}.",
            where="calendar",
            todo="Take 'CN', another two-letter country code ('US', 'US-MA') or 'weekdays'.",
        ) from None
    return days.is_working_day, (lambda year: bool(days.start_year <= year <= days.end_year))


def _micros(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def _years(micros: NDArray[np.int64]) -> tuple[int, int]:
    """First and last year of some instants, within what the calendar knows."""
    years = np.array([micros.min(), micros.max()]).view("datetime64[us]").astype("datetime64[Y]").astype(int) + 1970
    return max(int(years[0]), FIRST_YEAR), max(min(int(years[1]), LAST_YEAR), FIRST_YEAR)
