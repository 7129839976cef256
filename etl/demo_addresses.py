"""Addresses as people say them: the texts that come with the demo's tickets that have no coordinates, and the truth behind them.

"青松苑 3 号楼 2 单元" is written with full-width or Chinese numerals, 栋, 幢 or #, with the estate's old or short name, with a
slip of the pen, with street and community in front and a floor or a landmark behind. Some estates have a name that only
their own people use and no list has, and some callers mistake the end of a name: nobody can tell from such a text alone.
Texts are never stored: they are made again from the ticket's own chances whenever they are asked for, so that a locator can
be measured against what is true.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

import pyarrow as pa

from etl.demo_names import vocabulary
from etl.demo_spots import Ground

ADDRESSES = pa.schema(
    {
        "external_id": pa.string(),
        "text": pa.string(),
        "writing": pa.string(),  # plain, alias, slip, ending or nickname: how the estate's name is written
        **dict.fromkeys(
            ("community", "estate", "building", "block"), pa.string()
        ),  # codes; null: the text does not tell
    }
)
DIGITS = "零一二三四五六七八九"
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
BUILDINGS = ("{n}号楼",) * 9 + (
    "{n}栋",
    "{n}栋",
    "{n}幢",
    "{n}#楼",
    "{n}#",
    "{n}号",
    "第{n}栋",
    "{n} 号楼",
    "{n}号 楼",
    "{n}号搂",
)
UNITS = ("{n}单元",) * 7 + ("{n} 单元", "{n}门", "{n}单 元", "第{n}单元", "{n}单无")
BEHIND = (
    "",
    "",
    "",
    "",
    "",
    "楼下",
    "门口",
    "附近",
    "电梯间",
    "对面",
    "楼道里",
    "{f}楼",
    "{f}层",
    "{f}0{d}室",
    "{f}0{d}",
)
# Characters that are taken for one another.
SLIPS = {
    "苑": "园", "园": "圆", "花": "华", "华": "花", "庭": "廷", "湾": "弯", "景": "境", "锦": "绵", "嘉": "佳", "佳": "嘉",
    "和": "合", "瑞": "端", "城": "成", "里": "理", "源": "元", "馨": "欣", "新": "心", "福": "富", "府": "俯", "居": "局",
    "昌": "倡", "云": "运", "岭": "领", "林": "琳", "泰": "太", "安": "按", "松": "淞", "明": "名", "阳": "杨", "山": "三",
}  # fmt: skip


NICKNAMED = 20  # one estate in so many has a name that no list has
NICKNAME, ALIAS, ENDING, SLIP = 0.4, 0.14, 0.94, 0.95  # bounds of the chance: below, below, above, above


class Teller:
    """Writes the addresses of a ground's tickets, for one seed."""

    def __init__(self, ground: Ground, seed: int) -> None:
        self._ground, self._seed = ground, seed
        self._names = frozenset(ground.estates.names)
        self._nicknames: dict[int, str] = {}

    def texts(self, names: Iterable[str], points: Iterable[int]) -> pa.Table:
        """The address of each ticket (its number and its row of the ground) with the truth; columns of ADDRESSES."""
        pairs = zip(names, points, strict=True)
        table = [{"external_id": str(name), **self._told(int(point), str(name))} for name, point in pairs]
        return pa.Table.from_pylist(table, schema=ADDRESSES)

    def _told(self, point: int, ticket: str) -> dict[str, str | None]:
        ground, luck = self._ground, random.Random(f"{self._seed}:{ticket}")  # noqa: S311  (not for secrets)
        estate, community = int(ground.estate[point]), int(ground.community[point])
        writing, name = self._estate(estate, luck)
        building, unit = (int(number) for number in ground.numbers[point])
        says_building = luck.random() < 0.96
        says_unit = says_building and unit > 0 and luck.random() < 0.84
        gap = luck.choice(("", "", "", " ", "　", "，"))
        parts = [name]
        if says_unit and luck.random() < 0.09:
            parts.append(
                f"{building}-{unit}" + (f"-{luck.randint(1, 18)}0{luck.randint(1, 4)}" if luck.random() < 0.6 else "")
            )
        elif says_building:
            parts.append(luck.choice(BUILDINGS).format(n=_numeral(building, luck)))
            if says_unit:
                parts.append(luck.choice(UNITS).format(n=_numeral(unit, luck)))
            parts.append(luck.choice(BEHIND).format(f=luck.randint(1, 9), d=luck.randint(1, 4)))
        text = _before(ground, community, luck) + gap.join(part for part in parts if part)
        return {
            "text": text,
            "writing": writing,
            "community": ground.communities.codes[community],
            "estate": ground.estates.codes[estate],
            "building": ground.building[point] if says_building else None,
            "block": ground.code[point] if says_unit and ground.sole[point] else None,
        }

    def _estate(self, estate: int, luck: random.Random) -> tuple[str, str]:
        """How the estate's name is written, and the name."""
        ground = self._ground
        name, aliases, chance = ground.estates.names[estate], ground.estate_aliases[estate], luck.random()
        if chance < NICKNAME and (nickname := self._nickname(estate)):
            return "nickname", nickname
        if chance < ALIAS and aliases:
            return "alias", luck.choice(aliases)
        wrong = [at for at, letter in enumerate(name) if letter in SLIPS]
        if chance > SLIP and wrong:
            at = luck.choice(wrong)
            return "slip", name[:at] + SLIPS[name[at]] + name[at + 1 :]
        mistaken = name[:2] + luck.choice(vocabulary()["nickname"]["endings"])
        if ENDING < chance <= SLIP and mistaken not in self._names:
            return "ending", mistaken
        return "plain", name

    def _nickname(self, estate: int) -> str:
        """What the people of an estate call it among themselves; empty for most."""
        if estate not in self._nicknames:
            luck = random.Random(f"{self._seed}:nickname:{self._ground.estates.codes[estate]}")  # noqa: S311
            made = "".join(luck.choice(vocabulary()["nickname"][part]) for part in ("heads", "tails"))
            self._nicknames[estate] = made if estate % NICKNAMED == self._seed % NICKNAMED else ""
        return self._nicknames[estate]


def _before(ground: Ground, community: int, luck: random.Random) -> str:
    street = ground.streets.names[int(ground.communities.above[community])]
    own = ground.communities.names[community]
    return luck.choice(("",) * 7 + (street, own, f"{street}{own}", f"青禾区{street}", f"青禾区{street}{own} "))


def _numeral(number: int, luck: random.Random) -> str:
    chance = luck.random()
    if chance < 0.12 and number < 100:
        return _chinese(number)
    if chance < 0.22:
        return str(number).translate(WIDE)
    return f"{number:02d}" if chance < 0.24 else str(number)


def _chinese(number: int) -> str:
    """12 as 十二, for numbers below 100."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else ("十" if tens == 1 else f"{DIGITS[tens]}十")
    return head + (DIGITS[ones] if ones or not tens else "")
