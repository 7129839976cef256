from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request, WebSocket
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dashboard.guard import Guard, policy

HERE = "http://127.0.0.1:8050"
UPDATE = "/_dash-update-component"
HEADERS = (
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},  # another port of this machine
        {"sec-fetch-site": "cross-site", "origin": HERE},  # a page may not set the one, a proxy might the other
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8050"},
        {"origin": "null"},
    ],
)
def test_unsafe_request_begun_elsewhere_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post(UPDATE, json={}, headers=headers)
    assert answer.status_code == 403
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_every_unsafe_method_is_guarded(client: TestClient, method: str) -> None:
    assert client.request(method, "/anything", headers={"origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {"origin": HERE}, {}]
)
def test_unsafe_request_of_our_own_page_or_of_no_browser_passes(guarded: TestClient, headers: dict[str, str]) -> None:
    assert guarded.post("/echo", content=b"four", headers=headers).text == "4"


def test_reading_from_elsewhere_is_a_plain_link(client: TestClient) -> None:
    assert client.get("/", headers={"sec-fetch-site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8050", "127.0.0.1.evil.example", "evil.example@127.0.0.1", ""]
)
def test_a_name_that_is_not_ours_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost:8050", "127.0.0.1", "[::1]:8050", "LOCALHOST"])
def test_names_of_this_machine_are_ours(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


def test_two_names_are_refused(client: TestClient) -> None:
    assert client.get("/", headers=[("host", "127.0.0.1"), ("host", "evil.example")]).status_code == 400


@pytest.mark.parametrize("path", ["/", "/imports"])
def test_a_page_answers_whoever_only_asks_whether_it_is_there(client: TestClient, path: str) -> None:
    assert client.head(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/_dash-component-suites/etl/jobs.py", None, 404),
        ("/_dash-component-suites/dash/../../etc/passwd", None, 404),
        (UPDATE, b"{", 400),
        (UPDATE, b"[" * 10000, 400),
        (UPDATE, b"[]", 400),
        (UPDATE, b'{"output": "x.y"}', 404),
        (UPDATE, b'{"output": "page.children"}', 500),
    ],
)
def test_a_fault_in_dash_s_own_routes_is_answered_and_logged(
    client: TestClient, caplog: pytest.LogCaptureFixture, path: str, body: bytes | None, status: int
) -> None:
    json = {"content-type": "application/json"}
    answer = client.post(path, content=body, headers=json) if body else client.get(path)
    assert (answer.status_code, len(caplog.records)) == (status, int(status == 500))
    assert "/" not in answer.text


def test_a_request_broken_off_is_no_fault(guarded: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    assert guarded.get("/gone").status_code == 499
    assert caplog.records == []


def test_a_body_said_to_be_too_large_is_refused_unread(client: TestClient) -> None:
    assert client.post(UPDATE, content=b"x" * (16 * 1024 + 1)).status_code == 413


def test_a_body_is_counted_while_it_streams(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield b"x" * 1024

    answer = client.post(UPDATE, content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_upload_route_takes_more_than_the_others(guarded: TestClient) -> None:
    assert guarded.post("/big/echo", content=b"x" * 50).text == "50"
    assert guarded.post("/echo", content=b"x" * 50).status_code == 413
    assert guarded.post("/big/echo", content=b"x" * 101).status_code == 413


@pytest.mark.parametrize("length", ["-1", "many", "1e9", "9" * 5000, b"\xb2"])
def test_a_length_that_is_no_number_is_refused(guarded: TestClient, length: str | bytes) -> None:
    assert guarded.post("/echo", content=b"", headers=[("content-length", length)]).status_code == 413


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/imports", 200),
        ("/assets/map.js", 200),
        ("/_dash-layout", 200),
        ("/_dash-dependencies", 200),
        ("/no/such/page", 404),
        ("/assets/no.js", 404),
        ("/layers/cells/grid/0/cells.bin", 404),
        ("/layers/worker/0.js", 404),
        ("/docs", 404),
        ("/openapi.json", 404),
        ("/layers/events?box=1&zoom=1", 422),
        ("/language/xx", 404),
    ],
)
def test_every_answer_carries_the_headers(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert [name for name in HEADERS if name not in answer.headers] == []


def test_a_fault_of_ours_is_a_500_with_the_headers(guarded: TestClient) -> None:
    answer = guarded.get("/fault")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert [name for name in HEADERS if name not in answer.headers] == []


def test_the_policy_names_no_other_host_and_no_eval() -> None:
    rules = policy(["'sha256-abc'"])
    assert "unsafe-eval" not in rules
    assert "http" not in rules
    assert "script-src 'self' 'sha256-abc';" in rules
    assert "frame-ancestors 'none'" in rules


def test_the_policy_lets_pictures_come_from_the_tile_server_only() -> None:
    rules = policy([], "https://{s}.tiles.intranet/{z}/{x}/{y}.png")
    assert "img-src 'self' data: blob: https://*.tiles.intranet;" in rules
    assert rules.count("tiles.intranet") == 1


def test_inline_scripts_of_the_index_are_those_of_the_policy(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.text.count("<script>") == 0
    assert answer.headers["content-security-policy"].count("'sha256-") == answer.text.count(
        'type="application/javascript"'
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
        {"origin": HERE, "host": "evil.example"},
        {"origin": HERE, "sec-fetch-site": "cross-site"},
    ],
)
def test_a_socket_opened_elsewhere_is_refused(guarded: TestClient, headers: dict[str, str]) -> None:
    with pytest.raises(WebSocketDisconnect), guarded.websocket_connect("/socket", headers=headers):
        pass


def test_dash_s_own_socket_is_refused_to_strangers(client: TestClient) -> None:
    headers = {"origin": "https://evil.example"}
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_dash-ws-callback", headers=headers):
        pass


def test_a_socket_of_our_own_page_opens(guarded: TestClient) -> None:
    with guarded.websocket_connect("/socket", headers={"origin": HERE, "host": "127.0.0.1:8050"}) as socket:
        assert socket.receive_text() == "here"


@pytest.fixture
def guarded() -> TestClient:
    """A tiny application behind the guard."""
    app = FastAPI()

    @app.post("/echo")
    @app.post("/big/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    @app.get("/fault")
    async def fault() -> None:
        raise RuntimeError("secret")

    @app.get("/gone")
    async def gone() -> None:
        raise ClientDisconnect

    @app.websocket("/socket")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("here")

    app.add_middleware(Guard, hosts=["127.0.0.1"], limits={"": 16, "/big": 100}, csp=policy())
    return TestClient(app, base_url=HERE)


def test_an_address_longer_than_any_of_ours_is_refused(guarded: TestClient) -> None:
    assert guarded.get("/echo/" + "9" * 5000).status_code == 414
