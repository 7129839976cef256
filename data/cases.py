"""Cases as rows: rebuilt from the ledger, moved to the archive, shown in full.

A row is the fold of its ledger (`data/fold.py`), kept in the same commit as every line. This module can make it again,
and says where row and ledger differ.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from data import lives
from data.database import Connection
from data.errors import NotFound
from data.fold import IDENTITY, PAST, STATE, fold, past_states

if TYPE_CHECKING:
    from data.store import Store

AT_A_TIME = 200_000  # cases folded in one transaction
_COMPARED = (*STATE, "seq", "since", "last_hash")


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild changed: rows, and cases whose past states were written anew."""

    rows: int
    pasts: int


@dataclass(frozen=True)
class Case:
    """Everything about one case, for the drawer: its row, lines, past states, notes and call-backs, oldest first."""

    row: dict[str, Any]
    transitions: list[dict[str, Any]]
    intervals: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    call_backs: list[dict[str, Any]]
    places: list[dict[str, Any]]


def archivable(now: datetime, hot_days: int) -> str:
    """SQL: a case that rests, closed or void for longer than it stays hot."""
    return f"stage IN ('closed', 'voided') AND since < TIMESTAMPTZ '{(now - timedelta(days=hot_days)).isoformat()}'"


def sweep(store: Store, now: datetime, hot_days: int) -> int:
    """Move cases that rest to the archive; how many."""
    return store.writer.run(lambda con: put_to_rest(con, now, hot_days), label="sweep").result()


def put_to_rest(con: Connection, now: datetime, hot_days: int) -> int:
    """The same within a job of the writer, as it does every night."""
    resting = archivable(now, hot_days)
    con.execute(f"INSERT INTO case_archive SELECT * FROM case_hot WHERE {resting} ORDER BY case_id")
    row = con.execute(f"DELETE FROM case_hot WHERE {resting}").fetchone()
    return int(row[0]) if row else 0


def detail(store: Store, case_id: int) -> Case:
    """One case in full. Raises NotFound."""
    rows = store.rows(
        """SELECT c.*, k.name AS category, u.name AS unit, s.name AS source FROM cases c
           LEFT JOIN category k USING (category_id) LEFT JOIN unit u USING (unit_id) LEFT JOIN source s USING (source_id)
           WHERE case_id = ?""",
        [case_id],
    )
    if not rows:
        raise NotFound("there is no such case.", where=f"case {case_id}")

    def of(table: str, order: str) -> list[dict[str, Any]]:
        return store.rows(f"SELECT * FROM {table} WHERE case_id = ? ORDER BY {order}", [case_id])

    return Case(
        rows[0],
        store.rows(
            """SELECT l.*, u.name AS unit FROM transition l LEFT JOIN unit u USING (unit_id)
               WHERE case_id = ? ORDER BY seq""",
            [case_id],
        ),
        of("case_past", "valid_from"),
        of("note", "note_id"),
        of("call_back", "completed_at, call_back_id"),
        of("case_place", "atlas_id"),
    )


def differing(store: Store) -> list[int]:
    """Ids of cases whose row, or corrected identity, is not the fold of their ledger, or whose past states are not."""
    found: set[int] = set()
    for ids in _ranges(store):
        with store.read() as con:
            found |= {row[0] for row in con.execute(_wrong_rows(ids)).fetchall()}
            found |= {row[0] for row in con.execute(_wrong_pasts(ids)).fetchall()}
    return sorted(found)


def rebuild(store: Store) -> Rebuilt:
    """Make every row's state and all past states again from the ledger. Identity stays, but for its corrections."""
    rows = pasts = 0
    for ids in _ranges(store):
        changed = store.writer.run(_rebuilding(ids), label="rebuild").result()
        rows, pasts = rows + changed[0], pasts + changed[1]
    store.writer.run(_relive, label="rebuild").result()
    return Rebuilt(rows, pasts)


def _relive(con: Connection) -> int:
    """Lives that are not those of their ledger are written anew; how many."""
    wrong = lives.differing(con)
    lives.put(con, wrong)
    return len(wrong)


