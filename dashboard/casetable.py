"""The cases behind a number, as rows a person reads: columns, words, order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from dashboard.formats import moment
from dashboard.languages import _, marked

COLUMNS: dict[str, tuple[str, int]] = {
    "external_id": (marked("编号"), 150),
    "category": (marked("类别"), 170),
    "stage": (marked("环节"), 90),
    "result": (marked("时限"), 100),
    "reported_at": (marked("上报"), 140),
    "due_at": (marked("到期"), 140),
    "closed_at": (marked("结案"), 140),
    "unit": (marked("主办单位"), 170),
    "channel": (marked("来源"), 120),
    "located": (marked("定位"), 90),
}
TIMES = ("reported_at", "registered_at", "due_at", "handled_at", "closed_at")
STAGES = {
    "reported": marked("上报"), "registered": marked("立案"), "dispatched": marked("派遣"), "accepted": marked("签收"),
    "handled": marked("处置"), "verified": marked("核查"), "closed": marked("结案"), "voided": marked("作废"),
    "returned": marked("退单"), "open": marked("在办"), "suspended": marked("缓办"),
}
STATES = {
    "on_time": marked("按期"), "late": marked("超期"), "closed": marked("已结案"), "open": marked("在办"), "overdue": marked("超期未结"),
}


def case_columns() -> list[dict[str, Any]]:
    """AG Grid's column definitions."""
    return [{"field": field, "headerName": _(text), "width": width, "tooltipField": field} for field, (text, width) in COLUMNS.items()]


def case_rows(table: pa.Table, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Rows with times in the deployment's zone and states in words."""
    rows = []
    for row in table.to_pylist():
        shown = {field: row.get(field) for field in COLUMNS}
        shown.update({name: moment(row[name], zone) for name in TIMES if name in row})
        shown["stage"] = _(STAGES.get(str(row.get("stage")), str(row.get("stage") or "")))
        rows.append(shown)
    return rows


def grid_order(request: Mapping[str, Any]) -> dict[str, Any]:
    """AG Grid's sort model as cases_of takes it."""
    model = request.get("sortModel") or []
    return {"sort": [(str(one["colId"]), str(one["sort"])) for one in model]} if model else {}
