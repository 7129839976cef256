"""How far an order has come, part by part: the counts, the colours of the map, the list."""

from __future__ import annotations

from typing import Any

from dashboard.console import rows
from dashboard.dispatch.ground import around
from dashboard.languages import _, marked
from data.acting import acting
from data.allowances import allowance
from data.casework import number_of_case
from data.parts import counts_of, parts_of
from data.store import Store

Said = dict[str, Any]
STATES = {
    "waiting": marked("未签收"), "accepted": marked("已签收"), "handled": marked("已反馈"), "done": marked("已办结"),
    "voided": marked("已撤销"), "late": marked("超期"),
}  # fmt: skip


def state_names() -> dict[str, str]:
    """State → its word."""
    return {name: _(text) for name, text in STATES.items()}


def progress_said(store: Store, case_id: int, mark: str = "") -> Said:
    """The order and its parts; only the mark where the reader has just that. Raises NotFound."""
    allowed = allowance(store, case_id, acting())
    parts = parts_of(store, case_id)
    counts = counts_of(parts)
    newest = max((part.since for part in parts), default=None)
    own = f"{allowed.sight.seq}-{rows.millis(newest)}-{'-'.join(map(str, counts.values()))}"
    if own == mark:
        return {"mark": mark}
    version = allowed.version
    return {
        "mark": own,
        "id": case_id,
        "number": number_of_case(store, case_id),
        "counts": counts,
        "bounds": around(store, [part.code for part in parts if part.code]),
        "parts": [
            {
                "id": part.case_id,
                "number": part.number,
                "code": part.code,
                "place": part.unit or part.place or "",
                "stage": rows.stage_name(version, part.stage),
                "state": part.state,
                "late": part.late,
                "due": rows.millis(part.due_at) if part.state in ("waiting", "accepted", "handled") else None,
            }
            for part in parts
        ],
    }
