"""约谈 and 督办 as they stand beside a unit, a company or a place of a ranking: which cases there are about it, and whom one would ask in.

A case is about the place it lies in exactly (not one inside it), and about the unit that answers for it. A company's unit is the one
of the kind property that bears its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from data.errors import NotFound
from data.levels import LEVELS
from data.sights import ATLAS_NOW, chains_of

if TYPE_CHECKING:
    from data.store import Store

KINDS = ("supervision", "interview")
PLACES = ("street", "community", "grid", "micro_grid", "estate")
SUBJECTS = (*PLACES, "unit", "company")
SHOWN = timedelta(days=183)  # a closed one is shown so long


@dataclass(frozen=True)
class Measure:
    """A case about a unit, a company or a place."""

    case_id: int
    number: str
    kind: str
    stage: str
    due_at: datetime | None
    closed_at: datetime | None


def measures(store: Store, subject: str, at: datetime) -> dict[str, tuple[Measure, ...]]:
    """The code of every subject that has any → its cases, open ones first. Closed ones of the last half-year are shown."""
    rows = store.rows(
        f"""SELECT s.code, c.case_id, c.external_id AS number, c.kind, c.stage, c.due_at, c.closed_at
            FROM cases c {_FROM[subject]}
            WHERE list_contains($kinds, c.kind) AND NOT c.voided AND c.stage <> 'voided'
                AND (c.stage <> 'closed' OR c.closed_at >= $since)
            ORDER BY c.stage = 'closed', c.due_at, c.case_id""",
        {"kinds": list(KINDS), "since": at - SHOWN},
    )
    found: dict[str, tuple[Measure, ...]] = {}
    for row in rows:
        code = row.pop("code")
        found[code] = (*found.get(code, ()), Measure(**row))
    return found


def _of_place(level: str) -> str:
    return f"""JOIN case_place p ON p.case_id = c.case_id AND p.atlas_id = ({ATLAS_NOW}) AND p.located = '{level}'
        JOIN place s ON s.place_id = p.{level}_id"""


_COMPANY = "JOIN unit u ON u.unit_id = c.unit_id AND u.kind = 'property' JOIN company s ON s.name = u.name"
_FROM = {level: _of_place(level) for level in PLACES} | {
    "unit": "JOIN unit s ON s.unit_id = c.unit_id",
    "company": _COMPANY,
}


def units_to_ask(store: Store, subject: str, code: str) -> list[tuple[int, str]]:
    """Who would answer: the unit itself, a company's unit, of a place its company, then units of the place and of those above it, the
    lowest first, then departments. Raises NotFound."""
    if subject == "unit":
        found = _pairs(store, "SELECT unit_id AS id, name FROM unit WHERE code = $code", {"code": code})
    elif subject == "company":
        sql = "SELECT u.unit_id AS id, u.name FROM unit u JOIN company s ON s.name = u.name AND u.kind = 'property' WHERE s.code = $code"
        found = _pairs(store, sql, {"code": code})
    else:
        found = _of_a_place(store, subject, code)
    if not found:
        raise NotFound("no unit answers for it here.", where=code, todo="Enter the unit first.")
    return found


def _of_a_place(store: Store, level: str, code: str) -> list[tuple[int, str]]:
    place = place_of(store, level, code)
    with store.read() as con:
        chain = [one.place_id for one in chains_of(con, [place])[place]]
    company = """SELECT u.unit_id AS id, u.name FROM place_version v JOIN company s USING (company_id)
        JOIN unit u ON u.name = s.name AND u.kind = 'property' WHERE v.place_id = $place AND v.effective_to > current_date"""
    own = """SELECT unit_id AS id, name FROM unit WHERE list_contains($chain, place_id) AND kind <> 'property'
        ORDER BY list_position($chain, place_id), code"""
    found = [*_pairs(store, company, {"place": place}), *_pairs(store, own, {"chain": chain})]
    return list(dict.fromkeys(found))


def place_of(store: Store, level: str, code: str) -> int:
    """The place of a level with a code. Raises NotFound."""
    rows = store.rows(
        "SELECT max(place_id) AS id FROM place WHERE level = $level AND code = $code", {"level": level, "code": code}
    )
    if level not in LEVELS or rows[0]["id"] is None:
        raise NotFound("there is no such place.", where=f"{level} {code}")
    return int(rows[0]["id"])


def chain_of_subject(store: Store, subject: str, code: str) -> Sequence[int]:
    """The places a case about it would lie in, the district last; of a unit or company the district alone."""
    if subject not in PLACES:
        return ()
    place = place_of(store, subject, code)
    with store.read() as con:
        return [one.place_id for one in chains_of(con, [place])[place]]


def _pairs(store: Store, sql: str, params: dict[str, Any]) -> list[tuple[int, str]]:
    return [(row["id"], row["name"]) for row in store.rows(sql, params)]
