"""Addresses that the program could not place surely: listed for a person, who chooses the place or sees none.

A text is kept, masked, only as long as it waits; deciding erases it. The case is moved by a line `corrected` in its ledger and by
the rows of where it lies, in one commit, as an import would have done it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from data.database import Connection
from data.errors import JingweiError, NotFound
from data.imports import Page
from data.moves import Move, apply
from data.quality import Quality

if TYPE_CHECKING:
    from data.store import Store

_USELESS = int(Quality.DEFAULT_POINT | Quality.ZERO_POINT | Quality.BAD_POINT)
_OPEN = "address_match a JOIN cases c USING (case_id) WHERE a.status = 'open'"


@dataclass(frozen=True)
class Decision:
    """Where an uncertain address is. place: "block=…|building=…|estate=…", null: nowhere that can be told.

    named_place: what the case then says of its place. how, sure: when the program decided after all.
    """

    case_id: int
    place: str | None
    named_place: str | None = None
    how: str | None = None
    sure: float | None = None

    @property
    def status(self) -> str:
        """What the review says afterwards."""
        return "dismissed" if self.place is None else "placed" if self.how else "settled"


def waiting(store: Store, *, offset: int = 0, limit: int = 50) -> Page:
    """The uncertain addresses, in order of case: case_id, number, reason, text, candidates (place, title), named_place."""
    total = store.rows(f"SELECT count(*) AS n FROM {_OPEN}")[0]["n"]
    rows = store.rows(
        f"""SELECT case_id, external_id AS number, reason, text, candidates, named_place FROM {_OPEN}
            ORDER BY case_id LIMIT ? OFFSET ?""",
        [limit, offset],
    )
    return Page(total, [{**row, "candidates": json.loads(row["candidates"] or "[]")} for row in rows])


def queue(store: Store, *, limit: int) -> Page:
    """The uncertain addresses for a person to look through, equal texts of one community as one row, the most frequent first.

    case_id and number of the first case, cases, reason, text, candidates, named_place. total: of cases, not of rows.
    """
    total = store.rows(f"SELECT count(*) AS n FROM {_OPEN}")[0]["n"]
    rows = store.rows(
        f"""SELECT min(case_id) AS case_id, arg_min(external_id, case_id) AS number, count(*) AS cases, text, named_place,
                arg_min(reason, case_id) AS reason, arg_min(candidates, case_id) AS candidates
            FROM {_OPEN} GROUP BY text, named_place ORDER BY cases DESC, case_id LIMIT ?""",
        [limit],
    )
    return Page(total, [{**row, "candidates": json.loads(row["candidates"] or "[]")} for row in rows])


def equal_cases(store: Store, case_id: int) -> list[int]:
    """The cases whose uncertain address is the same text, in the same community; the case itself among them."""
    rows = store.rows(
        f"""WITH waits AS (SELECT case_id, text, named_place FROM {_OPEN})
            SELECT w.case_id FROM waits w JOIN waits one ON one.case_id = ? AND w.text IS NOT DISTINCT FROM one.text
                AND w.named_place IS NOT DISTINCT FROM one.named_place ORDER BY 1""",
        [case_id],
    )
    return [row["case_id"] for row in rows]


def outcome(store: Store, case_id: int) -> tuple[str, str | None]:
    """What became of a case's address, and the place it means. NotFound where it had none."""
    rows = store.rows("SELECT status, place FROM address_match JOIN cases USING (case_id) WHERE case_id = ?", [case_id])
    if not rows:
        raise NotFound("this case came with no address.", where=f"case {case_id}")
    return rows[0]["status"], rows[0]["place"]


def census(store: Store) -> dict[str, int]:
    """How many addresses are placed, open, settled and dismissed."""
    rows = store.rows(
        "SELECT status, count(*) AS n FROM address_match JOIN cases USING (case_id) GROUP BY status ORDER BY status"
    )
    return {row["status"]: row["n"] for row in rows}


def by_level(store: Store) -> dict[str, int]:
    """How many addresses mean a place of each level, the most first, and how many wait, as `open`."""
    rows = store.rows(
        """SELECT CASE status WHEN 'open' THEN 'open' ELSE split_part(place, '=', 1) END AS level, count(*) AS n
           FROM address_match JOIN cases USING (case_id) WHERE status <> 'dismissed'
           GROUP BY level ORDER BY level = 'open', n DESC"""
    )
    return {row["level"]: row["n"] for row in rows}


