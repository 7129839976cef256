"""The phone's page, its manifest and its service worker.

A plain page and small scripts of our own, not a page of Dash. It must start in a basement without a connection, so all of it has to lie
on the phone: Dash's renderer and components are some megabytes and ask the server for every layout and callback; this is
about a hundred kilobytes and asks only for what is new. The page is the same for every post and holds nothing of one: a service worker may
keep it; whose cases they are comes with the list.

The worker answers for this page and the program's own files and for nothing else. Its text holds the program's digest
(`dashboard/build.py`), so another program is another worker, and the browser brings the update to the phone by itself.
"""

from __future__ import annotations

import json
from functools import cache
from html import escape
from pathlib import Path

from dashboard.build import build
from dashboard.console.stage import map_said
from dashboard.desk import Desk
from dashboard.icons import data_uri
from dashboard.languages import _, language, tag
from dashboard.phone.words import words

PATH = "/my"
ASSETS = Path(__file__).parents[2] / "assets"
STYLES = ("tokens.css", "phone/phone.css")
SCRIPTS = (
    "console/dom.js", "phone/queue.js", "phone/keep.js", "phone/pictures.js", "phone/position.js", "phone/sender.js",
    "phone/parts.js", "phone/form.js", "phone/list.js", "phone/case.js", "phone/map.js", "phone/report.js",
    "phone/outbox.js", "phone/page.js",
)  # fmt: skip
# Loaded when the map is opened.
MAP = (
    "vendor/leaflet/leaflet.css", "vendor/leaflet/leaflet.js", "map_paper.js", "map_sheet.js", "base/features.js",
    "base/style.js", "base/labels.js", "base/painter.js", "base/layer.js", "console/small_map.js",
)  # fmt: skip
ICONS = (
    "camera", "map-pin", "current-location", "search", "x", "check", "chevron-left", "chevron-right", "dots-vertical",
    "refresh", "wifi-off", "cloud-upload", "alert-octagon", "alert-triangle", "trash",
)  # fmt: skip
OTHERS = ("early/theme.js", "vendor/inter/inter-latin.woff2", "phone/icons/icon-192.png")

HTML = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="theme-color" content="#F7F8FA" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#0B0F14" media="(prefers-color-scheme: dark)">
<meta name="mobile-web-app-capable" content="yes">
<meta name="apple-mobile-web-app-title" content="{brand}">
<title>{title} · {brand}</title>
<link rel="icon" type="image/svg+xml" href="/assets/early/favicon.svg">
<link rel="apple-touch-icon" href="/assets/phone/icons/icon-180.png">
<link rel="manifest" href="/my/manifest.webmanifest" crossorigin="use-credentials">
<script src="/assets/early/theme.js"></script>
{styles}
</head>
<body>
<div id="phone" class="desk-root" {data}></div>
<noscript>{noscript}</noscript>
{scripts}
</body>
</html>"""


def shell(desk: Desk) -> str:
    """The page: words, where its map gets the ground from, and the scripts. Nothing of a post, a case or a place's people."""
    said = {
        "data-words": words(),
        "data-map": json.dumps(map_said(desk)),
        "data-icons": json.dumps({name: data_uri(name) for name in ICONS}),
        "data-late": json.dumps([addressed(name) for name in MAP]),
        "data-zone": desk.store.deployment.zone,
        "data-district": desk.store.deployment.name,
        "data-build": build(),
        "data-language": language(),
    }
    return HTML.format(
        lang=tag(),
        title=escape(_("我的案件")),
        brand=escape(_("经纬")),
        styles="\n".join(f'<link rel="stylesheet" href="{addressed(name)}">' for name in STYLES),
        scripts="\n".join(f'<script src="{addressed(name)}" defer></script>' for name in SCRIPTS),
        data=" ".join(f'{name}="{escape(value, quote=True)}"' for name, value in said.items()),
        noscript=escape(_("此页面需要浏览器允许脚本。")),
    )


def addressed(name: str) -> str:
    """An asset's address; it holds the program's digest, so it may be kept until there is another program."""
    return f"/assets/{name}?m={build()}"


def manifest() -> dict[str, object]:
    """What makes the page an application of the phone."""

    def icon(size: int, purpose: str) -> dict[str, str]:
        name = f"icon-{size}.png" if purpose == "any" else f"mask-{size}.png"
        return {
            "src": f"/assets/phone/icons/{name}", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose,
        }  # fmt: skip

    return {
        "id": PATH,
        "name": _("经纬 · 我的案件"),
        "short_name": _("经纬"),
        "lang": tag(),
        "start_url": PATH,
        "scope": "/",
        "display": "standalone",
        "background_color": "#0B0F14",
        "theme_color": "#0B0F14",
        "icons": [icon(192, "any"), icon(512, "any"), icon(512, "maskable")],
        "shortcuts": [{"name": _("随手报"), "url": f"{PATH}#report"}],
    }


@cache
def worker() -> str:
    """The service worker's script, with what it keeps."""
    files = [addressed(name) for name in (*STYLES, *SCRIPTS, *MAP)] + [f"/assets/{name}" for name in OTHERS]
    told = json.dumps({"build": build(), "page": PATH, "files": files})
    return f"const PROGRAM = {told};\n" + (ASSETS / "phone" / "worker.js").read_text("utf-8")
