"""The five figures: value, target, what it was before, and the line of the last months or weeks."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from dash import html

from dashboard import messages
from dashboard.formats import name_of, number, unit_word, with_unit
from dashboard.icons import icon
from dashboard.languages import _, marked
from dashboard.leader.spot import asked_of, question_of
from dashboard.one_map.headlines import comparison, covered, sample
from dashboard.questions import Asked, ask, ask_before, ask_trend
from dashboard.wall.protocol import Spot
from data.directions import GOOD_WHEN_LOW
from data.errors import JingweiError
from data.figures import CATALOGUE, PlaceFigures
from data.on_map import oldest_report
from data.periods import Period, month_of, months
from data.reporting import reporting
from data.store import Store
from data.targets import Target, leader
from data.trends import Point

BEFORE = {"month": marked("较上月同期"), "week": marked("较前 7 天")}


def cards(store: Store, spot: Spot) -> list[Any]:
    """A card a figure; an error of the data in words."""
    try:
        return _cards(store, spot)
    except JingweiError as error:
        return [messages.failure_of(error)]


def _cards(store: Store, spot: Spot) -> list[Any]:
    board = leader(store)
    asked = period_asked(store)
    periods = trend_periods(store, asked, board.trend.n)
    now = _own_row(ask(store, question_of(asked, spot)))
    before = None
    if covered(asked.earlier().period, oldest_report(store)):
        before = _own_row(ask_before(store, question_of(asked.earlier(), spot)))
    if now is None:
        return [messages.empty(_("还没有数据"), _("导入案件后，这里显示指标。"))]
    made = []
    for target in board.figure:
        points = ask_trend(store, question_of(asked, spot, target.figure), target.figure, periods)
        made.append(card(spot, target, now, before, points, _(BEFORE[board.trend.period])))
    return made


def period_asked(store: Store) -> Asked:
    """The reporting month, or the last seven days where the page goes by weeks."""
    asked = asked_of(store)
    if leader(store).trend.period == "month":
        return asked
    return asked.of_days(weeks(asked, store, 1)[-1])


def trend_periods(store: Store, asked: Asked, n: int) -> tuple[Period, ...]:
    """The last n months or weeks, the one shown as the last."""
    if leader(store).trend.period == "week":
        return weeks(asked, store, n)
    begins = reporting(store).begins
    year, month = month_of(asked.period.start, store.zone, begins)
    return tuple(months(year, month - back, 1, store.zone, begins) for back in range(n - 1, -1, -1))


def weeks(asked: Asked, store: Store, n: int) -> tuple[Period, ...]:
    """Seven days each, today the last."""
    tomorrow = (asked.as_of.astimezone(store.zone) + timedelta(days=1)).date()
    edges = [datetime.combine(tomorrow - timedelta(days=7 * back), time(), store.zone) for back in range(n, -1, -1)]
    return tuple(Period(edges[i], edges[i + 1]) for i in range(n))


def _own_row(rows: list[PlaceFigures]) -> PlaceFigures | None:
    return next((row for row in rows if row.located), None)


def card(
    spot: Spot, target: Target, row: PlaceFigures, before: PlaceFigures | None, points: list[Point], word: str
) -> html.Div:  # fmt: skip
    """One figure: a click colours the map by it, n opens its cases."""
    definition, figure = CATALOGUE[target.figure], row.figures[target.figure]
    name = name_of(definition.zh, definition.en)
    known, met = figure.value is not None, target.met(figure.value)
    tone = {None: "", True: " is-met", False: " is-missed"}[met]
    value = [html.Span(number(figure.value, definition.unit), className="leader-value" + ("" if known else " is-none"))]
    value += [html.Span(unit_word(definition.unit), className="leader-unit")] if known else []
    against = comparison(target.figure, figure, before, word) if before else []
    return html.Div(
        [
            html.Button(
                [html.Div(name, className="leader-name"), html.Div(value, className="leader-number")],
                className="leader-pick", title=_("按{figure}给地图着色").format(figure=name),
                **{"data-figure": target.figure, "type": "button"},
            ),
            html.Div(goal(target, met), className="leader-goal" + tone),
            html.Div(className="leader-spark", **{"data-spark": spark(points, target, definition.unit)}),
            html.Div([*against, html.A(sample(target.figure, figure), href=cases_address(spot, target.figure), className="quiet")],
                     className="leader-foot"),
        ],
        className="leader-card",
    )  # fmt: skip


def goal(target: Target, met: bool | None) -> list[Any]:
    """The target in words, with a shape beside the colour."""
    if target.target is None:
        return [_("未设目标")]
    sign = "≤" if target.figure in GOOD_WHEN_LOW else "≥"
    text = _("目标 {sign} {value}").format(sign=sign, value=with_unit(target.target, CATALOGUE[target.figure].unit))
    if met is None:
        return [text]
    return [icon("check" if met else "alert-triangle"), " ", text, " · ", _("达到") if met else _("未达到")]


def spark(points: list[Point], target: Target, unit: str) -> str:
    """What the browser draws the line from: values, the target, and what each point says."""
    said = [f"{one.period.start.date()} · {with_unit(one.value, unit)}" for one in points]
    return json.dumps(
        {"values": [one.value for one in points], "target": target.target, "said": said}, ensure_ascii=False
    )


def cases_address(spot: Spot, figure: str) -> str:
    """The one map with the cases of a figure open."""
    place = "" if spot.is_district else spot.code
    return "/?" + urlencode({"figure": figure, "place": place, "cases": f"{figure}:denominator"})
