"""A bulletin's content, counted in the store: the questions are the screen's, so the numbers are too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dashboard.bulletin import sentences
from dashboard.bulletin.asking import BELOW, About, day_words, period_words
from dashboard.bulletin.comparing import NONE, changes, own_change
from dashboard.bulletin.content import Bulletin, Chart, Headline, Section, Series, Table
from dashboard.bulletin.maps import sheet_of
from dashboard.bulletin.standings import Standing, standing, standing_table
from dashboard.bulletin.tables import category_table, overdue_table, places_table, printed, rates_table, unit_table
from dashboard.bulletin.template import Template
from dashboard.bulletin.trends import figure_name, trends
from dashboard.choice import text_of
from dashboard.formats import count, moment, name_of
from dashboard.languages import _, language
from dashboard.one_map.canvas import painted_of
from dashboard.one_map.rail import basis_name, level_name
from dashboard.questions import levels_drawn
from dashboard.rankings.league import Row
from data.figures import CATALOGUE, PlaceFigures
from data.progress import Progress
from data.reporting import reporting
from data.store import Store

HEADLINES = (
    "reported", "registered", "closed", "completion_rate", "on_time_rate", "handling_hours", "open", "overdue_open",
    "response_rate", "resolution_rate", "satisfaction_rate", "three_rate_score", "rework_rate", "repeat_rate", "demand_per_100",
)  # fmt: skip
STATES = frozenset({"open", "overdue_open", "suspended_open"})
RANKED = "on_time_rate"  # the figure places and units are ranked by
MAPPED = ("on_time_rate", "demand_per_100")


def headlines(store: Store, about: About) -> dict[str, Headline]:
    """The place's figures with their comparisons, by name."""
    now = about.own(store)
    found = {}
    for name in HEADLINES:
        definition, figure = CATALOGUE[name], now.figures[name]
        before, year = (
            NONE if name in STATES else own_change(store, about, name, then) for then in (about.before, about.year)
        )
        n = None if definition.type == "count" else figure.denominator
        title = name_of(definition.zh, definition.en)
        found[name] = Headline(name, title, definition.unit, figure.value, n, before, year)
    return found


def bulletin_of(store: Store, about: About, template: Template, number: int, progress: Progress) -> Bulletin:
    """All of it, in the reader's language."""
    made: dict[str, Section] = {}
    found = headlines(store, about)
    parts: Mapping[str, Callable[[], Section]] = {
        "overview": lambda: _overview(store, about, found),
        "streets": lambda: _streets(store, about),
        "map": lambda: _maps(store, about),
        "categories": lambda: _categories(store, about, found, template.content.categories),
        "units": lambda: _units(store, about, template.content.units),
        "three_rates": lambda: _three_rates(store, about, found),
        "overdue": lambda: _overdue(store, about, template.content.overdue),
    }
    for i, key in enumerate(template.content.sections):
        progress.check()
        progress.step("count the figures", i, len(template.content.sections))
        made[key] = parts[key]()
    return _whole(store, about, template, number, tuple(made.values()))


def _whole(store: Store, about: About, template: Template, number: int, sections: tuple[Section, ...]) -> Bulletin:
    head, now = template.masthead, about.asked.as_of.astimezone(store.zone)
    title = getattr(head, about.what).said(place=about.place)
    issue = head.issue.said(year=about.period.last_day(store.zone).year, number=number)
    issuer = head.issuer.said(place=about.place)
    period = period_words(about.period, about.what)
    return Bulletin(
        what=about.what, language=language(), place=about.place, title=title, issue=issue, issuer=issuer, period=period,
        made=day_words(now), made_at=now, sections=sections, method=tuple(_method(store, about)),
        about=(
            (_("通报"), f"{title} {issue}"), (_("区域"), about.place), (_("时段"), text_of(about.period)),
            (_("截至"), moment(now, store.zone)), (_("筛选"), _("无")),
        ),
        closing=tuple((one.name.said(place=about.place), one.text.said(place=about.place)) for one in template.closing),
    )  # fmt: skip


def _method(store: Store, about: About) -> list[str]:
    """What every figure means, what was left out, and how it can be asked for again."""
    own = about.own(store)
    colon = _("{name}：{value}")
    lines = [
        colon.format(
            name=name_of(one.zh, one.en),
            value=_("{formula}（按{basis}）").format(
                formula=name_of(one.formula_zh, one.formula), basis=basis_name(one.basis or "state")
            ),
        )
        for one in (CATALOGUE[name] for name in HEADLINES)
    ]
    left = own.figures["reported"].left_out
    return [
        *lines,
        _("上报案件中，已作废 {voided} 件、经批准剔除 {excluded} 件，不计入各项指标。").format(
            voided=count(left.get("voided", 0)), excluded=count(left.get("excluded", 0))
        ),
        _("环比为上一同类时段、同比为上年同期，均按相同的统计滞后计算。"),
        _(
            "两期之差的 95% 区间含零为持平，其后为差值；任一期比率少于 {n} 件、或两期数量均少于 {n} 件为样本不足，不作比较。"
        ).format(n=reporting(store).minimum.of("on_time_rate", about.level, about.period)[0]),
        _("各项数值以 {time} 为统计时点，与平台屏幕同源；按此时点的发布版本可随时复算。").format(
            time=moment(about.asked.as_of, store.zone)
        ),
    ]


