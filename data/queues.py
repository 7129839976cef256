"""What waits for somebody: the operator's queue, a handler's own cases, the pool. Open cases with the clock that runs out next.

One list, many views: `waiting` filters it by queue, place, unit or what is late. The clock shown is the next to run out of those
that run; a case another system leads has the deadlines of its row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from data.case_rows import rows_sql
from data.database import Connection, records
from data.hiding import hidden_range
from data.on_map import FIELDS
from data.sights import ATLAS_NOW

if TYPE_CHECKING:
    from data.store import Store

ORDERS = ("due", "newest", "oldest", "latest")
_Condition = tuple[str, dict[str, Any]]
WARN = 0.8  # of the time of a case another system leads; the definition says it for ours


@dataclass(frozen=True)
class Waiting:
    """An open case in a queue. clock: the one that runs out next, with when it started and runs out; null without any."""

    case_id: int
    external_id: str
    kind: str
    stage: str
    seq: int
    category: str | None
    unit_id: int | None
    unit: str | None
    place: str | None
    reported_at: datetime
    since: datetime
    clock: str | None
    started_at: datetime | None
    due_at: datetime | None
    suspended: bool
    reworked: int
    urgency: str
    marks: tuple[str, ...]
    level: str | None
    lon: float | None
    lat: float | None
    parts: int
    parts_open: int


@dataclass(frozen=True)
class Wish:
    """Which of them. kinds, stages: empty is all; within: a place's id; late: run out by now; soon: run out by then.

    standing: pairs of kind and stage. warned: not run out by then, but as much of the time used as its clock's definition
    warns at; `warns` says it for each clock ("kind/clock"), WARN for the others.

    closed: those that have ended instead, since `ended_since`. own: cases where the unit is in charge or helps; parts: parts of
    other cases, or whole cases. promised: those with another deadline than the first: extended, or standing still.
    each: at most so many of every stage, where given.
    fields: names of data.on_map.FIELDS with the values they may have.
    """

    kinds: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    within: tuple[int, ...] = ()
    unit_id: int | None = None
    late: datetime | None = None
    soon: tuple[datetime, datetime] | None = None
    standing: tuple[tuple[str, str], ...] = ()
    warned: datetime | None = None
    warns: tuple[tuple[str, float], ...] = ()
    marks: tuple[str, ...] = ()
    parts: bool | None = None
    parent: int | None = None
    promised: bool = False
    each: int = 0
    categories: tuple[int, ...] = ()
    closed: bool = False
    ended_since: datetime | None = None
    order: str = "due"
    limit: int = 200
    offset: int = 0
    case_ids: tuple[int, ...] = field(default=())
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()


def waiting(store: Store, wish: Wish) -> list[Waiting]:
    """The cases of a wish, in its order: found first, then looked at, so that what is shown of few is not joined to all."""
    order = {"due": "n.due_at NULLS LAST, c.case_id", "newest": "c.case_id DESC", "oldest": "c.case_id",
             "latest": "c.since DESC, c.case_id"}[wish.order]  # fmt: skip
    few = f"QUALIFY row_number() OVER (PARTITION BY c.stage ORDER BY {order}) <= {int(wish.each)}" if wish.each else ""
    with store.read() as con:
        where, params = _where(con, wish)
        joined = _from(f"{where} {order}")
        ids = con.execute(
            f"""SELECT c.case_id {joined} WHERE {where} {few}
                ORDER BY {order} LIMIT {int(wish.limit)} OFFSET {int(wish.offset)}""",
            params,
        ).fetchall()
        return _seen(con, [case_id for (case_id,) in ids])


def how_many(store: Store, wishes: Sequence[Wish]) -> list[int]:
    """How many cases each wish has, in one look."""
    with store.read() as con:
        return [_counted(con, "0", wish).get(0, 0) for wish in wishes]


def how_many_by(store: Store, wish: Wish, column: Literal["kind", "stage"]) -> dict[str, int]:
    """How many cases of a wish there are of each kind, or at each stage, in one look; what has none is left out."""
    with store.read() as con:
        return _counted(con, f"c.{column}", wish)


def case_ids_of(store: Store, wish: Wish, after: int, limit: int) -> list[int]:
    """The ids of the cases of a wish beyond `after`, in order; at most so many."""
    with store.read() as con:
        where, params = _where(con, wish)
        rows = con.execute(
            f"""SELECT c.case_id {_from(where)} WHERE {where} AND c.case_id > {int(after)}
                ORDER BY c.case_id LIMIT {int(limit)}""",
            params,
        ).fetchall()
    return [case_id for (case_id,) in rows]


def _counted(con: Connection, column: str, wish: Wish) -> dict[Any, int]:
    """Numbers of cases by a column, or by a constant; what has none is left out."""
    where, params = _where(con, wish)
    joined = _from(f"{where} {column}")
    return dict(con.execute(f"SELECT {column}, count(*) {joined} WHERE {where} GROUP BY 1", params).fetchall())


def _seen(con: Connection, ids: Sequence[int]) -> list[Waiting]:
    """What there is to see of some cases, in this order."""
    if not ids:
        return []
    which = ", ".join(map(str, ids))
    found = con.execute(
        f"""SELECT c.case_id, c.external_id, c.kind, c.stage, c.seq, k.name AS category, c.unit_id, u.name AS unit,
                v.name AS place, c.reported_at, c.since, n.clock, n.started_at, n.due_at, c.suspended, c.reworked,
                coalesce(l.urgency, 'normal') AS urgency, coalesce(l.marks, []) AS marks, l.level, c.lon, c.lat,
                coalesce(s.parts, 0) AS parts, coalesce(s.parts_open, 0) AS parts_open
            FROM ({rows_sql("case_hot", which)}) c
            LEFT JOIN ({_next(which)}) n USING (case_id) LEFT JOIN case_life l USING (case_id)
            {_JOINS["k"]} {_JOINS["u"]} {_JOINS["p"]} AND p.case_id IN ({which})
            LEFT JOIN (SELECT place_id, any_value(name) AS name FROM place_version
                WHERE effective_to > current_date GROUP BY place_id) v ON v.place_id =
                coalesce(p.estate_id, p.micro_grid_id, p.grid_id, p.community_id, p.street_id)
            LEFT JOIN (SELECT parent_case_id AS case_id, count(*) AS parts,
                    count(*) FILTER (stage NOT IN ('closed', 'voided')) AS parts_open
                FROM case_hot WHERE parent_case_id IN ({which}) GROUP BY 1) s USING (case_id)"""
    )
    seen = {row["case_id"]: Waiting(**{**row, "marks": tuple(row["marks"])}) for row in records(found)}
    return [seen[case_id] for case_id in ids]


def _next(which: str = "") -> str:
    """The next clock of each case, or of some: the first to run out of those that run, else the deadlines of the row."""
    of = f" AND c.case_id IN ({which})" if which else ""
    return f"""SELECT c.case_id, coalesce(m.clock, CASE WHEN c.handle_due_at IS NOT NULL AND c.handled_at IS NULL THEN 'handle'
            WHEN c.due_at IS NOT NULL THEN 'close' END) AS clock,
        coalesce(m.started_at, c.registered_at, c.reported_at) AS started_at,
        coalesce(m.due_at, CASE WHEN c.handled_at IS NULL THEN least(c.handle_due_at, c.due_at) ELSE c.due_at END) AS due_at
        FROM case_hot c LEFT JOIN (
            SELECT case_id, arg_min(clock, due_at) AS clock, arg_min(started_at, due_at) AS started_at, min(due_at) AS due_at
            FROM case_clock c WHERE true{of} GROUP BY case_id) m USING (case_id)
        WHERE c.stage NOT IN ('closed', 'voided'){of}"""


# What may be asked for beside the case's row, by the letter it goes by.
_JOINS = {
    "n": f"LEFT JOIN ({_next()}) n USING (case_id)",
    "l": "LEFT JOIN case_life l USING (case_id)",
    "k": "LEFT JOIN category k USING (category_id)",
    "u": "LEFT JOIN unit u USING (unit_id)",
    "p": f"LEFT JOIN case_place p ON p.case_id = c.case_id AND p.atlas_id = ({ATLAS_NOW})",
}


def _from(asked: str) -> str:
    """The cases, joined to what some SQL asks for."""
    return " ".join(["FROM case_hot c", *(join for name, join in _JOINS.items() if re.search(rf"\b{name}\.", asked))])


def _where(con: Connection, wish: Wish) -> _Condition:
    ended = f"c.stage {'IN' if wish.closed else 'NOT IN'} ('closed', 'voided')"
    hidden = hidden_range(con)
    shown: list[_Condition] = [(f"c.case_id NOT BETWEEN {hidden[0]:d} AND {hidden[1]:d}", {})] if hidden else []
    asked = [(ended, {}), *shown, *_of_case(wish), *_of_life(wish), *_of_time(wish)]
    return " AND ".join(sql for sql, _ in asked), {name: value for _, given in asked for name, value in given.items()}


def _of_case(wish: Wish) -> Iterator[_Condition]:
    """What the row and its place say."""
    for column, names in (("kind", wish.kinds), ("stage", wish.stages)):
        if names:
            yield f"list_contains(${column}s, c.{column})", {f"{column}s": list(names)}
    if wish.within:
        sql = """(list_contains($within, p.street_id) OR list_contains($within, p.community_id)
            OR list_contains($within, p.grid_id) OR list_contains($within, p.micro_grid_id))"""
        yield sql, {"within": list(wish.within)}
    if wish.unit_id is not None:
        yield "(c.unit_id = $unit OR list_contains(l.co_units, $unit))", {"unit": wish.unit_id}
    if wish.case_ids:
        yield "c.case_id IN (SELECT unnest($case_ids::BIGINT[]))", {"case_ids": list(wish.case_ids)}
    if wish.categories:
        yield "list_contains($categories, c.category_id)", {"categories": list(wish.categories)}
    for name, values in wish.fields:
        yield f"list_contains($field_{name}, {FIELDS[name]})", {f"field_{name}": list(values)}


def _of_life(wish: Wish) -> Iterator[_Condition]:
    """Where it stands among its kind's stages, its marks, its parts."""
    if wish.standing:
        standing = ["/".join(pair) for pair in wish.standing]
        yield "list_contains($standing, c.kind || '/' || c.stage)", {"standing": standing}
    if wish.marks:
        yield "list_has_any(l.marks, $marks)", {"marks": list(wish.marks)}
    if wish.parts is not None:
        yield f"c.parent_case_id IS {'NOT NULL' if wish.parts else 'NULL'}", {}
    if wish.parent is not None:
        yield "c.parent_case_id = $parent", {"parent": wish.parent}


def _of_time(wish: Wish) -> Iterator[_Condition]:
    """How its next clock stands, and when it came to its stage."""
    if wish.late is not None:
        yield "NOT c.suspended AND n.due_at <= $late", {"late": wish.late}
    if wish.soon is not None:
        sql = "NOT c.suspended AND n.due_at > $soon_from AND n.due_at <= $soon_to"
        yield sql, {"soon_from": wish.soon[0], "soon_to": wish.soon[1]}
    if wish.warned is not None:
        sql = """NOT c.suspended AND n.due_at > $warned AND epoch($warned::TIMESTAMPTZ) - epoch(n.started_at) >=
            (epoch(n.due_at) - epoch(n.started_at)) * coalesce($shares[list_position($warners, c.kind || '/' || n.clock)], $usual_share)"""
        warners, shares = [name for name, _ in wish.warns], [share for _, share in wish.warns]
        given = {"warned": wish.warned, "warners": warners or [""], "shares": shares or [WARN], "usual_share": WARN}
        yield sql, given
    if wish.promised:
        yield "(c.suspended OR c.extended > 0)", {}
    if wish.ended_since is not None:
        yield "c.since >= $ended_since", {"ended_since": wish.ended_since}
