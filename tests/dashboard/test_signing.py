"""Signing in and out, as a browser sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dashboard import cookies
from dashboard.server import create_app
from data.actors import PROGRAM
from data.errors import NotFound
from data.settings import Settings
from tests.dashboard.conftest import HERE
from tests.dashboard.posts import PASSWORD, access_of, session

SECURE = "https://127.0.0.1:8050"


@pytest.fixture(scope="module")
def office(town: Settings) -> Iterator[TestClient]:
    """The application without a demo's visitor, with one post that has a password."""
    settings = town.model_copy(update={"demo_user": False})
    with TestClient(create_app(settings), base_url=HERE, follow_redirects=False) as client:
        accounts = access_of(client).accounts
        try:
            accounts.by_name("chief")
        except NotFound:
            accounts.add(PROGRAM, name="chief", label="区指挥中心", roles=["administrator"], password=PASSWORD)
        yield client


@pytest.fixture(autouse=True)
def fresh(office: TestClient) -> None:
    """No cookies, no failed tries."""
    office.cookies.clear()
    access_of(office).attempts._failed.clear()


def enter(office: TestClient, password: str = PASSWORD, **more: Any) -> Any:
    return office.post("/sign-in", data={"name": "chief", "password": password, **more})


def audit(office: TestClient, action: str) -> dict[str, Any]:
    """The latest line of an action."""
    store = office.app.state.desk.store  # type: ignore[attr-defined]
    store.writer.run(lambda _con: None, quiet=True).result()
    rows = store.rows(
        "SELECT actor, by_role, detail FROM audit WHERE action = $a ORDER BY audit_id DESC LIMIT 1", {"a": action}
    )
    return dict(rows[0])


def test_a_page_leads_to_the_form_and_the_form_back_to_the_page(office: TestClient) -> None:
    led = office.get("/?level=grid&figure=open")
    assert (led.status_code, led.headers["location"]) == (303, "/sign-in?next=%2F%3Flevel%3Dgrid%26figure%3Dopen")
    form = office.get(led.headers["location"])
    assert form.status_code == 200
    assert 'value="/?level=grid&amp;figure=open"' in form.text
    back = enter(office, next="/?level=grid&figure=open")
    assert (back.status_code, back.headers["location"]) == (303, "/?level=grid&figure=open")
    assert office.get("/?level=grid&figure=open").status_code == 200
    assert audit(office, "signed_in") == {
        "actor": "chief", "by_role": "administrator", "detail": '{"by": "password", "address": "testclient"}',
    }  # fmt: skip


def test_what_is_no_page_is_refused_in_a_word(office: TestClient) -> None:
    for path in ("/_dash-layout", "/layers/events?box=1&zoom=1", "/search?q=x", "/export/cases.csv", "/live/now"):
        assert office.get(path).status_code == 401
    with pytest.raises(WebSocketDisconnect) as closed, office.websocket_connect("/live/socket", headers=ORIGIN):
        pass
    assert closed.value.code == 4401


ORIGIN = {"origin": HERE, "host": "127.0.0.1:8050"}


def test_the_form_needs_nothing_that_is_signed_in(office: TestClient) -> None:
    text = office.get("/sign-in").text
    addresses = [part.split('"')[0] for part in text.replace("src=", "href=").split('href="')[1:]]
    assert len(addresses) == 6
    assert [office.get(address).status_code for address in addresses if address.startswith("/assets")] == [200] * 4
    assert "<style" not in text
    assert "onclick" not in text


def test_the_cookie_is_kept_from_scripts_and_other_sites(office: TestClient) -> None:
    given = enter(office).headers["set-cookie"]
    assert given.startswith("jingwei=")
    assert "HttpOnly" in given
    assert "samesite=lax" in given.lower()
    assert "secure" not in given.lower()
    assert "max-age" not in given.lower()


