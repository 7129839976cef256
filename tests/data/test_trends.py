"""A trend's points are the figures of their periods, asked one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from data.errors import QuestionError
from data.figures import CATALOGUE, Filter, Question, figures
from data.periods import Period
from data.settings import Settings
from data.store import Store
from data.trends import Point, trend
from tests.data.builder import ZONE, draw, local, move, take

T = local("05-01")


def days(first: str, n: int) -> list[Period]:
    """n local days from the first."""
    start = datetime.fromisoformat(f"2024-{first}").replace(tzinfo=ZONE)
    return [Period(start + timedelta(days=i), start + timedelta(days=i + 1)) for i in range(n)]


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Cases of March in four grids, with every turn a case can take."""
    home = tmp_path_factory.mktemp("trends") / "var"
    settings = Settings(home=home, memory_share=0.1, threads=2)
    with Store.create(
        home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings
    ) as store:
        draw(store)
        happen(store)
        yield store


def happen(store: Store) -> None:
    """Twenty-four cases and what became of them."""
    made = []
    for i in range(24):
        case = {
            "id": f"x{i}",
            "at": ("G1", "G2", "G3", "G4", "C1", "")[i % 6],
            "reported": f"03-{1 + i:02d} {i % 24:02d}:30",
            "due": f"03-{5 + i:02d} 18:00",
            "handle_due": f"03-{3 + i:02d} 18:00",
            "channel": "12345" if i % 2 else "app",
            "unit_name": f"单位{i % 3}",
        }
        if i % 3:
            case |= {"closed": f"03-{3 + i + i % 4:02d} 12:00", "handled": f"03-{2 + i:02d} 09:00", "reworked": i % 2}
            case |= {"called_back": f"03-{4 + i:02d} 10:00", "contacted": True, "resolved": i % 2 == 0}
            case |= {"satisfaction": ("satisfied", "basic", "unsatisfied")[i % 3]}
        made.append(case)
    take(store, *made)
    move(store, "x0", "suspended", "03-08 10:00")
    move(store, "x0", "resumed", "03-11 10:00")
    move(store, "x3", "closed", "03-20 10:00")
    move(store, "x3", "reopened", "03-22 10:00")
    move(store, "x6", "voided", "03-12 00:00")
    move(store, "x9", "excluded", "03-15 09:00", payload={"reason": "r"}, by_role="reviewer")
    move(store, "x12", "suspended", "03-30 09:00")


def singly(store: Store, question: Question, name: str, periods: list[Period]) -> list[Point]:
    """The same, a question a period; what is open at the period's end."""
    found = []
    for period in periods:
        t = min(period.end, T) if not CATALOGUE[name].bases else T
        asked = Question(**{**vars(question), "start": period.start, "end": period.end, "as_of": t, "figures": (name,)})
        figure = figures(store, asked)[0].figures[name]
        found.append(Point(period, figure.numerator, figure.denominator, figure.value))
    return found


@pytest.mark.parametrize("within", [None, "S1", "C1", "G1", "E1"])
@pytest.mark.parametrize("name", CATALOGUE)
def test_every_point_is_the_figure_of_its_period(district: Store, name: str, within: str | None) -> None:
    levels = {None: "district", "S1": "street", "C1": "community", "G1": "grid", "E1": "estate"}
    periods = days("03-03", 8) if within == "S1" else days("03-01", 33) if within is None else days("03-08", 5)
    question = Question(levels[within], periods[0].start, periods[-1].end, as_of=T, within=within)
    found, expected = trend(district, question, name, periods), singly(district, question, name, periods)
    assert [(p.period, p.numerator, p.denominator) for p in found] == [
        (p.period, p.numerator, p.denominator) for p in expected
    ]
    assert [p.value for p in found] == pytest.approx([p.value for p in expected], nan_ok=True)


@pytest.mark.parametrize("basis", ["reported", "registered", "due", "closed"])
def test_another_basis_moves_cases_to_their_other_day(district: Store, basis: str) -> None:
    periods = days("03-01", 33)
    question = Question("district", periods[0].start, periods[-1].end, as_of=T, basis=basis)
    assert trend(district, question, "on_time_rate", periods) == singly(district, question, "on_time_rate", periods)


@pytest.mark.parametrize("name", ["registered", "overdue_open"])
def test_filters_hold_for_every_point(district: Store, name: str) -> None:
    periods = days("03-01", 33)
    filters = (Filter("channel", ("12345",)), Filter("unit", ("单位0", "单位1")))
    question = Question("district", periods[0].start, periods[-1].end, as_of=T, filters=filters)
    found = trend(district, question, name, periods)
    assert found == singly(district, question, name, periods)
    assert sum(p.value or 0 for p in found) > 0


def test_what_is_open_is_counted_at_the_as_of_instant_in_periods_after_it(district: Store) -> None:
    periods = days("03-01", 10)
    question = Question("district", periods[0].start, periods[-1].end, as_of=local("03-05 12:00"))
    values = [p.value for p in trend(district, question, "open", periods)]
    assert values == [1, 2, 3, 4, 4, 4, 4, 4, 4, 4]


def test_a_trend_without_periods_or_with_a_gap_is_refused(district: Store) -> None:
    question = Question("district", local("03-01"), local("03-02"), as_of=T)
    first, _, third = days("03-01", 3)
    for periods in ([], [first, third]):
        with pytest.raises(QuestionError):
            trend(district, question, "open", periods)
    with pytest.raises(QuestionError):
        trend(district, question, "no_such", [first])
