"""`plan check` and `plan diff`: a plan of the store or of a file held against what it lies on, or against another; and saved, if
that is asked and nothing forbids it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from dashboard.drawing.grounds import Cells, from_file, level_of, of_store
from dashboard.drawing.solving import TARGETS, degrees
from dashboard.drawing.telling import checked_lines, kind_said, speaking
from dashboard.said import in_words
from data.errors import InputError
from data.nesting import metric
from data.place_imports import PlaceImport
from data.places import PLACE_ROWS, put_places
from data.plan_extracts import day_of, homes, outlines, plan_meant, planned_places
from data.plans import find_plan
from data.progress import Progress
from data.store import Store
from etl.drawn_plans import UNKNOWN, Drawn, Examined, Flaw, Ground, Limits, examined, joined, snapped
from etl.importing import Onward, digest
from etl.locate import relocate
from etl.plan_differences import compared, holders
from etl.plan_files import read_drawing, system_named

FORBIDS = ("twice", "no_shape", "overlap", "outside", "pieces", "parent")


def run_plan_check(store: Store | None, args: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """what (a file, or a plan of the store), cells (a file of homes or cells), level, target, band, compactness, snap, layer, columns,
    save (the name of a new plan), effective_from and language. What is wrong, and what became of it, in that language."""
    with speaking(args.get("language")):
        return _checked(store, args, progress)


def _checked(store: Store | None, args: dict[str, Any], progress: Progress) -> dict[str, Any]:
    level = level_of(args.get("level") or "grid")
    progress.step("read the plan", 0, None)
    drawn, kinds, system = drawn_of(store, args.get("what"), args, level)
    cells = from_file(Path(args["cells"]), {}, None, system) if args.get("cells") else None
    ground = ground_of(store, args, level, cells, system)
    lost: list[str] = []
    if args.get("snap"):
        progress.step("snap to cells", 0, None)
        whole = cells or (of_store(store, level, None) if store else None)
        if whole is None:
            raise InputError("there are no cells to snap to.", where="--snap", todo="Give them: --cells FILE.")
        drawn, owner = snapped(drawn, whole.shape)
        lost = [str(name) for name in whole.name[owner == UNKNOWN]]
    progress.step("check", 0, None)
    limits = limits_of(args, level)
    found = examined(drawn, ground, limits)
    findings = [one for one in found.findings if not (one.kind == "band" and kinds.get(one.codes[0]) == "dedicated")]
    told = summary(drawn, found, findings, lost, system)
    told["lines"] = checked_lines(told)
    if args.get("save"):
        if store is None or not Path(str(args.get("what"))).is_file():
            raise InputError("only a plan from a file is saved, into a store.", where="--save")
        told["saved"] = saved(store, args, level, drawn, found, findings, system, progress)
    return told


def drawn_of(
    store: Store | None, word: str | None, args: dict[str, Any], level: str
) -> tuple[Drawn, dict[str, str], str]:
    """(the parts of a file or of a plan of the store, the kind of each code, the metric system)."""
    if word and Path(word).is_file():
        system = store.deployment.crs if store else ""
        read = read_drawing(
            Path(word), columns=args.get("columns") or {}, layer=args.get("layer"), usual=f"{level}s", metric=system,
            crs=system_named(args["crs"]) if args.get("crs") else None,
        )  # fmt: skip
        code = read.text("code")
        code = np.where(code == "", np.array([f"row {i}" for i in range(1, len(code) + 1)]), code)
        kinds = dict(zip(code.tolist(), read.text("kind").tolist(), strict=True))
        return Drawn(code, read.text("parent"), read.counts("households"), read.shape), kinds, read.metric
    if store is None:
        raise InputError("there is no such file, and no store to look for a plan in.", where=word or "")
    rows = planned_places(store, plan_meant(store, word), level)
    kinds = dict(zip(rows["code"].to_pylist(), [one or "" for one in rows["kind"].to_pylist()], strict=True))
    count = np.array([UNKNOWN if n is None else n for n in rows["households"].to_pylist()], np.int64)
    parent = np.array([one or "" for one in rows["parent"].to_pylist()], dtype=np.str_)
    shapes = metric_shapes(rows, store.deployment.crs)
    return Drawn(np.array(rows["code"].to_pylist(), dtype=np.str_), parent, count, shapes), kinds, store.deployment.crs


def ground_of(store: Store | None, args: dict[str, Any], level: str, cells: Cells | None, system: str) -> Ground:
    """The level above and the homes: of a file of cells where one is given, else of the store."""
    empty, none = np.zeros(0, dtype=object), np.zeros(0, np.int64)
    if cells is not None:
        codes = np.unique(cells.community[cells.community != ""])
        areas = np.array([joined(cells.shape[cells.community == code]) for code in codes], dtype=object)
        points = np.asarray(shapely.point_on_surface(cells.shape), dtype=object)
        return Ground(codes, areas, points, cells.households)
    if store is None:
        return Ground(np.zeros(0, dtype=np.str_), empty, empty, none)
    plan = plan_meant(store, None if Path(str(args.get("what"))).is_file() else args.get("what"))
    day = day_of(store, plan)
    above = outlines(store, "community", day) if level == "grid" else planned_places(store, plan, "grid")
    atoms = homes(store, day)
    points = np.asarray(shapely.point_on_surface(metric_shapes(atoms, system)), dtype=object)
    count = np.array(atoms["households"].to_pylist(), np.int64)
    return Ground(np.array(above["code"].to_pylist(), dtype=np.str_), metric_shapes(above, system), points, count)


def limits_of(args: dict[str, Any], level: str) -> Limits:
    """The band as given, else a tenth around the target."""
    target = float(args.get("target") or TARGETS[level])
    low, high = args.get("band") or (0.9 * target, 1.1 * target)
    given = args.get("compactness")
    return Limits(float(low), float(high), 0.2 if given is None else float(given))


def summary(drawn: Drawn, found: Examined, findings: list[Flaw], lost: list[str], system: str) -> dict[str, Any]:
    """The outcome as plain values; places in degrees."""
    points = np.array([shapely.Point(one.x, one.y) if np.isfinite(one.x) else None for one in findings], dtype=object)
    there = degrees(points, system) if len(points) else points
    known = found.households != UNKNOWN
    return {
        "parts": len(drawn),
        "households": int(found.households[known].sum()),
        "in_one_piece": int((found.pieces == 1).sum()),
        "compactness": round(float(found.roundness.mean()), 4) if len(drawn) else None,
        "counts": dict(Counter(one.kind for one in findings)),
        "cells_without_part": lost,
        "findings": [
            {
                "kind": one.kind, "said": kind_said(one.kind), "codes": list(one.codes), "text": in_words(one.text),
                "lon": None if at is None else round(at.x, 6), "lat": None if at is None else round(at.y, 6),
            }
            for one, at in zip(findings, there, strict=True)
        ],
    }  # fmt: skip


def saved(
    store: Store, args: dict[str, Any], level: str, drawn: Drawn, found: Examined, findings: list[Flaw], system: str,
    progress: Progress,
) -> dict[str, Any]:  # fmt: skip
    """Save the parts as a plan that holds from a day; refused while something is wrong that no plan may be."""
    against = sorted({one.kind for one in findings if one.kind in FORBIDS})
    if against and not args.get("anyway"):
        raise InputError(
            f"nothing was saved: the plan has {', '.join(against)}.",
            where=str(args["what"]),
            todo="Correct it, snap it to cells, or --anyway.",
        )
    start = date.fromisoformat(args["effective_from"]) if args.get("effective_from") else None
    plan, file = find_plan(store, args["save"], start), Path(args["what"])
    shapes = degrees(drawn.shape, system)
    rows = [
        {
            "row_number": i + 1, "code": None if str(drawn.code[i]).startswith("row ") else str(drawn.code[i]),
            "parent_code": str(found.parent[i]) or None, "geometry": shapely.to_wkb(shapes[i]),
            "households": None if found.households[i] == UNKNOWN else int(found.households[i]),
        }
        for i in range(len(drawn))
    ]  # fmt: skip
    names = {"row_number", "code", "parent_code", "geometry", "households"}
    table = pa.Table.from_pylist(rows, schema=pa.schema([one for one in PLACE_ROWS if one.name in names]))
    relocate(store, progress)
    with PlaceImport.begin(
        store, kind="plan", file=file.name, digest=digest(file, progress), mapping_text=""
    ) as record:
        put = put_places(store, table, level=level, plan=plan, import_id=record.import_id)
        moved = relocate(store, Onward(progress))
        counts = {"rows_read": len(rows), "new": put.new, "updated": put.updated, "unchanged": put.unchanged}
        record.finish(counts, [], {**put.as_dict(), "relocated": moved})
    return {"plan": plan.name, "effective_from": str(plan.effective_from), **counts, "import": record.import_id}


def run_plan_diff(store: Store | None, args: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """first, second (files or plans of the store), cells (a file of homes), level, layer, columns."""
    level = level_of(args.get("level") or "grid")
    progress.step("read the plans", 0, None)
    one, _kinds, system = drawn_of(store, args["first"], args, level)
    two, _kinds, other = drawn_of(store, args["second"], args, level)
    if system != other:
        raise InputError(
            "the plans lie in different zones.", where=str(args["second"]), todo="Compare plans of one district."
        )
    cells = from_file(Path(args["cells"]), {}, None, system) if args.get("cells") else None
    ground = ground_of(store, {}, level, cells, system)
    if not len(ground.homes):
        raise InputError("no homes are known.", todo="Give a file of cells with households: --cells FILE.")
    old, new = holders(one.shape, ground.homes), holders(two.shape, ground.homes)
    found = compared(one.code, two.code, old, new, ground.households)
    share = found.moved / found.households if found.households else 0.0
    told = {"households": found.households, "moved": found.moved, "share": round(share, 5), "same": found.same}
    return {**told, "changes": [asdict(change) for change in found.changes]}


def metric_shapes(table: pa.Table, system: str) -> Any:
    """A table's shapes in metres."""
    shapes = np.array(table["geometry"].to_pylist(), dtype=object)
    return np.asarray(metric(shapely.from_wkb(shapes), system), dtype=object)
