"""One Plotly template for every chart, in both themes: no frame, a light grid, the house's type and colours."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.theme import FONT

INK = {
    "dark": {"text": "#E6EBF2", "quiet": "#9AA8B8", "line": "#263241"},
    "light": {"text": "#17202B", "quiet": "#55606E", "line": "#E6E9EE"},
}
# Okabe–Ito, the accent first.
SERIES = {
    "dark": ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#F0E442"),
    "light": ("#0072B2", "#B97F00", "#007F5C", "#A85586", "#B84F00", "#8A7F00"),
}


def template(theme: str) -> go.layout.Template:
    """The template of a theme, 'dark' or 'light'."""
    ink = INK[theme]
    axis = {
        "gridcolor": ink["line"],
        "linecolor": ink["line"],
        "zerolinecolor": ink["line"],
        "tickfont": {"color": ink["quiet"]},
        "title": {"font": {"color": ink["quiet"]}},
        "automargin": True,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": ink["text"]},
            "colorway": SERIES[theme],
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "showlegend": False,
            "hovermode": "x unified",
            "separators": ".,",
            "xaxis": {**axis, "showgrid": False},
            "yaxis": {**axis, "rangemode": "tozero"},
        }
    )
