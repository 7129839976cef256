"""The ground of the sample district: a small town that does not exist, drawn by splitting one outline again and again.

Each cut runs across the longer side, a little askew and a little bent, as streets do. All lines are then noded on a
centimetre lattice and polygonised together, so that neighbours share their vertices and micro-grids tile exactly.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry import LineString, Polygon
from shapely.ops import split

NAME, CODE, ZONE, CRS = "青禾区", "990101", "Asia/Shanghai", "EPSG:4550"
CENTRE = (123.0, 29.6)  # in the open sea, so that nobody takes it for a real town
STREETS = ("清溪街道", "望江街道")
COMMUNITIES = (("柳岸社区", "松涛社区", "荷塘社区"), ("石桥社区", "书院社区", "北港社区"))
GRIDS, MICRO_GRIDS = 6, 7
DEDICATED = {(0, 1, 2): "青禾商贸城专属网格", (1, 2, 4): "北港产业园专属网格"}
COMPANIES = ("安居物业", "和美物业", "青禾物业", "绿源物业", "万家物业", "诚信物业")
ESTATES = ("花园", "家园", "新村", "苑", "公寓", "里", "小区", "名居")
KINDS = ("commodity", "commodity", "commodity", "resettlement", "work_unit", "mixed")
LATTICE = 0.01  # metres


@dataclass
class Town:
    """Places by level as GeoJSON-like rows: properties and a shape in metres."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, level: str, shape: Polygon, **properties: Any) -> dict[str, Any]:
        """Put a place down."""
        row = {"level": level, "shape": shape, **properties}
        self.rows.setdefault(level, []).append(row)
        return row


def build_town(seed: int = 20250701) -> Town:
    """The places of the sample district; the same seed gives the same town."""
    luck = random.Random(seed)
    leaves: list[tuple[tuple[int, int, int, int], Polygon]] = []
    for s, street in enumerate(divide(_outline(luck), 2, luck)):
        for c, community in enumerate(divide(street, 3, luck)):
            for g, grid in enumerate(divide(community, GRIDS, luck)):
                parts = [grid] if (s, c, g) in DEDICATED else divide(grid, MICRO_GRIDS, luck)
                leaves += [((s, c, g, m), part) for m, part in enumerate(parts)]
    faces = _noded(leaves)
    town = Town()
    town.add("district", _union(faces, ()), code=CODE, name=NAME)
    for s, street_name in enumerate(STREETS):
        _street(town, faces, (s,), street_name, luck)
    return town


def divide(shape: Polygon, parts: int, luck: random.Random) -> list[Polygon]:
    """Split a polygon into parts of about equal area."""
    if parts == 1:
        return [shape]
    first = parts // 2
    for bend in (0.03, 0.0):
        near, far = _cut(shape, first / parts, luck, bend)
        if near is not None and far is not None:
            return [*divide(near, first, luck), *divide(far, parts - first, luck)]
    raise AssertionError("a straight cut of a near-convex polygon gives two parts")


def _cut(shape: Polygon, share: float, luck: random.Random, bend: float) -> tuple[Polygon | None, Polygon | None]:
    """The two sides of a cut that leaves `share` of the area on the first side; None where it gives more than two."""
    corners = list(shape.minimum_rotated_rectangle.exterior.coords)
    a, b = sorted(pairwise(corners), key=lambda side: math.dist(*side))[-1]
    along = math.atan2(b[1] - a[1], b[0] - a[0]) + luck.uniform(-0.14, 0.14)
    if along > math.pi / 2 or along <= -math.pi / 2:
        along += math.pi
    direction, across = (math.cos(along), math.sin(along)), (-math.sin(along), math.cos(along))
    centre, reach = shape.centroid, math.dist(corners[0], corners[2])
    bends = [luck.uniform(-bend, bend) * reach for _ in range(3)]

    def line(offset: float) -> LineString:
        points = []
        for step, side in zip((-1, -0.25, 0, 0.25, 1), (0.0, *bends, 0.0), strict=True):
            x = centre.x + direction[0] * (offset + side) + across[0] * reach * step
            points.append((x, centre.y + direction[1] * (offset + side) + across[1] * reach * step))
        return LineString(points)

    low, high = -reach, reach
    for _ in range(40):
        middle = (low + high) / 2
        before = _before(shape, line(middle), direction, reach)
        low, high = (middle, high) if before < share * shape.area else (low, middle)
    pieces = [piece for piece in split(shape, line((low + high) / 2)).geoms if piece.area > 1]
    if len(pieces) != 2:
        return None, None
    near, far = sorted(pieces, key=lambda p: p.centroid.x * direction[0] + p.centroid.y * direction[1])
    return near, far


