"""What today is about: categories with the most tickets since midnight, and how many there usually are by this time."""

from __future__ import annotations

from typing import Any

from dash import html
from pydantic import Field

from dashboard.formats import count
from dashboard.languages import _
from dashboard.wall.protocol import Ask, Options, Panel
from data.tallies import DAYS, Tally, today_by_category


class Categories(Options):
    """rows: at most; fewer where they do not fit."""

    rows: int = Field(8, ge=1, le=20)


def shown(asked: Ask) -> dict[str, Any]:
    """A bar a category; a mark where it usually ends at this time."""
    midnight = asked.period("today").start
    within = () if asked.spot.is_district else (asked.spot.place_id,)
    filters = list(asked.options.filters.items())
    found = today_by_category(asked.store, midnight, asked.now, within, filters)[: asked.options.rows]
    if not found:
        return {"body": [html.Div(_("今天还没有上报"), className="wall-empty")]}
    most = max(max(one.n, one.usual) for one in found)
    head = html.Div(
        [
            html.Span(_("类别")),
            html.Span(_("今日"), className="wall-figure"),
            html.Span(_("平日此时"), className="wall-figure"),
        ],
        className="wall-columns",
        style={"--columns": "2"},
        title=_("前 {n} 天同一时刻的平均数").format(n=DAYS),
    )
    return {"body": [head, html.Div([_line(one, most) for one in found], className="wall-lines")]}


def _line(one: Tally, most: float) -> html.Div:
    return html.Div(
        [
            html.Span(one.category or _("未分类"), className="wall-what"),
            html.Span(count(one.n), className="wall-figure"),
            html.Span(f"{one.usual:,.1f}", className="wall-figure quiet"),
        ],
        className="wall-line wall-columns is-bar has-mark",
        style={"--columns": "2", "--share": f"{one.n / most * 100:.1f}%", "--mark": f"{one.usual / most:.3f}"},
    )


PANEL = Panel("categories", lambda _options: _("今日类别"), shown, Categories, every=2.0)
