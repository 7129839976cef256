"""What stands beside a case's row for whoever works on it: texts, links, repeat points, units and categories to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from data.errors import NotFound
from data.levels import LEVELS
from data.orders import Located

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class Linked:
    """A case joined to another."""

    case_id: int
    external_id: str
    kind: str
    stage: str
    linked_at: datetime


@dataclass(frozen=True)
class Choice:
    """A unit or category to choose: `within` is the category above it, or the kind of the unit."""

    id: int
    name: str
    within: str | None


def linked(store: Store, case_id: int) -> list[Linked]:
    """The cases joined to one, from either side, the latest first."""
    rows = store.rows(
        """SELECT c.case_id, c.external_id, c.kind, c.stage, max(l.linked_at) AS linked_at
           FROM case_link l JOIN cases c
               ON c.case_id = CASE WHEN l.case_id = $case THEN l.other_case_id ELSE l.case_id END
           WHERE l.case_id = $case OR l.other_case_id = $case GROUP BY ALL ORDER BY linked_at DESC, c.case_id""",
        {"case": case_id},
    )
    return [Linked(**row) for row in rows]


def at_repeat_points(store: Store, case_ids: Sequence[int]) -> set[int]:
    """Those of some cases that stand at a repeat point."""
    rows = store.rows(
        "SELECT DISTINCT case_id FROM repeat_point WHERE case_id IN (SELECT unnest($ids::BIGINT[]))",
        {"ids": list(case_ids)},
    )
    return {row["case_id"] for row in rows}


def units(store: Store) -> list[Choice]:
    """Every unit, by name."""
    return [Choice(**row) for row in store.rows("SELECT unit_id AS id, name, kind AS within FROM unit ORDER BY name")]


def categories(store: Store) -> list[Choice]:
    """The categories a case can have: those without any below them, in the order of their codes."""
    rows = store.rows(
        """SELECT c.category_id AS id, c.name, p.name AS within FROM category c
           LEFT JOIN category p ON p.category_id = c.parent_id
           WHERE c.category_id NOT IN (SELECT parent_id FROM category WHERE parent_id IS NOT NULL) ORDER BY c.code"""
    )
    return [Choice(**row) for row in rows]


def usual_categories(store: Store, channel: str, most: int) -> list[int]:
    """The categories of the events that come most often, those by one channel before all others."""
    rows = store.rows(
        """SELECT category_id FROM case_hot WHERE kind = 'event' AND category_id IS NOT NULL
           GROUP BY 1 ORDER BY count(*) FILTER (channel = $channel) DESC, count(*) DESC, category_id LIMIT $most""",
        {"channel": channel, "most": most},
    )
    return [row["category_id"] for row in rows]


def channels(store: Store) -> list[str]:
    """The channels cases came by, the most used first."""
    rows = store.rows(
        "SELECT channel, count(*) AS n FROM case_hot WHERE channel IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1 LIMIT 20"
    )
    return [row["channel"] for row in rows]


def case_of_number(store: Store, number: str) -> int:
    """The case of a number as people write it. Raises NotFound."""
    rows = store.rows("SELECT min(case_id) AS id FROM cases WHERE external_id = ?", [number.strip()])
    if not rows or rows[0]["id"] is None:
        raise NotFound("there is no such case.", where=number)
    return int(rows[0]["id"])


def number_of_case(store: Store, case_id: int) -> str:
    """The number people know a case by; empty where there is no such case."""
    rows = store.rows("SELECT external_id FROM cases WHERE case_id = ?", [case_id])
    return str(rows[0]["external_id"]) if rows else ""


def places_of_codes(store: Store, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The ids of some places named by level and code; those that are not in force are left out."""
    rows = store.rows(
        """SELECT p.level, p.code, max(p.place_id) AS id FROM place p JOIN place_version v USING (place_id)
           WHERE list_contains($named, p.level || '=' || p.code) AND v.effective_to > current_date GROUP BY ALL""",
        {"named": [f"{level}={code}" for level, code in pairs]},
    )
    return {(row["level"], row["code"]): row["id"] for row in rows}


def first_texts(store: Store, case_ids: Sequence[int]) -> dict[int, str]:
    """What the first note of each of some cases says; of a part, what its whole case says."""
    rows = store.rows(
        """WITH asked AS (SELECT case_id, coalesce(parent_case_id, case_id) AS whole FROM cases
               WHERE case_id IN (SELECT unnest($ids::BIGINT[])))
           SELECT a.case_id, arg_min(n.body, n.note_id) AS body FROM asked a JOIN note n ON n.case_id = a.whole
           WHERE n.body IS NOT NULL GROUP BY 1""",
        {"ids": list(case_ids)},
    )
    return {row["case_id"]: row["body"] for row in rows}


def spot_of(store: Store, case_id: int) -> dict[str, Any]:
    """Where a case lies, as the fields of an opening (data/orders.py). Raises NotFound."""
    rows = store.rows("SELECT lon, lat, x, y, named_place, flags FROM cases WHERE case_id = ?", [case_id])
    if not rows:
        raise NotFound("there is no such case.", where=f"case {case_id}")
    names = [level for level in LEVELS if level != "district"]
    lying = store.rows(
        f"""SELECT atlas_id, located, {", ".join(f"{name}_id AS {name}" for name in names)} FROM case_place
            WHERE case_id = ? ORDER BY atlas_id""",
        [case_id],
    )
    located = tuple(
        Located(row["atlas_id"], row["located"], {name: row[name] for name in names if row[name] is not None})
        for row in lying
    )
    return {**rows[0], "located": located}


def unit_names(store: Store, unit_ids: Sequence[int | None]) -> dict[int, str]:
    """The names of some units."""
    ids = sorted({unit for unit in unit_ids if unit is not None})
    rows = store.rows("SELECT unit_id, name FROM unit WHERE list_contains($ids::INTEGER[], unit_id)", {"ids": ids})
    return {row["unit_id"]: row["name"] for row in rows}


def place_names(store: Store, place_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Level and name of some places, as they are called now."""
    rows = store.rows(
        """SELECT v.place_id, p.level, v.name FROM place_version v JOIN place p USING (place_id)
           WHERE list_contains($ids::INTEGER[], v.place_id) AND v.effective_to > current_date""",
        {"ids": list(place_ids)},
    )
    return {row["place_id"]: (row["level"], row["name"]) for row in rows}
