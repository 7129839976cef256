"""What a panel says when it has nothing to show: empty, loading, failed. Each says what would be here, why it is not, and
what to do."""

from __future__ import annotations

import logging
from typing import Any

from dash import html, set_props

from dashboard.icons import icon
from dashboard.languages import _
from dashboard.said import parts_of
from data.errors import JingweiError

log = logging.getLogger(__name__)


def loading() -> html.Div:
    """Before the first answer."""
    return html.Div(html.Span(_("正在载入…"), className="quiet"), className="message")


def empty(what: str, todo: str = "") -> html.Div:
    """Nothing to show, and that is no fault."""
    return html.Div([icon("info-circle"), html.Div([html.Strong(what), html.P(todo)])], className="message")


def failure(what: str, where: str = "", todo: str = "") -> html.Div:
    """An error in words."""
    lines = [html.Strong(what), *([html.P(where, className="quiet")] if where else []), html.P(todo)]
    return html.Div([icon("alert-triangle"), html.Div(lines)], className="message is-failure", role="alert")


def failure_of(error: JingweiError) -> html.Div:
    """An error of the tree in data/errors.py, in the reader's language."""
    said = parts_of(error)
    return failure(said["what"], said["where"], said["todo"])


def callback_failed(error: Exception) -> Any:
    """The last resort of a callback: the page keeps what it showed, and a line under the header says what went wrong."""
    if isinstance(error, JingweiError):
        set_props("failure", {"children": failure_of(error)})
        return None
    log.error("a callback failed", exc_info=error)
    text = failure(_("出错了，画面未更新"), type(error).__name__, _("请刷新页面；若再次出现，请把时间告诉管理员。"))
    set_props("failure", {"children": text})
    return None
