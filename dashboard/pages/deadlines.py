"""重算时限: an administrator's act, with a look at what it would change before it is done."""

from __future__ import annotations

from typing import Any

from dash import Dash, html

from dashboard.console import stage
from dashboard.console.words import words
from dashboard.deadlines.filter import words as own_words
from dashboard.desk import Desk
from dashboard.languages import _

PATH = "/console/deadlines"
ROOT = "deadlines"


def title() -> str:
    """The page's name."""
    return _("重算时限")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  every page is drawn in the same way
    """The filter and what it would change; assets/deadlines fills both."""
    body = html.Section(
        [html.Div(className="work-said", role="status"), html.Div(className="work-body handover-body")],
        className="handover-sheet",
        **{"aria-label": _("重算时限")},
    )
    store = stage.store_of(desk)
    return stage.frame(desk, ROOT, [body], {**words(store), **own_words(store)})


def register(app: Dash, desk: Desk) -> None:  # noqa: ARG001
    """The script begins when the page is there."""
    stage.begin(app, ROOT)
