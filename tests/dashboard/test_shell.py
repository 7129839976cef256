from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from typing import Any

import pytest
from starlette.testclient import TestClient


def graph(client: TestClient) -> list[dict[str, Any]]:
    """The dependencies as the browser gets them."""
    client.get("/")
    found: list[dict[str, Any]] = client.get("/_dash-dependencies").json()
    return found


def outputs(callback: dict[str, Any]) -> list[str]:
    """'component.property' of each output."""
    text = callback["output"].strip(".")
    return [part.split("@")[0] for part in text.split("...")] if text else []


def test_no_property_has_two_owners(client: TestClient) -> None:
    owned = Counter(out for callback in graph(client) for out in outputs(callback))
    assert [name for name, n in owned.items() if n > 1] == []


def test_one_component_s_property_is_never_its_own_cause(client: TestClient) -> None:
    leads: dict[str, set[str]] = defaultdict(set)
    for callback in graph(client):
        for one in callback["inputs"]:
            leads[f"{one['id']}.{one['property']}"].update(outputs(callback))

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for following in leads.get(waiting.pop(), ()):
                if following not in seen:
                    seen.add(following)
                    waiting.append(following)
        return seen

    assert [name for name in leads if name in reached(name)] == []


def test_callbacks_are_never_suppressed_and_every_id_exists(client: TestClient) -> None:
    config = json.loads(client.get("/").text.split('type="application/json">')[1].split("</script>")[0])
    assert config["suppress_callback_exceptions"] is False
    layout = json.dumps(config.get("validation_layout") or "")
    for callback in graph(client):
        for one in callback["inputs"] + callback["state"]:
            # A pattern ({"type": …}) stands for many components that come later.
            assert str(one["id"]).startswith("{") or f'"{one["id"]}"' in layout


def test_nothing_is_fetched_from_elsewhere(client: TestClient) -> None:
    addresses = re.findall(r'(?:src|href)="([^"]*)"', client.get("/").text)
    assert len(addresses) > 10
    assert [address for address in addresses if not address.startswith("/") or address.startswith("//")] == []


@pytest.mark.parametrize("path", ["/", "/imports"])
def test_every_page_is_the_index(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert 'id="react-entry-point"' in answer.text
    assert '<script src="/assets/early/theme.js">' in answer.text


def test_unknown_addresses_are_not_pages(client: TestClient) -> None:
    answer = client.get("/maps")
    assert (answer.status_code, answer.text) == (404, "没有这个页面")


def test_scripts_for_workers_and_vendors_are_not_loaded_by_dash(client: TestClient) -> None:
    text = client.get("/").text
    assert "assets/map.js" in text
    assert "assets/vendor" not in text
    assert text.count("assets/early/theme.js") == 1


def test_simulated_data_says_so(client: TestClient) -> None:
    client.get("/")
    layout = client.get("/_dash-layout").text
    assert json.loads(f'"{"模拟数据".encode("unicode_escape").decode()}"') in json.dumps(
        json.loads(layout), ensure_ascii=False
    )
