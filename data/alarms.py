"""Alarms: raised when a rule's condition holds, acknowledged by a post, taken one level up when nobody does, ended with it.

What holds is asked every quarter of a minute (`data/alarm_watch.py`, `data/watch.py`). An alarm is the fold of its steps and keeps
the version of its rule it was raised under, so a ladder that changed meanwhile does not change it. An acknowledgement names
a post and its role, never a person, and is in the audit log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from data import audit
from data.actors import Actor
from data.alarm_rules import AlarmRule
from data.alarm_watch import Finding, Subject, by_subject
from data.below import NAMED, chain_of
from data.database import Connection, records
from data.definitions import definitions_of, read_as, version_of
from data.errors import NotFound, Refused
from data.fold import LEVEL_RANK

if TYPE_CHECKING:
    from pathlib import Path

    from data.store import Store

LONGEST_NOTE = 500
MOST_PAST = 200
Rules = Mapping[str, tuple[AlarmRule, str]]  # name → rule, digest


@dataclass(frozen=True)
class Alarm:
    """An alarm as it stands. place: its code and name; case: the number people know it by; acknowledged_by: post and role."""

    alarm_id: int
    rule: AlarmRule
    place_id: int
    place_level: str
    place_code: str
    place: str
    case_id: int | None
    case: str | None
    category: str | None
    warning_id: int | None
    warning: str | None
    value: float | None
    level: str
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: tuple[str, str] | None
    ended_at: datetime | None
    chain: tuple[int, ...]

    @property
    def waits(self) -> bool:
        """Whether somebody still has to acknowledge it."""
        return self.acknowledged_at is None and self.ended_at is None


@dataclass(frozen=True)
class Step:
    """A line of an alarm's history."""

    alarm_id: int
    action: str  # raised escalated acknowledged ended
    level: str | None = None
    value: float | None = None


Change = Finding | Step  # a finding is raised


def rules_in_force(home: Path | None) -> Rules:
    """The rules that are not turned off, with the digest of their text. Raises InputError with file and key path."""
    texts = definitions_of(home, "alarm").values()
    found = {text.digest: read_as(AlarmRule, text.body, text.where) for text in texts}
    return {rule.id: (rule, digest) for digest, rule in found.items() if not rule.off}


def decide(
    con: Connection, rules: Rules, held: Sequence[Finding], now: datetime, *, whole: bool = True
) -> list[Change]:
    """What has to change, given what these rules hold now: new alarms, ends, steps up. whole: they are all the rules there are."""
    found = by_subject(held)
    standing = {key: row for key, row in _standing(con).items() if whole or key[0] in rules}
    rested = _rested(con, rules, now)
    changes: list[Change] = [one for key, one in found.items() if key not in standing and key not in rested]
    changes += [Step(row["alarm_id"], "ended") for key, row in standing.items() if key not in found]
    return changes + _rungs(con, [row for key, row in standing.items() if key in found], now)


def write_steps(con: Connection, rules: Rules, changes: Sequence[Change], now: datetime) -> int:
    """Write what was decided, in the caller's transaction; how many steps."""
    for one in changes:
        _write(con, _raise(con, one, rules[one.rule][1], now) if isinstance(one, Finding) else one, now)
    return len(changes)


def acknowledge(store: Store, alarm_id: int, actor: Actor, note: str = "") -> Alarm:
    """Somebody has seen it: its ladder stops. Twice does no harm. Raises NotFound, or Refused without the role there."""

    def job(con: Connection) -> None:
        row = con.execute(
            """SELECT a.place_id, p.code, a.digest, a.acknowledged_at, a.ended_at FROM alarm a JOIN place p USING (place_id)
               WHERE alarm_id = ?""",
            [alarm_id],
        ).fetchone()
        if row is None:
            raise NotFound("there is no such alarm.", where=f"alarm {alarm_id}")
        place_id, code, digest, seen, ended = row
        rule = version_of(con, digest, AlarmRule)
        chain = [place.place_id for place in chain_of(con, place_id)]
        if actor.kind == "device":
            raise Refused("a wall only shows alarms.", where=actor.name, todo="Acknowledge it at a post's own screen.")
        role = actor.require(rule.roles, chain, to="acknowledge the alarm")
        if seen is not None or ended is not None:
            return
        at = store.now()
        _write(
            con, Step(alarm_id, "acknowledged"), at, by_role=role, actor=actor.label, note=note[:LONGEST_NOTE] or None
        )
        said = {"alarm": alarm_id, "rule": rule.id, "place": code}
        audit.put(con, at, audit.Entry("alarm_acknowledged", actor, role, detail=said))

    store.writer.run(job, label="acknowledge", quiet=True).result()
    store.watch.changed()
    return alarm(store, alarm_id)


def alarm(store: Store, alarm_id: int) -> Alarm:
    """One alarm. Raises NotFound."""
    with store.read() as con:
        found = _selected(con, "a.alarm_id = $alarm", {"alarm": alarm_id})
    if not found:
        raise NotFound("there is no such alarm.", where=f"alarm {alarm_id}")
    return found[0]


def standing_alarms(store: Store) -> list[Alarm]:
    """Those that have not ended, the latest first."""
    with store.read() as con:
        return _selected(con, "a.ended_at IS NULL", {})


def past_alarms(store: Store, since: datetime, until: datetime, limit: int = MOST_PAST) -> list[Alarm]:
    """Those raised in [since, until), the latest first."""
    with store.read() as con:
        return _selected(con, "a.raised_at >= $since AND a.raised_at < $until", {"since": since, "until": until}, limit)


