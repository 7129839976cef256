"""What commands print for people: the same plain values `--json` gives, as tables and sentences."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

SHOWN = 10
MAIN_FIGURES = ("reported", "completion_rate", "on_time_rate", "due_completion_rate", "open", "overdue_open")
Values = Mapping[str, Any]


def console() -> Console:
    """Standard output; wide when it is no terminal, so that a pipe gets whole lines."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 240, soft_wrap=True, markup=False)


def print_import(result: Values) -> None:
    """What became of a file: the identity first."""
    out = console()
    out.print(f"{result['file']}: {_grouped(result['identity'])}")
    if result["kind"] == "tickets":
        _print_tickets(out, result)
    else:
        _print_places(out, result)
    for name in result["dropped_columns"] and ["dropped columns"]:
        out.print(f"{name} ({len(result['dropped_columns'])}): {', '.join(result['dropped_columns'])}")
    if result.get("relocated"):
        out.print(f"{result['relocated']:,} cases located anew")
    out.print(f"import {result['import_id']}, {result['seconds']} s")


def print_warning(result: Values) -> None:
    """What became of a warning."""
    out = console()
    out.print(
        f"{result['identifier']}: {'known already' if result['known'] else 'taken'}, {result['ended']} earlier ones ended"
    )
    for one in result["warnings"]:
        out.print(
            f"{one['title']} ({one['colour']}), until {one['expires_at']}: {one['places']:,} places, "
            f"{one['households']:,} households"
        )


def _print_tickets(out: Console, result: Values) -> None:
    total = sum(result["located"].values())
    if total:
        shares = [f"{how} {n:,} ({n / total:.1%})" for how, n in sorted(result["located"].items(), key=lambda i: -i[1])]
        out.print(f"located: {', '.join(shares)}")
    if result.get("addresses"):
        out.print(addresses_told(result["addresses"]))
    if result["flags"]:
        out.print("flagged: " + ", ".join(f"{name} {n:,}" for name, n in result["flags"].items() if n))
    for rule in result.get("rules", [])[:SHOWN]:
        column = f"{rule['column']}: " if rule["column"] else ""
        out.print(f"quarantined: {rule['rows']:,} × {column}{rule['rule']}")
    for point in result.get("default_points", []):
        out.print(f"default point: {point['lat']}, {point['lon']} on {point['rows']:,} rows, not used as a location")
    for warning in result["warnings"]:
        out.print(f"note: {warning}")
    if result.get("retried"):
        out.print(f"{result['retried']:,} quarantined rows marked as retried")


def addresses_told(counts: Values) -> str:
    """What became of address texts, in one sentence."""
    rows, total = counts["rows"], max(counts["rows"]["texts"], 1)
    parts = [f"{level} {n:,} ({n / total:.1%})" for level, n in sorted(counts["placed"].items(), key=lambda i: -i[1])]
    parts += [f"{what} {rows[key]:,}" for key, what in (("by_point", "with a point"), ("unnamed", "naming no place"))]
    uncertain = sum(counts["open"].values())
    waiting = f"uncertain {uncertain:,} ({uncertain / total:.1%}; see `addresses list`)"
    return f"addresses: {rows['texts']:,} texts: {', '.join([*parts, waiting])}"


def _print_places(out: Console, result: Values) -> None:
    for level in result["levels"]:
        plan = f" in {level['plan']}" if level["plan"] else ""
        out.print(
            f"{level['level']}{plan}: {level['new']:,} new, {level['updated']:,} updated, "
            f"{level['unchanged']:,} unchanged"
            + (f", {level['codes_made']:,} codes made" if level["codes_made"] else "")
            + (f", {level['retired']:,} codes retired" if level["retired"] else "")
            + (f", {level['adopted']:,} places below now lie in these" if level["adopted"] else "")
        )
        _some(out, "lies only partly in its parent", [
            f"{one['code']} in {one['parent']} {one['share']:.1%}" for one in level["straddling"]
        ])  # fmt: skip
        _some(out, "in no place above", level["without_parent"])
        _some(out, "parent not known", [f"{one['code']} ({one['parent_code']})" for one in level["unknown_parents"]])
    _some(out, "repaired", [f"row {one['row']}: {one['what']}" for one in result["repaired"]])
    _some(out, "left out", [f"row {one['row']}: {one['what']}" for one in result["left_out"]])


def _some(out: Console, label: str, lines: Sequence[str]) -> None:
    if lines:
        more = f" … and {len(lines) - SHOWN:,} more" if len(lines) > SHOWN else ""
        out.print(f"{label} ({len(lines):,}): {'; '.join(lines[:SHOWN])}{more}")


