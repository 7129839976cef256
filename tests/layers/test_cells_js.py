"""What the browser computes of polygons, on hand-drawn maps of a few pixels, run in Node."""

from __future__ import annotations

import base64
import gzip
import math
from typing import Any

import shapely

from layers.codec import encode
from tests.node import needs_node, run

pytestmark = needs_node
BITS = 8
STEP = 360 / 2**BITS  # degrees of longitude a step


def lat(y: float) -> float:
    """The latitude of a row of the world's square of 2^8 steps."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / 2**BITS))))


def shape(*points: tuple[float, float]) -> shapely.Polygon:
    """A polygon whose corners are given in steps from the corner (100, 100) of the world's square."""
    return shapely.Polygon([((100 + x) * STEP - 180, lat(100 + y)) for x, y in points])


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """A rectangle in steps."""
    return shape((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def raw(shapes: list[Any]) -> str:
    """Encoded shapes as Node reads them."""
    return base64.b64encode(gzip.decompress(encode(shapes, BITS))).decode()


def filled(shapes: list[Any], *, width: int, height: int, scale: float = 1, x: float = 0, y: float = 0) -> list[str]:
    """The id buffer as lines of digits, dots where nothing is; a view at (x, y) pixels from the corner (100, 100)."""
    ids = run(
        ["cells/codec.js", "cells/fill.js"],
        """const cells = jingwei.decodeCells(Uint8Array.from(Buffer.from(raw, 'base64')).buffer);
        const ids = new Int32Array(view.width * view.height);
        const projected = new jingwei.Projected(cells, view);
        for (let i = 0; i < cells.n; i++) jingwei.fillCell(projected, ids, i);
        return Array.from(ids);""",
        raw=raw(shapes),
        view={"scale": scale, "x": 100 * scale + x, "y": 100 * scale + y, "width": width, "height": height},
    )
    text = "".join(str(i) if i else "." for i in ids)
    return [text[at : at + width] for at in range(0, len(text), width)]


NINE = [box(column, line, 1, 1) for line in range(3) for column in range(3)]


def test_nine_squares_fill_nine_pixels() -> None:
    assert filled(NINE, width=3, height=3) == ["123", "456", "789"]


def test_a_pixel_belongs_to_the_square_that_holds_its_centre() -> None:
    assert filled(NINE, width=5, height=5, scale=1.5) == ["1223.", "4556.", "4556.", "7889.", "....."]


def test_a_centre_on_a_border_belongs_to_the_right_and_lower_square() -> None:
    assert filled(NINE, width=3, height=3, x=0.5, y=0.5) == ["56.", "89.", "..."]
    assert filled(NINE, width=3, height=3, x=-0.5, y=-0.5) == ["123", "456", "789"]


def test_neighbours_along_a_slanted_border_neither_overlap_nor_gape() -> None:
    left = shape((0, 0), (4, 0), (7, 9), (0, 9))
    right = shape((4, 0), (9, 0), (9, 9), (7, 9))
    first = [4, 4, 5, 5, 5, 6, 6, 6, 7]  # the border runs at 4 + (row + 1/2) / 3
    assert filled([left, right], width=9, height=9) == ["1" * n + "2" * (9 - n) for n in first]
    assert filled([right, left], width=9, height=9) == ["2" * n + "1" * (9 - n) for n in first]


def test_a_hole_is_left_empty_and_an_island_fills_it() -> None:
    ring = box(0, 0, 5, 5) - box(1, 1, 3, 3)
    assert filled([ring], width=5, height=5) == ["11111", "1...1", "1...1", "1...1", "11111"]
    assert filled([ring, box(1, 1, 3, 3)], width=5, height=5) == ["11111", "12221", "12221", "12221", "11111"]


def test_parts_of_one_place_have_one_number() -> None:
    assert filled([shapely.union(box(0, 0, 1, 3), box(2, 0, 1, 3))], width=3, height=3) == ["1.1", "1.1", "1.1"]


def test_a_place_far_larger_than_the_view_fills_it() -> None:
    assert filled([box(-90, -90, 180, 180)], width=3, height=2) == ["111", "111"]
    assert filled([box(-90, -90, 80, 180)], width=3, height=2) == ["...", "..."]


def test_where_boundaries_overlap_the_later_lies_above() -> None:
    assert filled([box(0, 0, 2, 2), box(1, 1, 2, 2)], width=3, height=3) == ["11.", "122", ".22"]


def test_many_crossings_of_one_polygon_are_paired_row_by_row() -> None:
    comb = shapely.union_all([box(0, 0, 40, 1), *(box(2 * i, 1, 1, 3) for i in range(20))])
    assert filled([comb], width=40, height=4) == ["1" * 40, "1." * 20, "1." * 20, "1." * 20]


def shapes_do(body: str, shapes: list[Any], **given: Any) -> Any:
    """Ask the decoded shapes something."""
    load = "const shapes = new jingwei.Shapes(jingwei.decodeCells(Uint8Array.from(Buffer.from(raw, 'base64')).buffer));"
    return run(["cells/codec.js", "cells/shapes.js"], load + body, raw=raw(shapes), **given)


def test_neighbours_share_a_side_not_a_corner() -> None:
    found = shapes_do("return [0, 4].map(i => shapes.neighbours(i).sort());", NINE)
    assert found == [[1, 3], [1, 3, 5, 7]]


def test_an_arrow_goes_to_the_neighbour_on_that_side() -> None:
    found = shapes_do("return [[1, 0], [-1, 0], [0, 1], [0, -1]].map(d => shapes.towards(4, ...d));", NINE)
    assert found == [5, 3, 7, 1]


def test_an_arrow_reaches_over_a_gap_and_stops_at_the_edge() -> None:
    found = shapes_do("return [shapes.towards(0, 1, 0), shapes.towards(1, 1, 0)];", [box(0, 0, 1, 1), box(5, 0, 1, 1)])
    assert found == [1, -1]


def test_an_outline_is_the_ring_in_order() -> None:
    assert shapes_do("return shapes.rings(4)[0].map(p => p.join()).sort()", NINE) == [
        "101,101",
        "101,102",
        "102,101",
        "102,102",
    ]
    ring = box(0, 0, 5, 5) - box(1, 1, 3, 3)
    assert shapes_do("return shapes.rings(0).map(r => r.length)", [ring]) == [4, 4]


def test_only_what_meets_the_window_is_drawn() -> None:
    assert shapes_do("return shapes.inside(100.5, 100.5, 101.5, 101.4)", NINE) == [0, 1, 3, 4]
    assert shapes_do("return shapes.inside(0, 0, 256, 256)", [*NINE[:2], None]) == [0, 1]


def coloured(ids: list[int], values: list[int], width: int, **view: int) -> list[str]:
    """Pixels as RRGGBB, an empty text where nothing is."""
    pixels = run(
        ["cells/picture.js"],
        """const pixels = new Int32Array(ids.length);
        const table = jingwei.lookUp(values.length, Uint8Array.from(values), ['#102030', '#0000FF']);
        jingwei.colourPixels(Int32Array.from(ids), pixels, view, table, { ground: '#FFFFFF', line: '#000000' });
        return Array.from(pixels);""",
        ids=ids,
        values=values,
        view={"width": width, "height": len(ids) // width, "x": 0, "y": 0, "ratio": 1} | view,
    )
    return ["".join(f"{p >> s & 255:02X}" for s in (0, 8, 16)) if p else "" for p in pixels]


def test_a_pixel_has_the_colour_of_its_polygon_s_class() -> None:
    assert coloured([0, 1, 2, 1], [1, 0], 4) == ["", "0000FF", "102030", "0000FF"]


def test_hatching_is_bound_to_the_world_not_to_the_view() -> None:
    whole = coloured([1] * 64, [255], 8)
    shifted = coloured([1] * 64, [255], 8, x=3, y=2)
    assert whole[0] == "000000"
    assert whole[4] == "FFFFFF"
    assert shifted[0] == whole[2 * 8 + 3]
    assert shifted[8] == whole[3 * 8 + 3]


def test_too_few_is_hatched_the_other_way() -> None:
    rising, falling = (coloured([1] * 64, [value], 8) for value in (255, 254))
    assert [rising[8 * i + 7 - i] for i in range(8)] == [rising[7]] * 8
    assert [falling[9 * i] for i in range(8)] == [falling[0]] * 8
    assert rising != falling
