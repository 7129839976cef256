"""网格划分: the drafts of the plan of grids, and the studio in which one is drawn."""

from __future__ import annotations

import json
from typing import Any

from dash import Dash, html

from dashboard import messages
from dashboard.console import stage
from dashboard.console.stage import map_said
from dashboard.desk import Desk
from dashboard.languages import _
from dashboard.questions import levels_here
from dashboard.studio.words import words

PATH = "/studio"
DRAFT = "/studio/{draft_id:int}"
COMPARE = "/studio/compare"
ROOT = "studio"


def title() -> str:
    """The page's name."""
    return _("网格划分")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  the address says which draft
    """Where assets/studio draws."""
    if desk is not None and "grid" not in levels_here(desk.store):
        return messages.empty(_("还没有网格方案"), _("请先在“导入”页导入网格的边界。"))
    body = html.Section(
        [html.Div(className="work-said", role="status"), html.Div(className="work-body studio-body")],
        className="studio-page",
        **{"aria-label": _("网格划分")},
    )
    said = {
        "data-words": json.dumps(words(), ensure_ascii=False),
        "data-map": json.dumps(map_said(desk)),
    }
    return html.Div([body], id=ROOT, className="desk-root studio-root", **said)


def register(app: Dash, desk: Desk) -> None:  # noqa: ARG001
    """The script begins when the page is there."""
    stage.begin(app, ROOT)
