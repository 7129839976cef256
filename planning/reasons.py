"""Why a part is outside the band, in the order a planner would ask; found from the plan, not from how it was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planning.graph import Graph
from planning.units import Units

Kind = Literal["heavy_unit", "total", "island", "locked", "heavy_around", "heavy_together", "not_found"]


@dataclass(frozen=True)
class Reason:
    """part: its label; households; kind for the screen's own words; text in plain English; units: those it is about."""

    part: int
    households: int
    kind: Kind
    text: str
    units: tuple[int, ...] = ()


@dataclass(frozen=True)
class Case:
    """One part to be explained: its units, the movable units on either side of its border, its task's totals."""

    part: int
    load: int
    inside: NDArray[np.int64]
    giving: NDArray[np.int64]  # its units that could leave: on a border with another part, not locked
    taking: NDArray[np.int64]  # others' units that could join
    neighbours: int
    total: int
    parts: int


def reason(case: Case, units: Units, low: float, high: float) -> Reason:
    """Why this part is outside low to high."""

    def because(kind: Kind, text: str, about: NDArray[np.int64] | None = None) -> Reason:
        chosen = () if about is None else tuple(int(u) for u in about)
        return Reason(case.part, case.load, kind, text, chosen)

    weight = units.weight
    heavy = case.inside[weight[case.inside] > high]
    if len(heavy):
        return because(
            "heavy_unit", f"One unit alone holds {int(weight[heavy].max())} households, above {high:g}.", heavy
        )
    if not case.neighbours:
        return because(
            "island", f"It touches no other part of its community; {case.total} households are all it can have."
        )
    if case.total < case.parts * low - 1e-9 or case.total > case.parts * high + 1e-9:
        return because(
            "total", f"{case.total} households in {case.parts} parts cannot all lie within {low:g} to {high:g}."
        )
    able = case.giving if case.load > high else case.taking
    if not len(able):
        return because("locked", "Every unit it could exchange with its neighbours is locked.")
    room = high - case.load if case.load < low else case.load - low
    if weight[able].min() > room:
        which = able[np.argsort(weight[able], kind="stable")[:2]]
        if case.load > high:
            text = (
                f"Heavy units stand together: each that could leave holds {int(weight[able].min())} households or more."
            )
            return because("heavy_together", text, which)
        text = f"Heavy units around it: each that could join holds {int(weight[able].min())} households or more."
        return because("heavy_around", text, which)
    return because(
        "not_found", "No chain of moves that keeps its neighbours in the band was found within the steps given."
    )


def reasons(
    units: Units, graph: Graph, part: NDArray[np.int64], chosen: NDArray[np.int64], low: float, high: float
) -> list[Reason]:
    """A reason for each chosen label; graph: the borders a part may span."""
    _, piece = graph.pieces()
    found = []
    for label in chosen:
        inside = np.flatnonzero(part == label)
        group = np.flatnonzero(piece == piece[inside[0]])
        out = np.isin(graph.tail, inside) != np.isin(graph.head, inside)
        ends = np.unique(np.concatenate([graph.tail[out], graph.head[out]]))
        free = ends[~units.locked[ends]]
        mine = part[free] == label
        case = Case(
            int(label), int(units.weight[inside].sum()), inside, free[mine], free[~mine],
            len(np.unique(part[ends])) - 1 if len(ends) else 0,
            int(units.weight[group].sum()), len(np.unique(part[group])),
        )  # fmt: skip
        found.append(reason(case, units, low, high))
    return found
