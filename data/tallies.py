"""What came in today by category, beside what usually has come in by this time of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from data.below import IN_PLACES
from data.on_map import FIELDS

if TYPE_CHECKING:
    from data.store import Store

DAYS = 7  # before today, whose mean is the usual
NO_PARENT = "c.case_id NOT IN (SELECT parent_case_id FROM case_hot WHERE parent_case_id IS NOT NULL AND kind = 'event')"


@dataclass(frozen=True)
class Tally:
    """A category: how many today, and the mean of the days before up to the same time."""

    category: str | None
    n: int
    usual: float


def today_by_category(
    store: Store,
    midnight: datetime,
    now: datetime,
    within: Sequence[int] = (),
    filters: Sequence[tuple[str, Sequence[str]]] = (),
) -> list[Tally]:
    """The events reported since midnight, by category, the most first; those of voided cases left out.

    Both instants know their zone. within: ids of places, none for everywhere. Only recent cases are looked at.
    """
    lapse = now - midnight
    params = {"first": midnight - timedelta(days=DAYS), "now": now, "lapse": lapse, "midnight": midnight}
    where = [
        "c.kind = 'event'",
        "NOT c.voided",
        "NOT c.excluded",
        NO_PARENT,
        "c.reported_at >= $first",
        "c.reported_at <= $now",
    ]
    bound: dict[str, object] = dict(params)
    if within:
        where.append(IN_PLACES)
        bound["within"] = list(within)
    for name, values in filters:
        where.append(f"list_contains(${name}, {FIELDS[name]})")
        bound[name] = list(values)
    rows = store.rows(
        f"""SELECT k.name AS category, count(*) FILTER (c.reported_at >= $midnight) AS n,
                count(*) FILTER (c.reported_at < $midnight
                    AND epoch(c.reported_at - $first::TIMESTAMPTZ) % 86400 <= epoch($lapse::INTERVAL)) / {DAYS} AS usual
            FROM case_hot c LEFT JOIN category k USING (category_id) LEFT JOIN unit u USING (unit_id)
            WHERE {" AND ".join(where)} GROUP BY 1 HAVING n > 0 ORDER BY n DESC, category NULLS LAST""",
        bound,
    )
    return [Tally(**row) for row in rows]
