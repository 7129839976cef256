"""The command line: what it prints, where, with which exit code, and that Ctrl-C leaves the store as it was."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app import app
from data.control import ControlServer
from data.errors import InputError
from data.progress import Quiet
from data.settings import Settings
from data.settings import settings as process_settings
from data.store import Store
from etl.commands import COMMANDS
from tests.etl.test_boundaries import geojson
from tests.etl.test_commands import PLACES, ROWS, TICKETS, square, tickets, write
from tests.realdata import SHARED, needs_shared

ROOT = Path(__file__).parents[1]
INIT = ("init", "--name", "样例区", "--code", "990100", "--zone", "Asia/Shanghai", "--crs", "EPSG:4547")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JINGWEI_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("JINGWEI_MEMORY_SHARE", "0.1")
    process_settings.cache_clear()
    return tmp_path / "var"


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def imported(home: Path, tmp_path: Path) -> Path:
    assert run(*INIT).exit_code == 0
    path = geojson(
        tmp_path / "c.geojson",
        [({"code": "A", "name": "A"}, square(0, 0, 1, 1)), ({"code": "B", "name": "B"}, square(1, 0, 2, 1))],
    )
    assert run("import", "places", str(path), "-m", write(tmp_path / "p.toml", PLACES)).exit_code == 0
    result = run("import", "tickets", tickets(tmp_path / "a.csv", ROWS), "-m", write(tmp_path / "t.toml", TICKETS))
    assert result.exit_code == 0, result.output
    assert "4 new + 0 updated + 0 unchanged + 1 exact duplicates + 1 quarantined = 6 rows read" in result.stdout
    return home


def test_help_is_quick_and_names_every_command() -> None:
    words = [sys.executable, "-X", "importtime", "app.py", "--help"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {"duckdb", "pyarrow", "numpy", "pandas", "shapely", "dash", "fastapi", "uvicorn", "rich.progress"}
    assert {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()} & heavy == set()
    for command in (
        "init",
        "import",
        "figures",
        "check",
        "backup",
        "restore",
        "export",
        "quarantine",
        "serve",
        "demo",
        "demo-time",
    ):
        assert command in done.stdout


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--crs", "EPSG:4326", "does not measure in metres"),
        ("--crs", "EPSG:999999", "EPSG:999999"),
        ("--zone", "Asia/Nowhere", "no such time zone"),
        ("--code", "a b", "Use letters, digits and dashes"),
        ("--calendar", "Atlantis", "Atlantis"),
    ],
)
def test_init_refuses_what_cannot_be_meant(home: Path, option: str, value: str, says: str) -> None:
    words = list(INIT)
    if option in words:
        words[words.index(option) + 1] = value
    else:
        words += [option, value]
    result = run(*words)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""
    assert not (home / "jingwei.duckdb").exists()


def test_codes_of_foreign_cities_are_free_text(home: Path) -> None:
    assert (
        run(
            "init", "--name", "Boston", "--code", "US-MA-25025", "--zone", "America/New_York", "--crs", "EPSG:26986"
        ).exit_code
        == 0
    )
    again = run(*INIT)
    assert again.exit_code == 1
    assert "there is a store already" in again.stderr


def test_figures_as_json_is_the_agreed_form_and_nothing_else(imported: Path) -> None:
    result = run("figures", "--level", "community", "--period", "2025", "--as-of", "2025-02-01", "--json")
    assert result.exit_code == 0
    rows = json.loads(result.stdout)
    assert [(row["place"], row["level"], row["not_located"]) for row in rows] == [
        ("A", "community", False),
        ("B", "community", False),
        (None, "community", True),
    ]
    rate = rows[0]["figures"]["on_time_rate"]
    assert {key: rate[key] for key in ("numerator", "denominator", "value", "basis")} == {
        "numerator": 1, "denominator": 1, "value": 1.0, "basis": "due",
    }  # fmt: skip
    assert rows[2]["figures"]["on_time_rate"]["value"] is None
    assert rows[2]["figures"]["on_time_rate"]["left_out"]["without_deadline"] == 1


def test_figures_for_people_and_filters(imported: Path) -> None:
    result = run(
        "figures", "--level", "district", "--period", "2025", "--figures", "reported", "--filter", "located=point"
    )
    assert result.exit_code == 0
    assert "样例区: 2 reported" in result.stdout
    wrong = run("figures", "--level", "district", "--period", "2025", "--filter", "located")
    assert (wrong.exit_code, '"located" is no filter' in wrong.stderr) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        ("figures", "--level", "planet", "--period", "2025"),
        ("figures", "--level", "district", "--period", "yesterday"),
        ("import", "tickets", "none.csv", "-m", "boston-311"),
        ("import", "none.csv", "-m", "no-such-mapping"),
        ("import", "none.csv"),
        ("import", "a", "b", "c"),
        ("export", "people", "x.csv"),
        ("serve", "--host", "0.0.0.0"),  # noqa: S104
        ("restore", "none.duckdb"),
        ("quarantine", "list", "--import", "99"),
        ("quarantine", "drop", "--import", "99"),
        ("export", "quarantine", "q.csv", "--import", "99"),
    ],
)
def test_what_cannot_be_taken_is_one_block_and_exit_code_2(imported: Path, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr.startswith("error")
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_without_a_store_every_command_says_what_to_do(home: Path) -> None:
    for words in (("status",), ("figures", "--level", "district", "--period", "2025"), ("serve",)):
        result = run(*words)
        assert result.exit_code == 2
        assert "there is no store yet" in result.stderr


def test_check_has_an_exit_code_of_its_own(imported: Path) -> None:
    clean = run("check")
    assert (clean.exit_code, clean.stdout.strip()) == (0, "no violation found")
    with Store.open(imported) as store:
        store.writer.run(
            lambda con: con.execute("UPDATE case_archive SET stage = 'reported' WHERE external_id = '1'")
        ).result()
        store.writer.run(
            lambda con: con.execute("UPDATE case_hot SET stage = 'voided' WHERE external_id = '1'")
        ).result()
    found = run("check", "--json")
    assert found.exit_code == 3
    assert len(json.loads(found.stdout)) >= 1


def test_an_export_that_breaks_off_lets_the_store_go(imported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader left open would keep the file locked, and the end of the command waiting for it."""

    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("etl.exports.csv_bytes", full)
    with Store.open(imported) as store:
        with pytest.raises(InputError, match="No space left"):
            COMMANDS["export"](store, {"what": "cases", "format": "csv", "out": str(imported / "x.csv")}, Quiet())
        assert store._cursors == set()
    assert not list(imported.glob("*x.csv*"))


