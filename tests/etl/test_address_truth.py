"""The matcher against a district whose truth is known: what it places is right, and it places what is named.

The demo writes the texts from its own chances and its own lists of slips and nicknames; the matcher knows none of them, and
seven texts nobody could place. It is not told the community here, which the demo's tickets name beside the address. A year of
texts about the smallest town, and the same texts for a list of estates in which every fifth is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from data.atlas import atlas_on, tree
from data.progress import Quiet
from data.settings import Settings
from data.simulation import simulation
from data.store import Store
from etl.address_match import Matcher
from etl.demo import build
from etl.demo_world import make_world
from etl.gazetteer import Gazetteer

LEVELS = ("estate", "building", "block")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[pa.Table, list[dict[str, Any]]]]:
    """(the tree, the texts of a year with their truth)."""
    settings = Settings(home=tmp_path_factory.mktemp("truth") / "var", memory_share=0.1, threads=2)
    build(settings.home, "tiny", progress=Quiet(), settings=settings)
    with Store.open(settings.home, settings) as store:
        made = simulation(store)
        assert made is not None
        world = make_world(store, seed=made.seed, begins=made.begins, total=made.tickets)
        texts = world.texts(world.draws.days(made.begins, date(2026, 6, 30))).to_pylist()
        yield tree(store, atlas_on(store).atlas_id), texts


def compared(places: pa.Table, texts: list[dict[str, Any]]) -> Counter[str]:
    """How many texts name each level, how many of those were placed there rightly, and how many wrongly."""
    known = Gazetteer.of([places])
    matcher = Matcher(known)
    counts: Counter[str] = Counter()
    for text in texts:
        row = matcher.read(text["text"]).row
        for level in LEVELS:
            at = known.area(row, level)
            found = known.code[at] if at >= 0 else None
            counts[f"{level} named"] += text[level] is not None
            counts[f"{level} right"] += text[level] is not None and found == text[level]
            counts[f"{level} wrong"] += text[level] is not None and found not in (None, text[level])
    return counts


def test_nearly_all_is_placed_and_nothing_wrongly(demo: tuple[pa.Table, list[dict[str, Any]]]) -> None:
    counts = compared(*demo)
    assert dict(counts) == {
        "estate named": 278, "estate right": 269, "estate wrong": 0,
        "building named": 270, "building right": 261, "building wrong": 0,
        "block named": 220, "block right": 212, "block wrong": 0,
    }  # fmt: skip


def test_estates_that_are_not_known_are_not_taken_for_others(demo: tuple[pa.Table, list[dict[str, Any]]]) -> None:
    places, texts = demo
    estates = pc.equal(places["level"], "estate")
    codes = places.filter(estates)["code"].to_pylist()
    gone = set(codes[::5])
    counts = compared(places.filter(pc.invert(pc.is_in(places["code"], value_set=pa.array(sorted(gone))))), texts)
    unknown = sum(text["estate"] in gone for text in texts)
    assert (unknown, counts["estate named"], counts["estate right"], counts["estate wrong"]) == (45, 278, 224, 0)
