"""Runs of scorecards: drafted, shown to the public (公示), appealed against, final.

A draft may be counted anew as often as one likes. Once it is shown, only an appeal that was upheld lets it be counted again; once it
is final nothing about it changes. A run keeps the version of its definition, the instant its figures are of, and whatever the
ledger does not hold, so `recomputed` gives the same numbers from the ledger years later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from data import audit
from data.actors import Actor
from data.database import Connection
from data.definitions import stored
from data.errors import InputError, NotFound, Refused
from data.figure_catalogue import CATALOGUE
from data.figures import Question
from data.periods import parse_period
from data.score_periods import check_name, earlier, of_year
from data.score_rows import DRAFT, FINAL, PUBLICITY, Run, card_of, estates_of, items, put, run_of, runs
from data.score_values import Asked, part_values, question_of, subjects, vetoes
from data.scorecards import Card, Part
from data.scoring import Past, Scored, Subject, score

if TYPE_CHECKING:
    from data.store import Store


def make_draft(store: Store, card_id: str, level: str, period: str, actor: Actor, at: datetime | None = None) -> int:
    """Count a card for a period; the run's id. A draft of the same is counted anew. at: the instant,
    if not now. Raises NotFound, QuestionError, Refused."""
    card, digest = _card_for(store, card_id, period)
    now = at or store.now()
    actor.require(card.roles.draft)
    if level not in card.levels:
        raise NotFound(f"{card.id} is not made for {level}.", where="level", todo=f"One of {', '.join(card.levels)}.")
    name = check_name(card.period, period, store.zone)
    span = parse_period(name, store.zone)
    if span.start > now:
        raise Refused(f"{name} has not begun.", where="period")
    there = [run for run in runs(store, card=card_id) if (run.level, run.period) == (level, name)]
    for run in there:
        if run.state in (PUBLICITY, FINAL):
            raise Refused("the list of this period is out already.", where=f"run {run.run_id}", todo="Open it instead.")
    own = next((run.run_id for run in there if run.state == DRAFT), None)
    return _write(store, _counted(store, card, level, name, now), digest, own, actor, "drafted")


def recount(store: Store, run_id: int, actor: Actor) -> int:
    """Count a run anew, as of now: a draft at any time, a list that is shown after an upheld appeal. Raises NotFound, Refused."""
    run = run_of(store, run_id)
    card = card_of(store, run.digest)
    actor.require(card.roles.draft if run.state == DRAFT else card.roles.decide)
    if run.state not in (DRAFT, PUBLICITY) or (run.state == PUBLICITY and not owing(store, run)):
        raise Refused("what is out is counted anew only after an upheld appeal.", where=f"run {run_id}")
    return _write(
        store, _counted(store, card, run.level, run.period, store.now()), run.digest, run_id, actor, "recounted"
    )


def publish(store: Store, run_id: int, actor: Actor, at: datetime | None = None) -> None:
    """Show a draft to the public: appeals may come until the end of its last day. Raises NotFound, Refused."""
    run, now = run_of(store, run_id), at or store.now()
    card = card_of(store, run.digest)
    if run.ends_at > now:
        raise Refused("the period has not ended yet.", where=run.period, todo="Publish it when it has.")
    if run.counted_at < run.ends_at:
        raise Refused("it was counted before the period ended.", where=run.period, todo="Count it anew first.")
    day = now.astimezone(store.zone).date() + timedelta(days=card.publicity.days + 1)
    until = datetime.combine(day, time(), store.zone)
    role = actor.require(card.roles.publish)
    change = "state = 'publicity', published_at = $at, publicity_until = $until"
    _turn(store, run_id, (DRAFT,), change, "published", role, actor, now, until=until)


def finish(store: Store, run_id: int, actor: Actor, at: datetime | None = None) -> None:
    """Make a list final, for ever. Raises NotFound, Refused while it may still be appealed against."""
    run, now = run_of(store, run_id), at or store.now()
    role = actor.require(card_of(store, run.digest).roles.publish)
    if run.state == PUBLICITY and run.publicity_until is not None and now < run.publicity_until:
        raise Refused("appeals may still come.", where=f"run {run_id}", todo="Wait until the last day is over.")
    if store.rows("SELECT 1 FROM score_appeal WHERE run_id = ? AND decided_at IS NULL", [run_id]):
        raise Refused("an appeal has not been decided.", where=f"run {run_id}", todo="Decide it first.")
    if run.state == PUBLICITY and owing(store, run):
        raise Refused("an appeal was upheld since it was counted.", where=f"run {run_id}", todo="Count it anew first.")
    _turn(store, run_id, (PUBLICITY,), "state = 'final', final_at = $at", "made final", role, actor, now)


def withdraw(store: Store, run_id: int, actor: Actor) -> None:
    """Throw a draft away. Raises NotFound, Refused."""
    role = actor.require(card_of(store, run_of(store, run_id).digest).roles.draft)
    _turn(store, run_id, (DRAFT,), "state = 'withdrawn'", "withdrawn", role, actor, store.now())


def recomputed(store: Store, run_id: int) -> list[Scored]:
    """The run worked out once more from the ledger, as of its instant and as it was known then. Raises NotFound."""
    run = run_of(store, run_id)
    card, kept = card_of(store, run.digest), items(store, run_id)
    people = sorted((one.subject for one in kept), key=lambda one: one.code)
    asked = asked_of(store, run, card, kept)
    return _scores(store, asked, people)


def asked_of(store: Store, run: Run, card: Card, kept: Sequence[Scored]) -> Asked:
    """The question a run was the answer to, as it was known then."""
    rates = {part.id for part in card.parts if part.figure and CATALOGUE[part.figure].type == "rate"}
    homes = {
        one.subject.subject_id: part.value.denominator
        for one in kept
        for part in one.parts
        if part.part in rates and part.value.denominator is not None
    }
    return Asked(card, run.level, run.period, run.counted_at, run.counted_at, estates_of(store, run.run_id), homes)


def owing(store: Store, run: Run) -> bool:
    """Whether an appeal was upheld since it was counted."""
    return bool(
        store.rows(
            "SELECT 1 FROM score_appeal WHERE run_id = ? AND upheld AND decided_at > ?", [run.run_id, run.counted_at]
        )
    )


@dataclass(frozen=True)
class _Counted:
    asked: Asked
    scored: list[Scored]


def _counted(store: Store, card: Card, level: str, period: str, at: datetime) -> _Counted:
    day = parse_period(period, store.zone).last_day(store.zone)
    people, estates = subjects(store, card, level, day, at)
    asked = Asked(card, level, period, at, None, estates)
    return _Counted(asked, _scores(store, asked, people))


def _scores(store: Store, asked: Asked, people: Sequence[Subject]) -> list[Scored]:
    found, vetoed = part_values(store, asked, people), vetoes(store, asked)
    first = score(asked.card, asked.level, people, found, vetoed)
    past = _past(
        store, asked, {one.subject.subject_id: one.score for one in first if one.ranked and one.score is not None}
    )
    return score(asked.card, asked.level, people, found, vetoed, past)


def _past(store: Store, asked: Asked, now: Mapping[int, float]) -> Past:
    """The scores of final lists before this one, as far as the card's lists ask for them."""
    card, final = asked.card, _final_scores(store, asked)
    before = final.get(earlier(card.period, asked.period, store.zone), {})
    wanted = max((rule.years or 0 for rule in card.lists), default=0)
    year, means = int(asked.period[:4]), []
    if wanted and of_year(card.period, year)[-1] == asked.period:
        final = {**final, asked.period: dict(now)}
        for back in range(wanted):
            own = [final.get(name) for name in of_year(card.period, year - back)]
            if any(one is None for one in own):
                break
            means.append(_mean([one for one in own if one is not None]))
    return Past(before, tuple(means))


