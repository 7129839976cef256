"""The deployment's own working calendar: its source's days, and those an administrator entered.

The State Council's notice for a year comes out in autumn; until then the year is plain weekdays and provisional. Entering it
(from a TOML file, one table a year) changes the days and takes the mark away:

    [2027]
    notice = "国办发明电〔2026〕…号"
    worked = [2027-02-07, 2027-02-20]
    off = [2027-02-05, 2027-02-08]

Days that lie ahead change; deadlines already given stand.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError

from data import audit
from data.actors import Actor
from data.calendars import WorkingCalendar
from data.database import Connection
from data.errors import InputError

if TYPE_CHECKING:
    from data.store import Store


class Year(BaseModel):
    """What a notice says of a year."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    notice: str = Field(min_length=1)
    worked: tuple[date, ...] = ()
    off: tuple[date, ...] = ()


class _Years(RootModel[dict[int, Year]]):
    pass


@dataclass(frozen=True)
class Notice:
    """A year of which a notice was entered."""

    year: int
    notice: str
    entered_at: datetime


def working_calendar(con: Connection) -> WorkingCalendar:
    """The calendar of the deployment, shared by all who ask while nothing is entered."""
    name, zone = con.execute("SELECT calendar, zone FROM deployment").fetchone() or ("weekdays", "UTC")
    days = con.execute("SELECT day, worked FROM calendar_day ORDER BY day").fetchall()
    years = con.execute("SELECT year FROM calendar_notice ORDER BY year").fetchall()
    return _made(name, zone, tuple(days), tuple(year for (year,) in years))


def notices(store: Store) -> list[Notice]:
    """The years whose notice was entered, latest first."""
    return [Notice(**row) for row in store.rows("SELECT * FROM calendar_notice ORDER BY year DESC")]


def entered(store: Store, year: int) -> Year | None:
    """What was entered of a year; null while its notice was not."""
    found = store.rows("SELECT notice FROM calendar_notice WHERE year = ?", [year])
    if not found:
        return None
    days = store.rows("SELECT day, worked FROM calendar_day WHERE year(day) = ? ORDER BY day", [year])
    return Year(
        notice=found[0]["notice"],
        worked=tuple(row["day"] for row in days if row["worked"]),
        off=tuple(row["day"] for row in days if not row["worked"]),
    )


def calendar_of(store: Store) -> WorkingCalendar:
    """The calendar in force."""
    with store.read() as con:
        return working_calendar(con)


def read_years(body: str, where: str) -> Mapping[int, Year]:
    """The years of a file. Raises InputError with file and key path."""
    try:
        years = _Years.model_validate(tomllib.loads(body)).root
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"this is not TOML: {error}.", where=where) from None
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{first['msg']}.", where=f"{where}: {path}") from None
    for year, says in years.items():
        wrong = [day for day in (*says.worked, *says.off) if day.year != year]
        twice = sorted(set(says.worked) & set(says.off))
        if wrong or twice:
            raise InputError(
                f"{(wrong or twice)[0]} is {'not in this year' if wrong else 'both worked and off'}.",
                where=f"{where}: {year}",
            )
    return years


def enter(store: Store, years: Mapping[int, Year], actor: Actor) -> None:
    """Take the notices of some years in place of what was entered for them; the actor goes to the audit log."""
    at = store.now()

    def job(con: Connection) -> int:
        for year, says in years.items():
            con.execute("DELETE FROM calendar_day WHERE year(day) = ?", [year])
            con.execute("DELETE FROM calendar_notice WHERE year = ?", [year])
            con.execute("INSERT INTO calendar_notice VALUES (?, ?, ?)", [year, says.notice, at])
            for days, worked in ((says.worked, True), (says.off, False)):
                for day in days:
                    con.execute("INSERT INTO calendar_day VALUES (?, ?, NULL)", [day, worked])
            said = {"what": "calendar", "year": year, "notice": says.notice}
            audit.put(con, at, audit.Entry("setting", actor, detail=said))
        return len(years)

    store.writer.run(job, label="calendar").result()


@lru_cache(maxsize=16)
def _made(name: str, zone: str, days: tuple[tuple[date, bool], ...], years: tuple[int, ...]) -> WorkingCalendar:
    return WorkingCalendar(name, ZoneInfo(zone), changed=dict(days), noticed=frozenset(years))
