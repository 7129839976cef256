"""Every address and every callback, asked as everybody, against the table in the docs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from dashboard.entrance import Entrance
from dashboard.faults import UPDATE
from dashboard.rights import CALLBACKS, HEAD, ROUTES, as_markdown
from dashboard.server import create_app
from dashboard.shell import BESIDE, PAGES
from data.actors import PROGRAM, ROLES
from data.settings import Settings
from tests.dashboard.conftest import HERE
from tests.dashboard.posts import access_of, post, session, wall

DOCS = Path(__file__).parents[2] / "docs" / "roles.md"
COLUMNS = (*ROLES, "wall")
ORIGIN = {"origin": HERE, "host": "127.0.0.1:8050"}
FILLED = {"path:path": "x.js", "fingerprinted_path:path": "x.js", "code": "en", "import_id": "1"}


def documented() -> dict[str, dict[str, str]]:
    """The table of the docs: what is asked → column → cell."""
    rows = [line.split("|")[1:-1] for line in DOCS.read_text("utf-8").splitlines() if line.startswith("|")]
    return {
        cells[0].strip(): dict(zip(COLUMNS, (cell.strip() for cell in cells[1:]), strict=True)) for cells in rows[2:]
    }


async def passed(scope: Scope, receive: Receive, send: Send) -> None:
    """What stands behind the entrance in these tests: it answers whoever comes through."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close"})
        return
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
def strict(town: Settings) -> Iterator[tuple[TestClient, Entrance]]:
    """The application without a demo's visitor, and its entrance."""
    with TestClient(create_app(town.model_copy(update={"demo_user": False})), base_url=HERE) as client:
        client.get("/sign-in")
        layer: Any = client.app.middleware_stack  # type: ignore[attr-defined]
        while not isinstance(layer, Entrance):
            layer = layer.app
        yield client, layer


@pytest.fixture(scope="module")
def everybody(strict: tuple[TestClient, Entrance]) -> dict[str, dict[str, str]]:
    """Who asks → the headers of the browser."""
    client, _layer = strict
    return {role: session(client, role) for role in ROLES} | {"wall": wall(client), "nobody": {}}


@pytest.fixture
def asked(
    strict: tuple[TestClient, Entrance], monkeypatch: pytest.MonkeyPatch, chinese: None
) -> tuple[TestClient, Entrance]:
    """The same with nothing behind the entrance, so that asking does nothing."""
    monkeypatch.setattr(strict[1], "app", passed)
    strict[0].cookies.clear()
    return strict


def test_the_docs_hold_the_table() -> None:
    assert DOCS.read_text("utf-8") == f"{HEAD}\n" + "\n".join(as_markdown()) + "\n"


def test_every_address_of_the_server_is_in_the_table_and_no_other(strict: tuple[TestClient, Entrance]) -> None:
    there = {("GET", path) for path in (*PAGES, *BESIDE)}
    for route in strict[0].app.routes:  # type: ignore[attr-defined]
        path = f"{route.path}/{{path:path}}" if isinstance(route, Mount) else route.path
        methods = getattr(route, "methods", None) or ({"GET"} if isinstance(route, Mount) else {"WS"})
        there |= {(method, path) for method in methods}
    there -= {("GET", "/{path:path}"), ("GET", "{path:path}")}  # ours and Dash's for everything else: 404
    assert there == set(ROUTES)


def test_every_callback_is_in_the_table_and_no_other(strict: tuple[TestClient, Entrance]) -> None:
    assert {name for name, rule in strict[1].callbacks.items() if not (rule.roles or rule.open)} == set()
    assert sorted(_named(strict[1]).values()) == sorted(CALLBACKS)


