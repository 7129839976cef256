"""Which place an address means: texts written by hand, with the place a person would say, or why one would not."""

from __future__ import annotations

import pytest

from etl.address_match import Matcher, Reading
from etl.gazetteer import Alias, Gazetteer, alike, stem_of
from tests.etl.named_town import tree

GAZETTEER = Gazetteer.of([tree()])
MATCHER = Matcher(GAZETTEER)

# text, code of the place, how
PLACED = [
    ("青松苑 3 号楼 2 单元", "E1-3-2", "exact"),
    ("青松苑３＃２单元", "E1-3-2", "exact"),
    ("青松苑小区三栋二门", "E1-3-2", "exact"),
    ("青松苑，第十二幢，1单元501室", "E1-12-1", "exact"),
    ("青松苑3楼2单元", "E1-3-2", "exact"),
    ("青松苑12-3-501", "E1-12-3", "exact"),
    ("青松苑3号楼", "E1-3", "exact"),
    ("青松苑3楼", "E1", "exact"),  # a floor, of no building told
    ("青松苑99号楼", "E1", "exact"),  # there is no such building
    ("青松苑", "E1", "exact"),
    ("青松苑东区3号楼", "E1", "exact"),  # numbered anew in a part of it
    ("青松苑二期3号楼", "E1", "exact"),
    ("青松苑3号楼9单元", "E1-3", "exact"),
    ("青松苑附近", "E1", "exact"),
    ("江北市青禾区清溪街道青松苑3号楼", "E1-3", "exact"),
    ("清溪街道柳岸社区青松苑3号楼2单元", "E1-3-2", "exact"),
    ("望江路88号青松苑3栋", "E1-3", "exact"),
    ("居民反映青松苑3号楼2单元电梯停运", "E1-3-2", "exact"),
    ("青松苑对面的翠竹花园2号楼", "E2-2", "exact"),
    ("松苑3-2-501", "E1-3-2", "alias"),
    ("翠竹2号楼", "E2-2", "alias"),
    ("翠竹小区2号楼1单元", "E2-2-1", "alias"),
    ("一纺院2号楼", "E5-2", "alias"),
    ("青松3号楼", "E1-3", "bare"),
    ("青松小区3号楼", "E1-3", "bare"),
    ("红枫1村3栋", "E7-3", "exact"),
    ("红枫二村三栋", "E8-3", "exact"),
    ("望江路12号院2号楼1单元", "E6-2-1", "exact"),
    ("望江路十二号院2栋", "E6-2", "exact"),
    ("桂花公馆1号楼1单元1203室", "E9-1-2", "exact"),
    ("桂花公馆1号楼1单元3层", "E9-1-1", "exact"),
    ("桂花公馆1号楼1单元", "E9-1", "exact"),  # which of its floors is not told
    ("桂花公馆Ａ栋", "E9-2", "exact"),
    ("荷塘社区社区新苑2号楼", "E10-2", "exact"),
    ("荷塘社区金桂花园2号楼", "E4-2", "chosen"),
    ("石桥社区 金桂花园2号楼1单元", "E3-2-1", "chosen"),
    ("望江街道金桂花园2号楼", "E4-2", "chosen"),
    ("金桂花园5号楼", "E3-5", "chosen"),  # only one of them has a fifth
    ("青松园3号楼", "E1-3", "slip"),
    ("青淞苑3号楼2单元", "E1-3-2", "slip"),
    ("翠竹华园6栋", "E2-6", "slip"),
    ("第一纺织厂家院2号楼", "E5-2", "slip"),
    ("翠翠竹花园2号楼", "E2-2", "slip"),
    ("翠竹园花2号楼", "E2-2", "slip"),
    ("荷塘社区全桂花园2号楼", "E4-2", "slip"),  # any sign, but the community says the same
    ("柳岸社区3号楼", "C1", "area"),
    ("荷塘社区居委会门口", "C3", "area"),
    ("清溪街道", "S1", "area"),
]

