from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from data.deployment import Deployment
from data.errors import InputError, NotFound, StoreBusy, StoreDamaged, StoreError, StoreNewer
from data.faults import known
from data.settings import Settings
from data.store import Store

ROOT = Path(__file__).resolve().parents[2]


def test_a_new_store_holds_its_district_and_one_atlas(store: Store) -> None:
    assert store.deployment == Deployment("样例区", "990100", "Asia/Shanghai", "EPSG:4547", "CN", False)
    assert store.rows("SELECT place_id, level, code FROM place") == [
        {"place_id": 1, "level": "district", "code": "990100"}
    ]
    assert store.rows("SELECT place_id, parent_id, name, effective_from, effective_to FROM place_version") == [
        {
            "place_id": 1,
            "parent_id": None,
            "name": "样例区",
            "effective_from": date(1, 1, 1),
            "effective_to": date(9999, 12, 31),
        }
    ]
    assert store.rows("SELECT atlas_id, plan_id, current FROM atlas") == [
        {"atlas_id": 1, "plan_id": None, "current": True}
    ]


def test_a_store_is_never_overwritten(store: Store, settings: Settings) -> None:
    with pytest.raises(StoreBusy, match="there is a store already"):
        Store.create(store.home, name="x", code="1", zone="UTC", crs="EPSG:4547", settings=settings)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("zone", "Asia/Pingshan", "no such time zone"),
        ("crs", "EPSG:0", "no such coordinate system"),
        ("crs", "EPSG:4326", "does not measure in metres"),
        ("crs", "EPSG:3857", "not metres on the ground"),
        ("code", " ", "needs a name and a division code"),
    ],
)
def test_a_deployment_that_cannot_work_is_refused_and_leaves_nothing(
    settings: Settings, field: str, value: str, message: str
) -> None:
    given = {"name": "x", "code": "1", "zone": "Asia/Shanghai", "crs": "EPSG:4547", field: value}
    with pytest.raises(InputError, match=message):
        Store.create(settings.home, **given, settings=settings)  # type: ignore[arg-type]
    assert not settings.home.exists()


def test_no_store_is_not_found(settings: Settings) -> None:
    with pytest.raises(NotFound, match="there is no store yet"):
        Store.open(settings.home, settings)


def test_what_was_written_is_there_after_reopening(store: Store, settings: Settings) -> None:
    store.writer.run(lambda con: con.execute("INSERT INTO company VALUES (1, 'A', '甲')")).result()
    store.close()
    with Store.open(settings.home, settings) as again:
        assert again.rows("SELECT name FROM company") == [{"name": "甲"}]


def test_a_second_process_is_told_who_holds_the_store(store: Store) -> None:
    script = (
        "from pathlib import Path; from data.store import Store; from data.errors import StoreBusy\n"
        f"try: Store.open(Path({str(store.home)!r}))\n"
        "except StoreBusy as error: print(error)"
    )
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "another process holds the store" in told
    assert str(os.getpid()) in told
    assert "control socket" in told


def test_the_same_process_cannot_open_it_twice(store: Store, settings: Settings) -> None:
    with pytest.raises(StoreBusy, match="another process holds the store"):
        Store.open(store.home, settings)


FORKING = """
import os, sys
from pathlib import Path
from data.errors import ForeignProcess
from data.settings import Settings
from data.store import Store

home = Path(sys.argv[1])
store = Store.open(home, Settings(home=home, memory_share=0.1, threads=1))
if os.fork() == 0:
    try:
        store.rows("SELECT 1")
        print("read", flush=True)
    except ForeignProcess as error:
        print(error, flush=True)
    os._exit(0)
os.wait()
print(os.getpid(), flush=True)
store.close()
"""


def test_a_forked_child_is_refused(store: Store) -> None:
    """In a process of its own: one that has run a thousand tests may be too large to be forked."""
    store.close()
    words = [sys.executable, "-c", FORKING, str(store.home)]
    done = subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    told, opener = done.stdout.splitlines()[-2:]
    assert f"a store that process {opener} opened" in told


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY place TO '{home}/stolen.csv'",
        "ATTACH '{home}/other.duckdb' AS other",
        "INSTALL httpfs",
        "SET threads = 64",
        "SET TimeZone = 'Asia/Shanghai'",
        "SET enable_external_access = true",
    ],
)
def test_the_store_reaches_nothing_outside(store: Store, sql: str) -> None:
    with pytest.raises(duckdb.Error, match=r"disabled by configuration|configuration has been locked"):
        store.rows(sql.format(home=store.home))


