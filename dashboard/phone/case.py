"""One case on a phone: what it is about, where, how long still, what happened, its pictures, what may be done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dashboard.console import rows
from dashboard.console.case import clocks, ledger
from dashboard.languages import _
from dashboard.phone.buttons import asked_here, rules_said
from dashboard.phone.mine import refuse_others
from data.acting import acting
from data.allowances import allowance
from data.cases import Case, detail
from data.casework import unit_names
from data.fold import ENDS
from data.profiles import Named, whereabouts
from data.store import Store

Said = dict[str, Any]


def case_said(store: Store, case_id: int) -> Said:
    """Everything its page shows. Raises NotFound, and Refused for another post's case."""
    actor = acting()
    allowed = allowance(store, case_id, actor)
    refuse_others(store, actor, case_id)
    case = detail(store, case_id)
    row, version = case.row, allowed.version
    whole = case if row["parent_case_id"] is None else detail(store, row["parent_case_id"])
    names = unit_names(store, [line["by_unit"] for line in case.transitions])
    return {
        "id": case_id,
        "number": row["external_id"],
        "seq": row["seq"],
        "digest": version.digest,
        "wanted": allowed.sight.life.wanted if allowed.sight.life else 0,
        "kind_name": rows.kind_name(version, row["kind"]),
        "category": row["category"] or rows.kind_name(version, row["kind"]),
        "stage": rows.stage_name(version, row["stage"]),
        "unit": row["unit"] or "",
        "path": path_of(whereabouts(store, case_id)[1]),
        "at": None if row["lon"] is None else [row["lat"], row["lon"]],
        "text": first_words(case) or first_words(whole),
        "pictures": [*(pictures(whole) if whole is not case else ()), *pictures(case)],
        "clocks": [] if row["stage"] in ENDS else clocks(allowed),
        "ledger": ledger(case, version, store, names),
        "moves": [rule.id for rule in allowed.moves if asked_here(rule)],
        "rules": {version.digest: rules_said(version)},
        "over": _("已结束") if row["stage"] in ENDS else "",
    }


def first_words(case: Case) -> str:
    """What the case is about. That of a part, a called unit's or a grid's, is said by the whole."""
    return next((note["body"] for note in case.notes if note["body"] and not note["erased_at"]), "")


def path_of(chain: Sequence[Named]) -> list[str]:
    """The places as somebody goes there: a grid says nothing to whoever knows the estate."""
    walked = [place.name for place in chain[1:] if place.level not in ("grid", "micro_grid")]
    return walked if chain and chain[-1].level not in ("grid", "micro_grid") else [place.name for place in chain[1:]]


def pictures(case: Case) -> list[str]:
    """The addresses of all pictures its lines carry, the oldest first."""
    said = [json.loads(line["payload"]) for line in case.transitions if line["payload"]]
    return [f"/attachments/{name}" for one in said for name in one.get("evidence", ())]
