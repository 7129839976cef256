"""League tables over the hand-drawn district: who is ranked, against whom, and what opens behind each number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from data.errors import QuestionError
from data.figures import CATALOGUE, Question, figures
from data.funnels import funnel
from data.listings import cases_of
from data.rankings import ranking
from data.settings import Settings
from data.shortest import back, shortest
from data.store import Store
from tests.data.builder import ZONE, draw, local, move, put, take

MARCH = Question("estate", local("03-01"), local("04-01"), as_of=local("2025-01-01"))
APRIL = replace(MARCH, start=local("04-01"), end=local("05-01"))
SHARES = {"A": 40, "B": 38, "C": 30, "D": 38}  # of forty cases each, how many were closed in time


def of_estate(name: str, month: str, late: int, n: int = 40) -> list[dict[str, object]]:
    """n cases of an estate, the first `late` of them too late."""
    return [
        {"id": f"{name}-{month}-{i}", "at": "C1", "estate": name, "reported": f"{month}-01 08:00", "due": f"{month}-05 18:00",
         "closed": f"{month}-{'09' if i < late else '03'} 12:00", "called_back": f"{month}-10 10:00", "contacted": True,
         "resolved": i >= late, "satisfaction": "satisfied" if i % 2 else "basic"}
        for i in range(n)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Estates A to D of forty cases each in March and E of three; in April B is better than A; a company looks after A and C."""
    home = tmp_path_factory.mktemp("rankings") / "var"
    settings = Settings(home=home, memory_share=0.1, threads=2)
    with Store.create(
        home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings
    ) as store:
        draw(store)
        kinds = {"A": "commodity", "B": "commodity", "C": "resettlement", "D": "resettlement", "E": "commodity"}
        rows = [
            {"code": code, "name": f"小区{code}", "parent_code": "C1", "kind": kind, "households": 200,
             "company": "物业丙" if code in "AC" else "物业丁"}
            for code, kind in kinds.items()
        ]  # fmt: skip
        put(store, "estate", rows)
        made = [case for name, good in SHARES.items() for case in of_estate(name, "03", 40 - good)]
        made += of_estate("E", "03", 0, 3)
        made += of_estate("A", "04", 8) + of_estate("B", "04", 0)
        take(store, *made)
        move(store, "C-03-0", "excluded", "03-15 09:00", payload={"reason": "区外"}, by_role="leader")
        yield store


def by_name(store: Store, figure: str, question: Question = MARCH, **options: object) -> dict[str, dict[str, float]]:
    """The table's rows by the unit's code."""
    table = ranking(store, question, figure, **options)  # type: ignore[arg-type]
    columns = ("rank", "rank_low", "rank_high", "before", "low", "high", "score", "cases_to_tenth")
    return {
        code or "": {name: float(getattr(table, name)[i]) for name in columns}
        | {
            "n": float(table.samples.n[i]),
            "value": float(table.samples.value[i]),
            "excluded": float(table.samples.excluded[i]),
        }
        for i, code in enumerate(table.units.codes)
    }


def test_estates_are_ranked_among_their_kind_and_the_few_are_listed_only(district: Store) -> None:
    rows = by_name(district, "on_time_rate")
    assert {name: rows[name]["rank"] for name in "ABCD"} == {"A": 1, "B": 2, "C": 2, "D": 1}
    assert rows["E"]["n"] == 3
    assert np.isnan(rows["E"]["rank"])
    assert np.isnan(rows["E"]["rank_low"])
    assert not np.isnan(rows["E"]["low"]), "its interval is told all the same"


def test_without_peer_groups_equal_values_share_a_rank(district: Store) -> None:
    rows = by_name(district, "on_time_rate", peers=False)
    assert {name: rows[name]["rank"] for name in "ABCD"} == {"A": 1, "B": 2, "C": 4, "D": 2}


def test_an_excluded_case_is_out_of_the_figure_and_shown_as_a_count(district: Store) -> None:
    rows = by_name(district, "on_time_rate")
    assert (rows["C"]["n"], rows["C"]["excluded"]) == (39, 1)
    assert rows["C"]["value"] == pytest.approx(30 / 39)
    found = cases_of(district, MARCH, "on_time_rate", "excluded", "C")
    assert found.rows.column("external_id").to_pylist() == ["C-03-0"]


