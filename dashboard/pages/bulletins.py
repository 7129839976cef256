"""Bulletins (通报): what was issued, with its files, and a form that issues one."""

from __future__ import annotations

from typing import Any

from dash import Dash

from dashboard.bulletin import page
from dashboard.desk import Desk
from dashboard.languages import _

PATH = "/bulletins"


def title() -> str:
    """The page's name in the header."""
    return _("通报")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  every page is drawn in the same way
    """The form and the list."""
    return page.layout(desk)


def register(app: Dash, desk: Desk) -> None:
    """The form's callbacks."""
    page.register(app, desk)
