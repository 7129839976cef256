"""The playback's frame on the page: what its scripts fill, and what they have to know."""

from __future__ import annotations

import json
from typing import Any

from dash import html

from dashboard.console.stage import map_said
from dashboard.desk import Desk
from dashboard.languages import _
from dashboard.playback.words import words
from data.figure_places import Places, ground
from data.store import Store

ROOT = "playback"
LISTED = ("district", "street", "community")


def layout(desk: Desk | None) -> Any:
    """The map, what is counted, what happens, the scrubber (assets/playback draws everything else)."""
    parts = [
        html.Section(
            [
                html.Div(className="pb-canvas"),
                html.Div(className="pb-legend"),
                html.Div(className="pb-note", role="status"),
            ],
            className="pb-map",
            **{"aria-label": _("地图：回放时刻的案件分布")},
        ),
        html.Aside(
            [
                html.Div(className="pb-when", role="timer"),
                html.Div(className="pb-cards"),
                html.Div(className="pb-feed"),
            ],
            className="pb-side",
        ),
        html.Section(
            [html.Div(className="pb-controls"), html.Div(className="pb-scrubber")],
            className="pb-bar",
            **{"aria-label": _("回放控制")},
        ),
    ]
    return html.Div(parts, id=ROOT, className="playback", **first_words(desk))


def first_words(desk: Desk | None) -> dict[str, str]:
    """What the scripts have to know, as attributes of the root."""
    return {
        "data-words": words(),
        "data-simulated": _("模拟数据") if desk and desk.store.deployment.simulated else "",
        "data-zone": desk.store.deployment.zone if desk else "UTC",
        "data-map": json.dumps(map_said(desk)),
        "data-places": json.dumps(places(desk.store), ensure_ascii=False) if desk else "[]",
    }


def places(store: Store) -> list[list[str]]:
    """What can be played back by name: code, name, level of the district, its streets and communities, in the tree's order."""
    tree = ground(store, "period_end", store.now().astimezone(store.zone).date()).places
    children: dict[int, list[int]] = {}
    for row in range(len(tree.ids)):
        if tree.level[row] in LISTED:
            children.setdefault(int(tree.parent[row]), []).append(row)
    return _below(tree, children, -1)


def _below(tree: Places, children: dict[int, list[int]], parent: int) -> list[list[str]]:
    found = []
    for row in sorted(children.get(parent, []), key=lambda row: str(tree.code[row])):
        found.append([str(tree.code[row]), str(tree.name[row]), str(tree.level[row])])
        found += _below(tree, children, row)
    return found
