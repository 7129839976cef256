"""The page of the address review: what waits, what a text could mean, and what settling does; without a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dashboard.importing import addresses
from dashboard.languages import use
from data.errors import InputError, NotFound
from data.places import PLACE_ROWS, put_places
from data.progress import Quiet
from data.settings import Settings
from data.store import Store
from etl.commands import COMMANDS

MAPPING = """
name = "t"
kind = "tickets"
source = "hotline"
[fields]
id = "id"
reported_at = { column = "opened", format = "%Y-%m-%d" }
[location]
address = "address"
"""
ROWS = (
    "1,2025-01-01,望江苑3号楼\n2,2025-01-01,红旗大楼3号楼\n3,2025-01-01,红旗大楼3号楼\n"
    "4,2025-01-01,金桂花园5栋\n5,2025-01-01,红旗大楼7栋\n"
)


@pytest.fixture
def town(settings: Settings, tmp_path: Path) -> Iterator[Store]:
    """Three estates, two of one name, and five tickets, four of them uncertain."""
    with Store.create(
        settings.home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings
    ) as store:
        _put(store, "street", [("S", "清溪街道", None)])
        _put(store, "community", [("C1", "柳岸社区", "S"), ("C2", "荷塘社区", "S")])
        estates = [("E1", "望江苑", "C1"), ("E2", "金桂花园", "C1"), ("E3", "金桂花园", "C2")]
        _put(store, "estate", estates)
        _put(store, "building", [(f"{code}-{n}", f"{n}号楼", code) for code, _, _ in estates for n in (3, 5, 7)])
        (tmp_path / "t.csv").write_text("id,opened,address\n" + ROWS, "utf-8")
        (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
        given = {"file": str(tmp_path / "t.csv"), "mapping": str(tmp_path / "m.toml")}
        COMMANDS["import_tickets"](store, given, Quiet())
        yield store


def _put(store: Store, level: str, places: list[tuple[str, str, str | None]]) -> None:
    rows = [
        {"row_number": n, "code": c, "name": name, "parent_code": above} for n, (c, name, above) in enumerate(places)
    ]
    names = ["row_number", "code", "name", *(["parent_code"] if level != "street" else [])]
    schema = pa.schema([PLACE_ROWS.field(name) for name in names])
    put_places(store, pa.Table.from_pylist(rows, schema=schema), level=level)


def shown(component: Any) -> str:
    """A component as the browser gets it."""
    return json.dumps(component.to_plotly_json(), default=lambda part: part.to_plotly_json(), ensure_ascii=False)


def keys(store: Store) -> dict[str, str]:
    """Text -> the key of its row."""
    return {row["text"]: str(row["case_id"]) for row in addresses.waiting(store)[0]}


def test_equal_texts_are_one_line_and_all_are_counted(town: Store) -> None:
    rows, total = addresses.waiting(town)
    assert [(row["text"], row["cases"]) for row in rows] == [
        ("红旗大楼3号楼", 2),
        ("金桂花园5栋", 1),
        ("红旗大楼7栋", 1),
    ]
    assert total == 4
    assert "4 件工单的地址待核对" in shown(addresses.heading(rows, total))
    assert "×2" in shown(addresses.queue(rows)[0])


def test_a_card_offers_what_the_text_could_mean_and_that_nobody_can_tell(town: Store) -> None:
    rows, _total = addresses.waiting(town)
    text = shown(addresses.card(rows[1]))
    assert "有几个同名的地方" in text
    assert text.index("金桂花园5号楼（柳岸社区）") < text.index("金桂花园5号楼（荷塘社区）") < text.index("看不出来")
    assert "没有这个名称" in shown(addresses.card(rows[0], "红旗大楼"))


def test_settling_takes_all_equal_texts_and_says_what_it_did(town: Store) -> None:
    assert addresses.settled(town, keys(town)["金桂花园5栋"], "2", "", "") == "1 件 → 金桂花园5号楼（荷塘社区）"
    assert addresses.settled(town, keys(town)["红旗大楼3号楼"], "none", "", "红旗大楼") == "2 件 → 留在原处"
    assert list(keys(town)) == ["红旗大楼7栋"]


def test_a_name_kept_places_the_others_too(town: Store) -> None:
    said = addresses.settled(town, keys(town)["红旗大楼3号楼"], "other", "望江苑", "红旗大楼")
    assert said == "2 件 → 望江苑（柳岸社区）；“红旗大楼”记下后，另有 1 件也找到了地方"
    assert list(keys(town)) == ["金桂花园5栋"]


def test_what_is_not_said_or_cannot_be_is_refused_and_changes_nothing(town: Store) -> None:
    case = keys(town)["红旗大楼3号楼"]
    with pytest.raises(NotFound, match="no place is named"):
        addresses.settled(town, case, "other", "  ", "")
    with pytest.raises(NotFound, match="no candidate 4"):
        addresses.settled(town, case, "4", "", "")
    with pytest.raises(InputError, match="another place is called so"):
        addresses.settled(town, case, "other", "望江苑", "金桂花园")
    assert len(keys(town)) == 3


def test_where_nothing_waits_the_page_says_so_kindly(town: Store) -> None:
    for case in keys(town).values():
        addresses.settled(town, case, "none", "", "")
    rows, total = addresses.waiting(town)
    assert (rows, total) == ([], 0)
    assert "没有待核对的地址" in shown(addresses.heading(rows, total))
    use("en")
    assert "No address waits" in shown(addresses.heading(rows, total))