def test_a_backup_comes_back(imported: Path, tmp_path: Path) -> None:
    assert run("backup", str(tmp_path / "b.duckdb")).exit_code == 0
    assert run("quarantine", "drop").exit_code == 0
    result = run("restore", str(tmp_path / "b.duckdb"))
    assert result.exit_code == 0, result.output
    assert json.loads(run("quarantine", "list", "--json").stdout)["rows"][0]["status"] == "open"
    result = run("restore", str(tmp_path / "b.duckdb"), "--replay")
    assert result.exit_code == 0, result.output
    assert "the hot log holds no move that the backup has not" in result.stdout
    assert "not in the hot log, to be done again (1):" in result.stdout


def test_quarantine_goes_out_and_comes_back(imported: Path, tmp_path: Path) -> None:
    out = tmp_path / "q.csv"
    assert run("quarantine", "export", str(out)).exit_code == 0
    out.write_text(out.read_text("utf-8-sig").replace("2025-13-02", "2025-01-02"), "utf-8-sig")
    number = json.loads(run("quarantine", "list", "--json").stdout)["import_id"]
    result = run("import", str(out), "--retry", str(number))
    assert result.exit_code == 0, result.output
    assert "1 new + 0 updated" in result.stdout
    assert "1 quarantined rows marked as retried" in result.stdout


def test_uncertain_addresses_are_listed_and_settled_by_number(imported: Path) -> None:
    listed = run("addresses", "list")
    assert (listed.exit_code, listed.stdout.strip().splitlines()[-1]) == (0, "0 uncertain, 0 shown")
    assert json.loads(run("addresses", "list", "--json").stdout) == {"total": 0, "rows": [], "counts": {}}
    assert run("addresses", "retry").stdout.strip() == "0 read, 0 placed, 0 still uncertain"
    refused = run("addresses", "settle", "7", "--dismiss")
    assert refused.exit_code == 2
    assert "no uncertain address waits here" in refused.stderr


