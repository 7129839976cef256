"""Who goes on where a grid, micro-grid or community is given up: the place that takes most of its households.

On the day a draft takes effect the posts of a place that is given up, the accounts, units and devices that belong to it and its lines
of the responsibility list pass to its successor. What passed is kept, for the dossier and for whoever asks later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.database import Connection
from data.drafts import Drawing
from data.levels import END

if TYPE_CHECKING:
    from data.store import Store

LEVELS = ("grid", "micro_grid", "community")
POST, ACCOUNT, UNIT, DEVICE, DUTY = "post", "account", "unit", "device", "responsibility"
NOBODY = 0  # of a micro-grid that went to a grid without micro-grids: what belongs to it stays, to be looked at
HALF = 0.5  # of the households; a successor with less is to be looked at


@dataclass(frozen=True)
class Heir:
    """A place that is given up and the label that goes on, with the share of its households."""

    level: str
    place_id: int
    heir: int
    share: float


@dataclass(frozen=True)
class Passing:
    """One thing that passes: which, what it is called (a kind of post, an account and its role, a unit ...), how many."""

    level: str
    place_id: int
    heir: int
    share: float
    what: str
    label: str
    n: int

    @property
    def is_doubtful(self) -> bool:
        """Whether most of the households went elsewhere."""
        return self.share < HALF


def heirs(now: Drawing) -> list[Heir]:
    """The places of a drawing that are given up, each with its successor. A micro-grid that went to another grid is another place."""
    cells = now.cells
    moved = (now.grid != cells.grid) & (cells.micro > 0)
    columns = {
        "grid": (cells.grid, now.grid, np.isin(cells.grid, now.grid)),
        "micro_grid": (cells.micro, now.micro, np.isin(cells.micro, now.micro[~moved])),
        "community": (cells.community, now.community, np.isin(cells.community, now.community)),
    }
    weight = cells.households + 1e-9 * cells.area
    found = []
    for level, (before, after, kept) in columns.items():
        gone = ~kept & (before > 0)
        found += [Heir(level, *one) for one in _most(before[gone], after[gone], weight[gone])]
    return [one if one.heir != NOBODY else replace(one, share=0.0) for one in found]


def _most(
    before: NDArray[np.int64], after: NDArray[np.int64], weight: NDArray[np.float64]
) -> list[tuple[int, int, float]]:
    """(place, label with most of it, its share)."""
    if not len(before):
        return []
    pairs, which = np.unique(np.stack([before, after], axis=1), axis=0, return_inverse=True)
    load = np.bincount(which.ravel(), weight)
    order = np.lexsort((pairs[:, 1], -load, pairs[:, 0]))
    places, first = np.unique(pairs[order, 0], return_index=True)
    whole = np.bincount(np.searchsorted(places, before), weight)
    best = order[first]
    shares = load[best] / np.maximum(whole, 1e-12)
    return list(zip(places.tolist(), pairs[best, 1].tolist(), np.round(shares, 4).tolist(), strict=True))


_HELD = """SELECT place_id, 'post' AS what, kind AS label, sum(coalesce(actual, required, 0))::INTEGER AS n FROM post
      WHERE effective_from <= $day AND $day < effective_to GROUP BY place_id, kind
    UNION ALL SELECT g.place_id, 'account', a.label || '（' || g.role || '）', 1 FROM account_grant g JOIN account a USING (account_id)
      WHERE NOT a.disabled AND g.place_id IS NOT NULL
    UNION ALL SELECT place_id, 'unit', name, 1 FROM unit WHERE place_id IS NOT NULL
    UNION ALL SELECT place_id, 'device', label, 1 FROM access_token WHERE place_id IS NOT NULL AND revoked_at IS NULL
    UNION ALL SELECT place_id, 'responsibility', '', count(*)::INTEGER FROM responsibility
      WHERE effective_from <= $day AND $day < effective_to GROUP BY place_id"""


def passings(con: Connection, given_up: list[Heir], day: date) -> list[Passing]:
    """What belongs to the places given up, as it stands on a day."""
    by_place = {one.place_id: one for one in given_up}
    if not by_place:
        return []
    rows = con.execute(
        f"""SELECT h.* FROM ({_HELD}) h SEMI JOIN (SELECT unnest($places::INTEGER[]) AS place_id) USING (place_id)
            ORDER BY place_id, what, label""",
        {"day": day, "places": list(by_place)},
    ).fetchall()
    return [_passing(by_place[row[0]], *row[1:]) for row in rows]


def _passing(one: Heir, what: str, label: str, n: int) -> Passing:
    return Passing(one.level, one.place_id, one.heir, one.share, what, label, n)


def passed(con: Connection, draft_id: int) -> list[Passing]:
    """What passed when a draft took effect; heir: a place's id."""
    rows = con.execute(
        """SELECT level, place_id, heir_id, share, what, label, n FROM draft_passing WHERE draft_id = $1
           ORDER BY level, place_id, what, label""",
        [draft_id],
    ).fetchall()
    return [Passing(*row) for row in rows]


