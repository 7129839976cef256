"""What is played back at an instant is what the figures say as of that instant, number by number."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from data import playback
from data.errors import NotFound, QuestionError
from data.figures import Question, figures
from data.playback import COUNTS, Piece, Playback, counted_cases, outline, piece, standing
from data.settings import Settings
from data.store import Store
from tests.data import oracle
from tests.data.builder import draw, local, move, take
from tests.data.test_oracle import NEXT_PLAN, World

Counts = dict[str | None, dict[str, int]]
ZERO = dict.fromkeys(COUNTS, 0)
BASES = {
    "open": "",
    "overdue_open": "",
    "suspended_open": "",
    "reported": "reported",
    "closed": "closed",
    "on_time_rate": "closed",
}


def opened(tmp: pytest.TempPathFactory, label: str) -> Store:
    settings = Settings(home=tmp.mktemp(label) / "var", memory_share=0.1, threads=2)
    return Store.create(
        settings.home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Random lives with everything a ledger can tell: told late, dated ahead, parents and parts, two plans."""
    with opened(tmp_path_factory, "played") as store:
        yield World(store, 4)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Three cases of one day, worked out by hand."""
    with opened(tmp_path_factory, "day") as store:
        draw(store)
        take(
            store,
            {"id": "a", "at": "G1", "reported": "03-01 08:00", "due": "03-05 10:00", "category_name": "积水"},
            {"id": "b", "at": "G2", "reported": "03-05 09:00", "due": "03-05 12:00", "lon": 118.3, "lat": 35.0},
            {"id": "c", "at": "C1", "reported": "03-05 09:30", "due": "03-09 12:00"},
        )
        move(store, "b", "closed", "03-05 11:00")
        move(store, "c", "suspended", "03-05 13:00")
        move(store, "a", "closed", "03-05 14:00")
        yield store


DAY = Playback("grid", local("03-05"), local("03-06"))


def names(store: Store, level: str) -> dict[int | None, str | None]:
    rows = store.rows("SELECT place_id, code FROM place WHERE level = ?", [level])
    return {None: None, **{row["place_id"]: row["code"] for row in rows}}


def at(store: Store, play: Playback, shown: Piece, t: datetime) -> Counts:
    """What a screen counts at an instant: the counts at the piece's beginning and its changes up to there."""
    codes = names(store, play.level)
    found = {codes[row["place_id"]]: {name: row[name] for name in COUNTS} for row in shown.base.to_pylist()}
    place = {row["case_id"]: codes[row["place_id"]] for row in shown.cases.to_pylist()}
    for row in shown.changes.to_pylist():
        if row["t"] <= t:
            counts = found.setdefault(place[row["case_id"]], dict(ZERO))
            for i, name in enumerate(COUNTS):
                counts[name] += bool(row["after"] >> i & 1) - bool(row["before"] >> i & 1)
    return {code: counts for code, counts in found.items() if any(counts.values())}


def counted(rows: Mapping[Any, Mapping[str, Any]]) -> Counts:
    """The same of answers by place and figure: numerator, denominator."""
    found = {}
    for code, answers in rows.items():
        rate = answers.get("on_time_rate", (0, 0))
        counts = {name: int(answers.get(name, (0,))[0]) for name in COUNTS}
        found[code] = counts | {"decided": int(rate[1] or 0), "on_time": int(rate[0] or 0)}
    return {code: counts for code, counts in found.items() if any(counts.values())}


def by_figures(store: Store, play: Playback, t: datetime) -> Counts:
    rows: dict[Any, dict[str, Any]] = {}
    for basis, asked in (
        ("reported", ("open", "overdue_open", "suspended_open", "reported")),
        ("closed", ("closed", "on_time_rate")),
    ):
        question = Question(play.level, play.start, play.end, t, play.kind, basis, within=play.within, figures=asked)
        for row in figures(store, question):
            rows.setdefault(row.place if play.level != "district" else None, {}).update(
                {name: (figure.numerator, figure.denominator) for name, figure in row.figures.items()}
            )
    return counted(rows)


def by_oracle(world: World, play: Playback, t: datetime) -> Counts:
    last = (play.end - timedelta(microseconds=1)).astimezone(world.store.zone).date()
    ask = {
        "level": play.level, "start": play.start, "end": play.end, "t": t, "r": None, "kind": play.kind,
        "filters": {"place": [play.within]} if play.within else {}, "plan_at": lambda _case: "next" if last >= NEXT_PLAN else "first",
    }  # fmt: skip
    answers = oracle.figures(list(world.cases.values()), ask, world.facts, BASES)
    return counted(
        {
            None if play.level == "district" else code: {
                name: (a["numerator"], a["denominator"]) for name, a in of_place.items()
            }
            for code, of_place in answers.items()
        }
    )


