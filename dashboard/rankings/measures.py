"""约谈 and 督办 from a row: what stands beside it, what the dialog says before anything happens, and the case that is opened.

The case is opened as any other (dashboard/console/openings.py), so the engine decides once more whether the post may, and writes it down.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dashboard.console.openings import open_any
from dashboard.console.rows import kind_name, stage_name
from dashboard.console.tabs import kinds_of
from dashboard.console.words import moment_words
from dashboard.languages import _
from data.acting import acting
from data.actors import LEADER, OPERATOR
from data.errors import InputError
from data.measures import KINDS, PLACES, SUBJECTS, Measure, chain_of_subject, measures, units_to_ask
from data.store import Store

Said = dict[str, Any]
TERM = timedelta(days=14)  # the date the dialog proposes
UNITS = 60  # to choose from


def rows_with_measures(store: Store, subject: str, rows: list[Said]) -> list[Said]:
    """The rows with what stands beside each."""
    found = measures_said(store, subject)
    return [{**row, "measures": found.get(str(row["code"]), [])} for row in rows]


def measures_said(store: Store, subject: str) -> dict[str, list[Said]]:
    """The code of every subject with any → its cases as the table writes them."""
    return {
        code: [measure_said(store, one) for one in cases]
        for code, cases in measures(store, subject, store.now()).items()
    }


def measure_said(store: Store, one: Measure) -> Said:
    """One case: its kind, how it stands, its address."""
    version, due = kinds_of(store).get(one.kind), one.due_at
    closed = one.stage == "closed"
    until = due.astimezone(store.zone).strftime("%m-%d") if due and not closed else ""
    late = bool(due and not closed and due <= store.now())
    stage = stage_name(version, one.stage)
    how = _("{day} 已过期").format(day=until) if late else _("{day} 到期").format(day=until) if until else ""
    tone = "closed" if closed else "late" if late else "open"
    text = " · ".join(part for part in (kind_name(version, one.kind), stage, how) if part)
    return {"id": one.case_id, "number": one.number, "text": text, "tone": tone}


def may_measure() -> bool:
    """Whether this post may open any of them anywhere."""
    return acting().has(LEADER, OPERATOR)


def measure_form(store: Store, subject: str, code: str, name: str) -> Said:
    """What the dialog asks: the kinds this post may open about it, the units to choose from. Raises InputError, NotFound."""
    _check(subject)
    chain, actor = chain_of_subject(store, subject, code), acting()
    kinds = [
        (kind, one)
        for kind, one in kinds_of(store).items()
        if kind in KINDS and actor.role_for(one.kind.opening.roles, chain)
    ]
    due = (store.now() + TERM).astimezone(store.zone)
    return {
        "kinds": [[kind, kind_name(one, kind)] for kind, one in kinds],
        "units": [list(pair) for pair in units_to_ask(store, subject, code)[:UNITS]],
        "due": due.strftime("%Y-%m-%d 17:00"),
        "words": form_words(name),
    }


def form_words(name: str) -> Said:
    """What the dialog says."""
    return {
        "title": _("督办或约谈：{name}").format(name=name),
        "kind": _("方式"), "unit": _("责任单位"), "due": _("期限"), "note": _("要求"),
        "note_hint": _("写明问题、要求和依据"),
        "what": {
            "supervision": _("将开出一件督办，交“{unit}”在 {due} 前书面答复；它进入该单位的待办，到期未答复会升级。此操作记入审计。"),
            "interview": _("将开出一件约谈，请“{unit}”到场说明，并在 {due} 前反馈整改；它进入约谈看板，到期未反馈会升级。此操作记入审计。"),
        },
        "none": _("您的岗位不能对它开督办或约谈。"),
        "needed": _("请填写责任单位、期限和要求。"),
        "send": _("确认开出"), "cancel": _("取消"), "done": _("已开出：{number}"), "lost": _("没有连上服务器，请再试一次。"),
        "moment": moment_words(),
    }  # fmt: skip


def open_measure(store: Store, body: Mapping[str, Any]) -> Said:
    """Open the case; how it stands then. Raises what refuses it."""
    subject, code, kind = (str(body.get(name) or "") for name in ("subject", "code", "kind"))
    _check(subject)
    if kind not in KINDS:
        raise InputError("only an interview or a supervision is opened here.", where="kind")
    asked = {name: body.get(name) for name in ("key", "unit", "note", "due_at")} | {"kind": kind}
    if body.get("unit") not in {unit for unit, _name in units_to_ask(store, subject, code)}:
        raise InputError("this unit does not answer for it.", where="unit")
    if subject in PLACES:
        asked["place"] = f"{subject}={code}"
    made = open_any(store, asked)
    return {**made, "measures": measures_said(store, subject).get(code, [])}


def _check(subject: str) -> None:
    if subject not in SUBJECTS:
        raise InputError("this has no interviews or supervisions.", where="subject")
