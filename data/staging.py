"""What crosses from the reading of a file to the store: four Arrow tables.

The rooms that read files know nothing of SQL and the store knows nothing of files; these schemas are all they
share. `STAGED` holds the rows that can be taken, `PLACED` where each lies in each atlas (joined by `row_number`),
`ADDRESSED` what became of their address texts, `QUARANTINED` what cannot be taken. Column order is part of the schema.
Times are UTC instants in microseconds.
"""

from __future__ import annotations

import pyarrow as pa

INSTANT = pa.timestamp("us", "UTC")

STAGED_MEANING: dict[str, str] = {
    "row_number": "1-based data row of the file (the header is not counted)",
    "external_id": 'the source\'s id, or "~" and the hex hash of the natural key; never null',
    "kind": "event, task, whistle …; null means event",
    "parent_external_id": "external id of the case this one is a part of",
    "reported_at": "when it was reported; never null",
    "registered_at": "when it was registered; equal to reported_at where the mapping names no registration",
    "handled_at": "when handling ended; null where it has not or is not known",
    "closed_at": "when it was closed; null while open, or closed at an unknown time",
    "due_at": "deadline of closing",
    "handle_due_at": "deadline of handling",
    "updated_at": "when the source last touched the row; the time of changes that carry none of their own",
    "stage": "one of `STAGES`; null lets the dates decide",
    "closed": "whether the case is closed, its time known or not",
    "suspended": "whether the clock is stopped",
    "voided": "whether it is void",
    "on_time": "what the source's flag says; null where it says nothing",
    "on_time_source": "dates, flag or none: what on-time figures of this case go by",
    "channel": "how it came in",
    "track": "which of the four tracks",
    "category_code": "code of the category; the name stands in where there is none",
    "category_name": "name of the category",
    "unit_code": "code of the unit that answers for it; the name stands in where there is none",
    "unit_name": "name of that unit",
    "lon": "longitude, EPSG:4326; null without a usable point",
    "lat": "latitude, EPSG:4326",
    "x": "easting in the deployment's metric CRS",
    "y": "northing in the deployment's metric CRS",
    "named_place": 'what the source calls its place: "community=…|street=…", lowest first',
    "flags": "bits of data/quality.py",
    "called_back_at": "when the last completed call-back ended",
    "contacted": "whether somebody had been in touch with the caller",
    "resolved": "whether the caller says it is resolved",
    "satisfaction": "satisfied, basic or unsatisfied; null not said",
    "reworked": "how often it was sent back; null unknown",
    "note": "free text, masked",
    "content_hash": "hash of everything above but row_number: equal means nothing changed",
}

_STAGED_TYPES: dict[str, pa.DataType] = {
    "row_number": pa.int64(),
    **{name: INSTANT for name in STAGED_MEANING if name.endswith("_at")},
    **{name: pa.bool_() for name in ("closed", "suspended", "voided", "on_time", "contacted", "resolved")},
    **{name: pa.float64() for name in ("lon", "lat", "x", "y")},
    "flags": pa.int32(),
    "reworked": pa.int16(),
    "content_hash": pa.uint64(),
}

STAGED: pa.Schema = pa.schema(
    [
        pa.field(name, _STAGED_TYPES.get(name, pa.string()), metadata={"meaning": meaning})
        for name, meaning in STAGED_MEANING.items()
    ]
)

PLACED_MEANING: dict[str, str] = {
    "row_number": "the staged row",
    "atlas_id": "the atlas it was located in; one row for each atlas",
    "located": "how precisely: point block building estate micro_grid grid community street none",
    **{
        f"{level}_id": f"its {level.replace('_', '-')}; null when not located at that level"
        for level in ("street", "community", "grid", "micro_grid", "estate", "building", "block")
    },
}

PLACED: pa.Schema = pa.schema(
    [
        pa.field(
            name,
            {"row_number": pa.int64(), "located": pa.string()}.get(name, pa.int32()),
            metadata={"meaning": meaning},
        )
        for name, meaning in PLACED_MEANING.items()
    ]
)

ADDRESSED_MEANING: dict[str, str] = {
    "row_number": "the staged row",
    "status": "placed, or open: uncertain, a person has to decide",
    "place": 'what it means: "block=…|building=…|estate=…", lowest first, by code; null while open',
    "how": "how the name was recognised: exact alias area chosen bare slip",
    "sure": "how surely, 0 to 1",
    "reason": "why it is uncertain: several contradiction slip ending part unknown",
    "candidates": "JSON list of what it could mean: place and title",
    "text": "the masked text of an uncertain one",
}

ADDRESSED: pa.Schema = pa.schema(
    [
        pa.field(
            name,
            {"row_number": pa.int64(), "sure": pa.float64()}.get(name, pa.string()),
            metadata={"meaning": meaning},
        )
        for name, meaning in ADDRESSED_MEANING.items()
    ]
)

QUARANTINED_MEANING: dict[str, str] = {
    "row_number": "1-based data row of the file; rows with several faults appear once, with the first",
    "column_name": "the source column at fault; null when it is the row as a whole",
    "value": "what stands there, masked",
    "rule": "the rule it breaks, as a short phrase",
    "record": "JSON of the mapped columns as read, masked",
}

QUARANTINED: pa.Schema = pa.schema(
    [
        pa.field(name, pa.int64() if name == "row_number" else pa.string(), metadata={"meaning": meaning})
        for name, meaning in QUARANTINED_MEANING.items()
    ]
)

STAGES = ("reported", "registered", "dispatched", "accepted", "handled", "verified", "closed", "voided", "returned")
