"""The legend of the cases on the map: what a cell's strength means, what a point's shape and colour mean."""

from __future__ import annotations

from dash import html

from dashboard.casetable import STATES
from dashboard.languages import _

STEPS = (1, 2, 5, 10, 25, 100)  # assets/map_events.js draws by the same
DIAMONDS = frozenset({"late", "overdue"})


def layout() -> list[html.Div]:
    """Both legends; the map shows the one that fits what is drawn."""
    cells = [
        html.Div([html.I(style={"--strength": f"{0.1 + 0.14 * (i + 1):.2f}"}), f"{n}+" if n == STEPS[-1] else str(n)])
        for i, n in enumerate(STEPS)
    ]
    points = [
        html.Div(
            [
                html.I(
                    className="is-diamond" if state in DIAMONDS else "",
                    style={"--state": f"var(--state-{state.replace('_', '-')})"},
                ),
                _(word),
            ],
            className="point-state",
        )
        for state, word in STATES.items()
    ]
    return [
        html.Div(
            [html.Strong(_("每格案件数")), html.Div(cells, className="cell-steps")],
            className="legend case-legend is-lattice",
        ),
        html.Div(
            [html.Strong(_("案件")), html.Div(points, className="point-states")],
            className="legend case-legend is-points",
        ),
    ]
