"""Rectification listings (挂牌整治): a case of the kind `listing` for an estate, and what became of the estates that were listed.

The worst of one period tend to look better in the next anyway, so the change of the listed is shown beside estates that were not listed
and stood where they stood before: the nearest by tickets in the same days before, of the same kind. The interval is a percentile
bootstrap over the pairs, seeded, so that the same cases give the same interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from data.actors import Actor
from data.errors import NotFound, Refused
from data.orders import Located, Opening

if TYPE_CHECKING:
    from data.store import Store

DAYS = 30
MATCHES = 3  # unlisted estates beside each listed one
DRAWS = 4000
SEED = 20_260_715
LEAST = 5  # listed estates, below which no interval is said


@dataclass(frozen=True)
class Pair:
    """A listed estate and its matches: tickets in the days before and after the listing began."""

    estate_id: int
    name: str
    began_at: datetime
    before: int
    after: int
    matched_before: float
    matched_after: float


@dataclass(frozen=True)
class Effect:
    """The change of the listed beside that of the matched, as shares of what was before; difference with its 95 % interval."""

    pairs: tuple[Pair, ...]
    listed: float | None
    matched: float | None
    difference: float | None
    interval: tuple[float, float] | None


def open_listing(
    store: Store, estate_id: int, kind: str, unit_id: int, note: str, actor: Actor, key: str, at: datetime | None = None
) -> int:  # fmt: skip
    """Open the case of an estate (at: when that was, null is now); its id. Raises NotFound, Refused where one is open already."""
    if kind == "listing" and estate_id in standing(store):
        raise Refused("the estate is listed already.", where=f"estate {estate_id}")
    opening = Opening(
        kind, key, actor, occurred_at=at, note=note, unit_id=unit_id, located=located_of(store, estate_id)
    )
    return store.writer.submit(opening).result().case_id


def located_of(store: Store, estate_id: int) -> tuple[Located, ...]:
    """Where a case about an estate lies, in every atlas. Raises NotFound."""
    rows = store.rows(
        """SELECT a.atlas_id, e.parent_id AS community, c.parent_id AS street
           FROM atlas a JOIN place_version e ON e.place_id = $estate
               AND e.effective_from <= a.effective_from AND a.effective_from < e.effective_to
           LEFT JOIN place_version c ON c.place_id = e.parent_id
               AND c.effective_from <= a.effective_from AND a.effective_from < c.effective_to
           LEFT JOIN place cp ON cp.place_id = e.parent_id WHERE a.current AND cp.level = 'community' ORDER BY 1""",
        {"estate": estate_id},
    )
    if not rows:
        raise NotFound("there is no such estate now.", where=f"estate {estate_id}")
    return tuple(
        Located(
            row["atlas_id"], "estate", {"estate": estate_id, "community": row["community"], "street": row["street"]}
        )
        for row in rows
    )


def standing(store: Store) -> dict[int, dict[str, Any]]:
    """Estate → its latest listing that was not withdrawn: case_id, number, stage, reported_at. Closed ones are left out."""
    return {one["estate_id"]: one for one in listings(store) if one["stage"] != "closed"}


def listings(store: Store) -> list[dict[str, Any]]:
    """Every listing of an estate, the first first."""
    return store.rows(
        """SELECT DISTINCT c.case_id, c.external_id AS number, c.stage, c.reported_at, p.estate_id FROM cases c
           JOIN case_place p USING (case_id) JOIN atlas a USING (atlas_id)
           WHERE c.kind = 'listing' AND NOT c.voided AND a.current AND p.estate_id IS NOT NULL ORDER BY c.reported_at, c.case_id"""
    )


def units_for(store: Store, estate_id: int) -> list[dict[str, Any]]:
    """Who could lead a task force there: the offices of its street first, then the departments."""
    street = next((one.ids.get("street") for one in located_of(store, estate_id)), None)
    return store.rows(
        """SELECT unit_id AS id, name FROM unit WHERE (level = 'street' AND place_id = $street) OR kind = 'department'
           ORDER BY level = 'street' DESC, code""",
        {"street": street},
    )


def effect(store: Store, days: int = DAYS) -> Effect:
    """What listing did, of all listings that began at least so many days ago."""
    now = store.now()
    first: dict[int, dict[str, Any]] = {}
    for one in listings(store):
        if one["reported_at"] + timedelta(days=days) <= now:
            first.setdefault(one["estate_id"], one)
    if not first:
        return Effect((), None, None, None, None)
    pairs = [_pair(store, one, set(first), days) for one in first.values()]
    return effect_of([pair for pair in pairs if pair is not None])


def effect_of(pairs: Sequence[Pair]) -> Effect:
    """The effect of some pairs; numbers only where there was something before."""
    counts = np.array([(p.before, p.after, p.matched_before, p.matched_after) for p in pairs], dtype=float).reshape(
        -1, 4
    )
    sums = counts.sum(axis=0)
    if not sums[0] or not sums[2]:
        return Effect(tuple(pairs), None, None, None, None)
    listed, matched = float(sums[1] / sums[0] - 1), float(sums[3] / sums[2] - 1)
    interval = _interval(counts) if len(pairs) >= LEAST else None
    return Effect(tuple(pairs), listed, matched, listed - matched, interval)


def _interval(counts: np.ndarray) -> tuple[float, float] | None:
    draws = np.random.default_rng(SEED).integers(len(counts), size=(DRAWS, len(counts)))
    sums = counts[draws].sum(axis=1)
    sums = sums[(sums[:, 0] > 0) & (sums[:, 2] > 0)]
    if not len(sums):
        return None
    low, high = np.quantile(sums[:, 1] / sums[:, 0] - sums[:, 3] / sums[:, 2], [0.025, 0.975])
    return float(low), float(high)


def _pair(store: Store, one: Mapping[str, Any], listed: set[int], days: int) -> Pair | None:
    """The estate beside those of its kind that had the most similar number of tickets in the days before."""
    rows = store.rows(_BEFORE_AFTER, {"at": one["reported_at"], "days": days, "zone": store.deployment.zone})
    own = next((row for row in rows if row["estate_id"] == one["estate_id"]), None)
    if own is None:
        return None
    others = [row for row in rows if row["estate_id"] not in listed and row["kind"] == own["kind"]]
    others.sort(key=lambda row: (abs(row["before"] - own["before"]), row["estate_id"]))
    near = others[:MATCHES]
    if not near:
        return None
    return Pair(
        own["estate_id"], own["name"], one["reported_at"], own["before"], own["after"],
        sum(row["before"] for row in near) / len(near), sum(row["after"] for row in near) / len(near),
    )  # fmt: skip


_BEFORE_AFTER = """SELECT p.estate_id, v.name, coalesce(v.kind, '') AS kind,
        count(*) FILTER (c.reported_at < $at) AS before, count(*) FILTER (c.reported_at >= $at) AS after
    FROM cases c JOIN case_place p USING (case_id) JOIN atlas a USING (atlas_id)
    JOIN place_version v ON v.place_id = p.estate_id AND v.effective_from <= timezone($zone, $at)::DATE
        AND timezone($zone, $at)::DATE < v.effective_to
    WHERE c.kind = 'event' AND NOT c.voided AND a.current AND a.effective_from <= timezone($zone, $at)::DATE
        AND timezone($zone, $at)::DATE < a.effective_to
        AND c.reported_at >= $at::TIMESTAMPTZ - to_days($days::INTEGER) AND c.reported_at < $at::TIMESTAMPTZ + to_days($days::INTEGER)
    GROUP BY ALL"""
