"""Addresses as people write them, taken apart: 青松苑 3 号楼 2 单元 in any of its writings.

Nothing here knows a place. A text is brought to one form (width, case, traditional signs, Chinese numerals, separators), and
what stands behind an estate's name is read as building, entrance and floor. What may be kept of a text until a person has
looked at it is decided here too: no phone, no door, no name.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from etl.masking import mask_text

_DIGITS: Final = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2}
_NUMERAL: Final = re.compile(r"[零一二三四五六七八九十百两]+")
_BETWEEN: Final = re.compile(r"(?<=[0-9a-z])[^0-9a-z一-鿿#]+(?=[0-9a-z])")
_SEPARATOR: Final = re.compile(r"[^0-9a-z一-鿿#\-]+|(?<![0-9a-z])-+|-+(?![0-9a-z])")
_ZEROS: Final = re.compile(r"(?<![0-9])0+(?=[0-9])")

_NAME: Final = r"(?:\d{1,4}[a-z]?|[a-z]\d{0,3}|[甲乙丙丁戊])"
_UNIT_WORD: Final = r"(?:单元|单(?!位|身|车)|楼门|梯|门(?![口卫前岗外市面诊面牌禁]))"
_BUILDING: Final = re.compile(
    rf"第?(?P<n>\d{{1,3}}-\d{{1,3}}(?=号楼|栋|幢)|{_NAME})"
    rf"(?:号楼|号栋|号幢|栋楼|幢楼|座楼|#楼|#|栋|幢|座|号(?![院线路口门])|楼(?=第?{_NAME}{_UNIT_WORD}))"
)
_UNIT: Final = re.compile(rf"第?(?P<n>{_NAME}){_UNIT_WORD}")
_DASHED: Final = re.compile(
    r"(?<![0-9a-z])(?P<n>\d{1,3}[a-z]?|[a-z]\d{0,2})-(?P<u>\d{1,2})(?:-(?P<r>\d{2,4}))?(?![0-9])"
)
_UNIT_ROOM: Final = re.compile(r"(?P<u>\d{1,2})-(?P<r>\d{2,4})(?![0-9])")
_FLOOR: Final = re.compile(r"(\d{1,2})(?:楼|层|f)")
_ROOM: Final = re.compile(r"(?<![0-9])(\d{1,2})\d{2}(?![0-9])")

_KEPT_LENGTH: Final = 60
_DOOR: Final = re.compile(
    r"(?<=[-－—–])\d{3,4}(?!\d)|(?<!\d)\d{2,4}\s*(?:室|房|户)|(?<=[元门栋幢楼])\s*\d{3,4}(?!\s*[号栋幢座#\d])"
)
_PERSON: Final = re.compile(
    r"[一-鿿]{1,3}(?:先生|女士|小姐|太太|师傅|大爷|大妈|阿姨|老师|经理|同志)"
    r"|(?<![一-鿿])[一-鿿]{2,3}(?=家(?:[里中的门漏楼堵停]|\W|$))"
)


@cache
def words() -> dict[str, Any]:
    """The words addresses are read by."""
    return tomllib.loads(Path(__file__).with_name("address_words.toml").read_text(encoding="utf-8"))


@cache
def listed(name: str) -> tuple[str, ...]:
    """A list of words, in the one form, the longest first."""
    return tuple(sorted({plain(word) for word in words()[name].split()}, key=lambda word: (-len(word), word)))


@cache
def _signs() -> dict[int, str]:
    return str.maketrans({pair[0]: pair[1] for pair in words()["traditional"].split()})


@cache
def _slips() -> tuple[tuple[str, str], ...]:
    return tuple((wrong, right) for wrong, _, right in (pair.partition("=") for pair in words()["slips"].split()))


def plain(text: str) -> str:
    """The one form of an address or a name: half width, lower case, simplified, numerals in digits, no separators.

    A separator between two numbers stays as a dash.

    >>> plain("青松苑　３号楼，二单元"), plain("红枫一村 12#-3-501")
    ('青松苑3号楼2单元', '红枫1村12#3-501')
    """
    even = unicodedata.normalize("NFKC", text).casefold().translate(_signs())
    even = _NUMERAL.sub(_digits, re.sub(r"(?<=[一-鿿])\s+(?=[一-鿿])", "", even))
    even = _SEPARATOR.sub("", _BETWEEN.sub("-", even))
    for wrong, right in _slips():
        if wrong in even:
            even = even.replace(wrong, right)
    return _ZEROS.sub("", even)


def _digits(match: re.Match[str]) -> str:
    """十二 as 12, 一百零三 as 103, 二零三 as 203; what is no number stays."""
    sign = match[0]
    if "十" not in sign and "百" not in sign:
        return "".join(str(_DIGITS[one]) for one in sign)
    if sign[0] in "百零" or sign.count("百") > 1 or sign.count("十") > 1:
        return sign
    hundreds, _, rest = sign.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    parts = (hundreds, tens.lstrip("零"), ones.lstrip("零"))
    if any(len(part) > 1 for part in parts):
        return sign
    number = 100 * _DIGITS.get(parts[0], 0) + _DIGITS.get(parts[2], 0)
    return str(number + 10 * (_DIGITS.get(parts[1], 1) if ten else 0))


@dataclass(frozen=True)
class House:
    """What stands behind an estate's name: keys of building and entrance ("3", "a"), floor, and where the building begins."""

    building: str | None = None
    unit: str | None = None
    floor: int | None = None
    start: int = -1  # of the building in the text; -1: none is named


