"""What is wrong with a plan drawn elsewhere, found before anything is saved: overlaps, gaps, parts in several pieces, parts in
the wrong community, households that do not fit the homes inside, parts outside the band, ragged shapes.

Shapes are in a metric system. A sliver is no finding: two outlines drawn from one another differ by the width of a pen, so
an overlap or a gap counts from SLIVER metres of mean width and LEAST square metres on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
Texts = NDArray[np.str_]
Counts = NDArray[np.int64]

UNKNOWN = -1
LEAST = 10.0  # m2
SLIVER = 0.5  # m, twice the area over the perimeter
LATTICE = 0.001  # m
CRUMB = 1.0  # m2, below which a piece is none
INSIDE = 0.99  # of a part must lie in its parent
Kind = Literal[
    "twice", "no_shape", "overlap", "gap", "outside", "pieces", "parent", "households", "band", "compactness", "cell"
]


@dataclass(frozen=True)
class Drawn:
    """n parts of one level: codes, the codes of the parents they name ("" for none), households they claim (or UNKNOWN),
    metric shapes."""

    code: Texts
    parent: Texts
    households: Counts
    shape: Shapes

    def __len__(self) -> int:
        return len(self.code)


@dataclass(frozen=True)
class Ground:
    """What a plan lies on. parents: codes and shapes of the level above; homes: households at points (either may be empty)."""

    parent: Texts
    outline: Shapes
    homes: Shapes
    households: Counts


@dataclass(frozen=True)
class Limits:
    """What is asked of a part: households from low to high, and Polsby-Popper at least."""

    low: float
    high: float
    roundness: float = 0.2


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong: its kind, the parts it is about, a sentence, and where (x, y in metres)."""

    kind: Kind
    codes: tuple[str, ...]
    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Examined:
    """findings, by kind and code; per part: households inside (UNKNOWN without homes: what it claims), Polsby-Popper, pieces,
    and the parent most of it lies in ("" for none)."""

    findings: list[Flaw]
    households: Counts
    roundness: NDArray[np.float64]
    pieces: Counts
    parent: Texts


def examined(drawn: Drawn, ground: Ground, limits: Limits | None) -> Examined:
    """Everything that is wrong with the parts, in the order of the kinds."""
    counted = inside(drawn, ground)
    counted = np.where(counted == UNKNOWN, drawn.households, counted)
    parent, share = parents(drawn, ground)
    made = Examined([], counted, compactness(drawn.shape), pieces(drawn.shape), parent)
    for one in (
        twice(drawn), no_shape(drawn), overlaps(drawn), gaps(drawn, ground), several(drawn, made),
        astray(drawn, ground, parent, share), miscounted(drawn, ground, counted), outside_band(drawn, counted, limits),
        ragged(drawn, made, limits),
    ):  # fmt: skip
        made.findings.extend(one)
    return made


def snapped(drawn: Drawn, cells: Shapes) -> tuple[Drawn, Counts]:
    """(the parts made of whole cells, each cell's part or UNKNOWN): a cell goes to the part that has most of it; one that lies
    half outside all parts goes to none."""
    owner = np.full(len(cells), UNKNOWN, np.int64)
    most = np.zeros(len(cells))
    part, cell = shapely.STRtree(cells).query(drawn.shape, predicate="intersects")
    shares = shapely.area(shapely.intersection(drawn.shape[part], cells[cell]))
    for p, c, share in zip(part, cell, shares, strict=True):
        if share > most[c]:
            most[c], owner[c] = share, p
    covered = np.bincount(cell, shares, len(cells))
    owner[covered < 0.5 * shapely.area(cells)] = UNKNOWN
    shapes = np.array([joined(cells[owner == p]) for p in range(len(drawn))], dtype=object)
    return Drawn(drawn.code, drawn.parent, drawn.households, shapes), owner


def joined(shapes: Shapes) -> Any:
    """Shapes as one, on a lattice of a millimetre: neighbours whose common edge differs by less leave no slit."""
    return shapely.union_all(shapes, grid_size=LATTICE)


