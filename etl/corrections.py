"""A quarantine on its way out to be corrected, and back in.

It leaves as a CSV of the source's own columns, so that it can be read again with the same mapping; columns that start
with "quarantine" say which row it was and what is wrong with it. A spreadsheet adds nothing to the cells but the apostrophe
that kept formulas from running has to come off again.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from data.errors import FileError

_APOSTROPHE = re.compile(r"^'(?=[=+\-@\t\r])")
OWN = ("quarantine_id", "quarantine_row", "quarantine_column", "quarantine_value", "quarantine_rule")


def correctable(rows: pa.Table) -> pa.Table:
    """Quarantined rows (data/imports.py `export_quarantine`) with the source's columns spread out, all as text."""
    spread: list[dict[str, str | None]] = []
    columns: dict[str, None] = dict.fromkeys(OWN)
    for row in rows.to_pylist():
        record: dict[str, Any] = json.loads(row["record"])
        columns.update(dict.fromkeys(record))
        own = (row["quarantine_id"], row["row_number"], row["column_name"], row["value"], row["rule"])
        spread.append({name: _text(value) for name, value in (*zip(OWN, own, strict=True), *record.items())})
    return pa.Table.from_pylist(spread, schema=pa.schema([(name, pa.string()) for name in columns]))


def taken_back(file: Path, clean: Path) -> list[int]:
    """Write the corrected CSV `file` to `clean` without apostrophes and own columns; the quarantine ids in it."""
    ids: list[int] = []
    try:
        with (
            file.open(encoding="utf-8-sig", newline="") as source,
            clean.open("w", encoding="utf-8", newline="") as out,
        ):
            rows = csv.reader(source)
            header = next(rows, [])
            kept = [i for i, name in enumerate(header) if name not in OWN]
            writer = csv.writer(out)
            writer.writerow([header[i] for i in kept])
            number = header.index(OWN[0]) if OWN[0] in header else None
            for row in rows:
                writer.writerow([_APOSTROPHE.sub("", row[i]) if i < len(row) else "" for i in kept])
                if number is not None and number < len(row) and row[number].strip().isdigit():
                    ids.append(int(row[number]))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileError(
            f"the corrected file cannot be read ({error}).",
            where=file.name,
            todo="Save it as CSV in UTF-8, with the header the export had.",
        ) from None
    return ids


def chosen(ids: Sequence[int], still_open: Sequence[int]) -> list[int]:
    """The quarantined rows a corrected file answers: those it names, all if it names none."""
    return sorted(set(ids) & set(still_open)) if ids else list(still_open)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
