"""Every sentence of "How figures count", on cases made by hand; the arithmetic stands beside the number."""

from __future__ import annotations

from typing import Any

import pytest

from data.errors import QuestionError
from data.figures import CATALOGUE
from data.store import Store
from tests.data.builder import ask, by_place, draw, local, move, one, pair, take


@pytest.fixture
def district(store: Store) -> Store:
    draw(store)
    return store


def case(number: int, reported: str = "03-05 10:00", **more: Any) -> dict[str, Any]:
    return {"id": f"T{number}", "reported": reported, **more}


# P is a half-open period in the deployment's time zone; t the as-of instant.


def test_period_is_half_open_in_local_time(district: Store) -> None:
    # Local midnights: the first instant of March counts, the first of April does not; 02-29 23:59:59 is February still.
    take(district, case(1, "03-01 00:00"), case(2, "04-01 00:00"), case(3, "02-29 23:59:59"), case(4, "03-31 23:59:59"))
    assert one(district, "reported").value == 2
    assert one(district, "reported", period="02-01/03-01").value == 1
    assert one(district, "reported", period="04-01/05-01").value == 1


def test_only_lines_that_happened_by_the_as_of_instant_are_seen(district: Store) -> None:
    take(district, case(1, "03-05 10:00", closed="03-20 10:00"), case(2, "03-25 10:00"))
    assert pair(district, "completion_rate", as_of="03-01") == (0, 0)
    assert pair(district, "completion_rate", as_of="03-10") == (0, 1)  # T1 reported, not closed yet
    assert pair(district, "completion_rate", as_of="03-20 09:59") == (0, 1)
    assert pair(district, "completion_rate", as_of="03-20 10:00") == (1, 1)
    assert pair(district, "completion_rate", as_of="03-31") == (1, 2)


def test_as_published_ignores_lines_recorded_later(district: Store) -> None:
    take(district, case(1, due="03-08"))
    receipt = move(district, "T1", "urged", "03-06")
    before = receipt.recorded_at
    late = move(district, "T1", "closed", "03-07")  # happened in time, told later
    assert late.recorded_at > before
    assert pair(district, "on_time_rate") == (1, 1)
    assert pair(district, "on_time_rate", published=before) == (0, 1)
    assert pair(district, "on_time_rate", published=late.recorded_at) == (1, 1)
    assert one(district, "overdue_open", published=before).value == 1


def test_nothing_was_published_before_the_import(district: Store) -> None:
    take(district, case(1, due="03-08"))
    assert one(district, "reported", published=local("2024-06-01")).value == 0


# Every figure names its basis; screens may switch it.


def test_each_figure_names_its_basis(district: Store) -> None:
    take(district, case(1))
    shown = ask(district)[0].figures
    assert {name: figure.basis for name, figure in shown.items()} == {name: f.basis for name, f in CATALOGUE.items()}
    assert (shown["on_time_rate"].basis, shown["completion_rate"].basis, shown["open"].basis) == (
        "due",
        "registered",
        None,
    )


def test_switched_basis_is_the_time_that_must_lie_in_the_period(district: Store) -> None:
    # reported 02-27, registered 02-28, due 03-05, closed 04-02: another month for almost every basis.
    take(district, case(1, "02-27 10:00", registered="02-28 10:00", due="03-05", closed="04-02 10:00"))
    expected = {"reported": "02-01/03-01", "registered": "02-01/03-01", "due": "03-01/04-01", "closed": "04-01/05-01"}
    for basis, period in expected.items():
        for month in ("02-01/03-01", "03-01/04-01", "04-01/05-01"):
            figure = one(district, "on_time_rate", basis=basis, period=month)
            assert (figure.numerator, figure.denominator, figure.basis) == (0, int(month == period), basis)


def test_basis_without_meaning_is_refused_when_the_figure_is_asked_for_by_name(district: Store) -> None:
    with pytest.raises(QuestionError, match="completion_rate cannot be counted on the basis 'closed'"):
        one(district, "completion_rate", basis="closed")
    with pytest.raises(QuestionError, match="no basis 'dued'"):
        ask(district, basis="dued")
    shown = ask(district, basis="closed")[0].figures
    assert (shown["completion_rate"].basis, shown["on_time_rate"].basis) == ("registered", "closed")


