"""What a careless or hostile client sends: nothing of it is a fault of the program, and nothing of it harms the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from data.access import Access
from tests.dashboard.conftest import own_town
from tests.dashboard.posts import access_of, session
from tests.dashboard.town import square

JSON = {"content-type": "application/json"}
X, Y = square("G1").centroid.coords[0]
HUGE = "9" * 25


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A town of its own, because here cases are opened."""
    with own_town(tmp_path_factory.mktemp("odd")) as client:
        yield client


def event(desk: TestClient, who: dict[str, str], **says: Any) -> Any:
    names = desk.get("/console/lists", headers=who).json()["categories"]
    category = next(one[0] for one in names if one[1] == "占道经营")
    said = {"kind": "event", "key": "k", "note": "占道", "category": category, "lon": X, "lat": Y, **says}
    return desk.post("/console/openings", headers=who, json=said)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, rb'{"note": "\ud800"}', b"1" * 5000])
@pytest.mark.parametrize("path", ["/console/orders", "/emergency/declare"])
def test_what_cannot_be_read_or_written_down_is_refused_in_words(desk: TestClient, path: str, body: bytes) -> None:
    answer = desk.post(path, content=body, headers=session(desk, "dispatcher") | JSON)
    assert (answer.status_code, answer.json()["error"]) == (422, "InputError")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"/console/cases/{HUGE}", 404),
        (f"/console/cases/{HUGE}/units", 404),
        (f"/console/cases/{HUGE}/parts", 404),
        (f"/console/queue?offset={HUGE}&also={HUGE}", 200),
        (f"/console/queue?offset={'9' * 5000}", 200),
        (f"/emergency/{'9' * 5000}", 414),
        ("/wall/S1?every=²", 422),
        (f"/wall/S1?pause={'9' * 5000}", 422),
        ("/live/now?marks=" + "[" * 4000, 200),
        ("/layers/events?box=118,35,119,36&zoom=12&as_of=9999-12-31T23:59", 422),
        ("/playback/outline?to=0001-01-01", 422),
        ("/console/handover/sheet?from=9999-12-31T23:59-23:59", 422),
    ],
)
def test_a_number_or_time_beyond_all_bounds_is_no_fault(desk: TestClient, address: str, status: int) -> None:
    assert desk.get(address, headers=session(desk, "operator")).status_code == status


def test_a_case_that_is_no_number_is_answered_without_it(desk: TestClient) -> None:
    body = b'{"orders": [{"case_id": NaN, "key": "k", "move": "close"}]}'
    answer = desk.post("/console/orders", content=body, headers=session(desk, "operator") | JSON)
    assert [(one["ok"], one["case_id"]) for one in answer.json()["results"]] == [(False, None)]


@pytest.mark.parametrize("extra", [{"due_at": "2199-01-01T00:00"}, {"unit": 1}, {"pictures": 3}])
def test_whoever_reports_an_event_does_not_say_who_handles_it_or_until_when(
    desk: TestClient, extra: dict[str, Any]
) -> None:
    answer = event(desk, session(desk, "operator"), key=str(extra), **extra)
    assert (answer.status_code, answer.json()["error"]) == (422, "InputError")


def test_a_deadline_no_calendar_holds_is_refused(desk: TestClient) -> None:
    who = session(desk, "leader")
    said = {"kind": "supervision", "key": "far", "note": "督办", "unit": 1, "due_at": "9999-12-31T23:59-14:00"}
    assert desk.post("/console/openings", headers=who, json=said).status_code == 422


def test_a_key_belongs_to_the_post_that_sent_it(desk: TestClient) -> None:
    mine = event(desk, session(desk, "operator"), key="same").json()
    again = event(desk, session(desk, "operator"), key="same").json()
    another = event(desk, session(desk, "dispatcher"), key="same").json()
    assert mine["case_id"] == again["case_id"] != another["case_id"]


def test_signs_nobody_sees_are_left_out_of_a_text(desk: TestClient) -> None:
    who = session(desk, "operator")
    case = event(desk, who, key="unseen", note="井盖\x00松\x1b动\n两处").json()["case_id"]
    assert desk.get(f"/console/cases/{case}", headers=who).json()["text"] == "井盖松动\n两处"


def test_spaces_around_a_name_do_not_make_another_post_of_it(desk: TestClient) -> None:
    access: Access = access_of(desk)
    for n in range(5):
        desk.post("/sign-in", data={"name": " " * n + "nobody", "password": "wrong wrong wrong"})
    assert access.attempts.wait("nobody", "testclient") > 0
