"""Polygons and values on the wire: a few bytes a polygon, decoded into typed arrays by assets/cells/codec.js.

Geometry is a topology, as in TopoJSON (Bostock 2013): a border two neighbours share is one arc, listed once, so that they
cannot gape after rounding and a border is stroked once. Coordinates are whole numbers in Web Mercator's square (2^28 steps
across the world: 0.12 m at 35° north), written as differences, zigzag and varint (as in Protocol Buffers), then gzip.
A polygon is all its rings by the even-odd rule, so holes and parts need no marks.

    "JWG1", then six little-endian uint32: bits, polygons, rings, arcs, points, refs
    six streams, each a uint32 length in bytes and its varints:
      rings a polygon · refs a ring · refs (difference to the one before; arc × 2 + 1 where it runs backwards)
      points an arc · x and y of all points (difference to the one before, through all arcs)

Values are one byte a polygon: its class, TOO_FEW, NO_DATA, or OUTSIDE of what is asked about: not coloured at all.
"""

from __future__ import annotations

import gzip
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from layers.arcs import Arcs, arcs_of

MAGIC = b"JWG1"
BITS = 28
NO_DATA, TOO_FEW, OUTSIDE = 255, 254, 253
MOST_NORTH = 85.05112878  # where Web Mercator's square ends

Ints = npt.NDArray[np.int64]
HEAD = struct.Struct("<4s6I")


@dataclass(frozen=True)
class Cells:
    """Decoded polygons. Starts have one entry more than there are things; points are (x, y) of the Mercator square."""

    bits: int
    ring_start: Ints  # polygon → its first ring
    ref_start: Ints  # ring → its first ref
    refs: Ints  # arc × 2, + 1 where the ring runs along it backwards
    arc_start: Ints  # arc → its first point
    x: Ints
    y: Ints


def mercator(lonlat: npt.NDArray[np.float64], bits: int = BITS) -> Ints:
    """Degrees as whole steps in Web Mercator's square, y downwards."""
    lat = np.radians(np.clip(lonlat[:, 1], -MOST_NORTH, MOST_NORTH))
    share = np.column_stack([(lonlat[:, 0] + 180) / 360, 0.5 - np.log(np.tan(np.pi / 4 + lat / 2)) / (2 * np.pi)])
    return np.rint(share * 2.0**bits).astype(np.int64)


def encode(shapes: Any, bits: int = BITS) -> bytes:
    """Polygons and multipolygons (shapely, EPSG:4326) in their order, gzipped. One that is missing, or vanishes when
    rounded, keeps its number and has no ring."""
    parts, part_of = shapely.get_parts(shapes, return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    lonlat, at = shapely.get_coordinates(rings, return_index=True)
    points = mercator(lonlat, bits)
    made = arcs_of(points[:, 0], points[:, 1], at, part_of[ring_of])
    return gzip.compress(_packed(made, len(shapes), bits), 9, mtime=0)


def _packed(made: Arcs, n: int, bits: int) -> bytes:
    rings = np.bincount(made.owner, minlength=n)
    head = HEAD.pack(MAGIC, bits, n, len(made.ref_counts), len(made.arc_lengths), len(made.x), len(made.refs))
    streams = (
        varints(rings),
        varints(made.ref_counts),
        varints(zigzag(np.diff(made.refs, prepend=0))),
        varints(made.arc_lengths),
        varints(zigzag(np.diff(made.x, prepend=0))),
        varints(zigzag(np.diff(made.y, prepend=0))),
    )
    return head + b"".join(struct.pack("<I", len(s)) + s for s in streams)


def decode(content: bytes) -> Cells:
    """What `encode` made. ValueError where the bytes are something else."""
    raw = gzip.decompress(content)
    magic, bits, *_sizes = HEAD.unpack_from(raw)
    if magic != MAGIC:
        raise ValueError("these bytes are no polygons")
    streams, at = [], HEAD.size
    for _ in range(6):
        (size,) = struct.unpack_from("<I", raw, at)
        streams.append(unvarints(raw[at + 4 : at + 4 + size]))
        at += 4 + size
    rings, refs_a_ring, refs, points_an_arc, x, y = streams
    return Cells(
        bits,
        _starts(rings),
        _starts(refs_a_ring),
        np.cumsum(unzigzag(refs)),
        _starts(points_an_arc),
        np.cumsum(unzigzag(x)),
        np.cumsum(unzigzag(y)),
    )


def _starts(counts: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def zigzag(values: Ints) -> Ints:
    """Small numbers of either sign as small numbers: 0 -1 1 -2 → 0 1 2 3."""
    return (values << 1) ^ (values >> 63)


def unzigzag(values: Ints) -> Ints:
    """The inverse of zigzag."""
    return (values >> 1) ^ -(values & 1)


def varints(values: Ints) -> bytes:
    """Seven bits a byte, lowest first, the top bit set on all but a number's last byte."""
    left = values.astype(np.uint64)
    sizes = np.ones(len(left), np.int64)
    for shift in (7, 14, 21, 28):
        sizes += left >= np.uint64(1 << shift)
    ends = np.cumsum(sizes)
    out = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    for i in range(5):
        there = sizes > i
        piece = (left[there] >> np.uint64(7 * i)) & np.uint64(127)
        more = (sizes[there] > i + 1).astype(np.uint64) << np.uint64(7)
        out[ends[there] - sizes[there] + i] = piece | more
    return out.tobytes()


def unvarints(content: bytes) -> Ints:
    """The inverse of varints."""
    raw = np.frombuffer(content, np.uint8).astype(np.int64)
    ends = np.flatnonzero(raw < 128)
    if not len(ends):
        return np.zeros(0, np.int64)
    starts = np.concatenate([[0], ends[:-1] + 1])
    places = np.arange(len(raw)) - np.repeat(starts, ends - starts + 1)
    return np.add.reduceat((raw & 127) << (7 * places), starts)
