"""Which column a guess takes for the address of the event."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.guess import guess
from etl.mapping import parse_mapping
from tests.etl.named_town import tree

TEXTS = ("青松苑3号楼2单元", "翠竹花园２栋", "金桂花园2号楼", "路边", "一纺院1栋", "红枫二村三栋二门")


def csv(path: Path, header: str, texts: tuple[str, ...] = TEXTS) -> Path:
    rows = [f"A{n:03d},2025-01-{n % 28 + 1:02d} 10:00,{texts[n % len(texts)]}" for n in range(60)]
    path.write_text("\n".join([f"工单编号,上报时间,{header}", *rows]) + "\n", "utf-8")
    return path


@pytest.mark.parametrize(
    "header", ["地址", "详细地址", "事发地址", "诉求地址", "发生地点", "address", "Incident Address"]
)
def test_an_address_of_the_district_is_proposed(tmp_path: Path, header: str) -> None:
    found = guess(csv(tmp_path / "t.csv", header), zone="Asia/Shanghai", trees=[tree()], language="zh")
    assert parse_mapping(found.mapping_text).location.address == (header,)
    line = next(line for line in found.lines if line.key == "location.address")
    assert (line.confidence, line.reason) == (0.92, f"列名“{header}”表示地址，83 %的文本可认出本区小区；原文不留存")
    assert not found.dropped


@pytest.mark.parametrize("header", ["联系地址", "户籍地址", "家庭住址", "home address"])
def test_the_home_of_a_caller_is_not(tmp_path: Path, header: str) -> None:
    found = guess(csv(tmp_path / "t.csv", header), zone="Asia/Shanghai", trees=[tree()])
    assert parse_mapping(found.mapping_text).location.address == ()
    assert len(found.dropped) == 1


def test_addresses_of_elsewhere_are_not(tmp_path: Path) -> None:
    file = csv(tmp_path / "t.csv", "地址", ("12 Main Street", "99 Elm Road", "北京路1号"))
    assert "address" not in guess(file, zone="Asia/Shanghai", trees=[tree()]).mapping_text.split("# Columns")[0]
    assert "address =" not in guess(csv(tmp_path / "u.csv", "地址"), zone="Asia/Shanghai").mapping_text
