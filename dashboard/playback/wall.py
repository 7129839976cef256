"""A wall's playback: the same scripts on a plain page (dashboard/wall/page.py says why without Dash), without controls. It plays
by itself, and again eight seconds after its end."""

from __future__ import annotations

from html import escape
from pathlib import Path

from starlette.responses import Response

from dashboard.desk import Desk
from dashboard.languages import _
from dashboard.playback.stage import first_words
from dashboard.said import parts_of
from dashboard.wall import page
from dashboard.wall.spots import may_see, spot_of
from data import audit
from data.acting import acting
from data.errors import JingweiError

STYLES = (*page.STYLES, "playback.css", "console/moment.css")
PARTS = sorted((Path(page.ASSETS) / "playback").glob("*.js"))
SCRIPTS = ("console/moment.js", *(f"playback/{path.name}" for path in PARTS))

BODY = """<div id="playback" class="playback is-wall" data-place="{place}" {first_words}>
<section class="pb-map" aria-label="{map}"><div class="pb-canvas"></div><div class="pb-legend"></div>
<div class="pb-note" role="status"></div></section>
<aside class="pb-side"><div class="pb-when" role="timer"></div><div class="pb-cards"></div><div class="pb-feed"></div></aside>
<section class="pb-bar"><div class="pb-controls"></div><div class="pb-scrubber"></div></section>
</div>"""


def answer(desk: Desk, place: str) -> Response:
    """The page of a place; a wall whose token is of another place is told so, and it is written down."""
    try:
        spot = spot_of(desk.store, place)
        if not may_see(acting(), spot):
            audit.record(desk.store, "refused", acting(), what=f"GET /wall/{place}/playback")
            return page.failed(_("没有权限"), place, _("这块大屏的令牌属于别的地方。"), 403)
    except JingweiError as error:
        said = parts_of(error)
        return page.failed(said["what"], said["where"], said["todo"], error.status)
    told = " ".join(f'{name}="{escape(text)}"' for name, text in first_words(desk).items())
    body = BODY.format(place=escape(spot.code), first_words=told, map=escape(_("地图：回放时刻的案件分布")))
    return page.html_page(f"{_('回放')} · {spot.name}", body, scripts=page.scripts(SCRIPTS), styles=STYLES)
