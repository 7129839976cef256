"""The SQL behind the figures: slices of cases, and what is read from one.

A slice has a row for every case that matters to a group of figures over one period at one as-of instant. Where the case
lies and who answers for it stand beside its marks (`figure_marks.py`), so every level, figure and filter is one short pass
over it (`figure_counts.py`). There are four groups, because what only call-backs need would slow everything else down.

The state at a past instant is the case's row if that state had begun by then, else the past state that held then; "as
published" it is folded from the ledger lines recorded by that time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from data.figure_marks import HELPERS, STANDING, Mark, in_period, marks_sql
from data.figure_places import LISTED
from data.fold import PAST, fold
from data.quality import NO_POINT

PLACE_LEVELS = ("street", "community", "grid", "micro_grid", "estate", "building", "block")
COLUMNS = {level: f"{level}_id" for level in PLACE_LEVELS} | {level: f"{level}_id" for level in LISTED}

_STATE = PAST
IDENTITY = ("case_id", "track", "channel", "category_id", "flags", "on_time_source", "reported_at", "lon", "lat")
_TIMES = ("registered_at", "due_at", "handle_due_at", "closed_at")
_BASES = Mark.IN_REPORTED | Mark.IN_REGISTERED | Mark.IN_DUE | Mark.IN_CLOSED | Mark.IN_KNOWN
# Coordinates that are no location do not count as a point.
POINT = ", ".join(f"CASE WHEN flags & {NO_POINT} = 0 THEN {name} END AS {name}" for name in ("lon", "lat"))
_GONE = Mark.VOIDED | Mark.EXCLUDED


@dataclass(frozen=True)
class Group:
    """A group of figures that share a slice. times: the columns one of which must lie in the period; none: open cases."""

    name: str
    marks: Mark
    times: tuple[str, ...]
    joins: str = ""
    carries: tuple[str, ...] = ()


_LAST_CALL = """JOIN (
    SELECT case_id, completed_at AS call_completed_at, call_excluded, contacted, resolved, satisfaction FROM (
        SELECT b.case_id, b.completed_at, b.excluded AS call_excluded, b.contacted, b.resolved, b.satisfaction,
            row_number() OVER (PARTITION BY b.case_id ORDER BY b.completed_at DESC, b.call_back_id DESC) AS backwards
        FROM call_back b SEMI JOIN state USING (case_id) WHERE b.completed_at <= $t{recorded})
    WHERE backwards = 1) USING (case_id)"""

PERIOD = Group(
    "period",
    _BASES | Mark.IN_HANDLE_DUE | _GONE | Mark.CLOSED | Mark.DONE | Mark.NO_DEADLINE | Mark.NO_FLAG | Mark.PAUSED
    | Mark.NOT_YET_DUE | Mark.DECIDED | Mark.ON_TIME | Mark.UNTIMED | Mark.NO_CLOSING_TIME | Mark.HANDLE_NO_DEADLINE
    | Mark.HANDLE_PAUSED | Mark.HANDLE_NOT_YET_DUE | Mark.HANDLE_UNTIMED | Mark.HANDLE_DECIDED | Mark.HANDLE_ON_TIME
    | Mark.REWORKED | Mark.EXTENDED | Mark.TIMED | Mark.INCONSISTENT | Mark.UNREGISTERED | Mark.REACH_KNOWN
    | Mark.WITHIN_MICRO_GRID | Mark.WITHIN_GRID | Mark.WITHIN_COMMUNITY | Mark.WITHIN_STREET,
    ("reported_at", *_TIMES),
    carries=("registered_at", "closed_at"),
)  # fmt: skip
STATE = Group(
    "state",
    _GONE | Mark.OPEN | Mark.SUSPENDED | Mark.DONE | Mark.DECIDED | Mark.PAUSED | Mark.NO_DEADLINE | Mark.NO_FLAG,
    (),
)
CALLS = Group(
    "calls",
    _BASES | Mark.IN_CALLED_BACK | _GONE | Mark.CALLED_BACK | Mark.CALL_EXCLUDED | Mark.CONTACTED | Mark.RESOLVED
    | Mark.SATISFIED | Mark.BASIC | Mark.CONTACT_SAID | Mark.RESOLVED_SAID | Mark.SATISFACTION_SAID,
    ("reported_at", *_TIMES, "call"),
    joins=_LAST_CALL,
)  # fmt: skip
REPEATS = Group(
    "repeats",
    Mark.IN_REPORTED | Mark.IN_REGISTERED | _GONE | Mark.NO_POINT | Mark.DEFAULT_POINT | Mark.REPEATED,
    ("reported_at", "registered_at"),
    joins="LEFT JOIN (SELECT case_id, min(since) AS repeated_since FROM repeat_point GROUP BY case_id) USING (case_id)",
)
GROUPS = {group.name: group for group in (PERIOD, STATE, CALLS, REPEATS)}


# Only the cases of the table `some_cases`, where a slice is renewed and not made.
ONLY = " SEMI JOIN some_cases USING (case_id)"


def ended_sql(some: bool = False) -> str:
    """SQL that makes the table `ended`: states that held at $t and have ended since. It is made first: the planner then knows
    how few they are and does not hash ten million cases to find none."""
    of = ONLY if some else ""
    return f"CREATE TEMP TABLE ended AS SELECT * FROM case_past{of} WHERE valid_from <= $t AND valid_to > $t"


def slice_sql(
    group: Group, *, atlases: Sequence[tuple[int, datetime | None]], t: datetime, published: datetime | None
) -> str:
    """SQL of a slice. Parameters: $kind, $start, $end, $t, and $published if it is set; else it needs the table of `ended_sql`.

    atlases: (atlas id, reported from when) in order of time: one for all cases, or one for each stretch.
    Columns: case_id, the places (null: not located at that level), located, unit_id, category_id, track, channel, flags,
    lon and lat (null without a usable point), marks, and what the group carries.
    """
    if published is None:
        states = f"{_now(_matters(group, 'cases.', 'cases.'))} UNION ALL {_past(_matters(group, 'c.', 'p.'))}"
    else:
        states = _published(group, t, published)
    recorded = "" if published is None else " AND b.recorded_at <= $published"
    told = "" if published is None else " AND case_id IN (FROM (SELECT case_id FROM transition WHERE {first}))"
    told = told.format(first="seq = 1 AND recorded_at <= $published")
    joins = group.joins.format(recorded=recorded)
    return f"""
        WITH parent AS MATERIALIZED (
            SELECT DISTINCT parent_case_id AS case_id FROM cases
            WHERE parent_case_id IS NOT NULL AND kind = $kind AND reported_at <= $t{told}),
        state AS {_once(joins)} (SELECT * FROM ({states}) ANTI JOIN parent USING (case_id)),
        told AS ({_placed(f"SELECT * FROM state {joins}", atlases)}),
        {_marked(group)}"""


def states_sql(atlases: Sequence[tuple[int, datetime | None]]) -> str:
    """SQL of the state at $t and the places of the cases in the table `some_cases`, whatever group they matter to.

    Parameters: $kind, $t; it needs the table of `ended_sql(True)`. Binding this once is half the work of renewing a slice.
    """
    return f"""
        WITH parent AS MATERIALIZED (
            SELECT DISTINCT parent_case_id AS case_id FROM cases
            WHERE parent_case_id IN (FROM some_cases) AND kind = $kind AND reported_at <= $t),
        state AS (SELECT * FROM ({_now("true", ONLY)} UNION ALL {_past("true")}) ANTI JOIN parent USING (case_id))
        {_placed("FROM state", atlases, ONLY)}"""


def renewed_sql(group: Group) -> str:
    """SQL of a slice's rows of the cases in the table `states` (of `states_sql`). Parameters: $start, $end, $t."""
    joins = group.joins.format(recorded="")
    return f"""
        WITH state AS {_once(joins)} (SELECT * FROM states WHERE {_matters(group, "states.", "states.")}),
        told AS (SELECT * FROM state {joins}),
        {_marked(group)}"""


