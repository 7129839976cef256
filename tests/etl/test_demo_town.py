"""The demo town is the same for the same seed, has exactly what its preset says, and tiles without gaps or overlaps."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
import shapely

from data.errors import InputError
from etl.demo_build import build_town
from etl.demo_presets import PRESETS
from etl.demo_town import CODE, SCHEMAS, Town
from etl.demo_warp import metres


@pytest.fixture(scope="module")
def tiny() -> Town:
    return build_town("tiny", 7)


@pytest.fixture(scope="module")
def standard() -> Town:
    return build_town("standard")


@pytest.fixture(scope="module")
def hills() -> Town:
    return build_town("hills")


def shapes(town: Town, name: str) -> Any:
    """The shapes of a table in metres, to the centimetre they were drawn in."""
    wkb = np.array(getattr(town, name)["geometry"].to_pylist(), dtype=object)
    return shapely.transform(shapely.from_wkb(wkb), metres)


def column(town: Town, name: str, key: str) -> np.ndarray:
    return np.array(getattr(town, name)[key].to_pylist())


def sums(into: np.ndarray, values: np.ndarray, count: int) -> list[int]:
    return [int(total) for total in np.bincount(into, weights=values, minlength=count)]


def test_the_same_seed_gives_the_same_town_and_another_seed_another(tiny: Town) -> None:
    assert build_town("tiny", 7).digest() == tiny.digest()
    assert build_town("tiny", 8).digest() != tiny.digest()


def test_every_table_has_the_columns_it_promises(tiny: Town) -> None:
    assert {name: table.schema for name, table in tiny.tables().items()} == SCHEMAS


def test_the_standard_district_has_the_counts_of_its_preset(standard: Town) -> None:
    counts = {name: table.num_rows for name, table in standard.tables().items()}
    assert (counts["streets"], counts["communities"], counts["estates"]) == (4, 102, 1105)
    assert counts["micro_grids"] == 8000
    assert Counter(column(standard, "estates", "old").tolist()) == {True: 659, False: 446}
    assert set(column(standard, "estates", "kind")) == {"commodity", "resettlement", "work_unit", "mixed"}
    kinds = Counter(standard.grids["kind"].to_pylist())
    assert kinds[None] == 960
    assert 40 <= kinds["dedicated"] <= 110


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_tiny_town_has_its_counts_whatever_the_seed(seed: int) -> None:
    town = build_town("tiny", seed)
    found = tuple(getattr(town, name).num_rows for name in ("streets", "communities", "estates", "micro_grids"))
    assert found == (1, 3, 36, 230)


def test_households_add_up_from_entrances_to_the_district(standard: Town) -> None:
    town = standard
    total = town.district["households"][0].as_py()
    assert abs(total - 400_000) < 2000
    for lower, into, upper in (
        ("blocks", "building", "buildings"),
        ("blocks", "micro_grid", "micro_grids"),
        ("buildings", "estate", "estates"),
        ("micro_grids", "grid", "grids"),
        ("estates", "community", "communities"),
        ("grids", "community", "communities"),
        ("communities", "street", "streets"),
    ):
        wanted = getattr(town, upper)["households"].to_pylist()
        assert sums(column(town, lower, into), column(town, lower, "households"), len(wanted)) == wanted
    assert sum(town.streets["households"].to_pylist()) == total


def test_micro_grids_hold_about_fifty_and_grids_about_four_hundred_households(standard: Town) -> None:
    micro = column(standard, "micro_grids", "households")
    assert 49 < micro.mean() < 51
    assert np.percentile(micro, 5) >= 25
    assert np.percentile(micro, 95) <= 90
    homes = standard.grids.filter(standard.grids["kind"].is_null())["households"].to_numpy()
    assert 400 < homes.mean() < 430
    assert np.mean((homes >= 250) & (homes <= 600)) > 0.85
    assert homes.max() > 800  # some are badly out of balance, as in life
    assert homes.min() < 200


def test_twelve_communities_are_too_large(standard: Town) -> None:
    households = np.sort(column(standard, "communities", "households"))
    assert 9 <= (households > 6000).sum() <= 15
    assert households[0] > 1000


@pytest.mark.parametrize(
    ("lower", "into", "upper"),
    [("micro_grids", "grid", "grids"), ("grids", "community", "communities"), ("communities", "street", "streets")],
)
def test_a_level_tiles_the_one_above_to_the_vertex(standard: Town, lower: str, into: str, upper: str) -> None:
    children, parents, owner = shapes(standard, lower), shapes(standard, upper), column(standard, lower, into)
    assert set(shapely.get_type_id(children)) == {3}  # in one piece
    assert shapely.is_valid(children).all()
    assert shapely.coverage_is_valid(children)
    area = np.bincount(owner, weights=shapely.area(children), minlength=len(parents))
    dedicated = np.array(getattr(standard, upper)["kind"].to_pylist()) == "dedicated" if upper == "grids" else area < 0
    assert np.abs(area - shapely.area(parents))[~dedicated].max() < 0.001
    assert (area[dedicated] == 0).all()
    joined = shapely.coverage_union_all(children[owner == owner[0]])
    assert shapely.equals(joined, parents[owner[0]])


def test_the_streets_tile_the_district(standard: Town) -> None:
    assert shapely.coverage_union_all(shapes(standard, "streets")).equals(shapes(standard, "district")[0])


@pytest.mark.parametrize(
    ("lower", "into", "upper"),
    [
        ("buildings", "estate", "estates"),
        ("estates", "community", "communities"),
        ("blocks", "micro_grid", "micro_grids"),
    ],
)
def test_what_belongs_to_a_place_lies_in_it(standard: Town, lower: str, into: str, upper: str) -> None:
    inner, outer = shapes(standard, lower), shapes(standard, upper)[column(standard, lower, into)]
    outside = shapely.area(shapely.difference(inner, outer))
    # A border between two entrances bends with the streets, by less than half a metre over the depth of a house.
    assert outside.max() < (8 if lower == "blocks" else 0.5)
    assert np.mean(outside < 0.5) > (0.9 if lower == "blocks" else 0.999)
    middle = shapely.centroid(inner)
    assert shapely.contains(outer, middle).all()


def test_houses_of_different_estates_and_of_one_do_not_touch(standard: Town) -> None:
    houses = shapes(standard, "buildings")
    left, right = shapely.STRtree(houses).query(houses, predicate="intersects")
    assert (left == right).all()


def test_codes_are_unique_and_grow_out_of_their_parents(standard: Town) -> None:
    for name, into, upper, length in (
        ("streets", None, None, 9),
        ("communities", "street", "streets", 12),
        ("grids", "community", "communities", 15),
        ("micro_grids", "grid", "grids", 17),
    ):
        codes = getattr(standard, name)["code"].to_pylist()
        assert len(set(codes)) == len(codes)
        assert {len(code) for code in codes} == {length}
        above = getattr(standard, upper)["code"].to_pylist() if upper else [CODE]
        parents = column(standard, name, into).tolist() if into else [0] * len(codes)
        assert all(code.startswith(above[parent]) for code, parent in zip(codes, parents, strict=True))
    for name in ("estates", "buildings", "blocks"):
        codes = getattr(standard, name)["code"].to_pylist()
        assert len(set(codes)) == len(codes)


def test_grids_are_numbered_from_north_west_to_south_east(standard: Town) -> None:
    first = [code.endswith("001") for code in standard.grids["code"].to_pylist()]
    north = column(standard, "grids", "lat")
    community = column(standard, "grids", "community")
    mean = np.bincount(community, weights=north) / np.bincount(community)
    assert np.mean(north[first] > mean[community[first]]) > 0.9


@pytest.mark.parametrize("preset", ["tiny", "standard", "hills"])
def test_names_are_unique_in_the_district(preset: str, request: pytest.FixtureRequest) -> None:
    town: Town = request.getfixturevalue(preset)
    for name in ("estates", "communities", "streets", "companies", "sites"):
        names = getattr(town, name)["name"].to_pylist()
        assert [n for n, count in Counter(names).items() if count > 1] == []
    roads = {
        (name, kind)
        for name, kind in zip(*(town.road_points[key].to_pylist() for key in ("name", "kind")), strict=True)
    }
    assert len({name for name, _ in roads}) == len(roads)


def test_houses_are_numbered_within_their_estate(tiny: Town) -> None:
    numbers: dict[int, list[int]] = {}
    for estate, number in zip(column(tiny, "buildings", "estate"), column(tiny, "buildings", "number"), strict=True):
        numbers.setdefault(int(estate), []).append(int(number))
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert len(numbers) == 36
    assert tiny.buildings["name"][0].as_py() == "1号楼"


def test_the_hills_have_their_streets_towns_and_communities(hills: Town) -> None:
    town = hills
    names = town.streets["name"].to_pylist()
    assert (len(names), sum(name.endswith("镇") for name in names)) == (23, 17)
    assert (town.communities.num_rows, town.micro_grids.num_rows) == (313, 8000)
    assert shapely.coverage_is_valid(shapes(town, "micro_grids"))
    assert set(town.base["kind"].to_pylist()) >= {"hill", "farmland", "river", "arterial", "local"}


def test_every_village_of_the_hills_can_be_reached_by_road(hills: Town) -> None:
    """Lanes, streets and the roads between towns are one network: nothing ends in a field and is joined to nothing."""
    base = hills.base.to_pylist()
    roads = shapely.from_wkb([row["geometry"] for row in base if row["theme"] == "road"])
    networks = shapely.get_parts(shapely.union_all(shapely.buffer(roads, 5e-5)))  # degrees: 5 m
    assert max(shapely.area(networks)) > 0.98 * sum(shapely.area(networks))


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(InputError, match='there is no preset "huge"'):
        build_town("huge")
    assert set(PRESETS) == {"standard", "hills", "tiny", "megacity"}
