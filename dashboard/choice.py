"""What a person chose to look at: read from an address, checked, and turned into a question.

The names in NAMES are the parameters of the address, so that a link, the back button and the controls say the same
thing. Nothing here comes from the data; what was chosen may no longer exist, and then the question says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from dashboard.languages import _
from data.errors import QuestionError
from data.periods import CALENDAR, EARLIEST, LATEST, MonthStart, Period, month_of, months

PRESETS = ("month", "quarter", "half", "year", "custom")
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
FILTERS = ("track", "channel", "category", "unit")
METHODS = ("quantile", "natural")
VALUES = ("own", "shrunk", "sure")  # coloured by the value, by what it is among peers, or so with the doubtful hatched
NAMES = (
    "level",
    "auto",
    "figure",
    "period",
    "range",
    "basis",
    "as_of",
    *FILTERS,
    "method",
    "value",
    "classes",
    "events",
    "layers",
)
LISTS = (*FILTERS, "range", "layers")
OWN = "own"  # the basis control's word for "the figure's own"
AUTO = "auto"  # the level control's word for "what can be read at the map's zoom"


@dataclass(frozen=True)
class Choice:
    """The state of the controls; every field has the value a first visit sees."""

    level: str = ""
    auto: bool = False  # whether the map's zoom chose the level; it does so too where none is named
    figure: str = "on_time_rate"
    period: str = "month"
    range: tuple[date, date] | None = None  # first and last day, for period 'custom'
    basis: str = ""  # empty: the figure's own
    as_of: date | None = None  # end of that day; empty: now
    filters: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())
    method: str = "quantile"
    value: str = "own"
    classes: int = 5
    events: str = "off"
    layers: tuple[str, ...] = ()  # shown beside what is coloured; names of layers/registry.py


def text_of(period: Period) -> str:
    """'2011-12-01 – 2011-12-31': the first and the last day, in the zone the period was made in."""
    last = (period.end - timedelta(microseconds=1)).date()
    return f"{period.start.date()} – {last}"


def before(period: Period) -> Period:
    """The period of the same kind just before: whole months go back by months, others by their length."""
    start, end = period.start, period.end
    apart = (end.year - start.year) * 12 + end.month - start.month
    if (start.day, start.time()) == (end.day, end.time()) and start.day <= 28 and apart:
        return Period(shift(start, -apart), start)
    return Period(start - (end - start), start)


def year_before(period: Period) -> Period:
    """The same days a year earlier; a 29 February becomes the 28th."""
    return Period(_year_back(period.start), _year_back(period.end))


def _year_back(moment: datetime) -> datetime:
    leap = (moment.month, moment.day) == (2, 29)
    return moment.replace(year=moment.year - 1, day=28 if leap else moment.day)


def shift(moment: datetime, later: int) -> datetime:
    """The same day of a month, `later` months on; a day every month has."""
    index = moment.year * 12 + moment.month - 1 + later
    return moment.replace(year=index // 12, month=index % 12 + 1)


def of_search(search: str) -> Choice:
    """The choice an address holds ('?level=grid&figure=…'); what it does not say keeps its first value."""
    given = parse_qs(search.lstrip("?"))
    return of_values({name: given[name] if name in LISTS else given[name][-1] for name in NAMES if name in given})


def of_values(values: Mapping[str, Any]) -> Choice:
    """The choice of the controls' values. QuestionError names the one that makes no sense."""
    first = Choice()
    said = {name: value for name, value in values.items() if value not in (None, "", [], OWN)}
    choice = Choice(
        level=str(said.get("level", first.level)),
        auto=_one_of(said, "auto", ("on", "off"), "off") == "on",
        figure=str(said.get("figure", first.figure)),
        period=_one_of(said, "period", PRESETS, first.period),
        range=_range(said.get("range")),
        basis=str(said.get("basis", first.basis)),
        as_of=_day(said["as_of"], "as_of") if "as_of" in said else None,
        filters=tuple((name, tuple(map(str, said[name]))) for name in FILTERS if name in said),
        method=_one_of(said, "method", METHODS, first.method),
        value=_one_of(said, "value", VALUES, first.value),
        classes=int(_one_of(said, "classes", ("5", "6", "7"), str(first.classes))),
        events=_one_of(said, "events", ("on", "off"), first.events),
        layers=tuple(map(str, said.get("layers", ()))),
    )
    if choice.period == "custom" and choice.range is None:
        raise QuestionError(_("自定义时段缺少起止日期"), where="range", todo=_("请选择开始和结束日期。"))
    return choice


def _one_of(said: Mapping[str, Any], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = str(said.get(name, default))
    if value not in allowed:
        raise QuestionError(_("不认识的取值：{value}").format(value=value), where=name, todo=", ".join(allowed))
    return value


def _day(text: Any, name: str) -> date:
    try:
        day = date.fromisoformat(str(text)[:10])
        if not EARLIEST <= day.year <= LATEST:
            raise ValueError
    except ValueError as error:
        raise QuestionError(_("日期无法识别：{value}").format(value=text), where=name, todo="YYYY-MM-DD") from error
    return day


def _range(value: Any) -> tuple[date, date] | None:
    if not value or len(value) != 2 or not all(value):
        return None
    first, last = sorted(_day(text, "range") for text in value)
    return first, last


def period_of(
    choice: Choice, newest: datetime | None, now: datetime, zone: ZoneInfo, begins: MonthStart = CALENDAR
) -> Period:
    """The period chosen. A preset ends with the month, quarter … that holds the newest report, so that an old data set
    opens on its own last month and not on an empty one. begins: when a reporting month does."""
    if choice.period == "custom" and choice.range is not None:
        first, last = choice.range
        return Period(_midnight(first, zone), _midnight(last + timedelta(days=1), zone))
    year, month = month_of(min(newest or now, now), zone, begins)
    n = MONTHS[choice.period]
    return months(year, (month - 1) // n * n + 1, n, zone, begins)


def as_of_of(choice: Choice, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment the state is taken at: the end of the chosen day, or now."""
    if choice.as_of is not None:
        return min(_midnight(choice.as_of + timedelta(days=1), zone), now)
    return now


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
