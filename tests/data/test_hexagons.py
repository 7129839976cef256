"""Hexagons: every point in exactly one, always the same one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from data.errors import QuestionError
from data.hexagons import WIDTHS, Hexagons, hexagons, width_at
from data.on_map import Wanted
from data.periods import Period
from data.settings import Settings
from data.store import Store
from tests.data.builder import draw, local, move, take

MARCH = Wanted(Period(local("03-01"), local("04-01")), local("2025-01-01"))
EAST, NORTH = 500_003.3, 3_320_001.1  # metres; about 114° E, 30° N in EPSG:4547; on no border of a hexagon


def case(name: str, dx: float, dy: float, reported: str = "03-05 09:00") -> dict[str, object]:
    """A report so many metres from the origin of the test."""
    return {"id": name, "reported": reported, "lon": 114.0, "lat": 30.0, "x": EAST + dx, "y": NORTH + dy}


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A lattice of points seven metres apart over a square of 700 m, one of them voided; one more in April."""
    home = tmp_path_factory.mktemp("hexagons") / "var"
    settings = Settings(home=home, memory_share=0.1, threads=2)
    with Store.create(
        home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings
    ) as store:
        draw(store)
        take(store, *[case(f"{i}-{k}", 7.0 * i, 7.0 * k) for i in range(0, 100, 4) for k in range(0, 100, 4)])
        take(store, case("april", 0, 0, "04-02 09:00"), source="other")
        move(store, "0-0", "voided", "03-06 12:00", by_role="leader")
        yield store


def test_every_point_is_counted_once_in_the_hexagon_whose_centre_is_nearest(points: Store) -> None:
    found = hexagons(points, MARCH, 200)
    assert found.n.sum() == 624
    at = np.array(
        [(EAST + 7 * i, NORTH + 7 * k) for i in range(0, 100, 4) for k in range(0, 100, 4) if (i, k) != (0, 0)]
    )
    apart = np.hypot(at[:, :1] - found.x[None, :], at[:, 1:] - found.y[None, :])
    assert np.bincount(apart.argmin(axis=1), minlength=len(found.n)).tolist() == found.n.tolist()
    assert apart.min(axis=1).max() <= 200 / np.sqrt(3) + 1e-6


def test_a_hexagon_is_the_same_one_whatever_else_is_counted(points: Store) -> None:
    few = Wanted(Period(local("04-01"), local("05-01")), local("2025-01-01"))
    april, march = hexagons(points, few, 200), hexagons(points, MARCH, 200)
    assert (april.q[0], april.r[0]) in set(zip(march.q.tolist(), march.r.tolist(), strict=True))


def test_a_width_there_is_not_is_refused(points: Store) -> None:
    with pytest.raises(QuestionError):
        hexagons(points, MARCH, 123)


def test_corners_lie_a_side_from_the_centre_and_neighbours_share_two() -> None:
    two = Hexagons(400, np.array([1250, 1251]), np.array([9584, 9584]), np.array([1, 1]))
    corners = np.round(two.corners("EPSG:4547"), 9)
    assert corners.shape == (2, 6, 2)
    assert len(set(map(tuple, corners[0].tolist())) & set(map(tuple, corners[1].tolist()))) == 2


@given(some.floats(2, 20), some.floats(-60, 60))
def test_the_width_can_be_read_at_every_zoom(zoom: float, latitude: float) -> None:
    width = width_at(zoom, latitude)
    assert width in WIDTHS
    assert width_at(zoom + 1, latitude) <= width


def test_widths_at_some_zooms() -> None:
    assert [width_at(zoom, 30.0) for zoom in (10, 12, 14, 16)] == [6400, 1600, 400, 100]
