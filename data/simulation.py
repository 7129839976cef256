"""How far a simulated deployment has been lived: one row that its runner reads at start and moves on with every step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from data.clock import set_clock
from data.database import Connection
from data.sights import look

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class Simulation:
    """What the made-up year was made from, and how far the work has got. begins, ends: the year, half-open.

    arrived_until: tickets reported by then are cases; moved_until: what happened by then is in the ledger. storms: when
    rainstorms began that somebody ordered.
    """

    preset: str
    seed: int
    begins: date
    ends: date
    tickets: int
    arrived_until: datetime
    moved_until: datetime
    storms: tuple[datetime, ...] = ()


def simulation(store: Store) -> Simulation | None:
    """The simulation of a store; null where there is none."""
    found = store.rows("SELECT * FROM simulation")
    if not found:
        return None
    storms = store.rows("SELECT begins_at FROM storm ORDER BY begins_at")
    return Simulation(**found[0], storms=tuple(row["begins_at"] for row in storms))


def begin(con: Connection, made: Simulation) -> None:
    """Write down what was made; part of a transaction."""
    con.execute("DELETE FROM simulation")
    con.execute(
        "INSERT INTO simulation VALUES (?, ?, ?, ?, ?, ?, ?)",
        [made.preset, made.seed, made.begins, made.ends, made.tickets, made.arrived_until, made.moved_until],
    )


def arrived(con: Connection, until: datetime, moved_until: datetime, shown: datetime, speed: float) -> None:
    """Move the simulation on, with the tickets that arrived in the same transaction, and keep the time."""
    con.execute("UPDATE simulation SET arrived_until = ?, moved_until = ?", [until, moved_until])
    set_clock(con, shown, speed)


def order_storm(con: Connection, begins_at: datetime) -> None:
    """Let a rainstorm begin; part of a transaction."""
    con.execute("INSERT INTO storm VALUES (?)", [begins_at])


def ids_of(store: Store, external_ids: list[str], source: str) -> dict[str, tuple[int, int, str]]:
    """(case_id, seq, stage) of a source's cases by external id; without those somebody moved by hand: they are theirs now."""
    rows = store.rows(
        """SELECT external_id, case_id, seq, stage FROM cases
           WHERE source_id = (SELECT source_id FROM source WHERE name = $source) AND external_id IN (SELECT unnest($ids))
               AND case_id NOT IN (SELECT case_id FROM case_life)""",
        {"ids": external_ids, "source": source},
    )
    return {row["external_id"]: (row["case_id"], row["seq"], row["stage"]) for row in rows}


def known_keys(store: Store, keys: list[str], since: datetime) -> set[str]:
    """Those of some moves' keys that are in the ledger, recorded since then."""
    rows = store.rows(
        "SELECT key FROM transition WHERE recorded_at >= $since AND key IN (SELECT unnest($keys))",
        {"since": since, "keys": keys},
    )
    return {row["key"] for row in rows}


def in_emergency(store: Store) -> bool:
    """Whether any place is."""
    return bool(store.rows("SELECT 1 FROM emergency WHERE ended_at IS NULL LIMIT 1"))


def district_of(store: Store) -> tuple[int, ...]:
    """The root of the tree, as a chain."""
    return tuple(row["place_id"] for row in store.rows("SELECT place_id FROM place WHERE level = 'district'"))


def whereabouts(store: Store, case_ids: list[int]) -> dict[int, tuple[int | None, tuple[int, ...]]]:
    """(category, the places it lies in) of some cases."""
    with store.read() as con:
        return {case_id: (one.category_id, tuple(one.chain)) for case_id, one in look(con, case_ids).items()}
