"""Who is signed in, at the header's end, and what belongs to that: another password, signing out, a demo's other roles.

Everything in it is a plain link or form, so it works whatever the page does.
"""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html

from dashboard.demo_user import ALL, is_demo
from dashboard.icons import icon
from dashboard.languages import _
from dashboard.phone.page import PATH as PHONE
from dashboard.plain_pages import ROLE_NAMES
from dashboard.rights import page_rule
from data.acting import acting
from data.actors import ROLES, Actor


def layout() -> Any:
    """The button with the post's name, and what opens under it."""
    actor = acting()
    name = (
        _(actor.label) if not is_demo(actor) or actor.roles == ROLES else f"{_(actor.label)} · {roles_in_words(actor)}"
    )
    button = dmc.UnstyledButton(
        [icon("user"), html.Span(name, className="account-name")],
        className="switch account" + (" mark" if is_demo(actor) else ""),
        **{"aria-label": _("账号：{name}").format(name=name)},
    )
    return dmc.Popover(
        [dmc.PopoverTarget(button), dmc.PopoverDropdown(_menu(actor))],
        position="bottom-end",
        trapFocus=True,
        returnFocus=True,
        withRoles=True,
        shadow=None,
        transitionProps={"duration": 0},
    )


def _menu(actor: Actor) -> html.Div:
    head = [html.Strong(_(actor.label)), html.Div(roles_in_words(actor), className="quiet hint")]
    links = [html.A(_("我的案件（手机）"), href=PHONE)] if page_rule(PHONE).allows(actor) else []
    own = _demo(actor) if is_demo(actor) else _post(actor)
    return html.Div([*head, *links, *own], className="account-menu")


def roles_in_words(actor: Actor) -> str:
    """'值班员、派遣员'; all of them in one word."""
    return _("全部角色") if actor.roles == ROLES else _("、").join(_(ROLE_NAMES[role]) for role in actor.roles)


def _demo(actor: Actor) -> list[Any]:
    """A visitor's roles: each a button that shows the program as that role sees it."""
    own = ALL if actor.roles == ROLES else "".join(actor.roles)
    names = {ALL: _("全部角色"), **{role: _(name) for role, name in ROLE_NAMES.items()}}
    buttons = [
        html.Button(
            name, type="submit", name="role", value=role, className="hand", **{"aria-pressed": str(role == own).lower()}
        )
        for role, name in names.items()
    ]
    return [
        html.Div(_("模拟数据：访客自动登录。换一个角色，看看它能看到什么。"), className="quiet hint"),
        html.Form(buttons, action="/demo/role", method="POST", className="hands"),
        html.A(_("用账号登录"), href="/sign-in"),
    ]


def _post(actor: Actor) -> list[Any]:
    if actor.kind != "person":
        return []
    leave = html.Form(
        html.Button(_("退出登录"), type="submit", className="hand"),
        action="/sign-out",
        method="POST",
        className="hands",
    )
    return [html.A(_("修改密码"), href="/password"), leave]
