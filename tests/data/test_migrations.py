from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from structlog.testing import capture_logs

from data.errors import StoreError, StoreNewer
from data.migrations import Migration, applied, known, migrate
from data.store import Store

FIRST = Migration("0001_first", "CREATE TABLE t (i INTEGER); INSERT INTO t VALUES (1);")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


def test_migrations_run_in_order_of_name_and_are_written_down(con: duckdb.DuckDBPyConnection) -> None:
    second = Migration("0002_second", "INSERT INTO t VALUES (2)", lambda con: con.execute("INSERT INTO t VALUES (3)"))
    assert migrate(con, [FIRST, second]) == ["0001_first", "0002_second"]
    assert con.execute("SELECT i FROM t ORDER BY i").fetchall() == [(1,), (2,), (3,)]
    assert applied(con) == {"0001_first": FIRST.digest, "0002_second": second.digest}


def test_rerun_changes_nothing(con: duckdb.DuckDBPyConnection) -> None:
    migrate(con, [FIRST])
    before = con.execute("SELECT * FROM migration").fetchall()
    assert migrate(con, [FIRST]) == []
    assert con.execute("SELECT * FROM migration").fetchall() == before
    assert con.execute("SELECT i FROM t").fetchall() == [(1,)]


@pytest.mark.parametrize("step", [None, lambda con: con.execute("INSERT INTO nowhere VALUES (1)")])
def test_failing_migration_rolls_back(con: duckdb.DuckDBPyConnection, step: object) -> None:
    sql = "DROP TABLE t; CREATE TABLE u (i INTEGER)" + ("" if step else "; INSERT INTO nowhere VALUES (1)")
    migrate(con, [FIRST])
    with pytest.raises(StoreError, match="0002_bad: the migration failed and was rolled back"):
        migrate(con, [FIRST, Migration("0002_bad", sql, step)])  # type: ignore[arg-type]
    assert con.execute("SELECT i FROM t").fetchall() == [(1,)]
    assert con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'u'").fetchone() == (0,)
    assert list(applied(con)) == ["0001_first"]


def test_an_unknown_migration_means_a_later_program(con: duckdb.DuckDBPyConnection) -> None:
    migrate(con, [FIRST, Migration("0002_later", "SELECT 1")])
    with pytest.raises(StoreNewer, match="0002_later"):
        migrate(con, [FIRST])


def test_an_edited_migration_is_logged_and_not_run_again(con: duckdb.DuckDBPyConnection) -> None:
    migrate(con, [FIRST])
    with capture_logs() as logs:
        assert migrate(con, [Migration("0001_first", "CREATE TABLE other (i INTEGER)")]) == []
    assert [(line["log_level"], line["migration"]) for line in logs] == [("warning", "0001_first")]


def test_files_and_python_steps_are_found_by_name(tmp_path: Path) -> None:
    (tmp_path / "0002_b.sql").write_text("SELECT 2")
    (tmp_path / "0001_a.sql").write_text("SELECT 1")
    (tmp_path / "notes.sql").write_text("SELECT 3")
    found = known(tmp_path, {"0003_c": lambda con: None})
    assert [(migration.name, migration.sql) for migration in found] == [
        ("0001_a", "SELECT 1"),
        ("0002_b", "SELECT 2"),
        ("0003_c", ""),
    ]


def test_a_new_store_has_seen_every_migration(store: Store) -> None:
    assert [row["name"] for row in store.rows("SELECT name FROM migration ORDER BY name")] == [
        migration.name for migration in known()
    ]
