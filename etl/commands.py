"""The named commands of the program: what the command line runs itself, and what a running server runs for it.

Each takes the store, plain arguments (JSON) and a progress, and returns plain values; how they look is the caller's.
Paths are absolute, because the server may stand in another folder.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa

from data import checks, imports
from data.acting import audited
from data.atlas import atlas_on, tree
from data.backup import backup
from data.errors import InputError, NotFound
from data.extracts import case_batches, place_table, status
from data.figures import Filter, Question, figures
from data.periods import parse_moment, parse_period
from data.progress import Progress
from data.store import Store
from etl.address_commands import ADDRESS_COMMANDS
from etl.corrections import chosen, correctable, taken_back
from etl.demo_time import set_time
from etl.exports import write_tables
from etl.guess_sources import known_sources
from etl.importing import import_places, import_tickets, load, scratch
from etl.jobs import run_in_worker
from etl.mapping import parse_mapping
from etl.plan_export import run_plan_export
from etl.preview import propose
from etl.user_commands import USER_COMMANDS
from etl.warning_commands import WARNING_COMMANDS
from etl.webhook_commands import WEBHOOK_COMMANDS

Arguments = dict[str, Any]
Tables = Generator[pa.Table, None, None]
Command = Callable[[Store, Arguments, Progress], Any]


@audited("import")
def run_import(store: Store, args: Arguments, progress: Progress) -> dict[str, Any]:
    """file, mapping (path or name), kind (tickets, places, plan or null), effective_from (places and plans)."""
    mapping, text = load(args["mapping"], args.get("kind"))
    file = Path(args["file"])
    start = date.fromisoformat(args["effective_from"]) if args.get("effective_from") else None
    if mapping.kind != "tickets":
        return import_places(store, file, mapping, text, effective_from=start, progress=progress)
    if start:
        raise InputError("tickets have times of their own; --effective-from is for places and plans.")
    return import_tickets(store, file, mapping, text, progress=progress)


def importing(kind: str) -> Command:
    """The import of one kind of file."""
    return lambda store, args, progress: run_import(store, {**args, "kind": kind}, progress)


def run_guess(store: Store, args: Arguments, progress: Progress) -> dict[str, Any]:
    """file, kind, level, language (zh, en), out (where to write the mapping; null: nowhere), numbered (a name that is
    taken gets -2, -3 … instead of being refused)."""
    trees = [tree(store, atlas_on(store).atlas_id)]
    asked = {key: args.get(key) for key in ("file", "kind", "level")} | {"language": args.get("language") or "en"}
    known = known_sources(imports.source_mappings(store))
    told = {**asked, "zone": store.deployment.zone, "crs": store.deployment.crs, "trees": trees, "known": known}
    found: dict[str, Any] = next(iter(list(run_in_worker(propose, told, progress=progress))))
    out = Path(args["out"]) if args.get("out") else None
    if out and args.get("numbered"):
        out = next(path for path in _numbered(out) if not path.exists())
    if out:
        _refuse_taken(out, args)
        try:
            out.write_text(found["mapping_text"], encoding="utf-8")
        except OSError as error:
            raise InputError(
                f"the mapping cannot be written ({error.strerror}).", where=str(out), todo="Give a place with --out."
            ) from None
    return found | {"out": str(out) if out else None}


def _numbered(path: Path) -> Iterator[Path]:
    """The path, then with -2, -3 … before its ending."""
    yield path
    yield from (path.with_name(f"{path.stem}-{n}{path.suffix}") for n in count(2))


def _refuse_taken(out: Path, args: Arguments) -> None:
    if out.exists() and not args.get("overwrite"):
        raise InputError("there is a file of this name already.", where=str(out), todo="Choose another name.")


def run_figures(store: Store, args: Arguments, progress: Progress) -> list[dict[str, Any]]:
    """level, period, basis, as_of, as_published, filters ("field=value" texts), kind, plan, within, figures (names)."""
    progress.step("count", 0, None)
    return [row.as_dict() for row in figures(store, question(store, args))]


def question(store: Store, args: Arguments) -> Question:
    """A question from plain arguments; values of one field in several filters are alternatives."""
    period = parse_period(args["period"], store.zone)
    chosen: dict[str, list[str]] = {}
    for text in args.get("filters") or []:
        field, equals, value = text.partition("=")
        if not equals:
            raise InputError(
                f'"{text}" is no filter.', where="filter", todo="Write field=value, for example channel=12345."
            )
        chosen.setdefault(field.strip(), []).append(value.strip())
    moments = {
        name: parse_moment(args[name], store.zone, where=name.replace("_", "-"), now=store.now())
        if args.get(name)
        else None
        for name in ("as_of", "as_published")
    }
    return Question(
        level=args["level"],
        start=period.start,
        end=period.end,
        as_of=moments["as_of"],
        kind=args.get("kind") or "event",
        basis=args.get("basis"),
        filters=tuple(Filter(field, tuple(values)) for field, values in chosen.items()),
        plan=args.get("plan") or "period_end",
        published=moments["as_published"],
        within=args.get("within"),
        figures=tuple(args["figures"]) if args.get("figures") else None,
    )


def run_check(store: Store, args: Arguments, progress: Progress) -> list[dict[str, Any]]:
    """rules: names of the rules to check (default: all)."""
    found = checks.check(store, progress, tuple(args.get("rules") or checks.RULES))
    return [{"rule": one.rule, "what": one.text, "places": list(one.places), "cases": list(one.cases)} for one in found]


@audited("export")
def run_backup(store: Store, args: Arguments, progress: Progress) -> dict[str, Any]:
    """file: where to (default: a new name in the store's backups)."""
    file = backup(store, Path(args["file"]) if args.get("file") else None, progress)
    return {"file": str(file), "bytes": file.stat().st_size}


@audited("export")
def run_export(store: Store, args: Arguments, progress: Progress) -> dict[str, Any]:
    """what (cases, figures, places, quarantine), format, out; the arguments of figures; level; import."""
    progress.step("write", 0, None)
    tables = {"cases": _cases, "figures": _figures, "places": _places, "quarantine": _quarantine}
    if args["what"] not in tables:
        raise InputError(f'"{args["what"]}" cannot be exported.', todo=f"Choose one of {', '.join(tables)}.")
    out = Path(args["out"])
    _refuse_taken(out, args)
    with closing(_watched(tables[args["what"]](store, args), progress)) as watched:
        rows = write_tables(watched, out, args["format"], store.zone)
    return {"file": str(out), "rows": rows}


def _watched(tables: Tables, progress: Progress) -> Tables:
    """The tables, counted as they pass. Whatever ends it, the reader behind them is let go: it would keep the store open."""
    done = 0
    with closing(tables):
        for table in tables:
            done += table.num_rows
            progress.step("write", done, None)
            yield table


def _cases(store: Store, _args: Arguments) -> Tables:
    yield from case_batches(store)


def _places(store: Store, args: Arguments) -> Tables:
    yield place_table(store, args.get("level"))


def _quarantine(store: Store, args: Arguments) -> Tables:
    yield correctable(imports.export_quarantine(store, _import_id(store, args), {"status": "open"}))


def _figures(store: Store, args: Arguments) -> Tables:
    """A row a place and figure, in plain columns."""
    plain = ("numerator", "denominator", "value", "basis")
    rows = []
    for place in figures(store, question(store, args)):
        for name, figure in place.figures.items():
            values = figure.as_dict()
            left = "; ".join(f"{why} {n}" for why, n in values["left_out"].items())
            head = {
                "level": place.level,
                "place": place.place,
                "name": place.name,
                "located": place.located,
                "figure": name,
            }
            rows.append({**head, **{key: values[key] for key in plain}, "left_out": left})
    yield pa.Table.from_pylist(rows)


def run_imports(store: Store, _args: Arguments, _progress: Progress) -> list[dict[str, Any]]:
    """All imports, the newest first."""
    return imports.list_imports(store)


def run_status(store: Store, _args: Arguments, _progress: Progress) -> dict[str, Any]:
    """What the store holds."""
    return status(store)


@audited("clock")
def run_demo_time(store: Store, args: Arguments, progress: Progress) -> dict[str, Any]:
    """speed (simulated seconds a second), pause, jump ("6h", "2d", "30m"), storm: what to do with a simulated deployment's
    time, each optional. Where no server lives on with it, a jump is lived here and now."""
    return set_time(store, args, progress)


def quarantine_list(store: Store, args: Arguments, _progress: Progress) -> dict[str, Any]:
    """import (default: the latest with open rows), offset, limit."""
    import_id = _import_id(store, args)
    page = imports.quarantined(
        store, import_id, offset=int(args.get("offset") or 0), limit=int(args.get("limit") or 50)
    )
    return {"import_id": import_id, "total": page.total, "rows": page.rows, "rules": imports.rules(store, import_id)}


def quarantine_export(store: Store, args: Arguments, progress: Progress) -> dict[str, Any]:
    """import, out, format (csv): the open rows in the source's columns, to be corrected and taken back by a retry."""
    return run_export(store, {"format": "csv", **args, "what": "quarantine"}, progress)


@audited("import")
def quarantine_retry(store: Store, args: Arguments, progress: Progress) -> dict[str, Any]:
    """import, file (its corrected export), mapping (default: the one of that import)."""
    import_id = int(args["import"])
    before = imports.import_report(store, import_id)
    if before["kind"] != "tickets":
        raise InputError("only tickets are retried.", todo="Correct the file of places and import it again.")
    mapping, text = (
        load(args["mapping"], "tickets")
        if args.get("mapping")
        else (parse_mapping(before["mapping"], f"mapping of import {import_id}"), before["mapping"])
    )
    still_open = imports.export_quarantine(store, import_id, {"status": "open"})["quarantine_id"].to_pylist()
    with scratch(store) as folder:
        clean = folder / f"{Path(args['file']).stem}.csv"
        ids = taken_back(Path(args["file"]), clean)
        result = import_tickets(store, clean, mapping, text, progress=progress, corrected=True)
    return result | {"retried": imports.mark_retried(store, chosen(ids, still_open))}


@audited("import")
def quarantine_drop(store: Store, args: Arguments, _progress: Progress) -> dict[str, Any]:
    """import, ids (default: all open rows of the import): rows that stay out; their record is kept."""
    import_id = _import_id(store, args)
    still_open = imports.export_quarantine(store, import_id, {"status": "open"})["quarantine_id"].to_pylist()
    ids = [int(number) for number in args.get("ids") or still_open if int(number) in set(still_open)]
    return {"import_id": import_id, "dropped": imports.mark_dropped(store, ids)}


def _import_id(store: Store, args: Arguments) -> int:
    """The import meant: the one named, else the latest with open rows in quarantine, else the latest."""
    if args.get("import") is not None:
        return int(imports.import_report(store, int(args["import"]))["import_id"])
    known = imports.list_imports(store)
    if not known:
        raise NotFound("nothing was imported yet.")
    return int(next((one["import_id"] for one in known if one["open_rows"]), known[0]["import_id"]))


COMMANDS: dict[str, Command] = {
    "import": run_import,
    "import_tickets": importing("tickets"),
    "import_places": importing("places"),
    "import_plan": importing("plan"),
    "guess": run_guess,
    "figures": run_figures,
    "check": run_check,
    "backup": run_backup,
    "export": run_export,
    "quarantine_list": quarantine_list,
    "quarantine_export": quarantine_export,
    "quarantine_retry": quarantine_retry,
    "quarantine_drop": quarantine_drop,
    "demo_time": run_demo_time,
    "imports": run_imports,
    "plan_export": run_plan_export,
    "status": run_status,
    **ADDRESS_COMMANDS,
    **USER_COMMANDS,
    **WEBHOOK_COMMANDS,
    **WARNING_COMMANDS,
}
