"""Counts over a slice: how many cases of each place have, and lack, the marks of each part.

A slice has few hundred different combinations of marks, whatever its length. Each combination is held against the parts
once; counting a part is then one pass of small integers. Beside one query with a filter a part, 41 parts of 120,000 cases in
20,000 grids take a quarter of the time.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from data.figure_marks import Part

Integers = np.ndarray[tuple[int], np.dtype[np.int64]]
MOST = 100_000  # ids further apart than this, and than four times the rows, are hashed


def counted(cases: pa.Table, parts: Mapping[str, Part]) -> pa.Table:
    """One row a place met: `place_id` (null: not located at the level), and a column of counts a part.

    cases: columns place_id (int) and marks (int64), a row a case.
    """
    places, place_ids = _numbered(_integers(cases, "place_id", missing=-1))
    kinds, marks = pd.factorize(_integers(cases, "marks", missing=0))
    columns: dict[str, pa.Array] = {"place_id": pa.array(place_ids, pa.int64(), mask=place_ids == -1)}
    for name, part in parts.items():
        fits = (marks & int(part.has | part.lacks)) == int(part.has)
        columns[name] = pa.array(np.bincount(places[fits[kinds]], minlength=len(place_ids)))
    return pa.table(columns)


def _numbered(ids: Integers) -> tuple[Integers, Integers]:
    """Each id's number among those met, and the ids. They lie close together, so they are looked up, not hashed."""
    if not len(ids) or int(ids.max()) - int(low := ids.min()) > MOST + 4 * len(ids):
        numbers, met = pd.factorize(ids)
        return np.asarray(numbers, dtype=np.int64), np.asarray(met, dtype=np.int64)
    seen = np.bincount(ids - low) > 0
    return (np.cumsum(seen) - 1)[ids - low], np.flatnonzero(seen) + low


def _integers(cases: pa.Table, column: str, missing: int) -> Integers:
    return np.asarray(cases.column(column).cast(pa.int64()).fill_null(missing).to_numpy(), dtype=np.int64)
