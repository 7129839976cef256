"""The table of what is coming: communities, categories or both; a community opens its categories, a category its grids."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import html

from dashboard import messages
from dashboard.coming.choice import BY, MOST, Choice, above_expected, community_name, rows_of_choice
from dashboard.formats import count
from dashboard.icons import icon
from dashboard.languages import _, marked
from data.errors import JingweiError
from data.forecasting import HORIZONS
from data.forecasts import Coming, Run, kept_run
from data.store import Store
from etl.sheets import Sheet, as_file

BY_NAMES = {"community": marked("按社区"), "category": marked("按类别"), "both": marked("社区与类别")}
DAYS = {7: marked("未来 7 天"), 28: marked("未来 28 天")}


def shown(store: Store, choice: Choice) -> list[Any]:
    """The page; an address that makes no sense in words."""
    run = kept_run(store)
    if run is None:
        return [
            _title_bar([]),
            messages.empty(_("还没有预测"), _("服务器启动一分钟后、以后每天零点之后自动计算；至少需要八周的案件。")),
        ]
    try:
        rows = rows_of_choice(store, choice)
        return [_title_bar(bread(store, choice)), *_controls(choice), _method(run), _html_table(choice, rows)]
    except JingweiError as error:
        return [_title_bar([]), messages.failure_of(error)]


def _title_bar(parts: list[Any]) -> html.Header:
    title = html.H1([html.A(_("未诉先办"), href="/leader/coming"), *parts])
    return html.Header([title, html.A(_("返回领导页"), href="/leader", className="quiet")], className="coming-head")


def bread(store: Store, choice: Choice) -> list[Any]:
    """Where one is: the community, and in it the category."""
    if not choice.community:
        return []
    place = community_name(store, choice.community)
    if not choice.category:
        return [" › ", place]
    return [
        " › ",
        html.A(place, href=choice.but(category="").address),
        " › ",
        _("全部类别") if choice.category == "*" else choice.category,
    ]


def _controls(choice: Choice) -> list[Any]:
    """Days, split, files."""
    days = [_tab(_(DAYS[one]), choice.but(horizon=one), one == choice.horizon) for one in HORIZONS]
    split = [] if choice.community else [_tab(_(BY_NAMES[one]), choice.but(by=one), one == choice.by) for one in BY]
    grids = [_tab(_("看网格"), choice.but(category="*"), False)] if choice.community and not choice.category else []
    files = [
        html.A([icon("download"), name.upper()], href=f"/export/coming.{name}?{choice.query}", className="button")
        for name in ("csv", "xlsx")
    ]
    bars = [html.Nav(bar, className="coming-tabs") for bar in (days, split, grids) if bar]
    return [html.Div([*bars, html.Div(files, className="coming-files")], className="coming-bar")]


def _tab(text: str, choice: Choice, here: bool) -> html.A:
    more = {"aria-current": "page"} if here else {}
    return html.A(text, href=choice.address, className="coming-tab", **more)


def _method(run: Run) -> html.P:
    text = _("自 {day} 起，由季节、星期、节假日和近期水平推算，区间有 90% 的把握；近 7 天来量明显超出预期的标“偏多”。")
    return html.P(text.format(day=run.day.isoformat()), className="quiet coming-method")


def _html_table(choice: Choice, rows: list[Coming]) -> Any:
    if not rows:
        return messages.empty(_("这里没有可以推算的案件"), _("请返回上一级，或选择其他类别。"))
    marks = above_expected(rows)
    head = html.Thead(html.Tr([html.Th(name, scope="col", className="is-number" if i >= len(headings(choice)) - 5 else "")
                               for i, name in enumerate(headings(choice))]))  # fmt: skip
    body = html.Tbody([_html_row(choice, one, (one.code, one.category) in marks) for one in rows[:MOST]])
    more = [html.P(_("只列前 {n} 行，全部在文件中。").format(n=MOST), className="quiet")] if len(rows) > MOST else []
    return html.Div([html.Table([head, body], className="coming-table"), *more], className="coming-rows")


def headings(choice: Choice) -> list[str]:
    """The columns: what it is about, then five numbers."""
    first = [_("网格")] if choice.category else [_("类别")] if choice.community else {
        "community": [_("社区")], "category": [_("类别")], "both": [_("社区"), _("类别")],
    }[choice.by]  # fmt: skip
    return [*first, _(DAYS[choice.horizon]), _("90% 区间"), _("近 7 天"), _("曾预期"), _("偶然达到的概率")]


def row_labels(choice: Choice, one: Coming) -> list[str]:
    """What a row is about."""
    if choice.category:
        return [one.place]
    if choice.community or choice.by == "category":
        return [one.category or ""]
    return [one.place] if choice.by == "community" else [one.place, one.category or ""]


def _html_row(choice: Choice, one: Coming, marked_above: bool) -> html.Tr:
    first = row_labels(choice, one)
    cells = [html.Td(html.A(text, href=opened_by_row(choice, one)) if i == 0 else text) for i, text in enumerate(first)]
    chance = [html.Span([icon("arrow-up"), _("偏多")], className="coming-above")] if marked_above else []
    numbers = [
        html.Strong(expected_text(one.expected)), f"{count(one.low)} – {count(one.high)}", count(one.came),
        "" if one.awaited is None else expected_text(one.awaited), [*chance, " ", chance_text(one.chance)],
    ]  # fmt: skip
    return html.Tr(
        [*cells, *(html.Td(cell, className="is-number") for cell in numbers)],
        className="is-above" if marked_above else "",
    )


def opened_by_row(choice: Choice, one: Coming) -> str:
    """What a row opens: the categories of a community, the grids of a category there, and of a grid or a category its cases on the map."""
    if choice.category:
        category = {} if choice.category == "*" else {"category": choice.category}
        return "/?" + urlencode({"level": "grid", "figure": "reported", "place": one.code, **category})
    if choice.community:
        return choice.but(category=one.category or "*").address
    if choice.by == "category":
        return "/?" + urlencode({"level": "community", "figure": "reported", "category": one.category or ""})
    return choice.but(community=one.code, category="" if choice.by == "community" else one.category or "*").address


def expected_text(value: float) -> str:
    """Expected counts below ten with a decimal."""
    return f"{value:,.1f}" if value < 10 else count(value)


def chance_text(chance: float | None) -> str:
    """A probability in per cent."""
    if chance is None:
        return ""
    return "< 0.1%" if chance < 0.001 else f"{chance * 100:.1f}%"


def coming_file(store: Store, choice: Choice, form: str) -> bytes:
    """The table as a file, what was asked on top. Raises InputError, NotFound."""
    run, rows = kept_run(store), rows_of_choice(store, choice)
    marks = above_expected(rows)
    where = "".join(
        part if isinstance(part, str) else str(part.children) for part in bread(store, choice)
    ).removeprefix(" › ")
    about = [(_("地方"), where or store.deployment.name), (_("时段"), _(DAYS[choice.horizon]))]
    about += [(_("起始日"), run.day.isoformat())] if run else []
    columns = headings(choice)
    heads = [*columns[:-4], _("90% 区间") + " " + _("从"), _("90% 区间") + " " + _("到"), *columns[-3:], _("偏多")]
    lines = [
        [
            *row_labels(choice, one), _rounded(one.expected, 2), one.low, one.high, one.came, _rounded(one.awaited, 2),
            _rounded(one.chance, 5), _("是") if (one.code, one.category) in marks else "",
        ]
        for one in rows
    ]  # fmt: skip
    return as_file(form, [Sheet(_("未诉先办"), about, heads, lines)])


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
