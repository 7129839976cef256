"""Who lies beside whom: the neighbours the tests of hot spots are made with.

Queen's contiguity: places that share a border or a corner. Where more than a tenth have no such neighbour (estates lie apart, and foreign
boundaries gape), the eight nearest of each place instead, by their centres in the metric projection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from data.atlas import tree
from data.figure_places import Listing
from data.nesting import metric
from data.settled import settled

if TYPE_CHECKING:
    from data.store import Store

Numbers = NDArray[np.int64]
NEAREST = 8
ALONE = 0.1


def pairs_of(shapes: Any, crs: str) -> Numbers:
    """The neighbours among shapes in EPSG:4326: (n, 2), each pair both ways. One without a shape has none."""
    queen = queen_pairs(shapes)
    there = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    alone = len(there) - len(np.unique(queen[:, 0]))
    return queen if alone <= ALONE * len(there) else nearest_pairs(shapes, there, crs)


def queen_pairs(shapes: Any) -> Numbers:
    """Shapes that touch, or overlap where two drawings disagree."""
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    apart = first != second
    found = np.column_stack([first[apart], second[apart]]).astype(np.int64)
    return found[np.lexsort((found[:, 1], found[:, 0]))]


def nearest_pairs(shapes: Any, there: Numbers, crs: str) -> Numbers:
    """The eight nearest of each; whoever is among the nearest of another is his neighbour too."""
    centres = shapely.get_coordinates(metric(shapely.centroid(shapes[there]), crs))
    k = min(NEAREST + 1, len(there))
    if k < 2:
        return np.zeros((0, 2), np.int64)
    near = np.asarray(cKDTree(centres).query(centres, k)[1], dtype=np.int64).reshape(len(there), k)
    first, second = np.repeat(there, k), there[near.ravel()]
    found = np.column_stack([first[first != second], second[first != second]])
    return np.unique(np.vstack([found, found[:, ::-1]]), axis=0)


def neighbours(store: Store, atlas_id: int, level: str, units: Listing) -> Numbers:
    """The neighbours among units of a level of an atlas, by their place in the listing; kept while the places stand."""
    ids, pairs = settled(store, f"neighbours {atlas_id} {level}", lambda: _of_level(store, atlas_id, level))
    at = units.positions(ids)[pairs] if len(pairs) else pairs
    found: Numbers = at[(at >= 0).all(axis=1)]
    return found


def _of_level(store: Store, atlas_id: int, level: str) -> tuple[Numbers, Numbers]:
    table = tree(store, atlas_id)
    own = table.filter(np.array([one == level for one in table["level"].to_pylist()]))
    shapes = shapely.from_wkb(own["geometry"].to_numpy(zero_copy_only=False))
    return own["place_id"].to_numpy().astype(np.int64), pairs_of(shapes, store.deployment.crs)