# Counted: cases of the chosen kind; never a parent beside its sub-cases; voided and excluded are out, n shown.


def test_only_the_chosen_kind_counts(district: Store) -> None:
    take(district, case(1), case(2, kind="whistle"), case(3, kind="whistle"))
    assert one(district, "reported").value == 1
    assert one(district, "reported", kind="whistle").value == 2


def test_parent_does_not_count_beside_its_sub_cases(district: Store) -> None:
    take(
        district,
        case(1, kind="task"),
        case(2, "03-10 10:00", kind="task", parent_external_id="T1", at="G1"),
        case(3, "03-10 10:00", kind="task", parent_external_id="T1", at="G4"),
        case(4, kind="task"),
    )
    assert one(district, "reported", kind="task").value == 3  # T2, T3 and T4, not T1
    assert one(district, "reported", kind="task", as_of="03-06").value == 2  # before it had sub-cases: T1 and T4


def test_voided_is_left_out_from_when_it_was_voided_and_shown(district: Store) -> None:
    take(district, case(1, due="03-08"), case(2, due="03-08", closed="03-07 10:00"))
    move(district, "T1", "voided", "03-20")
    before, after = one(district, "on_time_rate", as_of="03-19"), one(district, "on_time_rate")
    assert (before.numerator, before.denominator, before.left_out["voided"]) == (1, 2, 0)
    assert (after.numerator, after.denominator, after.left_out["voided"]) == (1, 1, 1)
    assert one(district, "reported").left_out == {"voided": 1, "excluded": 0}


def test_excluded_by_decision_is_left_out_and_shown_until_included_again(district: Store) -> None:
    take(district, case(1, due="03-08"), case(2, due="03-08"))
    move(district, "T1", "excluded", "03-20", by_role="supervisor", payload={"reason": "not ours"})
    move(district, "T1", "included", "04-20", by_role="supervisor")
    during = one(district, "on_time_rate", as_of="04-01")
    assert (during.denominator, during.left_out["excluded"]) == (1, 1)
    assert one(district, "on_time_rate").left_out["excluded"] == 0
    assert one(district, "open", as_of="04-01").value == 1
    assert one(district, "open", as_of="04-01").left_out["excluded"] == 1


# Suspended at t and open: outside `due`, shown as its own figure; resuming moves the deadline.


def test_suspended_and_open_is_outside_due_and_its_own_figure(district: Store) -> None:
    take(district, case(1, due="03-08"), case(2, due="03-08"), case(3, due="03-08"))
    move(district, "T1", "suspended", "03-07")
    move(district, "T2", "suspended", "03-07")
    move(district, "T2", "closed", "03-20")  # suspended once, but closed late: decided again
    due = one(district, "due")
    assert (due.value, due.left_out["suspended"]) == (2, 1)
    assert one(district, "suspended_open").value == 1
    assert one(district, "overdue_open").value == 1  # T3
    assert one(district, "overdue_open").left_out["suspended"] == 1
    assert pair(district, "on_time_rate") == (0, 2)


def test_resuming_moves_the_deadline_and_the_one_in_force_counts(district: Store) -> None:
    take(district, case(1, due="03-08"))
    move(district, "T1", "suspended", "03-07")
    move(district, "T1", "resumed", "03-20", due_at="03-21")
    move(district, "T1", "closed", "03-20 18:00")
    assert pair(district, "on_time_rate", as_of="03-10") == (0, 0)  # suspended
    assert pair(district, "on_time_rate") == (1, 1)  # closed 03-20, due 03-21
    assert pair(district, "on_time_rate", period="03-21/03-22") == (1, 1)
    assert pair(district, "on_time_rate", period="03-08/03-09") == (0, 0)


