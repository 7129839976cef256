"""The figures that matter now, large: value, unit, what it is compared with, what it rests on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from dash import html
from pydantic import Field

from dashboard.formats import count, name_of, number, unit_word
from dashboard.languages import _, marked
from dashboard.one_map.headlines import STATES, comparison, sample
from dashboard.questions import ask, ask_before
from dashboard.wall.protocol import PERIODS, Ask, FigureName, Options, Panel, PeriodName
from dashboard.wall.queues import how_many_soon
from dashboard.wall.words import PERIOD_NAMES
from data.figures import CATALOGUE, PlaceFigures
from data.kinds import Name, Part
from data.periods import Period

SOON = "soon"  # beside the catalogue: cases whose clock has used its warning share
TODAY_NAMES = {"reported": marked("今日新增"), "closed": marked("今日办结"), "registered": marked("今日立案")}
EARLIER = {
    "today": marked("较昨日此时"),
    "7d": marked("较前 7 天"),
    "30d": marked("较前 30 天"),
    "month": marked("较上月同期"),
}
TONES = {SOON: "soon", "overdue_open": "late"}


class Card(Part):
    """One figure. title: instead of its own name."""

    figure: FigureName | Literal["soon"]
    period: PeriodName = "30d"
    title: Name | None = None


class Figures(Options):
    """The cards in their order."""

    figures: list[Card] = Field(min_length=1, max_length=8)


def shown(asked: Ask) -> dict[str, Any]:
    """A card a figure."""
    options: Figures = asked.options
    now = {
        period: _counted(asked, period) for period in PERIODS if any(one.period == period for one in options.figures)
    }
    return {"body": [card(asked, one, now[one.period]) for one in options.figures]}


def card(asked: Ask, one: Card, now: PlaceFigures | None) -> html.Div:
    """A figure's name, its value, and a line that says what to make of it."""
    if one.figure == SOON:
        n = how_many_soon(asked)
        return _card(_name(one), count(n), unit_word("cases"), [_quiet(_("时限已用八成"))], SOON if n else "")
    if now is None:
        return _card(_name(one), number(None, "cases"), "", [], "")
    definition, figure = CATALOGUE[one.figure], now.figures[one.figure]
    known = figure.value is not None
    return _card(
        _name(one),
        number(figure.value, definition.unit),
        unit_word(definition.unit) if known else "",
        _foot(asked, one, now),
        TONES.get(one.figure, "") if figure.value else "",
        known=known,
        rests=sample(one.figure, figure) if known and definition.type != "count" else "",
    )


def _foot(asked: Ask, one: Card, now: PlaceFigures) -> list[Any]:
    """Compared with the same time before; of what stands open, what part of it this is."""
    figure, whole = now.figures[one.figure], now.figures.get("open")
    if one.figure == "overdue_open" and whole is not None and whole.value:
        return [_quiet(_("占在办 {share}").format(share=f"{(figure.value or 0) / whole.value * 100:.1f}%"))]
    if one.figure == "open":
        paused = now.figures["suspended_open"].value
        return [_quiet(_("其中缓办 {n}").format(n=count(paused)))]
    if one.figure in STATES:
        return [_quiet(sample(one.figure, figure))]
    before = _before(asked, one)
    said = comparison(one.figure, figure, before, EARLIER[one.period]) if before else []
    return said or [_quiet(_(PERIOD_NAMES[one.period]))]


def _counted(asked: Ask, period: PeriodName) -> PlaceFigures | None:
    """All the cards' figures of a period in one question, with those their second lines need."""
    options: Figures = asked.options
    names = dict.fromkeys(one.figure for one in options.figures if one.period == period and one.figure != SOON)
    if names.keys() & {"open", "overdue_open"}:
        names |= dict.fromkeys(("open", "suspended_open"))
    return place_row(asked, asked.period(period), *names) if names else None


def place_row(asked: Ask, period: Period, *figures: str) -> PlaceFigures | None:
    """The figures of the wall's own place."""
    rows = ask(asked.store, asked.question(period, *figures))
    return next((row for row in rows if row.located), None)


def _before(asked: Ask, one: Card) -> PlaceFigures | None:
    """The same, as long before: yesterday at this time, the days before these."""
    period = asked.period(one.period)
    back = period.end - period.start
    question = asked.question(Period(period.start - back, period.end - back), one.figure)
    rows = ask_before(asked.store, replace(question, as_of=asked.now - back))
    return next((row for row in rows if row.located), None)


def _name(one: Card) -> str:
    if one.title is not None:
        return name_of(one.title.zh, one.title.en)
    if one.figure == SOON:
        return _("即将超期")
    if one.period == "today" and one.figure in TODAY_NAMES:
        return _(TODAY_NAMES[one.figure])
    definition = CATALOGUE[one.figure]
    return name_of(definition.zh, definition.en)


def _card(
    name: str, value: str, unit: str, foot: list[Any], tone: str, *, known: bool = True, rests: str = ""
) -> html.Div:
    shown = "wall-value" + (f" is-{tone}" if tone else "") + ("" if known else " is-none")
    return html.Div(
        [
            html.Div([html.Span(name), html.Span(rests)], className="wall-card-name"),
            html.Div(
                [html.Span(value, className=shown), html.Span(unit, className="wall-unit")], className="wall-number"
            ),
            html.Div(foot, className="wall-foot"),
        ],
        className="wall-card",
    )


def _quiet(text: str) -> html.Span:
    return html.Span(text, className="quiet")


PANEL = Panel("figures", lambda _options: _("指标"), shown, Figures, classes=("is-bare",))
