"""Addresses the program could not place surely: a queue of texts, and for the one picked what it could mean.

A person picks a place, types another one, or says that nobody can tell; equal texts are settled together, and a name nobody
knew can be kept, so that every other text that says it is placed too. Everything works by keys (assets/addresses.js): arrows walk
the queue, digits pick a candidate, Enter settles. What is sent is checked where it is done (etl/address_commands.py).
"""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, html, no_update

from dashboard import messages
from dashboard.desk import Desk, off_loop
from dashboard.formats import count
from dashboard.importing.ids import ENDED
from dashboard.languages import _, marked
from data.errors import JingweiError, NotFound
from data.progress import Quiet
from data.store import Store
from etl.address_commands import addresses_queue, addresses_settle, name_in

QUEUE, CHOICE, PLACE, KEEP, NAME = "address-queue", "address-choice", "address-place", "address-keep", "address-name"
SETTLE, AGAIN = "address-settle", "address-again"
OTHER, NONE = "other", "none"  # choices beside the numbers of candidates
SHOWN = 200  # rows of the queue
REASONS = {
    "several": marked("有几个同名的地方"),
    "contradiction": marked("与所述社区不符"),
    "slip": marked("像是写错了一个字"),
    "ending": marked("名称的结尾对不上"),
    "part": marked("只是另一个名称的一部分"),
    "unknown": marked("没有这个名称"),
}

Row = dict[str, Any]


def layout(desk: Desk | None) -> html.Section:
    """The queue on the left, the text picked on the right."""
    rows, total = waiting(desk.store) if desk is not None else ([], 0)
    return html.Section(
        [
            html.Div(
                [
                    html.Div(heading(rows, total), id="address-heading"),
                    dmc.RadioGroup(
                        queue(rows), id=QUEUE, value=_key(rows, 0), className="address-queue", label=_("待核对的地址")
                    ),
                ],
                className="address-list",
            ),
            html.Div(
                [
                    html.Div(_card_of(desk, rows[0]) if desk and rows else card(None), id="address-card"),
                    html.Div(
                        [
                            dmc.Button(_("确定"), id=SETTLE, n_clicks=0),
                            html.Span(_("↑ ↓ 换一条，数字选择，0 看不出来，回车确定"), className="quiet"),
                        ],
                        id="address-buttons",
                        className="address-buttons" if rows else "is-hidden",
                    ),
                    html.Div(id="address-said", **{"aria-live": "polite"}),
                ],
                className="address-picked",
            ),
        ],
        className="address-review",
    )  # fmt: skip


def waiting(store: Store) -> tuple[list[Row], int]:
    """The rows of the queue, and how many cases wait in all."""
    found = addresses_queue(store, {"limit": SHOWN}, Quiet())
    return found["rows"], found["total"]


def heading(rows: list[Row], total: int) -> Any:
    """How many wait; where none does, that all is done."""
    if not rows:
        return messages.empty(_("没有待核对的地址"), _("说不准的地址会在这里等您确认。现在都已处理好了。"))
    shown = sum(row["cases"] for row in rows)
    rest = [] if shown >= total else [_("先列出 {n} 件").format(n=count(shown))]
    words = [_("{n} 件工单的地址待核对").format(n=count(total)), *rest]
    return html.P(_("，").join(words), className="quiet")


def queue(rows: list[Row]) -> list[Any]:
    """A line a text: the text, masked, and how many cases say it."""
    return [
        dmc.Radio(
            value=str(row["case_id"]),
            label=html.Span(
                [
                    html.Span(row["text"] or _("（无文字）"), className="address-text"),
                    *([html.Span(f"×{count(row['cases'])}", className="quiet")] if row["cases"] > 1 else []),
                ]
            ),
        )
        for row in rows
    ]


def card(row: Row | None, name: str = "") -> Any:
    """What a text could mean, and what is done with it. name: what in it may be worth keeping."""
    offered = row["candidates"] if row else []
    return html.Div(
        [
            *(_said_of(row) if row else []),
            dmc.RadioGroup(
                [
                    *(dmc.Radio(value=str(n), label=_numbered(n, one["title"])) for n, one in enumerate(offered, 1)),
                    dmc.Radio(value=OTHER, label=_("另一处：")),
                    dmc.TextInput(
                        id=PLACE, size="xs", placeholder=_("编码，或写明白的地址"), **{"aria-label": _("另一处地点")}
                    ),
                    dmc.Radio(value=NONE, label=_numbered(0, _("看不出来，留在原处"))),
                ],
                id=CHOICE,
                value="1" if offered else OTHER,
                className="address-choices",
                label=_("这个地址指"),
            ),
            dmc.Checkbox(id=KEEP, label=_("这是该小区的又一个叫法，记下来"), checked=False),
            dmc.TextInput(id=NAME, size="xs", value=name, **{"aria-label": _("又一个叫法")}),
        ],
        className="address-card" if row else "is-hidden",
    )


