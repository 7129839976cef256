"""Which level the browser shows by itself at a zoom."""

from __future__ import annotations

from tests.node import needs_node, run

pytestmark = needs_node
# Sides of 1/2^13, 1/2^15 and 1/2^17 of the world: 32 pixels wide at zoom 10, 12 and 14.
STEPS = [["community", 2**-13], ["grid", 2**-15], ["micro_grid", 2**-17]]


def at(zoom: float, home: float = 9.0, scale: float = 1.0) -> str:
    """The level at a zoom, where `home` shows everything and the type is `scale` times its usual size."""
    body = "return jingwei.readableLevel(steps, zoom, home, scale)"
    found: str = run(["map_level.js"], body, steps=STEPS, zoom=zoom, home=home, scale=scale)
    return found


def test_a_level_comes_with_the_zoom_at_which_its_places_can_be_read() -> None:
    assert [at(zoom) for zoom in (9, 11.75, 12, 13.75, 14, 18)] == [
        "community", "community", "grid", "grid", "micro_grid", "micro_grid"
    ]  # fmt: skip


def test_the_whole_district_is_shown_by_its_first_level_however_small_it_is() -> None:
    assert [at(zoom, home=15.0) for zoom in (15, 15.5, 15.75)] == ["community", "community", "micro_grid"]


def test_on_a_wall_places_are_to_be_larger() -> None:
    assert [at(zoom, scale=2.0) for zoom in (12, 13, 14, 15)] == ["community", "grid", "grid", "micro_grid"]
