"""One figure over days, of the place, drawn by the browser at the size it has."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

from pydantic import Field

from dashboard.formats import name_of, number, unit_word
from dashboard.languages import _
from dashboard.questions import ask_trend
from dashboard.wall.protocol import Ask, FigureName, Options, Panel
from data.figures import CATALOGUE
from data.periods import Period
from data.trends import Point


class Trend(Options):
    """days: up to today."""

    figure: FigureName = "reported"
    days: int = Field(30, ge=7, le=90)


def title(options: Trend) -> str:
    """The figure and the days."""
    definition = CATALOGUE[options.figure]
    return _("{figure} · 近 {n} 天").format(figure=name_of(definition.zh, definition.en), n=options.days)


def shown(asked: Ask) -> dict[str, Any]:
    """Bars of a count, a line of anything else; the last day is not over."""
    options: Trend = asked.options
    today = asked.period("today")
    edges = [today.start - timedelta(days=back) for back in range(options.days - 1, -2, -1)]
    periods = tuple(Period(a, b) for a, b in pairwise(edges))
    points = ask_trend(asked.store, asked.question(today, options.figure), options.figure, periods)
    definition = CATALOGUE[options.figure]
    factor = 100 if definition.unit == "share" else 1
    return {
        "chart": {
            "bars": definition.type == "count" and bool(definition.bases),
            "points": [_point(one, factor) for one in points],
            "last": last_words(points, options.figure),
            "none": _("这段时间没有数据"),
            "unit": unit_word(definition.unit),
        }
    }


def last_words(points: list[Point], figure: str) -> str:
    """The last day's value as it is written beside it."""
    unit = CATALOGUE[figure].unit
    last = points[-1].value
    return (
        _("今日 {value}").format(value=f"{number(last, unit)}{'%' if unit == 'share' else ''}")
        if last is not None
        else ""
    )


def _point(one: Point, factor: int) -> list[Any]:
    value = None if one.value is None else round(one.value * factor, 3)
    return [one.period.start.strftime("%m-%d"), value]


PANEL = Panel("trend", title, shown, Trend, every=3.0)
