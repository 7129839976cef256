"""What must hold of the figures whatever the cases are: sixty random ones with random lives, from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from data.figure_catalogue import OF_CASES
from data.figures import CATALOGUE, PlaceFigures, Question, figures, table
from data.settings import Settings
from data.store import Store
from tests.data.builder import HOME, ask, draw, local, move, take

COUNTS = [name for name, figure in CATALOGUE.items() if figure.type == "count"]
PROPORTIONS = [name for name, figure in CATALOGUE.items() if figure.type == "proportion"]
MOMENTS = ("03-03", "03-12", "03-20", "04-05", "05-01")
PERIODS = ("02-20/03-10", "03-01/04-01", "03-15/04-15")


def lives(seed: int, count: int = 60) -> tuple[list[dict[str, Any]], list[tuple[str, str, datetime, dict[str, Any]]]]:
    """Cases, and the moves that follow in order of time."""
    dice = random.Random(seed)
    cases, moves = [], []
    for number in range(count):
        reported = local("02-20") + timedelta(minutes=dice.randrange(50 * 1440))
        case: dict[str, Any] = {"id": f"P{number}", "reported_at": reported, "at": dice.choice(list(HOME))}
        if dice.random() < 0.8:
            case["registered_at"] = reported + timedelta(hours=dice.randrange(30))
        source = dice.choice(["dates", "dates", "flag", "none"])
        if source == "dates":
            case["due_at"] = reported + timedelta(hours=dice.randrange(-5, 300))
        case["on_time_source"] = source
        if dice.random() < 0.4:
            case["closed_at"], case["closed"] = reported + timedelta(hours=dice.randrange(-3, 400)), True
        elif dice.random() < 0.15:
            case["stage"] = "closed"
        if source == "flag" and dice.random() < 0.8:
            case["on_time"] = dice.random() < 0.7
        cases.append(case)
        at = reported + timedelta(days=1)
        for action in dice.sample(["suspended", "resumed", "extended", "voided", "excluded", "closed", "reopened"], 2):
            if dice.random() < 0.3:
                at += timedelta(hours=dice.randrange(1, 200))
                details: dict[str, Any] = (
                    {"due_at": at + timedelta(days=5)} if action in ("extended", "resumed") else {}
                )
                if action == "excluded":
                    details = {"by_role": "supervisor", "payload": {"reason": "not ours"}}
                moves.append((case["id"], action, at, details))
    return cases, sorted(moves, key=lambda move: move[2])


def as_texts(details: dict[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in details.items()}


def settle(store: Store, seed: int, *, shuffled: bool = False) -> None:
    cases, moves = lives(seed)
    if shuffled:
        random.Random(99).shuffle(cases)
    take(store, *cases)
    for name, action, at, details in moves:
        text = at.isoformat()
        move(store, name, action, text, **as_texts(details))


def fresh(tmp: pytest.TempPathFactory, label: str) -> Store:
    home = tmp.mktemp(label)
    settings = Settings(home=home, memory_share=0.1, threads=2)
    store = Store.create(home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings)
    draw(store)
    return store


@pytest.fixture(scope="module", params=[11, 12])
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with fresh(tmp_path_factory, "lived") as store:
        settle(store, request.param)
        yield store


def plain(rows: list[PlaceFigures]) -> list[dict[str, Any]]:
    return [row.as_dict() for row in rows]


def test_on_one_basis_on_time_is_at_most_completion_is_at_most_one(lived: Store) -> None:
    for basis in OF_CASES:
        for period in PERIODS:
            for moment in MOMENTS:
                asked = {"basis": basis, "period": period, "as_of": moment}
                for row in ask(lived, "grid", figures=("on_time_rate", "due_completion_rate"), **asked):
                    on_time, completion = row.figures["on_time_rate"], row.figures["due_completion_rate"]
                    assert (on_time.numerator or 0) <= (completion.numerator or 0) <= (completion.denominator or 0)
                    if on_time.value is not None and completion.value is not None:
                        assert 0 <= on_time.value <= completion.value <= 1


def test_children_and_not_located_make_the_parent(lived: Store) -> None:
    for moment in MOMENTS:
        whole = ask(lived, "district", as_of=moment)[0].figures
        for level in ("street", "community", "grid", "unit", "company"):
            rows = ask(lived, level, as_of=moment)
            for name in COUNTS + PROPORTIONS:
                if name == "settled_at_level":  # speaks of another level at each level
                    continue
                assert sum(row.figures[name].numerator or 0 for row in rows) == whole[name].numerator, (level, name)
                for reason, n in whole[name].left_out.items():
                    assert sum(row.figures[name].left_out[reason] for row in rows) == n, (level, name, reason)


def test_counts_add_up_over_adjacent_periods(lived: Store) -> None:
    for name in ("reported", "registered", "closed", "due"):
        whole = ask(lived, period="03-01/04-01", figures=(name,))[0].figures[name].value
        for middle in ("03-02", "03-11 13:30", "03-31"):
            parts = [f"03-01/{middle}", f"{middle}/04-01"]
            assert sum(ask(lived, period=part, figures=(name,))[0].figures[name].value or 0 for part in parts) == whole


def test_decided_is_closed_and_overdue_open(lived: Store) -> None:
    # Over all time: every decided case is closed or open and overdue.
    for moment in MOMENTS:
        row = ask(lived, period="2023-01-01/2025-01-01", as_of=moment)[0].figures
        decided, closed = row["due"].value or 0, row["due_completion_rate"].numerator or 0
        assert decided == closed + (row["overdue_open"].value or 0)


def test_denominator_and_left_out_are_all_cases_of_the_period(lived: Store) -> None:
    for basis in ("registered", "reported"):
        for moment in MOMENTS:
            row = ask(lived, basis=basis, as_of=moment)[0].figures
            all_of_them = (row[basis].value or 0) + row[basis].left_out["voided"] + row[basis].left_out["excluded"]
            for name in ("on_time_rate", "due_completion_rate", "on_time_handling_rate"):
                figure = row[name]
                assert (figure.denominator or 0) + sum(figure.left_out.values()) == all_of_them, (name, basis, moment)


def test_row_order_changes_nothing(lived: Store, tmp_path_factory: pytest.TempPathFactory) -> None:
    seed = 11
    with fresh(tmp_path_factory, "plain") as one, fresh(tmp_path_factory, "shuffled") as other:
        settle(one, seed)
        settle(other, seed, shuffled=True)
        for moment in MOMENTS:
            assert plain(ask(one, "grid", as_of=moment)) == plain(ask(other, "grid", as_of=moment))


def test_as_of_yesterday_never_sees_today(tmp_path_factory: pytest.TempPathFactory) -> None:
    cases, moves = lives(13)
    cut = local("03-20")
    with fresh(tmp_path_factory, "before") as before, fresh(tmp_path_factory, "after") as after:
        for store, seen in ((before, [m for m in moves if m[2] <= cut]), (after, moves)):
            take(store, *cases)
            for name, action, at, details in seen:
                move(store, name, action, at.isoformat(), **as_texts(details))
        for moment in ("03-01", "03-12", "03-20"):
            assert plain(ask(before, "grid", as_of=moment)) == plain(ask(after, "grid", as_of=moment))


def test_suspending_a_late_case_never_raises_a_rate_silently(lived: Store) -> None:
    late = ask(lived, figures=("overdue_open",), as_of="05-01")[0].figures["overdue_open"].value
    assert late
    rows = lived.rows(
        """SELECT external_id FROM cases WHERE stage <> 'closed' AND NOT voided AND NOT excluded AND NOT suspended
           AND on_time_source = 'dates' AND due_at >= $start AND due_at < $end AND since < $end ORDER BY 1 LIMIT 1""",
        {"start": local("03-01"), "end": local("04-01")},
    )
    before = ask(lived, as_of="05-01")[0].figures["on_time_rate"]
    move(lived, rows[0]["external_id"], "suspended", "04-28")
    after = ask(lived, as_of="05-01")[0].figures["on_time_rate"]
    assert (after.denominator or 0) == (before.denominator or 0) - 1
    assert after.left_out["suspended"] == before.left_out["suspended"] + 1


def test_published_now_is_what_is_known_now(lived: Store) -> None:
    newest = lived.rows("SELECT max(recorded_at) AS at FROM transition")[0]["at"]
    for moment in MOMENTS:
        assert plain(ask(lived, "grid", as_of=moment, published=newest)) == plain(ask(lived, "grid", as_of=moment))


def test_columns_say_the_same_as_objects(lived: Store) -> None:
    question = Question("grid", local("03-01"), local("04-01"), local("05-01"))
    rows, columns = figures(lived, question), table(lived, question)
    assert columns.column("place").to_pylist() == [row.place for row in rows]
    for name in CATALOGUE:
        assert columns.column(f"{name}.value").to_pylist() == [row.figures[name].value for row in rows]


def test_new_filter_on_a_known_period_reads_no_case_again(lived: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ask(lived, "grid", as_of="05-01")
    monkeypatch.setattr("data.figure_cache._compute", lambda *_: pytest.fail("a slice was computed again"))
    assert ask(lived, "street", as_of="05-01", filters={"located": ["point"]})
    assert plain(ask(lived, "grid", as_of="05-01")) == plain(first)
