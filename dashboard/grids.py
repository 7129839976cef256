"""What every AG Grid here has in common: its words in the reader's language, its formats, its manners."""

from __future__ import annotations

from typing import Any

from dashboard.languages import _, language, marked

# AG Grid's keys for the texts our grids can show (its own English is the default).
TEXTS = {
    "loadingOoo": marked("正在载入…"),
    "noRowsToShow": marked("没有数据"),
    "noMatchingRows": marked("没有匹配项"),
    "searchOoo": marked("搜索…"),
    "filterOoo": marked("筛选…"),
    "equals": marked("等于"),
    "notEqual": marked("不等于"),
    "blank": marked("为空"),
    "notBlank": marked("不为空"),
    "empty": marked("请选择"),
    "lessThan": marked("小于"),
    "greaterThan": marked("大于"),
    "lessThanOrEqual": marked("小于等于"),
    "greaterThanOrEqual": marked("大于等于"),
    "inRange": marked("介于"),
    "inRangeStart": marked("从"),
    "inRangeEnd": marked("到"),
    "contains": marked("包含"),
    "notContains": marked("不包含"),
    "startsWith": marked("开头是"),
    "endsWith": marked("结尾是"),
    "before": marked("早于"),
    "after": marked("晚于"),
    "andCondition": marked("且"),
    "orCondition": marked("或"),
    "applyFilter": marked("应用"),
    "resetFilter": marked("重置"),
    "clearFilter": marked("清除"),
    "cancelFilter": marked("取消"),
    "page": marked("页"),
    "of": marked("共"),
    "to": marked("至"),
    "more": marked("更多"),
    "next": marked("下一页"),
    "previous": marked("上一页"),
    "first": marked("首页"),
    "last": marked("末页"),
    "nextPage": marked("下一页"),
    "lastPage": marked("末页"),
    "firstPage": marked("首页"),
    "previousPage": marked("上一页"),
    "pageSizeSelectorLabel": marked("每页"),
    "ariaFilterInput": marked("筛选输入"),
    "ariaFilterValue": marked("筛选值"),
    "ariaFilteringOperator": marked("筛选方式"),
    "ariaSearch": marked("搜索"),
    "ariaColumn": marked("列"),
    "ariaSortableColumn": marked("按回车排序"),
    "ariaLabelColumnFilter": marked("列筛选"),
    "ariaPageSizeSelectorLabel": marked("每页行数"),
    "ariaFilterMenuOpen": marked("打开筛选"),
    "ariaRowToggleSelection": marked("按空格选择或取消"),
    "ariaRowSelectAll": marked("按空格全选或取消"),
    "ariaHeaderSelection": marked("全选列"),
    "ariaRowDeselect": marked("按空格取消选择"),
    "ariaChecked": marked("已选"),
    "ariaUnchecked": marked("未选"),
    "ariaIndeterminate": marked("部分选中"),
    "ariaMenuColumn": marked("按 Alt 加下键打开列菜单"),
    "ariaFilterColumn": marked("按 Ctrl 加回车打开筛选"),
    "ariaRowSelect": marked("按空格选择"),
    "columnFilter": marked("列筛选"),
    "pinColumn": marked("固定列"),
    "autosizeThisColumn": marked("自动列宽"),
    "sortAscending": marked("升序"),
    "sortDescending": marked("降序"),
    "sortUnSort": marked("取消排序"),
}


def options(**more: Any) -> dict[str, Any]:
    """dashGridOptions: texts, row heights that follow the type, no surprises while reading."""
    texts = {key: _(text) for key, text in TEXTS.items()} if language() != "en" else {}
    return {
        "localeText": texts,
        "suppressCellFocus": False,
        "animateRows": False,
        "suppressDragLeaveHidesColumns": True,
        "suppressMovableColumns": True,
        "enableCellTextSelection": True,
        "tooltipShowDelay": 300,
        **more,
    }


def number_format(unit: str) -> dict[str, str]:
    """A value formatter for a figure's column; the function stands in assets/grid.js."""
    return {"function": f"figure(params.value, '{unit}', '{_('无数据')}')"}
