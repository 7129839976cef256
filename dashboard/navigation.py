"""The ways in the header: the map, and the pages by what one does there, under four heads.

Twelve names in a row are read by nobody, and a screen of 1366 has no room for them. A head opens by click, tap or key and needs
no hovering (assets/navigation.js). A post sees the heads it has pages under; a head with a single page is that page's link.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from dash import dcc, html

from dashboard.desk import Desk
from dashboard.icons import icon
from dashboard.languages import _, marked
from dashboard.phone.page import PATH as PHONE
from dashboard.rights import page_rule
from dashboard.wall.spots import own_code
from data.acting import acting

FIRST = "/"
OPERATE, REVIEW, PLAN, ADMINISTER = marked("指挥"), marked("研判"), marked("规划"), marked("管理")
HEADS: dict[str, tuple[str, ...]] = {
    OPERATE: ("/console", "/console/board", "/console/dispatch", "/console/handover", "/emergency", "/playback"),
    REVIEW: ("/leader", "/leader/coming", "/heatmap", "/rankings", "/scorecards", "/bulletins"),
    PLAN: ("/studio",),
    ADMINISTER: ("/imports", "/accounts", "/rules", "/console/deadlines"),
}


def layout(desk: Desk | None, pages: Mapping[str, str]) -> html.Nav:
    """The ways of a post. pages: path → name of those it may open."""
    links = {path: dcc.Link(name, href=path, className="nav-link") for path, name in pages.items()}
    found: list[Any] = [links[FIRST]] if FIRST in links else []
    for head, paths in HEADS.items():
        below = [links[path] for path in paths if path in links] + (_apart(desk) if head == OPERATE else [])
        found += below if len(below) < 2 else [_head(head, below)]
    return html.Nav(found, id="pages", className="nav", **{"aria-label": _("页面")})


def _head(name: str, links: list[Any]) -> html.Details:
    words = html.Summary([html.Span(_(name)), icon("chevron-right")], className="nav-link")
    return html.Details([words, html.Div(links, className="nav-pages")], className="nav-head")


def _apart(desk: Desk | None) -> list[html.A]:
    """The wall and the phone are no pages of Dash: the wall opens beside this one."""
    if desk is None:
        return []
    wall = f"/wall/{quote(own_code(desk.store, acting()))}"
    found = [html.A(_("大屏"), href=wall, target="_blank", className="nav-link")]
    if page_rule(PHONE).allows(acting()):
        found.append(html.A(_("我的案件（手机）"), href=PHONE, className="nav-link"))
    return found