def _once(joins: str) -> str:
    return "MATERIALIZED" if joins.startswith("JOIN") else ""


def _placed(states: str, atlases: Sequence[tuple[int, datetime | None]], of: str = "") -> str:
    """The states with where they lie."""
    places = ", ".join(f"p.{level}_id" for level in PLACE_LEVELS)
    return f"""SELECT s.*, {places}, coalesce(p.located, 'none') AS located FROM ({states}) s
            LEFT JOIN (FROM case_place{of}) p ON p.case_id = s.case_id AND p.atlas_id = {atlas_of(atlases)}"""


def _marked(group: Group) -> str:
    """The end of a slice's SQL: the marks of what `told` says of each case."""
    return f"""helped AS (SELECT *, {HELPERS} FROM told),
        standing AS (SELECT *, {STANDING} FROM helped)
        SELECT case_id, {", ".join(COLUMNS[level] for level in PLACE_LEVELS)}, located,
            CASE WHEN closed THEN coalesce(closed_unit_id, unit_id) ELSE unit_id END AS unit_id,
            category_id, track, channel, flags, {POINT}, {marks_sql(group.marks)} AS marks
            {"".join(f", {column}" for column in group.carries)}
        FROM standing"""


def _now(matters: str, of: str = "") -> str:
    """States that had begun by $t and hold still."""
    return f"""SELECT {", ".join(IDENTITY)}, x IS NOT NULL AS pointed, {", ".join(_STATE)} FROM cases{of}
        WHERE kind = $kind AND since <= $t AND reported_at <= $t AND {matters}"""


