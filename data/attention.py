"""What deserves a leader's attention, found by the rules of `data/attention_rules.py`: each a line with the facts of its sentence.

    attention(store, at)      the lines, in the order they are shown

A line is about a place, a company, a unit or a case. The worst line of every rule comes first, the heaviest rule before the
others; then every rule's second, and so on: three lines are three different reasons where there are three.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from data.attention_rules import AttentionRule
from data.definitions import definitions_of, read_as
from data.emerging import emerging
from data.figures import Question, figures
from data.periods import Period, month_of, months
from data.queues import Waiting, Wish, waiting
from data.rankings import Ranking, ranking
from data.reporting import reporting
from data.score_rows import FINAL, PUBLICITY, items, runs
from data.settled import settled
from data.spots import COURSES

if TYPE_CHECKING:
    from data.store import Store

MOST = 20  # lines of one rule
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """One thing. level, code, name: what it is about ("case" has its id as code); size: how bad among the lines of its rule.

    facts: what its sentence says, by the subject of the rule.
    """

    rule: AttentionRule
    level: str
    code: str
    name: str
    size: float
    place_id: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def rules(store: Store) -> list[AttentionRule]:
    """The rules in force, the heaviest first. Raises InputError with file and key path."""

    def make() -> list[AttentionRule]:
        texts = definitions_of(store.home, "attention").values()
        found = [read_as(AttentionRule, text.body, text.where) for text in texts]
        return sorted((rule for rule in found if not rule.off), key=lambda rule: (-rule.weight, rule.id))

    return settled(store, "attention", make)


def attention(store: Store, at: datetime) -> list[Line]:
    """Every line at an instant, in order."""
    return ordered([line for rule in rules(store) for line in lines_of(store, rule, at)])


def lines_of(store: Store, rule: AttentionRule, at: datetime) -> list[Line]:
    """The lines of one rule, the worst first."""
    found = sorted(FINDERS[rule.when.subject](store, rule, at), key=lambda line: (-line.size, line.code))
    return found[:MOST]


def ordered(lines: list[Line]) -> list[Line]:
    """The worst of every rule, the heaviest rule first; then the second of every rule; and so on."""
    placed: list[tuple[int, float, str, Line]] = []
    by_rule = sorted(lines, key=lambda line: line.rule.id)
    for _rule, own in groupby(by_rule, key=lambda line: line.rule.id):
        ranked = sorted(own, key=lambda line: (-line.size, line.code))
        placed += [(nth, -line.rule.weight, line.rule.id, line) for nth, line in enumerate(ranked)]
    return [line for _nth, _weight, _id, line in sorted(placed, key=lambda one: one[:3])]


def whole_periods(store: Store, rule: AttentionRule, at: datetime) -> list[Period]:
    """The last months or quarters that have ended, the latest first."""
    begins, n = reporting(store).begins, {"month": 1, "quarter": 3}[rule.when.period]
    year, month = month_of(at, store.zone, begins)
    first = (month - 1) // n * n + 1
    return [months(year, first - n * back, n, store.zone, begins) for back in range(1, rule.when.times + 1)]


def _bottom_tenth(store: Store, rule: AttentionRule, at: datetime) -> Iterator[Line]:
    """Units in the bottom tenth of each of the periods; the further from its end, the worse."""
    periods = whole_periods(store, rule, at)
    for level in rule.when.levels:
        tables = [_period_table(store, rule, level, period, at) for period in periods]
        often = [set(table.units.ids[table.tenth].tolist()) for table in tables]
        for place in sorted(set.intersection(*often)):
            yield _tenth_line(rule, level, place, tables)


def _period_table(store: Store, rule: AttentionRule, level: str, period: Period, at: datetime) -> Ranking:
    question = Question(level, period.start, period.end, as_of=at, figures=(rule.when.figure,))
    return ranking(store, question, rule.when.figure)


def _tenth_line(rule: AttentionRule, level: str, place: int, tables: list[Ranking]) -> Line:
    rows = [int(table.units.positions(np.array([place]))[0]) for table in tables]
    latest, row = tables[0], rows[0]
    gap = int(latest.cases_to_tenth[row])
    facts = {
        "figure": rule.when.figure,
        "values": [float(table.samples.value[i]) for table, i in zip(tables, rows, strict=True)],
        "rank": int(latest.rank[row]),
        "ranked": latest.groups[int(latest.group[row])].ranked,
        "n": int(latest.samples.n[row]),
        "start": latest.question.start,
        "end": latest.question.end,
        "times": len(tables),
        "gap": gap,
    }
    code, name = latest.units.codes[row] or "", latest.units.names[row]
    return Line(rule, level, code, name, float(gap), None if level in ("unit", "company") else place, facts)


def _overdue_case(store: Store, rule: AttentionRule, at: datetime) -> Iterator[Line]:
    """Cases whose clock has run out; the longer ago, the worse."""
    late = at - timedelta(days=rule.when.days)
    for one in waiting(store, Wish(kinds=rule.when.kinds, soon=(LONG_AGO, late), limit=MOST)):
        yield _case_line(rule, one, at)


def _case_line(rule: AttentionRule, one: Waiting, at: datetime) -> Line:
    days = 0.0 if one.due_at is None else (at - one.due_at) / timedelta(days=1)
    facts = {
        "kind": one.kind,
        "number": one.external_id,
        "days": int(days),
        "due": one.due_at,
        "unit": one.unit,
        "stage": one.stage,
        "place": one.place,
    }
    return Line(rule, "case", str(one.case_id), one.place or one.unit or one.external_id, days, None, facts)


def _listed(store: Store, rule: AttentionRule, at: datetime) -> Iterator[Line]:
    """Who is on a list of the latest published run, and has new tickets; the more of them, the worse."""
    for level in rule.when.levels:
        published = (one for one in runs(store, card=rule.when.card) if one.level == level)
        run = next((one for one in published if one.state in (PUBLICITY, FINAL)), None)
        if run is None:
            continue
        listed = {one.subject.code for one in items(store, run.run_id) if rule.when.list in one.lists}
        if not listed:
            continue
        question = Question(level, at - timedelta(days=rule.when.days), at, as_of=at, figures=("reported",))
        for row in figures(store, question):
            n = int(row.figures["reported"].value or 0)
            if row.located and row.place in listed and n >= rule.when.least:
                facts = {
                    "n": n, "days": rule.when.days, "run_id": run.run_id, "period": run.period, "list": rule.when.list,
                    "card": rule.when.card, "start": question.start, "end": question.end,
                }  # fmt: skip
                place = None if level == "company" else row.place_id
                yield Line(rule, level, row.place or "", row.name, float(n), place, facts)


def _hot_spot(store: Store, rule: AttentionRule, at: datetime) -> Iterator[Line]:
    """Places in one of the states with at least so many tickets in the last week; the further from chance, the worse."""
    named: list[str | None] = [*rule.when.categories, *leading(store, at, rule.when.leading)]
    kinds = [COURSES.index(state) for state in rule.when.states]
    for level in rule.when.levels:
        for category in named or [None]:
            for spot in emerging(store, level, category, at, kinds=kinds):
                if spot.counts[-1] >= rule.when.least:
                    facts = {
                        "category": category,
                        "state": spot.kind,
                        "counts": spot.counts,
                        "p": spot.p,
                        "weeks": spot.weeks,
                    }
                    yield Line(rule, level, spot.place, spot.name, spot.z, spot.place_id, facts)


def leading(store: Store, at: datetime, n: int) -> list[str]:
    """The names of the categories with most tickets in the last four weeks."""
    rows = store.rows(
        """SELECT k.name FROM cases c JOIN category k USING (category_id)
           WHERE c.kind = 'event' AND NOT c.voided AND c.reported_at >= $since AND c.reported_at < $at
           GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT $n""",
        {"since": at - timedelta(weeks=4), "at": at, "n": n},
    )
    return [row["name"] for row in rows]


FINDERS: dict[str, Callable[[Store, AttentionRule, datetime], Iterator[Line]]] = {
    "bottom_tenth": _bottom_tenth,
    "hot_spot": _hot_spot,
    "overdue_case": _overdue_case,
    "listed": _listed,
}
