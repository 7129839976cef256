"""The inner loops of the solver, compiled: annealing over moves and swaps of units along the borders of parts.

Why compiled: a plan of 630 parts over 10,822 units needs some hundred million proposed moves, each of which looks at a
handful of neighbours. A proposal takes a border between two parts and moves the unit on one side of it to the part on the
other. Everything it changes is kept incrementally: households, area and perimeter of the two parts, the list of cut
borders, the pieces of the unit's estate. Contiguity is decided by the moved unit's own neighbours: those that stay behind
must hang together among themselves, or else be joined by a walk through their part.

Method: simulated annealing (Kirkpatrick, Gelatt, Vecchi 1983). The random numbers are xorshift64* (Vigna 2016) from the
caller's seed, so that one seed and one step budget give one answer. Arrays are handed to the helpers one by one and not as
the tuples they come in: numba counts references at every look into a tuple, which made the loop three times slower.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Kernel = TypeVar("Kernel", bound=Callable[..., object])
Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Bits = NDArray[np.uint64]
Along = tuple[float, float, int]
Unit = int | np.unsignedinteger[Any]  # unsigned where it counts: numba then leaves out its look for negative places

FOUR_PI = 4.0 * np.pi
WALK = 400  # units looked at before a walk through a part is given up and the move refused
HOPELESS = 16.0  # temperatures a proposal may cost at most: of those, one in nine million would be taken
BLOCK = 1024  # proposals at one temperature
BUSY = BLOCK // 25  # moves in a block above which remembering costs more than it saves
FORGET = 1024  # blocks after which every price is counted anew, for the band's stress rises meanwhile
WEIGHT, AREA, PERIMETER, SIZE = 0, 1, 2, 3  # columns of `unit` and `sums`
FIXED, HOME, ESTATE = 0, 1, 2  # columns of `info`
LEFT, JOINED, CUTS, PRICE = range(4)  # columns of `memo`
ALONG, WHOLE = 0, 1  # columns of `age`: of what is along the unit's borders, of the price
ROUND, CUT, BORDER, BAND, LOW, HIGH, SHARE, PIECE, MOVED = range(9)  # entries of `stress`


class Net(NamedTuple):
    """What does not change: units 0..n-1 and the borders 0..m-1 between them; each unit's neighbours in rows of 2m entries.

    start[n+1]: a unit's row; link[2m, 2]: neighbour, border; length[2m]: metres; near[2m]: bit j of a row's entry i says
    that neighbours i and j touch each other; ends[m, 2]: a border's units; unit[n, 3]: households, area in m2, perimeter
    in m; info[n, 3]: fixed 0 or 1, part now or -1, estate or -1; members[estate_start[e]:estate_start[e+1]]: an estate's
    units.
    """

    start: Ints
    link: Ints
    length: Floats
    near: Bits
    ends: Ints
    unit: Floats
    info: Ints
    estate_start: Ints
    members: Ints


class State(NamedTuple):
    """What moves: part[n]; sums[k, 4] of each part: households, area, perimeter, units; cut[:tally[0]]: the borders
    between parts; place[m]: where a border stands in `cut`, or -1; mark[n], queue[n], tally[1]: for walks; chance[1]:
    the state of the random numbers.

    What was found out about a border's two moves is remembered, a row each: memo[2m, 4] metres left and joined, borders
    cut, price; age[2m, 2] when. It holds while nothing happened since: stir[n], when a unit or a neighbour of it moved;
    turn[k], when a part changed; tally[2] counts the moves."""

    part: Ints
    sums: Floats
    cut: Ints
    place: Ints
    mark: Ints
    queue: Ints
    tally: Longs
    chance: Bits
    memo: Singles
    age: Ints
    stir: Ints
    turn: Ints


# _nrt=False: nothing is allocated in here, so references need not be counted; a third of the time.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}


def compiled(function: Kernel) -> Kernel:
    """The function compiled without the interpreter's lock; cached beside the source or in the user's cache folder."""
    try:
        return cast(Kernel, numba.njit(cache=True, **OPTIONS)(function))
    except RuntimeError:  # neither folder can be written: compiled at each start
        return cast(Kernel, numba.njit(**OPTIONS)(function))


@compiled
def draw(chance: Bits) -> float:
    """A number in [0, 1)."""
    x = chance[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    chance[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def roundness(area: float, perimeter: float) -> float:
    """Polsby-Popper: 4 pi area / perimeter squared."""
    return FOUR_PI * area / (perimeter * perimeter)


@compiled
def outside(weight: float, low: float, high: float, share: float) -> float:
    """How bad a part's households are: 0 in the band; outside, a half plus the distance, `share` a household."""
    away = max(low - weight, weight - high)
    return 0.5 + away * share if away > 0.0 else 0.0


