"""What the browser is told to play an interval: first its outline, then piece by piece what happened.

A piece's columns go as base64 of numbers: instants as whole milliseconds since its beginning, rounded up, so that what is shown
at a whole millisecond is exactly what had happened by then; places as the number of their polygon, NOWHERE where they have none.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dashboard.languages import _
from dashboard.one_map.canvas import class_words, text_of
from dashboard.one_map.casecard import ACTIONS
from dashboard.one_map.colouring import colours_of
from dashboard.one_map.rail import level_name
from dashboard.playback.asked import COLOURED, Asked, levels_inside
from data.atlas import atlas_on
from data.figure_places import Places
from data.periods import Period
from data.playback import COUNTS, Outline, Piece, counted_cases, outline, piece, standing
from data.store import Store
from layers import worker
from layers.base_map import base_map
from layers.boundaries import Boundaries
from layers.classes import Classes, make
from layers.registry import layer_of

NOWHERE = 0xFFFFFFFF
CLASSES = 5
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CODES = tuple(ACTIONS)  # a line's action goes as its number here; others as the one after the last

Told = dict[str, Any]


def outline_told(store: Store, asked: Asked) -> Told:
    """Everything but the pieces: what is played, the scrubber's density, where the pieces begin, the map and its colours."""
    found, shapes = outline(store, asked.play), shapes_of(store, asked)
    code, name, level = asked.place
    return {
        "place": {"code": code, "name": name, "level": level},
        "level": asked.play.level,
        "levels": [[one, level_name(one)] for one in levels_inside(asked, store)],
        "start": millis(asked.play.start),
        "end": millis(asked.play.end),
        "counts": list(COUNTS),
        "figure": asked.figure,
        **density_told(found),
        "map": map_told(store, asked, shapes),
        "classes": classes_told(store, asked),
    }


def density_told(found: Outline) -> Told:
    """The scrubber's bins, and where the pieces begin."""
    return {
        "bin": found.bin / timedelta(milliseconds=1),
        "density": {
            "start": [millis(start) for start in found.density.column("start").to_pylist()],
            **{name: found.density.column(name).to_pylist() for name in ("reported", "closed", "lines")},
        },
        "cuts": [millis(cut) for cut in found.cuts],
    }


def map_told(store: Store, asked: Asked, shapes: Boundaries) -> Told:
    """Where the map gets its polygons and its ground from, and what it looks at: the place, else where things happen."""
    base = f"/layers/cells/{asked.play.level}/{shapes.digest}"
    inside = polygons_inside(asked, shapes)
    return {
        "address": f"{base}/cells.bin" if shapes.n else "",
        "names": f"{base}/names.json" if shapes.n else "",
        "n": shapes.n,
        "worker": worker.address(),
        "base": base_map(store).address,
        "inside": inside.tolist() if asked.play.within and len(inside) < shapes.n else None,
        "bounds": _bounds(shapes, inside),
    }


def polygons_inside(asked: Asked, shapes: Boundaries) -> npt.NDArray[np.int64]:
    """The polygons that lie in the place."""
    if asked.play.within is None:
        return np.arange(shapes.n)
    listed = asked.places.listing(asked.play.level, asked.places.find(asked.play.within, asked.play.level)[0])
    return np.array([shapes.number[code] for code in listed.codes if code in shapes.number], np.int64)


def _bounds(shapes: Boundaries, inside: npt.NDArray[np.int64]) -> list[float] | None:
    if not len(inside):
        return None
    boxes = shapes.boxes[inside]
    return [*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()]


def classes_told(store: Store, asked: Asked) -> Told:
    """The classes of each count that can be coloured: the same all along, from how the places stood at the beginning and at the end."""
    play, last = asked.play, timedelta(microseconds=1)
    first, end = (standing(store, play, t) for t in (play.start, max(play.start, play.end - last)))
    inner = None if play.within is None else asked.places.find(play.within, play.level)[0]
    n = max(1, len(asked.places.listing(play.level, inner).ids))
    told: Told = {}
    for name in COLOURED:
        both = [_of_places(table, name, n) for table in ((first, end) if name in ("open", "overdue_open") else (end,))]
        classes = _classes(np.concatenate(both))
        told[name] = {
            "breaks": list(classes.breaks),
            "words": class_words(classes, "cases"),
            "colours": colours_of(classes, name),
        }
    return told


def _classes(values: npt.NDArray[np.float64]) -> Classes:
    """Quantiles; where most places count alike, as micro-grids do, natural breaks, which tell one case from several."""
    found = make(values, CLASSES)
    return found if found.n > 3 else make(values, CLASSES, method="natural")


def _of_places(table: pa.Table, name: str, n: int) -> npt.NDArray[np.float64]:
    """The counts of the places, the many that have none with 0."""
    there = table.filter(pa.compute.is_valid(table.column("place_id"))).column(name).to_numpy().astype(float)
    return np.concatenate([there, np.zeros(max(0, n - len(there)))])


