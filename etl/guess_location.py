"""Where a ticket happened: which columns hold its point, and in which coordinate system."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from etl.coordinates import is_geographic, read_numbers, read_points, to_wgs84
from etl.guess_crs import Floats, Ground, by_size, fit_by_degrees, fit_by_ground, in_china, named_system
from etl.guess_proposal import Findings
from etl.guess_reasons import Reason
from etl.guess_sample import Column, Sample
from etl.vocabulary import field_match

_LEAST = 0.45


@dataclass(frozen=True)
class Pair:
    """Two columns of numbers: east and north as sampled, how well the headers fit, and the share of rows filled."""

    east: str
    north: str
    x: Floats
    y: Floats
    fit: float
    filled: float
    swapped: bool = False


def write_location(sample: Sample, zone: str | None, crs: str | None, ground: Ground, findings: Findings) -> None:
    """Put the [location] lines down. Longitude and latitude are preferred unless they are missing more often."""
    degrees, metres = _pair(sample, "lon", "lat", findings.used), _pair(sample, "x", "y", findings.used)
    if metres is not None and _is_degrees(metres.x, metres.y):
        degrees, metres = degrees or metres, None
    if degrees is not None and not _is_degrees(degrees.x, degrees.y):
        degrees = _exchanged(degrees)
    if metres is not None and (degrees is None or metres.filled > degrees.filled + 0.05):
        if _write_metres(metres, degrees, sample, ground, findings, metric=crs):
            return
        if degrees is None:
            return
    if degrees is not None and degrees.filled > 0:
        _write_degrees(degrees, sample, zone, ground, findings)
        return
    _write_point(sample, zone, ground, findings)


def _pair(sample: Sample, east: str, north: str, taken: set[str]) -> Pair | None:
    found: list[tuple[Column, float]] = []
    for field in (east, north):
        fits = [
            (field_match(field, name).score, name)
            for name, column in sample.columns.items()
            if name not in taken and column.filled and _numeric(column)
        ]
        score, name = max(fits, default=(0.0, ""))
        if score < _LEAST:
            return None
        found.append((sample.columns[name], score))
    (first, one), (second, two) = found
    if first.name == second.name:
        return None
    x, y = (read_numbers(column.cells)[0] for column in (first, second))
    x, y = np.where((x == 0) & (y == 0), np.nan, x), np.where((x == 0) & (y == 0), np.nan, y)
    filled = float((np.isfinite(x) & np.isfinite(y)).mean())
    return Pair(first.name, second.name, x, y, (one + two) / 2, filled) if filled else None


def _numeric(column: Column) -> bool:
    if not column.cells.null_count < len(column.cells):
        return False
    _, bad = read_numbers(column.cells)
    return bool(bad.mean() < 0.2)


def _is_degrees(x: Floats, y: Floats) -> bool:
    with np.errstate(invalid="ignore"):
        fits = (np.abs(x) <= 180) & (np.abs(y) <= 90)
    known = np.isfinite(x) & np.isfinite(y)
    return bool(fits[known].mean() > 0.8) if known.any() else False


def _exchanged(pair: Pair) -> Pair | None:
    """Longitude in the latitude column: the headers are wrong, or the numbers are no degrees at all."""
    if not _is_degrees(pair.y, pair.x):
        return None
    return Pair(pair.north, pair.east, pair.y, pair.x, pair.fit, pair.filled, swapped=True)


def _write_degrees(pair: Pair, sample: Sample, zone: str | None, ground: Ground, findings: Findings) -> None:
    if ground and ground.inside(pair.x, pair.y) < 0.1 and ground.inside(pair.y, pair.x) > 0.5:
        pair = _exchanged(pair) or pair
    sure = 0.99 * (0.5 + 0.5 * pair.fit) * (0.85 if pair.swapped else 1)
    for field, name, numbers in (("lon", pair.east, pair.x), ("lat", pair.north, pair.y)):
        low, high = np.nanquantile(numbers, 0.005), np.nanquantile(numbers, 0.995)
        reasons: list[Reason] = [
            ("swapped", {}) if pair.swapped else ("header", {"column": name, "meaning": field}),
            ("range", {"share": 0.99, "low": f"{low:.3f}", "high": f"{high:.3f}"}),
            ("filled", {"share": pair.filled}),
        ]
        findings.add("location", field, value=name, confidence=sure, reasons=reasons)
    findings.used |= {pair.east, pair.north}
    _write_datum(pair.x, pair.y, (pair.east, pair.north), sample=sample, zone=zone, ground=ground, findings=findings)


def _write_datum(
    lon: Floats,
    lat: Floats,
    names: tuple[str, ...],
    *,
    sample: Sample,
    zone: str | None,
    ground: Ground,
    findings: Findings,
) -> None:
    """WGS 84, or in China one of the offset systems: by name, by fit to the polygons, else asked."""
    named = named_system(*names, sample.path.stem)
    if named is not None and is_geographic(named[0]):
        findings.add("location", "crs", value=named[0], confidence=0.9, reasons=[("named_crs", {"word": named[1]})])
        return
    if not in_china(lon, lat, sample.columns, zone):
        findings.add("location", "crs", value="EPSG:4326", confidence=0.95, reasons=[("degrees", {})])
        return
    reasons: list[Reason] = [("china", {})]
    proposed, sure = "EPSG:4326", 0.5
    if ground:
        known = np.isfinite(lon) & np.isfinite(lat)
        lon, lat = lon[known], lat[known]
        shares = {crs: ground.inside(*to_wgs84(lon, lat, crs)) for crs in ("EPSG:4326", "GCJ-02", "BD-09")}
        ranked = sorted(shares, key=lambda crs: -shares[crs])
        error = np.sqrt(max(shares[ranked[0]] * (1 - shares[ranked[0]]), 0.0025) / len(lon))
        if shares[ranked[0]] - shares[ranked[1]] > 3 * error:
            proposed, sure = ranked[0], 0.85
        reasons.append(("fit_tree", {"share": shares[proposed]}))
        reasons.append(("next_best", {"other": f"{ranked[1]} {shares[ranked[1]]:.1%}"}))
    findings.add("location", "crs", value=proposed, confidence=sure, reasons=reasons)
    if sure < 0.8:
        findings.ask("offset", proposed=proposed)


def _write_metres(
    pair: Pair, degrees: Pair | None, sample: Sample, ground: Ground, findings: Findings, *, metric: str | None
) -> bool:
    """x and y with the system that fits; False where it cannot be told and degrees can stand in."""
    reasons: list[Reason]
    fit = fit_by_degrees(pair.x, pair.y, degrees.x, degrees.y) if degrees is not None else None
    if fit is not None and degrees is not None:
        count = int((np.isfinite(pair.x) & np.isfinite(degrees.x)).sum())
        reasons, sure = [("fit_columns", {"metres": fit.off, "count": count})], 0.97
    else:
        fit = fit_by_ground(pair.x, pair.y, ground)
        reasons, sure = ([("fit_tree", {"share": fit.off})], 0.9 * fit.off) if fit else ([], 0.0)
    if fit is None and degrees is not None:
        return False
    if fit is not None and fit.second:
        reasons.append(("next_best", {"other": fit.second}))
    guesses = by_size(pair.x, pair.y, metric)
    named = named_system(pair.east, pair.north, sample.path.stem)
    named = None if named is None or is_geographic(named[0]) else named
    system, swapped = (fit.crs, fit.swapped) if fit else guesses[0] if guesses else ("EPSG:", False)
    if fit is None and named is not None:
        system, sure, reasons = named[0], 0.85, [("named_crs", {"word": named[1]})]
    elif fit is None:
        reasons = [("by_range", {})]
        options = ", ".join(code for code, _ in guesses)
        hint: Reason | str = ("crs_hint", {"options": options}) if options else ""
        findings.ask("crs", x=pair.east, y=pair.north, hint=hint)
    east, north = (pair.north, pair.east) if swapped else (pair.east, pair.north)
    active = bool(fit or named)
    for field, name in (("x", east), ("y", north)):
        why: list[Reason] = [
            ("swapped", {}) if swapped else ("header", {"column": name, "meaning": field}),
            ("filled", {"share": pair.filled}),
        ]
        findings.add("location", field, value=name, confidence=0.97 * pair.fit, reasons=why, active=active)
    findings.add("location", "crs", value=system, confidence=sure, reasons=reasons, active=active)
    findings.used |= {pair.east, pair.north}
    return True


def _write_point(sample: Sample, zone: str | None, ground: Ground, findings: Findings) -> None:
    ranked: list[tuple[float, float, str, str | None, Floats, Floats]] = []
    for name, column in sample.columns.items():
        header = field_match("point", name).score
        if name in findings.used or column.typed or not column.values or header < _LEAST:
            continue
        wkt = column.values[0].lstrip().casefold().startswith(("point", "srid"))
        for order in (None,) if wkt else ("lat,lon", "lon,lat"):
            lon, lat, _ = read_points(column.cells, order)
            read = float((np.isfinite(lon)).sum() / len(column.values))
            if read < 0.8 or not _is_degrees(lon, lat):
                continue
            inside = ground.inside(lon, lat) if ground else 0.0
            ranked.append((inside + 0.1 * (order != "lon,lat"), header * read, name, order, lon, lat))
    if not ranked:
        return
    _, sure, name, order, lon, lat = max(ranked, key=lambda one: one[:2])
    read = float(np.isfinite(lon).sum() / len(sample.columns[name].values))
    both_ways = order is not None and sum(1 for one in ranked if one[2] == name) > 1 and not ground
    reasons: list[Reason] = [("header", {"column": name, "meaning": "point"}), ("point_text", {"share": read})]
    findings.add("location", "point", value=name, confidence=sure, reasons=reasons)
    if order is not None:
        findings.add(
            "location", "order", value=order, confidence=0.7 if both_ways else 0.95,
            reasons=[("range", {"share": 0.99, "low": f"{np.nanquantile(lat, 0.005):.3f}", "high": f"{np.nanquantile(lat, 0.995):.3f}"})],
        )  # fmt: skip
    findings.used.add(name)
    _write_datum(lon, lat, (name,), sample=sample, zone=zone, ground=ground, findings=findings)
