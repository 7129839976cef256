"""Looking something up by what a person types: a case's number, a place's name or code, an address such as 青松苑 3 号楼.

Places are matched against a list kept in memory per version of the tree, as text without spaces, width, case and Chinese
numerals, so that 青松苑三号楼 finds 青松苑 3号楼. A building is found by its estate's name and its own. Case numbers are matched
from their first character: DuckDB skips the blocks whose smallest and largest number rule the prefix out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pyarrow as pa
import pyarrow.compute as pc

from data.atlas import Atlas, atlas_on
from data.levels import LEVELS

if TYPE_CHECKING:
    from data.store import Store

MOST = 6  # of each kind
LONGEST = 60  # characters that are looked at
FEWEST_OF_NUMBER = 3
LAST = "\U0010ffff"  # sorts after whatever may follow a prefix
ORDER = (
    "street",
    "community",
    "estate",
    "grid",
    "micro_grid",
    "building",
    "block",
    "district",
)  # as people look for them

_DIGITS = "零一二三四五六七八九"
_NUMERAL = re.compile(r"([零一二三四五六七八九十百]+)(?=号|栋|幢|座|单元|期|楼|组)")


@dataclass(frozen=True)
class FoundPlace:
    """A place that fits. path: names of what it lies in, from the street down; lon, lat: somewhere inside, if known."""

    place_id: int
    level: str
    code: str
    name: str
    path: tuple[str, ...]
    retired: bool
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class FoundCase:
    """A case whose number begins with what was typed."""

    case_id: int
    external_id: str
    category: str | None
    stage: str
    reported_at: datetime


def plain(text: str) -> str:
    """The text as it is compared: half-width, lower case, no spaces, house numbers in digits."""
    joined = "".join(unicodedata.normalize("NFKC", text).lower().split())
    return _NUMERAL.sub(lambda match: str(_number(match[1])), joined)


def find_places(store: Store, text: str, day: date, most: int = MOST) -> list[FoundPlace]:
    """The best places of each level for a text, those of the plan in force on a day; a retired code only when given in full."""
    listed = _listed(store, atlas_on(store, day))
    words = [plain(word) for word in text[:LONGEST].split()]
    if not words:
        return []
    fitting = _fitting(listed.table, words)
    rows = store.rows(_BEST.format(order=list(ORDER), most=int(most)), {"q": "".join(words)}, fitting=fitting)
    for row in rows:
        row["path"] = listed.path(row["place_id"])
    rows = rows or _retired(store, text.strip())
    points = _inner_points(store, [row["place_id"] for row in rows])
    found = []
    for row in rows:
        lon, lat = points.get(row["place_id"], (None, None))
        found.append(FoundPlace(**{"path": (), **row}, lon=lon, lat=lat))
    return found


def find_cases(store: Store, text: str, most: int = MOST) -> list[FoundCase]:
    """The newest cases whose number begins with the text, as typed or in capitals; a number has a digit in it."""
    number = unicodedata.normalize("NFKC", text[:LONGEST]).strip()
    if len(number) < FEWEST_OF_NUMBER or not any(c.isdigit() for c in number) or any(c.isspace() for c in number):
        return []
    tried = dict.fromkeys((number, number.upper()))
    tests = " OR ".join(f"(external_id >= $low{i} AND external_id < $high{i})" for i in range(len(tried)))
    bounds = {f"low{i}": one for i, one in enumerate(tried)} | {f"high{i}": one + LAST for i, one in enumerate(tried)}
    rows = store.rows(
        f"""SELECT case_id, external_id, k.name AS category, stage, reported_at
            FROM (SELECT case_id, external_id, category_id, stage, reported_at FROM cases WHERE {tests}
                  ORDER BY external_id NOT IN ({", ".join(f"$low{i}" for i in range(len(tried)))}), case_id DESC LIMIT {int(most)})
            LEFT JOIN category k USING (category_id)
            ORDER BY length(external_id), case_id DESC""",
        bounds,
    )
    return [FoundCase(**row) for row in rows]


# q: what was typed without spaces. A whole name or code comes first, then what begins so.
_BEST = """
    WITH ranked AS (
        SELECT *, CASE WHEN code = $q OR own = $q OR brief = $q THEN 0 WHEN starts_with(own, $q) OR starts_with(brief, $q) THEN 1
                       WHEN starts_with(code, $q) THEN 2 ELSE 3 END AS rank FROM fitting),
    best AS (SELECT *, row_number() OVER (PARTITION BY level ORDER BY rank, length(own), code) AS place FROM ranked)
    SELECT place_id, level, shown_code AS code, name, false AS retired FROM best WHERE place <= {most}
    ORDER BY list_position({order}, level), place"""


@dataclass(frozen=True)
class _Listed:
    """The places of a tree. table: place_id, level, shown_code, name, code (lower case), brief (its own name), own (with the estate's and
    the aliases), whole (with everything it lies in)."""

    digest: str
    table: pa.Table
    row_of: dict[int, int]
    parents: list[int]
    names: list[str]
    districts: frozenset[int]

    def path(self, place: int) -> tuple[str, ...]:
        """Names of what the place lies in, from the street down."""
        found: list[str] = []
        at = self.row_of.get(self.parents[self.row_of[place]], -1)
        while at >= 0 and at not in self.districts and len(found) < len(ORDER):
            found.append(self.names[at])
            at = self.row_of.get(self.parents[at], -1)
        return tuple(reversed(found))


_KNOWN: WeakKeyDictionary[Store, _Listed] = WeakKeyDictionary()


def _listed(store: Store, atlas: Atlas) -> _Listed:
    """Every place of the atlas with the texts it is found by; made once for a tree."""
    known = _KNOWN.get(store)
    if known is None or known.digest != atlas.digest:
        known = _KNOWN[store] = _read(store, atlas)
    return known


def _fitting(table: pa.Table, words: list[str]) -> pa.Table:
    """The places whose code begins so or whose own text holds all that was typed; or, of several words, whose path holds every one
    and whose own text the last."""
    text = "".join(words)
    fits = pc.or_(pc.starts_with(table.column("code"), text), pc.match_substring(table.column("own"), text))
    if len(words) > 1:
        every = pc.match_substring(table.column("own"), words[-1])
        for word in words[:-1]:
            every = pc.and_(every, pc.match_substring(table.column("whole"), word))
        fits = pc.or_(fits, every)
    return table.filter(fits)


def _read(store: Store, atlas: Atlas) -> _Listed:
    rows = store.arrow(
        """SELECT place_id, level, code AS shown_code, lower(code) AS code, v.name, coalesce(parent_id, -1) AS parent_id,
               coalesce(aliases, []) AS aliases
           FROM place_version v JOIN place USING (place_id)
           WHERE v.effective_from <= $day AND $day < v.effective_to AND (v.plan_id IS NULL OR v.plan_id = $plan)
           ORDER BY list_position($down, level)""",
        {"day": atlas.effective_from, "plan": atlas.plan_id, "down": list(LEVELS)},
    )
    parents, names, levels = (rows.column(name).to_pylist() for name in ("parent_id", "name", "level"))
    row_of = {place: i for i, place in enumerate(rows.column("place_id").to_pylist())}
    brief = [plain(name) for name in names]
    full: list[str] = []
    own: list[str] = []
    whole: list[str] = []
    for i, aliases in enumerate(rows.column("aliases").to_pylist()):  # parents come before their children
        above = row_of.get(parents[i], -1)
        inner = 0 <= above < i and levels[i] in ("building", "block") and levels[above] in ("estate", "building")
        full.append(full[above] + brief[i] if inner else brief[i])
        own.append("|".join([full[i], *map(plain, aliases)]) if aliases else full[i])
        whole.append(f"{whole[above]}|{own[i]}" if 0 <= above < i else own[i])
    table = rows.select(["place_id", "level", "shown_code", "code", "name"])
    for name, column in (("brief", brief), ("own", own), ("whole", whole)):
        table = table.append_column(name, pa.array(column, pa.large_string()))
    districts = frozenset(i for i, level in enumerate(levels) if level == "district")
    return _Listed(atlas.digest, table, row_of, parents, names, districts)


def _retired(store: Store, code: str) -> list[dict[str, Any]]:
    """A place that is in no present plan, by its whole code."""
    return store.rows(
        """SELECT place_id, level, code, arg_max(name, effective_from) AS name, any_value(retired) AS retired
           FROM place JOIN place_version USING (place_id) WHERE code = $code GROUP BY place_id, level, code LIMIT 6""",
        {"code": code},
    )


def _inner_points(store: Store, places: list[int]) -> dict[int, tuple[float, float]]:
    """A point inside each place that has a shape."""
    rows = store.rows(
        """SELECT place_id, ST_X(point) AS lon, ST_Y(point) AS lat FROM (
               SELECT place_id, ST_PointOnSurface(arg_max(geometry, effective_from)) AS point FROM place_version
               WHERE list_contains($ids, place_id) AND geometry IS NOT NULL GROUP BY place_id)""",
        {"ids": places},
    )
    return {row["place_id"]: (row["lon"], row["lat"]) for row in rows}


def _number(text: str) -> int:
    """二十三 → 23, 十 → 10, 一百零二 → 102, 一二 → 12."""
    if not any(unit in text for unit in "十百"):
        return int("".join(str(_DIGITS.index(c)) for c in text))
    total, digit = 0, 0
    for c in text:
        if c in _DIGITS:
            digit = _DIGITS.index(c)
        else:
            total, digit = total + (digit or 1) * {"十": 10, "百": 100}[c], 0
    return total + digit
