from __future__ import annotations

import pytest

from layers.palettes import RAMPS, around, ramp


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("n", [1, 2, 5, 6, 7])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", RAMPS)
def test_a_ramp_has_as_many_different_colours_as_classes(name: str, theme: str, n: int) -> None:
    assert len(set(ramp(name, theme, n))) == n


@pytest.mark.parametrize(("theme", "rises"), [("light", False), ("dark", True)])
@pytest.mark.parametrize("n", [5, 6, 7])
def test_more_stands_out_more_against_the_page(theme: str, rises: bool, n: int) -> None:
    found = [luminance(colour) for colour in ramp("single", theme, n)]
    assert found == sorted(found, reverse=not rises)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_below_the_target_is_orange_and_above_it_blue(theme: str) -> None:
    colours = around(theme, 2, 3)
    assert len(set(colours)) == 5
    assert [int(c[1:3], 16) > int(c[5:7], 16) for c in colours] == [True, True, False, False, False]
