"""The bulletin's lines over time: what was reported and closed day by day, and how well, month by month."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from dashboard import choice as choices
from dashboard.bulletin.asking import About
from dashboard.bulletin.content import Chart, Series
from dashboard.formats import name_of
from dashboard.languages import _
from dashboard.one_map.headlines import covered
from dashboard.questions import ask_trend
from data.figures import CATALOGUE
from data.periods import Period
from data.store import Store

DAYS = 28  # of a weekly bulletin's chart


def trends(store: Store, about: About) -> list[Chart]:
    days = _days(about)
    charts = [_lines(store, about, "daily", _("每日上报与结案"), ("reported", "closed"), days, "%m-%d")]
    if about.what == "monthly":
        edges = [choices.shift(about.period.start, i) for i in range(-11, 2)]
        months = tuple(one for one in (Period(a, b) for a, b in pairwise(edges)) if covered(one, about.oldest))
        if len(months) > 1:
            title = _("近 {n} 个月按期办结率与满意率").format(n=len(months))
            charts.append(
                _lines(store, about, "monthly", title, ("on_time_rate", "satisfaction_rate"), months, "%Y-%m")
            )
    return charts


def _lines(
    store: Store, about: About, key: str, title: str, figures: tuple[str, ...], periods: tuple[Period, ...], form: str
) -> Chart:
    question = about.question(about.level)
    series = tuple(
        Series(figure_name(name), tuple(one.value for one in ask_trend(store, question, name, periods)))
        for name in figures
    )
    return Chart(
        key, "lines", title, CATALOGUE[figures[0]].unit, tuple(one.start.strftime(form) for one in periods), series
    )


def _days(about: About) -> tuple[Period, ...]:
    """The period's days; of a week the four weeks up to its end."""
    last = about.period.last_day(about.period.start.tzinfo)  # type: ignore[arg-type]
    first = about.period.start.date()
    n = DAYS if about.what == "weekly" else min((last - first).days + 1, 92)
    end = about.period.end
    edges = [end.replace(tzinfo=None) - timedelta(days=n - i) for i in range(n + 1)]
    zoned = [edge.replace(tzinfo=about.period.start.tzinfo) for edge in edges]
    return tuple(Period(a, b) for a, b in pairwise(zoned))


def figure_name(name: str) -> str:
    """In the reader's language."""
    return name_of(CATALOGUE[name].zh, CATALOGUE[name].en)
