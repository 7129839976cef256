"""The web application over the small town, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dashboard.languages import use
from dashboard.server import create_app
from data.settings import Settings
from data.store import Store
from tests.dashboard.town import build

HERE = "http://127.0.0.1:8050"


@contextmanager
def own_town(folder: Path) -> Iterator[TestClient]:
    """A client of a town of its own with nobody signed in, for tests that change it."""
    made = Settings(home=folder / "var", memory_share=0.1, threads=2, demo_user=False)
    build(made)
    with TestClient(create_app(made), base_url=HERE) as client:
        yield client


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings whose home holds the town's store."""
    home: Path = tmp_path_factory.mktemp("town") / "var"
    made = Settings(home=home, memory_share=0.1, threads=2, body_kilobytes=16, upload_megabytes=1)
    build(made)
    return made


@pytest.fixture
def town_store(town: Settings) -> Iterator[Store]:
    """The town's store, open."""
    with Store.open(town.home, town) as opened:
        yield opened


@pytest.fixture
def client(town: Settings) -> Iterator[TestClient]:
    """A client of the running application."""
    with TestClient(create_app(town), base_url=HERE) as made:
        yield made


@pytest.fixture(autouse=True)
def chinese() -> None:
    """Every test reads Chinese unless it says otherwise."""
    use("zh")
