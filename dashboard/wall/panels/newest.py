"""What came in last: when, what, where, from whom."""

from __future__ import annotations

from typing import Any

from dash import html
from pydantic import Field

from dashboard.console.rows import kind_name, stage_name
from dashboard.console.tabs import kinds_of
from dashboard.languages import _
from dashboard.wall.protocol import Ask, Options, Panel
from dashboard.wall.queues import newest
from data.definitions import KindVersion
from data.queues import Waiting


class Newest(Options):
    """rows: at most; fewer where they do not fit."""

    rows: int = Field(10, ge=1, le=30)


def shown(asked: Ask) -> dict[str, Any]:
    """A line a case."""
    kinds = kinds_of(asked.store)
    found = newest(asked, asked.options.rows)
    if not found:
        return {"body": [html.Div(_("还没有案件"), className="wall-empty")]}
    return {"body": [html.Div([line(asked, one, kinds.get(one.kind)) for one in found], className="wall-lines")]}


def line(asked: Ask, one: Waiting, version: KindVersion | None) -> html.Div:
    """The time alone for a case of today, else with its day."""
    at, today = one.reported_at.astimezone(asked.store.zone), asked.now.astimezone(asked.store.zone).date()
    time = at.strftime("%H:%M") if at.date() == today else at.strftime("%m-%d %H:%M")
    where = [one.place or _("未定位"), stage_name(version, one.stage)]
    return html.Div(
        [
            html.Div(
                [
                    html.Span(one.category or kind_name(version, one.kind), className="wall-what"),
                    html.Span(time, className="wall-time"),
                ]
            ),
            html.Div(" · ".join(where), className="wall-where"),
        ],
        className="wall-line",
    )


PANEL = Panel("newest", lambda _options: _("最新上报"), shown, Newest)
