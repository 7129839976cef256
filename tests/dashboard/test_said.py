from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from dashboard import messages
from dashboard.importing import progress, rows
from dashboard.jobs import Job
from dashboard.languages import use
from dashboard.said import in_a_line, in_words, parts_of
from data.errors import FileError, MappingError
from etl.faults import summary
from etl.mapping import parse_mapping


@pytest.fixture(autouse=True)
def reader() -> Iterator[None]:
    use("zh")
    yield
    use("zh")


@pytest.mark.parametrize(("english", "said"), [
    ("the file is empty", "文件为空"),
    ("the file has no column \"open_dt\" (2 more are missing).", "文件没有“open_dt”列（另缺 2 列）"),
    ("the zip holds 12,345 files, more than 1,000", "zip 中有 12,345 个文件，超过 1,000 个"),
    ("there is no layer 'Grids'", "没有图层“Grids”"),
    ("a quote is not closed and took in 7 more rows", "有引号未闭合，多并入 7 行"),
    ("3 cells where the header has 5; a quote is not closed and took in 7 more lines",
     "有 3 个单元格，表头有 5 列；有引号未闭合，多并入 7 行"),
    ("same id, different content", "编号相同而内容不同"),
    ("Set layer in [file] to one of: grids, micro grids.", "请把 [file] 中的 layer 设为其中之一：grids、micro grids。"),
    ("status: \"Foo\" (3 rows), \"a, b\" (1,200 rows) not listed in [status.values], taken as not said",
     "status：“Foo”（3 行）、“a, b”（1,200 行）未列入 [status.values]，按未说明处理"),
    ("grid 371302001014003 东风里 and grid 371302001014004 西园 overlap by 1,234 m²",
     "网格 371302001014003 东风里与网格 371302001014004 西园重叠 1,234 平方米"),
    ("the file cannot be read (Permission denied).", "文件无法读取（没有权限）"),
    ("households \"about 12, or more\" is no count; taken as not known", "户数“about 12, or more”不是数目，按未知处理"),
    ("locate cases", "重新定位案件"),
])  # fmt: skip
def test_a_text_is_said_in_chinese(english: str, said: str) -> None:
    assert in_words(english) == said


def test_the_refusal_of_a_file_quotes_its_reasons() -> None:
    rules = Counter({("open_dt", "unreadable date (%Y-%m-%d)"): 1204, ("", "no id"): 3})
    what = f"1,207 of 3,000 rows cannot be taken (40.2%, the limit is 20%). Nothing was imported. {summary(rules)}."
    assert in_words(what) == (
        "3,000 行中有 1,207 行不能收下（40.2%，上限 20%），未导入任何数据。"
        "open_dt 列有 1,204 行日期无法识别（%Y-%m-%d）；3 行缺少编号。"
    )


@pytest.mark.parametrize(("english", "said"), [
    ("import 3 (no id) is still running.", "第 3 次导入（no id）仍在进行"),
    ("the file has no column \"there is no layer 'x'\".", "文件没有“there is no layer 'x'”列"),
    ("there is no sheet 'the file is empty'", "没有工作表“the file is empty”"),
    ("the zip holds a file name that leaves its folder: '../the file is {0}.csv'",
     "zip 中有越出文件夹的文件名：“../the file is {0}.csv”"),
])  # fmt: skip
def test_names_that_look_like_our_texts_stay_as_they_are(english: str, said: str) -> None:
    assert in_words(english) == said


def test_where_is_not_taken_for_what() -> None:
    assert in_words("there is no store yet.", where=True) == "there is no store yet."
    assert in_words("tickets.csv, row 1,204", where=True) == "tickets.csv，第 1,204 行"


def test_what_is_not_known_is_shown_as_it_came() -> None:
    assert in_words("an unheard-of thing, {0} of it") == "an unheard-of thing, {0} of it"
    assert in_words("") == ""


def test_an_english_reader_gets_the_program_s_own_words() -> None:
    use("en")
    assert in_words("the file is empty") == "the file is empty"


def test_an_error_is_told_in_chinese() -> None:
    error = FileError("the file is empty", where="a.csv", todo="Export it again.")
    assert parts_of(error) == {"error": "FileError", "what": "文件为空", "where": "a.csv", "todo": "请重新导出。"}

    assert in_a_line(error) == "a.csv: 文件为空 请重新导出。"
    shown = str(messages.failure_of(error))
    assert "文件为空" in shown
    assert "Export" not in shown


def test_a_page_is_not_told_where_on_the_machine_a_file_lies() -> None:
    assert parts_of(FileError("the file is empty.", where="/srv/var/uploads/a.csv"))["where"] == "a.csv"
    assert parts_of(FileError("the file is empty.", where="grid/0"))["where"] == "grid/0"


def test_a_fault_of_a_mapping_is_told_in_chinese() -> None:
    with pytest.raises(MappingError) as caught:
        parse_mapping('format = 1\nname = "x"\nkind = "tickets"\nnmae = 2\n[fields]\nid = "a"\n')
    assert in_words(caught.value.what) == "没有这个键。"


@pytest.mark.parametrize(("label", "said"), [
    ("read", "读取与检查"), ("locate", "定位"), ("write", "写入"), ("", "导入"), ("something new", "导入"),
])  # fmt: skip
def test_the_step_of_work_is_said_in_chinese(label: str, said: str) -> None:
    assert progress.step(Job("1", "import", label=label)) == said


def test_the_step_of_work_is_said_in_english() -> None:
    use("en")
    assert progress.step(Job("1", "import", label="locate cases")) == "Locate cases"


def test_an_error_is_answered_in_the_language_of_the_cookie(client: TestClient) -> None:
    assert client.get("/language/xx").json() == {
        "error": "NotFound", "what": "没有这种语言", "where": "xx", "todo": "可选：zh、en。",
    }  # fmt: skip
    client.cookies.set("language", "en")
    assert client.get("/language/xx").json()["what"] == "there is no such language"


def test_a_preview_gives_its_reasons_in_chinese() -> None:
    bad = {"row_number": 7, "column_name": "id", "value": None, "rule": "no id"}
    shown = str(rows.previewed({"rows": [], "columns": [], "quarantined": [bad]}))
    assert "缺少编号" in shown
    assert "no id" not in shown


def test_a_report_is_told_in_chinese() -> None:
    report = {
        "file": "a.csv", "warnings": ["3 characters cannot be read as utf-8"], "located": {"point": 2, "none": 1},
        "repaired": [{"row": 4, "what": "not valid (Self-intersection[1 2]); made valid"}],
    }  # fmt: skip
    shown = str(rows.taken(report))
    assert "3 个字符不能按 utf-8 读取" in shown
    assert "第 4 行：图形无效（自相交 [1 2]），已修复" in shown
    assert "坐标点 2" in shown
