"""The panels there are. A new panel is a new module and a new line here."""

from __future__ import annotations

from dashboard.wall.panels import categories, figures, map, newest, places, queue, trend
from dashboard.wall.protocol import Panel

PANELS: dict[str, Panel] = {
    panel.name: panel
    for panel in (
        map.PANEL,
        figures.PANEL,
        queue.PANEL,
        newest.PANEL,
        places.PANEL,
        categories.PANEL,
        trend.PANEL,
    )
}
