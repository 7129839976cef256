"""The program: its command line, and the server. Wiring only.

Commands run here when no server holds the store, else in the server through its control socket; both print the same.
Exit codes: 0 done, 1 a fault of the store or the program, 2 what was given cannot be taken, 3 `check` found violations,
130 stopped.
"""

# ruff: noqa: E402 (Ctrl-C is answered before the long imports)
from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

STOPPED = "Stopped. The store is as it was."
if __name__ == "__main__":  # Ctrl-C while the modules below are read: nothing is open yet
    signal.signal(signal.SIGINT, lambda *_: os._exit(os.write(2, f"{STOPPED}\n".encode()) and 130))

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from data.errors import InputError, NotFound, StoreBusy
from data.settings import settings
from etl.user_line import users, walls
from etl.webhook_line import webhooks


class Program(TyperGroup):
    """Errors come out as one block and an exit code, never as a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        from data.logs import configure_logs

        try:
            given = settings()
            quiet = {} if "serve" in sys.argv or given.log_level == "DEBUG" else {"log_level": "WARNING"}
            configure_logs(given.model_copy(update=quiet))
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, TyperException):
            raise
        except KeyboardInterrupt:
            if "serve" not in sys.argv:  # the server says itself that it ends
                typer.echo(STOPPED, err=True)
            ctx.exit(130)
        except Exception as error:  # the edge of the program: whatever it was must come out as one block
            from etl.terminal import tell_any

            ctx.exit(tell_any(error))


app = typer.Typer(
    cls=Program,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="经纬 Jingwei: one map for a district's grids.",
)
quarantine = typer.Typer(no_args_is_help=True, help="Rows an import could not take.")
app.add_typer(quarantine, name="quarantine")
addresses = typer.Typer(no_args_is_help=True, help="Addresses the program could not place surely.")
app.add_typer(addresses, name="addresses")
app.add_typer(users, name="user")
app.add_typer(walls, name="wall")
app.add_typer(webhooks, name="webhook")

KINDS = ("tickets", "places", "plan")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
MappingOption = Annotated[
    str | None, typer.Option("--mapping", "-m", help="A mapping: path, or name of a shipped one.")
]
ImportOption = Annotated[int | None, typer.Option("--import", help="Number of the import (see `imports`).")]
Level = Annotated[str, typer.Option(help="district, street, community, grid, micro_grid, estate, unit, company …")]
PeriodOption = Annotated[str, typer.Option("--period", help="A/B (half-open), or 2011, 2011-Q3, 2011-07, 2011-07-01.")]
Basis = Annotated[str | None, typer.Option(help="Time that must lie in the period: registered, reported, due, closed.")]
AsOf = Annotated[str | None, typer.Option(help="Count what had happened by then (default: now).")]
Published = Annotated[str | None, typer.Option("--as-published", help="Ignore what was recorded after then.")]
Filters = Annotated[list[str] | None, typer.Option("--filter", help="field=value; may be repeated.")]
Names = Annotated[str | None, typer.Option("--figures", help="Names, separated by commas (default: all).")]


def _call(command: str, **args: Any) -> Any:
    from etl.terminal import call

    return call(settings(), command, args)


def _show_json(result: Any) -> None:
    typer.echo(json.dumps(result, ensure_ascii=False, indent=1))


def _path(given: str | Path) -> str:
    return str(Path(given).absolute())


def _mapping(given: str | None) -> str | None:
    return _path(given) if given and Path(given).is_file() else given


@app.command()
def init(
    name: Annotated[str, typer.Option(help="Name of the district.")],
    code: Annotated[str, typer.Option(help="Division code: letters, digits, dashes; 6 digits in China.")],
    zone: Annotated[str, typer.Option(help="Time zone, for example Asia/Shanghai.")],
    crs: Annotated[str, typer.Option(help="Projected coordinate system in metres, for example EPSG:4547.")],
    calendar: Annotated[str | None, typer.Option(help="Working calendar: CN, US, …, weekdays.")] = None,
) -> None:
    """Make a new store in JINGWEI_HOME."""
    from data.calendars import calendar as known_calendar
    from data.store import Store

    if not re.fullmatch(r"[^\W_]+(-[^\W_]+)*", code):
        raise InputError(f'"{code}" is no code.', where="--code", todo="Use letters, digits and dashes.")
    if calendar:
        known_calendar(calendar, zone)
    with Store.create(settings().home, name=name, code=code, zone=zone, crs=crs, calendar=calendar) as store:
        typer.echo(f"{store.deployment.name} ({code}), calendar {store.deployment.calendar}: {store.path}")


@app.command("import")
def import_file(
    what: Annotated[
        list[str] | None, typer.Argument(metavar="[tickets|places|plan] FILE", help="Kind (optional) and file.")
    ] = None,
    *,
    follow: Annotated[
        Path | None, typer.Option(help="Take every file dropped into this folder, until stopped.")
    ] = None,
    mapping: MappingOption = None,
    guess: Annotated[bool, typer.Option("--guess", help="Propose a mapping instead of importing.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Where --guess writes the mapping (default: FILE's name, here).")
    ] = None,
    level: Annotated[str | None, typer.Option(help="With --guess: the level of the places.")] = None,
    language: Annotated[str | None, typer.Option(help="With --guess: zh or en.")] = None,
    effective_from: Annotated[str | None, typer.Option(help="First day places or a plan hold.")] = None,
    retry: Annotated[int | None, typer.Option(help="The file is a corrected quarantine of this import.")] = None,
    as_json: Json = False,
) -> None:
    """Import tickets, places or a plan; or --guess a mapping."""
    from etl.mapping import shipped
    from etl.printing import print_import

    if follow is not None:
        _follow(follow, what or [], mapping)
        return
    what = what or []
    kind = what[0] if len(what) == 2 and what[0] in KINDS else None
    if len(what) != (2 if kind else 1):
        raise InputError("give one file, after tickets, places or plan if you like.", where=" ".join(what))
    file = _path(what[-1])
    if guess:
        _guess(file, kind=kind, out=out, level=level, language=language or settings().language, as_json=as_json)
        return
    if retry is None and mapping is None:
        raise InputError(
            "which mapping?",
            where="--mapping",
            todo=f"Give a path, one of {', '.join(shipped())}, or let --guess propose one.",
        )
    if retry is not None:
        result = _call("quarantine_retry", file=file, mapping=_mapping(mapping), **{"import": retry})
    else:
        result = _call("import", file=file, mapping=_mapping(mapping), kind=kind, effective_from=effective_from)
    (_show_json if as_json else print_import)(result)


def _follow(folder: Path, what: list[str], mapping: str | None) -> None:
    """Import files as they are dropped; by the server where one runs, which may come and go meanwhile."""
    from etl.following import Follower, Taken
    from etl.printing import print_import
    from etl.terminal import tell

    if what not in ([], ["tickets"], ["places"], ["plan"]):
        raise InputError("the folder has the files; name at most their kind.", where=" ".join(what))
    if mapping is None:
        raise InputError("which mapping?", where="--mapping", todo="Give a path, or the name of a shipped one.")
    kind = what[0] if what else None

    def take(file: Path) -> Any:
        return _call("import", file=_path(file), mapping=_mapping(mapping), kind=kind, effective_from=None)

    def said(one: Taken) -> None:
        typer.echo(str(one.file))
        if one.error is not None:
            tell(one.error)
        else:
            print_import(one.result)

    Follower(folder.absolute(), take).follow(said)


def _guess(file: str, *, kind: str | None, out: Path | None, level: str | None, language: str, as_json: bool) -> None:
    from etl.guess_names import stem_of

    wanted = "places" if kind == "plan" or level else kind
    place = {"out": _path(out or f"{stem_of(Path(file))}.toml"), "numbered": out is None}
    found = _call("guess", file=file, kind=wanted, level=level, language=language, **place)
    if as_json:
        _show_json(found)
        return
    typer.echo(f"{found['text']}\n\n{found['out']}", err=True)
    typer.echo(found["mapping_text"])


@app.command()
def figures(
    *,
    level: Level,
    period: PeriodOption,
    basis: Basis = None,
    as_of: AsOf = None,
    as_published: Published = None,
    filters: Filters = None,
    kind: Annotated[str, typer.Option(help="Kind of case.")] = "event",
    plan: Annotated[str, typer.Option(help="period_end, at_event or plan:ID.")] = "period_end",
    within: Annotated[str | None, typer.Option(help="Code of the place whose inside is meant.")] = None,
    area: Annotated[
        str | None, typer.Option(help="Only cases whose point lies in it: POLYGON((longitude latitude, ...)).")
    ] = None,
    names: Names = None,
    as_json: Json = False,
) -> None:
    """Figures of every place of a level."""
    from etl.printing import print_figures

    asked = [name.strip() for name in names.split(",")] if names else None
    rows = _call(
        "figures",
        level=level,
        period=period,
        basis=basis,
        as_of=as_of,
        as_published=as_published,
        filters=[*(filters or []), *([f"area={area}"] if area else [])],
        kind=kind,
        plan=plan,
        within=within,
        figures=asked,
    )
    _show_json(rows) if as_json else print_figures(rows, asked)


@app.command()
def check(
    rules: Annotated[list[str] | None, typer.Option("--rule", help="Only this rule; may be repeated.")] = None,
    as_json: Json = False,
) -> None:
    """Look for violations: geometry, nesting, ledger, fold. Writes nothing; exit code 3 when there are some."""
    from etl.printing import print_check

    found = _call("check", rules=rules)
    (_show_json if as_json else print_check)(found)
    raise typer.Exit(3 if found else 0)


@app.command()
def backup(
    file: Annotated[Path | None, typer.Argument(help="Where to (default: backups/ of JINGWEI_HOME).")] = None,
) -> None:
    """Write a backup while people work."""
    result = _call("backup", file=_path(file) if file else None)
    typer.echo(f"{result['file']} ({result['bytes'] / 1e6:,.1f} MB)")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    *,
    another: Annotated[bool, typer.Option("--another", help="It may be of another district than the store.")] = False,
) -> None:
    """Put a backup in the place of the store; the present one is moved aside. Needs the server stopped."""
    from data.restore import restore as put_back
    from etl.terminal import bars

    with bars() as progress:
        done = put_back(settings().home, file.absolute(), progress, another=another)
    manifest = done.manifest
    typer.echo(f"{manifest.deployment} as of {manifest.made_at}: {manifest.ledger_lines:,} ledger lines")
    if done.aside:
        typer.echo(f"the former store lies in {done.aside}")


@app.command()
def export(
    what: Annotated[str, typer.Argument(metavar="cases|figures|places|quarantine")],
    out: Annotated[Path, typer.Argument(help="The file to write.")],
    *,
    form: Annotated[str, typer.Option("--format", help="csv, ndjson, geojson or parquet.")] = "csv",
    level: Annotated[str | None, typer.Option(help="Of figures and places.")] = None,
    period: Annotated[str | None, typer.Option(help="Of figures.")] = None,
    basis: Basis = None,
    as_of: AsOf = None,
    filters: Filters = None,
    number: ImportOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
) -> None:
    """Write cases, figures, places or a quarantine to a file."""
    if what == "figures" and not (level and period):
        raise InputError("figures need --level and --period.", where="export figures")
    args = {"level": level, "period": period, "basis": basis, "as_of": as_of, "filters": filters, "import": number}
    result = _call("export", what=what, format=form, out=_path(out), overwrite=overwrite, **args)
    typer.echo(f"{result['file']}: {result['rows']:,} rows")


@quarantine.command("list")
def quarantine_list(number: ImportOption = None, offset: int = 0, limit: int = 50, as_json: Json = False) -> None:
    """The quarantined rows of an import (default: the latest that has some)."""
    from etl.printing import print_quarantine

    result = _call("quarantine_list", offset=offset, limit=limit, **{"import": number})
    (_show_json if as_json else print_quarantine)(result)


@quarantine.command("export")
def quarantine_export(out: Path, number: ImportOption = None) -> None:
    """Write the open rows as CSV in the source's own columns, to be corrected."""
    result = _call("quarantine_export", out=_path(out), **{"import": number})
    typer.echo(f"{result['file']}: {result['rows']:,} rows")


