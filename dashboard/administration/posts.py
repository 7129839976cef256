"""The accounts: who there is, and a form that opens, changes and shuts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, html, no_update

from dashboard import messages
from dashboard.administration.parts import field, places_of, rows_table
from dashboard.desk import Desk, off_loop
from dashboard.formats import moment
from dashboard.languages import _
from dashboard.plain_pages import ROLE_NAMES
from data.accounts import Account
from data.acting import acting
from data.errors import JingweiError
from data.grants import codes_of, role_texts, units
from data.store import Store

NEW = ""
CHOSEN, SAID, ROWS = "account-chosen", "account-said", "account-rows"
NAME, LABEL, ROLES, PLACES = "account-name", "account-label", "account-roles", "account-places"
UNIT, OUTSIDE, PASSWORD = "account-unit", "account-outside", "account-password"
SAVE, SHUT = "account-save", "account-shut"


def layout(desk: Desk | None) -> html.Div:
    """The table and the form beside it."""
    store = desk.store if desk else None
    form = [
        field(_("账号"), dmc.Select(id=CHOSEN, data=choices(store), value=NEW, searchable=True)),
        field(_("登录名"), dmc.TextInput(id=NAME, autoComplete="off"), _("岗位的名字，不是人名")),
        field(_("岗位名称"), dmc.TextInput(id=LABEL)),
        field(_("角色"), dmc.MultiSelect(id=ROLES, data=[{"value": r, "label": _(n)} for r, n in ROLE_NAMES.items()])),
        field(
            _("范围"),
            dmc.MultiSelect(id=PLACES, data=places_of(store), searchable=True, limit=50),
            _("不选即全区；对所选的每个角色都有效"),
        ),
        field(_("承办单位"), dmc.Select(id=UNIT, data=unit_choices(store), searchable=True, clearable=True, limit=50)),
        field(_("统一身份认证中的名称"), dmc.TextInput(id=OUTSIDE)),
        field(
            _("密码"),
            dmc.PasswordInput(id=PASSWORD, autoComplete="new-password"),
            _("修改账号时留空即不变；改了密码、角色或停用，已登录的会话随即退出"),
        ),
        html.Div(
            [
                dmc.Button(_("保存"), id=SAVE, n_clicks=0),
                dmc.Button(_("停用 / 启用"), id=SHUT, n_clicks=0, variant="default"),
            ],
            className="admin-buttons",
        ),
        html.Div(id=SAID, role="status"),
    ]
    return html.Div(
        [html.Section(overview(store) if store else None, id=ROWS), html.Section(form, className="admin-form")],
        className="admin",
    )


def choices(store: Store | None) -> list[dict[str, str]]:
    """What the form can be about: a new account, or one there is."""
    known = store.access.accounts.all() if store else []
    return [{"value": NEW, "label": _("新账号")}, *({"value": one.name, "label": one.name} for one in known)]


def unit_choices(store: Store | None) -> list[dict[str, str]]:
    """The units a handler may belong to."""
    return [{"value": str(unit["unit_id"]), "label": unit["name"]} for unit in (units(store) if store else [])]


def overview(store: Store) -> Any:
    """Every account in a line."""
    names = {unit["unit_id"]: unit["name"] for unit in units(store)}
    rows = [_row(store, one, names) for one in store.access.accounts.all()]
    if not rows:
        return messages.empty(_("还没有账号"), _("在右侧填写并保存。"))
    columns = [_("账号"), _("岗位"), _("角色与范围"), _("承办单位"), _("登录方式"), _("状态"), _("开设")]
    return rows_table(columns, rows)


def _row(store: Store, one: Account, unit_names: dict[int, str]) -> list[str]:
    ways = [_("密码")] * one.has_password + [_("统一身份认证")] * bool(one.outside)
    return [
        one.name,
        one.label,
        roles_in_words(store, one),
        unit_names.get(one.unit_id or 0, ""),
        _("、").join(ways),
        _("停用") if one.disabled else _("启用"),
        moment(one.created_at, store.zone),
    ]


def roles_in_words(store: Store, account: Account) -> str:
    """'值班员（371302001）、领导（全区）'."""
    parts = [text.partition("@") for text in role_texts(store, account.grants)]
    return _("、").join(
        _("{role}（{place}）").format(role=_(ROLE_NAMES[role]), place=code or _("全区")) for role, _at, code in parts
    )


def filled(store: Store, name: str) -> tuple[Any, ...]:
    """The form's fields for an account; empty for a new one."""
    if name == NEW:
        return "", "", [], [], None, "", ""
    one = store.access.accounts.by_name(name)
    codes = codes_of(store, {place.place_id for grant in one.grants for place in grant.places})
    unit = str(one.unit_id) if one.unit_id is not None else None
    return one.name, one.label, list(one.actor().roles), sorted(codes.values()), unit, one.outside or "", ""


