"""One case for whoever works on it: where it stands, how long still, what happened, what may be the same, what may be done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dashboard.casetable import LOCATED
from dashboard.console import rows
from dashboard.console.fields import moves_said
from dashboard.formats import moment, name_of
from dashboard.languages import _
from dashboard.one_map.casecard import ACTIONS, ALARMS, SATISFACTION
from dashboard.one_map.rail import level_name
from dashboard.plain_pages import ROLE_NAMES
from data.acting import acting
from data.allowances import Allowance, allowance
from data.cases import Case, detail
from data.casework import at_repeat_points, linked, unit_names
from data.definitions import KindVersion
from data.dispatching import Suspicion, duplicates, suspicion
from data.fold import ENDS
from data.parts import Part, parts_of
from data.profiles import whereabouts
from data.recomputing import MOVE as RECOMPUTED
from data.store import Store

Said = dict[str, Any]
ENDED, MOST_PARTS = ("done", "voided"), 200


def case_said(store: Store, case_id: int) -> Said:
    """Everything a case's page shows. Raises NotFound."""
    allowed = allowance(store, case_id, acting())
    case = detail(store, case_id)
    located, chain = whereabouts(store, case_id)
    row = case.row
    doubt, sub_cases = suspicion(store, case_id), parts_of(store, case_id)
    life = allowed.sight.life
    names = unit_names(store, [*(life.co_units if life else ()), *(line["by_unit"] for line in case.transitions)])
    return {
        "id": case_id,
        "number": row["external_id"],
        "seq": row["seq"],
        "digest": allowed.version.digest,
        "kind_name": rows.kind_name(allowed.version, row["kind"]),
        "stage": rows.stage_name(allowed.version, row["stage"]),
        "category": row["category"],
        "category_id": row["category_id"],
        "urgency": life.urgency if life else "normal",
        "urgency_name": rows.urgency_name(store, life.urgency if life else "normal"),
        "marks": rows.marks(
            sorted(life.marks) if life else (), life.level if life else None, row["reworked"],
            suspended=row["suspended"], repeat=bool(at_repeat_points(store, [case_id])),
        ),
        "path": [{"name": place.name, "level": level_name(place.level)} for place in chain],
        "point": None if row["lon"] is None else [row["lat"], row["lon"]],
        "clocks": [] if row["stage"] in ENDS else clocks(allowed),
        "text": next((note["body"] for note in case.notes if note["body"]), ""),
        "facts": [
            *facts(case, store, located, [names[unit] for unit in (life.co_units if life else ()) if unit in names]),
            *ladders(allowed),
        ],
        "stages": path_of(allowed, case),
        "ledger": ledger(case, allowed.version, store, names),
        "call_backs": call_backs(case, store),
        "pictures": pictures(case, store),
        "by_service_level": any(clock.limit == "service_level" for clock in allowed.version.kind.clocks.values()),
        "wanted": life.wanted if life else 0,
        "parts": parts(allowed.version, sub_cases),
        "parts_all": len(sub_cases),
        "parts_done": sum(part.state in ENDED for part in sub_cases),
        "links": [
            {"id": one.case_id, "number": one.external_id, "stage": rows.stage_name(allowed.version, one.stage)}
            for one in linked(store, case_id)
        ],
        "duplicates": same_perhaps(store, case, allowed.version),
        "doubt": doubt_said(doubt),
        "moves": [rule.id for rule in allowed.moves],
        "rules": {allowed.version.digest: moves_said(allowed.version)},
    }  # fmt: skip


def clocks(allowed: Allowance) -> list[Said]:
    """The clocks that run, the first to run out first."""
    sight = allowed.sight
    running = (
        {name: (clock.started_at, clock.due_at) for name, clock in sight.life.clocks.items()}
        if sight.life
        else {
            name: (sight.registered_at or sight.reported_at, sight.row[clock.field])
            for name, clock in allowed.version.kind.clocks.items()
            if clock.field and sight.row[clock.field] and not (clock.field == "handle_due_at" and sight.handled_at)
        }
    )
    found = [
        {
            "name": rows.clock_name(allowed.version, name),
            "started": rows.millis(started),
            "due": rows.millis(due),
            "warn": rows.warn_share(allowed.version, name),
            "standing": bool(sight.suspended),
        }
        for name, (started, due) in running.items()
    ]
    return sorted(found, key=lambda one: one["due"])


def facts(case: Case, store: Store, located: str, helping: list[str]) -> list[list[str]]:
    """Pairs of a name and a value; what is not known is left out."""
    row = case.row
    pairs = [
        (_("主办单位"), row["unit"]),
        (_("协办单位"), _("、").join(helping)),
        (_("到期"), moment(row["due_at"], store.zone)),
        (_("处置时限"), moment(row["handle_due_at"], store.zone)),
        (_("来源"), row["channel"]),
        (_("定位"), _(LOCATED.get(located, located))),
        (_("上报"), moment(row["reported_at"], store.zone)),
        (_("立案"), moment(row["registered_at"], store.zone)),
        (_("处置"), moment(row["handled_at"], store.zone)),
        (_("结案"), moment(row["closed_at"], store.zone)),
        (_("延期"), str(row["extended"]) if row["extended"] else None),
    ]
    return [[name, value] for name, value in pairs if value]


