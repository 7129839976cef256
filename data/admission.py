"""The admission list (减负准入): what may be asked of a grid. What is not on it is refused, and the refusal counted.

A line admits an item in a grid, in a place above it, or everywhere. While the list is empty nothing is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from data import audit
from data.actors import Actor, Place
from data.database import Connection
from data.deployment import zone_of
from data.errors import Refused
from data.levels import BEGINNING, END

if TYPE_CHECKING:
    from data.store import Store

Chains = Mapping[int, Sequence[Place]]


@dataclass(frozen=True)
class Admitted:
    """A line of the list. place_id: where; null is everywhere."""

    item: str
    name: str
    place_id: int | None = None


@dataclass(frozen=True)
class RefusalCount:
    """How often an item was asked of a place that does not have it."""

    item: str
    place_id: int
    refused: int
    last: datetime


def put_admissions(store: Store, lines: Sequence[Admitted], actor: Actor, effective_from: date = BEGINNING) -> int:
    """Make the list anew from a day on; how many lines it has. The actor goes to the audit log."""
    at = store.now()

    def job(con: Connection) -> int:
        con.execute("DELETE FROM admission WHERE effective_from >= ?", [effective_from])
        con.execute("UPDATE admission SET effective_to = $1 WHERE effective_to > $1", [effective_from])
        for line in lines:
            con.execute(
                "INSERT INTO admission VALUES (?, ?, ?, ?, ?)",
                [line.item, line.name, line.place_id, effective_from, END],
            )
        said = {"what": "admission list", "rows": len(lines)}
        audit.put(con, at, audit.Entry("setting", actor, detail=said))
        return len(lines)

    return store.writer.run(job, label="admission list").result()


def admitted(store: Store) -> list[tuple[Admitted, str]]:
    """The lines in force today, each with the place as it is named in a file: "level=code", empty for everywhere."""
    rows = store.rows(
        """SELECT a.item, a.name, a.place_id, coalesce(p.level || '=' || p.code, '') AS place FROM admission a
           LEFT JOIN place p USING (place_id) WHERE a.effective_from <= $day AND $day < a.effective_to
           ORDER BY a.item, place""",
        {"day": store.now().astimezone(store.zone).date()},
    )
    return [(Admitted(row["item"], row["name"], row["place_id"]), row["place"]) for row in rows]


def refusals_by_post(store: Store) -> list[tuple[str, str, str, int, datetime]]:
    """Who asked for what that was refused: (post, role, item, how often, last), most first."""
    rows = store.rows(
        """SELECT by_name, by_role, item, count(DISTINCT refused_at) AS n, max(refused_at) AS last FROM admission_refusal
           GROUP BY ALL ORDER BY n DESC, by_name, item"""
    )
    return [(row["by_name"], row["by_role"], row["item"], row["n"], row["last"]) for row in rows]


def refusals(store: Store) -> list[RefusalCount]:
    """Refusals by item and place, most first."""
    rows = store.rows(
        """SELECT item, place_id, count(*) AS refused, max(refused_at) AS last FROM admission_refusal
           GROUP BY item, place_id ORDER BY refused DESC, item, place_id"""
    )
    return [RefusalCount(**row) for row in rows]


def unlisted(con: Connection, item: str, chains: Chains, now: datetime) -> list[int]:
    """The places that would refuse it. chains: the places it is asked of, each with all above it."""
    if not con.execute("SELECT 1 FROM admission LIMIT 1").fetchone():
        return []
    admitted = {
        place
        for (place,) in con.execute(
            "SELECT place_id FROM admission WHERE item = $item AND effective_from <= $day AND $day < effective_to",
            {"item": item, "day": now.astimezone(zone_of(con)).date()},
        ).fetchall()
    }
    if None in admitted:
        return []
    return [place for place, chain in chains.items() if admitted.isdisjoint(one.place_id for one in chain)]


def items(store: Store) -> list[tuple[str, str]]:
    """What stands on the list now: (item, its name), by name. Empty: nothing is refused."""
    rows = store.rows(
        """SELECT item, min(name) AS name FROM admission WHERE effective_from <= $day AND $day < effective_to
           GROUP BY item ORDER BY name, item""",
        {"day": store.now().astimezone(store.zone).date()},
    )
    return [(row["item"], row["name"]) for row in rows]


def refuse_unlisted(con: Connection, item: str, chains: Chains, actor: Actor, role: str, now: datetime) -> None:
    """Refuse what is not on the admission list of a grid, and write down that it was asked. Raises Refused.

    chains: the places it is asked of, each with all above it.
    """
    outside = unlisted(con, item, chains, now)
    if not outside:
        return
    for place in outside:
        con.execute("INSERT INTO admission_refusal VALUES (?, ?, ?, ?, ?)", [now, item, place, actor.name, role])
    said = {"what": "admission list", "item": item, "places": len(outside), "asked": len(chains)}
    audit.put(con, now, audit.Entry("refused", actor, role, detail=said))
    raise NotAdmitted(
        f"{item or 'a task without an item'} is not on the admission list of {len(outside)} of {len(chains)} grids.",
        where=", ".join(str(place) for place in outside[:10]),
        todo="Leave those grids out, or have the item put on their list.",
    )


class NotAdmitted(Refused):
    """A grid's admission list does not have it. The refusal itself is written down."""
