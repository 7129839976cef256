"""The cases of a stretch of time that a draft's cells are judged by: where they lie and how they went."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from data.store import Store


def cases_with_points(store: Store, since: datetime, until: datetime) -> pa.Table:
    """Events reported in [since, until) with a usable point: lon, lat, decided and on_time (as of `until`), both booleans."""
    return store.arrow(
        """SELECT lon, lat, due_at IS NOT NULL AND (closed_at IS NOT NULL OR due_at <= $until) AS decided,
               coalesce(closed_at <= due_at, false) AS on_time
           FROM cases WHERE kind = 'event' AND NOT voided AND NOT excluded AND lon IS NOT NULL
               AND reported_at >= $since AND reported_at < $until""",
        {"since": since, "until": until},
    )
