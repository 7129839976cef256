"""Lines and areas that are only drawn, on the wire: kinds, ranks, names and coordinates, decoded by assets/base/features.js.

    uint32 length and JSON: {"bits", "n", "kinds": ["road/local", …], "names": [the different names]}
    streams, each a uint32 length in bytes and its varints (layers/codec.py):
      kind · rank · name + 1, or 0 · parts a feature · points a part
      x and y of all points, x and y of each feature's anchor (differences, zigzag)

An area's parts are its rings by the even-odd rule, a line's are its lines. The anchor is a point on the feature for its name.
"""

from __future__ import annotations

import gzip
import json
import struct
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from layers.codec import BITS, mercator, varints, zigzag

METRES_A_DEGREE = 111_320.0
TOLERANCE = 0.6  # metres: what a line may be off, so that a curve does not carry points nobody sees


def encode_features(table: pa.Table) -> bytes:
    """Features (theme, kind, name, rank, geometry as WKB in EPSG:4326) in their order, gzipped."""
    shapes = shapely.simplify(
        shapely.from_wkb(table["geometry"].to_numpy(zero_copy_only=False)), TOLERANCE / METRES_A_DEGREE
    )
    kinds = [f"{theme}/{kind}" for theme, kind in zip(*(table[k].to_pylist() for k in ("theme", "kind")), strict=True)]
    names = [name or "" for name in table["name"].to_pylist()]
    known, named = sorted(set(kinds)), sorted(set(names) - {""})
    head = json.dumps({"bits": BITS, "n": len(kinds), "kinds": known, "names": named}, ensure_ascii=False).encode()
    streams = [
        varints(_places(kinds, known)),
        varints(table["rank"].to_numpy().astype(np.int64)),
        varints(_places(names, ["", *named])),
        *_coordinates(shapes),
    ]
    packed = b"".join(struct.pack("<I", len(s)) + s for s in (head, *streams))
    return gzip.compress(packed, 6, mtime=0)


def _places(values: list[str], known: list[str]) -> npt.NDArray[np.int64]:
    number = {value: i for i, value in enumerate(known)}
    return np.array([number[value] for value in values], np.int64)


def _coordinates(shapes: Any) -> list[bytes]:
    parts, part_of = shapely.get_parts(shapes, return_index=True)
    is_area = shapely.get_dimensions(parts) == 2
    lines = np.where(is_area, shapely.boundary(parts), parts)  # the rings of an area: a line or several
    rings, ring_of = shapely.get_parts(lines, return_index=True)
    points, at = shapely.get_coordinates(rings, return_index=True)
    steps = mercator(points)
    anchors = mercator(np.nan_to_num(shapely.get_coordinates(shapely.point_on_surface(shapes))))
    return [
        varints(np.bincount(part_of[ring_of], minlength=len(shapes))),
        varints(np.bincount(at, minlength=len(rings))),
        *(varints(zigzag(np.diff(column, prepend=0))) for column in (steps[:, 0], steps[:, 1])),
        *(varints(zigzag(np.diff(column, prepend=0))) for column in (anchors[:, 0], anchors[:, 1])),
    ]