def test_exports_may_be_written(store: Store) -> None:
    file = store.home / "exports" / "places.parquet"
    with store.read() as con:
        con.execute(f"COPY (SELECT code FROM place) TO '{file}'")
    assert file.stat().st_size > 0


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(duckdb.TransactionException, match="read-only"), store.read() as con:
        con.execute("DELETE FROM place")


def test_a_reader_sees_one_moment(store: Store) -> None:
    with store.read() as con:
        assert con.execute("SELECT count(*) FROM company").fetchone() == (0,)
        store.writer.run(lambda con: con.execute("INSERT INTO company VALUES (1, 'A', 'a')")).result()
        assert con.execute("SELECT count(*) FROM company").fetchone() == (0,)
    assert store.rows("SELECT count(*) AS n FROM company") == [{"n": 1}]


def test_arrow_tables_are_read_under_their_names(store: Store) -> None:
    asked = pa.table({"code": ["990100", "x"]})
    assert store.rows("SELECT code, level FROM asked LEFT JOIN place USING (code) ORDER BY code", asked=asked) == [
        {"code": "990100", "level": "district"},
        {"code": "x", "level": None},
    ]


def test_instants_are_utc_whatever_the_machine_says(store: Store) -> None:
    sql = "SELECT TIMESTAMPTZ '2011-07-01 12:00:00' AS noon"
    assert store.rows(sql)[0]["noon"] == datetime(2011, 7, 1, 12, tzinfo=UTC)
    assert store.arrow(sql).schema.field("noon").type == pa.timestamp("us", "UTC")


def test_spatial_is_there_without_a_download(store: Store) -> None:
    assert store.rows("SELECT ST_Area(ST_GeomFromText('POLYGON((0 0, 2 0, 2 3, 0 3, 0 0))')) AS area") == [
        {"area": 6.0}
    ]


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    with pytest.raises(StoreError, match="the store is closed"):
        store.rows("SELECT 1")


def test_a_file_that_is_no_database_is_damaged_and_stays_as_it_is(settings: Settings) -> None:
    settings.home.mkdir()
    file = settings.home / "jingwei.duckdb"
    file.write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreDamaged, match="cannot be read as a store"):
        Store.open(settings.home, settings)
    assert file.read_bytes() == b"not a database" * 1000


def test_a_foreign_database_is_not_ours(settings: Settings) -> None:
    settings.home.mkdir()
    with duckdb.connect(str(settings.home / "jingwei.duckdb")) as con:
        con.execute("CREATE TABLE t (i INTEGER)")
    with pytest.raises(StoreDamaged, match="not one of ours"):
        Store.open(settings.home, settings)


def test_a_store_of_a_later_version_is_refused(store: Store, settings: Settings) -> None:
    store.writer.run(lambda con: con.execute("INSERT INTO migration VALUES ('9999_future', '', now())")).result()
    store.close()
    with pytest.raises(StoreNewer, match="9999_future") as raised:
        Store.open(settings.home, settings)
    assert raised.value.where == str(settings.home / "jingwei.duckdb")


@pytest.mark.parametrize("harm", ["cut", "changed"])
def test_a_damaged_store_is_told_as_damaged_and_not_as_a_fault(store: Store, settings: Settings, harm: str) -> None:
    file = store.path
    store.close()
    size = file.stat().st_size
    if harm == "cut":
        os.truncate(file, size // 2)
    else:
        with file.open("r+b") as stream:
            stream.seek(12288)
            stream.write(b"x" * (size - 12288))
    with pytest.raises(Exception) as raised:
        Store.open(settings.home, settings)
    assert isinstance(known(raised.value), StoreDamaged)


def test_at_midnight_of_the_deployment_days_are_sealed_and_old_cases_rest(store: Store) -> None:
    chores = {chore.label: chore for chore in store.writer.chores}
    for label in ("seal the ledger", "sweep"):
        at = chores[label].next_run(datetime(2024, 5, 1, 15, 30, tzinfo=UTC))
        assert at == datetime(2024, 5, 1, 16, tzinfo=UTC)  # 00:00 of 2 May in Shanghai
        assert chores[label].next_run(at) == datetime(2024, 5, 2, 16, tzinfo=UTC)
