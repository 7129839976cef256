"""Small multiples on paper: each map in its own classes, one legend."""

from __future__ import annotations

import numpy as np

from layers.codec import NO_DATA
from layers.paper import Area, Text
from layers.print_map import HATCH_GROUND
from layers.print_multiples import SmallMap, multiples
from tests.layers.test_print_map import sheet


def test_each_little_map_has_its_own_classes_and_the_page_one_legend() -> None:
    cells = [
        SmallMap("一月", "n = 8", np.array([0, 1], np.uint8)),
        SmallMap("二月", "n = 9", np.array([1, NO_DATA], np.uint8)),
    ]
    made = multiples(sheet(0, 1), cells, 180, 100)
    words = [mark.text for mark in made.marks if isinstance(mark, Text)]
    assert [word for word in words if word in ("一月", "n = 8", "二月", "n = 9")] == [
        "一月",
        "n = 8",
        "二月",
        "n = 9",
    ]
    assert words.count("按期办结率 (%)") == 1
    fills = [mark.fill for mark in made.marks if isinstance(mark, Area)]
    assert fills.count("#A9CDEB") == 1
    assert fills.count("#2673B4") == 3  # the second of one, the first of the other, and the legend's
    assert fills.count(HATCH_GROUND) == 2  # no data, and the legend's


def test_twelve_little_maps_stand_in_rows_inside_the_page() -> None:
    cells = [SmallMap(f"m{i}", "", np.array([0, 1], np.uint8)) for i in range(12)]
    made = multiples(sheet(0, 1), cells, 273, 186)
    at = [(mark.x, mark.y) for mark in made.marks if isinstance(mark, Text) and mark.text.startswith("m")]
    assert len({round(y, 3) for _x, y in at}) in (2, 3, 4)
    assert max(x for x, _y in at) < 273 - 48
    assert max(y for _x, y in at) < 186
