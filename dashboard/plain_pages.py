"""Pages that work before anything else does: signing in, another password, "not for this post". Plain HTML forms.

Dash needs a dozen scripts and a session; these need neither, so they also work on a phone's old browser and with the
keyboard alone. Whatever stands in them that is not ours is escaped.
"""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from starlette.responses import HTMLResponse

from dashboard.build import build
from dashboard.languages import LANGUAGES, _, language, marked, tag
from data.actors import ADMINISTRATOR, DISPATCHER, GRID_WORKER, LEADER, OPERATOR, PLANNER, UNIT_HANDLER, Actor
from data.passwords import LEAST

ROLE_NAMES = {
    OPERATOR: marked("值班员"),
    DISPATCHER: marked("派遣员"),
    UNIT_HANDLER: marked("承办单位"),
    GRID_WORKER: marked("网格员"),
    LEADER: marked("领导"),
    PLANNER: marked("规划员"),
    ADMINISTRATOR: marked("管理员"),
}

PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · {brand}</title>
<link rel="icon" type="image/svg+xml" href="/assets/early/favicon.svg">
<script src="/assets/early/theme.js"></script>
<link rel="stylesheet" href="/assets/tokens.css?m={build}">
<link rel="stylesheet" href="/assets/early/plain.css?m={build}">
{script}</head>
<body>
<main>
<header><span class="brand">{brand}</span>{district}</header>
<h1>{title}</h1>
{said}{body}
</main>
<footer><a href="/language/{other}?next={here}" lang="{other}">{other_name}</a></footer>
</body>
</html>"""
FIELD = '<label>{label}<input name="{name}" type="{kind}" value="{value}" autocomplete="{auto}" {more}required></label>'


def page(
    title: str, body: str, *, district: str = "", said: str = "", here: str = "/", status: int = 200, script: str = ""
) -> HTMLResponse:
    """A page around a body that is ours. said: a sentence above it; here: the address to come back to in another language;
    script: one of assets/early."""
    other = "en" if language() == "zh" else "zh"
    text = PAGE.format(
        lang=tag(),
        title=escape(title),
        brand=escape(_("经纬")),
        build=build(),
        district=f'<span class="district">{escape(district)}</span>' if district else "",
        said=f'<p class="said" role="alert">{escape(said)}</p>\n' if said else "",
        body=body,
        script=f'<script src="/assets/early/{script}?m={build()}"></script>\n' if script else "",
        other=other,
        other_name=escape(LANGUAGES[other]),
        here=escape(here, quote=True),
    )
    return HTMLResponse(text, status, {"cache-control": "no-store"})


def sign_in(
    *, district: str, next_page: str, name: str = "", said: str = "", status: int = 200, provider: str | None = None
) -> HTMLResponse:
    """Name and password, and the way over the identity provider where there is one (its label; None: there is none)."""
    fields = [
        f'<input type="hidden" name="next" value="{escape(next_page, quote=True)}">',
        _field(_("账号"), "name", "text", "username", value=name, more='maxlength="64" spellcheck="false" autocapitalize="none" '
               + ("autofocus " if not name else "")),
        _field(_("密码"), "password", "password", "current-password", more='maxlength="256" ' + ("autofocus " if name else "")),
        f'<button type="submit">{escape(_("登录"))}</button>',
    ]  # fmt: skip
    form = f'<form method="post" action="/sign-in">{"".join(fields)}</form>'
    if provider is not None:
        label = escape(provider or _("用统一身份认证登录"))
        form += (
            f'<a class="provider" href="/sign-in/provider?next={escape(_quoted(next_page), quote=True)}">{label}</a>'
        )
    form += f'<p class="quiet">{escape(_("账号属于岗位，不属于个人；由本区管理员开设。"))}</p>'
    here = f"/sign-in?next={_quoted(next_page)}"
    return page(_("登录"), form, district=district, said=said, here=_quoted(here), status=status, script="forget.js")


def password(*, label: str, said: str = "", status: int = 200) -> HTMLResponse:
    """The old password, and the new one twice."""
    least = f'minlength="{LEAST}" maxlength="256" '
    fields = [
        _field(_("现在的密码"), "old", "password", "current-password", more='maxlength="256" autofocus '),
        _field(_("新密码"), "new", "password", "new-password", more=least),
        _field(_("再输入一次新密码"), "again", "password", "new-password", more=least),
        f'<button type="submit">{escape(_("修改密码"))}</button>',
        f'<a href="/">{escape(_("返回"))}</a>',
        f'<p class="quiet">{escape(_("至少 {n} 个字符；越长越好。").format(n=LEAST))}</p>',
    ]
    form = f'<form method="post" action="/password">{"".join(fields)}</form>'
    return page(_("修改密码"), form, district=label, said=said, here="/password", status=status)


def no_right(actor: Actor) -> HTMLResponse:
    """What a post is told at a page that is not for it."""
    roles = _("、").join(_(ROLE_NAMES[role]) for role in actor.roles)
    text = _("此页面不对这个岗位开放。如需使用，请联系管理员。")
    body = f'<p>{escape(text)}</p><p class="quiet">{escape(_(actor.label))} {escape(roles)}</p><a href="/">{escape(_("返回"))}</a>'
    return page(_("没有权限"), body, status=403)


def _field(label: str, name: str, kind: str, auto: str, *, value: str = "", more: str = "") -> str:
    return FIELD.format(
        label=escape(label), name=name, kind=kind, auto=auto, more=more, value=escape(value, quote=True)
    )


def _quoted(text: str) -> str:
    return quote(text, safe="")
