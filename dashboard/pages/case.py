"""One case on a page of its own: what the console shows in its right half, at an address that can be sent."""

from __future__ import annotations

from typing import Any

from dash import Dash

from dashboard.console import stage
from dashboard.desk import Desk
from dashboard.languages import _

PATH = "/case/{case_id:int}"


def title() -> str:
    """The page's name."""
    return _("案件")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  every page is drawn in the same way
    """The frame; the script reads the case's number from the address."""
    return stage.layout(desk, stage.CASE_ROOT)


def register(app: Dash, desk: Desk) -> None:  # noqa: ARG001
    """The script begins when the page is there."""
    stage.begin(app, stage.CASE_ROOT)
