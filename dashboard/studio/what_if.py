"""What if: the last twelve months scored on a draft, grid by grid, and the households that would change their grid.

Events are counted in the cell their point lies in, so the same events are scored on both plans; those without a point are in
neither. Ranks are by the share of decided events that were closed by their deadline, the best first; equal shares share a rank.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.languages import _
from dashboard.studio.sheets import Board, board, drawn
from dashboard.studio.words import REASONS
from data.drafts import draft, drawing
from data.place_names import latest_names
from data.store import Store
from planning.moves import moves
from planning.units import NONE

Said = dict[str, Any]
LEAST = 10  # decided events a grid needs for a rank


def tried(store: Store, draft_id: int) -> Said:
    """Each grid's figures on both plans, the moves, and the whole in sentences."""
    now = drawing(store, draft_id)
    one, rules = board(store, now.cells), draft(store, draft_id).rules
    after, before = scored(one, now.grid), scored(one, now.cells.grid)
    found = moves(drawn(one, now), rules)
    households = now.cells.households
    estates = latest_names(store, set(now.cells.estate[now.cells.estate != NONE].tolist()))
    rows = []
    for move in found:
        for cell in move.cells.tolist():
            home = " ".join(filter(None, (estates.get(int(now.cells.estate[cell]), ""), now.cells.name[cell])))
            rows.append(
                [home, int(households[cell]), move.was, move.now, reason(move.kind, move.value), now.cells.code[cell]]
            )
    turns = turned(before, after)
    for label, turn in turns.items():
        after[label]["turn"] = turn
    better, worse = sum(turn > 0 for turn in turns.values()), sum(turn < 0 for turn in turns.values())
    return {
        "seq": now.seq,
        "grids": after,
        "before": before,
        "moved": rows,
        "said": sentences(
            len(rows), int(sum(row[1] for row in rows)), int(households.sum()), after, before, (better, worse)
        ),
    }


def scored(one: Board, grid: NDArray[np.int64]) -> dict[int, Said]:
    """Grid → events, per hundred households, share on time, rank; the grids of homes."""
    label, number = np.unique(grid, return_inverse=True)
    events, decided, on_time = (np.bincount(number, column) for column in vars(one.cases).values())
    load = np.bincount(number, one.cells.households)
    share = np.divide(on_time, decided, out=np.full(len(label), np.nan), where=decided >= LEAST)
    known = np.sort(share[~np.isnan(share)])
    found = {}
    for i, grid_label in enumerate(label.tolist()):
        if grid_label in one.dedicated:
            continue
        rank = None if np.isnan(share[i]) else int(len(known) - np.searchsorted(known, share[i], side="right")) + 1
        found[grid_label] = {
            "events": int(events[i]),
            "per_100": None if not load[i] else round(100 * events[i] / load[i], 1),
            "on_time": None if rank is None else round(float(share[i]), 4),
            "rank": rank,
        }
    return found


def turned(before: dict[int, Said], after: dict[int, Said]) -> dict[int, int]:
    """Places gained among the grids that both plans have and rank: new grids push nobody down."""
    both = [label for label in after if label in before and after[label]["rank"] and before[label]["rank"]]

    def places(found: dict[int, Said]) -> NDArray[np.int64]:
        share = np.array([found[label]["on_time"] for label in both])
        return len(both) - np.searchsorted(np.sort(share), share, side="right") + 1

    if not both:
        return {}
    gained = (places(before) - places(after)).tolist()
    return dict(zip(both, gained, strict=True))


def reason(kind: str, value: int) -> str:
    """Why, in words."""
    return _(REASONS[kind]).format(n=f"{value:,}")


def sentences(
    buildings: int,
    households: int,
    whole: int,
    after: dict[int, Said],
    before: dict[int, Said],
    turned: tuple[int, int],
) -> list[str]:
    """The whole in a few sentences."""
    if not buildings:
        return [_("草案与现行方案相同，没有住户换网格。")]
    made, gone = len(set(after) - set(before)), len(set(before) - set(after))
    return [
        _("{n} 户（{share}%）、{b} 栋楼或单元换网格。").format(
            n=f"{households:,}", share=f"{100 * households / max(1, whole):.1f}", b=f"{buildings:,}"
        ),
        _("新增 {made} 个网格，撤销 {gone} 个。").format(made=made, gone=gone),
        _("按过去十二个月的事件重算按期办结率：{up} 个网格名次上升，{down} 个下降。").format(
            up=turned[0], down=turned[1]
        ),
    ]
