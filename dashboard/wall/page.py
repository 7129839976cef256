"""A wall's page: plain HTML without Dash. Dash's renderer keeps a tree and a history of what it was told, and loads what a
wall never uses; this page loads the map's layer and a few scripts that change it in place, and is left alone for a month.
"""

from __future__ import annotations

import json
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from dashboard.build import build
from dashboard.console.words import time_words
from dashboard.desk import Desk
from dashboard.emergency import strip
from dashboard.formats import name_of
from dashboard.header import age_words
from dashboard.languages import _, tag
from dashboard.wall.layout import Box, Layout, layouts, version
from dashboard.wall.rotation import Route, Stop
from dashboard.wall.state import standing

ASSETS = Path(__file__).parents[2] / "assets"
STYLES = (
    "vendor/leaflet/leaflet.css",
    "tokens.css",
    "page.css",
    "one_map.css",
    "emergency/emergency.css",
    "wall/wall.css",
)
FIRST = ("vendor/leaflet/leaflet.js", "session.js", "wall/begin.js", "clock.js", "live.js", "console/dom.js")
LAST = tuple(f"wall/{name}.js" for name in ("draw", "chart", "map", "rotation", "head", "page"))
WATCH = ("emergency/areas.js", "emergency/strip.js")  # warnings on the map, alarms over it
LAYER = ("base", "cells", "names", "things")  # folders of the map's layer; its other files are called map*.js
AGAIN = 60  # seconds after which a wall that could not be shown tries again

PAGE = """<!DOCTYPE html>
<html lang="{lang}" class="is-wall" data-mantine-color-scheme="dark">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="build" content="{build}">{again}
<title>{title} · {brand}</title>
<link rel="icon" type="image/svg+xml" href="/assets/early/favicon.svg">
{styles}
</head>
<body>
{body}
{scripts}
</body>
</html>"""

HEAD = """<header class="wall-head">
<div class="wall-name"><h1 class="wall-place">{place}</h1><span class="wall-system">{system}</span>{mark}</div>
<div class="wall-middle"><span class="wall-state">{state}</span><span class="wall-rotation quiet"></span></div>
<div class="wall-facts"><div class="wall-fact"><span class="wall-day quiet"></span>
<span class="age" data-words="{words}"><span class="quiet">{data}</span><span class="age-text"></span>
<span class="age-state" role="status"></span></span></div>
<time class="wall-time"></time></div>
</header>
{strip}
<main id="wall" class="wall-panels" data-wall="{said}"></main>"""


def page(desk: Desk, route: Route) -> HTMLResponse:
    """The page of a route, at its first stop."""
    deployment, first = desk.store.deployment, route.stops[0]
    simulated = (
        f'<span class="mark" data-simulated="true">{escape(_("模拟数据"))} <span class="wall-speed"></span></span>'
        if deployment.simulated
        else ""
    )
    body = HEAD.format(
        place=escape(first.spot.name),
        system=escape(_("网格治理")),
        mark=simulated,
        state=escape(standing(desk.store, first.spot).word),
        words=escape(json.dumps(age_words(), ensure_ascii=False)),
        data=escape(_("数据")),
        strip=strip.markup(first.spot.code),
        said=escape(json.dumps(said(desk, route), ensure_ascii=False)),
    )
    return html_page(first.spot.name, body, scripts=scripts())


def failed(what: str, where: str, todo: str, status: int) -> HTMLResponse:
    """Why there is no wall; the page tries again by itself, because nobody stands in front of it."""
    lines = [
        f"<strong>{escape(what)}</strong>",
        *(f'<p class="quiet">{escape(text)}</p>' for text in (where, todo) if text),
    ]
    return html_page(
        _("大屏"), f'<main class="wall-failed">{"".join(lines)}</main>', scripts=(), status=status, again=AGAIN
    )


def said(desk: Desk, route: Route) -> dict[str, Any]:
    """What the page's scripts have to know."""
    store = desk.store
    return {
        "stops": [stop_said(one) for one in route.stops],
        "every": route.every,
        "pause": route.pause,
        "layouts": {name: layout_said(layout) for name, layout in layouts(store.home).items()},  # a state may bring any
        "version": version(store.home),
        "zone": store.deployment.zone,
        "simulated": store.clock.simulated,
        "words": {
            **time_words(),
            "stopped": _("轮播暂停"),
            "standing": _("已暂停"),
            "stopped_at": _("停在 {time}"),
            "held": _("轮播停在告警处"),
        },
        "map": {"tiles": desk.settings.tiles, "attribution": desk.settings.tiles_attribution},
    }


def stop_said(stop: Stop) -> dict[str, str]:
    """A stop as the scripts know it."""
    code = stop.spot.code
    return {"place": code, "name": stop.spot.name, "search": urlencode({"wall": code}), "layout": stop.layout.id}


def layout_said(layout: Layout) -> dict[str, Any]:
    """A layout as CSS has it, and its boxes."""
    text = layout.text
    return {
        "columns": " ".join(_track(track) for track in text.columns),
        "rows": " ".join(_track(track) for track in text.rows),
        "areas": " ".join(f'"{" ".join(row.split())}"' for row in text.areas),
        "boxes": [box_said(box) for box in layout.boxes.values()],
    }


def box_said(box: Box) -> dict[str, Any]:
    """A panel's box."""
    own = box.options.title
    title = name_of(own.zh, own.en) if own else box.panel.title(box.options)
    return {"id": box.id, "panel": box.panel.name, "title": title, "classes": list(box.panel.classes)}


def _track(track: str) -> str:
    """A share that its content cannot push apart."""
    return f"minmax(0, {track})" if track.endswith("fr") else track


@cache
def scripts(last: tuple[str, ...] = (*WATCH, *LAST)) -> tuple[str, ...]:
    """The scripts in their order, as paths below assets/: the map's layer lies between what it and what the wall stands on."""
    layer = [path.name for path in sorted(ASSETS.glob("map*.js"))]
    layer += [f"{folder}/{path.name}" for folder in LAYER for path in sorted((ASSETS / folder).glob("*.js"))]
    return (*FIRST, *layer, *last)


def html_page(
    title: str,
    body: str,
    *,
    scripts: tuple[str, ...],
    styles: tuple[str, ...] = STYLES,
    status: int = 200,
    again: int = 0,
) -> HTMLResponse:
    """A page of its own, without Dash. styles, scripts: paths below assets/. again: seconds after which it is loaded anew."""
    text = PAGE.format(
        lang=tag(),
        build=build(),
        again=f'\n<meta http-equiv="refresh" content="{again}">' if again else "",
        title=escape(title),
        brand=escape(_("经纬")),
        styles="\n".join(f'<link rel="stylesheet" href="/assets/{name}?m={build()}">' for name in styles),
        body=body,
        scripts="\n".join(f'<script src="/assets/{name}?m={build()}"></script>' for name in scripts),
    )
    return HTMLResponse(text, status, {"cache-control": "no-store"})
