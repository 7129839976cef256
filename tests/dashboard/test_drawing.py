"""Plans from the command line: exported, read back, checked, compared, saved and solved, over the small town and over files."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import coordTransform
import pyogrio
import pytest
import shapely

from dashboard.drawing.checking import run_plan_check, run_plan_diff
from dashboard.drawing.solving import run_plan_solve
from data.errors import Cancelled, InputError, NotFound
from data.plans import plans
from data.progress import Quiet
from data.settings import Settings
from data.store import Store
from etl.plan_export import run_plan_export
from tests.dashboard.town import build, square


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The small town; the tests that save do so at the end of this file."""
    made = Settings(home=tmp_path_factory.mktemp("drawing") / "var", memory_share=0.1, threads=2)
    build(made)
    with Store.open(made.home, made) as opened:
        yield opened


def export(store: Store, out: Path, **more: Any) -> dict[str, Any]:
    return run_plan_export(store, {"out": str(out), **more}, Quiet())


def check(store: Store | None, what: Path | str | None, **more: Any) -> dict[str, Any]:
    return run_plan_check(store, {"what": None if what is None else str(what), **more}, Quiet())


def write(path: Path, *features: tuple[Any, dict[str, Any]]) -> Path:
    made = [
        {"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": said} for shape, said in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": made}), "utf-8")
    return path


@pytest.mark.parametrize("name", ["plan.gpkg", "plan.zip", "plan.geojson"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "CGCS2000"])
def test_an_exported_plan_is_the_plan(store: Store, tmp_path: Path, name: str, crs: str) -> None:
    done = export(store, tmp_path / name, crs=crs)
    assert done["layers"] == {"grids": 4, "micro_grids": 0}
    same = run_plan_diff(
        store, {"first": "1", "second": str(tmp_path / name), "cells": None, "level": "grid"} | cells(tmp_path), Quiet()
    )
    assert (same["moved"], same["households"], same["same"]) == (0, 830, 4)


def cells(folder: Path) -> dict[str, str]:
    """A file of one home a grid."""
    counts = {"G1": ("C1", 100), "G2": ("C1", 300), "G3": ("C2", 180), "G4": ("C3", 250)}
    rows = [(square(g), {"code": g, "community": c, "households": n}) for g, (c, n) in counts.items()]
    return {"cells": str(write(folder / "cells.geojson", *rows))}


def test_a_geopackage_names_its_system_and_a_shapefile_comes_whole(store: Store, tmp_path: Path) -> None:
    export(store, tmp_path / "a.gpkg", crs="CGCS2000")
    assert pyogrio.read_info(tmp_path / "a.gpkg", layer="grids")["crs"] == "EPSG:4490"
    export(store, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        assert packed.namelist() == [f"grids.{end}" for end in ("cpg", "dbf", "prj", "shp", "shx")]


def test_gcj_02_moves_every_corner_and_names_no_epsg_system(store: Store, tmp_path: Path) -> None:
    export(store, tmp_path / "g.geojson", crs="GCJ-02")
    made = json.loads((tmp_path / "g.geojson").read_text("utf-8"))
    assert made["coordinates"] == "GCJ-02"
    corner = made["features"][0]["geometry"]["coordinates"][0][0]
    assert corner == pytest.approx(coordTransform.wgs84_to_gcj02(*square("G1").exterior.coords[0]), abs=1e-9)
    export(store, tmp_path / "g.gpkg", crs="GCJ-02")
    assert pyogrio.read_info(tmp_path / "g.gpkg", layer="grids")["crs"] is None


def test_nothing_is_overwritten_and_unknown_plans_and_endings_are_told(store: Store, tmp_path: Path) -> None:
    export(store, tmp_path / "a.gpkg")
    with pytest.raises(InputError, match="there is a file of this name"):
        export(store, tmp_path / "a.gpkg")
    with pytest.raises(InputError, match="are not written"):
        export(store, tmp_path / "a.pdf")
    with pytest.raises(NotFound, match="no such plan"):
        export(store, tmp_path / "b.gpkg", plan="第九版")
    with pytest.raises(InputError, match="no coordinate system"):
        export(store, tmp_path / "b.gpkg", crs="moon")


def test_the_plan_in_force_is_checked_against_its_communities(store: Store) -> None:
    told = check(store, None, band=[90, 310])
    assert (told["parts"], told["households"], told["in_one_piece"], told["findings"]) == (4, 830, 4, [])
    assert check(store, None, band=[150, 260])["counts"] == {"band": 2}


def test_a_drawn_plan_is_told_what_is_wrong_with_places(store: Store, tmp_path: Path) -> None:
    overlapping = shapely.box(118.30, 35.01, 118.312, 35.02)
    file = write(tmp_path / "p.geojson", (overlapping, {"code": "X1"}), (square("G2"), {"code": "X2"}))
    told = check(store, file, band=[1, 999])
    assert told["counts"] == {"overlap": 1}
    one = told["findings"][0]
    assert (one["codes"], round(one["lon"], 3), round(one["lat"], 3)) == (["X1", "X2"], 118.311, 35.015)


def test_what_is_wrong_is_told_in_the_language_asked_for(store: Store) -> None:
    wrong = check(store, None, band=[150, 260], language="zh")
    assert wrong["lines"][1] == "户数超出范围：2 处"
    assert [(one["kind"], one["said"], one["text"]) for one in wrong["findings"]] == [
        ("band", "户数超出范围", "100 户；范围为 150～260 户。"), ("band", "户数超出范围", "300 户；范围为 150～260 户。"),
    ]  # fmt: skip
    english = check(store, None, band=[150, 260], language="en")
    assert english["lines"][1] == "outside the band: 2"
    assert english["findings"][0]["text"] == "100 households; the band is 150 to 260."
    assert check(store, None, band=[90, 310], language="zh")["lines"] == [
        "4 个部分，830 户，4 个连成一片，平均紧凑度 0.7358",
        "没有问题",
    ]
    with pytest.raises(InputError, match='there is no language "de"'):
        check(store, None, language="de")


def test_a_drawn_plan_snaps_to_cells_and_tells_which_are_left(tmp_path: Path) -> None:
    slanted = shapely.Polygon([(118.30, 35.01), (118.311, 35.01), (118.309, 35.02), (118.30, 35.02)])
    rest = shapely.Polygon([(118.311, 35.01), (118.32, 35.01), (118.32, 35.02), (118.309, 35.02)])
    file = write(tmp_path / "p.geojson", (slanted, {"code": "X1"}), (rest, {"code": "X2"}))
    told = check(None, file, snap=True, band=[100, 300], **cells(tmp_path))
    assert (told["households"], told["counts"], told["cells_without_part"]) == (400, {}, ["G3", "G4"])


def parcels(folder: Path, side: int = 6) -> Path:
    """Thirty-six squares of two communities, ten households in each."""
    rows = [
        (shapely.box(118.3 + x / 1000, 35 + y / 1000, 118.301 + x / 1000, 35.001 + y / 1000),
         {"code": f"{x}-{y}", "community": "C1" if x < side // 2 else "C2", "households": 10})
        for x in range(side) for y in range(side)
    ]  # fmt: skip
    return write(folder / "parcels.geojson", *rows)


def solve(store: Store | None, out: Path, **more: Any) -> dict[str, Any]:
    return run_plan_solve(store, {"out": str(out), "steps": 50_000, "seed": 1, **more}, Quiet())


def test_a_plan_is_drawn_from_a_file_without_a_store_and_passes_the_check(tmp_path: Path) -> None:
    file = parcels(tmp_path)
    told = solve(None, tmp_path / "plan.gpkg", file=str(file), target=60, level="micro_grid")
    assert told["layers"] == {"micro_grids": 6, "cells": 36}
    assert (told["in_band"], told["contiguous"], told["stopped"], told["outside"]) == (1.0, True, False, [])
    checked = check(None, tmp_path / "plan.gpkg", level="micro_grid", cells=str(file), target=60)
    assert (checked["parts"], checked["households"], checked["findings"]) == (6, 360, [])
    info = pyogrio.read_arrow(tmp_path / "plan.gpkg", layer="micro_grids")[1]
    assert sorted(info["code"].to_pylist()) == ["C1-001", "C1-002", "C1-003", "C2-001", "C2-002", "C2-003"]


def test_parts_outside_the_band_are_told_by_code_with_the_reason(tmp_path: Path) -> None:
    rows = [
        (
            shapely.box(118.3 + x / 1000, 35, 118.301 + x / 1000, 35.001),
            {"code": str(x), "community": "C1", "households": n},
        )
        for x, n in enumerate((30, 10, 40))
    ]
    told = solve(None, tmp_path / "plan.geojson", file=str(write(tmp_path / "three.geojson", *rows)), target=40)
    assert told["outside"] == []
    rows[1][1]["households"] = 30
    file = str(write(tmp_path / "heavy.geojson", *rows))
    told = solve(None, tmp_path / "two.geojson", file=file, band=[45, 55], parts=2)
    [one, two] = sorted(told["outside"], key=lambda one: one["part"])
    assert [(one["part"], one["households"]), (two["part"], two["households"])] == [("C1-001", 60), ("C1-002", 40)]
    assert told["lines"][-1].startswith("超出户数范围（2）：C1-001（60 户）：")


class Impatient(Quiet):
    """Stops once the solver is at work and has told a plan."""

    said = 0

    def check(self) -> None:
        if self.said > 3:
            raise Cancelled("stopped")

    def step(self, label: str, done: float, total: float | None = None) -> None:
        self.said += "outside the band" in label
        self.check()


def test_whoever_stops_keeps_the_best_plan_so_far(tmp_path: Path) -> None:
    asked = {"out": str(tmp_path / "plan.geojson"), "file": str(parcels(tmp_path)), "target": 60, "steps": 400_000_000}
    told = run_plan_solve(None, asked, Impatient())
    assert (told["stopped"], told["parts"], told["contiguous"]) == (True, 6, True)
    assert len(json.loads((tmp_path / "plan.geojson").read_text("utf-8"))["features"]) == 6 + 36


def test_what_cannot_be_solved_is_told(store: Store, tmp_path: Path) -> None:
    file = str(parcels(tmp_path))
    for given, words in (
        ({"file": file, "start": "again"}, "no way to start"), ({"file": file, "level": "street"}, "no level of plans"),
        ({"file": file, "start": "repair"}, "which part it is in now"), ({"level": "grid"}, "no micro-grids"),
        ({"level": "micro_grid"}, "no buildings"), ({"file": file, "columns": {"households": "x"}}, "has no column x"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=words):
            solve(store, tmp_path / "out.gpkg", **given)


def test_a_plan_with_overlaps_is_not_saved_and_a_sound_one_is(store: Store, tmp_path: Path) -> None:
    overlapping = write(
        tmp_path / "p.geojson",
        (square("G1"), {"code": "X1"}),
        (shapely.box(118.3, 35.01, 118.32, 35.02), {"code": "X2"}),
    )
    with pytest.raises(InputError, match="nothing was saved: the plan has overlap"):
        check(store, overlapping, save="第二版", effective_from="2024-07-01")
    assert len(plans(store)) == 1
    merged = shapely.union_all([square("G1"), square("G2")])
    file = write(
        tmp_path / "q.geojson", (merged, {"code": "G12", "households": 400}), (square("G3"), {"code": "G3", "households": 180}),
        (square("G4"), {"code": "G4", "households": 250}),
    )  # fmt: skip
    told = check(store, file, save="第二版", effective_from="2024-07-01", band=[1, 999])
    assert (told["counts"], told["saved"]["plan"], told["saved"]["new"]) == ({}, "第二版", 3)
    found = run_plan_diff(store, {"first": "1", "second": "第二版", **cells(tmp_path)}, Quiet())
    assert [(one["before_code"], one["after_code"], one["gained"], one["lost"]) for one in found["changes"]] == [
        ("G1", "", 0, 100), ("G2", "G12", 100, 0),
    ]  # fmt: skip
    assert (found["moved"], found["same"]) == (100, 2)
