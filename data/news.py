"""What has come in since somebody last looked: for the screens that show it as it happens."""

from __future__ import annotations

from typing import Any

from data.below import IN_PLACES
from data.on_map import FIELDS
from data.quality import NO_POINT
from data.store import Store

MOST_PLACES = 100


def last_case(store: Store) -> int:
    """The highest case id there is; 0 without cases. Ids only grow."""
    found = store.rows("SELECT coalesce(max(case_id), 0) AS last FROM cases")
    return int(found[0]["last"])


def arrivals(
    store: Store, after: int, filters: tuple[tuple[str, tuple[str, ...]], ...] = (), *, kind: str = "event"
) -> tuple[int, list[tuple[float, float]]]:
    """How many cases with an id above `after` there are, and (lon, lat) of the newest of those that have a point.

    filters: names of FIELDS with their values; "within": ids of places.
    """
    where, params = ["c.case_id > $after", "c.kind = $kind", "NOT c.voided"], {"after": after, "kind": kind}
    given: dict[str, Any] = dict(params)
    for name, values in filters:
        if name == "within":
            where.append(IN_PLACES)
            given[name] = [int(place) for place in values]
            continue
        where.append(f"list_contains(${name}, {FIELDS[name]})")
        given[name] = list(values)
    rows = store.rows(
        f"""SELECT count(*) OVER () AS n, CASE WHEN c.flags & {NO_POINT} = 0 THEN c.lon END AS lon, c.lat
            FROM cases c LEFT JOIN category k USING (category_id) LEFT JOIN unit u USING (unit_id)
            WHERE {" AND ".join(where)} ORDER BY lon IS NULL, c.case_id DESC LIMIT {MOST_PLACES}""",
        given,
    )
    placed = [(round(row["lon"], 6), round(row["lat"], 6)) for row in rows if row["lon"] is not None]
    return (int(rows[0]["n"]) if rows else 0), placed
