"""What a page hears from a running server, by its socket and by plain requests."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from dashboard.build import build
from dashboard.live import hub
from dashboard.live.channels import Shown
from dashboard.server import create_app
from data.settings import Settings
from tests.dashboard.conftest import HERE
from tests.dashboard.town import build as found
from tests.data.builder import move

MARCH = "?level=grid&figure=overdue_open&period=month"
SOCKET = f"ws{HERE.removeprefix('http')}/live/socket"
OURS = {"origin": HERE}


@pytest.fixture
def own(settings: Settings) -> TestClient:
    """The application over a town of its own, so that it may be changed."""
    found(settings)
    return TestClient(create_app(settings), base_url=HERE)


def hear(socket: WebSocketTestSession, part: str) -> dict[str, Any]:
    """The next message of a part."""
    while True:
        said: dict[str, Any] = json.loads(socket.receive_text())
        if said.get("part") == part:
            return said


def test_a_plain_request_is_told_the_time_and_every_part(client: TestClient) -> None:
    beat, *parts = client.get("/live/now", params={"search": MARCH}).json()
    assert (beat["beat"]["speed"], beat["beat"]["build"]) == (1.0, build())
    assert [part["part"] for part in parts] == ["map", "cards", "places", "trend", "distribution"]
    assert {row["place"]: row["overdue_open"] for row in parts[2]["pieces"]["rows"]} == {
        "G1": 0,
        "G2": 5,
        "G3": 0,
        "G4": 0,
        "~": 0,
    }


def test_what_a_page_has_is_not_told_again(client: TestClient) -> None:
    _beat, *parts = client.get("/live/now", params={"search": MARCH}).json()
    marks = {part["part"]: part["mark"] for part in parts}
    again = client.get("/live/now", params={"search": MARCH, "marks": json.dumps(marks)}).json()
    assert [list(said) for said in again] == [["beat"]]


def test_a_page_s_own_values_have_the_mark_its_channel_has(client: TestClient) -> None:
    _beat, painted, *_ = client.get("/live/now", params={"search": MARCH}).json()
    assert painted["mark"] not in {"", None}
    assert "bounds" not in painted["pieces"]["frame"]


def test_a_query_that_makes_no_sense_shows_nothing_and_ends_nothing(client: TestClient) -> None:
    _beat, *parts = client.get("/live/now", params={"search": "?level=galaxy"}).json()
    shown = {part["part"]: part["pieces"] for part in parts if part["part"] != "cards"}
    assert shown == {"map": {}, "places": {}, "trend": {}, "distribution": {}}


def test_a_move_reaches_a_screen_as_what_changed(own: TestClient) -> None:
    with own, own.websocket_connect(SOCKET, headers=OURS) as socket:
        assert "beat" in json.loads(socket.receive_text())
        socket.send_text(json.dumps({"follow": 1, "search": MARCH, "marks": {}}))
        first = hear(socket, "places")
        assert first["from"] == ""
        move(own.app.state.desk.store, "G2-05", "closed", "2024-04-20")  # type: ignore[attr-defined]
        second = hear(socket, "places")
        assert second["from"] == first["mark"]
        assert [(row["place"], row["overdue_open"]) for row in second["pieces"]["rows_at"]] == [("G2", 4)]


def test_a_page_that_missed_something_is_told_everything(own: TestClient) -> None:
    with own, own.websocket_connect(SOCKET, headers=OURS) as socket:
        socket.send_text(json.dumps({"follow": 1, "search": MARCH, "marks": {}}))
        first = hear(socket, "places")
        socket.send_text(json.dumps({"again": "places"}))
        assert hear(socket, "places") == first


def test_nonsense_on_the_socket_is_passed_over(own: TestClient) -> None:
    with own, own.websocket_connect(SOCKET, headers=OURS) as socket:
        for nonsense in ("", "[]", "{", '{"follow":"x"}', '{"again":{}}'):
            socket.send_text(nonsense)
        socket.send_text(json.dumps({"follow": 7, "search": "", "marks": {}}))
        socket.receive_text()
        assert json.loads(socket.receive_text())["follow"] == 7


def test_a_socket_opened_by_another_site_is_refused(client: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/live/socket", headers={"origin": "http://evil.example"}),
    ):
        pass


def test_dash_s_own_socket_is_not_opened(client: TestClient) -> None:
    assert '"websocket"' not in client.get("/").text


def test_a_page_says_which_program_it_is_of(client: TestClient) -> None:
    assert f'<meta name="build" content="{build()}">' in client.get("/").text


def test_a_page_that_shows_no_figures_is_only_told_the_time(client: TestClient) -> None:
    assert [list(said) for said in client.get("/live/now", params={"search": "none"}).json()] == [["beat"]]


def test_a_part_is_counted_once_for_all_who_ask_at_the_same_time(
    own: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []

    def slowly(store: Any, channel: Any) -> Shown:
        counted.append(channel.part)
        time.sleep(0.05)
        return Shown.of({"rows": channel.part})

    monkeypatch.setattr(hub, "shown", slowly)
    with own, ThreadPoolExecutor(8) as many:
        told = list(many.map(lambda _: own.get("/live/now", params={"search": MARCH}).json(), range(8)))
    assert sorted(counted) == ["cards", "distribution", "map", "places", "trend"]
    assert [len(one) for one in told] == [6] * 8
