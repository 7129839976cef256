"""The sample district is the same everywhere, tiles exactly, and comes in by the ordinary import."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely

from data.checks import check
from data.progress import Quiet
from data.settings import Settings
from data.store import Store
from etl.commands import run_figures
from tests.sample import make_sample
from tests.sample.tickets import build_tickets
from tests.sample.town import build_town


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    settings = Settings(home=tmp_path_factory.mktemp("sample") / "var", memory_share=0.1, threads=2)
    assert make_sample(settings, Quiet()).endswith("sample district 青禾区, 5,992 tickets")
    assert make_sample(settings, Quiet()).endswith("there is a store, nothing to do")
    with Store.open(settings.home, settings) as store:
        yield store


def test_the_same_seed_gives_the_same_town_and_tickets() -> None:
    one, other = build_town(), build_town()
    assert {level: len(rows) for level, rows in one.rows.items()} == {
        "district": 1, "street": 2, "community": 6, "grid": 36, "micro_grid": 238, "estate": 31,
    }  # fmt: skip
    for level, rows in one.rows.items():
        assert all(shapely.equals(a["shape"], b["shape"]) for a, b in zip(rows, other.rows[level], strict=True))
    assert build_tickets(one) == build_tickets(other)


def test_micro_grids_tile_their_grids_and_grids_the_district() -> None:
    town = build_town()
    grids = np.array([row["shape"] for row in town.rows["grid"]])
    ordinary = [row["shape"] for row in town.rows["grid"] if row.get("kind") != "dedicated"]
    micro = np.array([row["shape"] for row in town.rows["micro_grid"]])
    assert shapely.coverage_is_valid(grids)
    assert shapely.coverage_is_valid(micro)
    assert shapely.coverage_union_all(grids).symmetric_difference(town.rows["district"][0]["shape"]).area == 0
    assert shapely.coverage_union_all(micro).symmetric_difference(shapely.coverage_union_all(ordinary)).area == 0
    assert {shape.geom_type for shape in (*grids, *micro)} == {"Polygon"}
    assert all(300 <= row["households"] <= 500 for row in town.rows["grid"] if row.get("kind") != "dedicated")


def test_nothing_in_it_violates_a_rule(sample: Store) -> None:
    assert check(sample) == []
    assert sample.deployment.simulated


def test_its_last_month_has_figures_that_add_up(sample: Store) -> None:
    question = {"period": "2025-06", "as_of": "2025-07-01", "figures": ["reported", "on_time_rate"]}
    district = run_figures(sample, {"level": "district", **question}, Quiet())[0]
    assert district["n"] > 500
    for level in ("street", "community", "grid", "micro_grid"):
        rows = run_figures(sample, {"level": level, **question}, Quiet())
        assert sum(row["n"] for row in rows) == district["n"]
        parts = [row["figures"]["on_time_rate"] for row in rows]
        whole = district["figures"]["on_time_rate"]
        assert sum(part["numerator"] for part in parts) == whole["numerator"]
        assert sum(part["denominator"] for part in parts) == whole["denominator"]
    assert 0.6 < district["figures"]["on_time_rate"]["value"] < 0.98


def test_it_shows_what_real_exports_have(sample: Store) -> None:
    imported = sample.rows("SELECT * FROM import WHERE kind = 'tickets'")[0]
    assert (imported["rows_read"], imported["new"], imported["exact_duplicates"], imported["quarantined"]) == (
        6003, 5992, 3, 8,
    )  # fmt: skip
    flags = sample.rows("SELECT count(*) AS n FROM cases WHERE flags & 16 <> 0")[0]["n"]
    assert flags >= 135
    assert sample.rows("SELECT count(*) AS n FROM cases WHERE flags & 128 <> 0")[0]["n"] >= 9
    assert sample.rows("SELECT count(*) AS n FROM repeat_point")[0]["n"] >= 100
    assert sample.rows("SELECT count(*) AS n FROM call_back")[0]["n"] > 1500
    assert sample.rows("SELECT count(*) AS n FROM note WHERE body LIKE '%138%'")[0]["n"] == 0


def test_a_start_that_was_broken_off_leaves_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path / "var", memory_share=0.1, threads=2)
    monkeypatch.setattr("tests.sample.build_town", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make_sample(settings, Quiet())
    assert list(settings.home.iterdir()) == []
