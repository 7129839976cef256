"""A plan and its figures: what each part holds, how compact it is, what is cut, who moves.

Polsby-Popper is 4 pi area / perimeter squared of a part, the district's outer border counted in; the mean is unweighted.
Cut borders and their length count inner boundaries only, those along community walls included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planning.graph import Graph, totals
from planning.reasons import Reason
from planning.units import NONE, Units


@dataclass(frozen=True)
class Parts:
    """The parts, ascending by label: households, area (m2), perimeter (m), units, pieces, whether homes and in the band."""

    label: NDArray[np.int64]
    households: NDArray[np.int64]
    area: NDArray[np.float64]
    perimeter: NDArray[np.float64]
    units: NDArray[np.int64]
    pieces: NDArray[np.int64]
    homes: NDArray[np.bool_]
    in_band: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.label)

    @property
    def roundness(self) -> NDArray[np.float64]:
        """Polsby-Popper of each part, 0 to 1."""
        return np.asarray(4 * np.pi * self.area / self.perimeter**2, np.float64)


@dataclass(frozen=True)
class Plan:
    """part[n]: each unit's label; the figures; why parts are outside the band."""

    part: NDArray[np.int64]
    parts: Parts
    low: float
    high: float
    cuts: int
    border: float
    estates_split: int
    moved: int
    reasons: tuple[Reason, ...] = ()

    @property
    def in_band(self) -> float:
        """The share of the parts of homes in the band; 1 where there are none."""
        return float(self.parts.in_band[self.parts.homes].mean()) if self.parts.homes.any() else 1.0

    @property
    def roundness(self) -> float:
        """Mean Polsby-Popper of the parts of homes, unweighted."""
        return float(self.parts.roundness[self.parts.homes].mean())

    @property
    def contiguous(self) -> bool:
        """Whether every part of homes is in one piece."""
        return bool((self.parts.pieces[self.parts.homes] == 1).all())


def measured(units: Units, graph: Graph, part: NDArray[np.int64], low: float, high: float) -> Plan:
    """The figures of any plan part[n], counted afresh from units and borders."""
    label, number = np.unique(part, return_inverse=True)
    k = len(label)
    crossing = number[graph.tail] != number[graph.head]
    perimeter = totals(number, units.perimeter, k)
    perimeter -= 2 * np.bincount(number[graph.tail[~crossing]], graph.length[~crossing], k)
    households = totals(number, units.weight, k).astype(np.int64)
    _, piece = graph.pieces(~crossing)
    owner = number[np.unique(piece, return_index=True)[1]]
    homes = np.ones(k, np.bool_)
    homes[number[units.dedicated >= 0]] = False
    parts = Parts(
        label, households, totals(number, units.area, k), perimeter, np.bincount(number, minlength=k),
        np.bincount(owner, minlength=k), homes, (households >= low - 1e-9) & (households <= high + 1e-9),
    )  # fmt: skip
    gone = (units.current != NONE) & (units.current != part)
    return Plan(
        part, parts, low, high, int(crossing.sum()), float(graph.length[crossing].sum()),
        estates_split(units.estate, number), int(units.weight[gone].sum()),
    )  # fmt: skip


def estates_split(estate: NDArray[np.int64], number: NDArray[np.int64]) -> int:
    """How many estates lie in more than one part."""
    inside = estate >= 0
    pairs = np.unique(np.stack([estate[inside], number[inside]]), axis=1)
    return int((np.unique(pairs[0], return_counts=True)[1] > 1).sum())
