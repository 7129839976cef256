from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from data.backup import backup, manifest_of, sha256_of, verify
from data.checks import check
from data.errors import Cancelled, FileError, NotFound, Refused, StoreBusy, StoreDamaged, StoreNewer
from data.intake import Intake
from data.progress import Reporter
from data.restore import restore
from data.settings import Settings
from data.store import FILE, Store
from tests.data.tickets import placed, staged, ticket

ROOT = Path(__file__).resolve().parents[2]


def add_companies(store: Store, count: int) -> None:
    """`count` companies with ids from the sequence."""
    store.writer.run(
        lambda con: (
            con.execute(
                "INSERT INTO company SELECT nextval('company_ids'), i::VARCHAR, i::VARCHAR FROM range(?) r(i)", [count]
            ).rowcount
        )
    ).result()


def ids(store: Store) -> list[int]:
    return [row["company_id"] for row in store.rows("SELECT company_id FROM company ORDER BY 1")]


def test_a_backup_comes_back_with_rows_views_geometry_and_sequences(store: Store, settings: Settings) -> None:
    add_companies(store, 3)
    store.writer.run(
        lambda con: con.execute("UPDATE place_version SET geometry = ST_GeomFromText('POINT (114 22)')").rowcount
    ).result()
    saved = backup(store)
    assert saved.parent == store.home / "backups"
    add_companies(store, 2)
    store.close()
    restored = restore(settings.home, saved)
    assert restored.manifest.tables["company"] == 3
    assert restored.aside is not None
    assert (restored.aside / "jingwei.duckdb").exists()
    with Store.open(settings.home, settings) as again:
        assert ids(again) == [1, 2, 3]
        add_companies(again, 1)
        assert ids(again)[-1] == 4
        assert again.rows("SELECT count(*) AS n FROM cases") == [{"n": 0}]
        assert again.rows("SELECT ST_AsText(geometry) AS g FROM place_version") == [{"g": "POINT (114 22)"}]
        assert again.deployment.name == "样例区"


def test_the_manifest_names_the_program_the_migrations_and_the_counts(store: Store) -> None:
    add_companies(store, 3)
    saved = backup(store)
    written = json.loads(manifest_of(saved).read_text())
    assert written["deployment"] == "样例区"
    assert written["migrations"] == {
        row["name"]: row["digest"] for row in store.rows("SELECT name, digest FROM migration")
    }
    assert (written["tables"]["company"], written["tables"]["place"], written["ledger_lines"]) == (3, 1, 0)
    assert written["bytes"] == saved.stat().st_size
    assert sorted(file.name for file in saved.parent.iterdir()) == [saved.name, manifest_of(saved).name]


