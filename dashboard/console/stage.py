"""The console's frame on the page: what its scripts fill, and what they have to know."""

from __future__ import annotations

import json
from typing import Any

from dash import html

from dashboard.console.words import words
from dashboard.desk import Desk
from dashboard.languages import _
from layers import worker
from layers.base_map import base_map

ROOT, CASE_ROOT = "console", "case-page"


def layout(desk: Desk | None, root: str) -> Any:
    """The whole console, or the page of one case (the right half alone)."""
    told = {
        "data-words": words(),
        "data-map": json.dumps(map_said(desk)),
        "data-zone": _zone(desk),
        "data-district": _district(desk),
    }
    queue = html.Section(
        [
            html.Div(className="queue-tabs", role="tablist", **{"aria-label": _("案件队列")}),
            html.Div(className="queue-head", **{"aria-hidden": "true"}),
            html.Div(className="queue-rows", role="listbox", tabIndex=0, **{"aria-multiselectable": "true"}),
            html.Div(className="queue-bulk", hidden=True),
            html.Div(className="queue-foot quiet"),
        ],
        className="queue",
        **{"aria-label": _("案件队列")},
    )
    work = html.Section(
        [
            html.Div(className="work-said", role="status"),
            html.Div(className="work-body"),
        ],
        className="work",
        **{"aria-label": _("案件")},
    )
    halves = [queue, work] if root == ROOT else [work]
    return html.Div(halves, id=root, className="console-root", **told)


def map_said(desk: Desk | None) -> dict[str, Any]:
    """Where the small map gets its ground from."""
    if desk is None:
        return {}
    return {
        "base": base_map(desk.store).address,
        "worker": worker.address(),
        "tiles": desk.settings.tiles,
        "attribution": desk.settings.tiles_attribution,
    }


def _zone(desk: Desk | None) -> str:
    return desk.store.deployment.zone if desk else "UTC"


def _district(desk: Desk | None) -> str:
    return desk.store.deployment.name if desk else ""
