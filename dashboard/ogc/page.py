"""The landing page for a person who opens it in a browser: what there is, and the line QGIS or GDAL is given."""

from __future__ import annotations

from html import escape

from starlette.responses import HTMLResponse

from dashboard.languages import _
from dashboard.ogc.collections import TITLES, names, ogc_source
from dashboard.ogc.links import Links
from dashboard.plain_pages import page
from data.actors import Actor
from data.store import Store


def landing(store: Store, actor: Actor, links: Links) -> HTMLResponse:
    """The page."""
    rows = "".join(
        f'<li><a href="{escape(links.to("collections", name, "items"))}">{escape(_(TITLES[ogc_source(name, actor)]))}</a> '
        f"<code>{escape(name)}</code></li>"
        for name in names()
    )
    told = _("把这个地址填入 QGIS 的「WFS / OGC API - Features」连接，或交给 GDAL：")
    address = escape(links.to())
    body = f"<p>{escape(told)}</p><p><code>{address}</code></p><p><code>OAPIF:{address}</code></p><ul>{rows}</ul>"
    return page(_("地图数据接口"), body, district=store.deployment.name, here="/ogc")
