"""A mapping proposed for places: boundaries, or a table of codes and names.

The level is the one thing no file says in a way a machine can be sure of, so it is proposed and asked. A missing
coordinate system is asked too, never assumed: the line is written behind a #.
"""

from __future__ import annotations

import re
import statistics
import zipfile
from pathlib import Path

import numpy as np
import shapely

from data.errors import FileError, LayerUnsaid
from etl.fileoptions import FileOptions, Limits
from etl.guess_areas import by_ending
from etl.guess_crs import Floats, by_size
from etl.guess_names import name_of
from etl.guess_place_names import write_names
from etl.guess_proposal import Finding, Findings, Proposal, build
from etl.guess_reasons import Reason
from etl.guess_sample import Column, columns_of
from etl.mapping import TIMES
from etl.readers import open_tickets, sniff
from etl.shapes import Shapes, read_shapes
from etl.vocabulary import field_match, level_match, place_field_match

_ABOVE = {"micro_grid": "grid", "grid": "community", "community": "street", "street": "district", "estate": "community",
          "building": "estate", "block": "building"}  # fmt: skip
_SHAPES = (".shp", ".gpkg", ".fgb")
_PLAIN_SYSTEM = "EPSG:3857"  # any numbers can be read in it, and read back


def is_places(path: Path) -> bool:
    """Whether a file holds places and not tickets: polygons, or a table of codes and names without times."""
    name = path.name.casefold()
    if name.endswith(_SHAPES):
        return True
    if name.endswith(".zip") and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            return any(inner.casefold().endswith((*_SHAPES, ".geojson")) for inner in packed.namelist())
    if name.endswith((".geojson", ".json")):
        with path.open("rb") as opened:
            return bool(re.search(rb'"type"\s*:\s*"(Multi)?Polygon"', opened.read(1_000_000)))
    try:
        columns = open_tickets(path, sniff(path), limits=Limits(allow_parquet=True)).columns
    except FileError:
        return False
    timely = any(field_match(field, column).score >= 0.6 for column in columns for field in (*TIMES, "status"))
    named = [
        max((place_field_match(field, column).score for column in columns), default=0) for field in ("code", "name")
    ]
    return not timely and min(named) >= 0.8 and len(columns) <= 20


def propose_places(path: Path, *, level: str | None = None, crs: str | None = None, language: str = "en") -> Proposal:
    """The proposal for a file of places."""
    findings = Findings()
    file = None if path.suffix.casefold() in (*_SHAPES, ".geojson", ".zip") else sniff(path)
    shapes, asked = _read(path, file, findings)
    columns = columns_of(shapes.columns)
    if file is not None and file.encoding and file.encoding.replace("-", "").casefold() not in ("utf8", "utf8sig"):
        findings.add("file", "encoding", value=file.encoding, confidence=0.9, reasons=[("encoding", {})])
    if file is not None and file.delimiter and file.delimiter != ",":
        findings.add("file", "delimiter", value=file.delimiter, confidence=0.97, reasons=[("delimiter", {})])
    code, name = write_names(columns, findings)
    households = _households(columns)
    level_line = _level(
        level, path, columns, name=name or code, households=households, rows=shapes.columns.num_rows, findings=findings
    )
    found = str(level_line.value)
    if households is not None:
        findings.add("fields", "households", value=households[0].name, confidence=households[1], reasons=households[2])
    elif found in ("grid", "micro_grid"):
        findings.ask("households")
    _write_parent(columns, code, found, findings)
    _write_rest(columns, findings)
    _write_crs(shapes, asked, crs, findings)
    kind = "plan" if found in ("grid", "micro_grid") else "places"
    title = name_of(path)
    if kind == "plan":
        findings.add("plan", "name", value=path.stem, confidence=0.6, reasons=[("from_file", {})])
    written = {line.value for line in findings.lines if line.key[0] == "fields"}
    findings.dropped += [("unused", {"column": each}) for each in columns if each not in written]
    head = [
        Finding(("format",), 1, 1.0, [("version", {})]),
        Finding(("name",), title, 0.9, [("from_file", {})]),
        Finding(("kind",), kind, 0.9, [("kind_places", {"what": f"{shapes.columns.num_rows:,} × {found}"})]),
        level_line,
    ]
    return build(findings, kind, head, language)


