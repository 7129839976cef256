"""The cases behind a number, as rows a person reads: columns, words, order."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from dashboard.formats import moment
from dashboard.languages import _, marked

TEXT, DATE = "agTextColumnFilter", "agDateColumnFilter"
# Field → its name and the filter it has; words of ours (stage, deadline) are translated, so they cannot be searched as text.
COLUMNS: dict[str, tuple[str, str | bool]] = {
    "external_id": (marked("编号"), TEXT),
    "category": (marked("类别"), TEXT),
    "stage": (marked("环节"), False),
    "judged": (marked("时限"), False),
    "reported_at": (marked("上报"), DATE),
    "due_at": (marked("到期"), DATE),
    "closed_at": (marked("结案"), DATE),
    "unit": (marked("主办单位"), TEXT),
    "channel": (marked("来源"), TEXT),
    "community": (marked("社区"), TEXT),
    "grid": (marked("网格"), TEXT),
    "located": (marked("定位"), False),
    "flags": (marked("存疑"), False),
}
TIMES = ("reported_at", "registered_at", "due_at", "handled_at", "closed_at")
STAGES = {
    "reported": marked("上报"),
    "registered": marked("立案"),
    "dispatched": marked("派遣"),
    "accepted": marked("签收"),
    "handled": marked("处置"),
    "verified": marked("核查"),
    "closed": marked("结案"),
    "voided": marked("作废"),
    "returned": marked("退单"),
    "open": marked("在办"),
    "suspended": marked("缓办"),
}
JUDGED = {
    "on_time": marked("按期"),
    "late": marked("超期"),
    "suspended": marked("缓办"),
    "not_yet_due": marked("未到期"),
    "without_flag": marked("无按期标记"),
    "without_deadline": marked("无时限"),
}
LOCATED = {
    "point": marked("坐标点"),
    "block": marked("单元"),
    "building": marked("楼栋"),
    "estate": marked("小区"),
    "micro_grid": marked("微网格"),
    "grid": marked("网格"),
    "community": marked("社区"),
    "street": marked("街道"),
    "none": marked("未定位"),
}
FLAGS = {
    "closed_before_opened": marked("结案早于上报"),
    "due_before_opened": marked("时限早于上报"),
    "far_due": marked("时限过远"),
    "placeholder_date": marked("占位日期"),
    "default_point": marked("默认坐标"),
    "zero_point": marked("零坐标"),
    "outside": marked("区外坐标"),
    "swapped": marked("经纬颠倒"),
    "unknown_place": marked("地名不明"),
    "closed_without_time": marked("结案时间不明"),
    "open_with_close_time": marked("未结案却有结案时间"),
    "future_report": marked("上报晚于导入"),
    "bad_point": marked("坐标无效"),
    "masked_text": marked("已脱敏"),
    "redrawn_place": marked("社区已调整"),
}
STATES = {
    "on_time": marked("按期"),
    "late": marked("超期"),
    "closed": marked("已结案"),
    "open": marked("在办"),
    "overdue": marked("超期未结"),
}


def case_columns() -> list[dict[str, Any]]:
    """AG Grid's column definitions."""
    return [
        {
            "field": field,
            "headerName": _(text),
            "filter": kind,
            "tooltipField": field,
            "minWidth": 64,
            "maxWidth": 640,
            "cellClass": "opens" if field == "external_id" else "",
        }
        for field, (text, kind) in COLUMNS.items()
    ]


def case_rows(table: pa.Table, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Rows with times in the deployment's zone and states in words."""
    return [_row(row, zone) for row in table.select(["case_id", *COLUMNS]).to_pylist()]


def _row(row: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    shown = {**row, **{name: moment(row[name], zone) for name in TIMES if name in row}}
    for name, words in (("stage", STAGES), ("judged", JUDGED), ("located", LOCATED)):
        shown[name] = _(words.get(row[name] or "", row[name] or ""))
    shown["flags"] = _("、").join(_(FLAGS.get(flag, flag)) for flag in (row["flags"] or "").split())
    return shown
