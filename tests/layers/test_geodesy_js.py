"""Lengths, areas and outlines as the browser computes them, beside PROJ and the server."""

from __future__ import annotations

import math

import pyproj
import pytest

from data.areas import decoded, encoded
from tests.node import needs_node, run

pytestmark = needs_node
FILES = ["map_geodesy.js"]
WGS84 = pyproj.Geod(ellps="WGS84")
LINE = [(118.30, 35.00), (118.31, 35.00), (118.3251, 35.0177), (118.2, 34.9)]
RING = [(118.3 + 0.02 * math.cos(t / 10), 35 + 0.01 * math.sin(t / 10) * (1 + 0.3 * math.sin(t))) for t in range(62)]


def test_a_length_is_the_geodesic_on_the_ellipsoid_to_the_millimetre() -> None:
    lons, lats = zip(*LINE, strict=True)
    assert run(FILES, "return jingwei.geodesy.length(line)", line=LINE) == pytest.approx(
        WGS84.line_length(lons, lats), abs=1e-3
    )


def test_a_length_of_nothing_and_along_the_equator() -> None:
    body = "return [jingwei.geodesy.length([[118, 35], [118, 35]]), jingwei.geodesy.length([]), jingwei.geodesy.length([[0, 0], [1, 0]])]"
    nothing, none, degree = run(FILES, body)
    assert (nothing, none) == (0, 0)
    assert degree == pytest.approx(111319.491, abs=1e-3)


def test_an_area_is_that_on_the_ellipsoid_whichever_way_it_is_drawn() -> None:
    lons, lats = zip(*RING, strict=True)
    exact = abs(WGS84.polygon_area_perimeter(lons, lats)[0])
    body = "return [jingwei.geodesy.area(ring), jingwei.geodesy.area(ring.slice().reverse())]"
    assert run(FILES, body, ring=RING) == pytest.approx([exact, exact], rel=1e-4)


def test_an_outline_has_the_same_letters_in_the_browser_and_on_the_server() -> None:
    outline = [(118.30001, 35.0), (-118.31, -35.01), (0.0, 0.0), (179.99999, 89.9)]
    text = run(FILES, "return jingwei.geodesy.encode(outline)", outline=outline)
    assert text == encoded(outline)
    found = run(FILES, "return jingwei.geodesy.decode(text)", text=text)
    assert [tuple(point) for point in found] == decoded(text)


@pytest.mark.parametrize("text", ["", "A", "_", "~~~~", "________", "AAAA", "&lt;"])
def test_what_is_no_outline_is_not_drawn(text: str) -> None:
    assert run(FILES, "return jingwei.geodesy.decode(text)", text=text) is None
