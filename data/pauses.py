"""Resuming moves the deadlines by the working time of the pause, unless the move names a deadline itself."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from data.database import Connection
from data.staging import INSTANT
from data.working_days import working_calendar

SHIFTED = pa.schema([("line", pa.int32()), ("due_at", INSTANT), ("handle_due_at", INSTANT)])


def shifted(con: Connection, table: str, number: int) -> pa.Table:
    """Line and new deadlines of the lines of a round that resume a suspended case and name none.

    Needs the temporary table `moving`, the rows the round is about. The pause begins at the last suspension in the ledger;
    a case whose suspension has no line, or a later time than the resumption, keeps its deadlines.
    """
    rows = con.execute(
        f"""SELECT b.line, paused_at, b.occurred_at, c.due_at, c.handle_due_at
            FROM {table} b JOIN moving c USING (case_id) JOIN (
                SELECT case_id, arg_max(occurred_at, seq) AS paused_at FROM transition
                WHERE action = 'suspended' AND case_id IN (SELECT case_id FROM moving WHERE suspended) GROUP BY case_id
            ) USING (case_id)
            WHERE b."round" = $number AND b.action = 'resumed' AND b.due_at IS NULL AND b.handle_due_at IS NULL
                AND c.suspended AND coalesce(c.due_at, c.handle_due_at) IS NOT NULL AND paused_at < b.occurred_at""",
        {"number": number},
    ).fetchall()
    if not rows:
        return SHIFTED.empty_table()
    line, paused_at, resumed_at, due_at, handle_due_at = zip(*rows, strict=True)
    days = working_calendar(con)
    pause = days.hours_between(_instants(paused_at), _instants(resumed_at))
    moved = [
        pa.array(days.add_hours(_instants(due), pause)).cast(pa.timestamp("us")) for due in (due_at, handle_due_at)
    ]
    return pa.table([pa.array(line, pa.int32()), *(due.cast(INSTANT) for due in moved)], schema=SHIFTED)


def _instants(moments: tuple[datetime | None, ...]) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    plain = [None if moment is None else moment.astimezone(UTC).replace(tzinfo=None) for moment in moments]
    return np.array(plain, dtype="datetime64[us]")
