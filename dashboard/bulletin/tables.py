"""The bulletin's tables: places, units, categories, the three rates, what is overdue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dashboard.bulletin.asking import About
from dashboard.bulletin.changes import short
from dashboard.bulletin.comparing import change
from dashboard.bulletin.content import Column, Table, Value
from dashboard.formats import count, moment, name_of
from dashboard.languages import _
from dashboard.one_map.rail import level_name
from dashboard.questions import Asked, ask
from data.figures import CATALOGUE, PlaceFigures
from data.list_filters import Sort
from data.listings import cases_of
from data.on_map import filter_values
from data.store import Store

RATES = ("response_rate", "resolution_rate", "satisfaction_rate", "three_rate_score")
OF_CATEGORY = ("reported", "on_time_rate", "overdue_open")


def heading(figure: str, wide: float = 1.0) -> Column:
    """A figure's column."""
    return Column(name_of(CATALOGUE[figure].zh, CATALOGUE[figure].en), CATALOGUE[figure].unit, wide)


def league(
    rows: Sequence[PlaceFigures],
    before: Mapping[str | None, PlaceFigures],
    whole: tuple[PlaceFigures, PlaceFigures | None],
    level: str,
) -> Table:
    """Places in the order of their codes, the whole last. A comparison says when there are too few cases for it."""
    columns = (
        Column(level_name(level), wide=1.7), heading("reported"), Column(_("上报环比"), wide=1.0), heading("on_time_rate"),
        Column("n", "cases", 0.8), Column(_("按期环比"), wide=1.0), heading("overdue_open"), heading("satisfaction_rate"),
        Column(_("回访 n"), "cases", 0.8),
    )  # fmt: skip

    def line(row: PlaceFigures, then: PlaceFigures | None, name: str) -> tuple[Value, ...]:
        one = row.figures
        old = then.figures if then else {}
        return (
            name, one["reported"].value, short("reported", change("reported", one["reported"], old.get("reported"))),
            one["on_time_rate"].value, one["on_time_rate"].denominator,
            short("on_time_rate", change("on_time_rate", one["on_time_rate"], old.get("on_time_rate"))),
            one["overdue_open"].value, one["satisfaction_rate"].value, one["satisfaction_rate"].denominator,
        )  # fmt: skip

    lines = [line(row, before.get(row.place), row.name if row.located else _("未定位到本层级")) for row in rows]
    note = _("按区划代码排列，不是名次。n 为应结案件数；样本不足 30 件的不作升降比较。")
    title = _("各{level}主要指标").format(level=level_name(level))
    return Table(f"places_{level}", title, columns, (*lines, line(*whole, _("合计"))), note, last_is_whole=True)


def rates_table(rows: Sequence[PlaceFigures], whole: PlaceFigures, level: str) -> Table:
    """The three rates and their score, with the call-backs they rest on."""
    columns = (Column(level_name(level), wide=1.7), Column(_("有效回访"), "cases"), *(heading(name) for name in RATES))
    lines = [
        (row.name if row.located else _("未定位到本层级"), row.figures[RATES[0]].denominator, *(row.figures[name].value for name in RATES))
        for row in [*rows, replace_name(whole, _("合计"))]
    ]  # fmt: skip
    title = _("各{level}三率").format(level=level_name(level))
    return Table("three_rates", title, columns, tuple(lines), last_is_whole=True)


def replace_name(row: PlaceFigures, name: str) -> PlaceFigures:
    """The same under another name."""
    return replace(row, name=name, located=True)


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
        Column(_("类别"), wide=1.8), heading("reported"), Column(_("上期"), "cases"), Column(_("环比"), "change"),
        heading("on_time_rate"), Column("n", "cases", 0.8), heading("overdue_open"),
    )  # fmt: skip
    lines = []
    for name in filter_values(store)["category"]:
        now = _of(store, about, name, about.asked)
        then = _of(store, about, name, about.before).figures["reported"].value if about.before else None
        reported = now.figures["reported"].value or 0
        if not reported and not then:
            continue
        by = (reported - then) / then if then else None
        rate = now.figures["on_time_rate"]
        lines.append((name, reported, then, by, rate.value, rate.denominator, now.figures["overdue_open"].value))
    lines.sort(key=lambda line: (-float(line[1] or 0), str(line[0])))
    return Table("categories", _("各类别上报与办理"), columns, tuple(lines))


def _of(store: Store, about: About, name: str, asked: Asked) -> PlaceFigures:
    rows = ask(store, about.of_category(name, asked, OF_CATEGORY))
    return next((row for row in rows if row.place == about.code), rows[0])


def overdue_table(store: Store, about: About, most: int) -> Table:
    """The cases behind the figure that have been late the longest."""
    columns = (
        Column(_("编号"), wide=1.5), Column(_("类别"), wide=1.2), Column(_("社区"), wide=1.3), Column(_("主办单位"), wide=2.0),
        Column(_("到期时间"), wide=1.4), Column(_("已超期（天）"), "days", 0.9),
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
