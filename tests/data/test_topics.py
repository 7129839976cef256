"""The topic of the month: how categories are ranked, on numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from data.figures import Filter, Question
from data.settings import Settings
from data.store import Store
from data.topics import combined, delay, standing, topics
from tests.data.builder import draw, local, take

MARCH = Question("district", local("03-01"), local("04-01"), as_of=local("2025-01-01"))
FEBRUARY = replace(MARCH, start=local("02-01"), end=local("03-01"))


def test_a_part_stands_at_the_share_of_the_others_it_exceeds() -> None:
    values = np.array([5.0, 1.0, 3.0, 3.0, np.nan, 9.0])
    among = np.array([True, True, True, True, True, False])
    found = standing(values, among)
    assert found[:4].tolist() == pytest.approx([1.0, 0.0, 0.5, 0.5])
    assert np.isnan(found[4:]).all()


def test_the_score_is_the_mean_of_at_least_three_parts() -> None:
    places = np.array([[1.0, 1.0], [0.5, np.nan], [0.0, 0.5], [np.nan, np.nan], [0.5, np.nan]])
    found = combined(places)
    assert found[0] == pytest.approx(50.0)
    assert np.isnan(found[1])


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """March: forty of 垃圾, ten late, half not satisfied; thirty of 噪声, none late, all satisfied; five of 其他. February:
    twenty of 垃圾, sixty of 噪声."""
    home = tmp_path_factory.mktemp("topics") / "var"
    settings = Settings(home=home, memory_share=0.1, threads=2)
    with Store.create(
        home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings
    ) as store:
        draw(store)
        cases = [one("垃圾", i, "03", late=i < 10, pleased=i % 2 == 0) for i in range(40)]
        cases += [one("噪声", i, "03", late=False, pleased=True) for i in range(30)]
        cases += [one("其他", i, "03", late=False, pleased=True) for i in range(5)]
        cases += [one("垃圾", i, "02", late=False, pleased=True) for i in range(20)]
        cases += [one("噪声", i, "02", late=False, pleased=True) for i in range(60)]
        take(store, *cases)
        yield store


def one(category: str, i: int, month: str, *, late: bool, pleased: bool) -> dict[str, object]:
    """A case of the second, due on the fifth at six in the evening; in time it is closed on the third at noon, late on the sixth at six."""
    return {
        "id": f"{category}-{month}-{i}", "at": "G1", "category_name": category, "reported": f"{month}-02 08:00", "due": f"{month}-05 18:00",
        "closed": f"{month}-06 18:00" if late else f"{month}-03 12:00", "called_back": f"{month}-10 10:00", "contacted": True,
        "resolved": True, "satisfaction": "satisfied" if pleased else "unsatisfied",
    }  # fmt: skip


def test_categories_are_ranked_by_volume_growth_lateness_and_dissatisfaction(district: Store) -> None:
    found = topics(district, MARCH, FEBRUARY)
    assert found.names == ["垃圾", "噪声", "其他"]
    assert found.parts["volume"].tolist() == [40, 30, 5]
    assert found.parts["growth"][:2].tolist() == pytest.approx([50 / 30 - 1, 40 / 70 - 1])
    assert found.parts["overdue"][:2].tolist() == [0.25, 0.0]
    assert found.parts["dissatisfaction"][:2].tolist() == [0.5, 0.0]
    assert np.isnan(found.parts["repeats"][:2]).all()  # nobody said where: no points, no repeat points
    assert found.score[:2].tolist() == [100.0, 0.0]
    assert np.isnan(found.score[2])  # five cases are too few
    assert [found.n[name][0] for name in ("volume", "growth", "overdue", "dissatisfaction")] == [40, 20, 40, 40]


def test_the_typical_delay_is_that_of_the_closed_and_of_the_late(district: Store) -> None:
    found = delay(district, replace(MARCH, filters=(Filter("category", ("垃圾",)),), figures=("handling_hours",)))
    assert (found.n, found.median) == (40, 28.0)
    assert (found.late, found.overdue) == (10, 24.0)
    assert found.ninth == 106.0
