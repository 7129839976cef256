"""Small hand-made tickets for tests: a row is a dictionary of what it says; the rest is empty."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from data.cases import differing
from data.import_report import ImportReport
from data.intake import Intake
from data.ledger import verify
from data.staging import PLACED, STAGED
from data.store import Store

DAY = datetime(2024, 3, 1, tzinfo=UTC)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """An instant in March 2024."""
    return datetime(2024, 3, day, hour, minute, tzinfo=UTC)


def ticket(external_id: str, **says: Any) -> dict[str, Any]:
    """A staged row; reported and registered on 1 March unless it says otherwise."""
    row = {"external_id": external_id, "kind": "event", "reported_at": DAY, "registered_at": DAY, "flags": 0}
    row |= {"on_time_source": "dates", "closed": says.get("closed_at") is not None} | says
    content = repr(sorted((name, value) for name, value in row.items() if value is not None))
    row.setdefault("content_hash", int.from_bytes(hashlib.sha256(content.encode()).digest()[:8], "big"))
    return row


def staged(rows: Iterable[Mapping[str, Any]], first_row: int = 1) -> pa.Table:
    """Rows as the reading of a file hands them over."""
    numbered = [{**dict.fromkeys(STAGED.names), "row_number": n, **row} for n, row in enumerate(rows, first_row)]
    return pa.Table.from_pylist(numbered, schema=STAGED)


def placed(table: pa.Table, **where: Any) -> pa.Table:
    """Where every staged row lies, in atlas 1: the same place for all."""
    return pa.Table.from_pylist(
        [
            {**dict.fromkeys(PLACED.names), "row_number": n, "atlas_id": 1, "located": "none", **where}
            for n in table["row_number"].to_pylist()
        ],
        schema=PLACED,
    )


def take(store: Store, *rows: Mapping[str, Any], source: str = "city", **where: Any) -> ImportReport:
    """Import rows."""
    with Intake.begin(store, file="tickets.csv", digest=None, mapping_text=None, source=source) as intake:
        table = staged(rows)
        intake.stage(table, placed(table, **where))
        return intake.finish()


def case(store: Store, external_id: str) -> dict[str, Any]:
    """The row of a case."""
    (row,) = store.rows("SELECT * FROM cases WHERE external_id = ?", [external_id])
    return row


def lines(store: Store, external_id: str, *columns: str) -> list[tuple[Any, ...]]:
    """Columns of a case's ledger lines, in order."""
    return [
        tuple(row.values())
        for row in store.rows(
            f"SELECT {', '.join(f'l.{name}' for name in columns)} FROM transition l JOIN cases c USING (case_id) "
            "WHERE external_id = ? ORDER BY l.seq",
            [external_id],
        )
    ]


def sound(store: Store) -> None:
    """Rows and past states are the fold of the ledger, and the ledger holds."""
    assert differing(store) == []
    assert verify(store) == []


def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of the store but `import`, whose line says what was tried."""
    names = store.rows(
        "SELECT schema_name || '.' || table_name AS name FROM duckdb_tables() "
        "WHERE database_name = current_database() AND table_name <> 'import' ORDER BY 1"
    )
    with store.read() as con:
        return {row["name"]: sorted(con.execute(f"FROM {row['name']}").fetchall(), key=repr) for row in names}
