"""A hand-drawn district for the figures, and cases put into it the way an import and a move would.

    district ─ S1 ─ C1 ─ G1 (100 households), G2 (300)     estate E1 in C1, looked after by 物业甲
             │    └ C2 ─ G3 (no count)
             └ S2 ─ C3 ─ G4 (250)                            estate E2 in C3, looked after by 物业乙

Local time is Asia/Shanghai, so "03-01 00:00" below is 16:00 UTC of the day before.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from data.atlas import atlases, tree
from data.figures import Figure, Filter, PlaceFigures, Question, figures
from data.import_report import ImportReport
from data.intake import Intake
from data.moves import Move, Receipt
from data.places import PLACE_ROWS, put_places
from data.staging import PLACED, QUARANTINED, STAGED
from data.store import Store

ZONE = ZoneInfo("Asia/Shanghai")
YEAR = 2024
HOME = {
    "G1": ("S1", "C1", "G1"),
    "G2": ("S1", "C1", "G2"),
    "G3": ("S1", "C2", "G3"),
    "G4": ("S2", "C3", "G4"),
    "C1": ("S1", "C1", None),
    "S2": ("S2", None, None),
    "": (None, None, None),
}
_KEYS = count()


def local(text: str) -> datetime:
    """An instant written as local time of 2024: "03-01", "03-01 12:00" or with a year before it."""
    full = text if text[:2] == "20" else f"{YEAR}-{text}"
    return datetime.fromisoformat(full).replace(tzinfo=ZONE).astimezone(UTC)


def put(store: Store, level: str, rows: list[dict[str, Any]], **options: Any) -> None:
    """Put places of one level."""
    names = {name for row in rows for name in row}
    schema = pa.schema([column for column in PLACE_ROWS if column.name in names])
    put_places(store, pa.Table.from_pylist(rows, schema=schema), level=level, **options)


def draw(store: Store) -> None:
    """The district of the module's head."""
    put(store, "street", [{"code": "S1", "name": "一街"}, {"code": "S2", "name": "二街"}])
    communities = (("C1", "S1"), ("C2", "S1"), ("C3", "S2"))
    put(store, "community", [{"code": c, "name": f"社区{c}", "parent_code": s} for c, s in communities])
    grids = (("G1", "C1", 100), ("G2", "C1", 300), ("G3", "C2", None), ("G4", "C3", 250))
    put(store, "grid", [{"code": g, "name": f"网格{g}", "parent_code": c, "households": n} for g, c, n in grids])
    estates = (("E1", "C1", "物业甲"), ("E2", "C3", "物业乙"))
    put(store, "estate", [{"code": e, "name": f"小区{e}", "parent_code": c, "company": k} for e, c, k in estates])


def take(store: Store, *cases: dict[str, Any], source: str = "test") -> ImportReport:
    """Import cases. Keys: id, reported, due, closed … (local texts), `at` (grid, community, street or "" for nowhere),
    `estate`, and any staged column as it is."""
    staged, placed, known = [], [], _known(store)
    for number, case in enumerate(cases, start=1):
        staged.append(_staged(number, case))
        placed += _placed(known, number, case)
    with Intake.begin(store, file="cases", digest=None, mapping_text=None, source=source) as intake:
        intake.stage(pa.Table.from_pylist(staged, schema=STAGED), pa.Table.from_pylist(placed, schema=PLACED))
        intake.quarantine(QUARANTINED.empty_table())
        return intake.finish({"rows_read": len(cases)})


def move(store: Store, external_id: str, action: str, at: str, **details: Any) -> Receipt:
    """Move a case; times in `details` are local texts too."""
    moments = {name: local(value) for name, value in details.items() if name.endswith("_at")}
    made = Move(case_id(store, external_id), action, local(at), f"move-{next(_KEYS)}", **{**details, **moments})
    return store.writer.submit(made).result()


def case_id(store: Store, external_id: str) -> int:
    """The id of a case."""
    return int(store.rows("SELECT case_id FROM cases WHERE external_id = ?", [external_id])[0]["case_id"])


def ask(store: Store, level: str = "district", period: str = "03-01/04-01", **options: Any) -> list[PlaceFigures]:
    """Figures of a period (default March 2024) as of a local text (default the end of 2024)."""
    start, end = (local(text) for text in period.split("/"))
    options["as_of"] = local(options.get("as_of", "2025-01-01"))
    if "filters" in options:
        options["filters"] = tuple(Filter(name, tuple(values)) for name, values in options["filters"].items())
    return figures(store, Question(level, start, end, **options))


def one(store: Store, name: str, **options: Any) -> Figure:
    """One figure of the whole district."""
    return ask(store, figures=(name,), **options)[0].figures[name]


def pair(store: Store, name: str, **options: Any) -> tuple[float | None, float | None]:
    """(numerator, denominator) of one figure of the whole district."""
    figure = one(store, name, **options)
    return figure.numerator, figure.denominator


def by_place(store: Store, level: str, name: str, **options: Any) -> dict[str | None, Figure]:
    """One figure by place; None is what is not located at the level."""
    return {row.place: row.figures[name] for row in ask(store, level, figures=(name,), **options)}


_TIMES = ("reported", "registered", "handled", "closed", "due", "handle_due", "updated", "called_back")


def _staged(number: int, case: dict[str, Any]) -> dict[str, Any]:
    row = {name: value for name, value in case.items() if name in STAGED.names}
    for name in _TIMES:
        if isinstance(case.get(name), str):
            row[f"{name}_at"] = local(case[name])
    row.setdefault("registered_at", row["reported_at"])
    if case.get("closed"):
        row["closed"] = True
    row.setdefault("on_time_source", "dates" if "due_at" in row else "none")
    return row | {
        "row_number": number,
        "external_id": case["id"],
        "content_hash": hash(str(sorted(case.items()))) & 2**63 - 1,
    }


def _known(store: Store) -> dict[int, dict[tuple[str, str], int]]:
    """Ids by level and code, of each current atlas."""
    trees = {a.atlas_id: tree(store, a.atlas_id) for a in atlases(store, current=True)}
    columns = ["level", "code", "place_id"]
    return {
        atlas_id: {(row["level"], row["code"]): row["place_id"] for row in table.select(columns).to_pylist()}
        for atlas_id, table in trees.items()
    }


def _placed(known: dict[int, dict[tuple[str, str], int]], number: int, case: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    street, community, grid = HOME[case.get("at", "G1")]
    wanted = {"street": street, "community": community, "grid": grid, "estate": case.get("estate")}
    for atlas_id, ids in known.items():
        row: dict[str, Any] = {"row_number": number, "atlas_id": atlas_id}
        row |= {f"{level}_id": ids.get((level, code)) for level, code in wanted.items() if code}
        row["located"] = "point" if grid else "community" if community else "street" if street else "none"
        rows.append(row)
    return rows
