"""Two plans beside each other: the parts that differ, the buildings that change their grid, and the whole in sentences.

Which part goes on from which is told by `etl/plan_differences.py`, as on the command line; homes and their households are today's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray

from dashboard.languages import _
from dashboard.live.channels import digest
from dashboard.studio.sides import Side, side, sides, tables
from dashboard.studio.what_if import reason
from data.drafts import draft, rule_sets
from data.errors import NotFound, Refused
from data.nesting import metric
from data.place_names import names_by_code
from data.plan_extracts import homes
from data.plan_rules import PlanRules
from data.settled import settled
from data.store import Store
from etl.drawn_plans import compactness
from etl.plan_differences import NOBODY, Difference, compared, holders
from layers import worker
from layers.base_map import base_map
from layers.codec import encode
from planning.moves import moved

Said = dict[str, Any]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Known:
    """A side's grids: codes (one of its own where it has none), names, shapes in degrees, whether homes, the polygons on the wire."""

    about: Side
    code: NDArray[np.str_]
    name: list[str]
    shape: NDArray[Any]
    dedicated: NDArray[np.bool_]
    content: bytes
    digest: str


@dataclass(frozen=True, eq=False)
class Homes:
    """n buildings' parts as of today: where, how many households, which building and estate (code, name)."""

    point: NDArray[Any]
    households: Numbers
    building: NDArray[np.int64]
    estate: NDArray[np.int64]
    code: list[str]
    name: list[str]


_SIDES: WeakKeyDictionary[Store, dict[str, Known]] = WeakKeyDictionary()


def compared_side(store: Store, word: str) -> Known:
    """A side, kept until its plan or draft changes."""
    kept = _SIDES.setdefault(store, {})
    mark = f"{word} {draft(store, int(word[6:])).seq}" if word.startswith("draft:") and word[6:].isdigit() else word
    if mark not in kept:
        for old in [one for one in kept if one.split(" ")[0] == word or len(kept) > 5]:
            del kept[old]
        kept[mark] = _side_read(store, word)
    return kept[mark]


def _side_read(store: Store, word: str) -> Known:
    about, grids = side(store, word), tables(store, word)["grid"]
    if not grids.num_rows:
        raise Refused("this plan has no grids.", where=word)
    shapes = np.array(shapely.from_wkb(np.array(grids["geometry"].to_pylist(), dtype=object)), dtype=object)
    code = [
        one or f"{word}:{name}" for one, name in zip(grids["code"].to_pylist(), grids["name"].to_pylist(), strict=True)
    ]
    dedicated = np.array([one == "dedicated" for one in grids["kind"].to_pylist()], np.bool_)
    content = encode(shapes)
    return Known(
        about, np.array(code, np.str_), grids["name"].to_pylist(), shapes, dedicated, content, digest(content.hex())
    )


def homes_of(store: Store) -> Homes:
    """The homes of today."""
    day = store.now().astimezone(store.zone).date()
    return settled(store, f"homes {day}", lambda: _homes_read(store))


def _homes_read(store: Store) -> Homes:
    found = homes(store, store.now().astimezone(store.zone).date())
    names = names_by_code(store, ("estate", "building"))
    estate = [one or "" for one in found["estate"].to_pylist()]
    building = [one or code for one, code in zip(found["building"].to_pylist(), found["code"].to_pylist(), strict=True)]
    codes, number = np.unique(np.array(building, np.str_), return_inverse=True)
    home = dict(zip(building, estate, strict=True))
    called = [
        " ".join(filter(None, (names.get(home[code], ""), names.get(code, "")))) or code for code in codes.tolist()
    ]
    estates = np.unique(np.array(estate, np.str_), return_inverse=True)[1]
    return Homes(
        np.asarray(
            shapely.point_on_surface(shapely.from_wkb(np.array(found["geometry"].to_pylist(), dtype=object))),
            dtype=object,
        ),
        np.array(found["households"].to_pylist(), np.int64),
        number.astype(np.int64),
        np.where(np.array(estate, np.str_) == "", -1, estates).astype(np.int64),
        codes.tolist(),
        called,
    )


def compare_page(store: Store, first: str, second: str) -> Said:
    """The page: the plans there are, and the two that are compared (none yet: the plan in force and the latest draft)."""
    every = sides(store)
    words = [one.word for one in every]
    second = second or next((word for word in words if word.startswith("draft:")), words[-1] if words else "")
    first = first or next((word for word in words if word != second), second)
    listed = {one.word: one for one in [*every, side(store, first), side(store, second)]}
    said: Said = {
        "plans": [[one.word, one.name, one.note] for one in listed.values()],
        "first": first,
        "second": second,
    }
    return said | two_compared(store, first, second)


def two_compared(store: Store, first: str, second: str) -> Said:
    """Everything two plans do differently. Raises InputError, NotFound."""
    one, two, home = compared_side(store, first), compared_side(store, second), homes_of(store)
    old, new = holders(one.shape, home.point), holders(two.shape, home.point)
    found = compared(one.code, two.code, old, new, home.households)
    rules = draft_rules(store, second)
    moves = moved_homes(one, two, home, old, new, found, rules)
    return {
        "first_shapes": shapes_said(one),
        "second_shapes": shapes_said(two),
        "worker": worker.address(),
        "base": base_map(store).address,
        "bounds": [float(v) for v in shapely.total_bounds(two.shape)],
        "said": difference_said(
            one,
            two,
            found,
            moves,
            (plan_counts(store, one, old, home, rules), plan_counts(store, two, new, home, rules)),
        ),
        "grids": [grid_row(change, one, two) for change in found.changes],
        "moved": moves,
    }