def _before(shape: Polygon, line: LineString, direction: tuple[float, float], reach: float) -> float:
    """The area of the part of the shape that lies before the line."""
    back = [(x - direction[0] * 3 * reach, y - direction[1] * 3 * reach) for x, y in reversed(line.coords)]
    return float(shape.intersection(Polygon([*line.coords, *back])).area)


def _outline(luck: random.Random) -> Polygon:
    """A rounded outline, about 3.2 km by 2.4 km, around the centre."""
    x, y = Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(*CENTRE)
    points = []
    for step in range(18):
        angle = 2 * math.pi * step / 18
        far = 1 + luck.uniform(-0.05, 0.05)
        points.append((x + 1600 * far * math.cos(angle), y + 1200 * far * math.sin(angle)))
    return Polygon(points)


def _noded(leaves: list[tuple[tuple[int, int, int, int], Polygon]]) -> dict[tuple[int, int, int, int], Polygon]:
    """The leaves again, drawn from one common set of lines."""
    shapes = np.array([shape for _, shape in leaves], dtype=object)
    lines = shapely.union_all(shapely.boundary(shapely.set_precision(shapes, LATTICE)), grid_size=LATTICE)
    faces = shapely.get_parts(shapely.polygonize([lines]))
    # Slivers where lines nearly meet go to whom they touch: dropped, they would be cracks.
    tree = shapely.STRtree(shapes)
    found: dict[tuple[int, int, int, int], list[Polygon]] = {}
    for face in faces:
        owner = int(tree.nearest(face.representative_point()))
        found.setdefault(leaves[owner][0], []).append(face)
    return {key: shapely.coverage_union_all(parts) for key, parts in sorted(found.items())}


def _union(faces: dict[tuple[int, int, int, int], Polygon], head: tuple[int, ...]) -> Polygon:
    return shapely.coverage_union_all([shape for key, shape in faces.items() if key[: len(head)] == head])


def _street(
    town: Town, faces: dict[tuple[int, int, int, int], Polygon], head: tuple[int, ...], name: str, luck: random.Random
) -> None:
    code = f"{CODE}{head[0] + 1:03d}"
    town.add("street", _union(faces, head), code=code, name=name, parent=CODE)
    for c, community in enumerate(COMMUNITIES[head[0]]):
        key = (*head, c)
        kind = "industrial" if community == "北港社区" else "residential"
        lower = f"{code}{c + 1:03d}"
        town.add("community", _union(faces, key), code=lower, name=community, parent=code, kind=kind)
        for g in range(GRIDS):
            _grid(town, faces, (*key, g), f"{lower}{g + 1:03d}", community, luck)


def _grid(
    town: Town,
    faces: dict[tuple[int, int, int, int], Polygon],
    key: tuple[int, ...],
    code: str,
    community: str,
    luck: random.Random,
) -> None:
    name = DEDICATED.get((key[0], key[1], key[2]))
    if name:
        town.add("grid", _union(faces, key), code=code, name=name, parent=code[:-3], kind="dedicated", households=0)
        return
    grid = town.add("grid", _union(faces, key), code=code, name=f"{community[:2]}第{key[2] + 1}网格", parent=code[:-3])
    cells = [(k, shape) for k, shape in faces.items() if k[:3] == key]
    grid["households"] = 0
    for k, shape in cells:
        households = luck.randint(38, 72)
        grid["households"] += households
        number = k[3] + 1
        town.add(
            "micro_grid",
            shape,
            code=f"{code}{number:02d}",
            name=f"{grid['name']}-{number}",
            parent=code,
            households=households,
        )
    _estate(town, [shape for _, shape in cells], grid, community, luck)


def _estate(town: Town, cells: list[Polygon], grid: dict[str, Any], community: str, luck: random.Random) -> None:
    """An estate in most grids: some neighbouring micro-grids without the streets around them."""
    if luck.random() < 0.25:
        return
    number = len(town.rows.get("estate", [])) + 1
    inner = shapely.coverage_union_all(cells[: luck.randint(2, 4)]).buffer(-12, join_style="mitre")
    shape = max(shapely.get_parts(inner), key=lambda part: part.area)
    town.add(
        "estate",
        shapely.set_precision(shape, LATTICE),
        code=f"E{number:03d}",
        name=f"{community[:2]}{ESTATES[number % len(ESTATES)]}",
        parent=grid["parent"],
        kind=luck.choice(KINDS),
        old=luck.random() < 0.35,
        households=luck.randint(120, 300),
        company=luck.choice(COMPANIES),
    )
