"""What scores are made from: who is judged, and each part's figure, mark or register, as of an instant.

A company stands for its estates: their numerators and denominators are pooled, rates are never averaged. Figures of cases count as of
the run's instant; figures of a state (open, overdue) as of the period's end, where that is earlier. What the ledger does not hold
(peer groups, whose estates, households) is frozen with a run, so `part_values` takes it as given and can be asked again years later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from data.figure_catalogue import CATALOGUE
from data.figures import Question, table
from data.periods import Period, parse_period
from data.registers import added, covered, standing
from data.score_periods import earlier
from data.scorecards import Card, Part
from data.scoring import NOTHING, Subject, Value

if TYPE_CHECKING:
    from data.store import Store

Pairs = dict[int, Value]


@dataclass(frozen=True)
class Asked:
    """Which run: a card for a level and a period, as of an instant. published: only lines recorded by then, where it is asked again."""

    card: Card
    level: str
    period: str
    counted_at: datetime
    published: datetime | None = None
    estates: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # of each subject that stands for estates
    households: Mapping[int, float] = field(default_factory=dict)  # as frozen; empty: as the places have them


def subjects(
    store: Store, card: Card, level: str, day: date, known_at: datetime
) -> tuple[list[Subject], dict[int, tuple[int, ...]]]:
    """Who is judged on a day, in order of code, and the estates each one stands for."""
    rows = [row for row in store.rows(_ESTATES, {"day": day}) if row["company"] is not None or not card.managed]
    if level == "estate":
        apart = card.peers.get("estate") == "kind"
        has = standing(store, card.requires, "estate", day, known_at) or {} if card.requires else None
        found = [Subject(r["place_id"], r["code"], r["name"], (r["kind"] or "") if apart else "") for r in rows]
        return [one for one in found if has is None or has.get(one.subject_id, 0) > 0], {}
    held: dict[int, list[int]] = {}
    for row in rows:
        if row[level] is not None:
            held.setdefault(row[level], []).append(row["place_id"])
    listed = store.rows(_COMPANIES) if level == "company" else store.rows(_PLACES, {"level": level, "day": day})
    apart = card.peers.get("community") == "kind" and level == "community"
    known = [one for one in listed if level != "company" or one["id"] in held]
    return (
        [Subject(one["id"], one["code"], one["name"], (one["kind"] or "") if apart else "") for one in known],
        {one["id"]: tuple(held.get(one["id"], ())) for one in known},
    )


def part_values(store: Store, asked: Asked, people: Sequence[Subject]) -> dict[str, Pairs]:
    """Part → subject → its value."""
    found = _of_figures(store, asked)
    day = parse_period(asked.period, store.zone).last_day(store.zone)
    for part in asked.card.parts:
        if part.judgement is not None:
            found[part.id] = marks(store, asked, part.judgement)
        if part.register_ is not None:
            found[part.id] = _of_register(store, asked, part, people, day)
    return found


def marks(store: Store, asked: Asked, judgement: str) -> Pairs:
    """The marks entered for the period, the last of each subject."""
    period = parse_period(asked.period, store.zone)
    rows = store.rows(
        """SELECT subject_id, arg_max(value, entered_at) AS value FROM judgement
           WHERE subject = $level AND kind = $kind AND period_from = $first AND period_to = $last AND entered_at <= $known
           GROUP BY 1""",
        {"level": asked.level, "kind": f"{asked.card.id}/{judgement}", "first": period.start.astimezone(store.zone).date(),
         "last": period.end.astimezone(store.zone).date(), "known": asked.counted_at},
    )  # fmt: skip
    return {row["subject_id"]: Value(None, None, row["value"]) for row in rows}


def vetoes(store: Store, asked: Asked) -> dict[int, list[str]]:
    """The vetoes entered for events in the period: subject → their kinds."""
    period = parse_period(asked.period, store.zone)
    rows = store.rows(
        """SELECT subject_id, list(DISTINCT kind) AS kinds FROM veto
           WHERE card = $card AND level = $level AND happened_on >= $first AND happened_on < $last AND entered_at <= $known
               AND (withdrawn_at IS NULL OR withdrawn_at > $known) GROUP BY 1""",
        {"card": asked.card.id, "level": asked.level, "first": period.start.astimezone(store.zone).date(),
         "last": period.end.astimezone(store.zone).date(), "known": asked.counted_at},
    )  # fmt: skip
    return {row["subject_id"]: sorted(row["kinds"]) for row in rows}


def question_of(store: Store, asked: Asked, part: Part, *, before: bool = False) -> Question:
    """The question a part's figure is the answer to; its cases can be listed with it."""
    name = earlier(asked.card.period, asked.period, store.zone) if before else asked.period
    period = parse_period(name, store.zone)
    state = not CATALOGUE[part.figure or ""].bases
    at = min(asked.counted_at, period.end) if state else asked.counted_at
    level = "estate" if asked.level == "company" else asked.level
    return Question(
        level, period.start, period.end, as_of=at, published=asked.published, figures=(part.figure or "",)
    )  # fmt: skip