def instants(shown: Piece, dice: random.Random, n: int) -> list[datetime]:
    """The beginning, the last instant, changes, the microsecond before some of them, and any."""
    tick = timedelta(microseconds=1)
    changed = shown.changes.column("t").to_pylist()
    some = dice.sample(changed, min(n, len(changed)))
    anywhere = [shown.start + dice.random() * (shown.end - shown.start) for _ in range(3)]
    return [
        shown.start,
        shown.end - tick,
        *some,
        *(t - tick for t in some[: n // 2] if t - tick >= shown.start),
        *anywhere,
    ]


PLAYS = (
    Playback("grid", local("03-01"), local("03-20")),
    Playback("grid", local("03-20 11:17"), local("04-20")),
    Playback("district", local("02-20"), local("05-20")),
    Playback("community", local("02-15"), local("04-01"), within="S1"),
    Playback("grid", local("03-03"), local("03-05"), within="C1"),
    Playback("street", local("03-01"), local("04-10"), kind="task"),
)


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: f"{play.level} {play.within} {play.kind}")
def test_counts_played_back_are_the_figures_as_of_that_instant(world: World, play: Playback) -> None:
    dice = random.Random(7)
    middle = play.start + (play.end - play.start) * 0.6
    for start, end in ((play.start, play.end), (middle, play.end)):
        shown = piece(world.store, play, start, end)
        for number, t in enumerate(instants(shown, dice, 12)):
            played = at(world.store, play, shown, t)
            assert played == by_oracle(world, play, t), t
            if number % 8 == 2:  # they are held against the oracle elsewhere, and cost more
                assert played == by_figures(world.store, play, t), t
        assert standing(world.store, play, end - timedelta(hours=1)).num_rows >= 1


def test_pieces_join_without_a_seam(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    play = PLAYS[0]
    whole = piece(world.store, play, play.start, play.end)
    monkeypatch.setattr(playback, "MOST_LINES", 5)
    cuts = outline(world.store, play).cuts
    assert (cuts[0], cuts[-1]) == (play.start, play.end)
    assert len(cuts) > 3
    parts = [piece(world.store, play, a, b) for a, b in pairwise(cuts)]
    assert [row for part in parts for row in part.lines.to_pylist()] == whole.lines.to_pylist()
    assert all(len(part.lines) <= 5 or len(set(part.lines["t"].to_pylist())) == 1 for part in parts)
    for part in parts:
        assert at(world.store, play, part, part.start) == at(world.store, play, whole, part.start)


def test_a_count_opens_its_cases(day: Store) -> None:
    def numbers(name: str, moment: str, place: str | None = None) -> list[str]:
        return [row["external_id"] for row in counted_cases(day, DAY, local(moment), name, place)]

    assert numbers("open", "03-05 10:00") == ["a", "b", "c"]
    assert numbers("open", "03-05 10:00", "G2") == ["b"]
    assert numbers("overdue_open", "03-05 10:00") == ["a"]
    assert numbers("closed", "03-05 14:00") == ["a", "b"]
    assert numbers("on_time", "03-05 14:00") == ["b"]
    with pytest.raises(QuestionError, match="'everything'"):
        numbers("everything", "03-05 10:00")


def test_a_day_by_hand(day: Store) -> None:
    shown = piece(day, DAY, DAY.start, DAY.end)
    expected = {
        "03-05": {"G1": {"open": 1}},
        "03-05 09:00": {"G1": {"open": 1}, "G2": {"open": 1, "reported": 1}},
        "03-05 10:00": {
            "G1": {"open": 1, "overdue_open": 1},
            "G2": {"open": 1, "reported": 1},
            None: {"open": 1, "reported": 1},
        },
        "03-05 11:00": {
            "G1": {"open": 1, "overdue_open": 1},
            "G2": {"reported": 1, "closed": 1, "decided": 1, "on_time": 1},
            None: {"open": 1, "reported": 1},
        },
        "03-05 14:00": {
            "G1": {"closed": 1, "decided": 1},
            "G2": {"reported": 1, "closed": 1, "decided": 1, "on_time": 1},
            None: {"open": 1, "suspended_open": 1, "reported": 1},
        },
    }
    for moment, counts in expected.items():
        assert at(day, DAY, shown, local(moment)) == {code: {**ZERO, **some} for code, some in counts.items()}, moment


def test_lines_and_cases_say_what_happened_to_what_where(day: Store) -> None:
    shown = piece(day, DAY, DAY.start, DAY.end)
    number = {row["case_id"]: row["external_id"] for row in shown.cases.to_pylist()}
    told = [(row["t"], number[row["case_id"]], row["action"]) for row in shown.lines.to_pylist()]
    assert told == [
        (local("03-05 09:00"), "b", "reported"), (local("03-05 09:00"), "b", "registered"),
        (local("03-05 09:30"), "c", "reported"), (local("03-05 09:30"), "c", "registered"),
        (local("03-05 11:00"), "b", "closed"), (local("03-05 13:00"), "c", "suspended"), (local("03-05 14:00"), "a", "closed"),
    ]  # fmt: skip
    cases = {row["external_id"]: row for row in shown.cases.to_pylist()}
    assert [(one, row["after"]) for one, row in cases.items()] == [("a", 1), ("b", 0), ("c", 0)]
    assert (cases["a"]["category"], cases["a"]["lon"]) == ("积水", None)
    assert (cases["b"]["lon"], cases["b"]["lat"]) == (118.3, 35.0)
    assert shown.whole


def test_within_a_place_only_what_lies_there_is_played(day: Store) -> None:
    play = Playback("grid", DAY.start, DAY.end, within="G2")
    shown = piece(day, play, play.start, play.end)
    assert [row["external_id"] for row in shown.cases.to_pylist()] == ["b"]
    assert outline(day, play).density.select(["reported", "closed", "lines"]).to_pylist() == [
        {"reported": 1, "closed": 0, "lines": 2},
        {"reported": 0, "closed": 1, "lines": 1},
    ]


def test_density_is_the_ledger_a_bin(day: Store) -> None:
    found = outline(day, DAY)
    assert found.bin == timedelta(milliseconds=8 * 21094)  # a day in 512 × 8 parts, rounded up to a millisecond
    assert found.cuts == [DAY.start, DAY.end]
    starts = found.density.column("start").to_pylist()
    events = [local(f"03-05 {time}") for time in ("09:00", "09:30", "11:00", "13:00", "14:00")]
    assert [start <= event < start + found.bin for start, event in zip(starts, events, strict=True)] == [True] * 5
    assert found.density.column("lines").to_pylist() == [2, 2, 1, 1, 1]
    assert len({(start - DAY.start) % found.bin for start in starts}) == 1


def test_too_many_open_cases_are_counted_but_not_told_one_by_one(day: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playback, "MOST_OPEN", 0)
    shown = piece(day, DAY, DAY.start, local("03-05 09:15"))
    assert not shown.whole
    assert [row["external_id"] for row in shown.cases.to_pylist()] == ["b"]
    assert shown.base.column("open").to_pylist() == [1]


def test_a_long_quiet_interval_is_cut_by_time(day: Store) -> None:
    year = Playback("grid", local("2023-06-01"), local("2024-06-01"))
    cuts = outline(day, year).cuts
    steps = {b - a for a, b in pairwise(cuts)}
    assert max(steps) == timedelta(days=31)
    assert (cuts[0], cuts[-1]) == (year.start, year.end)


def test_what_cannot_be_played_says_why(day: Store) -> None:
    with pytest.raises(QuestionError, match="400 days"):
        outline(day, Playback("grid", local("2022-01-01"), local("2024-01-01")))
    with pytest.raises(QuestionError, match="'unit' cannot be played back"):
        outline(day, Playback("unit", DAY.start, DAY.end))
    with pytest.raises(QuestionError, match="lies in its interval"):
        piece(day, DAY, DAY.start - timedelta(days=1), DAY.end)
    with pytest.raises(NotFound):
        outline(day, Playback("grid", DAY.start, DAY.end, within="no such place"))


def test_nothing_is_written_by_looking(day: Store) -> None:
    before = day.version
    piece(day, DAY, DAY.start, DAY.end)
    outline(day, DAY)
    assert day.version == before
    assert np.array_equal(*(piece(day, DAY, DAY.start, DAY.end).changes.column("after").to_numpy() for _ in range(2)))
    assert date(2024, 3, 5) == DAY.start.astimezone(day.zone).date()
