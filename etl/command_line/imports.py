"""Commands that take files in: import, imports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from data.errors import InputError
from data.settings import settings
from etl.command_line.options import Json, MappingOption, call, full, mapping_of, show_json

KINDS = ("tickets", "places", "plan", "warning")


def import_file(
    what: Annotated[
        list[str] | None, typer.Argument(metavar="[tickets|places|plan|warning] FILE", help="Kind (optional) and file.")
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
    """Import tickets, places, a plan or a hazard warning (CAP 1.2); or --guess a mapping."""
    from etl.mapping import shipped
    from etl.printing import print_import, print_warning

    what = what or []
    if follow is not None:
        _follow(follow, what, mapping)
        return
    kind = what[0] if len(what) == 2 and what[0] in KINDS else None
    if len(what) != (2 if kind else 1):
        raise InputError("give one file, after tickets, places, plan or warning if you like.", where=" ".join(what))
    file = full(what[-1])
    if kind == "warning":
        (show_json if as_json else print_warning)(call("import_warning", file=file))
        return
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
        result = call("quarantine_retry", file=file, mapping=mapping_of(mapping), **{"import": retry})
    else:
        result = call("import", file=file, mapping=mapping_of(mapping), kind=kind, effective_from=effective_from)
    (show_json if as_json else print_import)(result)


def _follow(folder: Path, what: list[str], mapping: str | None) -> None:
    """Import files as they are dropped; by the server where one runs, which may come and go meanwhile."""
    from etl import cap
    from etl.following import Follower, Taken
    from etl.printing import print_import, print_warning
    from etl.terminal import tell

    if len(what) > 1 or (what and what[0] not in KINDS):
        raise InputError("the folder has the files; name at most their kind.", where=" ".join(what))
    kind = what[0] if what else None
    if mapping is None and kind != "warning":
        raise InputError("which mapping?", where="--mapping", todo="Give a path, or the name of a shipped one.")

    def take(file: Path) -> Any:
        if kind == "warning" or cap.looks_like_one(file):
            return call("import_warning", file=full(file))
        return call("import", file=full(file), mapping=mapping_of(mapping), kind=kind, effective_from=None)

    def said(one: Taken) -> None:
        typer.echo(str(one.file))
        if one.error is not None:
            tell(one.error)
        elif "warnings" in one.result and "identifier" in one.result:
            print_warning(one.result)
        else:
            print_import(one.result)

    Follower(folder.absolute(), take).follow(said)


def _guess(file: str, *, kind: str | None, out: Path | None, level: str | None, language: str, as_json: bool) -> None:
    from etl.guess_names import stem_of

    wanted = "places" if kind == "plan" or level else kind
    place = {"out": full(out or f"{stem_of(Path(file))}.toml"), "numbered": out is None}
    found = call("guess", file=file, kind=wanted, level=level, language=language, **place)
    if as_json:
        show_json(found)
        return
    typer.echo(f"{found['text']}\n\n{found['out']}", err=True)
    typer.echo(found["mapping_text"])


def imports(as_json: Json = False) -> None:
    """All imports, the newest first."""
    from etl.printing import print_imports

    (show_json if as_json else print_imports)(call("imports"))
