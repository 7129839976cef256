"""The board of a kind: its cases in columns, the case at hand beside them."""

from __future__ import annotations

from typing import Any

from dash import Dash, html

from dashboard.boards.board import words as own_words
from dashboard.console import stage
from dashboard.console.words import words
from dashboard.desk import Desk
from dashboard.languages import _

PATH, KIND = "/console/board", "/console/board/{kind}"
ROOT = "board-page"


def title() -> str:
    """The page's name."""
    return _("看板")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  every page is drawn in the same way
    """The columns and the case; assets/boards fills them."""
    columns = html.Section(
        [
            html.Div(className="board-head"),
            html.Div(className="board", tabIndex=0, role="group", **{"aria-label": _("看板")}),
        ],
        className="board-side",
        **{"aria-label": _("看板")},
    )
    told = {**words(stage.store_of(desk)), **own_words()}
    return stage.frame(desk, ROOT, [columns, stage.work()], told)


def register(app: Dash, desk: Desk) -> None:  # noqa: ARG001
    """The script begins when the page is there."""
    stage.begin(app, ROOT)
