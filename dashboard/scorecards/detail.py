"""One row of a list, opened: every part with its figure, every figure with its cases, and what has been entered and decided."""

from __future__ import annotations

from typing import Any

from dashboard.casetable import JUDGED, STAGES
from dashboard.formats import moment, name_of
from dashboard.languages import _
from dashboard.plain_pages import ROLE_NAMES
from dashboard.rankings.measures import may_measure, measures_said
from dashboard.scorecards.words import flags_of, pair_of, peers_name, reasons_of, source_of, value_of
from data.acting import acting
from data.errors import NotFound, QuestionError
from data.figure_filters import Filter
from data.figures import CATALOGUE, Question
from data.judgements import vetoes_of
from data.levels import END
from data.listings import cases_of
from data.rectification import standing, units_for
from data.registers import ROLES as REGISTER_ROLES
from data.registers import entries
from data.score_rows import Run, card_of, history, items, run_of
from data.score_runs import asked_question
from data.scorecards import Card, Part
from data.scoring import PartScore, Scored
from data.store import Store

Said = dict[str, Any]
CASES = 200
COUNTED = ("numerator", "denominator")


def detail(store: Store, run_id: int, subject_id: int) -> Said:
    """A row with its parts, its history and what was entered. Raises NotFound."""
    run, card, one = _opened_row(store, run_id, subject_id)
    opens = next((rule.opens for rule in card.lists if rule.opens and rule.id in one.lists), None)
    case = standing(store).get(subject_id) if opens else None
    return {
        "id": subject_id, "name": one.subject.name, "code": one.subject.code, "peers": peers_name(one.subject.peers),
        "score": one.score, "place": one.place, "of": one.of, "band": one.band, "lists": list(one.lists),
        "flags": flags_of(card, one), "reasons": reasons_of(one),
        "parts": [_part(card, part, own) for part, own in zip(card.parts, one.parts, strict=True)],
        "next": _next(card, one),
        "history": [_past(store, row) for row in history(store, run.card, run.level, subject_id)],
        "vetoes": [_veto(store, card, row) for row in vetoes_of(store, run.card, run.level, subject_id)],
        "ledger": _ledger(store, card, run, subject_id),
        "listing": {"case": [case["case_id"], case["number"]] if case else None,
                    "units": [[u["id"], u["name"]] for u in units_for(store, subject_id)] if not case else []} if opens else None,
        "measures": _measures(store, run.level, one.subject.code),
        "may_withdraw": acting().role_for(card.roles.decide) is not None,
    }  # fmt: skip


def _measures(store: Store, level: str, code: str) -> Said:
    """Supervisions and interviews of the row's place or company."""
    rows = measures_said(store, level).get(code, [])
    return {"subject": level, "rows": rows, "may": may_measure(), "title": _("督办约谈"), "word": _("开督办或约谈")}


def cases_of_part(store: Store, run_id: int, subject_id: int, part_id: str, which: str) -> Said:
    """The cases of a part's figure, as of the run's instant and as it was known then. Raises NotFound, QuestionError."""
    run, card, one = _opened_row(store, run_id, subject_id)
    part = card.part(part_id)
    if part is None or part.figure is None or which not in COUNTED:
        raise QuestionError("This part is not made of cases.", where=part_id)
    question, place = question_for(store, run, card, part, one)
    if CATALOGUE[part.figure].type in ("count", "rate"):
        which = "numerator"
    found = cases_of(store, question, part.figure, which, place, limit=CASES)
    columns = ("case_id", "external_id", "category", "stage", "judged", "reported_at", "unit")
    return {"total": found.total, "rows": [_case(store, row) for row in found.rows.select(columns).to_pylist()]}


def question_for(store: Store, run: Run, card: Card, part: Part, one: Scored) -> tuple[Question, str]:
    """The question whose answer the part is, and the place it is about."""
    question = asked_question(store, run, card, part)
    if run.level != "company":
        return question, one.subject.code
    return Question("company", question.start, question.end, as_of=question.as_of, published=question.published,
                    figures=question.figures, filters=(Filter("company", (one.subject.code,)),)), one.subject.code  # fmt: skip


