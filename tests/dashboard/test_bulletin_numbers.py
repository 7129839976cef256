"""Every number of a bulletin beside the one its page shows: asked of the pages' own functions, of the district and of a street, of a
month and of a week."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from docx import Document

from dashboard.bulletin.asking import About, about, kind_of
from dashboard.bulletin.cells import printed_cell
from dashboard.bulletin.content import Bulletin, Change, Section, Span, Table
from dashboard.bulletin.counting import HEADLINES, MAPPED, bulletin_of
from dashboard.bulletin.printing import printed
from dashboard.bulletin.template import template, word_template
from dashboard.bulletin.workbook import workbook
from dashboard.choice import Choice
from dashboard.formats import count, number
from dashboard.languages import use
from dashboard.one_map import headlines
from dashboard.one_map.canvas import painted_of
from dashboard.one_map.values import values
from dashboard.questions import Asked, ask, resolve
from dashboard.rankings.choice import of_choice, of_search
from dashboard.rankings.league import league, rows
from data.figures import CATALOGUE, Filter, PlaceFigures, Question, figures
from data.list_filters import Sort
from data.listings import cases_of
from data.periods import Period, parse_period
from data.progress import Quiet
from data.settings import Settings
from data.store import Store
from data.topics import topics

NOW = datetime(2024, 4, 2, 4, tzinfo=UTC)
PERIODS = {"monthly": "2024-03", "weekly": "2024-03-08/2024-03-15"}
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True)
class Beside:
    """A bulletin, and what the screens are asked: the same days, the same moment, the same place."""

    store: Store
    of: About
    content: Bulletin
    asked: Asked

    @property
    def inner(self) -> str:
        """The level its tables list."""
        return "community" if self.of.code else "street"

    @property
    def row(self) -> PlaceFigures:
        """The figures of the place as its card has them."""
        return self.row_of(self.asked)

    def row_of(self, asked: Asked) -> PlaceFigures:
        """The same of other days."""
        found = ask(self.store, asked.question(self.of.level, within=self.of.code or None))
        return next(row for row in found if self.of.code in ("", row.place))

    def section(self, key: str) -> Section:
        """A part of the bulletin."""
        return next(one for one in self.content.sections if one.key == key)

    def table(self, key: str) -> Table:
        """A table of the bulletin, whole."""
        found = [one for part in self.content.sections for one in (*part.tables, *part.sheets) if one.key == key]
        return found[-1]

    def choice(self, **more: Any) -> Choice:
        """What the controls of the map page say."""
        return replace(self.asked.choice, **more)


@pytest.fixture(scope="module")
def store(town: Settings) -> Iterator[Store]:
    with Store.open(town.home, town) as opened:
        yield opened


@pytest.fixture(scope="module", params=[(what, code) for what in PERIODS for code in ("", "S1")])
def beside(store: Store, request: pytest.FixtureRequest) -> Beside:
    what, code = request.param
    use("zh")
    period = parse_period(PERIODS[what], store.zone)
    of = about(store, kind_of(period), period, code, NOW)
    days = (period.start.date(), period.last_day(store.zone))
    asked = resolve(store, Choice(period="custom", range=days), NOW)
    return Beside(store, of, bulletin_of(store, of, template(store.home), 1, Quiet()), asked)


def text_of(component: Any) -> str:
    """The words of a component."""
    if isinstance(component, (list, tuple)):
        return "".join(text_of(one) for one in component)
    return component if isinstance(component, str) else text_of(getattr(component, "children", None) or "")


def test_the_figures_are_those_of_the_cards(beside: Beside) -> None:
    shown = beside.section("overview").headlines
    assert [one.figure for one in shown] == list(HEADLINES)
    earlier = {"before": beside.asked.earlier(), "year": beside.asked.year_earlier()}
    for one in shown:
        figure, definition = beside.row.figures[one.figure], CATALOGUE[one.figure]
        assert (one.value, one.n) == (figure.value, None if definition.type == "count" else figure.denominator)
        card = text_of(headlines.card(beside.row, one.figure))
        assert number(one.value, one.unit) in card
        for name, then in earlier.items():
            change = getattr(one, name)
            if change.by is None:
                continue
            said = text_of(headlines.comparison(one.figure, figure, beside.row_of(then), "环比"))
            share = definition.type == "count"
            amount = f"{abs(change.by) * 100:,.1f}%" if share else number(abs(change.by), definition.unit)
            assert amount in said or said == "环比持平"


def test_the_table_of_places_is_the_map_s(beside: Beside) -> None:
    table = beside.table(f"places_{beside.inner}")
    columns = {1: "reported", 3: "on_time_rate", 6: "overdue_open", 7: "satisfaction_rate"}
    for at, figure in columns.items():
        screen = values(beside.store, beside.asked, figure, beside.inner, beside.of.code or None)
        lines = [line for line in table.rows[:-1] if line[0] != "未定位到本层级"]
        assert [line[0] for line in lines] == screen.names
        assert [line[at] for line in lines] == [None if v != v else v for v in screen.value.tolist()]
        if screen.denominator is not None:
            assert [line[at + 1] for line in lines] == screen.denominator.tolist()
        rest = [line[at] for line in table.rows[:-1] if line[0] == "未定位到本层级"]
        nowhere = None if screen.nowhere is None else screen.nowhere.value.tolist()
        assert [one for one in rest if one] == [one for one in nowhere or [] if one == one and one]
        assert table.rows[-1][at] == beside.row.figures[figure].value
    then = beside.asked.earlier()
    for at, figure in ((2, "reported"), (5, "on_time_rate")):
        old = values(beside.store, then, figure, beside.inner, beside.of.code or None)
        for line in table.rows[:-1]:
            if isinstance(line[at], Change) and line[at].by is not None:
                new, was = line[at - 1] if at == 2 else line[3], old.value[old.names.index(line[0])]
                by = (new - was) / was if figure == "reported" else new - was
                assert line[at].by == pytest.approx(by)


@pytest.mark.parametrize("level", ["inner", "unit"])
def test_the_ranks_are_those_of_the_league_table(beside: Beside, level: str) -> None:
    subject = beside.inner if level == "inner" else level
    first, last = beside.asked.choice.range or (date.min, date.max)
    search = f"?subject={subject}&figure=on_time_rate&period=custom&range={first}&range={last}"
    found = rows(league(beside.store, of_choice(beside.store, of_search(search), NOW)))
    inside = {row.place for row in beside.of.rows(beside.store, subject) if row.n or row.figures["due"].value}
    own = inside if beside.of.code else {one["code"] for one in found}
    screen = [one for one in found if one["code"] in own and one["value"] is not None]
    table = beside.table(f"ranks_{subject}")
    pair = lambda a, b: None if a is None else Span(a, b)  # noqa: E731
    assert list(table.rows) == [
        (
            one["rank"], one["name"], one["value"], one["n"], pair(one["low"], one["high"]), one["score"],
            pair(one["rank_low"], one["rank_high"]), one["before"],
        )
        for one in screen
    ]  # fmt: skip
    if level == "inner" and len(screen) > 1:
        chart = next(one for one in beside.section("streets").charts if one.key == "places")
        drawn = dict(zip(chart.labels, zip(chart.series[0].values, chart.series[0].ends, strict=True), strict=True))
        assert drawn == {one["name"]: (one["value"], (one["low"], one["high"])) for one in screen}


def test_the_categories_are_those_of_the_topics(beside: Beside) -> None:
    place = (Filter("place", (beside.of.code,)),) if beside.of.code else ()
    asked = [
        Question("district", one.period.start, one.period.end, as_of=one.as_of, filters=place)
        for one in (beside.asked, beside.asked.earlier())
    ]
    screen = topics(beside.store, asked[0], asked[1])
    lines = {line[0]: line for line in beside.table("categories").rows}
    known = {name: i for i, name in enumerate(screen.names) if screen.n["volume"][i] or screen.n["growth"][i]}
    assert set(lines) == set(known)
    for name, i in known.items():
        assert lines[name][1] == screen.n["volume"][i]
        assert (lines[name][2] or 0) == screen.n["growth"][i] or beside.of.before is None
        filtered = resolve(beside.store, beside.choice(filters=(("category", (name,)),)), NOW)
        row = beside.row_of(filtered)
        rate = row.figures["on_time_rate"]
        assert lines[name][4:] == (rate.value, rate.denominator, row.figures["overdue_open"].value)


def test_the_units_and_the_three_rates_are_those_of_the_figures(beside: Beside) -> None:
    place = (Filter("place", (beside.of.code,)),) if beside.of.code else ()
    question = replace(beside.asked.question("unit"), filters=place)
    screen = {row.name: row.figures for row in figures(beside.store, question)}
    names = ("due", "on_time_rate", "due_completion_rate", "overdue_open", "rework_rate", "handling_hours")
    for line in beside.table("units").rows:
        assert line[1:] == tuple(screen[line[0]][name].value for name in names)
    table = beside.table("three_rates")
    for at, figure in enumerate(("response_rate", "resolution_rate", "satisfaction_rate", "three_rate_score"), 2):
        found = values(beside.store, beside.asked, figure, beside.inner, beside.of.code or None)
        lines = [line for line in table.rows[:-1] if line[0] != "未定位到本层级"]
        assert [line[at] for line in lines] == [None if v != v else v for v in found.value.tolist()]
        assert table.rows[-1][at] == beside.row.figures[figure].value


def test_the_lines_are_made_of_each_day_s_and_month_s_figures(beside: Beside) -> None:
    daily = next(one for one in beside.section("overview").charts if one.key == "daily")
    first = beside.of.period.end - timedelta(days=len(daily.labels))
    for i in range(0, len(daily.labels), 5):
        day = first + timedelta(days=i)
        assert daily.labels[i] == f"{day:%m-%d}"
        row = beside.row_of(beside.asked.of_days(Period(day, day + timedelta(days=1))))
        assert [one.values[i] for one in daily.series] == [row.figures[name].value for name in ("reported", "closed")]
    monthly = next((one for one in beside.section("overview").charts if one.key == "monthly"), None)
    if monthly is not None:
        names = ("on_time_rate", "satisfaction_rate")
        for i, label in enumerate(monthly.labels):
            row = beside.row_of(beside.asked.of_days(parse_period(label, beside.store.zone)))
            assert [one.values[i] for one in monthly.series] == [row.figures[name].value for name in names]


def test_the_maps_have_the_screen_s_classes_and_colours(beside: Beside) -> None:
    level = "grid" if beside.of.code else "community"
    for sheet, figure in zip(beside.section("map").maps, MAPPED, strict=True):
        asked = resolve(beside.store, beside.choice(figure=figure, level=level), NOW)
        screen = painted_of(beside.store, asked, beside.of.code or None)
        by_name = dict(zip(screen.places.names, screen.found.tolist(), strict=True))
        drawn = dict(zip(sheet.names, sheet.found.tolist(), strict=True))
        assert {name: drawn[name] for name in by_name} == by_name
        assert sheet.colours == tuple(screen.colours["light"])
        assert f"n = {count(float(screen.places.cases.sum()))}" in sheet.foot


def test_what_is_overdue_is_the_list_behind_the_figure(beside: Beside) -> None:
    question = beside.asked.question(beside.of.level, within=beside.of.code or None)
    listed = cases_of(
        beside.store, question, "overdue_open", place=beside.of.code or None, limit=10, sort=[Sort("due_at")]
    )
    assert listed.total == beside.row.figures["overdue_open"].value
    lines = [line for part in beside.section("overdue").tables for line in part.rows]
    assert [line[0] for line in lines] == listed.rows["external_id"].to_pylist()
    late = [(NOW - due).total_seconds() / 86400 for due in listed.rows["due_at"].to_pylist()]
    assert [line[5] for line in lines] == late


def test_no_sentence_has_a_number_of_its_own(beside: Beside) -> None:
    known = set(NUMBER.findall(" ".join([beside.content.period, *beside.content.issue, "30 95"])))
    for part in beside.content.sections:
        for one in part.headlines:
            known |= {number(one.value, one.unit), count(one.n)}
            known |= {amount for change in (one.before, one.year) for amount in amounts(one.figure, change)}
        for table in (*part.tables, *part.sheets):
            for row in table.rows:
                for value, column in zip(row, table.columns, strict=True):
                    known |= set(NUMBER.findall(printed_cell(value, column)))
                    if isinstance(value, Change):
                        known |= set(amounts(column.figure, value))
            known |= {str(len(table.rows)), str(sum(row[0] is None for row in table.rows))}
    top = beside.table("categories").rows[:3]
    known.add(
        number(sum(float(line[1] or 0) for line in top) / float(beside.row.figures["reported"].value or 1), "share")
    )
    for part in beside.content.sections:
        for text in part.paragraphs:
            bare = text.replace("2024年", "")
            assert [one for one in NUMBER.findall(bare) if one not in known] == []


def amounts(figure: str, change: Change) -> list[str]:
    """A change's amount as it may be printed."""
    by = abs(change.by or 0.0)
    return [f"{by * 100:.1f}", number(by, CATALOGUE[figure].unit)]


