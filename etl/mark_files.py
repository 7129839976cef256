"""Marks of a scorecard from a file: a spreadsheet or CSV with a code, a mark and, if there is one, a reason in each row.

The columns are found by their names, else taken in this order.
"""

from __future__ import annotations

from pathlib import Path

from data.errors import InputError
from data.judgements import Mark
from etl.readers import open_tickets

CODE = ("编号", "代码", "编码", "code", "id")
VALUE = ("得分", "分数", "评分", "评议", "mark", "score", "value")
REASON = ("说明", "理由", "备注", "reason", "note")


def read_marks(path: Path) -> list[Mark]:
    """The marks of a file. Raises FileError, or InputError with the row of the first that cannot be read."""
    file = open_tickets(path)
    code, value = _column_named(file.columns, CODE, 0), _column_named(file.columns, VALUE, 1)
    reason = _column_named(file.columns, REASON, 2)
    if code is None or value is None:
        raise InputError(
            "a file of marks has a code and a mark in each row.", where=path.name, todo="Name them 编号 and 得分."
        )
    marks = []
    for batch in file.batches():
        rows = zip(batch.row_numbers.to_pylist(), batch.table.to_pylist(), strict=True)
        marks += [
            _mark_of_row(path, number + 1, row[code], row[value], row[reason] if reason else None)
            for number, row in rows
        ]
    return marks


def _column_named(columns: list[str], names: tuple[str, ...], usual: int) -> str | None:
    named = next((one for one in columns if one.strip().lower() in names), None)
    return named or (columns[usual] if len(columns) > usual else None)


def _mark_of_row(path: Path, row: int, code: str | None, value: str | None, reason: str | None) -> Mark:
    try:
        return Mark((code or "").strip(), float((value or "").strip()), (reason or "").strip(), row)
    except ValueError:
        raise InputError(
            f"{value or ''} is no number.", where=f"{path.name}: row {row}", todo="Nothing was entered."
        ) from None