def history(store: Store, alarm_id: int) -> list[dict[str, Any]]:
    """The steps of an alarm: happened_at, action, level, value, by_role, actor, note."""
    return store.rows(
        """SELECT happened_at, action, level, value, by_role, actor, note FROM alarm_step WHERE alarm_id = ?
           ORDER BY rowid""",
        [alarm_id],
    )


def _standing(con: Connection) -> dict[tuple[str, Subject], dict[str, Any]]:
    names = ("alarm_id", "rule", "digest", "place_id", "case_id", "warning_id", "level", "raised_at", "acknowledged_at")
    rows = con.execute(f"SELECT {', '.join(names)} FROM alarm WHERE ended_at IS NULL ORDER BY alarm_id").fetchall()
    told = [dict(zip(names, row, strict=True)) for row in rows]
    return {(row["rule"], (row["place_id"], row["case_id"], row["warning_id"])): row for row in told}


def _rested(con: Connection, rules: Rules, now: datetime) -> set[tuple[str, Subject]]:
    """What ended so lately that its rule does not raise it again yet."""
    longest = max((rule.rest for rule, _digest in rules.values()), default=0.0)
    rows = con.execute(
        "SELECT rule, place_id, case_id, warning_id, ended_at FROM alarm WHERE ended_at > ?",
        [now - timedelta(minutes=longest)],
    ).fetchall()
    return {
        (rule, (place, case, warning))
        for rule, place, case, warning, ended in rows
        if rule in rules and now - ended < timedelta(minutes=rules[rule][0].rest)
    }


def _raise(con: Connection, one: Finding, digest: str, now: datetime) -> Step:
    level = con.execute("SELECT level FROM place WHERE place_id = ?", [one.place_id]).fetchone()
    row = con.execute(
        """INSERT INTO alarm BY NAME SELECT nextval('alarm_ids')::INTEGER AS alarm_id, $rule AS rule, $digest AS digest,
               $place::INTEGER AS place_id, $case::BIGINT AS case_id, $warning::INTEGER AS warning_id,
               $value::DOUBLE AS value, $level AS level, $now::TIMESTAMPTZ AS raised_at RETURNING alarm_id""",
        {"rule": one.rule, "digest": digest, "place": one.place_id, "case": one.case_id, "warning": one.warning_id,
         "value": one.value, "level": level[0] if level else "district", "now": now},
    ).fetchone()  # fmt: skip
    return Step(int(row[0]) if row else 0, "raised", level[0] if level else "district", one.value)


def _rungs(con: Connection, rows: Sequence[Mapping[str, Any]], now: datetime) -> list[Step]:
    """The highest step of the ladder each unacknowledged alarm has reached, where it is above where it stands."""
    found = []
    for row in rows:
        if row["acknowledged_at"] is not None:
            continue
        waited = (now - row["raised_at"]).total_seconds() / 60
        reached = [rung.to for rung in version_of(con, row["digest"], AlarmRule).ladder if rung.after <= waited]
        if reached and LEVEL_RANK[reached[-1]] > LEVEL_RANK.get(row["level"], 0):
            found.append(Step(row["alarm_id"], "escalated", reached[-1]))
    return found


def _write(
    con: Connection, step: Step, at: datetime, *, by_role: str | None = None, actor: str | None = None,
    note: str | None = None,
) -> None:  # fmt: skip
    con.execute(
        "INSERT INTO alarm_step VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [step.alarm_id, at, step.action, step.level, step.value, by_role, actor, note],
    )
    changes = {"escalated": "level = $level", "acknowledged": "acknowledged_at = $at", "ended": "ended_at = $at"}
    if step.action in changes:
        given: dict[str, Any] = {"alarm": step.alarm_id}
        given |= {"level": step.level} if step.action == "escalated" else {"at": at}
        con.execute(f"UPDATE alarm SET {changes[step.action]} WHERE alarm_id = $alarm", given)


def _selected(con: Connection, which: str, given: Mapping[str, Any], limit: int = MOST_PAST) -> list[Alarm]:
    found = con.execute(
        f"""SELECT a.* EXCLUDE (rule, digest), a.digest, p.level AS place_level, p.code AS place_code, coalesce(n.name, p.code) AS place,
                c.external_id AS case, k.name AS category, w.headline AS headline, w.event,
                s.actor AS seen_by, s.by_role AS seen_role
            FROM alarm a LEFT JOIN place p USING (place_id)
            LEFT JOIN {NAMED} n USING (place_id)
            LEFT JOIN (FROM cases WHERE case_id IN (SELECT case_id FROM alarm a WHERE {which})) c USING (case_id)
            LEFT JOIN category k USING (category_id)
            LEFT JOIN hazard_warning w ON w.warning_id = a.warning_id
            LEFT JOIN (FROM alarm_step WHERE action = 'acknowledged') s ON s.alarm_id = a.alarm_id
            WHERE {which} ORDER BY a.raised_at DESC, a.alarm_id DESC LIMIT {limit:d}""",
        dict(given),
    )
    return [_alarm(con, row) for row in records(found)]


def _alarm(con: Connection, row: dict[str, Any]) -> Alarm:
    seen = (row.pop("seen_by"), row.pop("seen_role"))
    headline, event = row.pop("headline"), row.pop("event")
    rule = version_of(con, row.pop("digest"), AlarmRule)
    chain = tuple(place.place_id for place in chain_of(con, row["place_id"]))
    return Alarm(**row, rule=rule, warning=headline or event, acknowledged_by=seen if seen[0] else None, chain=chain)