def shapes_said(one: Known) -> Said:
    """Where the polygons of a side are."""
    return {
        "address": f"/studio/compare/{one.about.word}/{one.digest}/grids.bin",
        "names": one.name,
        "n": len(one.name),
    }


def grid_file(store: Store, word: str, name: str) -> bytes:
    """The gzipped polygons of a side. Raises NotFound where they have changed."""
    found = compared_side(store, word)
    if found.digest != name:
        raise NotFound("these boundaries have changed", where=word, todo="Load the page again.")
    return found.content


def draft_rules(store: Store, word: str) -> PlanRules:
    """The rules of a draft, else the usual ones."""
    if word.startswith("draft:"):
        return draft(store, int(word[6:])).rules
    return standard_rules(store)


def standard_rules(store: Store) -> PlanRules:
    """The usual rules."""
    sets = rule_sets(store)
    return sets.get("standard") or next(iter(sets.values()))


def plan_counts(store: Store, one: Known, owner: Numbers, home: Homes, rules: PlanRules) -> tuple[int, int, float]:
    """(grids of homes, those in the band, mean compactness)."""
    low, high = rules.grid.band
    inside = owner != NOBODY
    load = np.bincount(owner[inside], home.households[inside], len(one.code))
    lived = ~one.dedicated
    roundness = compactness(metric(one.shape, store.deployment.crs))[lived]
    fits = lived & (load >= low) & (load <= high)
    return int(lived.sum()), int(fits.sum()), float(roundness.mean()) if lived.any() else 0.0


def grid_row(change: Any, one: Known, two: Known) -> list[Any]:
    """(name before, name after, households before and after, gained, lost, box)."""
    before = _row_of(one, change.before_code)
    after = _row_of(two, change.after_code)
    shape = two.shape[after] if after is not None else one.shape[before] if before is not None else None
    box = [] if shape is None else [round(v, 6) for v in shapely.bounds(shape).tolist()]
    return [
        "" if before is None else one.name[before],
        "" if after is None else two.name[after],
        change.before, change.after, change.gained, change.lost, box,
        *(code if ":" not in code else "" for code in (change.before_code, change.after_code)),
    ]  # fmt: skip


def _row_of(one: Known, code: str) -> int | None:
    found = np.flatnonzero(one.code == code) if code else np.zeros(0, np.int64)
    return int(found[0]) if len(found) else None


def moved_homes(
    one: Known, two: Known, home: Homes, old: Numbers, new: Numbers, found: Difference, rules: PlanRules
) -> list[list[Any]]:
    """[building, households, grid before, grid after, reason, code, lon, lat], most households of one move first."""
    fresh = len(one.code) + np.arange(len(two.code))
    goes_on = np.where(found.origin == NOBODY, fresh, found.origin)
    both = (old != NOBODY) & (new != NOBODY)
    rows = np.flatnonzero(both)
    called = {int(label): two.name[i] for i, label in enumerate(goes_on)}
    lon, lat = shapely.get_x(home.point), shapely.get_y(home.point)
    told: list[list[Any]] = []
    for move in moved(old[rows], goes_on[new[rows]], home.households[rows], home.estate[rows], rules):
        mine = rows[move.cells]
        buildings, first = np.unique(home.building[mine], return_index=True)
        load = np.bincount(home.building[mine], home.households[mine])
        why = reason(move.kind, move.value)
        for building, at in zip(buildings.tolist(), mine[first].tolist(), strict=True):
            told.append(
                [home.name[building], int(load[building]), one.name[move.was], called[move.now], why, home.code[building],
                 round(float(lon[at]), 6), round(float(lat[at]), 6)]
            )  # fmt: skip
    return told


def difference_said(
    one: Known,
    two: Known,
    found: Difference,
    moves: list[list[Any]],
    counted: tuple[tuple[int, int, float], tuple[int, int, float]],
) -> list[str]:
    """The whole in a few sentences."""
    (n1, fit1, round1), (n2, fit2, round2) = counted
    said = [
        _("“{one}”有居民网格 {n1} 个，“{two}”有 {n2} 个；户数达标的分别是 {f1} 个和 {f2} 个，平均紧凑度 {r1} 和 {r2}。").format(
            one=one.about.name, two=two.about.name, n1=f"{n1:,}", n2=f"{n2:,}", f1=f"{fit1:,}", f2=f"{fit2:,}",
            r1=f"{round1:.3f}", r2=f"{round2:.3f}",
        )
    ]  # fmt: skip
    if not moves:
        return [*said, _("没有住户换网格。")]
    share = 100 * found.moved / max(1, found.households)
    made = sum(not change.before_code for change in found.changes)
    gone = sum(not change.after_code for change in found.changes)
    said.append(
        _("{n} 户（{share}%）、{b} 栋楼或单元换网格。").format(
            n=f"{found.moved:,}", share=f"{share:.1f}", b=f"{len(moves):,}"
        )
    )
    said.append(
        _("新增 {made} 个网格，撤销 {gone} 个，{same} 个住户不变。").format(
            made=made, gone=gone, same=f"{found.same:,}"
        )
    )
    top = max(found.changes, key=lambda change: change.gained + change.lost)
    name = next((row[1] or row[0] for row in [grid_row(top, one, two)]), "")
    said.append(
        _("变动最大的是{name}：调入 {gained} 户，调出 {lost} 户。").format(
            name=name, gained=f"{top.gained:,}", lost=f"{top.lost:,}"
        )
    )
    return said
