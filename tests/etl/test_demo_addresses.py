"""Addresses are written in many ways, the same for a seed, and what they mean is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from data.checks import check
from data.progress import Quiet
from data.settings import Settings
from data.simulation import simulation
from data.store import Store
from etl.demo import build
from etl.demo_addresses import _chinese
from etl.demo_world import World, make_world


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    settings = Settings(home=tmp_path_factory.mktemp("demo") / "var", memory_share=0.1, threads=2)
    build(settings.home, "tiny", progress=Quiet(), settings=settings)
    with Store.open(settings.home, settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    made = simulation(store)
    assert made is not None
    return make_world(store, seed=made.seed, begins=made.begins, total=made.tickets)


def test_every_ticket_without_a_point_has_an_address_and_the_others_none(store: Store, world: World) -> None:
    texts = world.texts(world.draws.days(world.rhythm.begins, date(2026, 6, 30)))
    told = {row["external_id"]: row["community"] for row in texts.to_pylist()}
    rows = store.rows(
        """SELECT external_id, p.code AS community FROM cases JOIN case_place USING (case_id)
           LEFT JOIN place p ON p.place_id = community_id WHERE lon IS NULL AND kind = 'event'"""
    )
    assert len(rows) > 200
    assert all(told[row["external_id"]] == row["community"] for row in rows)
    there = {row["external_id"] for row in rows}
    pointed = store.rows("SELECT external_id FROM cases WHERE lon IS NOT NULL")
    assert not {row["external_id"] for row in pointed} & set(told)
    assert there <= set(told)


def test_the_year_went_through_the_reader_as_an_import_does(store: Store, world: World) -> None:
    """What is placed lies where it is; what cannot be told waits, masked, and its case counts in the community."""
    texts = world.texts(world.draws.days(world.rhythm.begins, date(2026, 6, 30))).to_pylist()
    truth = {row["external_id"]: row for row in texts}
    rows = store.rows(
        """SELECT external_id, status, place, text, located, named_place, e.code AS estate FROM address_match
           JOIN cases USING (case_id) JOIN case_place USING (case_id) LEFT JOIN place e ON e.place_id = estate_id"""
    )
    placed = [row for row in rows if row["status"] == "placed"]
    waiting = [row for row in rows if row["status"] == "open"]
    assert len(placed) + len(waiting) == len(rows) == 278
    assert all(row["estate"] == truth[row["external_id"]]["estate"] for row in placed)
    assert all(row["located"] == row["place"].partition("=")[0] for row in placed)
    assert all(row["named_place"].startswith(f"{row['place']}|community=") for row in placed)
    assert {row["located"] for row in waiting} == {"community"}
    assert all(row["text"] and row["estate"] is None for row in waiting)
    assert 0.005 < len(waiting) / len(rows) < 0.05


def test_the_truth_is_a_place_of_the_store(store: Store, world: World) -> None:
    texts = world.texts(world.draws.days(date(2026, 1, 1), date(2026, 6, 30))).to_pylist()
    for level in ("estate", "building", "block"):
        codes = {row["code"] for row in store.rows("SELECT code FROM place WHERE level = ?", [level])}
        named = [row[level] for row in texts if row[level]]
        assert set(named) <= codes
        assert len(named) > 0.4 * len(texts)
    assert all(row["block"] is None or row["block"].startswith(row["building"]) for row in texts)


def test_names_are_written_in_all_the_ways_people_have(world: World) -> None:
    texts = world.texts(world.draws.days(world.rhythm.begins, date(2026, 6, 30))).to_pylist()
    written = {row["writing"] for row in texts}
    whole = "".join(row["text"] for row in texts)
    assert written == {"plain", "alias", "slip", "ending", "nickname"}
    assert all(part in whole for part in ("号楼", "栋", "幢", "#", "单元", "门", "２", "二单元", "　"))
    assert 0.6 < sum(row["writing"] == "plain" for row in texts) / len(texts) < 0.95


def test_the_same_ticket_is_always_written_the_same(world: World) -> None:
    day = world.draws.day(date(2026, 6, 17))
    assert world.texts(day).equals(world.texts(world.draws.day(date(2026, 6, 17))))


def test_no_text_of_it_is_stored(store: Store) -> None:
    assert store.rows("SELECT count(*) AS n FROM note JOIN cases USING (case_id) WHERE kind = 'event'") == [{"n": 0}]
    assert store.rows("SELECT count(*) AS n FROM cases WHERE named_place LIKE '%号楼%'") == [{"n": 0}]


def test_the_whole_demo_breaks_no_rule(store: Store) -> None:
    assert check(store) == []


@pytest.mark.parametrize(
    ("number", "text"), [(0, "零"), (3, "三"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五")]
)
def test_numbers_in_chinese(number: int, text: str) -> None:
    assert _chinese(number) == text
