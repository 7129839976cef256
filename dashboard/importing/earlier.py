"""Earlier imports: what came in, when, and how much of it was not taken; and one import's quarantine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, html, no_update

from dashboard import grids, messages
from dashboard.desk import Desk, off_loop
from dashboard.formats import moment
from dashboard.icons import icon
from dashboard.importing.ids import EARLIER, ENDED
from dashboard.importing.rows import taken
from dashboard.languages import _, marked
from dashboard.said import in_words
from data.acting import acting
from data.audit import record
from data.imports import import_report, list_imports, mark_dropped, quarantined
from data.store import Store

KINDS = {"tickets": marked("工单"), "places": marked("边界"), "plan": marked("网格方案")}
STATUSES = {
    "done": marked("完成"), "running": marked("进行中"), "refused": marked("已拒绝"), "cancelled": marked("已取消"),
    "failed": marked("失败"),
}  # fmt: skip
ROW_STATUSES = {"open": marked("待处理"), "retried": marked("已更正"), "dropped": marked("已放弃")}
COUNTS = {
    "rows_read": marked("读取"), "new": marked("新增"), "updated": marked("更新"), "unchanged": marked("未变"),
    "exact_duplicates": marked("重复"), "quarantined": marked("隔离"),
}  # fmt: skip
QUARANTINE, DROP = "quarantine", "drop-quarantined"
FEW = 12  # imports that fit without a scroll bar of their own
PAGE = 100


def layout(desk: Desk | None) -> html.Section:
    """The list, and below it the import that was clicked."""
    rows = listed(desk.store) if desk is not None else []
    return html.Section(
        [
            dag.AgGrid(
                id=EARLIER, className="grid import-list" if len(rows) > FEW else "grid", columnDefs=columns(), rowData=rows,
                defaultColDef={"sortable": True, "resizable": True}, columnSize="autoSize",
                dashGridOptions=grids.options(
                    rowSelection={"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
                    domLayout="autoHeight" if len(rows) <= FEW else "normal",
                ),
                getRowId="params.data.import_id",
            ),
            html.Div(id="import-detail", className="import-detail"),
            html.Div(
                [
                    html.Div(
                        [
                            html.H3(_("隔离的行")),
                            html.A([icon("download"), _("导出待更正")], id="quarantine-export", className="button", href="#"),
                            dmc.Button(_("放弃所选行"), id=DROP, variant="default", size="xs", n_clicks=0),
                        ],
                        className="cases-bar",
                    ),
                    dag.AgGrid(
                        id=QUARANTINE, className="grid import-grid", rowModelType="infinite", columnDefs=quarantine_columns(),
                        defaultColDef={"sortable": True, "resizable": True}, columnSize="autoSize",
                        dashGridOptions=grids.options(
                            cacheBlockSize=PAGE, maxBlocksInCache=10, infiniteInitialRowCount=1,
                            rowSelection={"mode": "multiRow", "headerCheckbox": False},
                        ),
                        getRowId="params.data.quarantine_id",
                    ),
                ],
                id="quarantine-box",
                className="is-hidden",
            ),
        ],
        className="import-earlier",
    )  # fmt: skip


def columns() -> list[dict[str, Any]]:
    """The list's columns."""
    numbers = [
        {
            "field": name,
            "headerName": _(text),
            "type": "rightAligned",
            "minWidth": 70,
            "valueFormatter": grids.number_format("cases"),
        }
        for name, text in COUNTS.items()
    ]
    texts = {"import_id": _("序号"), "file": _("文件"), "kind": _("内容"), "time": _("完成时间"), "status": _("状态")}
    widths = {"file": 200, "time": 140}
    return [
        {"field": name, "headerName": text, "minWidth": widths.get(name, 70), "tooltipField": name}
        for name, text in texts.items()
    ] + numbers


def listed(store: Store) -> list[dict[str, Any]]:
    """The list's rows."""
    return [
        {
            **{name: one[name] for name in ("file", *COUNTS)},
            "import_id": str(one["import_id"]),
            "kind": _(KINDS.get(one["kind"], one["kind"])),
            "status": _(STATUSES.get(one["status"], one["status"])),
            "time": moment(one["finished_at"] or one["started_at"], store.zone),
        }
        for one in list_imports(store)
    ]


