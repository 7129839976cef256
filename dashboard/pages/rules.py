"""What the administrator keeps besides accounts: the admission list (减负准入) and the working calendar."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash

from dashboard.administration import admissions, calendar
from dashboard.desk import Desk
from dashboard.languages import _

PATH = "/rules"


def title() -> str:
    """The page's name."""
    return _("准入清单与日历")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  every page is drawn in the same way
    """Two tabs."""
    return dmc.Tabs(
        [
            dmc.TabsList(
                [
                    dmc.TabsTab(_("准入清单"), value="admission"),
                    dmc.TabsTab(_("工作日历"), value="calendar"),
                ]
            ),
            dmc.TabsPanel(admissions.layout(desk), value="admission"),
            dmc.TabsPanel(calendar.layout(desk), value="calendar"),
        ],
        value="admission",
        keepMounted=True,
        className="admin-tabs",
    )


def register(app: Dash, desk: Desk) -> None:
    """Every part's callbacks."""
    for part in (admissions, calendar):
        part.register(app, desk)