def _read(path: Path, file: FileOptions | None, findings: Findings) -> tuple[Shapes, bool]:
    """(shapes, whether the coordinate system must be asked). Read in a stand-in system where the file has none.

    Of several layers the first with polygons is proposed, and asked about where there are more of them.
    """
    layer = None
    try:
        try:
            return read_shapes(path, polygons=False, file=file), False
        except LayerUnsaid as error:
            layer = (error.surfaces or error.layers)[0]
            findings.add("file", "layer", value=layer, confidence=0.9 if len(error.surfaces) == 1 else 0.5,
                         reasons=[("layers", {"count": len(error.layers)})])  # fmt: skip
            if len(error.surfaces) != 1:
                findings.ask("layer", layers=", ".join(error.layers), layer=layer)
            return read_shapes(path, polygons=False, layer=layer), False
    except FileError as error:
        if "coordinate system" not in error.what:
            raise
    return read_shapes(path, crs=_PLAIN_SYSTEM, polygons=False, file=file, layer=layer), True


def _best(field: str, columns: dict[str, Column], least: float, taken: set[str]) -> tuple[Column, float] | None:
    fits = [
        (place_field_match(field, name).score, name)
        for name, column in columns.items()
        if name not in taken and column.filled
    ]
    score, name = max(fits, default=(0.0, ""))
    return (columns[name], score) if score >= least else None


def _households(columns: dict[str, Column]) -> tuple[Column, float, list[Reason]] | None:
    found = []
    for name, column in columns.items():
        score = place_field_match("households", name).score
        if score >= 0.6 and column.filled and all(re.fullmatch(r"\d+(\.\d+)?", value) for value in column.values[:200]):
            year = re.search(r"(\d{4}|\d{2})$", name)
            number = int(year[1]) if year else 0
            found.append((round(score, 2), number + (0 if number > 99 else 1900 if number > 50 else 2000), name))
    if not found:
        return None
    score, _, name = max(found)
    reasons: list[Reason] = [("header", {"column": name, "meaning": "households"})]
    alike = sum(1 for one in found if one[0] == score)
    if alike > 1:
        reasons.append(("latest", {"count": alike}))
    return columns[name], score * 0.95, reasons


def _level(
    given: str | None, path: Path, columns: dict[str, Column], *, name: Column | None,
    households: tuple[Column, float, list[Reason]] | None, rows: int, findings: Findings,
) -> Finding:  # fmt: skip
    """The level: as given, by the names' endings, by words of the file's name or headers, else by number and size."""
    if given is not None:
        return Finding(("level",), given, 0.99, [("given", {})])
    ending = by_ending(name) if name is not None else None
    if ending is not None and rows > 1:
        return Finding(("level",), ending[0], 0.6 + 0.35 * ending[1], [("suffix", {"share": ending[1]})])
    for words in (name_of(path).replace("-", " "), *columns):
        level, match = level_match(words)
        if match.score >= 0.75 and level != "district":
            level = "community" if level == "either" else level
            findings.ask("level", level=level)
            return Finding(("level",), level, 0.65, [("level_word", {"word": match.phrase})])
    level, reasons = _by_count(rows), [("level_count", {"count": rows})]
    if households is not None:
        typical = statistics.median(float(value) for value in households[0].values)
        level = "block" if typical < 15 else "micro_grid" if typical < 120 else "grid" if typical < 3000 else level
        reasons.append(("households_size", {"count": round(typical)}))
    findings.ask("level", level=level)
    return Finding(("level",), level, 0.5, list(reasons))