def quarantine_columns() -> list[dict[str, Any]]:
    """Row, column, value, reason, what became of it."""
    texts = {"row_number": _("行"), "column_name": _("列"), "value": _("值"), "rule": _("原因"), "status": _("处理")}
    widths = {"rule": 320, "value": 160}
    return [
        {"field": name, "headerName": text, "minWidth": widths.get(name, 80), "tooltipField": name}
        for name, text in texts.items()
    ]


def detail(store: Store, import_id: int) -> list[Any]:
    """What one import did, and the mapping it was done with."""
    one = import_report(store, import_id)
    if one["status"] != "done":
        why = (one["report"] or {}).get("error") or _("没有导入任何数据。")
        return [messages.empty(_(STATUSES.get(one["status"], one["status"])), in_words(str(why)))]
    text = html.Details([html.Summary(_("所用映射")), html.Pre(one["mapping"] or "", className="import-text")])
    return [
        *taken({**one["report"], **{name: one[name] for name in COUNTS if one[name] is not None}, "file": one["file"]}),
        text,
    ]


def page(store: Store, import_id: int, request: Mapping[str, Any]) -> dict[str, Any]:
    """One block of the quarantine's grid."""
    first, last = int(request.get("startRow") or 0), int(request.get("endRow") or PAGE)
    order = (request.get("sortModel") or [{"colId": "row_number", "sort": "asc"}])[0]
    found = quarantined(store, import_id, offset=first, limit=min(last - first, PAGE), sort=order["colId"],
                        descending=order["sort"] == "desc")  # fmt: skip
    keep = ("row_number", "column_name", "value", "rule")
    return {
        "rowCount": found.total,
        "rowData": [
            {
                **{name: row[name] for name in keep},
                "rule": in_words(row["rule"]),
                "quarantine_id": str(row["quarantine_id"]),
                "status": _(ROW_STATUSES[row["status"]]),
            }
            for row in found.rows
        ],
    }


def _chosen(rows: list[dict[str, Any]] | None) -> int | None:
    return int(rows[0]["import_id"]) if rows else None


def register(app: Dash, desk: Desk) -> None:
    """An import that ended → the list; a click in it → its detail and quarantine; drop → the rows' end."""

    @app.callback(Output(EARLIER, "rowData"), Input(ENDED, "data"), prevent_initial_call=True)
    async def refresh(ended: dict[str, str] | None) -> Any:
        if not ended or ended["kind"] != "import":
            return no_update
        return await off_loop(listed, desk.store)

    @app.callback(
        Output("import-detail", "children"),
        Output("quarantine-box", "className"),
        Output("quarantine-export", "href"),
        Input(EARLIER, "selectedRows"),
        prevent_initial_call=True,
    )
    async def show(rows: list[dict[str, Any]] | None) -> tuple[Any, str, str]:
        import_id = _chosen(rows)
        if import_id is None:
            return None, "is-hidden", "#"
        made = await off_loop(detail, desk.store, import_id)
        bad = rows and rows[0]["quarantined"]
        return made, "import-quarantine" if bad else "is-hidden", f"/imports/{import_id}/quarantine.csv"

    @app.callback(
        Output(QUARANTINE, "getRowsResponse"),
        Input(QUARANTINE, "getRowsRequest"),
        Input(EARLIER, "selectedRows"),
        Input(DROP, "n_clicks"),
        State(QUARANTINE, "selectedRows"),
        prevent_initial_call=True,
    )
    async def block(
        request: dict[str, Any] | None, rows: list[dict[str, Any]] | None, _clicks: int, picked: Any
    ) -> Any:
        import_id = _chosen(rows)
        if import_id is None:
            return no_update
        if ctx.triggered_id == DROP and picked:  # a later scroll or selection finds the rows picked as well
            dropped = await off_loop(mark_dropped, desk.store, [int(row["quarantine_id"]) for row in picked])
            record(desk.store, "import", acting(), what="quarantine", dropped=dropped)
        return await off_loop(page, desk.store, import_id, request or {})
