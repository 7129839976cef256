"""Muster lists: which posts of a place are on duty, grid by grid, and which units it has. Counts of posts, never names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.below import ground_below

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class Mustered:
    """The posts of one place. above: the names of the places above it, the highest first; posts: kind → (required, actual,
    on duty); null where nobody counted."""

    place_id: int
    level: str
    code: str
    name: str
    households: int | None
    above: tuple[str, ...]
    posts: dict[str, tuple[int | None, int | None, int | None]]


def muster(store: Store, place_id: int, kinds: Sequence[str] = ()) -> list[Mustered]:
    """The places in a place that have posts of these kinds (none: of any), in the order of their codes."""
    day = store.now().astimezone(store.zone).date()
    with store.read() as con:
        ground = ground_below(con, place_id)
        rows = con.execute(
            """SELECT place_id, kind, required, actual, on_duty FROM post
               WHERE effective_from <= $day AND $day < effective_to AND list_contains($places::INTEGER[], place_id)
                   AND ($any OR list_contains($kinds::VARCHAR[], kind)) ORDER BY place_id, kind""",
            {"day": day, "places": [row["place_id"] for row in ground], "kinds": list(kinds), "any": not kinds},
        ).fetchall()
    posts: dict[int, dict[str, tuple[int | None, int | None, int | None]]] = {}
    for place, kind, *counts in rows:
        posts.setdefault(place, {})[kind] = (counts[0], counts[1], counts[2])
    by_id = {row["place_id"]: row for row in ground}
    found = []
    for row in sorted(ground, key=lambda row: str(row["code"])):
        if row["place_id"] not in posts:
            continue
        above, here = [], by_id.get(row["parent_id"])
        while here is not None and here["place_id"] != place_id:
            above.append(here["name"])
            here = by_id.get(here["parent_id"])
        known = {name: row[name] for name in ("place_id", "level", "code", "name", "households")}
        found.append(Mustered(**known, above=tuple(reversed(above)), posts=posts[row["place_id"]]))
    return found


def units_of(store: Store, place_id: int) -> list[tuple[str, str]]:
    """The units that belong to a place or to one in it: (name, the place), street offices before communities' and grids'."""
    with store.read() as con:
        ground = {row["place_id"]: (number, row["name"]) for number, row in enumerate(ground_below(con, place_id))}
        rows = con.execute(
            "SELECT name, place_id FROM unit WHERE list_contains($places::INTEGER[], place_id) ORDER BY code",
            {"places": list(ground)},
        ).fetchall()
    rows.sort(key=lambda row: ground[row[1]][0])
    return [(name, ground[place][1]) for name, place in rows]


def totals(listed: Sequence[Mustered]) -> dict[str, tuple[int, int, int]]:
    """Kind → (required, actual, on duty) of a whole list."""
    sums: dict[str, list[int]] = {}
    for one in listed:
        for kind, counts in one.posts.items():
            mine = sums.setdefault(kind, [0, 0, 0])
            for i, n in enumerate(counts):
                mine[i] += n or 0
    return {kind: (a, b, c) for kind, (a, b, c) in sorted(sums.items())}
