from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from dashboard.choice import AUTO, Choice, as_of_of, before, of_search, of_values, period_of, text_of
from dashboard.one_map.rail import level_control
from data.errors import QuestionError

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 15, 4, 5, 6, tzinfo=UTC)


def test_an_empty_address_is_the_first_visit() -> None:
    assert of_search("") == Choice()


def test_an_address_holds_the_whole_choice() -> None:
    said = (
        "?level=grid&figure=open&period=custom&range=2011-07-01&range=2011-12-31&basis=closed&as_of=2012-01-05"
        "&channel=12345&channel=app&method=natural&classes=7&events=on"
    )
    assert of_search(said) == Choice(
        level="grid",
        figure="open",
        period="custom",
        range=(date(2011, 7, 1), date(2011, 12, 31)),
        basis="closed",
        as_of=date(2012, 1, 5),
        filters=(("channel", ("12345", "app")),),
        method="natural",
        classes=7,
        events="on",
    )


def test_controls_say_the_same_as_an_address() -> None:
    values = {
        "level": "grid",
        "figure": "open",
        "period": "month",
        "range": [None, None],
        "basis": "own",
        "as_of": None,
        "channel": ["app"],
        "track": [],
        "classes": "6",
        "method": "quantile",
        "events": "off",
    }
    assert of_values(values) == of_search("?level=grid&figure=open&channel=app&classes=6")


def test_a_level_the_zoom_chose_is_told_from_one_a_person_chose() -> None:
    assert of_search("?level=grid&auto=on") == Choice(level="grid", auto=True)
    assert [level_control(of_search(said)) for said in ("", "?level=grid", "?level=grid&auto=on")] == [
        AUTO,
        "grid",
        AUTO,
    ]


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("?period=decade", "period"),
        ("?classes=9", "classes"),
        ("?period=custom", "range"),
        ("?as_of=soon", "as_of"),
        ("?period=custom&range=2011-07-01&range=x", "range"),
        ("?events=maybe", "events"),
    ],
)
def test_nonsense_names_the_control(said: str, where: str) -> None:
    with pytest.raises(QuestionError) as caught:
        of_search(said)
    assert caught.value.where == where


@pytest.mark.parametrize(
    ("preset", "text"),
    [
        ("month", "2011-12-01 – 2011-12-31"),
        ("quarter", "2011-10-01 – 2011-12-31"),
        ("half", "2011-07-01 – 2011-12-31"),
        ("year", "2011-01-01 – 2011-12-31"),
    ],
)
def test_a_preset_ends_where_the_data_ends(preset: str, text: str) -> None:
    newest = datetime(2011, 12, 30, 18, tzinfo=UTC)
    assert text_of(period_of(Choice(period=preset), newest, NOW, SHANGHAI)) == text


def test_the_last_instant_belongs_to_the_local_month() -> None:
    newest = datetime(2011, 12, 31, 17, tzinfo=UTC)  # 1 January in Shanghai
    assert text_of(period_of(Choice(), newest, NOW, SHANGHAI)) == "2012-01-01 – 2012-01-31"


def test_without_data_the_present_month() -> None:
    assert text_of(period_of(Choice(), None, NOW, SHANGHAI)) == "2026-03-01 – 2026-03-31"


def test_chosen_days_are_both_inside() -> None:
    period = period_of(Choice(period="custom", range=(date(2024, 2, 28), date(2024, 2, 29))), None, NOW, SHANGHAI)
    assert (period.start, period.end) == (datetime(2024, 2, 28, tzinfo=SHANGHAI), datetime(2024, 3, 1, tzinfo=SHANGHAI))


def test_the_month_before_is_a_month_and_ten_days_before_are_ten_days() -> None:
    march = period_of(Choice(period="custom", range=(date(2024, 3, 1), date(2024, 3, 31))), None, NOW, SHANGHAI)
    assert text_of(before(march)) == "2024-02-01 – 2024-02-29"
    ten = period_of(Choice(period="custom", range=(date(2024, 3, 11), date(2024, 3, 20))), None, NOW, SHANGHAI)
    assert text_of(before(ten)) == "2024-03-01 – 2024-03-10"


def test_as_of_a_day_is_its_end_and_never_in_the_future() -> None:
    assert as_of_of(Choice(as_of=date(2024, 3, 31)), NOW, SHANGHAI) == datetime(2024, 4, 1, tzinfo=SHANGHAI)
    assert as_of_of(Choice(as_of=date(2027, 1, 1)), NOW, SHANGHAI) == NOW
    assert as_of_of(Choice(), NOW, SHANGHAI) == NOW
