"""The SQL of a playback: what every case counts for from instant to instant, and the ledger's lines in between.

What a case counts for changes only at the instants its state's marks are held against (`figure_marks.py`): when a state begins,
when its deadline passes, when it was reported or closed. So each state that touches a stretch of time is looked at at those
instants, by the very sentences the figures count by, and where the answer differs from the one before there is a change. The
counts at any instant are then those at the stretch's beginning and the sum of the changes up to it.

Parameters: $start, $end (the whole interval, by which "reported since" is counted), $from, $to (the stretch), $kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import or_

from data.figure_catalogue import CATALOGUE, Parts, Wanted
from data.figure_marks import HELPERS, NONE, STANDING, Part, in_period, marks_sql
from data.figure_sql import IDENTITY, PLACE_LEVELS, POINT, atlas_of
from data.fold import PAST

Atlases = Sequence[tuple[int, datetime | None]]


def _parts(figure: str, basis: str) -> Parts:
    return CATALOGUE[figure].parts(Wanted(basis, "district", (10, 50, 40)))


def _counted(figure: str, basis: str = "") -> Part:
    return _parts(figure, basis).numerator[0][1]


# What is counted, each a bit in this order: a figure's numerator, on its basis; of the on-time rate of what was closed also the
# denominator.
COUNTS: dict[str, Part] = {
    "open": _counted("open"),
    "overdue_open": _counted("overdue_open"),
    "suspended_open": _counted("suspended_open"),
    "reported": _counted("reported", "reported"),
    "closed": _counted("closed", "closed"),
    "decided": _parts("on_time_rate", "closed").denominator or Part(NONE),
    "on_time": _counted("on_time_rate", "closed"),
}
OPEN = 1  # the bit of `open`
_MARKS = reduce(or_, (part.has | part.lacks for part in COUNTS.values()))
_BITS = " + ".join(f"CASE WHEN {part.sql} THEN {1 << i} ELSE 0 END" for i, part in enumerate(COUNTS.values()))
_MOMENTS = ("reported_at", "registered_at", "closed_at", "due_at", "parent_from")

# States that hold no more but did at some instant of the stretch. Made first, as for a slice (figure_sql.ended_sql).
ENDED = "CREATE TEMP TABLE ended AS SELECT * FROM case_past WHERE valid_from < $to AND valid_to > $from"


def _matters(identity: str, state: str, begins: str) -> str:
    """Whether a state can count at all in the stretch, or tells that a case counts no more."""
    return f"""(({state}stage <> 'closed' AND NOT {state}voided) OR {begins} >= $from
        OR {in_period(f"{identity}reported_at")} OR {in_period(f"{state}closed_at")})"""


def _place(level: str) -> str:
    """The column of a case's place; everything lies in the one district."""
    return f"{level}_id" if level in PLACE_LEVELS else "NULL::INTEGER"


def changes_sql(atlases: Atlases, level: str, where: str) -> str:
    """SQL that makes the table `played`: case_id, place_id (null: not located at the level), t, before, after. A row at $from
    is what a case counts for at the beginning. Needs the table of ENDED."""
    identity = ", ".join(f"c.{name}" for name in IDENTITY)
    places = ", ".join(f"p.{name}_id" for name in PLACE_LEVELS)
    first, last = "greatest(valid_from, $from)", "least(coalesce(valid_to, $to), $to)"
    return f"""CREATE TEMP TABLE played AS
        WITH parent AS MATERIALIZED (
            SELECT parent_case_id AS case_id, min(reported_at) AS parent_from FROM cases
            WHERE parent_case_id IS NOT NULL AND kind = $kind GROUP BY 1),
        state AS (
            SELECT {identity}, {", ".join(f"c.{name}" for name in PAST)}, c.since AS valid_from, NULL AS valid_to FROM cases c
            WHERE c.kind = $kind AND c.reported_at < $to AND c.since < $to AND {_matters("c.", "c.", "c.since")}
            UNION ALL
            SELECT {identity}, {", ".join(f"e.{name}" for name in PAST)}, e.valid_from, e.valid_to
            FROM ended e JOIN cases c USING (case_id)
            WHERE c.kind = $kind AND c.reported_at < $to AND {_matters("c.", "e.", "e.valid_from")}),
        looked AS (
            SELECT *, unnest(list_distinct(list_filter([{first}, {", ".join(_MOMENTS)}],
                lambda x: x >= {first} AND x < {last}))) AS t
            FROM state LEFT JOIN parent USING (case_id)),
        placed AS (
            SELECT s.*, {HELPERS}, {places}, coalesce(p.located, 'none') AS located
            FROM looked s LEFT JOIN case_place p ON p.case_id = s.case_id AND p.atlas_id = {atlas_of(atlases)}),
        standing AS (SELECT *, {STANDING.replace("$t", "t")} FROM placed),
        marked AS (
            SELECT case_id, {_place(level)} AS place_id, t,
                reported_at <= t AND (parent_from IS NULL OR parent_from > t) AS there,
                {marks_sql(_MARKS).replace("$t", "t")} AS marks
            FROM standing WHERE {where}),
        counted AS (SELECT case_id, place_id, t, (CASE WHEN there THEN {_BITS} ELSE 0 END)::UTINYINT AS after FROM marked)
        SELECT case_id, place_id, t, lag(after, 1, 0::UTINYINT) OVER (PARTITION BY case_id ORDER BY t) AS before, after
        FROM counted"""