@quarantine.command("retry")
def quarantine_retry(number: int, file: Path, mapping: MappingOption = None, as_json: Json = False) -> None:
    """Import a corrected export of import NUMBER."""
    from etl.printing import print_import

    result = _call("quarantine_retry", file=_path(file), mapping=_mapping(mapping), **{"import": number})
    (_show_json if as_json else print_import)(result)


@quarantine.command("drop")
def quarantine_drop(ids: Annotated[list[int] | None, typer.Argument()] = None, number: ImportOption = None) -> None:
    """Say that rows stay out (default: all open rows of the import); their record is kept."""
    result = _call("quarantine_drop", ids=ids, **{"import": number})
    typer.echo(f"{result['dropped']:,} rows of import {result['import_id']} dropped")


@addresses.command("list")
def addresses_list(offset: int = 0, limit: int = 50, as_json: Json = False) -> None:
    """The uncertain addresses, masked, with the places each could mean."""
    from etl.printing import print_addresses

    result = _call("addresses_list", offset=offset, limit=limit)
    (_show_json if as_json else print_addresses)(result)


@addresses.command("settle")
def addresses_settle(
    case: Annotated[int, typer.Argument(help="Its number in `addresses list`.")],
    place: Annotated[str | None, typer.Argument(help="A code, level=code, or an address.")] = None,
    *,
    candidate: Annotated[int | None, typer.Option(help="Number of the candidate in `addresses list`.")] = None,
    dismiss: Annotated[
        bool, typer.Option("--dismiss", help="No place can be told; the case stays where it is.")
    ] = False,
) -> None:
    """Say where an uncertain address is; its text is erased."""
    result = _call("addresses_settle", case=case, place=place, candidate=candidate, dismiss=dismiss)
    typer.echo(f"case {result['case_id']}: {result['title'] or 'dismissed'}")


