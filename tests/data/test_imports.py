"""What a person sees of an import afterwards."""

from __future__ import annotations

import pyarrow as pa
import pytest

from data.errors import NotFound, QuestionError
from data.imports import (
    default_points,
    export_quarantine,
    import_report,
    list_imports,
    mark_dropped,
    mark_retried,
    quarantined,
    rules,
    source_mappings,
)
from data.intake import Intake
from data.staging import QUARANTINED
from data.store import Store
from tests.data.tickets import placed, staged, take, ticket

ROWS = [
    {"row_number": 3, "column_name": "opened", "value": "soon", "rule": "not a date", "record": '{"id":"3"}'},
    {"row_number": 8, "column_name": "id", "value": None, "rule": "no id", "record": '{"id":null}'},
    {"row_number": 5, "column_name": "opened", "value": "LATER", "rule": "not a date", "record": '{"id":"5"}'},
]


@pytest.fixture
def done(store: Store) -> Store:
    """Two imports; the second quarantined three rows."""
    take(store, ticket("a"))
    with Intake.begin(store, file="b.csv", digest="d", mapping_text="format = 1", source="city") as intake:
        table = staged([ticket("b")])
        intake.stage(table, placed(table))
        intake.quarantine(pa.Table.from_pylist(ROWS, schema=QUARANTINED))
        intake.finish({"rows_read": 4, "dropped_columns": ["phone"]})
    return store


def test_imports_are_listed_latest_first(done: Store) -> None:
    latest, first = list_imports(done)
    assert (latest["file"], latest["source"], latest["status"], latest["new"]) == ("b.csv", "city", "done", 1)
    assert (latest["quarantined"], latest["open_rows"], first["open_rows"]) == (3, 3, 0)


def test_an_import_in_full(done: Store) -> None:
    shown = import_report(done, 2)
    assert (shown["mapping"], shown["report"]["dropped_columns"], shown["report"]["rows_read"]) == (
        "format = 1",
        ["phone"],
        4,
    )
    with pytest.raises(NotFound):
        import_report(done, 3)


def test_the_rules_that_were_broken(done: Store) -> None:
    assert rules(done, 2) == [
        {"rule": "not a date", "column_name": "opened", "rows": 2},
        {"rule": "no id", "column_name": "id", "rows": 1},
    ]


def test_the_quarantine_by_the_page(done: Store) -> None:
    page = quarantined(done, 2, limit=2)
    assert (page.total, [row["row_number"] for row in page.rows]) == (3, [3, 5])
    assert page.rows[0]["record"] == {"id": "3"}
    assert [row["row_number"] for row in quarantined(done, 2, limit=2, offset=2).rows] == [8]
    assert [row["row_number"] for row in quarantined(done, 2, sort="value", descending=True).rows] == [3, 5, 8]
    found = quarantined(done, 2, filters={"rule": "DATE", "value": "later"})
    assert (found.total, [row["row_number"] for row in found.rows]) == (1, [5])
    assert quarantined(done, 2, filters={"row_number": "8"}).total == 1
    assert quarantined(done, 1).total == 0
    with pytest.raises(QuestionError):
        quarantined(done, 2, sort="1; DROP TABLE quarantine")
    with pytest.raises(QuestionError):
        quarantined(done, 2, filters={"nothing": "x"})


def test_rows_are_settled_once(done: Store) -> None:
    ids = [row["quarantine_id"] for row in quarantined(done, 2).rows]
    assert mark_retried(done, ids[:1]) == 1
    assert mark_dropped(done, ids) == 2
    assert mark_dropped(done, ids) == 0
    assert [row["status"] for row in quarantined(done, 2).rows] == ["retried", "dropped", "dropped"]
    assert quarantined(done, 2, filters={"status": "open"}).total == 0


def test_the_quarantine_as_a_table(done: Store) -> None:
    table = export_quarantine(done, 2, {"rule": "date"})
    assert table.select(["row_number", "value", "record"]).to_pylist() == [
        {"row_number": 3, "value": "soon", "record": '{"id":"3"}'},
        {"row_number": 5, "value": "LATER", "record": '{"id":"5"}'},
    ]


def test_the_latest_mapping_of_each_source_the_latest_first(store: Store) -> None:
    for source, text in (("a", "old"), ("b", "other"), ("a", "new"), ("c", None)):
        with Intake.begin(store, file="x.csv", digest=None, mapping_text=text, source=source) as intake:
            intake.finish()
    Intake.begin(store, file="x.csv", digest=None, mapping_text="refused", source="b").cancel("refused")
    assert source_mappings(store) == [("a", "new"), ("b", "other")]


def test_default_points_of_earlier_files_of_a_source(store: Store) -> None:
    for source, points in (
        ("a", [(114.1, 30.1), (0.1 + 0.2, 1e-7)]),
        ("a", [(114.1, 30.1)]),
        ("b", [(1.0, 2.0)]),
        ("c", []),
    ):
        with Intake.begin(store, file="x.csv", digest=None, mapping_text=None, source=source) as intake:
            intake.finish({"default_points": [{"lon": lon, "lat": lat, "rows": 5} for lon, lat in points]})
    assert default_points(store, "a") == ((0.1 + 0.2, 1e-7), (114.1, 30.1))
    assert default_points(store, "c") == default_points(store, "none") == ()
