"""What a person does on the import page, done by a browser: drop, correct, preview, import, settle the quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import Visit

pytestmark = pytest.mark.e2e

HEADER = "工单编号,受理时间,办结时限,办结时间,工单状态,诉求类型,承办单位,来源渠道,所属社区,联系电话\n"
LONG = 60_000  # milliseconds


def export() -> bytes:
    """40 good tickets, the last one twice, and one whose time is none; as a Chinese spreadsheet program saves it."""
    lines = []
    for i in range(40):
        closed = f"2025-06-{i % 20 + 3:02} 10:00:00" if i % 4 else ""
        state = "已办结" if closed else "办理中"
        kind, unit = (("道路设施", "市政公司"), ("噪声扰民", "综合执法队"), ("停车管理", "交警大队"))[i % 3]
        lines.append(
            f"SG{i:05},2025-06-{i % 20 + 1:02} 09:30:00,2025-06-{i % 20 + 5:02} 18:00:00,{closed},{state},{kind},{unit},"
            f"{('12345热线', '巡查')[i % 2]},{('书院社区', '北港社区')[i % 2]},13800000000\n"
        )
    bad = "SG99999,昨天,2025-06-30 18:00:00,,办理中,道路设施,市政公司,12345热线,书院社区,13800000000\n"
    return (HEADER + "".join(lines) + lines[-1] + bad).encode("gb18030")


@pytest.fixture
def page(own_server: str, browser: Browser) -> Iterator[Page]:
    """The import page in Chinese; any fault on it fails the test."""
    context: BrowserContext = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
    context.add_cookies([{"name": "language", "value": "zh", "url": own_server}])
    here = Visit(context.new_page(), own_server)
    here.watch()
    yield here.open("/imports")
    context.close()
    assert here.faults == []


def drop(page: Page, file: Path) -> None:
    """Choose a file and wait for the proposal."""
    with page.expect_file_chooser() as chooser:
        page.locator("#import-drop").click()
    chooser.value.set_files(file)
    expect(page.locator(".import-table").first).to_be_visible(timeout=LONG)


def column_of(page: Page, field: str) -> str:
    """The column a field is taken from."""
    return page.get_by_role("row", name=field, exact=False).locator("input").first.input_value()


def test_a_chinese_export_is_proposed_corrected_previewed_and_imported(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "工单导出.csv"
    file.write_bytes(export())
    drop(page, file)
    assert column_of(page, "编号") == "工单编号"
    assert column_of(page, "上报时间") == "受理时间"
    assert column_of(page, "办结时限") == "办结时限"
    expect(page.locator("#import-fields")).to_contain_text("联系电话")

    text = page.locator("#import-mapping")
    assert 'channel = "来源渠道"' in text.input_value()
    row = page.get_by_role("row", name="来源", exact=False)
    row.get_by_label("清除").click()
    page.wait_for_timeout(1500)
    assert "来源渠道" not in text.input_value().partition("[location]")[0]

    page.locator("#import-preview-button").click()
    expect(page.locator("#import-outcome h2")).to_have_text("前 41 行将会是这样", timeout=LONG)
    expect(page.locator("#import-outcome")).to_contain_text("书院社区")
    expect(page.locator("#import-outcome h3")).to_have_text("其中 1 行将被隔离")

    page.locator("#import-take-button").click()
    sums = page.locator(".import-outcome .sums strong")
    expect(sums).to_have_text(["40", "0", "0", "1", "1", "42"], timeout=LONG)
    expect(page.locator("#import-outcome")).not_to_contain_text("rows")

    page.get_by_role("tab", name="导入记录").click()
    page.locator("#import-earlier .ag-row", has_text="工单导出.csv").click()
    expect(page.locator("#quarantine .ag-row")).to_have_count(1, timeout=LONG)
    expect(page.locator("#quarantine .ag-row")).to_contain_text("昨天")
    with page.expect_download() as download:
        page.locator("#quarantine-export").click()
    assert "昨天" in Path(download.value.path()).read_text("utf-8-sig")


def test_a_file_that_is_none_says_so_and_imports_nothing(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "空.csv"
    file.write_bytes(HEADER.encode())
    with page.expect_file_chooser() as chooser:
        page.locator("#import-drop").click()
    chooser.value.set_files(file)
    failure = page.locator("#import-bar .message")
    expect(failure).to_be_visible(timeout=LONG)
    assert "header" not in failure.inner_text()


def test_picked_rows_are_dropped_by_the_button_alone(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "坏行.csv"
    good = [f"K{i},2025-05-{i % 27 + 1:02} 10:00:00,路灯,书院社区" for i in range(40)]
    bad = [f"L{i},昨天,井盖,北港社区" for i in range(3)]
    file.write_text("\n".join(["工单编号,受理时间,诉求类别,所属社区", *good, *bad]) + "\n", "utf-8")
    drop(page, file)
    page.locator("#import-take-button").click()
    expect(page.locator(".import-outcome .sums strong").last).to_have_text("43", timeout=LONG)

    page.get_by_role("tab", name="导入记录").click()
    page.locator("#import-earlier .ag-row", has_text="坏行.csv").click()
    rows = page.locator("#quarantine .ag-row")
    expect(rows).to_have_count(3, timeout=LONG)
    rows.nth(0).locator("input").check()
    page.locator("#drop-quarantined").click()
    expect(rows.nth(0)).to_contain_text("已放弃", timeout=LONG)
    rows.nth(1).locator("input").check()
    page.locator("#quarantine .ag-header-cell", has_text="行").first.click()  # sorting asks for the rows again
    page.wait_for_timeout(1500)
    expect(page.locator("#quarantine .ag-row", has_text="待处理")).to_have_count(2)
