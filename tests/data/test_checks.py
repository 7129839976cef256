"""A drawn district of 300 × 100 m, sound as it stands; each test breaks one thing and names what the check must say.

A: G1 (two micro-grids) G2 (one)   B: D, dedicated
+--------+--------+ +--------+
| M1  M2 |   M3   | |   D    |
+--------+--------+ +--------+
"""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from functools import partial

import pyproj
import pytest
import shapely

from data import ledger
from data.checks import RULES, Violation, check
from data.errors import Cancelled, InputError
from data.moves import Move
from data.progress import Reporter
from data.store import Store
from tests.made_cases import add_cases

NOON = datetime(2024, 5, 1, 4, tzinfo=UTC)
DISTRICT, A, B, G1, G2, D, M1, M2, M3 = range(1, 10)
TO_DEGREES = pyproj.Transformer.from_crs("EPSG:4547", "EPSG:4326", always_xy=True)


def drawn(*metres: float) -> str:
    """A box (west, south, east, north) in metres from a corner of the district, as WKT in degrees."""
    box = shapely.box(*metres)
    moved = shapely.transform(box, lambda x, y: TO_DEGREES.transform(x + 500_000, y + 2_500_000), interleaved=False)
    return str(moved.wkt)


TREE = [
    (A, "community", DISTRICT, None, (0, 0, 200, 100)),
    (B, "community", DISTRICT, None, (200, 0, 300, 100)),
    (G1, "grid", A, None, (0, 0, 100, 100)),
    (G2, "grid", A, None, (100, 0, 200, 100)),
    (D, "grid", B, "dedicated", (200, 0, 300, 100)),
    (M1, "micro_grid", G1, None, (0, 0, 50, 100)),
    (M2, "micro_grid", G1, None, (50, 0, 100, 100)),
    (M3, "micro_grid", G2, None, (100, 0, 200, 100)),
]


def write(store: Store, sql: str, *params: object) -> None:
    store.writer.run(lambda con: con.execute(sql, list(params)).rowcount).result()


@pytest.fixture
def district(store: Store) -> Store:
    write(store, "INSERT INTO grid_plan VALUES (1, '一', 'active', '0001-01-01', '9999-12-31', now())")
    write(store, "UPDATE atlas SET plan_id = 1")
    write(store, "UPDATE place_version SET geometry = ST_GeomFromText(?)", drawn(0, 0, 300, 100))
    for place_id, level, parent, kind, box in TREE:
        write(store, "INSERT INTO place VALUES (?, ?, ?, false)", place_id, level, f"c{place_id}")
        add_version(store, place_id, level, parent, kind, drawn(*box))
    store.writer.run(partial(add_cases, first=1, count=3, at=NOON)).result()
    write(store, "INSERT INTO case_place VALUES (1, 1, 'point', NULL, ?, ?, ?, NULL, NULL, NULL)", A, G1, M1)
    write(store, "INSERT INTO case_place VALUES (1, 2, 'point', NULL, ?, ?, NULL, NULL, NULL, NULL)", B, D)
    write(store, "INSERT INTO case_place VALUES (1, 3, 'none', NULL, NULL, NULL, NULL, NULL, NULL, NULL)")
    closed = store.writer.submit(Move(1, "closed", NOON, "k1", by_role="grid_head", note="done"))
    assert closed.result().seq == 2
    return store


def add_version(store: Store, place_id: int, level: str, parent: int | None, kind: str | None, shape: str) -> None:
    write(
        store,
        """INSERT INTO place_version (place_id, plan_id, effective_from, effective_to, parent_id, name, kind, geometry)
           VALUES (?, ?, '0001-01-01', '9999-12-31', ?, '', ?, ST_GeomFromText(?))""",
        place_id,
        1 if level in ("grid", "micro_grid") else None,
        parent,
        kind,
        shape,
    )


def reshape(store: Store, place_id: int, *box: float) -> None:
    write(store, "UPDATE place_version SET geometry = ST_GeomFromText(?) WHERE place_id = ?", drawn(*box), place_id)


def test_a_sound_district_has_no_violation(district: Store) -> None:
    assert check(district) == []


def test_an_empty_store_has_no_violation(store: Store) -> None:
    assert check(store) == []


def test_a_bow_tie_is_named_with_the_point_where_it_crosses(district: Store) -> None:
    bow = "POLYGON ((114 22, 115 23, 115 22, 114 23, 114 22))"
    write(district, "UPDATE place_version SET geometry = ST_GeomFromText(?) WHERE place_id = ?", bow, DISTRICT)
    assert check(district) == [
        Violation("valid_geometry", "district 990100 样例区: Self-intersection[114.5 22.5]", (DISTRICT,))
    ]


