"""未诉先办: what the next days will bring, by community and category down to grids."""

from __future__ import annotations

from typing import Any

from dash import Dash, html

from dashboard.coming import page
from dashboard.coming.choice import PATH, of_search
from dashboard.desk import Desk
from dashboard.languages import _

__all__ = ["PATH", "layout", "register", "title"]


def title() -> str:
    """The page's name."""
    return _("未诉先办")


def layout(desk: Desk | None, search: str) -> Any:
    """The page for an address."""
    return html.Div(page.shown(desk.store, of_search(search)) if desk else [], className="coming")


def register(app: Dash, desk: Desk) -> None:
    """Everything is a link."""
