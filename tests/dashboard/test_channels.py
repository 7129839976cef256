"""Channels as pure functions: which there are for a query, and what is said when one changed."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import numpy as np

from dashboard.live.channels import Channel, Shown, change, channels_of, whole
from dashboard.live.followed import HOT, Kept, Screen, hot, pace
from dashboard.live.hub import news_filters

MAP = Channel("map", "level=grid", "zh")
PLACES = Channel("places", "level=grid", "zh")


def packed(kind: str, *numbers: float) -> str:
    return b64encode(np.array(numbers, kind).tobytes()).decode()


def pieces(message: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(message)["pieces"]
    return found


def test_screens_that_show_the_same_follow_the_same_channels() -> None:
    one = channels_of("?level=grid&figure=open&period=month&events=on&layers=estates&at=35,118,12", "zh")
    other = channels_of("?period=month&figure=open&level=grid&events=off", "zh")
    assert one == other
    assert [(c.part, c.search) for c in one] == [
        ("map", "figure=open&level=grid&period=month"),
        ("cards", "period=month"),
        ("places", "figure=open&level=grid&period=month"),
        ("trend", "figure=open&level=grid&period=month"),
        ("distribution", "figure=open&level=grid&period=month"),
    ]


def test_another_level_is_another_map_and_table_over_the_same_cards() -> None:
    grid, street = (dict.fromkeys(channels_of(f"?level={level}", "zh")) for level in ("grid", "street"))
    assert [c.part for c in grid if c in street] == ["cards"]


def test_words_are_of_one_language() -> None:
    assert not set(channels_of("", "zh")) & set(channels_of("", "en"))


def test_an_open_drawer_is_a_channel_of_its_own() -> None:
    found = channels_of("?level=grid&place=G1&cases=open:numerator", "zh")
    assert [(c.part, c.search) for c in found if c.part == "drawer"] == [
        ("drawer", "cases=open%3Anumerator&level=grid&place=G1")
    ]


def test_a_query_beyond_all_bounds_has_no_channels() -> None:
    assert channels_of("?unit=" + "x" * 4000, "zh") == ()


def test_whoever_has_nothing_is_told_everything() -> None:
    now = Shown.of({"frame": {"address": "a"}, "values": "AAE="}, "m1")
    assert json.loads(whole(MAP, now)) == {
        "part": "map",
        "channel": MAP.name,
        "mark": "m1",
        "from": "",
        "pieces": {"frame": {"address": "a"}, "values": "AAE="},
    }


def test_of_the_map_only_changed_numbers_are_told() -> None:
    before = Shown.of({"numbers": packed("<f4", 1, 2, np.nan, 4), "counts": packed("<u4", 1, 2, 3, 4)}, "m1")
    after = Shown.of({"numbers": packed("<f4", 1, np.nan, np.nan, 4), "counts": packed("<u4", 1, 2, 3, 9)}, "m2")
    said = json.loads(change(MAP, before, after))
    assert (said["from"], said["mark"]) == ("m1", "m2")
    assert said["pieces"] == {"numbers_at": [[1], [None]], "counts_at": [[3], [9]]}


def test_where_most_numbers_changed_all_are_told() -> None:
    before, after = (Shown.of({"counts": packed("<u4", *numbers)}) for numbers in ((1, 2, 3), (4, 5, 3)))
    assert pieces(change(MAP, before, after)) == {"counts": packed("<u4", 4, 5, 3)}


def test_another_number_of_polygons_is_told_whole() -> None:
    before, after = (Shown.of({"counts": packed("<u4", *numbers)}) for numbers in ((1, 2, 3), (1, 2, 3, 4)))
    assert pieces(change(MAP, before, after)) == {"counts": packed("<u4", 1, 2, 3, 4)}


def test_of_the_table_only_changed_rows_are_told() -> None:
    rows = [{"place": "G1", "n": 4}, {"place": "G2", "n": 5}]
    before, after = Shown.of({"rows": rows}), Shown.of({"rows": [rows[0], {"place": "G2", "n": 6}]})
    assert pieces(change(PLACES, before, after)) == {"rows_at": [{"place": "G2", "n": 6}]}


def test_a_row_that_came_or_went_brings_the_whole_table() -> None:
    before, after = Shown.of({"rows": [{"place": "G1", "n": 4}]}), Shown.of({"rows": [{"place": "G2", "n": 4}]})
    assert pieces(change(PLACES, before, after)) == {"rows": [{"place": "G2", "n": 4}]}


def test_the_same_content_has_the_same_mark() -> None:
    assert Shown.of({"rows": [1]}).mark == Shown.of({"rows": [1]}).mark != Shown.of({"rows": [2]}).mark


def test_a_channel_is_asked_more_rarely_the_more_it_costs_and_the_map_first() -> None:
    assert pace("cards", 0.01, 0.02, hot=True) == 1.0
    assert pace("cards", 0.9, 0.7, hot=True) == 3.0 * 0.9
    assert pace("cards", 0.1, 2.5, hot=True) == 3 * 2.5
    assert pace("cards", 0.01, 0.02, hot=False) == 5.0
    assert pace("map", 0.01, 0.8, hot=True) == 0.25
    assert pace("trend", 0.01, 0.8, hot=True) == 3.0


def test_thirty_two_channels_are_hot_those_most_screens_follow() -> None:
    kept = [Kept(Channel("map", f"level={n}", "zh"), asked_at=n) for n in range(HOT + 2)]
    kept[0].screens = {Screen(lambda _message: None, lambda: None)}
    assert hot(kept) == {one.channel for one in (kept[0], *kept[3:])}


def test_a_page_that_looks_at_the_past_shows_no_news() -> None:
    assert news_filters("?period=month&channel=12345") == (("channel", ("12345",)),)
    assert news_filters("?as_of=2024-03-01") is None
    assert news_filters("?period=custom&range=2024-03-01&range=2024-03-02") is None
    assert news_filters("?period=nonsense") is None
