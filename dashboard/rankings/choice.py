"""What a person chose to rank: read from an address, checked, and turned into the two questions it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from dashboard.choice import before
from dashboard.languages import _
from dashboard.questions import newest
from data.errors import QuestionError
from data.figure_cache import slices
from data.figure_question import Question
from data.figures import CATALOGUE
from data.periods import MonthStart, Period, month_of, months
from data.rankings import SUBJECTS
from data.reporting import reporting
from data.store import Store

# Period → how many months, and how many such periods back.
PERIODS = {
    "month": (1, 0), "last_month": (1, 1), "quarter": (3, 0), "last_quarter": (3, 1), "half": (6, 0), "last_half": (6, 1),
    "year": (12, 0), "last_year": (12, 1),
}  # fmt: skip
CUSTOM = "custom"
LARGEST = "largest"  # the group of peers with most units
TOGETHER = "together"  # no groups: all units among one another
OTHER = "other"  # the group of what has no kind
NAMES = ("subject", "figure", "period", "range", "peers", "weights", "cases")
Weights = tuple[float, float, float]


@dataclass(frozen=True)
class Choice:
    """The state of the controls. weights: null for the city's own; cases: 'CODE:part', the list that is open."""

    subject: str = "community"
    figure: str = "on_time_rate"
    period: str = "month"
    range: tuple[date, date] | None = None
    peers: str = LARGEST
    weights: Weights | None = None
    cases: str = ""


@dataclass(frozen=True)
class Asked:
    """A choice with everything filled in."""

    choice: Choice
    period: Period
    question: Question
    before: Question


def of_search(search: str) -> Choice:
    """The choice an address holds; what it does not say keeps its first value."""
    given = parse_qs(search.lstrip("?"))
    return of_values({n: given[n] if n == "range" else given[n][-1] for n in NAMES if n in given})


def of_values(values: Mapping[str, Any]) -> Choice:
    """The choice of the controls' values. Raises QuestionError."""
    said = {name: value for name, value in values.items() if value not in (None, "", [])}
    choice = Choice(
        subject=_one_of(said, "subject", SUBJECTS, Choice.subject),
        figure=_one_of(said, "figure", tuple(figures()), Choice.figure),
        period=_one_of(said, "period", (*PERIODS, CUSTOM), Choice.period),
        range=_range(said.get("range")),
        peers=str(said.get("peers", LARGEST)),
        weights=weights_of(said["weights"]) if "weights" in said else None,
        cases=str(said.get("cases", "")),
    )
    if choice.period == CUSTOM and choice.range is None:
        raise QuestionError(_("自定义时段缺少起止日期"), where="range", todo=_("请选择开始和结束日期。"))
    return choice


def figures() -> list[str]:
    """The figures one can rank by."""
    return [name for name, one in CATALOGUE.items() if one.type != "none"]


def weights_of(text: Any) -> Weights:
    """The three weights of '10,50,40'. QuestionError unless they sum to 100."""
    try:
        response, resolution, satisfaction = (float(part) for part in str(text).split(","))
    except ValueError as error:
        raise QuestionError(_("权重无法识别：{value}").format(value=text), where="weights", todo="10,50,40") from error
    if min(response, resolution, satisfaction) < 0 or abs(response + resolution + satisfaction - 100) > 1e-6:
        raise QuestionError(_("三项权重之和应为 100"), where="weights", todo=_("请修改权重。"))
    return response, resolution, satisfaction


def resolve(store: Store, choice: Choice) -> Asked:
    """Fill in what the choice leaves open; the period before is seen after the same lapse of time."""
    return of_choice(store, choice, slices(store).now(store))


def of_choice(store: Store, choice: Choice, now: datetime) -> Asked:
    """The same as seen at a moment."""
    rules = reporting(store)
    period = period_of(choice, min(newest(store) or now, now), store.zone, rules.begins)
    question = Question(
        choice.subject, period.start, period.end, as_of=now, figures=(choice.figure,),
        weights=choice.weights or rules.three_rates.weights,
    )  # fmt: skip
    earlier = before(period)
    lapse = now - (period.start - earlier.start)
    return Asked(choice, period, question, replace(question, start=earlier.start, end=earlier.end, as_of=lapse))


def period_of(choice: Choice, latest: datetime, zone: ZoneInfo, begins: MonthStart) -> Period:
    """The period chosen; the one that holds the newest report, or one before it."""
    if choice.period == CUSTOM and choice.range is not None:
        first, last = choice.range
        return Period(_midnight(first, zone), _midnight(last + timedelta(days=1), zone))
    n, back = PERIODS[choice.period]
    year, month = month_of(latest, zone, begins)
    return months(year, (month - 1) // n * n + 1 - back * n, n, zone, begins)


def text_of(period: Period) -> str:
    """First and last day; with the hours where the period does not begin at midnight."""
    if period.start.time() == period.end.time() == time():
        return f"{period.start.date()} – {(period.end - timedelta(microseconds=1)).date()}"
    return f"{period.start:%Y-%m-%d %H:%M} – {period.end:%Y-%m-%d %H:%M}"


def _one_of(said: Mapping[str, Any], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = str(said.get(name, default))
    if value not in allowed:
        raise QuestionError(_("不认识的取值：{value}").format(value=value), where=name, todo=", ".join(allowed))
    return value


def _range(value: Any) -> tuple[date, date] | None:
    if not value or len(value) != 2 or not all(value):
        return None
    try:
        first, last = sorted(date.fromisoformat(str(text)[:10]) for text in value)
    except ValueError as error:
        raise QuestionError(_("日期无法识别：{value}").format(value=value), where="range", todo="YYYY-MM-DD") from error
    return first, last


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
