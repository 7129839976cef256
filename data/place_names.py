"""What places are called, by id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from data.store import Store


def latest_names(store: Store, places: Iterable[int]) -> dict[int, str]:
    """The latest name of each of these places."""
    wanted = pa.table({"place_id": pa.array(sorted(set(places)), pa.int64())})
    rows = store.rows(
        """SELECT place_id, arg_max(name, effective_from) AS name FROM place_version SEMI JOIN wanted USING (place_id)
           GROUP BY place_id""",
        wanted=wanted,
    )
    return {int(row["place_id"]): str(row["name"]) for row in rows}


def names_by_code(store: Store, levels: Iterable[str]) -> dict[str, str]:
    """The latest name of every place of some levels, by code."""
    rows = store.rows(
        """SELECT p.code, arg_max(v.name, v.effective_from) AS name FROM place_version v JOIN place p USING (place_id)
           WHERE list_contains($1::VARCHAR[], p.level) GROUP BY p.code""",
        [list(levels)],
    )
    return {str(row["code"]): str(row["name"]) for row in rows}
