"""Hot and cold spots against esda and by hand; what becomes of them over weeks."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import stats

from data.neighbours import pairs_of, queen_pairs
from data.spots import COURSES, course, discoveries, gi_star, kinds, rising, spots, standardised
from tests.realdata import SHARED, needs_shared


def lattice(side: int) -> np.ndarray:
    """Squares of a hundredth of a degree, row by row."""
    step = np.arange(side) / 100
    x, y = (one.ravel() for one in np.meshgrid(114 + step, 30 + step))
    return shapely.box(x, y, x + 0.01, y + 0.01)


def test_neighbours_share_a_border_or_a_corner() -> None:
    pairs = queen_pairs(lattice(3))
    assert np.bincount(pairs[:, 0]).tolist() == [3, 5, 3, 5, 8, 5, 3, 5, 3]
    assert set(map(tuple, pairs.tolist())) == {(b, a) for a, b in pairs.tolist()}


def test_places_that_lie_apart_have_their_nearest_as_neighbours() -> None:
    apart = shapely.buffer(shapely.centroid(lattice(4)), 0.002)
    pairs = pairs_of(apart, "EPSG:4547")
    assert np.bincount(pairs[:, 0]).min() == 8
    assert not (pairs[:, 0] == pairs[:, 1]).any()


def test_gi_star_is_the_formula_worked_by_hand() -> None:
    """Three in a row, 0 1 5: mean 2, deviation sqrt(26/3 - 4); the middle has all three, which nothing can stand out against."""
    pairs = np.array([[0, 1], [1, 0], [1, 2], [2, 1]])
    z = gi_star(np.array([[0.0], [1.0], [5.0]]), pairs)[:, 0]
    scale = np.sqrt(26 / 3 - 4) * np.sqrt((3 * 2 - 4) / 2)
    assert z.tolist() == pytest.approx([(1 - 4) / scale, 0.0, (6 - 4) / scale], abs=1e-12)


def test_a_place_without_a_value_is_no_neighbour() -> None:
    pairs = queen_pairs(lattice(3))
    values = np.array([1.0, 2, 3, 4, np.nan, 6, 7, 8, 9])
    ring = [i for i in range(9) if i != 4]
    number = {place: i for i, place in enumerate(ring)}
    among = np.array([[number[a], number[b]] for a, b in pairs.tolist() if 4 not in (a, b)])
    found = gi_star(values[:, None], pairs)[:, 0]
    assert np.isnan(found[4])
    assert found[ring].tolist() == gi_star(values[ring][:, None], among)[:, 0].tolist()


def test_equal_values_have_no_spots() -> None:
    found = spots(np.full(9, 4.0), queen_pairs(lattice(3)))
    assert not found.hot.any()
    assert not found.cold.any()
    assert found.p.tolist() == [1.0] * 9


def test_counts_are_standardised_as_assuncao_and_reis_do() -> None:
    """esda's own example (`assuncao_rate`); a place without households has no value and changes no other's."""
    counts = np.array([30.0, 25, 25, 15, 33, 21, 30, 20, 7])[:, None]
    households = np.array([100.0, 100, 110, 90, 100, 90, 110, 90, 0])
    found = standardised(counts, households)[:, 0]
    assert found[:4].tolist() == pytest.approx([1.03843594, -0.04099089, -0.56250375, -1.73061861], abs=1e-8)
    assert np.isnan(found[8])


def test_a_place_is_no_hotter_for_being_larger() -> None:
    """A corner of places four times as large with four times the reports is as all are; twice the reports a household is not."""
    households = np.full((12, 12), 100.0)
    households[:4, :4] = 400
    same = standardised(households.reshape(-1, 1) / 10, households.ravel())[:, 0]
    assert same.tolist() == pytest.approx([0.0] * 144, abs=1e-9)
    more = households / 10
    more[8:, 8:] *= 2
    found = spots(standardised(more.reshape(-1, 1), households.ravel())[:, 0], queen_pairs(lattice(12)))
    assert found.hot.reshape(12, 12)[9:, 9:].all()
    assert not found.hot.reshape(12, 12)[:4, :4].any()


def test_a_hot_corner_is_found_and_its_opposite_is_cold_or_nothing() -> None:
    values = np.zeros((12, 12))
    values[:4, :4] = 10
    found = spots(values.ravel(), queen_pairs(lattice(12)))
    assert found.hot.reshape(12, 12)[:3, :3].all()
    assert not found.hot.reshape(12, 12)[6:, 6:].any()


def test_false_discoveries_are_controlled_as_benjamini_and_hochberg_do() -> None:
    """The example of their paper's kind: p times n over rank, never falling."""
    q = discoveries(np.array([0.01, np.nan, 0.04, 0.03, 0.5]))
    assert q[[0, 2, 3, 4]].tolist() == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert np.isnan(q[1])