def test_under_tls_the_cookie_is_bound_to_this_host(office: TestClient) -> None:
    answer = office.post(f"{SECURE}/sign-in", data={"name": "chief", "password": PASSWORD})
    given = answer.headers["set-cookie"]
    assert given.startswith("__Host-jingwei=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(given.split("; "))
    secret = given.split("=", 1)[1].split(";")[0]
    assert office.get(f"{SECURE}/", headers={"cookie": f"__Host-jingwei={secret}"}).status_code == 200
    office.cookies.clear()
    assert office.get(f"{SECURE}/", headers={"cookie": f"jingwei={secret}"}).status_code == 303


def test_a_session_is_new_at_each_sign_in(office: TestClient) -> None:
    enter(office)
    first = office.cookies[cookies.PLAIN]
    enter(office)
    assert office.cookies[cookies.PLAIN] != first
    office.cookies.clear()
    assert office.get("/", headers={"cookie": f"{cookies.PLAIN}={first}"}).status_code == 303
    made_up = {"cookie": f"{cookies.PLAIN}=made-up"}
    office.post("/sign-in", data={"name": "chief", "password": PASSWORD}, headers=made_up)
    office.cookies.clear()
    assert office.get("/", headers=made_up).status_code == 303


def test_a_wrong_password_says_no_more_than_a_wrong_name(office: TestClient) -> None:
    wrong = enter(office, "not this one")
    unknown = office.post("/sign-in", data={"name": "nobody", "password": PASSWORD})
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert "账号或密码不对。" in wrong.text
    assert unknown.text == wrong.text.replace('value="chief"', 'value="nobody"')
    assert audit(office, "sign_in_refused")["detail"] == '{"account": "unknown", "address": "testclient"}'


def test_the_sixth_wrong_try_waits_even_with_the_right_password(office: TestClient) -> None:
    for _ in range(5):
        access_of(office).attempts.failed("chief", "testclient")
    answer = enter(office)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 900
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_host(office: TestClient, target: str) -> None:
    assert enter(office, next=target).headers["location"] == "/"


def test_what_was_typed_is_escaped(office: TestClient) -> None:
    answer = office.post("/sign-in", data={"name": '"><script>x', "password": "y", "next": '/"><b>'})
    assert "<script>x" not in answer.text
    assert "<b>" not in answer.text


def test_signing_out_ends_the_session_and_its_sockets(office: TestClient) -> None:
    enter(office)
    secret = office.cookies[cookies.PLAIN]
    signed_in = {**ORIGIN, "cookie": f"{cookies.PLAIN}={secret}"}
    with office.websocket_connect("/live/socket", headers=signed_in) as socket:
        assert "beat" in socket.receive_text()
        answer = office.post("/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        said = socket.receive()
        while said["type"] == "websocket.send":
            said = socket.receive()
        assert (said["type"], said["code"]) == ("websocket.close", 4401)
    assert office.get("/", headers={"cookie": f"{cookies.PLAIN}={secret}"}).status_code == 303
    assert audit(office, "signed_out")["actor"] == "chief"


def test_another_password_signs_out_everybody_else_of_the_post(office: TestClient) -> None:
    accounts = access_of(office).accounts
    accounts.add(PROGRAM, name="shift", roles=["operator"], password=PASSWORD)
    office.post("/sign-in", data={"name": "shift", "password": PASSWORD})
    other = session(office, "shift")
    told = {"old": PASSWORD, "new": "a much better one", "again": "a much better one"}
    assert office.post("/password", data={**told, "again": "another one here"}).status_code == 422
    assert office.post("/password", data={**told, "old": "wrong"}).status_code == 401
    assert office.post("/password", data={**told, "new": "short", "again": "short"}).status_code == 422
    assert office.post("/password", data=told).status_code == 303
    assert office.get("/").status_code == 200
    office.cookies.clear()
    assert office.get("/", headers=other).status_code == 303
    assert accounts.signing_in("shift", "a much better one") is not None


def test_a_wall_s_token_leaves_the_address_for_a_cookie(office: TestClient) -> None:
    token, secret = access_of(office).tokens.add_device(PROGRAM, "大厅", "S1")
    answer = office.get(f"/?level=grid&token={secret}&figure=open")
    assert (answer.status_code, answer.headers["location"]) == (302, "/?level=grid&figure=open")
    assert secret not in answer.headers["set-cookie"]
    assert "Max-Age=34560000" in answer.headers["set-cookie"]
    assert office.get("/live/now").status_code == 200
    assert office.post("/sign-in/none").status_code == 404
    assert office.get("/search?q=x").status_code == 403
    assert audit(office, "device_entered")["actor"] == token.name
    access_of(office).tokens.revoke(PROGRAM, token)
    assert office.get("/live/now").status_code == 401
    again = office.get(f"/?token={secret}")
    assert (again.headers["location"], "set-cookie" in again.headers) == ("/", False)


def test_what_a_session_may_see_stays_in_no_cache(office: TestClient) -> None:
    enter(office)
    for path in ("/", "/_dash-layout", "/_dash-dependencies", "/accounts"):
        assert office.get(path).headers["cache-control"] == "no-store"


def test_an_export_is_written_down(office: TestClient) -> None:
    enter(office)
    assert office.get("/accounts/log.csv?days=1").status_code == 200
    assert audit(office, "export") == {
        "actor": "chief", "by_role": "administrator", "detail": '{"what": "/accounts/log.csv", "asked": "days=1"}',
    }  # fmt: skip


def test_the_menu_shows_the_post_and_only_its_pages(office: TestClient) -> None:
    chief, reader = session(office, "chief"), session(office, "leader", "leader")
    full, less = (str(office.get("/_dash-layout", headers=who).json()) for who in (chief, reader))
    for path in ("'/imports'", "'/accounts'"):
        assert path in full
        assert path not in less
    assert "区指挥中心" in full


def test_a_role_is_switched_by_a_demo_s_visitor_only(office: TestClient) -> None:
    enter(office)
    assert office.post("/demo/role", data={"role": "leader"}).status_code == 403
