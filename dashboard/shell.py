"""The frame every page stands in: Dash itself, the header, and which page a path means.

Own routing instead of Dash's pages: theirs draws a page anew at every change of the query, and ours changes it with
every control. The path picks the page; the query is read once, when the page is drawn.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from fastapi import FastAPI
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard import demo_clock, header, late, messages, navigation, theme
from dashboard.build import build as program
from dashboard.console.stage import may_spread, store_of
from dashboard.desk import Desk, off_loop
from dashboard.emergency import strip
from dashboard.languages import _, language, marked, tag
from dashboard.pages import (
    accounts,
    board,
    bulletins,
    case,
    coming,
    console,
    deadlines,
    dispatch,
    emergency,
    handover,
    heatmap,
    imports,
    leader,
    playback,
    rankings,
    rules,
    scorecards,
    studio,
    task,
)
from dashboard.pages import map as one_map
from dashboard.rights import page_rule
from data.acting import acting
from data.errors import JingweiError

PAGES: dict[str, ModuleType] = {
    page.PATH: page
    for page in (
        *(one_map, leader, console, heatmap, rankings, scorecards, studio, bulletins, emergency, playback),
        *(imports, accounts, rules, deadlines),
    )
}
# Pages of one case, one draft, and the desk's other pages.
BESIDE: dict[str, ModuleType] = {one.PATH: one for one in (case, coming, task, dispatch, board, handover)} | {
    console.INTAKE: console,
    board.KIND: board,
    studio.DRAFT: studio,
    studio.COMPARE: studio,
    scorecards.RUN: scorecards,
    scorecards.POSTER: scorecards,
}
ASSETS = Path(__file__).parents[1] / "assets"
APART = ("early", "phone", "vendor", "wall", "worker")  # folders of assets/ that are no part of Dash's pages

INDEX = """<!DOCTYPE html>
<html lang="{lang}">
<head>
{metas}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="build" content="{build}">
<title>{title}</title>
<link rel="icon" type="image/svg+xml" href="/assets/early/favicon.svg">
<script src="/assets/early/theme.js"></script>
{css}
</head>
<body>
{app_entry}
<footer>{config}{scripts}{renderer}</footer>
</body>
</html>"""


class Jingwei(Dash):
    """Dash with our page around its own: the reader's language, no flash of the wrong theme, our icon."""

    def _config(self) -> dict[str, Any]:
        """Without Dash's own socket: nothing here answers by it (dashboard/live/hub.py says why), and a page would keep one
        open, with threads for it on the server and words on the console whenever the server is away."""
        config: dict[str, Any] = super()._config()
        config.pop("websocket", None)
        return config

    def interpolate_index(self, **parts: str) -> str:
        """The HTML a browser gets first."""
        parts.update(title=_("经纬"), lang=tag(), build=program())
        return INDEX.format(
            **{
                name: parts[name]
                for name in ("lang", "build", "metas", "title", "css", "app_entry", "config", "scripts", "renderer")
            }
        )


class PagePaths:
    """ASGI middleware: every page's address is answered with Dash's one index; the browser keeps the path it asked for.
    Dash would answer any unknown address so; here an unknown one is 404. HEAD is answered as GET is, without the body:
    whoever watches a server asks so."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the pages' paths mean the index."""
        if scope["type"] == "http" and page_at(scope["path"]) is not None:
            scope = {**scope, "path": "/", "raw_path": b"/"}
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self.app(scope, receive, send)


def page_at(path: str) -> ModuleType | None:
    """The page an address means."""
    return PAGES.get(path) or next((page for known, page in BESIDE.items() if compile_path(known)[0].match(path)), None)


def every_page() -> list[ModuleType]:
    """All of them, each once."""
    return list(dict.fromkeys([*PAGES.values(), *BESIDE.values()]))


def build(server: FastAPI, desk: Desk) -> Dash:
    """Dash on this server, with every page registered."""
    app = Jingwei(
        "dashboard",
        server=server,
        assets_folder=str(ASSETS),
        assets_path_ignore=[*APART],
        serve_locally=True,
        title=marked("经纬"),
        update_title=None,
        compress=False,
        on_error=messages.callback_failed,
    )
    # Twice the same shape: what a request sees, and every component there can be, for Dash to check callbacks against.
    app.layout = lambda: frame(desk if desk.opened is not None else None)
    app.validation_layout = html.Div([frame(None), *(page.layout(None, "") for page in every_page())])
    header.register(app, desk)
    demo_clock.register(app, desk)
    register(app, desk)
    late.register(app)
    for page in every_page():
        page.register(app, desk)
    return app


def frame(desk: Desk | None) -> Any:
    """The header and the place where a page goes."""
    return dmc.MantineProvider(
        theme=theme.MANTINE,
        defaultColorScheme="auto",
        children=dmc.DatesProvider(
            settings={"locale": "zh-cn" if language() == "zh" else "en", "firstDayOfWeek": 1, "weekendDays": [0, 6]},
            children=html.Div(
                [
                    dcc.Location(id="address", refresh="callback-nav"),
                    header.layout(desk, open_pages(desk)),
                    html.Div([strip.layout(), html.Div(id="failure")]),
                    html.Main(messages.loading(), id="page"),
                ],
                className="shell",
            ),
        ),
    )


def open_pages(desk: Desk | None) -> dict[str, str]:
    """The pages with a way in the header that this post may open and has a use for, path → name."""
    ways = {
        path: page_at(path)
        for path in (navigation.FIRST, *(path for paths in navigation.HEADS.values() for path in paths))
    }
    return {
        path: page.title()
        for path, page in ways.items()
        if page is not None
        and page_rule(path).allows(acting())
        and (path != dispatch.PATH or may_spread(store_of(desk)))
    }


def register(app: Dash, desk: Desk) -> None:
    """The page a path means, and the switch of the theme and the language."""

    @app.callback(Output("page", "children"), Input("address", "pathname"), State("address", "search"))
    async def turn(path: str, search: str | None) -> Any:
        page = page_at(path)
        if page is not None and not page_rule(page.PATH).allows(acting()):
            return messages.failure(_("没有权限"), todo=_("此页面不对这个岗位开放。如需使用，请联系管理员。"))
        if page is None:
            return messages.failure(_("没有这个页面"), todo=_("请从上方的导航进入。"))
        try:
            return await off_loop(page.layout, desk, search or "")
        except JingweiError as error:
            return messages.failure_of(error)

    app.clientside_callback(
        ClientsideFunction("navigation", "here"),
        Output("pages", "className"),
        Input("address", "pathname"),
    )


def dumped(value: Any) -> str:
    """JSON as small as it gets."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
