"""Lanes of the demo's villages, joined: each leads to the next village or to a road, and none ends in a field.

Every village is drawn beside a lane that crosses its piece of country from wall to wall. Here lanes become the tree of
shortest links (Kruskal's) that hangs on the roads of the towns, not across the river and rather not through a
village, and what of a lane leads nowhere is cut off behind the houses.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.ops import substring

from etl.demo_cells import Point

FAR = 2600.0  # metres between lanes that may be linked
BEHIND = 45.0  # metres a lane goes on behind its village
THROUGH = 3.0  # a link through a village counts as this many times its length
BEND, MOST = 0.09, 55.0  # how far a link leaves the straight line: a share of its length, and in metres

Lines = npt.NDArray[Any]


@dataclass(frozen=True)
class Link:
    """A straight connection between two lanes, or of a lane with a road (`to` is then -1)."""

    lane: int
    to: int
    line: shapely.LineString
    cost: float


def joined(lanes: Lines, villages: Lines, roads: Lines, river: float) -> Iterator[tuple[int, list[Point]]]:
    """(lane, points) of all stretches: every lane as far as it is needed, then the links, under the lane they begin at.

    lanes, villages: a line and the polygon beside it for each village; roads: what they may join.
    """
    links = list(_tree(len(lanes), _links(lanes, villages, roads, river)))
    ends: dict[int, list[Point]] = {}
    for link in links:
        start, end = link.line.coords
        ends.setdefault(link.lane, []).append(start)
        ends.setdefault(link.to, []).append(end)
    for number, lane in enumerate(lanes):
        yield number, _needed(lane, villages[number], ends.get(number, ()))
    for number, link in enumerate(links):
        if link.line.length > 1:
            yield link.lane, list(_bent(link.line, -1 if number % 2 else 1))


def _links(lanes: Lines, villages: Lines, roads: Lines, river: float) -> Iterator[Link]:
    """Every lane with the roads, and with the lanes around it."""
    houses = shapely.STRtree(shapely.buffer(villages, -5.0))
    network = shapely.union_all(roads)
    near, far = shapely.STRtree(lanes).query(lanes, "dwithin", FAR)
    pairs = [(int(a), int(b)) for a, b in zip(near, far, strict=True) if a < b]
    for lane, to in [*((number, -1) for number in range(len(lanes))), *pairs]:
        line = shapely.shortest_line(lanes[lane], lanes[to] if to >= 0 else network)
        (_, south), (_, north) = line.coords
        if (south - river) * (north - river) > 0:
            through = len(houses.query(line, "intersects"))
            yield Link(lane, to, line, line.length * THROUGH**through)


def _tree(count: int, links: Iterable[Link]) -> Iterator[Link]:
    """The cheapest links that join all lanes with the roads; a lane and the roads are rows and -1."""
    root = list(range(count + 1))

    def top(at: int) -> int:
        while root[at] != at:
            root[at] = at = root[root[at]]
        return at

    for link in sorted(links, key=lambda one: (one.cost, one.lane, one.to)):
        one, other = top(link.lane), top(link.to % (count + 1))
        if one != other:
            root[one] = other
            yield link


def _needed(lane: shapely.LineString, village: shapely.Polygon, ends: Sequence[Point]) -> list[Point]:
    """The part of a lane from behind the houses, or from where a link leaves it, to the same on the other side."""
    houses = [lane.project(shapely.Point(corner)) for corner in village.exterior.coords]
    others = [lane.project(shapely.Point(end)) for end in ends]
    first, last = min([min(houses) - BEHIND, *others]), max([max(houses) + BEHIND, *others])
    return list(substring(lane, max(0.0, first), min(lane.length, last)).coords)


def _bent(line: shapely.LineString, side: int) -> Iterator[Point]:
    """A link as a slight bow."""
    (ax, ay), (bx, by) = line.coords
    away = side * min(MOST, BEND * line.length) / line.length
    for step in np.linspace(0.0, 1.0, 2 + int(line.length // 80)):
        bow = away * math.sin(math.pi * step)
        yield float(ax + (bx - ax) * step - (by - ay) * bow), float(ay + (by - ay) * step + (bx - ax) * bow)
