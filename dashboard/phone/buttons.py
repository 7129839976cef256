"""A kind's moves as a phone shows them: which is the big button, which stand beside it, which are under "more".

By the word a move writes into the ledger (data/fold.py), not by its name, so a city's own kinds of case get their buttons too.
A move that needs what a phone does not ask for is left to the console.
"""

from __future__ import annotations

from typing import Any

from dashboard.console.fields import move_said
from data.definitions import KindVersion
from data.kinds import MoveRule

ON, BACK, MORE = "on", "back", "more"
LEADS_ON = frozenset(
    {"registered", "accepted", "offered", "taken", "arrived", "handled", "verified", "closed", "resumed"}
)
LEADS_BACK = frozenset({"returned", "redispatched", "reworked"})
ASKED = frozenset({"note", "reason", "unit", "co_units", "level", "due_at", "handle_due_at", "other", "evidence"})


def asked_here(rule: MoveRule) -> bool:
    """Whether a phone can make the move."""
    return ASKED.issuperset(rule.needs)


def helps(rule: MoveRule) -> bool:
    """Whether it is what a helping unit is asked for."""
    return rule.unit == "help"


def tone(rule: MoveRule) -> str:
    """How a move is shown: it leads on, it leads back, or neither."""
    return ON if rule.action in LEADS_ON or helps(rule) else BACK if rule.action in LEADS_BACK else MORE


def leads_on(rule: MoveRule, parts_open: int) -> bool:
    """Whether it is what somebody waits for. A case ends with its parts, so while some are open it is not."""
    return tone(rule) == ON and not (rule.test is not None and parts_open)


def rules_said(version: KindVersion) -> dict[str, Any]:
    """Every move of a version: what its form asks, how it is shown, whether pictures go along."""
    return {rule.id: rule_said(rule) for rule in version.kind.moves if asked_here(rule)}


def rule_said(rule: MoveRule) -> dict[str, Any]:
    """One move; pictures: how many it must carry, camera: whether it can carry any; reports: it shows as many as were asked for;
    helps: it stands after what leads the case on."""
    said = move_said(rule, "")
    fields = [field for field in said["fields"] if field["name"] in ASKED and field["name"] != "evidence"]
    camera = bool(said["pictures"]) or "evidence" in rule.takes
    return {"name": said["name"], "fields": fields, "pictures": said["pictures"], "camera": camera, "tone": tone(rule),
            "reports": said["reports"], "helps": helps(rule), "notes": rule.action == "noted" and not helps(rule)}  # fmt: skip
