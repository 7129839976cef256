"""The bulletin's tables: places, units, categories, the three rates, what is overdue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dashboard.bulletin.asking import About
from dashboard.bulletin.comparing import NONE, Changes, changes
from dashboard.bulletin.content import Change, Column, Table, Value
from dashboard.formats import count, moment, name_of
from dashboard.languages import _
from dashboard.one_map.rail import level_name
from data.figures import CATALOGUE, PlaceFigures
from data.list_filters import Sort
from data.listings import cases_of
from data.store import Store

RATES = ("response_rate", "resolution_rate", "satisfaction_rate", "three_rate_score")
OF_CATEGORY = ("reported", "on_time_rate", "overdue_open")


def heading(figure: str, wide: float = 1.0) -> Column:
    """A figure's column."""
    return Column(name_of(CATALOGUE[figure].zh, CATALOGUE[figure].en), CATALOGUE[figure].unit, wide)


def places_table(
    rows: Sequence[PlaceFigures], whole: PlaceFigures, moved: Mapping[str, Changes], own: Mapping[str, Change], level: str
) -> Table:  # fmt: skip
    """Places in the order of their codes, the whole last. moved, own: the changes of the places, and of the whole, by figure."""
    columns = (
        Column(level_name(level), wide=1.7), heading("reported"), Column(_("上报环比"), "change", 1.1, "reported"),
        heading("on_time_rate"), Column("n", "cases", 0.8), Column(_("按期环比"), "change", 1.1, "on_time_rate"),
        heading("overdue_open"), heading("satisfaction_rate"), Column(_("回访 n"), "cases", 0.8),
    )  # fmt: skip

    def line(row: PlaceFigures, name: str, change: Mapping[str, Change]) -> tuple[Value, ...]:
        one = row.figures
        return (
            name, one["reported"].value, change["reported"], one["on_time_rate"].value, one["on_time_rate"].denominator,
            change["on_time_rate"], one["overdue_open"].value, one["satisfaction_rate"].value,
            one["satisfaction_rate"].denominator,
        )  # fmt: skip

    lines = [line(row, place_name(row), {name: of.get(row.place, NONE) for name, of in moved.items()}) for row in rows]
    note = _("按区划代码排列，不是名次。n 为应结案件数。")
    title = _("各{level}主要指标").format(level=level_name(level))
    return Table(f"places_{level}", title, columns, (*lines, line(whole, _("合计"), own)), note, last_is_whole=True)


def place_name(row: PlaceFigures) -> str:
    """Its name, or that it is what could not be located."""
    return row.name if row.located else _("未定位到本层级")


def rates_table(rows: Sequence[PlaceFigures], whole: PlaceFigures, level: str) -> Table:
    """The three rates and their score, with the call-backs they rest on."""
    columns = (Column(level_name(level), wide=1.7), Column(_("有效回访"), "cases"), *(heading(name) for name in RATES))
    lines = [
        (name, row.figures[RATES[0]].denominator, *(row.figures[rate].value for rate in RATES))
        for name, row in [*((place_name(row), row) for row in rows), (_("合计"), whole)]
    ]  # fmt: skip
    title = _("各{level}三率").format(level=level_name(level))
    return Table("three_rates", title, columns, tuple(lines), last_is_whole=True)


def unit_table(rows: Sequence[PlaceFigures]) -> Table:
    """Units with anything due, most first."""
    columns = (
        Column(level_name("unit"), wide=2.2), heading("due"), heading("on_time_rate"), heading("due_completion_rate", 1.2),
        heading("overdue_open"), heading("rework_rate"), heading("handling_hours"),
    )  # fmt: skip
    names = ("due", "on_time_rate", "due_completion_rate", "overdue_open", "rework_rate", "handling_hours")
    busy = [row for row in rows if row.located and row.figures["due"].value]
    busy.sort(key=lambda row: -float(row.figures["due"].value or 0))
    lines = tuple((row.name, *(row.figures[name].value for name in names)) for row in busy)
    return Table(
        "units",
        _("主办单位主要指标"),
        columns,
        lines,
        _("按应结案件数排列；率以该数为样本数。办理时长为自然时中位数。"),
    )


def category_table(store: Store, about: About) -> Table:
    """Categories with what was reported and how it changed, most first."""
    columns = (
        Column(_("类别"), wide=1.8), heading("reported"), Column(_("上期"), "cases"), Column(_("环比"), "change", 1.1, "reported"),
        heading("on_time_rate"), Column("n", "cases", 0.8), heading("overdue_open"),
    )  # fmt: skip
    before = about.rows(store, "category", about.before, ("reported",)) if about.before else []
    then = {row.place: row.figures["reported"].value for row in before}
    moved = changes(store, about, "category", "reported", about.before)
    lines: list[tuple[Value, ...]] = []
    for row in about.rows(store, "category", only=OF_CATEGORY):
        reported, old = row.figures["reported"].value, then.get(row.place)
        if reported or old:
            rate, name = row.figures["on_time_rate"], row.name if row.located else _("未分类")
            late = row.figures["overdue_open"].value
            lines.append((name, reported, old, moved.get(row.place, NONE), rate.value, rate.denominator, late))
    lines.sort(key=lambda line: (-float(line[1] or 0), str(line[0])))  # type: ignore[arg-type]
    return Table("categories", _("各类别上报与办理"), columns, tuple(lines))


def overdue_table(store: Store, about: About, most: int) -> Table:
    """The cases behind the figure that have been late the longest."""
    columns = (
        Column(_("编号"), wide=1.5), Column(_("类别"), wide=1.2), Column(_("社区"), wide=1.3), Column(_("主办单位"), wide=2.0),
        Column(_("到期时间"), wide=1.7), Column(_("已超期（天）"), "days", 0.9),
    )  # fmt: skip
    question = about.question(about.level)
    place = about.code or None
    listed = cases_of(store, question, "overdue_open", "numerator", place, limit=most, sort=[Sort("due_at")])
    lines = [
        (
            row["external_id"], row["category"], row["community"] or row["street"], row["unit"], moment(row["due_at"], store.zone),
            (about.asked.as_of - row["due_at"]).total_seconds() / 86400 if row["due_at"] else None,
        )
        for row in listed.rows.to_pylist()
    ]  # fmt: skip
    return Table("overdue", _("到期最久的超期案件"), columns, tuple(lines))


def printed(table: Table, most: int) -> Table:
    """Its first rows, and how many more the workbook has."""
    more = len(table.rows) - most
    if more <= 0:
        return table
    rest = _("此处列前 {n} 行，其余 {more} 行见所附表格文件。").format(n=most, more=count(more))
    return replace(table, rows=table.rows[:most], note=" ".join(filter(None, (table.note, rest))))
