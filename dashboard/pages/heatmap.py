"""区域热力: any figure as a map, against something, over time, and where it is more than chance; the topic of the month."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output

from dashboard import messages
from dashboard.desk import Desk
from dashboard.heatmap import stage
from dashboard.languages import _
from dashboard.questions import levels_here

PATH = "/heatmap"


def title() -> str:
    """The page's name in the header."""
    return _("区域热力")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  the scripts read the address
    """The frame; assets/heatmap fills it."""
    if desk is not None and not levels_here(desk.store):
        return messages.empty(_("还没有边界，也就没有图"), _("请先在“导入”页导入街道、社区或网格的边界。"))
    return stage.layout(desk)


def register(app: Dash, desk: Desk) -> None:  # noqa: ARG001
    """The scripts begin when the page is there."""
    app.clientside_callback(
        ClientsideFunction("heatmap", "begin"), Output(stage.ROOT, "className"), Input(stage.ROOT, "data-words")
    )
