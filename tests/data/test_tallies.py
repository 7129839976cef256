"""What came in today by category, against hand-made days."""

from __future__ import annotations

from datetime import datetime

from data.store import Store
from data.tallies import Tally, today_by_category
from tests.data.builder import draw, move, take


def ticket(number: int, when: str, category: str, at: str = "G1") -> dict[str, str]:
    return {"id": str(number), "reported": when, "category_name": category, "at": at}


def test_today_stands_beside_the_mean_of_the_week_before_up_to_the_same_time(store: Store) -> None:
    draw(store)
    take(
        store,
        ticket(1, "03-08 08:00", "路灯"),
        ticket(2, "03-08 09:30", "路灯", "G4"),
        ticket(3, "03-08 09:45", "占道"),
        ticket(4, "03-08 10:30", "占道"),  # later than now
        *(ticket(10 + day, f"03-{day:02d} 09:00", "路灯") for day in range(1, 8)),
        ticket(20, "03-03 11:00", "路灯"),  # later in its day than it is now
        ticket(21, "03-05 07:00", "井盖"),  # none today
        ticket(22, "03-08 07:00", "井盖"),
    )
    move(store, "22", "voided", "03-08 09:00")
    midnight, now = (datetime(2024, 3, 8, hour, tzinfo=store.zone) for hour in (0, 10))
    assert today_by_category(store, midnight, now) == [Tally("路灯", 2, 1.0), Tally("占道", 1, 0.0)]
    street = store.rows("SELECT place_id FROM place WHERE code = 'S1'")[0]["place_id"]
    assert today_by_category(store, midnight, now, [street]) == [Tally("路灯", 1, 1.0), Tally("占道", 1, 0.0)]
    assert today_by_category(store, midnight, now, (), [("category", ["占道"])]) == [Tally("占道", 1, 0.0)]
