"""交接班: the sheet of a shift, on the screen and on A4."""

from __future__ import annotations

from typing import Any

from dash import Dash, html

from dashboard.console import stage
from dashboard.console.words import words
from dashboard.desk import Desk
from dashboard.handover.sheet import words as own_words
from dashboard.languages import _

PATH = "/console/handover"
ROOT = "handover"


def title() -> str:
    """The page's name."""
    return _("交接班")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  every page is drawn in the same way
    """The sheet; assets/handover fills it."""
    body = html.Section(
        [html.Div(className="work-said", role="status"), html.Div(className="work-body handover-body")],
        className="handover-sheet",
        **{"aria-label": _("交接班")},
    )
    return stage.frame(desk, ROOT, [body], {**words(stage.store_of(desk)), **own_words()})


def register(app: Dash, desk: Desk) -> None:  # noqa: ARG001
    """The script begins when the page is there."""
    stage.begin(app, ROOT)