def _opened_row(store: Store, run_id: int, subject_id: int) -> tuple[Run, Card, Scored]:
    run = run_of(store, run_id)
    found = items(store, run_id, subject_id)
    if not found:
        raise NotFound("it is not on this list.", where=f"run {run_id}")
    return run, card_of(store, run.digest), found[0]


def _part(card: Card, part: Part, own: PartScore) -> Said:
    group = card.groups.get(part.group or "")
    return {
        "id": part.id, "name": name_of(part.name.zh, part.name.en), "group": name_of(group.name.zh, group.name.en) if group else "",
        "source": source_of(part), "value": value_of(card, part, own), "pair": pair_of(part, own), "percentile": own.percentile,
        "peers_n": own.peers_n, "own_weight": part.weight, "weight": own.weight, "points": own.points,
        "cases": part.figure is not None, "pairs": bool(part.figure and CATALOGUE[part.figure].type not in ("count", "rate")),
    }  # fmt: skip


def _next(card: Card, one: Scored) -> Said | None:
    """What the next higher band by score would take, and where there is room."""
    if one.score is None:
        return None
    above = [band for band in card.bands if band.least is not None and band.least > one.score]
    if not above:
        return {"band": None} if any(band.least is not None for band in card.bands) else None
    band = min(above, key=lambda b: b.least or 0)
    room: list[tuple[str, float]] = [
        (name_of(part.name.zh, part.name.en), round(own.weight - own.points, card.digits))
        for part, own in zip(card.parts, one.parts, strict=True)
        if own.points is not None and own.weight - own.points > 0.05
    ]
    return {
        "band": name_of(band.name.zh, band.name.en), "points": round((band.least or 0) - one.score, card.digits),
        "room": sorted(room, key=lambda pair: -pair[1])[:3], "grant": band.grant,
    }  # fmt: skip


def _past(store: Store, row: dict[str, Any]) -> Said:
    card = card_of(store, row["digest"])
    band = next((b for b in card.bands if b.id == row["band"]), None)
    lists = [rule for rule in card.lists if rule.id in row["lists"]]
    return {
        "run": row["run_id"], "period": row["period"], "state": row["state"], "score": row["score"], "place": row["place"], "of": row["of"],
        "band": [name_of(band.name.zh, band.name.en), band.tone] if band else None,
        "lists": [[name_of(rule.name.zh, rule.name.en), rule.tone] for rule in lists],
    }  # fmt: skip


def _veto(store: Store, card: Card, row: dict[str, Any]) -> Said:
    rule = next((veto for veto in card.vetoes if veto.id == row["kind"]), None)
    return {
        "id": row["veto_id"], "name": name_of(rule.name.zh, rule.name.en) if rule else row["kind"], "day": row["happened_on"].isoformat(),
        "evidence": row["evidence"], "entered": moment(row["entered_at"], store.zone), "gone": row["withdrawn_reason"] or "",
    }  # fmt: skip


def _ledger(store: Store, card: Card, run: Run, subject_id: int) -> Said | None:
    """The entries of the register a card adds up."""
    part = next((part for part in card.parts if part.register_ and part.how == "sum"), None)
    if part is None or part.register_ is None:
        return None
    rows = entries(store, part.register_, run.level, subject_id)
    return {
        "register": part.register_,
        "may": acting().role_for(REGISTER_ROLES) is not None,
        "rows": [
            {
                "id": row["entry_id"], "value": row["value"], "reason": row["reason"], "evidence": row["evidence"],
                "since": row["effective_from"].isoformat(),
                "until": "" if row["effective_to"] == END else row["effective_to"].isoformat(),
                "by": _(ROLE_NAMES[row["by_role"]]) if row["by_role"] in ROLE_NAMES else _(row["actor"]),
                "gone": row["withdrawn_reason"] or "",
            }
            for row in rows
        ],
    }  # fmt: skip


def _case(store: Store, row: dict[str, Any]) -> list[Any]:
    stage, judged = row["stage"] or "", row["judged"] or ""
    return [
        row["case_id"], row["external_id"], row["category"] or "", _(STAGES.get(stage, stage)), _(JUDGED.get(judged, judged)),
        moment(row["reported_at"], store.zone), row["unit"] or "",
    ]  # fmt: skip
