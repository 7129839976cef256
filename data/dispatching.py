"""Help for whoever dispatches: who answers for it, how busy they are, what it may repeat, and what does not stay closed.

Nothing here decides. Candidates come from the responsibility list, with their open load and record; duplicates and repeat
points are offered, never acted on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from data.figures import Figure, Filter, Question, figures
from data.repeats import DAYS as REPEAT_DAYS
from data.repeats import METRES

if TYPE_CHECKING:
    from data.store import Store

RECORD = timedelta(days=90)
SAME_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Candidate:
    """A unit that may get a case. lead: it answers for the category there by the responsibility list, else it helps.

    place_level: the level of the line that names it, null for the category's other units. open: what it has in hand;
    on_time: its on_time_rate of the last 90 days.
    """

    unit_id: int
    name: str
    lead: bool
    place_level: str | None
    open: int
    on_time: Figure


@dataclass(frozen=True)
class Duplicate:
    """A case that may be the same: same category, within 50 m and 24 hours, and not ended otherwise than by closing."""

    case_id: int
    external_id: str
    stage: str
    reported_at: datetime
    metres: float
    linked: bool


@dataclass(frozen=True)
class Suspicion:
    """Whether closing it may have been for show (假闭环). at_point: cases of its category within 50 m in 90 days, itself included.

    reopened: times it was sent back or opened again; repeat: it stands at a repeat point.
    """

    at_point: int
    reopened: int

    @property
    def repeat(self) -> bool:
        """At least three within 50 m in 90 days."""
        return self.at_point >= REPEATS

    @property
    def suspicious(self) -> bool:
        """Worth a look before it is closed."""
        return self.repeat or self.reopened > 0


REPEATS = 3


def candidates(store: Store, category_id: int, chain: Sequence[int]) -> list[Candidate]:
    """Units on the responsibility list for a category in some places (lowest first): the lead of the lowest place first."""
    day = store.now().astimezone(store.zone).date()
    rows = store.rows(
        """SELECT r.unit_id, u.name, r.part = 'lead' AS lead, r.place_id, p.level AS place_level
           FROM responsibility r JOIN unit u USING (unit_id) JOIN place p ON p.place_id = r.place_id
           WHERE r.category_id = $category AND list_contains($places, r.place_id)
               AND effective_from <= $day AND $day < effective_to""",
        {"category": category_id, "places": list(chain), "day": day},
    )
    order = {place: rank for rank, place in enumerate(chain)}
    rows.sort(key=lambda row: (not row["lead"], order[row["place_id"]], row["name"]))
    seen: dict[int, dict[str, object]] = {}
    for row in rows:
        seen.setdefault(row["unit_id"], row)
    return [_candidate(store, row) for row in seen.values()]


def _candidate(store: Store, row: dict[str, object]) -> Candidate:
    now = store.now()
    name = str(row["name"])
    asked = Question(
        "district", now - RECORD, now, figures=("open", "on_time_rate"), filters=(Filter("unit", (name,)),)
    )
    found = figures(store, asked)[0].figures
    level = row["place_level"]
    return Candidate(
        unit_id=int(str(row["unit_id"])),
        name=name,
        lead=bool(row["lead"]),
        place_level=None if level is None else str(level),
        open=int(found["open"].value or 0),
        on_time=found["on_time_rate"],
    )


def duplicates(
    store: Store, kind: str, category_id: int | None, x: float | None, y: float | None, at: datetime, case_id: int = 0
) -> list[Duplicate]:
    """Cases that may be the same as one at a point (metric CRS), nearest first; without point or category there are none."""
    if category_id is None or x is None or y is None:
        return []
    rows = store.rows(
        """SELECT c.case_id, c.external_id, c.stage, c.reported_at, sqrt((c.x - $x) ** 2 + (c.y - $y) ** 2) AS metres,
               EXISTS (FROM case_link l WHERE (l.case_id = $self AND l.other_case_id = c.case_id)
                   OR (l.case_id = c.case_id AND l.other_case_id = $self)) AS linked
           FROM cases c WHERE c.kind = $kind AND c.category_id = $category AND NOT c.voided AND c.case_id <> $self
               AND c.parent_case_id IS NULL AND c.reported_at BETWEEN $since AND $until
               AND c.x BETWEEN $x - $far AND $x + $far AND c.y BETWEEN $y - $far AND $y + $far
               AND (c.x - $x) ** 2 + (c.y - $y) ** 2 <= $far ** 2
           ORDER BY metres, c.case_id LIMIT 20""",
        {
            "x": x, "y": y, "far": METRES, "kind": kind, "category": category_id, "self": case_id,
            "since": at - SAME_WITHIN, "until": at + SAME_WITHIN,
        },
    )  # fmt: skip
    return [Duplicate(**row) for row in rows]


def suspicion(store: Store, case_id: int) -> Suspicion:
    """How often the same trouble was reported at the place of a case, and how often it came back itself."""
    rows = store.rows(
        """SELECT c.reworked, (SELECT count(*) FROM cases o WHERE o.kind = c.kind AND o.category_id = c.category_id
               AND NOT o.voided AND o.reported_at BETWEEN c.reported_at - $window::INTERVAL AND c.reported_at
               AND (o.x - c.x) ** 2 + (o.y - c.y) ** 2 <= $far ** 2) AS at_point
           FROM cases c WHERE c.case_id = $case""",
        {"case": case_id, "window": f"{REPEAT_DAYS} days", "far": METRES},
    )
    return Suspicion(int(rows[0]["at_point"]), int(rows[0]["reworked"])) if rows else Suspicion(0, 0)
