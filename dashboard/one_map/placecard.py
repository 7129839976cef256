"""What the drawer tells of a place besides its figures: its estates, who looks after it, what stands there, its codes' past."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from dash import html

from dashboard import messages
from dashboard.formats import count
from dashboard.languages import _, marked
from dashboard.one_map.rail import level_name
from data.profiles import MOST_ESTATES, Named, Profile

KINDS = {
    "commodity": marked("商品房"),
    "resettlement": marked("还建"),
    "work_unit": marked("家属院"),
    "mixed": marked("混合"),
    "dedicated": marked("专属网格"),
    "residential": marked("居住型"),
    "industrial": marked("工业型"),
    "international": marked("国际型"),
    "transitional": marked("过渡型"),
}
POSTS = {
    "grid_head": marked("网格长"),
    "full_time": marked("专职网格员"),
    "part_time": marked("兼职网格员"),
    "guide": marked("指导员"),
    "building_head": marked("楼栋长"),
}
FACILITIES = {
    "manhole": marked("井盖"),
    "hydrant": marked("消防栓"),
    "lamp": marked("路灯"),
    "service_station": marked("服务站"),
    "bin": marked("垃圾箱"),
    "camera": marked("摄像头"),
    "school": marked("学校"),
    "park": marked("公园"),
    "toilet": marked("公厕"),
}
PLAN_STATUS = {"draft": marked("草案"), "active": marked("现行"), "retired": marked("已作废")}


def crumbs(chain: Iterable[Named], *, here: bool = True) -> html.Nav:
    """区 › 街道 › 社区 › 网格; each opens its place. here: the last is where one is."""
    places = list(chain)
    links: list[Any] = []
    for i, place in enumerate(places):
        last = i == len(places) - 1
        end = last and here
        code = "" if place.level == "district" else place.code
        current = {"aria-current": "page"} if end else {}
        links.append(
            html.Button(
                place.name,
                className="crumb is-here" if end else "crumb",
                title=level_name(place.level),
                type="button",
                **{"data-place": code, **current},
            )
        )
        if not last:
            links.append(html.Span("›", className="quiet", **{"aria-hidden": "true"}))
    return html.Nav(links, className="crumbs", **{"aria-label": _("所在")})


def facts(found: Profile) -> list[Any]:
    """Kind, households, area, company and what it holds, in one line."""
    parts = [_(KINDS[found.kind])] if found.kind in KINDS else []
    if found.old:
        parts.append(_("老旧"))
    if found.households is not None:
        parts.append(_("{n} 户").format(n=count(found.households)))
    if found.area_m2:
        parts.append(_("{n} 平方公里").format(n=f"{found.area_m2 / 1e6:,.2f}"))
    parts += [f"{level_name(level)} {count(n)}" for level, n in found.holds.items()]
    if found.company:
        parts.append(found.company)
    if not found.in_force:
        parts.append(_("编码已作废") if found.retired else _("不在本期方案中"))
    return [html.Span(part, className="quiet") for part in parts]


def estates(found: Profile) -> Any:
    """The estates of the place, most households first."""
    if not found.estates:
        return messages.empty(_("这里没有小区"), _("小区随边界数据导入；选择街道、社区或网格查看其中的小区。"))
    rows = [
        [
            html.Button(one["name"], className="link", type="button", **{"data-place": one["code"]}),
            _(KINDS.get(one["kind"] or "", one["kind"] or "")) + (" · " + _("老旧") if one["old"] else ""),
            "" if one["households"] is None else count(one["households"]),
            one["company"] or "",
        ]
        for one in found.estates
    ]
    more = found.estates_n - len(found.estates)
    rest = _("共 {n} 个小区，此处列出户数最多的 {most} 个。").format(n=count(found.estates_n), most=MOST_ESTATES)
    return html.Div(
        [
            _table((_("小区"), _("类型"), _("户数"), _("物业公司")), rows, numbers=(2,)),
            *([html.P(rest, className="quiet")] if more > 0 else []),
        ]
    )


def care(found: Profile) -> Any:
    """Property companies, posts and facilities, each as counts."""
    none = "–"
    companies = [
        [one["name"], count(one["estates"]), none if one["households"] is None else count(one["households"])]
        for one in found.companies
    ]
    if found.company and not companies:
        companies = [[found.company, none, none if found.households is None else count(found.households)]]
    posts = [
        [
            _(POSTS.get(one["kind"], one["kind"])),
            *(none if one[part] is None else count(one[part]) for part in ("required", "actual", "on_duty")),
        ]
        for one in found.posts
    ]
    facilities = [[_(FACILITIES.get(one["kind"], one["kind"])), count(one["n"])] for one in found.facilities]
    return html.Div(
        [
            _block(_("物业公司"), (_("公司"), _("小区"), _("户数")), companies, (1, 2), _("没有登记物业公司")),
            _block(_("岗位"), (_("岗位"), _("应配"), _("实有"), _("在岗")), posts, (1, 2, 3), _("没有登记岗位")),
            _block(_("部件"), (_("类别"), _("数量")), facilities, (1,), _("没有登记部件")),
        ],
        className="place-blocks",
    )


def history(found: Profile) -> Any:
    """The versions of the place: in which plans, when, under which name and parent."""
    if not found.history:
        return messages.empty(_("没有沿革记录"))
    rows = [
        [
            row["plan"] or "–",
            _(PLAN_STATUS[row["status"]]) if row["status"] in PLAN_STATUS else "–",
            _day(row["effective_from"], _("最初")),
            _day(row["effective_to"], _("至今")),
            row["name"],
            row["parent"] or "–",
            "–" if row["households"] is None else count(row["households"]),
            _(KINDS.get(row["kind"] or "", row["kind"] or "–")),
        ]
        for row in found.history
    ]
    names = (_("方案"), _("状态"), _("起"), _("止"), _("名称"), _("上级"), _("户数"), _("类型"))
    return _table(names, rows, numbers=(6,))


def _day(day: date | None, open_word: str) -> str:
    return open_word if day is None else day.isoformat()


def _block(title: str, names: tuple[str, ...], rows: list[list[Any]], numbers: tuple[int, ...], none: str) -> html.Div:
    body = _table(names, rows, numbers=numbers) if rows else html.P(none, className="quiet")
    return html.Div([html.H3(title), body])


def _table(names: tuple[str, ...], rows: list[list[Any]], numbers: tuple[int, ...] = ()) -> html.Table:
    """A plain table; numbers: the columns that stand right."""

    def side(i: int) -> str:
        return "is-number" if i in numbers else ""

    head = html.Thead(html.Tr([html.Th(name, className=side(i), scope="col") for i, name in enumerate(names)]))
    body = [html.Tr([html.Td(cell, className=side(i)) for i, cell in enumerate(row)]) for row in rows]
    return html.Table([head, html.Tbody(body)], className="small-table")
