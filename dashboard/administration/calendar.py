"""The working calendar: a year at a glance, its days worked and off, and the State Council's notice once it is entered.

Until the notice of a year is entered its days are what the calendar's source knows, and the year is marked provisional.
"""

from __future__ import annotations

import re
from calendar import Calendar, monthrange
from datetime import date, timedelta
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, html, no_update

from dashboard import messages
from dashboard.administration.parts import field
from dashboard.desk import Desk, off_loop
from dashboard.formats import count, moment
from dashboard.languages import _, marked
from data.acting import acting
from data.calendars import WorkingCalendar
from data.errors import InputError, JingweiError
from data.store import Store
from data.working_days import Year, calendar_of, enter, entered, notices, read_years

YEAR, VIEW, NOTICE, WORKED, OFF, SAVE, SAID = (
    "calendar-year", "calendar-year-view", "calendar-notice", "calendar-worked", "calendar-off", "calendar-save",
    "calendar-said",
)  # fmt: skip
AHEAD, BACK = 2, 3  # years offered
MONTHS = (
    marked("一月"), marked("二月"), marked("三月"), marked("四月"), marked("五月"), marked("六月"), marked("七月"),
    marked("八月"), marked("九月"), marked("十月"), marked("十一月"), marked("十二月"),
)  # fmt: skip
DAYS = (marked("一"), marked("二"), marked("三"), marked("四"), marked("五"), marked("六"), marked("日"))
FRIDAY = 4


def layout(desk: Desk | None) -> html.Div:
    """The year, and the form of its notice."""
    store = desk.store if desk else None
    this = store.now().astimezone(store.zone).year if store else 2026
    years = [{"value": str(year), "label": str(year)} for year in range(this + AHEAD, this - BACK - 1, -1)]
    form = [
        field(_("年份"), dmc.Select(id=YEAR, data=years, value=str(this), allowDeselect=False)),
        field(_("通知文号"), dmc.TextInput(id=NOTICE), _("国务院办公厅关于放假安排的通知；录入后该年不再是暂定")),
        field(
            _("上班的休息日"),
            dmc.Textarea(id=WORKED, minRows=3, autosize=True),
            _("调休上班的周末，每行一天，如 2027-02-07"),
        ),
        field(
            _("放假的工作日"),
            dmc.Textarea(id=OFF, minRows=6, autosize=True),
            _("每行一天，或一段，如 2027-10-01~2027-10-07"),
        ),
        html.Div([dmc.Button(_("录入"), id=SAVE, n_clicks=0)], className="admin-buttons"),
        html.Div(id=SAID, role="status"),
    ]
    return html.Div([html.Section(id=VIEW), html.Section(form, className="admin-form")], className="admin")


def year_view(store: Store, year: int) -> list[Any]:
    """Twelve months with every day worked, off, or other than its weekday says."""
    calendar = calendar_of(store)
    worked = sum(calendar.is_working_day(day) for day in _days(year))
    known = next((one for one in notices(store) if one.year == year), None)
    mark = (
        html.Span(_("暂定：尚未录入放假通知"), className="mark")
        if calendar.is_provisional(year)
        else html.Span(_("已录入 {notice}，{at}").format(notice=known.notice, at=moment(known.entered_at, store.zone)))
        if known
        else None
    )
    head = html.Div(
        [html.Strong(str(year)), html.Span(_("工作日 {n} 天").format(n=count(worked))), *([mark] if mark else [])],
        className="year-head",
    )
    legend = html.Div(
        [
            html.Span([html.Span("8", className=f"day {name}"), word])
            for name, word in (("is-off", _("休息")), ("is-turned-on", _("调休上班")), ("is-turned-off", _("放假")))
        ],
        className="year-legend quiet",
    )
    return [head, html.Div([_month(calendar, year, month) for month in range(1, 13)], className="year"), legend]


