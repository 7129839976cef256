"""The page of bulletins: what was issued, and a form that issues one."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboard import choice as choices
from dashboard import messages
from dashboard.bulletin.asking import kind_of, latest, period_words
from dashboard.bulletin.issuing import issue
from dashboard.desk import Desk, off_loop
from dashboard.formats import moment
from dashboard.icons import icon
from dashboard.jobs import RUNNING, Job
from dashboard.languages import LANGUAGES, _, language, marked, use
from dashboard.rights import ISSUE
from dashboard.said import in_words
from data.acting import acting
from data.bulletins import Bulletin, issued
from data.casework import places_to_choose
from data.errors import JingweiError
from data.periods import Period, parse_period
from data.progress import Progress
from data.store import Store

JOB, BAR, STOP, TICK, LIST = "bulletin-job", "bulletin-bar", "bulletin-stop", "bulletin-tick", "bulletin-list"
PLACE, PERIOD, LANGUAGE, GO = "bulletin-place", "bulletin-period", "bulletin-language", "bulletin-go"
DISTRICT = "district"  # a Select's value is never empty
MONTHS, WEEKS = 12, 8
WHAT = {"monthly": marked("月报"), "weekly": marked("周报"), "other": marked("通报")}


def layout(desk: Desk | None) -> html.Div:
    """The form for those who may issue one, and the list."""
    store = desk.store if desk else None
    may = store is None or ISSUE.allows(acting())
    return html.Div(
        [
            html.Section([html.H2(_("生成通报")), form(store), progress(desk)], className="" if may else "is-hidden"),
            html.Section(
                [html.H2(_("已发布")), html.Div(listed(store) if store else None, id=LIST, className="bulletin-table")]
            ),
        ],
        className="bulletins",
    )


def form(store: Store | None) -> html.Div:
    """Which place, which period, in which language."""
    periods = period_options(store) if store else []
    first = periods[0]["items"][0]["value"] if periods else None
    places = place_options(store) if store else []
    return html.Div(
        [
            dmc.Select(id=PLACE, label=_("区域"), data=places, value=places[0]["value"] if places else None, allowDeselect=False),
            dmc.Select(id=PERIOD, label=_("时段"), data=periods, value=first, allowDeselect=False, searchable=True),
            dmc.Select(
                id=LANGUAGE, label=_("语言"), value=language(), allowDeselect=False,
                data=[{"value": code, "label": name} for code, name in LANGUAGES.items()],
            ),
            dmc.Button(_("生成通报"), id=GO, n_clicks=0),
        ],
        className="bulletin-form",
    )  # fmt: skip


def place_options(store: Store) -> list[dict[str, str]]:
    """The district for those whose role holds in it, and the streets of the post."""
    own = [place for grant in acting().grants for place in grant.places]
    inside = [place.place_id for place in own]
    whole = not own or any(not grant.places for grant in acting().grants)
    streets = places_to_choose(store, ("street",), [] if whole else inside)
    found = [(DISTRICT, store.deployment.name)] if whole else []
    return [
        {"value": code, "label": name} for code, name in [*found, *((code, name) for _level, code, name in streets)]
    ]


def period_options(store: Store) -> list[dict[str, Any]]:
    """The months and weeks that have ended, the latest first."""
    now = store.now()
    month, week = latest(store, "monthly", now), latest(store, "weekly", now)
    months = [Period(choices.shift(month.start, -i), choices.shift(month.start, 1 - i)) for i in range(MONTHS)]
    weeks = [Period(_days(week.start, -7 * i), _days(week.end, -7 * i)) for i in range(WEEKS)]
    return [
        {"group": _(WHAT[what]), "items": [{"value": _value(one), "label": period_words(one, what)} for one in found]}
        for what, found in (("monthly", months), ("weekly", weeks))
    ]


def _days(at: datetime, days: int) -> datetime:
    return datetime.combine(at.date() + timedelta(days=days), time(), at.tzinfo)


def _value(period: Period) -> str:
    return f"{period.start.date()}/{period.end.date()}"


def progress(desk: Desk | None) -> html.Div:
    """The bar; a page opened in the middle of the work picks it up."""
    running = desk.jobs.running() if desk else None
    own = running if running is not None and running.kind == "bulletin" else None
    return html.Div(
        [
            dcc.Store(id=JOB, data=own.job_id if own else None),
            dcc.Interval(id=TICK, interval=500, disabled=own is None),
            html.Div(id=BAR, **{"aria-live": "polite"}),
            dmc.Button(_("停止"), id=STOP, variant="default", size="xs", n_clicks=0, className="is-hidden"),
        ],
        className="bulletin-progress",
    )


def bar(job: Job) -> Any:
    """How far it is, or why it ended badly."""
    if job.status == RUNNING:
        share = job.share
        said = in_words(job.label) if job.label else _("生成通报")
        return html.Div(
            [
                html.Span(said, className="quiet"),
                dmc.Progress(value=round((share or 0) * 100), animated=share is None, size="sm"),
            ]
        )
    if job.error is not None:
        return messages.failure_of(job.error)
    return html.Span([icon("check"), " ", _("已发布")], className="is-good")


def listed(store: Store) -> Any:
    """What was issued, the latest first."""
    found = issued(store)
    if not found:
        return messages.empty(
            _("还没有发布过通报"), _("选择区域和时段，点“生成通报”；或由管理员设定每月、每周自动发布。")
        )
    names = (_("通报"), _("区域"), _("统计时点"), _("发布"), _("文件"))
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in names]))
    return html.Table([head, html.Tbody([_row(store, one) for one in found])], className="small-table")


def _row(store: Store, one: Bulletin) -> html.Tr:
    zone = store.zone
    period = Period(one.starts_at.astimezone(zone), one.ends_at.astimezone(zone))
    title = [
        html.Strong(period_words(period, kind_of(period))),
        html.Span(_("{what} 第 {n} 期").format(what=_(WHAT[one.what]), n=one.number), className="quiet"),
    ]
    files = [
        html.A(
            [icon("download"), file.name.rsplit(".", 1)[-1].upper()], href=f"/bulletins/{one.bulletin_id}/{file.name}",
            className="button", title=f"{file.name} · {file.bytes / 1000:,.0f} kB · SHA-256 {file.sha256[:16]}…",
        )
        for file in one.files
    ]  # fmt: skip
    cells = [
        html.Td(title), html.Td(one.place or store.deployment.name), html.Td(moment(one.as_of, zone)),
        html.Td([moment(one.made_at, zone), html.Div(LANGUAGES.get(one.language, one.language), className="quiet")]),
        html.Td(html.Div(files, className="bulletin-files")),
    ]  # fmt: skip
    return html.Tr(cells)


def register(app: Dash, desk: Desk) -> None:
    """The button → a job; the clock → how it stands; the stop button → its end."""

    @app.callback(
        Output(JOB, "data"),
        Input(GO, "n_clicks"),
        State(PLACE, "value"),
        State(PERIOD, "value"),
        State(LANGUAGE, "value"),
        prevent_initial_call=True,
    )
    async def begin(clicks: int, place: str | None, period: str | None, code: str | None) -> Any:
        if not clicks or not period:
            return no_update
        try:
            return begun(desk, "" if place in (None, DISTRICT) else str(place), period, code or "zh").job_id
        except JingweiError as error:
            return f"!{in_words(error.what)}"

    @app.callback(
        Output(BAR, "children"),
        Output(STOP, "className"),
        Output(TICK, "disabled"),
        Output(LIST, "children"),
        Input(TICK, "n_intervals"),
        Input(JOB, "data"),
        prevent_initial_call=True,
    )
    async def follow(_ticks: int, job_id: str | None) -> tuple[Any, ...]:
        if not job_id:
            return None, "is-hidden", True, no_update
        if job_id.startswith("!"):
            return messages.failure(job_id[1:]), "is-hidden", True, no_update
        job = desk.jobs.get(job_id)
        running = job.status == RUNNING
        rows = no_update if running and ctx.triggered_id == TICK else await off_loop(listed, desk.store)
        return bar(job), "" if running else "is-hidden", not running, rows

    @app.callback(Output(STOP, "title"), Input(STOP, "n_clicks"), prevent_initial_call=True)
    async def stop(clicks: int) -> Any:
        running = desk.jobs.running()
        if clicks and running and running.kind == "bulletin":
            await off_loop(running.reporter.stop)
        return no_update


def begun(desk: Desk, place: str, period: str, code: str) -> Job:
    """The job that issues it, as the post that asked. Raises Refused while another piece of work is under way."""
    store, found = desk.store, parse_period(period, desk.store.zone)

    def work(progress_of: Progress) -> int:
        use(code)
        return issue(store, kind_of(found), found, place, progress_of).bulletin_id

    return desk.jobs.start("bulletin", work)
