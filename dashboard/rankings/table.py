"""The table: rank and how sure it is, movement, value and what it is among peers, n, and the bottom tenth."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import numpy as np
from dash import html

from dashboard import grids
from dashboard.formats import name_of, unit_word
from dashboard.languages import _
from dashboard.one_map.rail import level_name
from dashboard.rankings.choice import Asked
from dashboard.rankings.league import League
from dashboard.rankings.measures import may_measure
from data.figures import CATALOGUE

TABLE = "rank-table"
EDGE = 0.02


def layout() -> html.Div:
    """The grid; rows and columns come with the choice."""
    grid = dag.AgGrid(
        id=TABLE,
        className="grid",
        columnDefs=[],
        rowData=[],
        getRowId="params.data.code",
        getRowStyle={"styleConditions": [{"condition": "params.data.rank === null", "style": {"color": "var(--quiet)"}}]},
        eventListeners={"cellClicked": ["openUnit(params)"], "cellKeyDown": ["openUnit(params)"]},
        defaultColDef={
            "sortable": True, "resizable": True, "suppressHeaderMenuButton": True, "wrapHeaderText": True,
            "autoHeaderHeight": True, "minWidth": 44,
        },
        dashGridOptions=grids.options(tooltipShowDelay=200),
        style={"height": "100%", "width": "100%"},
    )  # fmt: skip
    return html.Div(grid, className="rank-table")


def columns(asked: Asked, found: League) -> list[dict[str, Any]]:
    """Column definitions; the functions they name stand in assets/rankings/table.js."""
    said = _words()
    return [*_ranks(asked, said), *_values(asked, found, said), *_beside(found, said), _measures(asked)]


def _words() -> dict[str, str]:
    """What the functions write."""
    return {
        "few": _("样本不足"), "none": _("无数据"), "same": _("持平"), "new": _("上期未排"), "up": _("上升 {n} 位"),
        "down": _("下降 {n} 位"), "noise": _("在名次区间之内，可能只是波动"), "above": _("距末位十分之一 {n} 件"),
        "inside": _("在末位十分之一，差 {n} 件出列"), "tenth": _("末位"), "months": _("{n} 个月"), "never": _("两年仍不足"),
    }  # fmt: skip


def _ranks(asked: Asked, words: dict[str, str]) -> list[dict[str, Any]]:
    """Where each unit stands, and how sure that is."""
    return [
        _column("rank", _("名次"), 9, "rankSaid", words, tooltip=_("相同的值同名次；样本少于下限的只列出、不排名")),
        {"field": "name", "headerName": level_name(asked.choice.subject), "minWidth": 96, "flex": 13, "tooltipField": "name",
         "cellClass": "opens"},
        _column("rank_low", _("名次区间"), 7, "rankInterval", words, tooltip=_("真实名次有 95% 的把握在此区间内")),
        _column("moved", _("较上期"), 6, "movedSaid", words, tooltip=_("与前一个同样长的时段相比；灰色：变动在名次区间之内")),
    ]  # fmt: skip


def _values(asked: Asked, found: League, words: dict[str, str]) -> list[dict[str, Any]]:
    """The value, what it is among peers, its interval, and what it rests on."""
    definition = CATALOGUE[asked.choice.figure]
    kind, unit = definition.unit, unit_word(definition.unit)
    shrunk = found.group.learning.prior is not None
    made = [_column("value", f"{name_of(definition.zh, definition.en)} {unit}", 8, "", words, unit=kind)]
    if shrunk:
        tip = _("把单位看作同类之一后的估计：案件越少，越向同类靠拢。按此值排名")
        made.append(_column("score", f"{_('收缩值')} {unit}", 7, "", words, unit=kind, tooltip=tip))
    drawn = {"ends": ends(found), "middle": found.group.pooled, "unit": kind, "score": shrunk}
    made.append({"field": "low", "headerName": _("95% 区间"), "flex": 16, "minWidth": 72, "sortable": False,
                 "cellRenderer": "IntervalBar", "cellRendererParams": drawn})  # fmt: skip
    name, tip = _("户数") if definition.type == "rate" else "n", _("指标所依据的数量；点击看案件")
    return [*made, _column("n", name, 6, "", words, unit="cases", tooltip=tip, opens=True)]


def _beside(found: League, words: dict[str, str]) -> list[dict[str, Any]]:
    """The bottom tenth, what was excluded, and how long a period would be enough: each where there is something to say."""
    table, made = found.table, []
    if table.judged and not np.isnan(table.cases_to_tenth[found.own]).all():
        tip = _("再有几件变差就落入末位十分之一；已在其中的，再有几件变好就能出列")
        made.append(_column("gap", _("距末位"), 7, "gapSaid", words, tooltip=tip))
    if table.samples.excluded[found.own].any():
        tip = _("经决定不计入的案件；点击看案件")
        made.append(_column("excluded", _("剔除"), 5, "", words, unit="cases", tooltip=tip, opens=True))
    if table.samples.excluded_calls[found.own].any():
        tip = _("经决定不计入的案件；点击看案件")
        made.append(_column("excluded_calls", _("回访剔除"), 6, "", words, unit="cases", tooltip=tip, opens=True))
    if np.isnan(table.rank[found.own]).any():
        tip = _("向前看多长时间，样本才够排名；点击改用这一时段")
        column = _column("shortest", _("够数时段"), 8, "shortestSaid", words, tooltip=tip, opens=True)
        made.append(column | {"valueGetter": {"function": "shortestOf(params)"}})
    return made


def _measures(asked: Asked) -> dict[str, Any]:
    """What was ordered of each unit, and the button for those who may order something."""
    said = {"subject": asked.choice.subject, "may": may_measure(), "words": {"measure": _("开督办或约谈")}}
    return {
        "field": "measures", "headerName": _("督办约谈"), "flex": 16, "minWidth": 216, "sortable": False, "cellDataType": False,
        "headerTooltip": _("对它开出的督办和约谈，点击看案件"), "cellRenderer": "Measures", "cellRendererParams": said,
    }  # fmt: skip


def ends(found: League) -> list[float]:
    """From where to where the intervals are drawn: those of nearly all ranked, else of all; what goes beyond is cut."""
    table = found.table
    own = found.own[~np.isnan(table.rank[found.own])]
    own = own if len(own) else found.own
    known = ~np.isnan(table.low[own])
    if not known.any():
        return [0.0, 1.0]
    low = float(np.quantile(table.low[own][known], EDGE))  # a few that lie far out would press the others together
    high = float(np.quantile(table.high[own][known], 1 - EDGE))
    return [low, high if high > low else low + 1.0]


def _column(
    field: str, name: str, weight: int, said: str, words: dict[str, str], *, unit: str = "", tooltip: str = "", opens: bool = False
) -> dict[str, Any]:  # fmt: skip
    """A column of numbers. said: the function that writes it; it gets the words with it."""
    column: dict[str, Any] = {
        "field": field, "headerName": name, "type": "rightAligned", "flex": weight, "headerTooltip": tooltip or name,
        "comparator": {"function": "nullsLast"}, "cellClass": "ag-right-aligned-cell" + (" opens" if opens else ""),
    }  # fmt: skip
    if unit:
        return column | {"valueFormatter": grids.number_format(unit)}
    column |= {"valueFormatter": {"function": f"{said}(params)"}, "cellRendererParams": {"words": words}}
    column |= {
        "cellClass": {"function": f"{said}Class(params)"},
        "tooltipValueGetter": {"function": f"{said}Tip(params)"},
    }
    return column
