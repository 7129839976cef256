"""The clock of a simulated district and the hands on it: a pause, the speed, a jump, a rainstorm. On screens of simulated
deployments only; the server asks once more, whoever sent the request."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, ctx, html

from dashboard.desk import Desk, off_loop
from dashboard.formats import moment
from dashboard.languages import _, marked
from data.acting import acting
from data.audit import record
from data.errors import Refused
from data.store import Store
from etl import demo_time

SAID = "demo-said"
SPEEDS = {0: marked("暂停"), 1: "×1", 60: "×60", 600: "×600"}
JUMPS = {1: marked("+1 小时"), 6: marked("+6 小时"), 24: marked("+1 天")}
STORM = "demo-storm"


def layout(zone: str) -> list[Any]:
    """The clock as a button, and what opens under it."""
    clock = dmc.UnstyledButton(
        [html.Time(), html.Span(className="clock-speed")],
        className="clock switch",
        **{
            "data-clock": zone,
            "data-simulated": "true",
            "data-words": f'{{"paused": "{_("已暂停")}"}}',
            "aria-label": _("演示时间：调整快慢"),
        },
    )
    return [
        dmc.Popover(
            [dmc.PopoverTarget(clock), dmc.PopoverDropdown(_hands())],
            position="bottom-end",
            trapFocus=True,
            returnFocus=True,
            keepMounted=True,
            withRoles=True,
            shadow=None,
            transitionProps={"duration": 0},
        )
    ]


def _hands() -> html.Div:
    speeds = [_button(f"demo-speed-{rate}", _(word), **{"data-speed": str(rate)}) for rate, word in SPEEDS.items()]
    jumps = [_button(f"demo-jump-{hours}", _(word)) for hours, word in JUMPS.items()]
    return html.Div(
        [
            html.Strong(_("演示时间")),
            html.Div(_("这是模拟数据：时间可以加快、暂停、向前跳。"), className="quiet hint"),
            html.Div(speeds, className="hands"),
            html.Div([*jumps, _button(STORM, _("下一场暴雨"))], className="hands"),
            html.Div(id=SAID, className="quiet hint", role="status"),
        ],
        className="demo-hands",
    )


def _button(name: str, text: str, **more: str) -> html.Button:
    return html.Button(text, id=name, type="button", className="hand", n_clicks=0, **more)


def turn(store: Store, name: str) -> str:
    """Do what a button says; in words, what comes of it. Refused where time is real."""
    if not (store.deployment.simulated and store.clock.simulated):
        raise Refused("this deployment's time is the machine's.", todo="Only a simulated deployment's can be set.")
    what, _dash, number = name.removeprefix("demo-").partition("-")
    if what == "speed" and number.isdigit() and int(number) in SPEEDS:
        demo_time.speed(store, int(number))
        return _("速度：{speed}").format(speed=_(SPEEDS[int(number)]))
    if what == "jump" and number.isdigit() and int(number) in JUMPS:
        goal = demo_time.jump(store, int(number))
        return _("正在走到 {time}").format(time=moment(goal, store.zone))
    if name == STORM:
        return _("暴雨将于 {time} 开始").format(time=moment(demo_time.storm(store), store.zone))
    raise Refused("there is no such hand on the clock.", where=name)


def register(app: Dash, desk: Desk) -> None:
    """A button → the clock, and what is said of it."""
    buttons = [f"demo-speed-{rate}" for rate in SPEEDS] + [f"demo-jump-{hours}" for hours in JUMPS] + [STORM]

    @app.callback(Output(SAID, "children"), [Input(name, "n_clicks") for name in buttons], prevent_initial_call=True)
    async def press(*_clicks: int) -> str:
        name = str(ctx.triggered_id)
        said = await off_loop(turn, desk.store, name)
        record(desk.store, "clock", acting(), what=name.removeprefix("demo-"))
        return said
