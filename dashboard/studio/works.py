"""The studio's long work, built in the background with progress and a stop: dossiers, plans as files, files of plans checked and taken.

Whoever begins gets the number of a job and asks how it stands; what was made is fetched when it is done.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from dashboard.desk import Desk
from dashboard.drawing.checking import run_plan_check
from dashboard.jobs import Job
from dashboard.said import in_words, parts_of
from dashboard.studio.comparing import standard_rules
from dashboard.studio.dossier import Dossier, dossier
from dashboard.studio.dossier_pdf import as_pdf
from dashboard.studio.dossier_word import as_word
from dashboard.studio.drawn_files import parts, taken
from dashboard.studio.sides import LAYERS, side, tables
from dashboard.uploads import Upload
from data.acting import acting
from data.draft_review import APPROVERS
from data.errors import InputError, NotFound, Refused
from data.levels import PLANNED
from data.plan_extracts import plan_meant, planned_places
from data.progress import Progress
from data.store import Store
from etl.coordinates import OFFSET_SYSTEMS, WGS84, metric_system
from etl.plan_files import CGCS2000, middle, write_plan

Said = dict[str, Any]
DOSSIERS: dict[str, Callable[[Dossier, Progress], bytes]] = {"pdf": as_pdf, "docx": as_word}
PLAN_FORMS = {"gpkg": "application/geopackage+sqlite3", "zip": "application/zip", "geojson": "application/geo+json"}
ZONE = "CGCS2000-GK"  # the Gauss-Krüger zone of three degrees the plan lies in
SYSTEMS = {"": WGS84, "EPSG:4326": WGS84, "CGCS2000": CGCS2000, ZONE: "", "GCJ-02": OFFSET_SYSTEMS[0]}


def stands(store: Store, desk: Desk, job_id: str) -> Said:  # noqa: ARG001
    """How a piece of work stands, and what came of it."""
    return job_told(desk.jobs.get(job_id))


def job_told(job: Job) -> Said:
    """A job as the page is told of it."""
    result = job.result if not isinstance(job.result, Path) else None
    return {"status": job.status, "share": job.share, "result": result, "failure": job.error and parts_of(job.error)}


def stopped(store: Store, desk: Desk, job_id: str) -> Said:
    """Stop it; how it stands."""
    desk.jobs.get(job_id).reporter.stop()
    return stands(store, desk, job_id)


def dossier_begun(store: Store, desk: Desk, draft_id: int, asked: Said) -> Said:
    """Begin to write a dossier. Raises NotFound, and Refused where the draft changes nothing."""
    form = str(asked.get("form"))
    if form not in DOSSIERS:
        raise NotFound("there is no such kind of file.", where=form)

    def work(progress: Progress) -> Path:
        progress.step("dossier", 0, None)
        content = DOSSIERS[form](dossier(store, draft_id), progress)
        file = folder(store) / f"plan-{draft_id}.{form}"
        file.write_bytes(content)
        return file

    return {"job": desk.jobs.start("dossier", work).job_id}


def folder(store: Store) -> Path:
    """Where what was made lies until it is fetched."""
    made = store.home / "tmp" / "studio"
    made.mkdir(parents=True, exist_ok=True)
    return made


def fetched(store: Store, desk: Desk, job_id: str, form: str) -> bytes:  # noqa: ARG001
    """The file a job made. Raises NotFound."""
    job = desk.jobs.get(job_id)
    if not isinstance(job.result, Path) or job.result.suffix != f".{form}" or not job.result.is_file():
        raise NotFound("the file is not ready.", where=form, todo="Wait for it, or begin again.")
    return job.result.read_bytes()


def plan_file(store: Store, word: str, form: str, crs: str) -> tuple[str, bytes]:
    """(name of the file, its bytes) of any plan or draft. Raises InputError, NotFound."""
    if form not in PLAN_FORMS:
        raise NotFound("there is no such kind of file.", where=form)
    if crs not in SYSTEMS:
        raise InputError("there is no such coordinate system.", where="crs")
    about = side(store, word)
    layers = {LAYERS[level]: table for level, table in tables(store, word).items()}
    system = SYSTEMS[crs] or zone_of(store)
    name = re.sub(r'[\\/:*?"<>|\s]+', "_", about.name)[:60]
    mark = system.replace(":", "")
    file = folder(store) / f"{word.replace(':', '-')}-{mark}.{form}"
    write_plan(file, layers, system)
    try:
        return f"{name}-{mark}.{form}", file.read_bytes()
    finally:
        file.unlink(missing_ok=True)


def file_asked(store: Store, desk: Desk, token: str, asked: Said) -> Said:
    """Begin to check a dropped file, to take it as a draft, or to save it as it is drawn. Raises InputError, Refused."""
    upload, what, level = desk.uploads.get(token), asked.get("what"), str(asked.get("level") or "grid")
    if level not in PLANNED:
        raise InputError("there is no such level.", where="level")
    crs = str(asked.get("crs") or "")
    if crs not in SYSTEMS:
        raise InputError("there is no such coordinate system.", where="crs")
    args: Said = {"what": str(upload.path), "level": level, "snap": asked.get("snap") is True}
    args |= {"layer": asked.get("layer") or None, "crs": SYSTEMS[crs] or zone_of(store) if crs else None}
    args |= {"band": list(getattr(standard_rules(store), level).band)}
    actor = acting()
    if what == "check":
        return {"job": desk.jobs.start("plan-check", lambda progress: checked(store, upload, args, progress)).job_id}
    if what == "draft":
        name = str(asked.get("name") or "")
        return {
            "job": desk.jobs.start(
                "plan-draft", lambda progress: taken(store, upload, args, name, actor, progress)
            ).job_id
        }
    if what == "save":
        actor.require(APPROVERS, to="save a plan")
        args |= {"save": str(asked.get("name") or ""), "effective_from": coming(store, str(asked.get("day")))}
        return {"job": desk.jobs.start("plan-save", lambda progress: run_plan_check(store, args, progress)).job_id}
    raise InputError("there is no such order.", where="what")


def checked(store: Store, upload: Upload, args: Said, progress: Progress) -> Said:
    """What is wrong with a file, in the reader's language, and its parts for the map."""
    found = run_plan_check(store, args, progress)
    for one in found["findings"]:
        one["text"] = in_words(one["text"])
    return {**found, **parts(store, upload, args)}


def zone_of(store: Store) -> str:
    """The Gauss-Krüger zone of three degrees the plan in force lies in; UTM elsewhere."""
    grids = planned_places(store, plan_meant(store), "grid")
    return metric_system(*middle(np.array(shapely.from_wkb(grids["geometry"].to_pylist()), dtype=object)))


def coming(store: Store, text: str) -> str:
    """A day to come. Raises InputError, Refused."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError("this is no day.", where="day", todo="Write it like 2026-03-31.") from None
    if day <= store.now().astimezone(store.zone).date():
        raise Refused("a plan takes effect on a day to come.", where=text)
    return text
