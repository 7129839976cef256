"""What people enter for a scorecard: marks of a review (评议), and events that count whatever the score (一票否决).

Nothing is overwritten: a later mark for the same subject and period stands in place of an earlier one, a veto is withdrawn with a reason.
So what was known when a list was counted can be asked again. Marks come one by one or as the rows of a spreadsheet, all or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from data import audit
from data.actors import Actor
from data.database import Connection
from data.errors import InputError, NotFound, Refused
from data.periods import parse_period
from data.score_periods import check_name
from data.score_rows import FINAL, cards, runs
from data.scorecards import Card

if TYPE_CHECKING:
    from data.store import Store

LONGEST = 1000
MOST = 20_000
MARKS = pa.schema(
    {
        "subject": pa.string(), "subject_id": pa.int32(), "kind": pa.string(), "value": pa.float64(), "period_from": pa.date32(),
        "period_to": pa.date32(), "by_role": pa.string(), "reason": pa.string(), "entered_at": pa.timestamp("us", "UTC"),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """A mark for a subject, by its code as it stands on the list. row: of the file it came from."""

    code: str
    value: float
    reason: str = ""
    row: int | None = None


@dataclass(frozen=True)
class About:
    """Which mark of which card it is, for which level and period."""

    card: str
    judgement: str
    level: str
    period: str


def enter(store: Store, about: About, marks: Sequence[Mark], actor: Actor, key: str) -> int:
    """Enter marks, all or none; how many. Raises InputError with the row, NotFound, Refused."""
    card = card_named(store, about.card)
    rule = card.judgements.get(about.judgement)
    if rule is None:
        raise NotFound("the card has no such mark.", where=f"{card.id}: {about.judgement}")
    if not marks or len(marks) > MOST:
        raise InputError(f"there are between 1 and {MOST} marks in one go.", where="marks")
    role, at = actor.require(rule.roles), store.now()
    name = check_name(card.period, about.period, store.zone)
    refuse_final(store, about.card, about.level, name)
    ids = subject_ids(store, about.level)
    rows = [_row(store, about, name, rule.range, ids, mark, role, at) for mark in marks]

    def job(con: Connection) -> int:
        put_marks(con, pa.Table.from_pylist(rows, schema=MARKS))
        said = {"card": card.id, "mark": about.judgement, "period": name, "level": about.level, "rows": len(rows)}
        audit.put(con, at, audit.Entry("judgement", actor, role, detail=said))
        return len(rows)

    return store.writer.run(job, label="judgements", key=f"marks {key}", quiet=True).result()


def put_marks(con: Connection, rows: pa.Table) -> None:
    """Write marks in the caller's transaction."""
    con.register("marks_in", rows)
    con.execute(
        "INSERT INTO judgement BY NAME SELECT nextval('judgement_ids')::INTEGER AS judgement_id, * FROM marks_in"
    )
    con.unregister("marks_in")


@dataclass(frozen=True)
class Event:
    """A veto event of a subject, by its code. kind: one of the card's vetoes."""

    card: str
    kind: str
    level: str
    code: str
    happened_on: date
    evidence: str


def enter_veto(store: Store, event: Event, actor: Actor, key: str) -> int:
    """Enter a veto; its id. Raises InputError, NotFound, Refused."""
    card = card_named(store, event.card)
    rule = next((veto for veto in card.vetoes if veto.id == event.kind), None)
    if rule is None or rule.test is not None:
        raise NotFound("the card has no such veto to enter.", where=f"{card.id}: {event.kind}")
    if not event.evidence.strip():
        raise InputError("a veto needs its evidence.", where="evidence")
    role, at = actor.require(rule.roles), store.now()
    subject = subject_ids(store, event.level).get(event.code)
    if subject is None:
        raise NotFound("there is nobody of this code to judge.", where=f"{event.level} {event.code}")

    def job(con: Connection) -> int:
        row = con.execute(
            """INSERT INTO veto BY NAME SELECT nextval('veto_ids')::INTEGER AS veto_id, ? AS card, ? AS kind, ? AS level,
                   ?::INTEGER AS subject_id, ?::DATE AS happened_on, ? AS evidence, ? AS by_role, ? AS actor,
                   ?::TIMESTAMPTZ AS entered_at RETURNING veto_id""",
            [
                card.id,
                event.kind,
                event.level,
                subject,
                event.happened_on,
                event.evidence[:LONGEST],
                role,
                actor.label,
                at,
            ],
        ).fetchone()
        said = {"card": card.id, "what": event.kind, "subject": event.code, "evidence": event.evidence[:LONGEST]}
        audit.put(con, at, audit.Entry("veto", actor, role, detail=said))
        return int(row[0]) if row else 0

    return store.writer.run(job, label="veto", key=f"veto {key}", quiet=True).result()


