"""The cases behind a number: as many as the number says, as they stood then, sorted and filtered by the grid's words."""

from __future__ import annotations

from typing import Any

import pytest

from data.errors import NotFound, QuestionError
from data.figures import CATALOGUE, Question
from data.list_filters import ColumnFilter, Sort, from_grid
from data.listings import COLUMNS_SHOWN, NOT_LOCATED, Listed, cases_of, export
from data.store import Store
from tests.data.builder import ask, draw, local, move, take

MARCH = (local("03-01"), local("04-01"))


@pytest.fixture
def district(store: Store) -> Store:
    draw(store)
    take(
        store,
        {
            "id": "A1",
            "reported": "03-02 10:00",
            "due": "03-08",
            "closed": "03-07 10:00",
            "unit_name": "城管",
            "flags": 64,
        },
        {
            "id": "A2",
            "reported": "03-03 10:00",
            "due": "03-08",
            "closed": "03-09 10:00",
            "channel": "Patrol",
            "at": "G4",
        },
        {"id": "A3", "reported": "03-04 10:00", "due": "03-08", "category_name": "路灯", "at": "C1"},
        {"id": "A4", "reported": "03-05 10:00", "due": "03-08", "channel": "12345"},
        {"id": "A5", "reported": "03-06 10:00", "at": ""},
    )
    move(store, "A4", "suspended", "03-07")
    return store


def listed(store: Store, figure: str, part: str = "numerator", place: str | None = None, **options: Any) -> Listed:
    asked = {name: options.pop(name) for name in ("level", "as_of") if name in options}
    question = Question(asked.get("level", "grid"), *MARCH, as_of=local(asked.get("as_of", "2025-01-01")))
    return cases_of(store, question, figure, part, place, **options)


def ids(found: Listed) -> list[str]:
    return list(found.rows.column("external_id").to_pylist())


def test_parts_of_a_rate_list_their_cases_newest_first(district: Store) -> None:
    assert ids(listed(district, "on_time_rate")) == ["A1"]
    assert ids(listed(district, "on_time_rate", "denominator")) == ["A3", "A2", "A1"]
    assert ids(listed(district, "on_time_rate", "suspended")) == ["A4"]
    assert ids(listed(district, "on_time_rate", "without_deadline")) == ["A5"]
    assert ids(listed(district, "overdue_open")) == ["A3"]
    with pytest.raises(QuestionError, match="no part 'luck'"):
        listed(district, "on_time_rate", "luck")


def test_place_narrows_and_not_located_has_its_own_list(district: Store) -> None:
    assert ids(listed(district, "reported", place="G1")) == ["A4", "A1"]
    assert ids(listed(district, "reported", place=NOT_LOCATED)) == ["A5", "A3"]
    assert ids(listed(district, "reported", place="城管", level="unit")) == ["A1"]
    with pytest.raises(NotFound, match="no grid 'G9'"):
        listed(district, "reported", place="G9")


def test_every_number_has_as_many_cases_as_it_says(district: Store) -> None:
    for level in ("district", "grid"):
        for row in ask(district, level):
            for name, figure in row.figures.items():
                place = row.place if row.located else NOT_LOCATED
                if CATALOGUE[name].type in ("count", "proportion"):
                    assert listed(district, name, "numerator", place, level=level).total == figure.numerator, (
                        level,
                        name,
                    )
                    if figure.denominator is not None:
                        assert listed(district, name, "denominator", place, level=level).total == figure.denominator
                for reason, n in figure.left_out.items():
                    assert listed(district, name, reason, place, level=level).total == n, (level, name, reason)


def test_rows_show_the_case_as_it_stood_then(district: Store) -> None:
    (row,) = listed(district, "reported", place="G4", as_of="03-05").rows.to_pylist()
    assert list(row) == list(COLUMNS_SHOWN)
    assert (row["stage"], row["closed_at"], row["judged"]) == ("registered", None, "not_yet_due")
    assert (row["street"], row["community"], row["grid"]) == ("二街", "社区C3", "网格G4")
    (later,) = listed(district, "reported", place="G4").rows.to_pylist()
    assert (later["stage"], later["judged"], later["closed_at"]) == ("closed", "late", local("03-09 10:00"))
    flagged = {row["external_id"]: row["flags"] for row in listed(district, "reported").rows.to_pylist()}
    assert flagged == {"A1": "outside", "A2": "", "A3": "", "A4": "", "A5": ""}


def test_pages_do_not_overlap_and_keep_the_total(district: Store) -> None:
    pages = [listed(district, "reported", offset=at, limit=2) for at in (0, 2, 4)]
    assert [page.total for page in pages] == [5, 5, 5]
    assert [ids(page) for page in pages] == [["A5", "A4"], ["A3", "A2"], ["A1"]]
    sorted_pages = [listed(district, "reported", offset=at, limit=3, sort=[Sort("channel")]) for at in (0, 3)]
    assert [ids(page) for page in sorted_pages] == [["A4", "A2", "A5"], ["A3", "A1"]]  # without a channel: last


@pytest.mark.parametrize(
    ("column", "model", "expected"),
    [
        ("channel", {"filterType": "text", "type": "contains", "filter": "PAT"}, ["A2"]),
        ("channel", {"filterType": "text", "type": "blank"}, ["A5", "A3", "A1"]),
        ("external_id", {"filterType": "text", "type": "equals", "filter": "a1"}, ["A1"]),
        ("external_id", {"filterType": "text", "type": "equals", "filter": "' OR true --"}, []),
        ("reported_at", {"filterType": "date", "type": "equals", "dateFrom": "2024-03-04 00:00:00"}, ["A3"]),
        (
            "reported_at",
            {
                "filterType": "date",
                "type": "inRange",
                "dateFrom": "2024-03-03 00:00:00",
                "dateTo": "2024-03-04 00:00:00",
            },
            ["A3", "A2"],
        ),
        ("reworked", {"filterType": "number", "type": "greaterThan", "filter": 0}, []),
        (
            "channel",
            {
                "filterType": "text",
                "operator": "OR",
                "conditions": [{"type": "equals", "filter": "12345"}, {"type": "startsWith", "filter": "pa"}],
            },
            ["A4", "A2"],
        ),
    ],
)
def test_grid_filters_mean_what_the_grid_says(
    district: Store, column: str, model: dict[str, Any], expected: list[str]
) -> None:
    filters, sort = from_grid({column: model}, [{"colId": "reported_at", "sort": "desc"}])
    found = listed(district, "reported", filters=filters, sort=sort)
    assert (ids(found), found.total) == (expected, len(expected))


def test_columns_and_words_nobody_knows_are_refused(district: Store) -> None:
    with pytest.raises(QuestionError, match="no column 'password'"):
        listed(district, "reported", sort=[Sort("password")])
    with pytest.raises(QuestionError, match="no filter text 'rhymes'"):
        listed(district, "reported", filters=[ColumnFilter("channel", "text", (("rhymes", "x", None),))])


def test_export_is_the_whole_list(district: Store) -> None:
    question = Question("grid", *MARCH, as_of=local("2025-01-01"))
    tables = list(export(district, question, "reported", "numerator", None))
    assert [table.num_rows for table in tables] == [5]
    assert tables[0].column_names == list(COLUMNS_SHOWN)
