"""The places figures are counted for: which atlas, which rows, what lies inside what, and how many households.

Counting follows the atlas in force at the end of the period (or the one of the time of the event, or a plan's by id);
households come from the same version. A place without a count of its own has the sum of its children's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.atlas import Atlas, atlases
from data.errors import NotFound, QuestionError
from data.levels import BEGINNING, LEVELS
from data.settled import settled

if TYPE_CHECKING:
    from data.store import Store

Numbers = NDArray[np.int64]
LISTED = ("unit", "company", "category")  # levels that are no places: lists of their own
QUESTION_LEVELS = (*LEVELS, *LISTED)

# Children whose households add up to their parent's, the best branch first.
_BRANCHES = ("street", "community", "grid", "micro_grid", "estate", "building", "block")


NOWHERE = -1


@dataclass(frozen=True)
class Listing:
    """The rows of an answer, as columns. The id NOWHERE, without code: what is not located at the level."""

    ids: Numbers
    codes: list[str | None]
    names: list[str]

    @cached_property
    def _sorted(self) -> tuple[Numbers, Numbers]:
        order = np.argsort(self.ids)
        return order, self.ids[order]

    def positions(self, ids: Numbers) -> Numbers:
        """Row of each id; -1 where it has none."""
        order, known = self._sorted
        if not len(known):
            return np.full(len(ids), -1, dtype=np.int64)
        place = np.clip(np.searchsorted(known, ids), 0, len(known) - 1)
        return np.where(known[place] == ids, order[place], -1)

    def plus(self, ids: Iterable[int], codes: Iterable[str | None], names: Iterable[str]) -> Listing:
        """The listing with further rows at its end."""
        more = np.array(list(ids), dtype=np.int64)
        return Listing(np.concatenate([self.ids, more]), [*self.codes, *codes], [*self.names, *names])


@dataclass(frozen=True)
class Places:
    """The tree of one atlas as columns. parent: row of the parent, -1 for none."""

    ids: Numbers
    level: NDArray[np.object_]
    code: NDArray[np.object_]
    name: NDArray[np.object_]
    parent: Numbers
    households: NDArray[np.float64]
    company: NDArray[np.float64]
    row_of: dict[int, int] = field(repr=False)
    _listings: dict[str, Listing] = field(default_factory=dict, repr=False)

    def listing(self, level: str, within: int | None = None) -> Listing:
        """The places of a level in order of code, only those inside the place `within` if given."""
        if within is None:
            if level not in self._listings:
                self._listings[level] = self._list(np.flatnonzero(self.level == level))
            return self._listings[level]
        if level == "district":
            return self._list(np.array([self.row_of[within]]))
        rows = np.flatnonzero(self.level == level)
        return self._list(rows[self._inside(rows, self.row_of[within])])

    def find(self, code: str, level: str | None = None) -> tuple[int, str]:
        """(place_id, level) of a code; where levels share codes, the one nearest above `level`."""
        found = [int(row) for row in np.flatnonzero(self.code == code)]
        if not found:
            raise NotFound(f"there is no place {code!r} in force in this period.", where="place")
        ranks = {row: LEVELS.index(self.level[row]) for row in found}
        asked = LEVELS.index(level) if level in LEVELS else 0
        found.sort(key=lambda row: (ranks[row] >= asked, abs(asked - ranks[row])))
        return int(self.ids[found[0]]), str(self.level[found[0]])

    def with_code(self, code: str, level: str) -> list[int]:
        """Ids of the places of exactly this level with the code."""
        return [int(place) for place in self.ids[(self.code == code) & (self.level == level)]]

    def households_of(self, ids: Numbers) -> NDArray[np.float64]:
        """Households of places: their own count, else the sum of their children's; NaN where nobody knows."""
        rows = np.array([self.row_of.get(place, -1) for place in ids.tolist()], dtype=np.int64)
        return np.where(rows >= 0, self._all_households[rows], np.nan)

    def households_of_companies(self, ids: Numbers) -> NDArray[np.float64]:
        """Households of all estates of each company; NaN where one of them is not known, or it has none."""
        rows = np.flatnonzero((self.level == "estate") & ~np.isnan(self.company))
        if not len(rows):
            return np.full(len(ids), np.nan)
        own = self.company[rows].astype(np.int64)
        sums = np.bincount(own, weights=self._all_households[rows])
        sums = np.where(np.bincount(own) > 0, sums, np.nan)
        return np.array([sums[company] if 0 <= company < len(sums) else np.nan for company in ids.tolist()])

    def inside(self, place: int) -> Numbers:
        """Ids of a place and of everything inside it."""
        rows = np.arange(len(self.ids))
        return self.ids[self._inside(rows, self.row_of[place])]

    def companies(self) -> pa.Table:
        """Which company looks after which estate: place_id, company_id."""
        rows = np.flatnonzero((self.level == "estate") & ~np.isnan(self.company))
        return pa.table(
            {"place_id": self.ids[rows].astype(np.int32), "company_id": self.company[rows].astype(np.int32)}
        )

    def _inside(self, rows: Numbers, outer: int) -> NDArray[np.bool_]:
        inside, above = np.zeros(len(rows), dtype=bool), rows.copy()
        for _ in LEVELS:
            inside |= above == outer
            above = np.where(above >= 0, self.parent[above], -1)
        return inside

    def _list(self, rows: Numbers) -> Listing:
        return Listing(self.ids[rows], self.code[rows].tolist(), self.name[rows].tolist())

    @cached_property
    def _all_households(self) -> NDArray[np.float64]:
        total = self.households.copy()
        for level in reversed(LEVELS):
            for branch in _BRANCHES:
                if LEVELS.index(branch) <= LEVELS.index(level):
                    continue
                rows = np.flatnonzero((self.level == branch) & (self.parent >= 0) & ~np.isnan(total))
                rows = rows[self.level[self.parent[rows]] == level]
                sums = np.full(len(total), np.nan)
                parents = self.parent[rows]
                sums[parents] = np.bincount(parents, weights=total[rows], minlength=len(total))[parents]
                total = np.where(np.isnan(total), sums, total)
        return total


