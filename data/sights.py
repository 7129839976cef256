"""What the writer sees of the cases a set of orders is about, read once for the whole set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data import case_rows, lives
from data.actors import Place
from data.case_rows import CaseRows
from data.database import Connection
from data.errors import NotFound
from data.levels import LEVELS

_ROW = (
    "case_id", "kind", "parent_case_id", "category_id", "x", "y", "reported_at", "registered_at", "handled_at", "due_at",
    "handle_due_at", "stage", "unit_id", "suspended", "voided", "excluded", "reworked", "extended", "seq", "since",
)  # fmt: skip
LARGEST = 2**63 - 1  # an id the store can hold; there is no case of a larger one
ID_LEVELS = tuple(f"{level}_id" for level in LEVELS if level != "district")


@dataclass(frozen=True)
class Parts:
    """How the parts of a case stand. arrived: handled, or somebody arrived."""

    all: int = 0
    open: int = 0
    arrived: int = 0


@dataclass(frozen=True)
class Sight:
    """A case as the writer finds it. row: its columns, and paused_at: since when it is suspended, as its ledger says.

    chain: the ids of the places it lies in, lowest first, the district last.
    """

    row: dict[str, Any]
    life: lives.Life | None
    chain: tuple[int, ...]
    parts: Parts

    def __getattr__(self, name: str) -> Any:
        try:
            return self.row[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def is_part(self) -> bool:
        """Whether it is a part of another case."""
        return self.row["parent_case_id"] is not None

    @property
    def marks(self) -> set[str]:
        """Its marks, and what the row itself says that can stand where a mark stands."""
        own = set(self.life.marks) if self.life else set[str]()
        return own | {name for name in ("suspended", "excluded") if self.row[name]}


def look(con: Connection, case_ids: Sequence[int]) -> dict[int, Sight]:
    """The cases of these ids that there are."""
    return sights_of(con, case_rows.read(con, ids_of(case_ids)), ground(con))


def ids_of(case_ids: Sequence[int]) -> list[int]:
    """Those that may be a case's id, each once."""
    return sorted({one for one in case_ids if abs(one) <= LARGEST})


def sights_of(con: Connection, kept: CaseRows, ground: Ground) -> dict[int, Sight]:
    """The cases of some rows, with what stands beside them."""
    rows = kept.rows(_ROW)
    ids = [row["case_id"] for row in rows]
    if not ids:
        return {}
    lived, parts, chains = lives.read(con, ids), _parts(con, ids), _chains(con, ids, ground.atlas_id)
    paused = _paused(con, [row["case_id"] for row in rows if row["suspended"]])
    return {
        case_id: Sight(
            {**row, "paused_at": paused.get(case_id)},
            lived.get(case_id),
            (*chains.get(case_id, ()), ground.district_id),
            parts.get(case_id, Parts()),
        )
        for case_id, row in zip(ids, rows, strict=True)
    }


def _chains(con: Connection, ids: Sequence[int], atlas_id: int) -> dict[int, tuple[int, ...]]:
    """The ids of the places each case lies in now, lowest first."""
    rows = con.execute(
        f"""SELECT case_id, {", ".join(reversed(ID_LEVELS))} FROM case_place
            WHERE case_id IN ({", ".join(map(str, ids))}) AND atlas_id = {atlas_id:d}"""
    ).fetchall()
    return {case_id: tuple(place for place in chain if place is not None) for case_id, *chain in rows}


@dataclass(frozen=True)
class Ground:
    """What cases lie in now: the atlas they are located in, and the root of the tree."""

    atlas_id: int
    district_id: int


def ground(con: Connection) -> Ground:
    """The ground as it is."""
    found = con.execute(ATLAS_NOW).fetchone()
    return Ground(int(found[0]) if found and found[0] is not None else 0, district_id(con))


# The latest atlas cases are located in.
ATLAS_NOW = "SELECT arg_max(atlas_id, effective_from) FROM atlas WHERE current"


def district_id(con: Connection) -> int:
    """The root of the tree."""
    row = con.execute("SELECT place_id FROM place WHERE level = 'district' LIMIT 1").fetchone()
    return int(row[0]) if row else 0


def chains_of(con: Connection, place_ids: Sequence[int]) -> dict[int, tuple[Place, ...]]:
    """Each of some places with all above it, the district last, in the tree that holds now. Raises NotFound."""
    rows = con.execute(
        f"""WITH RECURSIVE here AS (SELECT plan_id, effective_from AS day FROM atlas WHERE atlas_id = ({ATLAS_NOW})),
            held AS (
               SELECT place_id, level, parent_id FROM place_version v JOIN place USING (place_id), here
               WHERE v.effective_from <= day AND day < v.effective_to AND (v.plan_id IS NULL OR v.plan_id = here.plan_id)),
            up AS (
               SELECT place_id AS lowest, place_id, level, parent_id, 0 AS steps FROM held
               WHERE place_id IN (SELECT unnest($places::INTEGER[]))
               UNION ALL SELECT lowest, h.place_id, h.level, h.parent_id, steps + 1
               FROM up JOIN held h ON h.place_id = up.parent_id WHERE steps < {len(LEVELS)})
            SELECT lowest, level, place_id FROM up ORDER BY lowest, steps""",
        {"places": list(place_ids)},
    ).fetchall()
    chains: dict[int, tuple[Place, ...]] = {}
    for lowest, level, place_id in rows:
        chains[lowest] = (*chains.get(lowest, ()), Place(level, place_id))
    unknown = [place for place in place_ids if place not in chains]
    if unknown:
        raise NotFound("there is no such place now.", where=f"place {unknown[0]}")
    return chains


def _paused(con: Connection, ids: Sequence[int]) -> dict[int, datetime]:
    """When each of some suspended cases was suspended; one whose suspension has no line is left out."""
    if not ids:
        return {}
    rows = con.execute(
        """SELECT case_id, arg_max(occurred_at, seq) FROM transition
           WHERE action = 'suspended' AND case_id IN (SELECT unnest($ids::BIGINT[])) GROUP BY case_id""",
        {"ids": list(ids)},
    ).fetchall()
    return dict(rows)


def _parts(con: Connection, ids: Sequence[int]) -> dict[int, Parts]:
    which = ", ".join(map(str, ids))
    rows = con.execute(
        f"""SELECT parent_case_id, count(*), count(*) FILTER (stage NOT IN ('closed', 'voided')),
               count(*) FILTER (handled_at IS NOT NULL OR stage = 'arrived')
           FROM cases WHERE parent_case_id IN ({which}) GROUP BY 1"""
    ).fetchall()
    return {parent: Parts(*counts) for parent, *counts in rows}
