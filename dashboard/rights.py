"""Who may ask what: every address and every callback of the server, in one table. What is not in it is not there.

A rule names roles; a role of any place is enough to look, because a street's operator sees the district's totals too. What
changes or takes out something of the whole district (`district`) needs a role that holds in the whole district. Moves of a
case are asked once more where the case is known (`Actor.may`). `WALL` is the device token: it looks at the page of its place
and what that page is drawn from, and does nothing else.

`python -m dashboard.rights` prints the table into docs/roles.md; a test walks every address and callback with every role.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from starlette.routing import compile_path

from data.actors import (
    ADMINISTRATOR,
    DISPATCHER,
    GRID_WORKER,
    LEADER,
    OPERATOR,
    PLANNER,
    ROLES,
    UNIT_HANDLER,
    Actor,
)

WALL = "wall"


@dataclass(frozen=True)
class Rule:
    """Who passes. open: whoever asks, signed in or not. page: a browser without a session is led to the sign-in page.

    used: asking counts as using the session (a page that only listens does not). audited: written down as this.
    keys: a program's key is taken. form: it may also stand in the form that is sent, as api_key.
    """

    roles: frozenset[str] = frozenset()
    district: bool = False
    open: bool = False
    page: bool = False
    used: bool = True
    keys: bool = False
    form: bool = False
    audited: str = ""

    def allows(self, actor: Actor | None) -> bool:
        """Whether this actor passes."""
        if self.open:
            return True
        if actor is None or (actor.kind == "api" and not self.keys):
            return False
        if actor.kind == "device":
            return WALL in self.roles
        return any(actor.may(role) if self.district else actor.has(role) for role in self.roles)


EVERYBODY = frozenset(ROLES)
ANYONE = Rule(open=True)
NOBODY = Rule()
LOOK = Rule(EVERYBODY | {WALL})
LISTEN = Rule(EVERYBODY | {WALL}, used=False)
WALLS = Rule(EVERYBODY | {WALL}, page=True)
PERSONS = Rule(EVERYBODY)
PERSONS_PAGE = Rule(EVERYBODY, page=True)
COMPARERS = frozenset({OPERATOR, DISPATCHER, LEADER, PLANNER, ADMINISTRATOR})
COMPARE = Rule(COMPARERS)
EXPORT = Rule(frozenset({OPERATOR, DISPATCHER, LEADER, PLANNER, ADMINISTRATOR}), audited="export")
BULLETINS_PAGE = Rule(EXPORT.roles, page=True)
BULLETINS = Rule(EXPORT.roles)
ISSUE = Rule(frozenset({OPERATOR, LEADER, ADMINISTRATOR}))  # of the bulletin's place, asked once more there
TAKE_IN = Rule(frozenset({OPERATOR, ADMINISTRATOR}), district=True)
TAKE_IN_PAGE = Rule(frozenset({OPERATOR, ADMINISTRATOR}), district=True, page=True)
TAKE_OUT = Rule(frozenset({OPERATOR, ADMINISTRATOR}), district=True, audited="export")
PROGRAMS = Rule(EVERYBODY, keys=True)
KEEP_WATCH = Rule(frozenset({OPERATOR, DISPATCHER, LEADER, ADMINISTRATOR}))  # of the place, asked once more there
JUDGE = Rule(
    frozenset({OPERATOR, LEADER, ADMINISTRATOR})
)  # who may do what with a list is the definition's, asked once more there
JUDGE_PAGE = Rule(frozenset({OPERATOR, LEADER, ADMINISTRATOR}), page=True)
RECOMPUTE = Rule(frozenset({ADMINISTRATOR}))  # of the case's place, asked once more for each
OUTSIDE = frozenset({UNIT_HANDLER, GRID_WORKER})
DRAW = Rule(frozenset({PLANNER, LEADER, ADMINISTRATOR}))  # who may draw, approve or remark is asked once more there
DRAW_PAGE = Rule(DRAW.roles, page=True)
ADMINISTER = Rule(frozenset({ADMINISTRATOR}), district=True)
ADMINISTER_PAGE = Rule(frozenset({ADMINISTRATOR}), district=True, page=True)

# Method, address → rule. WS is a WebSocket; HEAD passes where GET does.
ROUTES: dict[tuple[str, str], Rule] = {
    # Parts of the program itself: the same for everybody, nothing of the store.
    ("GET", "/assets/{path:path}"): ANYONE,
    ("GET", "/_dash-component-suites/{package_name}/{fingerprinted_path:path}"): ANYONE,
    ("GET", "/_favicon.ico"): ANYONE,
    ("GET", "/language/{code}"): ANYONE,
    # Signing in and out.
    ("GET", "/sign-in"): ANYONE,
    ("POST", "/sign-in"): ANYONE,
    ("GET", "/sign-in/provider"): ANYONE,
    ("GET", "/sign-in/provider/done"): ANYONE,
    ("POST", "/sign-out"): ANYONE,
    ("GET", "/password"): PERSONS_PAGE,
    ("POST", "/password"): PERSONS_PAGE,
    ("POST", "/demo/role"): PERSONS,
    # Pages.
    ("GET", "/"): PERSONS_PAGE,
    ("GET", "/console"): PERSONS_PAGE,
    ("GET", "/console/intake"): PERSONS_PAGE,
    ("GET", "/console/dispatch"): PERSONS_PAGE,
    ("GET", "/console/handover"): PERSONS_PAGE,
    ("GET", "/console/board"): PERSONS_PAGE,
    ("GET", "/console/board/{kind}"): PERSONS_PAGE,
    ("GET", "/case/{case_id:int}"): PERSONS_PAGE,
    ("GET", "/playback"): PERSONS_PAGE,
    ("GET", "/leader"): Rule(COMPARERS, page=True),
    ("GET", "/leader/coming"): Rule(COMPARERS, page=True),
    ("GET", "/rankings"): Rule(COMPARERS, page=True),
    ("GET", "/heatmap"): Rule(COMPARERS, page=True),
    ("GET", "/rankings/measures"): Rule(frozenset({OPERATOR, LEADER})),
    ("POST", "/rankings/measures"): Rule(frozenset({OPERATOR, LEADER})),  # of the place, asked once more by the engine
    ("GET", "/emergency"): PERSONS_PAGE,
    ("GET", "/emergency/{emergency_id:int}"): PERSONS_PAGE,
    ("GET", "/task/{case_id:int}"): PERSONS_PAGE,
    ("GET", "/scorecards"): JUDGE_PAGE,
    ("GET", "/scorecards/{run_id:int}"): JUDGE_PAGE,
    ("GET", "/scorecards/{run_id:int}/poster"): JUDGE_PAGE,
    ("GET", "/studio"): DRAW_PAGE,
    ("GET", "/studio/{draft_id:int}"): DRAW_PAGE,
    ("GET", "/studio/compare"): DRAW_PAGE,
    ("GET", "/imports"): TAKE_IN_PAGE,
    ("GET", "/bulletins"): BULLETINS_PAGE,
    ("GET", "/accounts"): ADMINISTER_PAGE,
    ("GET", "/rules"): ADMINISTER_PAGE,
    ("GET", "/console/deadlines"): Rule(frozenset({ADMINISTRATOR}), page=True),
    ("GET", "/wall/{place}"): WALLS,  # and only inside the place of the token
    ("GET", "/wall/{place}/playback"): WALLS,
    # Dash's own.
    ("GET", "/_dash-layout"): LOOK,
    ("GET", "/_dash-dependencies"): LOOK,
    ("POST", "/_dash-update-component"): LOOK,  # and then the rule of the callback
    ("GET", "/_reload-hash"): NOBODY,
    ("WS", "/_dash-ws-callback"): NOBODY,
    # What a page follows.
    ("GET", "/live/now"): LISTEN,
    ("WS", "/live/socket"): LISTEN,
    # The map.
    ("GET", "/layers/cells/{level}/{digest}/{name}"): LOOK,
    ("GET", "/layers/base/{digest}/base.bin"): LOOK,
    ("GET", "/layers/worker/{name}"): LOOK,
    ("GET", "/layers/events"): PERSONS,
    ("GET", "/layers/points/{name}"): PERSONS,
    ("GET", "/layers/areas/{name}"): LOOK,
    ("GET", "/search"): PERSONS,
    # The console. What changes a case is asked once more by the engine, move by move.
    ("GET", "/console/queue"): Rule(EVERYBODY, used=False),
    ("GET", "/console/lists"): PERSONS,
    ("GET", "/console/offer"): PERSONS,
    ("GET", "/console/cases/{case_id}"): PERSONS,
    ("GET", "/console/cases/{case_id}/units"): PERSONS,
    ("POST", "/console/orders"): PERSONS,
    ("POST", "/console/cases"): PERSONS,
    # The heatmap.
    ("GET", "/heatmap/shown"): COMPARE,
    ("GET", "/heatmap/hexagons"): COMPARE,
    ("GET", "/heatmap/topics"): COMPARE,
    ("GET", "/heatmap/topic"): COMPARE,
    # Playback. A wall sees its own place (dashboard/playback/asked.py).
    ("GET", "/playback/outline"): LOOK,
    ("GET", "/playback/piece"): LOOK,
    ("GET", "/playback/cases"): LOOK,
    ("GET", "/playback/episodes"): LOOK,
    # On a phone: each post's own cases only. The page, its worker and its manifest are the same for everybody.
    ("GET", "/my"): Rule(OUTSIDE, page=True),
    ("GET", "/my/worker.js"): ANYONE,
    ("GET", "/my/manifest.webmanifest"): ANYONE,
    ("GET", "/my/cases"): Rule(OUTSIDE, used=False),
    ("GET", "/my/cases/{case_id}"): Rule(OUTSIDE),
    ("GET", "/my/choices"): Rule(OUTSIDE),
    ("POST", "/my/orders"): Rule(OUTSIDE),
    ("POST", "/my/reports"): Rule(OUTSIDE),
    ("POST", "/console/openings"): PERSONS,
    ("POST", "/console/deadlines/preview"): RECOMPUTE,
    ("POST", "/console/deadlines/apply"): RECOMPUTE,
    ("GET", "/console/handover/sheet"): Rule(EVERYBODY, used=False),
    ("POST", "/console/handover/sheet"): KEEP_WATCH,
    ("POST", "/console/handover/taken"): KEEP_WATCH,
    ("GET", "/console/boards"): Rule(EVERYBODY, used=False),
    ("GET", "/console/cases/{case_id}/parts"): Rule(EVERYBODY, used=False),
    ("GET", "/console/dispatch/ground"): PERSONS,
    ("POST", "/console/dispatch/area"): PERSONS,
    # Lists and ratings.
    ("GET", "/scorecards/runs"): JUDGE,
    ("GET", "/scorecards/runs/{run_id:int}"): JUDGE,
    ("GET", "/scorecards/runs/{run_id:int}/subjects/{subject_id:int}"): JUDGE,
    ("GET", "/scorecards/runs/{run_id:int}/cases"): JUDGE,
    ("POST", "/scorecards/runs"): JUDGE,
    ("POST", "/scorecards/runs/{run_id:int}/what-if"): JUDGE,
    ("POST", "/scorecards/runs/{run_id:int}/marks-file"): JUDGE,
    ("POST", "/scorecards/runs/{run_id:int}/{what}"): JUDGE,
    # The studio.
    ("GET", "/studio/drafts"): DRAW,
    ("POST", "/studio/drafts"): DRAW,
    ("GET", "/studio/drafts/{draft_id:int}"): DRAW,
    ("GET", "/studio/drafts/{draft_id:int}/since"): DRAW,
    ("GET", "/studio/drafts/{draft_id:int}/what-if"): DRAW,
    ("POST", "/studio/drafts/{draft_id:int}/dossier"): DRAW,
    ("GET", "/studio/drafts/{draft_id:int}/dossier.{form}"): Rule(DRAW.roles, audited="export"),
    ("GET", "/studio/compared"): DRAW,
    ("GET", "/studio/compare/{word}/{digest}/grids.bin"): DRAW,
    ("GET", "/studio/plans/{word}/plan.{form}"): Rule(DRAW.roles, audited="export"),
    ("POST", "/studio/plan-files"): DRAW,
    ("GET", "/studio/plan-files/{token}/{name}"): DRAW,
    ("GET", "/studio/works/{job}"): Rule(DRAW.roles, used=False),
    ("POST", "/studio/works/{job}"): DRAW,
    ("POST", "/studio/plan-files/{token}"): DRAW,
    ("GET", "/studio/cells/{cell_set_id:int}/{digest}/{name}"): DRAW,
    ("GET", "/studio/drafts/{draft_id:int}/solve"): Rule(DRAW.roles, used=False),
    ("POST", "/studio/drafts/{draft_id:int}/solve"): DRAW,
    ("POST", "/studio/drafts/{draft_id:int}/{what}"): DRAW,
    # Alarms, emergencies, warnings. What changes something is asked once more for the place it is about.
    ("GET", "/emergency/now"): LISTEN,
    ("GET", "/emergency/page"): Rule(EVERYBODY, used=False),
    ("POST", "/emergency/alarms/{alarm_id:int}"): PERSONS,
    ("POST", "/emergency/declare"): PERSONS,
    ("POST", "/emergency/{emergency_id:int}/stand-down"): PERSONS,
    ("POST", "/emergency/warnings/{warning_id:int}/task"): PERSONS,
    # In and out.
    ("GET", "/export/cases.{form}"): EXPORT,
    ("GET", "/export/places.{form}"): EXPORT,
    ("GET", "/export/map.{form}"): EXPORT,
    ("GET", "/export/ranking.{form}"): EXPORT,
    ("GET", "/export/coming.{form}"): EXPORT,
    ("GET", "/bulletins/{bulletin_id:int}/{name}"): EXPORT,
    ("POST", "/imports/upload"): TAKE_IN,
    ("GET", "/imports/{import_id}/quarantine.csv"): TAKE_OUT,
    # Other programs, as the post of their key. What they may open and move is decided by the kind of each case.
    ("GET", "/api/v1/openapi.json"): PROGRAMS,
    ("POST", "/api/v1/cases:batch"): PROGRAMS,
    ("POST", "/api/v1/attachments"): PROGRAMS,
    ("POST", "/api/v1/warnings"): Rule(frozenset({OPERATOR, DISPATCHER, LEADER, ADMINISTRATOR}), keys=True),
    ("GET", "/attachments/{name}"): PROGRAMS,
    ("GET", "/open311/discovery.{form}"): PROGRAMS,
    ("GET", "/open311/v2/services.{form}"): PROGRAMS,
    ("GET", "/open311/v2/services/{code:path}.{form}"): PROGRAMS,
    ("GET", "/open311/v2/requests.{form}"): PROGRAMS,
    ("GET", "/open311/v2/requests/{request_id}.{form}"): PROGRAMS,
    ("GET", "/open311/v2/tokens/{token}.{form}"): PROGRAMS,
    ("POST", "/open311/v2/requests.{form}"): Rule(EVERYBODY, keys=True, form=True),
    # Maps of other programs. Single events only for the posts that may export (dashboard/ogc/collections.py), else counts.
    ("GET", "/ogc"): PROGRAMS,
    ("GET", "/ogc/api"): PROGRAMS,
    ("GET", "/ogc/conformance"): PROGRAMS,
    ("GET", "/ogc/collections"): PROGRAMS,
    ("GET", "/ogc/collections/{collection}"): PROGRAMS,
    ("GET", "/ogc/collections/{collection}/items"): PROGRAMS,
    ("GET", "/ogc/collections/{collection}/items/{feature_id}"): PROGRAMS,
    ("GET", "/accounts/log.{form}"): Rule(frozenset({ADMINISTRATOR}), district=True, audited="export"),
}

# The component of a callback's first output (of its first input, where it has no output) → rule.
CALLBACKS: dict[str, Rule] = {
    "page": LOOK,  # and then the rule of the page
    "demo-said": PERSONS,  # refused where time is real
    # The one map, for every person.
    "choose-level": PERSONS,
    "values": PERSONS,
    "headlines-content": PERSONS,
    "trend-title-content": PERSONS,
    "distribution-title-content": PERSONS,
    "places": PERSONS,
    "drawer-head-content": PERSONS,
    "cases": PERSONS,
    "place-estates": PERSONS,
    # Rankings.
    "rank-title": COMPARE,
    "rank-enough": COMPARE,
    "rank-cases-title": COMPARE,
    "rank-cases": COMPARE,
    # The leader's page.
    "leader-values": COMPARE,
    "leader-figures": COMPARE,
    "leader-attention": COMPARE,
    "leader-promises": COMPARE,
    "leader-coming": COMPARE,
    # Import.
    "import-fields": TAKE_IN,
    "import-mapping": TAKE_IN,
    "import-job": TAKE_IN,
    "import-bar": TAKE_IN,
    "import-stop-button": TAKE_IN,
    "import-outcome": TAKE_IN,
    "import-earlier": TAKE_IN,
    "import-detail": TAKE_IN,
    "quarantine": TAKE_IN,
    "address-queue": TAKE_IN,
    "address-card": TAKE_IN,
    # Bulletins.
    "bulletin-job": ISSUE,
    "bulletin-bar": BULLETINS,
    "bulletin-stop": ISSUE,
    # Accounts, walls, the log.
    "account-name": ADMINISTER,
    "account-said": ADMINISTER,
    "device-said": ADMINISTER,
    "log-lines": ADMINISTER,
    # What may be asked of grids, and the working days.
    "admission-text": ADMINISTER,
    "admission-said": ADMINISTER,
    "calendar-year-view": ADMINISTER,
    "calendar-said": ADMINISTER,
}


@cache
def _compiled() -> list[tuple[str, re.Pattern[str], Rule]]:
    return [(method, compile_path(path)[0], rule) for (method, path), rule in ROUTES.items()]


def rule_of(method: str, path: str) -> Rule | None:
    """The rule of a request; None for an address that is not in the table."""
    asked = "GET" if method == "HEAD" else method
    return next((rule for known, regex, rule in _compiled() if known == asked and regex.match(path)), None)


def page_rule(path: str) -> Rule:
    """The rule of a page."""
    return ROUTES.get(("GET", path), NOBODY)


def component_of(output: str, callback: Mapping[str, Any]) -> str:
    """What a callback goes by in the table: the component of its first output, else of its first input."""
    first = output.strip(".").split("...")[0]
    if "." in first:
        return first.rsplit(".", 1)[0]
    return str(callback["inputs"][0]["id"]) if callback.get("inputs") else ""


def callback_rules(callbacks: Mapping[str, Mapping[str, Any]]) -> dict[str, Rule]:
    """Dash's callbacks that the server answers, by their output → rule. One that is not in the table is nobody's."""
    served = {output: one for output, one in callbacks.items() if one.get("callback")}
    return {output: CALLBACKS.get(component_of(output, one), NOBODY) for output, one in served.items()}


def as_markdown() -> Iterator[str]:
    """The table as Markdown."""
    columns = (*ROLES, WALL)
    yield "| | " + " | ".join(columns) + " |"
    yield "|---|" + "---|" * len(columns)
    rows = [(f"`{method} {path}`", rule) for (method, path), rule in ROUTES.items()]
    rows += [(f"callback `{name}`", rule) for name, rule in CALLBACKS.items()]
    for name, rule in rows:
        yield f"| {name} | " + " | ".join(_cell(rule, column) for column in columns) + " |"


def _cell(rule: Rule, role: str) -> str:
    if rule.open:
        return "open"
    if role not in rule.roles:
        return ""
    return "district" if rule.district else "yes"


HEAD = """# Who may what

Printed by `python -m dashboard.rights` from the table in `dashboard/rights.py`; a test asks every address and every callback
as every role and finds exactly this. `yes`: with the role at any place. `district`: only with the role in the whole district.
`open`: whoever asks, signed in or not. Empty: refused, and written into the audit log. What is not listed does not exist.

A wall (device token) looks at the page of its place and does nothing else. A program's key acts as its post, and only at
addresses that say so. Moves of a case are decided once more by the case's kind: which role, at the case's place, for the case's unit.
"""


def main() -> None:
    """Write the table into the docs."""
    from pathlib import Path

    lines = "\n".join(as_markdown())
    (Path(__file__).parents[1] / "docs" / "roles.md").write_text(f"{HEAD}\n{lines}\n", "utf-8")


if __name__ == "__main__":
    main()