@compiled
def walk_joins(u: Unit, start: Ints, link: Ints, part: Ints, mark: Ints, queue: Ints, tally: Longs) -> bool:
    """Whether the neighbours u leaves behind are joined by a walk through their part, at most WALK units long."""
    mine = part[u]
    tally[1] += 1
    stamp = tally[1]
    mark[u] = stamp
    wanted, begin = 0, -1
    for i in range(start[u], start[u + 1]):
        if part[link[i, 0]] == mine:
            wanted += 1
            begin = link[i, 0]
    if wanted == 0:
        return False
    queue[0] = begin
    mark[begin] = stamp
    head, tail = 0, 1
    wanted -= 1
    while head < tail and wanted > 0 and head < WALK:
        x = queue[head]
        head += 1
        for i in range(start[x], start[x + 1]):
            y = link[i, 0]
            if part[y] == mine and mark[y] != stamp:
                mark[y] = stamp
                queue[tail] = y
                tail += 1
                for j in range(start[u], start[u + 1]):
                    if link[j, 0] == y:
                        wanted -= 1
                        break
    return wanted == 0


@compiled
def keeps_together(
    u: Unit, start: Ints, link: Ints, near: Bits, part: Ints, mark: Ints, queue: Ints, tally: Longs
) -> bool:
    """Whether u's part stays in one piece, and keeps a unit, without u."""
    mine, first, last = part[u], start[u], start[u + 1]
    if last - first <= 64:
        stay = np.uint64(0)
        for i in range(first, last):
            if part[link[i, 0]] == mine:
                stay |= np.uint64(1) << np.uint64(i - first)
        if stay == np.uint64(0):
            return False
        seen = stay & (~stay + np.uint64(1))
        grown = True
        while grown:
            before = seen
            for i in range(first, last):
                if (seen >> np.uint64(i - first)) & np.uint64(1):
                    seen |= near[i] & stay
            grown = seen != before
        if seen == stay:
            return True
    return walk_joins(u, start, link, part, mark, queue, tally)


@compiled
def pieces_gained(u: Unit, goal: Unit, estate: int, part: Ints, estate_start: Ints, members: Ints) -> int:
    """By how many more parts u's estate is held once u moves to `goal`: -1, 0 or 1."""
    mine, there, behind = part[u], False, False
    for i in range(estate_start[estate], estate_start[estate + 1]):
        v = members[i]
        if v != u:
            behind |= part[v] == mine
            there |= part[v] == goal
    return int(behind) - int(there)


@compiled
def along(u: Unit, mine: Unit, goal: Unit, start: Ints, link: Ints, length: Floats, part: Ints) -> Along:
    """How far u's borders run along its part and along `goal`, and how many more are cut if u moves there."""
    left, joined, cuts = 0.0, 0.0, 0
    for i in range(np.uint64(start[u]), np.uint64(start[u + 1])):
        p = part[np.uint32(link[i, 0])]
        here, there = p == mine, p == goal
        left += length[i] * here
        joined += length[i] * there
        cuts += int(here) - int(there)
    return left, joined, cuts


@compiled
def change(
    u: Unit, mine: Unit, goal: Unit, left: float, joined: float, cuts: int, unit: Floats, sums: Floats, stress: Floats
) -> float:
    """The change of roundness, borders and band if u moves to `goal`; infinite where its part would be left empty."""
    if sums[mine, SIZE] < 2.0:
        return np.inf
    w, a, r = unit[u, WEIGHT], unit[u, AREA], unit[u, PERIMETER]
    low, high, share = stress[LOW], stress[HIGH], stress[SHARE]
    total = stress[ROUND] * (
        roundness(sums[mine, AREA], sums[mine, PERIMETER])
        + roundness(sums[goal, AREA], sums[goal, PERIMETER])
        - roundness(sums[mine, AREA] - a, sums[mine, PERIMETER] - r + 2.0 * left)
        - roundness(sums[goal, AREA] + a, sums[goal, PERIMETER] + r - 2.0 * joined)
    )
    band = (
        outside(sums[mine, WEIGHT] - w, low, high, share)
        - outside(sums[mine, WEIGHT], low, high, share)
        + outside(sums[goal, WEIGHT] + w, low, high, share)
        - outside(sums[goal, WEIGHT], low, high, share)
    )
    return float(total + stress[CUT] * cuts + stress[BORDER] * (left - joined) + stress[BAND] * band)


