"""The commands of the address review: list what is uncertain, settle it, read it again after names were added, export it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from data import address_review
from data.acting import audited
from data.address_review import Decision
from data.atlas import atlases, tree
from data.errors import InputError, NotFound
from data.progress import Progress
from data.store import Store
from etl.address_match import SURE, Matcher
from etl.addresses import NOTHING, house, plain
from etl.addressing import with_place
from etl.alias_file import FILE, add_alias, read_aliases
from etl.exports import write_tables
from etl.gazetteer import Gazetteer
from etl.locate import case_locator

Arguments = dict[str, Any]
AT_A_TIME = 10_000
_made: dict[tuple[Any, ...], Gazetteer] = {}  # the one made last
EXPORTED = pa.schema([(name, pa.string()) for name in ("case_id", "number", "reason", "text", "candidates")])


def addresses_list(store: Store, args: Arguments, _progress: Progress) -> dict[str, Any]:
    """offset, limit: a page of the uncertain addresses; and how many were placed, settled, dismissed."""
    page = address_review.waiting(store, offset=int(args.get("offset") or 0), limit=int(args.get("limit") or 50))
    return {"total": page.total, "rows": page.rows, "counts": address_review.census(store)}


def addresses_queue(store: Store, args: Arguments, _progress: Progress) -> dict[str, Any]:
    """limit: the uncertain addresses, equal texts of one community together; and how many were placed, settled, dismissed."""
    page = address_review.queue(store, limit=int(args.get("limit") or 200))
    return {"total": page.total, "rows": page.rows, "counts": address_review.census(store)}


def name_in(store: Store, text: str) -> str:
    """What in a text looks like the name of an estate: what a person may want to keep as another name of one."""
    return Matcher(gazetteer_of(store)).name_in(text)


@audited("import")
def addresses_settle(store: Store, args: Arguments, progress: Progress) -> dict[str, Any]:
    """case, and one of place (a code, an address, or level=code), candidate (its number, from 1) and dismiss.

    equal: settle all with the same text in the same community. name: keep it as another name of the estate; what
    waits is then read again.
    """
    case_id = int(args["case"])
    if sum(bool(args.get(name)) for name in ("place", "candidate", "dismiss")) != 1:
        raise InputError("say one of: a place, a candidate, or that it is dismissed.", where=f"case {case_id}")
    address_review.open_cases(store, [case_id])
    ids = address_review.equal_cases(store, case_id) if args.get("equal") else [case_id]
    progress.step("locate", 0, None)
    known, name = gazetteer_of(store), str(args.get("name") or "").strip()
    row = -1 if args.get("dismiss") else _meant(store, known, case_id, args)
    estate = _estate_to_name(known, row, name) if name else -1
    also = 0
    if estate >= 0:
        also = _keep_name(store, known.code[estate], name, progress)
    left = [
        one for one in ids if address_review.outcome(store, one)[0] == "open"
    ]  # by its new name a text may be placed to the door
    _settle(store, left, known.path(row) if row >= 0 else None, str(args.get("by_role") or "operator"))
    told = {"case_id": case_id, "cases": len(ids), "also_placed": also - (len(ids) - len(left))}
    status, place = address_review.outcome(store, case_id)
    return {
        **told,
        "status": status,
        "place": place,
        "title": known.title(row) if row >= 0 else None,
        "name": name if estate >= 0 else None,
    }


def _meant(store: Store, known: Gazetteer, case_id: int, args: Arguments) -> int:
    if args.get("candidate"):
        return _candidate(store, known, case_id, int(args["candidate"]))
    return _place(known, str(args["place"]))


def _settle(store: Store, case_ids: Sequence[int], place: str | None, by_role: str) -> None:
    """Decide what a person decided, for cases of one text."""
    if not case_ids:
        return
    cases = address_review.open_cases(store, case_ids)
    named = with_place(place, cases["named_place"][0].as_py()) if place else None
    _decide(store, [Decision(one, place, named) for one in case_ids], cases, by_role)


def _estate_to_name(known: Gazetteer, row: int, name: str) -> int:
    """The estate that gets another name. Raises InputError where there is none, or the name says too little."""
    estate, even = known.area(row, "estate"), plain(name)
    if estate < 0:
        raise InputError(
            "only an estate can be given another name.", where=name, todo="Choose an estate, or keep no name."
        )
    if len(even) < 2 or house(even) != NOTHING:
        raise InputError("this is no name of an estate.", where=name, todo="Leave out building and entrance.")
    if even in known.areas or set(known.estates.get(even, ())) - {estate}:
        raise InputError("another place is called so already.", where=name, todo="Keep no name, or a longer one.")
    return -1 if even in known.estates else estate


def _keep_name(store: Store, code: str, name: str, progress: Progress) -> int:
    """Write the name into the city's own list and read again what waits; how many that placed."""
    add_alias(store.home, [tree(store, atlas.atlas_id) for atlas in atlases(store, current=True)], code, name)
    return int(addresses_retry(store, {}, progress)["placed"])


