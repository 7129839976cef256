"""Tickets that come with an address: placed, counted, reviewed; and their texts kept nowhere."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import shapely

from data.errors import InputError, MappingError, NotFound
from data.places import PLACE_ROWS, put_places
from data.progress import Quiet
from data.store import Store
from etl.address_commands import name_in
from etl.commands import COMMANDS
from etl.locate import relocate
from tests.etl.named_town import tree

MAPPING = """
name = "t"
kind = "tickets"
source = "hotline"
[fields]
id = "id"
reported_at = { column = "opened", format = "%Y-%m-%d" }
closed_at = { column = "closed", format = "%Y-%m-%d" }
[location]
lon = "lon"
lat = "lat"
address = "address"
[[location.places]]
level = "community"
column = "community"
"""
TEXTS = {
    "1": "青松苑 3 号楼 2 单元 1203 室",
    "2": "翠竹小区２栋，张女士13812345678",
    "3": "青松园",
    "4": "金桂花园2号楼3单元1805室，李女士13912345678",
    "5": "桃花源里3号楼2单元602",
    "6": "路边有垃圾",
    "7": "",
    "8": "柳岸社区门口",
    "9": "金桂花园5栋",
}
SQUARES = {f"C{n}": shapely.to_wkb(shapely.box(113.9 + n / 10, 30, 114 + n / 10, 30.1)) for n in (1, 2, 3)}
SECRETS = ("1203", "138123", "139123", "张女士", "李女士", "1805", "602", "路边", "２栋")
DIGEST = re.compile(r"\b[0-9a-f]{16}\b")  # of a definition: it may hold any digits


@pytest.fixture
def town(store: Store) -> Store:
    places = tree().to_pylist()
    code_of = {row["place_id"]: row["code"] for row in places}
    for level in ("street", "community", "estate", "building", "block"):
        rows = [
            {"row_number": n, "code": row["code"], "name": row["name"], "aliases": row["aliases"] or None}
            | ({"geometry": SQUARES[row["code"]]} if level == "community" else {})
            | ({} if level == "street" else {"parent_code": code_of[row["parent_id"]]})
            for n, row in enumerate(places, 1)
            if row["level"] == level
        ]
        names = ["row_number", "code", "name", "aliases"] + (["parent_code"] if level != "street" else [])
        names += ["geometry"] if level == "community" else []
        schema = pa.schema([PLACE_ROWS.field(name) for name in names])
        put_places(store, pa.Table.from_pylist(rows, schema=schema), level=level)
    return store


def run(store: Store, command: str, **args: Any) -> Any:
    return COMMANDS[command](store, args, Quiet())


def write(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    return str(path)


def tickets(
    path: Path, closed: str = "", texts: dict[str, str] = TEXTS, pointed: dict[str, str] | None = None, **community: str
) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        pointed, out = pointed or {}, csv.writer(file)
        out.writerow(("id", "opened", "closed", "lon", "lat", "address", "community"))
        for number, text in texts.items():
            opened = "yesterday" if number == "q" else "2025-01-01"
            point = (pointed[number], "30.05") if number in pointed else ("", "")
            out.writerow((number, opened, closed, *point, text, community.get(f"c{number}", "")))
    return str(path)


def imported(store: Store, folder: Path, **given: Any) -> Any:
    mapping = write(folder / "m.toml", MAPPING)
    return run(store, "import_tickets", file=tickets(folder / "t.csv", **given), mapping=mapping)


def places(store: Store) -> dict[str, tuple[Any, ...]]:
    """External id -> located, and the codes of community, estate, building and block."""
    rows = store.rows(
        """SELECT c.external_id, l.located, m.code AS community, e.code AS estate, b.code AS building, k.code AS block
           FROM cases c JOIN case_place l USING (case_id) LEFT JOIN place m ON m.place_id = l.community_id
           LEFT JOIN place e ON e.place_id = l.estate_id LEFT JOIN place b ON b.place_id = l.building_id
           LEFT JOIN place k ON k.place_id = l.block_id ORDER BY c.external_id"""
    )
    return {row.pop("external_id"): tuple(row.values()) for row in rows}


def waiting(store: Store) -> dict[str, tuple[str, str, list[str]]]:
    rows = run(store, "addresses_list")["rows"]
    return {row["number"]: (row["reason"], row["text"], [one["title"] for one in row["candidates"]]) for row in rows}


def test_addresses_place_their_cases_and_the_report_counts_them(town: Store, tmp_path: Path) -> None:
    result = imported(town, tmp_path)
    assert result["located"] == {"none": 4, "building": 2, "block": 1, "estate": 1, "community": 1}
    assert result["addresses"] == {
        "rows": {"texts": 8, "by_point": 0, "unnamed": 1},
        "placed": {"block": 1, "building": 2, "estate": 1, "community": 1},
        "how": {"exact": 1, "alias": 1, "slip": 1, "chosen": 1, "area": 1},
        "open": {"several": 1, "unknown": 1},
    }
    assert places(town) == {
        "1": ("block", "C1", "E1", "E1-3", "E1-3-2"),
        "2": ("building", "C1", "E2", "E2-2", None),
        "3": ("estate", "C1", "E1", None, None),
        "4": ("none", None, None, None, None),
        "5": ("none", None, None, None, None),
        "6": ("none", None, None, None, None),
        "7": ("none", None, None, None, None),
        "8": ("community", "C1", None, None, None),
        "9": ("building", "C2", "E3", "E3-5", None),
    }


def test_the_community_of_the_row_says_which_estate_is_meant(town: Store, tmp_path: Path) -> None:
    imported(town, tmp_path, c4="荷塘社区", c1="石桥社区")
    assert places(town)["4"] == ("block", "C3", "E4", "E4-2", "E4-2-3")
    assert places(town)["1"] == ("community", "C2", None, None, None)
    assert waiting(town)["1"][0] == "contradiction"


def test_a_point_says_more_than_an_address_and_asks_nobody(town: Store, tmp_path: Path) -> None:
    result = imported(town, tmp_path, pointed={"1": "114.25", "4": "114.15"})
    assert result["addresses"]["rows"] == {"texts": 8, "by_point": 2, "unnamed": 1}
    assert result["addresses"]["placed"] == {"building": 2, "estate": 1, "community": 1}
    assert places(town)["1"] == ("point", "C3", None, None, None)  # the address lies in another community
    assert places(town)["4"] == ("point", "C2", None, None, None)
    assert list(waiting(town)) == ["5"]


def test_an_address_says_more_than_a_point_that_hit_only_its_community(town: Store, tmp_path: Path) -> None:
    imported(town, tmp_path, pointed={"1": "114.05"})
    assert places(town)["1"] == ("block", "C1", "E1", "E1-3", "E1-3-2")


def test_what_is_uncertain_waits_with_a_masked_text(town: Store, tmp_path: Path) -> None:
    imported(town, tmp_path)
    assert waiting(town) == {
        "4": (
            "several",
            "金桂花园2号楼3单元[室],[人][电话]",
            ["金桂花园2号楼3单元（石桥社区）", "金桂花园2号楼3单元（荷塘社区）"],
        ),
        "5": ("unknown", "桃花源里3号楼2单元[室]", []),
    }


def test_no_text_is_left_anywhere(town: Store, tmp_path: Path) -> None:
    imported(town, tmp_path, texts={**TEXTS, "q": "青松苑3号楼2单元1203室 张女士13812345678"})
    tables = [
        row["t"]
        for row in town.rows(
            "SELECT table_schema || '.' || table_name AS t FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
        )
    ]
    for table in tables:
        for row in town.rows(f"SELECT * EXCLUDE (geometry) FROM {table}" if "place_version" in table else _all(table)):
            for value in row.values():
                told = DIGEST.sub("", value) if isinstance(value, str) else ""
                assert not any(secret in told for secret in SECRETS), (table, value)
    assert not list((town.home / "tmp").iterdir())


def _all(table: str) -> str:
    return f"SELECT COLUMNS(c -> c <> 'geometry') FROM {table}"


def test_settling_moves_the_case_and_erases_the_text(town: Store, tmp_path: Path) -> None:
    imported(town, tmp_path)
    number = {row["number"]: row["case_id"] for row in run(town, "addresses_list")["rows"]}
    settled = run(town, "addresses_settle", case=number["4"], candidate=2)
    assert (settled["status"], settled["title"]) == ("settled", "金桂花园2号楼3单元（荷塘社区）")
    run(town, "addresses_settle", case=number["5"], dismiss=True)
    assert waiting(town) == {}
    assert places(town)["4"] == ("block", "C3", "E4", "E4-2", "E4-2-3")
    assert places(town)["5"] == ("none", None, None, None, None)
    kept = town.rows(
        "SELECT status, text, candidates, place FROM address_match WHERE status <> 'placed' ORDER BY status"
    )
    assert kept == [
        {"status": "dismissed", "text": None, "candidates": None, "place": None},
        {"status": "settled", "text": None, "candidates": None, "place": "block=E4-2-3|building=E4-2|estate=E4"},
    ]
    line = town.rows("SELECT action, by_role, payload FROM transition WHERE action = 'corrected'")
    assert line == [
        {
            "action": "corrected",
            "by_role": "operator",
            "payload": '{"named_place":"block=E4-2-3|building=E4-2|estate=E4"}',
        }
    ]
    assert run(town, "check") == []
    with pytest.raises(NotFound, match="no uncertain address"):
        run(town, "addresses_settle", case=number["4"], place="E1")


def test_a_settled_place_outlives_the_next_file(town: Store, tmp_path: Path) -> None:
    imported(town, tmp_path)
    number = {row["number"]: row["case_id"] for row in run(town, "addresses_list")["rows"]}
    run(town, "addresses_settle", case=number["4"], place="estate=E4")
    same = imported(town, tmp_path)
    assert (same["unchanged"], same["updated"]) == (9, 0)
    changed = imported(town, tmp_path, closed="2025-01-05")
    assert (changed["unchanged"], changed["updated"]) == (0, 9)
    assert places(town)["4"] == ("estate", "C3", "E4", None, None)
    assert list(waiting(town)) == ["5"]
    assert town.rows("SELECT count(*) AS n FROM transition WHERE action = 'corrected'") == [{"n": 1}]
    assert town.rows("SELECT status, count(*) AS n FROM address_match GROUP BY status ORDER BY status") == [
        {"status": "open", "n": 1}, {"status": "placed", "n": 5}, {"status": "settled", "n": 1},
    ]  # fmt: skip


def test_a_settled_place_is_kept_when_places_change(town: Store, tmp_path: Path) -> None:
    imported(town, tmp_path)
    number = {row["number"]: row["case_id"] for row in run(town, "addresses_list")["rows"]}
    run(town, "addresses_settle", case=number["4"], place="building=E4-2")
    renamed = pa.table({"row_number": [1], "code": ["E4"], "name": ["金桂雅苑"]})
    put_places(town, renamed, level="estate", effective_from=date(2026, 1, 1))
    assert relocate(town) > 0
    found = town.rows(
        """SELECT located, count(*) AS n FROM case_place JOIN cases USING (case_id) WHERE external_id = '4'
           GROUP BY located"""
    )
    assert found == [{"located": "building", "n": 2}]


def test_a_place_is_told_by_code_by_address_or_by_candidate(town: Store, tmp_path: Path) -> None:
    imported(town, tmp_path)
    number = {row["number"]: row["case_id"] for row in run(town, "addresses_list")["rows"]}
    with pytest.raises(NotFound, match="no place has this code or address"):
        run(town, "addresses_settle", case=number["5"], place="E77")
    with pytest.raises(NotFound, match="no candidate 3"):
        run(town, "addresses_settle", case=number["4"], candidate=3)
    with pytest.raises(InputError, match="say one of"):
        run(town, "addresses_settle", case=number["5"])
    assert run(town, "addresses_settle", case=number["5"], place="青松苑3栋2门")["place"].startswith("block=E1-3-2|")
    assert run(town, "addresses_settle", case=number["4"], place="E3-2")["place"] == "building=E3-2|estate=E3"


def test_names_added_later_place_what_waits(town: Store, tmp_path: Path) -> None:
    imported(town, tmp_path)
    assert run(town, "addresses_retry") == {"read": 2, "placed": 0, "left": 2}
    folder = town.home / "definitions"
    folder.mkdir()
    write(folder / "aliases.toml", '[[place]]\nplace = "E8"\nnames = ["桃花源里"]\n')
    assert run(town, "addresses_retry") == {"read": 2, "placed": 1, "left": 1}
    assert places(town)["5"] == ("block", "C3", "E8", "E8-3", "E8-3-2")
    again = imported(town, tmp_path)
    assert (again["unchanged"], again["updated"]) == (8, 1)
    assert places(town)["5"] == ("block", "C3", "E8", "E8-3", "E8-3-2")
    assert town.rows("SELECT count(*) AS n FROM transition WHERE action = 'corrected'") == [{"n": 1}]


SAME = {"5": TEXTS["5"], "5b": TEXTS["5"], "10": "桃花源里4栋", "4": TEXTS["4"]}


def test_equal_texts_are_one_row_of_the_queue_and_settled_together(town: Store, tmp_path: Path) -> None:
    imported(town, tmp_path, texts=SAME)
    queue = run(town, "addresses_queue")
    assert queue["total"] == 4
    assert [(row["number"], row["cases"]) for row in queue["rows"]] == [("5", 2), ("10", 1), ("4", 1)]
    assert [name_in(town, row["text"]) for row in queue["rows"]] == ["桃花源里", "桃花源里", "金桂花园"]
    settled = run(town, "addresses_settle", case=queue["rows"][0]["case_id"], place="E8-3", equal=True)
    assert (settled["cases"], settled["also_placed"], settled["status"]) == (2, 0, "settled")
    assert places(town)["5"] == places(town)["5b"] == ("building", "C3", "E8", "E8-3", None)
    assert list(waiting(town)) == ["10", "4"]
    dismissed = run(town, "addresses_settle", case=queue["rows"][1]["case_id"], dismiss=True, equal=True)
    assert (dismissed["status"], dismissed["title"]) == ("dismissed", None)
    assert run(town, "check") == []


def test_a_name_kept_places_all_that_say_it_and_stands_in_the_citys_list(town: Store, tmp_path: Path) -> None:
    imported(town, tmp_path, texts=SAME)
    folder = town.home / "definitions"
    folder.mkdir()
    write(folder / "aliases.toml", '# ours\n[[place]]\nplace = "E1"\nnames = ["一纺院"]\n')
    case = run(town, "addresses_queue")["rows"][0]["case_id"]
    settled = run(town, "addresses_settle", case=case, place="estate=E8", equal=True, name="桃花源里")
    assert (settled["cases"], settled["also_placed"], settled["name"]) == (2, 1, "桃花源里")
    assert places(town)["5"] == places(town)["5b"] == ("block", "C3", "E8", "E8-3", "E8-3-2")
    assert places(town)["10"] == ("building", "C3", "E8", "E8-4", None)
    assert list(waiting(town)) == ["4"]
    text = (folder / "aliases.toml").read_text("utf-8")
    assert text == (
        '# ours\n[[place]]\nplace = "E1"\nnames = ["一纺院"]\n\n[[place]]\nplace = "E8"\nnames = ["桃花源里"]\n'
    )


@pytest.mark.parametrize(
    ("place", "name", "said"),
    [
        ("estate=E8", "青松苑", "another place is called so"),
        ("estate=E8", "柳岸社区", "another place is called so"),
        ("estate=E8", "桃花源里3号楼", "no name of an estate"),
        ("community=C1", "桃花源里", "only an estate"),
    ],
)
def test_a_name_that_says_too_little_is_refused_before_anything_is_done(
    town: Store, tmp_path: Path, place: str, name: str, said: str
) -> None:
    imported(town, tmp_path, texts=SAME)
    case = run(town, "addresses_queue")["rows"][0]["case_id"]
    with pytest.raises(InputError, match=said):
        run(town, "addresses_settle", case=case, place=place, name=name)
    assert list(waiting(town)) == ["5", "5b", "10", "4"]
    assert not (town.home / "definitions" / "aliases.toml").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[place]]\nplace = "E99"\n', "no place has the code or name E99"),
        ('[[place]]\nplace = "金桂花园"\n', "2 places are called 金桂花园"),
        ('[[place]]\nplace = "E1"\nnamen = []\n', "place.0.namen"),
        ("[[place\n", "cannot be read"),
    ],
)
def test_a_wrong_list_of_names_says_where(town: Store, tmp_path: Path, text: str, said: str) -> None:
    folder = town.home / "definitions"
    folder.mkdir()
    write(folder / "aliases.toml", text)
    with pytest.raises(MappingError) as raised:
        imported(town, tmp_path)
    assert said in f"{raised.value.where} {raised.value.what}"


def test_the_review_is_exported_masked(town: Store, tmp_path: Path) -> None:
    imported(town, tmp_path)
    out = tmp_path / "review.csv"
    assert run(town, "addresses_export", out=str(out))["rows"] == 2
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    assert [(row["number"], row["text"], row["candidates"]) for row in rows] == [
        (
            "4",
            "金桂花园2号楼3单元[室],[人][电话]",
            "金桂花园2号楼3单元（石桥社区）; 金桂花园2号楼3单元（荷塘社区）",
        ),
        ("5", "桃花源里3号楼2单元[室]", ""),
    ]


def test_a_quarantined_row_keeps_no_door_and_no_name(town: Store, tmp_path: Path) -> None:
    imported(town, tmp_path, texts={**TEXTS, "q": "青松苑3号楼2单元1203室 张女士13812345678"})
    record = town.rows("SELECT record FROM quarantine")[0]["record"]
    assert "青松苑3号楼2单元[室] [人][电话]" in record