def inside(drawn: Drawn, ground: Ground) -> Counts:
    """The households of the homes in each part; UNKNOWN for all where no homes are known. A home on a border counts once."""
    if not len(ground.homes):
        return np.full(len(drawn), UNKNOWN, np.int64)
    home, part = shapely.STRtree(drawn.shape).query(ground.homes, predicate="intersects")
    _, first = np.unique(home, return_index=True)
    return np.bincount(part[first], ground.households[home[first]], len(drawn)).astype(np.int64)


def parents(drawn: Drawn, ground: Ground) -> tuple[Texts, NDArray[np.float64]]:
    """(the code of the parent most of each part lies in, that share of its area); "" and 0 for none."""
    code, share = np.full(len(drawn), "", dtype=object), np.zeros(len(drawn))
    if len(ground.outline):
        part, parent = shapely.STRtree(ground.outline).query(drawn.shape, predicate="intersects")
        both = shapely.area(shapely.intersection(drawn.shape[part], ground.outline[parent]))
        size = np.maximum(shapely.area(drawn.shape), 1e-9)
        for p, above, area in zip(part, parent, both, strict=True):
            if area / size[p] > share[p]:
                share[p], code[p] = area / size[p], str(ground.parent[above])
    return code.astype(np.str_), share


def compactness(shapes: Shapes) -> NDArray[np.float64]:
    """Polsby-Popper of each, 0 without a shape."""
    around = shapely.length(shapes)
    return np.asarray(np.where(around > 0, 4 * np.pi * shapely.area(shapes) / np.maximum(around, 1e-9) ** 2, 0.0))


