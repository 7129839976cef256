"""Import: drop a file, correct the mapping the program proposes, look at the rows, take them in, see what stayed out."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, html

from dashboard.desk import Desk
from dashboard.importing import drop, earlier, progress, proposal, rows
from dashboard.languages import _

PATH = "/imports"


def title() -> str:
    """The page's name in the header."""
    return _("导入")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  every page is drawn in the same way
    """Two tabs: this file, and the earlier ones."""
    now = html.Div(
        [
            drop.layout(desk),
            html.Div(id="import-refused"),
            progress.layout(desk),
            proposal.layout(),
            html.Section(rows.nothing(), id="import-outcome", className="import-outcome"),
        ],
        className="imports",
    )
    return dmc.Tabs(
        [
            dmc.TabsList([dmc.TabsTab(_("导入文件"), value="now"), dmc.TabsTab(_("导入记录"), value="earlier")]),
            dmc.TabsPanel(now, value="now"),
            dmc.TabsPanel(earlier.layout(desk), value="earlier"),
        ],
        value="now",
        keepMounted=True,
        className="imports-tabs",
    )


def register(app: Dash, desk: Desk) -> None:
    """Every part's callbacks."""
    for part in (proposal, progress, rows, earlier):
        part.register(app, desk)