@addresses.command("retry")
def addresses_retry() -> None:
    """Read the uncertain addresses again, after names were added to definitions/aliases.toml."""
    result = _call("addresses_retry")
    typer.echo(f"{result['read']:,} read, {result['placed']:,} placed, {result['left']:,} still uncertain")


@addresses.command("export")
def addresses_export(out: Path) -> None:
    """Write the uncertain addresses, masked, as CSV."""
    result = _call("addresses_export", out=_path(out))
    typer.echo(f"{result['file']}: {result['rows']:,} rows")


@app.command()
def imports(as_json: Json = False) -> None:
    """All imports, the newest first."""
    from etl.printing import print_imports

    (_show_json if as_json else print_imports)(_call("imports"))


@app.command("demo-time")
def demo_time(
    speed: Annotated[float | None, typer.Option(help="Simulated seconds a second: 1, 60, 600 …")] = None,
    pause: Annotated[bool, typer.Option("--pause", help="Let the time stand.")] = False,
    jump: Annotated[str | None, typer.Option(help="Move on by 30m, 6h, 2d …")] = None,
    storm: Annotated[bool, typer.Option("--storm", help="Let a rainstorm begin now.")] = False,
    as_json: Json = False,
) -> None:
    """Say, or set, what time it is in a simulated district."""
    from etl.printing import print_plain

    result = _call("demo_time", speed=speed, pause=pause, jump=jump, storm=storm)
    (_show_json if as_json else print_plain)(result)


