"""Tomorrow's export goes to the source of today's, whatever the file is called; another system's does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.guess import guess
from etl.guess_names import name_of, stem_of
from etl.guess_sources import KnownSource, known_sources
from etl.mapping import parse_mapping

HEAD = "number,opened,closed,category\n"
ROWS = "".join(f"T-{n},2025-01-{n % 28 + 1:02d} 08:00,2025-02-01 08:{n:02d},k{n % 4}\n" for n in range(40))


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("tickets_0702.csv", "tickets"),
        ("Tickets_0703 (1).csv", "tickets"),
        ("tickets20250702.csv", "tickets"),
        ("boston311_2011H2.csv.gz", "boston311"),
        ("sp156_2018_2019.parquet", "sp156"),
        ("12345工单_2025年7月1日.xlsx", "12345工单"),
        ("12345工单（2025-07-02）副本.xlsx", "12345工单"),
        ("武昌区12345工单20250701导出.csv", "武昌区12345工单"),
        ("20250701-20250731工单.xlsx", "工单"),
        ("export-2025-07-01T08-00-00.csv", "tickets"),
        ("requests 2025 Q3.csv", "requests"),
        ("meldungen-07-2025.csv", "meldungen"),
        ("case_export_1751328000.csv", "case"),
        ("hotline12345.csv", "hotline12345"),
    ],
)
def test_a_name_leaves_out_what_changes_from_export_to_export(file: str, name: str) -> None:
    assert name_of(Path(file)) == name


def test_a_stem_keeps_the_date() -> None:
    assert stem_of(Path("a/tickets_0702.csv.gz")) == "tickets_0702"


def sourced(path: Path, known: list[KnownSource]) -> str | None:
    return parse_mapping(guess(path, known=known).mapping_text).source


def test_columns_decide_the_source_and_the_name_only_without_them(tmp_path: Path) -> None:
    path = tmp_path / "whatever.csv"
    path.write_text(HEAD + ROWS)
    first = guess(path).mapping_text
    assert parse_mapping(first).source == "whatever"
    [known] = known_sources([("hotline", first.replace('"whatever"', '"hotline"'))])
    assert (known.identity, known.by_key) == (("number",), False)
    assert known.columns == ("number", "opened", "closed", "category")
    assert sourced(path, [known]) == "hotline"
    assert sourced(path, [KnownSource("hotline", ("nr", "opened"), ("nr",), False)]) == "whatever"


def test_a_name_that_another_system_has_is_not_shared(tmp_path: Path) -> None:
    path = tmp_path / "tickets_0702.csv"
    path.write_text(HEAD + ROWS)
    proposal = guess(path, known=[KnownSource("tickets", ("nr", "start"), ("nr",), False)])
    assert parse_mapping(proposal.mapping_text).source == "tickets-2"
    assert any('"tickets" has other columns' in question for question in proposal.questions)


def test_the_key_of_a_known_source_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = (
        f"2025-01-{n % 28 + 1:02d} 08:{n:02d},2025-02-01 08:00,k{n % 4},{30 + n / 100},{114 + n / 100}"
        for n in range(40)
    )
    path.write_text("opened,closed,category,lat,lon\n" + "\n".join(lines))
    known = KnownSource("parks", ("opened", "closed", "category"), ("opened", "category"), True)
    mapping = parse_mapping(guess(path, known=[known]).mapping_text)
    assert mapping.source == "parks"
    assert mapping.key is not None
    assert mapping.key.columns == ("opened", "category")


def test_a_mapping_that_no_longer_parses_says_nothing() -> None:
    assert known_sources([("old", "format = 0")]) == []
