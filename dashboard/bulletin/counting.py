"""A bulletin's content, counted in the store: the questions are the screen's, so the numbers are too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import pairwise

from dashboard import choice as choices
from dashboard.bulletin import sentences
from dashboard.bulletin.asking import BELOW, About, day_words, period_words
from dashboard.bulletin.comparing import NONE, change
from dashboard.bulletin.content import Bulletin, Chart, Headline, Section, Series, Table
from dashboard.bulletin.maps import sheet_of
from dashboard.bulletin.tables import category_table, league, overdue_table, printed, rates_table, unit_table
from dashboard.bulletin.template import Template
from dashboard.choice import text_of
from dashboard.formats import count, moment, name_of
from dashboard.languages import _, language
from dashboard.one_map.canvas import painted_of
from dashboard.one_map.headlines import covered
from dashboard.one_map.rail import basis_name, level_name
from dashboard.questions import ask_trend, levels_drawn
from data.figures import CATALOGUE, PlaceFigures
from data.periods import Period
from data.progress import Progress
from data.store import Store

HEADLINES = (
    "reported", "registered", "closed", "completion_rate", "on_time_rate", "handling_hours", "open", "overdue_open",
    "response_rate", "resolution_rate", "satisfaction_rate", "three_rate_score", "rework_rate", "repeat_rate", "demand_per_100",
)  # fmt: skip
SHOWN = (
    "reported",
    "on_time_rate",
    "completion_rate",
    "overdue_open",
    "satisfaction_rate",
    "three_rate_score",
)  # the cards
STATES = frozenset({"open", "overdue_open", "suspended_open"})
MAPPED = ("on_time_rate", "demand_per_100")
THREE = ("response_rate", "resolution_rate", "satisfaction_rate", "three_rate_score")
DAYS = 28  # of a weekly bulletin's chart


def headlines(store: Store, about: About) -> dict[str, Headline]:
    """The place's figures with their comparisons, by name."""
    now = about.own(store)
    before, year = (about.own(store, asked) if asked else None for asked in (about.before, about.year))
    found = {}
    for name in HEADLINES:
        definition, figure = CATALOGUE[name], now.figures[name]
        changes = [
            NONE if name in STATES else change(name, figure, then.figures[name] if then else None)
            for then in (before, year)
        ]
        n = None if definition.type == "count" else figure.denominator
        title = name_of(definition.zh, definition.en)
        found[name] = Headline(name, title, definition.unit, figure.value, n, changes[0], changes[1])
    return found


def counted(store: Store, about: About, template: Template, number: int, progress: Progress) -> Bulletin:
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
        _("环比为上一同类时段、同比为上年同期，均按相同的统计滞后计算；样本不足 30 件的比率不作升降比较。"),
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
        charts=tuple(_trends(store, about)),
    )


def _trends(store: Store, about: About) -> list[Chart]:
    days = _days(about)
    question = about.question(about.level)
    charts = [_lines(store, about, "daily", _("每日上报与结案"), ("reported", "closed"), days, "%m-%d")]
    if about.what == "monthly":
        edges = [choices.shift(about.period.start, i) for i in range(-11, 2)]
        months = tuple(one for one in (Period(a, b) for a, b in pairwise(edges)) if covered(one, about.oldest))
        if len(months) > 1:
            points = {name: ask_trend(store, question, name, months) for name in ("on_time_rate", "satisfaction_rate")}
            series = tuple(Series(_short(name), tuple(one.value for one in found)) for name, found in points.items())
            labels = tuple(f"{one.start:%Y-%m}" for one in months)
            charts.append(
                Chart(
                    "monthly",
                    "lines",
                    _("近 {n} 个月按期办结率与满意率").format(n=len(months)),
                    "share",
                    labels,
                    series,
                )
            )
    return charts


def _lines(
    store: Store, about: About, key: str, title: str, figures: tuple[str, ...], periods: tuple[Period, ...], form: str
) -> Chart:
    question = about.question(about.level)
    series = tuple(
        Series(_short(name), tuple(one.value for one in ask_trend(store, question, name, periods))) for name in figures
    )
    return Chart(
        key, "lines", title, CATALOGUE[figures[0]].unit, tuple(one.start.strftime(form) for one in periods), series
    )


def _days(about: About) -> tuple[Period, ...]:
    """The period's days; of a week the four weeks up to its end."""
    last = about.period.last_day(about.period.start.tzinfo)  # type: ignore[arg-type]
    first = about.period.start.date()
    n = DAYS if about.what == "weekly" else min((last - first).days + 1, 92)
    end = about.period.end
    edges = [end.replace(tzinfo=None) - timedelta(days=n - i) for i in range(n + 1)]
    zoned = [edge.replace(tzinfo=about.period.start.tzinfo) for edge in edges]
    return tuple(Period(a, b) for a, b in pairwise(zoned))


def _short(name: str) -> str:
    return name_of(CATALOGUE[name].zh, CATALOGUE[name].en)


def below(store: Store, about: About) -> tuple[str, list[PlaceFigures]]:
    """The first level inside the place that has places, and their figures."""
    for level in BELOW[about.level]:
        rows = about.rows(store, level)
        if any(row.located for row in rows):
            return level, rows
    return about.level, about.rows(store, about.level)


def _streets(store: Store, about: About) -> Section:
    level, rows = below(store, about)
    before = {row.place: row for row in about.rows(store, level, about.before)} if about.before else {}
    whole = about.own(store)
    then_whole = about.own(store, about.before) if about.before else None
    table = league(rows, before, (whole, then_whole), level)
    paragraphs = sentences.spread("on_time_rate", rows, level_name(level))
    further: tuple[Table, ...] = ()
    if about.level == "district" and level == "street" and "community" in BELOW["district"]:
        inner = about.rows(store, "community")
        then = {row.place: row for row in about.rows(store, "community", about.before)} if about.before else {}
        further = (league(inner, then, (whole, then_whole), "community"),) if any(row.located for row in inner) else ()
    shown = [row for row in rows if row.located]
    chart = Chart(
        "places", "bars", _("各{level}按期办结率").format(level=level_name(level)), "share",
        tuple(row.name for row in shown), (Series(_short("on_time_rate"), tuple(row.figures["on_time_rate"].value for row in shown)),),
    )  # fmt: skip
    charts = (chart,) if 1 < len(shown) <= 30 else ()
    return Section(
        "streets",
        _("各{level}情况").format(level=level_name(level)),
        tuple(paragraphs),
        tables=(table,),
        charts=charts,
        sheets=further,
    )


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
    rows = about.rows(store, "unit")
    table = unit_table(rows)
    paragraphs = sentences.spread("on_time_rate", rows, level_name("unit"))
    return Section("units", _("主办单位"), tuple(paragraphs), tables=(printed(table, most),), sheets=(table,))


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
