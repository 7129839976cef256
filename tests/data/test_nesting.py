"""Places joined and nested by area."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from data.nesting import joined


def test_a_slit_between_neighbours_is_no_hole_but_a_courtyard_is() -> None:
    left = shapely.Polygon([(0, 0), (1, 0), (1, 0.4), (0.999999, 0.5), (1, 0.6), (1, 1), (0, 1)])
    right = shapely.box(1, 0, 2, 1) - shapely.box(1.4, 0.4, 1.6, 0.6)
    made = joined(np.array([left, right], dtype=object))
    assert [len(ring.coords) for ring in made.interiors] == [5]
    assert made.area == pytest.approx(2 - 0.04)
