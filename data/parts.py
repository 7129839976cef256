"""The parts of a case as they stand: whose each is, and how far it has come, in words every kind shares.

A definition names its own stages; here a part has only one of five states, so that one map and one bar can show an order to a
thousand grids as well as a whistle for three departments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from data.sights import ATLAS_NOW

if TYPE_CHECKING:
    from data.store import Store

STATES = ("waiting", "accepted", "handled", "done", "voided")


@dataclass(frozen=True)
class Part:
    """A part. place_id, code, place: where it lies, at the level it was sent to; unit: whom it was sent to.

    state: of STATES. late: it has not ended and its deadline has passed.
    """

    case_id: int
    parent: int
    number: str
    kind: str
    stage: str
    state: str
    late: bool
    due_at: datetime | None
    since: datetime
    place_id: int | None
    code: str | None
    place: str | None
    unit: str | None


def parts_of(store: Store, *case_ids: int) -> list[Part]:
    """The parts of a case, or of several, in the order they were made."""
    rows = store.rows(
        f"""WITH own AS (SELECT * FROM cases WHERE list_contains($cases, parent_case_id)),
            taken AS (SELECT DISTINCT t.case_id FROM transition t JOIN own USING (case_id)
                WHERE t.action IN ('accepted', 'arrived', 'taken')
                    AND t.case_id BETWEEN (SELECT min(case_id) FROM own) AND (SELECT max(case_id) FROM own)),
            lying AS (SELECT case_id, coalesce(estate_id, micro_grid_id, grid_id, community_id, street_id) AS place_id
                FROM case_place WHERE atlas_id = ({ATLAS_NOW})
                    AND case_id BETWEEN (SELECT min(case_id) FROM own) AND (SELECT max(case_id) FROM own))
            SELECT o.case_id, o.parent_case_id AS parent, o.external_id AS number, o.kind, o.stage, o.due_at, o.since, l.place_id, p.code,
                v.name AS place, u.name AS unit,
                CASE WHEN o.stage = 'closed' THEN 'done' WHEN o.stage = 'voided' THEN 'voided'
                    WHEN o.handled_at IS NOT NULL THEN 'handled' WHEN t.case_id IS NOT NULL THEN 'accepted'
                    ELSE 'waiting' END AS state,
                coalesce(o.due_at <= $now AND NOT o.suspended AND o.stage NOT IN ('closed', 'voided'), false) AS late
            FROM own o LEFT JOIN taken t USING (case_id) LEFT JOIN lying l USING (case_id)
            LEFT JOIN place p ON p.place_id = l.place_id LEFT JOIN unit u ON u.unit_id = o.unit_id
            LEFT JOIN place_version v ON v.place_id = l.place_id AND v.effective_to > current_date
            ORDER BY o.case_id""",
        {"cases": list(case_ids), "now": store.now()},
    )
    return [Part(**row) for row in rows]


def counts_of(parts: Sequence[Part]) -> dict[str, int]:
    """How many parts there are, in each state, and how many of those that have not ended are late."""
    counted = {state: sum(part.state == state for part in parts) for state in STATES}
    return {"all": len(parts), **counted, "late": sum(part.late for part in parts)}
