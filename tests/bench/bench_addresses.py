"""Addresses: how fast texts are read, and how rightly, on the demo district `standard`, whose truth is known.

A year's texts of tickets without coordinates. Precision: of what was placed at a level the text names, how much is right; recall: of
the texts that name a level, how many were placed there rightly. Once with every estate known, once with every fifth
missing: then no text about one of those may be placed at another. The alternative takes the longest known name in the text
and the first numbers behind it, which is what a spreadsheet's FIND would do.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from data.atlas import atlas_on, tree
from data.progress import Quiet
from data.settings import Settings
from data.store import Store
from etl.address_match import Matcher
from etl.demo_build import SEED, build_town
from etl.demo_town import CODE, CRS, NAME, ZONE, write
from etl.demo_work import BEGINS, first_moment, tickets_of
from etl.demo_world import make_world
from etl.gazetteer import Gazetteer
from tests.bench.report import Row

LEVELS = ("estate", "building", "block")
Found = dict[str, str]


def run() -> list[Row]:
    """Speed once, then precision and recall by level."""
    with tempfile.TemporaryDirectory() as folder:
        places, texts = _demo(Path(folder))
    known = Gazetteer.of([places])
    rows = [_speed(known, [text["text"] for text in texts])]
    ours, bare = _shares(texts, _reader(known)), _shares(texts, _bare(known))
    for level in LEVELS:
        for what, budget in (("precision", "≥ 99 %"), ("recall", "≥ 95 %")):
            name = f"{what}, {level}, {ours[level, 'n']:,.0f} texts"
            rows.append(Row(name, ours[level, what] * 100, "%", budget, "longest name", bare[level, what] * 100))
    kept, gone = _without_fifth(places)
    less = Gazetteer.of([kept])
    ours, bare = (_shares(texts, read, gone) for read in (_reader(less), _bare(less)))
    name = f"precision, estate, {len(gone):,} of {len(gone) * 5:,} estates unknown"
    rows.append(
        Row(name, ours["estate", "precision"] * 100, "%", "≥ 99 %", "longest name", bare["estate", "precision"] * 100)
    )
    return rows


def _demo(folder: Path) -> tuple[pa.Table, list[dict[str, Any]]]:
    settings = Settings(home=folder, memory_share=0.2, threads=2)
    place = {"name": NAME, "code": CODE, "zone": ZONE, "crs": CRS}
    shown_at = first_moment(ZoneInfo(ZONE))
    with Store.create(folder, **place, simulated=True, shown_at=shown_at, settings=settings) as store:
        write(store, build_town("standard", SEED, Quiet()), Quiet())
        world = make_world(store, seed=SEED, begins=BEGINS, total=tickets_of("standard"), new=True)
        drawn = world.draws.days(BEGINS, BEGINS.replace(year=BEGINS.year + 1))
        return tree(store, atlas_on(store).atlas_id), world.texts(drawn).to_pylist()


def _speed(known: Gazetteer, texts: list[str]) -> Row:
    matcher = Matcher(known)
    began = time.perf_counter()
    for text in texts:
        matcher.read(text)
    seconds = (time.perf_counter() - began) / len(texts) * 100_000
    return Row("100,000 texts read, one core", seconds, "s", "a few s")


def _reader(known: Gazetteer) -> Callable[[str], Found]:
    matcher = Matcher(known)

    def read(text: str) -> Found:
        row = matcher.read(text).row
        places = {level: known.area(row, level) for level in LEVELS}
        return {level: known.code[at] for level, at in places.items() if at >= 0}

    return read


def _bare(known: Gazetteer) -> Callable[[str], Found]:
    """The longest name in the text, and the first two numbers behind it."""
    names = sorted(((name, row) for name, rows in known.estates.items() for row in rows), key=lambda one: -len(one[0]))

    def read(text: str) -> Found:
        row = next(((name, row) for name, row in names if name in text), None)
        if row is None:
            return {}
        found = {"estate": known.code[row[1]]}
        numbers = re.findall(r"[0-9]+", text[text.index(row[0]) + len(row[0]) :])
        building = known.buildings.get(row[1], {}).get(numbers[0], []) if numbers else []
        if building:
            found["building"] = known.code[building[0]]
            blocks = [at for key, _, at in known.blocks.get(building[0], ()) if key in numbers[1:2]]
            found |= {"block": known.code[blocks[0]]} if len(blocks) == 1 else {}
        return found

    return read


def _shares(
    texts: list[dict[str, Any]], read: Callable[[str], Found], gone: frozenset[str] = frozenset()
) -> dict[tuple[str, str], float]:
    answers = [read(text["text"]) for text in texts]
    shares: dict[tuple[str, str], float] = {}
    for level in LEVELS:
        named = [(text[level], found.get(level)) for text, found in zip(texts, answers, strict=True) if text[level]]
        right = sum(meant == found for meant, found in named)
        placed = sum(found is not None for _, found in named)
        there = sum(1 for text in texts if text[level] and text["estate"] not in gone)
        shares |= {(level, "n"): len(named), (level, "precision"): right / placed, (level, "recall"): right / there}
    return shares


def _without_fifth(places: pa.Table) -> tuple[pa.Table, frozenset[str]]:
    gone = frozenset(places.filter(pc.equal(places["level"], "estate"))["code"].to_pylist()[::5])
    return places.filter(pc.invert(pc.is_in(places["code"], value_set=pa.array(sorted(gone))))), gone
