"""How far an order has come, on the map: any case with parts, at an address that can be sent."""

from __future__ import annotations

from typing import Any

from dash import Dash

from dashboard.console import stage
from dashboard.desk import Desk
from dashboard.languages import _
from dashboard.pages import dispatch

PATH = "/task/{case_id:int}"


def title() -> str:
    """The page's name."""
    return _("任务进度")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  every page is drawn in the same way
    """The map and the list; the script reads the case's number from the address."""
    return dispatch.frame(desk, dispatch.TASK_ROOT)


def register(app: Dash, desk: Desk) -> None:  # noqa: ARG001
    """The script begins when the page is there."""
    stage.begin(app, dispatch.TASK_ROOT)
