"""Signing in through an identity provider that runs beside the test."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from starlette.testclient import TestClient

from dashboard.server import create_app
from data.settings import Settings
from tests.dashboard.conftest import HERE
from tests.dashboard.posts import access_of, post
from tests.dashboard.provider import CLIENT, SECRET, Provider, running


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running() as made:
        yield made


@pytest.fixture(scope="module")
def office(town: Settings, provider: Provider) -> Iterator[TestClient]:
    """The application with the provider in its settings, and a post the provider calls 'operator@city'."""
    told = {
        "oidc_issuer": provider.address,
        "oidc_client": CLIENT,
        "oidc_secret": SecretStr(SECRET),
        "oidc_claim": "posts",
    }
    settings = town.model_copy(update={"demo_user": False, **told})
    with TestClient(create_app(settings), base_url=HERE, follow_redirects=False) as client:
        post(client, "operator")
        yield client


@pytest.fixture(autouse=True)
def fresh(office: TestClient, provider: Provider) -> None:
    office.cookies.clear()
    provider.says, provider.signed_by = {"posts": ["unknown", "operator@city"]}, provider.key


def gone_and_back(office: TestClient, provider: Provider) -> Any:
    """Leave for the provider, say yes there, come back."""
    left = office.get("/sign-in/provider?next=/%3Flevel%3Dgrid")
    assert left.status_code == 303
    return office.get(provider.authorize(left.headers["location"]))


def test_the_form_offers_the_provider(office: TestClient) -> None:
    assert 'href="/sign-in/provider?next=%2F"' in office.get("/sign-in").text


def test_the_post_the_provider_names_is_signed_in(office: TestClient, provider: Provider) -> None:
    back = gone_and_back(office, provider)
    assert (back.status_code, back.headers["location"]) == (303, "/?level=grid")
    assert office.get("/").status_code == 200
    assert provider.asked["code_challenge_method"] == "S256"
    assert provider.asked["response_type"] == "code"
    assert provider.asked["redirect_uri"] == f"{HERE}/sign-in/provider/done"
    assert len(provider.asked["nonce"]) >= 32


def test_nothing_of_the_person_is_kept(office: TestClient, provider: Provider) -> None:
    gone_and_back(office, provider)
    store = office.app.state.desk.store  # type: ignore[attr-defined]
    store.writer.run(lambda _con: None, quiet=True).result()
    tables = [store.rows(f"SELECT * FROM {name}") for name in ("account", "session", "audit", "access_token")]
    assert "person-4711" not in str(tables)


def test_a_post_nobody_opened_is_not_let_in(office: TestClient, provider: Provider) -> None:
    provider.says = {"posts": ["nobody@city"]}
    back = gone_and_back(office, provider)
    assert back.status_code == 403
    assert "没有与之对应的岗位账号" in back.text
    assert "jingwei=" not in back.headers.get("set-cookie", "")


def test_a_shut_post_is_not_let_in(office: TestClient, provider: Provider) -> None:
    accounts = access_of(office).accounts
    from data.actors import PROGRAM

    accounts.set_disabled(PROGRAM, accounts.by_name("operator"), True)
    assert gone_and_back(office, provider).status_code == 403
    accounts.set_disabled(PROGRAM, accounts.by_name("operator"), False)


@pytest.mark.parametrize(
    "says",
    [
        {"nonce": "another"},
        {"aud": "somebody else"},
        {"iss": "https://evil.example"},
        {"exp": int(time.time()) - 3600},
    ],
)
def test_a_token_that_is_not_meant_for_this_is_not_believed(
    office: TestClient, provider: Provider, says: dict[str, Any]
) -> None:
    provider.says |= says
    back = gone_and_back(office, provider)
    assert back.status_code == 403
    assert "应答不可信" in back.text


def test_a_token_signed_by_another_key_is_not_believed(office: TestClient, provider: Provider) -> None:
    provider.signed_by = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
    assert gone_and_back(office, provider).status_code == 403


def test_an_answer_another_browser_began_is_not_taken(office: TestClient, provider: Provider) -> None:
    left = office.get("/sign-in/provider")
    back = provider.authorize(left.headers["location"])
    office.cookies.clear()
    assert office.get(back).status_code == 403


def test_an_answer_is_taken_once(office: TestClient, provider: Provider) -> None:
    left = office.get("/sign-in/provider")
    back = provider.authorize(left.headers["location"])
    assert office.get(back).status_code == 303
    assert office.get(back).status_code == 403