def print_figures(rows: Sequence[Values], asked: Sequence[str] | None) -> None:
    """One place: a line a figure. Several: a line a place with the figures asked for, else the main ones."""
    out = console()
    if len(rows) == 1:
        table = _table("figure", "value", "numerator", "denominator", "basis", "left out", right=(1, 2, 3))
        for name, figure in rows[0]["figures"].items():
            left = ", ".join(f"{why} {n:,}" for why, n in figure["left_out"].items() if n)
            parts = [_number(figure[key]) for key in ("numerator", "denominator")]
            table.add_row(name, _value(figure), *parts, figure["basis"] or "", left)
        out.print(f"{rows[0]['name']}: {rows[0]['n']:,} reported")
        out.print(table)
        return
    names = list(asked or (name for name in MAIN_FIGURES if rows and name in rows[0]["figures"]))
    table = _table("place", "name", "n", *names, right=range(2, 3 + len(names)))
    for row in rows:
        code = "not located here" if row["not_located"] else str(row["place"])
        values = [_value(row["figures"][name]) for name in names]
        table.add_row(code, row["name"] or "", f"{row['n']:,}", *values)
    out.print(table)


def _value(figure: Values) -> str:
    value = figure["value"]
    if value is None:
        return "no data"
    if figure["denominator"] is None:
        return _number(value)
    return f"{value:.2%} of {_number(figure['denominator'])}" if 0 <= value <= 1 else f"{value:,.2f}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def print_check(found: Sequence[Values]) -> None:
    """Every violation with its ids."""
    out = console()
    for one in found:
        ids = " ".join(f"{what}={','.join(map(str, one[what][:SHOWN]))}" for what in ("places", "cases") if one[what])
        out.print(f"{one['rule']}: {one['what']} [{ids}]" if ids else f"{one['rule']}: {one['what']}")
    out.print(f"{len(found):,} violations" if found else "no violation found")


def print_quarantine(result: Values) -> None:
    """A page of an import's quarantine."""
    out = console()
    table = _table("id", "row", "column", "value", "rule", "status")
    for row in result["rows"]:
        keys = ("quarantine_id", "row_number", "column_name", "value", "rule", "status")
        table.add_row(*("" if row[key] is None else str(row[key]) for key in keys))
    out.print(table)
    out.print(f"import {result['import_id']}: {result['total']:,} quarantined rows, {len(result['rows']):,} shown")


def print_addresses(result: Values) -> None:
    """A page of the uncertain addresses, their candidates numbered."""
    out = console()
    table = _table("case", "number", "why", "text", "could be")
    for row in result["rows"]:
        could = "; ".join(f"{n} {one['title']}" for n, one in enumerate(row["candidates"], 1))
        table.add_row(*(str(row[key] or "") for key in ("case_id", "number", "reason", "text")), could)
    out.print(table)
    counts = ", ".join(f"{name} {n:,}" for name, n in result["counts"].items())
    out.print(f"{result['total']:,} uncertain, {len(result['rows']):,} shown" + (f" ({counts})" if counts else ""))


def print_imports(rows: Sequence[Values]) -> None:
    """All imports, the newest first."""
    keys = (
        "import_id",
        "kind",
        "file",
        "status",
        "finished_at",
        "rows_read",
        "new",
        "updated",
        "unchanged",
        "quarantined",
    )
    table = _table(*keys)
    for row in rows:
        table.add_row(*("" if row[key] is None else str(row[key])[:40] for key in keys))
    console().print(table)


def print_plain(result: Values) -> None:
    """Name and value, a line each."""
    for key, value in result.items():
        text = ", ".join(f"{k} {v:,}" for k, v in value.items()) if isinstance(value, Mapping) else value
        console().print(f"{key}: {text}")


def _table(*columns: str, right: Sequence[int] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number in right else "left", overflow="fold")
    return table


def _grouped(identity: str) -> str:
    """The identity with separators in its numbers."""
    return " ".join(f"{int(word):,}" if word.isdigit() else word for word in identity.split())


def print_table(rows: Sequence[Values]) -> None:
    """Rows of plain values under their names."""
    out = console()
    if not rows:
        out.print("none")
        return
    table = Table(box=None, pad_edge=False)
    for name in rows[0]:
        table.add_column(name)
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    out.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def print_solved(result: Values) -> None:
    """A drawn plan: its figures, and why parts are outside the band."""
    out = console()
    for line in result["lines"]:
        out.print(line)


def print_plan_check(result: Values) -> None:
    """What is wrong with a plan, with places."""
    out = console()
    for line in result["lines"]:
        out.print(line)
    table = Table(box=None, pad_edge=False, show_header=False)
    for one in result["findings"]:
        where = f"{one['lat']}, {one['lon']}" if one["lon"] else ""
        table.add_row(one["said"], _cell(one["codes"]), one["text"], where)
    if result["findings"]:
        out.print(table)
    if "saved" in result:
        print_plain(result["saved"])


def print_plan_diff(result: Values) -> None:
    """What two plans do differently."""
    out = console()
    out.print(
        f"{result['moved']:,} of {result['households']:,} households change their part ({result['share']:.2%}); "
        f"{result['same']:,} parts are the same"
    )
    if result["changes"]:
        print_table(result["changes"])