NOTHING: Final = House()


def house(text: str) -> House:
    """Building, entrance and floor in a text of the one form.

    >>> house("3号楼2单元"), house("12-1-1203")
    (House(building='3', unit='2', floor=None, start=0), House(building='12', unit='1', floor=12, start=0))
    """
    named, dashed = _BUILDING.search(text), _DASHED.search(text)
    if dashed and (named is None or dashed.start() < named.start()):
        return House(dashed["n"], dashed["u"], _floor_of(dashed["r"] or "", text[dashed.end() :]), dashed.start())
    if named is None:
        alone = _UNIT.search(text)
        return House(unit=alone["n"]) if alone else NOTHING
    rest = text[named.end() :]
    unit = _UNIT.search(rest)
    if unit is not None and unit.start() <= 2:
        return House(named["n"], unit["n"], _floor_of("", rest[unit.end() :]), named.start())
    both = _UNIT_ROOM.match(rest)
    if both is not None:
        return House(named["n"], both["u"], _floor_of(both["r"], ""), named.start())
    return House(named["n"], None, _floor_of("", rest), named.start())


def _floor_of(room: str, rest: str) -> int | None:
    if len(room) >= 3:
        return int(room[:-2])
    if told := _FLOOR.search(rest):
        return int(told[1])
    door = _ROOM.search(rest)
    return int(door[1]) if door else None


def building_key(name: str) -> str:
    """The key of a building by its name: 3号楼, 3栋 and #3 are "3"; a name without number is its own key."""
    even = plain(name)
    found = _BUILDING.fullmatch(even) or re.fullmatch(rf"#?(?P<n>{_NAME})(?:楼)?", even)
    return found["n"] if found else even


def block_key(name: str) -> tuple[str, tuple[int, int] | None]:
    """(key of the entrance, its floors) of a block by its name: 2单元, or 1单元7–12层."""
    even = plain(name)
    floors = re.search(r"(\d{1,2})-(\d{1,2})层$", even)
    span = (int(floors[1]), int(floors[2])) if floors else None
    rest = even[: floors.start()] if floors else even
    if span and not rest.endswith(("元", "门", "梯", "单")):
        return rest, span
    found = _UNIT.fullmatch(rest) or re.fullmatch(rf"(?P<n>{_NAME})", rest)
    return (found["n"] if found else rest), span


def kept(text: str) -> str:
    """What may be kept of a text until somebody has looked at it: numbers of persons, doors and names are taken out."""
    shown = mask_text(unicodedata.normalize("NFKC", text))
    return _PERSON.sub("[人]", _DOOR.sub("[室]", shown))[:_KEPT_LENGTH]