def _month(calendar: WorkingCalendar, year: int, month: int) -> html.Table:
    head = html.Thead(html.Tr([html.Th(_(day), scope="col") for day in DAYS]))
    weeks = Calendar().monthdatescalendar(year, month)
    body = [html.Tr([_day(calendar, day) if day.month == month else html.Td() for day in week]) for week in weeks]
    return html.Table([html.Caption(_(MONTHS[month - 1])), head, html.Tbody(body)], className="month")


def _day(calendar: WorkingCalendar, day: date) -> html.Td:
    worked, weekday = calendar.is_working_day(day), day.weekday() <= FRIDAY
    name = {(True, True): "", (False, False): "is-off", (True, False): "is-turned-on", (False, True): "is-turned-off"}[
        worked, weekday
    ]
    word = {"is-turned-on": _("调休上班"), "is-turned-off": _("放假"), "is-off": _("休息"), "": _("工作日")}[name]
    return html.Td(html.Span(str(day.day), className=f"day {name}", title=f"{day.isoformat()} {word}"))


def _days(year: int) -> list[date]:
    n = 365 + (monthrange(year, 2)[1] == 29)
    return [date(year, 1, 1) + timedelta(days=i) for i in range(n)]


def read_days(text: str, where: str) -> tuple[date, ...]:
    """The days of a field: one a line, or a stretch "first~last". Raises InputError."""
    found: list[date] = []
    for line in re.findall(r"[^\s,;\uff0c\u3001]+", text):
        try:
            first, last = (date.fromisoformat(part) for part in (line.split("~") if "~" in line else (line, line)))
        except ValueError:
            raise InputError("this is no day.", where=f"{where} {line}", todo="Write 2027-02-07.") from None
        found += [first + timedelta(days=i) for i in range(min((last - first).days, 366) + 1)]
    return tuple(dict.fromkeys(found))


def save(store: Store, year: int, notice: str, worked: str, off: str) -> str:
    """Enter the notice of a year; what was done, in words. Raises InputError."""
    if not notice.strip():
        raise InputError("a year is entered with its notice.", where="notice")
    days = {"worked": read_days(worked, "worked"), "off": read_days(off, "off")}
    listed = "".join(f"{name} = [{', '.join(day.isoformat() for day in some)}]\n" for name, some in days.items())
    quoted = notice.strip().replace("\\", "").replace('"', "")
    enter(store, read_years(f'[{year}]\nnotice = "{quoted}"\n{listed}', "calendar"), acting())
    return _("已录入 {year} 年。已给的时限不变；需要时请管理员重算。").format(year=year)


def fields_of(year: Year | None) -> tuple[str, str, str]:
    """What the form holds of a year."""
    if year is None:
        return "", "", ""
    worked, off = ("\n".join(day.isoformat() for day in days) for days in (year.worked, year.off))
    return year.notice, worked, off


def register(app: Dash, desk: Desk) -> None:
    """The year → its view and its fields; the button enters it."""

    @app.callback(
        Output(VIEW, "children"),
        Output(NOTICE, "value"),
        Output(WORKED, "value"),
        Output(OFF, "value"),
        Input(YEAR, "value"),
        Input(SAID, "children"),
    )
    async def show(year: str, _said: Any) -> tuple[Any, ...]:
        wanted = int(year) if year.isdecimal() else 0
        view = await off_loop(year_view, desk.store, wanted)
        if ctx.triggered_id == SAID:  # what somebody is writing stays
            return view, no_update, no_update, no_update
        return view, *fields_of(await off_loop(entered, desk.store, wanted))

    @app.callback(
        Output(SAID, "children"),
        Input(SAVE, "n_clicks"),
        State(YEAR, "value"),
        State(NOTICE, "value"),
        State(WORKED, "value"),
        State(OFF, "value"),
        prevent_initial_call=True,
    )
    async def keep(_clicks: int, year: str, notice: str | None, worked: str | None, off: str | None) -> Any:
        try:
            return await off_loop(save, desk.store, int(year), notice or "", worked or "", off or "")
        except JingweiError as error:
            return messages.failure_of(error)
        except ValueError:
            return no_update