def saved(store: Store, chosen: str, told: dict[str, Any]) -> str:
    """Open or change an account; what was done, in words. Raises what is wrong with the fields."""
    accounts = store.access.accounts
    roles = _roles(told[ROLES], told[PLACES])
    unit = next((one["code"] for one in units(store) if str(one["unit_id"]) == told[UNIT]), None)
    if chosen == NEW:
        one = accounts.add(
            acting(), name=told[NAME], label=told[LABEL], roles=roles, password=told[PASSWORD] or None, unit=unit,
            outside=told[OUTSIDE] or None,
        )  # fmt: skip
        return _("已开设账号 {name}").format(name=one.name)
    one = accounts.by_name(chosen)
    if told[PASSWORD]:
        accounts.set_password(acting(), one, told[PASSWORD])
    if set(roles) != set(role_texts(store, one.grants)) or told[UNIT] != str(one.unit_id or ""):
        accounts.set_roles(acting(), one, roles, unit)
    accounts.set_names(acting(), accounts.by_name(chosen), label=told[LABEL], outside=told[OUTSIDE] or None)
    return _("已修改账号 {name}").format(name=one.name)


def shut(store: Store, chosen: str) -> str:
    """Shut an account, or open a shut one."""
    one = store.access.accounts.by_name(chosen)
    store.access.accounts.set_disabled(acting(), one, not one.disabled)
    return (_("已启用 {name}") if one.disabled else _("已停用 {name}")).format(name=one.name)


def _roles(roles: Sequence[str], places: Sequence[str]) -> list[str]:
    return [f"{role}@{code}" for role in roles for code in places] if places else list(roles)


def register(app: Dash, desk: Desk) -> None:
    """The chosen account → the form; the buttons → the account."""

    fields = (NAME, LABEL, ROLES, PLACES, UNIT, OUTSIDE, PASSWORD)

    @app.callback([Output(name, "value") for name in fields], Input(CHOSEN, "value"), prevent_initial_call=True)
    async def fill(name: str) -> tuple[Any, ...]:
        return await off_loop(filled, desk.store, name or NEW)

    @app.callback(
        Output(SAID, "children"),
        Output(ROWS, "children"),
        Output(CHOSEN, "data"),
        Input(SAVE, "n_clicks"),
        Input(SHUT, "n_clicks"),
        State(CHOSEN, "value"),
        [State(name, "value") for name in fields],
        prevent_initial_call=True,
    )
    async def act(_saves: int, _shuts: int, chosen: str, *values: Any) -> tuple[Any, Any, Any]:
        store, told = desk.store, dict(zip(fields, values, strict=True))
        told = {name: told[name] or ([] if name in (ROLES, PLACES) else "") for name in fields}
        try:
            if ctx.triggered_id == SHUT:
                said = await off_loop(shut, store, chosen or NEW)
            else:
                said = await off_loop(saved, store, chosen or NEW, told)
        except JingweiError as error:
            return messages.failure_of(error), no_update, no_update
        return said, await off_loop(overview, store), await off_loop(choices, store)