def ladders(allowed: Allowance) -> list[list[str]]:
    """The ladder of every clock that runs and has one: which level after how many working hours."""
    running = allowed.sight.life.clocks if allowed.sight.life else {}
    found: dict[str, list[str]] = {}
    for rung in allowed.version.kind.escalation:
        after = _("{n} 工作小时").format(n=f"{rung.after:g}") if rung.after else _("到时")
        found.setdefault(rung.clock, []).append(_("{level}（{after}）").format(level=level_name(rung.to), after=after))
    return [
        [_("{clock}逾期升级").format(clock=rows.clock_name(allowed.version, name)), " → ".join(steps)]
        for name, steps in found.items()
        if name in running
    ]


def path_of(allowed: Allowance, case: Case) -> list[Said]:
    """The stages of the kind's life in order, each with whether the case has been there and when it came: the timeline."""
    been = {line["stage"]: rows.millis(line["occurred_at"]) for line in case.transitions if line["stage"]}
    here = case.row["stage"]
    aside = {"returned", "voided"} - set(been)
    return [
        {"name": name_of(stage.name.zh, stage.name.en), "at": been.get(name), "here": name == here}
        for name, stage in allowed.version.kind.stages.items()
        if name not in aside
    ]


def ledger(case: Case, version: KindVersion, store: Store, names: dict[int, str]) -> list[Said]:
    """The lines, the latest first: when, what, by which post, for which unit, with which words."""
    notes = {note["note_id"]: note for note in case.notes}
    lines, due = [], None
    for line in case.transitions:
        said = json.loads(line["payload"]) if line["payload"] else {}
        note = notes.get(line["note_id"])
        new_due = line["due_at"] if line["due_at"] != due else None
        due = line["due_at"] or due
        lines.append(
            {
                "at": moment(line["occurred_at"], store.zone),
                "what": what_happened(line, said, version),
                "alarm": line["action"] in ALARMS,
                "by": by_whom(line, names),
                "unit": line["unit"] or "",
                "due": moment(new_due, store.zone),
                "note": _("（已删除）") if note and note["erased_at"] else (note or {}).get("body") or "",
                "pictures": len(said.get("evidence", ())),
            }
        )
    return lines[::-1]


def what_happened(line: Said, said: Said, version: KindVersion) -> str:
    """What a line tells: the move as its definition names it, an escalation with its level, or what is no move at all."""
    action: str = line["action"]
    if action == "escalated" and said.get("level"):
        return _("升级至{level}").format(level=level_name(said["level"]))
    if (rule := version.kind.move(said.get("move", ""))) is not None:
        return name_of(rule.name.zh, rule.name.en)
    return _("重算时限") if said.get("move") == RECOMPUTED else _(ACTIONS.get(action, action))


def pictures(case: Case, store: Store) -> list[list[str]]:
    """The pictures of the ledger in the order they came: [name, when and by which role]."""
    found = []
    for line in case.transitions:
        said = json.loads(line["payload"]) if line["payload"] else {}
        found += [
            [name, f"{moment(line['occurred_at'], store.zone)} {by_whom(line, {})}"]
            for name in said.get("evidence", ())
        ]
    return found


def by_whom(line: Said, names: dict[int, str]) -> str:
    """The role, and the unit it acted for."""
    others = {
        "program": _("系统自动"), "import": _("导入"), "caller": _("来电人"), "handler": _("承办单位"),
        "verifier": _("核查员"), "supervisor": _("督办"), "hotline": _("热线"),
    }  # fmt: skip
    role = line["by_role"] or ""
    word = others.get(role) or (_(ROLE_NAMES[role]) if role in ROLE_NAMES else role)
    return " · ".join(part for part in (word, names.get(line["by_unit"] or 0)) if part)


def call_backs(case: Case, store: Store) -> list[Said]:
    """The call-backs in words."""
    found = []
    for call in case.call_backs:
        words = [
            {True: _("已联系"), False: _("未联系上"), None: None}[call["contacted"]],
            {True: _("已解决"), False: _("未解决"), None: None}[call["resolved"]],
            _(SATISFACTION[call["satisfaction"]]) if call["satisfaction"] in SATISFACTION else None,
        ]
        said = _("、").join(word for word in words if word)
        found.append({"at": moment(call["completed_at"], store.zone), "said": said})
    return found


def parts(version: KindVersion, found: Sequence[Part]) -> list[Said]:
    """The parts of a case with where each stands, those that are open first; not all of a thousand."""
    ordered = sorted(found, key=lambda part: part.state in ENDED)
    return [
        {
            "id": part.case_id, "number": part.number, "where": part.unit or part.place or "",
            "done": part.state in ENDED, "due": rows.millis(part.due_at), "stage": rows.stage_name(version, part.stage),
        }
        for part in ordered[:MOST_PARTS]
    ]  # fmt: skip


def same_perhaps(store: Store, case: Case, version: KindVersion) -> list[Said]:
    """Cases that may be the same, with whether they are joined already."""
    row = case.row
    found = duplicates(
        store, row["kind"], row["category_id"], row["x"], row["y"], row["reported_at"], case_id=row["case_id"]
    )
    return [
        {
            "id": one.case_id,
            "number": one.external_id,
            "stage": rows.stage_name(version, one.stage),
            "at": moment(one.reported_at, store.zone),
            "metres": round(one.metres),
            "linked": one.linked,
        }
        for one in found
    ]


def doubt_said(doubt: Suspicion) -> list[str]:
    """Why closing this case deserves a second look."""
    said = []
    if doubt.repeat:
        said.append(_("重复点：90 天内 50 米范围同类 {n} 件").format(n=doubt.at_point))
    if doubt.reopened:
        said.append(_("返工或重开 {n} 次，疑似假闭环").format(n=doubt.reopened))
    return said
