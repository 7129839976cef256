"""领导驾驶舱: five figures, the map, what needs attention, what was promised, what is coming. On a screen, a tablet or one A4 page."""

from __future__ import annotations

from typing import Any

from dash import Dash, html

from dashboard.desk import Desk
from dashboard.languages import _
from dashboard.leader import screen

PATH = "/leader"


def title() -> str:
    """The page's name in the header."""
    return _("领导")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  every page is drawn in the same way
    """The frame; its parts come each as soon as they are counted."""
    return html.Div(screen.layout(desk), className="leader")


def register(app: Dash, desk: Desk) -> None:
    """Every part's callbacks."""
    screen.register(app, desk)
