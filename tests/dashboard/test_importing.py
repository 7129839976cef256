"""Changes to a mapping by choosing columns, and what became of every row."""

from __future__ import annotations

import pytest

from dashboard.importing.edit import columns_of, kind_of, with_field
from dashboard.importing.proposal import corrected
from data.errors import MappingError

TEXT = """# guessed
format = 1
name = "city"
kind = "tickets"

[fields]
id = "no"  # 0.99
reported_at = { column = "opened", format = "%d/%m/%Y" }
on_both = { columns = ["a", "b"] }

[location]
lon = "x"
"""


def test_columns_are_those_of_fields_with_one_column() -> None:
    assert columns_of(TEXT) == {"id": "no", "reported_at": "opened"}


def test_a_chosen_column_replaces_the_old_one_and_keeps_format_and_comments() -> None:
    changed = with_field(TEXT, "reported_at", "received")
    assert 'reported_at = { column = "received", format = "%d/%m/%Y" }' in changed
    assert 'id = "no"  # 0.99' in changed
    assert changed.startswith("# guessed\n")


def test_a_new_time_takes_the_format_of_another_time() -> None:
    assert 'closed_at = {column = "closed", format = "%d/%m/%Y"}' in with_field(TEXT, "closed_at", "closed")


def test_no_column_takes_the_field_away() -> None:
    assert columns_of(with_field(TEXT, "id", None)) == {"reported_at": "opened"}


def test_text_that_is_no_toml_is_said_to_be_none() -> None:
    with pytest.raises(MappingError, match="TOML"):
        with_field("[fields", "id", "no")


def test_only_what_a_person_chose_otherwise_changes() -> None:
    same = {"id": "no", "reported_at": "opened", "closed_at": None}
    assert corrected(TEXT, same) == TEXT
    assert columns_of(corrected(TEXT, same | {"id": "number"})) == {"id": "number", "reported_at": "opened"}


@pytest.mark.parametrize(
    ("text", "kind"), [('kind = "tickets"', "tickets"), ('kind = "plan"', "places"), ("kind = ", "tickets")]
)
def test_a_plan_is_made_of_places(text: str, kind: str) -> None:
    assert kind_of(text) == kind
