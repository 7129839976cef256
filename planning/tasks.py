"""A district cut into what can be solved on its own: each community, and each piece of one, with its number of parts.

Nothing passes a community's wall, so the pieces are independent: they can be solved one after another or side by side and
give the same plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.errors import InputError
from planning.graph import Graph, walled
from planning.rules import Rules
from planning.units import NONE, Units, some

Parts = NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """One connected set of units: `nodes` of the district, their units and borders, how many parts, and the band."""

    nodes: NDArray[np.int64]
    units: Units
    graph: Graph
    parts: int
    low: float
    high: float


@dataclass(frozen=True)
class Division:
    """The tasks, and the parts that are settled before: dedicated grids and units too heavy for any part."""

    tasks: list[Task]
    settled: Parts  # [n]: a number from 0 where the unit is settled, else -1
    low: float
    high: float


def divided(units: Units, graph: Graph, rules: Rules, *, fresh: bool) -> Division:
    """The tasks of a district. InputError: nothing to divide, a disconnected community, a target above a community's total."""
    if graph.n != len(units):
        raise InputError(
            f"The graph has {graph.n} units, the list {len(units)}.", todo="Make both from the same cells."
        )
    settled = apart(units, rules, fresh=fresh)
    free = settled == NONE
    if not free.any() or not units.weight[free].sum():
        raise InputError("No households are left to divide.", todo="Check the counts and the dedicated grids.")
    inner = walled(graph, units)
    inner = inner.keep(free[inner.tail] & free[inner.head])
    if rules.disconnected == "refuse":
        check_connected(units, graph)
    _, piece = inner.pieces()
    groups = [nodes for nodes in grouped(piece) if free[nodes[0]]]
    shares = numbers(units, rules, groups, fresh=fresh)
    low, high = rules.limits(float(units.weight[free].sum()), sum(shares))
    check_totals(units, rules, groups, low)
    tasks = [
        Task(nodes, units.only(nodes), inner.only(nodes), k, low, high) for nodes, k in zip(groups, shares, strict=True)
    ]
    return Division(tasks, settled, low, high)


def grouped(piece: NDArray[np.int32]) -> list[NDArray[np.int64]]:
    """The units of each piece, ascending; pieces by their first unit."""
    order = np.argsort(piece, kind="stable")
    cuts = np.flatnonzero(np.diff(piece[order])) + 1
    return sorted(np.split(order.astype(np.int64), cuts), key=lambda nodes: int(nodes[0]))


def apart(units: Units, rules: Rules, *, fresh: bool) -> Parts:
    """[n]: the number of a settled part. Dedicated grids; in a fresh plan also locked units, by their current part, and each
    unit heavier than any part may be."""
    settled = np.full(len(units), NONE, np.int64)
    inside = units.dedicated >= 0
    _, settled[inside] = np.unique(units.dedicated[inside], return_inverse=True)
    if fresh:
        held = units.locked & ~inside
        settled[held] = settled.max() + 1 + np.unique(units.current[held], return_inverse=True)[1]
        inside |= held
        most = max(1.1 * rules.target, rules.band[1] if rules.band else 0.0)
        alone = np.flatnonzero((units.weight > most) & ~inside)
        settled[alone] = settled.max() + 1 + np.arange(len(alone))
    return settled


def numbers(units: Units, rules: Rules, groups: list[NDArray[np.int64]], *, fresh: bool) -> list[int]:
    """How many parts each group gets: as asked, as now while that fits the target, else households / target."""
    loads = np.array([units.weight[nodes].sum() for nodes in groups], np.float64)
    if rules.parts is not None:
        return dealt(loads, np.array([len(nodes) for nodes in groups]), rules.parts)
    return [
        fitting(
            float(load),
            rules,
            0 if fresh else len(np.unique(units.current[nodes][units.current[nodes] >= 0])),
            len(nodes),
        )
        for load, nodes in zip(loads, groups, strict=True)
    ]


def fitting(load: float, rules: Rules, now: int, most: int) -> int:
    """The number of parts whose mean is nearest the target; `now` stays while its mean is within the tolerance."""
    if now and abs(load / now - rules.target) <= rules.tolerance * rules.target:
        return now
    few = max(1, int(load // rules.target))
    best = min((few, few + 1), key=lambda k: abs(load / k - rules.target))
    return min(best, most)


def dealt(loads: NDArray[np.float64], most: NDArray[np.int64], parts: int) -> list[int]:
    """`parts` dealt out by households (largest remainder), at least one each. InputError where there are fewer than groups."""
    if parts < len(loads) or parts > most.sum():
        raise InputError(
            f"{parts} parts cannot be drawn in {len(loads)} communities of {int(most.sum())} units.",
            where="parts",
            todo="Ask for another number.",
        )
    exact = loads / loads.sum() * parts
    given = np.clip(np.floor(exact).astype(np.int64), 1, most)
    while (short := parts - int(given.sum())) != 0:
        able = given < most if short > 0 else given > 1
        gap = np.where(able, (exact - given) * np.sign(short), -np.inf)
        given[int(np.argmax(gap))] += np.sign(short)
    return [int(k) for k in given]


def check_connected(units: Units, graph: Graph) -> None:
    """InputError where a community is not in one piece (its dedicated grids included)."""
    same = units.community[graph.tail] == units.community[graph.head]
    _, piece = graph.pieces(same)
    for community in np.unique(units.community):
        inside = np.flatnonzero(units.community == community)
        found, size = np.unique(piece[inside], return_counts=True)
        if len(found) > 1:
            lost = inside[piece[inside] != found[np.argmax(size)]]
            raise InputError(
                f"Community {community} is in {len(found)} pieces that share no border.",
                where=f"units {some(units.name[lost])}",
                todo="Close the gaps between its cells, or have the pieces drawn apart.",
            )


def check_totals(units: Units, rules: Rules, groups: list[NDArray[np.int64]], low: float) -> None:
    """InputError where a community has fewer households left to divide than one part needs."""
    free = np.sort(np.concatenate(groups))
    for community in np.unique(units.community[free]) if rules.small == "refuse" else []:
        nodes = free[units.community[free] == community]
        load = int(units.weight[nodes].sum())
        if load < low:
            raise InputError(
                f"The target of {rules.target:g} households is above the {load} of community {community}.",
                where=f"units {some(units.name[nodes])}",
                todo="Lower the target, or let small communities be one part.",
            )