def test_extension_counts_with_the_deadline_in_force_then(district: Store) -> None:
    take(district, case(1, due="03-08"), case(2, due="03-30"))
    move(district, "T1", "extended", "03-07", due_at="03-15")
    assert one(district, "overdue_open", as_of="03-06").value == 0
    assert one(district, "overdue_open", as_of="03-10").value == 0  # due 03-15 by then
    assert one(district, "overdue_open", as_of="03-15").value == 1  # due by the very instant
    assert pair(district, "extension_rate") == (1, 2)
    assert pair(district, "extension_rate", as_of="03-06 12:00") == (0, 2)


# closed_at and handled_at are the last ones in force at t (a reopened case is open).


def test_reopened_case_is_open_and_its_last_closing_counts(district: Store) -> None:
    take(district, case(1, due="03-08", closed="03-07 10:00"))
    move(district, "T1", "reopened", "03-10")
    move(district, "T1", "closed", "04-02 10:00")
    assert pair(district, "on_time_rate", as_of="03-09") == (1, 1)
    assert pair(district, "on_time_rate", as_of="03-12") == (0, 1)
    assert one(district, "open", as_of="03-12").value == 1
    assert one(district, "overdue_open", as_of="03-12").value == 1
    assert one(district, "closed", as_of="03-09").value == 1
    assert one(district, "closed").value == 0  # in March; the last closing lies in April
    assert one(district, "closed", period="04-01/05-01").value == 1
    assert pair(district, "rework_rate", period="04-01/05-01") == (1, 1)


# Decided at t: closed by t, or due by t. decided = closed + overdue open.


def test_decided_is_closed_or_due(district: Store) -> None:
    take(
        district,
        case(1, due="03-08", closed="03-07 10:00"),  # closed in time
        case(2, due="03-08", closed="03-09 10:00"),  # closed late
        case(3, due="03-08"),  # overdue
        case(4, due="03-28", closed="03-09 10:00"),  # closed before its deadline came: decided
        case(5, due="03-28"),  # not yet due
    )
    asked = {"as_of": "03-20"}
    figure = one(district, "on_time_rate", **asked)
    assert (figure.numerator, figure.denominator, figure.value) == (2, 4, 0.5)
    assert figure.left_out["not_yet_due"] == 1
    assert pair(district, "due_completion_rate", **asked) == (3, 4)
    assert one(district, "due", **asked).value == 4
    assert one(district, "overdue_open", **asked).value == 1  # 4 decided = 3 closed + 1 overdue open
    assert one(district, "open", **asked).value == 2


def test_closing_at_the_deadline_is_on_time(district: Store) -> None:
    take(district, case(1, due="03-08", closed="03-08"), case(2, due="03-08", closed="03-08 00:00:01"))
    assert pair(district, "on_time_rate") == (1, 2)


# on_time_source: dates, flag, none.


def test_flag_decides_where_it_is_set_at_the_closing_else_registration_else_report(district: Store) -> None:
    flag = {"on_time_source": "flag"}
    take(
        district,
        case(1, **flag, on_time=True, closed="03-20 10:00"),  # in March by its closing
        case(2, **flag, on_time=False, closed="04-02 10:00"),  # in April by its closing
        case(3, "02-28 10:00", registered="03-01 10:00", **flag, on_time=True, stage="closed"),  # March by registration
        case(4, **flag, on_time=False),  # late and open: March by registration
        case(5, **flag),  # no flag
    )
    march = one(district, "on_time_rate")
    assert (march.numerator, march.denominator) == (2, 3)  # T1 and T3 of T1, T3, T4
    assert march.left_out["without_flag"] == 1
    assert march.left_out["without_deadline"] == 0
    assert pair(district, "on_time_rate", period="04-01/05-01") == (0, 1)
    assert pair(district, "due_completion_rate") == (2, 3)
    assert one(district, "overdue_open").value == 1  # T4: 3 decided = 2 closed + 1 overdue open


def test_without_deadline_is_in_no_on_time_figure_and_shown(district: Store) -> None:
    take(district, case(1), case(2, closed="03-06 10:00"), case(3, due="03-08"))
    figure = one(district, "on_time_rate")
    assert (figure.numerator, figure.denominator, figure.left_out["without_deadline"]) == (0, 1, 2)
    assert one(district, "on_time_rate", basis="registered").left_out["without_deadline"] == 2
    assert one(district, "on_time_rate", period="04-01/05-01").left_out["without_deadline"] == 0
    assert pair(district, "completion_rate") == (1, 3)