def test_metres_in_place_of_degrees_are_noticed(district: Store) -> None:
    flat = "POLYGON ((500000 2500000, 500300 2500000, 500300 2500100, 500000 2500100, 500000 2500000))"
    write(district, "UPDATE place_version SET geometry = ST_GeomFromText(?) WHERE place_id = ?", flat, DISTRICT)
    assert check(district, rules=("valid_geometry",)) == [
        Violation("valid_geometry", "district 990100 样例区: its coordinates are not degrees on the globe", (DISTRICT,))
    ]


@pytest.mark.parametrize(
    ("parent", "text", "ids"),
    [
        ("NULL", "micro_grid c9 : it has no parent", (M3,)),
        ("77", "micro_grid c9 : its parent 77 is not in force from 0001-01-01", (M3,)),
        ("7", "micro_grid c9 : a micro_grid cannot lie under micro_grid c7 ", (M3, M1)),
    ],
)
def test_a_place_needs_a_parent_that_may_stand_above_it(
    district: Store, parent: str, text: str, ids: tuple[int, ...]
) -> None:
    write(district, f"UPDATE place_version SET parent_id = {parent} WHERE place_id = ?", M3)
    assert check(district, rules=("one_parent",)) == [Violation("one_parent", text, ids)]


def test_two_versions_at_once_are_two_parents(district: Store) -> None:
    add_version(district, G1, "grid", B, None, drawn(0, 0, 100, 100))
    found = check(district, rules=("one_parent",))
    assert found == [Violation("one_parent", "grid c4 : two versions are in force from 0001-01-01", (G1,))]


def test_a_gap_between_grids_is_measured(district: Store) -> None:
    reshape(district, G2, 110, 0, 200, 100)
    assert check(district, rules=("grids_tile_communities",)) == [
        Violation("grids_tile_communities", "community c2 : 1,000 m² lie in none of its grids", (A,))
    ]


def test_an_overlap_of_grids_is_measured(district: Store) -> None:
    reshape(district, G2, 80, 0, 200, 100)
    assert check(district, rules=("grids_tile_communities",)) == [
        Violation("grids_tile_communities", "grid c4  and grid c5  overlap by 2,000 m²", (G1, G2))
    ]


def test_a_dedicated_grid_may_lie_over_others_and_has_no_micro_grids(district: Store) -> None:
    reshape(district, D, 150, 0, 300, 100)
    rules = ("grids_tile_communities", "micro_grids_tile_grids")
    assert check(district, rules=rules) == []
    write(district, "UPDATE place_version SET parent_id = ? WHERE place_id = ?", D, M2)
    assert check(district, rules=rules) == [
        Violation("micro_grids_tile_grids", "grid c6 : a dedicated grid has micro_grid c8 ", (D, M2)),
        Violation("micro_grids_tile_grids", "grid c4 : 5,000 m² lie in none of its micro_grids", (G1,)),
    ]


def test_a_grid_without_micro_grids_is_a_gap_where_others_have_them(district: Store) -> None:
    write(district, "DELETE FROM place_version WHERE place_id = ?", M3)
    assert check(district, rules=("micro_grids_tile_grids",)) == [
        Violation("micro_grids_tile_grids", "grid c5 : 10,000 m² lie in none of its micro_grids", (G2,))
    ]


def test_a_plan_without_micro_grids_is_sound(district: Store) -> None:
    write(district, "DELETE FROM place_version WHERE place_id IN (7, 8, 9)")
    assert check(district, rules=("micro_grids_tile_grids",)) == []


def test_a_grid_that_lies_only_partly_in_its_community_is_listed_with_the_share(district: Store) -> None:
    reshape(district, G2, 100, 0, 240, 100)
    assert check(district, rules=("inside_parent",)) == [
        Violation("inside_parent", "grid c5 : 71.4% of it, all but 4,000 m², lies in its parent community c2 ", (G2, A))
    ]


def test_a_long_edge_straight_in_degrees_is_no_gap(district: Store) -> None:
    """A community of 0.2° whose grids halve it: their corner on its edge lies metres off that edge in the projection."""
    for place_id, left, right in ((DISTRICT, 0, 2), (A, 0, 2), (G1, 0, 1), (G2, 1, 2)):
        shape = f"POLYGON ((114.{left} 22.5, 114.{right} 22.5, 114.{right} 22.6, 114.{left} 22.6, 114.{left} 22.5))"
        write(district, "UPDATE place_version SET geometry = ST_GeomFromText(?) WHERE place_id = ?", shape, place_id)
    write(district, "DELETE FROM place_version WHERE place_id IN (3, 6, 7, 8, 9)")
    assert check(district, rules=("inside_parent", "grids_tile_communities")) == []


