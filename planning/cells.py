"""Cells from blocks: every square metre of a community belongs to the block it is nearest to.

Plans need units that tile without gaps, or borders and compactness mean nothing. The method is that of enclosed
tessellation (Fleischmann and others 2020): the community is cut by roads and water where they are given as walls; inside
each piece the Voronoi cells of points along the blocks' outlines are joined block by block; pieces without a block go to the
neighbour with the longest border. Coordinates are metric.
"""

from __future__ import annotations

import itertools
from typing import Any

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from data.errors import InputError
from planning.graph import shared
from planning.units import some

SPACING = 4.0  # metres between the points along an outline
SHAKEN = 0.001  # metres points are moved where their arrangement defeats the method
INSET = 0.3  # metres an outline is drawn in, so that blocks wall to wall do not share points
Shapes = NDArray[Any]


def tessellated(
    blocks: geopandas.GeoDataFrame, communities: geopandas.GeoDataFrame, walls: Shapes | None = None
) -> geopandas.GeoDataFrame:
    """The blocks with their cells as geometry. blocks: polygons or points with a column `community`; communities: polygons
    indexed by it; walls: lines or polygons of roads and water. InputError: a block outside its community, or without one.
    """
    cells = np.full(len(blocks), None, dtype=object)
    shapes = blocks.geometry.to_numpy()
    for community, rows in blocks.groupby("community", sort=True).indices.items():
        if community not in communities.index:
            raise InputError(
                f"{len(rows)} blocks name a community that is not there.",
                where=str(community),
                todo="Import its outline.",
            )
        outline = communities.geometry.loc[community]
        inside = shapely.intersects(shapes[rows], outline)
        if not inside.all():
            names = np.asarray(blocks.index[rows][~inside], dtype=np.str_)
            raise InputError(
                f"{len(names)} blocks lie outside their community {community}.",
                where=some(names),
                todo="Correct the community or the outline.",
            )
        cells[rows] = filled(shapes[rows], outline, walls)
    return blocks.set_geometry(geopandas.GeoSeries(cells, index=blocks.index, crs=blocks.crs))


def filled(blocks: Shapes, outline: Any, walls: Shapes | None) -> Shapes:
    """The cells of one community's blocks; together they are the outline."""
    enclosures = cut(outline, walls)
    owner = shapely.STRtree(enclosures).nearest(shapely.point_on_surface(blocks))
    owned: list[list[Any]] = [[] for _ in blocks]
    spare: list[Any] = []
    for number, enclosure in enumerate(enclosures):
        rows = np.flatnonzero(owner == number)
        if not len(rows):
            spare.append(enclosure)
            continue
        for row, piece in zip(rows, voronoi(blocks[rows], enclosure), strict=True):
            parts = sorted(shapely.get_parts(piece), key=shapely.area, reverse=True)
            owned[row].append(parts[0])
            spare += parts[1:]
    return given_away(np.array([one[0] for one in owned], dtype=object), np.array(spare, dtype=object))


def cut(outline: Any, walls: Shapes | None) -> Shapes:
    """The pieces the walls cut the outline into."""
    if walls is None or not len(walls):
        return np.array([outline], dtype=object)
    near = walls[shapely.intersects(walls, outline)]
    lines = [shapely.boundary(outline), *(shapely.boundary(w) if shapely.get_dimensions(w) == 2 else w for w in near)]
    pieces = np.asarray(shapely.get_parts(shapely.polygonize([shapely.union_all(lines)])))
    pieces = pieces[shapely.within(shapely.point_on_surface(pieces), outline)]
    return pieces if len(pieces) else np.array([outline], dtype=object)


def voronoi(blocks: Shapes, enclosure: Any) -> Shapes:
    """The part of the enclosure nearest to each block."""
    if len(blocks) == 1:
        return np.array([enclosure], dtype=object)
    points, owner = outline_points(blocks)
    try:
        joined = nearest(points, owner, enclosure)
    except (
        shapely.errors.GEOSException
    ):  # many points on one circle, as in a drawn pattern: a millimetre apart they are on none
        joined = nearest(points + np.random.default_rng(0).uniform(-SHAKEN, SHAKEN, points.shape), owner, enclosure)
    return polygons(shapely.intersection(joined, enclosure))


