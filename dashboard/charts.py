"""One Plotly template for every chart, in both themes: no frame, a light grid, the house's type and colours."""

from __future__ import annotations

from functools import cache
from typing import Any

import plotly.graph_objects as go
from dash import dcc, html

from dashboard.inks import INK, SERIES
from dashboard.languages import _
from dashboard.late import late
from dashboard.theme import FONT


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


# What every chart's toolbar is here: none. Zooming a chart of thirty days helps nobody.
CONFIG = {"displayModeBar": False, "displaylogo": False, "doubleClick": False, "scrollZoom": False, "showTips": False}


def frame(chart: str, help_text: str, *, at_once: bool = False) -> html.Div:
    """A chart's place: it takes the focus, and assets/charts.js listens for the arrows and Enter. at_once: as of dashboard/late.py."""
    first = nothing("dark", _("正在载入…"))
    graph = dcc.Graph(id=chart, figure=first, config=CONFIG, responsive=True, style={"height": "100%"})
    return html.Div(
        late(graph, at_once=at_once), className="chart", tabIndex=0, role="group", **{"aria-label": help_text}
    )


@cache
def plain(theme: str) -> dict[str, Any]:
    """The template as JSON holds it, with what a small panel's charts have in common."""
    made: dict[str, Any] = template(theme).to_plotly_json()
    ink = INK[theme]
    made["layout"] |= {
        "font": {**made["layout"]["font"], "size": 12},
        "dragmode": False,
        "hoverlabel": {
            "bgcolor": ink["raised"],
            "bordercolor": ink["line"],
            "font": {"color": ink["text"], "size": 12},
        },
    }
    return made


def nothing(theme: str, text: str) -> dict[str, Any]:
    """A chart without data says so."""
    note = {
        "text": text, "showarrow": False, "x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper",
        "font": {"color": INK[theme]["quiet"]},
    }  # fmt: skip
    off = {"visible": False, "range": [0, 1]}
    return {"data": [], "layout": {"template": plain(theme), "annotations": [note], "xaxis": off, "yaxis": off}}