def test_the_files_hold_every_number(beside: Beside) -> None:
    content = beside.content
    book = openpyxl.load_workbook(io.BytesIO(workbook(content)))
    cells = {sheet.title: [cell.value for row in sheet.iter_rows() for cell in row] for sheet in book.worksheets}
    for part in content.sections:
        for table in {one.key: one for one in (*part.tables, *part.sheets)}.values():
            if not table.rows:
                continue
            held = cells[table.title[:31]]
            for row in table.rows:
                for value in row:
                    for one in plain(value):
                        assert one in held or pytest.approx(one) in [x for x in held if isinstance(x, (int, float))]
        for chart in part.charts:
            held = cells[chart.title[:31]]
            assert all(value in held for series in chart.series for value in series.values if value is not None)


def plain(value: Any) -> list[Any]:
    """What a cell holds as the workbook has it: one value, a change's amount, an interval's two ends."""
    if isinstance(value, Change):
        return [] if value.by is None else [value.by]
    if isinstance(value, Span):
        return [value.low, value.high]
    return [] if value is None else [value]


def test_word_has_the_printed_numbers_of_every_table(store: Store) -> None:
    use("zh")
    of = about(store, "monthly", parse_period("2024-03", store.zone), "", NOW)
    content = bulletin_of(store, of, template(store.home), 1, Quiet())
    files = dict(printed(content, template(store.home), str(word_template(store.home, "zh")), progress=Quiet()))
    document = Document(io.BytesIO(files["docx"]))
    held = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    for part in content.sections:
        for table in part.tables:
            if table.rows:
                lines = [[printed_cell(v, c) for v, c in zip(row, table.columns, strict=True)] for row in table.rows]
                assert any(one[1:] == lines for one in held)