def _card_of(desk: Desk, row: Row) -> Any:
    return card(row, name_in(desk.store, row["text"] or ""))


def _said_of(row: Row) -> list[Any]:
    near = [part.partition("=")[2] for part in (row["named_place"] or "").split("|") if part.startswith("community=")]
    words = [
        _(REASONS[row["reason"]]),
        *near,
        _("{n} 件").format(n=count(row["cases"])) if row["cases"] > 1 else row["number"],
    ]
    return [html.H2(row["text"] or _("（无文字）")), html.P(" · ".join(words), className="quiet")]


def _numbered(number: int, text: str) -> html.Span:
    return html.Span([html.Kbd(str(number)), text])


def _key(rows: list[Row], at: int) -> str | None:
    return str(rows[min(at, len(rows) - 1)]["case_id"]) if rows else None


def settled(store: Store, case: str, choice: str, place: str, name: str) -> str:
    """Do what was chosen; what it did, in words. Raises JingweiError when it cannot be done."""
    chosen: dict[str, Any] = {"dismiss": True} if choice == NONE else {"place": place.strip()}
    if choice not in (OTHER, NONE):
        chosen = {"candidate": int(choice)}
    if choice == OTHER and not place.strip():
        raise NotFound("no place is named.", todo="Type a code or an address, or choose that nobody can tell.")
    kept = "" if choice == NONE else name
    done = addresses_settle(store, {"case": int(case), "equal": True, "name": kept, **chosen}, Quiet())
    words = [_("{n} 件 → {place}").format(n=count(done["cases"]), place=done["title"] or _("留在原处"))]
    if done["also_placed"]:
        words.append(
            _("“{name}”记下后，另有 {n} 件也找到了地方").format(name=done["name"], n=count(done["also_placed"]))
        )
    return _("；").join(words)


def register(app: Dash, desk: Desk) -> None:
    """A row picked → its card; the button, or an import that ended → the queue anew, at the row that follows."""

    @app.callback(
        Output("address-card", "children"),
        Input(QUEUE, "value"),
        prevent_initial_call=True,
    )
    async def show(case: str | None) -> Any:
        rows, _total = await off_loop(waiting, desk.store)
        row = next((row for row in rows if str(row["case_id"]) == case), None)
        return card(None) if row is None else await off_loop(_card_of, desk, row)

    @app.callback(
        Output(QUEUE, "children"),
        Output(QUEUE, "value"),
        Output("address-heading", "children"),
        Output("address-buttons", "className"),
        Output("address-said", "children"),
        Input(SETTLE, "n_clicks"),
        Input(ENDED, "data"),
        State(QUEUE, "value"),
        State(CHOICE, "value"),
        State(PLACE, "value"),
        State(KEEP, "checked"),
        State(NAME, "value"),
        prevent_initial_call=True,
    )
    async def settle(
        _clicks: int, ended: dict[str, str] | None, case: str | None, choice: str, place: str, keep: bool, name: str
    ) -> tuple[Any, ...]:
        clicked = ctx.triggered_id == SETTLE and case is not None
        if not clicked and (not ended or ended["kind"] != "import"):
            return (no_update,) * 5
        before, _total = await off_loop(waiting, desk.store)
        at = next((n for n, row in enumerate(before) if str(row["case_id"]) == case), 0)
        said: Any = None
        if clicked and case is not None:
            try:
                told = await off_loop(settled, desk.store, case, choice, place or "", (name or "") if keep else "")
                said = html.P(told, className="address-done")
            except JingweiError as error:
                return (*(no_update,) * 4, messages.failure_of(error))
        rows, total = await off_loop(waiting, desk.store)
        buttons = "address-buttons" if rows else "is-hidden"
        return queue(rows), _key(rows, at), heading(rows, total), buttons, said
