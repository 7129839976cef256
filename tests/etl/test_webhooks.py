"""Units' systems are told of their cases: what, once, signed, again when they do not answer, and not for ever."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from data import webhooks
from data.actors import PROGRAM
from data.errors import InputError, NotFound
from data.store import Store
from etl.webhooks import Deliverer, post, signature
from tests.data.test_engine import Desk

URL = "https://pipes.example/cases"


class Other:
    """Another system, as far as it can be seen from here."""

    def __init__(self, status: int = 200) -> None:
        self.status, self.got = status, list[tuple[str, dict[str, Any], Mapping[str, str], bytes]]()

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.got.append((url, json.loads(body), headers, body))
        return self.status

    @property
    def told(self) -> list[tuple[str, int]]:
        return [(body["action"], body["seq"]) for _, body, _, _ in self.got]


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def dispatched(desk: Desk) -> int:
    case = desk.open(note="三楼漏水").case_id
    desk.move(case, "register", desk.actor("operator"))
    desk.move(case, "dispatch", desk.actor("dispatcher"), unit_id=desk.units["A"], co_units=(desk.units["C"],))
    return case


def test_a_unit_is_told_once_of_each_line_that_concerns_it(desk: Desk) -> None:
    number, secret = webhooks.add_hook(desk.store, PROGRAM, desk.units["A"], URL)
    other = Other()
    told = Deliverer(desk.store, other)
    case = dispatched(desk)
    assert told.round() == 3  # it was opened and registered before it was theirs; both lines are of their case now
    desk.clock.at += timedelta(minutes=5)
    desk.move(case, "redispatch", desk.actor("dispatcher"), unit_id=desk.units["B"], reason="不归我管")
    desk.open()
    assert (told.round(), told.round()) == (1, 0)
    assert other.told == [("reported", 1), ("registered", 2), ("dispatched", 3), ("redispatched", 4)]
    url, body, headers, raw = other.got[0]
    assert (url, body["note"], body["unit"], body["category"], body["kind"]) == (URL, "三楼漏水", "A", "leak", "event")
    assert headers["x-jingwei-signature"] == signature(secret, headers["x-jingwei-timestamp"], raw)
    assert webhooks.hooks(desk.store)[0]["hook_id"] == number


def test_a_unit_that_helps_is_told_and_others_are_not(desk: Desk) -> None:
    webhooks.add_hook(desk.store, PROGRAM, desk.units["C"], URL)
    webhooks.add_hook(desk.store, PROGRAM, desk.units["B"], URL)
    other = Other()
    dispatched(desk)
    Deliverer(desk.store, other).round()
    assert {body["case_id"] for _, body, _, _ in other.got} == {1}
    assert len(other.got) == 3


def test_what_was_not_told_before_a_restart_is_told_after(desk: Desk) -> None:
    webhooks.add_hook(desk.store, PROGRAM, desk.units["A"], URL)
    dispatched(desk)
    store, other = desk.store, Other()
    store.close()
    with Store.open(store.home, store.settings) as again:
        assert webhooks.gather(again) == 3
        assert Deliverer(again, other).round() == 3
        assert webhooks.gather(again) == 0


def test_it_is_tried_again_and_given_up_until_somebody_sends_it_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "PAUSES", (timedelta(0), timedelta(0)))
    monkeypatch.setattr(webhooks, "BEHIND", timedelta(0))
    number, _ = webhooks.add_hook(desk.store, PROGRAM, desk.units["A"], URL)
    dispatched(desk)
    other = Other(503)
    told = Deliverer(desk.store, other)
    while told.round():
        pass
    assert other.told == [("reported", 1)] * 3 + [("registered", 2)] * 3 + [("dispatched", 3)] * 3
    gone = webhooks.dead(desk.store)
    assert [(one["seq"], one["attempts"], one["said"]) for one in gone] == [
        (3, 3, "answered 503"), (2, 3, "answered 503"), (1, 3, "answered 503")
    ]  # fmt: skip
    other.status = 204
    assert webhooks.revive(desk.store, PROGRAM, number) == 3
    assert (told.round(), webhooks.dead(desk.store)) == (3, [])


def test_one_that_does_not_answer_holds_up_no_other(desk: Desk) -> None:
    for unit in ("A", "C"):
        webhooks.add_hook(desk.store, PROGRAM, desk.units[unit], f"https://{unit}.example/")
    dispatched(desk)
    got: list[str] = []

    def send(url: str, _body: bytes, _headers: Mapping[str, str]) -> int:
        got.append(url)
        return 500 if url == "https://A.example/" else 200

    told = Deliverer(desk.store, send)
    assert (told.round(), told.round()) == (4, 0)
    assert sorted(got) == ["https://A.example/"] + ["https://C.example/"] * 3
    at = webhooks.next_due(desk.store)
    assert at is not None


def test_a_stopped_one_is_told_no_more(desk: Desk) -> None:
    number, _ = webhooks.add_hook(desk.store, PROGRAM, desk.units["A"], URL)
    dispatched(desk)
    webhooks.gather(desk.store)
    webhooks.stop_hook(desk.store, PROGRAM, number)
    assert Deliverer(desk.store, Other()).round() == 0
    with pytest.raises(NotFound):
        webhooks.stop_hook(desk.store, PROGRAM, number)


@pytest.mark.parametrize(
    "url",
    ["", "ftp://a/", "file:///etc/passwd", "https://", "https://me:pw@a/", "http://[::1", "https://a/#b", "x" * 501],
)
def test_only_plain_web_addresses_are_taken(url: str) -> None:
    with pytest.raises(InputError, match="no address"):
        webhooks.check_url(url)


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """A server that sends everybody on, and what was asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(f"{self.path} {self.rfile.read(int(self.headers['content-length'])).decode()}")
            self.send_response(302)
            self.send_header("location", "/secret")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/cases", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_no_redirect_is_followed(elsewhere: tuple[str, list[str]]) -> None:
    url, asked = elsewhere
    assert post(url, b"{}", {}) == 302
    assert asked == ["/cases {}"]


def test_the_thread_tells_by_itself_after_a_commit(desk: Desk) -> None:
    webhooks.add_hook(desk.store, PROGRAM, desk.units["A"], URL)
    done = threading.Event()

    def send(_url: str, body: bytes, _headers: Mapping[str, str]) -> int:
        if json.loads(body)["action"] == "dispatched":
            done.set()
        return 200

    told = Deliverer(desk.store, send)
    told.start()
    dispatched(desk)
    assert done.wait(20)
    told.close()
