"""The header's ways: every page has one, and a post sees those it may go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard import navigation
from dashboard.server import create_app
from dashboard.shell import PAGES
from data.settings import Settings
from tests.dashboard.conftest import HERE
from tests.dashboard.posts import session

OPERATE = [
    "/console",
    "/console/board",
    "/console/dispatch",
    "/console/handover",
    "/emergency",
    "/playback",
    "/wall/990101",
]
REVIEW = ["/leader", "/leader/coming", "/heatmap", "/rankings", "/scorecards", "/bulletins"]
ADMINISTER = ["/imports", "/accounts", "/rules", "/console/deadlines"]
SEEN: dict[str, list[Any]] = {
    "operator": ["/", OPERATE, REVIEW, "/imports"],
    "dispatcher": ["/", OPERATE, [one for one in REVIEW if one != "/scorecards"]],
    "unit_handler": ["/", [*(one for one in OPERATE if one != "/console/dispatch"), "/my"]],
    "grid_worker": ["/", [*(one for one in OPERATE if one != "/console/dispatch"), "/my"]],
    "leader": ["/", OPERATE, REVIEW, "/studio"],
    "planner": [
        "/", [one for one in OPERATE if one != "/console/dispatch"], [one for one in REVIEW if one != "/scorecards"], "/studio",
    ],
    "administrator": ["/", [one for one in OPERATE if one != "/console/dispatch"], REVIEW, "/studio", ADMINISTER],
}  # fmt: skip


@pytest.fixture(scope="module")
def strict(town: Settings) -> Iterator[TestClient]:
    """The application without a demo's visitor."""
    with TestClient(create_app(town.model_copy(update={"demo_user": False})), base_url=HERE) as made:
        yield made


def parts(node: Any) -> Iterator[dict[str, Any]]:
    """Every component of a layout."""
    if isinstance(node, list):
        for one in node:
            yield from parts(one)
    elif isinstance(node, dict) and "props" in node:
        yield node
        yield from parts(node["props"].get("children"))


def ways(layout: Any) -> list[Any]:
    """The addresses in the header: one alone, or those under a head."""
    nav = next(one for one in parts(layout) if one["props"].get("id") == "pages")
    return [
        [link["props"]["href"] for link in parts(one["props"]["children"]) if "href" in link["props"]]
        if one["type"] == "Details"
        else one["props"]["href"]
        for one in nav["props"]["children"]
    ]


def test_every_page_has_one_way_in_the_header() -> None:
    shown = [path for paths in navigation.HEADS.values() for path in paths]
    assert len(shown) == len(set(shown))
    assert set(PAGES) - {navigation.FIRST, *shown} == set()


@pytest.mark.parametrize("role", SEEN)
def test_a_post_sees_the_ways_it_may_go_and_each_lets_it_in(strict: TestClient, role: str) -> None:
    headers = session(strict, role)
    found = ways(json.loads(strict.get("/_dash-layout", headers=headers).text))
    assert found == SEEN[role]
    for path in [one for way in found for one in ([way] if isinstance(way, str) else way)]:
        assert strict.get(path, headers=headers).status_code == 200, path