def _of_figures(store: Store, asked: Asked) -> dict[str, Pairs]:
    """One question for all figures that share a period and an instant."""
    wanted: dict[tuple[Period, datetime], list[Part]] = {}
    plain: dict[str, Pairs] = {}
    earlier_ones: dict[str, Pairs] = {}
    for before in (False, True):
        wanted.clear()
        for part in asked.card.parts:
            if part.figure and (part.against or not before):
                question = question_of(store, asked, part, before=before)
                wanted.setdefault(
                    (Period(question.start, question.end), question.as_of or asked.counted_at), []
                ).append(part)
        for (period, at), parts in wanted.items():
            answer = _answered(store, asked, period, at, parts)
            (earlier_ones if before else plain).update(answer)
    against = {part.id for part in asked.card.parts if part.against}
    return {
        name: _compared(found, earlier_ones[name]) if name in against else found for name, found in plain.items()
    }  # fmt: skip


def _answered(store: Store, asked: Asked, period: Period, at: datetime, parts: Sequence[Part]) -> dict[str, Pairs]:
    names = tuple(dict.fromkeys(part.figure or "" for part in parts))
    level = "estate" if asked.level == "company" else asked.level
    answer = table(store, Question(level, period.start, period.end, as_of=at, published=asked.published, figures=names))
    by_figure = {name: _pairs(answer, name) for name in names}
    result = {}
    for part in parts:
        pairs = by_figure[part.figure or ""]
        if asked.level == "company":
            pairs = {
                one: _pooled(part, [pairs.get(estate, NOTHING) for estate in own]) for one, own in asked.estates.items()
            }
        result[part.id] = _with_households(asked, part, pairs)
    return result


def _pairs(answer: pa.Table, name: str) -> Pairs:
    def numbers(part: str) -> list[float | None]:
        full = f"{name}.{part}"
        return answer.column(full).to_pylist() if full in answer.column_names else [None] * len(answer)

    rows = zip(
        answer.column("place_id").to_pylist(),
        numbers("numerator"),
        numbers("denominator"),
        numbers("value"),
        strict=True,
    )
    return {place: Value(n, d, v) for place, n, d, v in rows if place is not None}


def _pooled(part: Part, pairs: Sequence[Value]) -> Value:
    """Numerators and denominators added up; a rate only over estates whose households are known."""
    figure = CATALOGUE[part.figure or ""]
    numerator = sum(one.numerator or 0.0 for one in pairs if figure.type != "rate" or one.denominator)
    if figure.type == "count":
        return Value(numerator, None, numerator)
    denominator = sum(one.denominator or 0.0 for one in pairs)
    scale = 100.0 if figure.type == "rate" else 1.0
    said = any(one.value is not None for one in pairs)
    return Value(numerator, denominator, scale * (numerator / denominator) if denominator and said else None)


def _with_households(asked: Asked, part: Part, pairs: Pairs) -> Pairs:
    """A rate over the households that were frozen with the run."""
    if CATALOGUE[part.figure or ""].type != "rate" or not asked.households:
        return pairs
    frozen = asked.households
    return {
        one: Value(v.numerator, frozen[one], 100 * (v.numerator / frozen[one]))
        if v.numerator is not None and frozen.get(one)
        else v
        for one, v in pairs.items()
    }


def _compared(now: Pairs, before: Pairs) -> Pairs:
    """What it is against what it was; nothing to tell where it was nothing."""
    found = {}
    for one, value in now.items():
        was = before.get(one, NOTHING).value
        ratio = value.value / was if value.value is not None and was else None
        found[one] = Value(value.value, was, ratio)
    return found


def _of_register(store: Store, asked: Asked, part: Part, people: Sequence[Subject], day: date) -> Pairs:
    name = part.register_ or ""
    if part.how == "sum":
        points = standing(store, name, asked.level, day, asked.counted_at) or {}
        return {one.subject_id: Value(None, None, added(points, [one.subject_id])) for one in people}
    found = standing(store, name, "estate", day, asked.counted_at)
    if found is None:
        return {}
    pairs = {}
    for one in people:
        own = (one.subject_id,) if asked.level == "estate" else asked.estates.get(one.subject_id, ())
        n = covered(found, own)
        pairs[one.subject_id] = Value(n, len(own), n / len(own)) if own else NOTHING
    return pairs


_ESTATES = """SELECT p.place_id, p.code, v.name, v.kind, v.company_id AS company, c.place_id AS community, c.parent_id AS street
    FROM place_version v JOIN place p USING (place_id)
    LEFT JOIN (SELECT place_id, parent_id, effective_from, effective_to FROM place_version JOIN place USING (place_id)
        WHERE level = 'community') c ON c.place_id = v.parent_id AND c.effective_from <= $day AND $day < c.effective_to
    WHERE p.level = 'estate' AND v.effective_from <= $day AND $day < v.effective_to ORDER BY p.code"""
_COMPANIES = "SELECT company_id AS id, code, name, NULL AS kind FROM company ORDER BY code, company_id"
_PLACES = """SELECT place_id AS id, code, name, kind FROM place_version JOIN place USING (place_id)
    WHERE level = $level AND effective_from <= $day AND $day < effective_to ORDER BY code"""