# text, why, codes it could mean
UNCERTAIN = [
    ("金桂花园2号楼", "several", ["E3-2", "E4-2"]),
    ("金柜花园5栋", "several", ["E3-5", "E4"]),
    ("青松苑和翠竹花园之间", "several", ["E1", "E2"]),
    ("石桥社区青松苑3号楼", "contradiction", ["E1-3"]),
    ("望江街道青松苑3号楼", "contradiction", ["E1-3"]),
    ("黑松苑3号楼", "slip", ["E1-3"]),
    ("青松里3号楼", "slip", ["E1-3"]),
    ("青松雅居3号楼", "ending", ["E1-3"]),
    ("红枫村3栋", "ending", ["E7-3", "E8-3"]),
    ("青松园99号楼", "slip", ["E1"]),
    ("新青松苑3号楼", "part", ["E1-3"]),
    ("锦绣青松苑3号楼", "part", ["E1-3"]),
    ("青松苑幼儿园门口", "part", ["E1"]),
    ("桃花源里3号楼", "unknown", []),
    ("滨江御府2栋1单元", "unknown", []),
    ("红枫三村3栋", "ending", ["E7-3", "E8-3"]),
    ("青松后街247号院2号楼", "unknown", []),
]

UNNAMED = ["", "楼", "路边有垃圾", "河道里有人钓鱼", "全区范围"]


def codes(reading: Reading) -> list[str]:
    return [GAZETTEER.code[row] for row in reading.candidates]


@pytest.mark.parametrize(("text", "code", "how"), PLACED)
def test_a_plain_address_is_placed(text: str, code: str, how: str) -> None:
    found = MATCHER.read(text)
    assert (GAZETTEER.code[found.row] if found.row >= 0 else found, found.how) == (code, how)


@pytest.mark.parametrize(("text", "reason", "could"), UNCERTAIN)
def test_what_could_be_meant_otherwise_is_left_to_a_person(text: str, reason: str, could: list[str]) -> None:
    found = MATCHER.read(text)
    assert (found.row, found.reason, codes(found)) == (-1, reason, could)


@pytest.mark.parametrize("text", UNNAMED)
def test_a_text_that_names_no_place_asks_nobody(text: str) -> None:
    assert MATCHER.read(text) == Reading()


def test_the_row_s_own_community_says_which_of_two_estates_is_meant() -> None:
    near = MATCHER.near("community=荷塘社区居委会|street=望江街道")
    assert GAZETTEER.code[MATCHER.read("金桂花园2号楼", near).row] == "E4-2"
    assert MATCHER.read("青松苑3号楼", near).reason == "contradiction"


def test_a_city_s_own_names_and_roads_are_known() -> None:
    aliases = (Alias("E5", ("老纱厂",)), Alias("E3", roads=("书院路",)), Alias("青松苑", ("松涛楼",)))
    known = Gazetteer.of([tree()], aliases)
    matcher = Matcher(known)
    found = [known.code[matcher.read(text).row] for text in ("老纱厂3栋", "书院路金桂花园2号楼", "松涛楼3号楼1单元")]
    assert found == ["E5-3", "E3-2", "E1-3-1"]


def test_a_name_of_an_earlier_atlas_is_an_alias() -> None:
    before = tree().to_pydict()
    before["name"][before["code"].index("E2")] = "东风大院"
    old = tree().set_column(3, "name", [before["name"]])
    known = Gazetteer.of([old, tree()])
    found = Matcher(known).read("东风大院2号楼")
    assert (known.code[found.row], found.how, known.name[found.row]) == ("E2-2", "alias", "2号楼")


def test_places_are_told_by_code_and_by_title() -> None:
    row = GAZETTEER.code.index("E1-3-2")
    assert GAZETTEER.path(row) == "block=E1-3-2|building=E1-3|estate=E1"
    assert GAZETTEER.title(row) == "青松苑3号楼2单元（柳岸社区）"
    assert GAZETTEER.path(GAZETTEER.code.index("C1")) == "community=C1"


def test_signs_that_sound_or_look_alike_are_taken_for_one_another() -> None:
    assert [alike(*pair) for pair in ("苑园", "松淞", "山3", "金银", "东西")] == [True, True, True, False, False]
    assert [stem_of(name) for name in ("青松苑", "翠竹花园", "红枫1村", "苑")] == ["青松", "翠竹", "红枫", ""]