@compiled
def kept(
    u: Unit, goal: Unit, unit: Floats, info: Ints, part: Ints, estate_start: Ints, members: Ints, stress: Floats
) -> float:
    """The change of split estates and moved households if u moves to `goal`."""
    total = 0.0
    if info[u, ESTATE] >= 0:
        total += stress[PIECE] * pieces_gained(u, goal, info[u, ESTATE], part, estate_start, members)
    if info[u, HOME] >= 0:
        total += stress[MOVED] * unit[u, WEIGHT] * (int(info[u, HOME] == part[u]) - int(info[u, HOME] == goal))
    return total


@compiled
def price(
    row: Unit, u: Unit, goal: Unit, start: Ints, link: Ints, length: Floats, unit: Floats, info: Ints,
    estate_start: Ints, members: Ints, part: Ints, sums: Floats, tally: Longs, memo: Singles, age: Ints, stir: Ints,
    stress: Floats,
) -> float:  # fmt: skip
    """What u's move to `goal` costs, counted and remembered; infinite for what cannot be."""
    mine = np.uint32(part[u])
    if age[row, ALONG] >= stir[u]:
        left, joined, cuts = float(memo[row, LEFT]), float(memo[row, JOINED]), int(memo[row, CUTS])
    else:
        left, joined, cuts = along(u, mine, goal, start, link, length, part)
        memo[row, LEFT], memo[row, JOINED], memo[row, CUTS] = left, joined, cuts
        age[row, ALONG] = tally[2]
    worse = np.inf
    if not info[u, FIXED]:
        worse = change(u, mine, goal, left, joined, cuts, unit, sums, stress)
        worse += kept(u, goal, unit, info, part, estate_start, members, stress)
    memo[row, PRICE] = worse
    age[row, WHOLE] = tally[2]
    return worse


@compiled
def put(
    u: Unit, goal: Unit, start: Ints, link: Ints, length: Floats, unit: Floats,
    part: Ints, sums: Floats, cut: Ints, place: Ints, tally: Longs, stir: Ints, turn: Ints,
) -> None:  # fmt: skip
    """Move u to `goal`; the sums and the list of cut borders follow."""
    mine = part[u]
    left = joined = 0.0
    tally[2] += 1
    now = tally[2]
    stir[u] = turn[mine] = turn[goal] = now
    for i in range(start[u], start[u + 1]):
        stir[link[i, 0]] = now
        p, e = part[link[i, 0]], link[i, 1]
        if p == mine:
            left += length[i]
            cut[tally[0]] = e
            place[e] = tally[0]
            tally[0] += 1
        elif p == goal:
            joined += length[i]
            tally[0] -= 1
            last = cut[tally[0]]
            cut[place[e]] = last
            place[last] = place[e]
            place[e] = -1
    w, a, r = unit[u, WEIGHT], unit[u, AREA], unit[u, PERIMETER]
    sums[mine, WEIGHT] -= w
    sums[mine, AREA] -= a
    sums[mine, PERIMETER] += 2.0 * left - r
    sums[mine, SIZE] -= 1.0
    sums[goal, WEIGHT] += w
    sums[goal, AREA] += a
    sums[goal, PERIMETER] += r - 2.0 * joined
    sums[goal, SIZE] += 1.0
    part[u] = goal


@compiled
def most(worse: float, warm: float, swaps: float, chance: Bits) -> float:
    """The most a move may cost by Metropolis's rule; 0 where it surely costs more, which saves most logarithms."""
    if worse <= 0.0 or worse == np.inf or (swaps == 0.0 and worse >= HOPELESS * warm):
        return 0.0
    luck = 1.0 - draw(chance)
    if swaps == 0.0 and worse * luck > warm * (1.0 - luck):  # for -log(x) <= (1 - x) / x
        return 0.0
    return float(-warm * np.log(luck))


