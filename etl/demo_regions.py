"""Regions grown by merging: the lightest joins the neighbour it shares most border with, until there are as many as wanted.

What separates (a river, an arterial) is said by the scores of the borders: a shared edge across it counts for less.
Every region stays in one piece, because only neighbours join.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def merge(
    weights: Floats,
    pairs: Integers,
    scores: Floats,
    count: int,
    *,
    most: float = float("inf"),
    even: float = 0.6,
    done: Callable[[float], bool] = lambda _weight: False,
) -> Integers:
    """The region (0 … n - 1, in order of first member) of every node; n = count if the borders allow it.

    most: a sum above which joining is a last resort; done(weight): a region that need not join others by itself;
    even: how much a light neighbour is preferred to one with a long shared border.
    """
    regions = Regions(weights, pairs, scores, even)
    regions.shrink(count, most, done)
    regions.shrink(count, float("inf"), lambda _weight: False)
    return regions.labels()


class Regions:
    """Nodes that are being merged; `near[i]` are i's neighbours with the score of the border."""

    def __init__(self, weights: Floats, pairs: Integers, scores: Floats, even: float) -> None:
        self.even = even
        self.weight = [float(w) for w in weights]
        self.into = list(range(len(self.weight)))
        self.near: list[dict[int, float]] = [{} for _ in self.weight]
        self.left = len(self.weight)
        for (a, b), score in zip(pairs.tolist(), scores.tolist(), strict=True):
            if a != b:
                self.near[a][b] = self.near[b][a] = self.near[a].get(b, 0.0) + score

    def shrink(self, count: int, most: float, done: Callable[[float], bool]) -> None:
        """Join until `count` are left or nobody can."""
        heap = [(w, i) for i, w in enumerate(self.weight) if self.into[i] == i]
        heapq.heapify(heap)
        while self.left > count and heap:
            weight, i = heapq.heappop(heap)
            if self.into[i] != i or weight != self.weight[i] or (weight > 0 and done(weight)):
                continue
            best = self._best(i, most)
            if best is None:
                continue
            self.join(best, i)
            heapq.heappush(heap, (self.weight[best], best))

    def _best(self, i: int, most: float) -> int | None:
        found, best = -1.0, None
        for j, score in self.near[i].items():
            total = self.weight[i] + self.weight[j]
            if total > most:
                continue
            value = score / (total + 1.0) ** self.even
            if value > found or (value == found and best is not None and j < best):
                found, best = value, j
        return best

    def join(self, keep: int, gone: int) -> None:
        """Make one region of two neighbours."""
        self.into[gone] = keep
        self.weight[keep] += self.weight[gone]
        for j, score in self.near[gone].items():
            del self.near[j][gone]
            if j != keep:
                self.near[keep][j] = self.near[j][keep] = self.near[keep].get(j, 0.0) + score
        self.near[gone] = {}
        self.left -= 1

    def labels(self) -> Integers:
        """The region of every node, numbered in order of first member."""
        roots = [self._root(i) for i in range(len(self.into))]
        number = {root: n for n, root in enumerate(dict.fromkeys(roots))}
        return np.array([number[root] for root in roots], dtype=np.int64)

    def _root(self, i: int) -> int:
        while self.into[i] != i:
            self.into[i] = self.into[self.into[i]]
            i = self.into[i]
        return i


def lifted(pairs: Integers, scores: Floats, label: Integers) -> tuple[Integers, Floats]:
    """Borders between groups of nodes: the sums of those between their members."""
    ends = np.sort(label[pairs], axis=1)
    apart = ends[:, 0] != ends[:, 1]
    found, where = np.unique(ends[apart], axis=0, return_inverse=True)
    total: Floats = np.bincount(where.reshape(-1), weights=scores[apart], minlength=len(found)).astype(np.float64)
    return found, total