def test_closed_at_an_unknown_time_is_completed_but_not_judged(district: Store) -> None:
    take(district, case(1, due="03-08", stage="closed"), case(2, due="03-08", closed="03-07 10:00"))
    figure = one(district, "on_time_rate")
    assert (figure.numerator, figure.denominator, figure.left_out["closed_without_time"]) == (1, 1, 1)
    assert pair(district, "due_completion_rate") == (2, 2)
    closed = one(district, "closed")
    assert (closed.value, closed.left_out["closed_without_time"]) == (1, 1)
    assert one(district, "handling_hours").left_out["closed_without_time"] == 1


# Attribution: the unit at closing, else at t. Place: the plan in force at the end of P.


def test_unit_is_the_one_at_closing_else_the_one_at_the_instant(district: Store) -> None:
    take(district, case(1, unit_name="城管"), case(2, unit_name="住建"), case(3))
    units = {row["name"]: row["unit_id"] for row in district.rows("SELECT name, unit_id FROM unit")}
    move(district, "T1", "closed", "03-10")
    move(district, "T1", "rated", "03-11", unit_id=units["住建"])  # after the closing: no longer its work
    move(district, "T2", "redispatched", "03-12", unit_id=units["城管"])
    now = by_place(district, "unit", "reported")
    assert {place: figure.value for place, figure in now.items()} == {"城管": 2, "住建": 0, None: 1}
    then = by_place(district, "unit", "reported", as_of="03-11 12:00")
    assert {place: figure.value for place, figure in then.items()} == {"城管": 1, "住建": 1, None: 1}


def test_children_and_not_located_make_the_parent(district: Store) -> None:
    take(
        district,
        case(1, at="G1"),
        case(2, at="G2"),
        case(3, at="C1"),
        case(4, at="G4"),
        case(5, at="S2"),
        case(6, at=""),
    )
    grids = {place: figure.value for place, figure in by_place(district, "grid", "reported").items()}
    assert grids == {"G1": 1, "G2": 1, "G3": 0, "G4": 1, None: 3}
    inside = {place: f.value for place, f in by_place(district, "grid", "reported", within="C1").items()}
    assert inside == {"G1": 1, "G2": 1, None: 1}  # 3 in C1
    communities = {place: f.value for place, f in by_place(district, "community", "reported").items()}
    assert communities == {"C1": 3, "C2": 0, "C3": 1, None: 2}
    streets = {place: f.value for place, f in by_place(district, "street", "reported").items()}
    assert streets == {"S1": 3, "S2": 2, None: 1}
    assert one(district, "reported").value == 6
    assert one(district, "reported", within="S2").value == 2


def test_company_pools_its_estates(district: Store) -> None:
    take(district, case(1, estate="E1"), case(2, estate="E1"), case(3, estate="E2", at="G4"), case(4))
    found = ask(district, "company", figures=("reported",))
    assert {row.name: row.figures["reported"].value for row in found} == {"物业甲": 2, "物业乙": 1, "": 1}
    assert one(district, "reported", filters={"company": ["物业甲"]}).value == 2


# Counts add up over adjacent periods; a rate over nothing is no data; totals pool numerators and denominators.


def test_rate_over_nothing_is_no_data(district: Store) -> None:
    take(district, case(1))
    empty = one(district, "on_time_rate", period="08-01/09-01")
    assert (empty.numerator, empty.denominator, empty.value) == (0, 0, None)
    count = one(district, "reported", period="08-01/09-01")
    assert (count.numerator, count.denominator, count.value) == (0, None, 0)


def test_totals_pool_and_do_not_average(district: Store) -> None:
    in_time = [case(n, due="03-08", closed="03-07 10:00", at="G1") for n in range(9)]
    take(district, *in_time, case(9, due="03-08", at="G1"), case(10, due="03-08", at="G2"))
    rates = {place: figure.value for place, figure in by_place(district, "grid", "on_time_rate").items()}
    assert rates == {"G1": 0.9, "G2": 0.0, "G3": None, "G4": None}
    assert one(district, "on_time_rate").value == 9 / 11  # not (0.9 + 0.0) / 2


