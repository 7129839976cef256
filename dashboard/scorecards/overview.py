"""All runs by scorecard and period, and what may be drafted."""

from __future__ import annotations

from typing import Any

from dashboard.formats import moment, name_of
from dashboard.languages import _
from dashboard.one_map.rail import level_name
from dashboard.scorecards.words import STATES, UNITS
from data.acting import acting
from data.score_periods import latest
from data.score_rows import Run, card_of, cards, runs, tallies
from data.scorecards import Card
from data.store import Store

Said = dict[str, Any]
OFFERED = 6  # periods to choose from, the running one first


def overview(store: Store) -> Said:
    """The cards with their periods, and every run that was not withdrawn."""
    counts, found = tallies(store), runs(store)
    return {
        "cards": [
            card_said(store, card)
            for card in sorted((one for one, _digest in cards(store).values()), key=lambda one: one.order)
        ],
        "runs": [
            run_row(store, run, counts.get(run.run_id, {"n": 0, "ranked": 0, "lists": {}, "bands": {}}))
            for run in found
        ],
    }


def card_said(store: Store, card: Card) -> Said:
    """A card as the form that drafts a run needs it."""
    return {
        "id": card.id,
        "name": name_of(card.name.zh, card.name.en),
        "unit": _(UNITS[card.period]),
        "levels": [[level, level_name(level)] for level in card.levels],
        "periods": latest(card.period, store.now(), store.zone, OFFERED),
        "may": acting().role_for(card.roles.draft) is not None,
    }


def run_row(store: Store, run: Run, counted: Said) -> Said:
    """A run in the list of all."""
    card = card_of(store, run.digest)
    lists = [[name_of(r.name.zh, r.name.en), r.tone, counted["lists"].get(r.id, 0)] for r in card.lists]
    bands = [[name_of(b.name.zh, b.name.en), b.tone, counted["bands"].get(b.id, 0)] for b in card.bands]
    return {
        "id": run.run_id,
        "card": run.card,
        "level": level_name(run.level),
        "period": run.period,
        "state": run.state,
        "state_word": _(STATES[run.state]),
        "counted": moment(run.counted_at, store.zone),
        "until": moment(run.publicity_until, store.zone) if run.state == "publicity" else "",
        "n": counted["n"],
        "ranked": counted["ranked"],
        "weighty": any(part.weight for part in card.parts),
        "counts": lists or bands,
    }
