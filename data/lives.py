"""What the lines of a case say of it beside its row: marks, helping units, urgency, clocks of its kind.

`after` is the one rule: the life after a line, from the life before. The engine uses it for every move it writes, a rebuild for
the whole ledger, so both give the same (a test compares). Everything it needs stands in the payload; no definition is
asked, because a definition changes and the ledger does not.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pyarrow as pa

from data.database import Connection
from data.fold import ENDS
from data.staging import INSTANT

NORMAL = "normal"


@dataclass(frozen=True)
class Ticking:
    """A clock that is on. While its case is suspended it stands still; resuming moves its end."""

    started_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class Life:
    """A case beside its row; columns as in case_life and case_clock."""

    digest: str
    urgency: str = NORMAL
    marks: frozenset[str] = frozenset()
    co_units: tuple[int, ...] = ()
    level: str | None = None
    evidence: int = 0
    wanted: int = 0
    asked_due_at: datetime | None = None
    clocks: Mapping[str, Ticking] = field(default_factory=dict)


def after(life: Life | None, action: str, payload: Mapping[str, Any]) -> Life | None:
    """The life after a line; None while no line has carried a definition's digest."""
    if life is None:
        if "digest" not in payload:
            return None
        life = Life(payload["digest"])
    clocks = dict(life.clocks)
    for name, due in payload.get("clocks", {}).items():  # [started, due], or null: stopped
        clocks.pop(name, None)
        if due is not None:
            clocks[name] = Ticking(*(datetime.fromisoformat(moment) for moment in due))
    if action in ENDS:
        clocks = {}
    asked = payload.get("asked_due_at")
    marks = (life.marks - set(payload.get("unmarks", ()))) | set(payload.get("marks", ()))
    return replace(
        life,
        urgency=payload.get("urgency", life.urgency),
        marks=frozenset(marks),
        co_units=tuple(payload["co_units"]) if "co_units" in payload else life.co_units,
        level=payload.get("level", life.level),
        evidence=life.evidence + len(payload.get("evidence", ())),
        wanted=payload.get("wanted", life.wanted),
        asked_due_at=datetime.fromisoformat(asked) if asked else life.asked_due_at,
        clocks=clocks,
    )


def said_clocks(clocks: Mapping[str, Ticking | None]) -> dict[str, list[str] | None]:
    """Clocks as a payload tells them: when each started and runs out; null when it stopped."""
    return {name: [c.started_at.isoformat(), c.due_at.isoformat()] if c else None for name, c in clocks.items()}


def folded(lines: Iterable[tuple[str, str | None]]) -> Life | None:
    """The life of a case from its lines in order: (action, payload)."""
    life: Life | None = None
    for action, payload in lines:
        life = after(life, action, json.loads(payload) if payload else {})
    return life


_LIVES = pa.schema(
    [
        ("case_id", pa.int64()), ("digest", pa.string()), ("urgency", pa.string()), ("marks", pa.list_(pa.string())),
        ("co_units", pa.list_(pa.int32())), ("level", pa.string()), ("evidence", pa.int16()), ("wanted", pa.int16()),
        ("asked_due_at", INSTANT),
    ]
)  # fmt: skip
_CLOCKS = pa.schema(
    [
        ("case_id", pa.int64()), ("clock", pa.string()), ("started_at", INSTANT), ("due_at", INSTANT),
    ]
)  # fmt: skip


def put(con: Connection, lives: Mapping[int, Life | None], had: Collection[int] | None = None) -> None:
    """Write the lives of some cases in place of what was there; None takes it away.

    had: those of them of which something was there, where that is known.
    """
    rows = [
        {"case_id": case_id, **{name: getattr(life, name) for name in _LIVES.names if name != "case_id"},
         "marks": sorted(life.marks), "co_units": list(life.co_units)}
        for case_id, life in lives.items() if life is not None
    ]  # fmt: skip
    clocks = [
        {"case_id": case_id, "clock": name, "started_at": c.started_at, "due_at": c.due_at}
        for case_id, life in lives.items() if life is not None
        for name, c in life.clocks.items()
    ]  # fmt: skip
    gone = ", ".join(str(case_id) for case_id in lives if had is None or case_id in had)
    for table, given, schema in (("case_life", rows, _LIVES), ("case_clock", clocks, _CLOCKS)):
        if gone:
            con.execute(f"DELETE FROM {table} WHERE case_id IN ({gone})")
        if given:
            con.register("given_rows", pa.Table.from_pylist(given, schema=schema))
            con.execute(f"INSERT INTO {table} BY NAME FROM given_rows")
            con.unregister("given_rows")


def read(con: Connection, case_ids: list[int]) -> dict[int, Life]:
    """The lives of those of some cases that have one."""
    if not case_ids:
        return {}
    clocks: dict[int, dict[str, Ticking]] = {}
    which = ", ".join(map(str, case_ids))
    for case_id, name, *times in con.execute(
        f"SELECT case_id, clock, started_at, due_at FROM case_clock WHERE case_id IN ({which}) ORDER BY case_id, clock"
    ).fetchall():
        clocks.setdefault(case_id, {})[name] = Ticking(*times)
    rows = con.execute(
        f"""SELECT case_id, digest, urgency, marks, co_units, level, evidence, wanted, asked_due_at FROM case_life
            WHERE case_id IN ({which})"""
    ).fetchall()
    return {
        row[0]: Life(
            row[1], row[2], frozenset(row[3]), tuple(row[4]), row[5], row[6], row[7], row[8], clocks.get(row[0], {})
        )
        for row in rows
    }


def differing(con: Connection) -> dict[int, Life | None]:
    """Cases whose kept life is not that of their ledger, with the life it should be."""
    rows = con.execute(
        """SELECT case_id, action, payload FROM transition WHERE case_id IN (
               SELECT case_id FROM transition WHERE payload IS NOT NULL AND json_exists(payload, '$.digest')
               UNION SELECT case_id FROM case_life) AND case_id IN (SELECT case_id FROM cases) ORDER BY case_id, seq"""
    ).fetchall()
    lines: dict[int, list[tuple[str, str | None]]] = {}
    for case_id, action, payload in rows:
        lines.setdefault(case_id, []).append((action, payload))
    due = {case_id: folded(of) for case_id, of in lines.items()}
    kept = read(con, list(due))
    return {case_id: life for case_id, life in due.items() if kept.get(case_id) != life}
