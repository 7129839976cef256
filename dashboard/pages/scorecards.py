"""榜单与考评: all lists, one list, and its publication page."""

from __future__ import annotations

import json
from typing import Any

from dash import Dash, html

from dashboard.console import stage
from dashboard.desk import Desk
from dashboard.languages import _
from dashboard.scorecards.words import words

PATH = "/scorecards"
RUN, POSTER = "/scorecards/{run_id:int}", "/scorecards/{run_id:int}/poster"
ROOT = "scorecards"


def title() -> str:
    """The page's name."""
    return _("榜单")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  every page is drawn in the same way
    """Where assets/scorecards draws; the address says what."""
    body = html.Section(
        [html.Div(className="work-said", role="status"), html.Div(className="work-body score-body")],
        className="score-page",
        **{"aria-label": _("榜单与考评")},
    )
    return html.Div(
        [body], id=ROOT, className=f"desk-root {ROOT}-root", **{"data-words": json.dumps(words(), ensure_ascii=False)}
    )


def register(app: Dash, desk: Desk) -> None:  # noqa: ARG001
    """The script begins when the page is there."""
    stage.begin(app, ROOT)