BASE = f"""SELECT place_id, {", ".join(f"count(*) FILTER (after & {1 << i} <> 0) AS {name}" for i, name in enumerate(COUNTS))}
    FROM played WHERE t = $from GROUP BY place_id"""
CHANGES = "SELECT t, case_id, before, after FROM played WHERE t > $from AND before <> after ORDER BY t, case_id"
OPEN_AT_FIRST = f"SELECT count(*) FROM played WHERE t = $from AND after & {OPEN} <> 0"


def lines_sql(atlases: Atlases, where: str) -> str:
    """SQL that makes the table `told`: the ledger's lines of the stretch, of cases that lie where is asked."""
    places = ", ".join(f"p.{name}_id" for name in PLACE_LEVELS)
    return f"""CREATE TEMP TABLE told AS
        WITH line AS (
            SELECT l.case_id, l.occurred_at AS t, l.seq, l.action, l.unit_id, c.reported_at
            FROM transition l JOIN cases c USING (case_id)
            WHERE l.occurred_at >= $from AND l.occurred_at < $to AND c.kind = $kind),
        placed AS (
            SELECT s.*, {places}, coalesce(p.located, 'none') AS located
            FROM line s LEFT JOIN case_place p ON p.case_id = s.case_id AND p.atlas_id = {atlas_of(atlases)})
        SELECT case_id, t, seq, action, unit_id FROM placed WHERE {where}"""


LINES = """SELECT t, case_id, action, name AS unit FROM told LEFT JOIN unit USING (unit_id) ORDER BY t, case_id, seq"""
DENSITY = """SELECT ((epoch_us(t) - epoch_us($from)) // $width)::INTEGER AS bin, count(*) FILTER (action = 'reported') AS reported,
        count(*) FILTER (action = 'closed') AS closed, count(*) AS lines
    FROM told GROUP BY bin ORDER BY bin"""


def cases_sql(atlases: Atlases, level: str, *, from_the_first: bool) -> str:
    """SQL of the cases a stretch is about: those something happens to, and those open at its beginning if `from_the_first`."""
    first = f" OR (t = $from AND after & {OPEN} <> 0)" if from_the_first else ""
    return f"""WITH met AS (
            SELECT case_id FROM played WHERE (t > $from AND before <> after){first} UNION SELECT case_id FROM told)
        SELECT s.case_id, s.external_id, k.name AS category, {POINT}, {_place(level)} AS place_id,
            coalesce(first.after, 0)::UTINYINT AS after
        FROM cases s SEMI JOIN met USING (case_id) LEFT JOIN category k USING (category_id)
        LEFT JOIN case_place p ON p.case_id = s.case_id AND p.atlas_id = {atlas_of(atlases)}
        LEFT JOIN (SELECT case_id, after FROM played WHERE t = $from) first ON first.case_id = s.case_id
        ORDER BY s.case_id"""


def counted_sql(bit: int, *, somewhere: bool) -> str:
    """SQL of the cases a count is made of at $from, in the place $place or in all."""
    there = " AND place_id = $place" if somewhere else ""
    return f"""SELECT c.case_id, c.external_id, k.name AS category, c.reported_at, place_id
        FROM played JOIN cases c USING (case_id) LEFT JOIN category k USING (category_id)
        WHERE t = $from AND after & {bit} <> 0{there} ORDER BY c.reported_at, c.case_id LIMIT $most"""