def _final_scores(store: Store, asked: Asked) -> dict[str, dict[int, float]]:
    rows = store.rows(
        """SELECT period, subject_id, score FROM score_run JOIN score_item USING (run_id)
           WHERE card = ? AND level = ? AND state = 'final' AND final_at <= ? AND place IS NOT NULL""",
        [asked.card.id, asked.level, asked.counted_at],
    )
    found: dict[str, dict[int, float]] = {}
    for row in rows:
        found.setdefault(row["period"], {})[row["subject_id"]] = row["score"]
    return found


def _mean(parts: Sequence[Mapping[int, float]]) -> dict[int, float]:
    """The mean of whoever was ranked in all of them."""
    both = set.intersection(*(set(part) for part in parts))
    return {one: sum(part[one] for part in parts) / len(parts) for one in both}


def _card_for(store: Store, card_id: str, period: str) -> tuple[Card, str]:
    """The version in force when the period ended; where none was yet, the latest."""
    end = parse_period(period, store.zone).end
    rows = store.rows(
        """SELECT digest, body FROM definition WHERE definition_id = ?
           ORDER BY effective_from < ? DESC, rowid DESC LIMIT 1""",
        [f"scorecard/{card_id}", end],
    )
    if not rows:
        raise NotFound("there is no such scorecard.", where=card_id)
    return stored(Card, rows[0]["body"]), str(rows[0]["digest"])


