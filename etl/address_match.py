"""Which place an address means, and how surely.

Only what is plain is placed: a name in full, an alias, a name without its ending, one sign taken for another that is alike,
and of several estates of one name the one that lies in the community or street the text, or the row, tells. What could
be meant otherwise is uncertain, with the places it could mean: a person decides (data/address_review.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from etl.addresses import NOTHING, House, house, listed, plain, words
from etl.gazetteer import AREAS, SHORTEST, Gazetteer, alike, stem_of, without_empty

SURE: Final = {"exact": 1.0, "alias": 0.99, "area": 0.98, "chosen": 0.97, "bare": 0.95, "slip": 0.93}
REASONS: Final = ("several", "contradiction", "slip", "ending", "part", "unknown")
CANDIDATES: Final = 5

_ROAD: Final = re.compile(r"^.{1,7}?(?:大道|路|街|巷|弄|道)(?:\d+(?:-\d+)?(?:号(?![院楼])|弄))?(?=.)")
_REGION: Final = re.compile(
    r"^(?:[一-鿿]{2,7}?(?:省|自治区))?(?:[一-鿿]{2,5}?市(?!场)(?:[一-鿿]{1,4}?(?<![小社东西南北])[区县旗])?)?"
)
_ENDS: Final = re.compile(
    r"(?:[路街道巷弄]|\d+号?|[区县市镇乡村社组队段处面旁边近侧]|[在住是到于的映访求有位离近和与])$"
)
_HOUSE: Final = re.compile(r"^第?(?:\d|[a-z](?![a-z])|[甲乙丙丁]|#)")


@dataclass(frozen=True)
class Reading:
    """What became of one text. row: the place meant, -1: none is sure. reason: why not; "" where nothing is named at all."""

    row: int = -1
    how: str = ""  # exact, alias, area, chosen, bare or slip
    reason: str = ""
    candidates: tuple[int, ...] = ()


UNNAMED: Final = Reading()


@dataclass(frozen=True)
class _Hit:
    """A name in a text."""

    start: int
    end: int
    name: str
    area: bool


class Matcher:
    """Reads texts against a gazetteer. near: rows of areas the text's own row names in other columns."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.known = gazetteer
        self._empty, self._behind, self._on = (_starts(name) for name in ("empty_endings", "behind", "goes_on"))
        self._cut = re.compile("|".join(re.escape(word) for word in listed("behind") if len(word) > 1))
        self._zone = re.compile(f"^{words()['zone']}")
        self._heads = frozenset(words()["head_signs"].split())
        self._near = cache(self._areas_of)

    def near(self, named_place: str | None) -> tuple[int, ...]:
        """The areas that "community=…|street=…" names."""
        return self._near(named_place) if named_place else ()

    def read(self, text: str, near: tuple[int, ...] = ()) -> Reading:
        """The place a text means."""
        even = plain(text)
        if len(even) < 2:
            return UNNAMED
        hits = self._hits(even)
        areas = tuple(row for hit in hits if hit.area for row in self.known.areas[hit.name])
        found = self._named(even, hits, areas, near)
        if found is None:
            found = self._spelt(even, hits, areas, near)
        if found is None:
            return self._only_area(even, hits, areas, near)
        return found

    def name_in(self, text: str) -> str:
        """What in a text looks like the name of an estate, as it is written there; empty where nothing does."""
        even = plain(text)
        start = max((hit.end for hit in self._hits(even) if hit.area), default=0)
        zones = self._zones(even[start:] if start else _REGION.sub("", even, count=1))
        return _written(text, zones[-1][0]) if zones else ""

    def _areas_of(self, named_place: str) -> tuple[int, ...]:
        rows: list[int] = []
        for part in named_place.split("|"):
            level, _, word = part.partition("=")
            if level in AREAS:
                named = self.known.areas.get(plain(word), ())
                rows += [row for row in named if self.known.level[row] == level]
        return tuple(rows)

    # Names in full, anywhere in the text.

    def _hits(self, even: str) -> list[_Hit]:
        """Names that stand in the text, the longest where they overlap, in order."""
        found: list[_Hit] = []
        heads, areas, estates = self.known.heads, self.known.areas, self.known.estates
        for at in range(len(even) - 1):
            for name in heads.get(even[at : at + 2], ()):
                if even.startswith(name, at):
                    end = at + len(name)
                    both = name in areas and name in estates and len(name) >= SHORTEST
                    area = name in areas and not (both and _HOUSE.match(even[end:]))
                    found.append(_Hit(at, end, name, area))
        found.sort(key=lambda hit: (hit.start - hit.end, hit.start))
        kept: list[_Hit] = []
        for hit in found:
            if all(hit.end <= other.start or other.end <= hit.start for other in kept):
                kept.append(hit)
        return sorted(kept, key=lambda hit: hit.start)

    def _named(self, even: str, hits: list[_Hit], areas: tuple[int, ...], near: tuple[int, ...]) -> Reading | None:
        """By a name in full; None: the text has none."""
        plainly: list[_Hit] = []
        doubtful: list[_Hit] = []
        for at, hit in enumerate(hits):
            if hit.area:
                continue
            before = even[hits[at - 1].end if at else 0 : hit.start]
            sound = self._leads(before) and self._follows(even[hit.end :]) != "on"
            (plainly if sound else doubtful).append(hit)
        housed = [hit for hit in plainly if self._follows(even[hit.end :]) == "house"] or plainly
        names = {hit.name for hit in housed}
        if len(names) == 1 or (housed and plainly[0] is housed[0] and len(plainly) > len(housed) == 1):
            hit = housed[0]
            rows = self.known.estates[hit.name]
            rest = even[hit.end : min((one.start for one in hits if one.start >= hit.end), default=len(even))]
            proper = all((hit.name, row) in self.known.proper for row in rows)
            return self._settle(rows, rest, even, areas, near, "exact" if proper else "alias")
        if names:
            return self._uncertain("several", (row for hit in housed for row in self.known.estates[hit.name]))
        if doubtful:
            spelt = self._spelt(even, [hit for hit in hits if hit.area], areas, near)
            if spelt is not None and spelt.row >= 0:
                return spelt
            part_of = (row for hit in doubtful for row in self.known.estates[hit.name])
            return self._uncertain("part", part_of, house(even[doubtful[-1].end :]))
        return None

    def _leads(self, before: str) -> bool:
        """Whether what stands before a name leaves it whole: 新青松苑 is not 青松苑."""
        before = _REGION.sub("", before, count=1)
        return not before or bool(_ENDS.search(before)) or (len(before) > 3 and before[-1] not in self._heads)

    def _follows(self, rest: str) -> str:
        """How a text goes on after a name: house, zone (a part of the estate), on (another name), end or other."""
        while match := self._empty.match(rest):
            rest = rest[match.end() :]
        if not rest:
            return "end"
        if self._zone.match(rest):
            return "zone"
        if _HOUSE.match(rest):
            return "house"
        if self._behind.match(rest):
            return "end"
        return "on" if self._on.match(rest) else "other"

    # Names that stand alone before the house: short ones, without ending, with a slip.

    def _spelt(self, even: str, hits: list[_Hit], areas: tuple[int, ...], near: tuple[int, ...]) -> Reading | None:
        """By what stands between area and house; None: nothing does."""
        start = max((hit.end for hit in hits if hit.area), default=0)
        rest = even[start:] if start else _REGION.sub("", even, count=1)
        zones = self._zones(rest)
        for zone, after in zones:
            cut = (
                self._zone.match(after) is not None
            )  # 听涛上苑 may be a name of its own: only a full name stands before it
            cores = [core for core in (zone, without_empty(zone)) if not cut or len(core) >= SHORTEST]
            for names, how in ((self.known.estates, "alias"), (self.known.stems, "bare")):
                rows = next((names[core] for core in cores if core in names), None)
                if rows and not (cut and how == "bare"):
                    return self._settle(rows, after, even, areas, near, how)
            if not cut and (slip := self._slip(zone, after, even, areas, near)) is not None:
                return slip
        for at in {hit.start: hit for hit in hits if hit.area}:  # 青云社区心苑 may be a name as a whole
            for zone, after in self._zones(even[at:]):
                slip = self._slip(zone, after, even, areas, near) if zone not in self.known.areas else None
                if slip is not None:
                    return slip
        for zone, after in zones:
            if rows := self.known.stems.get(stem_of(zone)):
                return self._uncertain("ending", rows, house(after))
        return self._uncertain("unknown", ()) if any(_like_an_estate(zone, after) for zone, after in zones) else None

    def _zones(self, text: str) -> list[tuple[str, str]]:
        """(what may be a name, what stands behind it), the likeliest first."""
        found = []
        bare = _ROAD.sub("", text, count=1)
        for whole in dict.fromkeys((text, bare)):
            begins = house(whole).start
            zone = whole if begins < 0 else whole[:begins]
            behind = self._cut.search(zone, 2)
            zone = zone[: behind.start()] if behind else zone
            part = re.search(rf"(?:{words()['zone']}|\d+号?)$", zone)
            ends = [zone[: part.start()]] if part and part.start() >= 2 else []
            found += [(one, whole[len(one) :]) for one in (zone, *ends) if len(one) >= 2]
        return found

    def _slip(self, zone: str, after: str, even: str, areas: tuple[int, ...], near: tuple[int, ...]) -> Reading | None:
        near_by, far = self._close(zone)
        if not near_by and not far and (core := without_empty(zone)) != zone:
            near_by, far = self._close(core)
        for names, trusted in ((near_by, True), (far, False)):
            rows = sorted({row for name in names for row in self.known.estates[name]})
            if not rows:
                continue
            told = self._settle(rows, after, even, areas, near, "slip")
            row = told.row
            if row < 0:
                return told if told.reason == "several" else self._uncertain("slip", rows, house(after))
            estate = self.known.area(row, "estate")
            named = house(after).building is not None
            missing = named and row == estate and estate in self.known.buildings
            backed = trusted or (len(zone) > SHORTEST and row != estate and self._inside(estate, (*areas, *near)))
            return told if backed and not missing else self._uncertain("slip", rows, house(after))
        return None

    def _close(self, zone: str) -> tuple[set[str], set[str]]:
        """Names one slip away: (by a sign that is alike, doubled or lost from a long name; by any other sign)."""
        likely: set[str] = set()
        other: set[str] = set()
        if len(zone) < SHORTEST:
            return likely, other
        for at, sign in enumerate(zone):
            before, behind = zone[:at], zone[at + 1 :]
            for name, meant in self.known.wild.get(f"{before}*{behind}", ()):
                if not (sign.isascii() and meant.isascii()):
                    (likely if alike(sign, meant) else other).add(name)
            shorter = before + behind
            if shorter in self.known.estates and len(shorter) >= SHORTEST and not sign.isascii():
                doubled = sign in (zone[at - 1 : at], zone[at + 1 : at + 2])
                (likely if doubled else other).add(shorter)
            turned = before + zone[at + 1 : at + 2] + sign + zone[at + 2 :]
            if turned != zone and turned in self.known.estates:
                (likely if len(zone) > SHORTEST else other).add(turned)
        likely.update(self.known.short.get(zone, ()))
        return likely, other - likely

    # Which of the places of a name, and what in it.

    def _settle(
        self, rows: Iterable[int], rest: str, even: str, areas: tuple[int, ...], near: tuple[int, ...], how: str
    ) -> Reading:
        """The place meant among those of one name."""
        rows = list(dict.fromkeys(rows))
        told = self._house_in(rest)
        left = rows
        if len(rows) > 1:
            left, how = self._narrowed(rows, told, even, areas, near, how), "chosen" if how != "slip" else how
        if len(left) > 1:
            return self._uncertain("several", left, told)
        if not left or not (self._inside(left[0], areas, strict=False) and self._inside(left[0], near, strict=False)):
            return self._uncertain("contradiction", left or rows, told)
        return Reading(self._lowest(left[0], told), how)

    def _house_in(self, rest: str) -> House:
        """Building and entrance behind a name; none where they are numbered anew in a part of the estate."""
        while match := self._empty.match(rest):
            rest = rest[match.end() :]
        return NOTHING if self._zone.match(rest) else house(rest)

    def _narrowed(
        self, rows: list[int], told: House, even: str, areas: tuple[int, ...], near: tuple[int, ...], how: str
    ) -> list[int]:
        left = rows
        for told_areas in (areas, near):
            left = [row for row in left if self._inside(row, told_areas, strict=False)]
        if len(left) > 1:
            left = [row for row in left if any(road in even for road in self.known.roads.get(row, ()))] or left
        if len(left) > 1 and how != "slip" and told.building and all(row in self.known.buildings for row in left):
            left = [row for row in left if told.building in self.known.buildings[row]] or left
        return left

    def _inside(self, row: int, areas: tuple[int, ...], *, strict: bool = True) -> bool:
        """Whether a place lies in the areas named, at every level that is named. strict: at least one community is."""
        for level in AREAS:
            named = [area for area in areas if self.known.level[area] == level]
            own = self.known.area(row, level)
            if named and own >= 0 and own not in named:
                return False
        return not strict or any(self.known.level[area] == "community" for area in areas)

    def _lowest(self, row: int, told: House) -> int:
        """The entrance, else the building, else the place itself."""
        if self.known.level[row] == "building":
            building = row
        else:
            found = self.known.buildings.get(row, {}).get(told.building or "", [])
            if len(found) != 1:
                return row
            building = found[0]
        fits = [one for key, span, one in self.known.blocks.get(building, ()) if _is_block(key, span, told)]
        return fits[0] if len(fits) == 1 else building

    def _only_area(self, even: str, hits: list[_Hit], areas: tuple[int, ...], near: tuple[int, ...]) -> Reading:
        """The lowest area a text names, where it names no estate."""
        levels = {level: [row for row in areas if self.known.level[row] == level] for level in AREAS[:-1]}
        for rows in levels.values():
            fit = [row for row in dict.fromkeys(rows) if self._inside(row, (*areas, *near), strict=False)]
            if len(fit) == 1:
                return Reading(fit[0], "area")
            if rows:
                return self._uncertain("several" if fit else "contradiction", fit or rows)
        return self._uncertain("unknown", ()) if house(even) != NOTHING and not hits else UNNAMED

    def _uncertain(self, reason: str, rows: Iterable[int], told: House = NOTHING) -> Reading:
        meant = list(dict.fromkeys(rows))[:CANDIDATES]
        return Reading(reason=reason, candidates=tuple(self._lowest(row, told) for row in meant))


def _written(text: str, name: str) -> str:
    """The part of a text whose one form is a name: 八一大楼 where the name is 81大楼."""
    parts = (text[at:end] for at in range(len(text)) for end in range(at + 2, min(len(text), at + 2 * len(name)) + 1))
    return next((part.strip() for part in parts if plain(part) == name), name)


def _is_block(key: str, span: tuple[int, int] | None, told: House) -> bool:
    if key != told.unit:
        return False
    return span is None or told.floor is None or span[0] <= told.floor <= span[1]


def _like_an_estate(zone: str, after: str) -> bool:
    """Whether an unknown name looks like an estate's: by a house behind it, or by an ending of more than one sign."""
    stem = stem_of(zone)
    return len(zone) <= 10 and (house(after).start == 0 or (bool(stem) and len(zone) - len(stem) > 1))


def _starts(name: str) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in listed(name)))