def told(store: Store, now: Drawing, day: date, *, effective: bool) -> list[Passing]:
    """What passes, or passed, with a draft."""
    with store.read() as con:
        return passed(con, now.draft_id) if effective else passings(con, heirs(now), day)


def posts_by_place(store: Store) -> dict[int, int]:
    """Place → posts that are filled today (where nobody counted: those required)."""
    day = store.now().astimezone(store.zone).date()
    rows = store.rows(
        """SELECT place_id, sum(coalesce(actual, required, 0))::INTEGER AS n FROM post
           WHERE effective_from <= $1 AND $1 < effective_to GROUP BY place_id""",
        [day],
    )
    return {int(row["place_id"]): int(row["n"]) for row in rows}


def pass_on(
    con: Connection, draft_id: int, given_up: list[Heir], place_of: dict[tuple[str, int], int], day: date
) -> int:
    """Hand everything over from a day on; how many things passed. place_of: (level, label) → place id. Part of a transaction."""
    found = passings(con, given_up, day)
    if not found:
        return 0
    rows: list[dict[str, Any]] = [
        {**vars(one), "heir": place_of[one.level, one.heir], "draft_id": draft_id}
        for one in found
        if one.heir != NOBODY
    ]
    if not rows:
        return 0
    con.register("passed", pa.Table.from_pylist(rows))
    con.execute("INSERT INTO draft_passing SELECT draft_id, level, place_id, heir, share, what, label, n FROM passed")
    con.execute("CREATE TEMP TABLE heir AS SELECT DISTINCT place_id, heir AS heir_id FROM passed")
    con.unregister("passed")
    for sql in _HANDED:
        con.execute(sql, {name: value for name, value in {"day": day, "end": END}.items() if f"${name}" in sql})
    con.execute("DROP TABLE heir")
    return len(found)


# Posts of one kind that meet in one place are added up; what that place is asked for stays what it was asked for.
_HANDED = (
    """INSERT INTO post SELECT nextval('post_ids'), heir_id, kind, coalesce(max(required) FILTER (own), sum(required)),
           sum(actual), sum(on_duty), $day, $end
       FROM (SELECT h.heir_id, p.*, false AS own FROM post p JOIN heir h USING (place_id)
             UNION ALL SELECT p.place_id AS heir_id, p.*, true FROM post p
               WHERE p.place_id IN (SELECT heir_id FROM heir) AND p.place_id NOT IN (SELECT place_id FROM heir)) one
       WHERE effective_from < $day AND $day < effective_to
           AND (heir_id, kind) IN (SELECT (h.heir_id, p.kind) FROM post p JOIN heir h USING (place_id)
                                   WHERE p.effective_from < $day AND $day < p.effective_to)
       GROUP BY heir_id, kind""",
    """UPDATE post SET effective_to = $day WHERE effective_from < $day AND $day < effective_to
           AND (place_id IN (SELECT place_id FROM heir)
                OR (place_id, kind) IN (SELECT (place_id, kind) FROM post WHERE effective_from = $day))""",
    """INSERT INTO account_grant SELECT DISTINCT g.account_id, g.role, h.heir_id FROM account_grant g JOIN heir h USING (place_id)
       WHERE (g.account_id, g.role, h.heir_id) NOT IN (
           SELECT (account_id, role, place_id) FROM account_grant WHERE place_id IS NOT NULL)""",
    "DELETE FROM account_grant WHERE place_id IN (SELECT place_id FROM heir)",
    "UPDATE unit SET place_id = heir_id FROM heir WHERE unit.place_id = heir.place_id",
    "UPDATE access_token SET place_id = heir_id FROM heir WHERE access_token.place_id = heir.place_id",
    """INSERT INTO responsibility SELECT DISTINCT ON (r.category_id, h.heir_id, r.unit_id, r.part)
           r.* REPLACE (h.heir_id AS place_id, $day AS effective_from) FROM responsibility r JOIN heir h USING (place_id)
       WHERE r.effective_from < $day AND $day < r.effective_to AND (r.category_id, h.heir_id, r.part) NOT IN (
           SELECT (category_id, place_id, part) FROM responsibility WHERE effective_from <= $day AND $day < effective_to)""",
    """UPDATE responsibility SET effective_to = $day WHERE effective_from < $day AND $day < effective_to
           AND place_id IN (SELECT place_id FROM heir)""",
)