def settled_places(store: Store, source: str) -> dict[str, str]:
    """External id -> place that a person chose, of the cases of a source."""
    rows = store.rows(
        """SELECT external_id, place FROM address_match JOIN cases USING (case_id) JOIN source s USING (source_id)
           WHERE status = 'settled' AND s.name = ?""",
        [source],
    )
    return {row["external_id"]: row["place"] for row in rows}


def open_cases(store: Store, case_ids: Sequence[int]) -> pa.Table:
    """case_id, lon, lat (null where useless) and named_place of cases whose address waits. NotFound when one does not."""
    table = store.arrow(
        f"""SELECT case_id, CASE WHEN flags & $useless = 0 THEN lon END AS lon,
                CASE WHEN flags & $useless = 0 THEN lat END AS lat, named_place
            FROM {_OPEN} AND list_contains($ids::BIGINT[], case_id) ORDER BY case_id""",
        {"useless": _USELESS, "ids": list(case_ids)},
    )
    for case_id in sorted(set(case_ids) - set(table["case_id"].to_pylist())):
        raise NotFound(
            "no uncertain address waits here.", where=f"case {case_id}", todo="`addresses list` shows those that do."
        )
    return table


def decide(
    store: Store, decisions: Sequence[Decision], placed: Mapping[int, pa.Table], *, by_role: str, key: str
) -> int:
    """Write decisions in one commit and erase their texts; how many were still open.

    placed: atlas id -> case_id, located and ids by level of those that have a place. key: names the writing, so that
    repeating it does nothing.
    """
    at = store.now()

    def job(con: Connection) -> int:
        open_now = {row[0] for row in con.execute("SELECT case_id FROM address_match WHERE status = 'open'").fetchall()}
        fresh = [one for one in decisions if one.case_id in open_now]
        moved = [one for one in fresh if one.place is not None]
        for answer in apply(con, [_move(one, at, by_role, key) for one in moved], at):
            if isinstance(answer, JingweiError):
                raise answer
        for atlas_id, table in placed.items():
            _place(con, atlas_id, table, [one.case_id for one in moved])
        _close(con, fresh, at, by_role)
        return len(fresh)

    return store.writer.run(job, label="address review").result()


def _move(decision: Decision, at: datetime, by_role: str, key: str) -> Move:
    return Move(
        decision.case_id,
        "corrected",
        at,
        f"address:{key}:{decision.case_id}",
        by_role=by_role,
        payload={"named_place": decision.named_place},
    )


def _place(con: Connection, atlas_id: int, table: pa.Table, case_ids: list[int]) -> None:
    con.register("found", table)
    chosen: list[Any] = [atlas_id, case_ids]
    con.execute("DELETE FROM case_place WHERE atlas_id = $1 AND list_contains($2::BIGINT[], case_id)", chosen)
    con.execute(
        """INSERT INTO case_place BY NAME
           SELECT $1 AS atlas_id, * FROM found WHERE list_contains($2::BIGINT[], case_id)""",
        chosen,
    )
    con.unregister("found")


def _close(con: Connection, decisions: Sequence[Decision], at: datetime, by_role: str) -> None:
    """Say what was decided; the texts go."""
    rows = [(one.case_id, one.status, one.place, one.how, one.sure) for one in decisions]
    names = ("case_id", "status", "place", "how", "sure")
    kinds = (pa.int64(), pa.string(), pa.string(), pa.string(), pa.float64())
    columns = zip(names, kinds, zip(*rows, strict=True), strict=True) if rows else ()
    table = {name: pa.array(list(values), kind) for name, kind, values in columns}
    if not table:
        return
    con.register("decided", pa.table(table))
    con.execute(
        """UPDATE address_match a SET status = d.status, place = d.place, how = d.how, sure = d.sure, decided_at = $1,
               by_role = $2, text = NULL, candidates = NULL, reason = NULL
           FROM decided d WHERE a.case_id = d.case_id AND a.status = 'open'""",
        [at, by_role],
    )
    con.unregister("decided")
