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
