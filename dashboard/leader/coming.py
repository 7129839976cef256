"""What the next week will bring, in a few lines: the sum, the categories that will bring most, and where more came than expected."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard import messages
from dashboard.coming.choice import Choice, above_expected
from dashboard.coming.page import chance_text, expected_text
from dashboard.formats import count
from dashboard.icons import icon
from dashboard.languages import _
from dashboard.wall.protocol import Spot
from data.figure_places import ground
from data.forecasts import Coming, coming, coming_in_street, kept_run
from data.store import Store

CATEGORIES, PLACES = 5, 3


def listed(store: Store, spot: Spot) -> list[Any]:
    """The lines of a place: of the district, of a street its communities together, of a community its own."""
    if kept_run(store) is None:
        return [
            messages.empty(_("还没有预测"), _("服务器启动一分钟后、以后每天零点之后自动计算；至少需要八周的案件。"))
        ]
    whole, rows = lines_of(store, spot)
    return [*([_sum(whole[0])] if whole else []), _html_table(rows[:CATEGORIES]), *_above(store, spot), _way_on()]


def lines_of(store: Store, spot: Spot) -> tuple[list[Coming], list[Coming]]:
    """What is expected of a place in the next week: all of it, and by category."""
    if spot.is_district:
        return coming(store, 7, by="all"), coming(store, 7, by="category")
    if spot.level == "street":
        return coming_in_street(store, 7, spot.place_id), coming_in_street(store, 7, spot.place_id, by="category")
    own = [one for one in coming(store, 7) if one.place_id == spot.place_id]
    return own, coming(store, 7, by="category", community_id=spot.place_id)


def _sum(whole: Coming) -> html.P:
    text = _("未来 7 天预计 {n} 件（90% 区间 {low} – {high}），近 7 天 {came} 件。")
    said = text.format(n=count(whole.expected), low=count(whole.low), high=count(whole.high), came=count(whole.came))
    return html.P(said, className="leader-sum")


def _html_table(rows: list[Coming]) -> html.Table:
    names = (_("类别"), _("预计"), _("90% 区间"), _("近 7 天"))
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in names]))
    lines = [
        html.Tr([html.Td(one.category), html.Td(html.Strong(expected_text(one.expected))), html.Td(f"{count(one.low)} – {count(one.high)}"),
                 html.Td(count(one.came))])
        for one in rows
    ]  # fmt: skip
    return html.Table([head, html.Tbody(lines)])


def _above(store: Store, spot: Spot) -> list[Any]:
    """The places inside with clearly more than expected: tested among all of the district."""
    rows = coming(store, 7, by="both")
    marks = above_expected(rows)
    inside = None if spot.is_district else set(_inside(store, spot))
    own = [one for one in rows if (one.code, one.category) in marks and (inside is None or one.place_id in inside)]
    found = sorted(own, key=lambda one: one.chance or 0.0)[:PLACES]
    if not found:
        return []
    text = _("{place} {category}：近 7 天 {came} 件，预期 {awaited} 件（偶然概率 {chance}）")
    lines = [
        html.Li([icon("arrow-up"), " ", text.format(place=one.place, category=one.category, came=count(one.came),
                                                    awaited=expected_text(one.awaited or 0), chance=chance_text(one.chance))])
        for one in found
    ]  # fmt: skip
    return [html.Ul(lines, className="leader-above")]


def _inside(store: Store, spot: Spot) -> list[int]:
    places = ground(store, "period_end", store.now().astimezone(store.zone).date()).places
    return [int(one) for one in places.inside(spot.place_id)]


def _way_on() -> html.P:
    return html.P(html.A(_("按社区、类别和网格看"), href=Choice().address), className="leader-sum no-print")