def test_a_draft_is_checked_too(district: Store) -> None:
    write(district, "INSERT INTO grid_plan VALUES (2, '二', 'draft', '2030-01-01', '9999-12-31', now())")
    write(
        district,
        "INSERT INTO place_version SELECT * REPLACE (2 AS plan_id) FROM place_version WHERE place_id IN (4, 6)",
    )
    assert check(district, rules=("grids_tile_communities",)) == [
        Violation("grids_tile_communities", "community c2 : 10,000 m² lie in none of its grids", (A,))
    ]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "UPDATE transition SET occurred_at = occurred_at - INTERVAL 1 DAY WHERE case_id = 2",
            ("ledger_chains", "case 2, line 1: line changed", (), (2,)),
        ),
        (
            "DELETE FROM transition WHERE case_id = 1 AND seq = 2",
            ("ledger_chains", "case 1, line 1: end cut off", (), (1,)),
        ),
        ("UPDATE note SET body = 'other'", ("notes_unaltered", "note 1 is not the text that was recorded", (), ())),
        (
            "UPDATE case_hot SET stage = 'accepted' WHERE case_id = 3",
            ("fold_is_row", "case 3: its row or its past states differ from its ledger", (), (3,)),
        ),
        (
            "INSERT INTO case_past BY NAME SELECT case_id, reported_at AS valid_from, reported_at + INTERVAL 1 HOUR AS valid_to, "
            "stage, suspended, voided, excluded, reworked, extended FROM case_hot WHERE case_id = 2",
            ("fold_is_row", "case 2: its row or its past states differ from its ledger", (), (2,)),
        ),
        (
            "INSERT INTO case_archive SELECT * FROM case_hot WHERE case_id = 2",
            ("one_row_a_case", "case 2 stands 2 times", (), (2,)),
        ),
        (
            "UPDATE case_hot SET external_id = 'made:2' WHERE case_id = 3",
            ("one_case_a_ticket", "ticket made:2 of made is 2 cases", (), (2, 3)),
        ),
        (
            "INSERT INTO repeat_point VALUES (88, now())",
            ("of_a_case", "repeat_point names case 88, which does not exist", (), (88,)),
        ),
        (
            "DELETE FROM case_place WHERE case_id = 3",
            ("located_once", "case 3 is located 0 times in atlas 1", (), (3,)),
        ),
        (
            "INSERT INTO case_place SELECT * FROM case_place WHERE case_id = 2",
            ("located_once", "case 2 is located 2 times in atlas 1", (), (2,)),
        ),
        (
            "UPDATE case_place SET estate_id = 55 WHERE case_id = 2",
            ("located_in_places", "1 cases are located in estate 55, which does not exist", (55,), (2,)),
        ),
        (
            "UPDATE case_place SET community_id = 2 WHERE case_id = 2",
            ("located_in_places", "atlas 1: 1 cases in grid 6 are not in the community above it", (6,), (2,)),
        ),
    ],
)
def test_what_is_wrong_with_a_case_is_named(
    district: Store, sql: str, expected: tuple[str, str, tuple[int, ...], tuple[int, ...]]
) -> None:
    write(district, sql)
    assert check(district, rules=(expected[0],)) == [Violation(*expected)]


def test_a_cut_tail_breaks_the_sealed_day(district: Store) -> None:
    """A chain cut at its end, with the row set back, is whole in itself; only the head of the day tells."""
    district.writer.run(lambda con: ledger.seal(con, datetime.now(UTC))).result()
    assert check(district) == []
    district.writer.run(lambda con: con.execute("DELETE FROM transition WHERE case_id = 3").rowcount).result()
    district.writer.run(lambda con: con.execute("DELETE FROM case_hot WHERE case_id = 3").rowcount).result()
    district.writer.run(lambda con: con.execute("DELETE FROM case_place WHERE case_id = 3").rowcount).result()
    assert check(district) == [
        Violation("ledger_heads", "the lines recorded on 2024-05-01 are not those that were sealed")
    ]


def test_every_violation_is_listed(district: Store) -> None:
    write(district, "UPDATE case_hot SET stage = 'accepted'")
    assert [violation.cases for violation in check(district)] == [(1,), (2,), (3,)]


def test_a_check_writes_nothing(district: Store) -> None:
    def on_disk() -> list[str]:
        # Asked of another process: closing the file here would give up the database's lock on it.
        files = sorted(str(file) for file in district.home.rglob("*") if file.is_file())
        return subprocess.run(["sha256sum", *files], capture_output=True, text=True, check=True).stdout.splitlines()

    write(district, "UPDATE case_hot SET stage = 'accepted' WHERE case_id = 3")
    before, version = on_disk(), district.version
    assert len(check(district)) == 1
    assert (on_disk(), district.version) == (before, version)


def test_a_check_can_be_stopped_and_says_which_rule_it_is_at(district: Store) -> None:
    seen: list[str] = []
    progress = Reporter(lambda label, done, total: seen.append(label))
    check(district, progress)
    assert {label.split()[0] for label in seen} == set(RULES)
    progress.stop()
    with pytest.raises(Cancelled):
        check(district, progress)


def test_an_unknown_rule_is_refused(store: Store) -> None:
    with pytest.raises(InputError, match="there is no rule tidy"):
        check(store, rules=("tidy",))
