"""The operator's console: what waits on the left, the case at hand or the call being taken on the right."""

from __future__ import annotations

from typing import Any

from dash import Dash

from dashboard.console import stage
from dashboard.desk import Desk
from dashboard.languages import _

PATH, INTAKE = "/console", "/console/intake"


def title() -> str:
    """The page's name in the header."""
    return _("值班")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  every page is drawn in the same way
    """Two halves; assets/console fills them and keeps them fresh."""
    return stage.layout(desk, "console")


def register(app: Dash, desk: Desk) -> None:  # noqa: ARG001
    """The scripts begin when the page is there."""
    stage.begin(app, stage.ROOT)
