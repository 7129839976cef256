"""The tree of places as it stands now: what lies under a place, what lies above some, and which categories lie under others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data.actors import Place
from data.database import Connection, records
from data.errors import NotFound
from data.sights import ATLAS_NOW, chains_of, district_id

GROUND = ("district", "street", "community", "grid")  # what posts, alarms and emergencies are of

# The versions in force in the latest atlas cases are located in.
HELD = f"""here AS (SELECT plan_id, effective_from AS day FROM atlas WHERE atlas_id = ({ATLAS_NOW})),
    held AS (
        SELECT v.place_id, level, code, name, households, parent_id FROM place_version v JOIN place USING (place_id), here
        WHERE v.effective_from <= day AND day < v.effective_to AND (v.plan_id IS NULL OR v.plan_id = here.plan_id))"""

# A case c lies in some places, the ids $within.
IN_PLACES = f"""c.case_id IN (SELECT case_id FROM case_place p WHERE p.atlas_id = ({ATLAS_NOW})
    AND (list_contains($within, p.street_id) OR list_contains($within, p.community_id)
         OR list_contains($within, p.grid_id) OR list_contains($within, p.micro_grid_id)))"""
# The names of places in force in the latest atlas: place_id, name.
NAMED = f"""(SELECT v.place_id, any_value(v.name) AS name FROM place_version v, atlas t
    WHERE t.atlas_id = ({ATLAS_NOW}) AND v.effective_from <= t.effective_from AND t.effective_from < v.effective_to
    GROUP BY 1)"""


def ground_below(con: Connection, place_id: int) -> list[dict[str, Any]]:
    """A place and the streets, communities and grids in it: place_id, level, code, name, households, parent_id; the highest first."""
    found = con.execute(
        f"""WITH RECURSIVE {HELD}, ground AS (FROM held WHERE list_contains($levels, level)),
            below AS (
                SELECT *, 0 AS steps FROM ground WHERE place_id = $place
                UNION ALL SELECT g.*, steps + 1 FROM below b JOIN ground g ON g.parent_id = b.place_id WHERE steps < 5)
            SELECT place_id, level, code, name, households, parent_id FROM below ORDER BY steps, code""",
        {"place": place_id, "levels": list(GROUND)},
    )
    return records(found)


def chain_of(con: Connection, place_id: int) -> tuple[Place, ...]:
    """A place with all above it, the district last; one that is no longer in the tree lies in the district alone."""
    district = Place("district", district_id(con))
    try:
        found = chains_of(con, [place_id])[place_id]
    except NotFound:
        return (Place("", place_id), district)
    return found if found[-1] == district else (*found, district)


def common_place(con: Connection, place_ids: Sequence[int]) -> int | None:
    """The lowest place that holds all of some; null of none."""
    if not place_ids:
        return None
    chains = [[place.place_id for place in chain] for chain in chains_of(con, place_ids).values()]
    shared = set(chains[0]).intersection(*chains[1:])
    return next((place for place in chains[0] if place in shared), district_id(con))


def category_ids(con: Connection, named: Sequence[str]) -> list[int]:
    """The categories of some codes or names, with all below them. What no category is called means none."""
    rows = con.execute(
        """WITH RECURSIVE wanted AS (
               SELECT category_id, 0 AS steps FROM category
               WHERE list_contains($named::VARCHAR[], code) OR list_contains($named::VARCHAR[], name)
               UNION ALL SELECT k.category_id, steps + 1 FROM wanted w JOIN category k ON k.parent_id = w.category_id
               WHERE steps < 10)
           SELECT DISTINCT category_id FROM wanted ORDER BY 1""",
        {"named": list(named)},
    ).fetchall()
    return [row[0] for row in rows]