def _by_count(count: int) -> str:
    """District, streets, communities, grids: what a district has about this many of."""
    for most, level in ((1, "district"), (30, "street"), (800, "community"), (5000, "grid")):
        if count <= most:
            return level
    return "micro_grid"


def _write_parent(columns: dict[str, Column], code: Column | None, level: str, findings: Findings) -> None:
    """The column with the code of the place above, and the columns of wider areas a person may choose one of."""
    wider = [
        column for name, column in columns.items()
        if name not in findings.used and 1 < column.distinct < 0.7 * len(column.whole) and _begins(column, code)
    ]  # fmt: skip
    found = _best("parent", columns, 0.75, findings.used)
    if wider and level not in ("street", "district"):
        parent = max(wider, key=lambda column: column.distinct)
        findings.add("fields", "parent", value=parent.name, confidence=0.9,
                     reasons=[("header", {"column": parent.name, "meaning": "parent"}), ("prefix", {})])  # fmt: skip
        findings.used.add(parent.name)
        wider.remove(parent)
    elif found is not None and _ABOVE.get(level) not in (None, "district"):
        column, score = found
        above, match = level_match(column.name)
        if match.score < 0.5 or above == _ABOVE[level]:
            findings.add("fields", "parent", value=column.name, confidence=score * 0.8,
                         reasons=[("header", {"column": column.name, "meaning": "parent"})])  # fmt: skip
            findings.used.add(column.name)
    districts = [column for column in wider if all(len(value) == 6 for value in column.counts)]
    if districts:
        column = districts[0]
        first = next(iter(column.counts))
        findings.add(
            "only",
            column.name,
            value=[first],
            confidence=0.3,
            reasons=[("distinct", {"count": column.distinct})],
            active=False,
        )
        findings.ask("only", column=column.name, count=column.distinct)


def _begins(column: Column, code: Column | None) -> bool:
    """Whether its values are the beginnings of the codes, as in the national division codes."""
    if code is None or column.name == code.name:
        return False
    pairs = zip(column.text.to_pylist()[:500], code.text.to_pylist()[:500], strict=True)
    return all(
        short and long and len(short) >= 6 and len(short) < len(long) and long.startswith(short)
        for short, long in pairs
    )


def _write_rest(columns: dict[str, Column], findings: Findings) -> None:
    for field in ("kind", "old", "company", "aliases", "effective_from"):
        found = _best(field, columns, 0.85, findings.used)
        if found is not None:
            findings.add("fields", field, value=found[0].name, confidence=found[1] * 0.9,
                         reasons=[("header", {"column": found[0].name, "meaning": field})])  # fmt: skip
            findings.used.add(found[0].name)


def _write_crs(shapes: Shapes, asked: bool, metric: str | None, findings: Findings) -> None:
    if not shapes.crs:
        return
    if not asked:
        if shapes.crs_from != "format":
            findings.add("geometry", "crs", value=shapes.crs, confidence=0.95, reasons=[("in_file", {})], active=False)
        return
    x, y = _numbers(shapes)
    degrees = bool(np.nanmax(np.abs(x)) <= 180 and np.nanmax(np.abs(y)) <= 90)
    options = [("EPSG:4326", False)] if degrees else by_size(x, y, metric)
    value = options[0][0] if options else "EPSG:"
    findings.add(
        "geometry", "crs", value=value, confidence=0.4 if options else 0.0, reasons=[("by_range", {})], active=False
    )
    hint: Reason | str = ("crs_hint", {"options": ", ".join(code for code, _ in options)}) if options else ""
    findings.ask("crs_missing", hint=hint)


def _numbers(shapes: Shapes) -> tuple[Floats, Floats]:
    """The file's own coordinates, back from the stand-in system."""
    from etl.coordinates import to_metric

    points = shapely.get_coordinates([shape for shape in shapes.geometry if shape is not None])[:2000]
    return to_metric(points[:, 0], points[:, 1], _PLAIN_SYSTEM)
