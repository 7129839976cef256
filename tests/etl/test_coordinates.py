"""Coordinates of any system, against published points and by round trip."""

from __future__ import annotations

import coordTransform
import numpy as np
import pyarrow as pa
import pytest

from etl.coordinates import from_wgs84, known_crs, metric_system, read_numbers, read_points, to_metric, to_wgs84


def values(*numbers: float) -> np.ndarray:
    return np.array(numbers, dtype=np.float64)


def test_numbers_with_points_commas_and_thousands() -> None:
    numbers, bad = read_numbers(pa.array(["42.3594", "-71,0587", "7.395.898,67", "1,234.5", "1e3", "x", None, "nan"]))
    assert numbers[:5].tolist() == [42.3594, -71.0587, 7395898.67, 1234.5, 1000.0]
    assert np.isnan(numbers[5:]).all()
    assert bad.tolist() == [False, False, False, False, False, True, False, True]


def test_typed_numbers() -> None:
    numbers, bad = read_numbers(pa.array([1.5, None, float("inf")]))
    assert numbers[0] == 1.5
    assert np.isnan(numbers[1:]).all()
    assert bad.tolist() == [False, False, True]


def test_points_as_text() -> None:
    column = pa.array(
        ["(42.3594, -71.0587)", "POINT (-71.0587 42.3594)", "SRID=4326;POINT(-71.0587 42.3594)", "x", None]
    )
    east, north, bad = read_points(column, "lat,lon")
    assert east[:3].tolist() == [-71.0587] * 3
    assert north[:3].tolist() == [42.3594] * 3
    assert bad.tolist() == [False, False, False, True, False]
    east, north, _ = read_points(pa.array(["-71.0587,42.3594"]), "lon,lat")
    assert (east[0], north[0]) == (-71.0587, 42.3594)


def test_sao_paulo_utm_to_degrees_and_back() -> None:
    lon, lat = to_wgs84(values(348332.6, np.nan), values(7395898.67, 1.0), "EPSG:31983")
    assert lon[0] == pytest.approx(-46.48581266, abs=1e-7)
    assert lat[0] == pytest.approx(-23.54014572, abs=1e-7)
    assert np.isnan(lon[1])
    x, y = to_metric(lon[:1], lat[:1], "EPSG:31983")
    assert (x[0], y[0]) == pytest.approx((348332.6, 7395898.67), abs=1e-3)


@pytest.mark.parametrize(
    ("system", "forward"), [("GCJ-02", coordTransform.wgs84_to_gcj02), ("BD-09", coordTransform.wgs84_to_bd09)]
)
def test_chinese_systems_come_back_within_a_millimetre(system: str, forward) -> None:
    generator = np.random.default_rng(7)
    lon, lat = generator.uniform(75, 130, 10_000), generator.uniform(20, 50, 10_000)
    there = forward(lon, lat)
    back_lon, back_lat = to_wgs84(np.asarray(there[0]), np.asarray(there[1]), system)
    metres = np.hypot((back_lon - lon) * 111_320 * np.cos(np.radians(lat)), (back_lat - lat) * 110_574)
    assert metres.max() < 0.001


def test_tiananmen_in_gcj02() -> None:
    # 39.908823 N 116.397470 E on Amap is 39.90742 N 116.39123 E on GPS
    lon, lat = to_wgs84(values(116.397470), values(39.908823), "GCJ-02")
    assert lon[0] == pytest.approx(116.39123, abs=2e-5)
    assert lat[0] == pytest.approx(39.90742, abs=2e-5)


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("EPSG:4326", "EPSG:4326"),
        ("wgs84", "EPSG:4326"),
        ("epsg:31983", "EPSG:31983"),
        ("gcj02", "GCJ-02"),
        ("GCJ-02", "GCJ-02"),
        ("bd09ll", "BD-09"),
    ],
)
def test_systems_are_known_by_their_usual_names(given: str, known: str) -> None:
    assert known_crs(given) == known


def test_an_unknown_system_is_refused() -> None:
    with pytest.raises(ValueError, match='"EPSG:99999" is no coordinate system'):
        known_crs("EPSG:99999")


def test_a_place_in_china_gets_its_three_degree_zone_and_others_utm() -> None:
    assert [metric_system(*at) for at in ((117.1, 35.0), (75.0, 40.0), (135.2, 48.0), (122.98, 29.6))] == [
        "EPSG:4548", "EPSG:4534", "EPSG:4554", "EPSG:4550",
    ]  # fmt: skip
    assert [metric_system(*at) for at in ((-71.1, 42.4), (-46.6, -23.5))] == ["EPSG:32619", "EPSG:32723"]


@pytest.mark.parametrize("system", ["GCJ-02", "BD-09", "EPSG:4548", "EPSG:4326"])
def test_out_and_back_is_where_it_was(system: str) -> None:
    there = from_wgs84(values(116.4), values(39.9), system)
    assert [float(one[0]) for one in to_wgs84(*there, system)] == pytest.approx([116.4, 39.9], abs=1e-8)
