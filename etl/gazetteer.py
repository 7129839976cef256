"""The names places go by in addresses, and how a name with a slip of the pen is found.

Built from the trees of places (today's names, those of earlier atlases, aliases) and a city's own list (etl/alias_file.py).
Estates are what addresses name; communities and streets say which of several estates of one name is meant; buildings and
entrances are looked up by number inside the estate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import pyarrow as pa

from etl.addresses import block_key, building_key, listed, plain, words
from etl.names import normal_name

AREAS: Final = ("community", "street", "district")  # lowest first
SHORTEST: Final = 3  # signs of a name that is looked for anywhere in a text; shorter ones must stand alone
_LONG: Final = 5  # signs of a name that is known although one is missing

Names = dict[str, list[int]]


@dataclass(frozen=True)
class Alias:
    """More names of one place, and the roads at it. place: its code, or its name."""

    place: str
    names: tuple[str, ...] = ()
    roads: tuple[str, ...] = ()


@dataclass
class Gazetteer:
    """Places as rows: `code`, `level` and `parent` (row, -1: none) of each, and the ways to find them by text.

    estates: full names and aliases in the one form; stems: names without their ending; areas: communities, streets and
    the district. Rows of one spelling are in order of code.
    """

    code: list[str] = field(default_factory=list)
    level: list[str] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    estates: Names = field(default_factory=dict)
    proper: set[tuple[str, int]] = field(default_factory=set)  # (name in the one form, row) of names that are no alias
    stems: Names = field(default_factory=dict)
    areas: Names = field(default_factory=dict)
    roads: dict[int, tuple[str, ...]] = field(default_factory=dict)
    buildings: dict[int, dict[str, list[int]]] = field(default_factory=dict)  # estate -> key -> rows
    blocks: dict[int, list[tuple[str, tuple[int, int] | None, int]]] = field(default_factory=dict)
    heads: dict[str, list[str]] = field(
        default_factory=dict
    )  # first two signs -> names looked for anywhere, longest first
    wild: dict[str, list[tuple[str, str]]] = field(
        default_factory=dict
    )  # a name with one sign as * -> (name, that sign)
    short: dict[str, list[str]] = field(default_factory=dict)  # a long name without one sign -> names

    @staticmethod
    def of(trees: Sequence[pa.Table], aliases: Iterable[Alias] = ()) -> Gazetteer:
        """From trees of atlases (data/atlas.py `tree`), the one in force last, and a city's own aliases."""
        built = _Builder()
        for tree in reversed(trees):
            built.add(tree)
        return built.finish(tuple(aliases))

    def area(self, row: int, level: str) -> int:
        """The row of the area of a level a place lies in, -1: none."""
        while row >= 0 and self.level[row] != level:
            row = self.parent[row]
        return row

    def title(self, row: int) -> str:
        """A place as a person reads it: 青松苑3号楼2单元（柳岸社区）."""
        names, at = [], row
        while at >= 0 and self.level[at] in ("block", "building", "estate"):
            names.append(self.name[at])
            at = self.parent[at]
        return (
            f"{''.join(reversed(names))}（{self.name[at]}）" if names and at >= 0 else "".join(names) or self.name[row]
        )

    def path(self, row: int) -> str:
        """A place as cases name it: "block=…|building=…|estate=…", lowest first, by code."""
        parts = []
        while row >= 0 and self.level[row] in ("block", "building", "estate"):
            parts.append(f"{self.level[row]}={self.code[row]}")
            row = self.parent[row]
        return "|".join(parts) or (f"{self.level[row]}={self.code[row]}" if row >= 0 else "")