def shapes_of(store: Store, asked: Asked) -> Boundaries:
    """The polygons of the playback's level, on its last day."""
    atlas = atlas_on(store, Period(asked.play.start, asked.play.end).last_day(store.zone))
    layer = layer_of(asked.play.level)
    if layer is None or layer.polygons is None:
        raise LookupError(asked.play.level)
    return layer.polygons(store, atlas.atlas_id, atlas.digest, asked.play.level)


def piece_told(store: Store, asked: Asked, start: datetime, end: datetime) -> Told:
    """One piece. Raises QuestionError."""
    return packed(piece(store, asked.play, start, end), shapes_of(store, asked))


def packed(shown: Piece, shapes: Boundaries) -> Told:
    """A piece as it travels."""
    cases = shown.cases
    number = cases.column("case_id").to_numpy()
    categories, units = _texts(cases, "category"), _texts(shown.lines, "unit")
    return {
        "start": millis(shown.start),
        "end": millis(shown.end),
        "whole": shown.whole,
        "base": _base(shown, shapes),
        "changes": {
            "t": _instants(shown.changes, shown.start),
            "case": _numbers(np.searchsorted(number, shown.changes.column("case_id").to_numpy()), "<u4"),
            "before": _numbers(shown.changes.column("before").to_numpy(), "u1"),
            "after": _numbers(shown.changes.column("after").to_numpy(), "u1"),
        },
        "lines": {
            "t": _instants(shown.lines, shown.start),
            "case": _numbers(np.searchsorted(number, shown.lines.column("case_id").to_numpy()), "<u4"),
            "action": _numbers(_actions(shown.lines), "u1"),
            "unit": _numbers(units[1], "<u2"),
        },
        "cases": {
            "id": _numbers(number, "<f8"),
            "number": cases.column("external_id").to_pylist(),
            "category": _numbers(categories[1], "<u2"),
            "place": _numbers(polygons(cases.column("place_id"), shown.places, shapes), "<u4"),
            "lon": _numbers(_floats(cases, "lon"), "<f4"),
            "lat": _numbers(_floats(cases, "lat"), "<f4"),
            "after": _numbers(cases.column("after").to_numpy(), "u1"),
        },
        "categories": categories[0],
        "units": units[0],
    }


def polygons(places: pa.ChunkedArray, tree: Places, shapes: Boundaries) -> npt.NDArray[np.uint32]:
    """The polygon of each place; NOWHERE where there is none."""
    ids, at = np.unique(places.fill_null(-1).to_numpy(), return_inverse=True)
    code = [tree.code[tree.row_of[int(place)]] if int(place) in tree.row_of else "" for place in ids]
    found = np.array([shapes.number.get(one, NOWHERE) for one in code], np.uint32)
    return found[at] if len(ids) else np.zeros(0, np.uint32)


def _base(shown: Piece, shapes: Boundaries) -> Told:
    """The counts at the beginning: of the polygons that have any, and of everything."""
    at = polygons(shown.base.column("place_id"), shown.places, shapes)
    there = at != NOWHERE
    columns = {name: shown.base.column(name).to_numpy() for name in COUNTS}
    return {
        "at": _numbers(at[there], "<u4"),
        "counts": {name: _numbers(column[there], "<u4") for name, column in columns.items()},
        "all": [int(column.sum()) for column in columns.values()],
    }


def cases_told(store: Store, asked: Asked, t: datetime, name: str, place: str | None) -> Told:
    """The cases behind a count at an instant."""
    rows = counted_cases(store, asked.play, t, name, place)
    return {"cases": [{"id": row["case_id"], "number": row["external_id"], "category": row["category"] or _("未分类"),
                       "reported": millis(row["reported_at"])} for row in rows]}  # fmt: skip


def millis(moment: datetime) -> int:
    """Whole milliseconds since 1970, rounded up: at that millisecond it has happened."""
    return -((EPOCH - moment) // timedelta(milliseconds=1))


def _instants(table: pa.Table, start: datetime) -> str:
    micros = table.column("t").cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
    return _numbers(-(-micros // 1000) - millis(start), "<u4")


def _actions(lines: pa.Table) -> npt.NDArray[np.int64]:
    known = {action: i for i, action in enumerate(CODES)}
    found = lines.column("action").combine_chunks().dictionary_encode()
    codes = np.array([known.get(one, len(CODES)) for one in found.dictionary.to_pylist()], np.int64)
    return codes[found.indices.to_numpy()] if len(found) else np.zeros(0, np.int64)


def _texts(table: pa.Table, column: str) -> tuple[list[str], npt.NDArray[np.int64]]:
    """The different texts, the empty one first, and the number of each row's."""
    found = table.column(column).fill_null("").combine_chunks().dictionary_encode()
    texts = ["", *found.dictionary.to_pylist()]
    return texts, found.indices.to_numpy() + 1


def _floats(table: pa.Table, column: str) -> npt.NDArray[np.float64]:
    return table.column(column).cast(pa.float64()).fill_null(np.nan).to_numpy()


def _numbers(column: npt.NDArray[Any], kind: str) -> str:
    return text_of(np.ascontiguousarray(column).astype(kind).tobytes())