# The table of figures.


def test_handling_hours_are_medians_in_natural_and_working_time(district: Store) -> None:
    # Friday 2024-03-01 09:00 local. +2 h; +24 h (Sat 09:00: 8 worked on Friday); +72 h (Mon 09:00: 8); a row closed first.
    start = "03-01 09:00"
    take(
        district,
        case(1, start, closed="03-01 11:00"),
        case(2, start, closed="03-02 09:00"),
        case(3, start, closed="03-04 09:00"),
        case(4, start, closed="03-01 08:00"),
    )
    figure = one(district, "handling_hours")
    assert (figure.value, figure.denominator, figure.numerator) == (24.0, 3, None)
    assert figure.extra["p90"] == pytest.approx(24 + 0.8 * 48)  # between the 2nd and 3rd of 2, 24, 72
    assert (figure.extra["working_median"], figure.extra["working_p90"]) == (8.0, 8.0)
    assert figure.left_out["inconsistent"] == 1


def test_call_back_figures_take_the_last_valid_one(district: Store) -> None:
    take(
        district,
        case(1, called_back="03-10", contacted=True, resolved=True, satisfaction="satisfied"),
        case(2, called_back="03-10", contacted=True, resolved=False, satisfaction="basic"),
        case(3, called_back="03-10", contacted=False),
        case(4, called_back="03-10", contacted=True, resolved=True, satisfaction="unsatisfied"),
        case(5, called_back="04-10", contacted=True, resolved=True, satisfaction="satisfied"),
        case(6),
    )
    again = {"called_back": "03-20", "contacted": True, "resolved": True, "satisfaction": "satisfied"}
    take(district, case(3, **again))  # called again: the last one counts
    assert pair(district, "response_rate") == (4, 4)
    assert pair(district, "response_rate", as_of="03-15") == (3, 4)
    assert pair(district, "resolution_rate") == (3, 4)
    satisfaction = one(district, "satisfaction_rate")
    assert (satisfaction.numerator, satisfaction.denominator) == (2 + 0.9, 4)  # T1, T3 satisfied, T2 basically
    # 10 × 4/4 + 50 × 3/4 + 40 × 2.9/4 = 10 + 37.5 + 29 = 76.5
    assert one(district, "three_rate_score").value == pytest.approx(76.5)
    # 30 × 1 + 35 × 0.75 + 35 × 0.725 = 30 + 26.25 + 25.375 = 81.625
    assert one(district, "three_rate_score", weights=(30.0, 35.0, 35.0)).value == pytest.approx(81.625)
    district.writer.run(
        lambda con: con.execute("UPDATE call_back SET excluded = true WHERE satisfaction = 'unsatisfied'") and None
    ).result()
    figure = one(district, "resolution_rate")
    assert (figure.numerator, figure.denominator, figure.left_out["call_back_excluded"]) == (2, 3, 1)


def test_nobody_asked_about_satisfaction_is_no_data(district: Store) -> None:
    take(district, case(1, called_back="03-10", contacted=True, resolved=True))
    assert one(district, "resolution_rate").value == 1.0
    figure = one(district, "satisfaction_rate")
    assert (figure.numerator, figure.denominator, figure.value) == (0, 1, None)


def test_handling_on_time_goes_by_the_handling_deadline(district: Store) -> None:
    take(
        district,
        case(1, handle_due="03-08", handled="03-07", due="04-08", closed="03-20"),
        case(2, handle_due="03-08", handled="03-09"),
        case(3, handle_due="03-08"),
        case(4, handle_due="03-28"),
        case(5),
    )
    figure = one(district, "on_time_handling_rate", as_of="03-20")
    assert (figure.numerator, figure.denominator) == (1, 3)
    assert (figure.left_out["not_yet_due"], figure.left_out["without_deadline"]) == (1, 1)


