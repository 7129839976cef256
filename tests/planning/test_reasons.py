"""Each reason for a part outside the band, on a row of units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from planning.graph import walled
from planning.reasons import reasons
from tests.planning.boards import board

ROWS: list[tuple[str, list[int], list[int], dict[str, Any], int, tuple[int, ...]]] = [
    ("heavy_unit", [10, 15, 5], [0, 1, 1], {}, 1, (1,)),
    ("total", [10, 10, 2, 2], [0, 0, 1, 2], {"community": [1, 1, 2, 2]}, 1, ()),
    ("locked", [8, 4, 10], [0, 0, 1], {"current": [0, 0, 1], "locked": [True, True, False]}, 0, ()),
    ("heavy_together", [7, 7, 4], [0, 0, 1], {}, 0, (1,)),
    ("heavy_around", [4, 9, 11], [0, 1, 2], {}, 0, (1,)),
    ("not_found", [6, 3, 3, 8], [0, 0, 0, 1], {}, 0, ()),
]


@pytest.mark.parametrize(("kind", "weight", "part", "given", "asked", "about"), ROWS, ids=[row[0] for row in ROWS])
def test_the_reason_says_what_stands_in_the_way(
    kind: str, weight: list[int], part: list[int], given: dict[str, Any], asked: int, about: tuple[int, ...]
) -> None:
    cells, graph = board(1, len(weight), weight, **given)
    (found,) = reasons(cells, walled(graph, cells), np.array(part), np.array([asked]), 8, 11)
    assert (found.kind, found.part, found.units) == (kind, asked, about)
    assert found.households == sum(w for w, p in zip(weight, part, strict=True) if p == asked)
    assert found.text.endswith(".")


def test_an_island_is_a_part_without_neighbours() -> None:
    cells, graph = board(1, 3, [9, 9, 12], community=[1, 1, 2])
    (found,) = reasons(cells, walled(graph, cells), np.array([0, 0, 1]), np.array([1]), 8, 11)
    assert found.kind == "heavy_unit"
    cells, graph = board(1, 4, [9, 9, 6, 6], community=[1, 1, 2, 2])
    (found,) = reasons(cells, walled(graph, cells), np.array([0, 0, 1, 1]), np.array([1]), 8, 11)
    assert (found.kind, found.households) == ("island", 12)
    assert "12 households are all it can have" in found.text