def _past(matters: str) -> str:
    """States that held at $t and have ended since."""
    return f"""SELECT {", ".join(f"c.{name}" for name in IDENTITY)}, c.x IS NOT NULL AS pointed,
            {", ".join(f"p.{name}" for name in _STATE)}
        FROM ended p JOIN cases c USING (case_id)
        WHERE c.kind = $kind AND c.reported_at <= $t AND {matters}"""


def _published(group: Group, t: datetime, published: datetime) -> str:
    """States at $t as far as the ledger told by $published."""
    known = "SELECT case_id FROM cases WHERE kind = $kind AND reported_at <= $t"
    return f"""SELECT {", ".join(f"c.{name}" for name in IDENTITY)}, c.x IS NOT NULL AS pointed,
            {", ".join(f"p.{name}" for name in _STATE)}
        FROM ({fold(t, published, known)}) p JOIN cases c USING (case_id)
        WHERE c.reported_at <= $t AND {_matters(group, "c.", "p.")}"""


def _matters(group: Group, identity: str, state: str) -> str:
    """Whether a case can matter to the group: one of its times in the period, or not closed (or void)."""
    if not group.times:
        return f"({state}stage <> 'closed' OR {state}voided)"
    return "(" + " OR ".join(_time_matters(time, identity, state) for time in group.times) + ")"


def _time_matters(time: str, identity: str, state: str) -> str:
    if time == "call":
        within = f"SELECT case_id FROM call_back WHERE {in_period('completed_at')}"
        return f"{identity}case_id IN ({within})"
    return in_period(f"{identity if time == 'reported_at' else state}{time}")


def atlas_of(atlases: Sequence[tuple[int, datetime | None]]) -> str:
    """SQL of the atlas a case is placed in: the last one that had begun when it was reported."""
    (first, _), *later = atlases
    stretches = "".join(
        f" WHEN s.reported_at >= TIMESTAMPTZ '{begins.isoformat()}' THEN {atlas}"
        for atlas, begins in reversed(later)
        if begins is not None
    )
    return f"CASE{stretches} ELSE {first} END" if stretches else str(first)


def with_companies(needed: bool) -> str:
    """SQL of the slice, with company_id where it is needed (then the table `companies` must be there)."""
    joined = "(SELECT s.*, company_id FROM slice s LEFT JOIN companies c ON c.place_id = s.estate_id)"
    return joined if needed else "slice"


def marks_of_places_sql(level: str, *, where: str, companies: bool) -> str:
    """SQL of a slice's cases as `figure_counts.counted` takes them: place_id (null: not located there) and marks.

    companies: the table `companies` (estate's place_id, company_id) is there and asked for.
    """
    return f"SELECT {COLUMNS.get(level, '0')} AS place_id, marks FROM {with_companies(companies)} WHERE {where}"


def hours_sql(level: str, condition: str, *, where: str, companies: bool) -> str:
    """SQL of median and 90th percentile of the handling time, natural and working, one row a place."""
    source, place = with_companies(companies), COLUMNS.get(level, "0")
    return f"""SELECT place_id, plain[1] AS median, plain[2] AS p90, worked[1] AS working_median, worked[2] AS working_p90
        FROM (SELECT place_id, quantile_cont(hours, [0.5, 0.9]) AS plain, quantile_cont(worked, [0.5, 0.9]) AS worked
              FROM (SELECT {place} AS place_id, (epoch_us(closed_at) - epoch_us(registered_at)) / 3.6e9 AS hours,
                        working_hours AS worked
                    FROM {source} WHERE {where} AND {condition}) GROUP BY place_id)"""


def hours_of_cases_sql(level: str, condition: str, *, where: str, companies: bool) -> str:
    """SQL of the handling time of every case that has one: place_id (null: not located there), hours."""
    source, place = with_companies(companies), COLUMNS.get(level, "0")
    return f"""SELECT {place} AS place_id, (epoch_us(closed_at) - epoch_us(registered_at)) / 3.6e9 AS hours
        FROM {source} WHERE {where} AND {condition}"""
