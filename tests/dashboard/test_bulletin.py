from __future__ import annotations

import io
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from starlette.testclient import TestClient

from dashboard.bulletin import sentences
from dashboard.bulletin.asking import About, about, kind_of, latest, period_of, period_words
from dashboard.bulletin.changes import against, short
from dashboard.bulletin.comparing import change
from dashboard.bulletin.content import Bulletin, Change
from dashboard.bulletin.counting import bulletin_of, headlines
from dashboard.bulletin.issuing import FOLDER, content_of, run_bulletin
from dashboard.bulletin.printing import printed
from dashboard.bulletin.schedule import due, moment_of
from dashboard.bulletin.standings import Standing
from dashboard.bulletin.template import Turn, template, word_template
from dashboard.languages import use
from dashboard.rankings.league import Row
from data.bulletins import bulletin, issued
from data.definitions import FOLDER as DEFINITIONS
from data.errors import Cancelled, InputError, NotFound, Refused, StoreError
from data.figures import Question, figures
from data.movements import Movement
from data.periods import Period, parse_period
from data.progress import Quiet
from data.settings import Settings
from data.store import Store
from tests.dashboard.posts import session

NOW = datetime(2024, 4, 2, 4, tzinfo=UTC)


def march(store: Store, code: str = "") -> About:
    return about(store, "monthly", parse_period("2024-03", store.zone), code, NOW)


def made(store: Store, code: str = "") -> Bulletin:
    return bulletin_of(store, march(store, code), template(store.home), 1, Quiet())


def test_a_change_too_small_to_print_is_none() -> None:
    assert change("on_time_rate", Movement("up", 0.04)) == Change("up", 0.04, True)
    assert change("rework_rate", Movement("up", 0.01)) == Change("up", 0.01, False)
    assert change("reported", Movement("down", -0.2)) == Change("down", -0.2, None)
    assert change("on_time_rate", Movement("up", 0.0001)) == Change("same", 0.0001)
    assert change("on_time_rate", Movement("few", -0.1)) == Change("few", -0.1)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("zh", ["环比上升 4.0 个百分点", "环比下降 20.0%", "环比持平", "环比基本持平（−0.5 个百分点）", "环比样本不足，不作比较", ""]),
        ("en", ["up 4.0 percentage points vs previous", "down 20.0% vs previous", "vs previous unchanged",
                "about level vs previous (−0.5 percentage points)", "too few cases to compare vs previous", ""]),
    ],
)  # fmt: skip
def test_every_change_has_its_words(code: str, words: list[str]) -> None:
    use(code)
    word = "环比" if code == "zh" else "vs previous"
    found = [("on_time_rate", Change("up", 0.04, True)), ("reported", Change("down", -0.2)), ("on_time_rate", Change("same", 0.0)),
             ("on_time_rate", Change("same", -0.005)), ("on_time_rate", Change("few")), ("on_time_rate", Change("none"))]  # fmt: skip
    said = [against(name, one, word) for name, one in found]
    assert [one.replace("unchanged vs previous", "vs previous unchanged") for one in said] == words
    assert short("on_time_rate", Change("up", 0.04)) == "↑ 4.0"


def test_first_and_last_are_named_and_whether_their_ranks_overlap() -> None:
    def row(name: str, rank: int | None, value: float, n: int, *ends: int | None) -> Row:
        return {"name": name, "rank": rank, "value": value, "n": n, "rank_low": ends[0], "rank_high": ends[1]}

    two = (row("甲", 1, 0.95, 400, 1, 1), row("乙", 2, 0.85, 400, 2, 2))
    near = (row("甲", 1, 0.95, 400, 1, 2), row("乙", 2, 0.94, 400, 1, 2), row("丙", None, 0.1, 29, None, None))
    apart, alike = (Standing("on_time_rate", "community", "社区", 30, "", 2, rows) for rows in (two, near))
    assert sentences.spread("on_time_rate", apart) == [
        "按期办结率排在最前的社区是甲 95.0%（n\u00a0400，名次区间\u00a01），最后的是乙 85.0%（n\u00a0400，名次区间\u00a02）。"
    ]
    assert "名次区间重叠，不能断定高低" in sentences.spread("on_time_rate", alike)[0]
    assert "另有 1 个社区样本不足 30 件" in sentences.spread("on_time_rate", alike)[0]


