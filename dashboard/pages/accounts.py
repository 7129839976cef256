"""Accounts, walls and keys, and the audit log: the administrator's page."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash

from dashboard.administration import log, posts, screens
from dashboard.desk import Desk
from dashboard.languages import _

PATH = "/accounts"


def title() -> str:
    """The page's name in the header."""
    return _("账号与审计")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  every page is drawn in the same way
    """Three tabs."""
    return dmc.Tabs(
        [
            dmc.TabsList(
                [
                    dmc.TabsTab(_("账号"), value="accounts"),
                    dmc.TabsTab(_("大屏与程序"), value="screens"),
                    dmc.TabsTab(_("审计日志"), value="log"),
                ]
            ),
            dmc.TabsPanel(posts.layout(desk), value="accounts"),
            dmc.TabsPanel(screens.layout(desk), value="screens"),
            dmc.TabsPanel(log.layout(desk), value="log"),
        ],
        value="accounts",
        keepMounted=True,
        className="admin-tabs",
    )


def register(app: Dash, desk: Desk) -> None:
    """Every part's callbacks."""
    for part in (posts, screens, log):
        part.register(app, desk)
