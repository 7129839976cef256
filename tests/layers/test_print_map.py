from __future__ import annotations

import io
from datetime import UTC, datetime

import numpy as np
import pyproj
import pytest
import shapely
from PIL import Image

from layers.codec import NO_DATA, TOO_FEW
from layers.paper import Drawing, fitted, lines_of, width_of
from layers.paper_pdf import page
from layers.paper_png import png
from layers.print_map import LegendLine, MapSheet, drawn, view_of

MADE = datetime(2024, 4, 1, tzinfo=UTC)
WEST, SOUTH, SIDE = 118.30, 35.00, 0.01


def sheet(*found: int) -> MapSheet:
    """Squares from west to east, of these classes."""
    squares = [shapely.box(WEST + i * SIDE, SOUTH, WEST + (i + 1) * SIDE, SOUTH + SIDE) for i in range(len(found))]
    return MapSheet(
        title="青禾区 网格 按期办结率", subtitle="2024-03", legend_title="按期办结率 (%)", legend_note="",
        legend=(LegendLine("90 – 100", "1", "#2673B4"), LegendLine("无数据", "1")), foot=("来源：青禾区", "n = 24"),
        scale_words=("米", "公里"), names=tuple("" for _ in found), shapes=tuple(s.wkb for s in squares),
        found=np.array(found, np.uint8), colours=("#A9CDEB", "#2673B4"), crs="EPSG:4548",
    )  # fmt: skip


def pixels(drawing: Drawing, dpi: int = 127) -> Image.Image:
    """The picture at five pixels a millimetre."""
    return Image.open(io.BytesIO(png(drawing, dpi)))


def test_a_place_has_its_class_s_colour_where_it_lies() -> None:
    one = sheet(0, 1)
    picture = pixels(drawn(one, 180, 100))
    view = view_of(one, shapely.from_wkb(np.array(one.shapes, object)), (0.2, 13.0, 180 - 48, 100 - 13 - 5.3))
    for i, colour in ((0, (0xA9, 0xCD, 0xEB)), (1, (0x26, 0x73, 0xB4))):
        point = view.laid(np.array([shapely.Point(WEST + (i + 0.4) * SIDE, SOUTH + SIDE * 0.6)]))[0]
        assert picture.getpixel((round(point.x * 5), round(point.y * 5))) == colour


def test_no_data_and_too_few_are_hatched_in_opposite_directions() -> None:
    none, few = (
        [m for m in drawn(sheet(0, value), 180, 100).marks if getattr(m, "colour", "") == "#A9B3BF" and len(m.points) == 2]
        for value in (NO_DATA, TOO_FEW)
    )  # fmt: skip
    slopes = [np.sign((m.points[1] - m.points[0]).prod()) for m in (none[-1], few[-1])]
    swatch = len(
        [m for m in drawn(sheet(0, 1), 180, 100).marks if getattr(m, "colour", "") == "#A9B3BF" and len(m.points) == 2]
    )
    assert len(none) > swatch < len(few)
    assert slopes[0] == slopes[1]  # the legend's swatch, the same in both
    inside = [np.sign((m.points[1] - m.points[0]).prod()) for m in (none[0], few[0])]
    assert inside[0] == -inside[1] != 0


def test_a_metre_is_a_metre_on_the_sheet() -> None:
    one = sheet(0, 1)
    shapes = shapely.from_wkb(np.array(one.shapes, object))
    view = view_of(one, shapes, (0, 0, 100, 60))
    a, b = view.laid(np.array([shapely.Point(WEST + i * SIDE, SOUTH) for i in (0, 2)]))
    metres = pyproj.Geod(ellps="GRS80").inv(WEST, SOUTH, WEST + 2 * SIDE, SOUTH)[2]
    assert a.distance(b) / view.millimetres == pytest.approx(metres, rel=0.0005)


def test_a_hole_lets_through_what_lies_below() -> None:
    paper = Drawing(20, 20)
    paper.shape(shapely.box(0, 0, 20, 20) - shapely.box(8, 8, 12, 12), fill="#2673B4")
    picture = pixels(paper)
    assert [picture.getpixel(at) for at in ((10, 10), (50, 50))] == [(0x26, 0x73, 0xB4), (255, 255, 255)]
    assert page(paper, title="x", made=MADE).startswith(b"%PDF")


def test_the_pdf_holds_vectors_and_the_typeface() -> None:
    content = page(drawn(sheet(0, 1), 180, 100), title="按期办结率", made=MADE)
    assert b"NotoSansCJKSC" in content
    assert b"/Subtype /Image" not in content
    assert page(drawn(sheet(0, 1), 180, 100), title="按期办结率", made=MADE) == content


def test_a_picture_knows_its_resolution() -> None:
    picture = Image.open(io.BytesIO(png(Drawing(50.8, 25.4), 200)))
    assert picture.size == (400, 200)
    assert round(picture.info["dpi"][0]) == 200


def test_an_empty_level_says_so() -> None:
    one = MapSheet(**{**vars(sheet()), "none": "这一层级没有边界"})
    assert "这一层级没有边界" in [getattr(mark, "text", "") for mark in drawn(one, 180, 100).marks]


def test_words_are_cut_and_broken_where_they_have_to() -> None:
    assert width_of("网格", 72 / 25.4) == pytest.approx(2.0)  # two characters of one millimetre
    assert fitted("网格治理月报", 72 / 25.4, 4) == "网格治…"
    assert lines_of("按期办结率上升，办结率持平。", 72 / 25.4, 7) == ["按期办结率上升，", "办结率持平。"]
    assert lines_of("the same again", 72 / 25.4, 5) == ["the same", "again"]
