"""Names that mean one place come out the same; names that do not, do not."""

from __future__ import annotations

import pytest

from etl.names import normal_name


@pytest.mark.parametrize(
    ("spelling", "normal"),
    [
        ("南布社区", "南布社区"),
        ("南布社区居委会", "南布社区"),
        ("南布社区居民委员会", "南布社区"),
        (" 南布 社区 ", "南布社区"),
        ("中心居委会", "中心社区"),
        ("沙湖村民委员会", "沙湖村"),
        ("沙湖村委会", "沙湖村"),
        ("龙田街道办事处", "龙田街道"),
        ("龙田街道", "龙田街道"),
        ("居委会", "居委会"),
        ("ＢＵＴＡＮＴÃ", "butanta"),
        ("São  Luís", "sao luis"),
        ("Allston / Brighton", "allston/brighton"),
        ("M'Boi  Mirim", "m'boi mirim"),
        ("M’BOI MIRIM", "m'boi mirim"),
    ],
)
def test_spellings_of_one_place_meet(spelling: str, normal: str) -> None:
    assert normal_name(spelling) == normal


def test_a_street_and_a_community_of_one_name_stay_apart() -> None:
    assert normal_name("龙田街道办事处") != normal_name("龙田社区居委会")


def test_normal_names_stay_as_they_are() -> None:
    for name in ("南布社区", "butanta", "allston/brighton"):
        assert normal_name(name) == name
