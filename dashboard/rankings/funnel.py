"""The funnel plot beside the table: every unit by its n and value, and how far chance alone reaches."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboard import charts
from dashboard.formats import count, unit_word, with_unit
from dashboard.inks import INK, SERIES
from dashboard.languages import _
from dashboard.rankings.choice import Asked
from dashboard.rankings.league import League
from data.figures import CATALOGUE
from data.funnels import Funnel, funnel
from data.intervals import Column

MOST = 3_000  # points drawn; beyond, all outside the limits and an even share of the others
DATA, CHART = "rank-funnel-data", "rank-funnel"


def both(asked: Asked, found: League) -> dict[str, Any]:
    """The chart in each theme."""
    drawn = funnel(found.table, found.number)
    return {theme: chart(theme, asked, found, drawn) for theme in ("light", "dark")}


def chart(theme: str, asked: Asked, found: League, drawn: Funnel | None) -> dict[str, Any]:
    """Limits as bands, the peers' value as a line, units as dots: beyond 99.8 % filled in the colour of state, else quiet."""
    if drawn is None:
        text = _("数量没有漏斗图") if CATALOGUE[asked.choice.figure].type == "count" else _("没有可以比较的地方")
        return charts.nothing(theme, text)
    unit, ink = CATALOGUE[asked.choice.figure].unit, INK[theme]
    factor = 100.0 if unit == "share" else 1.0
    rates = CATALOGUE[asked.choice.figure].type == "rate"
    traces = [_band(drawn, i, factor, SERIES[theme][0]) for i in (1, 0)]
    return {
        "data": [*traces, *_points(theme, found, drawn, unit, factor)],
        "layout": {
            "template": charts.plain(theme),
            "shapes": [
                {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": drawn.middle * factor, "y1": drawn.middle * factor,
                 "line": {"color": ink["quiet"], "width": 1}}
            ],
            "annotations": _notes(theme, drawn, factor, unit),
            "xaxis": {"type": "log", "title": {"text": _("户数（对数）") if rates else _("n（对数）")}, "tickformat": ",~s", "dtick": "D2"},
            "yaxis": {"ticksuffix": "%" if unit == "share" else "", "range": _span(found, drawn, factor), "nticks": 7,
                      "title": {"text": "" if unit == "share" else unit_word(unit)}},
            "hovermode": "closest",
            "margin": {"l": 8, "r": 12, "t": 12, "b": 8},
        },
    }  # fmt: skip


def _span(found: League, drawn: Funnel, factor: float) -> list[float]:
    """From the least to the most of all units: the limits of one or two cases would press everything together."""
    values = found.table.samples.value[found.own]
    values = np.append(values[~np.isnan(values)], drawn.middle) * factor
    margin = 0.06 * float(np.ptp(values)) or 1.0
    return [float(values.min()) - margin, float(values.max()) + margin]


def outside(found: League, drawn: Funnel, own: Any) -> Any:
    """0 within the 95 % limits, 1 beyond them, 2 beyond 99.8 %; the sign says whether it is good."""
    n, value = found.table.samples.n[own], found.table.samples.value[own]
    beyond = np.zeros(len(own), dtype=np.int64)
    for low, high in drawn.limits:
        beyond += (value < np.interp(n, drawn.n, low)) | (value > np.interp(n, drawn.n, high))
    good = (value > drawn.middle) != found.table.low_is_first
    return np.where(good, beyond, -beyond)


def _points(theme: str, found: League, drawn: Funnel, unit: str, factor: float) -> list[dict[str, Any]]:
    table = found.table
    own = found.own[~np.isnan(table.samples.value[found.own]) & (table.samples.n[found.own] > 0)]
    beyond = outside(found, drawn, own)
    if len(own) > MOST:
        keep = np.abs(beyond) == 2
        keep[:: max(len(own) // MOST, 1)] = True
        own, beyond = own[keep], beyond[keep]
    ink, (_one, _soon, good, *_rest) = INK[theme], SERIES[theme]
    colours = {"bad": SERIES[theme][4], "good": good, "": ink["quiet"]}
    state = (
        np.where(np.abs(beyond) < 2, "", np.where(beyond > 0, "good", "bad")) if table.judged else np.full(len(own), "")
    )
    traces = []
    for name, symbol in (("", "circle"), ("good", "triangle-up"), ("bad", "diamond")):
        some = own[state == name]
        traces.append(_trace(found, some, unit, factor, colours[name], symbol))
    return traces


def _trace(found: League, own: Column, unit: str, factor: float, colour: str, symbol: str) -> dict[str, Any]:
    table = found.table
    n, value = table.samples.n[own], table.samples.value[own]
    said = [
        [f"{table.units.names[i]}  {with_unit(v, unit)}  n {count(m)}", table.units.codes[i], table.units.names[i]]
        for i, v, m in zip(own.tolist(), value.tolist(), n.tolist(), strict=True)
    ]
    return {
        "type": "scatter", "mode": "markers", "x": n.tolist(), "y": (value * factor).tolist(), "customdata": said,
        "marker": {"color": colour, "size": 8 if symbol != "circle" else 6, "opacity": 0.85, "symbol": symbol},
        "hovertemplate": "%{customdata[0]}<extra></extra>",
    }  # fmt: skip


def _band(drawn: Funnel, i: int, factor: float, colour: str) -> dict[str, Any]:
    low, high = drawn.limits[i]
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return {
        "type": "scatter", "mode": "lines", "hoverinfo": "skip", "line": {"width": 0}, "fill": "toself",
        "x": [*drawn.n.tolist(), *drawn.n[::-1].tolist()], "y": [*(low * factor).tolist(), *(high[::-1] * factor).tolist()],
        "fillcolor": f"rgba({red},{green},{blue},{0.14 if i else 0.16})",
    }  # fmt: skip


def _notes(theme: str, drawn: Funnel, factor: float, unit: str) -> list[dict[str, Any]]:
    """The peers' value, at the right end of its line."""
    return [
        {"xref": "paper", "x": 1, "xanchor": "right", "y": drawn.middle * factor, "yshift": 9, "showarrow": False,
         "text": _("合计 {value}").format(value=with_unit(drawn.middle, unit)), "font": {"color": INK[theme]["text"]}}
    ]  # fmt: skip
