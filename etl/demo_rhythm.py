"""How many tickets a day brings and of which kinds: weekdays, holidays, seasons, and rainstorms.

A day's number follows from its weight alone: the weights of the year are scaled so that the year brings exactly what was
ordered, and the days after it go on at the same scale. Chinese holidays and make-up days come from the working calendar
the figures use.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from data.calendars import WorkingCalendar
from etl.demo_categories import CATEGORIES, SEASONS

Floats = npt.NDArray[np.float64]

YEAR = 365
STORM_SHARE = 0.9  # tickets of a rainstorm, of a mean day's
STORM_HOURS = 9.0
STORMS = ((39, time(15, 30)), (352, time(4, 20)))  # days into the year, and when it began
WEEKDAYS = (1.09, 1.04, 1.0, 0.99, 0.98, 0.80, 0.74)
SPRING_FESTIVAL = 0.42  # what a holiday of a week around the lunar new year leaves
HOLIDAY = 0.62
GROWTH = 0.06  # a year


@dataclass(frozen=True)
class Rhythm:
    """The rhythm of a district. begins: first day of the year; total: tickets reported in it, storms included."""

    days: WorkingCalendar
    seed: int
    begins: date
    total: int
    _cumulated: list[float] = field(default_factory=lambda: [0.0], repr=False)

    @property
    def zone(self) -> ZoneInfo:
        """The zone days are meant in."""
        return self.days.zone

    @property
    def ends(self) -> date:
        """The first day after the year."""
        return self.begins + timedelta(days=YEAR)

    @cached_property
    def storm_size(self) -> int:
        """Tickets of one rainstorm."""
        return round(self.total / YEAR * STORM_SHARE)

    @cached_property
    def storms(self) -> tuple[datetime, ...]:
        """When the year's rainstorms began."""
        days = ((self.begins + timedelta(days=after), at) for after, at in STORMS)
        return tuple(datetime.combine(day, at, self.zone).astimezone(UTC) for day, at in days)

    def count(self, day: date) -> int:
        """Tickets reported on a day, storms left out."""
        number = (day - self.begins).days
        if number < 0:
            return 0
        ordinary = self.total - len(STORMS) * self.storm_size
        scale = ordinary / self._sum(YEAR)
        return round(self._sum(number + 1) * scale) - round(self._sum(number) * scale)

    def weight(self, day: date) -> float:
        """How busy a day is, about 1."""
        luck = np.random.default_rng([self.seed, 1, day.toordinal()])
        season = 1 + 0.09 * float(np.cos((day.timetuple().tm_yday - 200) / 365.25 * 2 * np.pi))
        grown = 1 + GROWTH * (day - self.begins).days / YEAR
        return self._week(day) * season * grown * float(np.exp(0.05 * luck.standard_normal()))

    def category_weights(self, day: date) -> Floats:
        """Weight of each category on a day."""
        month = day.month - 1 + (day.day - 15.5) / 31
        low = int(np.floor(month))
        share = month - low
        season = np.array(
            [
                (1 - share) * SEASONS[one.season][low % 12] + share * SEASONS[one.season][(low + 1) % 12]
                for one in CATEGORIES
            ]
        )
        plain = np.array([one.weight for one in CATEGORIES])
        free = np.array([one.weekend for one in CATEGORIES])
        return np.asarray(plain * season * (1.0 if self.days.is_working_day(day) else free))

    def midnight(self, day: date) -> int:
        """The first instant of a local day, in microseconds UTC."""
        return round(datetime.combine(day, time(), self.zone).timestamp() * 1_000_000)

    def _week(self, day: date) -> float:
        if self.days.is_working_day(day):
            return WEEKDAYS[min(day.weekday(), 4)]  # a make-up Saturday is worked like a Friday
        run = self._free_days(day)
        if run < 3:
            return WEEKDAYS[day.weekday()] if day.weekday() > 4 else HOLIDAY
        return SPRING_FESTIVAL if run >= 6 and day.month in (1, 2) else HOLIDAY

    def _free_days(self, day: date) -> int:
        """How many days off stand together around a day."""
        run = 1
        for step in (-1, 1):
            next_day = day + timedelta(days=step)
            while not self.days.is_working_day(next_day):
                run, next_day = run + 1, next_day + timedelta(days=step)
        return run

    def _sum(self, days: int) -> float:
        while len(self._cumulated) <= days:
            day = self.begins + timedelta(days=len(self._cumulated) - 1)
            self._cumulated.append(self._cumulated[-1] + self.weight(day))
        return self._cumulated[days]


def storm_weights() -> Floats:
    """Weight of each category in a rainstorm."""
    return np.array([one.storm for one in CATEGORIES])


def storm_hours(chance: Floats) -> Floats:
    """Hours since a rainstorm began, from chances: most in the first two."""
    return np.asarray(STORM_HOURS * chance**2.2)
