"""The chosen figure over time: thirty days, or twelve months where the period is longer, of the place clicked or the district.

Beside a place's rate its district's runs along as a dotted line. A point opens its own days' cases. A figure's chart is made for both
themes at once and the browser picks one, so that switching the theme asks nothing of the server.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from dash import html

from dashboard import charts
from dashboard import choice as choices
from dashboard.desk import Desk
from dashboard.formats import name_of, with_unit
from dashboard.inks import INK, SERIES
from dashboard.languages import _
from dashboard.one_map import area
from dashboard.one_map.charted import Charted
from dashboard.one_map.values import NOWHERE
from dashboard.questions import Asked, ask_trend, newest, resolve
from data.errors import NotFound, QuestionError
from data.figures import CATALOGUE
from data.on_map import place_by_code
from data.periods import Period
from data.store import Store
from data.trends import Point

DAYS, MONTHS = 30, 12
SHORT = timedelta(days=32)  # a period up to this long is shown day by day


def layout(desk: Desk | None) -> html.Section:
    """The chart's place."""
    return CHARTED.layout(desk, _("趋势"), _("按左右键逐点查看，按回车打开案件"))


def periods_of(asked: Asked, newest: datetime | None) -> tuple[Period, ...]:
    """The days or months up to the end of the chosen period, or to the newest report or today where those come first."""
    zone, start = asked.period.start.tzinfo, asked.period.start
    ends = min(
        asked.period.end, asked.as_of, *([newest + timedelta(microseconds=1)] if newest and newest > start else [])
    )
    last = (ends - timedelta(microseconds=1)).astimezone(zone).date()
    if asked.period.end - asked.period.start <= SHORT:
        first = last - timedelta(days=DAYS - 1)
        edges = [datetime.combine(first + timedelta(days=i), time(), zone) for i in range(DAYS + 1)]
    else:
        month = datetime.combine(date(last.year, last.month, 1), time(), zone)
        edges = [choices.shift(month, i) for i in range(1 - MONTHS, 2)]
    return tuple(Period(a, b) for a, b in pairwise(edges))


def drawn(store: Store, choice: choices.Choice, place: str = "") -> tuple[list[Any], dict[str, Any]]:
    """Title and chart of a place ('' for the district)."""
    asked = resolve(store, choice)
    periods = periods_of(asked, newest(store))
    whole = ask_trend(store, asked.question("district"), asked.figure, periods)
    found = place_by_code(store, place) if place and place != NOWHERE else None
    own: list[Point] | None = None
    if found and found["level"] != "district":
        try:
            question = asked.question(found["level"], within=place)
            own = ask_trend(store, question, asked.figure, periods)
        except (NotFound, QuestionError):  # a place of another plan: the district stays
            found = None
    name = found["name"] if found and own else store.deployment.name
    if area.is_area(place):
        name, own = area.trend(store, asked, place, periods)
    definition = CATALOGUE[asked.figure]
    span = _("近 {n} 天") if len(periods) == DAYS else _("近 {n} 个月")
    title = [
        html.Strong(_("趋势")),
        html.Span([name, " · ", name_of(definition.zh, definition.en)]),
        html.Span(span.format(n=len(periods)), className="quiet"),
        *([html.Span(_("全区"), className="quiet dotted-key")] if own and is_beside(asked) else []),
    ]
    return title, both_themes(asked, whole, own, place if own else "")


def both_themes(asked: Asked, whole: list[Point], own: list[Point] | None, place: str) -> dict[str, Any]:
    """The chart in each theme."""
    return {theme: chart(theme, asked, whole, own, place) for theme in ("light", "dark")}


def chart(theme: str, asked: Asked, whole: list[Point], own: list[Point] | None, place: str) -> dict[str, Any]:
    """The lines with their names at their ends, and the value of the last."""
    unit = CATALOGUE[asked.figure].unit
    shown = own or whole
    if all(point.value is None for point in shown):
        return charts.nothing(theme, _("这段时间没有数据"))
    labels = [label(point.period, len(shown)) for point in shown]
    ink = INK[theme]
    traces = []
    if own and is_beside(asked):
        traces.append(
            {
                **_line(asked, whole, labels, ""),
                "mode": "lines",
                "line": {"color": ink["quiet"], "width": 1, "dash": "dot"},
            }
        )
    accent = SERIES[theme][0]
    traces.append(
        {
            **_line(asked, shown, labels, place),
            "line": {"color": accent, "width": 2},
            "marker": {"size": 4, "color": accent},
        }
    )
    notes = [_end(shown, labels, with_unit(_last(shown), unit), accent, ink["panel"])]
    ticks = labels[:: -3 if len(labels) == MONTHS else -7][::-1]
    return {
        "data": traces,
        "layout": {
            "template": charts.plain(theme),
            "annotations": notes,
            "xaxis": {
                "type": "category",
                "tickvals": ticks,
                "ticktext": ticks,
                "tickangle": 0,
                "range": [-0.5, len(labels) - 0.5],
            },
            "yaxis": {
                "tickformat": ".0%" if unit == "share" else ",~r",
                "nticks": 4,
                "rangemode": "tozero" if unit == "cases" else "normal",
            },
            "hovermode": "x",
            "margin": {"l": 4, "r": 12, "t": 20, "b": 4},
        },
    }


def is_beside(asked: Asked) -> bool:
    """Whether the district's line says something beside a place's: its rates do, its counts only dwarf the place's."""
    return CATALOGUE[asked.figure].type != "count"


def label(period: Period, n: int) -> str:
    """'03-01' of a day, '2024-03' of a month."""
    return period.start.strftime("%m-%d" if n == DAYS else "%Y-%m")


def _line(asked: Asked, points: list[Point], labels: list[str], place: str) -> dict[str, Any]:
    unit = CATALOGUE[asked.figure].unit
    said = [
        [f"{labels[i]}  {with_unit(p.value, unit)}" + ("" if p.denominator is None else f"  n {p.denominator:,.0f}"), place,
         asked.figure, _days(p.period)]
        for i, p in enumerate(points)
    ]  # fmt: skip
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(points) <= DAYS else "lines",
        "x": labels,
        "y": [p.value for p in points],
        "customdata": said,
        "hovertemplate": "%{customdata[0]}<extra></extra>",
        "connectgaps": False,
    }


def _days(period: Period) -> str:
    last = (period.end - timedelta(microseconds=1)).date()
    return f"{period.start.date()}~{last}"


def _last(points: list[Point]) -> float | None:
    return next((p.value for p in reversed(points) if p.value is not None), None)


def _end(points: list[Point], labels: list[str], text: str, colour: str, ground: str) -> dict[str, Any]:
    """The last value, above the line's right end."""
    at = max(i for i, p in enumerate(points) if p.value is not None)
    return {
        "x": labels[at], "y": points[at].value, "text": text, "showarrow": False, "yshift": 12,
        "xanchor": "right" if at > len(labels) // 2 else "left", "font": {"color": colour}, "bgcolor": ground, "borderpad": 1,
    }  # fmt: skip


CHARTED = Charted("trend", drawn)
register = CHARTED.register