@dataclass(frozen=True)
class Ground:
    """What a question is counted on: the atlases (id, reported from when) and the places of the last."""

    atlases: tuple[tuple[int, datetime | None], ...]
    places: Places


def ground(store: Store, plan: str, last_day: date) -> Ground:
    """The ground for `plan`: "period_end", "at_event" or "plan:ID". Raises QuestionError, NotFound."""
    current = atlases(store, current=True)
    if plan in ("period_end", "at_event"):
        last = next((a for a in reversed(current) if a.effective_from <= last_day < a.effective_to), None)
        if last is None:
            raise NotFound(f"no places are in force on {last_day}.", todo="Import places first.")
        if plan == "period_end":
            return Ground(((last.atlas_id, None),), _places(store, last))
        ordered = sorted(current, key=lambda a: a.effective_from)
        return Ground(tuple((a.atlas_id, _begins(store, a)) for a in ordered), _places(store, last))
    word, _, number = plan.partition(":")
    if word != "plan" or not number.isdigit():
        raise QuestionError(f"{plan!r} names no plan.", where="plan", todo="Write period_end, at_event or plan:ID.")
    drawn = [a for a in current if a.plan_id == int(number)]
    if not drawn:
        raise NotFound(f"no cases are located in a plan {number}.", where="plan")
    chosen = next((a for a in drawn if a.effective_from <= last_day < a.effective_to), drawn[-1])
    return Ground(((chosen.atlas_id, None),), _places(store, chosen))


def named(store: Store, level: str) -> Listing:
    """Units, companies or categories in order of code; their ids are their own. A case is of its own category, not also of the
    one above it."""
    key = f"{level}_id"
    found = settled(
        store, level, lambda: store.arrow(f"SELECT {key} AS id, code, name FROM {level} ORDER BY code, {key}")
    )
    return Listing(_whole(found, "id", NOWHERE), found.column("code").to_pylist(), found.column("name").to_pylist())


def _begins(store: Store, atlas: Atlas) -> datetime | None:
    if atlas.effective_from == BEGINNING:
        return None
    return datetime.combine(atlas.effective_from, datetime.min.time(), store.zone).astimezone(UTC)


# The tree of an atlas never changes under the same digest.
_KNOWN: WeakKeyDictionary[Store, dict[str, Places]] = WeakKeyDictionary()


def _places(store: Store, atlas: Atlas) -> Places:
    known = _KNOWN.setdefault(store, {})
    if atlas.digest not in known:
        live = {a.digest for a in atlases(store)}
        for gone in set(known) - live:
            known.pop(gone, None)
        known[atlas.digest] = _read(store, atlas)
    return known[atlas.digest]


def _read(store: Store, atlas: Atlas) -> Places:
    table = store.arrow(
        """SELECT place_id, level, code, name, parent_id, households, company_id
           FROM place_version v JOIN place USING (place_id)
           WHERE v.effective_from <= $day AND $day < v.effective_to AND (v.plan_id IS NULL OR v.plan_id = $plan)
           ORDER BY level, code, place_id""",
        {"day": atlas.effective_from, "plan": atlas.plan_id},
    )
    ids = _whole(table, "place_id", -1)
    row = {int(place): i for i, place in enumerate(ids)}
    parents = _whole(table, "parent_id", -1)
    parent = np.array([row.get(int(place), -1) for place in parents], dtype=np.int64)
    level, code, name = (np.array(table.column(c).to_pylist(), dtype=object) for c in ("level", "code", "name"))
    return Places(ids, level, code, name, parent, _real(table, "households"), _real(table, "company_id"), row)


def _whole(table: pa.Table, column: str, missing: int) -> Numbers:
    values: Numbers = table.column(column).fill_null(missing).to_numpy().astype(np.int64)
    return values


def _real(table: pa.Table, column: str) -> NDArray[np.float64]:
    values: NDArray[np.float64] = table.column(column).cast(pa.float64()).to_numpy()
    return values
