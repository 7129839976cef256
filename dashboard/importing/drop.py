"""Where a file is dropped, and what a person may say about it first."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard.desk import Desk
from dashboard.icons import icon
from dashboard.importing.ids import CHOICE, FILE, KIND, LEVEL, RETRY
from dashboard.languages import _, marked
from dashboard.one_map.rail import level_name
from data.imports import list_imports
from etl.mapping import LEVELS, shipped

GUESS = "guess"
KINDS = {"auto": marked("自动判断"), "tickets": marked("工单"), "places": marked("边界与名录")}


def layout(desk: Desk | None) -> html.Section:
    """The drop zone (assets/imports.js sends what is dropped) and the choices."""
    return html.Section(
        [
            dcc.Store(id=FILE),
            html.Label(
                [
                    icon("database-import"),
                    html.Span(_("把文件拖到这里，或点击选择"), className="drop-title"),
                    html.Span(_("CSV、Excel、JSON、GeoJSON、GeoPackage、Shapefile（zip）"), className="quiet"),
                    html.Span(id="import-upload", className="drop-state", **{"aria-live": "polite"}),
                    dcc.Input(id="import-input", type="hidden", value=""),
                ],
                id="import-drop",
                className="drop",
                tabIndex="0",
                role="button",
                **{
                    "data-sending": _("正在上传"),
                    "data-failed": _("上传失败"),
                    "data-here": _("已上传"),
                    "data-large": _("文件超过服务器接收的大小"),
                },
            ),
            html.Div(
                [
                    _select(KIND, _("内容"), [(key, _(text)) for key, text in KINDS.items()], "auto"),
                    _select(
                        LEVEL,
                        _("边界层级"),
                        [("auto", _("自动判断")), *((one, level_name(one)) for one in LEVELS)],
                        "auto",
                    ),
                    _select(CHOICE, _("映射"), _mappings(desk), GUESS),
                    _select(RETRY, _("更正隔离行"), _retries(desk), "none"),
                ],
                className="import-choices",
            ),
        ],
        className="import-drop",
    )


def _select(name: str, label: str, options: list[tuple[str, str]], value: str) -> dmc.Select:
    data = [{"value": key, "label": text} for key, text in options]
    return dmc.Select(id=name, label=label, data=data, value=value, allowDeselect=False, size="sm", searchable=len(data) > 8,
                      nothingFoundMessage=_("没有匹配项"))  # fmt: skip


def _mappings(desk: Desk | None) -> list[tuple[str, str]]:
    earlier: dict[str, str] = {}
    for one in _imports(desk):
        if one["status"] == "done":
            earlier.setdefault(one["file"], f"import:{one['import_id']}")
    return [
        (GUESS, _("由程序推断")),
        *((key, _("上次导入：{file}").format(file=file)) for file, key in list(earlier.items())[:20]),
        *((f"shipped:{name}", _("自带：{name}").format(name=name)) for name in shipped()),
    ]


def _retries(desk: Desk | None) -> list[tuple[str, str]]:
    rows = [one for one in _imports(desk) if one["kind"] == "tickets" and one["open_rows"]]
    words = _("第 {id} 次导入 · {file} · {n} 行")
    return [
        ("none", _("否，这是新文件")),
        *(
            (str(one["import_id"]), words.format(id=one["import_id"], file=one["file"], n=one["open_rows"]))
            for one in rows
        ),
    ]


def _imports(desk: Desk | None) -> list[dict[str, Any]]:
    return list_imports(desk.store) if desk is not None else []
