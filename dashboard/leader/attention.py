"""Three things that need attention, each with its reason and its evidence."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import html

from dashboard import messages
from dashboard.formats import name_of
from dashboard.icons import icon
from dashboard.languages import _
from dashboard.leader.sentences import sentence
from dashboard.one_map.rail import level_name
from dashboard.questions import kept
from dashboard.wall.protocol import Spot
from data.attention import Line, attention
from data.figure_places import ground
from data.periods import to_minute
from data.store import Store

SHOWN = 3
FRESH = 5  # minutes


def lines_of_spot(store: Store, spot: Spot) -> list[Line]:
    """The lines of a place, in order: of the district all, of a smaller one those about what lies in it."""
    now = to_minute(store.now())
    now = now.replace(
        minute=now.minute // FRESH * FRESH
    )  # a page that is opened again while tickets come in asks nothing anew
    found = kept((str(store.path), "attention", now), lambda: attention(store, now))
    return (
        found
        if spot.is_district
        else [line for line in found if line.place_id is not None and lies_inside(store, spot, line)]
    )


def lies_inside(store: Store, spot: Spot, line: Line) -> bool:
    """Whether a line is about a place in the spot."""
    places = ground(store, "period_end", store.now().astimezone(store.zone).date()).places
    row = places.row_of.get(line.place_id or 0, -1)
    above: list[int] = []
    while row >= 0:
        above.append(int(places.ids[row]))
        row = int(places.parent[row])
    return bool(np.isin(spot.place_id, above))


def listed(store: Store, spot: Spot) -> list[Any]:
    """The first three, and how many more there are."""
    found = lines_of_spot(store, spot)
    if not found:
        return [messages.empty(_("没有需要特别关注的事项"), _("连续末位、热点形成、挂牌逾期、黑榜新增时在此提示。"))]
    shown = html.Ol([_item(store, line) for line in found[:SHOWN]], className="leader-lines")
    rest = found[SHOWN:]
    more = [html.Details([html.Summary(_("还有 {n} 项").format(n=len(rest))), html.Ol([_item(store, one) for one in rest], start=SHOWN + 1,
                                                                      className="leader-lines")], className="leader-more")]  # fmt: skip
    return [shown, *(more if rest else [])]


def _item(store: Store, line: Line) -> html.Li:
    said = sentence(store, line)
    level = "" if line.level == "case" else level_name(line.level)
    head = [html.Strong(said.title), html.Span(level, className="quiet"),
            html.Span([icon("alert-triangle"), " ", name_of(line.rule.name.zh, line.rule.name.en)], className="leader-rule")]  # fmt: skip
    return html.Li(
        [html.Div(head, className="leader-line-head"),
         html.Div([said.reason, " ", html.A(said.evidence, href=said.address)], className="leader-reason")]
    )  # fmt: skip
