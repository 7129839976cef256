"""Rows that cannot be taken: the first rule each breaks, and the record a person needs to correct it."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.staging import QUARANTINED
from etl.columns import as_text, flat
from etl.masking import mask_texts

Mask = npt.NDArray[np.bool_]
LONGEST = 200  # characters of a value kept in the quarantine


class Faults:
    """Collects the faults of one batch; the first one added for a row is the one that is told."""

    def __init__(self, size: int) -> None:
        self._first = np.full(size, -1, np.int32)
        self._kinds: list[tuple[str | None, str, pa.Array | None]] = []

    def add(self, rows: Mask, column: str | None, rule: str, values: pa.Array | None = None) -> None:
        """The rows break the rule in the column, where `values` stand."""
        if rows.any():
            self._first[rows & (self._first < 0)] = len(self._kinds)
            self._kinds.append((column, rule, values))

    @property
    def rows(self) -> Mask:
        """Which rows have a fault."""
        return self._first >= 0

    def table(self, raw: pa.Table, row_numbers: pa.Array, free_text: frozenset[str]) -> pa.Table:
        """QUARANTINED rows. `raw`: the mapped columns as read; `free_text`: those masked in the record."""
        where = np.flatnonzero(self.rows)
        records = _records(raw, where, free_text)
        found = [self._kinds[kind] for kind in self._first[where]]
        values = np.full(len(where), None, dtype=object)
        for number, (_, _, read) in enumerate(self._kinds):
            here = np.flatnonzero(self._first[where] == number)
            if read is not None and here.size:
                values[here] = _masked(read.take(pa.array(where[here]))).to_numpy(zero_copy_only=False)
        return pa.table(
            [
                row_numbers.take(pa.array(where)),
                pa.array([kind[0] for kind in found], pa.string()),
                pa.array(values, pa.string()),
                pa.array([kind[1] for kind in found], pa.string()),
                pa.array(records, pa.string()),
            ],
            schema=QUARANTINED,
        )


def ragged(rows: list[tuple[int, str]]) -> pa.Table:
    """QUARANTINED rows of (row number, rule) whose cells could not be told apart.

    What stands there is not kept: it may hold columns the mapping does not take.
    """
    numbers, rules = [row for row, _ in rows], [rule for _, rule in rows]
    none = pa.nulls(len(rows), pa.string())
    return pa.table(
        [pa.array(numbers, pa.int64()), none, none, pa.array(rules, pa.string()), pa.array(["{}"] * len(rows))],
        schema=QUARANTINED,
    )


def summary(rules: Counter[tuple[str, str]]) -> str:
    """The most frequent faults in a sentence: "1,204 rows: unreadable date in open_dt; …"."""
    parts = [f"{n:,} rows: {rule}{f' in {column}' if column else ''}" for (column, rule), n in rules.most_common(3)]
    return "; ".join(parts)


def _records(raw: pa.Table, where: npt.NDArray[np.intp], free_text: frozenset[str]) -> list[str]:
    taken = raw.take(pa.array(where))
    columns = {name: as_text(flat(taken, name)) for name in taken.column_names}
    texts = {
        name: (mask_texts(column)[0] if name in free_text else column).to_pylist() for name, column in columns.items()
    }
    names = list(texts)
    return [
        json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False)
        for cells in zip(*texts.values(), strict=True)
    ]


def _masked(values: pa.Array) -> pa.Array:
    """Values as the quarantine shows them: masked, the beginning of long ones."""
    return pc.utf8_slice_codeunits(mask_texts(as_text(values))[0], 0, LONGEST)
