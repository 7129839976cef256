"""Fixtures every room's tests may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.settings import Settings
from data.store import Store


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a small machine, at home in the test's own folder."""
    return Settings(home=tmp_path / "var", memory_share=0.1, threads=2)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """An initialised store: a district, one atlas that holds only it, no cases."""
    with Store.create(
        settings.home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings
    ) as opened:
        yield opened
