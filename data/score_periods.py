"""The periods scorecards are made for, by name: the running one, those before, the one a name follows."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from data.errors import InputError
from data.periods import parse_period

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


def name_of(unit: str, first: date) -> str:
    """How the period that begins on a day is written: 2026-03, 2026-Q1, 2026-H1, 2026."""
    if unit == "month":
        return f"{first.year}-{first.month:02d}"
    if unit == "year":
        return f"{first.year}"
    return f"{first.year}-{'Q' if unit == 'quarter' else 'H'}{(first.month - 1) // MONTHS[unit] + 1}"


def running(unit: str, now: datetime, zone: ZoneInfo) -> str:
    """The period an instant lies in."""
    day = now.astimezone(zone).date()
    return name_of(unit, date(day.year, (day.month - 1) // MONTHS[unit] * MONTHS[unit] + 1, 1))


def earlier(unit: str, name: str, zone: ZoneInfo, n: int = 1) -> str:
    """The period n periods before the named one."""
    first = parse_period(name, zone).start.astimezone(zone).date()
    month = first.year * 12 + first.month - 1 - n * MONTHS[unit]
    return name_of(unit, date(month // 12, month % 12 + 1, 1))


def latest(unit: str, now: datetime, zone: ZoneInfo, count: int) -> list[str]:
    """The running period and those before it, the latest first."""
    name = running(unit, now, zone)
    return [name if n == 0 else earlier(unit, name, zone, n) for n in range(count)]


def check_name(unit: str, name: str, zone: ZoneInfo) -> str:
    """The period's name as it is written here. Raises QuestionError, or InputError for a period of another length."""
    found = parse_period(name, zone)
    usual = running(unit, found.start, zone)
    if parse_period(usual, zone) != found:
        raise InputError(
            f"{name} cannot be read as a period of the kind {unit}.", where="period", todo=f"Write it like {usual}."
        )
    return usual


def of_year(unit: str, year: int) -> list[str]:
    """The periods a year is made of."""
    return [name_of(unit, date(year, month, 1)) for month in range(1, 13, MONTHS[unit])]