def test_a_guess_is_printed_and_written_beside_no_other(
    imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tickets(tmp_path / "g_0702.csv", ROWS[:4])
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for name in ("g_0702.toml", "g_0702-2.toml", "g_0702-3.toml"):
        shown = run("import", "--guess", file, "--language", "en")
        assert shown.exit_code == 0
        assert 'kind = "tickets"' in shown.stdout
        assert shown.stderr.rstrip().endswith(str(here / name))
        assert "0.95  kind = " in shown.stderr
        assert (here / name).read_text("utf-8").rstrip() == shown.stdout.rstrip()
    assert run("import", "--guess", file, "--out", str(here / "g_0702.toml")).exit_code == 2
    nowhere = run("import", "--guess", file, "--out", str(tmp_path / "no" / "m.toml"))
    assert nowhere.exit_code == 2
    assert "cannot be written (No such file or directory)" in nowhere.stderr
    assert run("import", "--guess", file, "--out", str(tmp_path / "m.toml")).exit_code == 0
    assert 'kind = "tickets"' in (tmp_path / "m.toml").read_text("utf-8")


def test_while_a_server_runs_commands_go_through_it_with_the_same_output(imported: Path, tmp_path: Path) -> None:
    words = ("figures", "--level", "community", "--period", "2025", "--as-of", "2025-02-01", "--json")
    alone = run(*words)
    settings = Settings(home=imported, memory_share=0.1)
    with (
        Store.open(imported, settings) as store,
        ControlServer(imported, {name: partial(command, store) for name, command in COMMANDS.items()}),
    ):
        assert run(*words).stdout == alone.stdout
        more = [("9", "2025-01-09 08:00", "", "", "114.005", "30.005", "", "")]
        result = run("import", tickets(tmp_path / "b.csv", more), "-m", str(tmp_path / "t.toml"))
        assert result.exit_code == 0, result.output
        assert "1 new + 0 updated" in result.stdout
        refused = run("figures", "--level", "planet", "--period", "2025")
        assert (refused.exit_code, refused.stderr.startswith("error (level)")) == (2, True)
        again = run("serve")
        assert (again.exit_code, "a server runs here already" in again.stderr) == (1, True)


def _process(home: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "app.py", *words],
        cwd=ROOT,
        env={**os.environ, "JINGWEI_HOME": str(home), "JINGWEI_MEMORY_SHARE": "0.1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _state(home: Path) -> dict[str, Any]:
    with Store.open(home) as store:
        tables = (
            "case_hot",
            "case_archive",
            "transition",
            "case_place",
            "category",
            "unit",
            "quarantine",
            "repeat_point",
        )
        return {name: store.rows(f"SELECT count(*) AS n FROM {name}")[0]["n"] for name in tables}


@needs_shared
@pytest.mark.parametrize("seconds", [0.3, 1.5])
def test_ctrl_c_leaves_the_store_as_it_was(imported: Path, seconds: float) -> None:
    before = _state(imported)
    file = SHARED / "saopaulo-156" / "sp156_2018_2019.parquet"
    process = _process(imported, "import", "tickets", str(file), "-m", "saopaulo-156")
    try:
        deadline = time.monotonic() + 60
        while not list((imported / "tmp").glob("import-*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130, err
    assert out == ""
    assert "Stopped. The store is as it was." in err
    assert _state(imported) == before
    with Store.open(imported) as store:
        assert store.rows("SELECT status FROM import ORDER BY import_id DESC LIMIT 1") == [{"status": "cancelled"}]


@pytest.mark.parametrize("module", ["typer", "duckdb"])
def test_ctrl_c_while_the_program_is_being_loaded_is_one_line(imported: Path, tmp_path: Path, module: str) -> None:
    (tmp_path / f"{module}.py").write_text(
        "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(1)\n"
    )
    surroundings = {**os.environ, "JINGWEI_HOME": str(imported), "PYTHONPATH": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "app.py", "check"], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "Stopped. The store is as it was.\n")


@needs_shared
def test_bostons_own_key_comes_out(home: Path) -> None:
    boston = SHARED / "boston-311"
    run("init", "--name", "Boston", "--code", "BOS", "--zone", "America/New_York", "--crs", "EPSG:26986")
    assert run("import", "places", str(boston / "neighborhoods.geojson"), "-m", "boston-neighborhoods").exit_code == 0
    assert run("import", "plan", str(boston / "tracts2010_households.gpkg"), "-m", "boston-tracts").exit_code == 0
    result = run("import", "tickets", str(boston / "boston311_2011H2.csv.gz"), "-m", "boston-311", "--json")
    report = json.loads(result.stdout)
    assert (report["rows_read"], report["new"], report["quarantined"]) == (58251, 58251, 0)
    assert report["flags"]["default_point"] == 4775
    assert (report["flags"]["due_before_opened"], report["flags"]["far_due"]) == (3, 18)
    words = ("figures", "--level", "district", "--period", "2011-07-01/2012-01-01", "--as-of", "2020-01-01", "--json")
    figures = json.loads(run(*words).stdout)[0]["figures"]
    wanted = {"on_time_rate": (29928, 39685), "due_completion_rate": (37151, 39685), "completion_rate": (54570, 58251)}
    assert {name: (figures[name]["numerator"], figures[name]["denominator"]) for name in wanted} == wanted
    assert figures["on_time_rate"]["left_out"]["without_deadline"] == 10981


@needs_shared
def test_pingshans_flags_come_out(home: Path) -> None:
    folder = SHARED / "pingshan-minsheng"
    run("init", "--name", "坪山区", "--code", "440310", "--zone", "Asia/Shanghai", "--crs", "EPSG:4547")
    for name in ("streets", "communities"):
        assert run("import", "places", str(folder / f"shenzhen_{name}.csv"), "-m", f"shenzhen-{name}").exit_code == 0
    result = run("import", "tickets", str(folder / "pingshan_minsheng_suqiu.csv"), "-m", "pingshan-minsheng", "--json")
    report = json.loads(result.stdout)
    assert (report["rows_read"], report["new"]) == (10000, 10000)
    assert dict(report["located"]) == {"community": 9990, "none": 10}
    rate = json.loads(run("figures", "--level", "district", "--period", "2018", "--json").stdout)[0]["figures"][
        "on_time_rate"
    ]
    assert (rate["numerator"], rate["denominator"], rate["left_out"]["without_flag"]) == (9071, 9995, 5)


def test_demo_makes_a_simulated_store_once_and_refuses_a_second_time(home: Path) -> None:
    made = run("demo", "--preset", "tiny", "--seed", "3")
    assert made.exit_code == 0, made.output
    assert "demo district 青禾区 (tiny), 1 streets, 3 communities, 36 estates" in made.stdout
    with Store.open(home) as store:
        assert store.deployment.simulated
    assert run("demo", "--preset", "tiny").exit_code == 1
    there = run("demo", "--preset", "tiny", "--unless-there")
    assert (there.exit_code, there.stdout) == (0, "")
    assert run("check").exit_code == 0


def test_demo_refuses_a_preset_there_is_not_and_leaves_nothing_behind(home: Path) -> None:
    assert run("demo", "--preset", "huge").exit_code == 2
    assert not home.exists()


def test_demo_time_tells_and_moves_the_time_of_a_simulated_district(home: Path) -> None:
    assert run("demo", "--preset", "tiny").exit_code == 0
    told = json.loads(run("demo-time", "--json").stdout)
    assert (told["now"], told["speed"]) == ("2026-06-30 02:20:00+00:00", 1.0)
    moved = json.loads(run("demo-time", "--jump", "6h", "--speed", "60", "--json").stdout)
    assert (moved["now"], moved["worked_until"], moved["speed"]) == (*["2026-06-30 08:20:00+00:00"] * 2, 60.0)
    assert json.loads(run("demo-time", "--storm", "--json").stdout)["storm"] == "2026-06-30 08:21:00+00:00"
    assert json.loads(run("demo-time", "--pause", "--json").stdout)["speed"] == 0
    refused = run("demo-time", "--jump", "soon")
    assert (refused.exit_code, "is no span of time" in refused.stderr) == (2, True)
    assert run("check").exit_code == 0


def test_demo_time_is_refused_where_time_is_real(home: Path) -> None:
    assert run(*INIT).exit_code == 0
    refused = run("demo-time", "--speed", "60")
    assert (refused.exit_code, "time is the machine's" in refused.stderr) == (2, True)