def test_movement_is_told_against_the_period_before(district: Store) -> None:
    rows = by_name(district, "on_time_rate", APRIL, before=MARCH)
    assert (rows["A"]["rank"], rows["A"]["before"]) == (2, 1)
    assert (rows["B"]["rank"], rows["B"]["before"]) == (1, 2)
    assert np.isnan(rows["C"]["before"]), "C has no case in April, so no rank to compare"


def test_a_company_pools_its_estates(district: Store) -> None:
    question = replace(MARCH, level="company")
    table = ranking(district, question, "on_time_rate")
    names = table.units.names
    third, fourth = names.index("物业丙"), names.index("物业丁")
    assert (table.samples.numerator[third], table.samples.n[third]) == (70, 79)
    assert (table.samples.numerator[fourth], table.samples.n[fourth]) == (79, 83)
    demand = ranking(district, question, "demand_per_100")
    assert demand.samples.n[third] == 400
    assert demand.samples.value[third] == pytest.approx(79 / 400 * 100)


@pytest.mark.parametrize("figure", [name for name, one in CATALOGUE.items() if one.type != "none"])
@pytest.mark.parametrize("level", ["estate", "community", "company"])
def test_every_n_and_value_is_that_of_the_figures(district: Store, level: str, figure: str) -> None:
    question = replace(MARCH, level=level, figures=(figure,))
    table = ranking(district, question, figure)
    for row in figures(district, question):
        if not row.located:
            continue
        at = table.units.codes.index(row.place)
        told = row.figures[figure]
        assert table.samples.n[at] == (told.numerator if told.denominator is None else told.denominator) or 0
        assert table.samples.value[at] == pytest.approx(np.nan if told.value is None else told.value, nan_ok=True)
        if len(table.samples.given) and told.value is not None:
            counts = table.samples.counts[at]
            assert counts @ table.samples.given / counts.sum() == pytest.approx(told.value)


def test_each_n_opens_its_cases(district: Store) -> None:
    table = ranking(district, MARCH, "satisfaction_rate")
    for code, n in zip(table.units.codes, table.samples.n, strict=True):
        assert cases_of(district, MARCH, "satisfaction_rate", "denominator", code).total == n


def test_who_had_to_teach_the_prior_is_said(district: Store) -> None:
    said = [group.learning.learnt for group in ranking(district, MARCH, "on_time_rate").groups]
    assert set(said) == {"none"}, "two estates a kind and five in all are too few"
    assert {g.learning.learnt for g in ranking(district, MARCH, "satisfaction_rate").groups} == {"never"}


def test_the_three_rates_are_weighed_as_asked(district: Store) -> None:
    even = replace(MARCH, weights=(30.0, 35.0, 35.0))
    # D: all contacted, 38 of 40 resolved, half satisfied and half basically so.
    expected = 30 + 35 * 38 / 40 + 35 * 0.95
    assert by_name(district, "three_rate_score", even)["D"]["value"] == pytest.approx(expected)


def test_the_funnel_narrows_with_n_around_the_peers_value(district: Store) -> None:
    table = ranking(district, MARCH, "on_time_rate", peers=False)
    drawn = funnel(table, 0)
    assert drawn is not None
    assert drawn.middle == pytest.approx((40 + 38 + 30 + 38 + 3) / (40 + 40 + 39 + 40 + 3))
    (low, high), (lower, higher) = drawn.limits
    assert (lower <= low).all()
    assert (high <= higher).all()
    assert low[-1] > low[0]
    assert (high[drawn.n <= 10] == 1).all(), "where all of so few go well, that is no wonder"
    assert funnel(ranking(district, MARCH, "reported"), 0) is None


def test_the_shortest_period_that_is_enough_is_looked_for(district: Store) -> None:
    """In April C, D and E have no case; with March C and D have 39 and 40, and E three however far one looks back."""
    question = replace(APRIL, end=local("05-01").astimezone(ZONE), start=local("04-01").astimezone(ZONE))
    found = shortest(district, ranking(district, question, "on_time_rate"))
    assert {name: found[name] for name in "CDE"} == {"C": 2, "D": 2, "E": 0}
    assert "A" not in found


def test_months_back_from_the_end_of_a_long_month_end_with_a_short_one() -> None:
    assert back(local("03-31 09:00"), 1) == local("02-29 09:00")
    assert back(local("01-15"), 2) == local("2023-11-15")


def test_the_district_itself_has_no_league_table(district: Store) -> None:
    with pytest.raises(QuestionError):
        ranking(district, replace(MARCH, level="district"), "on_time_rate")
    with pytest.raises(QuestionError):
        ranking(district, MARCH, "visit_coverage")
