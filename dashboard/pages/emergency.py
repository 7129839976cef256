"""平急转换: which places are in emergency, what is warned of, which alarms wait, and what was before."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, html

from dashboard import messages
from dashboard.desk import Desk
from dashboard.emergency.words import page_words
from dashboard.languages import _

PATH = "/emergency"
ROOT = "emergency"


def title() -> str:
    """The page's name in the header."""
    return _("应急")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  every page is drawn in the same way
    """The frame; assets/emergency/page.js fills it and keeps it fresh."""
    zone = desk.store.deployment.zone if desk else "UTC"
    return html.Div(
        messages.loading(), id=ROOT, className="emergency", **{"data-words": page_words(), "data-zone": zone}
    )


def register(app: Dash, desk: Desk) -> None:  # noqa: ARG001
    """The script begins when the page is there."""
    app.clientside_callback(
        ClientsideFunction("emergency", "begin"), Output(ROOT, "className"), Input(ROOT, "data-words")
    )