def test_numbers_of_a_hand_made_month(town_store: Store) -> None:
    found = headlines(town_store, march(town_store))
    assert (found["reported"].value, found["overdue_open"].value) == (24, 5)
    assert (found["on_time_rate"].value, found["on_time_rate"].n) == (13 / 20, 20)
    one = {section.key: section for section in made(town_store).sections}
    assert one["overview"].paragraphs[0].startswith("2024年3月，青禾区共上报案件 24 件。")
    assert [line[:2] for line in one["categories"].tables[0].rows] == [("占道经营", 21), ("=路灯", 3)]
    assert one["three_rates"].paragraphs == ("本期没有有效回访，三率无数据。",)
    assert len(one["overdue"].tables[0].rows) == 5


def test_english_has_no_chinese_but_names(town_store: Store) -> None:
    use("en")
    content = made(town_store)
    told = [text for section in content.sections for text in (section.title, *section.paragraphs)]
    told += [column.name for section in content.sections for table in section.tables for column in table.columns]
    names = ("青禾区", "北门街道", "河东街道", "城管中队", "占道经营", "=路灯")
    for name in names:
        told = [text.replace(name, "") for text in told]
    assert [text for text in told if any("\u4e00" <= c <= "\u9fff" or c in "，。" for c in text)] == []


@pytest.fixture(scope="module")
def files(town: Settings) -> dict[str, bytes]:
    """A bulletin's files, printed once."""
    with Store.open(town.home, town) as store:
        use("zh")
        return dict(printed(made(store), template(store.home), str(word_template(store.home, "zh")), progress=Quiet()))


def test_the_files_say_the_same(files: dict[str, bytes]) -> None:
    assert files["pdf"].startswith(b"%PDF")
    assert b"NotoSansCJKSC" in files["pdf"]
    document = Document(io.BytesIO(files["docx"]))
    text = "\n".join(one.text for one in document.paragraphs)
    assert "青禾区网格治理月报" in text
    assert "2024年3月，青禾区共上报案件 24 件。" in text
    assert "{{" not in text + "".join(
        cell.text for table in document.tables for row in table.rows for cell in row.cells
    )
    cells = [cell.text for cell in document.tables[0].rows[5].cells]
    assert cells[:3] == ["按期办结率", "65.0%", "20"]
    assert len(document.inline_shapes) == 3  # the days, two maps
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert rows[1][:2] == ["区域", "青禾区"]
    assert next(row for row in rows if row[0] == "按期办结率")[1] == 0.65


def test_a_bulletin_is_issued_listed_and_can_be_counted_again(town_store: Store, tmp_path: Path) -> None:
    done = run_bulletin(town_store, {"period": "2024-03", "out": str(tmp_path / "out")}, Quiet())
    kept = bulletin(town_store, done["bulletin"])
    assert [Path(one).suffix for one in done["files"]] == [".pdf", ".docx", ".xlsx"]
    assert [sha256(Path(one).read_bytes()).hexdigest() for one in done["files"]] == [one.sha256 for one in kept.files]
    assert (kept.what, kept.place_id, kept.number, kept.made_by, kept.made_role) == (
        "monthly",
        None,
        1,
        "command line",
        "leader",
    )
    again = Question("district", kept.starts_at, kept.ends_at, as_of=kept.as_of, published=kept.published_at)
    assert figures(town_store, again)[0].figures["on_time_rate"].value == 13 / 20
    assert content_of(town_store, kept.bulletin_id, kept.files[0].name).startswith(b"%PDF")
    (town_store.home / FOLDER / f"{kept.bulletin_id:06d}" / kept.files[0].name).write_bytes(b"other")
    with pytest.raises(StoreError, match="changed after it was issued"):
        content_of(town_store, kept.bulletin_id, kept.files[0].name)
    with pytest.raises(NotFound):
        content_of(town_store, kept.bulletin_id, "../../jingwei.duckdb")


class Stopped(Quiet):
    """Somebody stops it at once."""

    def check(self) -> None:
        raise Cancelled("stopped")