def test_the_trend_is_mann_kendall() -> None:
    """1 … 12 rises in all 66 pairs: z = 65 / sqrt(12 · 11 · 29 / 18)."""
    rows = np.vstack([np.arange(12.0), np.arange(12.0)[::-1], np.full(12, 3.0)])
    tau, p = rising(rows)
    assert tau.tolist() == [1.0, -1.0, 0.0]
    assert p.tolist() == pytest.approx([2 * stats.norm.sf(65 / np.sqrt(12 * 11 * 29 / 18))] * 2 + [1.0], abs=1e-15)


def test_ties_shrink_the_trends_variance() -> None:
    """Each value twice: 60 of 66 pairs rise; six ties of two take 6 · 2 · 1 · 9 / 18 = 6 off the variance 638 / 3."""
    tau, p = rising(np.repeat(np.arange(6.0), 2)[None, :])
    assert tau.tolist() == [60 / 66]
    assert p.tolist() == pytest.approx([2 * stats.norm.sf(59 / np.sqrt(638 / 3 - 6))])


@pytest.mark.parametrize(
    ("hot", "tau", "p", "kind"),
    [
        ("000000000001", 0.1, 0.5, "new"),
        ("000000001001", 0.6, 0.01, "growing"),
        ("111111111111", 0.6, 0.01, "growing"),
        ("001111111111", 0.1, 0.5, "persistent"),
        ("000111111111", 0.1, 0.5, "persistent"),
        ("000011111111", 0.1, 0.5, "occasional"),
        ("111111111111", -0.6, 0.01, "fading"),
        ("001110000000", 0.1, 0.5, "fading"),
        ("000110000000", 0.1, 0.5, "none"),
        ("000000000000", 0.9, 0.001, "none"),
    ],
)
def test_what_became_of_a_spot_follows_the_stated_rules(hot: str, tau: float, p: float, kind: str) -> None:
    weeks = np.array([[mark == "1" for mark in hot]])
    assert COURSES[kinds(weeks, np.array([tau]), np.array([p]))[0]] == kind


def test_a_corner_that_fills_up_is_new_then_persistent() -> None:
    counts = np.full((12 * 12, 12), 2.0)
    corner = (np.arange(12)[:, None] < 3) & (np.arange(12)[None, :] < 3)
    counts[corner.ravel(), 11] = 30
    told, z, q = course(counts, queen_pairs(lattice(12)))
    assert COURSES[told.kind[0]] == "new"
    assert told.weeks[0] == 1
    assert (z[0, :11] == 0).all()
    assert q[0, 11] < 1e-6
    counts[corner.ravel(), :] = 30
    assert COURSES[course(counts, queen_pairs(lattice(12)))[0].kind[0]] == "persistent"


@needs_shared
def test_gi_star_on_bostons_tracts_is_esdas() -> None:
    """Tickets of each tract of Boston's box, on queen weights of libpysal; z to 1e-9 of esda's."""
    geopandas = pytest.importorskip("geopandas")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        esda = pytest.importorskip("esda")
        weights = pytest.importorskip("libpysal.weights")
        tracts = geopandas.read_file(SHARED / "boston-311" / "tracts2010_households.gpkg").to_crs(4326)
        tracts["geometry"] = shapely.make_valid(tracts.geometry.values, method="structure", keep_collapsed=False)
        tracts = tracts.cx[-71.2:-70.98, 42.22:42.41].reset_index(drop=True)
        tickets = pd.read_csv(SHARED / "boston-311" / "boston311_2011H2.csv.gz", usecols=["latitude", "longitude"])
        lying = shapely.STRtree(tracts.geometry.values).query(
            shapely.points(tickets["longitude"], tickets["latitude"]), predicate="within"
        )[1]
        values = np.bincount(lying, minlength=len(tracts)).astype(float)
        queen = weights.Queen.from_dataframe(tracts, use_index=False, silence_warnings=True)
        theirs = esda.getisord.G_Local(values, queen, transform="B", star=True, permutations=0)
    pairs = np.array([(a, b) for a, others in queen.neighbors.items() for b in others])
    ours = spots(values, pairs)
    assert len(values) > 190
    assert np.abs(ours.z - theirs.Zs).max() < 1e-9
    assert np.abs(ours.p - 2 * theirs.p_norm).max() < 1e-12
    own = set(map(tuple, queen_pairs(np.asarray(tracts.geometry.values)).tolist()))
    assert len(own ^ set(map(tuple, pairs.tolist()))) <= 0.05 * len(own)