def nearest(points: NDArray[np.float64], owner: NDArray[np.int64], enclosure: Any) -> Shapes:
    """The ground nearest to the points of each owner."""
    regions = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(points), extend_to=enclosure, ordered=True)
    )
    return np.array([shapely.union_all(regions[owner == i]) for i in range(int(owner.max()) + 1)], dtype=object)


def outline_points(blocks: Shapes) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(points along the blocks' outlines, the block of each); no point twice."""
    inner = shapely.buffer(blocks, -INSET)
    inner = np.where(shapely.is_empty(inner), shapely.point_on_surface(blocks), inner)
    dense = shapely.segmentize(inner, SPACING)
    points, owner = shapely.get_coordinates(dense, return_index=True)
    _, first = np.unique(points, axis=0, return_index=True)
    first.sort()
    lost = np.setdiff1d(np.arange(len(blocks)), owner[first])
    if len(lost):
        raise InputError(
            f"{len(lost)} blocks stand exactly on another.",
            where=some(lost.astype(np.str_)),
            todo="Slice their building first.",
        )
    return points[first], owner[first].astype(np.int64)


def polygons(shapes: Shapes) -> Shapes:
    """The shapes without the lines and points an intersection may leave."""

    def kept(shape: Any) -> Any:
        parts = shapely.get_parts(shape)
        return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])

    return np.array([shape if shape.geom_type == "Polygon" else kept(shape) for shape in shapes], dtype=object)


def given_away(cells: Shapes, spare: Shapes) -> Shapes:
    """The cells with each spare piece joined to the neighbour with the longest border, ring by ring."""
    while len(spare):
        graph = shared(np.concatenate([cells, spare]))
        between = (graph.tail < len(cells)) & (graph.head >= len(cells))
        piece, cell, length = graph.head[between] - len(cells), graph.tail[between], graph.length[between]
        order = np.lexsort((cell, -length, piece))
        taken, first = np.unique(piece[order], return_index=True)
        if not len(taken):
            break
        new = cell[order][first]
        for goal in np.unique(new):
            cells[goal] = shapely.union_all([cells[goal], *spare[taken[new == goal]]])
        spare = np.delete(spare, taken)
    return cells


def sliced(building: Any, households: NDArray[np.int64]) -> Shapes:
    """A building cut across its long side into one slice a block, with areas as the blocks' households (0 counts as 1)."""
    share = np.cumsum(np.maximum(households, 1)) / np.maximum(households, 1).sum()
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(building))
    sides = np.diff(box[:3], axis=0)
    along = sides[np.argmax(np.hypot(*sides.T))]
    along = along / np.hypot(*along)
    reach = shapely.get_coordinates(building) @ along
    edges = [reach.min() - 1, *(level(building, along, part) for part in share[:-1]), reach.max() + 1]
    return np.array(
        [shapely.intersection(building, strip(building, along, a, b)) for a, b in itertools.pairwise(edges)],
        dtype=object,
    )


def strip(building: Any, along: NDArray[np.float64], low: float, high: float) -> Any:
    """The strip across `along` between two distances, wide enough for the building."""
    across = np.array([-along[1], along[0]])
    off = shapely.get_coordinates(building) @ across
    left, right = off.min() - 1, off.max() + 1
    corners = [(low, left), (high, left), (high, right), (low, right)]
    return shapely.Polygon([a * along + b * across for a, b in corners])


def level(building: Any, along: NDArray[np.float64], share: float) -> float:
    """The distance along the building up to which this share of its area lies (bisection to a millimetre)."""
    reach = shapely.get_coordinates(building) @ along
    begin, low, high = reach.min() - 1, reach.min(), reach.max()
    while high - low > 0.001:
        middle = (low + high) / 2
        less = (
            shapely.area(shapely.intersection(building, strip(building, along, begin, middle))) < share * building.area
        )
        low, high = (middle, high) if less else (low, middle)
    return float((low + high) / 2)
