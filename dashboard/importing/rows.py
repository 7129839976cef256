"""The first rows as they will be, and after an import what became of every row."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
from dash import Dash, Input, Output, html, no_update

from dashboard import grids, messages
from dashboard.casetable import FLAGS, STAGES
from dashboard.desk import Desk
from dashboard.formats import count
from dashboard.importing.ids import ENDED
from dashboard.importing.proposal import FIELDS
from dashboard.jobs import DONE
from dashboard.languages import _, marked
from dashboard.one_map.rail import TRACK_NAMES, level_name
from dashboard.said import in_words

COLUMNS = {
    **FIELDS, "row_number": marked("行"), "external_id": marked("编号"), "stage": marked("阶段"), "closed": marked("已结案"),
    "handle_due_at": marked("处置时限"), "updated_at": marked("更新时间"), "suspended": marked("缓办"), "voided": marked("作废"),
    "track": marked("跑道"), "category_name": marked("类别"), "unit_name": marked("主办单位"), "lon": marked("经度"),
    "lat": marked("纬度"), "named_place": marked("所述地点"), "flags": marked("存疑"), "place_id": marked("定位到"),
    "parent_code": marked("上级编码"), "level": marked("层级"), "effective_from": marked("生效日期"), "reworked": marked("返工"),
}  # fmt: skip
VALUES: dict[str, dict[str, str]] = {  # words of ours that stand in rows; the source's own stay as they are
    "stage": STAGES,
    "track": TRACK_NAMES,
    "satisfaction": {"satisfied": marked("满意"), "basic": marked("基本满意"), "unsatisfied": marked("不满意")},
    "kind": {
        "event": marked("事件"), "task": marked("任务"), "whistle": marked("吹哨"), "request": marked("三单"),
        "listing": marked("挂牌"), "supervision": marked("督办"), "interview": marked("约谈"), "commodity": marked("商品房"),
        "resettlement": marked("还建"), "work_unit": marked("家属院"), "mixed": marked("混合"), "dedicated": marked("专属"),
        "residential": marked("居住"), "industrial": marked("工业"), "international": marked("国际"),
        "transitional": marked("过渡"),
    },
}  # fmt: skip
REPAIRED = 20  # rows that are named; the rest is in the report
IDENTITY = {
    "new": marked("新增"), "updated": marked("更新"), "unchanged": marked("未变"), "exact_duplicates": marked("完全重复"),
    "quarantined": marked("隔离"), "rows_read": marked("读取"),
}  # fmt: skip


def previewed(found: dict[str, Any]) -> list[Any]:
    """The rows that would be taken, then those that would not, with the reason."""
    head = _("前 {n} 行将会是这样").format(n=len(found["rows"]))
    parts: list[Any] = [html.H2(head), grid(found["rows"], found["columns"])]
    if found["quarantined"]:
        names = ["row_number", "column_name", "value", "rule"]
        parts += [
            html.H3(_("其中 {n} 行将被隔离").format(n=len(found["quarantined"]))),
            _reasons(found["quarantined"], names),
        ]
    return parts


def grid(rows: list[dict[str, Any]], names: list[str]) -> dag.AgGrid:
    """A plain grid of text."""
    return dag.AgGrid(
        className="grid import-grid",
        columnDefs=[{"field": name, "headerName": _(COLUMNS.get(name, name)), "minWidth": 90} for name in names],
        rowData=[
            {
                **row,
                **{name: _(words.get(row[name], row[name])) for name, words in VALUES.items() if row.get(name)},
                "flags": _flags(row.get("flags", "")),
            }
            for row in rows
        ],
        defaultColDef={"sortable": True, "resizable": True},
        columnSize="autoSize",
        dashGridOptions=grids.options(),
    )


def _flags(text: str) -> str:
    return _("、").join(_(FLAGS.get(one, one)) for one in text.split(_("、"))) if text else ""


def _reasons(rows: list[dict[str, Any]], names: list[str]) -> html.Table:
    heads = {"row_number": _("行"), "column_name": _("列"), "value": _("值"), "rule": _("原因")}
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(heads[name]) for name in names])),
            html.Tbody([html.Tr([html.Td(_cell(row, name)) for name in names]) for row in rows[:20]]),
        ],
        className="import-table",
    )


def _cell(row: dict[str, Any], name: str) -> Any:
    return in_words(row[name] or "") if name == "rule" else row.get(name) or ""


def taken(report: dict[str, Any]) -> list[Any]:
    """new + updated + … = rows read, then what was left out, flagged and where the rows lie."""
    signs = ["", "+", "+", "+", "+", "="]
    sums: list[Any] = []
    for sign, (name, label) in zip(signs, IDENTITY.items(), strict=True):
        if name in report:
            words = [html.Strong(count(report[name] or 0)), html.Span(_(label), className="quiet")]
            sums += [*([html.Span(sign, className="sum-sign")] if sums else []), html.Div(words)]
    return [
        html.H2(_("{file} 已导入").format(file=report["file"])),
        html.Div(sums, className="sums"),
        *_pairs(_("存疑但已收下"), {_(FLAGS.get(key, key)): n for key, n in (report.get("flags") or {}).items()}),
        *_pairs(_("定位到"), {level_name(key): n for key, n in (report.get("located") or {}).items()}),
        *_pairs(_("地址读到"), _addresses(report.get("addresses") or {})),
        *_words(_("不导入的列"), report.get("dropped_columns") or []),
        *_words(_("请注意"), [in_words(text) for text in report.get("warnings") or []]),
        *_words(_("已修复"), [_repaired(one) for one in (report.get("repaired") or [])[:REPAIRED]]),
    ]


def _addresses(counts: dict[str, dict[str, int]]) -> dict[str, int]:
    """What became of address texts: the level they mean, and how many wait for a person."""
    placed = {level_name(level): n for level, n in (counts.get("placed") or {}).items()}
    return placed | {_("待核对"): sum((counts.get("open") or {}).values())}


def _repaired(one: dict[str, Any]) -> str:
    return _("第 {row} 行：{what}").format(row=one["row"], what=in_words(one["what"]))


def _pairs(title: str, numbers: dict[str, int]) -> list[Any]:
    shown = {name: n for name, n in numbers.items() if n}
    return _words(title, [f"{name} {count(n)}" for name, n in shown.items()])


def _words(title: str, words: list[str]) -> list[Any]:
    return [html.H3(title), html.P(_("、").join(words))] if words else []


def register(app: Dash, desk: Desk) -> None:
    """Work that ended → what it showed."""

    @app.callback(Output("import-outcome", "children"), Input(ENDED, "data"), prevent_initial_call=True)
    async def show(ended: dict[str, str] | None) -> Any:
        if not ended or ended["status"] != DONE:
            return no_update
        if ended["kind"] == "guess":
            return None
        result = desk.jobs.get(ended["id"]).result
        return previewed(result) if ended["kind"] == "preview" else taken(result)


def nothing() -> Any:
    """Before the first preview."""
    return messages.empty(_("还没有预览"), _("核对映射后点“预览前 100 行”，确认无误再导入。"))