@compiled
def exchange(
    v: Unit, goal: Unit, row: Unit, worse: float, limit: float, start: Ints, link: Ints, length: Floats, near: Bits,
    unit: Floats, info: Ints, estate_start: Ints, members: Ints, part: Ints, sums: Floats, cut: Ints, place: Ints,
    mark: Ints, queue: Ints, tally: Longs, memo: Singles, age: Ints, stir: Ints, turn: Ints, stress: Floats,
) -> bool:  # fmt: skip
    """Move v to `goal`, from where a unit has just come at the cost `worse`, if both together cost no more than `limit`."""
    worse += price(
        row, v, goal, start, link, length, unit, info, estate_start, members, part, sums, tally, memo, age, stir, stress
    )
    if memo[row, JOINED] == 0.0 or worse > limit:
        return False
    if not keeps_together(v, start, link, near, part, mark, queue, tally):
        return False
    put(v, goal, start, link, length, unit, part, sums, cut, place, tally, stir, turn)
    return True


@compiled
def forget(tally: Longs, turn: Ints) -> None:
    """No price that was remembered holds any longer."""
    tally[2] += 1
    for p in range(len(turn)):
        turn[p] = tally[2]


@compiled
def anneal(
    net: Net, state: State, stress: Floats, heat: float, cold: float, rise: float, swaps: float, steps: int
) -> int:
    """Propose `steps` moves while the temperature falls from `heat` to `cold` and the band's stress grows `rise`-fold.

    stress: what a unit of each costs: ROUND of Polsby-Popper lost, CUT border, metre of BORDER, BAND of a part outside
    LOW to HIGH households, SHARE of it a household away, PIECE of an estate, household MOVED. swaps: the share of the
    refused proposals tried again as an exchange of the border's two units. Returns how many were accepted.
    """
    start, link, length, near, ends, unit, info, estate_start, members = net
    part, sums, cut, place, mark, queue, tally, chance, memo, age, stir, turn = state
    taken, before, busy, warm, blocks = 0, 0, False, heat, steps // BLOCK + 1
    falls, grows = (cold / heat) ** (1.0 / blocks), rise ** (1.0 / blocks)
    for step in range(steps):
        if step % BLOCK == BLOCK - 1:
            warm *= falls
            stress[BAND] *= grows
            busy = taken - before > BUSY
            before = taken
        if step % (BLOCK * FORGET) == 0:
            forget(tally, turn)
        if tally[0] == 0:
            break
        x = draw(chance) * tally[0]
        e = np.uint32(cut[np.uint32(x)])
        side = np.uint32(x - np.floor(x) < 0.5)
        u, v = np.uint32(ends[e, side]), np.uint32(ends[e, np.uint32(1) - side])
        mine, goal = np.uint32(part[u]), np.uint32(part[v])
        row = np.uint32(2) * e + side
        if age[row, WHOLE] >= turn[mine] and age[row, WHOLE] >= turn[goal]:
            worse = float(memo[row, PRICE])
        elif busy and not info[u, FIXED]:
            left, joined, cuts = along(u, mine, goal, start, link, length, part)
            worse = change(u, mine, goal, left, joined, cuts, unit, sums, stress)
            worse += kept(u, goal, unit, info, part, estate_start, members, stress)
        else:
            worse = price(
                row, u, goal, start, link, length, unit, info, estate_start, members, part, sums, tally, memo, age,
                stir, stress,
            )  # fmt: skip
        limit = most(worse, warm, swaps, chance)
        if worse > limit and (swaps == 0.0 or worse == np.inf or info[v, FIXED] or draw(chance) >= swaps):
            continue
        if not keeps_together(u, start, link, near, part, mark, queue, tally):
            memo[row, PRICE] = np.inf
            continue
        put(u, goal, start, link, length, unit, part, sums, cut, place, tally, stir, turn)
        if worse <= limit or exchange(
            v, mine, row + np.uint32(1) - np.uint32(2) * side, worse, limit, start, link, length, near, unit, info,
            estate_start, members, part, sums, cut, place, mark, queue, tally, memo, age, stir, turn, stress,
        ):  # fmt: skip
            taken += 1
        else:
            put(u, mine, start, link, length, unit, part, sums, cut, place, tally, stir, turn)
    return taken