@audited("import")
def addresses_retry(store: Store, _args: Arguments, progress: Progress) -> dict[str, Any]:
    """Read all uncertain addresses again: names may have been added since."""
    known = gazetteer_of(store)
    matcher = Matcher(known)
    total = address_review.waiting(store, limit=0).total
    placed = read = 0
    while read < total:
        rows = address_review.waiting(store, offset=read - placed, limit=AT_A_TIME).rows
        if not rows:
            break
        progress.step("read again", read, total)
        decisions = [one for one in (_again(row, known, matcher) for row in rows) if one is not None]
        if decisions:
            cases = address_review.open_cases(store, [one.case_id for one in decisions])
            _decide(store, decisions, cases, "addresses")
        placed, read = placed + len(decisions), read + len(rows)
    return {"read": read, "placed": placed, "left": total - placed}


@audited("export")
def addresses_export(store: Store, args: Arguments, progress: Progress) -> dict[str, Any]:
    """out: a CSV file of all that is uncertain, the texts masked."""
    out = Path(args["out"])
    if out.exists() and not args.get("overwrite"):
        raise InputError("there is a file of this name already.", where=str(out), todo="Choose another name.")
    progress.step("write", 0, None)
    rows = address_review.waiting(store, limit=2**31 - 1).rows
    shown = [
        {**row, "case_id": str(row["case_id"]), "candidates": "; ".join(one["title"] for one in row["candidates"])}
        for row in rows
    ]
    table = pa.table({name: [row[name] for row in shown] for name in EXPORTED.names}, schema=EXPORTED)
    return {"file": str(out), "rows": write_tables((one for one in [table]), out, "csv", store.zone)}


def gazetteer_of(store: Store) -> Gazetteer:
    """The names of a deployment as they are now. The last one made is kept until a place or a name changes."""
    known = atlases(store, current=True)
    path = store.home / FILE
    key = (store.path, *((one.atlas_id, one.digest) for one in known), path.stat().st_mtime_ns if path.exists() else 0)
    if key not in _made:
        trees = [tree(store, atlas.atlas_id) for atlas in known]
        made = Gazetteer.of(trees, read_aliases(store.home, trees))
        _made.clear()
        _made[key] = made
    return _made[key]


def _again(row: dict[str, Any], known: Gazetteer, matcher: Matcher) -> Decision | None:
    found = matcher.read(row["text"] or "", matcher.near(row["named_place"]))
    if found.row < 0:
        return None
    place = known.path(found.row)
    return Decision(row["case_id"], place, with_place(place, row["named_place"]), found.how, SURE[found.how])


def _candidate(store: Store, known: Gazetteer, case_id: int, number: int) -> int:
    row = next(one for one in address_review.waiting(store, limit=2**31 - 1).rows if one["case_id"] == case_id)
    if not 1 <= number <= len(row["candidates"]):
        raise NotFound(f"there is no candidate {number}.", where=f"case {case_id}", todo="`addresses list` shows them.")
    return _place(known, row["candidates"][number - 1]["place"].partition("|")[0])


def _place(known: Gazetteer, word: str) -> int:
    """The row a word names: level=code, a code, or an address that is sure."""
    level, _, code = word.rpartition("=")
    rows = [at for at, own in enumerate(known.code) if own == code and level in ("", known.level[at])]
    if not rows and (found := Matcher(known).read(word)).row >= 0:
        rows = [found.row]
    if len(rows) != 1:
        what = f"{len(rows)} places have the code" if rows else "no place has this code or address"
        raise NotFound(f"{what} {word}.", where="place", todo="Write level=code, for example estate=E0012.")
    return rows[0]


def _decide(store: Store, decisions: Sequence[Decision], cases: pa.Table, by_role: str) -> None:
    """Place the cases as an import would, and write it."""
    told = {one.case_id: one.named_place for one in decisions if one.place is not None}
    moved = cases.filter(pa.array([case_id in told for case_id in cases["case_id"].to_pylist()]))
    names = pa.array([told[case_id] for case_id in moved["case_id"].to_pylist()], pa.string())
    moved = moved.set_column(moved.column_names.index("named_place"), "named_place", names)
    placed = {}
    for atlas in atlases(store, current=True) if moved.num_rows else ():
        placed[atlas.atlas_id] = case_locator(tree(store, atlas.atlas_id))(moved).drop_columns(["judged"])
    stamp = datetime.now(UTC).isoformat()
    address_review.decide(store, decisions, placed, by_role=by_role, key=stamp)


ADDRESS_COMMANDS: dict[str, Callable[[Store, Arguments, Progress], Any]] = {
    "addresses_list": addresses_list,
    "addresses_queue": addresses_queue,
    "addresses_settle": addresses_settle,
    "addresses_retry": addresses_retry,
    "addresses_export": addresses_export,
}
