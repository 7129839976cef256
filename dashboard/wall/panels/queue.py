"""What runs out next, or has run out, with the time that is left: the browser counts it down."""

from __future__ import annotations

from typing import Any, Literal

from dash import html
from pydantic import Field

from dashboard.console.rows import clock_name, kind_name, millis, stage_name, warn_share
from dashboard.console.tabs import kinds_of
from dashboard.formats import count
from dashboard.languages import _
from dashboard.wall.protocol import Ask, Options, Panel
from dashboard.wall.queues import how_many_soon, run_out, running_out
from data.definitions import KindVersion
from data.queues import Waiting

MOST = 30


class Queue(Options):
    """which: what runs out next, or what has run out; rows: at most; fewer where they do not fit."""

    which: Literal["soon", "late"] = "soon"
    rows: int = Field(10, ge=1, le=MOST)


def title(options: Queue) -> str:
    """By what it lists."""
    return _("即将超期") if options.which == "soon" else _("已超期")


def shown(asked: Ask) -> dict[str, Any]:
    """A line a case, and how many there are."""
    options: Queue = asked.options
    found = (running_out if options.which == "soon" else run_out)(asked, options.rows)
    kinds = kinds_of(asked.store)
    if not found:
        what = _("没有将要到期的案件") if options.which == "soon" else _("没有超期的案件")
        return {"body": [html.Div(what, className="wall-empty")], "n": ""}
    n = count(how_many_soon(asked)) if options.which == "soon" else ""
    rows = [line(one, kinds.get(one.kind)) for one in found]
    return {"body": [html.Div(rows, className="wall-lines")], "n": n}


def line(one: Waiting, version: KindVersion | None) -> html.Div:
    """What, how long still; where, who, at which stage."""
    clock = html.Span(
        className="countdown",
        **{
            "data-due": str(millis(one.due_at) or ""),
            "data-started": str(millis(one.started_at) or ""),
            "data-warn": str(warn_share(version, one.clock)),
        },
    )
    where = [one.place or _("未定位"), one.unit, clock_name(version, one.clock) or stage_name(version, one.stage)]
    return html.Div(
        [
            html.Div([html.Span(one.category or kind_name(version, one.kind), className="wall-what"), clock]),
            html.Div(" · ".join(filter(None, where)), className="wall-where"),
        ],
        className="wall-line",
    )


PANEL = Panel("queue", title, shown, Queue)
