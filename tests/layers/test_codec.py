from __future__ import annotations

import base64
import gzip

import numpy as np
import pytest
import shapely

from layers.codec import BITS, Cells, decode, encode, mercator, unvarints, unzigzag, varints, zigzag
from tests.node import needs_node, run

# Two neighbours, an island and the hole around it, a place without a shape. In steps of a world of 2^8.
BOX = shapely.box
SHAPES = [BOX(0, 0, 45, 41), BOX(45, 0, 90, 41) - BOX(56.25, 11, 78.75, 31), BOX(56.25, 11, 78.75, 31), None]
RINGS = [
    [{(128, 96), (128, 128), (160, 128), (160, 96)}],
    [{(160, 96), (160, 128), (192, 128), (192, 96)}, {(168, 105), (168, 120), (184, 120), (184, 105)}],
    [{(168, 105), (168, 120), (184, 120), (184, 105)}],
    [],
]


def rings(cells: Cells, polygon: int) -> list[list[tuple[int, int]]]:
    """The points of every ring of a polygon, in order."""
    found = []
    for ring in range(cells.ring_start[polygon], cells.ring_start[polygon + 1]):
        points: list[tuple[int, int]] = []
        for ref in cells.refs[cells.ref_start[ring] : cells.ref_start[ring + 1]]:
            arc, back = divmod(int(ref), 2)
            part = slice(cells.arc_start[arc], cells.arc_start[arc + 1])
            line = list(zip(cells.x[part].tolist(), cells.y[part].tolist(), strict=True))
            line = line[::-1] if back else line
            assert not points or points[-1] == line[0]
            points += line[1:] if points else line
        assert points[0] == points[-1]
        found.append(points[:-1])
    return found


def test_polygons_come_back_as_they_went() -> None:
    cells = decode(encode(SHAPES, 8))
    assert [[set(ring) for ring in rings(cells, i)] for i in range(4)] == RINGS


def test_a_shared_border_is_listed_once() -> None:
    cells = decode(encode(SHAPES, 8))
    # The left box's other three sides, the border between the two, the right box's, the island's ring.
    assert len(cells.arc_start) - 1 == 4
    used = [set((cells.refs[slice(*cells.ref_start[r : r + 2])] >> 1).tolist()) for r in range(4)]
    assert len(used[0] & used[1]) == 1
    assert used[2] == used[3]  # the hole and the island in it
    assert len(cells.x) == 4 + 2 + 4 + 5


def test_neighbours_that_meet_in_a_point_or_along_parts_of_a_side_keep_their_rings() -> None:
    shapes = [BOX(0, 0, 45, 41), BOX(45, 41, 90, 66), BOX(45, 0, 90, 20), BOX(45, 20, 90, 41)]
    cells = decode(encode(shapes, 8))
    for shape, number in zip(shapes, range(4), strict=True):
        corners = {tuple(p) for p in mercator(shapely.get_coordinates(shape), 8).tolist()}
        assert [set(ring) for ring in rings(cells, number)] == [corners]


def test_a_spike_and_a_bow_survive() -> None:
    spike = shapely.Polygon([(0, 0), (45, 0), (45, 41), (70, 41), (45, 41), (0, 41)])
    bow = shapely.Polygon([(90, 0), (135, 41), (90, 41), (135, 0)])
    cells = decode(encode([spike, bow], 8))
    assert sorted(rings(cells, 0)[0]) == [(128, 96), (128, 128), (160, 96), (160, 96), (160, 128), (178, 96)]
    assert sorted(rings(cells, 1)[0]) == [(192, 96), (192, 128), (224, 96), (224, 128)]


def test_what_vanishes_when_rounded_keeps_its_number() -> None:
    cells = decode(encode([BOX(0, 0, 0.1, 0.1), BOX(0, 0, 45, 41)], 8))
    assert cells.ring_start.tolist() == [0, 0, 1]


def test_nothing_at_all_is_an_empty_layer() -> None:
    for shapes in ([], [None], [shapely.Polygon()]):
        cells = decode(encode(shapes))
        assert (len(cells.ring_start) - 1, len(cells.refs), len(cells.x)) == (len(shapes), 0, 0)


def test_the_same_shapes_are_the_same_bytes() -> None:
    assert encode(SHAPES) == encode(SHAPES)


def test_other_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="no polygons"):
        decode(gzip.compress(b"x" * 40))


@pytest.mark.parametrize(
    ("number", "content"),
    [(0, b"\x00"), (127, b"\x7f"), (128, b"\x80\x01"), (300, b"\xac\x02"), (2**32 - 1, b"\xff\xff\xff\xff\x0f")],
)
def test_a_varint_is_seven_bits_a_byte(number: int, content: bytes) -> None:
    assert varints(np.array([number])) == content
    assert unvarints(content).tolist() == [number]


def test_zigzag_keeps_small_numbers_small() -> None:
    values = np.array([0, -1, 1, -2, 2**31 - 1, -(2**31)])
    assert zigzag(values).tolist() == [0, 1, 2, 3, 2**32 - 2, 2**32 - 1]
    assert unzigzag(zigzag(values)).tolist() == values.tolist()


def town(across: int) -> list[shapely.Polygon]:
    """A square of squares around 118.3° east, 35° north, about 50 m each."""
    west, south, side = 118.3, 35.0, 0.0005
    return [
        BOX(west + i * side, south + j * side, west + (i + 1) * side, south + (j + 1) * side)
        for j in range(across)
        for i in range(across)
    ]


def test_a_micro_grid_takes_few_bytes() -> None:
    assert len(encode(town(100))) / 100**2 < 32


@needs_node
def test_the_browser_reads_the_same_arrays() -> None:
    content = encode(SHAPES + town(12), BITS)
    ours = decode(content)
    raw = base64.b64encode(gzip.decompress(content)).decode()
    theirs = run(
        ["cells/codec.js"],
        """const cells = jingwei.decodeCells(Uint8Array.from(Buffer.from(raw, 'base64')).buffer);
        return Object.fromEntries(Object.entries(cells).map(([k, v]) => [k, v.length === undefined ? v : Array.from(v)]));""",
        raw=raw,
    )
    assert theirs == {
        "bits": 28,
        "n": len(SHAPES) + 144,
        "ringStart": ours.ring_start.tolist(),
        "refStart": ours.ref_start.tolist(),
        "refs": ours.refs.tolist(),
        "arcStart": ours.arc_start.tolist(),
        "x": ours.x.tolist(),
        "y": ours.y.tolist(),
    }


@needs_node
def test_values_are_a_byte_a_polygon() -> None:
    text = base64.b64encode(bytes([0, 4, 254, 255])).decode()
    assert run(["cells/codec.js"], "return Array.from(jingwei.decodeValues(text))", text=text) == [0, 4, 254, 255]


@needs_node
def test_the_browser_refuses_other_bytes() -> None:
    said = run(
        ["cells/codec.js"], "try { jingwei.decodeCells(new ArrayBuffer(40)) } catch (error) { return error.message }"
    )
    assert said == "these bytes are no polygons"
