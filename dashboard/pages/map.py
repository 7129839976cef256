"""The one map: choose on the left, look in the middle, compare on the right, read the cases below."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import dash_mantine_components as dmc
from dash import Dash, html

from dashboard import choice as choices
from dashboard import exporting, messages
from dashboard.desk import Desk
from dashboard.languages import _
from dashboard.one_map import canvas, distribution, drawer, headlines, places, rail, trends
from dashboard.one_map.picked import opened_by
from dashboard.questions import default_level, levels_here

PATH = "/"


def title() -> str:
    """The page's name in the header."""
    return _("一张图")


def layout(desk: Desk | None, search: str) -> Any:
    """The page for an address. Without a desk only its shape, for Dash to check callbacks against."""
    choice = choices.of_search(search)
    if desk is not None and not levels_here(desk.store):
        return messages.empty(
            _("还没有边界，也就没有图"),
            _("请先在“导入”页导入街道、社区或网格的边界。"),
        )
    level = choice.level or (default_level(levels_here(desk.store)) if desk else "")
    picked = opened_by(parse_qs(search.lstrip("?"), keep_blank_values=True))
    return html.Div(
        [
            rail.layout(desk, choice, level),
            html.Div([canvas.layout(desk), drawer.layout(desk, picked)], className="middle"),
            html.Aside(
                dmc.Tabs(
                    [
                        dmc.TabsList([dmc.TabsTab(text, value=value) for value, text in tabs().items()]),
                        dmc.TabsPanel(headlines.layout(), value="figures", className="figures-panel"),
                        dmc.TabsPanel(
                            [trends.layout(desk), distribution.layout(desk)], value="charts", className="charts-panel"
                        ),
                        dmc.TabsPanel(places.layout(desk, exporting.links()), value="places", className="places-panel"),
                    ],
                    value="figures",
                    keepMounted=True,
                    className="side-tabs",
                ),
                className="side",
                **{"aria-label": _("指标与列表")},
            ),
        ],
        className="one-map",
    )


def tabs() -> dict[str, str]:
    """What the right column folds under on a narrow screen."""
    return {"figures": _("指标"), "charts": _("趋势"), "places": _("列表")}


def register(app: Dash, desk: Desk) -> None:
    """Every part's callbacks."""
    for part in (rail, canvas, headlines, trends, distribution, places, drawer):
        part.register(app, desk)
