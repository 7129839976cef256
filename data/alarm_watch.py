"""What holds now of the alarms' rules: one question a rule, in sets, over what can matter.

Asked again and again while the server runs, so each question is narrowed first: to the cases reported since the rule's
minutes began, to the open ones, to the warnings in force; nothing here reads the whole store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from data.alarm_rules import COLOURS, AlarmRule
from data.below import category_ids
from data.database import Connection
from data.quality import NO_POINT
from data.repeats import DAYS, METRES
from data.sights import ATLAS_NOW, district_id

BEFORE_ACCEPTED = ("reported", "registered", "dispatched", "returned")
MOST = 200  # findings of one rule
OLDEST = timedelta(days=7)  # what waited longer than this to be accepted is no alarm any more but an arrear
# Where the cases are now. Joined to a narrowed set and nothing else: DuckDB then reads only what the set's ids can match.
PLACES = f"(SELECT case_id, street_id, community_id, grid_id FROM case_place WHERE atlas_id = ({ATLAS_NOW}))"
Subject = tuple[int, int | None, int | None]  # place, case, warning


@dataclass(frozen=True)
class Finding:
    """Something a rule says now: where, about which case or warning, and what was measured."""

    rule: str
    place_id: int
    value: float
    case_id: int | None = None
    warning_id: int | None = None

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return self.place_id, self.case_id, self.warning_id


def holding(con: Connection, rules: Iterable[AlarmRule], now: datetime) -> list[Finding]:
    """All findings, at most `MOST` a rule."""
    asked = {"new_cases": _new_cases, "unaccepted": _unaccepted, "overdue_share": _overdue_share,
             "repeat_case": _repeat_case, "warning": _warning}  # fmt: skip
    district = district_id(con)
    return [one for rule in rules for one in asked[rule.when.subject](con, rule, now, district)]


def _new_cases(con: Connection, rule: AlarmRule, now: datetime, district: int) -> list[Finding]:
    when = rule.when
    given: dict[str, Any] = {"now": now, "since": now - timedelta(minutes=when.minutes), "value": when.value}
    which, more = _of_categories(con, rule)
    rows = con.execute(
        f"""WITH recent AS (
                SELECT case_id FROM case_hot c WHERE kind = 'event' AND NOT voided AND NOT excluded
                    AND reported_at > $since AND reported_at <= $now {which})
            SELECT {_place(when.place, district)} AS place_id, count(*) AS n FROM recent {_placed(when.place)}
            WHERE place_id IS NOT NULL GROUP BY 1 HAVING n {when.operator} $value ORDER BY n DESC, place_id LIMIT {MOST}""",
        {**given, **more},
    ).fetchall()
    return [Finding(rule.id, place, n) for place, n in rows]


def _unaccepted(con: Connection, rule: AlarmRule, now: datetime, district: int) -> list[Finding]:
    when = rule.when
    which, more = _of_categories(con, rule)
    if when.urgency:
        which += " AND c.case_id IN (SELECT case_id FROM case_life WHERE list_contains($urgency::VARCHAR[], urgency))"
        more["urgency"] = list(when.urgency)
    rows = con.execute(
        f"""WITH waiting AS (
                SELECT case_id, reported_at FROM case_hot c WHERE kind = 'event' AND NOT suspended AND NOT voided
                    AND list_contains($stages::VARCHAR[], stage) AND reported_at <= $limit AND reported_at > $oldest {which})
            SELECT coalesce(p.grid_id, p.community_id, p.street_id, {district:d}), case_id,
                date_diff('second', reported_at, $now::TIMESTAMPTZ) / 60.0
            FROM waiting LEFT JOIN {_places_of("waiting")} p USING (case_id) ORDER BY reported_at, case_id LIMIT {MOST}""",
        {"now": now, "limit": now - timedelta(minutes=when.minutes), "oldest": now - OLDEST,
         "stages": list(BEFORE_ACCEPTED), **more},
    ).fetchall()  # fmt: skip
    return [Finding(rule.id, place, float(waited), case_id) for place, case_id, waited in rows]


def _overdue_share(con: Connection, rule: AlarmRule, now: datetime, district: int) -> list[Finding]:
    when = rule.when
    which, more = _of_categories(con, rule)
    rows = con.execute(
        f"""WITH unended AS (
                SELECT case_id, due_at FROM case_hot c WHERE kind = 'event' AND NOT suspended AND NOT excluded
                    AND stage NOT IN ('closed', 'voided') {which})
            SELECT {_place(when.place, district)} AS place_id, count(*) FILTER (due_at <= $now) / count(*) AS share
            FROM unended {_placed(when.place)} WHERE place_id IS NOT NULL GROUP BY 1
            HAVING count(*) >= $least AND share {when.operator} $value ORDER BY share DESC, place_id LIMIT {MOST}""",
        {"now": now, "least": when.least, "value": when.value, **more},
    ).fetchall()
    return [Finding(rule.id, place, float(share)) for place, share in rows]


def _repeat_case(con: Connection, rule: AlarmRule, now: datetime, district: int) -> list[Finding]:
    when = rule.when
    which, more = _of_categories(con, rule)
    usable = f"NOT voided AND NOT excluded AND x IS NOT NULL AND flags & {NO_POINT:d} = 0"
    rows = con.execute(
        f"""WITH recent AS (
                SELECT case_id, category_id, x, y, reported_at FROM case_hot c WHERE kind = 'event' AND {usable}
                    AND category_id IS NOT NULL AND reported_at > $since AND reported_at <= $now {which}),
            around AS (
                SELECT case_id, category_id, x, y, reported_at FROM cases WHERE kind = 'event' AND {usable} AND reported_at > $oldest
                    AND reported_at <= $now AND category_id IN (SELECT category_id FROM recent)),
            seen AS (
                SELECT r.case_id, count(*) AS n FROM recent r JOIN around o ON o.category_id = r.category_id
                    AND (o.reported_at, o.case_id) <= (r.reported_at, r.case_id)
                    AND o.reported_at > r.reported_at - INTERVAL {DAYS} DAY
                    AND o.x BETWEEN r.x - {METRES} AND r.x + {METRES} AND o.y BETWEEN r.y - {METRES} AND r.y + {METRES}
                    AND (o.x - r.x) * (o.x - r.x) + (o.y - r.y) * (o.y - r.y) <= {METRES * METRES}
                GROUP BY 1 HAVING n {when.operator} $value)
            SELECT coalesce(p.grid_id, p.community_id, p.street_id, {district:d}), case_id, n
            FROM seen LEFT JOIN {_places_of("seen")} p USING (case_id) ORDER BY n DESC, case_id LIMIT {MOST}""",
        {"now": now, "since": now - timedelta(minutes=when.minutes), "oldest": now - timedelta(days=DAYS + 1),
         "value": when.value, **more},
    ).fetchall()  # fmt: skip
    return [Finding(rule.id, place, n, case_id) for place, case_id, n in rows]


def _warning(con: Connection, rule: AlarmRule, now: datetime, district: int) -> list[Finding]:  # noqa: ARG001
    rank = {colour: number for number, colour in enumerate(COLOURS)}
    rows = con.execute(
        f"""SELECT place_id, warning_id, colour FROM hazard_warning
            WHERE ended_at IS NULL AND expires_at > $now AND place_id IS NOT NULL ORDER BY warning_id LIMIT {MOST}""",
        {"now": now},
    ).fetchall()
    least = rank[rule.when.colour]
    return [Finding(rule.id, place, rank[c], None, number) for place, number, c in rows if rank[c] >= least]


def _of_categories(con: Connection, rule: AlarmRule) -> tuple[str, dict[str, Any]]:
    """SQL that narrows cases `c` to the rule's categories, and what it needs."""
    if not rule.when.categories:
        return "", {}
    return "AND list_contains($categories::INTEGER[], c.category_id)", {
        "categories": category_ids(con, rule.when.categories)
    }


def _place(level: str, district: int) -> str:
    return f"{district:d}" if level == "district" else f"p.{level}_id"


def _placed(level: str) -> str:
    return "" if level == "district" else f"JOIN {PLACES} p USING (case_id)"


def _places_of(narrowed: str) -> str:
    """The places of a narrowed set only, for a join that keeps those without."""
    return f"(FROM {PLACES} WHERE case_id IN (SELECT case_id FROM {narrowed}))"


def by_subject(findings: Iterable[Finding]) -> Mapping[tuple[str, Subject], Finding]:
    """Findings by what they are about."""
    return {(one.rule, one.subject): one for one in findings}
