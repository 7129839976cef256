"""An import from its file to the store: the worker reads and checks, this process writes, both report how far they are.

The command line, the control socket and the import page all come through here.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from data import repeats
from data.address_review import settled_places
from data.atlas import atlases, tree
from data.errors import Cancelled, FileError, InputError, MappingError
from data.imports import default_points
from data.intake import Intake
from data.levels import PLANNED
from data.place_imports import PlaceImport
from data.places import put_places
from data.plans import Plan, find_plan, plan_on, plans
from data.progress import Progress
from data.store import Store
from etl.alias_file import read_aliases
from etl.boundaries import read_places
from etl.fileoptions import MEGABYTE, Limits
from etl.jobs import run_in_worker
from etl.locate import relocate
from etl.mapping import Mapping, mapping_text, parse_mapping
from etl.tickets import Context, read_tickets

COUNTS = ("rows_read", "new", "updated", "unchanged")


def limits_of(store: Store) -> Limits:
    """What a reader may use up here. Parquet is read only from files a person on this machine named."""
    return Limits(unpacked_bytes=store.settings.unpacked_megabytes * MEGABYTE, allow_parquet=True)


def load(reference: str, expected: str | None) -> tuple[Mapping, str]:
    """The mapping and its text. expected: tickets, places or plan as the command said; places and plan are alike."""
    text, where = mapping_text(reference)
    mapping = parse_mapping(text, where)
    if expected and (expected == "tickets") != (mapping.kind == "tickets"):
        raise MappingError(
            f"this mapping is for {mapping.kind}, not for {expected}.", where=where, todo="Choose the other mapping."
        )
    return mapping, text


def import_tickets(
    store: Store, file: Path, mapping: Mapping, text: str, *, progress: Progress, corrected: bool = False
) -> dict[str, Any]:
    """Import a ticket file; the report as plain values. corrected: it is a corrected export of the quarantine.

    Raises FileError, MappingError or TooManyBadRows before anything is taken, Cancelled when it was stopped; the store
    is as it was then.
    """
    began = time.monotonic()
    relocated = relocate(store, progress)
    intake = Intake.begin(
        store,
        kind="tickets",
        file=file.name,
        digest=digest(file, progress),
        mapping_text=text,
        source=mapping.source_name,
    )
    with intake, scratch(store) as folder:
        arguments = {
            "path": file,
            "mapping": mapping,
            "context": context_of(store, mapping.source_name),
            "spool_dir": folder,
            "corrected": corrected,
        }
        report: dict[str, Any] = {}
        try:
            with closing(run_in_worker(read_tickets, arguments, progress=progress)) as items:
                for kind, *values in items:
                    if kind == "staged":
                        intake.stage(*values)
                    elif kind == "quarantine":
                        intake.quarantine(values[0])
                    else:
                        report = values[0]
        except InputError:
            intake.cancel("refused")
            raise
        done = intake.finish(report, progress)
    if done.new or done.updated:
        Onward(progress).step("repeat points", 0, None)
        repeats.rebuild(store, done.import_id)
    return {
        **{key: value for key, value in report.items() if key not in ("staged", "rows_read")},
        **done.as_dict(),
        "kind": "tickets",
        "file": file.name,
        "identity": str(done),
        "relocated": relocated,
        "seconds": round(time.monotonic() - began, 2),
    }


def import_places(
    store: Store,
    file: Path,
    mapping: Mapping,
    text: str,
    *,
    effective_from: date | None = None,
    progress: Progress,
) -> dict[str, Any]:
    """Import places or a plan and locate the cases anew; the report as plain values.

    It can be stopped until the places are written; after that it goes on to its end, so that no case is left behind.
    """
    began = time.monotonic()
    relocate(store, progress)
    record = PlaceImport.begin(
        store, kind=mapping.kind, file=file.name, digest=digest(file, progress), mapping_text=text
    )
    with record:
        arguments = {"path": str(file), "mapping": mapping, "limits": limits_of(store)}
        tables: list[tuple[str, date | None, pa.Table]] = []
        report: dict[str, Any] = {}
        with closing(run_in_worker(read_places, arguments, progress=progress)) as items:
            for kind, value in items:
                if kind == "rows":
                    tables.append(value)
                else:
                    report = value
        progress.check()
        levels = []
        for number, (level, start, table) in enumerate(tables):
            progress.step("write places", number, len(tables))
            plan, day = _plan(store, mapping, level, effective_from or start)
            put = put_places(store, table, level=level, effective_from=day, plan=plan, import_id=record.import_id)
            levels.append(put.as_dict())
        relocated = relocate(store, Onward(progress))
        counts = {name: sum(level[name] for level in levels) for name in ("new", "updated", "unchanged")}
        taken = sum(table.num_rows for _, _, table in tables)
        counts["rows_read"] = taken + len(report["left_out"])
        result = {**report, "levels": levels, "relocated": relocated, **counts}
        record.finish(counts, report["left_out"], result)
    other = sum(level["other_district"] for level in levels)
    return {
        **result,
        "kind": mapping.kind,
        "file": file.name,
        "import_id": record.import_id,
        "other_district": other,
        "identity": f"{counts['new']} new + {counts['updated']} updated + {counts['unchanged']} unchanged + "
        f"{other} of other districts + {len(report['left_out'])} quarantined = {counts['rows_read']} rows read",
        "seconds": round(time.monotonic() - began, 2),
    }


def _plan(store: Store, mapping: Mapping, level: str, day: date | None) -> tuple[Plan | None, date | None]:
    """(the plan a level is put into, the day its places hold from). A plan file opens a plan, a places file adds to one."""
    if level not in PLANNED:
        return None, day
    if mapping.kind == "plan":
        return find_plan(store, mapping.plan.name, day or mapping.plan.effective_from), None
    if not plans(store):
        return find_plan(store, None, day), day
    return (plan_on(store, day) if day else None) or find_plan(store), day


def context_of(store: Store, source: str) -> Context:
    """What the worker must know of the deployment, and of the earlier files of a source."""
    place = store.deployment
    trees = tuple((atlas.atlas_id, tree(store, atlas.atlas_id)) for atlas in atlases(store, current=True))
    return Context(
        zone=place.zone,
        crs=place.crs,
        now=store.now(),
        trees=trees,
        calendar=place.calendar,
        bad_row_share=store.settings.bad_row_share,
        limits=limits_of(store),
        default_points=default_points(store, source),
        aliases=read_aliases(store.home, [one for _, one in trees]),
        settled=settled_places(store, source),
    )


@contextmanager
def scratch(store: Store) -> Iterator[Path]:
    """A folder for what the worker spools; removed here too, because a stopped worker cannot."""
    above = store.home / "tmp"
    above.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="import-", dir=above))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def digest(file: Path, progress: Progress) -> str:
    """SHA-256 of the file. Raises FileError when it cannot be read."""
    found = hashlib.sha256()
    try:
        with file.open("rb") as stream:
            while block := stream.read(1 << 22):
                found.update(block)
                progress.check()
    except OSError as error:
        raise FileError(
            f"the file cannot be read ({error.strerror}).", where=str(file), todo="Check its path."
        ) from None
    return found.hexdigest()


class Onward:
    """Shows progress of what must not be stopped half-way."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def step(self, label: str, done: float, total: float | None = None) -> None:
        """Show it; a wish to stop comes too late."""
        try:
            self._progress.step(label, done, total)
        except Cancelled:
            return

    def check(self) -> None:
        """It goes on."""
