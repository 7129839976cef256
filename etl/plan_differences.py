"""What two plans do differently: for every part what it holds before and after, and how many households change their part.

The same code on both sides is the same part. A part of the second plan with a new code goes on from the old part that gives
it most households, unless that one goes on elsewhere with more; who comes from anywhere else has moved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

NOBODY = -1
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Change:
    """One part of either plan: its code before and after ("" where it is not there), households before and after, gained
    from other parts and lost to them."""

    before_code: str
    after_code: str
    before: int
    after: int
    gained: int
    lost: int


@dataclass(frozen=True)
class Difference:
    """The parts that differ, most moved households first; moved: households in all that change their part; households:
    all that lie in both plans; same: parts that hold the same homes; origin: [after] the part before that each goes on from, or
    NOBODY; leaves: [homes] whether it lies in both plans and changes its part."""

    changes: list[Change]
    moved: int
    households: int
    same: int
    origin: Counts
    leaves: NDArray[np.bool_]


def holders(shapes: NDArray[np.object_], homes: NDArray[np.object_]) -> Counts:
    """[homes] the index of the shape that holds each home, or NOBODY; of several the first."""
    owner = np.full(len(homes), NOBODY, np.int64)
    home, shape = shapely.STRtree(shapes).query(homes, predicate="intersects")
    order = np.lexsort((shape, home))
    found, first = np.unique(home[order], return_index=True)
    owner[found] = shape[order][first]
    return owner


def compared(
    before: NDArray[np.str_], after: NDArray[np.str_], old: Counts, new: Counts, households: Counts
) -> Difference:
    """before, after: the codes of the parts; old, new: each home's part in either, or NOBODY; households: of each home."""
    here = (old != NOBODY) & (new != NOBODY)
    flows = np.zeros((len(before), len(after)), np.int64)
    np.add.at(flows, (old[here], new[here]), households[here])
    origin = successors(before, after, flows)
    stays = here.copy()
    stays[here] = origin[new[here]] == old[here]
    changes = [_change(i, before, after, origin, old, new, households) for i in range(len(after))]
    heirs = set(origin.tolist())
    for p in range(len(before)):
        if p not in heirs:
            load = int(households[old == p].sum())
            changes.append(Change(str(before[p]), "", load, 0, 0, load))
    told = [one for one in changes if one.gained or one.lost or one.before_code != one.after_code]
    told.sort(key=lambda one: (-(one.gained + one.lost), one.after_code or one.before_code))
    total = int(households[here].sum())
    moved = total - int(households[here & stays].sum())
    return Difference(told, moved, total, len(changes) - len(told), origin, here & ~stays)


def successors(before: NDArray[np.str_], after: NDArray[np.str_], flows: Counts) -> Counts:
    """[after] the part before that each goes on from, or NOBODY; no part goes on twice."""
    origin = np.full(len(after), NOBODY, np.int64)
    place = {str(code): i for i, code in enumerate(before)}
    for j, code in enumerate(after):
        origin[j] = place.get(str(code), NOBODY)
    taken = set(origin.tolist()) - {NOBODY}
    old, new = np.nonzero(flows)
    for k in np.lexsort((new, old, -flows[old, new])):
        if origin[new[k]] == NOBODY and int(old[k]) not in taken:
            origin[new[k]] = old[k]
            taken.add(int(old[k]))
    return origin


def _change(
    i: int,
    before: NDArray[np.str_],
    after: NDArray[np.str_],
    origin: Counts,
    old: Counts,
    new: Counts,
    households: Counts,
) -> Change:
    now, then = new == i, old == origin[i] if origin[i] != NOBODY else np.zeros(len(old), np.bool_)
    code = str(before[origin[i]]) if origin[i] != NOBODY else ""
    return Change(
        code, str(after[i]), int(households[then].sum()), int(households[now].sum()),
        int(households[now & ~then].sum()), int(households[then & ~now].sum()),
    )  # fmt: skip
