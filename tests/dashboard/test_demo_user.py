"""The visitor of a demo."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient


def test_a_demo_s_visitor_is_signed_in_and_marked(client: TestClient) -> None:
    text = str(client.get("/_dash-layout").json())
    assert "演示用户" in text
    assert "'/accounts'" in text


def test_a_demo_s_visitor_sees_what_another_role_sees(client: TestClient) -> None:
    assert client.post("/demo/role", data={"role": "leader"}).status_code == 200
    assert client.get("/imports").status_code == 403
    assert "'/accounts'" not in str(client.get("/_dash-layout").json())
    client.post("/demo/role", data={"role": "all"})
    assert client.get("/imports").status_code == 200
    assert client.post("/demo/role", data={"role": "king"}).status_code == 403


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip"])
def test_no_visitor_comes_through_a_proxy(client: TestClient, header: str) -> None:
    assert client.get("/_dash-layout", headers={header: "10.0.0.1"}).status_code == 401
