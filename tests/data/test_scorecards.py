"""What is wrong with a scorecard's definition is said at start, with file, key and reason."""

from __future__ import annotations

import pytest

from data.definitions import definitions_of, read_card
from data.errors import InputError
from data.settings import Settings
from data.store import Store

SHIPPED = definitions_of(None, "scorecard")
TEXT = SHIPPED["property_red_black"].body


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_every_shipped_card_is_whole(name: str) -> None:
    assert read_card(SHIPPED[name].body, SHIPPED[name].where).id == name


@pytest.mark.parametrize(
    ("old", "new", "key", "what"),
    [
        ("weight = 30", "weight = 31", "parts", "the weights sum to 101, not to 100."),
        ('figure = "on_time_rate"', 'figure = "on_tme_rate"', "parts.on_time.figure", "there is no figure on_tme_rate."),
        ('figure = "on_time_rate"', 'figure = "handling_hours"', "parts.on_time.figure",
         "handling_hours cannot be pooled over the estates of a company."),
        ('judgement = "review"', 'judgement = "revue"', "parts.review.judgement", "there is no judgement revue."),
        ('register = "party_branch"', 'register = "party_branch"\njudgement = "review"', "parts.party",
         "names exactly one of figure, judgement, register."),
        ('period = "quarter"', 'period = "week"', "period", "Input should be 'month', 'quarter', 'half' or 'year'."),
        ('side = "top"\none_in = 10', 'side = "top"', "lists.red", "a side needs either one_in or count."),
        ("days = 7", "days = -1", "publicity.days", "Input should be greater than or equal to 0."),
        ("digits = 2", "digit = 2", "digit", "Extra inputs are not permitted."),
        ('part = "on_time", least = 30 }\ncompany', 'part = "in_time", least = 30 }\ncompany', "sample.estate.part",
         "there is no part in_time."),
    ],
)  # fmt: skip
def test_a_wrong_card_names_file_key_and_reason(old: str, new: str, key: str, what: str) -> None:
    assert old in TEXT
    with pytest.raises(InputError) as error:
        read_card(TEXT.replace(old, new, 1), "cards/mine.toml")
    assert (error.value.where, error.value.what) == (f"cards/mine.toml: {key}", what)


def test_the_weights_of_a_group_add_up_to_its_own() -> None:
    text = TEXT.replace("[publicity]", '[groups.work]\nname = { zh = "工", en = "Work" }\nweight = 56\n[publicity]', 1)
    text = text.replace('id = "on_time"', 'id = "on_time"\ngroup = "work"', 1)
    text = text.replace('id = "satisfaction"', 'id = "satisfaction"\ngroup = "work"', 1)
    with pytest.raises(InputError) as error:
        read_card(text, "mine.toml")
    assert error.value.what == "the weights of its parts sum to 55, not to 56."
    assert error.value.where == "mine.toml: groups.work"


def test_a_test_only_looks_at_figures_that_the_card_shows() -> None:
    veto = '[[vetoes]]\nid = "late"\nname = { zh = "超", en = "Late" }\n'
    veto += 'test = { all = [{ figure = "overdue_open", operator = ">", value = 5 }] }\n'
    with pytest.raises(InputError) as error:
        read_card(TEXT.replace("[publicity]", veto + "[publicity]", 1), "mine.toml")
    assert error.value.where == "mine.toml: vetoes.late.test"
    assert error.value.what == "the test looks at overdue_open, which no part of the card shows."


def test_a_wrong_card_of_the_city_stops_the_start(settings: Settings, store: Store) -> None:
    store.close()
    folder = settings.home / "definitions" / "scorecards"
    folder.mkdir(parents=True)
    (folder / "property_red_black.toml").write_text(TEXT.replace("weight = 30", "weight = 20", 1), "utf-8")
    with pytest.raises(InputError, match=r"property_red_black\.toml: parts: the weights sum to 90, not to 100"):
        Store.open(settings.home, settings)
