"""The places below: streets of a district, communities of a street, with what is open, late and on time in each.

In the order of what needs somebody, which is a count. It is no ranking of how well they do: that takes intervals and peers.
"""

from __future__ import annotations

from typing import Any

from dash import html
from pydantic import Field

from dashboard.formats import name_of, number
from dashboard.languages import _
from dashboard.one_map.rail import level_name
from dashboard.questions import ask
from dashboard.wall.protocol import Ask, FigureName, LevelName, Options, Panel, PeriodName
from dashboard.wall.words import BELOW
from data.figures import CATALOGUE, PlaceFigures


class Places(Options):
    """columns: figures, the first of which orders the places and is drawn as a bar; level: empty for the one below."""

    columns: list[FigureName] = Field(default=["overdue_open", "open", "on_time_rate"], min_length=1, max_length=4)
    level: LevelName | None = None
    period: PeriodName = "30d"
    rows: int = Field(10, ge=1, le=40)


def shown(asked: Ask) -> dict[str, Any]:
    """A line a place, the most of the first column first."""
    options: Places = asked.options
    level = options.level or BELOW[asked.spot.level]
    rows = ask(asked.store, asked.question(asked.period(options.period), *options.columns, level=level))
    found = sorted((row for row in rows if row.located), key=lambda row: -(row.figures[options.columns[0]].value or 0))
    if not found:
        return {"body": [html.Div(_("这里没有{level}").format(level=level_name(level)), className="wall-empty")]}
    most = max((row.figures[options.columns[0]].value or 0) for row in found) or 1
    lines = [_line(row, options.columns, most) for row in found[: options.rows]]
    return {"body": [_head(level, options.columns), html.Div(lines, className="wall-lines")]}


def _head(level: str, columns: list[str]) -> html.Div:
    names = [name_of(d.zh, d.en) for d in (CATALOGUE[column] for column in columns)]
    return html.Div(
        [html.Span(level_name(level)), *(html.Span(name, className="wall-figure") for name in names)],
        className="wall-columns",
        style={"--columns": str(len(columns))},
    )


def _line(row: PlaceFigures, columns: list[str], most: float) -> html.Div:
    first = row.figures[columns[0]].value or 0
    cells = [html.Span(_value(row, name), className="wall-figure") for name in columns]
    return html.Div(
        [html.Span(row.name, className="wall-what"), *cells],
        className="wall-line wall-columns is-bar",
        style={"--columns": str(len(columns)), "--share": f"{first / most * 100:.1f}%"},
    )


def _value(row: PlaceFigures, name: str) -> str:
    """A rate with its per cent sign: a column of a list has no room for units."""
    value, unit = row.figures[name].value, CATALOGUE[name].unit
    return number(value, unit) + ("%" if unit == "share" and value is not None else "")


PANEL = Panel("places", lambda _options: _("各地情况"), shown, Places, every=2.0)