def test_one_that_is_stopped_leaves_nothing(town_store: Store) -> None:
    before = len(issued(town_store))
    with pytest.raises(Cancelled):
        run_bulletin(town_store, {"period": "2024-03"}, Stopped())
    assert len(issued(town_store)) == before


@pytest.mark.parametrize(
    ("args", "what"),
    [({"what": "daily"}, "no kind"), ({"language": "fr"}, "no language"), ({"period": "2999-01"}, "not begun"),
     ({"period": "2024-03", "place": "G1"}, "district or a street")],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(town_store: Store, args: dict[str, str], what: str) -> None:
    with pytest.raises(InputError, match=what):
        run_bulletin(town_store, args, Quiet())


def test_periods_are_whole_months_and_weeks(town_store: Store) -> None:
    now = datetime(2024, 4, 3, 12, tzinfo=UTC)  # a Wednesday
    month, week = latest(town_store, "monthly", now), latest(town_store, "weekly", now)
    assert (period_words(month, "monthly"), period_words(week, "weekly")) == ("2024年3月", "2024年3月25日至3月31日")
    assert [kind_of(one) for one in (month, week)] == ["monthly", "weekly"]
    assert period_of(town_store, "weekly", "2024-03-20", now) == Period(*(one.start for one in (
        parse_period("2024-03-18", town_store.zone), parse_period("2024-03-25", town_store.zone))))  # fmt: skip
    assert moment_of(month, Turn(day=3, hour=9)).isoformat() == "2024-04-03T09:00:00+08:00"


def test_what_is_scheduled_is_due_once(town_store: Store) -> None:
    shipped = template(town_store.home)
    assert due(town_store, shipped, NOW) == []
    turn = Turn(places=["S1"], day=2, hour=8)
    own = shipped.model_copy(update={"schedule": shipped.schedule.model_copy(update={"monthly": turn})})
    early, later = datetime(2023, 5, 1, 23, tzinfo=UTC), datetime(2023, 5, 2, 0, tzinfo=UTC)
    assert due(town_store, own, early) == []
    found = due(town_store, own, later)
    assert [(what, period_words(period, what), code) for what, period, code in found] == [
        ("monthly", "2023年4月", "S1")
    ]
    assert issued(town_store) == [] or issued(town_store)[0].place_id is None


def test_a_city_s_own_template_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / DEFINITIONS / "bulletin"
    own.mkdir(parents=True)
    text = (Path(template.__code__.co_filename).parent / "bulletin.toml").read_text("utf-8")
    (own / "bulletin.toml").write_text(text.replace("网格治理月报", "社会治理月报"), "utf-8")
    assert template(tmp_path).masthead.monthly.zh == "{place}社会治理月报"
    (own / "bulletin.toml").write_text(text.replace("day = 1", "day = 31"), "utf-8")
    with pytest.raises(InputError) as refused:
        template(tmp_path)
    assert "schedule.monthly.day" in refused.value.where


def test_only_a_role_of_the_place_issues_one(client: TestClient) -> None:
    assert client.get("/bulletins", headers=session(client, "handler", "unit_handler")).status_code in (303, 403)
    store = client.app.state.desk.store  # type: ignore[attr-defined]
    from data.actors import Actor, Grant
    from data.bulletins import role_for

    with pytest.raises(Refused):
        role_for(store, None, Actor("person", "x", "x", (Grant("planner"),)))
    assert role_for(store, None, Actor("person", "x", "x", (Grant("leader"),))) == "leader"


def test_the_screen_s_table_and_map_leave_as_files(client: TestClient) -> None:
    table = client.get("/export/places.csv?level=grid&figure=on_time_rate")
    lines = table.content.decode("utf-8-sig").splitlines()
    assert lines[:2] == ["区域,青禾区", "层级,网格"]
    assert "G1,第1网格,0.8,10,0" in lines
    book = openpyxl.load_workbook(io.BytesIO(client.get("/export/places.xlsx?level=grid&figure=on_time_rate").content))
    assert "G1" in [cell.value for cell in book.worksheets[0]["A"]]
    assert client.get("/export/places.exe?level=grid").status_code == 422
    drawn = client.get("/export/map.png?level=grid")
    assert (drawn.headers["content-type"], drawn.content[:4]) == ("image/png", b"\x89PNG")
