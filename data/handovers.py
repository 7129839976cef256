"""What one shift leaves to the next (交接班): a note, the numbers as they stood, who left it in which role, who took it and when.

A sheet belongs to a place (or the whole district) and a stretch of time. It is written once; the next shift takes it once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from data import audit
from data.actors import ADMINISTRATOR, DISPATCHER, LEADER, OPERATOR, Actor
from data.below import IN_PLACES
from data.database import Connection
from data.errors import InputError, NotFound, Refused
from data.sights import chains_of

if TYPE_CHECKING:
    from data.store import Store

ROLES = (OPERATOR, DISPATCHER, LEADER, ADMINISTRATOR)  # who keeps watch
_COLUMNS = """handover_id, place_id, shift_from, shift_to, note, counts, made_at, made_by, made_role, taken_at, taken_by,
    taken_role"""


@dataclass(frozen=True)
class Handover:
    """A sheet as it was left. place_id: null is the whole district; counts: what stood in each part of it."""

    handover_id: int
    place_id: int | None
    shift_from: datetime
    shift_to: datetime
    note: str
    counts: Mapping[str, int]
    made_at: datetime
    made_by: str
    made_role: str
    taken_at: datetime | None
    taken_by: str | None
    taken_role: str | None


def may_keep(store: Store, place_id: int | None, actor: Actor) -> bool:
    """Whether somebody may leave or take the sheets of a place."""
    with store.read() as con:
        return actor.role_for(ROLES, _chain(con, place_id)) is not None


def leave(
    store: Store, place_id: int | None, shift: tuple[datetime, datetime], note: str, counts: Mapping[str, int],
    actor: Actor, key: str,
) -> int:  # fmt: skip
    """Leave a sheet; its id. Raises InputError, Refused."""
    start, end = shift
    at = store.now()
    if not note:
        raise InputError("a sheet has a note: what the next shift has to know.", where="note")
    if start >= end or end > at:
        raise InputError("a shift ends after it began, and not ahead of now.", where="to")

    def job(con: Connection) -> int:
        role = actor.require(ROLES, _chain(con, place_id), to="hand over")
        row = con.execute(
            """INSERT INTO handover SELECT nextval('handover_ids'), ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL
               RETURNING handover_id""",
            [place_id, start, end, note, json.dumps(dict(counts)), at, actor.name, role],
        ).fetchone()
        number = int(row[0]) if row else 0
        audit.put(con, at, audit.Entry("handover_left", actor, role, detail={"sheet": number}))
        return number

    return store.writer.run(job, label="handover", key=f"handover {key}", touches=()).result()


def take(store: Store, handover_id: int, actor: Actor) -> None:
    """Take a sheet over: the next shift has read it. Raises NotFound, Refused."""
    at = store.now()

    def job(con: Connection) -> None:
        row = con.execute("SELECT place_id, taken_at FROM handover WHERE handover_id = ?", [handover_id]).fetchone()
        if row is None:
            raise NotFound("there is no such sheet.", where=f"sheet {handover_id}")
        role = actor.require(ROLES, _chain(con, row[0]), to="take over")
        if row[1] is not None:
            raise Refused("somebody has taken it over already.", where=f"sheet {handover_id}")
        con.execute(
            "UPDATE handover SET taken_at = ?, taken_by = ?, taken_role = ? WHERE handover_id = ?",
            [at, actor.name, role, handover_id],
        )
        audit.put(con, at, audit.Entry("handover_taken", actor, role, detail={"sheet": handover_id}))

    store.writer.run(job, label="handover", touches=()).result()


def sheets(store: Store, place_id: int | None, limit: int = 20) -> list[Handover]:
    """The sheets of a place, the latest first."""
    rows = store.rows(
        f"""SELECT {_COLUMNS} FROM handover WHERE place_id IS NOT DISTINCT FROM ?
            ORDER BY made_at DESC, handover_id DESC LIMIT ?""",
        [place_id, limit],
    )
    return [Handover(**{**row, "counts": json.loads(row["counts"])}) for row in rows]


def in_shift(store: Store, place_id: int | None, start: datetime, end: datetime) -> dict[str, int]:
    """How many whole cases were reported, handled and closed in a place in [start, end)."""
    within = "" if place_id is None else f"AND {IN_PLACES}"
    counts = ", ".join(
        f"count(*) FILTER ({name}_at >= $start AND {name}_at < $end) AS {name}"
        for name in ("reported", "handled", "closed")
    )
    given: dict[str, Any] = {"start": start, "end": end} | ({} if place_id is None else {"within": [place_id]})
    row = store.rows(f"SELECT {counts} FROM cases c WHERE parent_case_id IS NULL AND NOT voided {within}", given)[0]
    return {name: int(n) for name, n in row.items()}


def _chain(con: Connection, place_id: int | None) -> list[int]:
    return [] if place_id is None else [place.place_id for place in chains_of(con, [place_id])[place_id]]
