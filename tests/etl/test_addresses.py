"""Address texts: their one form, what stands behind a name, and what may be kept of them."""

from __future__ import annotations

import pytest

from etl.addresses import House, block_key, building_key, house, kept, plain


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("青松苑　３号楼，二单元", "青松苑3号楼2单元"),
        ("青松苑 3 号 楼 2 单 元", "青松苑3号楼2单元"),
        ("青松苑３＃２单元", "青松苑3#2单元"),
        ("青松苑 12－3－501", "青松苑12-3-501"),
        ("红枫一村第三十二栋", "红枫1村第32栋"),
        ("百合苑一百零三号", "百合苑103号"),
        ("青松苑二〇三室", "青松苑203室"),
        ("青松苑03号楼", "青松苑3号楼"),
        ("青松苑3号搂1单无", "青松苑3号楼1单元"),
        ("金桂花園 參號樓", "金桂花园3号楼"),
        ("Ａ座（东）", "a座东"),
    ],
)
def test_every_writing_comes_to_one_form(text: str, form: str) -> None:
    assert plain(text) == form


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3号楼2单元", House("3", "2", None, 0)),
        ("第3栋2门", House("3", "2", None, 0)),
        ("3幢2-301", House("3", "2", 3, 0)),
        ("3#2单元1203室", House("3", "2", 12, 0)),
        ("12-1-1203", House("12", "1", 12, 0)),
        ("3-2", House("3", "2", None, 0)),
        ("a座1203", House("a", None, 12, 0)),
        ("3号楼5楼", House("3", None, 5, 0)),
        ("3楼2单元", House("3", "2", None, 0)),
        ("3号楼门口", House("3", None, None, 0)),
        ("小区12-1号楼", House("12-1", None, None, 2)),
        ("2单元", House(unit="2")),
        ("5楼", House()),
        ("12号院", House()),
        ("3号门", House()),
    ],
)
def test_building_entrance_and_floor_are_read(text: str, found: House) -> None:
    assert house(text) == found


def test_buildings_and_entrances_have_the_key_people_write() -> None:
    assert [building_key(name) for name in ("3号楼", "3栋", "#3", "三号楼", "A座", "综合楼")] == ["3"] * 2 + [
        "3", "3", "a", "综合楼",
    ]  # fmt: skip
    assert block_key("2单元") == ("2", None)
    assert block_key("1单元7–12层") == ("1", (7, 12))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("青松苑3号楼2单元1203室 张女士 13812345678", "青松苑3号楼2单元[室] [人] [电话]"),
        ("青松苑3-2-1203，李明家漏水", "青松苑3-2-[室],[人]家漏水"),
        ("青松苑3号楼２单元１２０３", "青松苑3号楼2单元[室]"),
        ("红枫一村12栋", "红枫一村12栋"),
    ],
)
def test_what_is_kept_of_a_text_names_no_person_and_no_door(text: str, shown: str) -> None:
    assert kept(text) == shown
