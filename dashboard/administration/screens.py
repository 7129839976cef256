"""Walls and programs: the tokens there are, when each was last seen, and a form that makes and revokes them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, html, no_update

from dashboard import messages
from dashboard.administration.parts import field, places_of, rows_table
from dashboard.desk import Desk, off_loop
from dashboard.formats import moment
from dashboard.languages import _, marked
from data.acting import acting
from data.errors import InputError, JingweiError
from data.grants import codes_of
from data.store import Store
from data.tokens import Token

KINDS = {"device": marked("大屏"), "api": marked("程序")}
KIND, LABEL, PLACE, ACCOUNT = "device-kind", "device-label", "device-place", "device-account"
MAKE, CHOSEN, REVOKE, SAID, ROWS = "device-make", "device-chosen", "device-revoke", "device-said", "device-rows"


def layout(desk: Desk | None) -> html.Div:
    """The table and the form beside it."""
    store = desk.store if desk else None
    posts = [one.name for one in store.access.accounts.all() if not one.disabled] if store else []
    form = [
        field(
            _("用于"), dmc.Select(id=KIND, data=[{"value": k, "label": _(n)} for k, n in KINDS.items()], value="device")
        ),
        field(_("说明"), dmc.TextInput(id=LABEL), _("挂在哪里，或由什么程序使用")),
        field(_("大屏显示的地方"), dmc.Select(id=PLACE, data=places_of(store), searchable=True, limit=50)),
        field(_("程序代表的账号"), dmc.Select(id=ACCOUNT, data=posts, searchable=True)),
        html.Div(dmc.Button(_("生成令牌"), id=MAKE, n_clicks=0), className="admin-buttons"),
        field(_("收回"), dmc.Select(id=CHOSEN, data=choices(store), searchable=True, clearable=True)),
        html.Div(dmc.Button(_("收回令牌"), id=REVOKE, n_clicks=0, variant="default"), className="admin-buttons"),
        html.Div(id=SAID, role="status"),
    ]
    return html.Div(
        [html.Section(overview(store) if store else None, id=ROWS), html.Section(form, className="admin-form")],
        className="admin",
    )


def choices(store: Store | None) -> list[dict[str, str]]:
    """The tokens in force."""
    held = store.access.tokens.all() if store else []
    return [{"value": str(t.token_id), "label": f"{t.token_id} {t.label}"} for t in held if t.revoked_at is None]


def overview(store: Store) -> Any:
    """Every token in a line, never its secret."""
    held = store.access.tokens.all()
    if not held:
        return messages.empty(_("还没有令牌"), _("大屏和程序凭令牌进入；在右侧生成。"))
    codes = codes_of(store, {token.place.place_id for token in held if token.place})
    columns = [_("编号"), _("用于"), _("说明"), _("地方 / 账号"), _("生成"), _("最近一次"), _("状态")]
    return rows_table(columns, [_row(store, token, codes) for token in held])


def _row(store: Store, token: Token, codes: dict[int, str]) -> list[Any]:
    account = store.access.accounts.get(token.account_id or 0)
    meant: Any = account.name if account else ""
    if token.place:
        code = codes.get(token.place.place_id, "")
        meant = html.A(code, href=f"/wall/{quote(code)}", target="_blank")
    return [
        str(token.token_id),
        _(KINDS[token.kind]),
        token.label,
        meant,
        moment(token.made_at, store.zone),
        moment(token.seen_at, store.zone) or _("从未"),
        _("已收回") if token.revoked_at else _("有效"),
    ]


def made(store: Store, kind: str, label: str, place: str, account: str) -> Any:
    """A new token, shown once."""
    tokens = store.access.tokens
    if kind == "device":
        if not place:
            raise InputError("a wall shows one place.", where="place", todo="Choose the place.")
        _token, secret = tokens.add_device(acting(), label, place)
        secret = f"/wall/{place}?token={secret}"
    else:
        _token, secret = tokens.add_key(acting(), label, store.access.accounts.by_name(account))
    hint = _("只显示这一次，请立即复制。大屏打开此地址后，令牌即从地址中消失。")
    return html.Div([html.Code(secret, className="secret"), html.P(hint)])


def register(app: Dash, desk: Desk) -> None:
    """The buttons → the tokens."""

    @app.callback(
        Output(SAID, "children"),
        Output(ROWS, "children"),
        Output(CHOSEN, "data"),
        Input(MAKE, "n_clicks"),
        Input(REVOKE, "n_clicks"),
        [State(name, "value") for name in (KIND, LABEL, PLACE, ACCOUNT, CHOSEN)],
        prevent_initial_call=True,
    )
    async def act(_makes: int, _revokes: int, *values: str | None) -> tuple[Any, Any, Any]:
        store, (kind, label, place, account, chosen) = desk.store, [value or "" for value in values]
        try:
            if ctx.triggered_id == MAKE:
                said = await off_loop(made, store, kind, label, place, account)
            else:
                said = await off_loop(revoked, store, chosen)
        except JingweiError as error:
            return messages.failure_of(error), no_update, no_update
        return said, await off_loop(overview, store), await off_loop(choices, store)


def revoked(store: Store, chosen: str) -> str:
    """Take a token back; whoever uses it is out at once."""
    if not chosen:
        raise InputError("no token was chosen.", where="token", todo="Choose the one to take back.")
    token = store.access.tokens.get(int(chosen))
    store.access.tokens.revoke(acting(), token)
    return _("已收回 {name}").format(name=token.label)
