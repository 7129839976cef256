"""What a person types finds the place or the case they mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from data.search import find_cases, find_places, plain
from data.settings import Settings
from data.store import Store
from tests.data.builder import draw, put, take

TODAY = date(2024, 6, 1)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The hand-drawn district with an estate of nine buildings, and cases."""
    home = tmp_path_factory.mktemp("search") / "var"
    settings = Settings(home=home, memory_share=0.1, threads=2)
    with Store.create(
        home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings
    ) as store:
        draw(store)
        put(store, "estate", [{"code": "E3", "name": "青松苑", "parent_code": "C1", "aliases": ["松苑新村"]}])
        buildings = [{"code": f"B{i}", "name": f"{i} 号楼", "parent_code": "E3"} for i in range(1, 12)]
        put(store, "building", buildings)
        put(store, "block", [{"code": "K1", "name": "2单元", "parent_code": "B3"}])
        take(store, *({"id": f"QH2024{i:04d}", "reported": "03-05 10:00", "at": "G1"} for i in range(20)))
        yield store


def codes(store: Store, text: str) -> list[str]:
    return [found.code for found in find_places(store, text, TODAY)]


@pytest.mark.parametrize(
    "text", ["青松苑 3 号楼", "青松苑3号楼", "青松苑三号楼", "青松苑 ３号楼", "社区C1 青松苑3号楼"]
)
def test_a_building_is_found_by_its_estate_and_its_number(district: Store, text: str) -> None:
    assert codes(district, text)[0] == "B3"


def test_a_whole_name_comes_before_what_only_contains_it(district: Store) -> None:
    found = find_places(district, "青松苑", TODAY)
    assert [(one.level, one.code) for one in found[:2]] == [("estate", "E3"), ("building", "B1")]
    assert found[0].path == ("一街", "社区C1")
    assert len(found) == 1 + 6 + 1  # the estate, six of its buildings, its block


def test_aliases_and_codes_find_places(district: Store) -> None:
    assert codes(district, "松苑新村") == ["E3"]
    assert codes(district, "g2") == codes(district, "G2") == ["G2"]
    assert codes(district, "990100") == ["990100"]


def test_an_address_down_to_the_entrance(district: Store) -> None:
    assert codes(district, "青松苑3号楼2单元") == ["K1"]


def test_nothing_is_found_by_nothing(district: Store) -> None:
    assert codes(district, "  ") == codes(district, "没有的地方") == codes(district, "%") == []
    assert find_cases(district, "QH") == find_cases(district, "青松苑 3") == find_cases(district, "'; DROP TABLE") == []


def test_a_case_is_found_by_its_number_or_how_it_begins(district: Store) -> None:
    assert [one.external_id for one in find_cases(district, "QH20240007")] == ["QH20240007"]
    assert [one.external_id for one in find_cases(district, "qh20240007")] == ["QH20240007"]
    newest = [f"QH2024{i:04d}" for i in range(19, 13, -1)]
    assert [one.external_id for one in find_cases(district, "QH2024")] == newest


@pytest.mark.parametrize(
    ("text", "expected"),
    [("青松苑 三号楼", "青松苑3号楼"), ("二十三号楼", "23号楼"), ("十栋", "10栋"), ("一百零二号", "102号"), ("Ａ座 十二层", "a座十二层"),
     ("三里屯", "三里屯")],
)  # fmt: skip
def test_texts_are_compared_without_width_spaces_and_numerals(text: str, expected: str) -> None:
    assert plain(text) == expected
