"""A city's reporting month, weights and minimum samples."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from data.errors import InputError
from data.periods import MonthStart, Period, month_of, months
from data.reporting import read, span_of
from tests.data.builder import ZONE


def at(text: str) -> datetime:
    """A local instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("day", "hour", "start", "end"),
    [(1, 0, "2024-03-01", "2024-04-01"), (26, 8, "2024-02-26 08:00", "2024-03-26 08:00"),
     (10, 17, "2024-03-10 17:00", "2024-04-10 17:00")],
)  # fmt: skip
def test_march_begins_when_the_city_says(day: int, hour: int, start: str, end: str) -> None:
    begins = MonthStart(day, hour)
    march = months(2024, 3, 1, ZONE, begins)
    assert march == Period(at(start), at(end))
    assert month_of(march.start, ZONE, begins) == (2024, 3)
    assert month_of(march.end, ZONE, begins) == (2024, 4)
    assert month_of(at("2024-03-20"), ZONE, begins) == (2024, 3)


def test_a_reporting_year_crosses_the_calendars_new_year() -> None:
    begins = MonthStart(26, 0)
    assert month_of(at("2023-12-27"), ZONE, begins) == (2024, 1)
    assert months(2024, 1, 12, ZONE, begins) == Period(at("2023-12-26"), at("2024-12-26"))


def test_the_shipped_defaults_are_those_of_the_glossary() -> None:
    shipped = read(None)
    assert shipped.three_rates.weights == (10, 50, 40)
    assert shipped.minimum.of("on_time_rate", "grid", Period(at("2024-03-01"), at("2024-04-01"))) == (30, 5)
    assert shipped.begins == MonthStart(1, 0)


def own(home: Path, text: str) -> Path:
    """A home with a city's own file."""
    (home / "definitions").mkdir(parents=True)
    (home / "definitions" / "reporting.toml").write_text(text, "utf-8")
    return home


HEAD = "[month]\nday = 26\nhour = 8\n[three_rates]\nresponse = 30\nresolution = 35\nsatisfaction = 35\n"


def test_a_minimum_may_be_another_for_a_figure_a_level_and_a_period(tmp_path: Path) -> None:
    text = f'{HEAD}[minimum]\nrank = 50\n[[minimum.exception]]\nfigure = "satisfaction_rate"\nperiod = "month"\nrank = 20\n'
    found = read(own(tmp_path, text))
    month, year = Period(at("2024-03-01"), at("2024-04-01")), Period(at("2024-01-01"), at("2025-01-01"))
    assert found.minimum.of("satisfaction_rate", "grid", month) == (20, 5)
    assert found.minimum.of("satisfaction_rate", "grid", year) == (50, 5)
    assert (span_of(month), span_of(year)) == ("month", "year")
    assert found.three_rates.weights == (30, 35, 35)


@pytest.mark.parametrize(
    ("text", "key", "what"),
    [(HEAD.replace("35", "36") + "[minimum]\n", "three_rates", "the weights sum to 102"),
     (HEAD.replace("26", "31") + "[minimum]\n", "month.day", "less than or equal to 28"),
     (HEAD + '[minimum]\n[[minimum.exception]]\nfigure = "speed"\n', "minimum.exception", "no figure 'speed'")],
)  # fmt: skip
def test_a_wrong_definition_is_told_with_file_key_and_reason(tmp_path: Path, text: str, key: str, what: str) -> None:
    with pytest.raises(InputError) as wrong:
        read(own(tmp_path, text))
    assert what in wrong.value.what
    assert "reporting.toml" in (wrong.value.where or "")
    assert key in (wrong.value.where or "")