def pieces(shapes: Shapes) -> Counts:
    """How many pieces each is in, crumbs apart."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    return np.bincount(owner[shapely.area(parts) >= CRUMB], minlength=len(shapes)).astype(np.int64)


def there(drawn: Drawn) -> NDArray[np.bool_]:
    """Which parts have an area."""
    return np.asarray(~shapely.is_missing(drawn.shape) & (shapely.area(drawn.shape) > 0), np.bool_)


def thick(shape: Any) -> bool:
    """Whether an area is more than a sliver."""
    return bool(shape.area >= LEAST and 2 * shape.area / max(shape.length, 1e-9) >= SLIVER)


def twice(drawn: Drawn) -> Iterator[Flaw]:
    """Codes that stand at several parts."""
    codes, number = np.unique(drawn.code[drawn.code != ""], return_counts=True)
    for code, n in zip(codes[number > 1], number[number > 1], strict=True):
        where = drawn.shape[int(np.flatnonzero(drawn.code == code)[0])]
        yield flaw("twice", (str(code),), f"{n} parts have this code.", where)


def no_shape(drawn: Drawn) -> Iterator[Flaw]:
    """Parts without an area."""
    for i in np.flatnonzero(~there(drawn)):
        yield Flaw("no_shape", (str(drawn.code[i]),), "It has no area.", float("nan"), float("nan"))


def overlaps(drawn: Drawn) -> Iterator[Flaw]:
    """Ground that belongs to two parts."""
    first, second = shapely.STRtree(drawn.shape).query(drawn.shape, predicate="intersects")
    pairs = first < second
    for a, b in sorted(zip(first[pairs], second[pairs], strict=True)):
        both = surface(shapely.intersection(drawn.shape[a], drawn.shape[b]))
        if both:
            area = sum(one.area for one in both)
            codes = (str(drawn.code[a]), str(drawn.code[b]))
            yield flaw("overlap", codes, f"They overlap by {area:,.0f} m2.", max(both, key=shapely.area))


def gaps(drawn: Drawn, ground: Ground) -> Iterator[Flaw]:
    """Ground of a parent that belongs to no part, and parts that reach beyond every parent."""
    if not len(ground.outline):
        return
    whole = shapely.union_all(drawn.shape)
    for p in np.unique(shapely.STRtree(ground.outline).query(whole, predicate="intersects")):
        if not surface(shapely.intersection(ground.outline[p], whole)):
            continue  # it only touches the plan
        for hole in surface(shapely.difference(ground.outline[p], whole)):
            yield flaw("gap", (str(ground.parent[p]),), f"{hole.area:,.0f} m2 belong to no part.", hole)
    for i in np.flatnonzero(there(drawn)):
        near = ground.outline[shapely.STRtree(ground.outline).query(drawn.shape[i], predicate="intersects")]
        for beyond in surface(shapely.difference(drawn.shape[i], shapely.union_all(near))):
            yield flaw("outside", (str(drawn.code[i]),), f"{beyond.area:,.0f} m2 lie outside the level above.", beyond)


def several(drawn: Drawn, made: Examined) -> Iterator[Flaw]:
    """Parts in more than one piece."""
    for i in np.flatnonzero(made.pieces > 1):
        parts = [one for one in shapely.get_parts(drawn.shape[i]) if one.area >= CRUMB]
        yield flaw("pieces", (str(drawn.code[i]),), f"It is in {len(parts)} pieces.", min(parts, key=shapely.area))


def astray(drawn: Drawn, ground: Ground, parent: Texts, share: NDArray[np.float64]) -> Iterator[Flaw]:
    """Parts that lie in another parent than they name, or across a wall."""
    if not len(ground.outline):
        return
    for i in np.flatnonzero(there(drawn)):
        code, named = str(drawn.code[i]), str(drawn.parent[i])
        if named and named != parent[i]:
            text = f"It names {named} as the level above, but lies in {parent[i] or 'none'}."
            yield flaw("parent", (code, named), text, drawn.shape[i])
        elif share[i] < INSIDE:
            yield flaw(
                "parent", (code,), f"Only {share[i]:.1%} of it lie in {parent[i] or 'one place'}.", drawn.shape[i]
            )


def miscounted(drawn: Drawn, ground: Ground, counted: Counts) -> Iterator[Flaw]:
    """Parts whose households are not those of the homes inside."""
    if not len(ground.homes):
        return
    for i in np.flatnonzero((drawn.households != UNKNOWN) & (drawn.households != counted)):
        text = f"It claims {drawn.households[i]} households; the homes inside have {counted[i]}."
        yield flaw("households", (str(drawn.code[i]),), text, drawn.shape[i])


def outside_band(drawn: Drawn, counted: Counts, limits: Limits | None) -> Iterator[Flaw]:
    """Parts with too few or too many households."""
    for i in np.flatnonzero(counted != UNKNOWN) if limits else []:
        if limits and not limits.low - 1e-9 <= counted[i] <= limits.high + 1e-9:
            text = f"{counted[i]} households; the band is {limits.low:g} to {limits.high:g}."
            yield flaw("band", (str(drawn.code[i]),), text, drawn.shape[i])


def ragged(drawn: Drawn, made: Examined, limits: Limits | None) -> Iterator[Flaw]:
    """Parts less compact than asked."""
    for i in np.flatnonzero(there(drawn)) if limits else []:
        if limits and made.roundness[i] < limits.roundness:
            text = f"Compactness {made.roundness[i]:.2f}, below {limits.roundness:g}."
            yield flaw("compactness", (str(drawn.code[i]),), text, drawn.shape[i])


def surface(shape: Any) -> list[Any]:
    """The areas of a shape that are more than slivers, largest first."""
    parts = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon" and thick(one)]
    return sorted(parts, key=shapely.area, reverse=True)


def flaw(kind: Kind, codes: tuple[str, ...], text: str, where: Any) -> Flaw:
    """A finding with a point on what it is about."""
    if where is None or where.is_empty:
        return Flaw(kind, codes, text, float("nan"), float("nan"))
    point = shapely.point_on_surface(where)
    return Flaw(kind, codes, text, float(point.x), float(point.y))
