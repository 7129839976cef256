"""Slices that live on: after moves and as time passes they say what slices made anew say, and cost what the changes cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from data import figure_cache
from data.figure_cache import slices
from data.figures import CATALOGUE, Question, figures
from data.periods import Period
from data.settings import Settings
from data.store import Store
from data.touched import Touched
from data.trends import trend
from tests.data.builder import draw, local, move, take
from tests.data.test_figure_properties import as_texts, lives

START, END = local("03-01"), local("04-01")
DAYS = tuple(Period(START + timedelta(days=i), START + timedelta(days=i + 1)) for i in range(31))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """Of each slice the database was asked for, of how many cases; None for all."""
    found: list[int | None] = []
    compute = figure_cache._compute

    def spied(store: Store, group: Any, key: Any, some: Any) -> Any:
        found.append(None if some is None else len(some.ids))
        return compute(store, group, key, some)

    monkeypatch.setattr("data.figure_cache._compute", spied)
    return found


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, list[Any]]]:
    """Cases as they came in, and the moves that follow in order of time."""
    home = tmp_path_factory.mktemp("living") / "var"
    settings = Settings(home=home, memory_share=0.1, threads=2)
    with Store.create(
        home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings
    ) as made:
        draw(made)
        cases, moves = lives(21)
        take(made, *cases)
        yield made, moves


def answers(store: Store, as_of: datetime) -> list[Any]:
    """Every figure at three levels, and two trends: of what is dated and of what stands."""
    said: list[Any] = [
        [row.as_dict() for row in figures(store, Question(level, START, END, as_of))]
        for level in ("district", "grid", "unit")
    ]
    question = Question("district", START, END, as_of)
    return [*said, *([point.value for point in trend(store, question, name, DAYS)] for name in ("closed", "open"))]


def test_what_lives_on_says_what_is_made_anew(begun: tuple[Store, list[Any]], made: list[int | None]) -> None:
    store, moves = begun
    moment, waiting = local("03-02"), list(moves)
    answers(store, moment)
    for _ in range(20):
        moment += timedelta(hours=54)
        while waiting and waiting[0][2] <= moment:
            name, action, at, details = waiting.pop(0)
            move(store, name, action, at.isoformat(), **as_texts(details))
        made.clear()
        lived_on = answers(store, moment)
        assert None not in made
        newest, kept = dict(slices(store)._newest), dict(slices(store)._kept)
        slices(store).forget()
        assert lived_on == answers(store, moment)
        slices(store)._newest = newest
        slices(store)._kept.update(kept)
    assert set(CATALOGUE) == set(lived_on[0][0]["figures"])


def test_a_move_back_in_time_changes_the_past_too(begun: tuple[Store, list[Any]]) -> None:
    store, _ = begun
    name = store.rows("SELECT external_id FROM cases WHERE stage <> 'closed' AND NOT voided LIMIT 1")[0]["external_id"]
    past = local("04-25")
    answers(store, past)
    move(store, name, "voided", "04-20")
    lived_on = answers(store, past)
    slices(store).forget()
    assert lived_on == answers(store, past)


def test_a_commit_that_does_not_say_what_it_touched_makes_slices_anew(
    begun: tuple[Store, list[Any]], made: list[int | None]
) -> None:
    store, _ = begun
    question = Question("district", START, END, local("05-01"), figures=("reported",))
    figures(store, question)
    for touches, wanted in (((), []), ([1], [1]), (None, [None])):
        made.clear()
        store.writer.run(lambda con: None, label="test", touches=touches).result()
        figures(store, question)
        assert made == wanted


def test_what_commits_touched_is_known_until_one_that_cannot_say() -> None:
    touched = Touched()
    touched.note(1, [5])
    touched.note(2, [5, 7])
    touched.note(3, ())
    assert touched.between(0, 3) == {5, 7}
    assert touched.between(2, 3) == set()
    assert touched.between(2, 4) is None  # a version nobody has told of yet
    touched.note(4, None)
    touched.note(5, [9])
    assert (touched.between(3, 5), touched.between(4, 5), touched.other) == (None, {9}, 4)


def test_only_the_last_commits_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.touched.MOST_CASES", 3)
    touched = Touched()
    for version in (1, 2, 3):
        touched.note(version, [version, version + 10])
    assert (touched.between(1, 3), touched.between(2, 3)) == (None, {3, 13})
    assert (touched.knows(1), touched.other) == (False, 0)
