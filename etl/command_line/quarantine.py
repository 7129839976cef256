"""Commands for rows an import could not take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from etl.command_line.options import ImportOption, Json, MappingOption, call, full, mapping_of, show_json


def quarantine_list(number: ImportOption = None, offset: int = 0, limit: int = 50, as_json: Json = False) -> None:
    """The quarantined rows of an import (default: the latest that has some)."""
    from etl.printing import print_quarantine

    result = call("quarantine_list", offset=offset, limit=limit, **{"import": number})
    (show_json if as_json else print_quarantine)(result)


def quarantine_export(out: Path, number: ImportOption = None) -> None:
    """Write the open rows as CSV in the source's own columns, to be corrected."""
    result = call("quarantine_export", out=full(out), **{"import": number})
    typer.echo(f"{result['file']}: {result['rows']:,} rows")


def quarantine_retry(number: int, file: Path, mapping: MappingOption = None, as_json: Json = False) -> None:
    """Import a corrected export of import NUMBER."""
    from etl.printing import print_import

    result = call("quarantine_retry", file=full(file), mapping=mapping_of(mapping), **{"import": number})
    (show_json if as_json else print_import)(result)


def quarantine_drop(ids: Annotated[list[int] | None, typer.Argument()] = None, number: ImportOption = None) -> None:
    """Say that rows stay out (default: all open rows of the import); their record is kept."""
    result = call("quarantine_drop", ids=ids, **{"import": number})
    typer.echo(f"{result['dropped']:,} rows of import {result['import_id']} dropped")
