"""一键调度: the map an area is chosen on, what it holds, and the order that goes to all of it."""

from __future__ import annotations

from typing import Any

from dash import Dash, html

from dashboard.console import stage
from dashboard.console.words import words
from dashboard.desk import Desk
from dashboard.dispatch.words import words as own_words
from dashboard.languages import _

PATH = "/console/dispatch"
ROOT, TASK_ROOT = "dispatch", "task-page"


def title() -> str:
    """The page's name."""
    return _("一键调度")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  every page is drawn in the same way
    """The map and the form."""
    return frame(desk, ROOT)


def frame(desk: Desk | None, root: str) -> html.Div:
    """The map on the left, what is said of it on the right; assets/dispatch fills both."""
    canvas = html.Section(
        [html.Div(className="dispatch-map"), html.Div(className="dispatch-legend legend")],
        className="dispatch-canvas",
        **{"aria-label": _("地图")},
    )
    told = {**words(stage.store_of(desk)), **own_words()}
    return stage.frame(desk, root, [canvas, stage.work()], told)


def register(app: Dash, desk: Desk) -> None:  # noqa: ARG001
    """The script begins when the page is there."""
    stage.begin(app, ROOT)
