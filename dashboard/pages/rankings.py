"""排名: choose whom and by what, read the table, doubt it with the funnel, open the cases."""

from __future__ import annotations

from typing import Any

from dash import Dash, html

from dashboard.desk import Desk
from dashboard.languages import _
from dashboard.rankings import cases, controls, screen
from dashboard.rankings.choice import Choice, of_search
from data.errors import QuestionError

PATH = "/rankings"


def title() -> str:
    """The page's name in the header."""
    return _("排名")


def layout(desk: Desk | None, search: str) -> Any:
    """The page for an address; one that makes no sense opens on the first choice."""
    try:
        choice = of_search(search)
    except QuestionError:
        choice = Choice()
    return html.Div([controls.layout(desk, choice), *screen.layout(), cases.layout(choice)], className="rankings")


def register(app: Dash, desk: Desk) -> None:
    """Every part's callbacks."""
    for part in (controls, screen, cases):
        part.register(app, desk)
