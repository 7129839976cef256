"""An atlas is an interval in which neither places nor plan change; new ones serve once the cases are located."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from data import plans
from data.atlas import atlas_on, atlases, tree
from data.errors import NotFound
from data.levels import BEGINNING, END
from data.relocation import relocate_cases
from data.store import Store
from tests.data.test_places import cell, put

D1, D2 = date(2024, 1, 1), date(2025, 1, 1)


def intervals(store: Store) -> list[tuple[date, date, bool]]:
    return [(a.effective_from, a.effective_to, a.current) for a in atlases(store)]


def add_case(
    store: Store, case_id: int, lon: float | None, lat: float | None, named: str | None = None, flags: int = 0
) -> None:
    store.writer.run(
        lambda con: con.execute(
            """INSERT INTO case_hot BY NAME SELECT $1 AS case_id, 1 AS source_id, $1::VARCHAR AS external_id, 'event' AS kind,
               $2::DOUBLE AS lon, $3::DOUBLE AS lat, $4 AS named_place, $5 AS flags, 'none' AS on_time_source,
               TIMESTAMPTZ '2024-03-01 00:00:00+00' AS reported_at, 'reported' AS stage, 0 AS reworked, 0 AS extended,
               false AS suspended, false AS voided, false AS excluded, 1 AS seq, TIMESTAMPTZ '2024-03-01 00:00:00+00' AS since,
               ''::BLOB AS last_hash""",
            [case_id, lon, lat, named, flags],
        )
    ).result()


def locator(tree: pa.Table):  # type: ignore[no-untyped-def]
    """Everything lies in the first grid of the tree; row 3 is outside."""
    grid = tree.filter(pa.compute.equal(tree["level"], "grid"))["place_id"][0].as_py()

    def locate(cases: pa.Table) -> pa.Table:
        n = cases.num_rows
        nulls = {
            f"{level}_id": pa.nulls(n, pa.int32())
            for level in ("street", "community", "micro_grid", "estate", "building", "block")
        }
        judged = [64 if case == 3 else 0 for case in cases["case_id"].to_pylist()]
        return pa.table(
            {
                "case_id": cases["case_id"],
                "judged": pa.array(judged, pa.int32()),
                "located": pa.array(["point"] * n),
                "grid_id": pa.array([grid] * n, pa.int32()),
                **nulls,
            }
        )

    return locate


def test_a_new_store_has_one_atlas_for_all_time(store: Store) -> None:
    assert intervals(store) == [(BEGINNING, END, True)]
    assert tree(store, atlas_on(store).atlas_id)["code"].to_pylist() == ["990100"]


def test_one_interval_between_two_dates_of_change(store: Store) -> None:
    put(store, "street", [{"code": "S1", "name": "a"}])
    put(store, "street", [{"code": "S1", "name": "b"}], effective_from=D1)
    put(store, "grid", [{"code": "G1", "geometry": cell(0, 0, 1, 1)}], plan=plans.find_plan(store, "p", D2))
    assert intervals(store) == [(BEGINNING, D1, True), (D1, D2, True), (D2, END, True)]
    assert [tree(store, a.atlas_id).num_rows for a in atlases(store)] == [2, 2, 3]
    assert [a.plan_id for a in atlases(store)] == [None, None, 1]
    assert atlas_on(store, D1).effective_from == D1
    assert len({a.digest for a in atlases(store)}) == 3


def test_an_interval_whose_end_moves_keeps_its_id(store: Store) -> None:
    put(store, "street", [{"code": "S1", "name": "a"}])
    first = atlas_on(store).atlas_id
    put(store, "street", [{"code": "S1", "name": "b"}], effective_from=D1)
    assert atlas_on(store, date(2023, 1, 1)).atlas_id == first


def test_with_cases_the_old_atlas_serves_until_they_are_located(store: Store) -> None:
    put(store, "grid", [{"code": "G1", "geometry": cell(0, 0, 1, 1)}])
    old = atlas_on(store).atlas_id
    for case in (1, 2, 3):
        add_case(store, case, 114.005, 30.005)
    store.writer.run(
        lambda con: con.execute(
            "INSERT INTO case_place (atlas_id, case_id, located) SELECT $1, case_id, 'none' FROM cases", [old]
        )
    ).result()
    put(store, "grid", [{"code": "G1", "geometry": cell(0, 0, 2, 2)}])
    assert intervals(store) == [(BEGINNING, END, True), (BEGINNING, END, False)]
    assert atlas_on(store).atlas_id == old
    assert relocate_cases(store, locator) == 3
    new = atlas_on(store).atlas_id
    assert new != old
    assert intervals(store) == [(BEGINNING, END, True)]
    assert store.rows("SELECT atlas_id, located, count(*) AS n FROM case_place GROUP BY ALL") == [
        {"atlas_id": new, "located": "point", "n": 3}
    ]
    assert store.rows("SELECT case_id FROM cases WHERE flags = 64") == [{"case_id": 3}]


def test_a_relocation_that_stopped_half_way_begins_anew(store: Store) -> None:
    put(store, "grid", [{"code": "G1", "geometry": cell(0, 0, 1, 1)}])
    add_case(store, 1, 114.005, 30.005)
    put(store, "grid", [{"code": "G1", "geometry": cell(0, 0, 2, 2)}])

    def failing(tree: pa.Table):  # type: ignore[no-untyped-def]
        def locate(cases: pa.Table) -> pa.Table:
            raise RuntimeError("power cut")

        return locate

    with pytest.raises(RuntimeError):
        relocate_cases(store, failing)
    assert [a.current for a in atlases(store)] == [True, False]
    assert relocate_cases(store, locator) == 1
    assert relocate_cases(store, locator) == 0
    assert [a.current for a in atlases(store)] == [True]


def test_later_intervals_only_are_located_when_the_earlier_keep_their_content(store: Store) -> None:
    put(store, "grid", [{"code": "G1", "geometry": cell(0, 0, 1, 1)}])
    add_case(store, 1, 114.005, 30.005)
    relocate_cases(store, locator)
    first = atlas_on(store).atlas_id
    put(store, "grid", [{"code": "G2", "geometry": cell(0, 0, 1, 1)}], plan=plans.find_plan(store, "p", D1))
    assert relocate_cases(store, locator) == 1
    assert intervals(store) == [(BEGINNING, D1, True), (D1, END, True)]
    assert atlas_on(store, date(2023, 1, 1)).atlas_id == first


def test_an_unknown_atlas_is_said_to_be_unknown(store: Store) -> None:
    with pytest.raises(NotFound, match="there is no atlas 99"):
        tree(store, 99)