def test_a_backup_while_the_writer_works_holds_one_moment(store: Store, settings: Settings) -> None:
    """Each commit adds one row to either table: in a copy of one moment they have the same number."""
    stop = threading.Event()

    def both(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("INSERT INTO company VALUES (nextval('company_ids'), '', '')")
        con.execute("INSERT INTO source SELECT nextval('source_ids'), ''")

    def work() -> None:
        while not stop.is_set():
            store.writer.run(both).result()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        manifests = [verify(backup(store)) for _ in range(3)]
    finally:
        stop.set()
        worker.join()
    assert all(manifest.tables["company"] == manifest.tables["source"] for manifest in manifests)
    assert 0 < manifests[0].tables["company"] < manifests[-1].tables["company"] < len(ids(store)) + 1


def test_a_backup_during_an_import_holds_nothing_of_it(store: Store, settings: Settings) -> None:
    with Intake.begin(store, file="t.csv", digest="d", mapping_text="m", source="city") as intake:
        table = staged(ticket(str(i)) for i in range(5))
        intake.stage(table, placed(table))
        saved = backup(store)
        intake.finish()
    assert store.rows("SELECT count(*) AS n FROM cases") == [{"n": 5}]
    store.close()
    restore(settings.home, saved)
    with Store.open(settings.home, settings) as again:
        assert again.rows("SELECT count(*) AS n FROM cases") == [{"n": 0}]
        assert again.rows("SELECT count(*) AS n FROM duckdb_tables() WHERE schema_name = 'staging'") == [{"n": 0}]
        assert check(again) == []


def test_a_backup_may_go_elsewhere_but_never_over_a_file(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "usb" / "copy.duckdb"
    assert backup(store, target) == target
    assert verify(target).code == "990100"
    assert list((store.home / "backups").iterdir()) == []
    with pytest.raises(FileError, match="there is a file of this name already"):
        backup(store, target)


@pytest.mark.parametrize("step", ["copy", "hash"])
def test_a_stopped_backup_leaves_nothing(store: Store, step: str) -> None:
    progress = Reporter(lambda label, done, total: progress.stop() if label == step else None)
    add_companies(store, 1000)
    with pytest.raises(Cancelled):
        backup(store, None, progress)
    assert list((store.home / "backups").iterdir()) == []
    verify(backup(store))


def damaged(file: Path) -> None:
    """Turn one byte in the middle."""
    with file.open("r+b") as stream:
        stream.seek(file.stat().st_size // 2)
        byte = stream.read(1)
        stream.seek(-1, os.SEEK_CUR)
        stream.write(bytes([byte[0] ^ 1]))


def no_database(file: Path) -> None:
    """A manifest that fits a file which is no database."""
    file.write_bytes(b"x" * 5000)
    rewrite(file, bytes=5000, sha256=sha256_of(file))


def rewrite(file: Path, **changed: object) -> None:
    manifest = json.loads(manifest_of(file).read_text())
    manifest_of(file).write_text(json.dumps({**manifest, **changed}))


@pytest.mark.parametrize(
    ("harm", "error", "message"),
    [
        (lambda file: file.unlink(), NotFound, "there is no such backup"),
        (lambda file: manifest_of(file).unlink(), StoreDamaged, "has no manifest beside it"),
        (lambda file: manifest_of(file).write_text("{"), StoreDamaged, "the manifest cannot be read"),
        (lambda file: rewrite(file, form=2), StoreDamaged, "the manifest has form 2"),
        (damaged, StoreDamaged, "not the file its manifest describes"),
        (lambda file: os.truncate(file, file.stat().st_size - 1), StoreDamaged, "not the file its manifest describes"),
        (lambda file: rewrite(file, sha256="0" * 64), StoreDamaged, "not the file its manifest describes"),
        (no_database, StoreDamaged, "cannot be read as a store"),
        (lambda file: rewrite(file, migrations={"9999_later": ""}), StoreNewer, "9999_later"),
        (lambda file: rewrite(file, tables={}), StoreDamaged, "its tables do not hold what the manifest says"),
        (lambda file: rewrite(file, ledger_head="0"), StoreDamaged, "its ledger is not the one the manifest names"),
    ],
)
def test_a_restore_refuses_before_it_touches_anything(
    store: Store, settings: Settings, harm: object, error: type[Exception], message: str
) -> None:
    saved = backup(store)
    add_companies(store, 2)
    store.close()
    harm(saved)  # type: ignore[operator]
    before = (settings.home / FILE).read_bytes()
    with pytest.raises(error, match=message):
        restore(settings.home, saved)
    assert (settings.home / FILE).read_bytes() == before
    assert not (settings.home / "replaced").exists()
    assert not (settings.home / f"{FILE}.restoring").exists()


def test_a_store_written_by_a_later_program_is_refused_whatever_the_manifest_says(
    store: Store, settings: Settings
) -> None:
    store.writer.run(
        lambda con: con.execute("INSERT INTO migration VALUES ('9999_later', '', now())").rowcount
    ).result()
    saved = backup(store)
    store.close()
    written = json.loads(manifest_of(saved).read_text())
    del written["migrations"]["9999_later"]
    manifest_of(saved).write_text(json.dumps(written))
    with pytest.raises(StoreNewer, match="9999_later"):
        restore(settings.home, saved)


def test_a_restore_refuses_while_this_process_has_the_store_open(store: Store) -> None:
    saved = backup(store)
    with pytest.raises(StoreBusy, match="a process holds the store"):
        restore(store.home, saved)
    add_companies(store, 1)
    assert ids(store) == [1]


def test_a_restore_refuses_while_another_process_has_the_store_open(store: Store, settings: Settings) -> None:
    saved = backup(store)
    store.close()
    script = (
        "import sys; from pathlib import Path; from data.store import Store\n"
        "store = Store.open(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read(); store.close()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(settings.home)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    while b"open" not in child.stdout.readline():
        pass
    with pytest.raises(StoreBusy, match="a process holds the store"):
        restore(settings.home, saved)
    child.communicate()
    restore(settings.home, saved)


def test_the_former_store_moves_aside_with_its_log(store: Store, settings: Settings) -> None:
    saved = backup(store)
    add_companies(store, 2)
    store.close()
    file = settings.home / FILE
    log = file.with_name(f"{FILE}.wal")
    log.write_bytes(b"a log that was not folded in")
    former = file.read_bytes()
    restore(settings.home, saved)
    [aside] = (settings.home / "replaced").iterdir()
    assert (aside / FILE).read_bytes() == former
    assert (aside / log.name).read_bytes() == b"a log that was not folded in"
    assert not log.exists()
    with Store.open(settings.home, settings) as again:
        assert ids(again) == []


@pytest.mark.parametrize("crash_after", [1, 2, 3])
def test_a_restore_that_was_cut_off_can_be_run_again(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, crash_after: int
) -> None:
    """Cut off after the first, second or third rename: no store, and never the new file beside the old log."""
    add_companies(store, 3)
    saved = backup(store)
    store.close()
    file = settings.home / FILE
    log = file.with_name(f"{FILE}.wal")
    log.write_bytes(b"old log")
    renamed: list[str] = []
    rename = Path.rename

    def cut(self: Path, target: Path) -> Path:
        if len(renamed) == crash_after - 1:
            raise KeyboardInterrupt
        renamed.append(self.name)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", cut)
    with pytest.raises(KeyboardInterrupt):
        restore(settings.home, saved)
    monkeypatch.undo()
    assert file.exists() == (crash_after == 1)
    assert log.exists() == (crash_after < 3)
    restore(settings.home, saved)
    with Store.open(settings.home, settings) as again:
        assert ids(again) == [1, 2, 3]


def test_a_backup_can_be_restored_where_there_is_no_store(store: Store, settings: Settings, tmp_path: Path) -> None:
    add_companies(store, 1)
    saved = backup(store)
    restore(tmp_path / "other", saved)
    with Store.open(tmp_path / "other", settings) as other:
        assert ids(other) == [1]


def test_another_districts_backup_is_refused_unless_it_is_meant(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    saved = backup(store)
    home = tmp_path / "other"
    Store.create(home, name="别区", code="990199", zone="UTC", crs="EPSG:4547", settings=settings).close()
    with pytest.raises(Refused, match=r"the backup is of 样例区 \(\d{6}\), the store of 别区 \(990199\)"):
        restore(home, saved)
    with Store.open(home, settings) as untouched:
        assert untouched.deployment.code == "990199"
    restore(home, saved, another=True)
    with Store.open(home, settings) as replaced:
        assert replaced.deployment.name == "样例区"


def test_the_database_locks_its_file_as_we_do(store: Store) -> None:
    """The restore relies on it: what holds a store holds a POSIX lock on the file (asked of another process)."""
    script = (
        "import fcntl, sys\n"
        "with open(sys.argv[1], 'r+b') as file:\n"
        "    try: fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB); print('free')\n"
        "    except OSError: print('held')"
    )

    def told() -> str:
        return subprocess.run(
            [sys.executable, "-c", script, str(store.path)], capture_output=True, text=True, check=True
        ).stdout.strip()

    assert told() == "held"
    store.close()
    assert told() == "free"
