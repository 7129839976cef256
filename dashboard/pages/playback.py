"""Playback: a past interval runs again, its map and its figures as they were."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output

from dashboard import messages
from dashboard.desk import Desk
from dashboard.languages import _
from dashboard.playback import asked, stage
from dashboard.questions import levels_here

PATH = asked.PATH


def title() -> str:
    """The page's name in the header."""
    return _("回放")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  the scripts read the address
    """The frame; assets/playback fills it and plays."""
    if desk is not None and not levels_here(desk.store):
        return messages.empty(_("还没有边界，也就没有图"), _("请先在“导入”页导入街道、社区或网格的边界。"))
    return stage.layout(desk)


def register(app: Dash, desk: Desk) -> None:  # noqa: ARG001
    """The scripts begin when the page is there."""
    app.clientside_callback(
        ClientsideFunction("playback", "begin"), Output(stage.ROOT, "className"), Input(stage.ROOT, "data-words")
    )