def _overview(store: Store, about: About, found: Mapping[str, Headline]) -> Section:
    period = period_words(about.period, about.what)
    return Section(
        "overview",
        _("总体情况"),
        tuple(sentences.overview(about.place, period, found)),
        headlines=tuple(found.values()),
        charts=tuple(trends(store, about)),
    )


def below(store: Store, about: About) -> tuple[str, list[PlaceFigures]]:
    """The first level inside the place that has places, and their figures."""
    for level in BELOW[about.level]:
        rows = about.rows(store, level)
        if any(row.located for row in rows):
            return level, rows
    return about.level, about.rows(store, about.level)


def _streets(store: Store, about: About) -> Section:
    level, rows = below(store, about)
    found = standing(store, about, level, RANKED)
    tables = [_main_table(store, about, level, rows), *([standing_table(found)] if found else [])]
    sheets: list[Table] = []
    if about.level == "district" and level == "street":
        inner = about.rows(store, "community")
        if any(row.located for row in inner):
            ranked = standing(store, about, "community", RANKED)
            sheets = [_main_table(store, about, "community", inner), *([standing_table(ranked)] if ranked else [])]
    return Section(
        "streets",
        _("各{level}情况").format(level=level_name(level)),
        tuple(sentences.spread(RANKED, found)) if found else (),
        tables=tuple(tables),
        charts=_bars(found, level),
        sheets=tuple(sheets),
    )


def _main_table(store: Store, about: About, level: str, rows: Sequence[PlaceFigures]) -> Table:
    moved = {name: changes(store, about, level, name, about.before) for name in ("reported", RANKED)}
    own = {name: own_change(store, about, name, about.before) for name in moved}
    return places_table(rows, about.own(store), moved, own, level)


def _bars(found: Standing | None, level: str) -> tuple[Chart, ...]:
    """Each place's value with its interval, in order of code."""
    shown = sorted((row for row in found.rows if row["value"] is not None), key=_code) if found else []
    if not found or not 1 < len(shown) <= 30:
        return ()
    ends = tuple((row["low"], row["high"]) for row in shown)
    series = Series(figure_name(found.figure), tuple(row["value"] for row in shown), ends)
    title = _("各{level}按期办结率与 95% 区间").format(level=level_name(level))
    return (Chart("places", "bars", title, "share", tuple(row["name"] for row in shown), (series,)),)


def _code(row: Row) -> str:
    return str(row["code"])


def _maps(store: Store, about: About) -> Section:
    drawn = levels_drawn(store)
    wanted = ("grid", "micro_grid", "community") if about.code else ("community", "grid", "street")
    level = next((one for one in wanted if one in drawn), "")
    sheets = []
    for figure in MAPPED if level else ():
        painted = painted_of(store, about.chosen(store, figure, level), within=about.code or None)
        sheets.append(sheet_of(store, painted, about.place))
    return Section("map", _("空间分布"), maps=tuple(sheets))


def _categories(store: Store, about: About, found: Mapping[str, Headline], most: int) -> Section:
    table = category_table(store, about)
    return Section(
        "categories",
        _("类别分析"),
        tuple(sentences.categories(table.rows, found["reported"].value)),
        tables=(printed(table, most),),
        sheets=(table,),
    )


def _units(store: Store, about: About, most: int) -> Section:
    found = standing(store, about, "unit", RANKED)
    whole = [unit_table(about.rows(store, "unit")), *([standing_table(found)] if found else [])]
    paragraphs = sentences.spread(RANKED, found) if found else ()
    tables = tuple(printed(table, most) for table in whole)
    return Section("units", _("主办单位"), tuple(paragraphs), tables=tables, sheets=tuple(whole))


def _three_rates(store: Store, about: About, found: Mapping[str, Headline]) -> Section:
    level, rows = below(store, about)
    return Section(
        "three_rates",
        _("响应率、解决率、满意率"),
        tuple(sentences.three_rates(found)),
        tables=(rates_table(rows, about.own(store), level),),
    )


def _overdue(store: Store, about: About, most: int) -> Section:
    _level, rows = below(store, about)
    n = about.own(store).figures["overdue_open"].value
    table = overdue_table(store, about, most)
    where = sorted(
        ((row.name, float(row.figures["overdue_open"].value or 0)) for row in rows if row.located),
        key=lambda one: -one[1],
    )
    paragraphs = sentences.overdue(n, len(table.rows), where)
    return Section("overdue", _("超期未结"), tuple(paragraphs), tables=(table,) if table.rows else ())