def withdraw_veto(store: Store, veto_id: int, reason: str, actor: Actor) -> None:
    """Take a veto back, with the reason. Raises InputError, NotFound, Refused."""
    if not reason.strip():
        raise InputError("taking a veto back needs its reason.", where="reason")
    found = store.rows("SELECT card, kind FROM veto WHERE veto_id = ?", [veto_id])
    if not found:
        raise NotFound("there is no such veto.", where=f"veto {veto_id}")
    role, at = actor.require(card_named(store, found[0]["card"]).roles.decide), store.now()

    def job(con: Connection) -> None:
        row = con.execute("SELECT withdrawn_at FROM veto WHERE veto_id = ?", [veto_id]).fetchone()
        if row is None or row[0] is not None:
            raise Refused("somebody has withdrawn it already.", where=f"veto {veto_id}")
        con.execute(
            "UPDATE veto SET withdrawn_at = ?, withdrawn_role = ?, withdrawn_reason = ? WHERE veto_id = ?",
            [at, role, reason[:LONGEST], veto_id],
        )
        audit.put(
            con, at, audit.Entry("veto_withdrawn", actor, role, detail={"veto": veto_id, "reason": reason[:LONGEST]})
        )

    store.writer.run(job, label="veto", quiet=True).result()


def vetoes_of(store: Store, card: str, level: str, subject_id: int) -> list[dict[str, Any]]:
    """The vetoes ever entered for a subject, the latest first."""
    return store.rows(
        """SELECT veto_id, kind, happened_on, evidence, by_role, entered_at, withdrawn_at, withdrawn_reason FROM veto
           WHERE card = ? AND level = ? AND subject_id = ? ORDER BY happened_on DESC, veto_id DESC""",
        [card, level, subject_id],
    )


def card_named(store: Store, name: str) -> Card:
    """The card in force. Raises NotFound."""
    found = cards(store).get(name)
    if found is None:
        raise NotFound("there is no such scorecard.", where=name)
    return found[0]


def refuse_final(store: Store, card: str, level: str, period: str) -> None:
    """Nothing is entered for a list that is final."""
    if any((run.level, run.period, run.state) == (level, period, FINAL) for run in runs(store, card=card)):
        raise Refused("the list of this period is final.", where=f"{card} {period}")


def subject_ids(store: Store, level: str) -> dict[str, int]:
    """The ids of everybody of a level, by code."""
    if level == "company":
        rows = store.rows("SELECT company_id AS id, code FROM company")
    else:
        rows = store.rows("SELECT place_id AS id, code FROM place WHERE level = ? AND NOT retired", [level])
    return {row["code"]: row["id"] for row in rows}


def _row(
    store: Store,
    about: About,
    period: str,
    ends: tuple[float, float],
    ids: dict[str, int],
    mark: Mark,
    role: str,
    at: datetime,
) -> dict[str, Any]:
    where = f"row {mark.row}" if mark.row is not None else mark.code
    if mark.code not in ids:
        raise InputError(f"no {about.level} has the code {mark.code}.", where=where, todo="Nothing was entered.")
    if not ends[0] <= mark.value <= ends[1]:
        raise InputError(
            f"{mark.value:g} lies outside {ends[0]:g} to {ends[1]:g}.", where=where, todo="Nothing was entered."
        )
    span = parse_period(period, store.zone)
    return {
        "subject": about.level, "subject_id": ids[mark.code], "kind": f"{about.card}/{about.judgement}", "value": mark.value,
        "period_from": span.start.astimezone(store.zone).date(), "period_to": span.end.astimezone(store.zone).date(),
        "by_role": role, "reason": mark.reason[:LONGEST] or None, "entered_at": at,
    }  # fmt: skip
