"""The units a plan is made of, and what is wrong with them before anything is solved.

A unit is the smallest thing that is never cut: a block, a parcel, a small estate that was joined into one. People are a
count of households, never rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from data.errors import InputError

NONE = -1


@dataclass(frozen=True)
class Units:
    """n units as arrays of length n.

    weight: households, whole and not negative; area: m2; perimeter: m, the outer border of the district included;
    community: the wall no part crosses; estate: its number, or -1; current: the part of the plan in force, or -1;
    locked: stays where it is (needs a current part); dedicated: the dedicated grid it is, or -1: no households are asked
    of such a grid and no other part may take its units; name: what messages call the unit.
    """

    weight: NDArray[np.int64]
    area: NDArray[np.float64]
    perimeter: NDArray[np.float64]
    community: NDArray[np.int64]
    estate: NDArray[np.int64]
    current: NDArray[np.int64]
    locked: NDArray[np.bool_]
    dedicated: NDArray[np.int64]
    name: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.weight)

    def only(self, keep: NDArray[Any]) -> Units:
        """The chosen units (indices or a mask), in that order."""
        return Units(**{field: getattr(self, field)[keep] for field in self.__dataclass_fields__})

    def now(self, current: ArrayLike) -> Units:
        """The same units under another plan in force."""
        return replace(self, current=np.asarray(current, np.int64))


def units(
    geometry: Sequence[Any] | NDArray[Any],
    weight: ArrayLike,
    *,
    community: ArrayLike | None = None,
    estate: ArrayLike | None = None,
    current: ArrayLike | None = None,
    locked: ArrayLike | None = None,
    dedicated: ArrayLike | None = None,
    name: ArrayLike | None = None,
) -> Units:
    """Units from n polygons in a metric projection and their households; see `Units` for the rest.

    InputError: no units, a missing, empty or NaN geometry, a negative, broken or missing count, a locked unit without a part.
    """
    shapes = np.asarray(geometry, dtype=object)
    n = len(shapes)
    names = np.asarray([str(i) for i in range(n)] if name is None else name, dtype=np.str_)
    check_geometry(shapes, names)

    def whole(given: ArrayLike | None) -> NDArray[np.int64]:
        return np.full(n, NONE, np.int64) if given is None else np.asarray(given, np.int64)

    made = Units(
        weight=counts(weight, names),
        area=np.asarray(shapely.area(shapes), np.float64),
        perimeter=np.asarray(shapely.length(shapes), np.float64),
        community=whole(np.zeros(n) if community is None else community),
        estate=whole(estate),
        current=whole(current),
        locked=np.zeros(n, np.bool_) if locked is None else np.asarray(locked, np.bool_),
        dedicated=whole(dedicated),
        name=names,
    )
    check_lengths(made)
    check_locks(made)
    return made


def check_geometry(shapes: NDArray[Any], names: NDArray[np.str_]) -> None:
    """InputError: no units, or one without a usable polygon."""
    if not len(shapes):
        raise InputError(
            "There are no units to draw a plan from.", todo="Import buildings or parcels with households first."
        )
    bad = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    bad |= ~np.isfinite(shapely.area(shapes)) | ~np.isfinite(shapely.length(shapes)) | (shapely.area(shapes) <= 0)
    if bad.any():
        raise InputError(
            f"{int(bad.sum())} units have no area: geometry missing, empty or with coordinates that are not numbers.",
            where=some(names[bad]),
            todo="Repair these geometries or leave the units out.",
        )


def counts(weight: ArrayLike, names: NDArray[np.str_]) -> NDArray[np.int64]:
    """The households as whole numbers. InputError where one is negative or not a whole number."""
    given = np.asarray(weight, np.float64)
    if given.shape != names.shape:
        raise InputError(
            f"There are {len(names)} units but {given.size} household counts.", todo="Give one count a unit."
        )
    bad = ~np.isfinite(given) | (given < 0) | (given != np.floor(given))
    if bad.any():
        raise InputError(
            f"{int(bad.sum())} units have a household count that is negative or not a whole number.",
            where=some(names[bad]),
            todo="Correct the counts; a unit without homes has 0.",
        )
    return given.astype(np.int64)


def check_lengths(made: Units) -> None:
    """InputError where an attribute is not of one value a unit."""
    for field in made.__dataclass_fields__:
        if getattr(made, field).shape != made.weight.shape:
            raise InputError(
                f"There are {len(made)} units but {getattr(made, field).size} values of {field}.",
                todo="Give one value a unit.",
            )


def check_locks(made: Units) -> None:
    """InputError where a locked unit has no part to stay in."""
    bad = made.locked & (made.current == NONE) & (made.dedicated == NONE)
    if bad.any():
        raise InputError(
            f"{int(bad.sum())} units are locked but belong to no part of the current plan.",
            where=some(made.name[bad]),
            todo="Unlock them or give their part.",
        )


def some(names: NDArray[np.str_], most: int = 5) -> str:
    """The first names, for a message."""
    shown = ", ".join(str(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} … ({len(names)})"
