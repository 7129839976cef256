"""Cases made in bulk, ledger and all, where a test or a benchmark needs many and not their content."""

from __future__ import annotations

from datetime import datetime

import duckdb

from data.ledger import line_hash


def add_cases(con: duckdb.DuckDBPyConnection, first: int, count: int, at: datetime, *, hot: bool = True) -> None:
    """`count` reported cases from id `first`, with one ledger line each, in the caller's transaction."""
    con.execute("INSERT INTO source SELECT 1, 'made' WHERE NOT EXISTS (FROM source)")
    con.execute(
        f"""INSERT INTO transition BY NAME SELECT l.*, {line_hash("''::BLOB")} AS hash FROM (
            SELECT i AS case_id, 1::SMALLINT AS seq, $at AS occurred_at, $at AS recorded_at, 'reported' AS action,
                'reported' AS stage, NULL::TIMESTAMPTZ AS due_at, NULL::TIMESTAMPTZ AS handle_due_at,
                NULL::INTEGER AS unit_id, 'import' AS by_role, NULL::INTEGER AS by_unit, NULL::VARCHAR AS payload,
                1::SMALLINT AS payload_version, 'made:' || i AS key, NULL::BIGINT AS note_id, NULL::BLOB AS note_hash
            FROM range($first, $stop) r(i)) l""",
        {"at": at, "first": first, "stop": first + count},
    )
    con.execute(
        f"""INSERT INTO {"case_hot" if hot else "case_archive"} BY NAME
            SELECT case_id, 1::SMALLINT AS source_id, key AS external_id, 'event' AS kind, 0 AS flags,
                'none' AS on_time_source, occurred_at AS reported_at, stage, false AS suspended, false AS voided,
                false AS excluded, 0::SMALLINT AS reworked, 0::SMALLINT AS extended, seq, occurred_at AS since,
                hash AS last_hash
            FROM transition WHERE case_id >= ? AND case_id < ?""",
        [first, first + count],
    )