def test_every_address_answers_everybody_as_the_docs_say(
    asked: tuple[TestClient, Entrance], everybody: dict[str, dict[str, str]]
) -> None:
    client, _layer = asked
    wrong = []
    for (method, path), rule in ROUTES.items():
        cells = documented()[f"`{method} {path}`"]
        address = path
        for part in [piece.split("}")[0] for piece in path.split("{")[1:]]:
            address = address.replace(f"{{{part}}}", FILLED.get(part, "1"))
        for who, headers in everybody.items():
            cell = cells.get(who, "open" if cells["wall"] == "open" else "")
            got = _answer(client, method, address, headers)
            hidden = not any(cells.values())
            expected = 204 if cell else 404 if hidden else 403 if who != "nobody" else 303 if rule.page else 401
            if rule.page and who == "nobody" and method == "POST":
                expected = 401
            if method == "WS":
                expected = 204 if cell else 4401 if who == "nobody" else 4403
            if expected == 401 and path.startswith("/open311/"):
                expected = 403  # the standard's own for a key that is missing
            if got != expected:
                wrong.append((who, method, path, got, expected))
    assert wrong == []


def test_every_callback_answers_everybody_as_the_docs_say(
    asked: tuple[TestClient, Entrance], everybody: dict[str, dict[str, str]]
) -> None:
    client, layer = asked
    table, wrong = documented(), []
    names = {rule_name: output for output, rule_name in _named(layer).items()}
    for name in CALLBACKS:
        for who, headers in everybody.items():
            cell = table[f"callback `{name}`"].get(who, "")
            got = client.post(UPDATE, json={"output": names[name]}, headers=headers).status_code
            expected = 204 if cell else 401 if who == "nobody" else 403
            if got != expected:
                wrong.append((who, name, got, expected))
    assert wrong == []


def _named(layer: Entrance) -> dict[str, str]:
    """Output → the name in the table, found by the rule's own identity and the first component."""
    from dashboard.rights import component_of

    known: dict[str, str] = {}
    for output in layer.callbacks:
        name = component_of(output, {"inputs": [{"id": "import-stop-button"}]})
        known[output] = name
    return known


def _answer(client: TestClient, method: str, address: str, headers: dict[str, str]) -> int:
    client.cookies.clear()
    if method != "WS":
        return client.request(method, address, headers=headers, follow_redirects=False).status_code
    try:
        with client.websocket_connect(address, headers={**headers, **ORIGIN}):
            return 204
    except WebSocketDisconnect as error:
        return error.code


def test_a_role_of_one_street_looks_but_changes_nothing_of_the_district(asked: tuple[TestClient, Entrance]) -> None:
    client, _layer = asked
    headers = session(client, "north", "operator@S1", "administrator@S1")
    assert client.get("/", headers=headers).status_code == 204
    assert client.get("/imports", headers=headers).status_code == 403
    assert client.post("/imports/upload", headers=headers).status_code == 403
    assert client.get("/accounts", headers=headers).status_code == 403


def test_an_address_that_is_not_in_the_table_is_not_there(
    asked: tuple[TestClient, Entrance], everybody: dict[str, dict[str, str]]
) -> None:
    client, _layer = asked
    for path in ("/docs", "/openapi.json", "/imports/", "/accounts/secret", "/_dash-anything"):
        assert client.get(path, headers=everybody["administrator"]).status_code == 404
    assert client.put("/", headers=everybody["administrator"]).status_code == 404


def test_a_program_s_key_opens_nothing_that_does_not_take_keys(asked: tuple[TestClient, Entrance]) -> None:
    client, _layer = asked
    access = access_of(client)
    _token, key = access.tokens.add_key(PROGRAM, "gateway", post(client, "administrator"))
    assert client.get("/live/now", headers={"authorization": f"Bearer {key}"}).status_code == 401
    assert client.get(f"/live/now?api_key={key}").status_code == 401


def test_a_refusal_is_in_the_audit_log_once_a_minute(
    asked: tuple[TestClient, Entrance], everybody: dict[str, dict[str, str]]
) -> None:
    client, layer = asked
    layer._refused.clear()
    for _ in range(3):
        client.get("/accounts", headers=everybody["leader"])
    store = layer.desk.store
    store.writer.run(lambda _con: None, quiet=True).result()
    found = store.rows(
        "SELECT actor, by_role, detail FROM audit WHERE action = 'refused' ORDER BY audit_id DESC LIMIT 1"
    )
    assert found == [{"actor": "leader", "by_role": "leader", "detail": '{"what": "GET /accounts"}'}]
