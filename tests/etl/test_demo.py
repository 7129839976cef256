"""A demo store holds the whole town, is marked simulated, has nothing the check finds fault with, and is never overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data import base_map
from data.atlas import atlas_on
from data.checks import check
from data.errors import StoreBusy
from data.founding import found_town
from data.progress import Quiet
from data.score_rows import cards, items, runs
from data.score_runs import recomputed
from data.settings import Settings
from data.store import Store
from etl.demo import build
from etl.demo_build import build_town
from etl.demo_town import Town, write


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "var"
    settings = Settings(home=folder, memory_share=0.1, threads=2)
    said = build(folder, "tiny", progress=Quiet(), settings=settings)
    assert "demo district 青禾区 (tiny), 1 streets, 3 communities, 36 estates, " in said
    return folder


@pytest.fixture(scope="module")
def town() -> Town:
    return build_town("tiny")


@pytest.fixture(scope="module")
def demo(home: Path) -> Iterator[Store]:
    with Store.open(home, Settings(home=home, memory_share=0.1, threads=2)) as store:
        yield store


def test_every_place_of_the_town_is_in_the_tree(demo: Store, town: Town) -> None:
    assert demo.deployment.simulated
    assert (demo.deployment.name, demo.deployment.code) == ("青禾区", "990101")
    rows = demo.rows("SELECT level, count(*) AS n FROM place JOIN place_version USING (place_id) GROUP BY level")
    assert {row["level"]: row["n"] for row in rows} == {
        "district": 1,
        "street": 1,
        "community": 3,
        "grid": town.grids.num_rows,
        "micro_grid": 230,
        "estate": 36,
        "building": town.buildings.num_rows,
        "block": town.blocks.num_rows,
    }
    assert atlas_on(demo).current


def test_a_place_keeps_what_the_town_says_of_it(demo: Store, town: Town) -> None:
    row = demo.rows(
        """SELECT v.name, v.aliases, v.kind, v.old, v.households, u.code AS parent, c.name AS company
           FROM place p JOIN place_version v USING (place_id) JOIN place u ON u.place_id = v.parent_id
           LEFT JOIN company c USING (company_id) WHERE p.level = 'estate' AND p.code = 'E0003'"""
    )[0]
    wanted = town.estates.to_pylist()[2]
    company = None if wanted["company"] is None else town.companies["name"][wanted["company"]].as_py()
    assert row == {
        **{key: wanted[key] for key in ("name", "aliases", "kind", "old", "households")},
        "parent": town.communities["code"][wanted["community"]].as_py(),
        "company": company,
    }


def test_the_check_finds_nothing(demo: Store) -> None:
    assert check(demo) == []


def test_facilities_posts_and_base_map_are_there(demo: Store, town: Town) -> None:
    facilities = demo.rows("SELECT count(*) AS n, count(place_id) AS placed FROM facility")[0]
    assert facilities == {"n": town.facilities.num_rows, "placed": town.facilities.num_rows}
    posts = demo.rows("SELECT count(*) AS n, bool_and(on_duty <= actual AND actual <= required) AS sane FROM post")[0]
    assert posts == {"n": town.posts.num_rows, "sane": True}
    assert base_map.features(demo).num_rows == town.base.num_rows
    assert set(base_map.features(demo, ["road"])["kind"].to_pylist()) == {"arterial", "collector", "local"}


def test_a_store_that_is_there_is_left_alone(home: Path) -> None:
    with pytest.raises(StoreBusy, match="there is a store already"):
        build(home, "tiny", progress=Quiet())


def test_a_store_with_places_takes_no_second_town(demo: Store, town: Town) -> None:
    with pytest.raises(StoreBusy, match="holds places already"):
        write(demo, town, Quiet())
    assert found_town.__doc__


def test_its_lists_stand_at_every_step_and_come_out_the_same_from_its_ledger(demo: Store) -> None:
    found = runs(demo)
    assert {run.state for run in found} == {"draft", "publicity", "final"}
    assert {run.card for run in found} == set(cards(demo))
    for run in found:
        if (run.card, run.period) in (("property_red_black", "2026-Q1"), ("three_colours", "2026-05")):
            kept = {one.subject.subject_id: one for one in items(demo, run.run_id)}
            assert {one.subject.subject_id: one for one in recomputed(demo, run.run_id)} == kept
