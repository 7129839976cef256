"""Units that cannot be taken are refused with what is wrong, where, and what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from data.errors import InputError
from planning.units import units
from tests.planning.boards import squares

NAMES = ["east", "west"]


def test_a_unit_has_area_in_square_metres_and_perimeter_in_metres() -> None:
    made = units(squares(1, 2), [3, 0])
    assert (made.area.tolist(), made.perimeter.tolist(), made.weight.tolist()) == ([100, 100], [40, 40], [3, 0])


def test_no_units_are_refused() -> None:
    with pytest.raises(InputError, match="There are no units to draw a plan from"):
        units([], [])


@pytest.mark.parametrize("count", [-1, 2.5, float("nan")])
def test_counts_are_whole_and_not_negative(count: float) -> None:
    with pytest.raises(InputError, match="west: 1 units have a household count that is negative or not a whole number"):
        units(squares(1, 2), [3, count], name=NAMES)


def broken() -> Any:
    """A polygon with a coordinate that is not a number."""
    with np.errstate(invalid="ignore"):
        return shapely.Polygon([(0, 0), (float("nan"), 0), (1, 1), (0, 0)])


@pytest.mark.parametrize("shape", [None, shapely.Polygon(), broken(), shapely.Point(1, 1)])
def test_a_geometry_without_area_is_refused_by_name(shape: Any) -> None:
    with pytest.raises(InputError, match="west: 1 units have no area") as error:
        units(np.array([squares(1, 1)[0], shape], dtype=object), [1, 1], name=NAMES)
    assert error.value.todo


def test_a_lock_needs_a_part_to_stay_in() -> None:
    with pytest.raises(InputError, match="east: 1 units are locked but belong to no part"):
        units(squares(1, 2), [1, 1], locked=[True, True], current=[-1, 4], name=NAMES)


def test_every_attribute_has_one_value_a_unit() -> None:
    with pytest.raises(InputError, match="2 units but 3 values of estate"):
        units(squares(1, 2), [1, 1], estate=[1, 2, 3])
    with pytest.raises(InputError, match="2 units but 1 household counts"):
        units(squares(1, 2), [1])
