from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.demo_clock import turn
from data.clock import simulated_clock
from data.errors import Refused
from data.settings import Settings
from data.store import Store

SHOWN = datetime(2026, 6, 30, 2, tzinfo=UTC)


@pytest.fixture
def simulated(settings: Settings) -> Store:
    """A simulated deployment whose time stands."""
    return Store.create(
        settings.home,
        name="青禾区",
        code="990101",
        zone="Asia/Shanghai",
        crs="EPSG:4547",
        simulated=True,
        shown_at=SHOWN,
        settings=settings,
    )


def test_a_real_deployment_s_time_is_not_set(store: Store) -> None:
    with pytest.raises(Refused):
        turn(store, "demo-speed-600")


def test_the_hands_set_speed_and_time(simulated: Store) -> None:
    with simulated:
        clock = simulated_clock(simulated.clock)
        assert turn(simulated, "demo-speed-600") == "速度：×600"
        assert clock.speed == 600
        assert turn(simulated, "demo-jump-6") == "正在走到 2026-06-30 16:00"
        assert clock.goal() == SHOWN + timedelta(hours=6)
        assert turn(simulated, "demo-speed-0") == "速度：暂停"
        assert clock.speed == 0


@pytest.mark.parametrize("name", ["demo-speed-9", "demo-jump-7", "demo-", "demo-speed-x", "None"])
def test_no_other_hand_is_known(simulated: Store, name: str) -> None:
    with simulated, pytest.raises(Refused):
        turn(simulated, name)
