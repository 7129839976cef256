"""Posts of the town for the tests that need somebody to be signed in: one of every role, a wall, a program."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.testclient import TestClient

from dashboard import cookies
from data.access import Access
from data.accounts import Account
from data.actors import PROGRAM
from data.errors import NotFound

PASSWORD = "correct horse battery"


def access_of(client: TestClient) -> Access:
    """The access of the running application's store."""
    app = client.app
    assert isinstance(app, FastAPI)
    access: Access = app.state.desk.store.access
    return access


def post(client: TestClient, name: str, *roles: str) -> Account:
    """The account of a name, opened where there is none yet."""
    accounts = access_of(client).accounts
    try:
        return accounts.by_name(name)
    except NotFound:
        return accounts.add(PROGRAM, name=name, roles=roles or (name,), outside=f"{name}@city")


def session(client: TestClient, name: str, *roles: str) -> dict[str, str]:
    """The headers of a browser that is signed in as a post."""
    secret = access_of(client).sessions.begin(post(client, name, *roles))
    return {"cookie": f"{cookies.PLAIN}={secret}"}


def wall(client: TestClient, place: str = "S1") -> dict[str, str]:
    """The headers of a wall's browser."""
    access = access_of(client)
    token, _secret = access.tokens.add_device(PROGRAM, "大厅", place)
    return {"cookie": f"{cookies.PLAIN}={access.sessions.begin_device(token)}"}