@app.command()
def status(as_json: Json = False) -> None:
    """What the store holds."""
    from etl.printing import print_plain

    (_show_json if as_json else print_plain)(_call("status"))


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Address; beyond loopback it takes an administrator and TLS.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate with its chain (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
) -> None:
    """Start the server."""
    from dashboard.hosting import check_host
    from dashboard.server import serve as run
    from data.control import is_running
    from data.store import FILE
    from etl.commands import COMMANDS

    asked = {"host": host, "port": port, "tls_cert": tls_cert, "tls_key": tls_key}
    given = {key: value for key, value in asked.items() if value is not None}
    wanted = settings().model_copy(update=given)
    check_host(wanted)
    if is_running(wanted.home):
        raise StoreBusy("a server runs here already.", where=str(wanted.home), todo="Stop it first, or use that one.")
    if not (wanted.home / FILE).is_file():
        raise NotFound("there is no store yet.", where=str(wanted.home), todo="Run `python app.py init` or `demo`.")
    run(wanted, COMMANDS)


@app.command()
def sample() -> None:
    """Make a small sample district if there is no store yet."""
    from etl.sample import make_sample
    from etl.terminal import bars

    with bars() as progress:
        typer.echo(make_sample(settings(), progress))


@app.command()
def demo(
    preset: Annotated[str, typer.Option(help="standard, hills, tiny or megacity.")] = "standard",
    seed: Annotated[int | None, typer.Option(help="Another seed gives another district.")] = None,
    *,
    unless_there: Annotated[bool, typer.Option("--unless-there", help="Do nothing where there is a store.")] = False,
) -> None:
    """Make a demo district that does not exist, in a new store."""
    from data.store import FILE
    from etl.demo import build
    from etl.demo_build import SEED
    from etl.terminal import bars

    if unless_there and (settings().home / FILE).exists():
        return
    with bars() as progress:
        typer.echo(
            build(settings().home, preset, SEED if seed is None else seed, progress=progress, settings=settings())
        )


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    app()
