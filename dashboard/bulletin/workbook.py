"""The bulletin's tables as a workbook: every number behind its sentences, charts and maps, unrounded."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.bulletin.content import Bulletin, Change, Chart, Column, Headline, Section, Span, Table, Value
from dashboard.formats import unit_word
from dashboard.languages import _
from data.figures import CATALOGUE
from etl.sheets import Sheet, as_xlsx

FORMS = {"share": "share", "cases": "cases", "text": "", "rank": "", "days": "number"}


def workbook(bulletin: Bulletin) -> bytes:
    """A sheet a table."""
    sheets = [sheet for section in bulletin.sections for sheet in _sheets(bulletin, section)]
    method = Sheet(_("指标口径"), bulletin.about, [_("指标口径")], [(line,) for line in bulletin.method])
    return as_xlsx([*sheets, method])


def _sheets(bulletin: Bulletin, section: Section) -> list[Sheet]:
    found = [_headlines(bulletin, section.headlines)] if section.headlines else []
    found += [_chart(bulletin, chart) for chart in section.charts]
    whole = {
        table.key: table for table in (*section.tables, *section.sheets)
    }  # the longer one of the same key comes last
    return [*found, *(_table(bulletin, table) for table in whole.values())]


def _headlines(bulletin: Bulletin, headlines: tuple[Headline, ...]) -> Sheet:
    moved = [Column(_("环比"), "change"), Column(_("同比"), "change")]
    columns = [_("指标"), _("数值"), _("单位"), "n", *(name for column in moved for name in _names(column, []))]
    rows = [
        (one.name, one.value, _("占比") if one.unit == "share" else unit_word(one.unit), one.n, *_parts(one.before), *_parts(one.year))
        for one in headlines
    ]  # fmt: skip
    return Sheet(_("总体情况"), bulletin.about, columns, rows, ("", "", "", "cases"))


def _chart(bulletin: Bulletin, chart: Chart) -> Sheet:
    form = FORMS.get(chart.unit, "number")
    rows = zip(chart.labels, *(series.values for series in chart.series), strict=True)
    first = _("区域") if chart.kind == "bars" else _("日期")
    columns = [first, *(series.name for series in chart.series)]
    return Sheet(chart.title, bulletin.about, columns, rows, ("", *(form for _one in chart.series)))


def _table(bulletin: Bulletin, table: Table) -> Sheet:
    cells = [[row[i] for row in table.rows] for i in range(len(table.columns))]
    names = [name for column, values in zip(table.columns, cells, strict=True) for name in _names(column, values)]
    forms = [form for column, values in zip(table.columns, cells, strict=True) for form in _forms(column, values)]
    rows = [
        [
            part
            for column, value, own in zip(table.columns, row, cells, strict=True)
            for part in _cells(column, value, own)
        ]
        for row in table.rows
    ]
    return Sheet(table.title, bulletin.about, names, rows, forms, table.note)


def _names(column: Column, values: Sequence[Value]) -> list[str]:
    """A column's headings: a change has two, how much and what that means; an interval two, its ends."""
    if column.unit == "change":
        return [column.name, _("{name}判断").format(name=column.name)]
    if _spans(values):
        return [f"{column.name} {_('从')}", f"{column.name} {_('到')}"]
    return [column.name]


def _forms(column: Column, values: Sequence[Value]) -> list[str]:
    if column.unit == "change":
        counted = CATALOGUE[column.figure].type == "count" or CATALOGUE[column.figure].unit == "share"
        return ["change" if counted else "number", ""]
    return [FORMS.get(column.unit, "number")] * (2 if _spans(values) else 1)


def _cells(column: Column, value: Value, values: Sequence[Value]) -> list[str | float | None]:
    if column.unit == "change":
        return list(_parts(value))
    if _spans(values):
        return [value.low, value.high] if isinstance(value, Span) else [None, None]
    return [value if isinstance(value, (str, float, int)) else None]


def _parts(value: Value) -> tuple[float | None, str]:
    """A change as a number and a word."""
    how = value.how if isinstance(value, Change) else "none"
    by = value.by if isinstance(value, Change) else None
    return by, {"up": _("上升"), "down": _("下降"), "same": _("持平"), "few": _("样本不足")}.get(how, "")


def _spans(values: Sequence[Value]) -> bool:
    return any(isinstance(value, Span) for value in values)
