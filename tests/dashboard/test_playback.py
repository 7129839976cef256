"""The playback's server side, and what the browser counts of it: exactly what the figures say as of each moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.playback import busy, told
from dashboard.playback.asked import asked, link
from data.acting import _current, act_as
from data.actors import Actor, Place
from data.episodes import Episode
from data.errors import QuestionError, Refused
from data.figures import Question, figures
from data.store import Store
from tests.dashboard.posts import wall
from tests.data.builder import ZONE, local
from tests.node import needs_node, run

MARCH = "from=2024-03-01&to=2024-03-12&level=grid"
FILES = ["cells/codec.js", "playback/tape.js"]


def millis(text: str) -> int:
    return round(local(text).timestamp() * 1000)


def given(query: str) -> dict[str, str]:
    return dict(part.split("=") for part in query.split("&"))


def test_an_outline_says_what_is_played_and_how_much_happened_when(client: TestClient) -> None:
    said = client.get(f"/playback/outline?{MARCH}").json()
    assert (said["place"], said["level"]) == ({"code": "990101", "name": "青禾区", "level": "district"}, "grid")
    assert (said["start"], said["end"], said["cuts"]) == (
        millis("03-01"), millis("03-12"), [millis("03-01"), millis("03-12")],
    )  # fmt: skip
    assert sum(said["density"]["reported"]) == 23  # ten on G1, ten on G2, three on G3; the one nowhere came later
    assert sum(said["density"]["closed"]) == 13
    assert [name for name, _words in said["levels"]] == [
        "street",
        "community",
        "grid",
    ]  # the town's district has no shape
    assert said["map"]["n"] == 4
    assert said["map"]["inside"] is None
    # At the beginning and the end together: eight times nothing open, twice five and once three … each its own class.
    assert said["classes"]["open"]["breaks"][0] == 0
    assert len(said["classes"]["open"]["words"]) == len(said["classes"]["open"]["colours"]["dark"])


def test_within_a_place_its_polygons_and_levels_alone_are_shown(client: TestClient) -> None:
    said = client.get(f"/playback/outline?{MARCH}&place=C1").json()
    assert said["place"] == {"code": "C1", "name": "青松社区", "level": "community"}
    assert len(said["map"]["inside"]) == 2
    assert [name for name, _words in said["levels"]] == ["community", "grid"]
    assert sum(said["density"]["reported"]) == 20


@needs_node
def test_the_browser_counts_what_the_figures_say_at_each_moment(client: TestClient) -> None:
    outline = client.get(f"/playback/outline?{MARCH}").json()
    piece = client.get(f"/playback/piece?{MARCH}&since={outline['start']}&until={outline['end']}").json()
    moments = [
        "03-01",
        "03-01 09:00",
        "03-04 11:59",
        "03-04 12:00",
        "03-10 18:00",
        "03-11 18:00",
        "03-03",
        "03-11 23:59",
    ]
    played = run(
        FILES,
        """const tape = new jingwei.Tape(outline, async () => piece), found = [];
           tape.want(outline.start);
           await new Promise(resolve => { tape.heard = resolve; });
           for (const t of moments) found.push([tape.to(t), tape.all.slice(), tape.counts.map(c => Array.from(c).reduce((a, b) => a + b))]);
           return found;""",
        outline=outline,
        piece=piece,
        moments=[millis(text) for text in moments],
    )
    store = client.app.state.desk.store  # type: ignore[attr-defined]
    assert [(there, counts) for there, counts, _ in played] == [(True, as_of(store, text)) for text in moments]
    assert [on_map for _, _, on_map in played] == [counts for _, counts, _ in played]  # all of these lie in a grid


def as_of(store: Store, moment: str) -> list[int]:
    def row(basis: str, *names: str) -> Any:
        question = Question("district", local("03-01"), local("03-12"), local(moment), basis=basis, figures=names)
        return figures(store, question)[0].figures

    states = row("reported", "open", "overdue_open", "suspended_open", "reported")
    ends = row("closed", "closed", "on_time_rate")
    rate = ends["on_time_rate"]
    numbers = [*(states[name].value for name in states), ends["closed"].value, rate.denominator, rate.numerator]
    return [int(number or 0) for number in numbers]


@needs_node
def test_a_tape_keeps_few_pieces_and_stands_anywhere_at_once() -> None:
    # Twenty pieces of ten instants; in the middle of each one case is reported in polygon 0 and stays open.
    cuts = [10 * i for i in range(21)]
    found = run(
        FILES,
        """const text = (Kind, values) => Buffer.from(new Kind(values).buffer).toString("base64");
           const asked = [];
           const ask = async (since, until) => {
             asked.push(since);
             const none = text(Uint32Array, []), n = since / 10;
             return { start: since, end: until, whole: true, categories: [""], units: [""],
               base: { at: text(Uint32Array, n ? [0] : []), counts: { open: text(Uint32Array, n ? [n] : []) }, all: [n] },
               changes: { t: text(Uint32Array, [5]), case: text(Uint32Array, [0]),
                 before: text(Uint8Array, [0]), after: text(Uint8Array, [1]) },
               lines: { t: text(Uint32Array, [5]), case: text(Uint32Array, [0]),
                 action: text(Uint8Array, [0]), unit: text(Uint16Array, [0]) },
               cases: { id: text(Float64Array, [n]), number: ["n"], category: text(Uint16Array, [0]),
                 place: text(Uint32Array, [0]),
                 lon: text(Float32Array, [NaN]), lat: text(Float32Array, [NaN]), after: text(Uint8Array, [0]) } };
           };
           const tape = new jingwei.Tape({ counts: ["open"], cuts, start: 0, end: 200, map: { n: 1 } }, ask);
           const at = async (t) => { while (!tape.to(t)) await new Promise(r => setTimeout(r, 1)); return tape.counts[0][0]; };
           const counts = [];
           for (const t of [0, 4, 5, 9, 10, 15, 199, 200, 104, 105, 3, 5]) counts.push(await at(t));
           for (let t = 0; t < 200; t++) await at(t);
           return { counts, kept: tape.pieces.size, first: asked.slice(0, 3), lines: (await at(15), tape.lines(10, 15)) };""",
        cuts=cuts,
    )
    assert found["counts"] == [0, 0, 1, 1, 1, 2, 20, 20, 10, 11, 0, 1]
    assert found["kept"] <= 6
    assert found["first"] == [0, 10, 20]  # two ahead
    assert found["lines"] == [0, 1]


@needs_node
def test_a_count_has_the_class_whose_break_it_reaches() -> None:
    found = run(
        FILES,
        "return Array.from(jingwei.classed(counts, [0, 1, 4, 9], new Uint8Array(6)));",
        counts=[0, 1, 3, 4, 9, 50],
    )
    assert found == [0, 1, 1, 2, 2, 2]


def test_the_cases_behind_a_count_are_those_of_the_moment(client: TestClient) -> None:
    at, longer = millis("03-15 18:00"), "from=2024-03-01&to=2024-03-20&level=grid"
    late = client.get(f"/playback/cases?{longer}&at={at}&count=overdue_open").json()["cases"]
    assert late == [{"id": late[0]["id"], "number": "G2-05", "category": "占道经营", "reported": millis("03-06 09:00")}]
    there = client.get(f"/playback/cases?{longer}&at={at}&count=open&polygon=G3").json()["cases"]
    assert [case["number"] for case in there] == ["G3-00", "G3-01", "G3-02"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2024-03-05&to=2024-03-04", 422), ("from=nonsense", 422), ("from=2022-01-01&to=2024-03-04", 422),
        ("from=2024-03-01&to=2024-03-04&level=unit", 422), ("from=2024-03-01&to=2024-03-04&figure=median", 422),
        ("from=2024-03-01&to=2024-03-04&place=nowhere", 404),
    ],
)  # fmt: skip
def test_what_cannot_be_played_is_refused_in_words(client: TestClient, query: str, status: int) -> None:
    answer = client.get(f"/playback/outline?{query}")
    assert answer.status_code == status
    assert answer.json()["what"]


def test_a_piece_outside_its_interval_is_refused(client: TestClient) -> None:
    for since, until in ((0, millis("03-02")), (millis("03-02"), millis("03-01")), (-5, 7)):
        assert client.get(f"/playback/piece?{MARCH}&since={since}&until={until}").status_code == 422


def test_a_wall_plays_back_its_own_place_and_no_other(town_store: Store) -> None:
    (street,) = town_store.rows("SELECT place_id FROM place WHERE level = 'street' AND code = 'S1'")
    token = act_as(Actor("device", "wall", "大屏", places=frozenset({Place("street", street["place_id"])})))
    try:
        assert asked(town_store, given(MARCH)).play.within == "S1"
        assert asked(town_store, given(f"{MARCH}&place=C1")).play.within == "C1"
        for other in ("S2", "C3", "990101"):
            with pytest.raises(Refused):
                asked(town_store, given(f"{MARCH}&place={other}"))
    finally:
        _current.reset(token)
    assert asked(town_store, given(MARCH)).play.within is None
    with pytest.raises(QuestionError):
        asked(town_store, {"from": "2024-03-02", "to": "2024-03-01"})


def test_a_walls_page_is_plain_and_of_its_own_place_only(client: TestClient) -> None:
    own = wall(client, "S1")
    page = client.get("/wall/S1/playback?from=2024-03-01&to=2024-03-12", headers=own)
    assert page.status_code == 200
    assert 'id="playback" class="playback is-wall" data-place="S1"' in page.text
    assert "_dash" not in page.text
    assert client.get("/wall/C1/playback", headers=own).status_code == 200
    assert client.get("/wall/S2/playback", headers=own).status_code == 403
    assert client.get(f"/playback/outline?{MARCH}&place=S2", headers=own).status_code == 403
    assert client.get(f"/playback/outline?{MARCH}", headers=own).json()["place"]["code"] == "S1"
    assert client.get("/playback", headers=own).status_code == 403


def test_a_link_lasts_as_long_as_it_says() -> None:
    start = datetime(2026, 7, 12, 13, tzinfo=ZONE)
    assert link(start, start + timedelta(hours=12)) == "/playback?from=2026-07-12T13:00&to=2026-07-13T01:00&speed=240"
    assert link(start, start + timedelta(hours=1), place="S1", speed=60, wall=True) == (
        "/wall/S1/playback?from=2026-07-12T13:00&to=2026-07-12T14:00&speed=60"
    )


def test_an_episode_is_a_rainstorm_where_the_simulation_knows_one(
    town_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [
        Episode(
            local("2024-07-12 14:00"), local("2024-07-12 23:00"), 1317, 451.0, (("道路积水", 196), ("树木倒伏", 110))
        ),
        Episode(local("2024-03-01 08:00"), local("2024-03-01 10:00"), 80, 20.0, ()),
    ]
    monkeypatch.setattr(busy, "episodes", lambda _store: found)
    monkeypatch.setattr(busy, "storms", lambda _store: [local("2024-07-12 14:20")])
    rain, rush = busy.told(town_store, "S1")
    assert rain == {
        "name": "7 月 12 日暴雨",
        "when": "2024-07-12 14:00 – 23:00",
        "n": "上报 1,317 件，平常 451 件",
        "about": "道路积水 196 件、树木倒伏 110 件",
        "link": "/playback?place=S1&from=2024-07-12T13:00&to=2024-07-13T02:00&speed=260",
    }
    assert (rush["name"], rush["about"]) == ("3 月 1 日高峰", "")


def test_instants_are_rounded_up_so_that_nothing_is_shown_early() -> None:
    whole = datetime(2024, 3, 1, tzinfo=ZONE)
    assert told.millis(whole + timedelta(microseconds=1)) == told.millis(whole) + 1
    assert told.millis(whole) == round(whole.timestamp() * 1000)
