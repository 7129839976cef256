"""Import: drop a file, correct the mapping the program proposes, look at the rows, take them in, see what stayed out and
say where the uncertain addresses are."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, html

from dashboard.desk import Desk
from dashboard.importing import addresses, drop, earlier, progress, proposal, rows
from dashboard.languages import _

PATH = "/imports"


def title() -> str:
    """The page's name in the header."""
    return _("导入")


def tabs() -> dict[str, str]:
    """The tabs' names."""
    return {"now": _("导入文件"), "earlier": _("导入记录"), "addresses": _("地址核对")}


def layout(desk: Desk | None, search: str) -> Any:
    """Three tabs: this file, the earlier ones, the addresses that wait."""
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
            dmc.TabsList([dmc.TabsTab(text, value=name) for name, text in tabs().items()]),
            dmc.TabsPanel(now, value="now"),
            dmc.TabsPanel(earlier.layout(desk), value="earlier"),
            dmc.TabsPanel(addresses.layout(desk), value="addresses"),
        ],
        value=next((name for name in tabs() if f"tab={name}" in search), "now"),
        keepMounted=True,
        className="imports-tabs",
    )


def register(app: Dash, desk: Desk) -> None:
    """Every part's callbacks."""
    for part in (proposal, progress, rows, earlier, addresses):
        part.register(app, desk)
