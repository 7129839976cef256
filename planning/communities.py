"""Communities drawn with the tools of grids: a community is made of whole grids, so its grids go with it.

Every tool gives a sheet with other communities; grids and micro-grids stay as they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.errors import InputError, Refused
from planning.drawing import Sheet, balanced, largest_first, sides
from planning.units import Units

Numbers = NDArray[np.int64]


def joined(sheet: Sheet, cells: Numbers, to: int) -> Sheet:
    """The grids of these cells, whole, in the community `to`."""
    if not np.any(sheet.community == to):
        raise InputError("there is no such community.", where=str(to))
    return placed(sheet, np.isin(sheet.grid, sheet.grid[cells]), to)


def placed(sheet: Sheet, inside: NDArray[np.bool_], to: int) -> Sheet:
    """The chosen cells in a community."""
    community = sheet.community.copy()
    community[inside] = to
    return replace(sheet, community=community)


def merged(sheet: Sheet, communities: list[int]) -> Sheet:
    """Communities as one; it keeps the label of the one with most households. Raises Refused for those that do not touch."""
    if len(set(communities)) < 2:
        raise InputError("a merger takes two communities or more.", where="communities")
    inside = np.isin(sheet.community, communities)
    both = inside[sheet.graph.tail] & inside[sheet.graph.head]
    _, piece = sheet.graph.pieces(both)
    if len(np.unique(piece[inside])) > 1:
        raise Refused("these communities do not touch.", where=", ".join(str(label) for label in communities))
    return placed(sheet, inside, largest_first(sheet.community[inside], sheet.households[inside])[0])


def split_by_line(sheet: Sheet, community: int, shapes: NDArray[Any], line: Any) -> Sheet:
    """A community cut along a line, each grid going to the side that has most of it; the largest side keeps its label."""
    rows = held(sheet, community)
    number = np.unique(sheet.grid[rows], return_inverse=True)[1]
    at = sides(shapes[rows], line)
    load = np.zeros((number.max() + 1, at.max() + 1))
    np.add.at(load, (number, at), sheet.households[rows] + 1e-6)
    part = np.argmax(load, axis=1)[number]
    if len(np.unique(part)) < 2:
        raise Refused(
            "the line leaves all grids on one side.",
            where=str(community),
            todo="Draw it from outside to outside, between grids.",
        )
    return apart(sheet, rows, part)


def split_into(sheet: Sheet, community: int, parts: int, units: Units, *, seed: int = 0) -> Sheet:
    """A community in n parts of whole grids by the solver; the largest keeps its label. units: of all cells."""
    rows = held(sheet, community)
    part = balanced(sheet, rows, sheet.grid, parts, units, seed=seed)
    if part is None:
        n = len(np.unique(sheet.grid[rows]))
        raise InputError(
            f"a community of {n} grids cannot be split into {parts}.", where="n", todo="Give another number."
        )
    return apart(sheet, rows, part)


def apart(sheet: Sheet, rows: Numbers, part: Numbers) -> Sheet:
    """The parts of a community as communities of their own, but the largest."""
    for label in largest_first(part, sheet.households[rows])[1:]:
        sheet, (made,) = sheet.fresh()
        inside = np.zeros(len(sheet.grid), np.bool_)
        inside[rows[part == label]] = True
        sheet = placed(sheet, inside, made)
    return sheet


def held(sheet: Sheet, community: int) -> Numbers:
    """The cells of a community. Raises InputError where there is none."""
    rows = np.flatnonzero(sheet.community == community)
    if not len(rows):
        raise InputError("there is no such community.", where=str(community))
    return rows
