"""The commands, as the command line and a running server call them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.atlas import atlas_on, atlases
from data.errors import Cancelled, FileError, InputError, MappingError, Refused, TooManyBadRows
from data.place_imports import PlaceImport
from data.progress import Quiet, Reporter
from data.store import Store
from etl.commands import COMMANDS
from etl.corrections import taken_back
from tests.etl.test_boundaries import geojson

TICKETS = """
name = "t"
kind = "tickets"
source = "test"
[fields]
id = "id"
reported_at = { column = "opened", format = "%Y-%m-%d %H:%M" }
closed_at = { column = "closed", format = "%Y-%m-%d %H:%M" }
due_at = { column = "due", format = "%Y-%m-%d %H:%M" }
note = "text"
[location]
lon = "lon"
lat = "lat"
[[location.places]]
level = "community"
column = "community"
"""
PLACES = 'name = "p"\nkind = "places"\nlevel = "community"\n[fields]\ncode = "code"\nname = "name"\n'
PLAN = 'name = "g"\nkind = "plan"\nlevel = "grid"\n[fields]\ncode = "code"\n[plan]\nname = "first"\n'


def run(store: Store, command: str, **args: Any) -> Any:
    return COMMANDS[command](store, args, Quiet())


def write(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    return str(path)


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return {"type": "Polygon", "coordinates": [[[114 + x / 100, 30 + y / 100] for x, y in ring]]}


def tickets(path: Path, rows: list[tuple[str, ...]]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "opened", "closed", "due", "lon", "lat", "community", "text"), *rows])
    return str(path)


ROWS = [
    ("1", "2025-01-01 08:00", "2025-01-02 08:00", "2025-01-03 08:00", "114.005", "30.005", "", "call 13800000000"),
    ("2", "2025-01-01 09:00", "", "2025-01-03 08:00", "114.015", "30.005", "", "="),
    ("3", "2025-01-01 10:00", "2025-01-05 08:00", "2025-01-03 08:00", "", "", "B", ""),
    ("4", "2025-01-02 10:00", "", "", "115.5", "31.5", "", ""),
    ("1", "2025-01-01 08:00", "2025-01-02 08:00", "2025-01-03 08:00", "114.005", "30.005", "", "call 13800000000"),
    ("5", "2025-13-02 10:00", "", "", "114.005", "30.005", "", "-"),
]


@pytest.fixture
def town(store: Store, tmp_path: Path) -> Store:
    path = geojson(
        tmp_path / "c.geojson",
        [({"code": "A", "name": "A"}, square(0, 0, 1, 1)), ({"code": "B", "name": "B"}, square(1, 0, 2, 1))],
    )
    run(store, "import_places", file=str(path), mapping=write(tmp_path / "p.toml", PLACES))
    return store


def test_tickets_come_in_and_the_identity_holds(town: Store, tmp_path: Path) -> None:
    mapping = write(tmp_path / "t.toml", TICKETS)
    report = run(town, "import_tickets", file=tickets(tmp_path / "a.csv", ROWS), mapping=mapping)
    assert report["identity"] == ("4 new + 0 updated + 0 unchanged + 1 exact duplicates + 1 quarantined = 6 rows read")
    assert dict(report["located"]) == {"point": 2, "community": 1, "none": 1}
    assert report["flags"]["outside"] == 1
    assert report["flags"]["masked_text"] == 1
    rows = run(
        town, "figures", level="community", period="2025", as_of="2025-02-01", figures=["on_time_rate", "reported"]
    )
    rates = {row["place"]: row["figures"]["on_time_rate"] for row in rows}
    assert [(row["place"], row["not_located"], row["n"]) for row in rows] == [
        ("A", False, 1),
        ("B", False, 2),
        (None, True, 1),
    ]
    assert {place: (rate["numerator"], rate["denominator"]) for place, rate in rates.items()} == {
        "A": (1, 1),
        "B": (0, 2),
        None: (0, 0),
    }


def test_tomorrows_export_updates_and_leaves_the_rest(town: Store, tmp_path: Path) -> None:
    mapping = write(tmp_path / "t.toml", TICKETS)
    run(town, "import_tickets", file=tickets(tmp_path / "a.csv", ROWS[:4]), mapping=mapping)
    changed = [ROWS[0], (*ROWS[1][:2], "2025-01-06 08:00", *ROWS[1][3:])]
    report = run(town, "import_tickets", file=tickets(tmp_path / "b.csv", changed), mapping=mapping)
    assert (report["new"], report["updated"], report["unchanged"], report["rows_read"]) == (0, 1, 1, 2)


def test_the_quarantine_goes_out_is_corrected_and_comes_back(town: Store, tmp_path: Path) -> None:
    mapping = write(tmp_path / "t.toml", TICKETS)
    number = run(town, "import_tickets", file=tickets(tmp_path / "a.csv", ROWS), mapping=mapping)["import_id"]
    listed = run(town, "quarantine_list")
    assert (listed["import_id"], listed["total"], listed["rows"][0]["column_name"]) == (number, 1, "opened")
    out = tmp_path / "q.csv"
    assert run(town, "quarantine_export", out=str(out))["rows"] == 1
    text = out.read_text("utf-8-sig")
    assert "'-" in text  # the apostrophe that keeps a spreadsheet from running it
    out.write_text(text.replace("2025-13-02", "2025-01-02"), "utf-8-sig")
    report = run(town, "quarantine_retry", file=str(out), **{"import": number})
    assert (report["new"], report["quarantined"], report["retried"]) == (1, 0, 1)
    assert run(town, "quarantine_list", **{"import": number})["rows"][0]["status"] == "retried"
    assert town.rows("SELECT count(*) AS n FROM cases")[0]["n"] == 5


def test_a_corrected_file_loses_its_apostrophes_and_our_columns(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("quarantine_id,quarantine_rule,a,b\n7,bad,'-,'=1\n9,bad,it's,'x\n", "utf-8-sig")
    assert taken_back(path, tmp_path / "clean.csv") == [7, 9]
    assert (tmp_path / "clean.csv").read_text("utf-8").splitlines() == ["a,b", "-,=1", "it's,'x"]


def test_rows_that_stay_out_are_marked_dropped(town: Store, tmp_path: Path) -> None:
    run(town, "import_tickets", file=tickets(tmp_path / "a.csv", ROWS), mapping=write(tmp_path / "t.toml", TICKETS))
    assert run(town, "quarantine_drop")["dropped"] == 1
    assert run(town, "imports")[0]["open_rows"] == 0


def test_a_file_with_too_many_bad_rows_is_refused_and_nothing_is_taken(town: Store, tmp_path: Path) -> None:
    bad = tickets(tmp_path / "a.csv", [ROWS[0], ROWS[5], (*ROWS[5][:1], "x", *ROWS[5][2:])])
    with pytest.raises(TooManyBadRows, match="2 of 3 rows cannot be taken"):
        run(town, "import_tickets", file=bad, mapping=write(tmp_path / "t.toml", TICKETS))
    assert town.rows("SELECT count(*) AS n FROM cases")[0]["n"] == 0
    assert run(town, "imports")[0]["status"] == "refused"


def test_a_stopped_import_leaves_the_store_as_it_was(town: Store, tmp_path: Path) -> None:
    file = tickets(tmp_path / "a.csv", ROWS)
    mapping = write(tmp_path / "t.toml", TICKETS)
    steps: list[str] = []

    def show(label: str, done: float, total: float | None) -> None:
        steps.append(label)
        if label == "locate":
            stopper.stop()

    stopper = Reporter(show)
    with pytest.raises(Cancelled):
        COMMANDS["import"](town, {"file": file, "mapping": mapping}, stopper)
    assert "locate" in steps
    assert town.rows("SELECT (SELECT count(*) FROM cases) + (SELECT count(*) FROM transition) AS n")[0]["n"] == 0
    assert run(town, "imports")[0]["status"] == "cancelled"
    assert list((town.home / "tmp").glob("import-*")) == []
    assert run(town, "import", file=file, mapping=mapping)["new"] == 4


def test_cases_are_located_anew_when_grids_come(town: Store, tmp_path: Path) -> None:
    run(town, "import_tickets", file=tickets(tmp_path / "a.csv", ROWS[:4]), mapping=write(tmp_path / "t.toml", TICKETS))
    grids = geojson(
        tmp_path / "g.geojson", [({"code": "G1"}, square(0, 0, 1, 1)), ({"code": "G2"}, square(1, 0, 2, 1))]
    )
    report = run(town, "import_plan", file=str(grids), mapping=write(tmp_path / "g.toml", PLAN))
    assert report["relocated"] == 4
    assert report["levels"][0]["plan"] == "first"
    rows = run(town, "figures", level="grid", period="2025", figures=["reported"])
    assert [(row["place"], row["n"]) for row in rows] == [("G1", 1), ("G2", 1), (None, 2)]
    assert [one.current for one in atlases(town)] == [True]
    assert run(town, "check") == []


def test_a_second_plan_keeps_the_first_for_its_time(town: Store, tmp_path: Path) -> None:
    mapping = write(tmp_path / "t.toml", TICKETS)
    run(town, "import_tickets", file=tickets(tmp_path / "a.csv", ROWS[:4]), mapping=mapping)
    for name, day, code in (("first", None, "G1"), ("second", "2025-01-02", "G2")):
        path = geojson(tmp_path / f"{name}.geojson", [({"code": code}, square(0, 0, 2, 1))])
        plan = write(tmp_path / f"{name}.toml", PLAN.replace("first", name))
        run(town, "import_plan", file=str(path), mapping=plan, effective_from=day)
    asked = {"level": "grid", "as_of": "2025-02-01", "figures": ["reported"]}
    before = run(town, "figures", period="2025-01-01", **asked)
    after = run(town, "figures", period="2025", **asked)
    assert [(row["place"], row["n"]) for row in before] == [("G1", 2), (None, 1)]
    assert [(row["place"], row["n"]) for row in after] == [("G2", 2), (None, 2)]
    assert atlas_on(town, date(2025, 1, 1)).atlas_id != atlas_on(town).atlas_id


def test_a_mapping_for_something_else_is_refused(town: Store, tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="this mapping is for places, not for tickets"):
        run(town, "import_tickets", file="x", mapping=str(tmp_path / "p.toml"))
    with pytest.raises(FileError, match="cannot be read"):
        run(town, "import", file=str(tmp_path / "none.csv"), mapping=write(tmp_path / "t.toml", TICKETS))


def test_a_default_point_of_yesterday_is_one_today(town: Store, tmp_path: Path) -> None:
    mapping = write(tmp_path / "t.toml", TICKETS)
    base = ("2025-01-01 08:00", "", "2025-01-03 08:00")
    many = [(f"d{n}", *base, "114.005", "30.005", "", "") for n in range(120)]
    many += [(f"p{n}", *base, f"114.01{n:03d}", "30.005", "", "") for n in range(400)]
    first = run(town, "import_tickets", file=tickets(tmp_path / "a.csv", many), mapping=mapping)
    assert list(first["default_points"]) == [{"lon": 114.005, "lat": 30.005, "rows": 120}]
    few = [("e1", *base, "114.005", "30.005", "", ""), ("e2", *base, "114.015", "30.005", "", "")]
    second = run(town, "import_tickets", file=tickets(tmp_path / "b.csv", few), mapping=mapping)
    assert list(second["default_points"]) == [{"lon": 114.005, "lat": 30.005, "rows": 1}]
    assert dict(second["located"]) == {"none": 1, "point": 1}
    other = write(tmp_path / "o.toml", TICKETS.replace('"test"', '"other"'))
    third = run(town, "import_tickets", file=tickets(tmp_path / "b.csv", few), mapping=other)
    assert (list(third["default_points"]), dict(third["located"])) == ([], {"point": 2})


def test_a_guess_is_written_for_a_person_to_edit(town: Store, tmp_path: Path) -> None:
    out = tmp_path / "guessed.toml"
    rows = [
        (str(n), f"2025-01-{n % 28 + 1:02d} 08:00", "", "2025-02-03 08:00", f"114.0{n:02d}", "30.005", "A", "x")
        for n in range(1, 20)
    ]
    found = run(town, "guess", file=tickets(tmp_path / "a.csv", rows), out=str(out))
    assert found["kind"] == "tickets"
    assert out.read_text("utf-8") == found["mapping_text"]
    assert all(set(line) >= {"key", "value", "confidence", "reason"} for line in found["lines"])


def test_exports_of_everything(town: Store, tmp_path: Path) -> None:
    run(town, "import_tickets", file=tickets(tmp_path / "a.csv", ROWS), mapping=write(tmp_path / "t.toml", TICKETS))
    for what, form, rows in (
        ("cases", "csv", 4),
        ("cases", "geojson", 4),
        ("places", "geojson", 3),
        ("quarantine", "csv", 1),
        ("cases", "parquet", 4),
    ):
        out = tmp_path / f"{what}.{form}"
        assert run(town, "export", what=what, format=form, out=str(out)) == {"file": str(out), "rows": rows}
        with pytest.raises(InputError, match="there is a file of this name already"):
            run(town, "export", what=what, format=form, out=str(out))
    report = run(
        town,
        "export",
        what="figures",
        format="csv",
        out=str(tmp_path / "f.csv"),
        level="community",
        period="2025",
        figures=["reported"],
    )
    assert report["rows"] == 3


def test_status_counts_what_there_is(town: Store) -> None:
    found = run(town, "status")
    assert (found["code"], found["cases"], found["places"]) == ("990100", 0, {"community": 2, "district": 1})


def test_an_import_of_places_that_ends_early_says_how(town: Store) -> None:
    for error, status in ((InputError("bad"), "refused"), (Cancelled("stop"), "cancelled"), (RuntimeError(), "failed")):
        with pytest.raises(type(error)), PlaceImport.begin(town, kind="places", file="x", digest="", mapping_text=""):
            raise error
        assert run(town, "imports")[0]["status"] == status


def test_one_import_at_a_time(town: Store) -> None:
    with (
        PlaceImport.begin(town, kind="places", file="x", digest="", mapping_text=""),
        pytest.raises(Refused, match="is still running"),
    ):
        PlaceImport.begin(town, kind="places", file="y", digest="", mapping_text="")
