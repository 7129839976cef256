"""Rules for the tree of places and the plans, each a plain function from a scene to what is wrong in it.

A scene is the tree as it stood in one interval, or as a draft would make it. Areas are taken in the deployment's metric
projection. An edge drawn straight in degrees bends in the projection and the other way round, by metres over a long edge:
so what seems to part or overlap is cut in both, and the smaller area counts. Overlaps are looked for only where a fast
test of the whole level (a valid coverage has none) finds edges that do not fit. Foreign boundaries rarely nest, so a
share is said beside every place that does not lie in its parent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from data.levels import PARENTS
from data.nesting import Geometries, metric
from data.violations import Violation

if TYPE_CHECKING:
    from data.store import Store

Indices = npt.NDArray[np.intp]

TOLERANCE_M2 = 1.0  # coordinates are kept in degrees, so edges drawn as one may part by millimetres


@dataclass(frozen=True)
class Place:
    """A version of a place in force in the scene."""

    place_id: int
    level: str
    code: str
    name: str
    parent_id: int | None
    kind: str | None

    def __str__(self) -> str:
        return f"{self.level} {self.code} {self.name}"


@dataclass
class Scene:
    """The tree on one day under one plan. shapes: EPSG:4326, one a place, None where only the name is known."""

    label: str
    crs: str
    places: list[Place]
    shapes: Geometries
    at: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.at = {place.place_id: i for i, place in enumerate(self.places)}

    @cached_property
    def metric(self) -> Geometries:
        """The valid shapes in metres; None for the others, which their own rule lists."""
        good = self.shapes.copy()
        good[~shapely.is_valid(good) | shapely.is_empty(good)] = None
        return metric(good, self.crs)

    def of(self, level: str) -> Indices:
        """Indices of the places of a level that have a shape."""
        known = ~shapely.is_missing(self.metric)
        return np.array([i for i, p in enumerate(self.places) if p.level == level and known[i]], dtype=np.intp)

    def dedicated(self, index: int) -> bool:
        """Whether a grid is a workplace and so stands apart from the tiling."""
        return self.places[index].kind == "dedicated"


def scenes(store: Store) -> Iterator[Scene]:
    """The tree in each interval of the atlas, then with each draft plan."""
    when: list[tuple[str, date, int | None]] = [
        (f"from {row['effective_from']}", row["effective_from"], row["plan_id"])
        for row in store.rows("SELECT effective_from, plan_id FROM atlas ORDER BY effective_from, atlas_id")
    ]
    drafts = store.rows("SELECT plan_id, name, effective_from FROM grid_plan WHERE status = 'draft' ORDER BY plan_id")
    when += [(f"draft {row['name']}", row["effective_from"], row["plan_id"]) for row in drafts]
    for label, day, plan in dict.fromkeys(when):
        rows = store.rows(
            """SELECT place_id, level, code, v.name, parent_id, kind, ST_AsWKB(geometry) AS shape
               FROM place_version v JOIN place p USING (place_id)
               WHERE effective_from <= $day AND $day < effective_to AND (v.plan_id IS NULL OR v.plan_id = $plan)
               ORDER BY place_id""",
            {"day": day, "plan": plan},
        )
        shapes = np.array([row.pop("shape") for row in rows], dtype=object)
        yield Scene(
            label, store.deployment.crs, [Place(**row) for row in rows], shapely.from_wkb(shapes, on_invalid="ignore")
        )


def valid_geometry(scene: Scene) -> Iterable[Violation]:
    """Every shape is valid, not empty, and on the globe."""
    rule = "valid_geometry"
    there = np.flatnonzero(~shapely.is_missing(scene.shapes))
    shapes = scene.shapes[there]
    bounds = shapely.bounds(shapes)
    off = (np.abs(bounds[:, [0, 2]]) > 180).any(axis=1) | (np.abs(bounds[:, [1, 3]]) > 90).any(axis=1)
    for i, shape, valid, empty, away in zip(
        there.tolist(), shapes, shapely.is_valid(shapes), shapely.is_empty(shapes), off, strict=True
    ):
        place = scene.places[i]
        if not valid:
            yield Violation(rule, f"{place}: {shapely.is_valid_reason(shape)}", (place.place_id,))
        elif empty:
            yield Violation(rule, f"{place}: its geometry is empty", (place.place_id,))
        elif away:
            yield Violation(rule, f"{place}: its coordinates are not degrees on the globe", (place.place_id,))


def one_parent(scene: Scene) -> Iterable[Violation]:
    """One version in force, one root, and a parent in force whose level may stand above."""
    rule = "one_parent"
    if len(scene.at) < len(scene.places):
        for i, place in enumerate(scene.places):
            if scene.at[place.place_id] != i:
                yield Violation(rule, f"{place}: two versions are in force {scene.label}", (place.place_id,))
    for place in scene.places:
        index = scene.at.get(place.parent_id) if place.parent_id is not None else None
        parent = None if index is None else scene.places[index]
        if place.level == "district":
            if place.parent_id is not None:
                yield Violation(rule, f"{place}: the root has a parent", (place.place_id,))
        elif place.parent_id is None:
            yield Violation(rule, f"{place}: it has no parent", (place.place_id,))
        elif parent is None:
            yield Violation(
                rule, f"{place}: its parent {place.parent_id} is not in force {scene.label}", (place.place_id,)
            )
        elif parent.level not in PARENTS[place.level]:
            yield Violation(
                rule, f"{place}: a {place.level} cannot lie under {parent}", (place.place_id, parent.place_id)
            )
    roots = [place for place in scene.places if place.level == "district"]
    if len(roots) != 1:
        yield Violation(rule, f"{len(roots)} districts {scene.label}", tuple(place.place_id for place in roots))


def inside_parent(scene: Scene) -> Iterable[Violation]:
    """A place lies in its parent; where it does not, the share inside is said."""
    pairs = [
        (i, scene.at[place.parent_id])
        for i, place in enumerate(scene.places)
        if place.parent_id is not None and place.parent_id in scene.at
    ]
    if not pairs:
        return
    child, parent = np.array(pairs, dtype=np.intp).T
    both = ~shapely.is_missing(scene.metric[child]) & ~shapely.is_missing(scene.metric[parent])
    child, parent = child[both], parent[both]
    inner, outer = scene.metric[child], scene.metric[parent]
    loose = ~shapely.covers(outer, inner)
    child, parent, inner = child[loose], parent[loose], inner[loose]
    whole = shapely.area(inner)
    outside = _smaller(scene, shapely.difference, child, parent)
    outside[whole == 0] = np.inf  # a point or a line lies in or out as a whole
    for i, j, size, out in zip(child.tolist(), parent.tolist(), whole, outside, strict=True):
        if out <= TOLERANCE_M2:
            continue
        place, above = scene.places[i], scene.places[j]
        share = f"{1 - out / size:.1%} of it, all but {out:,.0f} m²," if size else "none of it"
        yield Violation(
            "inside_parent", f"{place}: {share} lies in its parent {above}", (place.place_id, above.place_id)
        )


def grids_tile_communities(scene: Scene) -> Iterable[Violation]:
    """Grids leave no gap in a community that has any, and do not overlap; dedicated grids may lie over others."""
    yield from _overlaps(scene, "grid", "grids_tile_communities")
    yield from _gaps(scene, "community", "grid", "grids_tile_communities")


def micro_grids_tile_grids(scene: Scene) -> Iterable[Violation]:
    """Micro-grids tile every grid of a plan that has micro-grids, but no dedicated grid has any."""
    rule = "micro_grids_tile_grids"
    for place in scene.places:
        index = scene.at.get(place.parent_id or 0)
        if place.level == "micro_grid" and index is not None and scene.dedicated(index):
            above = scene.places[index]
            yield Violation(rule, f"{above}: a dedicated grid has {place}", (above.place_id, place.place_id))
    if any(place.level == "micro_grid" for place in scene.places):
        yield from _overlaps(scene, "micro_grid", rule)
        yield from _gaps(scene, "grid", "micro_grid", rule, every_parent=True)


def _overlaps(scene: Scene, level: str, rule: str) -> Iterator[Violation]:
    """Pairs of one level that share area."""
    chosen = np.array([i for i in scene.of(level).tolist() if not scene.dedicated(i)], dtype=np.intp)
    shapes = scene.metric[chosen]
    polygons = np.isin(shapely.get_type_id(shapes), (3, 6))
    chosen, shapes = chosen[polygons], shapes[polygons]
    if len(chosen) < 2 or shapely.coverage_is_valid(shapes):
        return
    suspect = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))
    chosen, shapes = chosen[suspect], shapes[suspect]
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    left, right = left[left < right], right[left < right]
    shared = _smaller(scene, shapely.intersection, chosen[left], chosen[right])
    found = sorted(
        (chosen[a], chosen[b], area)
        for a, b, area in zip(left.tolist(), right.tolist(), shared, strict=True)
        if area > TOLERANCE_M2
    )
    for i, j, area in found:
        one, two = scene.places[i], scene.places[j]
        yield Violation(rule, f"{one} and {two} overlap by {area:,.0f} m²", (one.place_id, two.place_id))


def _gaps(scene: Scene, above: str, level: str, rule: str, *, every_parent: bool = False) -> Iterator[Violation]:
    """Parents of which a part lies in none of their children; without `every_parent` only those that have children."""
    children: dict[int, list[int]] = defaultdict(list)
    for i in scene.of(level).tolist():
        children[scene.at.get(scene.places[i].parent_id or 0, -1)].append(i)
    parents = [i for i in scene.of(above).tolist() if not scene.dedicated(i) and (every_parent or i in children)]
    if not parents:
        return
    open_area = shapely.area(_open(scene.metric, parents, children))
    suspect = np.flatnonzero(open_area > TOLERANCE_M2)
    again = shapely.area(metric(_open(scene.shapes, [parents[k] for k in suspect], children), scene.crs))
    open_area[suspect] = np.minimum(open_area[suspect], again)
    for i, area in zip(parents, open_area, strict=True):
        if area > TOLERANCE_M2:
            place = scene.places[i]
            yield Violation(rule, f"{place}: {area:,.0f} m² lie in none of its {level}s", (place.place_id,))


def _open(shapes: Geometries, parents: list[int], children: dict[int, list[int]]) -> Geometries:
    """The part of each parent that lies in none of its children."""
    covered = np.array([shapely.union_all(shapes[children.get(i, [])]) for i in parents], dtype=object)
    left: Geometries = shapely.difference(shapes[parents], covered)
    return left


def _smaller(scene: Scene, cut: Callable[..., Geometries], one: Indices, two: Indices) -> npt.NDArray[np.float64]:
    """Square metres of the cut of pairs of places, made in the projection and in degrees, whichever is less."""
    area = np.asarray(shapely.area(cut(scene.metric[one], scene.metric[two])), dtype=np.float64)
    suspect = np.flatnonzero(area > TOLERANCE_M2)
    again = cut(scene.shapes[one[suspect]], scene.shapes[two[suspect]])
    area[suspect] = np.minimum(area[suspect], shapely.area(metric(again, scene.crs)))
    return area


PLACE_RULES: dict[str, Callable[[Scene], Iterable[Violation]]] = {
    rule.__name__: rule
    for rule in (valid_geometry, one_parent, inside_parent, grids_tile_communities, micro_grids_tile_grids)
}
