"""`plan export`: a plan in force or past as a file for a planner's own tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from data.acting import audited
from data.errors import InputError
from data.levels import PLANNED
from data.plan_extracts import plan_meant, planned_places
from data.progress import Progress
from data.store import Store
from etl.plan_files import system_named, write_plan


@audited("export")
def run_plan_export(store: Store, args: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """plan (number, name or day; default the one in force), out (.gpkg, .zip with shapefiles, .geojson), crs, overwrite."""
    plan, out = plan_meant(store, args.get("plan")), Path(args["out"])
    if out.exists() and not args.get("overwrite"):
        raise InputError("there is a file of this name already.", where=str(out), todo="Choose another name.")
    system = system_named(args.get("crs") or "EPSG:4326")
    progress.step("write", 0, None)
    tables: dict[str, pa.Table] = {f"{level}s": planned_places(store, plan, level) for level in PLANNED}
    rows = write_plan(out, tables, system)
    return {"file": str(out), "plan": plan.name, "crs": system, "layers": rows}