def _write(store: Store, made: _Counted, digest: str, run_id: int | None, actor: Actor, action: str) -> int:
    """Write a run with all it holds, in place of what stood there."""
    asked, at = made.asked, made.asked.counted_at
    span = parse_period(asked.period, store.zone)
    role = actor.require((*asked.card.roles.draft, *asked.card.roles.decide))

    def job(con: Connection) -> int:
        own = run_id
        if own is None:
            row = con.execute(
                """INSERT INTO score_run BY NAME SELECT nextval('score_run_ids')::INTEGER AS run_id, ? AS card, ? AS digest,
                       ? AS level, ? AS period, ?::TIMESTAMPTZ AS starts_at, ?::TIMESTAMPTZ AS ends_at,
                       ?::TIMESTAMPTZ AS counted_at, 'draft' AS state, ?::TIMESTAMPTZ AS made_at RETURNING run_id""",
                [asked.card.id, digest, asked.level, asked.period, span.start, span.end, asked.counted_at, at],
            ).fetchone()
            own = int(row[0]) if row else 0
        else:
            refuse_unless(con, own, (DRAFT, PUBLICITY))
            con.execute(
                "UPDATE score_run SET counted_at = ?, digest = ? WHERE run_id = ?", [asked.counted_at, digest, own]
            )
        put(con, own, made.scored, asked.estates)
        write_step(con, own, at, action, role, actor)
        return own

    return store.writer.run(job, label="scorecard", quiet=True).result()


def _turn(
    store: Store,
    run_id: int,
    states: Sequence[str],
    change: str,
    action: str,
    role: str,
    actor: Actor,
    at: datetime,
    **given: Any,
) -> None:
    def job(con: Connection) -> None:
        refuse_unless(con, run_id, states)
        bound = {"run": run_id, **({"at": at} if "$at" in change else {}), **given}
        con.execute(f"UPDATE score_run SET {change} WHERE run_id = $run", bound)
        write_step(con, run_id, at, action, role, actor)

    store.writer.run(job, label="scorecard", quiet=True).result()


def refuse_unless(con: Connection, run_id: int, states: Sequence[str]) -> None:
    row = con.execute("SELECT state FROM score_run WHERE run_id = ?", [run_id]).fetchone()
    if row is None:
        raise NotFound("there is no such run.", where=f"run {run_id}")
    if row[0] not in states:
        raise Refused(f"the list is {row[0]}.", where=f"run {run_id}", todo="Load it again.")


def write_step(
    con: Connection, run_id: int, at: datetime, action: str, role: str, actor: Actor, note: str | None = None
) -> None:
    con.execute("INSERT INTO score_step VALUES (?, ?, ?, ?, ?, ?)", [run_id, at, action, role, actor.label, note])
    audit.put(con, at, audit.Entry("scorecard", actor, role, detail={"run": run_id, "what": action, "note": note}))


def what_if(store: Store, run_id: int, weights: Mapping[str, float]) -> list[Scored]:
    """The run with other weights, scaled so that they sum to the same; nothing is kept. Raises NotFound, InputError."""
    run = run_of(store, run_id)
    card, kept = card_of(store, run.digest), items(store, run_id)
    wished = {part.id: max(0.0, weights.get(part.id, part.weight)) for part in card.parts}
    whole = sum(wished.values())
    if whole <= 0:
        raise InputError("some part must have a weight.", where="weights")
    parts = tuple(part.model_copy(update={"weight": wished[part.id] * card.total / whole}) for part in card.parts)
    found = {
        part.id: {one.subject.subject_id: own.value for one in kept for own in one.parts if own.part == part.id}
        for part in parts
    }
    vetoed = {one.subject.subject_id: list(one.vetoes) for one in kept if one.vetoes}
    people = [one.subject for one in kept]
    asked = asked_of(store, run, card, kept)
    changed = card.model_copy(update={"parts": parts})
    scores = {one.subject.subject_id: one.score for one in kept if one.ranked and one.score is not None}
    return score(changed, run.level, people, found, vetoed, _past(store, asked, scores))


def asked_question(store: Store, run: Run, card: Card, part: Part) -> Question:
    """The question a part of a run is the answer to, as it was known then: where nothing was told late, the quicker one is the same."""
    published = run.counted_at if _told_late(store, run.counted_at) else None
    return question_of(store, Asked(card, run.level, run.period, run.counted_at, published), part)


def _told_late(store: Store, at: datetime) -> bool:
    """Whether the ledger was told after an instant of something about an event that happened before it."""
    return any(
        store.rows(
            f"""SELECT 1 FROM (FROM {name} WHERE recorded_at > $at AND {happened} <= $at) JOIN cases USING (case_id)
                WHERE kind = 'event' LIMIT 1""",
            {"at": at},
        )
        for name, happened in (("transition", "occurred_at"), ("call_back", "completed_at"))
    )
