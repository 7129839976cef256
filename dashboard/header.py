"""The header: whose district, which page, how old the data, what time it is, and the two switches."""

from __future__ import annotations

import json
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, html

from dashboard import account_menu, demo_clock, navigation, search
from dashboard.desk import Desk
from dashboard.icons import icon
from dashboard.languages import LANGUAGES, _, language


def layout(desk: Desk | None, pages: dict[str, str]) -> html.Header:
    """The header's bar. pages: path → name of those the post may open. Without a desk only its shape, for Dash's checks."""
    return html.Header(
        [
            html.Div([html.Span(_("经纬"), className="brand"), *_district(desk)], className="header-name"),
            navigation.layout(desk, pages),
            html.Div([*search.layout(), *_facts(desk), *_switches(), account_menu.layout()], className="header-facts"),
        ],
        className="header",
    )


def _district(desk: Desk | None) -> list[Any]:
    if desk is None:
        return []
    deployment = desk.store.deployment
    mark = [html.Span(_("模拟数据"), className="mark")] if deployment.simulated else []
    return [html.Span(deployment.name, className="district"), *mark]


def age_words() -> dict[str, str]:
    """What assets/clock.js says of how old the data is, and of a server that is silent."""
    return {
        "day": _("{n} 天前"),
        "hour": _("{n} 小时前"),
        "minute": _("{n} 分钟前"),
        "second": _("{n} 秒前"),
        "none": _("尚无数据"),
        "old": _("较旧"),
        "very_old": _("过旧"),
        "silent": _("正在重连"),
        "lost": _("连接中断"),
    }


def _facts(desk: Desk | None) -> list[Any]:
    age = html.Span(
        [
            html.Span(_("数据"), className="quiet"),
            html.Span(className="age-text"),
            html.Span(className="age-state", role="status"),
        ],
        className="age",
        title=_("最近一次数据进入系统的时间；与服务器失去联系时在此提示"),
        **{"data-words": json.dumps(age_words(), ensure_ascii=False)},
    )
    state = html.A(className="duty-state", href="/emergency", title=_("平急状态"))
    if desk is None:
        return [state, age, *demo_clock.layout("UTC")]
    zone = desk.store.deployment.zone
    if desk.store.clock.simulated:
        return [state, age, *demo_clock.layout(zone)]
    return [state, age, html.Span(html.Time(), className="clock", **{"data-clock": zone})]


def _switches() -> list[Any]:
    other = LANGUAGES["en" if language() == "zh" else "zh"]
    return [
        dmc.UnstyledButton(other, id="switch-language", className="switch", n_clicks=0),
        dmc.UnstyledButton(
            [html.Span(icon("sun"), className="when-dark"), html.Span(icon("moon"), className="when-light")],
            id="switch-theme",
            className="switch",
            n_clicks=0,
            **{"aria-label": _("深色 / 浅色")},
        ),
    ]


def register(app: Dash, desk: Desk) -> None:  # noqa: ARG001  every part is registered in the same way
    """The switches; both are done by the browser."""
    app.clientside_callback(ClientsideFunction("shell", "theme"), Input("switch-theme", "n_clicks"))
    app.clientside_callback(ClientsideFunction("shell", "language"), Input("switch-language", "n_clicks"))
