"""Names of the demo district: composed from a vocabulary, varied, each estate's its own in the district."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

VOCABULARY = Path(__file__).with_name("demo_names.toml")
NUMERALS = "零一二三四五六七八九十"


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, Any]:
    """The words, each list split."""
    with VOCABULARY.open("rb") as file:
        return _split(tomllib.load(file))


def _split(table: dict[str, Any]) -> dict[str, Any]:
    return {key: _split(value) if isinstance(value, dict) else value.split() for key, value in table.items()}


@dataclass
class Names:
    """Gives names out, none of one family twice."""

    luck: random.Random
    taken: dict[str, set[str]] = field(default_factory=dict)
    stems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        words = vocabulary()
        made = {head + tail for head in words["heads"] for tail in words["tails"]}
        self.luck.shuffle(shuffled := sorted(made - set(words["stems"])))
        self.luck.shuffle(common := [stem for stem in words["stems"] if len(stem) == 2])
        self.stems = common + shuffled

    def once(self, family: str, *choices: str) -> str:
        """The first of the choices that is free in the family; a numeral makes the last one free."""
        used = self.taken.setdefault(family, set())
        for name in choices:
            if name not in used:
                used.add(name)
                return name
        for number in range(2, 10_000):
            name = f"{choices[-1]}{_numeral(number)}期" if family == "estate" else f"{choices[-1]}{_numeral(number)}"
            if name not in used:
                used.add(name)
                return name
        raise AssertionError("a name is free")

    def stem(self, most: int | None = None) -> str:
        """A stem; the first `most` of them are the commonest."""
        return self.stems[min(int(self.luck.expovariate(1.0) * (most or len(self.stems)) / 4), len(self.stems) - 1)]

    def word(self, *path: str) -> str:
        """One word of a list of the vocabulary."""
        found: Any = vocabulary()
        for step in path:
            found = found[step]
        return str(self.luck.choice(found))

    def road(self, kind: str) -> str:
        """A road of a class."""
        tries = [self.stem(900) + self.word("road", kind) for _ in range(12)]
        return self.once("road", *tries)

    def estate(self, kind: str, *, old: bool, road: str) -> tuple[str, list[str]]:
        """(name, aliases): what it is called, what people call it for short, what it was called before."""
        if kind == "work_unit":
            return self._dwelling(road)
        words = "resettlement" if kind == "resettlement" else "old" if old else "new"
        if kind == "mixed" and old and self.luck.random() < 0.4:
            number = self.luck.randint(2, 260)
            return self.once("estate", *(f"{road}{number + k}号院" for k in range(0, 40, 2))), []
        pairs = [(self.stem(), self.word("estate", words)) for _ in range(12)]
        name = self.once("estate", *(stem + word for stem, word in pairs))
        stem = next((s for s, word in pairs if s + word == name), name[:2])
        return name, self._short(name, stem, kind, old=old)

    def village(self) -> tuple[str, list[str]]:
        """(name, aliases) of a village: 柳岸湾, also called 柳岸湾村."""
        tries = [self.stem() + self.word("place", "villages") for _ in range(12)]
        name = self.once("estate", *tries)
        return name, [alias for alias in [f"{name}村"] if alias == self.once("estate", alias)]

    def _short(self, name: str, stem: str, kind: str, *, old: bool) -> list[str]:
        aliases = []
        ending = name[len(stem) :]
        if len(ending) > 1 and self.luck.random() < 0.8:
            for short in (
                stem + ending[-1] if ending in ("花园", "家园", "嘉园", "雅苑", "名苑", "佳苑") else stem,
                stem,
            ):
                if short not in self.taken.get("estate", set()) and short not in aliases:
                    aliases.append(short)
                    break
        if kind == "resettlement":
            aliases.append(f"{self.stem()}村还建房" if self.luck.random() < 0.5 else f"{self.stem()}村")
        elif old and self.luck.random() < 0.35:
            aliases.append(f"{self.stem()}{self.word('estate', 'old')}")
        elif not old and self.luck.random() < 0.2:
            aliases.append(f"{self.stem()}{self.word('estate', 'new')}")
        kept = []
        for alias in dict.fromkeys(aliases):
            used = self.taken.setdefault("estate", set())
            if alias not in used:
                used.add(alias)
                kept.append(alias)
        return kept

    def _dwelling(self, road: str) -> tuple[str, list[str]]:
        tries = [(self.word("estate", "employers"), self.word("estate", "dwellings")) for _ in range(30)]
        name = self.once("estate", *(a + b for a, b in tries), f"{road}{self.luck.randint(2, 200)}号院")
        employer = next((a for a, b in tries if a + b == name), None)
        if employer is None:
            return name, []
        other = employer + self.word("estate", "dwellings")
        used = self.taken["estate"]
        aliases = [
            alias for alias in (other, f"{employer[:2]}院" if len(employer) > 3 else "") if alias and alias not in used
        ]
        used.update(aliases)
        return name, aliases


def _numeral(number: int) -> str:
    if number <= 10:
        return NUMERALS[number]
    tens, ones = divmod(number, 10)
    if tens >= 10:
        return str(number)
    return (NUMERALS[tens] if tens > 1 else "") + "十" + (NUMERALS[ones] if ones else "")
