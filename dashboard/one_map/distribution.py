"""How the level's places are spread over the chosen figure's values, with the district and the place clicked.

Few places are dots, each with its name and a click to its drawer; many are a histogram.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np
from dash import html

from dashboard import charts
from dashboard import choice as choices
from dashboard.desk import Desk
from dashboard.formats import count, number, unit_word, with_unit
from dashboard.inks import INK, SERIES
from dashboard.languages import _
from dashboard.one_map.charted import Charted
from dashboard.one_map.rail import level_name
from dashboard.one_map.values import values
from dashboard.questions import Asked, resolve
from data.figures import CATALOGUE
from data.store import Store

BARS = 16
DOTS = 60  # most places shown one by one


@dataclass(frozen=True)
class Spread:
    """A place and its value."""

    place: str
    name: str
    value: float


def layout(desk: Desk | None) -> html.Section:
    """The chart's place."""
    return CHARTED.layout(desk, _("分布"), _("按左右键逐个查看，按回车打开地方"))


def drawn(store: Store, choice: choices.Choice, place: str = "") -> tuple[list[Any], dict[str, Any]]:
    """Title and chart."""
    asked = resolve(store, choice)
    found, district = values(store, asked), values(store, asked, level="district")
    whole = district.of(district.codes[0]) if district.codes else None
    coloured = zip(found.codes, found.names, found.coloured.tolist(), strict=True)
    spread = [Spread(code, name, value) for code, name, value in coloured if not isnan(value)]
    own = next((one for one in spread if one.place == place), None)
    left = len(found.codes) - len(spread)
    title = [
        html.Strong(_("分布")),
        html.Span(_("{n} 个{level}").format(n=count(len(spread)), level=level_name(asked.level))),
        *([html.Span(_("另有 {n} 个无数据或样本不足").format(n=count(left)), className="quiet")] if left else []),
    ]
    line = whole if CATALOGUE[asked.figure].type != "count" else None
    return title, {theme: chart(theme, asked, spread, line, own) for theme in ("light", "dark")}


def chart(theme: str, asked: Asked, spread: list[Spread], whole: float | None, own: Spread | None) -> dict[str, Any]:
    """Dots or bars, a line at the district's value, a mark at the place's."""
    if not spread:
        return charts.nothing(theme, _("没有可以比较的地方"))
    unit, ink = CATALOGUE[asked.figure].unit, INK[theme]
    factor = 100 if unit == "share" else 1
    edges = _edges(np.array([one.value for one in spread]), unit)
    shapes, notes = [], []
    for text, value, colour, up in (
        (_("全区"), whole, ink["quiet"], 8),
        (own.name if own else "", own.value if own else None, ink["text"], 24),
    ):
        if value is None:
            continue
        at, left = value * factor, value < (edges[0] + edges[-1]) / 2
        line = {"color": colour, "width": 1}
        shapes.append({"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": line})
        notes.append(
            {"x": at, "y": 1, "yshift": up, "yref": "paper", "yanchor": "middle", "xanchor": "left" if left else "right",
             "text": f" {text} {number(value, unit)} ", "showarrow": False, "font": {"color": colour}}
        )  # fmt: skip
    few = len(spread) <= DOTS
    trace = _dots(theme, spread, unit, factor, own) if few else _bars(theme, spread, unit, factor, edges)
    return {
        "data": [trace],
        "layout": {
            "template": charts.plain(theme),
            "shapes": shapes,
            "annotations": notes,
            "xaxis": {"nticks": 6, "ticksuffix": "%" if unit == "share" else "", "tickformat": ",~r",
                      "range": [float(edges[0]) * factor, float(edges[-1]) * factor]},
            "yaxis": {"visible": False, "range": [-1, 1]} if few else {"nticks": 3, "tickformat": ",d"},
            "hovermode": "closest",
            "margin": {"l": 8 if few else 4, "r": 12, "t": 36, "b": 4},
        },
    }  # fmt: skip


def _dots(theme: str, spread: list[Spread], unit: str, factor: int, own: Spread | None) -> dict[str, Any]:
    """A dot a place; those of nearly the same value stand above one another."""
    ordered = sorted(spread, key=lambda one: one.value)
    said = [[f"{one.name}  {with_unit(one.value, unit)}", one.place, None, None] for one in ordered]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [one.value * factor for one in ordered],
        "y": [(-0.5, 0.0, 0.5)[i % 3] if len(ordered) > 12 else 0.0 for i in range(len(ordered))],
        "marker": {
            "color": SERIES[theme][0],
            "size": [13 if one == own else 9 for one in ordered],
            "opacity": 0.8,
        },
        "customdata": said,
        "hovertemplate": "%{customdata[0]}<extra></extra>",
        "cliponaxis": False,
    }


def _bars(theme: str, spread: list[Spread], unit: str, factor: int, edges: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Bars of places a span of values."""
    n, _edges_again = np.histogram([one.value for one in spread], bins=edges)
    said = [
        f"{number(a, unit)} – {number(b, unit)} {unit_word(unit)}  {_('{n} 个').format(n=count(k))}"
        for a, b, k in zip(edges[:-1], edges[1:], n, strict=True)
    ]
    return {
        "type": "bar",
        "x": ((edges[:-1] + edges[1:]) / 2 * factor).tolist(),
        "y": n.tolist(),
        "width": (np.diff(edges) * factor * 0.92).tolist(),
        "marker": {"color": SERIES[theme][0], "opacity": 0.75},
        "customdata": said,
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _edges(values: np.ndarray[Any, Any], unit: str) -> np.ndarray[Any, Any]:
    """Round borders; counts have whole ones. One value alone stands in a bar of its own."""
    low, high = float(values.min()), float(values.max())
    if unit == "share":
        return np.linspace(np.floor(low * 20) / 20, max(np.ceil(high * 20), np.floor(low * 20) + 1) / 20, BARS + 1)
    if unit == "cases":
        step = max(1, int(np.ceil((high - low + 1) / BARS)))
        return np.arange(np.floor(low), high + step + 1, step)
    return np.linspace(low, high if high > low else low + 1, BARS + 1)


CHARTED = Charted("distribution", drawn)
register = CHARTED.register
