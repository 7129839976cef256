"""The bulletin's tables as a workbook: every number behind its sentences, charts and maps, unrounded."""

from __future__ import annotations

from dashboard.bulletin.changes import short
from dashboard.bulletin.content import Bulletin, Chart, Headline, Section, Table
from dashboard.formats import unit_word
from dashboard.languages import _
from etl.sheets import Sheet, as_xlsx

FORMS = {"share": "share", "change": "change", "cases": "cases", "text": "", "days": "number"}


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
    columns = [_("指标"), _("数值"), _("单位"), "n", _("环比"), _("同比")]
    rows = [
        (one.name, one.value, _("占比") if one.unit == "share" else unit_word(one.unit), one.n, short(one.figure, one.before),
         short(one.figure, one.year))
        for one in headlines
    ]  # fmt: skip
    return Sheet(_("总体情况"), bulletin.about, columns, rows, ("", "", "", "cases"))


def _chart(bulletin: Bulletin, chart: Chart) -> Sheet:
    form = FORMS.get(chart.unit, "number")
    rows = zip(chart.labels, *(series.values for series in chart.series), strict=True)
    columns = ["", *(series.name for series in chart.series)]
    return Sheet(chart.title, bulletin.about, columns, rows, ("", *(form for _one in chart.series)))


def _table(bulletin: Bulletin, table: Table) -> Sheet:
    forms = tuple(FORMS.get(column.unit, "number") for column in table.columns)
    names = [column.name for column in table.columns]
    return Sheet(table.title, bulletin.about, names, table.rows, forms, table.note)