def _rebuilding(ids: str) -> Callable[[Connection], tuple[int, int]]:
    def job(con: Connection) -> tuple[int, int]:
        con.execute(f"CREATE OR REPLACE TEMP TABLE wrong_row AS {_wrong_rows(ids, '*')}")
        for table in ("case_hot", "case_archive"):
            con.execute(
                f"UPDATE {table} SET {', '.join(f'{name} = f.{name}' for name in (*_COMPARED, *IDENTITY))} "
                f"FROM wrong_row f WHERE {table}.case_id = f.case_id"
            )
        con.execute(f"CREATE OR REPLACE TEMP TABLE wrong_past AS {_wrong_pasts(ids)}")
        pasts = con.execute("SELECT count(*) FROM wrong_past").fetchone()
        con.execute("DELETE FROM case_past WHERE case_id IN (SELECT case_id FROM wrong_past)")
        con.execute(f"INSERT INTO case_past BY NAME {_pasts('SELECT case_id FROM wrong_past')}")
        rows = con.execute("SELECT count(*) FROM wrong_row").fetchone()
        return int(rows[0]) if rows else 0, int(pasts[0]) if pasts else 0

    return job


def _ranges(store: Store) -> list[str]:
    """SQL lists of the case ids, a range at a time."""
    top = store.rows("SELECT coalesce(max(case_id), -1) AS top FROM cases")[0]["top"]
    return [
        f"SELECT case_id FROM cases WHERE case_id >= {first} AND case_id < {first + AT_A_TIME}"
        for first in range(0, top + 1, AT_A_TIME)
    ]


def _wrong_rows(ids: str, columns: str = "case_id") -> str:
    """SQL of the cases whose row is not the fold of their lines, with the columns as they should be."""
    identity = ", ".join(
        f"""CASE WHEN json_exists(k.{name}_now, '$.{name}') THEN TRY_CAST(k.{name}_now ->> '$.{name}' AS {kind})
            ELSE c.{name} END AS {name}"""
        for name, kind in IDENTITY.items()
    )
    last = ", ".join(
        f"arg_max(payload, seq) FILTER (json_exists(payload, '$.{name}')) AS {name}_now" for name in IDENTITY
    )
    differ = " OR ".join(f"c.{name} IS DISTINCT FROM f.{name}" for name in (*_COMPARED, *IDENTITY))
    return f"""WITH f AS (
            SELECT f.*, {identity} FROM ({fold(case_ids=ids)}) f JOIN cases c USING (case_id) LEFT JOIN (
                SELECT case_id, {last} FROM transition WHERE action = 'corrected' AND case_id IN ({ids}) GROUP BY case_id
            ) k USING (case_id))
        SELECT f.{columns} FROM f JOIN cases c USING (case_id) WHERE {differ}"""


def _pasts(ids: str) -> str:
    return past_states(f"SELECT * FROM transition WHERE case_id IN ({ids})")


def _wrong_pasts(ids: str) -> str:
    """SQL of the cases whose past states are not those of their ledger."""
    columns = ", ".join(("case_id", "valid_from", "valid_to", *PAST))
    kept = f"SELECT {columns} FROM case_past WHERE case_id IN ({ids})"
    due = f"SELECT {columns} FROM ({_pasts(ids)})"
    return f"SELECT DISTINCT case_id FROM (({kept} EXCEPT ALL {due}) UNION ALL ({due} EXCEPT ALL {kept}))"


def numbers(store: Store, case_ids: Collection[int]) -> dict[int, str]:
    """The number people and other systems know each case by."""
    rows = store.rows(
        "SELECT case_id, external_id FROM cases WHERE case_id IN (SELECT unnest($ids::BIGINT[]))",
        {"ids": list(case_ids)},
    )
    return {row["case_id"]: row["external_id"] for row in rows}


def taken_numbers(store: Store, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Of some (source, number) those there is a case of, with its id."""
    rows = store.rows(
        """SELECT s.name, c.external_id, c.case_id FROM cases c JOIN source s USING (source_id)
           WHERE (s.name, c.external_id) IN (SELECT unnest($names::VARCHAR[]), unnest($numbers::VARCHAR[]))""",
        {"names": [name for name, _ in wanted], "numbers": [number for _, number in wanted]},
    )
    return {(row["name"], row["external_id"]): row["case_id"] for row in rows}
