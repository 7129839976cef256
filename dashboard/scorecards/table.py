"""One run as its page shows it: who stands where, made of what, on which list, and what this post may do with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dashboard.formats import moment, name_of
from dashboard.languages import _
from dashboard.one_map.rail import level_name
from dashboard.plain_pages import ROLE_NAMES
from dashboard.scorecards.words import STATES, STEPS, flags_of, peers_name, reasons_of
from data.acting import acting
from data.appeals import appeals
from data.rectification import effect, standing
from data.score_rows import DRAFT, FINAL, PUBLICITY, Run, card_of, items, run_of, steps
from data.score_runs import owing, what_if
from data.scorecards import Card
from data.scoring import Scored
from data.store import Store

Said = dict[str, Any]


def run_said(store: Store, run_id: int) -> Said:
    """The whole run. Raises NotFound."""
    run = run_of(store, run_id)
    card, found = card_of(store, run.digest), items(store, run_id)
    opens = next((rule.opens for rule in card.lists if rule.opens), None)
    listed = standing(store) if opens else {}
    return {
        "run": head(store, run, card),
        "card": shape(card, run.level),
        "may": may(store, run, card),
        "peers": [[one, peers_name(one)] for one in sorted({item.subject.peers for item in found}) if one],
        "items": [row(card, one, listed) for one in found],
        "steps": [_step(store, one) for one in steps(store, run_id)],
        "appeals": [_appeal(store, one) for one in appeals(store, run_id)],
        "effect": _effect(store) if opens else None,
    }


def head(store: Store, run: Run, card: Card) -> Said:
    """What stands above the table."""
    last = run.publicity_until - timedelta(days=1) if run.publicity_until else None
    return {
        "id": run.run_id, "name": name_of(card.name.zh, card.name.en), "level": level_name(run.level), "level_id": run.level,
        "period": run.period, "state": run.state, "state_word": _(STATES[run.state]), "card": run.card,
        "counted": moment(run.counted_at, store.zone), "published": moment(run.published_at, store.zone),
        "until": moment(run.publicity_until, store.zone), "final": moment(run.final_at, store.zone),
        "first_day": moment(run.published_at, store.zone)[:10], "last_day": moment(last, store.zone)[:10],
        "version": run.digest, "district": store.deployment.name,
    }  # fmt: skip


def shape(card: Card, level: str) -> Said:
    """The card's parts, bands, lists, marks and vetoes by name."""
    sample = next((rule for name, rule in card.sample.items() if name == level), None)
    return {
        "id": card.id,
        "total": card.total,
        "digits": card.digits,
        "least": sample.least if sample else None,
        "parts": [{"id": p.id, "name": name_of(p.name.zh, p.name.en), "weight": p.weight} for p in card.parts],
        "bands": [{"id": b.id, "name": name_of(b.name.zh, b.name.en), "tone": b.tone,
                   "note": name_of(b.note.zh, b.note.en) if b.note else ""} for b in card.bands],
        "lists": [{"id": r.id, "name": name_of(r.name.zh, r.name.en), "tone": r.tone, "opens": r.opens, "years": r.years}
                  for r in card.lists],
        "marks": [[name, name_of(j.name.zh, j.name.en), *j.range, acting().role_for(j.roles) is not None]
                  for name, j in card.judgements.items()],
        "vetoes": [[v.id, name_of(v.name.zh, v.name.en)] for v in card.vetoes if v.test is None and acting().role_for(v.roles)],
        "days": card.publicity.days,
    }  # fmt: skip


def may(store: Store, run: Run, card: Card) -> Said:
    """What this post may do with the run as it stands."""
    actor, now = acting(), store.now()
    roles = {
        name: actor.role_for(getattr(card.roles, name)) is not None for name in ("draft", "publish", "appeal", "decide")
    }
    over = run.publicity_until is not None and now >= run.publicity_until
    return {
        "recount": (run.state == DRAFT and roles["draft"]) or (run.state == PUBLICITY and roles["decide"] and owing(store, run)),
        "publish": run.state == DRAFT and roles["publish"] and run.counted_at >= run.ends_at,
        "finish": run.state == PUBLICITY and roles["publish"] and over,
        "withdraw": run.state == DRAFT and roles["draft"],
        "appeal": run.state == PUBLICITY and roles["appeal"] and not over,
        "decide": run.state == PUBLICITY and roles["decide"],
        "enter": run.state != FINAL,
    }  # fmt: skip


def row(card: Card, one: Scored, listed: dict[int, dict[str, Any]]) -> Said:
    """A line of the table."""
    case = listed.get(one.subject.subject_id)
    return {
        "id": one.subject.subject_id, "code": one.subject.code, "name": one.subject.name, "peers": one.subject.peers, "n": one.n,
        "score": one.score, "place": one.place, "of": one.of, "band": one.band, "lists": list(one.lists),
        "flags": flags_of(card, one), "reasons": reasons_of(one),
        "points": [None if p.points is None else round(p.points, 4) for p in one.parts],
        "case": [case["case_id"], case["number"]] if case else None,
    }  # fmt: skip


def tried(store: Store, run_id: int, weights: dict[str, float]) -> Said:
    """Who would move with other weights; nothing is kept. Raises NotFound, InputError."""
    before = {one.subject.subject_id: one for one in items(store, run_id)}
    after = what_if(store, run_id, weights)
    moved = [
        _moved(before[one.subject.subject_id], one) for one in after if _differs(before[one.subject.subject_id], one)
    ]
    moved.sort(
        key=lambda one: (not one["in"] and not one["out"], -abs((one["was"] or 0) - (one["now"] or 0)), one["name"])
    )
    return {
        "moved": moved,
        "n": sum(one["was"] != one["now"] for one in moved),
        "lists": sum(bool(one["in"] or one["out"]) for one in moved),
    }


def _differs(before: Scored, after: Scored) -> bool:
    return (before.place, before.lists) != (after.place, after.lists)


def _moved(before: Scored, after: Scored) -> Said:
    return {
        "id": after.subject.subject_id,
        "name": after.subject.name,
        "peers": peers_name(after.subject.peers),
        "was": before.place,
        "now": after.place,
        "score_was": before.score,
        "score": after.score,
        "in": _but(after.lists, before.lists),
        "out": _but(before.lists, after.lists),
    }


def _but(these: Sequence[str], those: Sequence[str]) -> list[str]:
    return [one for one in these if one not in those]


def _step(store: Store, one: dict[str, Any]) -> Said:
    role = one["by_role"]
    who = " · ".join(part for part in (_(ROLE_NAMES[role]) if role in ROLE_NAMES else role, _(one["actor"])) if part)
    return {
        "at": moment(one["happened_at"], store.zone),
        "what": _(STEPS.get(one["action"], one["action"])),
        "who": who,
        "note": one["note"] or "",
    }


def _appeal(store: Store, one: dict[str, Any]) -> Said:
    return {
        "id": one["appeal_id"], "subject": one["subject_id"], "name": one["name"], "reason": one["reason"],
        "at": moment(one["lodged_at"], store.zone), "upheld": one["upheld"], "decision": one["decision"] or "",
        "decided": moment(one["decided_at"], store.zone),
    }  # fmt: skip


def _effect(store: Store) -> Said:
    found = effect(store)
    return {
        "listed": found.listed, "matched": found.matched, "difference": found.difference, "interval": found.interval,
        "pairs": [[p.name, moment(p.began_at, store.zone)[:10], p.before, p.after, round(p.matched_before, 1), round(p.matched_after, 1)]
                  for p in found.pairs],
    }  # fmt: skip
