"""`plan solve`: a plan drawn by the solver in a worker process, from the store's plan or from a file, written to a file.

The worker tells its best plan after every slice, so that whoever stops it (Ctrl-C) keeps that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from dashboard.drawing.grounds import Cells, from_file, level_of, of_store
from dashboard.drawing.telling import solved_lines, speaking
from dashboard.said import in_words
from data.errors import Cancelled, InputError
from data.progress import Progress
from data.store import Store
from etl.coordinates import to_wgs84
from etl.drawn_plans import joined
from etl.jobs import run_in_worker
from etl.plan_files import system_named, write_plan
from planning.graph import shared
from planning.levels import joined_estates, over
from planning.plan import Plan, measured
from planning.rules import Rules
from planning.solver import Solver
from planning.units import NONE, Units, units

TARGETS = {"grid": 400.0, "micro_grid": 50.0}
STARTS = ("fresh", "current", "repair")
WEIGHTS = ("roundness", "cuts", "border", "estates", "moved")


def run_plan_solve(store: Store | None, args: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """file (else the store's plan), plan, layer, columns, level, start, target, band, tolerance, parts, weights, seed, steps,
    out, crs, language. The figures of the plan that was written; `stopped` where a person stopped it."""
    level, start = level_of(args.get("level") or "micro_grid"), args.get("start") or "fresh"
    if start not in STARTS:
        raise InputError(f"{start} is no way to start.", where="--start", todo=f"Choose one of {', '.join(STARTS)}.")
    rules = rules_of(args, level)
    system, out = system_named(args.get("crs") or "EPSG:4326"), Path(args["out"])
    if out.exists() and not args.get("overwrite"):
        raise InputError(
            "there is a file of this name already.", where=str(out), todo="Choose another, or --overwrite."
        )
    cells = cells_of(store, args, level, progress)
    asked = {
        "cells": cells.table(),
        "level": level,
        "rules": rules,
        "seed": int(args.get("seed") or 0),
        "steps": args.get("steps"),
        "start": start,
    }
    best: dict[str, Any] = {}
    stopped = False
    try:
        with closing(run_in_worker(drawn_plans, asked, progress=progress)) as found:
            for one in found:
                best = one
    except Cancelled:
        stopped = True
        if not best:
            raise
    with speaking(args.get("language")):
        best["reasons"] = {part: in_words(text) for part, text in best["reasons"].items()}
        tables, codes = told_layers(cells, best, level)
        rows = write_plan(out, tables, system)
        for one in best["figures"]["outside"]:
            one |= {"part": codes[one["part"]], "reason": in_words(one["reason"])}
        told = {"file": str(out), "layers": rows, "stopped": stopped, **best["figures"]}
        return told | {"lines": solved_lines(told)}


def cells_of(store: Store | None, args: dict[str, Any], level: str, progress: Progress) -> Cells:
    """The cells of the file that is named, else of the store. InputError where there is neither."""
    progress.step("read the cells", 0, None)
    if args.get("file"):
        system = store.deployment.crs if store else ""
        return from_file(Path(args["file"]), args.get("columns") or {}, args.get("layer"), system)
    if store is None:
        raise InputError("there is no store to draw from.", todo="Give a file of cells with households.")
    return of_store(store, level, args.get("plan"))


def rules_of(args: dict[str, Any], level: str) -> dict[str, Any]:
    """The solver's rules as plain values."""
    given: dict[str, Any] = {
        "target": float(args.get("target") or TARGETS[level]),
        "disconnected": "apart",
        "small": "one",
    }
    if args.get("band"):
        given["band"] = tuple(args["band"])
    given |= {name: args[name] for name in ("tolerance", "parts") if args.get(name) is not None}
    given |= {name: float(value) for name, value in (args.get("weights") or {}).items() if name in WEIGHTS}
    Rules(**given)
    return given


def drawn_plans(
    *, cells: pa.Table, level: str, rules: dict[str, Any], seed: int, steps: int | None, start: Any, progress: Progress
) -> Iterator[dict[str, Any]]:
    """In the worker: the best plan after every slice, as part (each cell's label), figures, reasons and names of labels."""
    made, names = units_of(cells)
    graph = shared(np.asarray(shapely.from_wkb(np.array(cells["geometry"].to_pylist(), dtype=object)), dtype=object))
    if start != "fresh" and (made.current == NONE).all():
        raise InputError(
            "no cell says which part it is in now.",
            where="--start",
            todo="Start fresh, or name the column: --column current=…",
        )
    asked, near, number = made, graph, np.arange(len(made))
    if level == "micro_grid":
        asked, near, number = joined_estates(made, graph, Rules(**rules), fresh=start == "fresh")
    solver = Solver(asked, near, Rules(**rules), seed=seed, steps=steps, start=start)
    low, high = solver.division.low, solver.division.high
    last = -1.0
    for at in solver.run():
        progress.step(f"{at.stage}: {at.parts} parts, {at.outside} outside the band", at.done, 1.0)
        if at.done - last >= 0.02:
            last = at.done
            yield told(measured(made, graph, solver.assignment()[number], low, high), names)
    plan = solver.plan()
    yield told(over(made, graph, plan, plan.part[number]), names)


def units_of(cells: pa.Table) -> tuple[Units, list[str]]:
    """(the cells as the solver takes them, the code of each label of the plan in force)."""
    numbers = {name: numbered(cells[name].to_pylist()) for name in ("community", "estate", "current", "dedicated")}
    community, _ = numbers["community"]
    current, codes = numbers["current"]
    made = units(
        shapely.from_wkb(np.array(cells["geometry"].to_pylist(), dtype=object)), cells["households"].to_numpy(),
        community=np.maximum(community, 0), estate=numbers["estate"][0], current=current,
        dedicated=numbers["dedicated"][0], name=cells["name"].to_pylist(),
    )  # fmt: skip
    return made, codes


def numbered(texts: list[str]) -> tuple[NDArray[np.int64], list[str]]:
    """(the number of each text, or NONE for none; the texts by their number)."""
    codes = sorted({text for text in texts if text})
    place = {code: i for i, code in enumerate(codes)}
    return np.array([place.get(text, NONE) for text in texts], np.int64), codes


def told(plan: Plan, names: list[str]) -> dict[str, Any]:
    """A plan as plain values. Reasons are looked for at the end only: where thousands of parts are outside they take longer than
    the drawing."""
    parts = plan.parts
    why = {one.part: one.text for one in plan.reasons}
    bad = np.flatnonzero(~parts.in_band & parts.homes)
    return {
        "part": plan.part.tolist(),
        "names": names,
        "reasons": why,
        "low": plan.low,
        "high": plan.high,
        "figures": {
            "parts": len(parts), "in_band": round(plan.in_band, 4), "low": round(plan.low, 1), "high": round(plan.high, 1),
            "compactness": round(plan.roundness, 4), "contiguous": plan.contiguous, "cut_borders": plan.cuts,
            "border_km": round(plan.border / 1000, 2), "estates_split": plan.estates_split, "households_moved": plan.moved,
            "outside": [
                {"part": int(parts.label[i]), "households": int(parts.households[i]), "reason": why.get(int(parts.label[i]), "")}
                for i in bad
            ],
        },
    }  # fmt: skip


def told_layers(cells: Cells, best: dict[str, Any], level: str) -> tuple[dict[str, pa.Table], dict[int, str]]:
    """The parts (layer `grids` or `micro_grids`) and the cells with their part, in EPSG:4326; and the code of each label."""
    part = np.array(best["part"], np.int64)
    labels, number = np.unique(part, return_inverse=True)
    shapes = np.array([joined(cells.shape[number == i]) for i in range(len(labels))], dtype=object)
    code = np.array(coded(labels, best["names"], cells, number, shapes), dtype=np.str_)
    load = np.bincount(number, cells.households, len(labels)).astype(np.int64)
    first = np.unique(number, return_index=True)[1]
    homes = cells.dedicated[first] == ""
    table = pa.table(
        {
            "code": code.tolist(), "community": cells.community[first].tolist(), "households": load,
            "in_band": np.where(~homes | ((load >= best["low"] - 1e-9) & (load <= best["high"] + 1e-9)), 1, 0).astype(np.int64),
            "compactness": np.round(4 * np.pi * shapely.area(shapes) / shapely.length(shapes) ** 2, 4),
            "area_m2": np.round(shapely.area(shapes), 1), "kind": np.where(homes, "", "dedicated").tolist(),
            "reason": [best["reasons"].get(int(label), "") for label in labels],
            "geometry": pa.array(list(shapely.to_wkb(degrees(shapes, cells.metric))), pa.binary()),
        }
    )  # fmt: skip
    inside = pa.table(
        {
            "name": cells.name.tolist(), "part": code[number].tolist(), "before": cells.current.tolist(),
            "households": cells.households,
            "geometry": pa.array(list(shapely.to_wkb(degrees(cells.shape, cells.metric))), pa.binary()),
        }
    )  # fmt: skip
    codes = {int(label): str(one) for label, one in zip(labels, code, strict=True)}
    return {f"{level}s": table.sort_by("code"), "cells": inside}, codes


def coded(
    labels: NDArray[np.int64], names: list[str], cells: Cells, number: NDArray[np.int64], shapes: Any
) -> list[str]:
    """The code of each part: the one it has in force, else its community and a number, west to east in rows from the north."""
    point = shapely.get_coordinates(shapely.point_on_surface(shapes))
    first = np.unique(number, return_index=True)[1]
    community = cells.community[first]
    row = np.floor(-point[:, 1] / 500)
    codes, taken = [""] * len(labels), set(names)
    counters: dict[str, int] = {}
    for i in np.lexsort((point[:, 0], row, community)):
        if 0 <= labels[i] < len(names):
            codes[i] = names[labels[i]]
            continue
        stem = str(community[i])
        while True:
            counters[stem] = counters.get(stem, 0) + 1
            made = f"{stem}-{counters[stem]:03d}" if stem else f"{counters[stem]:04d}"
            if made not in taken:
                break
        codes[i] = made
    return codes


def degrees(shapes: Any, system: str) -> Any:
    """Metric shapes in EPSG:4326."""

    def change(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = np.ascontiguousarray(points.T)
        return np.column_stack(to_wgs84(x, y, system))

    return shapely.transform(shapes, change)