class _Builder:
    """Collects the places of several trees, each once, with every name it had."""

    def __init__(self) -> None:
        self._made = Gazetteer()
        self._row: dict[int, int] = {}  # by place id
        self._names: list[dict[str, None]] = []  # in the one form, the newest first
        self._plain = cache(plain)
        self._building = cache(building_key)
        self._block = cache(block_key)

    def add(self, tree: pa.Table) -> None:
        """The places of one tree. Of what an earlier call brought only other names are taken."""
        made, fresh = self._made, []
        columns = [tree[name].to_pylist() for name in ("place_id", "level", "code", "name", "aliases", "parent_id")]
        for place, level, code, name, aliases, parent in zip(*columns, strict=True):
            if level in ("grid", "micro_grid"):
                continue
            if place not in self._row:
                self._row[place] = len(made.code)
                made.code.append(code)
                made.level.append(level)
                made.name.append(name)
                made.parent.append(-1)
                self._names.append({})
                fresh.append((self._row[place], parent))
            spelt = (normal_name(name), *(aliases or ())) if level in AREAS else (name, *(aliases or ()))
            self._names[self._row[place]].update(dict.fromkeys(self._plain(one) for one in spelt))
        for row, parent in fresh:
            made.parent[row] = self._row.get(parent, -1)

    def finish(self, aliases: tuple[Alias, ...]) -> Gazetteer:
        made = self._made
        self._take(aliases)
        estates: Names = defaultdict(list)
        stems: Names = defaultdict(list)
        areas: Names = defaultdict(list)
        for row in sorted(range(len(made.code)), key=lambda one: made.code[one]):
            level, own = made.level[row], made.parent[row]
            if level in AREAS:
                for name in self._names[row]:
                    areas[name].append(row)
            elif level == "block":
                made.blocks.setdefault(own, []).append((*self._block(made.name[row]), row))
            elif level == "building" and own >= 0 and made.level[own] == "estate":
                keys = made.buildings.setdefault(own, {})
                for key in dict.fromkeys(self._building(name) for name in self._names[row]):
                    keys.setdefault(key, []).append(row)
            elif not self._building(made.name[row]).isdigit():
                for name in self._names[row]:
                    estates[name].append(row)
                if stem := stem_of(self._plain(made.name[row])):  # a former name left short says too little
                    stems[stem].append(row)
        made.estates, made.areas = dict(estates), dict(areas)
        made.proper = {(self._plain(made.name[row]), row) for rows in estates.values() for row in rows}
        made.stems = {stem: sorted(set(rows)) for stem, rows in stems.items()}
        self._index()
        return made

    def _take(self, aliases: tuple[Alias, ...]) -> None:
        """A city's own names; which places they mean was checked when the list was read."""
        made = self._made
        known: Names = defaultdict(list)
        for row, name in enumerate(made.name):
            known[made.code[row]].append(row)
            if name != made.code[row]:
                known[name].append(row)
        for alias in aliases:
            for row in known.get(alias.place, ()):
                self._names[row].update(dict.fromkeys(self._plain(name) for name in alias.names))
                made.roads[row] = (*made.roads.get(row, ()), *(self._plain(road) for road in alias.roads))

    def _index(self) -> None:
        made = self._made
        for name in made.estates:
            if len(name) < SHORTEST:
                continue
            made.heads.setdefault(name[:2], []).append(name)
            for at, sign in enumerate(name):
                made.wild.setdefault(f"{name[:at]}*{name[at + 1 :]}", []).append((name, sign))
                if len(name) >= _LONG:
                    made.short.setdefault(name[:at] + name[at + 1 :], []).append(name)
        for name in made.areas:
            if len(name) >= 2:
                made.heads.setdefault(name[:2], []).append(name)
        for names in made.heads.values():
            names[:] = sorted(set(names), key=lambda one: (-len(one), one))


def stem_of(name: str) -> str:
    """A name in the one form without its ending, "" where too little is left: 青松 of 青松苑."""
    for ending in listed("endings"):
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name[: -len(ending)]
    return ""


def without_empty(name: str) -> str:
    """A name without the endings that say nothing: 青松苑 of 青松苑小区."""
    for ending in listed("empty_endings"):
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name[: -len(ending)]
    return name


@cache
def _groups() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for number, group in enumerate(words()["alike"].split()):
        for sign in group:
            found[plain(sign)].add(number)
    return {sign: frozenset(numbers) for sign, numbers in found.items()}


def alike(one: str, other: str) -> bool:
    """Whether two signs are taken for one another."""
    groups = _groups()
    return bool(groups.get(one, frozenset()) & groups.get(other, frozenset()))
