"""Who is compared with whom: estates with estates of their kind, communities with communities of theirs.

What has no kind (streets, units, companies) is one group. Grids that are workplaces stand apart from those people live in.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from data.figure_places import Listing
from data.settled import settled

if TYPE_CHECKING:
    from data.store import Store

ALL = ""  # the group of what has no kind
WITH_KINDS = ("estate", "community", "grid")


def peer_groups(store: Store, level: str, listing: Listing, day: date) -> list[str]:
    """The group of each place of the listing on a day."""
    if level not in WITH_KINDS:
        return [ALL] * len(listing.ids)
    kinds = settled(store, f"kinds of {level} on {day}", lambda: _kinds(store, level, day))
    return [kinds.get(place, ALL) for place in listing.ids.tolist()]


def _kinds(store: Store, level: str, day: date) -> dict[int, str]:
    rows = store.rows(
        """SELECT place_id, max(v.kind) AS kind FROM place_version v JOIN place p USING (place_id)
           WHERE p.level = $level AND v.effective_from <= $day AND $day < v.effective_to AND v.kind IS NOT NULL
           GROUP BY 1""",
        {"level": level, "day": day},
    )
    return {row["place_id"]: row["kind"] for row in rows}