def test_demand_divides_by_the_households_of_the_plan(district: Store) -> None:
    take(district, case(1, at="G1"), case(2, at="G2"), case(3, at="G2"), case(4, at="G3"), case(5, at="C1"))
    found = by_place(district, "grid", "demand_per_100")
    assert {place: f.value for place, f in found.items()} == {
        "G1": 1.0, "G2": pytest.approx(200 / 300), "G3": None, "G4": 0.0, None: None,
    }  # fmt: skip
    community = by_place(district, "community", "demand_per_100")["C1"]
    assert (community.numerator, community.denominator, community.value) == (4, 400, 1.0)  # households: 100 + 300
    assert one(district, "demand_per_100").denominator == 650


def test_settled_at_level_counts_what_never_left_the_level(district: Store) -> None:
    take(district, *(case(n, unit_name=f"U{n}", closed="03-10") for n in range(4)))
    levels = {"U0": "grid", "U1": "community", "U2": "district", "U3": None}
    for name, level in levels.items():
        district.writer.run(
            lambda con, n=name, lv=level: con.execute("UPDATE unit SET level = ? WHERE name = ?", [lv, n]) and None
        ).result()
    units = {row["name"]: row["unit_id"] for row in district.rows("SELECT name, unit_id FROM unit")}
    for n in range(4):
        move(district, f"T{n}", "rated", "03-11", unit_id=units[f"U{n}"])
    figure = one(district, "settled_at_level")
    assert (figure.numerator, figure.denominator, figure.left_out["unknown_level"]) == (2, 3, 1)  # within the street
    assert figure.extra == {"micro_grid": 0.0, "grid": 1 / 3, "community": 2 / 3, "street": 2 / 3}
    assert by_place(district, "grid", "settled_at_level")["G1"].value == 1 / 3
    assert by_place(district, "community", "settled_at_level")["C1"].value == 2 / 3


def test_visit_coverage_has_no_data_yet(district: Store) -> None:
    take(district, case(1))
    assert one(district, "visit_coverage").value is None


# Filters.


def test_filters_narrow_and_unknown_ones_are_refused(district: Store) -> None:
    take(
        district,
        case(1, channel="12345", track="livelihood", category_code="A1", category_name="路灯", flags=16),
        case(2, channel="patrol", track="economy", category_code="A2", category_name="井盖", at="G4"),
        case(3, channel="12345", category_name="路灯", category_code="A1", at="C1"),
    )
    expected: dict[tuple[str, str], int] = {
        ("channel", "12345"): 2, ("track", "economy"): 1, ("category", "A1"): 2, ("category", "井盖"): 1,
        ("place", "S1"): 2, ("place", "990100"): 3, ("flag", "default_point"): 1, ("located", "community"): 1,
    }  # fmt: skip
    for (name, value), number in expected.items():
        assert one(district, "reported", filters={name: [value]}).value == number, (name, value)
    assert one(district, "reported", filters={"channel": ["12345", "patrol"], "place": ["C1"]}).value == 2
    for filters in (
        {"weather": ["rain"]}, {"flag": ["odd"]}, {"category": ["none such"]}, {"located": ["moon"]},
        {"channel": ["x' OR true --"]}, {"channel": ["12345", "12346"]}, {"channel": [""]}, {"track": ["livelyhood"]},
    ):  # fmt: skip
        with pytest.raises(QuestionError):
            one(district, "reported", filters=filters)


def test_a_kind_that_is_none_is_refused_and_one_there_may_be_has_no_cases(district: Store) -> None:
    take(district, case(1), case(2, kind="巡查"))
    assert one(district, "reported", kind="巡查").value == 1
    assert one(district, "reported", kind="whistle").value == 0
    with pytest.raises(QuestionError, match="no kind 'evnt'"):
        one(district, "reported", kind="evnt")


def test_unknown_level_and_figure_are_refused(district: Store) -> None:
    with pytest.raises(QuestionError, match="no level 'galaxy'"):
        ask(district, "galaxy")
    with pytest.raises(QuestionError, match="no figure 'luck'"):
        one(district, "luck")
    with pytest.raises(QuestionError, match="before it begins"):
        ask(district, period="04-01/03-01")
